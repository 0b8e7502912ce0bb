"""Measures an annotator on injected errors.

Each sample gets single corruptions. One whose pixels change must be named: recall asks for a
discrepancy of the corruption's category where the pixels changed; precision asks that whatever is
named stands on changed pixels or is the injected error. Negatives must stay empty, and one error
that grows must not be graded lower.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from annotators.audit.boxes import box_overlap, but_for_reflow, covered_share
from annotators.audit.figures import MISSES, Audit, ModalityFigures
from annotators.structural import Comparison, compare
from annotators.structural.chart.consequences import reflowed
from annotators.structural.pixels import PixelDifference, pixel_difference
from annotators.structural.visibility import below_visibility
from corruptors.compose import attempts
from corruptors.corruption import Corruption
from corruptors.ladders import ladders
from corruptors.registry import corruptions
from records.errors import CodeParseError
from records.rows import COMPARISON_BUG, Discrepancy, Equivalent, Sample, content_id
from records.sections import CorruptionMix
from records.taxonomy import Modality
from renderers.contract import Picture, Render
from renderers.scene import Scene, SceneError

Drawn = tuple[Picture, Scene]
Draw = Callable[[str, Sample], Render]
"""Renders a program in the language of a sample."""
Judge = Callable[[Drawn, Drawn], Comparison]
"""Compares reference and candidate."""

LOCAL = 0.3
"""A change is local if at most this share of pixels changed; more is a shifted layout."""
BOX_COVERS = 0.9
"""Boxes cover a change if they contain at least this share of its pixels."""
EQUIVALENTS = 2
"""Equivalent rewrites of each sample."""
NEGATIVES = CorruptionMix(
    attempts_per_sample=0,
    identical_share=0.0,
    equivalent_share=1.0,
    unseen_share=1.0,
    degenerate_share=0.0,
)

log = logging.getLogger(__name__)


def audit(
    samples: Iterable[Sample],
    draw: Draw,
    judge: Judge = compare,
    per_sample: int = 0,
    seed: int = 0,
    ladders_per_sample: int = 2,
) -> Audit:
    """Inject known errors into samples and measure which of them an annotator reports.

    Args:
        samples: Samples of any modality; those that do not render are counted and skipped.
        draw: Renders a program.
        judge: The annotator.
        per_sample: Most corruptions tried on a sample, drawn by seed; 0 tries all that apply.
        seed: Of the choices.
        ladders_per_sample: Kinds of error that are tried at growing magnitude, drawn by seed.
    """
    result = Audit()
    for sample in samples:
        _audit_sample(result, sample, draw, judge, per_sample, seed, ladders_per_sample)
    return result


def _audit_sample(
    result: Audit,
    sample: Sample,
    draw: Draw,
    judge: Judge,
    per_sample: int,
    seed: int,
    ladders_per_sample: int,
) -> None:
    figures = result.by_modality[sample.modality.value]
    render = draw(sample.code, sample)
    if render.picture is None or render.scene is None:
        figures.undrawn += 1
        result.attempts[f"sample {render.status.value}"] += 1
        return
    reference = render.picture, render.scene
    figures.samples += 1
    applies = changes = 0
    for corruption, code, cpu_ms in _wrong(sample, figures, per_sample, seed):
        applies += 1
        use = figures.uses[corruption.name]
        render = draw(code, sample)
        if render.picture is None or render.scene is None:
            use.failed[render.status.value] += 1
            result.attempts[render.status.value] += 1
            continue
        use.drawn += 1
        candidate = render.picture, render.scene
        began = time.process_time()
        seen = _judged(result, judge, reference, candidate, sample, corruption.name)
        if seen is None:
            continue
        figures.judge_ms.append(1000 * (time.process_time() - began))
        figures.corrupt_ms.append(cpu_ms)
        changed = bool(seen.pixels.changed.any())
        use.changes += changed
        changes += changed
        same_size = _sizes_agree(reference, candidate)
        _score(result, sample, corruption, seen, same_size, (reference[1], candidate[1]))
    figures.applies.append(applies)
    figures.changes.append(changes)
    _negatives(result, figures, sample, reference, draw, judge, seed)
    _grades(result, figures, sample, reference, draw, judge, seed, ladders_per_sample)


def _wrong(
    sample: Sample, figures: ModalityFigures, per_sample: int, seed: int
) -> Iterator[tuple[Corruption[Any], str, float]]:
    """Single corruptions of a sample, each with its CPU milliseconds."""
    known = sorted(
        corruptions(sample.modality), key=lambda c: content_id(str(seed), sample.id, c.name)
    )
    made = 0
    for corruption in known:
        if per_sample and made >= per_sample:
            return
        began = time.process_time()
        try:
            wrong = corruption(
                sample.code, int(content_id(str(seed), sample.id, corruption.name)[:8], 16)
            )
        except CodeParseError:
            return
        cpu_ms = 1000 * (time.process_time() - began)
        figures.uses[corruption.name].tried += 1
        if wrong is not None and wrong[0] != sample.code:
            made += 1
            figures.uses[corruption.name].applies += 1
            yield corruption, wrong[0], cpu_ms


def _judged(
    result: Audit, judge: Judge, reference: Drawn, candidate: Drawn, sample: Sample, name: str
) -> Comparison | None:
    try:
        return judge(reference, candidate)
    except SceneError as error:
        result.attempts["unreadable_scene"] += 1
        _miss(result, sample, name, "", f"unreadable scene: {error}")
        return None
    except Exception as error:
        # A bug on one sample does not end the audit, but the bound on bugs is zero.
        log.exception("bug: the comparison of %s with %s failed", sample.upstream_id, name)
        result.attempts[COMPARISON_BUG] += 1
        _miss(result, sample, name, "", f"comparison bug: {type(error).__name__}: {error}")
        return None


def _miss(result: Audit, sample: Sample, name: str, category: str, named: str) -> None:
    if len(result.misses) < MISSES:
        result.misses.append(
            {
                "sample": sample.upstream_id,
                "corruption": name,
                "category": category,
                "named": named[:300],
            }
        )


def _words(found: Sequence[Discrepancy]) -> str:
    return "; ".join(f"{d.category}: {d.location}: {d.description}" for d in found)


def _score(
    result: Audit,
    sample: Sample,
    corruption: Corruption[Any],
    seen: Comparison,
    same_size: bool,
    scenes: tuple[Scene, Scene],
) -> None:
    category = str(corruption.category)
    if not seen.pixels.changed.any():
        result.attempts["unchanged"] += 1
        return
    result.attempts["changed"] += 1
    named = [found for found in seen.discrepancies if found.category == category]
    if not named:
        _miss(result, sample, corruption.name, category, _words(seen.discrepancies))
    standing = sum(_is_visible(found, category, seen.pixels) for found in seen.discrepancies)
    pixels = but_for_reflow(seen.pixels, *scenes)
    moved = sample.modality is Modality.CHART and reflowed(*scenes)
    few = same_size and not moved and seen.changed_fraction < LOCAL
    local = few and bool(seen.discrepancies)
    covers = local and covered_share(seen.discrepancies, pixels) >= BOX_COVERS
    overlap = box_overlap(seen.discrepancies, pixels) if local else 0.0
    for score in (
        result.categories[f"{sample.modality}/{category}"],
        result.corruptions[f"{sample.modality}/{corruption.name}"],
        result.modalities[sample.modality.value],
    ):
        score.injected += 1
        score.found += bool(named)
        score.explained += bool(seen.discrepancies)
        score.labels += len(seen.discrepancies)
        score.standing += standing
        score.local += local
        score.covered += covers
        score.overlap += overlap
        score.cascades[len(seen.discrepancies)] += 1
        if named:
            score.severities[max(found.severity for found in named)] += 1


def _negatives(
    result: Audit,
    figures: ModalityFigures,
    sample: Sample,
    reference: Drawn,
    draw: Draw,
    judge: Judge,
    seed: int,
) -> None:
    pairs = [("identical", sample.code, "")]
    for number in range(EQUIVALENTS):
        made = {attempt.code: attempt for attempt in attempts(sample, NEGATIVES, seed + number)}
        for code, attempt in made.items():
            if all(code != other for _, other, _ in pairs):
                origin = attempt.origin
                assert isinstance(origin, Equivalent)  # The mix holds nothing else.
                kind = "unseen" if origin.unseen else "equivalent"
                pairs.append((kind, code, origin.rewrite))
    for kind, code, rewrite in pairs:
        render = draw(code, sample)
        if render.picture is None or render.scene is None:
            result.attempts[f"{kind} {render.status.value}"] += 1
            continue
        pixels = pixel_difference(reference[0].png, render.picture.png)
        if kind == "unseen" and not below_visibility(pixels):
            figures.negatives["unseen_visible"] += 1  # The change is visible; builds reject it.
            continue
        seen = _judged(result, judge, reference, (render.picture, render.scene), sample, kind)
        if seen is None:
            continue
        for counts in (result.negatives, figures.negatives):
            counts[kind] += 1
            counts[f"{kind}_alarms"] += bool(seen.discrepancies)
            counts[f"{kind}_changed"] += bool(seen.pixels.changed.any())
        if seen.discrepancies:
            _miss(result, sample, f"{kind} {rewrite}".strip(), "", _words(seen.discrepancies))


def _grades(
    result: Audit,
    figures: ModalityFigures,
    sample: Sample,
    reference: Drawn,
    draw: Draw,
    judge: Judge,
    seed: int,
    most: int,
) -> None:
    """Measure one error at growing magnitude; a fall is counted if the worst severity and the sum
    both fall."""
    try:
        found = ladders(sample, seed)
    except CodeParseError:
        return
    found.sort(key=lambda one: content_id(str(seed), sample.id, one.kind))
    for ladder in found[:most]:
        grades = figures.grades[ladder.kind]
        grades.ladders += 1
        before, weight, words_before = 0, 0, ""
        for code in ladder.codes:
            render = draw(code, sample)
            if render.picture is None or render.scene is None:
                break
            candidate = render.picture, render.scene
            if ladder.kind == "moved" and _in_sight(candidate[1]) < _in_sight(reference[1]):
                continue  # A part that is hidden at its new place is missing, which is another error.
            seen = _judged(result, judge, reference, candidate, sample, f"ladder {ladder.kind}")
            if seen is None or not seen.pixels.changed.any():
                continue
            severities = [one.severity for one in seen.discrepancies]
            now = max(severities, default=0)
            words = _words(seen.discrepancies)
            if words_before:
                grades.steps += 1
                # A larger error may be split into several labels of lower severity.
                if now < before and sum(severities) <= weight:
                    grades.falls += 1
                    grades.worst.append(
                        {
                            "sample": sample.upstream_id,
                            "smaller": [before, words_before[:200]],
                            "larger": [now, words[:200]],
                        }
                    )
            before, words_before = max(before, now), words or "nothing"
            weight = max(weight, sum(severities))


def _in_sight(scene: Scene) -> int:
    """Number of shapes of an icon with at least one visible pixel."""
    return sum(bool(element.data.get("area")) for element in scene.root.walk())


def _sizes_agree(first: Drawn, second: Drawn) -> bool:
    (one, _), (two, _) = first, second
    return (one.width_px, one.height_px) == (two.width_px, two.height_px)


def _is_visible(found: Discrepancy, category: str, pixels: PixelDifference) -> bool:
    if found.box is None:
        return found.category == category
    return pixels.inside(found.box) > 0

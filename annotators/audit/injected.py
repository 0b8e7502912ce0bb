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
from dataclasses import dataclass, field
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
        per_sample: Most corruptions tried on a sample, drawn by seed; 0 tries all that apply.
        ladders_per_sample: Kinds of error that are tried at growing magnitude, drawn by seed.
    """
    auditing = _Auditing(draw, judge, per_sample, seed, ladders_per_sample)
    for sample in samples:
        auditing.add(sample)
    return auditing.result


@dataclass
class _Auditing:
    draw: Draw
    judge: Judge
    per_sample: int
    seed: int
    ladders_per_sample: int
    result: Audit = field(default_factory=Audit)

    def add(self, sample: Sample) -> None:
        result, figures = self.result, self.result.by_modality[sample.modality.value]
        reference, status = self._drawn(sample.code, sample)
        if reference is None:
            figures.undrawn += 1
            result.attempts[f"sample {status}"] += 1
            return
        figures.samples += 1
        applies = changes = 0
        for corruption, code, cpu_ms in self._wrong(sample, figures):
            applies += 1
            use = figures.uses[corruption.name]
            candidate, status = self._drawn(code, sample)
            if candidate is None:
                use.failed[status] += 1
                result.attempts[status] += 1
                continue
            use.drawn += 1
            began = time.process_time()
            seen = self._judged(reference, candidate, sample, corruption.name)
            if seen is None:
                continue
            figures.judge_ms.append(1000 * (time.process_time() - began))
            figures.corrupt_ms.append(cpu_ms)
            changed = bool(seen.pixels.changed.any())
            use.changes += changed
            changes += changed
            self._score(sample, corruption, seen, (reference, candidate))
        figures.applies.append(applies)
        figures.changes.append(changes)
        self._negatives(figures, sample, reference)
        self._grades(figures, sample, reference)

    def _drawn(self, code: str, sample: Sample) -> tuple[Drawn | None, str]:
        """Picture and scene of a program, or None and why it was not drawn."""
        render = self.draw(code, sample)
        if render.picture is None or render.scene is None:
            return None, render.status.value
        return (render.picture, render.scene), ""

    def _wrong(
        self, sample: Sample, figures: ModalityFigures
    ) -> Iterator[tuple[Corruption[Any], str, float]]:
        """Single corruptions of a sample, each with its CPU milliseconds."""
        known = sorted(
            corruptions(sample.modality),
            key=lambda c: content_id(str(self.seed), sample.id, c.name),
        )
        made = 0
        for corruption in known:
            if self.per_sample and made >= self.per_sample:
                return
            began = time.process_time()
            seed = int(content_id(str(self.seed), sample.id, corruption.name)[:8], 16)
            try:
                wrong = corruption(sample.code, seed)
            except CodeParseError:
                return
            cpu_ms = 1000 * (time.process_time() - began)
            figures.uses[corruption.name].tried += 1
            if wrong is not None and wrong[0] != sample.code:
                made += 1
                figures.uses[corruption.name].applies += 1
                yield corruption, wrong[0], cpu_ms

    def _judged(
        self, reference: Drawn, candidate: Drawn, sample: Sample, name: str
    ) -> Comparison | None:
        try:
            return self.judge(reference, candidate)
        except SceneError as error:
            self.result.attempts["unreadable_scene"] += 1
            self._miss(sample, name, "", f"unreadable scene: {error}")
            return None
        except Exception as error:
            # A bug on one sample does not end the audit, but the bound on bugs is zero.
            log.exception("bug: the comparison of %s with %s failed", sample.upstream_id, name)
            self.result.attempts[COMPARISON_BUG] += 1
            self._miss(sample, name, "", f"comparison bug: {type(error).__name__}: {error}")
            return None

    def _miss(self, sample: Sample, name: str, category: str, named: str) -> None:
        if len(self.result.misses) < MISSES:
            miss = {"sample": sample.upstream_id, "corruption": name, "category": category}
            self.result.misses.append({**miss, "named": named[:300]})

    def _score(
        self,
        sample: Sample,
        corruption: Corruption[Any],
        seen: Comparison,
        two: tuple[Drawn, Drawn],
    ) -> None:
        result, category = self.result, str(corruption.category)
        (picture, scene), (other, other_scene) = two
        if not seen.pixels.changed.any():
            result.attempts["unchanged"] += 1
            return
        result.attempts["changed"] += 1
        named = [found for found in seen.discrepancies if found.category == category]
        if not named:
            self._miss(sample, corruption.name, category, _words(seen.discrepancies))
        standing = sum(_is_visible(found, category, seen.pixels) for found in seen.discrepancies)
        pixels = but_for_reflow(seen.pixels, scene, other_scene)
        moved = sample.modality is Modality.CHART and reflowed(scene, other_scene)
        same_size = (picture.width_px, picture.height_px) == (other.width_px, other.height_px)
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

    def _negatives(self, figures: ModalityFigures, sample: Sample, reference: Drawn) -> None:
        pairs = [("identical", sample.code, "")]
        for number in range(EQUIVALENTS):
            for attempt in attempts(sample, NEGATIVES, self.seed + number):
                if all(attempt.code != other for _, other, _ in pairs):
                    origin = attempt.origin
                    assert isinstance(origin, Equivalent)  # The mix holds nothing else.
                    kind = "unseen" if origin.unseen else "equivalent"
                    pairs.append((kind, attempt.code, origin.rewrite))
        for kind, code, rewrite in pairs:
            candidate, status = self._drawn(code, sample)
            if candidate is None:
                self.result.attempts[f"{kind} {status}"] += 1
                continue
            pixels = pixel_difference(reference[0].png, candidate[0].png)
            if kind == "unseen" and not below_visibility(pixels):
                figures.negatives["unseen_visible"] += 1  # The change is visible; builds reject it.
                continue
            seen = self._judged(reference, candidate, sample, kind)
            if seen is None:
                continue
            for counts in (self.result.negatives, figures.negatives):
                counts[kind] += 1
                counts[f"{kind}_alarms"] += bool(seen.discrepancies)
                counts[f"{kind}_changed"] += bool(seen.pixels.changed.any())
            if seen.discrepancies:
                self._miss(sample, f"{kind} {rewrite}".strip(), "", _words(seen.discrepancies))

    def _grades(self, figures: ModalityFigures, sample: Sample, reference: Drawn) -> None:
        """Measure one error at growing magnitude; a fall is counted if the worst severity and the sum
        both fall."""
        try:
            found = ladders(sample, self.seed)
        except CodeParseError:
            return
        found.sort(key=lambda one: content_id(str(self.seed), sample.id, one.kind))
        for ladder in found[: self.ladders_per_sample]:
            grades = figures.grades[ladder.kind]
            grades.ladders += 1
            before, weight, words_before = 0, 0, ""
            for code in ladder.codes:
                candidate, _ = self._drawn(code, sample)
                if candidate is None:
                    break
                if ladder.kind == "moved" and _in_sight(candidate[1]) < _in_sight(reference[1]):
                    continue  # A part that is hidden at its new place is missing, which is another error.
                seen = self._judged(reference, candidate, sample, f"ladder {ladder.kind}")
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
                        smaller, larger = [before, words_before[:200]], [now, words[:200]]
                        fall = {"sample": sample.upstream_id, "smaller": smaller, "larger": larger}
                        grades.worst.append(fall)
                before, words_before = max(before, now), words or "nothing"
                weight = max(weight, sum(severities))


def _words(found: Sequence[Discrepancy]) -> str:
    return "; ".join(f"{d.category}: {d.location}: {d.description}" for d in found)


def _in_sight(scene: Scene) -> int:
    """Number of shapes of an icon with at least one visible pixel."""
    return sum(bool(element.data.get("area")) for element in scene.root.walk())


def _is_visible(found: Discrepancy, category: str, pixels: PixelDifference) -> bool:
    if found.box is None:
        return found.category == category
    return pixels.inside(found.box) > 0

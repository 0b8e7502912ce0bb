"""An annotator measured against errors that were injected and are therefore known.

Each sample gets single corruptions. One whose pixels change must be named: recall asks for a
discrepancy of the corruption's category where the pixels changed; precision asks that whatever is
named stands on changed pixels or is the injected error. Negatives must stay empty.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotators.structural import Comparison, compare
from annotators.structural.difference import PixelDifference
from corruptors.compose import attempts
from corruptors.corruption import Corruption
from corruptors.registry import corruptions
from records.config import CorruptionMix
from records.errors import CodeParseError
from records.rows import Box, Discrepancy, Sample, content_id
from renderers.contract import Picture, Render
from renderers.scene import Scene

Drawn = tuple[Picture, Scene]
Draw = Callable[[str, Sample], Render]
"""Renders a program in the language of a sample."""
Judge = Callable[[Drawn, Drawn], Comparison]

LOCAL = 0.3
"""Largest share of changed pixels of a change that is called local; more is a shifted layout."""
BOX_COVERS = 0.9
"""Share of the changed pixels that boxes must hold to count as covering them."""


@dataclass
class Score:
    """Figures of one corruption, one category, or one modality."""

    injected: int = 0
    """Errors whose pixels changed visibly."""
    found: int = 0
    """Of those, named with the category of the corruption."""
    explained: int = 0
    """Of those, named with any category."""
    labels: int = 0
    standing: int = 0
    """Labels whose box holds changed pixels, or that have none but name the injected category."""
    local: int = 0
    """Injected errors that moved nothing else: equal picture sizes, few pixels changed."""
    covered: int = 0
    """Of those, the ones whose changed pixels lie in the boxes."""
    severities: Counter[int] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        return {
            "count": self.injected,
            "recall": _share(self.found, self.injected),
            "precision": _share(self.standing, self.labels),
            "explained": _share(self.explained, self.injected),
            "labels_per_error": _share(self.labels, self.explained),
            "box_covers": _share(self.covered, self.local),
            "severities": {str(level): self.severities[level] for level in (1, 2, 3)},
        }


@dataclass
class Audit:
    """Everything that was measured."""

    categories: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    """By `modality/category`."""
    corruptions: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    modalities: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    negatives: Counter[str] = field(default_factory=Counter)
    """`identical`, `identical_alarms`, `equivalent`, `equivalent_alarms`, `equivalent_changed`."""
    attempts: Counter[str] = field(default_factory=Counter)
    """What became of the injected errors: changed, unchanged, or a render status."""
    misses: list[dict[str, str]] = field(default_factory=list)
    """The first errors that were not named with their category, to look at."""

    def to_json(self) -> dict[str, Any]:
        return {
            "categories": {
                name: score.to_json() for name, score in sorted(self.categories.items())
            },
            "modalities": {
                name: score.to_json() for name, score in sorted(self.modalities.items())
            },
            "corruptions": {
                name: score.to_json() for name, score in sorted(self.corruptions.items())
            },
            "negatives": dict(self.negatives),
            "attempts": dict(self.attempts),
            "misses": self.misses,
        }


def audit(
    samples: Iterable[Sample],
    draw: Draw,
    judge: Judge = compare,
    per_sample: int = 0,
    seed: int = 0,
) -> Audit:
    """Inject known errors into samples and see what an annotator names.

    Args:
        samples: Of any modality; one that does not render is counted and passed over.
        draw: Renders a program.
        judge: The annotator.
        per_sample: Most corruptions tried on a sample, drawn by seed; 0 tries all that apply.
        seed: Of the choices.
    """
    result = Audit()
    for sample in samples:
        reference = _drawn(draw(sample.code, sample), result)
        if reference is None:
            continue
        for corruption, code in _wrong(sample, per_sample, seed):
            candidate = _drawn(draw(code, sample), result)
            if candidate is not None:
                _judge(
                    result,
                    sample,
                    corruption,
                    judge(reference, candidate),
                    _sizes_agree(reference, candidate),
                )
        _negatives(result, sample, reference, draw, judge, seed)
    return result


def _wrong(sample: Sample, per_sample: int, seed: int) -> Iterator[tuple[Corruption[Any], str]]:
    known = sorted(
        corruptions(sample.modality), key=lambda c: content_id(str(seed), sample.id, c.name)
    )
    made = 0
    for corruption in known:
        if per_sample and made >= per_sample:
            return
        try:
            wrong = corruption(
                sample.code, int(content_id(str(seed), sample.id, corruption.name)[:8], 16)
            )
        except CodeParseError:
            return
        if wrong is not None and wrong[0] != sample.code:
            made += 1
            yield corruption, wrong[0]


def _judge(
    result: Audit,
    sample: Sample,
    corruption: Corruption[Any],
    seen: Comparison,
    same_size: bool,
) -> None:
    category = str(corruption.category)
    if not seen.pixels.changed.any():
        result.attempts["unchanged"] += 1
        return
    result.attempts["changed"] += 1
    named = [found for found in seen.discrepancies if found.category == category]
    if not named and len(result.misses) < 200:
        result.misses.append(
            {
                "sample": sample.upstream_id,
                "corruption": corruption.name,
                "category": category,
                "named": "; ".join(
                    f"{d.category}: {d.location}: {d.description}" for d in seen.discrepancies
                )[:300],
            }
        )
    standing = sum(_stands(found, category, seen.pixels) for found in seen.discrepancies)
    local = same_size and bool(seen.discrepancies) and seen.changed_fraction < LOCAL
    covers = local and _covered(seen.discrepancies, seen.pixels) >= BOX_COVERS
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
        if named:
            score.severities[max(found.severity for found in named)] += 1


def _negatives(
    result: Audit, sample: Sample, reference: Drawn, draw: Draw, judge: Judge, seed: int
) -> None:
    again = _drawn(draw(sample.code, sample), result)
    if again is not None:
        result.negatives["identical"] += 1
        result.negatives["identical_alarms"] += bool(judge(reference, again).discrepancies)
    mix = CorruptionMix(attempts_per_sample=0, identical_share=0.0, equivalent_share=1.0)
    for attempt in attempts(sample, mix, seed):
        candidate = _drawn(draw(attempt.code, sample), result)
        if candidate is None:
            continue
        seen = judge(reference, candidate)
        result.negatives["equivalent"] += 1
        result.negatives["equivalent_alarms"] += bool(seen.discrepancies)
        result.negatives["equivalent_changed"] += bool(seen.pixels.changed.any())


def _drawn(render: Render, result: Audit) -> Drawn | None:
    if render.picture is None or render.scene is None:
        result.attempts[render.status.value] += 1
        return None
    return render.picture, render.scene


def _sizes_agree(first: Drawn, second: Drawn) -> bool:
    (one, _), (two, _) = first, second
    return (one.width_px, one.height_px) == (two.width_px, two.height_px)


def _stands(found: Discrepancy, category: str, pixels: PixelDifference) -> bool:
    if found.box is None:
        return found.category == category
    return pixels.inside(found.box) > 0


def _covered(found: Sequence[Discrepancy], pixels: PixelDifference) -> float:
    """Share of the changed pixels that lie in some box."""
    total = int(pixels.changed.sum())
    left = pixels.changed.copy()
    for one in found:
        if one.box is not None:
            _clear(left, one.box)
    return 1 - int(left.sum()) / total if total else 1.0


def _clear(changed: Any, box: Box, margin_px: int = 3) -> None:
    top, bottom = max(0, int(box[1]) - margin_px), int(box[3]) + margin_px + 1
    left, right = max(0, int(box[0]) - margin_px), int(box[2]) + margin_px + 1
    changed[top:bottom, left:right] = False


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None

"""Audit suite `pairs`: two separate errors must give the labels that each gives alone.

Errors are separate if their changed pixels lie apart, one does not move the other, and no label of
one is about the same thing as a label of the other.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product, starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.audit.figures import share
from annotators.audit.injected import Drawn
from annotators.audit.suites.likeness import as_lines, drawn, errors_of, near, unmatched
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult
from annotators.structural import Comparison
from records.edits import Mutation, apply, overlap
from records.rows import Discrepancy, Sample
from records.taxonomy import Modality

BOTH = 0.97
"""Least share of pairs that must give both labels."""
APART_PX = 8
"""Changed pixels of two errors are at least so far from each other."""
Alone = tuple[str, Mutation, Comparison]
"""Name of a corruption, its edits, and what it gives alone."""


def measure(ground: SuiteInput) -> SuiteResult:
    """Inject two errors into one program and search the labels of each."""
    counts: dict[Modality, Counter[str]] = {}
    details: list[dict[str, Any]] = []
    for sample in ground.samples:
        count = counts.setdefault(sample.modality, Counter())
        reference = drawn(ground, sample.code, sample)
        if reference is None:
            continue
        alone = list(_alone(ground, sample, reference))
        for first, second in combinations(alone, 2):
            detail = _both(ground, sample, reference, (first, second), count)
            if detail:
                details.append(detail)
    figures = {
        str(modality): {
            "pairs": count["pairs"],
            "both": share(count["both"], count["pairs"]),
            "both_with_words": share(count["both with words"], count["pairs"]),
            "nothing_else": share(count["nothing else"], count["pairs"]),
        }
        for modality, count in counts.items()
    }
    bounds = {
        f"both labels {modality}": Bound(found["both_with_words"], at_least=BOTH)
        for modality, found in figures.items()
    }
    return SuiteResult("pairs", figures, bounds, details)


def _alone(ground: SuiteInput, sample: Sample, reference: Drawn) -> list[Alone]:
    """Errors of a sample that give labels and keep the size of the picture."""
    found = []
    for corruption, wrong, mutation in errors_of(ground, sample):
        candidate = drawn(ground, wrong, sample)
        if candidate is None or _size(candidate) != _size(reference):
            continue
        seen = ground.judge(reference, candidate)
        if seen.discrepancies and seen.pixels.changed.any():
            found.append((corruption.name, mutation, seen))
    return found


def _size(one: Drawn) -> tuple[int, int]:
    return one[0].width_px, one[0].height_px


def _both(
    ground: SuiteInput,
    sample: Sample,
    reference: Drawn,
    two: tuple[Alone, Alone],
    count: Counter[str],
) -> dict[str, Any] | None:
    """Judge two errors together; a detail where a label of one is lost or changed."""
    (one, first, seen_first), (other, second, seen_second) = two
    masks = seen_first.pixels.changed, seen_second.pixels.changed
    if overlap(first.edits, second.edits) or masks[0].shape != masks[1].shape or _touch(*masks):
        return None
    if any(starmap(_one_thing, product(seen_first.discrepancies, seen_second.discrepancies))):
        return None  # A viewer writes one label for both.
    candidate = drawn(ground, apply(sample.code, [*first.edits, *second.edits]), sample)
    if candidate is None or _size(candidate) != _size(reference):
        return None
    together = ground.judge(reference, candidate)
    changed = together.pixels.changed
    if changed.shape != masks[0].shape or (changed != (masks[0] | masks[1])).any():
        return None  # One error moved the other: they are not those that stand alone.
    wanted = (*seen_first.discrepancies, *seen_second.discrepancies)
    missing, more = unmatched(wanted, together.discrepancies)
    reworded, _ = unmatched(wanted, together.discrepancies, words=True)
    count["pairs"] += 1
    count["both"] += not missing
    count["both with words"] += not reworded
    count["nothing else"] += not more
    if not reworded and not more:
        return None
    return {
        "modality": str(sample.modality),
        "pair": sample.upstream_id,
        "corruptions": [one, other],
        "alone": as_lines(wanted),
        "together": as_lines(together.discrepancies),
    }


def _one_thing(first: Discrepancy, second: Discrepancy) -> bool:
    """True for labels in one box, of one category, on one thing or with the same words: two counts
    of points that a cloud lost, two surfaces with other values."""
    same = first.location == second.location or first.description == second.description
    return first.category == second.category and same and near(first.box, second.box)


def _touch(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> bool:
    """True if changed pixels of both lie closer than `APART_PX`."""
    square = np.ones((3, 3), dtype=bool)
    wide = ndimage.binary_dilation(first, square, iterations=APART_PX)
    return bool((wide & second).any())

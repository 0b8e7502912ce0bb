"""Compares two lists of labels, and draws wrong programs for suites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotators.audit.injected import Drawn
from annotators.audit.suites.suite import SuiteInput
from corruptors.corruption import Corruption
from corruptors.registry import corruptions
from records.boxes import same_box
from records.edits import Mutation
from records.errors import CodeParseError
from records.rows import Box, Discrepancy, Sample, content_id

NEAR_PX = 4.0
"""Boxes whose sides differ by at most this many pixels are at the same place."""


def drawn(ground: SuiteInput, code: str, sample: Sample) -> Drawn | None:
    """Picture and scene of a program; None if it does not render."""
    render = ground.draw(code, sample)
    if render.picture is None or render.scene is None:
        return None
    return render.picture, render.scene


def errors_of(
    ground: SuiteInput, sample: Sample
) -> Iterator[tuple[Corruption[Any], str, Mutation]]:
    """Single corruptions of a sample that apply, at most `SuiteInput.per_sample`, drawn by seed."""
    made = 0
    known = sorted(
        corruptions(sample.modality),
        key=lambda item: content_id("lane", str(ground.seed), sample.id, item.name),
    )
    for corruption in known:
        if made >= ground.per_sample:
            return
        seed = int(content_id(str(ground.seed), sample.id, corruption.name)[:8], 16)
        try:
            found = corruption(sample.code, seed)
        except CodeParseError:
            return
        if found is not None and found[0] != sample.code:
            made += 1
            yield corruption, *found


@dataclass(frozen=True, slots=True)
class WrongProgram:
    """A sample with one error that has labels."""

    sample: Sample
    corruption: str
    code: str
    reference: Drawn
    candidate: Drawn
    labels: tuple[Discrepancy, ...]

    def named(self) -> dict[str, Any]:
        """What it is, for the details of a suite."""
        sample = self.sample
        known = {"modality": str(sample.modality), "pair": sample.upstream_id}
        return {**known, "corruption": self.corruption}


def wrong_programs(ground: SuiteInput, samples: Iterable[Sample]) -> Iterator[WrongProgram]:
    """Every error of these samples that draws, differs and is labeled."""
    for sample in samples:
        reference = drawn(ground, sample.code, sample)
        if reference is None:
            continue
        for corruption, wrong, _ in errors_of(ground, sample):
            candidate = drawn(ground, wrong, sample)
            labels = candidate and ground.judge(reference, candidate).discrepancies
            if candidate and labels:
                yield WrongProgram(sample, corruption.name, wrong, reference, candidate, labels)


def near(first: Box | None, second: Box | None) -> bool:
    """True if both boxes are missing, or are at the same place."""
    if first is None or second is None:
        return first is second
    return same_box(first, second, NEAR_PX)


def unmatched(
    wanted: Sequence[Discrepancy],
    found: Sequence[Discrepancy],
    words: bool = False,
    at_one_place: Callable[[Box | None, Box | None], bool] = near,
) -> tuple[list[Discrepancy], list[Discrepancy]]:
    """Labels of each list without an equal one in the other: equal category, severity and place,
    and also equal words if ``words`` is set."""
    left = list(found)
    missing = []
    for one in wanted:
        for other in left:
            same_words = (one.location, one.description) == (other.location, other.description)
            graded = (one.category, one.severity) == (other.category, other.severity)
            if graded and at_one_place(one.box, other.box) and (same_words or not words):
                left.remove(other)
                break
        else:
            missing.append(one)
    return missing, left


def as_lines(labels: Sequence[Discrepancy]) -> list[str]:
    """Labels for a person, each with its box in whole pixels."""
    return [
        f"{one.category} {one.severity} {one.location}: {one.description} "
        f"{one.box and [round(edge) for edge in one.box]}"
        for one in labels
    ]

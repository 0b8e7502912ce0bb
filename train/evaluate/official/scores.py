"""F1 hard and soft and the correlation of severities, counted as the published script counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from annotators.audit.matching import f1
from records.taxonomy import Modality, category_names
from train.evaluate.official.matching import JudgeMatches
from train.evaluate.official.reading import JudgedError

Unmatched = Literal["listed", "computed"]
"""Whether false alarms and misses are what the judge lists (as published), or what no match uses: a judge
whose lists are incomplete, or hold what it matched, changes the first alone."""


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """One pair of pictures whose lists were matched."""

    modality: Modality
    predicted: tuple[JudgedError, ...]
    human: tuple[JudgedError, ...]
    judged: JudgeMatches


@dataclass(frozen=True, slots=True)
class Counts:
    """What a part of the benchmark adds up to."""

    yes: int = 0
    partial: int = 0
    alarms: int = 0
    missed: int = 0

    @property
    def f1_hard(self) -> float:
        """In percent; a partial match is neither right nor wrong. 100 if there are no errors at all."""
        found = f1(self.yes, self.alarms, self.missed)
        return 100.0 if found is None else round(found, 2)

    @property
    def f1_soft(self) -> float:
        """In percent; a partial match is half right. 0 if there are no errors at all, as published."""
        found = f1(self.yes + self.partial / 2, self.alarms, self.missed)
        return 0.0 if found is None else round(found, 2)


@dataclass(frozen=True, slots=True)
class TaskScores:
    """Scores of a task or of all, in percent."""

    pairs: int
    f1_hard: float
    f1_soft: float
    severity_pearson: float | None
    """None if all severities of one side are equal."""
    categories: dict[str, tuple[float, float, float | None]]
    """F1 hard, F1 soft, Pearson. A match counts for the predicted error's category."""


def score(pairs: Sequence[JudgedPair], unmatched: Unmatched = "listed") -> dict[str, TaskScores]:
    """Scores of each task that is there, and of all as `overall`."""
    groups = {str(task): [one for one in pairs if one.modality is task] for task in Modality}
    groups["overall"] = list(pairs)
    return {name: _part(some, unmatched) for name, some in groups.items() if some}


def _part(pairs: Sequence[JudgedPair], unmatched: Unmatched) -> TaskScores:
    names = dict.fromkeys(name for pair in pairs for name in category_names(pair.modality))
    counts = _counts(pairs, unmatched, None)
    categories = {}
    for name in names:
        one = _counts(pairs, unmatched, name)
        mine = [pair for pair in pairs if name in category_names(pair.modality)]
        categories[name] = (one.f1_hard, one.f1_soft, _pearson(mine, name))
    return TaskScores(len(pairs), counts.f1_hard, counts.f1_soft, _pearson(pairs, None), categories)


def _counts(pairs: Sequence[JudgedPair], unmatched: Unmatched, category: str | None) -> Counts:
    yes = partial = alarms = missed = 0
    for pair in pairs:
        for i, _, level in pair.judged.matches:
            if category in (None, pair.predicted[i].category):
                yes += level == "yes"
                partial += level == "partial"
        false, lost = pair.judged.alarms_listed, pair.judged.missed_listed
        # No judge is asked about a pair with an empty list: all of the other list is unmatched.
        if unmatched == "computed" or not pair.predicted or not pair.human:
            matched = [{match[side] for match in pair.judged.matches} for side in (0, 1)]
            false = tuple(i for i in range(len(pair.predicted)) if i not in matched[0])
            lost = tuple(j for j in range(len(pair.human)) if j not in matched[1])
        alarms += sum(category in (None, pair.predicted[i].category) for i in false)
        missed += sum(category in (None, pair.human[j].category) for j in lost)
    return Counts(yes, partial, alarms, missed)


def _pearson(pairs: Sequence[JudgedPair], category: str | None) -> float | None:
    sums = np.array(
        [
            [
                sum(error.severity for error in side if category in (None, error.category))
                for side in (pair.predicted, pair.human)
            ]
            for pair in pairs
        ],
        dtype=float,
    )
    if len(sums) < 2 or not sums[:, 0].std() or not sums[:, 1].std():
        return None
    return round(float(100 * np.corrcoef(sums[:, 0], sums[:, 1])[0, 1]), 2)

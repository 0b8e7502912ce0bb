"""How well predicted errors agree with people's: one-to-one matches, F1, severity.

Source: arXiv:2603.13224, "VC-RewardBench", metrics: each match is `yes` or `partial`; hard counts
yes alone, so that a partial match is neither right nor wrong nor missed; soft adds half of each
partial. Counts are summed before F1. S_c is Pearson's correlation of summed severities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotators.audit.matching import Marked, Match, f1
from records.taxonomy import Modality, category_names


@dataclass(frozen=True, slots=True)
class Compared:
    """One pair of pictures, matched."""

    modality: Modality
    predicted: tuple[Marked, ...]
    human: tuple[Marked, ...]
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A share or correlation in percent, with what chance in the choice of pairs allows."""

    value: float | None
    """None if it is undefined: there are no errors, or all severities are equal."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """Of all pairs, or of those of one modality."""

    pairs: int
    f1_hard: Score
    f1_soft: Score
    severity_pearson: Score
    categories: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """F1 hard and soft by category of error: a match counts for the human's, a false alarm for the
    predicted one."""


def score(compared: Sequence[Compared], resamples: int = 1000, seed: int = 0) -> dict[str, Scores]:
    """Scores of each modality that is there, and of all as `overall`.

    Intervals are the middle 95 % of ``resamples`` draws of as many pairs, with replacement.
    """
    groups: dict[str, list[Compared]] = {
        str(modality): [one for one in compared if one.modality is modality]
        for modality in Modality
    }
    groups["overall"] = list(compared)
    return {name: _scores(rows, resamples, seed) for name, rows in groups.items() if rows}


@dataclass(frozen=True, slots=True)
class MatcherAgreement:
    """How far two matchers say the same of each predicted and each human error of a pair."""

    both: int
    """Couples that both matched."""
    same_degree: int
    """Of those, with the same degree."""
    first_only: int
    second_only: int
    f1: float | None
    """Of the second's matches against the first's, in percent."""
    kappa: float | None
    """Cohen's, over `yes`, `partial` and no match; None if there is no couple, or one word."""


def matchers_agree(first: Sequence[Compared], second: Sequence[Compared]) -> MatcherAgreement:
    """Compare two matchers' work on the same pairs."""
    counts: Counter[tuple[str, str]] = Counter()
    for one, other in zip(first, second, strict=True):
        degrees = [
            {(match.predicted, match.human): match.degree for match in found.matches}
            for found in (one, other)
        ]
        for at in range(len(one.predicted)):
            for human in range(len(one.human)):
                a, b = (found.get((at, human), "no") for found in degrees)
                counts[a, b] += 1
    both = sum(n for (a, b), n in counts.items() if "no" not in (a, b))
    first_only = sum(n for (a, b), n in counts.items() if a != "no" and b == "no")
    second_only = sum(n for (a, b), n in counts.items() if a == "no" and b != "no")
    value = f1(both, second_only, first_only)
    return MatcherAgreement(
        both=both,
        same_degree=sum(counts[degree, degree] for degree in ("yes", "partial")),
        first_only=first_only,
        second_only=second_only,
        f1=None if value is None else round(value, 2),
        kappa=_kappa(counts),
    )


def _kappa(counts: Counter[tuple[str, str]]) -> float | None:
    all_ = sum(counts.values())
    words = ("yes", "partial", "no")
    sides = [
        [sum(n for seen, n in counts.items() if seen[side] == word) for word in words]
        for side in (0, 1)
    ]
    by_chance = sum(a * b for a, b in zip(*sides, strict=True))
    if all_ == 0 or by_chance == all_ * all_:
        return None
    seen = sum(counts[word, word] for word in words)
    return float(round((seen * all_ - by_chance) / (all_ * all_ - by_chance), 4))


def _scores(rows: Sequence[Compared], resamples: int, seed: int) -> Scores:
    counts = np.array([_counts(one) for one in rows], dtype=float)
    severities = np.array(
        [
            (
                sum(error.severity for error in one.predicted),
                sum(error.severity for error in one.human),
            )
            for one in rows
        ],
        dtype=float,
    )
    chance = np.random.default_rng(seed)
    draws = [chance.integers(0, len(rows), len(rows)) for _ in range(resamples)]
    return Scores(
        pairs=len(rows),
        f1_hard=_interval(_hard(counts), [_hard(counts[draw]) for draw in draws]),
        f1_soft=_interval(_soft(counts), [_soft(counts[draw]) for draw in draws]),
        severity_pearson=_interval(
            _pearson(severities), [_pearson(severities[draw]) for draw in draws]
        ),
        categories=_by_category(rows),
    )


def _counts(one: Compared) -> tuple[int, int, int, int]:
    """Yes, partial, false alarms, missed."""
    yes = sum(match.degree == "yes" for match in one.matches)
    met = len(one.matches)
    return yes, met - yes, len(one.predicted) - met, len(one.human) - met


def _hard(counts: NDArray[np.float64]) -> float | None:
    yes, _, alarms, missed = counts.sum(axis=0)
    return f1(yes, alarms, missed)


def _soft(counts: NDArray[np.float64]) -> float | None:
    yes, partial, alarms, missed = counts.sum(axis=0)
    return f1(yes + partial / 2, alarms, missed)


def _pearson(severities: NDArray[np.float64]) -> float | None:
    x, y = severities[:, 0], severities[:, 1]
    if len(x) < 2 or not x.std() or not y.std():
        return None
    return float(100 * np.corrcoef(x, y)[0, 1])


def _interval(value: float | None, drawn: Sequence[float | None]) -> Score:
    known = [one for one in drawn if one is not None]
    if value is None or not known:
        return Score(None if value is None else round(value, 2))
    low, high = np.percentile(known, [2.5, 97.5])
    return Score(round(value, 2), round(float(low), 2), round(float(high), 2))


def _by_category(rows: Sequence[Compared]) -> dict[str, tuple[float | None, float | None]]:
    result = {}
    for name in dict.fromkeys(name for modality in Modality for name in category_names(modality)):
        if not any(name in category_names(one.modality) for one in rows):
            continue
        yes = partial = alarms = missed = 0
        for one in rows:
            degrees = [m.degree for m in one.matches if one.human[m.human].category == name]
            yes += degrees.count("yes")
            partial += degrees.count("partial")
            met = {match.predicted for match in one.matches}
            alarms += sum(
                error.category == name and at not in met for at, error in enumerate(one.predicted)
            )
            missed += sum(error.category == name for error in one.human) - len(degrees)
        hard, soft = f1(yes, alarms, missed), f1(yes + partial / 2, alarms, missed)
        result[name] = (
            None if hard is None else round(hard, 2),
            None if soft is None else round(soft, 2),
        )
    return result

"""How well nets name the errors of pairs they never saw, and how sure the differences between them are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.teach.crops import CATEGORIES, TeachPair
from train.teach.net import Answers, Targets, targets_of

DRAWS = 1000
"""Of the bootstrap, over samples and seeds."""
ORDERS = 20
"""Random orders that chance is measured by."""
CHANCE = "random order"
"""Name of the row that shows what knowing nothing earns."""
LEAST = 3
"""Pairs with and pairs without a category, below which it is not measured."""
MEASURES = ("pairs", "crops")
"""Mean AP over categories: of naming what a pair has; of naming what each difference is."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Exam:
    """Held-out pairs of one origin with their exact labels."""

    pairs: list[TeachPair]
    targets: Targets
    weights: Floats
    """D x P: how often each pair is in each draw; the first draw is all pairs once."""

    @classmethod
    def of(cls, pairs: Sequence[TeachPair], seed: int = 0) -> Exam:
        names = sorted({pair.sample for pair in pairs})
        place = np.array([names.index(pair.sample) for pair in pairs], int)
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(len(names), [1 / len(names)] * len(names), DRAWS)
        weights = np.concatenate([np.ones((1, len(pairs))), drawn[:, place]]).astype(float)
        return cls(list(pairs), targets_of(pairs, [pair.errors for pair in pairs]), weights)

    @property
    def measurable(self) -> bool:
        """True if some category has enough pairs with it and without it."""
        nothing = Answers(self.targets.there, self.targets.amounts, self.targets.crops)
        return all(any(True for _ in self._asked(name, nothing)) for name in MEASURES)

    def marked(self, answers: Answers) -> dict[str, Floats]:
        """Mean AP of each measure in each draw."""
        return {
            name: np.nanmean(
                [average_precision(*one) for one in self._asked(name, answers)], axis=0
            )
            for name in MEASURES
        }

    def chance(self) -> list[dict[str, Floats]]:
        """Marks of answers in random order, as if each order were a seed.

        The rate of a category would be too low a bound: AP counts the hit itself, so a random order of few
        pairs earns more than that, and a draw that holds a sample twice earns more again.
        """
        rng = np.random.default_rng(len(self.pairs))
        like = (self.targets.there, self.targets.amounts, self.targets.crops)
        return [
            self.marked(Answers(*(rng.random(part.shape, np.float32) for part in like)))
            for _ in range(ORDERS)
        ]

    def _asked(
        self, measure: str, answers: Answers
    ) -> Iterator[tuple[NDArray[np.bool_], Any, Floats]]:
        """Truth, scores and weights of each category that can be measured."""
        for category in range(len(CATEGORIES)):
            if measure == "pairs":
                pair = np.flatnonzero(self.targets.legal[:, category])
                truth = self.targets.there[pair, category] > 0
                scores = answers.pairs[pair, category]
            else:
                pair, crop = np.nonzero(self.targets.crops[:, :, category] >= 0)
                truth = self.targets.crops[pair, crop, category] > 0
                scores = answers.crops[pair, crop, category]
            if min(truth.sum(), (~truth).sum()) >= LEAST:
                yield truth, scores, self.weights[:, pair]

    def amounts(self, answers: Answers) -> dict[str, float]:
        """Correlation of summed severities, and mean error of the number of errors."""
        severity, count = np.expm1(self.targets.amounts).T
        severities, counts = np.expm1(answers.amounts).T
        together = np.corrcoef(severity, severities)[0, 1] if severity.std() > 0 else np.nan
        return {
            "severity_pearson": round(float(together), 3),
            "count_error": round(float(np.abs(counts - count).mean()), 3),
        }


def average_precision(truth: NDArray[np.bool_], scores: Any, weights: Floats) -> Floats:
    """AP of one ranking in each draw; NaN where a draw holds nothing to find.

    >>> average_precision(np.array([True, False, True]), np.array([3.0, 2.0, 1.0]), np.ones((1, 3))).round(3)
    array([0.833])
    """
    order = np.argsort(-scores, kind="stable")
    hit, drawn = truth[order], weights[:, order]
    found = np.cumsum(drawn * hit, axis=1)
    shown = np.cumsum(drawn, axis=1)
    precision = np.divide(found, shown, out=np.zeros_like(found), where=shown > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((precision * drawn * hit).sum(axis=1) / found[:, -1])


def less(one: Sequence[Floats], two: Sequence[Floats]) -> dict[str, Any]:
    """By how much the first arm is better than the second, with its 95 % interval.

    Args:
        one: Marks of the first arm: of each seed, in each draw.
        two: Those of the second; seeds beyond the shorter list are left out, since seeds are drawn in couples.
    """
    apart = [first - second for first, second in zip(one, two, strict=False)]
    mean, low, high = _interval(apart)
    return {"difference": mean, "low": low, "high": high}


def summary(runs: Sequence[Floats]) -> dict[str, Any]:
    """Mean over seeds with its 95 % interval, and the mark of each seed."""
    mean, low, high = _interval(runs)
    return {"mean": mean, "low": low, "high": high, "seeds": [_3(run[0]) for run in runs]}


def _interval(runs: Sequence[Floats]) -> tuple[float, float, float]:
    """Mean over seeds, and the bounds of a bootstrap over samples and seeds together.

    Each draw takes samples (all pairs of a sample at once) and, apart from them, seeds: one fewer than there
    are, since as many as there are would make their spread look too small (by a third where there are three).
    One seed alone says nothing of the spread of seeds, so that its interval is over samples only. Draws hold samples
    twice, which raises AP by itself: by how much all draws together lie above the mean is taken off.
    """
    marks = np.stack(runs)
    seeds, draws = marks.shape
    rng = np.random.default_rng(seeds)
    drawn = rng.integers(seeds, size=(draws, max(seeds - 1, 1)))
    found = marks[drawn, np.arange(draws)[:, None]].mean(axis=1)
    low, high = np.nanpercentile(found[1:], [2.5, 97.5])
    mean = marks[:, 0].mean()
    above = np.nanmean(found[1:]) - mean
    return _3(mean), _3(low - above), _3(high - above)


def _3(value: float) -> float:
    return round(float(value), 3)


BARS: Mapping[str, tuple[str, str, str]] = {
    "exact over noisy": ("exact corrupted 1", "noisy corrupted 1", "corrupted"),
    "exact over shuffled": ("exact corrupted 1", "shuffled corrupted 1", "corrupted"),
    "both over corrupted": ("exact both 1", "exact corrupted 1", "natural"),
    "a quarter of exact at least noisy": ("exact corrupted 0.25", "noisy corrupted 1", "corrupted"),
}
"""What must hold: the first arm, better than the second, on which held-out pairs."""


def bars(marks: Mapping[str, Mapping[str, list[dict[str, Floats]]]]) -> dict[str, Any]:
    """Each bar by both measures; of arms that have not run it is not said.

    Args:
        marks: By held-out part, then arm: the marks of each seed.
    """
    found_figures: dict[str, Any] = {}
    for name, (one, two, part) in BARS.items():
        arms = marks.get(part, {})
        if not (arms.get(one) and arms.get(two)):
            continue
        found_figures[name] = {"of": one, "less": two, "on": part}
        for measure in MEASURES:
            found = less(*([run[measure] for run in arms[arm]] for arm in (one, two)))
            kept = found["difference"] >= 0 if "at least" in name else found["low"] > 0
            found_figures[name][measure] = {**found, "ok": bool(kept)}
    return found_figures

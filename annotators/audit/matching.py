"""Matches the errors that two judges marked in one pair of pictures, one to one.

Source: arXiv:2603.13224, "VC-RewardBench", metrics: each match is `yes` or `partial`; hard counts
`yes` alone, so that a partial match is neither right nor wrong nor missed; soft adds half of each
partial match. Counts are summed over pairs before F1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from annotators.structural.matching import assign

Degree = Literal["yes", "partial"]

YES = 0.55
"""Two errors are the same if their similarity is at least this."""
PARTIAL = 0.4
"""Two errors match partially if their similarity is at least this."""
LEAST_SHARED = 2
"""Least number of words that a short label must share with a long description to count as a part of it."""


@dataclass(frozen=True, slots=True)
class Marked:
    """One error, as a person or a model marked it."""

    category: str
    severity: int
    description: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A predicted error and the matching human one, as indices in their lists."""

    predicted: int
    human: int
    degree: Degree


Likeness = Callable[[Marked, Marked], float]
"""Similarity of two errors: 0 if different, 1 if equal word for word."""


def f1(right: float, alarms: float, missed: float) -> float | None:
    """F1 in percent, from right, falsely reported and missed errors; None if all are 0.

    >>> f1(1, 1, 0)
    66.66666666666667
    """
    all_ = 2 * right + alarms + missed
    return 200 * right / all_ if all_ else None


def match_by_words(
    predicted: Sequence[Marked], human: Sequence[Marked], likeness: Likeness | None = None
) -> tuple[Match, ...]:
    """Match errors without a model, by shared words, numbers and the category.

    One global assignment that makes the summed likeness largest; see `YES` and `PARTIAL`.

    Args:
        predicted: What a program or model named.
        human: What people named.
        likeness: How two errors are compared; `as_alike_as_words` if not given.
    """
    if not predicted or not human:
        return ()
    like = likeness or as_alike_as_words
    table = np.array([[like(one, other) for other in human] for one in predicted])
    return tuple(
        Match(row, column, "yes" if table[row, column] >= YES else "partial")
        for row, column in assign(1 - table, limit=1 - PARTIAL + 1e-9)
    )


def as_alike_as_words(one: Marked, other: Marked) -> float:
    """F1 of the words of both, numbers counting threefold, for three quarters; category the rest."""
    return 0.75 * _overlap(_words(one), _words(other)) + 0.25 * _same_category(one, other)


def described_in(label: Marked, person: Marked) -> float:
    """Similarity of a short label and a person's description: `as_alike_as_words`, or the share of
    the label's words that the person uses, too, whichever is larger.

    Numbers of a label that the person does not give are left out: a program measures in its own units.
    """
    ours, theirs = _words(label), _words(person)
    plain = _overlap(ours, theirs)
    shared = [word for word in ours if word in theirs]
    words = [word for word in ours if word.isalpha() or word in theirs]
    if len(shared) >= LEAST_SHARED:
        plain = max(plain, 0.9 * len(shared) / len(words))
    return 0.75 * plain + 0.25 * _same_category(label, person)


def _same_category(one: Marked, other: Marked) -> float:
    return float(bool(one.category) and one.category == other.category)


def _overlap(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    shared = sum(min(first[word], second[word]) for word in first.keys() & second.keys())
    all_ = sum(first.values()) + sum(second.values())
    return 2 * shared / all_ if all_ else 0.0


_BRITISH = (("colour", "color"), ("grey", "gray"), ("centre", "center"))
"""Spellings of people's labels that ours never have."""
_WORD = re.compile(r"-?\d+(?:[.,]\d+)*%?|#[0-9a-f]{3,8}\b|[^\W\d_]+", re.IGNORECASE)
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        "a an the is are was were be of in on at to for by with and or as it its that this from "
        "instead not reference candidate original predicted prediction image picture ground truth "
        "gt while but should has have which than",
    )
)
"""Words that do not help to identify an error."""


def _words(error: Marked) -> dict[str, float]:
    text = f"{error.location} {error.description}".lower()
    for british, american in _BRITISH:
        text = text.replace(british, american)
    found = _WORD.findall(text)
    # Inflected forms count as one word: the first five letters decide.
    return {
        word[:5] if word.isalpha() else word: 1.0 if word.isalpha() else 3.0
        for word in found
        if word not in _EMPTY
    }

"""Pairs the parts of the candidate with the parts of the reference."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

LONG_TEXT = 400
"""Characters beyond which texts are compared word by word: character by character is quadratic."""


def grouped(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Things with equal keys together, in their order.

    >>> grouped(["bar", "box", "line"], len)
    {3: ['bar', 'box'], 4: ['line']}
    """
    groups: dict[K, list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups


def equal_pairs(
    reference: Sequence[Hashable], candidate: Sequence[Hashable]
) -> list[tuple[int, int]]:
    """Index pairs of equal keys; each index is used once, in order.

    A fast step before `assign`: most parts of a pair of pictures are equal.

    >>> equal_pairs(["a", "b", "a"], ["a", "a", "c"])
    [(0, 0), (2, 1)]
    """
    places: dict[Hashable, deque[int]] = defaultdict(deque)
    for index, key in enumerate(candidate):
        places[key].append(index)
    pairs = []
    for index, key in enumerate(reference):
        if places.get(key):
            pairs.append((index, places[key].popleft()))
    return pairs


def assign(cost: ArrayLike, limit: float) -> list[tuple[int, int]]:
    """The cheapest one-to-one pairing of rows and columns, without pairs at or over ``limit``.

    Leaving a row and a column unpaired costs ``limit`` together, so a good pair is never given up
    to pair two parts that do not match. NaN and infinite costs are never paired.

    Args:
        cost: R x C; the cost of treating row r and column c as the same part.
        limit: Parts whose cost is at least this are different parts.

    Returns:
        (row, column) pairs, by row.

    >>> assign([[0.1, 9.0], [9.0, 9.0]], limit=1.0)
    [(0, 0)]
    """
    table = np.asarray(cost, dtype=float)
    if table.size == 0:
        return []
    capped = np.where(np.isfinite(table), np.minimum(table, limit), limit)
    rows, columns = linear_sum_assignment(capped)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if capped[row, column] < limit
    ]


def leftover(count: int, taken: Sequence[int]) -> list[int]:
    """Indices below ``count`` that no pair uses.

    >>> leftover(4, [0, 2])
    [1, 3]
    """
    used = set(taken)
    return [index for index in range(count) if index not in used]


def paired(
    mine: Sequence[T], theirs: Sequence[T], indices: Sequence[tuple[int, int]]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """The things that index pairs stand for, and those of both sides that no pair has.

    >>> paired("abc", "xy", [(0, 1)])
    ([('a', 'y')], ['b', 'c'], ['x'])
    """
    return (
        [(mine[i], theirs[j]) for i, j in indices],
        [mine[i] for i in leftover(len(mine), [i for i, _ in indices])],
        [theirs[j] for j in leftover(len(theirs), [j for _, j in indices])],
    )


@lru_cache(maxsize=32768)
def text_similarity(first: str, second: str) -> float:
    """Similarity of two texts: 0 if they share nothing, 1 if they are equal; repeated white space
    counts once.

    >>> text_similarity("Sales", "Slaes")
    0.8
    """
    first, second = " ".join(first.split()), " ".join(second.split())
    if first == second:
        return 1.0
    if not first or not second:
        return 0.0
    if max(len(first), len(second)) > LONG_TEXT:
        return SequenceMatcher(None, first.split(), second.split(), autojunk=False).ratio()
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def permuted(before: Sequence[Hashable], after: Sequence[Hashable]) -> bool:
    """True if the same things come in another order.

    >>> permuted(["a", "b", "c"], ["b", "a", "c"]), permuted(["a"], ["a"])
    (True, False)
    """
    return list(before) != list(after) and Counter(before) == Counter(after)


def traded(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[int]:
    """Indices of the things that changed places among themselves, whatever became of the others.

    >>> traded(["a", "b", "c", "d"], ["b", "a", "c", "x"]), traded(["a", "b"], ["b", "c"])
    ([0, 1], [])
    """
    found = [i for i, (one, two) in enumerate(zip(before, after, strict=True)) if one != two]
    while True:
        held = Counter(before[i] for i in found) & Counter(after[i] for i in found)
        kept = [i for i in found if before[i] in held and after[i] in held]
        if kept == found:
            return found
        found = kept

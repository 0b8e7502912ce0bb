"""Weighted parts of two pictures, matched one to one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotators.structural.matching import assign

MOST_PARTS = 400
"""Most parts per side that are matched; if there are more, the heaviest are."""
LEAST = 0.02
"""Parts with a lower similarity than this do not match."""


def matched_share(
    likeness: NDArray[np.float64], weights: Sequence[float], others: Sequence[float]
) -> float:
    """Share of the total weight on matched parts, weighted by their similarity.

    Args:
        likeness: R x C, 0 to 1: how alike a part of the reference and one of the candidate are.
        weights: Of the R parts of the reference.
        others: Of the C parts of the candidate.

    >>> matched_share(np.array([[1.0, 0.0], [0.0, 0.5]]), [1, 1], [1, 1])
    0.75
    >>> matched_share(np.zeros((1, 0)), [2], [])
    0.0
    """
    total = float(sum(weights) + sum(others))
    if not likeness.size or not total:
        return 0.0
    # The pairing with the greatest weight, so that a small part never takes a large part's partner.
    both = np.add.outer(np.asarray(weights, float), np.asarray(others, float))
    gain = likeness * both
    most = float(both.max())
    pairs = assign(most - gain, limit=most * (1 - LEAST * 1e-3))
    return float(sum(gain[row, column] for row, column in pairs) / total)


def heaviest(weights: Sequence[float]) -> list[int]:
    """Places of the parts that are matched, in their order.

    >>> heaviest([1.0, 2.0])
    [0, 1]
    """
    if len(weights) <= MOST_PARTS:
        return list(range(len(weights)))
    return sorted(sorted(range(len(weights)), key=lambda at: -weights[at])[:MOST_PARTS])

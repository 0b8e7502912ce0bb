"""Describes a crop in numbers that are computed, not learned: edges, colors, and what differs, cell by cell.

A net on top of them learns from hundreds of pairs in seconds; one that has to learn to see as well needs
a hundred times the processor time and knew less in the end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 8
"""Cells along each side of a crop."""
DIRECTIONS = 6
"""Of edges, over half a turn."""
SHADES = 8
"""Of each color channel, counted over the whole crop."""
PLAIN = 18
"""Numbers at the start that say only how much differs: means and deviations of both sides and of their difference."""

Floats = NDArray[np.float32]


def look(crop: NDArray[np.uint8]) -> Floats:
    """The description of a crop.

    Args:
        crop: 6 x side x side: reference and candidate, sRGB.

    Returns:
        `PLAIN` numbers; edges and colors by cell of the reference, the candidate and the second less the first;
        mean and largest difference by cell; shades of both sides and the second less the first.
    """
    values: Floats = crop.astype(np.float32) / np.float32(255)
    sides = values[:3], values[3:]
    apart = np.abs(sides[0] - sides[1])
    seen = np.concatenate([values, apart])
    plain = np.concatenate([seen.mean((1, 2)), seen.std((1, 2))])
    reference, candidate = (_by_cell(side) for side in sides)
    shades = [
        np.array([np.histogram(channel, SHADES, (0, 1))[0] for channel in side]) / apart[0].size
        for side in sides
    ]
    cells = _cells(apart)
    parts = (plain, reference, candidate, candidate - reference, cells.mean((2, 4)), cells.max((2, 4)), *shades, shades[1] - shades[0])  # fmt: skip
    return np.concatenate([part.ravel() for part in parts]).astype(np.float32)


def _by_cell(side: Floats) -> Floats:
    """Strength of edges by direction, mean and deviation of colors."""
    down, across = np.gradient(side.mean(0))
    strength = np.hypot(across, down)
    direction = (np.arctan2(down, across) % np.pi / np.pi * DIRECTIONS).astype(int) % DIRECTIONS
    edges = np.where(direction == np.arange(DIRECTIONS)[:, None, None], strength, 0)
    colors = _cells(side)
    return np.concatenate(
        [np.sqrt(_cells(edges).mean((2, 4))), colors.mean((2, 4)), colors.std((2, 4))]
    )


def _cells(maps: Floats) -> Floats:
    """Maps x cells x rows of a cell x cells x columns of a cell."""
    count, side, _ = maps.shape
    return maps.reshape(count, CELLS, side // CELLS, CELLS, side // CELLS)

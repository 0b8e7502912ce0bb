"""Whether anybody sees that two surfaces of other meshes differ."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import griddata
from scipy.spatial.distance import cdist

from annotators.structural.chart.marks import Mark, Numbers, Scales, fractions
from annotators.structural.visibility import DEPTH, PLACE

MANY = 6
"""A surface, or a small closed line, has at least this many corners."""

UNBROKEN = 0.9
"""Share of the corners of surfaces, or of lines that numbers interrupt, that must lie in one place."""


def same_surface(one: Mark, two: Mark, scales: Scales) -> bool:
    """True for two surfaces of other meshes that lie in one place; closed ones within the width of a cell."""
    if one.role != "surface" or two.role != "surface":
        return False
    corners = [
        points[np.isfinite(points).all(axis=1)]
        for points in (fractions(one, scales), fractions(two, scales))
    ]
    if (
        corners[0].shape == corners[1].shape
        or min(map(len, corners)) < MANY
        or any(p.shape[1] != 3 for p in corners)
    ):
        return False
    ends = [np.concatenate([points.min(axis=0), points.max(axis=0)]) for points in corners]
    if np.abs(ends[0] - ends[1]).max() > DEPTH * PLACE:
        return False
    if all(
        len(np.unique(points[:, :2], axis=0)) == len(np.unique(points, axis=0))
        for points in corners
    ):
        return all(_lies_on(*pair) for pair in (corners, corners[::-1]))
    cell = max(np.sort(cdist(points, points), axis=1)[:, 1].max() for points in corners)
    apart = cdist(*corners)
    return all(np.mean(apart.min(axis=side) <= cell) >= UNBROKEN for side in (0, 1))


def _lies_on(points: Numbers, surface: Numbers) -> bool:
    """True if points lie on a surface of one height at each place, given by its corners."""
    heights = griddata(surface[:, :2], surface[:, 2], points[:, :2])
    gaps = np.abs(heights - points[:, 2])[np.isfinite(heights)]
    return bool(len(gaps) and np.mean(gaps <= DEPTH * PLACE) >= UNBROKEN)

"""Finds curves that run as before, but further left or right."""

from __future__ import annotations

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.axis_pair import unlabeled
from annotators.structural.chart.data.areas import WAYS
from annotators.structural.chart.marks import Numbers
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.words import figure
from records.taxonomy import Severity

STEPS = 400
"""Places along x at which two curves are compared."""

LEAST_POINTS = 12

COMMON = 0.5
"""Least share of the width on which both curves must run."""

LIKE = 0.02
"""Largest mean distance, as a share of the height of the curve, of a curve that was only moved."""


def moved_along(before: Numbers, after: Numbers) -> float | None:
    """How far a curve moved along x; None if it did not just move.

    Args:
        before: N x 2 points from left to right, as shares of the axes.
        after: The same of the candidate, at the same x.

    Returns:
        The distance as a share of the axis, negative to the left; the shortest of several.
    """
    if before.shape != after.shape or len(before) < LEAST_POINTS:
        return None
    x = before[:, 0]
    if (
        not np.isfinite([before, after]).all()
        or (np.diff(x) <= 0).any()
        or not np.allclose(x, after[:, 0])
    ):
        return None
    height = float(np.ptp(before[:, 1]))
    grid = np.linspace(x[0], x[-1], STEPS)
    one, two = np.interp(grid, x, before[:, 1]), np.interp(grid, x, after[:, 1])

    def gap(step: float) -> float:
        moved = grid - step * (grid[1] - grid[0])
        common = (moved >= x[0]) & (moved <= x[-1])
        return float(np.abs(np.interp(moved[common], grid, one) - two[common]).mean())

    most = int(STEPS * (1 - COMMON))
    gaps = {step: gap(step) for step in range(-most, most + 1)}
    near = [step for step, far in gaps.items() if far <= LIKE * height]
    if not near or not height:
        return None
    first = min(near, key=abs)
    best = min((step for step in near if abs(step - first) <= STEPS // 20), key=gaps.__getitem__)
    finest = min((best + part / 20 for part in range(-20, 21)), key=gap)
    return finest / (STEPS - 1) * float(x[-1] - x[0])


def aside_in_words(pair: PanelPair, share: float) -> tuple[str, Severity]:
    """What a viewer says of a curve that moved by a share of the x axis, and how severe it is."""
    scale = pair.scales[0]
    way = WAYS[0][(share > 0) == (scale.low < scale.high)]
    distance = f"{figure(float(f'{100 * abs(share):.2g}'))} % of the axis"
    if not scale.logarithmic and not unlabeled(pair.reference, "x"):
        distance = figure(float(f"{abs(share) * scale.length:.2g}"))
    grade = severity.grade(abs(share), medium=0.03, severe=0.3)
    return f"runs {way}, by {distance}", grade

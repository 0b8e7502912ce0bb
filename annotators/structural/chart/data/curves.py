"""Compares two curves: whether one only moved aside, how far they lie apart and on how many pieces."""

from __future__ import annotations

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.axis_pair import unlabeled
from annotators.structural.chart.data.areas import WAYS
from annotators.structural.chart.marks import Mark, MarkChange, Numbers, fractions
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.same_shape import gaps_to, in_view, off_curve
from annotators.structural.chart.words import figure
from annotators.structural.visibility import CURVE
from records.taxonomy import Severity

ELSEWHERE = {"line": "runs elsewhere", "area": "has another outline"}
"""What a viewer says of a curve or a filled area with another form, by role."""

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


def pieces_aside(pair: PanelPair, change: MarkChange) -> int:
    """On how many separate pieces the curve of more corners leaves the other one."""
    sides = [fractions(mark, pair.scales) for mark in change.sides]
    fine, coarse = sorted(sides, key=len, reverse=True)
    aside = gaps_to(fine, coarse) > CURVE
    return int((np.diff(aside.astype(int)) == 1).sum() + aside[0])


SPREAD = 3
"""Least pieces on which a curve of fewer corners leaves the other one all over."""


def far_aside(one: Mark, two: Mark, before: Numbers, after: Numbers) -> tuple[float, float] | None:
    """Largest distance of each of two curves or outlines without markers from the other; None for
    other marks."""
    marked = any(mark.element.style.get("marker") for mark in (one, two))
    if (
        one.role not in ("line", "area")
        or marked
        or min(len(before), len(after)) < (2 if one.role == "line" else 3)
    ):
        return None
    if before.shape[1:] != (2,) or after.shape[1:] != (2,):
        return None
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        return None
    before, after = in_view(one, before), in_view(two, after)
    return off_curve(before, after), off_curve(after, before)


def other_corners(
    one: Mark, before: Numbers, after: Numbers, aside: tuple[float, float] | None
) -> bool:
    """True if the corners of an area come in another order, or lie beyond the edge: far from those that
    they are compared with, though the two outlines run near each other."""
    if aside is None or one.role != "area" or before.shape != after.shape:
        return False
    return 10 * max(aside) < float(np.abs(after - before).max())


def apart(one: Mark, two: Mark, before: Numbers, after: Numbers) -> float:
    """How far two outlines run from each other, wherever their corners lie along them."""
    nearest = far_aside(one, two, before, after)
    return max(nearest) if nearest else float(np.nan_to_num(np.abs(after - before), nan=1.0).max())

"""Lines across a whole axes that stand for its grid: a viewer sees the same, whichever call drew them."""

from __future__ import annotations

import numpy as np

from annotators.structural.chart.marks import AxisScale, Mark, Numbers, Scales, fractions, scales_of
from annotators.structural.chart.seen.axis_units import axis_of
from annotators.structural.visibility import PLACE
from renderers.scene import Element


def lines_as_grid(axes: Element, other: Element) -> Element:
    """An axes whose lines from side to side are a grid, if another axes has a grid in their place."""
    children = list(axes.children)
    for along, name in enumerate("xy"):
        grids = [part for part in other.children if _is_grid(part, name)]
        scales = scales_of(axes), scales_of(other)
        lines = [part for part in children if _crosses(part, along, scales[0])]
        styles = [line.style for line in lines]
        alone = not any(_is_grid(part, name) for part in children)
        if not grids or not lines or not alone or any(style != styles[0] for style in styles):
            continue
        if any(_crosses(part, along, scales[1]) for part in other.children):
            continue
        ticks = axis_of(other, name).numbers("ticks")
        for grid in grids:
            count = grid.number("count") or 0
            # Grid lines on the frame are not seen.
            if not count - 2 <= len(lines) <= count:
                continue
            places = [fractions(Mark(line, 0), scales[0])[0, along] for line in lines]
            if grid.data.get("which") == "major" and not _at(places, ticks, scales[1][along]):
                continue
            made = grid.having(style=grid.style | styles[0])
            children = [part for part in children if part not in lines] + [made]
            break
    return axes.having(children=tuple(children))


def _is_grid(part: Element, name: str) -> bool:
    return part.role == "grid" and part.data.get("axis") == name


def _crosses(part: Element, along: int, scales: Scales) -> bool:
    """True for a line without a name from one side of an axes to the other."""
    if part.role != "line" or part.text or part.number("count") != 2 or part.data.get("z"):
        return False
    points = fractions(Mark(part, 0), scales)
    if points.shape != (2, 2) or not np.isfinite(points).all():
        return False
    ends = np.sort(points[:, 1 - along])
    here = points[:, along]
    return bool(ends[0] < 1e-3 and ends[1] > 1 - 1e-3 and here[0] == here[1] and 0 < here[0] < 1)


def _at(places: list[float], ticks: Numbers, scale: AxisScale) -> bool:
    """True if each place, as a share of the axis, is that of a tick."""
    if not len(ticks):
        return False
    there = scale.fractions(ticks)
    return all(np.nanmin(np.abs(there - place)) <= PLACE for place in places)

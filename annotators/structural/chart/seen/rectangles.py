"""Upright rectangles and lines across an axes: a viewer sees the same, whichever call drew them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np

from annotators.structural.chart.marks import AxisScale, plain_points, scales_of
from renderers.scene import Element, Value

Point = tuple[float, float]


def as_bar(area: Element) -> Element:
    """An upright rectangle is read as a bar, but not a box, which may have other corners."""
    if area.role != "area" or "corners" in area.style:
        return area
    points, box = plain_points(area.data), area.box
    if points is None or box is None or any(None in point for point in points):
        return area
    corners = _corners(cast(list[Point], points))
    x, y = zip(*corners, strict=True) if corners else ((), ())
    if len(corners) != 4 or len({*x}) != 2 or len({*y}) != 2 or len({*corners}) != 4:
        return area
    if not all(x[i] == x[i - 1] or y[i] == y[i - 1] for i in range(4)):
        return area
    span: list[str | float | int | None] = [min(x), min(y), max(x), max(y)]
    lies = box[2] - box[0] > box[3] - box[1]
    data: dict[str, Value] = {
        "span": span,
        "space": area.data.get("space", "data"),
        "orientation": "horizontal" if lies else "vertical",
    }
    return area.having(role="bar", data=data)


def _corners(points: Sequence[Point]) -> list[Point]:
    """The corners of an upright outline, without points that repeat or lie between two others.

    >>> _corners([(3, 8), (3, 0), (4, 0), (5, 0), (5, 8), (5, 8), (3, 8)])
    [(3, 8), (3, 0), (5, 0), (5, 8)]
    """
    ring = [one for one, two in pairwise([*points, points[0]]) if one != two] if points else []
    return [
        point for at, point in enumerate(ring)
        if not any(ring[at - 1][i] == point[i] == ring[(at + 1) % len(ring)][i] for i in (0, 1))
    ]  # fmt: skip


def as_rectangles(axes: Element, other: Element) -> Element:
    """An axes whose upright rectangles are bars, if another axes has more bars and fewer areas."""
    bars, areas = (len([*other.parts(role)]) - len([*axes.parts(role)]) for role in ("bar", "area"))
    if bars <= 0 or areas >= 0:
        return axes
    return axes.having(children=tuple(as_bar(part) for part in axes.children))


def edge_to_edge(axes: Element, other: Element) -> Element:
    """An axes whose level lines and bands from edge to edge are tied to its edges, if another axes has
    more marks that are."""
    if axes.data.get("projection") != "rectilinear":
        return axes
    mine, theirs = (Counter(map(_tied, side.children)) for side in (axes, other))
    wanted = {key for key in theirs - mine if key}
    if not wanted:
        return axes
    scales = scales_of(axes)
    return axes.having(children=tuple(
        next((made for role, space in sorted(wanted) if role == part.role
              if (made := _with_edges(part, space, scales)) is not None), part)
        for part in axes.children
    ))  # fmt: skip


def _tied(part: Element) -> tuple[str, str] | None:
    """The role of a mark and the direction whose values it has, if its ends lie at edges of the axes."""
    space = str(part.data.get("space"))
    return (part.role, space) if part.role in ("line", "bar") and space in ("x", "y") else None


def _with_edges(part: Element, space: str, scales: Sequence[AxisScale]) -> Element | None:
    """A line or a band with the edges as its ends, if it has values and reaches both edges; else None."""
    across = int(space == "x")
    keys = ("x", "y") if part.role == "line" else ("span",)
    columns = [part.numbers(key) for key in keys]
    if part.data.get("space") != "data" or any(len(column) not in (2, 4) for column in columns):
        return None
    x, y = columns if part.role == "line" else (columns[0][::2], columns[0][1::2])
    ends, level = ((x, y), (y, x))[across]
    if len(ends) != 2 or (part.role == "line" and level[0] != level[1]):
        return None
    shares = np.sort(scales[across].fractions(ends))
    if not (shares[0] <= EDGE and shares[1] >= 1 - EDGE):
        return None
    edges: list[str | float | int | None] = [0.0, 1.0]
    values: list[str | float | int | None] = level.tolist()
    data: dict[str, Value] = part.data | {"space": space}
    if part.role == "line":
        data |= {"xy"[across]: edges, "yx"[across]: values}
    else:
        pairs = zip(*((edges, values), (values, edges))[across], strict=True)
        data["span"] = [value for pair in pairs for value in pair]
    return part.having(data=data)


EDGE = 1e-3
"""Share of an axis within which an end lies at its edge."""

"""Recognizes axes of which only the numbers differ, while all marks stand where they stood."""

from __future__ import annotations

import msgspec
import numpy as np

from annotators.structural.chart.marks import fractions, marks_of, scales_of
from annotators.structural.chart.seen.axis_units import (
    axis_of,
    is_numeric,
    labeled,
    limits_of,
    mapped,
)
from renderers.scene import Element


def renumbered(one: Element, two: Element) -> Element:
    """The candidate's axes; each axis as `_renumbered`."""
    for direction in "xy":
        two = _renumbered(one, two, direction)
    return two


def _renumbered(one: Element, two: Element, direction: str) -> Element:
    """The candidate's axes in the reference's units, with what its axis ``reads``, if its marks stand
    on paper where the reference's do: then only the numbers at the axis differ."""
    limits, others = limits_of(one, direction), limits_of(two, direction)
    axes = [axis_of(part, direction) for part in (one, two)]
    if limits is None or others is None or limits == others:
        return two
    if not all(
        a is not None and a.data.get("scale") == "linear" and is_numeric(labeled(a)) for a in axes
    ):
        return two
    factor = (limits[1] - limits[0]) / (others[1] - others[0])
    moved = mapped(two, direction, (factor, limits[0] - factor * others[0]))
    if _agreeing(one, moved, direction) < ON_PAPER or _agreeing(one, two, direction) > BY_VALUE:
        return two
    children = tuple(
        msgspec.structs.replace(part, data=part.data | {"reads": [*others]})
        if part is axis_of(moved, direction) else part
        for part in moved.children
    )  # fmt: skip
    return msgspec.structs.replace(moved, children=children)


ON_PAPER = 0.7
"""Least share of points at equal places on paper from which only the numbers at an axis differ ..."""

BY_VALUE = 0.4
"""... if at most this share has equal values."""


def _agreeing(one: Element, two: Element, direction: str) -> float:
    """Share of the points of two axes that are at equal places along a direction, in the order drawn."""
    scales, along = scales_of(one), "xy".index(direction)
    points = [
        [
            found[along + 2 :: 2] if mark.role == "bar" else found[:, along]
            for mark in marks_of(axes)
            if mark.role in ("line", "markers", "bar", "area") and (found := fractions(mark, scales)).size
            and mark.element.data.get("space", "data") in ("data", direction)
        ]
        for axes in (one, two)
    ]  # fmt: skip
    if [part.shape for part in points[0]] != [part.shape for part in points[1]] or not points[0]:
        return 0.0
    gaps = np.abs(np.concatenate(points[0]) - np.concatenate(points[1]))
    return float((gaps <= scales[along].place).mean())

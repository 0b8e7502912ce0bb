"""Recognizes axes of which only the numbers differ, while all marks stand where they stood."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from annotators.structural.chart.marks import fractions, marks_of, scales_of
from annotators.structural.chart.seen import axis_units
from renderers.scene import Element


def renumbered(one: Element, two: Element) -> Element:
    """The candidate's axes; each axis as `_renumbered`."""
    for direction in "xy":
        two = _renumbered(one, two, direction)
    return two


def _renumbered(one: Element, two: Element, direction: str) -> Element:
    """The candidate's axes in the reference's units, with what its axis ``reads``, if its marks stand
    on paper where the reference's do: then only the numbers at the axis differ."""
    limits, others = axis_units.limits_of(one, direction), axis_units.limits_of(two, direction)
    axes = [axis_units.axis_of(part, direction) for part in (one, two)]
    if limits is None or others is None or limits == others:
        return two
    if not all(
        a.data.get("scale") == "linear" and axis_units.is_numeric(axis_units.labeled(a))
        for a in axes
    ):
        return two
    factor = (limits[1] - limits[0]) / (others[1] - others[0])
    moved = axis_units.mapped(two, direction, (factor, limits[0] - factor * others[0]))
    on_paper, by_value = (_agreeing(one, axes, direction) for axes in (moved, two))
    if not on_paper or _share(on_paper) < ON_PAPER or _share(by_value) > BY_VALUE:
        return two
    if any(by_value[role].mean() > on_paper[role].mean() for role in by_value):
        return two  # points keep their values, and a curve fitted anew runs as before by chance
    children = tuple(
        part.having(data=part.data | {"reads": [*others]})
        if part is axis_units.axis_of(moved, direction) else part
        for part in moved.children
    )  # fmt: skip
    return moved.having(children=children)


ON_PAPER = 0.7
"""Least share of points at equal places on paper from which only the numbers at an axis differ ..."""

BY_VALUE = 0.4
"""... if at most this share has equal values."""


def _agreeing(one: Element, two: Element, direction: str) -> dict[str, NDArray[np.bool_]]:
    """For each kind of mark which points of two axes are at equal places along a direction, in the order
    drawn; empty if there are other marks."""
    scales, along = scales_of(one), "xy".index(direction)
    points = [
        [
            (mark.role, found[along + 2 :: 2] if mark.role == "bar" else found[:, along])
            for mark in marks_of(axes)
            if mark.role in ("line", "markers", "bar", "area") and (found := fractions(mark, scales)).size
            and mark.element.data.get("space", "data") in ("data", direction)
        ]
        for axes in (one, two)
    ]  # fmt: skip
    kinds = [[(role, part.shape) for role, part in side] for side in points]
    if kinds[0] != kinds[1]:
        return {}
    near: dict[str, list[NDArray[np.bool_]]] = defaultdict(list)
    for (role, mine), (_, theirs) in zip(*points, strict=True):
        near[role].append(np.abs(mine - theirs) <= scales[along].place)
    return {role: np.concatenate(parts) for role, parts in near.items()}


def _share(agreeing: dict[str, NDArray[np.bool_]]) -> float:
    return float(np.concatenate(list(agreeing.values())).mean())

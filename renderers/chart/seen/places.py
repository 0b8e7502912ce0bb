"""Converts numbers of a claimed scene to places in the picture, by its axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from records.rows import Box
from renderers.chart.seen.ink import Numbers
from renderers.scene import Element, Value

_EDGE_PX = 3.0


@dataclass(frozen=True, slots=True)
class Direction:
    """One axis of a panel: values from its low end to its high end."""

    low: float
    high: float
    scale: str

    def fractions(self, values: Numbers) -> Numbers:
        with np.errstate(all="ignore"):
            ends = np.array([self.low, self.high])
            if self.scale == "log":
                values, ends = np.log10(values), np.log10(ends)
            shares: Numbers = (values - ends[0]) / (ends[1] - ends[0])
        return shares


@dataclass(frozen=True, slots=True)
class ClaimedPanel:
    """A claimed panel: its rectangle and the ranges of its axes."""

    box: Box
    x: Direction | None = None
    y: Direction | None = None
    """None if values cannot be placed: on a map projection, in 3D, on a custom scale."""

    @classmethod
    def of(cls, axes: Element) -> ClaimedPanel | None:
        """None for a panel without a rectangle."""
        if axes.box is None:
            return None
        known: dict[str, Direction] = {}
        if axes.data.get("projection") == "rectilinear":
            for part in axes.parts("axis"):
                low, high, scale = part.number("low"), part.number("high"), part.data.get("scale")
                if low is not None and high is not None and scale in ("linear", "log"):
                    known[str(part.data.get("axis"))] = Direction(low, high, str(scale))
        return cls(axes.box, known.get("x"), known.get("y"))

    def pixels(self, space: Value, points: Numbers) -> Numbers | None:
        """Points in pixels; None if the coordinate space has no known place."""
        columns = []
        for at, direction in enumerate((self.x, self.y)):
            in_data = space == "data" or space == ("x", "y")[at]
            if not in_data and space not in ("x", "y", "axes"):
                return None
            if in_data and direction is None:
                return None
            values = points[:, at]
            columns.append(direction.fractions(values) if in_data and direction else values)
        left, top, right, bottom = self.box
        return np.column_stack(
            (left + columns[0] * (right - left), bottom - columns[1] * (bottom - top))
        )

    def holds(self, points: Numbers) -> Numbers:
        """Marks the points that lie well inside; at the edge the clip decides what is drawn."""
        left, top, right, bottom = self.box
        with np.errstate(invalid="ignore"):
            inside = (points > (left + _EDGE_PX, top + _EDGE_PX)).all(axis=1)
            inside &= (points < (right - _EDGE_PX, bottom - _EDGE_PX)).all(axis=1)
        return points[inside]


def claimed_points(element: Element) -> Numbers:
    """Points at which a mark claims to be drawn, in its own coordinate space; possibly none."""
    match element.role:
        case "bar":
            span = element.numbers("span")
            return span.reshape(2, 2) if len(span) == 4 else np.zeros((0, 2))
        case "wedge":
            return _arc(element)
        case "box":
            return _box_plot(element)
        case "errorbars":
            ends = [element.numbers(name) for name in ("at", "low", "high")]
            if len({len(one) for one in ends}) != 1:
                return np.zeros((0, 2))
            pairs = np.concatenate([np.column_stack((ends[0], end)) for end in ends[1:]])
            return pairs if element.data.get("direction") == "y" else pairs[:, ::-1]
        case "area" if element.style.get("corners", "square") != "square":
            return np.zeros((0, 2))  # a box with round corners passes by its own
        case "line" | "markers" | "area":
            x, y = element.numbers("x"), element.numbers("y")
            return np.column_stack((x, y)) if len(x) == len(y) else np.zeros((0, 2))
        case _:
            return np.zeros((0, 2))


def _arc(element: Element) -> Numbers:
    """Start and end angle of a slice."""
    numbers = [element.numbers(name) for name in ("start", "turn", "radius", "center")]
    if [len(one) for one in numbers] != [1, 1, 1, 2]:
        return np.zeros((0, 2))
    start, turn, radius, center = numbers
    angles = np.radians([start[0], start[0] + turn[0]])
    arc: Numbers = center + radius[0] * np.column_stack((np.cos(angles), np.sin(angles)))
    return arc


def _box_plot(element: Element) -> Numbers:
    at, width = element.numbers("at"), element.numbers("width")
    if len(at) != 1 or len(width) != 1:
        return np.zeros((0, 2))
    edges = [(at[0] - width[0] / 2, element.numbers(name)) for name in ("q1", "q3")]
    middle = [(at[0], element.numbers(name)) for name in ("low", "high")]
    points = np.array([(across, value[0]) for across, value in edges + middle if len(value) == 1])
    points = points.reshape(-1, 2)
    return points if element.data.get("orientation") == "vertical" else points[:, ::-1]

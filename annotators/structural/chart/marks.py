"""Reads the marks of an axes: their numbers and their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

from annotators.structural.chart.findings import both
from annotators.structural.chart.words import Name
from annotators.structural.visibility import PLACE, PLACE_PX
from records.boxes import lies_in
from records.rows import Box
from renderers.scene import Element, Value

Numbers = NDArray[np.float64]
Points = NDArray[np.bool_]
"""For each point of a mark, whether it counts."""

MARKS = frozenset(
    ("line", "markers", "bar", "wedge", "area", "areas", "segments", "errorbars", "box",
     "heatmap", "photo", "contour", "arrows", "surface", "arrow", "zoom")
)  # fmt: skip

HINTS = frozenset(("orientation", "align"))
"""Data keys that the picture does not show; they only help to explain differences."""


@dataclass(frozen=True, slots=True)
class AxisScale:
    """The scale of one axis: converts values to fractions of the axis."""

    low: float
    high: float
    logarithmic: bool = False
    place: float = field(default=PLACE, compare=False)
    """Least noticed distance on this axis, as a share of it: a short axis has few pixels."""

    def fractions(self, values: Numbers) -> Numbers:
        if self.logarithmic and self.low > 0 and self.high > 0:
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = np.log10(np.where(values > 0, values, np.nan))
            start, end = np.log10(self.low), np.log10(self.high)
            return np.asarray((logs - start) / ((end - start) or 1.0))
        return (values - self.low) / ((self.high - self.low) or 1.0)

    def values(self, shares: Numbers) -> Numbers:
        """Values at shares of the axis: the inverse of ``fractions``."""
        if self.logarithmic and self.low > 0 and self.high > 0:
            return np.asarray(self.low * (self.high / self.low) ** shares)
        return np.asarray(self.low + shares * (self.high - self.low))

    @property
    def length(self) -> float:
        return abs(self.high - self.low)


UNIT = AxisScale(0.0, 1.0)

Scales = tuple[AxisScale, AxisScale, AxisScale]
"""Scales of x, y and z; z is `UNIT` in two dimensions."""


UNNAMED = Name("mark")


@dataclass(eq=False)
class Mark:
    """One drawn mark with its numbers."""

    element: Element
    index: int
    name: Name = UNNAMED
    """What a person calls it; set once the whole axes is known."""
    held: str = ""
    """What a line is that belongs to points or bars: stem, link or wick; empty for any other mark."""
    places: dict[Scales, Numbers] = field(default_factory=dict, repr=False)
    """A cache of the results of `fractions`."""

    @property
    def role(self) -> str:
        return self.element.role

    @cached_property
    def key(self) -> str:
        """A key that is equal for marks that look the same."""
        return f"{self.role}{self.look}{self.shape}"

    @cached_property
    def look(self) -> str:
        return repr(sorted(self.element.style.items()))

    @cached_property
    def shape(self) -> str:
        data = self.element.data
        return repr([(key, data[key]) for key in sorted(data) if key not in HINTS])

    @cached_property
    def kind(self) -> str:
        """The role, with the direction if the direction makes another chart type."""
        if self.held in LINES:
            return self.held
        if self.role == "bar":
            return f"bar {self.orientation or 'vertical'}"
        if self.role == "box":
            kind = "tiers" if "tiles" in self.element.data else "box"
            return f"{kind} {self.orientation}"
        if self.element.style.get("marker") == "hexagon" and self.role == "markers":
            return "hexagons"
        if self.element.data.get("solid"):
            return "bars 3d"
        if self.role == "contour":
            return "contour filled" if self.element.style.get("filled") else "contour"
        return self.role

    @cached_property
    def orientation(self) -> str:
        return str(self.element.data.get("orientation", ""))

    def column(self, name: str) -> Numbers:
        return self.element.numbers(name)

    def value(self, name: str) -> float:
        number = self.element.number(name)
        return float("nan") if number is None else number

    @cached_property
    def span(self) -> Numbers:
        """x0, y0, x1, y1 of a bar, from 0 if it begins or ends there; else nobody sees where it begins, so
        from its lower to its higher end."""
        span, at = self.column("span"), self.along
        if len(span) == 4 and span[at] and (span[at] > span[at + 2] or not span[at + 2]):
            span = span.copy()
            span[[at, at + 2]] = span[[at + 2, at]]
        return span

    @cached_property
    def along(self) -> int:
        """Direction of a bar's length: 0 is x, 1 is y."""
        return 0 if self.orientation == "horizontal" else 1

    @property
    def foot(self) -> float:
        return float(self.span[self.along])

    @property
    def end(self) -> float:
        return float(self.span[self.along + 2])

    @property
    def length(self) -> float:
        return self.end - self.foot

    @property
    def middle(self) -> float:
        return float(self.span[1 - self.along] + self.span[3 - self.along]) / 2

    @property
    def thickness(self) -> float:
        return abs(float(self.span[3 - self.along] - self.span[1 - self.along]))


@dataclass(slots=True)
class MarkChange:
    """What differs between a mark and its counterpart."""

    before: Mark
    after: Mark
    geometry: bool = False
    style: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    """Style key -> before, after."""

    @property
    def sides(self) -> tuple[Mark, Mark]:
        return self.before, self.after

    @property
    def boxes(self) -> list[Box]:
        """Where the mark is, and where it should be."""
        return both(self.before.element, self.after.element)

    def gaps(self, scales: Scales) -> Numbers:
        """N x K: how far each number of each of N points moved, as shares of the axes; 1 if it is in one
        chart only, 0 if in neither. Both marks have as many points."""
        before, after = (fractions(mark, scales) for mark in self.sides)
        gone = np.isnan(before) & np.isnan(after)
        return np.where(gone, 0.0, np.nan_to_num(np.abs(before - after), nan=1.0))

    def moved(self, scales: Scales) -> Points:
        """Which points moved noticeably."""
        far = self.gaps(scales) > least_noticed(self.before, scales)
        return np.asarray(far.any(axis=1))


@dataclass(slots=True)
class MarkMatch:
    """Marks of two axes, paired."""

    equal: list[tuple[Mark, Mark]]
    changed: list[MarkChange]
    missing: list[Mark]
    extra: list[Mark]
    carried: list[Mark] = field(default_factory=list)
    """Marks that are missing or extra together with others that are reported."""

    @property
    def pairs(self) -> list[tuple[Mark, Mark]]:
        """All marks that both axes have, before and after."""
        return [*self.equal, *(change.sides for change in self.changed)]

    @property
    def alone(self) -> list[Mark]:
        """All marks that only one of the axes has."""
        return [*self.missing, *self.extra]

    def drop(self, explained: Iterable[Mark]) -> None:
        """Count marks no longer as missing or extra."""
        gone = set(explained)
        for marks in (self.missing, self.extra):
            marks[:] = [mark for mark in marks if mark not in gone]


def is_straight(mark: Mark) -> bool:
    """True for a level or upright line from one point to another."""
    if mark.role != "line" or mark.held or mark.element.text:
        return False
    columns = [mark.column(name) for name in "xy"]
    return len(columns[0]) == 2 and any(len(c) == 2 and c[0] == c[1] for c in columns)


def near(first: float, second: float) -> bool:
    """True if only rounding differs."""
    return abs(first - second) <= 1e-6 * max(abs(first), abs(second), 1e-12)


def near_on(first: float, second: float, scale: AxisScale) -> bool:
    """True if two values of an axis are drawn at the same place."""
    if scale.logarithmic:
        places = scale.fractions(np.array([first, second]))
        return near(first, second) or bool(abs(places[1] - places[0]) <= scale.place)
    return abs(first - second) <= scale.place * scale.length


def flat(mark: Mark) -> bool:
    """True for a bar without a length, which nobody sees."""
    return mark.role == "bar" and len(mark.span) == 4 and mark.length == 0


def boxes_of(marks: Sequence[Mark]) -> list[Box]:
    """The boxes of marks, as far as they are drawn."""
    return [mark.element.box for mark in marks if mark.element.box]


def scales_of(axes: Element) -> Scales:
    """The scales of an axes."""
    found = {"x": UNIT, "y": UNIT, "z": UNIT}
    left, top, right, bottom = axes.box or (0.0, 0.0, inf, inf)
    for part in axes.parts("axis"):
        low, high, name = part.number("low"), part.number("high"), str(part.data.get("axis"))
        if low is not None and high is not None:
            px = {"x": right - left, "y": bottom - top}.get(name, inf)
            least = max(PLACE, PLACE_PX / max(px, 1.0))
            found[name] = AxisScale(low, high, part.data.get("scale") == "log", least)
    return found["x"], found["y"], found["z"]


def marks_of(axes: Element) -> list[Mark]:
    """Marks of an axes in drawing order."""
    found = [part for part in axes.children if part.role in MARKS]
    return [Mark(part, index) for index, part in enumerate(found)]


def plain_points(data: dict[str, Value]) -> list[tuple[Value, Value]] | None:
    """The points of a mark, each by x and y; None if only a sample of them is known, or if they
    have a depth."""
    x, y = data.get("x"), data.get("y")
    if not isinstance(x, list) or not isinstance(y, list) or data.keys() & {"hash", "z"}:
        return None
    return list(zip(x, y, strict=True)) if len(x) == len(y) else None


def with_points(data: dict[str, Value], kept: Sequence[int], count: int) -> dict[str, Value]:
    """The data of a mark of so many points, with those points only that are kept."""
    columns = {
        key: [value[i] for i in kept] for key, value in data.items()
        if isinstance(value, list) and len(value) == count
    }  # fmt: skip
    return data | columns | {"count": len(kept)}


def fractions(mark: Mark, scales: Scales) -> Numbers:
    """Points of a mark as fractions of the axes: N x 2, or the four ends of a bar."""
    known = mark.places.get(scales)
    if known is None:
        known = mark.places[scales] = _fractions(mark, scales)
    return known


def _fractions(mark: Mark, scales: Scales) -> Numbers:
    space = mark.element.data.get("space", "data")
    x_scale = scales[0] if space in ("data", "x", "3d") else UNIT
    y_scale = scales[1] if space in ("data", "y", "3d") else UNIT
    if mark.role in ("bar", "heatmap") and len(mark.span) == 4:
        ends = np.empty(4)
        ends[::2], ends[1::2] = (
            x_scale.fractions(mark.span[::2]),
            y_scale.fractions(mark.span[1::2]),
        )
        return ends
    if mark.role == "errorbars":
        scale, across = (
            (scales[1], scales[0]) if mark.element.data.get("direction") == "y" else scales[:2]
        )
        return np.column_stack(
            [across.fractions(mark.column("at")), scale.fractions(mark.column("low")),
             scale.fractions(mark.column("high"))]
        )  # fmt: skip
    if mark.role == "box":
        scale = scales[1] if mark.orientation == "vertical" else scales[0]
        numbers = np.array([mark.value(key) for key in ("low", "q1", "median", "q3", "high")])
        return scale.fractions(numbers)[:, None]
    columns = [mark.column("x"), mark.column("y")]
    if len(columns[0]) != len(columns[1]) or not len(columns[0]):
        return np.zeros((0, 2))
    table = np.column_stack([x_scale.fractions(columns[0]), y_scale.fractions(columns[1])])
    depth = mark.column("z")
    if len(depth) == len(table):
        table = np.column_stack([table, scales[2].fractions(depth)])
    return table


FINE = 4
"""Digits of shares of an axis by which the places of marks that belong to each other agree."""


LINES = frozenset(("stem", "link", "wick"))
"""What a line may be that belongs to points or bars."""


def points_of(mark: Mark, scales: Scales) -> list[tuple[float, ...]]:
    """The points of a mark as shares of the axes, rounded so that those in one place are equal."""
    return [tuple(point) for point in np.round(fractions(mark, scales)[:, :2], FINE).tolist()]


WHISKER = 1.7
"""Factor for the ends of error bars: thin, and read beside a marker that draws the eye, 1 % of an axis."""


def least_noticed(mark: Mark, scales: Scales) -> Numbers:
    """The least noticed distance for each column of `fractions`."""
    x, y, z = (scale.place for scale in scales)
    if mark.role in ("bar", "heatmap") and len(mark.span) == 4:
        return np.array([x, y, x, y])
    if mark.role == "errorbars":
        along, across = (y, x) if mark.element.data.get("direction") == "y" else (x, y)
        return np.array([across, WHISKER * along, WHISKER * along])
    if mark.role == "box":
        return np.array([y if mark.orientation == "vertical" else x])
    return np.array([x, y, z][: 3 if len(mark.column("z")) else 2])


def within(inner: Mark, outer: Mark) -> bool:
    """True if a mark lies in the box of another, with a tolerance of two pixels."""
    box, around = inner.element.box, outer.element.box
    return box is not None and around is not None and lies_in(box, around, 2)

"""Marks of two axes: which is which, and what changed about each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from annotators.structural.matching import assign, equal_pairs, leftover
from annotators.structural.severity import colour_distance
from renderers.scene import Element, Value

Numbers = NDArray[np.float64]

MARKS = frozenset(
    ("line", "markers", "bar", "wedge", "area", "areas", "segments", "errorbars", "box",
     "heatmap", "photo", "contour", "arrows", "surface", "arrow")
)  # fmt: skip

HINTS = frozenset(("orientation", "align"))
"""Data that no picture shows; it only helps to explain."""

TOLERANCE = 2e-3
"""Lengths of an axis below which two places are the same place: half a pixel of 250."""

MOST_COMPARED = 120
"""Unequal marks of one role that are paired by cost; beyond, they are paired in drawing order."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis direction: turns values into fractions of the axis."""

    low: float
    high: float
    logarithmic: bool = False

    def fractions(self, values: Numbers) -> Numbers:
        if self.logarithmic and self.low > 0 and self.high > 0:
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = np.log10(np.where(values > 0, values, np.nan))
            start, end = np.log10(self.low), np.log10(self.high)
            return np.asarray((logs - start) / ((end - start) or 1.0))
        return (values - self.low) / ((self.high - self.low) or 1.0)

    @property
    def length(self) -> float:
        return abs(self.high - self.low)


UNIT = Scale(0.0, 1.0)

Scales = tuple[Scale, Scale, Scale]
"""Of x, y and z; z is `UNIT` where there is none."""


@dataclass(eq=False)
class Mark:
    """One drawn mark with its numbers at hand."""

    element: Element
    index: int
    name: str = ""
    """What a person calls it; filled in where the whole axes is known."""
    places: dict[Scales, Numbers] = field(default_factory=dict, repr=False)
    """Its points as `fractions` gives them, so that they are worked out once."""

    @property
    def role(self) -> str:
        return self.element.role

    @cached_property
    def key(self) -> str:
        """Equal for marks that look the same."""
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
        """Role, with the direction where it makes another sort of chart."""
        if self.role == "bar":
            return f"bar {self.orientation}"
        if self.role == "box":
            return f"box {self.orientation}"
        if self.role == "contour":
            return "contour filled" if self.element.style.get("filled") else "contour"
        return self.role

    @cached_property
    def orientation(self) -> str:
        return str(self.element.data.get("orientation", ""))

    def column(self, name: str) -> Numbers:
        """A flat list of the data as numbers; empty where there is none."""
        value = self.element.data.get(name)
        if isinstance(value, list) and any(isinstance(part, str) for part in value):
            return np.zeros(0)  # colours
        if isinstance(value, list):
            return np.array([np.nan if part is None else part for part in value], dtype=float)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return np.array([float(value)])
        return np.zeros(0)

    def value(self, name: str) -> float:
        numbers = self.column(name)
        return float(numbers[0]) if len(numbers) else float("nan")

    @cached_property
    def span(self) -> Numbers:
        """x0, y0, x1, y1 of a bar as drawn: from its foot to its end."""
        return self.column("span")

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
class Change:
    """What differs between a mark and its counterpart."""

    before: Mark
    after: Mark
    geometry: bool = False
    style: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    """Style key -> before, after."""


@dataclass(slots=True)
class MarkMatch:
    """Marks of two axes, paired."""

    equal: list[tuple[Mark, Mark]]
    changed: list[Change]
    missing: list[Mark]
    extra: list[Mark]
    carried: list[Mark] = field(default_factory=list)
    """Marks that are missing or extra along with others, which are told."""


def near(first: float, second: float) -> bool:
    """True where only rounding differs."""
    return abs(first - second) <= 1e-6 * max(abs(first), abs(second), 1e-12)


def near_on(first: float, second: float, scale: Scale) -> bool:
    """True where two values of an axis are at one place of the picture."""
    if scale.logarithmic:
        return near(first, second)
    return abs(first - second) <= 5e-4 * scale.length


def scales_of(axes: Element) -> Scales:
    """The scales of an axes."""
    found = {"x": UNIT, "y": UNIT, "z": UNIT}
    for part in axes.children:
        if part.role == "axis" and part.data.get("axis") in found:
            low, high = part.data.get("low"), part.data.get("high")
            if isinstance(low, int | float) and isinstance(high, int | float):
                logarithmic = part.data.get("scale") == "log"
                found[str(part.data["axis"])] = Scale(float(low), float(high), logarithmic)
    return found["x"], found["y"], found["z"]


def marks_of(axes: Element) -> list[Mark]:
    """Marks of an axes in drawing order."""
    found = [part for part in axes.children if part.role in MARKS]
    return [Mark(part, index) for index, part in enumerate(found)]


def match_marks(reference: Sequence[Mark], candidate: Sequence[Mark], scales: Scales) -> MarkMatch:
    """Pair the marks of two axes: equal ones first, then the nearest in place, look and name."""
    pairs: list[tuple[Mark, Mark]] = []
    rest, other = list(reference), list(candidate)
    # From strict to loose; each pass only sees what the one before left over.
    slices = _ring_pairs(rest, other)
    pairs += slices
    done = {id(mark) for pair in slices for mark in pair}
    rest = [mark for mark in rest if id(mark) not in done]
    other = [mark for mark in other if id(mark) not in done]
    passes: tuple[Callable[[Mark], str], ...] = (
        lambda mark: mark.key + mark.element.text,
        lambda mark: mark.key,
        lambda mark: mark.role + mark.shape + (mark.element.text or mark.look),
        lambda mark: mark.role + mark.shape if not mark.element.text else f"#{id(mark)}",
    )
    for name in passes:
        found = equal_pairs([name(mark) for mark in rest], [name(mark) for mark in other])
        pairs += [(rest[i], other[j]) for i, j in found]
        rest = [rest[i] for i in leftover(len(rest), [i for i, _ in found])]
        other = [other[j] for j in leftover(len(other), [j for _, j in found])]
    if _are_tiles(rest) and _are_tiles(other):
        looks = [Counter(mark.look for mark in marks) for marks in (rest, other)]
        alone = {look for look, count in looks[0].items() if count == looks[1].get(look) == 1}
        found = equal_pairs(
            [mark.look if mark.look in alone else f"<{mark.index}" for mark in rest],
            [mark.look if mark.look in alone else f">{mark.index}" for mark in other],
        )
        pairs += [(rest[i], other[j]) for i, j in found]
        rest = [rest[i] for i in leftover(len(rest), [i for i, _ in found])]
        other = [other[j] for j in leftover(len(other), [j for _, j in found])]
    by_kind: dict[str, tuple[list[Mark], list[Mark]]] = defaultdict(lambda: ([], []))
    for mark in rest:
        by_kind[mark.kind][0].append(mark)
    for mark in other:
        by_kind[mark.kind][1].append(mark)
    missing: list[Mark] = []
    extra: list[Mark] = []
    for mine, theirs in by_kind.values():
        if max(len(mine), len(theirs)) > MOST_COMPARED:
            found = [(i, i) for i in range(min(len(mine), len(theirs)))]
        else:
            found = assign(
                [[distance(one, two, scales) for two in theirs] for one in mine], limit=1.0
            )
        pairs += [(mine[i], theirs[j]) for i, j in found]
        missing += [mine[i] for i in leftover(len(mine), [i for i, _ in found])]
        extra += [theirs[j] for j in leftover(len(theirs), [j for _, j in found])]
    equal: list[tuple[Mark, Mark]] = []
    changed: list[Change] = []
    for one, two in sorted(pairs, key=lambda pair: pair[0].index):
        change = compare(one, two, scales)
        if change.geometry or change.style:
            changed.append(change)
        else:
            equal.append((one, two))
    missing.sort(key=lambda mark: mark.index)
    extra.sort(key=lambda mark: mark.index)
    return MarkMatch(equal, changed, missing, extra)


def _ring_pairs(mine: Sequence[Mark], theirs: Sequence[Mark]) -> list[tuple[Mark, Mark]]:
    """Slices of rings with as many of them, in drawing order, where most look as they did.

    A slice is known by its colour and turn, not by its place: all others move when one grows.
    """
    rings: list[dict[str, list[Mark]]] = []
    for marks in (mine, theirs):
        found: dict[str, list[Mark]] = defaultdict(list)
        for mark in marks:
            if mark.role == "wedge":
                data = mark.element.data
                found[repr([data.get(key) for key in ("center", "radius", "width")])].append(mark)
        rings.append(found)
    pairs: list[tuple[Mark, Mark]] = []
    for ring, ours in rings[0].items():
        others = rings[1].get(ring, [])
        alike = sum(one.look == two.look for one, two in zip(ours, others, strict=False))
        if len(ours) == len(others) and alike * 2 > len(ours):
            pairs += zip(ours, others, strict=True)
    return pairs


def _are_tiles(marks: Sequence[Mark]) -> bool:
    """True for rectangles of all widths, told by their look: those of a tree map."""
    bars = [mark for mark in marks if mark.role == "bar" and len(mark.span) == 4]
    widths = [mark.thickness for mark in bars]
    feet = {round(mark.foot, 9) for mark in bars}
    return len(bars) == len(marks) > 1 and max(widths) > 1.05 * min(widths) and len(feet) > 1


def distance(one: Mark, two: Mark, scales: Scales) -> float:
    """0 for equal marks to over 1 for marks that nobody would call the same."""
    name = 0.0
    if one.element.text and two.element.text:
        name = 0.0 if one.element.text == two.element.text else 0.35
    elif one.element.text or two.element.text:
        name = 0.1
    return 0.6 * place_distance(one, two, scales) + 0.35 * look_distance(one, two) + name


def look_distance(one: Mark, two: Mark) -> float:
    """0 for equal looks, 1 for wholly different ones."""
    if one.look == two.look:
        return 0.0
    first, second = one.element.style, two.element.style
    total = 0.0
    for key in sorted(first.keys() | second.keys()):
        before, after = first.get(key), second.get(key)
        if before == after:
            continue
        if _is_colour(before) and _is_colour(after):
            total += 0.15 + 0.35 * min(1.0, colour_distance(str(before), str(after)) / 50)
        else:
            total += 0.15
    return min(1.0, total)


def place_distance(one: Mark, two: Mark, scales: Scales) -> float:
    """0 for the same place, 1 for an axis length apart."""
    if one.shape == two.shape:
        return 0.0
    if one.element.data.get("space") != two.element.data.get("space"):
        return 1.0
    if one.role == "bar":
        along = one.along
        # Plain numbers: this is asked for every pair of bars.
        ends = zip(fractions(one, scales).tolist(), fractions(two, scales).tolist(), strict=True)
        gap = [min(1.0, abs(x - y)) if x == x and y == y else 1.0 for x, y in ends]
        across = min(1.0, 2.5 * (gap[1 - along] + gap[3 - along]))
        return 0.75 * across + 0.15 * gap[along + 2] + 0.1 * gap[along]
    if one.role == "wedge":
        gaps = [abs(one.value(key) - two.value(key)) / 360 for key in ("start", "turn")]
        return min(1.0, sum(gaps))
    if one.role == "box":
        at = abs(one.value("at") - two.value("at"))
        width = max(one.value("width"), 1e-9)
        return min(1.0, 0.4 * at / width + (0.1 if one.shape != two.shape else 0.0))
    first, second = fractions(one, scales), fractions(two, scales)
    if len(first) and first.shape == second.shape:
        return float(min(1.0, np.nan_to_num(np.abs(first - second), nan=1.0).mean() * 2))
    if len(first) and len(second):
        low = np.abs(np.nanmin(first, axis=0) - np.nanmin(second, axis=0))
        high = np.abs(np.nanmax(first, axis=0) - np.nanmax(second, axis=0))
        return float(min(1.0, 0.25 + np.nan_to_num(low + high, nan=1.0).mean()))
    return 0.4


def fractions(mark: Mark, scales: Scales) -> Numbers:
    """Points of a mark in lengths of the axes; N x 2, or the four ends of a bar."""
    known = mark.places.get(scales)
    if known is None:
        known = mark.places[scales] = _fractions(mark, scales)
    return known


def _fractions(mark: Mark, scales: Scales) -> Numbers:
    space = mark.element.data.get("space", "data")
    x_scale = scales[0] if space in ("data", "x", "3d") else UNIT
    y_scale = scales[1] if space in ("data", "y", "3d") else UNIT
    if mark.role == "bar" and len(mark.span) == 4:
        return np.concatenate(
            [x_scale.fractions(mark.span[[0]]), y_scale.fractions(mark.span[[1]]),
             x_scale.fractions(mark.span[[2]]), y_scale.fractions(mark.span[[3]])]
        )  # fmt: skip
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


def _is_colour(value: Value) -> bool:
    return isinstance(value, str) and value.startswith("#")


def compare(one: Mark, two: Mark, scales: Scales) -> Change:
    """What differs between two marks that are the same thing."""
    change = Change(one, two)
    if one.shape != two.shape:
        change.geometry = not same_shape(one, two, scales)
    if one.look != two.look:
        first, second = one.element.style, two.element.style
        for key in sorted(first.keys() | second.keys()):
            before, after = first.get(key), second.get(key)
            if before != after and not _same_number(before, after):
                change.style[key] = (before, after)
    return change


def _same_number(before: Value, after: Value) -> bool:
    return (
        isinstance(before, int | float)
        and isinstance(after, int | float)
        and abs(before - after) <= 1e-3 * max(abs(before), abs(after))
    )


def _all_of_one_colour(one: Mark, two: Mark) -> bool:
    """True for lines of one place that are coloured piece by piece in one chart only."""
    first, second = one.element.data, two.element.data
    if one.role != "segments" or ("values_hash" in first) == ("values_hash" in second):
        return False
    ranges = [(first.get(key), second.get(key)) for key in ("x_range", "y_range")]
    return all(before is not None and before == after for before, after in ranges)


COLOURED = frozenset(("values", "values_hash", "low", "high"))

PLACES = frozenset(("x", "y", "z", "span", "at", "low", "high", "q1", "median", "q3", "width"))


def same_shape(one: Mark, two: Mark, scales: Scales) -> bool:
    """True where only rounding differs."""
    first, second = one.element.data, two.element.data
    if _all_of_one_colour(one, two):
        return True
    coloured = ("values_hash" in first) != ("values_hash" in second)
    for key in first.keys() | second.keys():
        if key in HINTS or first.get(key) == second.get(key):
            continue
        if coloured and key in COLOURED:
            continue  # one colour for all values: a look
        if one.role == "contour" and ("labels" in first) != ("labels" in second):
            # Labels break the lines, so that only levels and extents can be compared.
            if key == "labels":
                return False
            if key in ("hash", "count") or key.endswith("_range"):
                continue
        if key in ("hash", "x_range", "y_range", "z_range") and "count" in first:
            # A hash proves a change that samples may miss; compare bounds only where there is none.
            if key == "hash":
                return False
            continue
        before, after = one.column(key), two.column(key)
        if not len(before) or before.shape != after.shape:
            return False
        if key in PLACES and first.get("space") == second.get("space"):
            continue
        if not np.allclose(before, after, rtol=1e-6, atol=0, equal_nan=True):
            return False
    places, others = fractions(one, scales), fractions(two, scales)
    if places.shape != others.shape:
        return False
    if not places.size:
        return all(
            np.allclose(one.column(key), two.column(key), rtol=1e-6, atol=0, equal_nan=True)
            for key in PLACES & first.keys()
        )
    return bool(
        np.nanmax(np.nan_to_num(np.abs(places - others), nan=0.0)) <= TOLERANCE * 0.25
    ) and (bool((np.isnan(places) == np.isnan(others)).all()))

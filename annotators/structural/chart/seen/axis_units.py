"""Converts the candidate's values to units of the reference, as a viewer reads them by tick labels."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import floor, pi, tan

import numpy as np
from scipy.spatial.distance import cdist

from annotators.structural.chart.marks import MARKS, Numbers, fractions, marks_of, scales_of
from annotators.structural.chart.seen.axis_ladder import ladder, number_by_number
from renderers.scene import Element, Value

Map = tuple[float, float]
"""(factor, offset): candidate value x factor + offset = reference value."""

SAME: Map = (1.0, 0.0)


def read_off(one: Element, two: Element, pairs: Sequence[tuple[Element, Element]]) -> Element:
    """The candidate's axes in units of the reference, by their tick labels."""
    two = _as_round(one, _turned_alike(one, _upright(two, one)))
    for direction in "xy":
        axis = axis_of(one, direction)
        read = ladder(axis, axis_of(two, direction))
        if read is not None:
            two = _moved(two, direction, read, 1.0, str(axis.data.get("scale")))
            continue
        found = units(one, two, direction)
        if found is None:
            along = [(a, b) for a, b in pairs
                     if a is not one and in_line(a, one, direction) and in_line(b, two, direction)]  # fmt: skip
            found = next((m for a, b in along if (m := units(a, b, direction)) is not None), None)
        if found is not None and found != SAME:
            two = mapped(two, direction, found)
    return two


def _upright(axes: Element, other: Element) -> Element:
    """An axes whose axis without labels runs the way that another's does: nobody sees which way."""
    for direction in "xy":
        limits, others = limits_of(axes, direction), limits_of(other, direction)
        if limits is None or others is None or (limits[0] < limits[1]) == (others[0] < others[1]):
            continue
        if not any(_shown(axis_of(part, direction)) for part in (axes, other)):
            axes = mapped(axes, direction, (-1.0, limits[0] + limits[1]))
    return axes


def _turned_alike(one: Element, two: Element) -> Element:
    """A polar axes with its angles counted from where the reference counts them, and the same way.

    Only where more labels then stand at one angle: else the circle itself was turned.
    """
    turn, turned = one.column("turn"), two.column("turn")
    if turn == turned or not turn or not turned:
        return two
    (start, way), (other, back) = (axes.numbers("turn").tolist() for axes in (one, two))
    made = mapped(two, "x", (way * back, way * (other - start)))
    made = made.having(
        data=two.data | {"turn": turn}, children=tuple(map(_in_circle, made.children))
    )
    mine, theirs, moved = (labeled(axis_of(part, "x")) for part in (one, two, made))
    standing = [
        sum(label in mine and abs(tan((mine[label] - at) / 2)) < 0.01 for label, at in found.items())
        for found in (theirs, moved)
    ]  # fmt: skip
    return made if standing[1] > standing[0] else two


def _as_round(one: Element, two: Element) -> Element:
    """A pie of the candidate in the units of the reference's, since nothing shows the radius in units."""
    wheels = [axes.parts("wedge") for axes in (one, two)]
    radii = [max((part.number("radius") or 0.0 for part in pie), default=0.0) for pie in wheels]
    if (
        len(wheels[0]) != len(wheels[1])
        or not all(radii)
        or radii[0] == radii[1]
        or any(_shown(a) for axes in (one, two) for a in axes.parts("axis"))
    ):
        return two
    factor = radii[0] / radii[1]
    for direction in "xy":
        two = mapped(two, direction, (factor, 0.0))
    rounded = {"radius", "width", "center"}
    children = [
        part.having(data=part.data | {
            key: [v * factor for v in value] if isinstance(value, list) else value * factor  # type: ignore[operator]
            for key, value in part.data.items() if key in rounded and value is not None
        }) if part.role == "wedge" else part
        for part in two.children
    ]  # fmt: skip
    return two.having(children=tuple(children))


def _in_circle(part: Element) -> Element:
    """An element of a polar axes with its angles between none and a full turn."""
    data = dict(part.data)
    span, x = data.get("span"), data.get("x")
    if part.role == "axis" and data.get("axis") == "x":
        ticks = data.get("ticks")
        whole: dict[str, Value] = {"low": 0.0, "high": 2 * pi}
        if isinstance(ticks, list):
            whole["ticks"] = [round(float(t) % (2 * pi), 8) for t in ticks]  # type: ignore[arg-type]
        return part.having(data=in_order(data | whole))
    if isinstance(span, list) and len(span) == 4:
        turns = floor((float(span[0]) + float(span[2])) / (4 * pi)) * 2 * pi  # type: ignore[arg-type]
        data["span"] = [v - turns if i % 2 == 0 else v for i, v in enumerate(span)]  # type: ignore[operator]
    elif isinstance(x, list) and part.role in MARKS:
        data["x"] = [None if v is None else round(float(v) % (2 * pi), 8) for v in x]
    return part.having(data=data)


def in_line(one: Element, two: Element, direction: str) -> bool:
    """True if two axes have the same edges and limits along a direction."""
    edges = (0, 2) if direction == "x" else (1, 3)
    boxes = one.box, two.box
    if (
        boxes[0] is None
        or boxes[1] is None
        or limits_of(one, direction) != limits_of(two, direction)
    ):
        return False
    return all(abs(boxes[0][edge] - boxes[1][edge]) < 1 for edge in edges)


def axis_of(axes: Element, direction: str) -> Element:
    """An axis of an axes; one without data if it has none."""
    return axes.part("axis", axis=direction) or Element("axis")


def limits_of(axes: Element, direction: str) -> tuple[float, float] | None:
    """The ends of an axis; None if it has none, or no length."""
    axis = axis_of(axes, direction)
    low, high = axis.number("low"), axis.number("high")
    return None if low is None or high is None or low == high else (low, high)


def _shown(axis: Element) -> bool:
    """True if an axis has tick marks or labels."""
    marks = axis.data.get("ticks") and axis.style.get("tick_length")
    return bool(marks) or any(axis.column("labels"))


def labeled(axis: Element) -> dict[tuple[str, int], float]:
    """(label, number of earlier ticks with that label) -> place of the tick on the axis."""
    named = [
        (float(tick), str(label))
        for tick, label in zip(axis.column("ticks"), axis.column("labels"), strict=False)
        if label and isinstance(tick, int | float)
    ]
    falling = (axis.number("low") or 0.0) > (axis.number("high") or 0.0)
    known: Counter[str] = Counter()
    found = {}
    for tick, label in sorted(named, reverse=falling):
        found[label, known[label]] = tick
        known[label] += 1
    return found


def units(one: Element, two: Element, direction: str) -> Map | None:
    """The conversion of values of one axis of the candidate to those of the reference.

    Returns:
        None if there is no evidence: the axis has no labels, or different ones.
    """
    first, second = axis_of(one, direction), axis_of(two, direction)
    limits, others = limits_of(one, direction), limits_of(two, direction)
    if limits is None or others is None:
        return None
    if "log" in f"{first.data.get('scale')}{second.data.get('scale')}":
        return None
    mine, theirs = labeled(first), labeled(second)
    if not _shown(first) and not _shown(second):
        return _undrawn(one, two, direction, (limits, others))
    unread = not is_numeric(mine) or not is_numeric(theirs) or _other_units(limits, others)
    if not (mine.keys() & theirs.keys()) and unread:
        return _undrawn(one, two, direction, (limits, others))
    common = sorted((mine[label], theirs[label]) for label in mine if label in theirs)
    if len(common) < 2 or len(common) * 2 < max(len(mine), len(theirs)):
        return None
    (low, was), (high, now) = common[0], common[-1]
    factor = (high - low) / (now - was) if now != was else 0.0
    length = abs(limits[1] - limits[0])
    if not factor or any(abs(factor * (b - was) + low - a) > 1e-3 * length for a, b in common):
        return None
    found = factor, low - factor * was
    read = [factor * end + found[1] for end in others]
    # Labels are evidence only if limits, or the marks, agree with them; else the labels are wrong.
    apart = min(abs(b[0] - a[0]) for a, b in itertools.pairwise(common))
    aside = abs(sum(read) - sum(limits)) / 2
    as_long = 0.6 < (read[1] - read[0]) / (limits[1] - limits[0]) < 1.6
    if aside < 0.4 * apart and as_long:
        return found
    along, moved = "xy".index(direction), mapped(two, direction, found)
    return found if _agreement(one, moved, along) > _agreement(one, two, along) else None


def is_numeric(labeled: dict[tuple[str, int], float]) -> bool:
    """True if some label says a number."""
    return any(any(sign.isdigit() for sign in label) for label, _ in labeled)


def _other_units(limits: tuple[float, float], others: tuple[float, float]) -> bool:
    """True if the two axes share no value, for example days on one and categories on the other."""
    return max(others) < min(limits) or max(limits) < min(others)


def _undrawn(
    one: Element, two: Element, direction: str, limits: tuple[tuple[float, float], ...]
) -> Map | None:
    """The conversion between the limits, or else the marks, of an axis without labels, if it brings
    marks nearer to their counterparts."""
    if limits[0] == limits[1] or one.data.get("projection") != "rectilinear":
        return None
    along = "xy".index(direction)
    drawn = _extent(one, direction), _extent(two, direction)
    best, agreed = None, _agreement(one, two, along)
    for ends, others in (limits, drawn):
        if ends is None or others is None or ends[0] == ends[1] or others[0] == others[1]:
            continue
        factor = (ends[1] - ends[0]) / (others[1] - others[0])
        found = factor, ends[0] - factor * others[0]
        agreement = _agreement(one, mapped(two, direction, found), along)
        if agreement > agreed + SURER:
            best, agreed = found, agreement
    return best


SURER = 0.1
"""Marks by which units must agree better to be preferred: both that of the code and those of the ends."""


def _extent(axes: Element, direction: str) -> tuple[float, float] | None:
    """The lowest and the highest value of all lines and points along a direction."""
    columns = [
        mark.column(direction) for mark in marks_of(axes)
        if mark.role in ("line", "markers") and mark.element.data.get("space") == "data"
    ]  # fmt: skip
    values = np.concatenate([*columns, np.zeros(0)])
    return (
        (float(np.nanmin(values)), float(np.nanmax(values))) if np.isfinite(values).any() else None
    )


def _agreement(one: Element, two: Element, along: int) -> float:
    """How many marks of one axes have a counterpart at their place along a direction, in units of the
    first; less than one for each that has one nearby."""
    scales = scales_of(one)
    ends: list[dict[str, list[Numbers]]] = [defaultdict(list), defaultdict(list)]
    for known, axes in zip(ends, (one, two), strict=True):
        for mark in marks_of(axes):
            found = fractions(mark, scales)
            wide = found.ndim > 1
            column = found[:, min(along, found.shape[1] - 1)] if wide else found[along::2]
            if column.size:
                known[mark.role].append(np.nan_to_num([np.nanmin(column), np.nanmax(column)]))
    total = 0.0
    for role in ends[0].keys() & ends[1].keys():
        gaps = cdist(ends[0][role], ends[1][role], "chebyshev").min(axis=1)
        total += float(np.clip(1 - gaps / NEARBY, 0, 1).sum())
    return total


NEARBY = 0.05
"""Share of an axis up to which a mark may be the counterpart of another where no number tells its units."""


def mapped(axes: Element, direction: str, units_of: Map) -> Element:
    """An axes with all values along a direction converted."""
    factor, offset = units_of

    def moved(value: float) -> float:
        return float(f"{factor * value + offset:.9g}") + 0.0

    return _moved(axes, direction, moved, factor)


def _moved(
    axes: Element, direction: str, number: Callable[[float], float | None], grown: float,
    scale: str = "",
) -> Element:  # fmt: skip
    """An axes with each number along a direction moved, and on another ``scale`` if one is given."""
    moved = number_by_number(number)
    children = [_part(child, direction, moved, grown) for child in axes.children]
    if scale:
        at = axes.children.index(axis_of(axes, direction))
        children[at] = children[at].having(data=children[at].data | {"scale": scale})
    return axes.having(children=tuple(children))


def _part(part: Element, direction: str, moved: Callable[[Value], Value], grown: float) -> Element:
    if part.role == "axis":
        if part.data.get("axis") != direction:
            return part
        data = part.data | {key: moved(part.data.get(key)) for key in ("low", "high", "ticks")}
        return part.having(data=in_order(data))
    tip = part.data.get("tip")
    if isinstance(tip, list) and part.data.get("tip_space") == "data":
        ends = [moved(x) if "xy"[i] == direction else x for i, x in enumerate(tip)]
        part = part.having(data=part.data | {"tip": ends})
    spaces = ("data",) if part.role == "text" else ("data", direction)
    if part.role in (*MARKS, "text") and part.data.get("space", "data") in spaces:
        part = with_numbers(part, direction, moved, grown)
    children = tuple(_part(child, direction, moved, grown) for child in part.children)
    return part.having(children=children) if children else part


def _flipped(data: dict[str, Value], direction: str) -> Value:
    """The cells of a heatmap with their rows, or columns, the other way round."""
    values, rows, columns = data.get("values"), data.get("rows"), data.get("columns")
    if not isinstance(values, list) or not isinstance(rows, int) or not isinstance(columns, int):
        return values
    if len(values) != rows * columns:
        return values
    table = [values[i * columns : (i + 1) * columns] for i in range(rows)]
    table = table[::-1] if direction == "y" else [row[::-1] for row in table]
    return [value for row in table for value in row]


def with_numbers(
    part: Element, direction: str, moved: Callable[[Value], Value], grown: float = 1.0
) -> Element:
    """A mark or a text with its numbers along a direction converted; what has a length there has
    ``grown`` by a factor."""
    data = dict(part.data)
    span = data.get("span")
    if isinstance(span, list) and len(span) == 4:
        at = "xy".index(direction)
        ends = [moved(span[at]), moved(span[at + 2])]
        if part.role == "heatmap" or (data.get("orientation") == "horizontal") == (direction == "y"):  # fmt: skip
            ends.sort()  # across a bar, the lower edge comes first
        data["span"] = [ends[i // 2] if i % 2 == at else x for i, x in enumerate(span)]  # type: ignore[misc]
    keys: tuple[str, ...] = (direction, f"{direction}_range")
    if part.role == "errorbars":
        keys = ("low", "high") if data.get("direction") == direction else ("at",)
    elif part.role == "box":
        upright = data.get("orientation") == "vertical"
        keys = ("at",) if upright == (direction == "x") else (
            "low", "q1", "median", "q3", "high", "mean", "fliers", "notch")  # fmt: skip
        for key in ("width", "cap"):
            value = data.get(key)
            if keys == ("at",) and isinstance(value, int | float):
                data[key] = value * abs(grown)
    data |= {key: moved(data[key]) for key in keys if key in data}
    if part.role == "heatmap" and grown < 0:
        data["values"] = _flipped(data, direction)
    return part.having(data=data)


def in_order(data: dict[str, Value]) -> dict[str, Value]:
    """Ticks in the order of their values, with their labels; each once, however often it is drawn."""
    ticks, labels, boxes = data.get("ticks"), data.get("labels"), data.get("label_boxes")
    if not isinstance(ticks, list) or not all(isinstance(tick, int | float) for tick in ticks):
        return data
    order = sorted(range(len(ticks)), key=lambda i: ticks[i])  # type: ignore[return-value, arg-type]
    labeled = isinstance(labels, list) and len(labels) == len(ticks)
    if labeled:
        order = list({(ticks[i], labels[i]): i for i in order}.values())  # type: ignore[index]
    found = data | {"ticks": [ticks[i] for i in order]}
    if labeled and isinstance(labels, list):
        found["labels"] = [labels[i] for i in order]
    if isinstance(boxes, list) and len(boxes) == 4 * len(ticks):
        found["label_boxes"] = [edge for i in order for edge in boxes[4 * i : 4 * i + 4]]
    if isinstance(lines := data.get("lines"), list) and len(lines) == len(ticks):
        found["lines"] = [lines[i] for i in order]
    return found

"""Finds texts that belong to a mark, and so change, move and disappear with it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from annotators.structural.chart.marks import Mark, MarkMatch, Numbers
from annotators.structural.chart.same_shape import cells_alike
from records.boxes import middle
from records.rows import Box
from renderers.scene import Element

NUMBER = re.compile(r"[-−+]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?")


def number_in(text: str) -> float | None:
    """The number that a value label shows.

    >>> number_in("$12,500"), number_in("45.5%"), number_in("A")
    (12500.0, 45.5, None)
    """
    found = NUMBER.search(text.replace("−", "-"))
    try:
        return float(found.group().replace(",", "")) if found else None
    except ValueError:
        return None


def moves(match: MarkMatch) -> list[tuple[Mark, Mark]]:
    return [change.sides for change in match.changed if change.geometry]


def numbers_of(mark: Mark) -> list[float]:
    if mark.role == "bar":
        return [mark.length, mark.end, mark.foot]
    if mark.role == "wedge":
        return [mark.value("turn") / 3.6, mark.value("turn") / 360]
    if mark.role == "box":
        return [mark.value(key) for key in ("low", "q1", "median", "q3", "high", "mean")]
    if mark.role == "heatmap":
        return mark.column("values").tolist()  # type: ignore[no-any-return]
    return [*mark.column("y").tolist(), *mark.column("x").tolist()]


def numbers_under(part: Element, mark: Mark) -> list[float]:
    """The value of the cell of a heat map below a text; all numbers of other marks, or if the cells are not known."""
    at = _cell_under(part, mark)
    return numbers_of(mark) if at is None else [float(mark.column("values")[at])]


def _cell_under(part: Element, mark: Mark) -> int | None:
    """Index of the cell of a heat map below a text; None for other marks, or if it is not known."""
    x, y, span = part.number("x"), part.number("y"), mark.column("span")
    values, rows, columns = mark.column("values"), mark.value("rows"), mark.value("columns")
    if mark.role != "heatmap" or x is None or y is None or len(span) != 4:
        return None
    if len(values) != rows * columns or span[0] == span[2] or span[1] == span[3]:
        return None
    column = int((x - min(span[0], span[2])) / abs(span[2] - span[0]) * columns)
    row = int((y - min(span[1], span[3])) / abs(span[3] - span[1]) * rows)
    inside = 0 <= row < rows and 0 <= column < columns
    return row * int(columns) + column if inside else None


def retold(before: Mark, after: Mark) -> bool:
    """True if the name of a mark quotes a result that was computed from its data, such as a mean.

    A number with a fraction may be any result; a whole number only one that the data have.
    """
    one, two = before.element.text, after.element.text
    if one == two or NUMBER.sub("#", one) != NUMBER.sub("#", two):
        return False
    changed = [x for x, y in zip(NUMBER.findall(one), NUMBER.findall(two), strict=True) if x != y]
    values = before.column("y")
    values = values[np.isfinite(values)]
    known = numbers_of(before)
    if len(values):
        known += [len(values), values.sum(), values.mean(), float(np.median(values)), values.std()]
    return all("." in number or shows(number, known) for number in changed)


def shows(text: str, values: Sequence[float]) -> bool:
    """True if a text shows one of the values, rounded like the text, ignoring the sign."""
    number = number_in(text)
    if number is None:
        return False
    found = NUMBER.search(text)
    places = len(found.group().partition(".")[2]) if found else 0
    slack = 0.51 * 10.0**-places
    close = 1e-3 * abs(number)
    # In thousands or percent, any small value would round to one digit.
    scaled = max(slack, close) if slack <= 0.2 * abs(number) else close
    return any(
        abs(abs(value * factor) - abs(number)) <= (scaled if factor != 1 else max(slack, close))
        for value in values
        for factor in (1, 100, 0.01, 1e-3, 1e-6)
        if np.isfinite(value)
    )


def points_at(part: Element, mark: Mark) -> bool:
    """True if a text is placed at one of the points of a mark."""
    x, y = part.number("x"), part.number("y")
    known = x is not None and y is not None
    return known and bool(np.isclose(_points(mark), np.array((x, y), float)).all(axis=1).any())


def _points(mark: Mark) -> Numbers:
    """N x 2: x and y of the points of a mark; none if it has not as many of both."""
    columns = mark.column("x"), mark.column("y")
    return np.column_stack(columns) if len(columns[0]) == len(columns[1]) else np.zeros((0, 2))


def follows(
    one: Element, two: Element, changed: Sequence[tuple[Mark, Mark]], explained: bool
) -> bool:
    """True if a written number changed because the mark that it describes changed."""
    if not explained or number_in(one.text) is None or number_in(two.text) is None:
        return False
    plain = NUMBER.sub("#", one.text) == NUMBER.sub("#", two.text)
    if not plain:
        return False
    numbers = [NUMBER.findall(part.text.replace("−", "-")) for part in (one, two)]
    others = [(x, y) for x, y in zip(*numbers, strict=True) if x != y]
    if others and all(
        any(
            shows(x, numbers_under(one, before)) and shows(y, numbers_under(two, after))
            for before, after in changed
            if (at := _cell_under(one, before)) is None or not cells_alike(before, after)[at]
        )
        for x, y in others
    ):
        return True
    if changed and all(before.role == "area" for before, _ in changed):
        return True  # a flow or a region, named somewhere beside its outline
    return any(
        (before.role in ("bar", "area") and is_drawn_on(one, before) and is_drawn_on(two, after))
        for before, after in changed
    )


def totals(match: MarkMatch) -> list[tuple[float, float]]:
    """Heights of piles of bars before and after, of those that lost or gained bars."""
    sides = [(mark, side) for both in match.pairs for side, mark in enumerate(both)]
    alone = [(one, 0) for one in match.missing] + [(two, 1) for two in match.extra]
    piles: dict[tuple[int, float], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for mark, side in (*sides, *alone):
        if mark.role == "bar" and len(mark.span) == 4:
            piles[mark.along, round(mark.middle, 6)][side] += mark.length
    places = {
        (m.along, round(m.middle, 6)) for m, _ in alone if m.role == "bar" and len(m.span) == 4
    }
    return [(was, now) for place, (was, now) in piles.items() if place in places]


BESIDE_PX = 30
"""Largest distance in pixels between the outline of a free shape and a text that names it."""


def is_drawn_on(part: Element, mark: Mark) -> bool:
    """True if the center of a text lies within a mark, such as a name within a tile of a tree map.

    A free shape, such as a flow, may be named beside its outline.
    """
    box, around = part.box, mark.element.box
    if box is None or around is None:
        return False
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    margin = BESIDE_PX if mark.role == "area" else 0.0
    across = around[0] - margin <= x <= around[2] + margin
    return across and around[1] - margin <= y <= around[3] + margin


def carried(one: Element, two: Element, marks: Sequence[tuple[Mark, Mark]]) -> bool:
    """True if a text keeps its offset from a mark that moved, so it only moved along."""
    if one.box is None or two.box is None:
        return False
    here, there = middle(one.box), middle(two.box)
    for before, after in marks:
        if (
            before.role not in ("bar", "area", "wedge")
            or not before.element.box
            or not after.element.box
        ):
            continue
        for held, now in zip(
            _handles(before.element.box), _handles(after.element.box), strict=True
        ):
            offset = here[0] - held[0], here[1] - held[1]
            gap = np.hypot(there[0] - now[0] - offset[0], there[1] - now[1] - offset[1])
            if np.hypot(*offset) < REACH_PX and gap < 2.5:
                return True
    return False


REACH_PX = 45
"""Largest distance in pixels between a mark's edge or center and a text that belongs to it."""


def _handles(box: Box) -> list[tuple[float, float]]:
    """The center of a box and the centers of its four edges."""
    x, y = middle(box)
    return [(x, y), (x, box[1]), (x, box[3]), (box[0], y), (box[2], y)]


def moved_with_mark(one: Element, two: Element, changed: Sequence[tuple[Mark, Mark]]) -> bool:
    """True if a text keeps its offset from a mark that changed, so it only moved along.

    A free outline, such as a flow or a region, is named anywhere beside it.
    """
    if any(before.role in ("areas", "segments", "contour", "surface") for before, _ in changed):
        return True
    slices = [pair for pair in changed if pair[0].role == "wedge"]
    if any(_turned(*pair) and _as_far_out(one, two, *pair) for pair in slices):
        return True
    changed = [pair for pair in changed if pair not in slices]
    values = [
        [value for pair in changed for value in _moved_numbers(*pair[::way])] for way in (1, -1)
    ]
    if shows(one.text, values[0]) and shows(two.text, values[1]):
        return True  # a value that another mark has now
    if _kept_offset(one, two, changed):
        return True
    return carried(one, two, changed)


def _moved_numbers(mark: Mark, other: Mark) -> list[float]:
    """The numbers of a mark; of points, only of those that the other does not have."""
    points, others = _points(mark).tolist(), _points(other).tolist()
    if mark.role not in POINTS or not points or not others:
        return numbers_of(mark)
    return [value for point in points if point not in others for value in point]


def _turned(before: Mark, after: Mark) -> bool:
    """True for a slice that lies elsewhere, not only with another hole."""
    return any(
        not np.array_equal(before.column(key), after.column(key))
        for key in ("start", "turn", "radius", "center")
    )


def _as_far_out(one: Element, two: Element, before: Mark, after: Mark) -> bool:
    """True if a text is as far from the center of a ring as it was, or nobody knows: it turned with the slices."""
    gaps = []
    for part, mark in ((one, before), (two, after)):
        spot, center = [part.data.get(name) for name in "xy"], mark.column("center")
        if not all(isinstance(value, int | float) for value in spot) or len(center) != 2:
            return True
        gaps.append(float(np.hypot(*(np.array(spot, dtype=float) - center))) / mark.value("radius"))
    return abs(gaps[1] - gaps[0]) <= FARTHER


FARTHER = 0.1
"""Least noticed change of the distance of a text from the center of a ring, in radii."""


def _kept_offset(one: Element, two: Element, changed: Sequence[tuple[Mark, Mark]]) -> bool:
    """True if a text keeps its offset from the nearest point of a mark."""
    spots = []
    for part in (one, two):
        x, y = part.number("x"), part.number("y")
        if x is None or y is None:
            return part.data.get("space") != "data"
        spots.append((x, y))
    if one.data.get("space") != "data" or two.data.get("space") != "data":
        return False
    for before, after in changed:
        points = [_anchors(mark) for mark in (before, after)]
        if not all(side.size for side in points):
            return True
        if points[0].shape != points[1].shape:
            # No point is known to be another's: the text may be held by the nearest one.
            reach = np.ptp(points[0], axis=0) + 1e-9
            offsets = [
                _offset(np.array(spot), side, reach)
                for spot, side in zip(spots, points, strict=True)
            ]
            if np.abs(offsets[1] - offsets[0]).max() <= HELD_AT:
                return True
        elif _moved_alike(points, np.array(spots[1]) - np.array(spots[0])):
            return True
    return False


def _offset(spot: Numbers, points: Numbers, reach: Numbers) -> Numbers:
    """From the nearest point to a spot, as shares of the reach of all points."""
    gaps = (spot - points) / reach
    nearest = int(np.nanargmin(np.abs(gaps).sum(axis=1)))
    return np.asarray(gaps[nearest])


HELD_AT = 0.02
"""Shares of the reach of points by which a text may leave the point that holds it."""


def _moved_alike(points: Sequence[Numbers], moved: Numbers) -> bool:
    """True if one of the points moved, and like something beside it."""
    shifts = points[1] - points[0]
    reach = np.maximum(np.ptp(points[0], axis=0), np.ptp(points[1], axis=0))
    alike = np.abs(shifts - moved) <= 0.02 * np.maximum(reach, np.abs(shifts)) + 1e-9
    return bool((alike.all(axis=1) & (np.abs(shifts) > 1e-9).any(axis=1)).any())


def tip_follows(one: Element, two: Element, changed: Sequence[tuple[Mark, Mark]]) -> bool:
    """True if the tip of an arrow keeps to a point that moved, or to the highest or the lowest point."""
    tips = [np.array(part.data.get("tip"), dtype=float) for part in (one, two)]
    if {one.data.get("tip_space"), two.data.get("tip_space")} != {"data"}:
        return True
    for before, after in changed:
        points = _anchors(before), _anchors(after)
        if points[0].shape != points[1].shape or not points[0].size:
            return True
        ends = [
            np.array([side[np.nanargmin(side[:, 1])], side[np.nanargmax(side[:, 1])]])
            for side in points
        ]
        if _moved_alike(points, tips[1] - tips[0]) or _moved_alike(ends, tips[1] - tips[0]):
            return True
    return False


def _anchors(mark: Mark) -> Numbers:
    """Points at which a text is placed: points of a line, ends and centers of a bar or a box."""
    if mark.role == "bar" and len(mark.span) == 4:
        along, across = (mark.foot, mark.end), mark.middle
        spots = [(value, across) for value in (*along, sum(along) / 2)]
        return np.array([spot if mark.along == 0 else spot[::-1] for spot in spots])
    if mark.role == "box":
        keys = ("low", "q1", "median", "q3", "high")
        spots = [(mark.value("at"), mark.value(key)) for key in keys]
        return np.array([spot if mark.orientation == "vertical" else spot[::-1] for spot in spots])
    if mark.role == "errorbars":
        return np.column_stack([mark.column("at"), mark.column("high")])
    points = _points(mark)
    if not len(points):
        return points
    between = [(points[1:] + points[:-1]) / 2]
    if mark.role == "area":
        between.append((points + points[::-1]) / 2)  # amid a band, whose edges run there and back
    return np.concatenate([points, *between])


def belongs(part: Element, marks: Sequence[Mark]) -> bool:
    """True if a text lies on a mark that is itself missing or extra."""
    for mark in marks:
        if part.text and part.text == mark.element.text:
            return True
        told = mark.role in ("bar", "wedge", "line", "markers", "heatmap")
        if told and shows(part.text, _numbers_beside(part, mark)):
            return True
        if points_at(part, mark):
            return True
        box, mine = mark.element.box, part.box
        if box and mine and mark.role in ("bar", "wedge", "arrow", "heatmap"):
            x, y = (mine[0] + mine[2]) / 2, (mine[1] + mine[3]) / 2
            near = box[0] - 12 <= x <= box[2] + 12 and box[1] - 25 <= y <= box[3] + 25
            if near and not _points_beside(part, mark):
                return True
    return False


def _numbers_beside(part: Element, mark: Mark) -> list[float]:
    """The numbers of a mark; of several points, only of those that are level with a text or above or below it."""
    spot, points = [part.data.get(name) for name in "xy"], _points(mark)
    flat = mark.role in POINTS and part.data.get("space") == "data" and None not in spot
    if not flat or not len(points):
        return numbers_of(mark)
    beside = np.isclose(points, np.array(spot, dtype=float)).any(axis=1)
    return points[beside].ravel().tolist()  # type: ignore[no-any-return]


POINTS = ("line", "markers")


def _points_beside(part: Element, mark: Mark) -> bool:
    """True if the arrow of a text that lies on a band ends beside the band."""
    tip, space = part.numbers("tip"), str(mark.element.data.get("space"))
    if mark.name.kind != "band" or not len(tip) or space not in ("x", "y"):
        return False
    along = "xy".index(space)
    low, high = sorted((float(mark.span[along]), float(mark.span[along + 2])))
    return bool(np.isfinite(tip[along]) and not low <= tip[along] <= high)

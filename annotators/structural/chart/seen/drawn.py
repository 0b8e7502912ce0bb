"""The marks of an axes as they lie on paper, however many calls of a plotting library drew them.

A box without whiskers is a bar, an upright rectangle too; the outline of an area may be a line of its
own; ten points may be ten calls, the points on a line may be its markers, and an arrow is the same from
whichever end it was drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from annotators.structural.chart.marks import plain_points, with_points
from annotators.structural.chart.seen.color_fields import parted_cells
from annotators.structural.chart.seen.grid_lines import lines_as_grid
from annotators.structural.chart.seen.rectangles import as_rectangles, edge_to_edge
from annotators.structural.chart.seen.strokes import as_strokes
from annotators.structural.colors import over
from records.rows import box_around
from renderers.scene import Element, Value


def without_shadows(
    children: tuple[Element, ...], data: dict[str, Value]
) -> tuple[tuple[Element, ...], dict[str, Value]]:
    """The parts of an axes without the shadows of a pie, which count as a style of the pie."""
    slices = sum(child.role == "wedge" for child in children)
    shadows = [child for child in children if child.role in ("area", "bar") and not child.text]
    if not slices or len(shadows) != slices:
        return children, data
    kept = tuple(child for child in children if child not in shadows)
    return kept, data | {"shadow": True}


def without_whiskers(box: Element) -> tuple[Element, ...]:
    """A box without whiskers, caps and outliers is read as a bar with a line across."""
    numbers = [box.number(key) for key in ("at", "width", "q1", "q3", "median", "low", "high")]
    at, width, low, high, median, least, most = (number or 0.0 for number in numbers)
    unseen = not any(box.style.get(key) for key in ("whisker_color", "cap_color"))
    unseen &= not any(box.data.get(key) for key in ("flier_count", "mean", "notch"))
    if box.role != "box" or None in numbers or not unseen or box.box is None or most <= least:
        return (box,)
    upright = box.data.get("orientation") == "vertical"
    start, end = (box.box[3], box.box[1]) if upright else (box.box[0], box.box[2])

    def part(role: str, text: str, one: float, two: float, **data: Value) -> Element:
        """A part of the box, from one value to another, as wide as it is."""
        ends = sorted(start + (v - least) / (most - least) * (end - start) for v in (one, two))
        left, top, right, bottom = box.box or (0.0, 0.0, 0.0, 0.0)
        place = (left, ends[0], right, ends[1]) if upright else (ends[0], top, ends[1], bottom)
        style = {
            key.removeprefix("median_"): value
            for key, value in box.style.items()
            if key.startswith("median_") == (role == "line")
        }
        return Element(role, place, text, style, data | {"space": "data"})

    edges: list[str | float | int | None] = [at - width / 2, at + width / 2]
    across: list[str | float | int | None] = [median, median]
    x, y = (edges, across) if upright else (across, edges)
    span: list[str | float | int | None] = (
        [edges[0], low, edges[1], high] if upright else [low, edges[0], high, edges[1]]
    )
    return (
        part("bar", box.text, low, high, span=span, orientation=box.data.get("orientation")),
        part("line", "", median, median, x=x, y=y, count=2),
    )


def _outlined(axes: Element, other: Element) -> Element:
    """An axes whose areas take the lines around them as edges, if the other axes' areas have edges."""
    lines = {ring: part for part in axes.parts("line") if (ring := _ring(part))}
    areas = [part for part in axes.parts("area") if _ring(part) in lines]
    theirs = [part for part in other.children if _ring(part)]
    edged = any(
        part.role == "area" and part.style.get("edge") not in (None, part.style.get("face"))
        for part in theirs
    )
    if not areas or not edged or any(part.role == "line" for part in theirs):
        return axes
    children = []
    for part in axes.children:
        line = lines.get(_ring(part) or frozenset())
        if part in areas and line is not None:
            pen = {f"edge{'' if key == 'color' else f'_{key}'}": line.style.get(key)
                   for key in ("color", "width") if line.style.get(key)}  # fmt: skip
            part = part.having(style=part.style | pen, text=part.text or line.text)
        elif part.role == "line" and line is not None and part is line:
            continue
        children.append(part)
    return axes.having(children=tuple(children))


def _ring(part: Element) -> frozenset[tuple[Value, Value]]:
    """The corners of a closed line or an area; empty if it is open or has too many points."""
    points = plain_points(part.data) if part.role in ("line", "area") else None
    if points is None or len(points) < 4:
        return frozenset()
    corners = frozenset(points)
    return corners if points[0] == points[-1] and len(corners) > 2 else frozenset()


def drawn_points(data: dict[str, Value], *, lines: bool) -> dict[str, Value]:
    """The points of a mark without undrawn ones (None at the ends, or anywhere)."""
    x, y = data.get("x"), data.get("y")
    if "hash" in data or not isinstance(x, list) or not isinstance(y, list) or len(x) != len(y):
        return data
    there = [a is not None and b is not None for a, b in zip(x, y, strict=True)]
    if all(there) or not any(there):
        return data
    kept = [i for i, drawn in enumerate(there) if drawn]
    if lines:
        kept = list(range(kept[0], kept[-1] + 1))
    return with_points(data, kept, len(x))


def once_each(data: dict[str, Value]) -> dict[str, Value]:
    """The points of a mark without those that lie exactly on another one."""
    count = len(plain_points(data) or ())
    columns = [value for value in data.values() if isinstance(value, list) and len(value) == count]
    first: dict[tuple[Value, ...], int] = {}
    kept = [
        i for i, look in enumerate(zip(*columns, strict=True)) if first.setdefault(look, i) == i
    ]
    return with_points(data, kept, count) if len(kept) < count else data


def drawn_alike(one: Element, two: Element) -> tuple[Element, Element]:
    """Two axes with their marks taken apart, or together, in the same way."""
    one, two = _in_order(one), _in_order(two)
    for seen in (as_rectangles, edge_to_edge, _outlined, parted_cells, _laid, as_strokes):
        one, two = seen(one, two), seen(two, one)
    for role, taken in (
        ("markers", _points_by_look), ("area", _one_of_each_ring), ("errorbars", _error_bars_by_look)
    ):  # fmt: skip
        sides = [[*axes.parts(role)] for axes in (one, two)]
        names = _counted_otherwise(*([(part.text, part) for part in side] for side in sides))
        looks = _counted_otherwise(*(
            [((part.text, str(part.style)), part) for part in side] for side in sides
        ))  # fmt: skip
        other = {id(part) for side in sides for part in side
                 if part.text in names and (part.text, str(part.style)) in looks}  # fmt: skip
        if other:
            one, two = taken(one, other), taken(two, other)
    for seen in (_dotted, lines_as_grid):
        one, two = seen(one, two), seen(two, one)
    one, two = _labeled_alike(one, two)
    return _labeled_alike(two, one)[::-1]


def _in_order(axes: Element) -> Element:
    """An axes with the error bars of each call in the order of their places."""
    return axes.having(children=tuple(
        part.having(data=with_points(part.data, np.argsort(places, kind="stable").tolist(), len(places)))
        if part.role == "errorbars" and len(places := part.numbers("at")) else part
        for part in axes.children
    ))  # fmt: skip


Keyed = Sequence[tuple[Hashable, Element]]


def _counted_otherwise(mine: Keyed, theirs: Keyed) -> set[Hashable]:
    """The keys of marks that do not come in the same numbers, with as many points each, in two axes."""
    counts = [
        Counter((key, part.data.get("count")) for key, part in side) for side in (mine, theirs)
    ]
    return {key for key, _ in (counts[0] - counts[1]) + (counts[1] - counts[0])}


def _labeled_alike(one: Element, two: Element) -> tuple[Element, Element]:
    """Two axes without the texts of the first that stand where the second has the same tick labels."""
    known = {part.text for part in two.parts("text")}
    texts = {part.text: part for part in one.parts("text") if part.text not in known and part.box}
    found: dict[str, Element] = {}
    children = []
    for axis in two.children:
        labels, boxes = axis.column("labels"), axis.column("label_boxes")
        if texts and boxes:
            corners = [boxes[i : i + 4] for i in range(0, len(boxes), 4)]
            met = {
                i: texts[str(label)] for i, label in enumerate(labels)
                if label in texts and _beside(texts[str(label)], corners[i : i + 1], two)
            }  # fmt: skip
            found |= {part.text: part for part in met.values()}
            kept = ["" if i in met else label for i, label in enumerate(labels)]
            axis = axis.having(data=axis.data | {"labels": kept})
        children.append(axis)
    if not found:
        return one, two
    left = tuple(part for part in one.children if found.get(part.text) is not part)
    return (
        one.having(children=left),
        two.having(children=tuple(children)),
    )


def _beside(text: Element, corners: Sequence[Sequence[Value]], axes: Element) -> bool:
    """True if a box lies where a text does, give or take a tenth of the axes."""
    if not corners or text.box is None or axes.box is None or None in corners[0]:
        return False
    box = [float(edge) for edge in corners[0]]  # type: ignore[arg-type]
    gaps = [abs(text.box[i] + text.box[i + 2] - box[i] - box[i + 2]) / 2 for i in (0, 1)]
    sides = axes.box[2] - axes.box[0], axes.box[3] - axes.box[1]
    return gaps[0] < 0.1 * sides[0] and gaps[1] < 0.1 * sides[1]


def _laid(axes: Element, other: Element) -> Element:
    """An axes whose rectangles without a direction, or of both, have that of the other's bars, or
    stand if those have no direction either."""
    ways = {str(part.data.get("orientation", "")) for part in other.parts("bar")}
    mine = {str(part.data.get("orientation", "")) for part in axes.parts("bar")}
    if not ways or len(mine - {""}) == 1 == len(mine) or mine == ways == {""}:
        return axes
    way = next(iter(ways)) if len(ways - {""}) == 1 == len(ways) else "vertical"
    mixed = len(mine - {""}) > 1
    children = [
        part if part.role != "bar" or (part.data.get("orientation") and not mixed)
        else part.having(data=part.data | {"orientation": way})
        for part in axes.children
    ]  # fmt: skip
    return axes.having(children=tuple(children))


def oriented(arrow: Element) -> Element:
    """An arrow with its head at its end, wherever it was drawn from."""
    head, x, y = str(arrow.style.get("head", "")), arrow.column("x"), arrow.column("y")
    if not head.endswith("A"):
        return arrow
    style = arrow.style | {"head": f"{head[:-1]}B"}
    return arrow.having(style=style, data=arrow.data | {"x": x[::-1], "y": y[::-1]})


LOOKS = 8
"""Colors of the points of one call up to which each is a sort of its own; more tell of values."""


def _points_by_look(axes: Element, parts: Collection[int]) -> Element:
    """An axes whose points of these identities are taken together where they look the same."""
    looks: dict[object, Element] = {}
    for number, part in enumerate(axes.children):
        for found in _of_one_look(part) if id(part) in parts else [part]:
            plain = found.role == "markers" and "hash" not in found.data and id(part) in parts
            key: object = number if not plain else repr((
                found.text, *sorted(found.style.items()), found.data.get("space"),
                *sorted(key for key in found.data if key not in ("x", "y")),
            ))  # fmt: skip
            known = looks.get(key) if plain else None
            looks[key if plain else (number, len(looks))] = (
                found if known is None else _together(known, found)
            )
    return axes.having(children=tuple(looks.values()))


def _error_bars_by_look(axes: Element, parts: Collection[int]) -> Element:
    """An axes whose error bars of these identities are taken together where they look the same."""
    looks: dict[object, Element] = {}
    for number, part in enumerate(axes.children):
        key: object = number
        if id(part) in parts:
            key = repr((part.text, sorted(part.style.items()), part.data.get("direction")))
        known = looks.get(key)
        looks[key] = part if known is None else _together(known, part)
    return _in_order(axes.having(children=tuple(looks.values())))


def _of_one_look(part: Element) -> list[Element]:
    """Points of a few colors and sizes as one set for each; any other mark as it is."""
    count = part.data.get("count")
    columns = {
        key: value for key in ("faces", "edges", "sizes")
        if isinstance(value := part.data.get(key), list)
    }  # fmt: skip
    whole = all(len(value) == count for value in columns.values())
    if part.role != "markers" or not columns or "values" in part.data or not whole:
        return [part]
    looks = list(zip(*columns.values(), strict=True))
    if len(set(looks)) > LOOKS or "hash" in part.data:
        return [part]
    names = {"faces": "marker_face", "edges": "marker_edge", "sizes": "marker_size"}
    found = []
    for look in dict.fromkeys(looks):
        kept = [i for i, other in enumerate(looks) if other == look]
        data = {
            key: [value[i] for i in kept] if isinstance(value, list) and len(value) == count else value
            for key, value in part.data.items() if key not in columns and key != "sizes_hash"
        } | {"count": len(kept)}  # fmt: skip
        style = part.style | {names[key]: v for key, v in zip(columns, look, strict=True)}
        found.append(Element(part.role, part.box, part.text, style, data))
    return found


def _together(one: Element, two: Element) -> Element:
    """The points of two marks of one look as one mark."""
    data = dict(one.data)
    for key, value in two.data.items():
        mine = one.data.get(key)
        if isinstance(mine, list) and isinstance(value, list):
            data[key] = [*mine, *value]
    data["count"] = (one.number("count") or 0) + (two.number("count") or 0)
    return one.having(data=data, box=box_around([one.box, two.box]))


def _one_of_each_ring(axes: Element, parts: Collection[int]) -> Element:
    """An axes whose areas of these identities that cover one another exactly are one, in the color seen."""
    known: dict[object, int] = {}
    children: list[Element] = []
    for part in axes.children:
        ring = _ring(part) if id(part) in parts else frozenset()
        if ring and ring in known:
            below = children[known[ring]]
            face = over(str(part.style.get("face", "")), str(below.style.get("face", "")))
            edges = {key: v for key, v in part.style.items() if key.startswith("edge")}
            style = below.style | edges | ({"face": face} if face else {})
            text = below.text or part.text
            children[known[ring]] = below.having(style=style, text=text)
            continue
        if ring:
            known[ring] = len(children)
        children.append(part)
    return axes.having(children=tuple(children))


def _dotted(axes: Element, other: Element) -> Element:
    """An axes whose points on the corners of a line are its markers, where another's lines have some."""
    if not any(part.role == "line" and part.style.get("marker") for part in other.children):
        return axes
    children = list(axes.children)
    for points in axes.parts("markers"):
        corners = {*(plain_points(points.data) or ())}
        line = next((part for part in children if part.role == "line" and corners
                     and not part.style.get("marker")
                     and {*(plain_points(part.data) or ())} == corners), None)  # fmt: skip
        if line is None:
            continue
        symbol = {key: v for key, v in points.style.items() if key.startswith("marker")}
        made = line.having(style=line.style | symbol, text=line.text or points.text)
        children = [made if part is line else part for part in children if part is not points]
    return axes.having(children=tuple(children))


def without_spikes(data: dict[str, Value]) -> dict[str, Value]:
    """The corners of an area without where its outline runs out and back along itself, or so near to
    its level edge that nobody sees paint between them, as in the tail of a density."""
    # A sampled outline, too: the paint between two of its corners is as thin as at them.
    corners = plain_points({key: value for key, value in data.items() if key != "hash"})
    if corners is None or len(corners) < 5 or any(None in corner for corner in corners):
        return data
    points = _on_level_edge(np.array(corners, dtype=float))
    kept = list(range(len(points) - (corners[0] == corners[-1])))
    while True:
        ring = points[kept]
        stays = (ring == np.roll(ring, 1, axis=0)).all(axis=1)
        if stays.any() and not stays.all():
            kept = [at for at, stay in zip(kept, stays, strict=True) if not stay]
            continue
        back, ahead = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
        spikes = (np.abs(cross) < 1e-12) & ((back * ahead).sum(axis=1) <= 0)
        if not spikes.any() or len(kept) - spikes.sum() < 3:
            break
        kept = [at for at, spike in zip(kept, spikes, strict=True) if not spike]
    if len(kept) < 3 or len(kept) >= len(points) - 1:
        return data
    kept.append(kept[0])
    x, y = zip(*(corners[i] for i in kept), strict=True)
    return data | {"x": [*x], "y": [*y], "count": len(kept)}


def _on_level_edge(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of an outline, those just beside its level edge moved onto it."""
    moved = points.copy()
    for column in moved.T:
        levels, counts = np.unique(column, return_counts=True)
        level, count = levels[counts.argmax()], counts.max()
        if 3 * count >= len(column):
            column[np.abs(column - level) < SLIVER * np.ptp(column)] = level
    return moved


SLIVER = 2e-3
"""Thickness of paint, as a share of the size of its area, that nobody sees."""

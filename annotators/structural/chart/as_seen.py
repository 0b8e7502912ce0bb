"""Reduces two charts to what a viewer can distinguish: one width, and values read from the axes.

Differences of the programs that do not show in the pictures are removed here, before the
comparison: texts become what their glyphs show, sizes in points become relative to the picture,
values are read by the tick labels, an axis that is not drawn has no numbers, and a text counts
whichever object it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot, log

import msgspec

from annotators.structural.chart.axis_units import number_of, read_off
from annotators.structural.chart.marks import MARKS
from annotators.structural.chart.panels import axes_of, match_axes
from annotators.structural.glyphs import as_glyphs
from records.rows import Box
from renderers.scene import Element, Scene, Value

SAME_WIDTH = 0.02
"""Figure widths that differ by less than this share count as equal."""


@dataclass(frozen=True, slots=True)
class SeenCharts:
    """Two charts in the pixels and points of the reference."""

    reference: Scene
    candidate: Scene
    scale: float
    """Pixels of the candidate times this are pixels of the reference."""
    points: float
    """Points of the candidate times this are points of the reference."""
    canvas: float
    """The same, for the width or the height of the pictures, whichever is nearer to 1."""
    candidate_size: tuple[int, int]
    """Width and height of the candidate's picture in its own pixels."""


def as_seen(reference: Scene, candidate: Scene) -> SeenCharts:
    """Both charts, without differences that only the code shows."""
    scale = width_scale(reference, candidate)
    dots = [float(number_of(scene.root, "dpi") or 100.0) for scene in (reference, candidate)]
    points = scale * dots[1] / dots[0]
    first, second = _cleared(reference, 1.0, 1.0), _cleared(candidate, scale, points)
    mine, theirs = axes_of(first), axes_of(second)
    pairs = [(mine[i], theirs[j]) for i, j in match_axes(mine, theirs)]
    read = {id(two): read_off(one, two, pairs) for one, two in pairs}
    outlined = {id(one): _outlined(one, two) for one, two in pairs}
    first = _with_axes(first, outlined)
    second = _with_axes(second, {key: _outlined(two, one) for one, two in pairs
                                 for key, two in [(id(two), read[id(two)])]})  # fmt: skip
    upright = points / scale * reference.height_px / candidate.height_px
    canvas = min(points, points if scale == 1.0 else upright, key=lambda ratio: abs(log(ratio)))
    size = candidate.width_px, candidate.height_px
    return SeenCharts(*_same_roles(first, second), scale, points, canvas, size)


def width_scale(reference: Scene, candidate: Scene) -> float:
    """Pixels of the reference per pixel of the candidate if both pictures are shown at one width.

    A picture that is cropped to its content changes its width with every label, so only another
    figure width counts as another scale.
    """
    figures = [
        float(number_of(scene.root, "width_in") or 0.0) * float(number_of(scene.root, "dpi") or 0.0)
        for scene in (reference, candidate)
    ]
    if not all(figures) or abs(figures[1] / figures[0] - 1) <= SAME_WIDTH:
        return 1.0
    return reference.width_px / candidate.width_px


def _cleared(scene: Scene, scale: float, points: float) -> Scene:
    """A scene without invisible marks, with texts as glyphs, at another scale."""
    root = _scaled(scene.root, scale, points)
    return msgspec.structs.replace(
        scene, root=root, width_px=max(1, round(scene.width_px * scale)),
        height_px=max(1, round(scene.height_px * scale)),
    )  # fmt: skip


def _scaled(part: Element, scale: float, points: float) -> Element:
    """An element and its descendants, converted to other pixels and points."""
    children = tuple(
        _scaled(child, scale, points) for child in _unrepeated(part.children) if not _hidden(child)
    )
    style, data, box = part.style, part.data, part.box
    if points != 1.0:
        unframed = {key: v for key, v in style.items() if not key.startswith(("tick_", "frame_"))}
        if part.role not in ("spine", "grid"):  # nobody measures ticks and frames
            style = style | {key: _in_points(key, v, points) for key, v in unframed.items()}
    if scale != 1.0 and box is not None:
        box = _times(box, scale)
    if scale != 1.0 or points != 1.0:
        data = dict(data)
        for key, factor in (("label_boxes", scale), ("offset", points), ("sizes", points)):
            value = data.get(key)
            if isinstance(value, list):
                data[key] = [x if x is None or isinstance(x, str) else x * factor for x in value]
    labels = data.get("labels")
    if isinstance(labels, list) and part.role == "axis":
        data = data | {"labels": [as_glyphs(x) if isinstance(x, str) else x for x in labels]}
    if part.role == "box" and not data.get("flier_count"):
        style = {key: value for key, value in style.items() if not key.startswith("flier_")}
    if part.role == "legend_entry":
        style = _sample(style)
    if part.role in ("bar", "area", "areas", "wedge") and style.get("edge") == style.get("face"):
        # An outline in the color of its filling is not visible.
        style = {key: value for key, value in style.items() if not key.startswith("edge")}
    if part.role == "axes":
        children, data = _shadows(children, data)
        children = tuple(seen for child in children for seen in _without_whiskers(child))
        bars = [_as_bar(child) for child in children]
        # One rectangle may be a frame or a text box; several are bars, however they were drawn.
        changed = sum(bar is not child for bar, child in zip(bars, children, strict=True))
        children = tuple(bars) if changed > 1 else children
    if part.role in ("line", "markers"):
        data = _drawn_points(data, lines=part.role == "line" and style.get("dash") != "none")
    return Element(part.role, box, as_glyphs(part.text), style, data, children)


def _sample(style: dict[str, Value]) -> dict[str, Value]:
    """The style of a legend entry without parts that are painted white on white."""
    unseen: tuple[str, ...] = ()
    if style.get("marker") and str(style.get("color", ""))[:7] == "#ffffff":
        unseen = ("color", "width", "dash")
    if (
        style.get("marker_edge") == style.get("marker_face")
        or str(style.get("marker_edge"))[:7] == "#ffffff"
    ):
        unseen += ("marker_edge", "marker_edge_width")
    return {key: value for key, value in style.items() if key not in unseen}


def _shadows(
    children: tuple[Element, ...], data: dict[str, Value]
) -> tuple[tuple[Element, ...], dict[str, Value]]:
    """The parts of an axes without the shadows of a pie, which count as a style of the pie."""
    slices = sum(child.role == "wedge" for child in children)
    shadows = [child for child in children if child.role in ("area", "bar") and not child.text]
    if not slices or len(shadows) != slices:
        return children, data
    kept = tuple(child for child in children if child not in shadows)
    return kept, data | {"shadow": True}


def _without_whiskers(box: Element) -> tuple[Element, ...]:
    """A box without whiskers, caps and outliers is read as a bar with a line across."""
    numbers = [number_of(box, key) for key in ("at", "width", "q1", "q3", "median", "low", "high")]
    at, width, low, high, median, least, most = (number or 0.0 for number in numbers)
    unseen = not any(box.style.get(key) for key in ("whisker_color", "cap_color"))
    unseen &= not any(box.data.get(key) for key in ("flier_count", "mean", "notch"))
    if box.role != "box" or None in numbers or not unseen or box.box is None or most <= least:
        return (box,)
    upright = box.data.get("orientation") == "vertical"
    start, end = (box.box[3], box.box[1]) if upright else (box.box[0], box.box[2])

    def part(role: str, text: str, one: float, two: float, **data: Value) -> Element:
        """A part of the box between two values, as wide as the box."""
        ends = sorted(start + (v - least) / (most - least) * (end - start) for v in (one, two))
        left, top, right, bottom = box.box or (0.0, 0.0, 0.0, 0.0)
        place = (left, ends[0], right, ends[1]) if upright else (ends[0], top, ends[1], bottom)
        style = {
            key.removeprefix("median_"): value for key, value in box.style.items()
            if key.startswith("median_") == (role == "line")
        }  # fmt: skip
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
    lines = {ring: part for part in axes.children if part.role == "line" and (ring := _ring(part))}
    areas = [part for part in axes.children if part.role == "area" and _ring(part) in lines]
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
            part = msgspec.structs.replace(
                part, style=part.style | pen, text=part.text or line.text
            )
        elif part.role == "line" and line is not None and part is line:
            continue
        children.append(part)
    return msgspec.structs.replace(axes, children=tuple(children))


def _ring(part: Element) -> frozenset[tuple[Value, Value]]:
    """The corners of a closed line or an area; empty if it is open or has too many points."""
    x, y = part.data.get("x"), part.data.get("y")
    known = part.role in ("line", "area") and "hash" not in part.data and "z" not in part.data
    if not known or not isinstance(x, list) or not isinstance(y, list) or not 4 <= len(x) == len(y):
        return frozenset()
    corners = frozenset(zip(x, y, strict=True))
    return corners if (x[0], y[0]) == (x[-1], y[-1]) and len(corners) > 2 else frozenset()


def _as_bar(area: Element) -> Element:
    """An upright rectangle is read as a bar."""
    if area.role != "area":
        return area
    x, y, box = area.data.get("x"), area.data.get("y"), area.box
    if not isinstance(x, list) or not isinstance(y, list) or len(x) not in (4, 5) or box is None:
        return area
    if (
        "hash" in area.data
        or "z" in area.data
        or len({*x}) != 2
        or len({*y}) != 2
        or None in (*x, *y)
    ):
        return area
    upright = all(x[i] == x[i - 1] or y[i] == y[i - 1] for i in range(1, len(x)))
    if not upright or len(x) != len(y) or len(set(zip(x, y, strict=True))) != 4:
        return area
    span: list[Value] = [min(x), min(y), max(x), max(y)]  # type: ignore[type-var]
    lies = box[2] - box[0] > box[3] - box[1]
    data: dict[str, Value] = {
        "span": span,  # type: ignore[dict-item]
        "space": area.data.get("space", "data"),
        "orientation": "horizontal" if lies else "vertical",
    }
    return msgspec.structs.replace(area, role="bar", data=data)


def _unrepeated(children: tuple[Element, ...]) -> list[Element]:
    """The parts, without texts that are written twice at one place."""
    known: set[object] = set()
    kept = []
    for child in children:
        spot = (child.role, child.text, child.box) if child.role == "text" else None
        if spot is None or spot not in known:
            kept.append(child)
        known.add(spot)
    return kept


def _in_points(key: str, value: Value, factor: float) -> Value:
    in_points = key.endswith(("size", "width", "length"))
    if in_points and isinstance(value, int | float) and not isinstance(value, bool):
        return value * factor
    return value


def _times(box: Box, scale: float) -> Box:
    return (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale)


def _hidden(part: Element) -> bool:
    """True if a mark paints nothing: its size or its opacity is zero."""
    if part.role == "bar":
        span = part.data.get("span")
        if isinstance(span, list) and len(span) == 4 and span[0] == span[2] and span[1] == span[3]:
            return True
    if part.role not in MARKS:
        return False
    tints = [v for v in part.style.values() if isinstance(v, str) and v.startswith("#")]
    ramp = part.style.get("ramp") or part.data.get("faces") or part.data.get("edges")
    return bool(tints) and not ramp and all(len(v) == 9 and int(v[7:], 16) <= 5 for v in tints)


def _drawn_points(data: dict[str, Value], *, lines: bool) -> dict[str, Value]:
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
    changed = {
        key: [value[i] for i in kept] for key, value in data.items()
        if isinstance(value, list) and len(value) == len(x)
    }  # fmt: skip
    return data | changed | {"count": len(kept)}


def _with_axes(scene: Scene, read: dict[int, Element]) -> Scene:
    """A scene whose axes are replaced by their converted versions."""

    def replaced(part: Element) -> Element:
        found = read.get(id(part), part)
        inner = tuple(
            replaced(child) if child.role == "axes" else child for child in found.children
        )
        return found if inner == found.children else msgspec.structs.replace(found, children=inner)

    return msgspec.structs.replace(scene, root=replaced(scene.root))


WORDED = frozenset(("title", "suptitle", "axis_label", "supxlabel", "supylabel", "text"))


def _same_roles(reference: Scene, candidate: Scene) -> tuple[Scene, Scene]:
    """The candidate, with each text given the role that it has in the reference.

    A title may belong to the axes, to the figure, or to a twin axes: a viewer sees the same.
    """
    mine, theirs = axes_of(reference), axes_of(candidate)
    pairs = dict(match_axes(mine, theirs))
    owners = [(reference.root, candidate.root)] + [(mine[i], theirs[j]) for i, j in pairs.items()]
    lost = [
        (number, part) for number, (one, two) in enumerate(owners) for part in _worded(one)
        if (part.role, part.text) not in _slots(two)
    ]  # fmt: skip
    first_only = [axes for i, axes in enumerate(mine) if i not in pairs]
    lost += [(-1, part) for axes in first_only for part in _worded(axes)]
    alone = [part for one, two in owners for part in _worded(two)
             if (part.role, part.text) not in _slots(one)]  # fmt: skip
    unpaired = [axes for j, axes in enumerate(theirs) if j not in pairs.values()]
    alone += [part for axes in unpaired for part in _worded(axes)]
    found: dict[int, tuple[int, Element]] = {}
    for number, part in lost:
        for other in alone:
            if id(other) not in found and other.text == part.text and _near(part, other, reference):
                found[id(other)] = number, part
                break
    if not found:
        return reference, candidate
    gone = {id(part) for number, part in found.values() if number < 0}
    moved: dict[int, list[Element]] = {}
    for other in alone:
        if id(other) in found and found[id(other)][0] >= 0:
            number, part = found[id(other)]
            made = msgspec.structs.replace(other, role=part.role, data=part.data)
            moved.setdefault(id(owners[number][1]), []).append(made)

    def rebuilt(owner: Element) -> Element:
        children = [
            rebuilt(child) if child.role == "axes" else child
            for child in owner.children if id(child) not in found and id(child) not in gone
        ]  # fmt: skip
        return msgspec.structs.replace(owner, children=(*children, *moved.get(id(owner), [])))

    return (
        msgspec.structs.replace(reference, root=rebuilt(reference.root)),
        msgspec.structs.replace(candidate, root=rebuilt(candidate.root)),
    )


def _worded(owner: Element) -> Iterator[Element]:
    return (part for part in owner.children if part.role in WORDED and part.text)


def _slots(owner: Element) -> set[tuple[str, str]]:
    return {(part.role, part.text) for part in _worded(owner)}


AT_ONE_PLACE = 0.06
"""Largest distance, as a share of the picture's width, between two places of the same text."""


def _near(one: Element, two: Element, scene: Scene) -> bool:
    if one.box is None or two.box is None:
        return False
    gaps = [(one.box[i] + one.box[i + 2] - two.box[i] - two.box[i + 2]) / 2 for i in (0, 1)]
    return hypot(*gaps) < AT_ONE_PLACE * scene.width_px

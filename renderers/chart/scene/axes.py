"""The frame of an axes: title, axes with ticks, spines, grid, legend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib import category, ticker
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from renderers.chart.scene import look
from renderers.chart.scene.look import Canvas
from renderers.chart.scene.marks import AxesFrame, lines_of, text
from renderers.scene import Element, Value

MOST_TICKS = 400
"""Most ticks of one axis that are described; a picture of usual size has no room for more."""


def titles(place: AxesFrame) -> list[Element]:
    """The up to three titles of an axes."""
    found = []
    axes = place.axes
    for side, artist in (
        ("center", axes.title),
        ("left", axes._left_title),
        ("right", axes._right_title),
    ):
        if artist.get_visible() and artist.get_text().strip():
            made = text(place, artist, "title")
            if made:
                found.append(_with(made, side=side))
    return found


def is_framed(axes: Any) -> bool:
    """True if an axes draws its axis lines, ticks and labels at all."""
    if axes.name == "3d":  # the base class's frame is always off there
        return bool(getattr(axes, "_axis3don", True))
    return bool(axes.axison)


def _with(element: Element, **data: Value) -> Element:
    return element.having(data=element.data | data)


def axis(place: AxesFrame, name: str) -> list[Element]:
    """One axis: limits, scale, visible ticks, label and grid."""
    axes, artist = place.axes, getattr(place.axes, f"{name}axis")
    low, high = (float(value) for value in getattr(axes, f"get_{name}lim")())
    seen = artist.get_visible() and is_framed(axes)
    data: dict[str, Value] = {
        "axis": name,
        "scale": str(artist.get_scale()),
        "low": look.number(low),
        "high": look.number(high),
        "auto": bool(getattr(axes, f"get_autoscale{name}_on")()),
    }
    style: dict[str, Value] = {}
    boxes: list[Bbox] = []
    found: list[Element] = []
    if seen:
        major = _drawn(artist, artist.get_majorticklocs(), artist.majorTicks)
        minor = _drawn(artist, artist.get_minorticklocs(), artist.minorTicks)
        boxes = _ticks(place.canvas, artist, major, minor, data, style)
        found += _grid(place, name, major, minor)
        label = artist.label
        if label.get_visible() and label.get_text().strip():
            made = text(place, label, "axis_label")
            if made and axes.name == "3d":
                made.style.pop("rotation", None)  # the view turns it, not the script
            if made:
                found.append(_with(made, axis=name))
        offset = artist.get_offset_text()
        if offset.get_visible() and offset.get_text().strip():
            made = text(place, offset, "offset_text")
            if made:
                found.append(_with(made, axis=name))
    box = place.canvas.box(Bbox.union(boxes)) if boxes else None
    return [Element("axis", box, "", style, data), *found]


def _drawn(artist: Any, places: Any, ticks: list[Any]) -> list[Any]:
    """The ticks within the limits; the artist keeps ticks of earlier draws beyond those."""
    places = np.asarray(places, dtype=float).ravel()[:MOST_TICKS]
    if not len(places):
        return []
    transform = artist.get_transform()
    view = np.sort(np.asarray(transform.transform(np.asarray(artist.get_view_interval(), float))))
    slack = abs(view[1] - view[0]) * 1e-10
    inside = np.asarray(transform.transform(places), dtype=float)
    return [
        tick
        for tick, at in zip(ticks, inside, strict=False)
        if tick.get_visible() and view[0] - slack <= at <= view[1] + slack
    ]


FIXED = (ticker.FixedFormatter, category.StrCategoryFormatter)


class _SeenTick(NamedTuple):
    """A tick whose mark or label is visible."""

    tick: Any
    mark: Line2D | None
    label: Any
    """None if there is none."""
    side: str
    """``near`` or ``far``, of its label."""


def _seen(major: list[Any]) -> Iterator[_SeenTick]:
    for tick in major:
        mark = tick.tick1line if tick.tick1line.get_visible() else tick.tick2line
        marked = mark.get_visible() and mark.get_markersize() > 0 and mark.get_markeredgewidth() > 0
        shown = next(
            (
                (label, side)
                for label, side in ((tick.label1, "near"), (tick.label2, "far"))
                if label.get_visible() and label.get_text().strip() and label.get_alpha() != 0
            ),
            (None, ""),
        )
        if marked or shown[0] is not None:
            yield _SeenTick(tick, mark if marked else None, *shown)


def _ticks(
    canvas: Canvas,
    artist: Any,
    major: list[Any],
    minor: list[Any],
    data: dict[str, Value],
    style: dict[str, Value],
) -> list[Bbox]:
    """Add the visible ticks; returns the extents of their labels."""
    ticks = list(_seen(major))
    extents = [seen.label and seen.label.get_window_extent(canvas.renderer) for seen in ticks]
    if ticks:
        data["ticks"] = look.numbers([float(seen.tick.get_loc()) for seen in ticks])
        data["labels"] = [" ".join(seen.label.get_text().split()) if seen.label else "" for seen in ticks]  # fmt: skip
        boxes = [extent and canvas.box(extent) for extent in extents]
        data["label_boxes"] = [corner for box in boxes for corner in box or [None] * 4]
        data |= _placing(artist)
        lines = [len(lines_of(seen.label)) if seen.label else 0 for seen in ticks]
        if any(count > 1 for count in lines):
            data["lines"] = look.numbers(lines)
    if sides := {seen.side for seen in ticks if seen.side}:
        data["sides"] = " ".join(sorted(sides))
    sides = {
        side for seen in ticks if seen.mark is not None
        for side, mark in (("near", seen.tick.tick1line), ("far", seen.tick.tick2line)) if mark.get_visible()
    }  # fmt: skip
    if sides:
        data["marked"] = " ".join(sorted(sides))
    for seen in [seen for seen in ticks if seen.mark is not None][:1]:
        style |= {
            "tick_length": round(float(seen.mark.get_markersize()), 2),
            "tick_width": round(float(seen.mark.get_markeredgewidth()), 2),
            "tick_color": look.color(seen.mark.get_markeredgecolor(), seen.mark.get_alpha()),
            "tick_direction": str(seen.tick.get_tickdir()),
        }
    labels = [seen.label for seen in ticks if seen.label is not None]
    if labels:
        style |= {f"label_{key}": value for key, value in look.font_style(labels[0]).items()}
        tints = [look.color(label.get_color(), label.get_alpha()) for label in labels]
        if len(set(tints)) > 1:
            style["label_colors"] = tints
    marks = [(tick.tick1line, tick.tick2line) for tick in minor]
    marks = [
        [one for one in both if one.get_visible() and one.get_markersize() > 0] for both in marks
    ]
    if drawn := [both[0] for both in marks if both]:
        data |= {"minor": len(drawn), "minor_length": round(float(drawn[0].get_markersize()), 2)}
    return [extent for extent in extents if extent is not None]


def _placing(artist: Any) -> dict[str, Value]:
    """Whether the script set the places of the ticks, and their labels."""
    locator = artist.get_major_locator()
    locator = getattr(locator, "base", locator)  # polar axes wrap theirs
    placed = isinstance(locator, ticker.FixedLocator | category.StrCategoryLocator)
    formatter = artist.get_major_formatter()
    # `set_xticklabels` passes the labels of placed ticks to a function.
    given = isinstance(formatter, ticker.FuncFormatter) and placed
    return {"placed": placed, "fixed": isinstance(formatter, FIXED) or given}


def _grid(place: AxesFrame, name: str, major: list[Any], minor: list[Any]) -> list[Element]:
    found: list[Element] = []
    if place.axes.name == "3d":
        artist = getattr(place.axes, f"{name}axis")
        lines = getattr(artist, "gridlines", None)
        box = place.canvas.box(place.axes.bbox)
        if lines is not None and box and getattr(place.axes, "_draw_grid", True):
            tints = look.colors(lines.get_edgecolor())
            style: dict[str, Value] = {"color": tints[0] if tints else ""}
            found.append(Element("grid", box, "", style, {"axis": name, "which": "major"}))
        return found
    for which, ticks in (("major", major), ("minor", minor)):
        lines = [tick.gridline for tick in ticks if tick.gridline.get_visible()]
        style = look.line_style(lines[0]) if lines else {}
        if "color" not in style:
            continue
        style = {key: style[key] for key in ("color", "width", "dash")}
        data: dict[str, Value] = {"axis": name, "which": which, "count": len(lines)}
        data["layer"] = _layer(place.axes)
        box = place.canvas.box(place.axes.bbox)
        if box:
            found.append(Element("grid", box, "", style, data))
    return found


def _layer(axes: Any) -> str:
    """``below`` everything, above the areas but under the ``line``s, or ``above`` everything."""
    height = axes.xaxis.get_zorder()
    areas = [part.get_zorder() for part in (*axes.patches, *axes.collections, *axes.images)]
    if areas and 2 * sum(height < area for area in areas) > len(areas):
        return "below"
    lines = [part.get_zorder() for part in axes.lines] or [LINES]
    return "line" if 2 * sum(height < line for line in lines) > len(lines) else "above"


LINES = 2.0
"""Layer on which matplotlib draws lines."""


def spines(place: AxesFrame) -> list[Element]:
    """The lines around an axes."""
    found = []
    if not place.axes.axison or not place.axes.get_frame_on():
        return found + _panes(place)
    for side, artist in place.axes.spines.items():
        if not artist.get_visible():
            continue
        style = look.outline(artist)
        if not style:
            continue
        whole = artist.spine_type == "colorbar"
        # Spines of other projections may have a kind that matplotlib knows no position for.
        moved = artist.spine_type in ("left", "right", "top", "bottom", "arc")
        position = artist.get_position() if moved else None
        usual = position in (None, ("outward", 0.0), ("outward", 0))
        if whole or (usual and place.axes.name == "rectilinear"):
            extent = _side(place.axes.bbox, side)
        else:
            extent = look.display_box(artist, place.canvas.renderer)
        box = place.canvas.box(extent, 1.5)
        if box:
            data: dict[str, Value] = {"side": side}
            if not usual:
                data["position"] = str(position)
            found.append(Element("spine", box, "", style, data))
    return found


def _panes(place: AxesFrame) -> list[Element]:
    """The walls of an axes in space."""
    found: list[Element] = []
    if place.axes.name != "3d" or not is_framed(place.axes):
        return found
    box = place.canvas.box(place.axes.bbox)
    for name in "xyz":
        pane = getattr(getattr(place.axes, f"{name}axis"), "pane", None)
        style = look.patch_style(pane) if pane is not None and pane.get_visible() else {}
        if style and box:
            found.append(Element("spine", box, "", style, {"side": f"{name} wall"}))
    return found


def _side(around: Bbox, side: str) -> Bbox:
    """The edge of an axes, or the whole box for an outline."""
    x0, y0, x1, y1 = around.extents
    return {
        "left": Bbox([[x0, y0], [x0, y1]]),
        "right": Bbox([[x1, y0], [x1, y1]]),
        "bottom": Bbox([[x0, y0], [x1, y0]]),
        "top": Bbox([[x0, y1], [x1, y1]]),
    }.get(side, around)

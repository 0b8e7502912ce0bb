"""The frame of an axes: title, axes with ticks, spines, grid, legend."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import category, ticker
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

from renderers.chart.scene.look import (
    Canvas,
    colour,
    colours,
    dash_of,
    display_box,
    font_style,
    line_style,
    marker_of_path,
    number,
    numbers,
    patch_style,
    stroke,
)
from renderers.chart.scene.marks import AxesFrame, text
from renderers.scene import Element, Value

MOST_TICKS = 400
"""Ticks of one axis that are described; a picture of usual size has no room for more."""


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
    return Element(
        element.role,
        element.box,
        element.text,
        element.style,
        element.data | data,
        element.children,
    )


def axis(place: AxesFrame, name: str) -> list[Element]:
    """One axis: its limits and scale, what is seen of its ticks, its label, its grid."""
    axes, artist = place.axes, getattr(place.axes, f"{name}axis")
    low, high = (float(value) for value in getattr(axes, f"get_{name}lim")())
    seen = artist.get_visible() and is_framed(axes)
    data: dict[str, Value] = {
        "axis": name,
        "scale": str(artist.get_scale()),
        "low": number(low),
        "high": number(high),
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


def _ticks(
    canvas: Canvas,
    artist: Any,
    major: list[Any],
    minor: list[Any],
    data: dict[str, Value],
    style: dict[str, Value],
) -> list[Bbox]:
    """Fill in what is seen of the ticks; the extents of their labels and marks."""
    at: list[float] = []
    labels: list[str | None] = []
    corners: list[float | None] = []
    boxes: list[Bbox] = []
    sides: set[str] = set()
    first = None
    tints: list[str | None] = []
    for tick in major:
        mark = tick.tick1line if tick.tick1line.get_visible() else tick.tick2line
        marked = mark.get_visible() and mark.get_markersize() > 0 and mark.get_markeredgewidth() > 0
        shown = None
        for label, side in ((tick.label1, "near"), (tick.label2, "far")):
            if label.get_visible() and label.get_text().strip() and label.get_alpha() != 0:
                shown = label
                sides.add(side)
                break
        if not marked and shown is None:
            continue
        at.append(float(tick.get_loc()))
        labels.append(" ".join(shown.get_text().split()) if shown is not None else "")
        if marked and "tick_length" not in style:
            style |= {
                "tick_length": round(float(mark.get_markersize()), 2),
                "tick_width": round(float(mark.get_markeredgewidth()), 2),
                "tick_color": colour(mark.get_markeredgecolor(), mark.get_alpha()),
                "tick_direction": str(tick.get_tickdir()),
            }
        if shown is not None:
            first = first or shown
            tints.append(colour(shown.get_color(), shown.get_alpha()))
            extent = shown.get_window_extent(canvas.renderer)
            boxes.append(extent)
            box = canvas.box(extent)
            corners += list(box) if box else [None] * 4
        else:
            corners += [None] * 4
    if at:
        data["ticks"] = numbers(at)
        data["labels"] = list(labels)
        data["label_boxes"] = list(corners)
        locator = artist.get_major_locator()
        locator = getattr(locator, "base", locator)  # polar axes wrap theirs
        data["placed"] = isinstance(locator, ticker.FixedLocator | category.StrCategoryLocator)
        formatter = artist.get_major_formatter()
        # `set_xticklabels` hands the words of placed ticks to a function.
        given = isinstance(formatter, ticker.FuncFormatter) and data["placed"]
        data["fixed"] = isinstance(formatter, FIXED) or bool(given)
        if sides:
            data["sides"] = " ".join(sorted(sides))
    if first is not None:
        style |= {f"label_{key}": value for key, value in font_style(first).items()}
        if len(set(tints)) > 1:
            style["label_colors"] = list(tints)
    marked_minor = [
        tick
        for tick in minor
        if tick.tick1line.get_visible() and tick.tick1line.get_markersize() > 0
    ]
    if marked_minor:
        data["minor"] = len(marked_minor)
    return boxes


def _grid(place: AxesFrame, name: str, major: list[Any], minor: list[Any]) -> list[Element]:
    found: list[Element] = []
    if place.axes.name == "3d":
        artist = getattr(place.axes, f"{name}axis")
        lines = getattr(artist, "gridlines", None)
        box = place.canvas.box(place.axes.bbox)
        if lines is not None and box and getattr(place.axes, "_draw_grid", True):
            tints = colours(lines.get_edgecolor())
            style: dict[str, Value] = {"color": tints[0] if tints else ""}
            found.append(Element("grid", box, "", style, {"axis": name, "which": "major"}))
        return found
    for which, ticks in (("major", major), ("minor", minor)):
        lines = [tick.gridline for tick in ticks if tick.gridline.get_visible()]
        style = line_style(lines[0]) if lines else {}
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
    below = axes.get_axisbelow()
    return "line" if below == "line" else "below" if below else "above"


def spines(place: AxesFrame) -> list[Element]:
    """The lines around an axes."""
    found = []
    if not place.axes.axison:
        return found + _panes(place)
    for side, artist in place.axes.spines.items():
        if not artist.get_visible():
            continue
        style = stroke(
            colour(artist.get_edgecolor()),
            artist.get_linewidth(),
            dash_of(getattr(artist, "_unscaled_dash_pattern", None)),
        )
        if not style:
            continue
        outline = artist.spine_type == "colorbar"
        # Spines of other projections may have a kind that matplotlib knows no position for.
        moved = artist.spine_type in ("left", "right", "top", "bottom", "arc")
        position = artist.get_position() if moved else None
        usual = position in (None, ("outward", 0.0), ("outward", 0))
        if outline or (usual and place.axes.name == "rectilinear"):
            extent = _side(place.axes.bbox, side)
        else:
            extent = display_box(artist, place.canvas.renderer)
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
        style = patch_style(pane) if pane is not None and pane.get_visible() else {}
        if style and box:
            found.append(Element("spine", box, "", style, {"side": f"{name} wall"}))
    return found


def _side(around: Bbox, side: str) -> Bbox:
    """The edge of an axes; all of it for an outline."""
    x0, y0, x1, y1 = around.extents
    return {
        "left": Bbox([[x0, y0], [x0, y1]]),
        "right": Bbox([[x1, y0], [x1, y1]]),
        "bottom": Bbox([[x0, y0], [x1, y0]]),
        "top": Bbox([[x0, y1], [x1, y1]]),
    }.get(side, around)


def legend(canvas: Canvas, artist: Legend, around: Bbox) -> Element | None:
    """A legend with its entries; ``around`` is the extent its place is named by."""
    if not artist.get_visible():
        return None
    extent = artist.get_window_extent(canvas.renderer)
    box = canvas.box(extent)
    entries = []
    for handle, words in zip(artist.legend_handles, artist.get_texts(), strict=False):
        shown = " ".join(words.get_text().split())
        style = _handle(handle) | {f"text_{k}": v for k, v in font_style(words).items()}
        extent_words = words.get_window_extent(canvas.renderer)
        sample = (artist.handlelength + artist.handletextpad) * canvas.pixels(words.get_fontsize())
        around_both = (extent_words.x0 - sample, *extent_words.extents[1:])
        entries.append(Element("legend_entry", canvas.box(around_both), shown, style))
    if box is None or not entries:
        return None
    style = {}
    if artist.get_frame_on():
        style = {f"frame_{key}": value for key, value in patch_style(artist.get_frame()).items()}
    x = ((extent.x0 + extent.x1) / 2 - around.x0) / max(around.width, 1e-9)
    y = ((extent.y0 + extent.y1) / 2 - around.y0) / max(around.height, 1e-9)
    title = artist.get_title()
    words = " ".join(title.get_text().split()) if title.get_visible() else ""
    if words:
        style |= {f"title_{key}": value for key, value in font_style(title).items()}
    data: dict[str, Value] = {
        "at": numbers([x, y]),
        "location": location(x, y),
        "columns": int(getattr(artist, "_ncols", 1)),
        "auto": getattr(artist, "_loc", None) == 0,
    }
    return Element("legend", box, words, style, data, tuple(entries))


def location(x: float, y: float) -> str:
    """A place within an axes in words, from fractions.

    >>> location(0.9, 0.9), location(0.5, -0.2), location(0.5, 0.5)
    ('upper right', 'below', 'center')
    """
    if x > 1:
        return "outside right"
    if x < 0:
        return "outside left"
    if y > 1:
        return "above"
    if y < 0:
        return "below"
    column = "left" if x < 0.37 else "right" if x > 0.63 else "center"
    row = "lower" if y < 0.37 else "upper" if y > 0.63 else "center"
    return "center" if row == column else f"{row} {column}"


def _handle(artist: Any) -> dict[str, Value]:
    """How the sample of a legend entry looks."""
    if isinstance(artist, Line2D):
        style = line_style(artist)
    elif isinstance(artist, Patch):
        style = patch_style(artist)
    elif hasattr(artist, "get_facecolor") and hasattr(artist, "get_paths"):
        faces, edges = colours(artist.get_facecolor()), colours(artist.get_edgecolor())
        if not hasattr(artist, "get_sizes"):
            return {"color": edges[0] if edges else ""}
        style = {"marker_face": faces[0]} if faces and faces[0] else {}
        width = np.atleast_1d(artist.get_linewidth())
        if edges and edges[0] and len(width) and width[0] > 0:
            style |= {"marker_edge": edges[0], "marker_edge_width": round(float(width[0]), 3)}
        paths, sizes = artist.get_paths(), artist.get_sizes()
        if len(paths):
            style["marker"] = marker_of_path(paths[0])
        if len(sizes):
            style["marker_size"] = round(float(np.sqrt(abs(sizes[0]))), 3)
    elif isinstance(artist, tuple) and artist:
        return next((found for found in map(_handle, artist) if found), {})
    else:
        return {}
    return style

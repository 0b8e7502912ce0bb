"""Legends: place, entries, and how the samples of entries look."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

from renderers.chart.scene import look
from renderers.chart.scene.effects import box_look
from renderers.chart.scene.look import Canvas
from renderers.chart.scene.marks import lines_of
from renderers.scene import Element, Value


def legend(canvas: Canvas, artist: Legend, around: Bbox) -> Element | None:
    """A legend with its entries; ``around`` is the extent relative to which its place is named."""
    if not artist.get_visible():
        return None
    extent = artist.get_window_extent(canvas.renderer)
    box = canvas.box(extent)
    entries = []
    for handle, words in zip(artist.legend_handles, artist.get_texts(), strict=False):
        shown = " ".join(words.get_text().split())
        style = _handle(handle) | {f"text_{k}": v for k, v in look.font_style(words).items()}
        extent_words = words.get_window_extent(canvas.renderer)
        sample = (artist.handlelength + artist.handletextpad) * canvas.pixels(words.get_fontsize())
        around_both = (extent_words.x0 - sample, *extent_words.extents[1:])
        lines: list[Value] = [len(line) for line in lines_of(words)]
        data: dict[str, Value] = {"lines": lines} if len(lines) > 1 else {}
        entries.append(Element("legend_entry", canvas.box(around_both), shown, style, data))
    if box is None or not entries:
        return None
    style = {}
    if artist.get_frame_on():
        frame = look.patch_style(artist.get_frame()) | box_look(canvas, artist.get_frame())
        frame |= {"shadow": "gray"} if artist.shadow else {}
        style = {f"frame_{key}": value for key, value in frame.items()}
    x = ((extent.x0 + extent.x1) / 2 - around.x0) / max(around.width, 1e-9)
    y = ((extent.y0 + extent.y1) / 2 - around.y0) / max(around.height, 1e-9)
    title = artist.get_title()
    words = " ".join(title.get_text().split()) if title.get_visible() else ""
    if words:
        style |= {f"title_{key}": value for key, value in look.font_style(title).items()}
    data = {
        "at": look.numbers([x, y]),
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
    """The style of the sample of a legend entry."""
    if isinstance(artist, Line2D):
        style = look.line_style(artist)
    elif isinstance(artist, Patch):
        style = look.patch_style(artist)
    elif hasattr(artist, "get_facecolor") and hasattr(artist, "get_paths"):
        faces, edges = look.colors(artist.get_facecolor()), look.colors(artist.get_edgecolor())
        if not hasattr(artist, "get_sizes"):
            return {"color": edges[0] if edges else ""}
        style = {"marker_face": faces[0]} if faces and faces[0] else {}
        width = np.atleast_1d(artist.get_linewidth())
        if edges and edges[0] and len(width) and width[0] > 0:
            style |= {"marker_edge": edges[0], "marker_edge_width": round(float(width[0]), 3)}
        paths, sizes = artist.get_paths(), artist.get_sizes()
        if len(paths):
            style["marker"] = look.marker_of_path(paths[0])
        if len(sizes):
            style["marker_size"] = round(float(np.sqrt(abs(sizes[0]))), 3)
    elif isinstance(artist, tuple) and artist:
        return next((found for found in map(_handle, artist) if found), {})
    else:
        return {}
    return style

"""Pictures and grids of cells that are colored by value."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.image import AxesImage, FigureImage

from renderers.chart.scene import look
from renderers.chart.scene.look import Points
from renderers.chart.scene.marks import AxesFrame, label_of
from renderers.scene import Element, Value


def image(place: AxesFrame, artist: AxesImage) -> Element | None:
    """A grid of colored cells, or a photograph."""
    values = artist.get_array()
    if values is None or not values.size or look.unseen(artist):
        return None
    left, right, bottom, top = (float(value) for value in artist.get_extent())
    first, last = (top, bottom) if artist.origin == "upper" else (bottom, top)
    corners = np.array([[left, bottom], [right, top]])
    space, points, display = place.locate(artist.get_transform(), corners)
    box = place.box(artist, display)
    if box is None:
        return None
    if values.ndim == 3:
        table = np.asarray(values, dtype=float)
        if values.dtype.kind == "f":
            table = table * 255
        table = table[::-1] if first > last else table
        rows, columns = table.shape[:2]
        flat = table[:: max(1, rows // 8), :: max(1, columns // 8), :3].reshape(-1, 3)
        data = {
            "rows": rows,
            "columns": columns,
            "values": look.numbers(np.round(look.sampled(flat).ravel())),
            "hash": look.digest(np.round(table)),
            "span": _ordered_span(points),
            "space": space,
        }
        alpha = artist.get_alpha()
        opacity = 1.0 if alpha is None else look.number(np.mean(alpha))
        return Element("photo", box, "", {"alpha": opacity}, data)
    table = look.unmasked(values)
    if first > last:
        table = table[::-1]
    if left > right:
        table = table[:, ::-1]
    return heatmap(artist, table, _ordered_span(points), space, box)


def figure_image(place: AxesFrame, artist: FigureImage) -> Element | None:
    """A picture drawn on the figure pixel by pixel, outside any axes."""
    values = artist.get_array()
    if values is None or not values.size or look.unseen(artist):
        return None
    left, right, bottom, top = (float(value) + 0.5 for value in artist.get_extent())
    box = place.canvas.box((left, bottom, right, top))
    if box is None:
        return None
    corners = place._to_fraction.transform([(left, bottom), (right, top)])
    rows, columns = values.shape[:2]
    data: dict[str, Value] = {"rows": rows, "columns": columns, "hash": look.digest(values)}
    data |= {"span": _ordered_span(corners), "space": "figure"}
    alpha = artist.get_alpha()
    style: dict[str, Value] = {"alpha": 1.0 if alpha is None else look.number(np.mean(alpha))}
    if values.ndim == 2:
        style |= color_map(artist)
        data |= color_limits(artist)
    return Element("photo", box, "", style, data)


def _ordered_span(points: Points) -> list[Value]:
    low, high = points.min(axis=0), points.max(axis=0)
    return look.numbers([low[0], low[1], high[0], high[1]])


def heatmap(artist: Any, table: Points, span: list[Value], space: str, box: Any) -> Element:
    """A grid of cells colored by value; the first row is the lowest."""
    rows, columns = table.shape
    data: dict[str, Value] = {"rows": rows, "columns": columns, "span": span, "space": space}
    data |= look.packed({"values": table.ravel()})
    style = color_map(artist)
    if rows * columns > 4 and hasattr(artist, "get_interpolation"):
        kind = str(artist.get_interpolation())
        if kind not in ("antialiased", "nearest", "none", "auto"):
            style["interpolation"] = kind
    data |= color_limits(artist)
    return Element("heatmap", box, label_of(artist), style, data)


RAMP = np.linspace(0, 1, 7)


def color_map(artist: Any) -> dict[str, Value]:
    """Name of the color map and seven of its colors."""
    ramp = artist.get_cmap()(RAMP)
    alpha = artist.get_alpha()
    alpha = float(alpha) if isinstance(alpha, int | float) else None
    return {"cmap": artist.get_cmap().name, "ramp": [look.color(row, alpha) for row in ramp]}


def color_limits(artist: Any) -> dict[str, Value]:
    """The values at both ends of the color map, and the scale between them."""
    low, high = artist.get_clim()
    limits: dict[str, Value] = {
        "low": look.number(low) if low is not None else None,
        "high": look.number(high) if high is not None else None,
    }
    norm = type(artist.norm).__name__
    if norm != "Normalize":
        limits["norm"] = norm
    return limits

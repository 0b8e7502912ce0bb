"""Marks that belong together: the parts of an error bar, the lines of a box plot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch

from renderers.chart.scene.look import (
    colours,
    dash_of,
    line_style,
    number,
    numbers,
    packed,
    patch_style,
)
from renderers.chart.scene.marks import AxesFrame, label_of
from renderers.scene import Element, Value

Layered = list[tuple[float, Element]]
"""Elements with the layer (``zorder``) that they are painted on."""


def error_bars(place: AxesFrame, group: ErrorbarContainer) -> tuple[Layered, set[int]]:
    """Error bars with their caps, without the points they stand on; ids of the artists used."""
    _, caps, bars = group.lines
    found: Layered = []
    used = {id(part) for part in (*caps, *bars)}
    directions = ["x"] * bool(group.has_xerr) + ["y"] * bool(group.has_yerr)
    caps = [cap for cap in caps if cap.get_visible()]
    for direction, artist in zip(directions, bars, strict=False):
        pieces = [np.asarray(piece, float) for piece in artist.get_segments()]
        ends = np.array([piece[[0, -1]] for piece in pieces if len(piece) > 1], dtype=float)
        pens = colours(artist.get_edgecolor())
        width = float(np.atleast_1d(artist.get_linewidth())[0]) if pens else 0.0
        if not len(ends) or not artist.get_visible() or not any(pens) or not width > 0:
            continue
        _, _, display = place.locate(artist.get_transform(), ends.reshape(-1, 2))
        along, across = (1, 0) if direction == "y" else (0, 1)
        data = packed(
            {
                "at": ends[:, 0, across],
                "low": ends[:, :, along].min(axis=1),
                "high": ends[:, :, along].max(axis=1),
            }
        )
        style: dict[str, Value] = {
            "color": pens[0],
            "width": round(width, 3),
            "dash": dash_of((getattr(artist, "_us_linestyles", None) or [(0, None)])[0]),
        }
        cap = next((cap for cap in caps if cap.get_marker() in ("|", "_", 0, 1, 2, 3)), None)
        if cap is not None and cap.get_markersize() > 0:
            style["cap_size"] = round(float(cap.get_markersize()), 3)
            style["cap_width"] = round(float(cap.get_markeredgewidth()), 3)
        box = place.box(artist, display, _cap(style))
        if box:
            data["direction"] = direction
            made = Element("errorbars", box, label_of(group), style, data)
            found.append((artist.get_zorder(), made))
    return found, used


def _cap(style: dict[str, Value]) -> float:
    size = style.get("cap_size", 0.0)
    return float(size) if isinstance(size, int | float) else 0.0


@dataclass
class _Box:
    """A box plot's box while its whiskers, caps and median are looked for.

    ``along`` runs with the values, ``across`` with the categories.
    """

    artist: Any
    across: tuple[float, float]
    along: tuple[float, float]
    vertical: bool
    parts: list[Line2D] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return (self.across[0] + self.across[1]) / 2


def box_plots(place: AxesFrame, artists: Iterable[Any]) -> tuple[Layered, set[int]]:
    """Boxes with whiskers, caps, medians and fliers, found by how they are placed.

    matplotlib keeps no record of what `boxplot` drew, and a redrawn chart may build the same look
    from other calls, so the parts are recognized by geometry alone.
    """
    closed: list[tuple[Any, Any]] = []
    strokes: list[tuple[Line2D, Any]] = []
    dots: list[tuple[Line2D, Any]] = []
    for artist in artists:
        if isinstance(artist, PathPatch) and artist.get_data_transform() == place.axes.transData:
            points = np.asarray(artist.get_path().vertices, dtype=float)
            if 5 <= len(points) <= 12:
                closed.append((artist, points))
        elif isinstance(artist, Line2D) and artist.get_transform() == place.axes.transData:
            points = np.asarray(artist.get_xydata(), dtype=float)
            drawn = artist.get_linestyle() not in ("None", "none", "", " ")
            if not drawn and len(points):
                dots.append((artist, points))
            elif drawn and len(points) == 2:
                strokes.append((artist, points))
            elif drawn and len(points) in (5, 11, 12) and (points[0] == points[-1]).all():
                closed.append((artist, points))
    if not closed or not strokes:
        return [], set()
    upright, level = defaultdict(list), defaultdict(list)
    for artist, points in strokes:
        if _close(points[0, 0], points[1, 0]):
            upright[_key(points[0, 0])].append((artist, points))
        if _close(points[0, 1], points[1, 1]):
            level[_key(points[0, 1])].append((artist, points))
    dotted = defaultdict(list)
    for artist, points in dots:
        for axis in (0, 1):
            if np.allclose(points[:, axis], points[0, axis]):
                dotted[axis, _key(points[0, axis])].append((artist, points))
    elements: Layered = []
    used: set[int] = set()
    for artist, points in closed:
        finite = points[np.isfinite(points).all(axis=1)]
        if len(finite) < 4:
            continue
        low, high = finite.min(axis=0), finite.max(axis=0)
        middle = (low + high) / 2
        for axis, whiskers in ((0, upright), (1, level)):
            made = _assemble(
                place,
                artist,
                axis,
                low,
                high,
                [pair for pair in whiskers[_key(middle[axis])] if id(pair[0]) not in used],
                [pair for pair in strokes if id(pair[0]) not in used],
                dotted[axis, _key(middle[axis])],
            )
            if made:
                elements.append((artist.get_zorder(), made[0]))
                used |= made[1]
                break
    return elements, used


def _assemble(
    place: AxesFrame,
    artist: Any,
    axis: int,
    low: Any,
    high: Any,
    whiskers: list[Any],
    strokes: list[Any],
    dots: list[Any],
) -> tuple[Element, set[int]] | None:
    """One box from its outline and the strokes around it; None where they make no box."""
    value = 1 - axis
    q1, q3 = low[value], high[value]
    middle, width = (low[axis] + high[axis]) / 2, high[axis] - low[axis]
    used = {id(artist)}
    ends = {"low": q1, "high": q3}
    whisker = None
    for part, points in whiskers:
        start, end = sorted(points[:, value])
        if _close(end, q1, q3 - q1) or _close(start, q3, q3 - q1):
            ends["low"], ends["high"] = min(ends["low"], start), max(ends["high"], end)
            used.add(id(part))
            whisker = part
    if whisker is None:
        return None
    level: list[tuple[Any, float, float]] = []
    for part, points in strokes:
        flat = _close(points[0, value], points[1, value], q3 - q1)
        centred = _close(points[:, axis].mean(), middle, width)
        reach = abs(points[1, axis] - points[0, axis])
        if flat and centred and reach and reach <= width * 1.001:
            level.append((part, float(points[0, value]), float(reach)))
    # A whisker of no length puts its cap on the edge of the box, where the median may lie too; the
    # median is then the wider one.
    inside = [stroke for stroke in level if q1 <= stroke[1] <= q3]
    if not inside:
        return None
    edge = [any(_close(stroke[1], end, q3 - q1) for end in (q1, q3)) for stroke in inside]
    ranked = sorted(range(len(inside)), key=lambda index: (edge[index], -inside[index][2], index))
    median = inside[ranked[0]]
    used.add(id(median[0]))
    mean: float | None = None
    cap: tuple[Any, float] | None = None
    for part, height, reach in level:
        if id(part) in used:
            continue
        if any(_close(height, end, q3 - q1) for end in ends.values()):
            cap = (part, reach)
        elif q1 <= height <= q3 and mean is None:
            mean = height
        else:
            continue
        used.add(id(part))
    fliers: list[float] = []
    flier = None
    for part, points in dots:
        heights = points[:, value]
        within = len(heights) == 1 and q1 <= heights[0] <= q3
        outside = bool(((heights <= ends["low"]) | (heights >= ends["high"])).all())
        if within and mean is None:
            mean = float(heights[0])
        elif outside:
            fliers += heights.tolist()
            flier = part
        else:
            continue
        used.add(id(part))
    style: dict[str, Value] = {}
    if isinstance(artist, PathPatch):
        style |= patch_style(artist)
    else:
        pen = line_style(artist)
        style |= {"edge": pen.get("color"), "edge_width": pen.get("width")}
    for name, part in (("median", median[0]), ("whisker", whisker), ("cap", cap and cap[0])):
        pen = line_style(part) if part is not None else {}
        style |= {
            f"{name}_{key}": value
            for key, value in pen.items()
            if key in ("color", "width", "dash")
        }
    if flier is not None and fliers:
        style |= {
            f"flier_{key}": value
            for key, value in line_style(flier).items()
            if key.startswith("marker")
        }
    data: dict[str, Value] = {
        "orientation": "vertical" if axis == 0 else "horizontal",
        "at": number(middle),
        "width": number(width),
        "low": number(ends["low"]),
        "q1": number(q1),
        "median": number(median[1]),
        "q3": number(q3),
        "high": number(ends["high"]),
        "fliers": numbers(sorted(fliers)[:64]),
        "flier_count": len(fliers),
    }
    if cap is not None:
        data["cap"] = number(cap[1])
    if mean is not None:
        data["mean"] = number(mean)
    span = np.zeros((2, 2))
    heights = [ends["low"], ends["high"], *fliers]
    span[:, axis], span[:, value] = (low[axis], high[axis]), (min(heights), max(heights))
    _, _, display = place.locate(place.axes.transData, span)
    box = place.box(artist, display, 1.0)
    if box is None:
        return None
    name = label_of(artist)
    return Element("box", box, name, {k: v for k, v in style.items() if v is not None}, data), used


def _close(first: float, second: float, scale: float = 0.0) -> bool:
    return abs(first - second) <= 1e-6 * max(abs(first), abs(second), abs(scale), 1e-12)


def _key(value: float) -> float:
    return float(f"{value:.6g}")

"""Groups artists into marks: the parts of an error bar, the lines of a box plot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch

from renderers.chart.scene import look
from renderers.chart.scene.marks import AxesFrame, label_of
from renderers.scene import Element, Value, length_of

Layered = list[tuple[float, Element]]
"""Elements with the layer (``zorder``) that they are painted on."""


def error_bars(place: AxesFrame, group: ErrorbarContainer) -> tuple[Layered, set[int]]:
    """Error bars with their caps, without their points; and the ids of the artists used."""
    _, caps, bars = group.lines
    found: Layered = []
    used = {id(part) for part in (*caps, *bars)}
    directions = ["x"] * bool(group.has_xerr) + ["y"] * bool(group.has_yerr)
    caps = [cap for cap in caps if cap.get_visible()]
    for direction, artist in zip(directions, bars, strict=False):
        pieces = [np.asarray(piece, float) for piece in artist.get_segments()]
        ends = np.array([piece[[0, -1]] for piece in pieces if len(piece) > 1], dtype=float)
        pens = look.colors(artist.get_edgecolor())
        width = float(np.atleast_1d(artist.get_linewidth())[0]) if pens else 0.0
        if not len(ends) or not artist.get_visible() or not any(pens) or not width > 0:
            continue
        _, _, display = place.locate(artist.get_transform(), ends.reshape(-1, 2))
        along, across = (1, 0) if direction == "y" else (0, 1)
        reach = ends[:, :, along]
        data = look.packed(
            {"at": ends[:, 0, across], "low": reach.min(axis=1), "high": reach.max(axis=1)}
        )
        style: dict[str, Value] = {"color": pens[0], "width": round(width, 3)}
        style["dash"] = look.dash_in(artist)
        cap = next((cap for cap in caps if cap.get_marker() in ("|", "_", 0, 1, 2, 3)), None)
        if cap is not None and cap.get_markersize() > 0:
            style["cap_size"] = round(float(cap.get_markersize()), 3)
            style["cap_width"] = round(float(cap.get_markeredgewidth()), 3)
        data["direction"] = direction
        made = place.mark("errorbars", artist, display, style, data, length_of(style, "cap_size"))
        if made is not None:
            found.append((artist.get_zorder(), made.having(text=label_of(group))))
    return found, used


Stroke = tuple[Line2D, Any]
"""A line with its points."""


class _Level(NamedTuple):
    """A horizontal stroke across a box, around its center."""

    part: Line2D
    height: float
    reach: float


@dataclass
class _Box:
    """A box of a box plot, and the whiskers, median, caps, mean and fliers found so far."""

    artist: Any
    axis: int
    """Direction of the categories: 0 is x."""
    low: Any
    high: Any
    used: set[int]
    """Ids of the artists that are its parts."""
    ends: list[float]
    """Where its whiskers end."""
    whisker: Line2D | None = None
    median: _Level | None = None
    cap: _Level | None = None
    mean: float | None = None
    flier: Line2D | None = None
    fliers: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, artist: Any, axis: int, low: Any, high: Any) -> _Box:
        """A box without its parts."""
        return cls(artist, axis, low, high, {id(artist)}, [low[1 - axis], high[1 - axis]])

    @property
    def quartiles(self) -> tuple[float, float]:
        return self.low[1 - self.axis], self.high[1 - self.axis]

    @property
    def middle(self) -> float:
        return (self.low[self.axis] + self.high[self.axis]) / 2

    @property
    def width(self) -> float:
        return self.high[self.axis] - self.low[self.axis]

    def at(self, height: float, *places: float) -> bool:
        """True if a height equals one of the given places."""
        q1, q3 = self.quartiles
        return any(_close(height, place, q3 - q1) for place in places)

    def take_whiskers(self, strokes: Iterable[Stroke]) -> bool:
        """Strokes that begin at an edge and lead away; False if there is none."""
        q1, q3 = self.quartiles
        for part, points in strokes:
            start, end = sorted(points[:, 1 - self.axis])
            if self.at(end, q1) or self.at(start, q3):
                self.ends = [min(self.ends[0], start), max(self.ends[1], end)]
                self.used.add(id(part))
                self.whisker = part
        return self.whisker is not None

    def take_levels(self, strokes: Iterable[Stroke]) -> bool:
        """Median, caps and mean among the strokes across; False if there is no median."""
        levels = list(self._levels(strokes))
        q1, q3 = self.quartiles
        # A whisker of no length puts its cap on the edge of the box, where the median may lie too;
        # the median is then the wider one.
        inside = [level for level in levels if q1 <= level.height <= q3]
        if not inside:
            return False
        self.median = min(inside, key=lambda level: (self.at(level.height, q1, q3), -level.reach))
        self.used.add(id(self.median.part))
        for level in levels:
            if id(level.part) in self.used:
                continue
            if self.at(level.height, *self.ends):
                self.cap = level
            elif q1 <= level.height <= q3 and self.mean is None:
                if level.part.get_linestyle() != "None":
                    self.mean = level.height
            else:
                continue
            self.used.add(id(level.part))
        return True

    def _levels(self, strokes: Iterable[Stroke]) -> Iterator[_Level]:
        for part, points in strokes:
            along, across = points[:, 1 - self.axis], points[:, self.axis]
            reach = abs(across[1] - across[0])
            centered = _close(across.mean(), self.middle, self.width)
            if self.at(along[0], along[1]) and centered and 0 < reach <= self.width * 1.001:
                yield _Level(part, float(along[0]), float(reach))

    def take_dots(self, dots: Iterable[Stroke], axes: Any) -> None:
        """Take the mean, if it is a point, and the fliers within the axes."""
        limits = sorted((axes.get_ylim if self.axis == 0 else axes.get_xlim)())
        q1, q3 = self.quartiles
        for part, points in dots:
            heights = points[:, 1 - self.axis]
            if len(heights) == 1 and q1 <= heights[0] <= q3 and self.mean is None:
                if part.get_marker() not in ("None", "", " ", None):
                    self.mean = float(heights[0])
            elif ((heights <= self.ends[0]) | (heights >= self.ends[1])).all():
                self.fliers += heights[(heights >= limits[0]) & (heights <= limits[1])].tolist()
                self.flier = part
            else:
                continue
            self.used.add(id(part))

    def style(self) -> dict[str, Value]:
        """How the box and its parts look."""
        if isinstance(self.artist, PathPatch):
            style = look.patch_style(self.artist)
        else:
            pen = look.line_style(self.artist)
            style = {"edge": pen.get("color"), "edge_width": pen.get("width")}
        parts = {
            "median": self.median and self.median.part, "whisker": self.whisker,
            "cap": self.cap and self.cap.part,
        }  # fmt: skip
        for name, part in parts.items():
            pen = look.line_style(part) if part is not None else {}
            style |= {f"{name}_{key}": pen[key] for key in ("color", "width", "dash") if key in pen}
        if self.flier is not None and self.fliers:
            points = look.line_style(self.flier)
            style |= {f"flier_{k}": value for k, value in points.items() if k.startswith("marker")}
        return {key: value for key, value in style.items() if value is not None}

    def element(self, place: AxesFrame) -> Element | None:
        """The box with its parts; None if it is outside the picture."""
        q1, q3 = self.quartiles
        data: dict[str, Value] = {
            "orientation": "vertical" if self.axis == 0 else "horizontal",
            "at": look.number(self.middle),
            "width": look.number(self.width),
            "low": look.number(self.ends[0]),
            "q1": look.number(q1),
            "median": look.number(self.median.height),
            "q3": look.number(q3),
            "high": look.number(self.ends[1]),
            "fliers": look.numbers(sorted(self.fliers)[:64]),
            "flier_count": len(self.fliers),
        }
        if self.cap is not None:
            data["cap"] = look.number(self.cap.reach)
        if self.mean is not None:
            data["mean"] = look.number(self.mean)
        span = np.zeros((2, 2))
        span[:, self.axis] = self.low[self.axis], self.high[self.axis]
        heights = [*self.ends, *self.fliers]
        span[:, 1 - self.axis] = min(heights), max(heights)
        _, _, display = place.locate(place.axes.transData, span)
        return place.mark("box", self.artist, display, self.style(), data, 1.0)


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
        notched = len(points) in (11, 12)
        # A notch may reach beyond the quartiles.
        corners = points[[0, 1, 5, 6]] if notched else finite
        low, high = corners.min(axis=0), corners.max(axis=0)
        middle = (low + high) / 2
        for axis, whiskers in ((0, upright), (1, level)):
            at, found = _key(middle[axis]), _Box.of(artist, axis, low, high)
            free = [stroke for stroke in strokes if id(stroke[0]) not in used]
            if not found.take_whiskers(stroke for stroke in whiskers[at] if id(stroke[0]) not in used):  # fmt: skip
                continue
            if not found.take_levels(free):
                continue
            found.take_dots(dotted[axis, at], place.axes)
            made = found.element(place)
            if made is not None:
                made.style.update({"notch": "notched"} if notched else {})
                elements.append((artist.get_zorder(), made))
                used |= found.used
                break
    return elements, used


def _close(first: float, second: float, scale: float = 0.0) -> bool:
    return abs(first - second) <= 1e-6 * max(abs(first), abs(second), abs(scale), 1e-12)


def _key(value: float) -> float:
    return float(f"{value:.6g}")

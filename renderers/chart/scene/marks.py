"""Marks of an axes: lines, markers, bars, wedges, areas, arrows and texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle, Wedge
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import BboxTransformTo

from renderers.chart.scene import look
from renderers.chart.scene.effects import arrow_look, box_look, path_effects
from renderers.chart.scene.look import Canvas, Points
from renderers.scene import Element, Value, length_of


@dataclass
class AxesFrame:
    """An axes, or the figure itself: converts points to named coordinates and to pixels."""

    canvas: Canvas
    axes: Any
    """The `Axes`, or the figure for parts outside any axes."""

    @cached_property
    def _to_data(self) -> Any:
        return self.axes.transData.inverted()

    @cached_property
    def _to_fraction(self) -> Any:
        # A secondary axis is not an `Axes` but has axes coordinates.
        on_axes = hasattr(self.axes, "transAxes")
        return (self.axes.transAxes if on_axes else self.axes.transSubfigure).inverted()

    def locate(self, transform: Any, points: Points) -> tuple[str, Points, Points]:
        """Space, points in that space, and display points.

        The space is ``data``, ``axes`` (fractions), ``x`` (x in data, y in fractions) or ``y``.
        """
        display = np.asarray(transform.transform(points), dtype=float)
        if not isinstance(self.axes, Axes):
            return "figure", self._to_fraction.transform(display), display
        if self.axes.name == "3d":  # projected: its coordinates are those of no axis
            return "axes", self._to_fraction.transform(display), display
        data = self.axes.transData
        if transform is data or transform == data:
            return "data", points, display
        x_is_data, y_is_data = transform.contains_branch_seperately(data)
        if x_is_data and y_is_data:
            if self.axes.name == "rectilinear":
                return "data", self._to_data.transform(display), display
            return "data", points, display
        fractions = self._to_fraction.transform(display)
        if not x_is_data and not y_is_data:
            return "axes", fractions, display
        values = self._to_data.transform(display)
        if x_is_data:
            return "x", np.column_stack((values[:, 0], fractions[:, 1])), display
        return "y", np.column_stack((fractions[:, 0], values[:, 1])), display

    def spread(
        self, transform: Any, points: Points, **columns: Any
    ) -> tuple[dict[str, Value], Points]:
        """Data of points, with further ``columns`` of numbers, and display points."""
        space, points, display = self.locate(transform, points)
        data = look.packed({"x": points[:, 0], "y": points[:, 1], **columns})
        return data | {"space": space}, display

    def box(self, artist: Any, display: Points, pad_pt: float = 0.0) -> Any:
        """Pixel box of display points, cut to the artist's clip."""
        extent = look.extent_of(display)
        extent = look.clipped(artist, extent) if extent else None
        if extent is None:
            return None
        # A hairline has no width.
        return self.canvas.box(extent, max(self.canvas.pixels(pad_pt), 0.5))

    def mark(
        self, role: str, artist: Any, display: Points, style: dict[str, Value],
        data: dict[str, Value], pad_pt: float = 0.0,
    ) -> Element | None:  # fmt: skip
        """An element with the box around display points; None if nothing of it is visible."""
        box = self.box(artist, display, pad_pt)
        return Element(role, box, label_of(artist), style, data) if box else None


def label_of(artist: Any) -> str:
    """The legend label of an artist; empty if it has none."""
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else " ".join(label.split())


def line(place: AxesFrame, artist: Line2D) -> Element | None:
    """A curve, or markers only if no curve is drawn."""
    style = look.line_style(artist)
    if not style:
        return None
    if getattr(artist, "_verts3d", None) is not None:
        x, y, z = (np.asarray(part, dtype=float) for part in np.broadcast_arrays(*artist._verts3d))
        points = np.asarray(artist.get_xydata(), dtype=float)
        data = look.packed({"x": x, "y": y, "z": z}) | {"space": "3d"}
        display = np.asarray(artist.get_transform().transform(points), dtype=float)
    else:
        points = look.unmasked(artist.get_xydata())
        if not len(points):
            return None
        data, display = place.spread(artist.get_transform(), points)
    curve = "color" in style and len(points) > 1
    if not curve:
        style = {key: value for key, value in style.items() if key.startswith("marker")}
        if not style:
            return None
    if artist.get_markevery() is not None and "marker" in style:
        style["marker_every"] = str(artist.get_markevery())
    half_marker = length_of(style, "marker_size") / 2
    pad = max(float(artist.get_linewidth()) / 2 if curve else 0.0, half_marker)
    if not artist.get_clip_on() and _on_frame(place, display, half_marker):
        style["over_frame"] = True
    return place.mark("line" if curve else "markers", artist, display, style, data, pad)


def _on_frame(place: AxesFrame, display: Points, half_pt: float) -> bool:
    """True if a marker stands on the frame of a rectangular axes, which cuts it unless told not to."""
    if half_pt == 0.0 or not isinstance(place.axes, Axes) or place.axes.name != "rectilinear":
        return False
    half, (low, high) = place.canvas.pixels(half_pt), place.axes.bbox.get_points()
    points = display[np.isfinite(display).all(axis=1)]
    inside = ((points > low - half) & (points < high + half)).all(axis=1)
    on = ((np.abs(points - low) < half) | (np.abs(points - high) < half)).any(axis=1)
    return bool((inside & on).any())


def bar(place: AxesFrame, artist: Rectangle, series: str, orientation: str) -> Element | None:
    """An upright rectangle: a bar, a span, a tile."""
    style = look.patch_style(artist)
    x, y = artist.get_x(), artist.get_y()
    corners = np.array([[x, y], [x + artist.get_width(), y + artist.get_height()]], dtype=float)
    if not np.isfinite(corners).all():
        return None  # a bar of no known height, which paints nothing
    space, points, display = place.locate(artist.get_data_transform(), corners)
    flat = (display[0] == display[1]).any()
    if isinstance(place.axes, Axes) and place.axes.name != "rectilinear":
        # Its edges are straight in data and curved in the picture: follow them.
        across, up = np.meshgrid(np.linspace(0, 1, 25), (0.0, 1.0))
        edges = corners[0] + np.column_stack((across.ravel(), up.ravel())) * (
            corners[1] - corners[0]
        )
        display = np.asarray(artist.get_data_transform().transform(edges), dtype=float)
    if not style or (flat and "edge" not in style):
        return None
    box = place.box(artist, display, length_of(style, "edge_width") / 2)
    if box is None:
        return None
    (x0, y0), (x1, y1) = points.tolist()
    data: dict[str, Value] = {"span": look.numbers([x0, y0, x1, y1]), "space": space}
    if orientation:
        data["orientation"] = orientation
    return Element("bar", box, series, style, data)


def wedge(place: AxesFrame, artist: Wedge) -> Element | None:
    """A slice of a pie or of a ring."""
    style = look.patch_style(artist)
    turn = (artist.theta2 - artist.theta1) % 360 or (
        360.0 if artist.theta2 != artist.theta1 else 0.0
    )
    if not style or not turn or not artist.r:
        return None
    shape = artist.get_patch_transform().transform_path(artist.get_path())
    space, _, display = place.locate(artist.get_data_transform(), shape.vertices)
    data: dict[str, Value] = {
        "start": look.number(artist.theta1 % 360),
        "turn": look.number(turn),
        "radius": look.number(artist.r),
        "width": look.number(artist.width) if artist.width is not None else None,
        "center": look.numbers(artist.center),
        "space": space,
    }
    return place.mark("wedge", artist, display, style, data)


def area(place: AxesFrame, artist: Patch) -> Element | None:
    """A filled or outlined shape of any form."""
    style = look.patch_style(artist)
    if not style:
        return None
    if getattr(artist, "_segment3d", None) is not None:
        solid = np.asarray(artist._segment3d, dtype=float).reshape(-1, 3)
        display = artist.get_transform().transform(artist.get_path().vertices)
        data = look.packed(dict(zip("xyz", solid.T, strict=True))) | {"space": "3d"}
    else:
        shape = artist.get_patch_transform().transform_path(artist.get_path())
        if not len(shape.vertices):
            return None
        if "corners" in box_look(place.canvas, artist):  # told by its style
            shape = Path.unit_rectangle().transformed(BboxTransformTo(shape.get_extents()))
        data, display = place.spread(artist.get_data_transform(), shape.vertices)
    return place.mark("area", artist, display, style, data, length_of(style, "edge_width") / 2)


def arrow(place: AxesFrame, artist: FancyArrowPatch) -> Element | None:
    """A drawn arrow or connecting line."""
    style = look.outline(artist)
    head = type(artist.get_arrowstyle()).__name__
    closed = "Filled" in head or not head.startswith(("Curve", "Bracket", "Bar"))
    face = look.color(artist.get_facecolor()) if artist.get_fill() and closed else ""
    if face:
        style["face"] = face
    if "edge" not in style and not face:
        return None
    extent = artist.get_window_extent(place.canvas.renderer)
    if not np.isfinite(extent.extents).all():
        return None
    display = np.array([[extent.x0, extent.y0], [extent.x1, extent.y1]])
    along = None
    ends = getattr(artist, "_posA_posB", None)
    if ends is not None and ends[0] is not None:
        raw = np.array(
            [[artist.convert_xunits(x), artist.convert_yunits(y)] for x, y in ends], float
        )
        space, points, along = place.locate(artist.get_transform(), raw)
    else:
        to_space = place._to_data if isinstance(place.axes, Axes) else place._to_fraction
        space, points = "data", to_space.transform(display)
    style |= arrow_look(artist, along)
    box = place.box(artist, display)
    data = look.packed({"x": points[:, 0], "y": points[:, 1]}) | {"space": space}
    return Element("arrow", box, "", style, data) if box else None


def text(place: AxesFrame, artist: Text, role: str = "text") -> Element | None:
    """A text; an annotation also points at something."""
    words = " ".join(artist.get_text().split())
    style = look.font_style(artist) | path_effects(artist)
    if not words or not style["color"]:
        return _bare_arrow(place, artist) if getattr(artist, "arrow_patch", None) else None
    extent = Text.get_window_extent(artist, place.canvas.renderer)
    cut = look.clipped(artist, extent.extents)
    box = place.canvas.box(cut) if cut else None
    if box is None:
        return None
    anchor = np.array([[extent.x0 + extent.width / 2, extent.y0 + extent.height / 2]])
    fraction = place._to_fraction.transform(anchor)[0]
    data: dict[str, Value] = {"at": look.numbers(fraction), **_anchor(place, artist)}
    if len(lines := lines_of(artist)) > 1:
        data |= {"lines": [len(line) for line in lines], "spacing": _spacing(artist)}
    bubble = artist.get_bbox_patch()
    if bubble is not None:
        shape = look.patch_style(bubble) | box_look(place.canvas, bubble)
        style |= {f"box_{key}": value for key, value in shape.items()}
        if shape:
            around = bubble.get_window_extent(place.canvas.renderer)
            style["box_margin"] = look.number(
                round((around.height - extent.height) * 36 / place.canvas.dpi, 1)
            )
            data["bubble"] = list(place.canvas.box(around) or ())
    children: tuple[Element, ...] = ()
    pointer = getattr(artist, "arrow_patch", None)
    if isinstance(artist, Annotation) and pointer is not None and pointer.get_visible():
        drawn = arrow(place, pointer)
        if drawn:
            space, tip = _tip(place, artist)
            data |= {"tip": look.numbers(tip), "tip_space": space}
            children = (drawn,)
    return Element(role, box, words, style, data, children)


def lines_of(artist: Text) -> list[str]:
    """The lines of a text as they are drawn, broken by the script or at the edge of the picture."""
    return [line for part in artist._get_wrapped_text().split("\n") if (line := part.strip())]


def _spacing(artist: Text) -> float:
    """Distance of the lines of a text, in letter heights."""
    given = artist._linespacing
    return float(given) if isinstance(given, int | float) else USUAL_SPACING


USUAL_SPACING = 1.2


def _bare_arrow(place: AxesFrame, artist: Annotation) -> Element | None:
    """An annotation without words, which many scripts use to draw arrows."""
    drawn = arrow(place, artist.arrow_patch) if artist.arrow_patch.get_visible() else None
    if drawn is None:
        return None
    anchor = _anchor(place, artist)
    space, (x, y) = _tip(place, artist)
    if space != anchor["space"]:
        return drawn
    ends = look.packed({"x": [anchor["x"], x], "y": [anchor["y"], y]})
    return Element("arrow", drawn.box, "", drawn.style, ends | {"space": space})


def _tip(place: AxesFrame, artist: Annotation) -> tuple[str, Points]:
    """The space and the place of what an annotation points at."""
    tip = artist._get_position_xy(place.canvas.renderer)
    return _from_display(place, tip, artist.xycoords == "data")


def _from_display(place: AxesFrame, point: Any, in_data: bool) -> tuple[str, Points]:
    if in_data and isinstance(place.axes, Axes):
        return "data", place._to_data.transform(np.array([point], dtype=float))[0]
    return "axes", place._to_fraction.transform(np.array([point], dtype=float))[0]


def _anchor(place: AxesFrame, artist: Text) -> dict[str, Value]:
    """Where the text was put, in its own space."""
    align = f"{artist.get_horizontalalignment()} {artist.get_verticalalignment()}"
    if getattr(artist, "_z", None) is not None:
        x, y = Text.get_position(artist)
        return {
            "x": look.number(x),
            "y": look.number(y),
            "z": look.number(artist._z),
            "space": "3d",
            "align": align,
        }
    x, y = artist.get_unitless_position()
    if isinstance(artist, Annotation):
        if str(artist.anncoords).startswith("offset"):
            # It has an offset from its target, and so moves with the limits.
            space, tip = _tip(place, artist)
            away: list[Value] = [look.number(x), look.number(y)]
            here = {"x": look.number(tip[0]), "y": look.number(tip[1]), "space": space}
            return {**here, "offset": away, "align": align}
        in_data = "data" in (artist.anncoords, artist.xycoords)
        space, point = _from_display(place, artist.get_transform().transform((x, y)), in_data)
    else:
        space, points, _ = place.locate(artist.get_transform(), np.array([[x, y]], dtype=float))
        point = points[0]
    return {"x": look.number(point[0]), "y": look.number(point[1]), "space": space, "align": align}

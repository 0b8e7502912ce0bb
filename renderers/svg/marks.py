"""Reads back what Cairo painted: outlines, paints and letters in pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import atan2, degrees, inf, nan
from typing import Any

import cairocffi as cairo
import numpy as np
from cairosvg.parser import Node
from numpy.typing import NDArray

from renderers.svg.canvas import SIDE_PX

OUTLINE_TOLERANCE_PX = 0.2
MAX_OUTLINE_POINTS = 800
PATH_BYTES = 16
"""Of a head or a point in a path of Cairo."""
LINE_CAPS = {
    cairo.LINE_CAP_BUTT: "butt",
    cairo.LINE_CAP_ROUND: "round",
    cairo.LINE_CAP_SQUARE: "square",
}
LINE_JOINS = {
    cairo.LINE_JOIN_MITER: "miter",
    cairo.LINE_JOIN_ROUND: "round",
    cairo.LINE_JOIN_BEVEL: "bevel",
}
TILE_SHARE = 0.05
"""A color of a pattern counts if it takes at least this share."""
TILE_COLORS = 4
Points = list[float | None]


@dataclass(slots=True)
class Paint:
    """One source of color, in pixels of the picture."""

    kind: str
    """solid, linear, radial or pattern."""
    color: str = ""
    """``#rrggbbaa`` of a solid paint, opacities folded in."""
    stops: list[float | str] = field(default_factory=list)
    """Offset, color, offset, color, ...; of a pattern share, color, ..."""
    points: list[float] = field(default_factory=list)
    """Linear: start, end. Radial: focus, center, end of each half axis."""


@dataclass(slots=True)
class PaintedShape:
    """One drawn shape, as it came out."""

    tag: str
    fill: Paint | None = None
    stroke: Paint | None = None
    stroke_width_px: float = 0.0
    dash: list[float] = field(default_factory=list)
    dash_offset_px: float = 0.0
    cut_corners: bool = False
    """True if the tip of a sharp corner is cut off: it is longer than the miter limit allows."""
    cap: str = "butt"
    join: str = "miter"
    even_odd: bool = False
    """True if the even-odd rule leaves holes that the usual rule would fill."""
    masked: bool = False
    symbol: str = ""
    """What the outermost `use` around it shows, and which one of the document that is."""
    clip: Points = field(default_factory=list)
    outline: Points = field(default_factory=list)
    """x, y, x, y, None between subpaths; pixels of the picture."""
    text: str = ""
    extent: tuple[float, float, float, float] | None = None
    """Box around the letters of a text, hidden ones and those outside the picture included."""
    font_size_px: float = 0.0
    turned_deg: float = 0.0
    """Clockwise, of the direction in which a text is read."""
    mirrored: bool = False
    """True if letters show as in a mirror."""
    font: str = ""
    bold: bool = False
    italic: bool = False
    anchor: str = ""
    reach: tuple[int, int, int, int] = (SIDE_PX, SIDE_PX, 0, 0)
    """Left, top, right, bottom of all its paints."""


def outline_of(context: cairo.Context) -> Points:
    """The current path, flattened, in pixels of the picture; at most `MAX_OUTLINE_POINTS`."""
    tolerance = context.get_tolerance()
    context.set_tolerance(OUTLINE_TOLERANCE_PX)
    path = cairo.cairo.cairo_copy_path_flat(context._pointer)
    context.set_tolerance(tolerance)
    # A head of four numbers (the first is its kind), then two coordinates, if it has a point.
    held = cairo.ffi.buffer(path.data, path.num_data * PATH_BYTES)
    kinds = np.frombuffer(held, np.int32)[::4].tolist()
    places = np.frombuffer(held, np.float64).tolist()
    cairo.cairo.cairo_path_destroy(path)
    xx, yx, xy, yy, x0, y0 = context.get_matrix().as_tuple()
    points: Points = []
    start: tuple[float, float] | None = None
    open_at: tuple[float, float] | None = None
    at = 0
    while at < len(kinds):
        kind = kinds[at]
        if kind == cairo.PATH_CLOSE_PATH:
            if start is not None and open_at is None:
                points += start
            at += 1
            continue
        x, y = places[2 * at + 2], places[2 * at + 3]
        here = (xx * x + xy * y + x0, yx * x + yy * y + y0)
        at += 2
        if kind == cairo.PATH_MOVE_TO:
            # Kept back until a line follows: CairoSVG moves about without drawing.
            open_at = here
            continue
        if open_at is not None:
            if points:
                points.append(None)
            points += open_at
            start, open_at = open_at, None
        points += here
    numbers = numbers_in(points)
    if numbers and not (min(numbers) > -1e6 and max(numbers) < 1e6):
        points = [None if value is None else min(max(value, -1e6), 1e6) for value in points]
    return thinned(points)


def numbers_in(points: Points) -> list[float]:
    """x, y, x, y of all subpaths in one line."""
    return [value for value in points if value is not None]


def cuts_corner(outline: Points, limit: float) -> bool:
    """True if a corner of an outline is sharper than a miter limit allows."""
    pairs = [number for value in outline for number in ((nan, nan) if value is None else (value,))]
    points = np.array(pairs).reshape(-1, 2)
    if len(points) > 2 and (points[0] == points[-1]).all():
        points = np.concatenate((points, points[1:2]))
    steps = np.diff(points, axis=0)
    with np.errstate(invalid="ignore"):
        ways = steps / np.hypot(*steps.T)[:, None]
        turns = (ways[1:] * ways[:-1]).sum(axis=1)
    return bool((turns < 2 / max(limit, 1.0) ** 2 - 1).any())


def thinned(points: Points) -> Points:
    """The outline with every k-th point only, where it has too many."""
    total = len(points) // 2
    if total <= MAX_OUTLINE_POINTS:
        return points
    step = -(-total // MAX_OUTLINE_POINTS)
    kept: Points = []
    run: list[float] = []

    def close() -> None:
        count = len(run) // 2
        picks = sorted({*range(0, count, step), count - 1}) if count else []
        if kept and picks:
            kept.append(None)
        for pick in picks:
            kept.extend(run[2 * pick : 2 * pick + 2])

    for value in points:
        if value is None:
            close()
            run = []
        else:
            run.append(value)
    close()
    return kept[: 4 * MAX_OUTLINE_POINTS]


def invisible(source: Any) -> bool:
    """True for a paint of no opacity; CairoSVG paints those too."""
    return isinstance(source, cairo.SolidPattern) and source.get_rgba()[3] <= 0


def hex_color(red: float, green: float, blue: float, alpha: float) -> str:
    """``#rrggbbaa`` of channels from 0 to 1."""
    return "#" + "".join(
        f"{round(min(max(value, 0.0), 1.0) * 255):02x}" for value in (red, green, blue, alpha)
    )


def paint_of(source: Any, context: cairo.Context, opacity: float) -> Paint:
    """A source of color in pixels of the picture, so that equal looks compare equal.

    Args:
        source: Cairo's pattern.
        context: Whose user space the pattern is placed in.
        opacity: Of all groups around it, folded into its colors.
    """
    if isinstance(source, cairo.SolidPattern):
        red, green, blue, alpha = source.get_rgba()
        return Paint("solid", hex_color(red, green, blue, alpha * opacity))
    if not isinstance(source, cairo.Gradient):
        return Paint("pattern", stops=_tile_colors(source, context))
    stops: list[float | str] = []
    for offset, red, green, blue, alpha in source.get_color_stops()[:64]:
        stops += (round(offset, 4), hex_color(red, green, blue, alpha * opacity))
    matrix = source.get_matrix()
    matrix.invert()
    to_pixels = matrix.multiply(context.get_matrix())

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = to_pixels.transform_point(x, y)
        return float(across), float(down)

    if isinstance(source, cairo.LinearGradient):
        x1, y1, x2, y2 = source.get_linear_points()
        (ax, ay), (bx, by) = place(x1, y1), place(x2, y2)
        # Lines of one color run across the gradient; after a skew they no longer stand upright
        # on it, so the end is moved along them until they do.
        ux, uy = to_pixels.transform_distance(y1 - y2, x2 - x1)
        length = ux * ux + uy * uy
        if length:
            along = ((bx - ax) * ux + (by - ay) * uy) / length
            bx, by = bx - along * ux, by - along * uy
        return Paint("linear", stops=stops, points=_finite([ax, ay, bx, by]))
    fx, fy, _, cx, cy, radius = source.get_radial_circles()
    return Paint(
        "radial",
        stops=stops,
        points=_finite(
            [*place(fx, fy), *place(cx, cy), *place(cx + radius, cy), *place(cx, cy + radius)]
        ),
    )


def _tile_colors(source: Any, context: cairo.Context) -> list[float | str]:
    """Shares and colors of a pattern, the most frequent first."""
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, SIDE_PX, SIDE_PX)
    sheet = cairo.Context(surface)
    sheet.set_matrix(context.get_matrix())
    sheet.set_source(source)
    sheet.paint()
    surface.flush()
    values, counts = np.unique(np.frombuffer(surface.get_data(), np.uint32), return_counts=True)
    found: list[float | str] = []
    for at in np.argsort(-counts, kind="stable"):
        share, word = counts[at] / counts.sum(), int(values[at])
        if share < TILE_SHARE or len(found) >= 2 * TILE_COLORS:
            break
        alpha = (word >> 24) / 255
        red, green, blue = ((word >> at & 255) / 255 / (alpha or 1) for at in (16, 8, 0))
        found += (round(float(share), 2), hex_color(red, green, blue, alpha))
    return found


def _finite(values: list[float]) -> list[float]:
    return [round(value, 2) if -inf < value < inf else 0.0 for value in values]


def text_of(shape: PaintedShape, node: Node, context: cairo.Context, font_size: float) -> None:
    """Letters, font and anchor of a text node."""
    xx, yx, xy, yy, _, _ = context.get_matrix().as_tuple()
    shape.tag = "text"
    shape.text = (node.text or "").strip()[:2000]
    grown = xx * yy - xy * yx
    shape.font_size_px = font_size * abs(grown) ** 0.5
    shape.mirrored = grown < 0
    # Letters that are mirrored left to right keep their line.
    shape.turned_deg = degrees(atan2(-yx, -xx) if shape.mirrored else atan2(yx, xx))
    family = (node.get("font-family") or "sans-serif").split(",")[0].strip("\"' ")
    shape.font = family.lower()[:80]
    weight = node.get("font-weight") or ""
    shape.bold = weight == "bold" or (weight.isdigit() and int(weight) >= 550)
    shape.italic = node.get("font-style") in ("italic", "oblique")
    shape.anchor = node.get("text-anchor") or "start"


HALF = 128
"""A paint owns a pixel if it covers at least this much of it (of 255), so that edges follow the outline."""


class Cover:
    """What paths cover of the picture; one sheet for all paths of a drawing, since making it takes as long
    as filling it."""

    def __init__(self) -> None:
        self._sheet = cairo.ImageSurface(cairo.FORMAT_A8, SIDE_PX, SIDE_PX)
        self._pen = cairo.Context(self._sheet)
        held = np.frombuffer(self._sheet.get_data(), np.uint8)
        self._rows = held.reshape(SIDE_PX, self._sheet.get_stride())

    def of(
        self,
        context: cairo.Context,
        box: tuple[int, int, int, int],
        width_px: float | None,
        rule: int | None = None,
    ) -> NDArray[np.bool_]:
        """True for pixels of ``box`` that are at least half inside the current path, or its stroke.

        Args:
            context: Holds the path, its transform and the pen.
            box: Left, top, right, bottom in pixels of the picture.
            width_px: Of the stroke; None for a fill.
            rule: cairo's fill rule; that of the context if None.
        """
        left, top, right, bottom = box
        pen, half = self._pen, HALF
        own = self._rows[top : max(bottom, top + 1), left : max(right, left + 1)]
        own.fill(0)
        pen.set_matrix(context.get_matrix())
        path = cairo.cairo.cairo_copy_path(context._pointer)
        cairo.cairo.cairo_append_path(pen._pointer, path)
        cairo.cairo.cairo_path_destroy(path)
        if width_px is None:
            pen.set_fill_rule(context.get_fill_rule() if rule is None else rule)
            pen.fill()
        else:
            # A line thinner than a pixel covers none by half.
            half = max(1, round(HALF * min(1.0, 0.7 * width_px)))
            pen.set_line_width(context.get_line_width())
            pen.set_line_cap(context.get_line_cap())
            pen.set_line_join(context.get_line_join())
            pen.set_miter_limit(context.get_miter_limit())
            pen.set_dash(*context.get_dash())
            pen.stroke()
        self._sheet.flush()
        return np.asarray(own >= half)

    def holed(
        self, context: cairo.Context, box: tuple[int, int, int, int], cover: NDArray[np.bool_]
    ) -> bool:
        """True if a fill that covers ``cover`` of ``box`` has holes by the even-odd rule."""
        if context.get_fill_rule() != cairo.FILL_RULE_EVEN_ODD:
            return False
        return not np.array_equal(cover, self.of(context, box, None, cairo.FILL_RULE_WINDING))

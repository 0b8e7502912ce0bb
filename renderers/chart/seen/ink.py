"""Reads the painted parts of a display list, with place and paint, in a trusted process.

Pixels here are those of the picture, from its top left corner, as boxes of scenes are. A part's box
is cut to its clip and to the picture; everything outside is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from renderers import display
from renderers.display import DisplayList, Matrix, Placed, Span, Style, points_px

Numbers = NDArray[np.float64]

NO_PAINT = (np.nan,) * 4
_VERTEX = ~np.isin(np.arange(256), (0, 79))
"""Path codes whose vertex has no meaning: stop and close."""
OPAQUE = 0.9
"""A part with at least this opacity hides what is below."""
PIECES = 400
"""A collection with at most this many paths gives one part each; a larger one gives one part."""


@dataclass(eq=False)
class PaintedPart:
    """One painted part, or a group painted at once."""

    kind: str
    """``shape``, ``markers``, ``many``, ``cells`` or ``image``."""
    style: Style
    points: Numbers
    """Vertices, or the places of markers, ``N x 2``."""
    fills: Numbers
    """``N x 4``; no rows if nothing is filled."""
    lines: Numbers
    width_px: float
    item: int
    """Index of the item that paints it; one item may give several parts."""
    reach: tuple[float, float] = (0.0, 0.0)
    """Half of the width and height of a marker, in pixels."""
    opaque: bool = False
    """True if it hides what is below."""

    @cached_property
    def tree(self) -> KDTree:
        return KDTree(self.points)


class Ink:
    """The parts of a picture in paint order.

    Args:
        shown: A list that `decode` has accepted.
    """

    def __init__(self, shown: DisplayList) -> None:
        self._shown = shown
        self._pool = shown.pool()
        self.parts: list[PaintedPart] = []
        self.texts: list[tuple[int, display.Text, Style]] = []
        """With their numbers among the items."""
        for self._item, item in enumerate(shown.items):
            self._read(item)
        self.boxes = np.array([self._box(part) for part in self.parts]).reshape(-1, 4)
        self.fills = np.array([_one(part.fills) for part in self.parts]).reshape(-1, 4)
        self.lines = np.array([_one(part.lines) for part in self.parts]).reshape(-1, 4)
        self.items = np.array([part.item for part in self.parts], int)
        self.kinds = np.array([part.kind for part in self.parts], dtype="<U8")
        self.halves = np.array([part.width_px / 2 for part in self.parts])

    def _read(self, item: display.Item) -> None:
        style = self._shown.styles[item.style]
        match item:
            case display.Shape():
                points = self._vertices(item.path)
                self._add("shape", style, points, _fill(item.fill, style), _line(style))
            case display.Markers():
                marker, places = self._vertices(item.marker), self._vertices(item.places)
                reach = tuple(np.abs(marker).max(axis=0)) if len(marker) else (0.0, 0.0)
                fill, line = _fill(item.fill, style), _line(style)
                self._add("markers", style, places, fill, line, reach=reach)
                if len(places) == 1:  # So matplotlib draws a collection with a single area.
                    self._add("shape", style, marker + places[0], fill, line)
            case display.Many():
                self._many(item, style)
            case display.Mesh():
                corners = self._moved(item.corners, item.matrix)
                self._add("cells", style, corners, self._colors(item.fills, style), _line(style))
            case display.Triangles():
                corners, none = self._moved(item.corners, item.matrix), np.empty((0, 4))
                self._add("cells", style, corners, self._colors(item.colors, style), none)
            case display.Image():
                right, bottom = item.x + item.width, self._shown.height_px - item.y
                top = bottom - item.height
                edges = [[item.x, top], [right, top], [right, bottom], [item.x, bottom]]
                none, alpha = np.empty((0, 4)), style.alpha * min(item.rgba[3::4]) / 255
                self._add("image", style, np.array(edges), none, none, top=True)
                self.parts[-1].opaque = alpha >= OPAQUE
            case display.Text():
                self.texts.append((self._item, item, style))

    def _many(self, item: display.Many, style: Style) -> None:
        fills, lines = self._colors(item.fills, style), self._colors(item.lines, style)
        width = max(item.widths_px, default=0.0)
        offsets = self._rows(item.offsets, 2) @ _turn(item.offset_matrix) + item.offset_matrix[4:]
        matrices = self._rows(item.matrices, 6)
        count = max(len(item.paths), len(offsets))
        if not item.paths or not count:
            return
        moving = len(offsets) > 1 or bool(len(offsets) and offsets.any())
        outlines: list[Numbers] = []
        # One symbol at many places is one part, whose points are its places.
        for at in range(count if not moving or count <= PIECES else 1):
            matrix: Matrix = tuple(matrices[at % len(matrices)]) if len(matrices) else _SAME
            points = self._points(item.paths[at % len(item.paths)])
            outlines.append(_apply(_apply(points, matrix), item.matrix))
        reach = (0.0, 0.0)
        if moving:
            sizes = [np.abs(outline).max(axis=0) for outline in outlines if len(outline)]
            reach = tuple(np.max(sizes, axis=0)) if sizes else reach
            if len(matrices) > len(outlines):
                largest, first = (
                    np.abs(matrices[:, [0, 3]]).max(axis=1),
                    np.abs(matrices[0, [0, 3]]),
                )
                scale = float(largest.max() / (first.max() or 1))
                reach = (reach[0] * scale, reach[1] * scale)
            self._add("many", style, offsets, fills, lines, width, reach)
        else:
            self._add("many", style, np.concatenate(outlines), fills, lines, width)
        if 1 < count <= PIECES or (count == 1 and len(outlines)):
            for at in range(count):
                points = outlines[at] + offsets[at % len(offsets)] if len(offsets) else outlines[at]
                wide = item.widths_px[at % len(item.widths_px)] if item.widths_px else 0.0
                self._add("shape", style, points, _row(fills, at), _row(lines, at), wide)

    def _add(
        self,
        kind: str,
        style: Style,
        points: Numbers,
        fills: Numbers,
        lines: Numbers,
        width_px: float | None = None,
        reach: tuple[float, ...] = (0.0, 0.0),
        top: bool = False,
    ) -> None:
        width = style.width_px if width_px is None else width_px
        if not top:
            points = np.column_stack((points[:, 0], self._shown.height_px - points[:, 1]))
        points = points[np.isfinite(points).all(axis=1)]
        if not width > 0:
            lines = lines[:0]
        fills, lines = fills[fills[:, 3] > 0], lines[lines[:, 3] > 0]
        if len(points) and (len(fills) or len(lines) or kind == "image"):
            around = (float(reach[0]), float(reach[1]))
            opaque = kind == "shape" and len(fills) > 0 and fills[0, 3] >= OPAQUE
            part = PaintedPart(kind, style, points, fills, lines, width, self._item, around, opaque)
            self.parts.append(part)

    def _box(self, part: PaintedPart) -> tuple[float, float, float, float]:
        """The box cut to the clip and to the picture; left > right if nothing is left."""
        low, high = part.points.min(axis=0) - part.reach, part.points.max(axis=0) + part.reach
        cut_low, cut_high = np.zeros(2), np.array([self._shown.width_px, self._shown.height_px])
        height = self._shown.height_px
        if part.style.clip_box is not None:
            left, bottom, right, top = part.style.clip_box
            cut_low = np.maximum(cut_low, (left, height - top))
            cut_high = np.minimum(cut_high, (right, height - bottom))
        if part.style.clip_path is not None:
            clip = self._vertices(part.style.clip_path)
            if len(clip):
                cut_low = np.maximum(cut_low, (clip[:, 0].min(), height - clip[:, 1].max()))
                cut_high = np.minimum(cut_high, (clip[:, 0].max(), height - clip[:, 1].min()))
        return (*np.maximum(low, cut_low), *np.minimum(high, cut_high))

    def _vertices(self, placed: Placed) -> Numbers:
        return points_px(self._shown, placed)[self._kept(placed.path)]

    def _points(self, path: int) -> Numbers:
        return self._rows(self._shown.paths[path].vertices, 2)[self._kept(path)]

    def _kept(self, path: int) -> NDArray[np.bool_]:
        recorded = self._shown.paths[path]
        if recorded.codes is None:
            return np.ones(recorded.vertices.count // 2, bool)
        return _VERTEX[np.frombuffer(recorded.codes, np.uint8)]

    def _rows(self, span: Span, width: int) -> Numbers:
        return self._pool[span.start : span.start + span.count].reshape(-1, width)

    def _moved(self, span: Span, matrix: Matrix) -> Numbers:
        return _apply(self._rows(span, 2), matrix)

    def _colors(self, span: Span, style: Style) -> Numbers:
        found = self._rows(span, 4)
        if style.alpha_forced and len(found):
            found = np.column_stack((found[:, :3], np.full(len(found), style.alpha)))
        return found


_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _turn(matrix: Matrix) -> Numbers:
    a, b, c, d, _, _ = matrix
    return np.array([[a, b], [c, d]])


def _apply(points: Numbers, matrix: Matrix) -> Numbers:
    moved: Numbers = points @ _turn(matrix) + matrix[4:]
    return moved


def _row(table: Numbers, at: int) -> Numbers:
    return table[at % len(table)][None] if len(table) else table


def _one(colors: Numbers) -> tuple[float, ...]:
    """The paint of a part; empty if it has several or none."""
    return tuple(colors[0]) if len(colors) and (colors == colors[0]).all() else NO_PAINT


def _fill(color: tuple[float, ...] | None, style: Style) -> Numbers:
    if color is None:
        return np.empty((0, 4))
    alpha = style.alpha if style.alpha_forced or len(color) == 3 else color[3]
    return np.array([[*color[:3], alpha]])


def _line(style: Style) -> Numbers:
    alpha = style.color[3] if len(style.color) == 4 else style.alpha
    return np.array([[*style.color[:3], alpha]])

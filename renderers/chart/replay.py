"""Draws display lists with Agg, matplotlib's rasterizer, in a process that runs no untrusted code.

`Fonts` opens the font files that charts may use, by name. A list within the bounds of
`renderers.display` is either drawn or raises `Undrawable`.
"""

# mypy: disable-error-code="no-untyped-call"
# Reason: the parts of matplotlib that draw have no types.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.ft2font import FT2Font
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray

from renderers import display
from renderers.display import DisplayList, Matrix, Placed, Span, Style


class Undrawable(ValueError):
    """The painter cannot draw a list."""


class Fonts:
    """Opens font files, once each.

    Args:
        files: Name of each file that charts may use -> its path.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self._open: dict[tuple[str, int], FT2Font] = {}

    def __getitem__(self, font: tuple[str, int]) -> FT2Font:
        if font not in self._open:
            name, face = font
            try:
                self._open[font] = FT2Font(self.files[name], face_index=face)
            except (KeyError, RuntimeError, OSError) as error:
                raise Undrawable(f"the font {name!r}, face {face}, cannot be opened") from error
        return self._open[font]


def replay(shown: DisplayList, fonts: Fonts) -> NDArray[np.uint8]:
    """The picture of a list, ``height_px x width_px x 4``: sRGB and opacity.

    Raises:
        Undrawable: the painter cannot draw it.
    """
    try:
        return _Painter(shown, fonts).paint()
    except (ValueError, TypeError, OverflowError, IndexError, RuntimeError) as error:
        raise Undrawable(f"{type(error).__name__}: {error}"[:300]) from error


def on_white(rgba: NDArray[np.uint8]) -> bytes:
    """The same picture on white paper, ``height x width x 3`` bytes."""
    if rgba[..., 3].min() == 255:
        return rgba[..., :3].tobytes()
    alpha = rgba[..., 3:].astype(np.uint16)
    mixed = rgba[..., :3] * alpha + 255 * (255 - alpha) + 127
    return (mixed // 255).astype(np.uint8).tobytes()


class _Painter:
    def __init__(self, shown: DisplayList, fonts: Fonts) -> None:
        self._shown = shown
        self._fonts = [fonts[font] for font in shown.fonts]
        self._pool = shown.pool().copy()  # Agg requires writable numbers.
        self._agg = RendererAgg(shown.width_px, shown.height_px, shown.dpi)
        self._paths: dict[int, Path] = {}
        self._styles: dict[int, GraphicsContextBase] = {}

    def paint(self) -> NDArray[np.uint8]:
        for item in self._shown.items:
            self._paint(item, self._style(item.style))
        return np.asarray(self._agg.buffer_rgba())

    def _paint(self, item: display.Item, gc: GraphicsContextBase) -> None:
        pen: Any = self._agg._renderer
        match item:
            case display.Shape():
                pen.draw_path(gc, self._path(item.path.path), _affine(item.path.matrix), item.fill)
            case display.Markers():
                marker, places = item.marker, item.places
                pen.draw_markers(gc, *self._placed(marker), *self._placed(places), item.fill)
            case display.Many():
                self._many(item, gc)
            case display.Mesh():
                corners = self._numbers(item.corners).reshape(item.rows + 1, item.columns + 1, 2)
                pen.draw_quad_mesh(
                    gc,
                    _affine(item.matrix),
                    item.columns,
                    item.rows,
                    corners,
                    self._rows_of(item.offsets, 2),
                    _affine(item.offset_matrix),
                    self._rows_of(item.fills, 4),
                    item.antialiased,
                    self._rows_of(item.lines, 4),
                )
            case display.Triangles():
                corners = self._numbers(item.corners).reshape(-1, 3, 2)
                colors = self._numbers(item.colors).reshape(-1, 3, 4)
                pen.draw_gouraud_triangles(gc, corners, colors, _affine(item.matrix))
            case display.Image():
                pixels = np.frombuffer(bytearray(item.rgba), np.uint8)
                image = pixels.reshape(item.height, item.width, 4)
                pen.draw_image(gc, item.x, item.y, image)
            case display.Text():
                self._text(item, gc)

    def _many(self, item: display.Many, gc: GraphicsContextBase) -> None:
        matrices = np.zeros((item.matrices.count // 6, 3, 3))
        matrices[:, :2] = self._numbers(item.matrices).reshape(-1, 3, 2).transpose(0, 2, 1)
        matrices[:, 2, 2] = 1
        hatched = {}
        if item.hatch_colors is not None:
            hatched["hatchcolors"] = self._rows_of(item.hatch_colors, 4)
        pen: Any = self._agg._renderer
        pen.draw_path_collection(
            gc,
            _affine(item.matrix),
            [self._path(path) for path in item.paths],
            matrices,
            self._rows_of(item.offsets, 2),
            _affine(item.offset_matrix),
            self._rows_of(item.fills, 4),
            self._rows_of(item.lines, 4),
            np.array(item.widths_px, float),
            list(item.dashes),
            np.array(item.antialiased, np.uint8),
            [],
            "screen",
            **hatched,
        )

    def _text(self, item: display.Text, gc: GraphicsContextBase) -> None:
        if matplotlib.rcParams["text.hinting"] != item.hinting:
            matplotlib.rcParams["text.hinting"] = item.hinting
        glyphs = (
            (self._fonts[glyph.font], glyph.size_pt, glyph.index, 0, 1, glyph.dx, glyph.dy)
            for glyph in item.glyphs
        )
        draw: Any = self._agg._draw_text_glyphs_and_boxes
        draw(gc, item.x, item.y, item.angle, glyphs, item.bars)

    def _numbers(self, span: Span) -> NDArray[np.float64]:
        return self._pool[span.start : span.start + span.count]

    def _rows_of(self, span: Span, width: int) -> NDArray[np.float64]:
        return self._numbers(span).reshape(-1, width)

    def _placed(self, placed: Placed) -> tuple[Path, Affine2D]:
        return self._path(placed.path), _affine(placed.matrix)

    def _path(self, number: int) -> Path:
        if number not in self._paths:
            recorded = self._shown.paths[number]
            codes = (
                None
                if recorded.codes is None
                else np.frombuffer(bytearray(recorded.codes), np.uint8)
            )
            path = Path(self._rows_of(recorded.vertices, 2), codes)
            path.should_simplify = recorded.simplify is not None
            path.simplify_threshold = recorded.simplify or 0.0
            self._paths[number] = path
        return self._paths[number]

    def _style(self, number: int) -> GraphicsContextBase:
        if number not in self._styles:
            style = self._shown.styles[number]
            clip = None if style.clip_path is None else self._placed(style.clip_path)
            self._styles[number] = _Style(style, clip)
        return self._styles[number]


class _Style(GraphicsContextBase):
    """A style in the form that Agg reads."""

    def __init__(self, style: Style, clip: tuple[Path, Affine2D] | None) -> None:
        super().__init__()
        self._rgb, self._alpha, self._forced_alpha = style.color, style.alpha, style.alpha_forced
        self._linewidth = style.width_px
        self.set_capstyle(style.cap)
        self.set_joinstyle(style.join)
        self._dashes = style.dash_offset, style.dashes
        self._antialiased = int(style.antialiased)
        self._snap = style.snap
        if style.clip_box is not None:
            self._cliprect = Bbox.from_extents(*style.clip_box)
        self._clip = clip or (None, None)
        self._hatch, self._hatch_color = style.hatch, style.hatch_color
        self._hatch_linewidth = style.hatch_width_px
        self._sketch = style.sketch

    def get_clip_path(self) -> Any:
        return self._clip


def _affine(matrix: Matrix) -> Affine2D:
    return Affine2D.from_values(*matrix)

"""Records the paint commands of a figure in the sandboxed child, instead of drawing pixels.

matplotlib's Agg renderer passes every call to an object that holds the pixels. Here another object
replaces it and writes a display list. Text layout and splitting of long paths are still done by
matplotlib, so the list contains their results.
"""

# mypy: disable-error-code="attr-defined,override,no-untyped-call,misc,arg-type,no-any-return"
# Reason: this module takes the place of parts of matplotlib that have no types.

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path as File
from typing import Any
from unittest import mock

import matplotlib
import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.mathtext import MathTextParser
from matplotlib.patches import PathPatch, Polygon, Rectangle, Wedge
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from renderers import display
from renderers.chart.replay import Fonts, replay
from renderers.display import DisplayList, Glyph, Matrix, Placed, Span, Style

_SHARED_VERTICES = 64
"""Paths with at most this many vertices are shared if they occur again."""
_HINTING: dict[Any, display.Hinting] = {
    "default": "default", "either": "default", "no_autohint": "no_autohint",
    "native": "no_autohint", "force_autohint": "force_autohint", "auto": "force_autohint",
    True: "force_autohint", "no_hinting": "no_hinting", "none": "no_hinting", False: "no_hinting",
}  # fmt: skip
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Unrecordable(BaseException):
    """A figure uses a paint operation that display lists do not support.

    Not an Exception, since a script would catch it.
    """


class Recorder(RendererAgg):
    """Replaces matplotlib's Agg renderer; `shown` is the display list so far.

    Args:
        width: Of the picture, in pixels.
        height: Likewise.
        dpi: Dots per inch.
        files: Name of each font file that may be used -> its path.
    """

    def __init__(self, width: int, height: int, dpi: float, files: Mapping[str, str]) -> None:
        RendererBase.__init__(self)
        self.dpi, self.width, self.height = dpi, width, height
        self._files = files
        self.bbox = Bbox.from_bounds(0, 0, width, height)
        self.mathtext_parser = MathTextParser("path")
        self._filter_renderers: list[Any] = []
        self._renderer: Any = _Pen(files)
        self._update_methods()

    def clear(self) -> None:
        self._renderer = _Pen(self._files)
        self._update_methods()

    def buffer_rgba(self) -> Any:
        """Pixels of what was painted so far, for a script that looks at its own picture."""
        if isinstance(self._renderer, _Pen):
            return memoryview(replay(self.shown(), Fonts(self._files)))
        return super().buffer_rgba()

    def tostring_argb(self) -> bytes:
        return np.asarray(self.buffer_rgba()).take([3, 0, 1, 2], axis=2).tobytes()

    @contextmanager
    def _draw_disabled(self) -> Iterator[None]:
        """matplotlib draws once for the layout alone; artists that would only paint are left out then."""
        with ExitStack() as stack:
            stack.enter_context(super()._draw_disabled())
            for kind in _ONLY_PAINT:
                stack.enter_context(mock.patch.object(kind, "draw", _unless(kind, kind.draw)))
            yield

    def draw_tex(self, *_: Any, **__: Any) -> None:
        raise Unrecordable("a text set by TeX")

    def _draw_text_glyphs_and_boxes(
        self, gc: Any, x: float, y: float, angle: float, glyphs: Iterable[Any], boxes: Iterable[Any]
    ) -> None:
        if isinstance(self._renderer, _Pen):
            self._renderer.text(gc, x, y, angle, glyphs, boxes)
        else:
            super()._draw_text_glyphs_and_boxes(gc, x, y, angle, glyphs, boxes)

    def shown(self) -> DisplayList:
        """What was painted so far."""
        return self._renderer.shown(self.width, self.height, self.dpi)


_ONLY_PAINT = (Line2D, Text, Rectangle, Polygon, PathPatch, Wedge)
"""Artists whose drawing has no other effect than paint. Spines, annotations and what is in 3D find their
places while they are drawn, and so may a subclass of these."""


def _unless(kind: type, draw: Any) -> Any:
    """A drawing function that leaves out artists of exactly this kind."""

    def drawn(artist: Any, renderer: Any) -> None:
        if type(artist) is not kind:
            draw(artist, renderer)

    return drawn


class _Pen:
    """Receives the calls that would change pixels."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._pool: list[NDArray[np.float64]] = []
        self._pooled = 0
        self._items: list[display.Item] = []
        self._paths: list[display.Path] = []
        self._path_numbers: dict[Any, int] = {}
        self._clips: dict[int, tuple[Any, int]] = {}
        self._styles: dict[Style, int] = {}
        self._fonts: dict[display.Font, int] = {}
        self._known_fonts: dict[Any, int] = {}

    def shown(self, width: int, height: int, dpi: float) -> DisplayList:
        pool = np.concatenate(self._pool) if self._pool else np.empty(0)
        return DisplayList(
            version=display.DISPLAY_VERSION,
            width_px=width,
            height_px=height,
            dpi=float(dpi),
            numbers=pool.astype("<f8", copy=False).tobytes(),
            fonts=tuple(self._fonts),
            paths=tuple(self._paths),
            styles=tuple(self._styles),
            items=tuple(self._items),
        )

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        placed = self._placed(path, transform)
        if np.isfinite(placed.matrix).all():  # A bar of no known height paints nothing.
            self._add(display.Shape(self._style(gc), placed, _fill(rgbFace)))

    def draw_markers(
        self,
        gc: Any,
        marker_path: Any,
        marker_trans: Any,
        path: Any,
        trans: Any,
        rgbFace: Any = None,
    ) -> None:
        marker, places = self._placed(marker_path, marker_trans), self._placed(path, trans)
        self._add(display.Markers(self._style(gc), marker, places, _fill(rgbFace)))

    def draw_path_collection(
        self,
        gc: Any,
        master_transform: Any,
        paths: Any,
        all_transforms: Any,
        offsets: Any,
        offset_trans: Any,
        facecolors: Any,
        edgecolors: Any,
        linewidths: Any,
        linestyles: Any,
        antialiaseds: Any,
        urls: Any,
        offset_position: Any,
        *,
        hatchcolors: Any = None,
    ) -> None:
        if len(paths) == 0:
            return  # matplotlib tests in this way which arguments a renderer accepts.
        matrices = np.asarray(all_transforms, float).reshape(-1, 3, 3)[:, :2].transpose(0, 2, 1)
        self._add(
            display.Many(
                self._style(gc),
                matrix=_matrix(master_transform),
                paths=tuple(self._path(path) for path in paths),
                matrices=self._span(matrices),
                offsets=self._span(_gaps(offsets)),
                offset_matrix=_matrix(offset_trans),
                fills=self._span(facecolors),
                lines=self._span(edgecolors),
                widths_px=tuple(map(float, np.atleast_1d(linewidths))),
                dashes=tuple((float(offset), _lengths(dashes)) for offset, dashes in linestyles),
                antialiased=tuple(map(bool, np.atleast_1d(antialiaseds))),
                hatch_colors=None if hatchcolors is None else self._span(hatchcolors),
            )
        )

    def draw_quad_mesh(
        self,
        gc: Any,
        master_transform: Any,
        mesh_width: Any,
        mesh_height: Any,
        coordinates: Any,
        offsets: Any,
        offset_trans: Any,
        facecolors: Any,
        antialiased: Any,
        edgecolors: Any,
    ) -> None:
        self._add(
            display.Mesh(
                self._style(gc),
                matrix=_matrix(master_transform),
                columns=int(mesh_width),
                rows=int(mesh_height),
                corners=self._span(_gaps(coordinates)),
                offsets=self._span(_gaps(offsets)),
                offset_matrix=_matrix(offset_trans),
                fills=self._span(facecolors),
                lines=self._span(edgecolors),
                antialiased=bool(antialiased),
            )
        )

    def draw_gouraud_triangles(self, gc: Any, points: Any, colors: Any, trans: Any) -> None:
        corners, blended = self._span(_gaps(points)), self._span(colors)
        self._add(display.Triangles(self._style(gc), _matrix(trans), corners, blended))

    def draw_image(self, gc: Any, x: Any, y: Any, im: Any) -> None:
        image = np.ascontiguousarray(im, dtype=np.uint8)
        height, width = image.shape[:2]
        if width and height:
            place = (float(x), float(y), width, height)
            self._add(display.Image(self._style(gc), *place, image.tobytes()))

    def text(
        self, gc: Any, x: float, y: float, angle: float, glyphs: Iterable[Any], boxes: Iterable[Any]
    ) -> None:
        """Record a line of text as laid out by matplotlib; slant and extend belong to TeX fonts."""
        run = tuple(
            Glyph(self._font(font), float(size), int(index), float(dx), float(dy))
            for font, size, index, _slant, _extend, dx, dy in glyphs
        )
        bars = tuple((float(dx), float(dy), float(w), float(h)) for dx, dy, w, h in boxes)
        hinting = _HINTING[matplotlib.rcParams["text.hinting"]]
        place = (float(x), float(y), float(angle))
        self._add(display.Text(self._style(gc), *place, hinting, run, bars))

    def copy_from_bbox(self, bbox: Any) -> Any:
        raise Unrecordable("something copies the picture while it is being painted")

    restore_region = copy_from_bbox

    def _add(self, item: display.Item) -> None:
        self._items.append(item)

    def _style(self, gc: Any) -> int:
        """The number of a style in the list."""
        return self._styles.setdefault(self._described_style(gc), len(self._styles))

    def _described_style(self, gc: Any) -> Style:
        clip_path, clip_matrix = gc.get_clip_path()
        clip_box, hatch_color = gc.get_clip_rectangle(), gc.get_hatch_color()
        dash_offset, dashes = gc.get_dashes()
        return Style(
            color=_color(gc.get_rgb()),
            alpha=float(gc.get_alpha()),
            alpha_forced=bool(gc.get_forced_alpha()),
            width_px=float(gc.get_linewidth()),
            cap=str(gc.get_capstyle()),
            join=str(gc.get_joinstyle()),
            dash_offset=float(dash_offset or 0),
            dashes=_lengths(dashes),
            antialiased=bool(gc.get_antialiased()),
            snap=None if gc.get_snap() is None else bool(gc.get_snap()),
            clip_box=None if clip_box is None else tuple(map(float, clip_box.extents)),
            clip_path=None if clip_path is None else self._clip(clip_path, clip_matrix),
            hatch=None if gc.get_hatch() is None else str(gc.get_hatch()),
            hatch_color=None if hatch_color is None else _color(to_rgba(hatch_color)),
            hatch_width_px=float(gc.get_hatch_linewidth()),
            sketch=None if gc.get_sketch_params() is None else _sketch(gc.get_sketch_params()),
        )

    def _placed(self, path: Any, transform: Any) -> Placed:
        return Placed(self._path(path), _matrix(transform))

    def _clip(self, path: Any, transform: Any) -> Placed:
        """Agg identifies a clip path by its array, however it was snapped, so arrays are distinguished."""
        known = self._clips.get(id(path.vertices))
        if known is None:
            number = len(self._paths)
            self._paths.append(self._described(path, np.ascontiguousarray(path.vertices, float)))
            known = self._clips[id(path.vertices)] = path.vertices, number
        return Placed(known[1], _matrix(transform))

    def _path(self, path: Any) -> int:
        vertices = np.ascontiguousarray(path.vertices, float)
        key = None
        if len(vertices) <= _SHARED_VERTICES:
            codes = None if path.codes is None else path.codes.tobytes()
            key = (vertices.tobytes(), codes, path.should_simplify, path.simplify_threshold)
            if key in self._path_numbers:
                return self._path_numbers[key]
        number = len(self._paths)
        self._paths.append(self._described(path, vertices))
        if key is not None:
            self._path_numbers[key] = number
        return number

    def _described(self, path: Any, vertices: NDArray[np.float64]) -> display.Path:
        return display.Path(
            self._span(_gaps(vertices)),
            None if path.codes is None else np.asarray(path.codes, np.uint8).tobytes(),
            float(path.simplify_threshold) if path.should_simplify else None,
        )

    def _span(self, numbers: Any) -> Span:
        flat = np.array(numbers, float).ravel()
        span = Span(self._pooled, len(flat))
        self._pool.append(flat)
        self._pooled += len(flat)
        return span

    def _font(self, font: Any) -> int:
        if font not in self._known_fonts:
            name = File(font.fname).name
            # In the sandbox, matplotlib's own fonts may have a path without the links outside.
            own = File(matplotlib.get_data_path(), "fonts", "ttf", name)
            known = (self._files.get(name), str(own), str(own.resolve()))
            if name not in self._files or font.fname not in known:
                raise Unrecordable(f"the font {name!r}, which is none that charts may use")
            face = (name, int(font.face_index))
            self._known_fonts[font] = self._fonts.setdefault(face, len(self._fonts))
        return self._known_fonts[font]


def _gaps(vertices: Any) -> NDArray[np.float64]:
    """Replace infinite vertices by NaN: the painter treats both as gaps."""
    given = np.asarray(vertices, float)
    return given if np.isfinite(given.sum()) else np.where(np.isinf(given), np.nan, given)


def _matrix(transform: Any) -> Matrix:
    if transform is None:
        return _IDENTITY
    (a, c, e), (b, d, f), _ = np.asarray(transform, float).tolist()
    return a, b, c, d, e, f


def _color(color: Any) -> display.Color:
    return tuple(map(float, color))


def _fill(color: Any) -> display.Color | None:
    return None if color is None else _color(color)


def _lengths(dashes: Any) -> tuple[float, ...] | None:
    return None if dashes is None else tuple(map(float, dashes))


def _sketch(params: Any) -> tuple[float, float, float]:
    scale, length, randomness = map(float, params)
    return scale, length, randomness

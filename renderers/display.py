"""Display lists: all paint operations of a picture, as numbers and names, in paint order.

An untrusted program only proposes a list. A process that never runs the program draws the picture
from it, so picture and list always agree. `decode` parses strictly and within bounds: a list
contains no code, file name or setting.

Geometry: ``x`` grows to the right and ``y`` upwards from the bottom left corner of the picture.
A `Path` keeps its original vertices beside the matrix that maps them to pixels, because multiplying
earlier rounds differently and moves edges by a pixel. `points_px` multiplies.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

DISPLAY_VERSION = 1
"""Incremented when the same list would give another picture."""
MAX_LIST_BYTES = 60 * 2**20
MAX_ITEMS = 100_000
MAX_GLYPHS = 200_000
MAX_NUMBERS = 7 * 2**20
"""Numbers in the pool of a list: vertices, colors, offsets."""
MAX_COORDINATE = 1e30
"""Far outside any picture, and small enough that a product of three does not overflow."""
MAX_WIDTH_PX = 1e5
_PATH_CODES = bytes((0, 1, 2, 3, 4, 79))
"""Stop, move, line, quadratic curve, cubic curve, close: matplotlib's numbers."""

Number = Annotated[float, Meta(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Share = Annotated[float, Meta(ge=0, le=1)]
Width = Annotated[float, Meta(ge=0, le=MAX_WIDTH_PX)]
Pixel = Annotated[float, Meta(ge=-(2**24), le=2**24)]
Index = Annotated[int, Meta(ge=0, le=2**31)]
Color = Annotated[tuple[Share, ...], Meta(min_length=3, max_length=4)]
"""Red, green, blue, and opacity if it differs from the style's."""
Matrix = tuple[Number, Number, Number, Number, Number, Number]
"""``a b c d e f``: x' = a x + c y + e, y' = b x + d y + f."""
Lengths = Annotated[tuple[Annotated[float, Meta(ge=0, le=MAX_WIDTH_PX)], ...], Meta(max_length=64)]
Hinting = Literal["default", "no_autohint", "force_autohint", "no_hinting"]


class Span(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A run of numbers in the pool."""

    start: Index
    count: Index


class Path(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Vertices ``x y x y ...``; a vertex that is NaN is a gap."""

    vertices: Span
    codes: bytes | None
    """One of `_PATH_CODES` per vertex; None for one line through all vertices."""
    simplify: Annotated[float, Meta(ge=0, le=1000)] | None
    """Vertices closer than this to the line, in pixels, may be dropped; None keeps all."""


class Placed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A path, by its index, and the matrix that maps it to pixels."""

    path: Index
    matrix: Matrix


class Style(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How items are painted: line, opacity, clip, hatch."""

    color: Color
    alpha: Share
    alpha_forced: bool
    """True if `alpha` replaces the opacity of every color."""
    width_px: Width
    cap: Literal["butt", "projecting", "round"]
    join: Literal["miter", "round", "bevel"]
    dash_offset: Number
    dashes: Lengths | None
    antialiased: bool
    snap: bool | None
    """True if edges are moved to whole pixels; None if the shape decides."""
    clip_box: tuple[Number, Number, Number, Number] | None
    """Left, bottom, right, top."""
    clip_path: Placed | None
    hatch: Annotated[str, Meta(max_length=32)] | None
    hatch_color: Color | None
    hatch_width_px: Width
    sketch: tuple[Width, Width, Width] | None
    """Scale, length and randomness of a hand-drawn wobble."""


class _Item(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    style: Index


class Shape(_Item, frozen=True, tag="shape"):
    """A path, filled if it has a fill, then stroked if its style's line has a width."""

    path: Placed
    fill: Color | None


class Markers(_Item, frozen=True, tag="markers"):
    """One small path at each vertex of another."""

    marker: Placed
    places: Placed
    fill: Color | None


class Many(_Item, frozen=True, tag="many"):
    """Paths, each with its own matrix, offset, colors and line; shorter lists repeat."""

    matrix: Matrix
    paths: Annotated[tuple[Index, ...], Meta(max_length=MAX_ITEMS)]
    matrices: Span
    """Six numbers each, in the order of `Matrix`."""
    offsets: Span
    offset_matrix: Matrix
    fills: Span
    """Four numbers each."""
    lines: Span
    widths_px: Annotated[tuple[Width, ...], Meta(max_length=MAX_ITEMS)]
    dashes: Annotated[tuple[tuple[Number, Lengths | None], ...], Meta(max_length=MAX_ITEMS)]
    antialiased: Annotated[tuple[bool, ...], Meta(max_length=MAX_ITEMS)]
    hatch_colors: Span | None


class Mesh(_Item, frozen=True, tag="mesh"):
    """A grid of colored quadrilaterals."""

    matrix: Matrix
    columns: Annotated[int, Meta(ge=1, le=2**20)]
    rows: Annotated[int, Meta(ge=1, le=2**20)]
    corners: Span
    """``(rows + 1) x (columns + 1) x 2``."""
    offsets: Span
    offset_matrix: Matrix
    fills: Span
    """Four numbers per cell, row by row; shorter lists repeat."""
    lines: Span
    antialiased: bool


class Triangles(_Item, frozen=True, tag="triangles"):
    """Triangles with a color at each corner, blended between them."""

    matrix: Matrix
    corners: Span
    """Six numbers each."""
    colors: Span
    """Twelve numbers each."""


class Image(_Item, frozen=True, tag="image"):
    """Pixels ``height x width x 4``, uint8 sRGB and opacity, from the bottom row up."""

    x: Pixel
    y: Pixel
    width: Annotated[int, Meta(ge=1, le=2**15)]
    height: Annotated[int, Meta(ge=1, le=2**15)]
    rgba: bytes


class Glyph(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One glyph of a text, relative to its origin, before the text is turned."""

    font: Index
    size_pt: Annotated[float, Meta(gt=0, le=2000)]
    index: Annotated[int, Meta(ge=0, le=2**17)]
    """Index of the glyph in its font."""
    dx: Pixel
    dy: Pixel


class Text(_Item, frozen=True, tag="text"):
    """Glyphs and bars (of fractions and roots) of one line of text.

    The string follows from the glyphs alone; a separate string could be forged.
    """

    x: Pixel
    y: Pixel
    """Of the origin, downward from the top of the picture."""
    angle: Number
    """Degrees, counterclockwise."""
    hinting: Hinting
    glyphs: Annotated[tuple[Glyph, ...], Meta(max_length=MAX_GLYPHS)]
    bars: Annotated[tuple[tuple[Pixel, Pixel, Pixel, Pixel], ...], Meta(max_length=10_000)]
    """Left, bottom, width and height, relative to the origin."""


Item = Shape | Markers | Many | Mesh | Triangles | Image | Text
Font = tuple[Annotated[str, Meta(max_length=200)], Annotated[int, Meta(ge=0, le=64)]]
"""A font file's name and the index of the face in it."""


class DisplayList(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """All paint operations of one picture; items refer to the tables by index."""

    version: int
    width_px: Annotated[int, Meta(ge=1, le=2**16)]
    height_px: Annotated[int, Meta(ge=1, le=2**16)]
    dpi: Annotated[float, Meta(ge=1, le=10_000)]
    numbers: bytes
    """The pool: little-endian doubles."""
    fonts: Annotated[tuple[Font, ...], Meta(max_length=256)]
    paths: Annotated[tuple[Path, ...], Meta(max_length=MAX_ITEMS)]
    styles: Annotated[tuple[Style, ...], Meta(max_length=MAX_ITEMS)]
    items: Annotated[tuple[Item, ...], Meta(max_length=MAX_ITEMS)]

    def encode(self) -> bytes:
        return _ENCODER.encode(self)

    def pool(self) -> NDArray[np.float64]:
        """The numbers that spans refer to; not a copy."""
        return np.frombuffer(self.numbers, "<f8")


class DisplayError(ValueError):
    """Bytes are not a valid display list, or exceed its bounds."""


def decode(data: bytes, *, pixels: int, fonts: Container[str]) -> DisplayList:
    """Parse untrusted bytes.

    Args:
        pixels: The largest picture that may be drawn.
        fonts: Names of the font files that may be used.

    Raises:
        DisplayError: not a list, too large, an invalid reference, or a font that is not allowed.
    """
    if len(data) > MAX_LIST_BYTES:
        raise DisplayError(f"a list of {len(data)} bytes is over the bound of {MAX_LIST_BYTES}")
    try:
        shown = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DisplayError(f"not a display list: {error}") from error
    if shown.version != DISPLAY_VERSION:
        raise DisplayError(f"list version {shown.version}; this program reads {DISPLAY_VERSION}")
    if shown.width_px * shown.height_px > pixels:
        raise DisplayError(f"a picture of {shown.width_px} x {shown.height_px} px")
    for name, _ in shown.fonts:
        if name not in fonts:
            raise DisplayError(f"the font {name!r} is none that charts may use")
    _Check(shown).run()
    return shown


def decode_own(data: bytes) -> DisplayList:
    """Parse the bytes of a list that `decode` accepted in another trusted process."""
    return _DECODER.decode(data)


def points_px(shown: DisplayList, placed: Placed) -> NDArray[np.float64]:
    """Vertices in pixels, ``N x 2``, from the bottom left corner; control points of curves too."""
    span = shown.paths[placed.path].vertices
    points = shown.pool()[span.start : span.start + span.count].reshape(-1, 2)
    a, b, c, d, e, f = placed.matrix
    moved: NDArray[np.float64] = points @ np.array([[a, b], [c, d]]) + (e, f)
    return moved


class _Check:
    """Checks that every number of a list is within bounds and every reference exists."""

    def __init__(self, shown: DisplayList) -> None:
        self.shown = shown
        self.paths, self.styles = len(shown.paths), len(shown.styles)
        if len(shown.numbers) % 8 or len(shown.numbers) > 8 * MAX_NUMBERS:
            raise DisplayError(f"{len(shown.numbers)} bytes of numbers")
        self.pool = shown.pool()
        self.glyphs = 0
        # Items may share paths and numbers, so their drawing work is limited, not only their bytes.
        self.work = 0

    def run(self) -> None:
        size = np.abs(self.pool)
        if bool((size > MAX_COORDINATE).any()):
            raise DisplayError("a number that is too large")
        for path in self.shown.paths:
            self._path(path)
        for style in self.shown.styles:
            if style.clip_path is not None:
                self._placed(style.clip_path)
        for item in self.shown.items:
            if item.style >= self.styles:
                raise DisplayError("an item of no style")
            self._item(item)
        if self.work > MAX_NUMBERS:
            raise DisplayError(f"items that draw {self.work} numbers in all")

    def _item(self, item: Item) -> None:
        match item:
            case Shape():
                self._placed(item.path)
            case Markers():
                self._placed(item.marker)
                self._placed(item.places)
            case Many():
                self._many(item)
            case Mesh():
                self._exactly(item.corners, 2 * (item.rows + 1) * (item.columns + 1))
                self._rows_of(item.fills, 4)
                self._rows_of(item.lines, 4)
                self._rows_of(item.offsets, 2)
            case Triangles():
                self._rows_of(item.corners, 6)
                self._exactly(item.colors, 2 * item.corners.count)
            case Image():
                if len(item.rgba) != 4 * item.width * item.height:
                    raise DisplayError("an image whose bytes do not fit its size")
            case Text():
                self.glyphs += len(item.glyphs)
                if self.glyphs > MAX_GLYPHS:
                    raise DisplayError(f"over {MAX_GLYPHS} glyphs")
                if any(glyph.font >= len(self.shown.fonts) for glyph in item.glyphs):
                    raise DisplayError("a glyph of no font")

    def _many(self, item: Many) -> None:
        for path in item.paths:
            self._drawn(path)
        self._rows_of(item.matrices, 6)
        self._rows_of(item.offsets, 2)
        self._rows_of(item.fills, 4)
        self._rows_of(item.lines, 4)
        if item.hatch_colors is not None:
            self._rows_of(item.hatch_colors, 4)
        # One path is drawn once for each offset.
        if item.paths:
            places = max(len(item.paths), item.offsets.count // 2, item.matrices.count // 6)
            each = max(self.shown.paths[path].vertices.count for path in item.paths)
            self.work += places * min(each, 64)

    def _path(self, path: Path) -> None:
        count = self._span(path.vertices)
        if count % 2:
            raise DisplayError("a path of half a vertex")
        if path.codes is not None:
            if 2 * len(path.codes) != count or path.codes.translate(None, _PATH_CODES):
                raise DisplayError("a path with codes that are none")
            if path.codes[:1] not in (b"", b"\1"):
                raise DisplayError("a path that does not begin")

    def _placed(self, placed: Placed) -> None:
        self._drawn(placed.path)

    def _drawn(self, path: int) -> None:
        if path >= self.paths:
            raise DisplayError("an item of no path")
        self.work += self.shown.paths[path].vertices.count

    def _rows_of(self, span: Span, width: int) -> None:
        count = self._span(span)
        if count % width:
            raise DisplayError(f"{count} numbers where they go by {width}")
        self.work += count

    def _exactly(self, span: Span, count: int) -> None:
        if self._span(span) != count:
            raise DisplayError(f"{span.count} numbers where {count} are due")
        self.work += count

    def _span(self, span: Span) -> int:
        if span.start + span.count > len(self.pool):
            raise DisplayError("numbers that are not there")
        return span.count


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(DisplayList)

"""Normalizes styles, numbers and places of matplotlib artists."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import isfinite
from typing import Any

import numpy as np
from matplotlib import colors as mcolors
from matplotlib import rcParamsDefault
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Bbox, BboxBase
from numpy.typing import NDArray

from records.rows import Box
from renderers.scene import Value

KEPT = 256
"""Lists with at most this many numbers are stored; longer ones are sampled, with a hash of the
whole list."""

DIGITS = 8
"""Significant digits that are kept, relative to the largest number of a list."""

Points = NDArray[np.float64]


@dataclass(slots=True)
class Canvas:
    """The picture that a scene describes, and how many elements may still be added."""

    width_px: int
    height_px: int
    renderer: Any
    dpi: float
    left: int
    """Elements that may still be added."""
    truncated: bool = False

    def take(self) -> bool:
        """True if one more element may be added; if not, the scene is marked as truncated."""
        if self.left <= 0:
            self.truncated = True
            return False
        self.left -= 1
        return True

    def box(self, extent: BboxBase | Sequence[float] | None, pad_px: float = 0.0) -> Box | None:
        """Pixel box of a display extent (x0, y0, x1, y1); None if it is not visible."""
        if extent is None:
            return None
        corners = extent.extents if isinstance(extent, BboxBase) else extent
        x0, y0, x1, y1 = (float(value) for value in corners)
        if not np.isfinite(x0 + y0 + x1 + y1):
            return None
        left, right = min(x0, x1) - pad_px, max(x0, x1) + pad_px
        top, bottom = self.height_px - max(y0, y1) - pad_px, self.height_px - min(y0, y1) + pad_px
        left, right = max(left, 0.0), min(right, float(self.width_px))
        top, bottom = max(top, 0.0), min(bottom, float(self.height_px))
        if left >= right or top >= bottom:
            return None
        return (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1))

    def pixels(self, points_pt: float) -> float:
        return float(points_pt) * self.dpi / 72


def clipped(artist: Any, extent: Sequence[float]) -> tuple[float, float, float, float] | None:
    """A display extent cut to the artist's clip; None if nothing is left."""
    x0, y0, x1, y1 = (float(value) for value in extent)
    if artist.get_clip_on():
        clip = artist.get_clip_box()
        path = artist.get_clip_path()
        if clip is None and path is not None:
            clip = path.get_extents() if hasattr(path, "get_extents") else None
        if clip is not None:
            x0, y0 = max(x0, clip.x0), max(y0, clip.y0)
            x1, y1 = min(x1, clip.x1), min(y1, clip.y1)
            if x0 > x1 or y0 > y1:
                return None
    return x0, y0, x1, y1


def color(value: Any, alpha: float | None = None) -> str:
    """``#rrggbbaa``, or an empty text if nothing is drawn.

    >>> color("red"), color("r", 0.5), color("none"), color((0, 0, 0, 0))
    ('#ff0000ff', '#ff000080', '', '')
    """
    if value is None or isinstance(value, str):
        return _named(value, alpha)
    try:
        return _of_rgba(tuple(map(float, value)), alpha)
    except (TypeError, ValueError):
        return ""


@lru_cache(maxsize=4096)
def _named(value: str | None, alpha: float | None) -> str:
    if value is None or value.lower() in ("none", ""):
        return ""
    return _of_rgba(mcolors.to_rgba(value), alpha)


@lru_cache(maxsize=8192)
def _of_rgba(rgba: tuple[float, ...], alpha: float | None) -> str:
    if len(rgba) == 3:
        rgba = (*rgba, 1.0)
    if alpha is not None:
        rgba = (*rgba[:3], alpha)
    if not rgba[3] > 0:
        return ""
    return mcolors.to_hex(tuple(min(1.0, max(0.0, part)) for part in rgba), keep_alpha=True)


def colors(rows: Any) -> list[str]:
    """Colors of an N x 4 array; one entry if all are equal."""
    table = np.asarray(rows, dtype=float)
    if table.ndim != 2 or not len(table):
        return []
    if (table == table[0]).all():
        return [color(table[0])]
    return [color(row) for row in sampled(table)]


def sampled(rows: NDArray[Any]) -> NDArray[Any]:
    """At most `KEPT` rows, evenly spread, the first and the last among them."""
    if len(rows) <= KEPT:
        return rows
    return rows[np.linspace(0, len(rows) - 1, KEPT).astype(int)]


def unmasked(values: Any) -> NDArray[np.float64]:
    """Numbers as floats; masked ones become NaN."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(float), np.nan)
    return np.asarray(values, dtype=float)


def digest(values: Any) -> str:
    """Sixteen hex digits over an array, rounded to `DIGITS` digits of its largest number."""
    table = unmasked(values)
    finite = np.isfinite(table)
    largest = float(np.abs(table[finite]).max()) if finite.any() else 0.0
    step = 10.0 ** (np.floor(np.log10(largest)) - DIGITS) if largest > 0 else 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.where(finite, np.rint(table / step), 2**62).astype(np.float64) + 0.0
    text = f"{table.shape}:{step:.3g}:".encode()
    return hashlib.blake2b(text + whole.tobytes(), digest_size=8).hexdigest()


def numbers(values: Any) -> list[Value]:
    """A flat list of plain numbers, rounded; None for NaN and infinity.

    >>> numbers([0.1 + 0.2, float("nan")])
    [0.3, None]
    """
    table = unmasked(values).ravel()
    if not table.size:
        return []
    finite = np.isfinite(table)
    largest = float(np.abs(table[finite]).max()) if finite.any() else 0.0
    places = DIGITS - int(np.floor(np.log10(largest))) if largest > 0 else DIGITS
    rounded = np.round(table, places) + 0.0 if abs(places) < 300 else table
    if finite.all():
        return rounded.tolist()  # type: ignore[no-any-return]
    return [value if ok else None for value, ok in zip(rounded.tolist(), finite, strict=True)]


def number(value: Any) -> float | None:
    """One rounded number; None for NaN and infinity.

    >>> number(1 / 3)
    0.333333333
    """
    plain = float(value)
    return float(f"{plain:.9g}") + 0.0 if isfinite(plain) else None


def unseen(artist: Artist) -> bool:
    """True if an artist is fully transparent; a picture may have one alpha per pixel."""
    alpha = artist.get_alpha()
    return alpha is not None and not np.any(alpha)


def packed(columns: Mapping[str, Any]) -> dict[str, Value]:
    """Columns of equal length as flat lists, with their common length.

    Columns longer than `KEPT` are sampled, and a hash and the bounds of the whole are added.
    """
    tables = {name: unmasked(column).ravel() for name, column in columns.items()}
    count = max((len(table) for table in tables.values()), default=0)
    data: dict[str, Value] = {name: numbers(sampled(table)) for name, table in tables.items()}
    data["count"] = count
    if count > KEPT:
        data["hash"] = digest(np.concatenate(list(tables.values())))
        for name, table in tables.items():
            finite = table[np.isfinite(table)]
            if finite.size:
                data[f"{name}_range"] = numbers([finite.min(), finite.max()])
    return data


def dash_of(pattern: tuple[float, Sequence[float] | None] | None) -> str:
    """``-``, ``--``, ``-.``, ``:`` or the dash lengths in line widths.

    >>> dash_of((0, None)), dash_of((0, (1, 2)))
    ('-', '1,2')
    """
    if pattern is None or pattern[1] is None or not len(pattern[1]):
        return "-"
    lengths = tuple(round(float(length), 3) for length in pattern[1])
    return _dash_names().get(lengths) or ",".join(f"{length:g}" for length in lengths)


def dash_in(artist: Artist, index: int = 0) -> str:
    """``dash_of`` one of the outlines of a collection."""
    dashes = getattr(artist, "_us_linestyles", None) or [(0, None)]
    return dash_of(dashes[index % len(dashes)])


@cache
def _dash_names() -> dict[tuple[float, ...], str]:
    # matplotlib's defaults, not a script's changes of them: the names are for readers.
    return {
        tuple(round(float(length), 3) for length in rcParamsDefault[f"lines.{key}_pattern"]): name
        for key, name in (("dashed", "--"), ("dashdot", "-."), ("dotted", ":"))
    }


def stroke(value: str, width_pt: float, dash: str) -> dict[str, Value]:
    """Style of an outline; empty if it is not drawn."""
    if not value or not width_pt > 0:
        return {}
    style: dict[str, Value] = {"edge": value, "edge_width": round(float(width_pt), 3)}
    if dash != "-":
        style["edge_dash"] = dash
    return style


def outline(patch: Any) -> dict[str, Value]:
    """Style of the edge of a patch or spine; empty if it is not drawn."""
    dash = dash_of(getattr(patch, "_unscaled_dash_pattern", None))
    return stroke(color(patch.get_edgecolor()), patch.get_linewidth(), dash)


@cache
def _marker_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for symbol in "os^v<>Ddp*hH8PX+x|_1234":
        marker = MarkerStyle(symbol)
        path = marker.get_path().transformed(marker.get_transform())
        names.setdefault(_outline(path), symbol)
    return names


def _outline(path: Path) -> str:
    return digest(np.round(path.vertices, 4) + 0.0)


def marker_of_path(path: Path) -> str:
    """Symbol of a marker outline of unit size, or a hash of the outline."""
    outline = _outline(path)
    return _marker_names().get(outline, f"shape {outline[:6]}")


UNFILLED = frozenset("+x|_1234,")


def marker_style(
    symbol: Any, size_pt: float, face: str, edge: str, edge_width_pt: float
) -> dict[str, Value]:
    """Style of a marker; empty if it is not drawn."""
    if symbol in (None, "None", "none", "", " ") or not size_pt > 0:
        return {}
    if symbol == ".":  # a dot is a circle of half the size
        symbol, size_pt = "o", size_pt / 2
    if not isinstance(symbol, str):
        marker = MarkerStyle(symbol)
        symbol = marker_of_path(marker.get_path().transformed(marker.get_transform()))
    if not edge_width_pt > 0:
        edge = ""
    if symbol in UNFILLED:
        face = ""
    if not face and not edge:
        return {}
    style: dict[str, Value] = {"marker": symbol, "marker_size": round(float(size_pt), 3)}
    if face:
        style["marker_face"] = face
    if edge:
        style["marker_edge"] = edge
        style["marker_edge_width"] = round(float(edge_width_pt), 3)
    return style


def line_style(line: Line2D) -> dict[str, Value]:
    """Style of a line and of its markers; the line's part or the markers' part may be missing."""
    alpha = line.get_alpha()
    style: dict[str, Value] = {}
    pen = color(line.get_color(), alpha)
    if line.get_linestyle() not in ("None", "none", "", " ") and line.get_linewidth() > 0 and pen:
        style = {
            "color": pen,
            "width": round(float(line.get_linewidth()), 3),
            "dash": dash_of(getattr(line, "_unscaled_dash_pattern", None)),
        }
        if line.get_drawstyle() != "default":
            style["steps"] = str(line.get_drawstyle())
    face = "" if line.get_fillstyle() == "none" else color(line.get_markerfacecolor(), alpha)
    style |= marker_style(
        line.get_marker(),
        line.get_markersize(),
        face,
        color(line.get_markeredgecolor(), alpha),
        line.get_markeredgewidth(),
    )
    return style


def patch_style(patch: Any) -> dict[str, Value]:
    """Face, edge and hatch of a patch; empty if it is not drawn."""
    style: dict[str, Value] = {}
    face = color(patch.get_facecolor()) if patch.get_fill() else ""
    if face:
        style["face"] = face
    if patch.get_linestyle() not in ("None", "none", "", " "):
        style |= outline(patch)
    if patch.get_hatch():
        style["hatch"] = str(patch.get_hatch())
    return style


FORMULA = re.compile(r"\$[^$]+\$")
"""A text that is one formula and nothing else."""

MATH_FONTS = {"dejavusans": "DejaVu Sans", "dejavuserif": "DejaVu Serif"}
"""Families of the letters in formulas, by matplotlib's name for a set of fonts."""


def font_style(text: Any) -> dict[str, Value]:
    """Font size, color, weight and slant of a text."""
    style: dict[str, Value] = {
        "color": color(text.get_color(), text.get_alpha()),
        "size": round(float(text.get_fontsize()), 2),
    }
    rotation = float(text.get_rotation()) % 360
    if rotation:
        style["rotation"] = round(rotation, 2)
    if text.get_parse_math() and FORMULA.fullmatch(text.get_text().strip()):
        # A formula has letters of its own, whatever weight, slant and family were asked for.
        fonts = str(text.get_math_fontfamily())
        return style | {"family": MATH_FONTS.get(fonts, fonts), "slant": "math"}
    weight = text.get_fontweight()
    if weight not in ("normal", "regular", "book", 400):
        bold = weight in ("bold", "heavy", "extra bold", "black", "semibold", "demibold", "demi")
        heavy = bold or (not isinstance(weight, str) and weight > 500)
        style["weight"] = "bold" if heavy else str(weight)
    if text.get_fontstyle() != "normal":
        style["slant"] = str(text.get_fontstyle())
    # The font found on this machine, whatever list of families was requested.
    style["family"] = str(text.get_fontname())
    return style


def extent_of(points: Points) -> tuple[float, float, float, float] | None:
    """Smallest extent around finite points."""
    finite = points[np.isfinite(points).all(axis=1)]
    if not len(finite):
        return None
    low, high = finite.min(axis=0), finite.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def display_box(artist: Any, renderer: Any) -> Bbox | None:
    """Window extent of any artist; None if it has none."""
    extent = artist.get_window_extent(renderer)
    return extent if extent is not None and np.isfinite(extent.extents).all() else None

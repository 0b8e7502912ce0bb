"""Reads texts from the glyphs of a display list, never from claims of the program."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians, sin

from matplotlib.ft2font import FT2Font, LoadFlags

from records.boxes import lies_in, middle
from records.rows import Box
from renderers.chart import fonts as chart_fonts
from renderers.chart.replay import Fonts
from renderers.chart.seen.ink import Ink
from renderers.display import DisplayList

_COMMAND = re.compile(r"\\[a-zA-Z]+\*?")
_SAME_SIGN = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "’": "'", "‘": "'"})
_NEAR_PX = 3.0


@dataclass(frozen=True, slots=True)
class Line:
    """One drawn line of text."""

    text: str
    box: Box
    color: tuple[float, ...]
    item: int
    """Number of the item that paints it."""


class _Opened(threading.local):
    """Fonts of one thread: a face of FreeType in the hands of two threads damages memory."""

    fonts: Fonts | None = None


_OPENED = _Opened()


def _fonts() -> Fonts:
    if _OPENED.fonts is None:
        _OPENED.fonts = Fonts(chart_fonts.files())
    return _OPENED.fonts


@lru_cache(maxsize=64)
def _letters(name: str, face: int) -> dict[int, str]:
    """Index of a glyph -> the character that it shows."""
    font = _fonts()[name, face]
    return {glyph: chr(code) for code, glyph in sorted(font.get_charmap().items(), reverse=True)}


@lru_cache(maxsize=8192)
def _extent(name: str, face: int, size_pt: float, index: int, dpi: float) -> tuple[float, ...]:
    """Left, bottom, right, top of a glyph in pixels, from its origin."""
    font: FT2Font = _fonts()[name, face]
    font.set_size(size_pt, dpi)
    try:
        glyph = font.load_glyph(index, flags=LoadFlags.NO_HINTING)  # type: ignore[arg-type]
    except RuntimeError:
        return (0.0, 0.0, 0.0, 0.0)
    return tuple(edge / 64 for edge in glyph.bbox)


def lines_of(shown: DisplayList, ink: Ink) -> list[Line]:
    """Every line of text that is painted."""
    found = []
    for number, item, style in ink.texts:
        turn, corners = radians(item.angle), []
        for glyph in item.glyphs:
            name, face = shown.fonts[glyph.font]
            left, low, right, high = _extent(name, face, glyph.size_pt, glyph.index, shown.dpi)
            for x in (left + glyph.dx, right + glyph.dx):
                for y in (low + glyph.dy, high + glyph.dy):
                    along, up = x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)
                    corners.append((item.x + along, item.y - up))
        alpha = style.color[3] if len(style.color) == 4 else style.alpha
        if not corners or not alpha > 0:
            continue
        xs, ys = zip(*corners, strict=True)
        letters = [_letters(*shown.fonts[one.font]).get(one.index, "") for one in item.glyphs]
        box = (min(xs), min(ys), max(xs), max(ys))
        found.append(Line("".join(letters), box, (*style.color[:3], alpha), number))
    return found


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Letters alone, in one spelling.

    >>> plain("1 000\\u2009m²"), plain("\\u2212 3")
    ('1000m2', '-3')
    """
    text = unicodedata.normalize("NFKC", text.translate(_SAME_SIGN)).translate(_SAME_SIGN)
    return "".join(text.split())


def says(lines: list[Line], claimed: str, box: Box) -> list[Line]:
    """The drawn lines that show a claimed text at a claimed place; empty if there are none.

    Formulas are compared by their letters, since a claim is TeX and the drawn text is not.
    """
    near = [line for line in lines if _inside(line.box, box)]
    wanted = plain(claimed)
    if "$" in claimed or any(not line.text for line in near):
        return near if _letters_fit(claimed, near) else []
    for line in near:
        if plain(line.text) == wanted:
            return [line]
    rest, used = Counter(wanted), []
    for line in near:
        words = plain(line.text)
        if words and words in wanted and not Counter(words) - rest:
            rest -= Counter(words)
            used.append(line)
    return used if used and not rest else []


def _letters_fit(claimed: str, near: list[Line]) -> bool:
    """True if the letters and digits of a formula are drawn, and no others except those of its commands."""
    commands = "".join(_COMMAND.findall(claimed))
    letters = Counter(filter(_tells, plain(_COMMAND.sub("", claimed))))
    drawn = Counter(filter(_tells, plain("".join(line.text for line in near))))
    return bool(near) and not letters - drawn and not drawn - letters - Counter(plain(commands))


def _tells(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _inside(inner: Box, outer: Box) -> bool:
    x, y = middle(inner)
    return lies_in((x, y, x, y), outer, _NEAR_PX)

"""Reads the words of a picture with a small OCR model, including its confusions and lost spaces.

Runs inside the reader's sandboxed fork. One thread, no rotation classifier: on a busy machine the
defaults take ten times as long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import ImageFont

Pixels = NDArray[np.uint8]
"""``H x W x 3``, uint8 sRGB."""

LONGEST_PX = 1280
"""A picture is enlarged to about this before it is read, at most twice, and never shrunk below."""
SURE = 0.5
"""Words with a lower confidence than this are ignored."""


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A run of text on one line."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    upright: bool = False
    """True if it is rotated, like the label of a vertical axis."""

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Height of a line of it, in pixels."""
        return self.right - self.left if self.upright else self.bottom - self.top


@lru_cache(maxsize=1)
def engine() -> Any:
    """The OCR engine with the models of its package."""
    import cv2
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(
        intra_op_num_threads=1,
        inter_op_num_threads=1,
        # Else a long narrow picture is enlarged until its short side has 736 pixels.
        det_limit_type="max",
        det_limit_side_len=2 * LONGEST_PX,
    )


def warm() -> None:
    """Load models and font by reading an empty picture."""
    words_in(np.full((64, 64, 3), 255, np.uint8))
    _advance("m")


def words_in(picture: Pixels, *, spaces: float = 1.0, rng: Random | None = None) -> list[OcrWord]:
    """The words of a picture, top to bottom.

    Args:
        picture: What is read.
        spaces: Share of the texts in which spaces are put where the picture has gaps; the reader
            drops most of them.
        rng: Chooses these texts.
    """
    import cv2

    height, width = picture.shape[:2]
    factor = min(2.0, max(1.0, LONGEST_PX / max(height, width)))
    shown = np.ascontiguousarray(picture[..., ::-1])
    if factor > 1:
        shown = cv2.resize(shown, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    found, _ = engine()(shown, use_cls=False)
    rng = rng or Random(0)
    words = []
    for corners, text, _score in found or ():
        box = np.array(corners, float) / factor
        (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
        word = OcrWord(str(text), float(left), float(top), float(right), float(bottom))
        if bottom - top >= 1.5 * (right - left) and len(word.text) > 1:
            word = _upright(picture, word)
        elif rng.random() < spaces and not _slanted(box):
            word = replace(word, text=_spaced(picture, word))
        if word.text.strip():
            words.append(word)
    return words


def _slanted(box: NDArray[np.float64]) -> bool:
    along = box[1] - box[0]
    return bool(abs(along[1]) > 0.15 * abs(along[0]))


def _upright(picture: Pixels, word: OcrWord) -> OcrWord:
    """The word again, turned so that it reads from left to right."""
    crop = _crop(picture, word)
    turned = np.ascontiguousarray(np.rot90(crop, -1)[..., ::-1])
    found, _ = engine()(turned, use_det=False, use_cls=False)
    text, score = found[0] if found else ("", 0.0)
    flat = OcrWord(str(text), 0, 0, turned.shape[1], turned.shape[0])
    text = _spaced(np.rot90(crop, -1), flat) if float(score) > SURE else ""
    return replace(word, text=text, upright=True)


def _crop(picture: Pixels, word: OcrWord) -> Pixels:
    height, width = picture.shape[:2]
    left, top = max(int(word.left), 0), max(int(word.top), 0)
    return picture[top : min(int(word.bottom) + 1, height), left : min(int(word.right) + 1, width)]


def _spaced(picture: Pixels, word: OcrWord) -> str:
    """The text with a space at each gap of the picture that is wider than one between letters.

    >>> blank = np.full((10, 80, 3), 255, np.uint8)
    >>> blank[2:8, 2:34:2] = blank[2:8, 44:76:2] = 0
    >>> _spaced(blank, OcrWord("onetwo", 0, 0, 80, 10))
    'one two'
    """
    crop = _crop(picture, word).astype(int)
    text = word.text
    if len(text) < 2 or crop.size == 0 or not text.isascii():
        return text
    paper = np.median(crop.reshape(-1, 3), axis=0)
    ink = np.abs(crop - paper).max(axis=2) > 60
    columns = np.flatnonzero(ink.any(axis=0))
    if len(columns) < 2:
        return text
    rows = np.flatnonzero(ink.any(axis=1))
    tall = rows[-1] - rows[0] + 1
    steps = np.diff(columns)
    wide = max(3.5, 0.38 * tall)
    gaps = [(columns[at], steps[at] - 1) for at in np.flatnonzero(steps - 1 > wide)]
    if not gaps:
        return text
    letters = [character for character in text if character != " "]
    # Where each letter ends, as a share of all letters set without spaces.
    ends = np.cumsum([_advance(letter) for letter in letters])
    ends = ends / ends[-1]
    inked = columns[-1] - columns[0] + 1 - sum(width for _, width in gaps)
    breaks: set[int] = set()
    passed = 0.0
    for at, width in gaps:
        share = (at - columns[0] + 1 - passed) / inked
        passed += width
        at_letter = int(np.abs(ends[:-1] - share).argmin()) + 1
        # Digits, above all a one, have wide gaps, and numbers rarely contain spaces.
        digits = letters[at_letter - 1].isdigit() and letters[at_letter].isdigit()
        if not digits or width > 0.6 * tall:
            breaks.add(at_letter)
    given = _breaks_of(text)
    # The reader found a few spaces itself; at the same gap its own position is more exact.
    breaks = {at for at in breaks if not any(abs(at - own) <= 1 for own in given)} | given
    return "".join(
        (" " if at in breaks else "") + letter for at, letter in enumerate(letters)
    ).strip()


def _breaks_of(text: str) -> set[int]:
    found, letters = set(), 0
    for character in text:
        if character == " ":
            found.add(letters)
        else:
            letters += 1
    return found


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", 20)


@lru_cache(maxsize=512)
def _advance(letter: str) -> float:
    return _font().getlength(letter)

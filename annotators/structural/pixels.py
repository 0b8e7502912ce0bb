"""Compares the pixels of two pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from records.pictures import pixels_of
from records.rows import Box

THRESHOLD = 12
"""Largest difference of a channel (0-255) that counts as anti-aliasing, not as a change."""

STRONG = 128
"""Half of the range of a channel."""


@dataclass(frozen=True)
class PixelDifference:
    """Where two pictures differ, on a canvas that holds both (aligned at the top left)."""

    changed: NDArray[np.bool_]
    """H x W: pixels whose largest channel difference is over `THRESHOLD`, or in one picture only."""
    identical: bool
    """True if the pictures are equal, byte for byte of pixels and size."""
    pngs: tuple[bytes, bytes] = (b"", b"")
    """The two original pictures, for modalities that compare colors."""
    scale: float = 1.0
    """Reference pixels per candidate pixel; boxes are in reference pixels."""

    def pictures(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Reference and candidate, ``H x W x 3`` uint8 sRGB each; read-only."""
        return pixels(self.pngs[0]), _resampled(self.pngs[1], self.scale)

    @cached_property
    def seen(self) -> NDArray[np.uint8]:
        """H x W: `seen_gaps` of two pictures of equal size, around what changed; else 0."""
        first, second = self.pictures()
        found = np.zeros(self.changed.shape, np.uint8)
        if self.box is not None:
            left, top, right, bottom = (int(edge) for edge in self.box)
            part = slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1)
            found[part] = seen_gaps(first[part], second[part])
        return found

    @property
    def fraction(self) -> float:
        """Share of changed pixels, 0 to 1."""
        return float(self.changed.mean()) if self.changed.size else 0.0

    @property
    def box(self) -> Box | None:
        """Smallest box around all changed pixels."""
        rows = np.flatnonzero(self.changed.any(axis=1))
        columns = np.flatnonzero(self.changed.any(axis=0))
        if not rows.size:
            return None
        return (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))

    def inside(self, box: Box, margin_px: int = 2) -> int:
        """Number of changed pixels in ``box``, widened by ``margin_px`` on each side."""
        return int(np.count_nonzero(self.changed[_part(box, margin_px)]))

    def strong(self, box: Box, margin_px: int = 2) -> int:
        """Number of pixels there that changed by half of the range from black to white or more; the pictures
        are of equal size."""
        first, second = (picture[_part(box, margin_px)] for picture in self.pictures())
        return int(np.count_nonzero(gaps(first, second) > STRONG))


def _part(box: Box, margin_px: int) -> tuple[slice, slice]:
    left, top = max(0, int(box[0]) - margin_px), max(0, int(box[1]) - margin_px)
    return slice(top, int(box[3]) + margin_px + 1), slice(left, int(box[2]) + margin_px + 1)


@lru_cache(maxsize=4)
def pixels(png: bytes) -> NDArray[np.uint8]:
    """``H x W x 3`` uint8 sRGB of an opaque picture; read-only, and cached for the next few calls."""
    decoded = pixels_of(png)
    decoded.flags.writeable = False
    return decoded


def gaps(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """H x W: the largest channel difference of each pixel of two pictures of equal size."""
    return largest_channel(np.maximum(first, second) - np.minimum(first, second))


def seen_gaps(
    first: NDArray[np.uint8], second: NDArray[np.uint8], reach_px: int = 1
) -> NDArray[np.uint8]:
    """H x W: by how much each pixel lies outside the color range of its neighborhood in the other picture.

    Args:
        first: H x W x 3 uint8 sRGB.
        second: The same size.
        reach_px: How far the neighborhood reaches.

    >>> edge = np.zeros((5, 6, 3), np.uint8)
    >>> edge[:, 3:] = 200
    >>> seen_gaps(edge, np.roll(edge, 1, axis=1)[:, 1:].repeat([2, 1, 1, 1, 1], axis=1)).max()
    np.uint8(0)
    >>> dot = np.zeros((5, 5, 3), np.uint8)
    >>> dot[2, 2] = 90
    >>> seen_gaps(dot, np.zeros((5, 5, 3), np.uint8)).max()
    np.uint8(90)
    """
    found = np.zeros(first.shape[:2], dtype=np.uint8)
    # Bands of rows that fit the CPU cache, with the rows in reach on each side; equal bands are skipped.
    for start in range(0, len(first), BAND_ROWS):
        low, end = max(start - reach_px, 0), min(start + BAND_ROWS, len(first))
        one, two = first[low : end + reach_px], second[low : end + reach_px]
        if not np.array_equal(one, two):
            outside = np.maximum(_outside(one, two, reach_px), _outside(two, one, reach_px))
            found[start:end] = outside[start - low : end - low]
    return found


BAND_ROWS = 48
"""Rows of a picture that are compared at once."""


def pixel_difference(
    reference_png: bytes, candidate_png: bytes, scale: float = 1.0
) -> PixelDifference:
    """Compare two pictures of any two sizes.

    Args:
        scale: Reference pixels per candidate pixel. If it is not 1, the candidate is resampled, and
            a pixel counts as changed only if it differs from its neighborhood by `RESAMPLED`, since
            resampling softens every edge.
    """
    pngs = reference_png, candidate_png
    first, second = pixels(reference_png), _resampled(candidate_png, scale)
    height = max(first.shape[0], second.shape[0])
    width = max(first.shape[1], second.shape[1])
    changed = np.ones((height, width), dtype=bool)
    rows, columns = min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1])
    common = first[:rows, :columns], second[:rows, :columns]
    if scale != 1.0:
        changed[:rows, :columns] = seen_gaps(*common) > RESAMPLED
        return PixelDifference(changed, False, pngs, scale)
    gap = gaps(*common)
    changed[:rows, :columns] = gap > THRESHOLD
    identical = first.shape == second.shape and not gap.any()
    return PixelDifference(changed, identical, pngs)


RESAMPLED = 48
"""The threshold for a resampled picture, instead of `THRESHOLD`."""


@lru_cache(maxsize=4)
def _resampled(png: bytes, scale: float) -> NDArray[np.uint8]:
    picture = pixels(png)
    if scale == 1.0:
        return picture
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    image = Image.fromarray(picture).resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    return np.asarray(image)


def _outside(
    picture: NDArray[np.uint8], other: NDArray[np.uint8], reach_px: int
) -> NDArray[np.uint8]:
    high = low = other
    for _ in range(reach_px):
        high, low = neighborhood(high, np.maximum), neighborhood(low, np.minimum)
    gap = np.maximum(np.maximum(picture, high) - high, low - np.minimum(picture, low))
    return largest_channel(gap)


def largest_channel(gap: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """H x W: the largest of the three channels of each pixel."""
    # Over all bytes with their neighbors, then every third: by channel it takes five times as long.
    flat = gap.ravel()
    largest = np.maximum(np.maximum(flat[:-2], flat[1:-1]), flat[2:])[::3]
    return np.asarray(largest.reshape(gap.shape[:2]))


def neighborhood(picture: NDArray[np.uint8], pick: np.ufunc) -> NDArray[np.uint8]:
    """H x W or H x W x C: the largest, or smallest, of each pixel's three by three neighborhood."""
    rows = picture.copy()
    pick(rows[1:], picture[:-1], out=rows[1:])
    pick(rows[:-1], picture[1:], out=rows[:-1])
    both = rows.copy()
    pick(both[:, 1:], rows[:, :-1], out=both[:, 1:])
    pick(both[:, :-1], rows[:, 1:], out=both[:, :-1])
    return both

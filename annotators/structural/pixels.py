"""The pixel difference of two pictures: what a viewer could see at all."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from records.rows import Box

THRESHOLD = 12
"""Largest difference of a channel (0-255) that counts as anti-aliasing, not as a change."""


@dataclass(frozen=True, slots=True)
class PixelDifference:
    """Where two pictures differ, on the canvas that holds both (top-left aligned)."""

    changed: NDArray[np.bool_]
    """H x W: pixels whose largest channel difference is over `THRESHOLD`, or in one picture only."""
    identical: bool
    """True where the pictures are equal, byte for byte of pixels and size."""
    pngs: tuple[bytes, bytes] = (b"", b"")
    """The two pictures as they came, for a lane that must look at colours."""

    def pictures(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Reference and candidate, ``H x W x 3`` uint8 sRGB each; read-only."""
        return pixels(self.pngs[0]), pixels(self.pngs[1])

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
        left, top = max(0, int(box[0]) - margin_px), max(0, int(box[1]) - margin_px)
        right, bottom = int(box[2]) + margin_px + 1, int(box[3]) + margin_px + 1
        return int(self.changed[top:bottom, left:right].sum())


@lru_cache(maxsize=4)
def pixels(png: bytes) -> NDArray[np.uint8]:
    """``H x W x 3`` uint8 sRGB of an opaque picture; read-only, and kept for the next few calls."""
    with Image.open(io.BytesIO(png)) as image:
        decoded = np.asarray(image.convert("RGB"))
    decoded.flags.writeable = False
    return decoded


def gaps(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """H x W: the largest difference of a channel, pixel by pixel, of two pictures of one size."""
    gap = np.maximum(first, second) - np.minimum(first, second)
    # Three slices: a reduction over so short an axis takes ten times as long.
    return np.asarray(np.maximum(np.maximum(gap[:, :, 0], gap[:, :, 1]), gap[:, :, 2]))


def pixel_difference(reference_png: bytes, candidate_png: bytes) -> PixelDifference:
    """Compare two pictures of any two sizes."""
    first, second = pixels(reference_png), pixels(candidate_png)
    if first.shape == second.shape:
        gap = gaps(first, second)
        return PixelDifference(gap > THRESHOLD, not gap.any(), (reference_png, candidate_png))
    height = max(first.shape[0], second.shape[0])
    width = max(first.shape[1], second.shape[1])
    changed = np.ones((height, width), dtype=bool)
    rows, columns = min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1])
    gap = gaps(first[:rows, :columns], second[:rows, :columns])
    changed[:rows, :columns] = gap > THRESHOLD
    return PixelDifference(changed, False, (reference_png, candidate_png))

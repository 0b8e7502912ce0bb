"""What of a pixel difference a person sees: more than edges that lie a fraction of a pixel apart.

A renderer softens edges, so an outline that lies half a pixel aside changes a whole line of pixels,
strongly, and looks the same. A pixel counts as seen only where its colour lies outside of the
colours that the other picture has within one pixel of it: edges may shift by a pixel, but a thin
line that is gone, a dot or another colour is seen.

Source: the annotation prompts of Visual-ERM (arXiv:2603.13224): no error where only anti-aliasing
differs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotators.structural.pixels import THRESHOLD, PixelDifference

SPECK_PX = 6
"""Seen pixels below which nobody sees a difference: less than a dot of three pixels across."""


def seen_gaps(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """H x W: by how much each pixel leaves the colours of its neighbourhood in the other picture.

    Args:
        first: H x W x 3 uint8 sRGB.
        second: The same size.

    >>> edge = np.zeros((5, 6, 3), np.uint8)
    >>> edge[:, 3:] = 200
    >>> seen_gaps(edge, np.roll(edge, 1, axis=1)[:, 1:].repeat([2, 1, 1, 1, 1], axis=1)).max()
    np.uint8(0)
    >>> dot = np.zeros((5, 5, 3), np.uint8)
    >>> dot[2, 2] = 90
    >>> seen_gaps(dot, np.zeros((5, 5, 3), np.uint8)).max()
    np.uint8(90)
    """
    return np.maximum(_outside(first, second), _outside(second, first))


def below_visibility(pixels: PixelDifference) -> bool:
    """True where the changed pixels, if there are any, are none that a person sees."""
    if not pixels.changed.any():
        return True
    first, second = pixels.pictures()
    if first.shape != second.shape:
        return False
    box = pixels.box
    assert box is not None
    left, top, right, bottom = (int(edge) for edge in box)
    part = slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1)
    return int((seen_gaps(first[part], second[part]) > THRESHOLD).sum()) < SPECK_PX


def unseen(pixels: PixelDifference) -> PixelDifference:
    """The same two pictures with no pixel marked as changed."""
    return replace(pixels, changed=np.zeros_like(pixels.changed))


def _outside(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    high, low = _spread(other, np.maximum), _spread(other, np.minimum)
    over = np.maximum(picture, high) - high
    under = low - np.minimum(picture, low)
    gap = np.maximum(over, under)
    # Three slices: a reduction over so short an axis takes ten times as long.
    return np.asarray(np.maximum(np.maximum(gap[:, :, 0], gap[:, :, 1]), gap[:, :, 2]))


def _spread(picture: NDArray[np.uint8], pick: np.ufunc) -> NDArray[np.uint8]:
    """The largest, or smallest, of each pixel's three by three neighbourhood, by channel."""
    rows = picture.copy()
    pick(rows[1:], picture[:-1], out=rows[1:])
    pick(rows[:-1], picture[1:], out=rows[:-1])
    both = rows.copy()
    pick(both[:, 1:], rows[:, :-1], out=both[:, 1:])
    pick(both[:, :-1], rows[:, 1:], out=both[:, :-1])
    return both

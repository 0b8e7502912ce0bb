"""Operations on masks of pixels that keep them of one size: wider, thinner, filled."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from records.rows import Box

EIGHT = np.ones((3, 3), bool)
"""Neighbors of a pixel, corners included."""

Mask = NDArray[np.bool_]
"""H x W."""

LOW_PX = 360
"""Rows of a mask up to which twice the square of half of them is less than 2^16."""


def count(mask: Mask) -> int:
    """Number of its pixels; `sum` takes ten times as long."""
    return int(np.count_nonzero(mask))


def parts_of(values: NDArray[np.int32]) -> NDArray[np.int64]:
    """Connected parts of equal values, numbered from 1; corners connect, and a value of 0 is no part.

    Runs of equal pixels of a row are joined with those that they touch in the next row.
    """
    width = values.shape[1]
    begins = np.ones(values.shape, bool)
    np.not_equal(values[:, 1:], values[:, :-1], out=begins[:, 1:])
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=values.size)
    own = values.ravel()[starts]
    run = np.repeat(np.arange(len(starts), dtype=np.int32), lengths).reshape(values.shape)
    column = starts % width
    upper = np.flatnonzero((own != 0) & (starts < values.size - width))
    # The runs of the next row below each run, a corner more on both sides.
    first = run.ravel()[starts[upper] + width - (column[upper] > 0)]
    ends = starts[upper] + lengths[upper] - 1
    beyond = run.ravel()[ends + width + (ends % width < width - 1)] + 1
    each = beyond - first
    one = np.repeat(upper, each)
    two = np.arange(each.sum()) + np.repeat(first - np.cumsum(each) + each, each)
    same = own[one] == own[two]
    below = two[same], np.searchsorted(one[same], np.arange(len(starts) + 1))
    links = csr_array((np.ones(len(below[0])), *below), shape=2 * (len(starts),))
    _, part = connected_components(links, directed=False)
    drawn = np.bincount(part, own != 0) > 0  # Parts have the order of their first pixels.
    number = np.where(drawn, np.cumsum(drawn), 0)
    return np.asarray(number[part].take(run))


def packed(mask: Mask) -> bytes:
    """The pixels of a mask as a key for a cache, since many rules ask the same of one mask."""
    return np.packbits(mask).tobytes()


def unpacked(pixels: bytes, shape: tuple[int, ...]) -> Mask:
    """The mask of a key of `packed`."""
    bits = np.unpackbits(np.frombuffer(pixels, np.uint8), count=shape[0] * shape[1])
    return bits.view(bool).reshape(shape)


def filled(mask: Mask) -> Mask:
    """A mask with its holes: all that is not connected with the outside; read-only."""
    return _filled(packed(mask), mask.shape)


@lru_cache(maxsize=64)
def _filled(pixels: bytes, shape: tuple[int, ...]) -> Mask:
    """`filled`, cached."""
    around, _ = ndimage.label(~padded(unpacked(pixels, shape), 1))
    result = np.asarray(around != around[0, 0])[1:-1, 1:-1]
    result.flags.writeable = False
    return result


def padded(mask: Mask, by_px: int) -> Mask:
    """A mask with an empty frame; `np.pad` takes many times as long."""
    height, width = mask.shape
    result = np.zeros((height + 2 * by_px, width + 2 * by_px), bool)
    result[by_px : by_px + height, by_px : by_px + width] = mask
    return result


def widened(mask: Mask, by_px: int) -> Mask:
    """A mask extended by ``by_px`` pixels in the four directions."""
    if not by_px:
        return mask
    height, width = mask.shape
    wide = padded(mask, by_px)  # What passes over the end of a row gets lost in the frame.
    flat, row = wide.ravel(), wide.shape[1]
    for _ in range(by_px):
        before = flat.copy()
        flat[1:] |= before[:-1]
        flat[:-1] |= before[1:]
        flat[row:] |= before[:-row]
        flat[:-row] |= before[row:]
    return wide[by_px : by_px + height, by_px : by_px + width]


def squared(mask: Mask, by_px: int) -> Mask:
    """A mask extended by ``by_px`` pixels in all eight directions."""
    size = 2 * by_px + 1
    result = padded(mask, by_px)
    for axis in (0, 1):
        lines = result.swapaxes(0, axis)
        reach = 1
        while reach < size:  # Each pixel looks so far ahead: the double, until it is enough.
            step = min(reach, size - reach)
            lines = lines[:-step] | lines[step:]
            reach += step
        result = lines.swapaxes(0, axis)
    return result


def rounded(mask: Mask, by_px: float) -> Mask:
    """A mask extended by ``by_px`` pixels, as the crow flies, in all directions."""
    height, width = mask.shape
    reach = int(by_px)
    result = np.zeros((height + 2 * reach, width), bool)
    wide, half = mask, 0
    for down in range(reach, -1, -1):
        while (half + 1) ** 2 + down**2 <= by_px**2:
            wider = wide.copy()
            wider[:, 1:] |= wide[:, :-1]
            wider[:, :-1] |= wide[:, 1:]
            wide, half = wider, half + 1
        result[reach - down : reach - down + height] |= wide
        result[reach + down : reach + down + height] |= wide
    return result[reach : reach + height]


def sharp_of(mask: Mask, reach: float) -> Mask:
    """The pixels of a mask that a disk inside it cannot reach."""
    wide = padded(mask, 2)
    inner = ~rounded(~wide, reach)
    return (wide & ~rounded(inner, reach + 1))[2:-2, 2:-2]


def depths(mask: Mask) -> NDArray[np.int32]:
    """The squared distance of each pixel of a mask from the nearest one outside it; its frame must be empty.

    Exact, and for thin parts several times as fast as scipy's transform.
    """
    # Squares of less than half the height, and twice of them, are numbers of 16 bits, which are added faster.
    kind = np.uint16 if len(mask) <= LOW_PX else np.int32
    rows = np.arange(len(mask), dtype=kind)[:, None]
    before = np.maximum.accumulate(np.where(mask, kind(0), rows), axis=0)
    after = np.minimum.accumulate(np.where(mask, kind(len(mask)), rows)[::-1], axis=0)[::-1]
    down = np.minimum(rows - before, after - rows) ** 2
    result = down.copy()
    step, most = 1, int(result.max(initial=0))
    while step**2 < most:
        beside = down + kind(step**2)
        np.minimum(result[:, step:], beside[:, :-step], out=result[:, step:])
        np.minimum(result[:, :-step], beside[:, step:], out=result[:, :-step])
        step += 1
        if step % 4 == 0:
            most = int(result.max())
    return np.asarray(result, np.int32)


def around(mask: Mask, by_px: int = 0) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around the pixels of a mask that has some, so much wider."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (
        slice(int(rows[0]), int(rows[-1]) + 1),
        slice(int(columns[0]), int(columns[-1]) + 1),
    )
    return wider(box, by_px) if by_px else box


def wider(part: tuple[slice, slice], by_px: int) -> tuple[slice, slice]:
    """Rows and columns with so many more on each side; those before the first do not exist."""
    rows, columns = (slice(max(one.start - by_px, 0), one.stop + by_px) for one in part)
    return rows, columns


def bounds(mask: Mask) -> Box:
    """The smallest box around the pixels of a mask that has some."""
    rows, columns = around(mask)
    return float(columns.start), float(rows.start), float(columns.stop), float(rows.stop)


def eroded(mask: Mask) -> Mask:
    """A mask without its edge."""
    return ~widened(~padded(mask, 1), 1)[1:-1, 1:-1]

"""Operations on masks of pixels that keep them of one size: wider, thinner, filled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

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


def parts_of(values: NDArray[Any]) -> NDArray[np.int32]:
    """Connected parts of equal values, numbered from 1; corners connect, and a value of 0 is no part."""
    if values.dtype == bool:
        result = np.zeros(values.shape, np.int32)
        if values.any():
            part = around(values)
            ndimage.label(values[part], EIGHT, output=result[part])
        return result
    return Parts.of(values).image()


def runs(values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """First pixel, end and value of each run of equal pixels of a row, with all rows in one line."""
    flat = values.ravel()
    begins = np.ones(values.size, bool)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[:: values.shape[1]] = True
    starts = np.flatnonzero(begins)
    return starts, np.append(starts[1:], values.size), flat[starts]


@dataclass(frozen=True)
class Parts:
    """`parts_of` a picture, as runs of equal pixels of a row."""

    shape: tuple[int, ...]
    starts: NDArray[np.int64]
    """First pixel of each run, with all rows in one line."""
    stops: NDArray[np.int64]
    values: NDArray[Any]
    """Of each run."""
    numbers: NDArray[np.int32]
    """Of the part that each run is in; 0 for none."""

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """Runs of a row are joined with those that they touch in the next row."""
        width = values.shape[1]
        starts, stops, own = runs(values)
        upper = np.flatnonzero(own[: np.searchsorted(starts, values.size - width)])
        # The runs of the next row below each run, a corner more on both sides.
        begin, end = starts[upper], stops[upper] - 1
        first = np.searchsorted(starts, begin + width - (begin % width > 0), "right") - 1
        beyond = np.searchsorted(starts, end + width + (end % width < width - 1), "right")
        each = beyond - first
        one = np.repeat(upper, each)
        two = np.arange(len(one)) + np.repeat(first - np.cumsum(each) + each, each)
        same = own[one] == own[two]
        below = two[same], np.searchsorted(one[same], np.arange(len(starts) + 1))
        links = csr_array((np.ones(len(below[0])), *below), shape=2 * (len(starts),))
        _, part = connected_components(links, directed=False)
        drawn = np.bincount(part, own != 0) > 0  # Parts have the order of their first pixels.
        numbers = np.where(drawn, np.cumsum(drawn), 0)[part].astype(np.int32)
        return cls(values.shape, starts, stops, own, numbers)

    def image(self) -> NDArray[np.int32]:
        """H x W: the number of the part that each pixel is in."""
        return np.repeat(self.numbers, self.stops - self.starts).reshape(self.shape)

    def boxes(self) -> list[tuple[slice, slice]]:
        """Rows and columns around the runs of each number, from 0."""
        order = np.argsort(self.numbers, kind="stable")
        firsts = np.searchsorted(self.numbers[order], np.arange(int(self.numbers.max()) + 1))
        rows, columns = np.divmod(self.starts[order], self.shape[1])
        ends = columns + (self.stops - self.starts)[order]
        lasts = np.append(firsts[1:], len(order)) - 1
        edges = (
            *(rows[firsts], rows[lasts] + 1),
            *(np.minimum.reduceat(columns, firsts), np.maximum.reduceat(ends, firsts)),
        )
        return [(slice(a, b), slice(c, d)) for a, b, c, d in np.transpose(edges).tolist()]


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
    row = mask.shape[1] + 2 * by_px
    # Steps along both diagonals reach every second pixel of the rhombus, the last ones those between.
    flat = _ahead(padded(mask, by_px).ravel(), row + 1, by_px - 1)
    flat = _ahead(flat, row - 1, by_px - 1)
    wide = flat[: -2 * row] | flat[2 * row :]
    for at in (row - 1, row, row + 1):
        wide |= flat[at : at + len(wide)]
    return _inside(wide[by_px:], row, mask.shape)


def squared(mask: Mask, by_px: int) -> Mask:
    """A mask extended by ``by_px`` pixels in all eight directions."""
    row = mask.shape[1] + 2 * by_px
    flat = _ahead(padded(mask, by_px).ravel(), row, 2 * by_px)
    return _inside(_ahead(flat, 1, 2 * by_px), row, mask.shape)


def rounded(mask: Mask, by_px: float) -> Mask:
    """A mask extended by ``by_px`` pixels, as the crow flies, in all directions."""
    (height, width), reach = mask.shape, int(by_px)
    row = width + 2 * reach
    wide, half = padded(mask, reach).ravel(), 0
    result = np.zeros(row * height - 2 * reach, bool)
    for down in range(reach, -1, -1):
        while (half + 1) ** 2 + down**2 <= by_px**2:
            wide, half = wide[:-2] | wide[2:] if half else _ahead(wide, 1, 2), half + 1
        for at in (reach - down, reach + down):
            start = at * row + reach - half
            result |= wide[start : start + len(result)]
    return _inside(result, row, mask.shape)


def _ahead(flat: Mask, step: int, times: int) -> Mask:
    """True where a pixel is, or one of so many that follow it at that step: as often the double as can be.

    ``flat`` is a mask in one line, for long lines are joined several times as fast as rows: what passes
    over the end of a row gets lost in its frame.
    """
    done = 0
    while done < times:
        far = min(done + 1, times - done)
        flat = flat[: -far * step] | flat[far * step :]
        done += far
    return flat


def _inside(flat: Mask, row: int, shape: tuple[int, ...]) -> Mask:
    """The mask of a line without its frame."""
    return np.ndarray(shape, bool, flat, strides=(row, 1))


def sharp_of(mask: Mask, reach: float) -> Mask:
    """The pixels of a mask that a disk inside it cannot reach."""
    wide = padded(mask, 2)
    inner = ~rounded(~wide, reach)
    return (wide & ~rounded(inner, reach + 1))[2:-2, 2:-2]


def depths(mask: Mask) -> NDArray[np.int32]:
    """The squared distance of each pixel of a mask from the nearest one outside it; its frame must be empty.

    Exact, and several times as fast as scipy's transform.
    """
    height = len(mask)
    # Squares of less than half the height, and twice of them, are numbers of 16 bits, which are added faster.
    kind = np.uint16 if height <= LOW_PX else np.int32
    rows = np.arange(1, height + 1, dtype=kind)[:, None]
    down = np.minimum(_since(mask, rows), _since(mask[::-1], rows)[::-1]) ** 2
    result = down.copy()
    step, first, last = 1, 0, height
    while True:
        if step % 4 == 1:  # Rows whose pixels are all nearer than that do not change any more.
            open_ = np.flatnonzero(result[first:last].max(axis=1) > step**2)
            if not open_.size:
                return np.asarray(result, np.int32)
            first, last = first + int(open_[0]), first + int(open_[-1]) + 1
        beside = down[first:last].ravel() + kind(step**2)
        own = result[first:last].reshape(
            -1
        )  # In one line: beyond the end of a row is its empty frame.
        np.minimum(own[step:], beside[:-step], out=own[step:])
        np.minimum(own[:-step], beside[step:], out=own[:-step])
        step += 1


def _since(mask: Mask, rows: NDArray[Any]) -> NDArray[Any]:
    """How many rows above each pixel the nearest empty one is; ``rows`` counts from 1."""
    return np.asarray(rows - np.maximum.accumulate(np.where(mask, rows.dtype.type(0), rows)))


def around(mask: Mask, by_px: int = 0) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around the pixels of a mask that has some, so much wider."""
    width, flat = mask.shape[1], mask.tobytes()
    first, last = _ends(flat)
    rows = slice(first // width, last // width + 1)
    left, right = _ends(np.logical_or.reduce(mask[rows]).tobytes())
    box = rows, slice(left, right + 1)
    return wider(box, by_px) if by_px else box


def _ends(flat: bytes) -> tuple[int, int]:
    """The first and the last one in a line, or its ends; bytes are searched several times as fast as arrays."""
    return max(flat.find(1), 0), flat.rfind(1) % len(flat)


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

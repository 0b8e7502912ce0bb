"""What is drawn inside a panel: areas of one color become bars, curves, dots or filled areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from policies.offline.chart.curves import curve_or_area, moved
from policies.offline.chart.panels import Color, Panel, paper_of
from policies.offline.chart.shapes import (
    Bars,
    Dots,
    Flags,
    Mark,
    box_area,
    hex_of,
    long,
    short,
)
from policies.offline.ocr import Pixels

_INK = 34
"""How far a mark's color is from the ground, at least."""
_ALIKE = 30
"""How far two pixels of one color may be apart, in any channel."""


@dataclass(frozen=True)
class Interior:
    """A panel without its frame: the pixels, and which of them are ink of marks."""

    panel: Panel
    pixels: NDArray[np.int16]
    ink: Flags
    ground: Color
    grid_x: bool
    grid_y: bool
    left: int
    top: int


def interior(picture: Pixels, panel: Panel, hidden: Sequence[tuple[float, ...]]) -> Interior:
    """The inside of a panel, without grid and without what was read as words or legend.

    Args:
        picture: ``H x W x 3``.
        panel: Where.
        hidden: Boxes of words and legends.
    """
    left, top = panel.left + 3, panel.top + 3
    pixels = picture[top : panel.bottom - 2, left : panel.right - 2].astype(np.int16)
    paper = paper_of(picture)
    if (np.abs(pixels - paper).max(axis=2) < 8).mean() > 0.12:
        # Bars may cover more than they leave free: the figure's own ground goes before the usual.
        ground = paper
    else:
        keys = (pixels // 8).reshape(-1, 3) @ np.array([1024, 32, 1])
        usual = pixels.reshape(-1, 3)[keys == np.bincount(keys).argmax()]
        ground = np.median(usual, axis=0).astype(float)
    apart = np.abs(pixels - ground).max(axis=2)
    ink = apart > _INK
    grid_y = _lift_grid(ink, pixels, apart)
    grid_x = _lift_grid(ink.T, pixels.transpose(1, 0, 2), apart.T)
    for box in hidden:
        x0, y0 = max(int(box[0]) - 1 - left, 0), max(int(box[1]) - 1 - top, 0)
        x1, y1 = max(int(box[2]) + 2 - left, 0), max(int(box[3]) + 2 - top, 0)
        ink[y0:y1, x0:x1] = False
    return Interior(panel, pixels, ink, ground, grid_x, grid_y, left, top)


def _lift_grid(ink: Flags, pixels: NDArray[np.int16], apart: NDArray[np.int16]) -> bool:
    """Take the lines of a grid out of the ink, in place; True if there are at least two.

    A line of a grid is a row of pixels that all the way shows one pale color, but for what covers
    it.
    """
    faint = (apart > 6) & (apart < 110)
    rows = np.flatnonzero(faint.mean(axis=1) > 0.5)
    lines = []
    for row in rows:
        color = np.median(pixels[row][faint[row]], axis=0)
        same = np.abs(pixels[row] - color).max(axis=1) < 26
        beside = [at for at in (row - 3, row + 3) if 0 <= at < len(pixels)]
        # An area is no line: its neighbors look like it.
        if same.mean() < 0.45 or any(
            (np.abs(pixels[at] - color).max(axis=1) < 12).mean() > 0.4 for at in beside
        ):
            continue
        ink[row, same] = False
        lines.append(row)
    return len(lines) > 0 and 1 + int((np.diff(lines) > 6).sum()) >= 2


def find_marks(inside: Interior, most: int, points: int, *, named_x: bool) -> list[Mark]:
    """The marks of a panel, color by color, the largest first.

    Args:
        inside: The panel.
        most: Most colors that are distinguished.
        points: Points a curve is sampled at, at most.
        named_x: True if the horizontal axis has names: single bars stand upright then.
    """
    left = inside.ink.copy()
    area = left.size
    marks: list[Mark] = []
    for _ in range(most):
        if left.sum() < max(30, 0.0005 * area):
            break
        coarse = inside.pixels // 32
        keys = (coarse[..., 0] * 64 + coarse[..., 1] * 8 + coarse[..., 2])[left]
        key = np.bincount(keys).argmax()
        alike = inside.pixels[left][keys == key]
        # A thin line is mostly blends with the ground; what is farthest from it is the line's own.
        apart = np.abs(alike - inside.ground).max(axis=1)
        color = np.median(alike[apart >= np.quantile(apart, 0.75)], axis=0).astype(float)
        same = left & (np.abs(inside.pixels - color).max(axis=2) < _ALIKE)
        # Edges are blends of mark and ground: they go with it.
        grown: Flags = ndimage.binary_dilation(same, np.ones((3, 3)), iterations=2)
        left &= ~grown
        if same.sum() < max(24, 0.0003 * area):
            continue
        mark = _mark(same, inside, hex_of(color), points, named_x=named_x)
        if mark is not None:
            marks.append(mark)
    return marks


def _mark(same: Flags, inside: Interior, color: str, points: int, *, named_x: bool) -> Mark | None:
    labels, count = ndimage.label(same, np.ones((3, 3)))
    boxes = ndimage.find_objects(labels)
    sizes = ndimage.sum_labels(same, labels, np.arange(1, count + 1))
    parts = [
        (part[1].start, part[0].start, part[1].stop, part[0].stop, float(size))
        for part, size in zip(boxes, sizes, strict=True)
        if size >= 6
    ]
    if not parts:
        return None
    x, y = inside.left, inside.top
    full = [part for part in parts if part[4] > 0.86 * box_area(part) and short(part) >= 5]
    if (
        full
        and sum(part[4] for part in full) > 0.6 * same.sum()
        and not (len(full) >= 4 and all(long(part) <= 14 for part in full))
    ):
        upright = _upright(full, same.shape, named_x=named_x)
        boxes_ = tuple((p[0] + x, p[1] + y, p[2] + x, p[3] + y) for p in full)
        return Bars(color, boxes_, upright)
    steps = _staircase(same)
    if steps:
        boxes_ = tuple((p[0] + x, p[1] + y, p[2] + x, p[3] + y) for p in steps)
        return Bars(color, boxes_, upright=True)
    dots = _dots(parts)
    if dots:
        places = tuple(((p[0] + p[2]) / 2 + x, (p[1] + p[3]) / 2 + y) for p in dots)
        return Dots(color, places, float(np.median([long(p) for p in dots])))
    return moved(curve_or_area(same, parts, color, points), x, y)


def _upright(full: Sequence[tuple[float, ...]], shape: tuple[int, ...], *, named_x: bool) -> bool:
    """True if bars rise from below rather than from the left."""
    if len(full) >= 2:
        wide = np.std([part[2] - part[0] for part in full])
        tall = np.std([part[3] - part[1] for part in full])
        if abs(wide - tall) > 1.5:
            return bool(wide < tall)
        low = np.std([part[3] for part in full])
        left = np.std([part[0] for part in full])
        if abs(low - left) > 1.5:
            return bool(low < left)
    return named_x or shape[0] - full[0][3] < full[0][0]


def _staircase(same: Flags) -> list[tuple[float, float, float, float]]:
    """Bars that touch, as in a histogram: flat below, level above for a while at a time."""
    columns = np.flatnonzero(same.any(axis=0))
    if len(columns) < 30:
        return []
    tops = same[:, columns].argmax(axis=0)
    lows = same.shape[0] - 1 - same[::-1, columns].argmax(axis=0)
    filled = same[:, columns].sum(axis=0) / (lows - tops + 1)
    if (filled > 0.9).mean() < 0.85 or (np.abs(lows - np.median(lows)) <= 2).mean() < 0.85:
        return []
    cuts = np.flatnonzero((np.abs(np.diff(tops)) > 2) | (np.diff(columns) > 1)) + 1
    steps = [
        (
            float(columns[run[0]]),
            float(np.median(tops[run])),
            float(columns[run[-1]] + 1),
            float(lows[run[0]] + 1),
        )
        for run in np.split(np.arange(len(columns)), cuts)
        if len(run) >= 4
    ]
    level = sum(step[2] - step[0] for step in steps)
    return steps if len(steps) >= 3 and level > 0.8 * len(columns) else []


def _dots(parts: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """The parts, if they are marks of one size without a line."""
    if len(parts) < 4:
        return []
    sizes = np.array([long(part) for part in parts], float)
    usual = np.median(sizes)
    alike = [part for part in parts if 0.5 * usual <= long(part) <= 1.8 * usual]
    round_ = [part for part in alike if long(part) <= 1.7 * short(part)]
    if usual < 3.5 or usual > 34 or len(round_) < 0.7 * len(parts):
        return []
    if np.median([part[4] / box_area(part) for part in round_]) < 0.45:
        return []
    return round_

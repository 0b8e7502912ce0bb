"""Whether two charts differ at a place on paper, with the values of one laid over those of the other.

Marks are paired as the programs drew them: an arrow may be a polygon in one and a bar with a head in the
other, and the pairing then reports things that are missing and extra where both pictures show the same.
Here the picture of one axes is laid over that of the other, value over value (they are registered), and a
finding on marks counts only if the pictures differ at its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from annotators.structural.chart.findings import Finding
from annotators.structural.chart.marks import AxisScale
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.pixels import (
    RESAMPLED,
    THRESHOLD,
    PixelDifference,
    neighborhood,
    seen_gaps,
)
from annotators.structural.visibility import SPECK_PX
from annotators.structural.why import unsaid
from records.rows import Box

WIDTH_PX = 800
"""Width of the pictures when they are compared, unless both axes have one place ..."""

REACH_PX = 2
"""... and by how many of its pixels a mark may lie elsewhere and count as equal there."""

SHARE = 0.25
"""Pixels that differ for each pixel of length of a mark that one chart lacks: nearly all do that nothing hides."""

LEAST_SHOWN = 0.3
"""Share of an axis that both charts must show to be laid over each other by values."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The pictures of two axes, laid over each other."""

    changed: NDArray[np.bool_]
    """H x W: pixels of one that nothing near their place in the other looks like, and pale areas of them."""
    windows: tuple[Box, Box]
    """What of the pictures it shows: of the reference and of the candidate, in pixels of the reference."""

    def shows(self, one: Finding) -> bool:
        """True if a finding has no place there, or the pictures differ at its place."""
        changed = length = 0
        for box in one.boxes:
            parts = [self._part(box, window) for window in self.windows]
            inside = max(parts, key=np.count_nonzero)
            changed += int(np.count_nonzero(inside))
            length += max(inside.shape)
        alone = one.kind in ("missing", "extra")
        least = SHARE * length if alone else min(SPECK_PX, SHARE * length)
        return not length or changed >= least

    def _part(self, box: Box, window: Box) -> NDArray[np.bool_]:
        """The pixels in a box, if it belongs to the picture with this window, and those beside it."""
        height, width = self.changed.shape
        left, right = ((x - window[0]) / (window[2] - window[0]) * width for x in box[::2])
        top, bottom = ((y - window[1]) / (window[3] - window[1]) * height for y in box[1::2])
        rows = slice(max(0, int(top) - 1), max(0, int(bottom) + 2))
        return self.changed[rows, max(0, int(left) - 1) : max(0, int(right) + 2)]


def without_unseen(found: list[Finding], pair: PanelPair, pixels: PixelDifference) -> list[Finding]:
    """The findings on marks of two axes at whose places their pictures differ."""
    over = registered(pair, pixels) if found else None
    if over is None:
        return found
    kept = [one for one in found if over.shows(one)]
    for one in found:
        if one not in kept:
            unsaid(one, "laid over each other, the two pictures look alike there")
    return kept


def registered(pair: PanelPair, pixels: PixelDifference) -> Registered | None:
    """The pictures of two axes, value over value; None if the pictures are not at hand.

    Round axes, and axes that share too few values, are laid over each other as they stand.
    """
    one, two = (axes.box for axes in pair.sides)
    if not pixels.pngs[0] or one is None or two is None:
        return None
    shares = ((0.0, 1.0), (0.0, 1.0))
    across, up = shares, shares
    if all(axes.data.get("projection") == "rectilinear" for axes in pair.sides):
        across, up = (_shared(pair.scales[at], pair.candidate_scales[at]) for at in (0, 1))
    windows = _window(one, across[0], up[0]), _window(two, across[1], up[1])
    pictures = pixels.pictures()
    if any(not _holds(picture, box) for picture, box in zip(pictures, windows, strict=True)):
        return None
    if windows[0] == windows[1] and pictures[0].shape == pictures[1].shape:
        height, width = pixels.seen.shape
        return Registered(_noticed(pixels.seen), ((0.0, 0.0, width, height),) * 2)
    left, top, right, bottom = windows[0]
    ratio = min(1.0, WIDTH_PX / pictures[0].shape[1])
    size = max(1, round((right - left) * ratio)), max(1, round((bottom - top) * ratio))
    first, second = (
        np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR, box=box))
        for picture, box in zip(pictures, windows, strict=True)
    )
    return Registered(_noticed(seen_gaps(first, second, REACH_PX)), windows)


def _noticed(gap: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels that differ much, and those of areas that differ a little."""
    return (gap > RESAMPLED) | (neighborhood(gap, np.minimum) > THRESHOLD)


def _shared(one: AxisScale, two: AxisScale) -> tuple[tuple[float, float], tuple[float, float]]:
    """The values that two axes share, as fractions of each."""
    ends = one.fractions(np.array([two.low, two.high]))
    low, high = max(ends[0], 0.0), min(ends[1], 1.0)
    if one.logarithmic != two.logarithmic or not high - low >= LEAST_SHOWN:
        return (0.0, 1.0), (0.0, 1.0)
    start, end = two.fractions(one.values(np.array([low, high])))
    return (low, high), (float(start), float(end))


def _window(box: Box, across: tuple[float, float], up: tuple[float, float]) -> Box:
    """The part of a box between fractions of its axes."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    return (
        left + across[0] * wide,
        bottom - up[1] * high,
        left + across[1] * wide,
        bottom - up[0] * high,
    )


def _holds(picture: NDArray[np.uint8], box: Box) -> bool:
    """True if a picture holds a box of a pixel or more."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box
    return 0 <= left < right - 1 and right <= width and 0 <= top < bottom - 1 and bottom <= height

"""Thresholds for what a person notices at normal size, and tests for visible changed pixels.

The thresholds apply after both pictures are scaled to one width. They are set where people begin to
notice a difference of two pictures side by side, not where an instrument does:

* Color: CIEDE2000. About 1 is seen between touching fields; apart, and in small or thin marks, it
  takes several times as much. Source: Stone, Szafir, Setlur, "An Engineering Model for Color
  Difference as a Function of Size" (2014).
* Length, place and size: one pixel of a chart at normal size, and a share of the thing itself.
  Source: Cleveland, McGill, "Graphical Perception" (1984): position along a common scale is judged
  best, to about a hundredth; sizes that differ by about a tenth can be distinguished.

A renderer softens edges, so an outline that lies half a pixel aside changes a whole line of pixels,
strongly, and looks the same. A pixel counts as seen only where its color lies outside of the
colors that the other picture has within one pixel of it: edges may shift by a pixel, but a thin
line that is gone, a dot or another color is seen.

Source: the annotation prompts of Visual-ERM (arXiv:2603.13224): no error where only anti-aliasing
differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from annotators.structural.pixels import THRESHOLD, PixelDifference
from annotators.structural.pixels import seen_gaps as seen_gaps
from annotators.structural.severity import color_distance, rgb
from records.rows import Box

COLOR_OF_AREA = 3.0
"""CIEDE2000 from which another color of a filled area is noticed."""

COLOR_OF_STROKE = 6.0
"""CIEDE2000 from which another color of a line or a marker is noticed."""

COLOR_OF_TEXT = 11.0
"""The same for letters, whose strokes are a pixel wide."""

COLORS_OF_AREAS = 2.4
"""The same for areas of two or more series that differ together: the whole chart has another tone."""

COLORS_OF_MARKERS = 3.3
"""The same for markers of several series."""

NEAR_BLACK = 56
"""Strokes and letters whose channels (0 to 255) are all at most this are read as black."""

OPACITY = 0.06
"""Least noticed difference of opacity (0 to 1) where parts overlap."""

PLACE = 6e-3
"""Least noticed distance of two places, as a share of the axis: two pixels of 400."""

PLACE_PX = 2.0
"""The same in pixels, for short axes."""

DEPTH = 5.0
"""Factor for places in three dimensions, which are read along slanted axes: 3 % of an axis."""

CURVE = 5e-3
"""Least noticed distance of two curves or outlines, as a share of the axes: it is visible along the
whole length."""

MARGIN = 0.025
"""Least noticed change of the margin around the marks, as a share of the axis."""

STROKE_PX = 0.48
"""Least noticed change of a stroke's width in pixels ..."""

STROKE_RATIO = 1.15
"""... and as a ratio."""

HAIRLINE_RATIO = 2.5
"""The ratio for strokes below a pixel: both are a pixel wide, and the thinner one is paler."""

SIZE_RATIO = 1.09
"""Least noticed size ratio of markers, lengths or numbers ..."""

LETTER_RATIO = 1.07
"""... and of words."""

CANVAS_RATIO = 1.16
"""The same ratio if all letters, markers and lines are smaller because the canvas is larger: nothing kept its
size for comparison. Viewers differ: those of the public natural pairs name it from 1.20, others in three of five
pairs with 1.12 to 1.16."""

SHAPE_RATIO = 1.08
"""Least noticed ratio of aspect ratios."""

SPECK_PX = 6
"""Fewer visibly changed pixels than this are not noticed: less than a dot with a diameter of three
pixels."""


def color_noticed(before: str, after: str, *, thin: bool, text: bool = False) -> bool:
    """True if two colors (``#rrggbb`` or ``#rrggbbaa``, seen over white) can be distinguished.

    >>> color_noticed("#6dcb87", "#6eca87", thin=False), color_noticed("#ff0000", "#ee0000", thin=False)
    (False, True)
    """
    if before[:7] == after[:7] and not (thin and is_gray(before)):
        opacities = [int(color[7:9] or "ff", 16) / 255 for color in (before, after)]
        if abs(opacities[0] - opacities[1]) >= OPACITY and before[:7] != "#ffffff":
            return True
    least = COLOR_OF_TEXT if text else COLOR_OF_STROKE if thin else COLOR_OF_AREA
    if thin and max(*rgb(before), *rgb(after)) <= NEAR_BLACK:
        return False
    return color_distance(before, after) >= least


def is_gray(color: str) -> bool:
    """True for black, gray and white: a stroke of these that is less opaque is one of another gray."""
    channels = rgb(color)
    return max(channels) - min(channels) < NEUTRAL


NEUTRAL = 12
"""Channels (0 to 255) of a gray differ by less than this."""


def stroke_noticed(before_px: float, after_px: float) -> bool:
    """True if two widths of a stroke, in pixels, can be distinguished.

    >>> stroke_noticed(2.29, 2.78), stroke_noticed(1.1, 1.4), stroke_noticed(0.2, 0.6)
    (True, False, True)
    """
    small, large = sorted((abs(before_px), abs(after_px)))
    if STROKE_PX <= large < 1:
        return large >= HAIRLINE_RATIO * small
    return large - small >= STROKE_PX and large >= STROKE_RATIO * small


def size_noticed(before: float, after: float, ratio: float = SIZE_RATIO) -> bool:
    """True if two sizes of letters, markers or lengths can be distinguished.

    >>> size_noticed(13, 14), size_noticed(10, 12), size_noticed(0, 1)
    (False, True, True)
    """
    small, large = sorted((abs(before), abs(after)))
    return large > ratio * small


def below_visibility(pixels: PixelDifference) -> bool:
    """True if a person sees none of the changed pixels, or if there are none."""
    if not pixels.changed.any():
        return True
    first, second = pixels.pictures()
    if first.shape != second.shape:
        return False
    return int(np.count_nonzero(pixels.seen > THRESHOLD)) < SPECK_PX


def unexplained(pixels: PixelDifference, boxes: Sequence[Box]) -> Box | None:
    """Where two pictures of equal size visibly differ outside all boxes; None if they do not.

    Returns:
        The box of the largest patch that no label explains.
    """
    first, second = pixels.pictures()
    if first.shape != second.shape or pixels.scale != 1.0 or not pixels.changed.any():
        return None
    left = pixels.changed.copy()
    for box in boxes:
        x, y = max(0, int(box[0]) - BESIDE_PX), max(0, int(box[1]) - BESIDE_PX)
        left[y : int(box[3]) + BESIDE_PX + 1, x : int(box[2]) + BESIDE_PX + 1] = False
    if int(left.sum()) < PATCH_PX:
        return None
    left &= pixels.seen > CLEAR
    height, width = (-(-side // BLOCK_PX) * BLOCK_PX for side in left.shape)
    padded = np.zeros((height, width), dtype=bool)
    padded[: left.shape[0], : left.shape[1]] = left
    counts = padded.reshape(height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX).sum(
        axis=(1, 3)
    )
    patches, number = ndimage.label(counts > 0, structure=np.ones((3, 3)))
    if not number:
        return None
    sums = ndimage.sum_labels(counts, patches, range(1, number + 1))
    if sums.max() < PATCH_PX:
        return None
    rows, columns = ndimage.find_objects(patches)[int(sums.argmax())]
    return (
        float(columns.start * BLOCK_PX), float(rows.start * BLOCK_PX),
        float(min(columns.stop * BLOCK_PX, left.shape[1])), float(min(rows.stop * BLOCK_PX, left.shape[0])),
    )  # fmt: skip


BESIDE_PX = 3
"""Pixels around a box that belong to it, since edges are anti-aliased."""

PATCH_PX = 60
"""A patch with at least this many clearly changed pixels needs a label: a few letters, a marker."""

BLOCK_PX = 8
"""Side in pixels of the squares by which changed pixels are joined to patches."""

CLEAR = 40
"""A pixel has clearly changed if its largest channel difference is at least this."""


def unseen(pixels: PixelDifference) -> PixelDifference:
    """The same two pictures with no pixel marked as changed."""
    return replace(pixels, changed=np.zeros_like(pixels.changed))

"""Detects a drawing that moved or grew as a whole, which is one difference; what else changed remains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from annotators.structural.severity import color_distance, grade, of_area_share
from annotators.structural.svg.masks import EIGHT, Mask, around, bounds, count, eroded
from annotators.structural.svg.seen.areas import SeenIcon
from annotators.structural.svg.seen.fits import EVEN_SCALE, Fit
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.names import name_of, where
from annotators.structural.svg.seen.sizes import SEEN_SCALE, drift_words, size_words
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import move_words
from annotators.structural.visibility import PLACE_PX, seen_gaps
from records.rows import Box
from records.taxonomy import Severity, SvgCategory

STRONG = 32
"""Least channel difference (0-255) of what remains."""
BAND_ROWS = 28
"""Rows that are looked at before the next ones."""
OFF = 60
"""Least channel difference (0-255) that scaling a picture cannot explain."""
UNPREDICTED = 0.1
"""Largest share of clearly changed pixels that a transform of the whole drawing may leave unexplained."""
SEVERE_SHIFT_PX = 24.0, 120.0
"""From these distances a drawing aside of its place gets severity 2 and 3."""
DEEP_PX = 6
"""A remaining difference has at least this many pixels, without two pixels of rim: outlines that were
scaled are a little off their places."""
MOST_PARTS, OTHER_FORM, SAME_COLOR = 8, 0.06, 6.0
"""Parts that are looked at, share of their forms and CIEDE2000 up to which two may be the same one."""
COARSE = 8
"""Each how many pixels of the picture are looked at to see if it may be mirrored."""
ROUNDED_PX = 2.0
"""By so many pixels the sum of a part's sides may be off."""
GREATLY = 1.5
"""A size ratio of at least this gets severity 3."""


def whole_drawing(scenes: Scenes) -> tuple[SeenLabel, Scenes] | None:
    """The label of a drawing that moved or grew as a whole, and both scenes with the reference so
    changed: what still differs in them is not explained by the label."""
    one, two = (_drawn(side) for side in (scenes.first, scenes.second))
    if one is None or two is None:
        return None
    apart = max(abs(a - b) for a, b in zip(one, two, strict=True))
    guesses = chain(_likely(one, two, scenes) if apart >= 2 else (), _mirrored(one, two, scenes))
    drawn = count(~scenes.second.bare)
    most = UNPREDICTED * min(count(scenes.strong), 2 * drawn)
    best: tuple[Fit, NDArray[np.uint8], NDArray[np.uint8]] | None = None
    for total in guesses:
        if total.kind == "mirrored" and best is not None:
            break
        if total.kind != "mirrored" and not size_words(total) and total.distance_px < PLACE_PX:
            continue
        if _fails(total, one, scenes, most):
            continue
        rgb = _placed(scenes.first.rgb, total, one)
        gaps = seen_gaps(rgb, scenes.second.rgb)
        if (left := count(gaps > OFF)) <= most:
            best, most = (total, rgb, gaps), left
    if best is None:
        return None
    total, rgb, gaps = best
    rest = _deep(gaps > STRONG)
    first = _changed(scenes.first, rgb, total, one)
    return _label(total, one, two, scenes), replace(scenes, first=first, differs=rest, strong=rest)


def _fails(total: Fit, one: Box, scenes: Scenes, most: float) -> bool:
    """True if a guess leaves more pixels unexplained, as most guesses do on a few rows in the middle."""
    left, side = 0, len(scenes.differs)
    for start in range(side // 3, side * 2 // 3, BAND_ROWS):
        band = slice(max(start - 1, 0), start + BAND_ROWS + 1)
        part = _placed(scenes.first.rgb, total, one, band=band)
        left += count(seen_gaps(part, scenes.second.rgb[band])[1:-1] > OFF)
        if left > most:
            return True
    return False


def _label(total: Fit, one: Box, two: Box, scenes: Scenes) -> SeenLabel:
    severity: int = of_area_share(scenes.differs.mean())
    category = SvgCategory.SHAPE
    if total.kind == "mirrored" or 1 / GREATLY < total.scale < GREATLY:
        severity = min(severity, 2)
    if (
        total.kind != "mirrored"
        and abs(total.scale_x - 1) < SEEN_SCALE
        and abs(total.scale_y - 1) < SEEN_SCALE
    ):
        category, severity = SvgCategory.STRUCTURE, of_drawing_shift(total.distance_px)
    thing = Thing([], [], scenes.differs.shape)
    name, spot = "whole drawing", "whole picture"
    ink = ~scenes.first.bare
    uneven = abs(total.scale_x - total.scale_y) > EVEN_SCALE * max(total.scale_x, total.scale_y)
    if uneven and len(np.unique(scenes.first.item[ink])) == 1:  # The only shape is out of shape.
        part = around(ink)
        name = name_of(scenes.first.area_of(part, ink[part]), scenes.first)
        category, spot = SvgCategory.SHAPE, where(name, one, scenes.first)
    words = _whole_words(total)
    if (
        total.kind != "mirrored"
        and total.scale > 1 + SEEN_SCALE
        and _at_edge(two, scenes)
        and not _at_edge(one, scenes)
    ):
        words += " and cut off at the edge of the picture"
    return SeenLabel(
        category, severity, name, spot, words,
        union([one, two]), thing, total, (one, two),
    )  # fmt: skip


def of_drawing_shift(distance_px: float) -> Severity:
    """Severity of a drawing that stands aside as a whole."""
    return grade(distance_px, *SEVERE_SHIFT_PX)


def _likely(one: Box, two: Box, scenes: Scenes) -> Iterator[Fit]:
    """What would take one drawing to the place of the other; a cut off one shows two edges only."""
    left, top, right, bottom = (after - before for before, after in zip(one, two, strict=True))
    middle = (left + right) / 2, (top + bottom) / 2
    scales = (two[2] - two[0]) / (one[2] - one[0]), (two[3] - two[1]) / (one[3] - one[1])
    yield Fit("stretched", *middle, *scales)
    if _at_edge(two, scenes):
        yield Fit("resized", *middle, max(scales), max(scales))
        across = right if two[0] <= 0 else left
        down = bottom if two[1] <= 0 else top
        yield Fit("moved", across, down)
        yield from _by_parts(one, scenes)


def _by_parts(one: Box, scenes: Scenes) -> Iterator[Fit]:
    """What took a large part that is not cut off to the place and size of one of its look and form."""
    before, after = (side.drawn[:MOST_PARTS] for side in (scenes.first, scenes.second))
    for mate in after:
        if _at_edge(mate.box, scenes):
            continue
        for part in before:
            unlike = np.abs(part.form - mate.form).mean()
            if unlike > OTHER_FORM or color_distance(part.hex, mate.hex) > SAME_COLOR:
                continue
            sides = [[box[at] + box[at + 2] for box in (part.box, mate.box, one)] for at in (0, 1)]
            lengths = [sum(box[2:]) - sum(box[:2]) for box in (part.box, mate.box)]
            for rounded in (0, -ROUNDED_PX, ROUNDED_PX):
                scale = (lengths[1] + rounded) / lengths[0]
                across, down = (
                    (now - was - (scale - 1) * (was - middle)) / 2 for was, now, middle in sides
                )
                yield Fit("resized", across, down, scale, scale)


def _mirrored(one: Box, two: Box, scenes: Scenes) -> Iterator[Fit]:
    """The mirrored drawing, at the place of the other one, if that is more like it at a few points."""
    before, after = (
        side.bare[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE]
        for side in (scenes.first, scenes.second)
    )
    off = count(before ^ after)
    across, down = ((two[at] + two[at + 2] - one[at] - one[at + 2]) / 2 for at in (0, 1))
    for flip, scale_x, scale_y in ((before[:, ::-1], -1.0, 1.0), (before[::-1], 1.0, -1.0)):
        if count(flip ^ after) < off:
            yield Fit("mirrored", across, down, scale_x, scale_y)


def _at_edge(box: Box, scenes: Scenes) -> bool:
    """True if a box reaches the edge of the picture."""
    height, width = scenes.differs.shape
    return box[0] <= 0 or box[1] <= 0 or box[2] >= width or box[3] >= height


def _placed(
    values: NDArray[Any],
    total: Fit,
    one: Box,
    ground: str | int = "white",
    band: slice = slice(0, None),
) -> NDArray[Any]:
    """Some rows of a picture, or of a map of numbers, after a transform of the whole drawing."""
    back = (1 / total.scale_x, 1 / total.scale_y)
    x, y = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    matrix = (
        back[0], 0, x - (x + total.across_px) * back[0],
        0, back[1], y - (y + total.down_px - band.start) * back[1],
    )  # fmt: skip
    size = values.shape[1], len(values[band])
    image = Image.fromarray(values)
    way = Image.Resampling.BILINEAR if values.ndim == 3 else Image.Resampling.NEAREST
    moved = image.transform(size, Image.Transform.AFFINE, matrix, way, fillcolor=ground)
    return np.asarray(moved)


def _changed(side: SeenIcon, rgb: NDArray[np.uint8], total: Fit, one: Box) -> SeenIcon:
    """A scene after a transform of the whole drawing; elements keep the boxes that they had."""

    def drawn(values: NDArray[np.int32], ground: int) -> NDArray[np.int32]:
        return _placed(values, total, one, ground)

    return replace(
        side,
        rgb=rgb,
        item=drawn(side.item, len(side.items)),
        root=drawn(side.root, side.ground),
        inner=drawn(side.inner.astype(np.int32), 1) > 0,
    )


def _deep(differs: Mask) -> Mask:
    """Remaining differences that are more than the rims of outlines."""
    labels, count = ndimage.label(differs, EIGHT)
    deep = np.bincount(labels[eroded(eroded(differs))], minlength=count + 1)
    seen = deep >= DEEP_PX
    seen[0] = False
    return np.asarray(seen[labels])


def _drawn(side: SeenIcon) -> Box | None:
    """Smallest box around all that is drawn."""
    ink = ~side.bare
    return bounds(ink) if ink.any() else None


def _whole_words(total: Fit) -> str:
    if total.kind == "mirrored":
        return "is mirrored" if total.scale_x < 0 else "is turned upside down"
    sizes = size_words(total)
    if not sizes:
        return f"is {move_words(total.across_px, total.down_px) or 'a little off its place'}"
    return f"is {sizes}{drift_words(total)}"

"""Measures the common share of two icons: equal colors at equal places, outlines, and matched shapes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from annotators.structural.matching import text_similarity
from annotators.structural.pixels import gaps, largest_channel, pixels
from annotators.structural.severity import color_distance
from annotators.structural.svg.masks import around, count, squared, wider
from annotators.structural.svg.shapes import IconScene, IconShape
from renderers.contract import Picture
from renderers.scene import Scene
from renderers.svg.scene import NOBODY
from train.reward.common.matched import heaviest, matched_share

NEAR_PX = 2
"""Outlines that are at most this many pixels apart count as equal."""
STEP = 40
"""There is an outline between neighboring pixels if a channel (0 to 255) differs by at least this."""
UNLIKE = 160.0
"""Colors with at least this sRGB distance have nothing in common."""


@dataclass(frozen=True)
class Icon:
    """One icon, read once for all that it is compared with."""

    pixels: NDArray[np.uint8]
    """H x W x 3, sRGB."""
    drawing: IconScene

    @classmethod
    def of(cls, picture: Picture, scene: Scene) -> Icon:
        """Read a render.

        Raises:
            SceneError: its map of owners is damaged.
        """
        return cls(pixels(picture.png), IconScene.of(scene))

    @cached_property
    def inked(self) -> int:
        """Number of pixels that some shape owns."""
        return int(count(self.ink))

    @cached_property
    def ink(self) -> NDArray[np.bool_]:
        """H x W: pixels that some shape owns."""
        return np.asarray(self.drawing.owner != NOBODY)

    @cached_property
    def outlines(self) -> NDArray[np.bool_]:
        """H x W: see `outlines_in`."""
        return outlines_in(self.pixels)

    @cached_property
    def shapes(self) -> list[tuple[IconShape, float]]:
        """Shapes that are seen, each with its weight: the root of its area."""
        found = [(shape, float(np.sqrt(shape.area))) for shape in self.drawing.shapes if shape.area]
        return [found[at] for at in heaviest([weight for _, weight in found])]


def share(reference: Icon, candidate: Icon, enough: float = 1.0) -> float:
    """The share of both icons' parts that the other icon shows, too, 0 to 1.

    The larger of two: what is seen (ink and outlines, for a copy drawn in other shapes), and the shapes
    as they were drawn (for a copy with shapes in other places). Where the first is ``enough``, the
    second, which takes longer, is not looked at.
    """
    seen = seen_share(reference, candidate, enough)
    return seen if seen >= enough else max(seen, shape_share(reference, candidate))


def seen_share(reference: Icon, candidate: Icon, enough: float = 1.0) -> float:
    """Ink of like color at the same place, times the outlines that both have; roots of both.

    Where ink of equal color is ``enough``, other colors are not looked at.
    """
    if reference.pixels.shape != candidate.pixels.shape:
        return 0.0
    differs = gaps(reference.pixels, candidate.pixels) > 0
    if not differs.any():
        return 1.0
    part = around(differs)
    both = reference.ink & candidate.ink
    other = both[part] & differs[part]
    drawn = max(reference.inked + candidate.inked, 1)
    same = count(both) - count(other)
    lines = _outlines_kept(reference, candidate, part)
    seen = float(np.sqrt(2 * same / drawn * lines))
    if seen >= enough:
        return seen
    apart = reference.pixels[part][other].astype(np.float32) - candidate.pixels[part][other]
    alike = np.clip(1 - np.sqrt(np.einsum("ij,ij->i", apart, apart)) / UNLIKE, 0, 1)
    return float(np.sqrt(2 * (same + float(alike.sum())) / drawn * lines))


def _outlines_kept(one: Icon, two: Icon, differs: tuple[slice, slice]) -> float:
    """The share of both icons' outlines that the other has at most `NEAR_PX` away, along each axis.

    Outlines away from all that differs are those of both: only what is near is looked at.
    """
    # An outline shows at the pixel below and to the right, too; a row above decides the first outlines.
    part, frame = wider(differs, 1), wider(differs, 1 + NEAR_PX + 1)
    rows, columns = (
        slice(own.start - wide.start, own.stop - wide.start)
        for own, wide in zip(part, frame, strict=True)
    )
    lines = one.outlines[frame], outlines_in(two.pixels[frame])
    near = [squared(mask, NEAR_PX)[rows, columns] for mask in lines]
    mine, its = (mask[rows, columns] for mask in lines)
    drawn = 2 * count(one.outlines) - count(mine) + count(its)
    lost = count(mine & ~near[1]) + count(its & ~near[0])
    return (drawn - lost) / drawn if drawn else 1.0


def outlines_in(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """H x W: pixels that differ strongly from the next one above or to the left."""
    ends = []
    for pick in (np.maximum, np.minimum):
        across = pixels.copy()
        pick(pixels[:, 1:], pixels[:, :-1], out=across[:, 1:])
        both = across.copy()
        pick(across[1:], across[:-1], out=both[1:])
        ends.append(both)
    return np.asarray(largest_channel(ends[0] - ends[1]) >= STEP)


def shape_share(reference: Icon, candidate: Icon) -> float:
    """Shapes matched by form, size, color and place, each by the root of the area that is seen of it."""
    mine, theirs = reference.shapes, candidate.shapes
    table = np.array([[_likeness(one, two) for two, _ in theirs] for one, _ in mine])
    return matched_share(
        table.reshape(len(mine), len(theirs)),
        [weight for _, weight in mine],
        [weight for _, weight in theirs],
    )


def _likeness(one: IconShape, two: IconShape) -> float:
    if one.is_text != two.is_text or one.bounds is None or two.bounds is None:
        return 0.0
    areas = sorted((one.area, two.area))
    size = areas[0] / areas[1]
    if size < 0.2:
        return 0.0
    (left, top, right, bottom), (left2, top2, right2, bottom2) = one.bounds, two.bounds
    across, down = (left + right - left2 - right2) / 2, (top + bottom - top2 - bottom2) / 2
    gap = hypot(across, down) / hypot(*one.picture)
    if gap >= 0.5:
        return 0.0
    color = 1.0
    if one.color and two.color:
        color = max(0.0, 1 - color_distance(one.color, two.color) / 50)
    form = (
        text_similarity(one.element.text, two.element.text) if one.is_text else _same_form(one, two)
    )
    return float(size * form * (0.4 + 0.6 * color) * (1 - 2 * gap))


def _same_form(one: IconShape, two: IconShape) -> float:
    """Mean distance of the outlines, laid over each other, against their size."""
    if one.outlined_as(two) and one.filled == two.filled and len(one.outline):
        return 1.0
    sides = []
    for shape in (one, two):
        outline = shape.outline
        if not len(outline):
            return 0.0
        sides.append(outline - (outline.min(axis=0) + outline.max(axis=0)) / 2)
    size = max(float(np.ptp(side, axis=0).max()) for side in sides)
    if not size:
        return 1.0
    gaps = cdist(*sides)
    mean = (gaps.min(axis=0).mean() + gaps.min(axis=1).mean()) / 2
    return float(max(0.0, 1 - 8 * mean / size))

"""Measures the common share of two icons: equal colors at equal places, outlines, and matched shapes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from annotators.structural.matching import text_similarity
from annotators.structural.pixels import pixels
from annotators.structural.severity import color_distance
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
    def colors(self) -> NDArray[np.int32]:
        """H x W: the color of each pixel as one number."""
        red, green, blue = (self.pixels[..., channel].astype(np.int32) for channel in range(3))
        return (red << 16) | (green << 8) | blue

    @cached_property
    def ink(self) -> NDArray[np.bool_]:
        """H x W: pixels that some shape owns."""
        return np.asarray(self.drawing.owner != NOBODY)

    @cached_property
    def outlines(self) -> NDArray[np.bool_]:
        """H x W: pixels that differ strongly from the next one above or to the left."""
        before = np.pad(self.pixels, ((1, 0), (1, 0), (0, 0)), mode="edge")
        around = before[:-1, :-1], before[1:, :-1], before[:-1, 1:], before[1:, 1:]
        span = reduce(np.maximum, around) - reduce(np.minimum, around)
        return np.asarray(np.maximum(np.maximum(span[..., 0], span[..., 1]), span[..., 2]) >= STEP)

    @cached_property
    def near_outlines(self) -> NDArray[np.bool_]:
        """H x W: pixels at most `NEAR_PX` from an outline, along each axis."""
        wide = self.outlines
        for turned in (False, True):
            line = wide.T if turned else wide
            grown = line.copy()
            for step in range(1, NEAR_PX + 1):
                grown[step:] |= line[:-step]
                grown[:-step] |= line[step:]
            wide = grown.T if turned else grown
        return wide

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
    seen = seen_share(reference, candidate)
    return seen if seen >= enough else max(seen, shape_share(reference, candidate))


def seen_share(reference: Icon, candidate: Icon) -> float:
    """Ink of like color at the same place, times the outlines that both have; roots of both."""
    if reference.pixels.shape != candidate.pixels.shape:
        return 0.0
    both = reference.ink & candidate.ink
    other = both & (reference.colors != candidate.colors)
    apart = reference.pixels[other].astype(np.float32) - candidate.pixels[other]
    alike = np.clip(1 - np.sqrt(np.einsum("ij,ij->i", apart, apart)) / UNLIKE, 0, 1)
    drawn = np.count_nonzero(reference.ink) + np.count_nonzero(candidate.ink)
    same = np.count_nonzero(both) - len(apart)
    ink = 2 * (same + float(alike.sum())) / drawn if drawn else 0.0
    return float(np.sqrt(ink * _outlines_kept(reference, candidate)))


def _outlines_kept(one: Icon, two: Icon) -> float:
    drawn = np.count_nonzero(one.outlines) + np.count_nonzero(two.outlines)
    if not drawn:
        return 1.0
    kept = np.count_nonzero(one.outlines & two.near_outlines)
    kept += np.count_nonzero(two.outlines & one.near_outlines)
    return float(kept / drawn)


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

"""What two icons have in common: ink of one color at one place, its outlines, and matched shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, maximum_filter, minimum_filter

from annotators.structural.matching import text_similarity
from annotators.structural.pixels import pixels
from annotators.structural.severity import colour_distance
from annotators.structural.svg.shapes import IconScene, IconShape
from renderers.contract import Picture
from renderers.scene import Scene
from renderers.svg.scene import NOBODY
from train.reward.common.matched import heaviest, matched_share

NEAR_PX = 2
"""Pixels by which an outline may lie aside and still be the same one."""
STEP = 40
"""Largest difference of a channel, 0 to 255, from which two neighboring pixels are an outline."""
UNLIKE = 160.0
"""Distance in sRGB from which two colors have nothing in common."""


def share(reference: tuple[Picture, Scene], candidate: tuple[Picture, Scene]) -> float:
    """How much of what either icon shows the other shows too, 0 to 1.

    The larger of two: what is seen (ink and outlines, for a copy drawn in other shapes), and the shapes
    as they were drawn (for a copy with shapes in other places).
    """
    return max(seen_share(reference, candidate), shape_share(reference[1], candidate[1]))


def seen_share(reference: tuple[Picture, Scene], candidate: tuple[Picture, Scene]) -> float:
    """Ink of like color at the same place, times the outlines that both have; roots of both."""
    pictures = [pixels(picture.png) for picture, _ in (reference, candidate)]
    if pictures[0].shape != pictures[1].shape:
        return 0.0
    changed = np.zeros(pictures[0].shape[:2], bool)
    inks = [IconScene.of(scene, changed).owner != NOBODY for _, scene in (reference, candidate)]
    gap = np.linalg.norm(pictures[0].astype(float) - pictures[1], axis=2)
    alike = np.clip(1 - gap / UNLIKE, 0, 1)
    drawn = int(inks[0].sum() + inks[1].sum())
    ink = 2 * float(alike[inks[0] & inks[1]].sum()) / drawn if drawn else 0.0
    return float(np.sqrt(ink * _outlines_kept(*map(_outlines, pictures))))


def _outlines(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    high = maximum_filter(picture, size=(2, 2, 1))
    low = minimum_filter(picture, size=(2, 2, 1))
    return np.asarray((high - low).max(axis=2) >= STEP)


def _outlines_kept(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> float:
    drawn = int(one.sum() + two.sum())
    if not drawn:
        return 1.0
    near = np.ones((2 * NEAR_PX + 1, 2 * NEAR_PX + 1), bool)
    kept = (one & binary_dilation(two, near)).sum() + (two & binary_dilation(one, near)).sum()
    return float(kept / drawn)


def shape_share(reference: Scene, candidate: Scene) -> float:
    """Shapes matched by form, size, color and place, each by the root of the area that is seen of it."""
    changed = np.zeros((reference.height_px, reference.width_px), bool)
    sides = [
        [shape for shape in IconScene.of(scene, changed).shapes if shape.area]
        for scene in (reference, candidate)
    ]
    weights = [[float(np.sqrt(shape.area)) for shape in side] for side in sides]
    kept = [heaviest(side) for side in weights]
    mine, theirs = ([side[at] for at in places] for side, places in zip(sides, kept, strict=True))
    table = np.array([[_likeness(one, two) for two in theirs] for one in mine])
    return matched_share(
        table.reshape(len(mine), len(theirs)),
        [weights[0][at] for at in kept[0]],
        [weights[1][at] for at in kept[1]],
    )


def _likeness(one: IconShape, two: IconShape) -> float:
    if one.is_text != two.is_text or one.bounds is None or two.bounds is None:
        return 0.0
    areas = sorted((one.area, two.area))
    size = areas[0] / areas[1]
    if size < 0.2:
        return 0.0
    first, second = np.array(one.bounds, float), np.array(two.bounds, float)
    gap = np.hypot(*((first[:2] + first[2:] - second[:2] - second[2:]) / 2)) / np.hypot(
        *one.picture
    )
    colour = 1.0
    if one.colour and two.colour:
        colour = max(0.0, 1 - colour_distance(one.colour, two.colour) / 50)
    form = (
        text_similarity(one.element.text, two.element.text) if one.is_text else _same_form(one, two)
    )
    return float(size * form * (0.4 + 0.6 * colour) * max(0.0, 1 - 2 * gap))


def _same_form(one: IconShape, two: IconShape) -> float:
    """Mean distance of the outlines, laid over each other, against their size."""
    sides = []
    for shape in (one, two):
        outline = shape.outline
        if not len(outline):
            return 0.0
        sides.append(outline - (outline.min(axis=0) + outline.max(axis=0)) / 2)
    size = max(float(np.ptp(side, axis=0).max()) for side in sides)
    if not size:
        return 1.0
    gaps = np.linalg.norm(sides[0][:, None] - sides[1][None], axis=2)
    mean = (gaps.min(axis=0).mean() + gaps.min(axis=1).mean()) / 2
    return float(max(0.0, 1 - 8 * mean / size))

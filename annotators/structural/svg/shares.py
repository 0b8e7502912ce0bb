"""Decides which of several changed shapes a changed pixel is evidence for.

A circle that shrinks uncovers the shape below it. The uncovered pixels also belong to that shape,
but they are no evidence that the shape itself is wrong.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotators.structural.svg.masks import around, parts_of
from annotators.structural.svg.matching import Pair, out_of_order
from annotators.structural.svg.outlines import between
from annotators.structural.svg.shapes import IconScene, IconShape

WHOLE = 0.85
"""Share of a patch of changed pixels that one shape must account for; the rest are soft edges."""
EDGE_PX = 2
"""How far the softened edge of a shape reaches."""
MOST_WRONG = 40
"""Changed shapes that are asked where their change can show."""
LESS = 2.0
"""The patch must be at least this many times as large a share of that shape as of another shape."""


def share_out(
    first: IconScene, second: IconScene, pairs: list[Pair], changed: NDArray[np.bool_]
) -> None:
    """Count the changed pixels of each shape, without the patches that another shape explains."""
    free = {id(shape) for pair in out_of_order(pairs) for shape in pair}
    paired = {id(shape) for pair in pairs for shape in pair}
    things: list[tuple[IconShape, ...]] = [*pairs]
    things += [
        (shape,)
        for side in (first.shapes, second.shapes)
        for shape in side
        if shape.area and id(shape) not in paired
    ]
    wrong = np.array(
        [len(one) == 1 or one[0].key != one[1].key or id(one[0]) in free for one in things]
    )
    pixels = np.flatnonzero(changed)
    if not wrong.any():
        first.count(pixels)
        second.count(pixels)
        return
    at = {id(shape): number for number, one in enumerate(things) for shape in one}
    part = around(changed)
    patches = parts_of(changed[part])
    patch = patches[patches > 0]
    owned = [_numbers(scene, pixels, at, len(things)) for scene in (first, second)]
    count = int(patch.max())
    shape = (count + 1, len(things) + 1)
    both = owned[0] != owned[1]
    cells = [patch * shape[1] + own for own in owned]
    claims = np.bincount(np.concatenate((cells[0], cells[1][both])), minlength=shape[0] * shape[1])
    claims = claims.reshape(shape)
    shares = claims / [*(max(sum(shape.area for shape in one), 1) for one in things), np.inf]
    best = np.where([*wrong, False], shares, 0).argmax(axis=1)
    rows = np.arange(count + 1)
    sizes = np.bincount(patch, minlength=count + 1)
    explained = claims[rows, best] >= WHOLE * sizes
    lost = LESS * shares < shares[rows, best][:, None]
    lost |= (claims <= (1 - WHOLE) * sizes[:, None]) & (np.arange(claims.shape[1]) != best[:, None])
    lost |= np.isin(np.arange(claims.shape[1]), best[explained])  # What has patches of its own.
    lost[rows, best] = False
    lost &= explained[:, None]
    lost &= ((claims > 0) & ~lost).any(axis=0)  # A shape without its own patch keeps all of them.
    kept = [~lost.ravel()[cell] for cell in cells]
    for number in np.flatnonzero(wrong)[:MOST_WRONG]:
        if id(things[number][0]) not in free:
            _keep_own(things, int(number), owned, (changed.shape, pixels), kept)
    for scene, still in zip((first, second), kept, strict=True):
        scene.count(pixels[still])


def _keep_own(
    things: list[tuple[IconShape, ...]],
    number: int,
    owned: list[NDArray[np.int32]],
    where: tuple[tuple[int, ...], NDArray[np.intp]],
    kept: list[NDArray[np.bool_]],
) -> None:
    """Drop pixels that a thing owns and its own change cannot have changed.

    Another paint shows where the shape is seen in both pictures, another outline between the two.
    """
    thing = things[number]
    one, two = thing[0], thing[-1]
    claimed = np.logical_or(
        *(keep & (own == number) for keep, own in zip(kept, owned, strict=True))
    )
    if not claimed.any():
        return
    if one.is_text or any(side.clip_runs or side.element.style.get("masked") for side in thing):
        return  # What a clip or mask hides is not known by the outline.
    shape, pixels = where
    mine = np.zeros(shape, bool)
    mine.ravel()[pixels[claimed]] = True
    can = np.zeros(len(owned[0]), bool)
    reach = EDGE_PX + round(max(one.number("stroke_width"), two.number("stroke_width")))
    if len(thing) == 1 or not one.outlined_as(two):
        after = two.runs if len(thing) == 2 else []
        filled = one.filled or two.filled
        can |= between(one.runs, after, mine, filled=filled, reach_px=reach).ravel()[pixels]
    if one.paint != two.paint:
        lines = ("stroke", "stroke_width", "dash", "cap", "join", "cut_corners", "dash_offset")
        looks = [[side.element.style.get(name) for name in lines] for side in thing]
        if looks[0] != looks[-1]:
            runs = [*one.runs, *two.runs]
            can |= between(runs, [], mine, filled=False, reach_px=reach).ravel()[pixels]
        fills = [{**side.element.style, **dict.fromkeys(lines)} for side in thing]
        if fills[0] != fills[-1]:
            # A shape of the color of bare canvas owns nothing.
            seen = [(own == number) | (own == len(things)) for own in owned]
            can |= seen[0] & seen[1]
    still = [keep & ((own != number) | can) for keep, own in zip(kept, owned, strict=True)]
    if any((keep & (own == number)).any() for keep, own in zip(still, owned, strict=True)):
        kept[:] = still


def _numbers(
    scene: IconScene, pixels: NDArray[np.intp], at: dict[int, int], nobody: int
) -> NDArray[np.int32]:
    """Number of the thing that each pixel belongs to."""
    numbers = [*(at.get(id(shape), nobody) for shape in scene.shapes), nobody]
    owner = np.minimum(scene.owner.ravel()[pixels], len(scene.shapes))
    return np.array(numbers, np.int32).take(owner)

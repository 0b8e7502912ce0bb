"""Finds the things that caused the changed pixels.

Every changed pixel passes from one thing to another; the fewest things that account for all of them
are what changed, and their neighbors only gave way.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotators.structural.svg.masks import Mask, count, filled
from annotators.structural.svg.seen.areas import SPECK_PX, drawn_in
from annotators.structural.svg.seen.fits import MISFIT, apart, misfit
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.things import GROUND_WEIGHT, Thing
from annotators.structural.visibility import PATCH_PX

MINOR = 0.1
"""Another cause of a changed patch is a consequence if it explains at most this share of the main cause."""
REMADE = 1.25
"""Ratio of sizes that is seen, whatever surrounds a thing."""
OTHER_HOLE, WITHIN = 0.05, 0.9
"""Misfit from which a hole has another outline, and share of it that lies in a thing whose hole it is."""


def _map(known: list[Thing], shape: tuple[int, int], *, old: bool) -> NDArray[np.int32]:
    result = np.full(shape, -1, np.int32)
    for at, thing in enumerate(known):
        for area in thing.before if old else thing.after:
            result[area.part][area.mask] = at
    return result


def blame(known: list[Thing], scenes: Scenes) -> list[Thing]:
    """The fewest things whose change explains every changed pixel; also sets how many each explains.

    A thing that explains little of a change that another one explains is not a separate cause.

    Args:
        known: All things.
        scenes: Both pictures.
    """
    differs = scenes.differs
    old, new = (_map(known, differs.shape, old=side)[differs] for side in (True, False))
    # Pixels that pass from one thing to the same other one are asked as one.
    base = len(known) + 1
    passing = (old + 1) * base + new + 1
    pixels = np.bincount(passing, minlength=base**2)
    kinds = np.flatnonzero(pixels)
    ends, pixels = np.stack(np.divmod(kinds, base)) - 1, pixels[kinds]
    cause = np.where(ends[0] == ends[1], ends[0], -1)
    open_ = ends[0] != ends[1]
    sizes = np.array([thing.size for thing in known], float)
    weights = np.array([thing.weight for thing in known])
    one_sided = np.array([not (thing.before and thing.after) for thing in known])
    chosen: list[int] = []
    while known:
        open_px = np.bincount((ends + 1).ravel(), np.tile(pixels * open_, 2), base)[1:]
        share = np.minimum(open_px / sizes, 1.0) + 0.1 * open_px / max(open_px.max(), 1)
        likely = (share + one_sided) * weights
        likely[open_px < SPECK_PX] = 0
        at = int(likely.argmax())
        if likely[at] <= 0:
            break
        mine = open_ & (ends == at).any(axis=0)
        cause[mine] = at
        open_ &= ~mine
        chosen.append(at)
    found = np.empty(base**2, np.int32)
    found[kinds] = cause
    own, moved = _accounted(found[passing], old == new, scenes.patches, len(known))
    for at, thing in enumerate(known):
        thing.own_px, thing.moved_px = int(own[at]), int(moved[at])
    return [known[at] for at in chosen if moved[at] and known[at].weight > GROUND_WEIGHT]


def or_its_holes(thing: Thing, known: list[Thing]) -> list[Thing]:
    """What is to blame for a change of a thing: holes or white parts in it, if its silhouette is as it
    was; if it changed a little, it and them.

    ``known`` then holds the silhouette in its place.
    """
    holes = [
        one
        for one in known
        if one.before and one.after and any(area.opening for area in (*one.before, *one.after))
    ]
    if not holes or thing.ground or not (thing.before and thing.after):
        return [thing]
    body = filled(thing.old)
    if misfit(body, filled(thing.new)) > MISFIT or thing.fit.kind == "thickness":
        return [thing]
    holes = [
        one
        for one in holes
        if misfit(one.old, one.new) > OTHER_HOLE
        and count(drawn_in(thing.part, one.before) & body) > WITHIN * count(one.old)
    ]
    if not holes:
        return [thing]
    whole = replace(thing)
    whole.old, whole.new = body, filled(thing.new)
    if sum(map(count, apart(whole.old, whole.new))) <= 2 * PATCH_PX:
        return holes
    known[known.index(thing)] = whole
    return [whole, *holes]


def remade(thing: Thing) -> bool:
    """True if a thing grew or shrank evenly by so much that this is seen, whatever surrounds it."""
    if not (thing.before and thing.after) or thing.weight < 1:
        return False
    small, large = sorted((count(thing.old), count(thing.new)))
    return large > REMADE * small and thing.fit.kind == "resized"


def _accounted(
    cause: NDArray[np.int32], own: Mask, patch: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixels that each thing accounts for, as its own color and as its outline; consequences are none."""
    shape = (2, int(patch.max(initial=0)) + 1, count + 1)
    cells = np.ravel_multi_index((1 - own, patch, cause % shape[2]), shape)
    table = np.bincount(cells, minlength=2 * shape[1] * shape[2]).reshape(shape)[:, :, :count]
    most = table.sum(axis=0).max(axis=1, initial=0)
    frequent = (table >= MINOR * most[None, :, None]).any(axis=1)
    totals = table.sum(axis=1) * frequent
    return totals[0], totals[1]

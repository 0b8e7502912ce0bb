"""Finds changes of paint order, by predicting the candidate from the reference."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from annotators.structural.severity import color_distance
from annotators.structural.svg.masks import Mask, around, count, parts_of, widened
from annotators.structural.svg.outlines import covered
from annotators.structural.svg.seen.areas import (
    BARE,
    SPECK_PX,
    SeenArea,
    SeenIcon,
    at_edge,
    drawn_in,
    framed,
)
from annotators.structural.svg.seen.fits import MISFIT, widths
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.things import KIN_DELTA_E, Thing, things

EXPLAINED = 0.85
"""Least share of a thing's lost pixels that the other thing must cover."""

OUTGROWN = 0.06
"""Part of a thing that must lie beyond its elements for its outline to be another one."""
SOLID = 0.25
"""Greatest thickness of what is no line, as a share of its longer side."""
SAME_CHANNELS, SHADED_CHANNELS, ISLAND = 12, 48, 0.9
"""Channel differences (0-255) up to which a color is that of an element of one color or a shaded one, and least share of what is beside a
thing that is of the same element if the thing lies on that."""
LEFT_OVER = 0.1
"""Largest share of the overlap of two things that may still show the lower one."""


def repainted(thing: Thing, known: list[Thing], scenes: Scenes) -> Thing | None:
    """The thing that is above ``thing`` in the candidate and was below it in the reference."""
    if thing.ground:
        return None
    old, new = thing.old, thing.new
    lost = old & ~new & scenes.differs[thing.part]
    gained = new & ~old & scenes.differs[thing.part]
    if count(lost) < SPECK_PX or count(gained) > 0.2 * count(lost):
        return None
    for other in known:
        if other is thing or other.ground or not other.before or not other.after:
            continue
        theirs = drawn_in(thing.part, other.after)
        if count(lost & theirs) < EXPLAINED * count(lost):
            continue
        items = sorted({item for area in other.before for item in area.items})
        whole = np.zeros(lost.shape, bool)
        for item in items:
            whole |= covered(scenes.first.items[item], lost.shape, thing.corner)
        crossing = old & whole
        if count(lost & whole) >= EXPLAINED * count(lost) and (
            count(new & whole) <= LEFT_OVER * count(crossing)
        ):
            return other
    return None


def came_to_light(thing: Thing, known: list[Thing], scenes: Scenes) -> bool:
    """True if what is extra shows the element below the one that was seen there, and is no island in that."""
    if thing.before or thing.weight < 1:
        return False
    first, new = scenes.first, thing.new
    above = int(np.bincount(first.item[thing.part][new]).argmax())
    least = EXPLAINED * count(new)
    if above >= len(first.items) or count(first.item[thing.part][new] == above) < least:
        return False
    for below in reversed(range(above)):
        if count(covered(first.items[below], new.shape, thing.corner) & new) >= least:
            break
    else:
        return False
    seen = first.rgb[(first.item == below) & first.inner]
    color = thing.after[0].color
    off = SHADED_CHANNELS if first.shaded[below] else SAME_CHANNELS
    if not len(seen) or np.abs(seen - color).max(axis=1).min() > off:
        return False
    if at_edge(thing.after[0].part, thing.after[0].mask, first.root.shape):
        return True
    part, mask = framed(thing.after[0], scenes.second)
    beside = widened(mask, 2) & ~mask
    areas = [
        area
        for one in known
        for area in one.after
        if above in {i for a in one.before for i in a.items}
    ]
    return count(beside & drawn_in(part, areas)) < ISLAND * count(beside)


def told_apart(thing: Thing, other: Thing) -> bool:
    """True if it is seen in the reference which of two things lies on the other."""
    return color_distance(thing.before[0].hex, other.before[0].hex) > KIN_DELTA_E


def outgrown(thing: Thing, known: list[Thing], scenes: Scenes) -> bool:
    """True if a thing reaches well beyond all that its elements cover in the reference, and what is
    missing: no neighbor that gave way explains it."""
    if not (thing.before and thing.after) or thing.weight < 1:
        return False
    whole = thing.old.copy()
    for item in {item for area in thing.before for item in area.items}:
        whole |= covered(scenes.first.items[item], whole.shape, thing.corner)
    whole |= drawn_in(thing.part, [area for one in known if not one.after for area in one.before])
    beyond = thing.new & ~widened(whole, 2) & scenes.differs[thing.part]
    return count(beyond) > max(OUTGROWN * count(thing.old), 4 * SPECK_PX)


def grown(known: list[Thing], scenes: Scenes) -> list[Thing]:
    """The same things; what was added to a part of the reference that is kept is one thing with that part, if
    it makes only its size or thickness another one, or if the part is no line."""
    extra = [thing for thing in known if not thing.before and thing.weight == 1]
    if not extra:
        return known
    first, second = (parts_of(side.root + 1) for side in (scenes.first, scenes.second))
    wholes: dict[int, list[Thing]] = defaultdict(list)
    for thing in extra:
        wholes[_number(second, thing.after[0])].append(thing)
    open_ = np.zeros(second.shape, bool)
    for number, pieces in wholes.items():
        new = second == number
        kept = new & ~scenes.differs
        if count(kept) < SPECK_PX:
            continue
        old = first == np.bincount(first[kept]).argmax()
        part = around(new)
        solid = widths(new[part])[1] > SOLID * max(new[part].shape)
        drawn = pieces[0].after[0].color.min() < BARE
        if (
            solid
            and drawn
            and count(kept) > sum(one.size for one in pieces)
            and _yielded(pieces, known)
        ):
            open_ |= old
            continue
        added = count(new & ~old)
        if count(old & ~new) > MISFIT * count(old) or added > 1.1 * sum(one.size for one in pieces):
            continue
        before, after = _area(scenes.first, old), _area(scenes.second, new)
        whole = Thing([before], [after], known[0].shape)
        if whole.fit.kind in ("resized", "stretched", "thickness"):
            known = [one for one in known if all(one is not piece for piece in pieces)] + [whole]
    return things(scenes.first, scenes.second, scenes.differs, open_) if open_.any() else known


def _yielded(pieces: list[Thing], known: list[Thing]) -> bool:
    """True if things that keep most of their pixels gave way to all of some pieces."""
    left = [
        area
        for one in known
        if one.weight == 1
        and one.before
        and one.after
        and 2 * count(one.old & one.new) > count(one.old)
        for area in one.before
    ]
    return all(2 * count(drawn_in(one.part, left) & one.new) > one.size for one in pieces)


def _number(parts: NDArray[np.int32], area: SeenArea) -> int:
    """The number of the part that an area's first pixel is in."""
    row, column = np.divmod(int(area.mask.argmax()), area.mask.shape[1])
    return int(parts[area.part][row, column])


def _area(side: SeenIcon, mask: Mask) -> SeenArea:
    part = around(mask)
    return side.area_of(part, mask[part])

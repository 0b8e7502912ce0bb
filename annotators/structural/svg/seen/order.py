"""Finds changes of paint order, by predicting the candidate from the reference."""

from __future__ import annotations

import numpy as np

from annotators.structural.svg.masks import Mask, widened
from annotators.structural.svg.outlines import covered
from annotators.structural.svg.seen.areas import SPECK_PX
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.things import Thing

EXPLAINED = 0.85
"""Least share of a thing's lost pixels that the other thing must cover."""

OUTGROWN = 0.06
"""Part of a thing that must lie beyond its elements for its outline to be another one."""
LEFT_OVER = 0.1
"""Largest share of the overlap of two things that may still show the lower one."""


def repainted(thing: Thing, known: list[Thing], scenes: Scenes) -> Thing | None:
    """The thing that is above ``thing`` in the candidate and was below it in the reference."""
    if thing.ground:
        return None
    old, new = thing.old, thing.new
    lost = old & ~new & scenes.differs[thing.part]
    gained = new & ~old & scenes.differs[thing.part]
    if lost.sum() < SPECK_PX or gained.sum() > 0.2 * lost.sum():
        return None
    for other in known:
        if other is thing or other.ground or not other.before or not other.after:
            continue
        theirs = _on(other, thing)
        if (lost & theirs).sum() < EXPLAINED * lost.sum():
            continue
        items = sorted({item for area in other.before for item in area.items})
        whole = np.zeros(lost.shape, bool)
        for item in items:
            whole |= covered(scenes.first.items[item], lost.shape, thing.corner)
        crossing = old & whole
        if (lost & whole).sum() >= EXPLAINED * lost.sum() and (
            (new & whole).sum() <= LEFT_OVER * crossing.sum()
        ):
            return other
    return None


def uncovered(thing: Thing, known: list[Thing], scenes: Scenes) -> Thing | None:
    """The thing that was above ``thing`` in the reference and is below it in the candidate."""
    if thing.ground:
        return None
    gained = thing.new & ~thing.old & scenes.differs[thing.part]
    lost = thing.old & ~thing.new & scenes.differs[thing.part]
    if gained.sum() < SPECK_PX or lost.sum() > 0.2 * gained.sum():
        return None
    whole = np.zeros(gained.shape, bool)
    for item in {item for area in thing.before for item in area.items}:
        whole |= covered(scenes.first.items[item], gained.shape, thing.corner)
    if (gained & whole).sum() < EXPLAINED * gained.sum():
        return None
    for other in known:
        if other is thing or other.ground or not other.before or not other.after:
            continue
        over = _on(other, thing, old=True) & whole
        if (gained & over).sum() >= EXPLAINED * max(gained.sum(), over.sum()):
            return other
    return None


def outgrown(thing: Thing, scenes: Scenes) -> bool:
    """True if a thing reaches well beyond all that its elements cover in the reference: no neighbor
    that gave way explains it."""
    if not (thing.before and thing.after) or thing.weight < 1:
        return False
    whole = thing.old.copy()
    for item in {item for area in thing.before for item in area.items}:
        whole |= covered(scenes.first.items[item], whole.shape, thing.corner)
    beyond = thing.new & ~widened(whole, 2) & scenes.differs[thing.part]
    return bool(beyond.sum() > max(OUTGROWN * thing.old.sum(), 4 * SPECK_PX))


def _on(other: Thing, thing: Thing, *, old: bool = False) -> Mask:
    """Pixels of one side of the other thing, in the frame of ``thing``."""
    result = np.zeros(thing.old.shape, bool)
    rows, columns = thing.part
    for area in other.before if old else other.after:
        top, left = max(rows.start, area.part[0].start), max(columns.start, area.part[1].start)
        bottom, right = min(rows.stop, area.part[0].stop), min(columns.stop, area.part[1].stop)
        if top < bottom and left < right:
            result[
                top - rows.start : bottom - rows.start, left - columns.start : right - columns.start
            ] |= area.mask[
                top - area.part[0].start : bottom - area.part[0].start,
                left - area.part[1].start : right - area.part[1].start,
            ]
    return result

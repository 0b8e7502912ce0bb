"""Lines that no longer meet, or that meet now: one that floats free, one that merges with another."""

from __future__ import annotations

import numpy as np

from annotators.structural.svg.masks import count, squared
from annotators.structural.svg.seen.areas import SeenArea, SeenIcon
from annotators.structural.svg.seen.fits import thickness
from annotators.structural.svg.seen.labels import Scenes, SeenLabel
from annotators.structural.svg.seen.names import line_name, name_of, where
from annotators.structural.svg.seen.places import ANOTHER, VAGUE
from annotators.structural.svg.seen.register import drawn_whole, lines_around
from annotators.structural.svg.seen.things import Thing
from records.taxonomy import SvgCategory

ASIDE = 1.5
"""Thicknesses by which a line may lie aside of the one that it is in the other picture."""
SAME = 0.7
"""Least share of a line that has its counterpart beside it."""
REST = 1.5
"""Least size of the lines that another one was joined to, in its own."""
MATE = 3.0
"""Largest ratio of the sizes of a line and its counterpart."""
LEAST = 2.0
"""Squares of their thickness that lines have at least; smaller ones are dots."""
SHORT = 8.0
"""Squares of their thickness up to which lines are marks."""
FINEST_PX = 4.0
"""Thickness of lines from which it is seen whether they meet."""
FREE, MET = (
    "floats free instead of joined to the lines beside it",
    "merges with the line beside it instead of lying free",
)


def joined_anew(labels: list[SeenLabel], known: list[Thing], scenes: Scenes) -> list[SeenLabel]:
    """The same labels, with those of lines that meet in one picture only, and without what these explain."""
    sides = scenes.first, scenes.second
    inks = [lines_around(side) for side in sides]
    if not all(inks):
        return labels
    pen = min(thickness(areas[0].mask) for areas in inks)
    if pen < FINEST_PX:
        return labels
    found = []
    for own, words in ((1, FREE), (0, MET)):
        alone = _alone(inks[own], inks[1 - own], pen, scenes)
        ended = squared(drawn_whole(_one_sided(labels, 1 - own), scenes), round(pen))
        for area in alone:
            short = area.area < SHORT * pen**2
            if (ended[area.part] & area.mask).any():
                continue  # The line between is missing, or extra.
            if not any(_own_mate(one, area, own, inks[1 - own], scenes) for one in known):
                labels = [one for one in labels if not _explained(one, area, scenes, short=short)]
                found.append(_label(area, sides[own], words, own, scenes))
    return labels + found


def _one_sided(labels: list[SeenLabel], own: int) -> list[SeenArea]:
    """Areas of things that are in one of the pictures only."""
    sides = [(one.thing.before, one.thing.after) for one in labels if one.ends is None]
    return [area for side in sides if not side[1 - own] for area in side[own]]


def _holds(areas: list[SeenArea], area: SeenArea, scenes: Scenes) -> bool:
    return count(drawn_whole(areas, scenes)[area.part] & area.mask) > SAME * area.area


def _own_mate(
    thing: Thing, area: SeenArea, own: int, lines: list[SeenArea], scenes: Scenes
) -> bool:
    """True if a thing is a line alone, and so is its counterpart in the other picture."""
    mine, others = (thing.before, thing.after)[own], (thing.after, thing.before)[own]
    if not others or not _holds(mine, area, scenes) or _size(mine) >= area.area / SAME:
        return False
    alone = any(_holds(others, one, scenes) for one in lines)
    return alone and _size(others) < MATE * area.area < MATE**2 * _size(others)


def _size(areas: list[SeenArea]) -> int:
    return sum(one.area for one in areas)


def _explained(label: SeenLabel, area: SeenArea, scenes: Scenes, *, short: bool) -> bool:
    """True if a label says of lines no more than that one is missing or extra, or that all have another form;
    or that a short one has another place."""
    thing = label.thing
    if label.category is SvgCategory.TEXT_SYMBOL or label.ends is not None:
        return False
    if thing.before and thing.after:
        sides = [one for one in (thing.before, thing.after) if _holds(one, area, scenes)]
        alone = short and any(_size(one) < area.area / SAME for one in sides)
        shape = label.category is SvgCategory.SHAPE
        return bool(sides) and shape and (alone or label.words.startswith((VAGUE, ANOTHER)))
    inside = np.zeros(thing.shape, bool)
    inside[area.part] |= area.mask
    mine = thing.old | thing.new
    return count(mine & inside[thing.part]) > SAME * count(mine)


def _alone(
    own: list[SeenArea], others: list[SeenArea], pen: float, scenes: Scenes
) -> list[SeenArea]:
    """Lines of one picture whose counterpart is a part of larger ones, the rest of which is there as well."""
    nets = [drawn_whole([one], scenes) for one in others]
    found = []
    for area in own:
        if area.area < LEAST * pen**2:
            continue
        near = squared(drawn_whole([area], scenes), round(ASIDE * pen))
        mates = [net for net in nets if count(net & near) > SAME * area.area]
        if len(mates) != 1 or count(mates[0]) < (1 + REST) * area.area:
            continue
        wide = squared(mates[0], round(ASIDE * pen))
        rest = [
            one for one in own
            if one.area > area.area and count(wide[one.part] & one.mask) > SAME * one.area
        ]  # fmt: skip
        beside = squared(drawn_whole(rest, scenes), round(pen / 2))
        if rest and count(mates[0] & near & beside) <= SAME * count(mates[0] & near):
            found.append(area)
    return found


def _label(area: SeenArea, side: SeenIcon, words: str, own: int, scenes: Scenes) -> SeenLabel:
    name = line_name(area, side)
    name = name_of(area, side) if " of " in name else name
    shape, category = scenes.differs.shape, SvgCategory.STRUCTURE
    thing = Thing([], [area], shape) if own else Thing([area], [], shape)
    spot = where(name, area.box, side)
    return SeenLabel(category, 2, name, spot, words, area.box, thing, ends=(area.box, area.box))

"""Merges labels of things that took the color of others: exchanged colors, fills that were taken out."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from annotators.structural.severity import color_distance
from annotators.structural.svg.masks import count, widened
from annotators.structural.svg.outlines import covered
from annotators.structural.svg.seen.areas import BARE, drawn_in, framed
from annotators.structural.svg.seen.fits import thickness
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, came, size_of, union
from annotators.structural.svg.seen.things import Thing
from records.rows import Box
from records.taxonomy import SvgCategory

COVERS = 0.9
"""Least share of an element and of what fills it that the other one covers."""
FIGURE_PX = 24.0
"""Largest distance in pixels by which the line around a fill extends beyond it."""
SAME_PLACE_PX = 2.0
"""Distance of the sides of two things that were at one place."""
THIN = 0.3
"""Largest thickness of the line around a thing, as a share of the line's box."""
SAME_COLOR = 6.0
"""CIEDE2000 up to which a color is the one that another thing had."""
THROUGH = 0.1, 0.9
"""Share of a ground's change of color that may show through what lies on it."""
THROUGH_OFF = 10.0
"""Channels (0-255) by which such a change may be another one."""
REMNANT = 0.12
"""Share of its pixels up to which something else than a thing is left of it."""
BESIDE_PX, AROUND = 4, 0.7
"""Width of what is looked at beside a thing, and least share of it that has the thing's look."""
CONFUSED = 2 * SAME_COLOR
"""CIEDE2000 up to which two colors that were exchanged could not be told apart."""


def bared(known: list[Thing], scenes: Scenes) -> list[Thing]:
    """The same things; what fills all of an element that looked like bare canvas is that element, in
    another color."""
    first = scenes.first
    extra = [thing for thing in known if not thing.before and thing.weight == 1]
    for element in first.items if extra else ():
        if element.box is not None or element.style.get("fill") == "none":
            continue  # Only what has the color of bare canvas owns no pixel.
        old = covered(element, scenes.differs.shape) & first.bare
        fills = [
            thing
            for thing in extra
            if count(old[thing.part] & thing.new) > COVERS * count(thing.new)
        ]
        if not fills or sum(count(thing.new) for thing in fills) < COVERS * count(old):
            continue
        after = [area for thing in fills for area in thing.after]
        part = Thing([], after, scenes.differs.shape).part
        mask = old[part] & drawn_in(part, after)
        before = replace(first.area_of(part, mask), ground=False, opening=False)
        known = [one for one in known if all(one is not thing for thing in fills)]
        known.append(Thing([before], after, fills[0].shape))
        extra = [one for one in extra if all(one is not thing for thing in fills)]
    return known


def exchanged(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge two things that exchanged their colors, or of one form their places: this looks the same."""
    result = list(labels)
    for one, two in combinations(labels, 2):
        if any(all(label is not kept for kept in result) for label in (one, two)):
            continue
        mine, theirs = colors_of(one), colors_of(two)
        if mine and theirs:
            swapped = all(color_distance(mine[at], theirs[1 - at]) < SAME_COLOR for at in (0, 1))
        else:
            swapped = (
                _moved(one)
                and _moved(two)
                and _on(one.thing, two.thing)
                and _on(two.thing, one.thing)
            )
        if not swapped:
            continue
        # Each joined or left neighbors of one of the colors: its outline says nothing more.
        things = one.thing, two.thing
        result = [
            label
            for label in result
            if label is not one and label is not two
            and not (label.fit and any(label.thing is thing for thing in things))
        ]  # fmt: skip
        result.append(
            replace(
                one,
                category=SvgCategory.STYLE,
                severity=max(one.severity, two.severity),
                name=f"{one.name} and {two.name}",
                spot=f"{one.spot} and {two.spot}",
                words="have exchanged their colors",
                box=union([one.box, two.box]),
            )
        )
    return result


def _moved(label: SeenLabel) -> bool:
    """True if a thing moved that is no text: one that moved has no areas."""
    return label.fit is not None and label.fit.kind == "moved" and label.ends is None


def _on(one: Thing, two: Thing) -> bool:
    """True if a thing lies where another one lay."""
    new, old = (union([area.box for area in side]) for side in (one.after, two.before))
    return max(abs(a - b) for a, b in zip(new, old, strict=True)) <= SAME_PLACE_PX


def vanished(thing: Thing, scenes: Scenes) -> bool:
    """True if what is matched with a thing is no such thing: its field's look at its place, or a bit of it."""
    little = count(thing.new) < REMNANT * count(thing.old)
    kinds = "thickness", "resized"
    return (little and thing.fit.kind not in kinds) or _merged(thing, scenes)


def _merged(thing: Thing, scenes: Scenes) -> bool:
    """True if a thing took the look of the field that it lies on: no border of it is seen any more."""
    one, two = (max(areas, key=lambda area: area.area) for areas in (thing.before, thing.after))
    if one.ground or one.opening or one.shaded or two.shaded:
        return False
    part, mask = framed(two, scenes.second, BESIDE_PX)
    roots = scenes.second.root[part]
    field = roots == roots[mask][0]
    beside = widened(mask, BESIDE_PX) & ~widened(mask, 1)
    if count(beside & field) < AROUND * count(beside):
        return False
    # A fill in the color of the line around it is still seen.
    whole = scenes.second.root == roots[mask][0]
    whole[part] &= ~mask
    return count(whole) > count(mask) and thickness(whole) > thickness(mask) / 2


def shown_through(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Leave out a translucent thing whose new color is that of its ground, which another label names."""
    result = list(labels)
    for label in labels:
        over = any(one is not label and held(label.box, one.box) == 1 for one in result)
        if over and colors_of(label) and _dimmed(label, scenes):
            result.remove(label)
    return result


def _dimmed(label: SeenLabel, scenes: Scenes) -> bool:
    """True if a thing's change of color is a clear part of that of what lies around it."""
    before, after = (
        max(areas, key=lambda area: area.area) for areas in (label.thing.before, label.thing.after)
    )
    part, mask = framed(before, scenes.first)
    beside = widened(mask, 3) & ~widened(mask, 1)
    was, now = (np.median(side.rgb[part][beside], axis=0) for side in (scenes.first, scenes.second))
    whole, shift = now - was, after.color - before.color
    share = float(shift @ whole / max(whole @ whole, 1.0))
    return THROUGH[0] < share < THROUGH[1] and np.abs(shift - share * whole).max() < THROUGH_OFF


def emptied(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge a fill of another color with the lines of its old color that are left around it."""
    result = list(labels)
    for label in labels:
        old = colors_of(label)[:1]
        rims = [
            one
            for one in result
            if old and one.thing.after and came(one) and _rims(one, label, old[0])
        ]
        if not any(_apart_px(one, label) < FIGURE_PX for one in rims):
            continue
        bare = all(area.color.min() >= BARE for area in label.thing.after)
        words = "is hollow: only its outline is drawn" if bare else label.words
        result = [one for one in result if all(one is not rim for rim in rims)]
        result[result.index(label)] = replace(
            label, words=words, box=union([label.box, *(one.box for one in rims)])
        )
    return result


def _rims(line: SeenLabel, label: SeenLabel, color: str) -> bool:
    """True if a thin thing of a color lies on another thing or around it."""
    area = line.thing.after[0]
    thin = thickness(area.mask) < THIN * min(area.mask.shape)
    left, top, right, bottom = label.box
    wide = (left - FIGURE_PX, top - FIGURE_PX, right + FIGURE_PX, bottom + FIGURE_PX)
    return thin and color_distance(area.hex, color) < SAME_COLOR and held(line.box, wide) == 1


def _apart_px(one: SeenLabel, two: SeenLabel) -> float:
    return max(abs(a - b) for a, b in zip(one.box, two.box, strict=True))


def colors_of(label: SeenLabel) -> tuple[str, ...]:
    """Colors before and after of a recolored thing; empty for other changes."""
    if not (label.recolored and label.thing.before and label.thing.after):
        return ()
    leads = [
        max(areas, key=lambda area: area.area) for areas in (label.thing.before, label.thing.after)
    ]
    if any(area.shaded for area in leads) or color_distance(leads[0].hex, leads[1].hex) < CONFUSED:
        return ()
    return tuple(area.hex for area in leads)


def held(one: Box, two: Box) -> float:
    """Share of the first box that lies in the second."""
    across = min(one[2], two[2]) - max(one[0], two[0])
    down = min(one[3], two[3]) - max(one[1], two[1])
    return max(across, 0.0) * max(down, 0.0) / max(size_of(one), 1.0)

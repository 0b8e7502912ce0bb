"""Openings that are no longer closed, or are closed now, and two that are joined or divided: the line between them
has a gap, or its ends meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotators.structural.svg.masks import Mask, around, bounds, count, squared, widened
from annotators.structural.svg.seen.areas import SeenIcon
from annotators.structural.svg.seen.claims import sentence
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.lines import pen_of
from annotators.structural.svg.seen.names import name_of, where
from annotators.structural.svg.seen.places import ANOTHER, AROUND, VAGUE, at
from annotators.structural.svg.seen.spaces import SPACES
from annotators.structural.svg.seen.things import Thing
from annotators.structural.visibility import PATCH_PX
from records.taxonomy import SvgCategory

KEPT = 0.6
"""Least share of an opening that is bare in the other picture, too."""
RIM = 0.65
"""Least share of the rim of an opening that is drawn in the other picture, too."""
REACH_PX = 8
"""Pixels by which that rim may lie elsewhere."""
STEP_PX = 3
"""Least thickness of what lay between two openings."""
FAR_PX = 60
"""Longest way between two openings that are joined."""
WORDS = (
    (
        "is no longer closed {}: it has a gap there",
        "is interrupted {}: the openings beside it are joined",
    ),
    (
        "is closed {}: its ends touch there, without a gap",
        "is closed {}: its ends touch there and divide the opening",
    ),
)
SAID = 0.5
"""Share of what is said of an opening that lies in one that was joined or divided."""


def opened(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """The same labels, with those of openings that were joined or divided, and without what these explain."""
    sides = scenes.first, scenes.second
    for closed in (False, True):
        whole, place = _joined(sides[closed], sides[not closed], scenes.differs)
        if not place.any():
            continue
        found = _label(place, whole, scenes, closed=closed)
        if found is None or any(_explains(one, place) for one in labels):
            continue
        kept = [_without(one, whole, place, found) for one in labels]
        labels = [one for one in kept if one is not None] + [found]
    return labels


def _joined(apart: SeenIcon, joined: SeenIcon, differs: Mask) -> tuple[list[Mask], Mask]:
    """Openings of one picture that are one, or have no edge any more, in the other; and where they meet.

    Returns:
        The openings, the one that is joined with the outside alone; H x W: true at the narrowest place between
        them.
    """
    parts, one = apart.openings, joined.openings
    sizes = np.bincount(parts.ravel())
    outside = set(
        np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])).tolist()
    )
    groups: dict[int, list[int]] = {}
    for number in (np.flatnonzero(sizes[1:] >= PATCH_PX) + 1).tolist():
        shared = np.bincount(one[parts == number])
        shared[0] = 0
        if shared.size > 1 and shared.max() >= KEPT * sizes[number]:
            groups.setdefault(int(shared.argmax()), []).append(number)
    likely = []
    for whole, members in groups.items():
        if len(members) > 1:
            kept = [at_ for at_ in members if at_ in outside or _still_around(parts == at_, joined)]
            likely.append((kept, whole))
    for members, whole in sorted(likely):
        inner = [number for number in members if number not in outside]
        if inner and len(members) > 1:
            place = np.zeros_like(differs)
            for number in inner:
                others = np.isin(parts, [other for other in members if other != number])
                place |= _way(parts == number, others, one == whole, apart.bare)
            if (squared(place, STEP_PX) & differs).any():
                return [parts == number for number in inner], place
    return [], np.zeros_like(differs)


def _still_around(opening: Mask, now: SeenIcon) -> bool:
    """True if most of what was around an opening is still drawn, or nearly there."""
    part = around(opening, REACH_PX + 2)
    opening, bare = opening[part], now.bare[part]
    rim = widened(opening, 2) & ~opening
    if squared(~opening, REACH_PX).all():
        return False  # Whatever lies in such a narrow one is near its rim.
    return count(rim & squared(~bare, REACH_PX)) >= RIM * count(rim)


def _way(one: Mask, two: Mask, through: Mask, apart: Mask) -> Mask:
    """The pixels between two openings on the shortest way through what is bare now; none if there is no edge that
    was seen."""
    far: list[NDArray[np.int32]] = []
    for start in (one, two):
        steps = np.full(one.shape, FAR_PX, np.int32)
        reached = start & through
        steps[reached] = 0
        for step in range(1, FAR_PX):
            new = widened(reached, 1) & through
            if not (new & ~reached).any():
                break
            steps[new & ~reached] = step
            reached = new
        far.append(steps)
    total = np.where(through & ~apart, far[0] + far[1], 2 * FAR_PX)
    least = int(total.min())
    if not STEP_PX <= least < FAR_PX:
        return np.zeros_like(one)
    return np.asarray(total <= least + 1)


def _label(place: Mask, whole: list[Mask], scenes: Scenes, *, closed: bool) -> SeenLabel | None:
    """A label of the line that has a gap now, or no gap any more."""
    side: SeenIcon = scenes.second if closed else scenes.first
    touched = [area for area in side.drawn if (place[area.part] & area.mask).any()]
    if not touched:
        return None
    area = max(touched, key=lambda one: count(place[one.part] & one.mask))
    thing = Thing([], [area], place.shape) if closed else Thing([area], [], place.shape)
    if pen_of(thing, scenes) is not None:
        return None  # Lines around colored parts enclose these, no openings.
    if at(place[area.part]) == AROUND:
        return None  # More than one gap, as of dashes.
    words = f"{WORDS[closed][len(whole) > 1]}".format(at(place[area.part]))
    name = name_of(area, side)
    box = bounds(squared(place, REACH_PX))
    spot = where(name, area.box, side)
    return SeenLabel(SvgCategory.SHAPE, 2, name, spot, words, box, thing, ends=(box, box))


def _explains(label: SeenLabel, place: Mask) -> bool:
    """True if a label is of something missing or extra at the place at which openings meet, of all gaps, or of dashes."""
    thing = label.thing
    mine = bool(((thing.old | thing.new) & place[thing.part]).any())
    if label.ends is not None:
        return mine and label.name == SPACES
    if label.words.startswith(("is dashed", "is hollow")):
        return mine
    one_sided = not (thing.before and thing.after)
    return one_sided and not thing.opening and mine


def _without(
    label: SeenLabel, whole: list[Mask], place: Mask, found: SeenLabel
) -> SeenLabel | None:
    """A label without what it says of the openings that were joined or divided; None if that is all."""
    thing = label.thing
    if thing.opening and label.ends is None:
        mine = thing.old | thing.new
        inside = np.logical_or.reduce(whole)[thing.part]
        return None if count(mine & inside) > SAID * min(count(mine), count(inside)) else label
    if label.ends is not None:
        return None if "gap" in label.name and (thing.old & place[thing.part]).any() else label
    near = squared(place, REACH_PX)[thing.part]
    said = [one for one in label.claims if one.pixels is None or not (one.pixels & near).any()]
    own = bool(((thing.old | thing.new) & near).any())
    if own and label.words.startswith((VAGUE, ANOTHER)):
        return None
    if len(said) == len(label.claims):
        return label
    if not said:
        return None
    pixels = [one.pixels for one in said if one.pixels is not None]
    box = union([thing.box_of(one) for one in pixels]) if len(pixels) == len(said) else label.box
    return replace(label, claims=tuple(said), words=sentence(said), box=box)

"""Merges things that are missing together: parts of the reference that were painted one after the
other."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np

from annotators.structural.severity import of_area_share
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, lost, named, size_of, union
from annotators.structural.svg.seen.repaints import held
from records.rows import Box
from records.taxonomy import SvgCategory

LEFT = 0.2
"""Largest share of its elements that may be left; a thing of more is a piece of them."""
LARGER = 2.2
"""Ratio of sizes up to which things of one name are of one kind, which is counted."""
SIDES = ("left", "middle", "right"), ("upper", "middle", "lower")
ORDER = frozenset(word for words in SIDES for word in words)
APART_PX = 4.0
"""Least distance of middles of which one is seen to lie farther right, or lower."""


def gone_as_one(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge things that are missing if nothing that is kept was painted between them."""
    gone = [label for label in labels if lost(label) and label.ends is None]
    if len(gone) < 2:
        return labels
    item, size = scenes.first.item, len(scenes.first.items)
    seen, still = (
        np.bincount(one.ravel(), minlength=size + 1) for one in (item, item[~scenes.differs])
    )
    items = [{at for area in label.thing.before for at in area.items} for label in gone]
    lacking = set().union(*items)
    gone_at = np.zeros(item.shape, bool)
    for label in gone:
        gone_at[label.thing.part] |= label.thing.old
    left = seen - np.bincount(item[gone_at], minlength=size + 1)
    kept = [at for at in range(size) if 2 * still[at] > seen[at] and at not in lacking]
    runs: dict[int, list[SeenLabel]] = defaultdict(list)
    for label, own in zip(gone, items, strict=True):
        slots = {bisect(kept, at) for at in own}
        if len(slots) == 1 and left[list(own)].sum() <= LEFT * seen[list(own)].sum():
            runs[slots.pop()].append(label)
    result = list(labels)
    for run in runs.values():
        sizes = [label.thing.size for label in run]
        counted = len({plain(label.name) for label in run}) == 1 and max(sizes) < LARGER * min(
            sizes
        )
        if len(run) > 1 and not counted:
            result = [label for label in result if all(label is not one for one in run)]
            result.append(_group(run, scenes))
    return result


def _group(members: list[SeenLabel], scenes: Scenes) -> SeenLabel:
    lead = max(members, key=lambda label: (label.severity, size_of(label.box)))
    share = sum(label.thing.size for label in members) / scenes.pixels
    whole = replace(
        lead,
        category=SvgCategory.STRUCTURE,
        severity=max(lead.severity, of_area_share(share)),
        name=f"group of {len(members)} shapes with the {lead.name}",
        spot=f"{len(members)} shapes with the {lead.spot}",
        words="are missing",
        box=union([label.box for label in members]),
    )
    each = common(members)
    return named(whole, members, each, scenes) if " " in each else whole


def common(members: list[SeenLabel]) -> str:
    """The name of several things; "black part" for things that share only their color."""
    if len(members) > 1 and all(member.name.startswith("text ") for member in members):
        return "text"
    first, *others = ((member.each or plain(member.name)).split() for member in members)
    if all(other == first for other in others):
        return " ".join(first)
    colors = [
        word
        for at, word in enumerate(first[:-1])
        if all(other[at : at + 1] == [word] for other in others)
    ]
    noun = first[-1] if all(other[-1] == first[-1] for other in others) else "part"
    return " ".join([*colors, noun])


def plain(name: str) -> str:
    """A name without the word that distinguishes it from others alike."""
    first, _, rest = name.partition(" ")
    return rest if first in ORDER and rest else name


def told_apart(labels: list[SeenLabel]) -> list[SeenLabel]:
    """The same labels; two or three things of one name in one place have a word that tells which is meant.

    Several things under one label have none: it would be said of each of them.
    """
    of_spot: dict[str, dict[frozenset[int], Box]] = defaultdict(dict)
    for label in labels:
        first = label.name.split()[0]
        if label.ends is None and first not in ORDER and first != "two" and not first.isdigit():
            areas = label.thing.before or label.thing.after
            of_spot[label.spot][_identity(label)] = union([area.box for area in areas])
    words = {
        (spot, at): word
        for spot, boxes in of_spot.items()
        for at, word in zip(boxes, apart_words(list(boxes.values())), strict=False)
    }
    result = []
    for label in labels:
        word = words.get((label.spot, _identity(label)), "")
        lead = f"{word} " if word else ""
        result.append(replace(label, name=lead + label.name, spot=lead + label.spot))
    return result


def _identity(label: SeenLabel) -> frozenset[int]:
    """What two labels of one thing share, also if one was told of a part of it in the candidate."""
    return frozenset(id(area) for area in label.thing.before or label.thing.after)


def apart_words(boxes: list[Box]) -> list[str]:
    """A word for each of two or three boxes that the others do not have; none if nothing tells them apart."""
    if not 2 <= len(boxes) <= len(SIDES[0]):
        return []
    if len(boxes) == 2:
        one, two = sorted(boxes, key=size_of)
        if size_of(two) > LARGER * size_of(one):
            within = held(one, two) == 1
            words = {one: "inner" if within else "small", two: "outer" if within else "large"}
            return [words[box] for box in boxes]
    middles = [[(box[axis] + box[axis + 2]) / 2 for box in boxes] for axis in (0, 1)]
    axis = max((0, 1), key=lambda at: max(middles[at]) - min(middles[at]))
    order = sorted(middles[axis])
    if min(b - a for a, b in pairwise(order)) < APART_PX:
        return []
    names = SIDES[axis] if len(boxes) == len(SIDES[axis]) else SIDES[axis][::2]
    return [names[order.index(middle)] for middle in middles[axis]]

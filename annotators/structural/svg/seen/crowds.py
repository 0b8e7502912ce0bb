"""Many small changes in one place: the stars of a flag, the rays of a sun."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from annotators.structural.colors import color_name
from annotators.structural.severity import color_distance, of_area_share
from annotators.structural.svg.masks import count, filled
from annotators.structural.svg.seen.areas import Part, SeenArea, drawn_in
from annotators.structural.svg.seen.groups import plain
from annotators.structural.svg.seen.labels import (
    Scenes,
    SeenLabel,
    came,
    lost,
    named,
    size_of,
    union,
)
from annotators.structural.svg.seen.lines import like
from annotators.structural.svg.seen.names import name_of, where
from annotators.structural.svg.seen.things import KIN_DELTA_E, Thing, shared
from annotators.structural.svg.words import place, plural
from records.rows import Box
from records.taxonomy import SvgCategory

DETAIL_SHARE = 0.004
"""Part of the picture up to which a thing is a detail."""
MANY_DETAILS = 4
CROWD = 6
"""Small changes of any kind in one place from which they are one."""
NEAR_PX = 24
ALIKE = 0.7
"""Share of them that must be of one color and size to be counted."""
LIKE_SIZE = 2.0
LARGE = 12
"""Ratio of sizes from which a thing is not made of those of a crowd."""
MERGED, MUCH_INK = 2, 1.5
"""Ratio of numbers from which, with less than this ratio of their inks, things ran together, or came apart."""
ONE_NOW, APART_NOW = "run together instead of lying apart", "lie apart instead of running together"
APART, COVERED = 3, 0.4
"""Least number of things that ran together, and least share of each that is in the whole."""
SEEN_MORE = 0.1
"""Least difference of two numbers of things alike that is seen, as a share of the larger one."""
SEEN_SIZE = 0.15
"""Least change of size of one of many small things that is told."""
COLORS, RARE = 3, 0.1
"""Colors by which many things are named, and part of them up to which one is not said."""
JOINED = 1.2
"""Ratio of sizes up to which one thing is two others and no more."""
LIKE_COLOR = 10.0
"""CIEDE2000 up to which they are of one color."""


def crowded(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Many small changes close to each other are one: nobody lists them one by one."""
    small = [
        label
        for label in labels
        if label.ends is None and label.thing.size < DETAIL_SHARE * scenes.pixels
    ]
    crowds = [
        part
        for group in _clusters(small)
        if _count(group) >= CROWD
        for part in _by_holder(group, labels)
    ]
    for verdict in (lost, came, _on_both):
        rest = [
            label for label in small if all(label is not one for crowd in crowds for one in crowd)
        ]
        crowds += [
            group
            for group in _clusters([label for label in rest if verdict(label)])
            if _count(group) >= MANY_DETAILS
            and (
                verdict is not _on_both or len({plain(one.each or one.name) for one in group}) == 1
            )
        ]
    for crowd in crowds:
        counted = _counted(crowd, scenes)
        if counted:
            crowd += [
                label
                for label in labels
                if all(label is not one for one in crowd) and _of_crowd(label, crowd, counted)
            ]
        labels = [label for label in labels if all(label is not one for one in crowd)]
        labels.append(_crowd(crowd, counted, scenes))
    return labels


def _of_crowd(label: SeenLabel, crowd: list[SeenLabel], counted: tuple[str, str, SeenArea]) -> bool:
    """True if a label is of one more of the things of a crowd, or of several that run together."""
    mine = (label.thing.before or label.thing.after)[0]
    if lost(label) or came(label):
        return _like(mine, counted[2])
    box, color = union([one.box for one in crowd]), color_distance(mine.hex, counted[2].hex)
    merged = counted[1] in (ONE_NOW, APART_NOW) and color < LIKE_COLOR
    large = label.thing.size > LARGE * counted[2].area
    return merged and not large and _near(label.box, box, 0)


def _by_holder(crowd: list[SeenLabel], labels: list[SeenLabel]) -> list[list[SeenLabel]]:
    """A crowd in two, if many of it lie in one thing: the details of a face, and those around it."""
    for label in sorted(labels, key=lambda label: size_of(label.box)):
        if label.thing.before and label.thing.after and not label.thing.ground:
            inside = [one for one in crowd if one is not label and _lies_in(one.box, label.thing)]
            rest = [one for one in crowd if all(one is not other for other in inside)]
            if min(_count(inside), _count(rest)) >= MANY_DETAILS:
                return [inside, rest]
    return [crowd]


def _lies_in(box: Box, thing: Thing) -> bool:
    column = int((box[0] + box[2]) / 2) - thing.corner[0]
    row = int((box[1] + box[3]) / 2) - thing.corner[1]
    height, width = thing.old.shape
    return 0 <= row < height and 0 <= column < width and bool(filled(thing.old)[row, column])


def _count(labels: list[SeenLabel]) -> int:
    return len({id(label.thing) for label in labels})


def _crowd(
    members: list[SeenLabel], counted: tuple[str, str, SeenArea] | None, scenes: Scenes
) -> SeenLabel:
    """Many small changes in one place."""
    box = union([label.box for label in members])
    lead = max(members, key=lambda label: (label.severity, size_of(label.box)))
    how, category = "are drawn differently", lead.category
    if all(map(lost, members)):
        how = "are missing"
    elif all(map(came, members)):
        how = "are extra"
    elif any(map(lost, members)):
        category = SvgCategory.STRUCTURE
    else:
        how += _above_all(members)
    name = f"{_colors(members)} details"
    if counted:
        name, how, category = *counted[:2], SvgCategory.STRUCTURE
    severity = min(2, max(lead.severity, of_area_share(size_of(box) / scenes.pixels)))
    spot = where(name, box, scenes.first)
    return replace(
        lead, category=category, name=name, spot=spot, words=how, box=box, severity=severity
    )


def _colors(members: list[SeenLabel]) -> str:
    """The colors that most of what is seen of some things has, such as "green and white"."""
    seen: Counter[str] = Counter()
    for thing in {id(label.thing): label.thing for label in members}.values():
        for area in (*thing.before, *thing.after):
            seen[color_name(area.hex).split()[-1]] += area.area
    most = [color for color, pixels in seen.most_common(COLORS) if pixels > RARE * seen.total()]
    return " and ".join([", ".join(most[:-1]), most[-1]] if most[1:] else most)


def _above_all(members: list[SeenLabel]) -> str:
    """What is surely said of the largest of some things that kept their form; empty if none did."""
    rigid = [
        label
        for label in members
        if label.fit is not None
        and label.fit.kind in ("resized", "stretched")
        and abs(label.fit.scale - 1) > SEEN_SIZE
        and label.number == 1
    ]
    if not rigid:
        return ""
    lead = max(rigid, key=lambda label: label.thing.size)
    return f": the {plain(lead.name)} {lead.words}"


def _counted(members: list[SeenLabel], scenes: Scenes) -> tuple[str, str, SeenArea] | None:
    """Name, words and one of them where things alike, such as the stars of a flag, are more or fewer."""
    pieces = [
        (area, side)
        for label in members
        for area, side in max(
            [(area, scenes.first) for area in label.thing.before],
            [(area, scenes.second) for area in label.thing.after],
            key=len,
        )[:1]
    ]
    typical, own = sorted(pieces, key=lambda piece: piece[0].area)[len(pieces) // 2]
    if sum(_like(area, typical) for area, _ in pieces) < ALIKE * len(pieces):
        return None
    everywhere = np.ones(scenes.differs.shape, bool)
    before, after = (
        sum(_like(area, typical) for area in side.areas(everywhere))
        for side in (scenes.first, scenes.second)
    )
    if min(before, after) < MANY_DETAILS or before == after:
        return None
    alone = [label for label in members if lost(label) or came(label)]
    one_sided = sum(
        label.number
        for label in alone
        if _like((label.thing.before or label.thing.after)[0], typical)
    )
    name = plural(name_of(typical, own))
    rows, columns = _part(union([label.box for label in members]))
    was, now = (
        count(like(side.rgb[rows, columns], typical.color))
        for side in (scenes.first, scenes.second)
    )
    few, many, less = (before, after, was) if before < after else (after, before, now)
    if MERGED * few < many and max(was, now) < MUCH_INK * less:
        return name, ONE_NOW if few == after else APART_NOW, typical
    apart_ = abs(after - before)
    if one_sided < apart_ or apart_ < SEEN_MORE * max(before, after):
        return None
    return name, f"are {after} instead of {before}", typical


def _part(box: Box) -> Part:
    left, top, right, bottom = (max(int(edge), 0) for edge in box)
    return slice(top, bottom), slice(left, right)


def ran_together(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge what is said of things of one color that lay apart and are one area now."""
    result = list(labels)
    for label in labels:
        thing = label.thing
        kept = any(label is one for one in result)
        if not (kept and _on_both(label)) or label.recolored or len(thing.after) > 1:
            continue
        whole = thing.after[0]
        gone = [
            one for one in result
            if lost(one) and one.ends is None and _within(one, whole, thing.before)
        ]  # fmt: skip
        apart = [area for one in (label, *gone) for area in one.thing.before]
        inside = [area for area in thing.before if shared(area, whole) >= COVERED * area.area]
        hidden = whole.ground or whole.opening or whole.written
        typical = sorted(apart, key=lambda area: area.area)[len(apart) // 2]
        two = len(apart) == len(inside) == 2 and whole.area < JOINED * sum(
            one.area for one in apart
        )
        hidden |= not two and sum(_like(area, typical) for area in apart) < ALIKE * len(apart)
        hidden |= color_distance(thing.before[0].hex, whole.hex) > KIN_DELTA_E
        if (
            hidden
            or _parted_by(result, apart, whole)
            or (len(apart) < APART and not two)
            or 2 * len(inside) < len(thing.before)
        ):
            continue
        severity = max(one.severity for one in (label, *gone))
        lead = replace(
            label, words=ONE_NOW, severity=severity, category=SvgCategory.STRUCTURE,
            number=len(thing.before), fit=None, claims=(),
        )  # fmt: skip
        result = [
            one for one in result
            if one.recolored or not (one.thing is thing or any(one is other for other in gone))
        ]  # fmt: skip
        names = {name_of(area, scenes.first) for area in thing.before}
        name = plain(label.name) if len(names) == 1 else f"{color_name(whole.hex)} part"
        result.append(named(lead, [lead, *gone], name, scenes))
    return result


def _parted_by(labels: list[SeenLabel], apart: list[SeenArea], whole: SeenArea) -> bool:
    """True if what lay between the parts of a whole is missing: that is the cause."""
    gap = whole.mask & ~drawn_in(whole.part, apart)
    lines = [area for one in labels if lost(one) for area in one.thing.before]
    return 2 * count(gap & drawn_in(whole.part, lines)) > count(gap)


def _within(label: SeenLabel, whole: SeenArea, others: list[SeenArea]) -> bool:
    """True if a missing thing is covered by an area of its color, or lies beside it and is like those that are."""
    mine = label.thing.before
    if any(color_distance(area.hex, whole.hex) > KIN_DELTA_E for area in mine):
        return False
    if all(shared(area, whole) >= COVERED * area.area for area in mine):
        return True
    alike = all(_like(area, others[0]) and _near(area.box, whole.box, 0) for area in mine)
    return len(others) >= APART and alike


def in_crowd(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """The same labels; one thing of many alike that is missing, or extra, has its place among them."""
    result = []
    for label in labels:
        side = scenes.second if came(label) else scenes.first
        areas = label.thing.before or label.thing.after
        if label.number == 1 and len(areas) == 1 and (lost(label) or came(label)):
            alike = [area.box for area in side.drawn if _like(area, areas[0])]
            x, y, right, bottom = union([areas[0].box, *alike])
            left, top, *ends = areas[0].box
            spot = place((left - x, top - y, ends[0] - x, ends[1] - y), right - x, bottom - y)
            if len(alike) > MANY_DETAILS and spot != "whole picture":
                spot = f"{label.name} at {spot} of the {plural(label.name)}"
                label = replace(label, spot=spot)
        result.append(label)
    return result


def _like(one: SeenArea, two: SeenArea) -> bool:
    size = max(one.area, two.area) <= LIKE_SIZE * min(one.area, two.area)
    return size and color_distance(one.hex, two.hex) < LIKE_COLOR


def _on_both(label: SeenLabel) -> bool:
    return bool(label.thing.before and label.thing.after)


def _clusters(labels: list[SeenLabel]) -> list[list[SeenLabel]]:
    """Labels whose boxes lie close together."""
    groups: list[list[SeenLabel]] = []
    for label in labels:
        touching = [group for group in groups if any(_near(label.box, one.box) for one in group)]
        merged = [label, *(one for group in touching for one in group)]
        groups = [group for group in groups if group not in touching] + [merged]
    return groups


def _near(one: Box, two: Box, reach: float = NEAR_PX) -> bool:
    return (
        one[0] - reach < two[2] and two[0] - reach < one[2]
        and one[1] - reach < two[3] and two[1] - reach < one[3]
    )  # fmt: skip

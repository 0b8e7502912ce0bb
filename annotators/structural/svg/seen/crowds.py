"""Many small changes in one place: the stars of a flag, the rays of a sun."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from annotators.structural.severity import color_distance, of_area_share
from annotators.structural.svg.masks import filled
from annotators.structural.svg.seen.areas import SeenArea
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, size_of, union
from annotators.structural.svg.seen.names import name_of, where
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import plural
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
        ]
    for crowd in crowds:
        counted = _counted(crowd, scenes)
        if counted:
            crowd += [
                label
                for label in labels
                if (lost(label) or came(label))
                and all(label is not one for one in crowd)
                and _like((label.thing.before or label.thing.after)[0], counted[2])
            ]
        labels = [label for label in labels if all(label is not one for one in crowd)]
        labels.append(_crowd(crowd, counted, scenes))
    return labels


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
    name = f"{_count(members)} small details"
    if counted:
        name, how, category = *counted[:2], SvgCategory.STRUCTURE
    severity = min(2, max(lead.severity, of_area_share(size_of(box) / scenes.pixels)))
    spot = where(name, box, scenes.first)
    return replace(
        lead, category=category, name=name, spot=spot, words=how, box=box, severity=severity
    )


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
    return plural(name_of(typical, own)), f"are {after} instead of {before}", typical


def _like(one: SeenArea, two: SeenArea) -> bool:
    size = max(one.area, two.area) <= LIKE_SIZE * min(one.area, two.area)
    return size and color_distance(one.hex, two.hex) < LIKE_COLOR


def lost(label: SeenLabel) -> bool:
    return not label.thing.after


def came(label: SeenLabel) -> bool:
    return not label.thing.before


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

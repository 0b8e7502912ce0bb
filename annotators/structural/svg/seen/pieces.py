"""Joins the pieces of one figure that others cut: the field behind a cross is one thing.

Each piece is an area of its own, but a figure of one outline changed once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from annotators.structural.svg.masks import Mask, around, count, squared
from annotators.structural.svg.outlines import covered, runs_of
from annotators.structural.svg.seen.areas import BARE, SeenArea
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.things import Thing

INSIDE = 0.9
"""Least share of what is extra in a figure that lies in it."""
KEPT_PX = 3.0
"""Largest distance of a figure's sides from where they were."""


def cut_figures(labels: list[SeenLabel], known: list[Thing], scenes: Scenes) -> list[Thing]:
    """Figures of which several pieces are missing or have another outline.

    Args:
        labels: Of the pieces.
        known: All things that a visible change touches.
        scenes: Both pictures.
    """
    reported: dict[int, list[Thing]] = defaultdict(list)
    for label in labels:
        item = _figure(label.thing, scenes)
        if item is not None and not label.recolored and label.thing not in reported[item]:
            reported[item].append(label.thing)
    figures = []
    for item, pieces in reported.items():
        all_ = [thing for thing in known if _figure(thing, scenes) == item]
        if len(pieces) > 1 and all_:  # Else all are pieces of lines, which are no things.
            before = [area for thing in all_ for area in thing.before]
            after = [area for thing in all_ for area in thing.after]
            moved_px = sum(thing.moved_px for thing in all_)
            figures.append(Thing(before, after, scenes.differs.shape, moved_px))
    return figures


def bare_figures(
    labels: list[SeenLabel], known: list[Thing], scenes: Scenes
) -> list[tuple[Thing, list[SeenLabel]]]:
    """What shows bare canvas within a figure that stands where it stood, such as a white cross on a field,
    and the labels of pieces of the field that it explains."""
    found = []
    reported = [label for label in labels if not label.recolored and label.ends is None]
    figures = [_figure(label.thing, scenes) for label in reported]
    for item in sorted({one for one in figures if one is not None}):
        left, top, right, bottom = (int(edge) for edge in scenes.first.items[item].box or (0,) * 4)
        body = np.zeros(scenes.differs.shape, bool)
        inner = body[top:bottom, left:right]
        inner |= covered(scenes.first.items[item], inner.shape, (left, top))
        pieces = [
            label
            for label, figure in zip(reported, figures, strict=True)
            if figure == item or _came_in(label, body)
        ]
        if len(pieces) < 2:
            continue
        body &= ~squared(~body, round(KEPT_PX))  # White along its rim is what lies around it.
        white = [
            body & np.logical_and.reduce([side.rgb[:, :, channel] >= BARE for channel in range(3)])
            for side in (scenes.first, scenes.second)
        ]
        field = [thing for thing in known if thing.after and _figure(thing, scenes) == item]
        if not field or not all(mask.any() for mask in white):
            continue
        ends = [
            union([area.box for thing in field for area in side(thing)]) for side in (_old, _new)
        ]
        if max(abs(a - b) for a, b in zip(*ends, strict=True)) > KEPT_PX:
            continue
        areas = []
        for side, mask in zip((scenes.first, scenes.second), white, strict=True):
            part = around(mask)
            areas.append(replace(side.area_of(part, mask[part]), ground=False, opening=False))
        found.append((Thing(areas[:1], areas[1:], scenes.differs.shape), pieces))
    return found


def _old(thing: Thing) -> list[SeenArea]:
    return thing.before


def _new(thing: Thing) -> list[SeenArea]:
    return thing.after


def _came_in(label: SeenLabel, body: Mask) -> bool:
    """True if a thing is extra within a figure."""
    thing = label.thing
    return not thing.before and count(thing.new & body[thing.part]) > INSIDE * thing.size


def _figure(thing: Thing, scenes: Scenes) -> int | None:
    """The element of one filled outline that painted all of a thing in the reference."""
    items = {item for area in thing.before for item in area.items}
    if len(items) != 1:
        return None
    (item,) = items
    element = scenes.first.items[item]
    one_outline = element.style.get("fill") != "none" and len(runs_of(element)) == 1
    return item if one_outline else None

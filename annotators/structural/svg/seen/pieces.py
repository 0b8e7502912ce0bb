"""Joins the pieces of one figure that others cut: the field behind a cross is one thing.

Each piece is an area of its own, but a figure of one outline changed once.
"""

from __future__ import annotations

from collections import defaultdict

from annotators.structural.svg.outlines import runs_of
from annotators.structural.svg.seen.labels import Scenes, SeenLabel
from annotators.structural.svg.seen.things import Thing


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
        if len(pieces) > 1:
            all_ = [thing for thing in known if _figure(thing, scenes) == item]
            before = [area for thing in all_ for area in thing.before]
            after = [area for thing in all_ for area in thing.after]
            moved_px = sum(thing.moved_px for thing in all_)
            figures.append(Thing(before, after, scenes.differs.shape, moved_px))
    return figures


def _figure(thing: Thing, scenes: Scenes) -> int | None:
    """The element of one filled outline that painted all of a thing in the reference."""
    items = {item for area in thing.before for item in area.items}
    if len(items) != 1:
        return None
    (item,) = items
    element = scenes.first.items[item]
    one_outline = element.style.get("fill") != "none" and len(runs_of(element)) == 1
    return item if one_outline else None

"""Two icons in, discrepancies out: the visible areas of both are matched, explained and reported.

seen (areas) -> things (matched) -> to blame (fewest that account for all changed pixels)
-> tell (one label each) -> fold (labels alike become one)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.pixels import THRESHOLD, PixelDifference
from annotators.structural.svg.seen.areas import EIGHT, SPECK_PX, Mask, eroded, read
from annotators.structural.svg.seen.fold import folded
from annotators.structural.svg.seen.labels import Label, Scenes
from annotators.structural.svg.seen.runs import text_labels
from annotators.structural.svg.seen.tell import labels_of
from annotators.structural.svg.seen.things import Thing, blame, things
from annotators.structural.svg.seen.whole import whole_drawing
from annotators.structural.visibility import seen_gaps
from records.rows import Box, Discrepancy
from records.taxonomy import Severity
from renderers.scene import Scene

STRONG = 32
"""Difference of a channel (0-255) that is seen even along an edge."""
DEEP_PX = 12
"""Pixels of a faint change, its rim left out, from which it is seen as an area."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two SVG scenes, each named once at its cause.

    Raises:
        SceneError: a scene's map of owners is damaged.
    """
    if not pixels.changed.any():
        return []
    before, after = pixels.pictures()
    if before.shape != after.shape:
        return []
    gaps = seen_gaps(before, after)
    differs = visible(gaps)
    if not differs.any():
        return []
    scenes = Scenes(read(reference, before), read(candidate, after), differs, gaps > STRONG)
    whole = whole_drawing(scenes)
    if whole is not None:
        return [_discrepancy(whole)]
    labels, told_first, told_second = text_labels(scenes)
    known = things(scenes.first, scenes.second, differs)
    blamed = blame(known, differs)
    for thing in known:
        if _told(thing, told_first, told_second) or _inside(
            thing, [one.box for one in labels if one.ends]
        ):
            continue
        labels += labels_of(thing, known, scenes, blamed=any(thing is one for one in blamed))
    clear = [label for label in labels if label.fit is None or label.fit.kind != "same"]
    return [_discrepancy(label) for label in folded(clear or labels, scenes)]


def visible(gaps: NDArray[np.uint8]) -> Mask:
    """H x W: changed pixels that are more than the soft rim of something else.

    Args:
        gaps: By how much each pixel leaves the colors near it in the other picture.
    """
    changed = gaps > THRESHOLD
    labels, count = ndimage.label(changed, EIGHT)
    strong = np.bincount(labels[gaps > STRONG], minlength=count + 1)
    deep = np.bincount(labels[eroded(changed)], minlength=count + 1)
    seen = (strong >= SPECK_PX) | (deep >= DEEP_PX)
    seen[0] = False
    return np.asarray(seen[labels])


def _told(thing: Thing, first: set[int], second: set[int]) -> bool:
    """True if a text that is on both sides is all there is to a thing."""
    before = {item for area in thing.before for item in area.items}
    after = {item for area in thing.after for item in area.items}
    return before <= first and after <= second and bool(before or after)


def _inside(thing: Thing, boxes: list[Box]) -> bool:
    """True for what shows between the letters of a text that changed."""
    left, top, right, bottom = thing.box()
    return any(
        box[0] - 2 <= left and box[1] - 2 <= top and right <= box[2] + 2 and bottom <= box[3] + 2
        for box in boxes
    )


def _discrepancy(label: Label) -> Discrepancy:
    return Discrepancy(
        category=label.category.value,
        severity=_severity(label.severity),
        location=label.spot,
        description=_without_verb(label.words),
        box=label.box,
    )


def _without_verb(words: str) -> str:
    """The location names the subject: "missing", not "is missing"."""
    for verb in ("is ", "are "):
        if words.startswith(verb):
            return words.removeprefix(verb)
    return words


def _severity(value: int) -> Severity:
    return 3 if value >= 3 else 2 if value == 2 else 1

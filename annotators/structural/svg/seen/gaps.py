"""Gaps between parts, such as legs or fingers: one that is closed, filled, narrower or wider is said once,
not of the parts on both sides of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotators.structural.colors import color_name
from annotators.structural.severity import of_area_share
from annotators.structural.svg.masks import Mask, bounds, count, eroded, parts_of, runs, squared
from annotators.structural.svg.seen.areas import BARE, SPECK_PX, hex_of
from annotators.structural.svg.seen.claims import sentence
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.places import ANOTHER
from annotators.structural.svg.seen.repaints import held
from annotators.structural.svg.seen.things import Thing
from annotators.structural.visibility import PATCH_PX
from records.taxonomy import SvgCategory

WIDE = 0.25
"""Largest width of a gap, as a share of the picture."""
TOUCHES = 0.2
"""Least share of a gap that is in both pictures if it is the same one."""
CLOSED, REST = 0.8, 0.05
"""Least share of a gap that is drawn over if it is closed, and share of it from which some is left."""
NARROWER, WIDER = 0.6, 1.7
"""Ratios of widths that are seen."""
SLIM = 0.6
"""Largest width of what is seen as a gap, as a share of its length."""
KEPT = 0.5
"""Least share of a gap that is kept, else one beside it may be the same."""
LENGTH = 0.5
"""Least ratio of the lengths of a gap that only got narrower or wider."""
SAID_PX, SAID = 10, 0.5
"""Distance from a gap, and share of what is said of a thing there, up to which the gap explains it."""


RIGID = "moved", "resized", "stretched", "rotated", "mirrored"
NARROWER_GAP, WIDER_GAP = "is narrower", "is wider"


def changed_gaps(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """The same labels, with one for each gap that changed, and without what its neighbors say of it."""
    bare = scenes.first.bare, scenes.second.bare
    result, told = list(labels), np.zeros_like(bare[0])
    for axis in (0, 1):
        was = parts_of(_spans(bare[0], axis))
        sizes = np.bincount(was.ravel())
        seen = np.bincount(was[scenes.differs], minlength=len(sizes))
        open_ = (sizes >= PATCH_PX) & (seen >= PATCH_PX // 2)
        now = parts_of(_spans(bare[1], axis)) if open_[1:].any() else was
        for number in np.flatnonzero(open_[1:]) + 1:
            gap = was == number
            words = _words(gap, now, axis, scenes)
            if not words or (gap & told).any() or any(_says(one, gap, words) for one in labels):
                continue
            if words == WIDER_GAP and any(_one_sided_beside(one, gap) for one in labels):
                continue  # It is wider since what lay in it, or beside it, is missing.
            said = [without_gap(one, gap) for one in result]
            result = [one for one in said if one is not None]
            result.append(_label(gap, words, scenes))
            told |= gap
    return result


def _spans(bare: Mask, axis: int) -> Mask:
    """Bare canvas with something drawn on both sides of it, not far away, across (0) or down (1)."""
    lines = bare.T if axis else bare
    width = lines.shape[1]
    starts, stops, values = runs(lines)
    inside = (starts % width > 0) & (stops % width > 0) & (stops - starts <= WIDE * width)
    found = np.repeat(values & inside, stops - starts).reshape(lines.shape)
    return np.asarray(found.T if axis else found)


def _words(gap: Mask, now: NDArray[np.int32], axis: int, scenes: Scenes) -> str:
    """What became of a gap, as the end of a sentence about it; empty if nothing that is seen."""
    wide, long = _extents(gap, axis)
    if wide > SLIM * long or count(eroded(gap)) < SPECK_PX:
        return ""
    sizes = np.bincount(now.ravel())
    shared = np.bincount(now[gap], minlength=len(sizes))
    shared[0] = 0
    mates = np.flatnonzero(shared > TOUCHES * sizes)
    ratios = sizes[np.unique(now[squared(gap, SAID_PX)])[1:]] / count(gap)
    if shared[mates].sum() < KEPT * count(gap) and ((ratios > NARROWER) & (ratios < WIDER)).any():
        return ""  # It only lies elsewhere.
    if shared[mates].sum() < (1 - CLOSED) * count(gap):
        if count(gap & ~scenes.second.bare) < CLOSED * count(gap):
            return ""
        seen_now = np.median(scenes.second.rgb[gap], axis=0)
        if seen_now.min() >= BARE:
            return ""  # White paint is no other gap.
        color = color_name(hex_of(seen_now))
        rest = shared[1:].sum() > REST * count(gap)
        return f"is {'mostly' if rest else 'closed,'} filled {color}"
    now_wide, now_long = _extents(np.isin(now, mates), axis)
    if min(long, now_long) < LENGTH * max(long, now_long):
        return ""
    ratio = now_wide / wide
    return NARROWER_GAP if ratio < NARROWER else WIDER_GAP if ratio > WIDER else ""


def _extents(gap: Mask, axis: int) -> tuple[float, float]:
    """Mean width and length."""
    box = bounds(gap)
    long = box[2] - box[0] if axis else box[3] - box[1]
    return count(gap) / long, long


def _says(label: SeenLabel, gap: Mask, words: str) -> bool:
    """True if a label names what fills a gap, the gap itself, or that what is beside it moved or has another size."""
    thing = label.thing
    if label.ends is None and count((thing.old | thing.new) & gap[thing.part]) > SAID * count(gap):
        one_sided = not (thing.before and thing.after)
        if one_sided or label.recolored or count(thing.old & gap[thing.part]):
            return True
    for one in label.claims:
        if one.pixels is not None and count(one.pixels & gap[thing.part]) > SAID * count(gap):
            return True
    if label.words.startswith(ANOTHER) and all(one.pixels is None for one in label.claims):
        return held(bounds(gap), label.box) > SAID
    located = any(one.pixels is not None for one in label.claims)
    if located or label.ends is not None or (label.fit is not None and label.fit.kind == "same"):
        return False
    if words not in (NARROWER_GAP, WIDER_GAP) and (label.fit is None or label.fit.kind in RIGID):
        return held(bounds(gap), label.box) > SAID
    return bool((squared(gap, SAID_PX)[thing.part] & (thing.old | thing.new)).any())


def _one_sided_beside(label: SeenLabel, gap: Mask) -> bool:
    """True if a label is of something missing or extra that touches a gap."""
    thing = label.thing
    one_sided = label.ends is None and not (thing.before and thing.after)
    return one_sided and bool((squared(gap, SAID_PX)[thing.part] & (thing.old | thing.new)).any())


def without_gap(label: SeenLabel, gap: Mask) -> SeenLabel | None:
    """A label without what it says of the edges of a gap; None if that is all."""
    if not label.claims:
        return label
    near = squared(gap, SAID_PX)[label.thing.part]
    kept = tuple(
        one
        for one in label.claims
        if one.pixels is None or count(one.pixels & near) <= SAID * count(one.pixels)
    )
    if len(kept) == len(label.claims):
        return label
    pixels = [one.pixels for one in kept if one.pixels is not None]
    if not kept:
        return None
    box = (
        union([label.thing.box_of(one) for one in pixels])
        if len(pixels) == len(kept)
        else label.box
    )
    return replace(label, claims=kept, words=sentence(kept), box=box)


def _label(gap: Mask, words: str, scenes: Scenes) -> SeenLabel:
    box = bounds(gap)
    severity = min(of_area_share(count(gap & scenes.differs) / scenes.pixels), 2)
    rows, columns = (slice(int(box[1]), int(box[3])), slice(int(box[0]), int(box[2])))
    area = replace(
        scenes.first.area_of((rows, columns), gap[rows, columns]), ground=False, opening=False
    )
    thing = Thing([area], [area], scenes.differs.shape)
    spot = where("white gap", box, scenes.first)
    return SeenLabel(
        SvgCategory.SHAPE, severity, "white gap", spot, words, box, thing, ends=(box, box)
    )

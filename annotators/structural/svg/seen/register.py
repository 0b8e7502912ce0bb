"""Fills out of register with the lines around them: a color that sticks out, or bare canvas between them.

A border of a fill that has no line, where in the reference a line ran, and beside which there is one, shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.colors import color_name
from annotators.structural.severity import color_distance, of_area_share
from annotators.structural.svg.masks import (
    Mask,
    around,
    bounds,
    count,
    eroded,
    parts_of,
    rounded,
    squared,
    widened,
)
from annotators.structural.svg.seen.areas import SPECK_PX, SeenArea, SeenIcon, drawn_in
from annotators.structural.svg.seen.fits import apart, thickness
from annotators.structural.svg.seen.labels import Scenes, SeenLabel
from annotators.structural.svg.seen.lines import LONG, NET_SHARE, SAME_INK, surrounds
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.places import ANOTHER, MIDDLE, VAGUE, at
from annotators.structural.svg.seen.things import Thing
from annotators.structural.visibility import PATCH_PX
from records.taxonomy import SvgCategory

SAME_FILL = 6.0
"""CIEDE2000 up to which areas are of one fill."""
LARGEST = 12
"""Areas of a picture that are asked whether they are its lines."""
SOME = 0.1
"""Least share of what lies along the lines of a picture that is colored."""
LONG_PX, MEET_PX = 8, 2
"""Least length of a border without a line that is noticed, and distance at which a fill and a line meet."""
BESIDE = 1.5
"""Thicknesses of a line within which it is the one that a fill should end at."""
GAP, OUT = 0.75, 0.5
"""Least border with the line of a gap and of a piece beyond it, as a share of that with what is on the
other side."""
SHOWN = 0.6
"""Share of the changed pixels of a thing from which a fill out of register explains them."""
STICKS_OUT, LEAVES_GAP = "sticks out beyond its outline", "leaves a white gap to its outline"


@dataclass(frozen=True)
class Fill:
    """Where all areas of one color are out of register, in the candidate."""

    thing: Thing
    """The largest of its things."""
    new: Mask
    out: Mask
    """Its pixels beyond a line."""
    gap: Mask
    """Bare canvas between it and a line."""


def out_of_register(labels: list[SeenLabel], known: list[Thing], scenes: Scenes) -> list[SeenLabel]:
    """The same labels, with one for each fill that no longer ends at its lines, and without those that
    it explains."""
    result = list(labels)
    for fill in _fills(labels, known, scenes):
        shown = squared(fill.out | fill.gap, MEET_PX)
        result = [one for one in result if not _shows(one, shown, fill.thing)]
        result.append(_label(fill, scenes))
    return result


def _label(fill: Fill, scenes: Scenes) -> SeenLabel:
    """One label of a fill, with the places at which it sticks out and leaves a gap."""
    lead = max(fill.thing.after, key=lambda area: area.area)
    said = []
    for mask, words in ((fill.out, STICKS_OUT), (fill.gap, LEAVES_GAP)):
        if mask.any():
            whole = around(fill.new | mask)
            pieces = parts_of(squared(mask, MEET_PX))[whole]
            found = [at(mask[whole] & (pieces == one)) for one in np.unique(pieces[mask[whole]])]
            said.append((words, [spot for spot in dict.fromkeys(found) if spot != MIDDLE]))
    told = len(said) > 1
    words = " and ".join(
        f"{words} {spots[0]}" if told and len(spots) == 1 else words for words, spots in said
    )
    box = bounds(fill.out | fill.gap)
    severity = min(of_area_share(count(fill.out | fill.gap) / scenes.pixels), 2)
    name = f"{color_name(lead.hex)} fill"
    spot = where(name, box, scenes.second)
    return SeenLabel(
        SvgCategory.STYLE, severity, name, spot, words, box, fill.thing, ends=(box, box)
    )


def _shows(label: SeenLabel, shown: Mask, fill: Thing) -> bool:
    """True if a label says no more than that a fill is out of register."""
    thing = label.thing
    if label.recolored or label.category is SvgCategory.TEXT_SYMBOL or label.ends is not None:
        return False
    if thing is fill and label.words.startswith((VAGUE, ANOTHER)):
        return True
    if not thing.after:
        return False
    parts = [one.pixels for one in label.claims if one.pixels is not None]
    if not thing.before:
        changed = thing.new
    elif parts and len(parts) == len(label.claims):
        changed = np.logical_or.reduce(parts)
    else:
        changed = np.logical_or(*apart(thing.old, thing.new))
    return count(changed & shown[thing.part]) > SHOWN * max(count(changed), 1)


def _fills(labels: list[SeenLabel], known: list[Thing], scenes: Scenes) -> list[Fill]:
    """Fills of the candidate that are out of register, the largest first."""
    sides, inks = (scenes.first, scenes.second), []
    for side in sides:
        inks.append(lines_around(side))
        if not inks[-1]:
            return []
    lines = [drawn_whole(areas, scenes) for areas in inks]
    pen = min(thickness(areas[0].mask) for areas in inks)
    gone = [area for one in labels if not one.thing.after for area in one.thing.before]
    lost = squared(drawn_whole(gone, scenes), round(pen))
    found: dict[str, Fill] = {}
    for thing in _colored(known, scenes):
        leads = [max(areas, key=lambda one: one.area) for areas in (thing.before, thing.after)]
        if not _is_fill(thing, leads, lines):
            continue
        if any(color_distance(leads[1].hex, one) < SAME_FILL for one in found):
            continue
        fills = [
            drawn_whole([one for one in side.drawn if _alike(one, lead)], scenes)
            for side, lead in zip(sides, leads, strict=True)
        ]
        bare = scenes.second.bare & ~lost
        found[leads[1].hex] = Fill(thing, fills[1], *_misprints(fills, lines, pen, bare))
    return [one for one in found.values() if one.out.any() or one.gap.any()]


def _colored(known: list[Thing], scenes: Scenes) -> list[Thing]:
    """Things of both pictures, the largest first; then what no visible change touches: areas of one color."""
    paired = [one for one in known if one.before and one.after]
    kept = [
        Thing([mate], [area], scenes.differs.shape)
        for area in scenes.second.drawn[:LARGEST]
        for mate in [one for one in scenes.first.drawn[:LARGEST] if _alike(one, area)][:1]
    ]
    return sorted(paired, key=lambda one: -one.size) + kept


def _alike(one: SeenArea, two: SeenArea) -> bool:
    return color_distance(one.hex, two.hex) < SAME_FILL


def drawn_whole(areas: list[SeenArea], scenes: Scenes) -> Mask:
    """Areas in the whole picture."""
    height, width = scenes.differs.shape
    return drawn_in((slice(0, height), slice(0, width)), areas)


def _is_fill(thing: Thing, leads: list[SeenArea], lines: list[Mask]) -> bool:
    """True for a thing of one color that is no line and no hole."""
    if thing.ground or thing.opening or thing.size < PATCH_PX:
        return False
    return not any(
        lead.shaded or lead.written or (line[lead.part] & lead.mask).any()
        for lead, line in zip(leads, lines, strict=True)
    )


@lru_cache(maxsize=8)
def lines_around(side: SeenIcon) -> list[SeenArea]:
    """The areas of the color of the lines around the fills of a picture, these lines first; none if there are none."""
    for area in side.drawn[:LARGEST]:
        pen = thickness(area.mask)
        long = area.area > LONG * pen**2 and pen < NET_SHARE * max(area.mask.shape)
        if long and surrounds(area, side, SOME):
            alike = [one for one in side.drawn if np.abs(one.color - area.color).max() < SAME_INK]
            return [area, *(one for one in alike if one is not area)]
    return []


def _misprints(fills: list[Mask], lines: list[Mask], pen: float, bare: Mask) -> tuple[Mask, Mask]:
    """Pixels of the candidate where a fill lies beyond its line, and bare ones between them.

    Args:
        fills: Of the reference and the candidate, as `lines`.
        pen: Thickness of the lines.
        bare: Bare canvas of the candidate, if no line is missing there.
    """
    (old, new), reach = fills, round(BESIDE * pen)
    free = [~(fill | line) for fill, line in zip(fills, lines, strict=True)]
    was, now = (fill & widened(one, MEET_PX) for fill, one in zip(fills, free, strict=True))
    fresh = now & ~squared(was, reach) & squared(lines[1], reach)
    out, gap = np.zeros_like(new), np.zeros_like(new)
    if not _stretches(fresh):
        return out, gap
    bare = bare & free[1]
    narrow = bare & ~rounded(~rounded(~bare, pen), pen + 1)
    parts = parts_of(new)
    for edge in _stretches(fresh & widened(narrow, MEET_PX)):
        piece = squared(edge, round(pen)) & narrow
        if _along(piece, lines[1], new, GAP):
            gap |= piece
    for edge in _stretches(fresh & ~widened(gap, MEET_PX)):
        piece = squared(edge, reach) & np.isin(parts, parts[edge]) & ~old
        beside = squared(edge, MEET_PX) & free[1]
        other = 2 * count(beside & bare) < count(beside) and _is_main(parts, edge, old)
        if not other and _along(piece, lines[1], free[1], OUT):
            out |= piece
    return out, gap


def _stretches(edge: Mask) -> list[Mask]:
    """The connected parts of a border that are long enough to be noticed."""
    labels = parts_of(squared(edge, 1))
    long = [
        at_
        for at_, part in enumerate(ndimage.find_objects(labels), 1)
        if max(side.stop - side.start for side in part) >= LONG_PX + 2
    ]
    return [edge & (labels == at_) for at_ in long]


def _along(piece: Mask, line: Mask, other: Mask, least: float) -> bool:
    """True if a piece is deep enough to be noticed and its border with a line has at least this share of
    that with what is on its other side."""
    rim = widened(piece, MEET_PX)
    deep = count(eroded(piece)) >= SPECK_PX / 2
    return deep and count(rim & line) > least * count(rim & other)


def _is_main(parts: NDArray[np.int32], edge: Mask, old: Mask) -> bool:
    """True for a border of the largest part of a fill, or of one that was there: another fill sticks out."""
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    mine = int(np.bincount(parts[edge]).argmax())
    return mine == sizes.argmax() or 2 * count((parts == mine) & old) > sizes[mine]

"""What is said about each thing that changed: category, grade, place and a plain sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from annotators.structural.severity import (
    colour_distance,
    of_area_share,
    of_colour_change,
    of_shift,
)
from annotators.structural.svg.seen.areas import SPECK_PX, Area, Mask, Seen, eroded, widened
from annotators.structural.svg.seen.fits import Fit, agree, bounds, fit, misfit, thickness, unlike
from annotators.structural.svg.seen.names import (
    name_of,
    parts_apart,
    text_of,
    told_apart,
    where,
)
from annotators.structural.svg.seen.order import repainted, uncovered
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import colour_name, percent, place, recolored
from records.rows import Box
from records.taxonomy import SvgCategory

JUST_SEEN_DELTA_E = 2.3
"""CIEDE2000 from which two wide areas of color look different side by side."""
SMALL_DELTA_E = 6.0
"""The same of small areas and thin lines, which are mostly edge."""
WIDE_PX = 500
HOLE_SHARE = 0.02
"""Part of a thing that an opening must take to be spoken of."""
OWN_SHARE = 0.3
"""Share of its common pixels that must change for a thing to be of another color."""
TILT = 5
SEEN_SCALE = 0.03
PIECES = 3
OTHER_FORM = 0.45
"""Misfit, place and size aside, from which hardly anything of an outline is left."""
LEGIBLE = 0.6
"""Misfit of letters from which they cannot be read."""
DRIFT_PX = 8.0
"""Shift of a thing from which its place is worth a word beside its size."""


@dataclass(frozen=True)
class Label:
    """One difference, before labels alike are folded."""

    category: SvgCategory
    severity: int
    name: str
    """Of the thing."""
    spot: str
    """Name and place."""
    words: str
    """What became of it: the end of a sentence about the thing."""
    box: Box
    thing: Thing
    fit: Fit | None = None
    ends: tuple[Box, Box] | None = None
    """Where it was and where it went, if its thing does not tell."""

    def places(self) -> tuple[Box, Box]:
        """Box in the reference and in the candidate."""
        if self.ends is not None:
            return self.ends
        one, two = (
            union([area.box for area in side]) for side in (self.thing.before, self.thing.after)
        )
        return one, two


@dataclass(frozen=True)
class Scenes:
    """Both sides, and where they are seen to differ."""

    first: Seen
    second: Seen
    differs: Mask
    strong: Mask
    """H x W: of those, the pixels that differ strongly."""

    @property
    def pixels(self) -> int:
        return self.differs.size


def labels_of(thing: Thing, known: list[Thing], scenes: Scenes, *, blamed: bool) -> list[Label]:
    """What is to be said of one thing: its color, and its outline where it is to blame for a change."""
    if not thing.before:
        return [_extra(thing, known, scenes)] if blamed else []
    if not thing.after:
        return [_missing(thing, known, scenes)] if blamed else []
    found = _color(thing, scenes)
    if blamed:
        found += _outline(thing, known, scenes)
    return found


def _label(
    thing: Thing,
    area: Area,
    side: Seen,
    category: SvgCategory,
    severity: int,
    words: str,
    fit: Fit | None = None,
) -> Label:
    name = "background" if area.ground and not area.items else name_of(area, side)
    if area.ground and area.box[2] - area.box[0] < 300:
        name = "opening"
    name = told_apart(name, area, side) if thing.before else name
    spot = where(name, area.box, side)
    if name.startswith("text "):
        category = SvgCategory.TEXT_SYMBOL
    return Label(category, severity, name, spot, words, thing.box(), thing, fit)


def union(boxes: list[Box]) -> Box:
    """Smallest box around boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _lead(areas: list[Area]) -> Area:
    return max(areas, key=lambda area: area.area)


def _missing(thing: Thing, known: list[Thing], scenes: Scenes) -> Label:
    area = _lead(thing.before)
    category = SvgCategory.STRUCTURE
    severity: int = of_area_share(area.area / scenes.pixels)
    if _stroke_of_kept(area, scenes):
        category, severity = SvgCategory.STYLE, min(severity, 2)
    elif _part_of_kept(area, scenes):
        category = SvgCategory.SHAPE
    if _whole_symbol(thing, known, scenes):
        category = SvgCategory.TEXT_SYMBOL
    if any(scenes.first.items[item].role == "text" for item in area.items):
        severity = 3
    return _label(thing, area, scenes.first, category, severity, "is missing")


def _whole_symbol(thing: Thing, known: list[Thing], scenes: Scenes) -> bool:
    """True if a thing is part of one sign that is shown by reference, and all of that sign is lost."""
    items = scenes.first.items
    names = {items[at].data.get("symbol") for area in thing.before for at in area.items}
    if len(names) != 1 or None in names:
        return False
    name = names.pop()
    kind = str(name).rpartition("#")[0]
    gone = {at for one in known if not one.after for area in one.before for at in area.items}
    places = {
        items[at].data.get("symbol")
        for at in gone
        if str(items[at].data.get("symbol")).rpartition("#")[0] == kind
    }
    mine = {at for at, item in enumerate(items) if item.data.get("symbol") == name and item.box}
    return len(places) == 1 and mine <= gone


def _stroke_of_kept(area: Area, scenes: Scenes) -> bool:
    """True if the area is the outline of a fill that is still there."""
    items = scenes.first.items
    lines = [items[at] for at in area.items if items[at].style.get("fill") == "none"]
    if len(lines) != len(area.items) or not lines:
        return False
    fills = [
        (at, item) for at, item in enumerate(items) if item.style.get("stroke", "none") == "none"
    ]
    for line in lines:
        outline = line.data.get("outline")
        for at, item in fills:
            if outline and item.data.get("outline") == outline:
                mine = scenes.first.item == at
                if mine.any() and (mine & scenes.differs).sum() < 0.3 * mine.sum():
                    return True
    return False


def _part_of_kept(area: Area, scenes: Scenes) -> bool:
    """True if other parts of the same element are seen unchanged."""
    if len(area.items) != 1:
        return False
    mine = scenes.first.item == area.items[0]
    still = mine & ~scenes.differs
    return bool(still.sum() > max(4 * SPECK_PX, 0.25 * mine.sum()))


def _extra(thing: Thing, known: list[Thing], scenes: Scenes) -> Label:
    area = _lead(thing.after)
    severity = of_area_share(area.area / scenes.pixels)
    category = SvgCategory.STRUCTURE
    words = "is extra"
    if _around_kept(area, scenes):
        category, words = SvgCategory.STYLE, "is a new outline"
        severity = min(severity, 2)
    return _label(thing, area, scenes.second, category, severity, words)


def _around_kept(area: Area, scenes: Scenes) -> bool:
    """True if the area is a line around, or along the edge of, one element of the reference."""
    if thickness(area.mask) > 0.2 * min(area.mask.shape):
        return False
    near = widened(np.pad(area.mask, 3), 2)
    rows, columns = area.part
    frame = (
        slice(max(rows.start - 3, 0), rows.stop + 3),
        slice(max(columns.start - 3, 0), columns.stop + 3),
    )
    top, left = frame[0].start - rows.start + 3, frame[1].start - columns.start + 3
    item = scenes.first.item[frame]
    near = near[top : top + item.shape[0], left : left + item.shape[1]]
    for at in np.unique(item[near]).tolist():
        if at >= len(scenes.first.items):
            continue
        body = scenes.first.item == at
        edge = body & ~eroded(body)
        if edge.sum() > 12 and (edge[frame] & near).sum() > 0.75 * edge.sum():
            return True
    return False


def _color(thing: Thing, scenes: Scenes) -> list[Label]:
    """Another color or shade of what is on both sides."""
    one, two = _lead(thing.before), _lead(thing.after)
    common = int((thing.old & thing.new).sum())
    distance = colour_distance(one.hex, two.hex)
    moved_away = common < 0.5 * min(thing.old.sum(), thing.new.sum())
    share = one.area / scenes.pixels
    if text_of(one, scenes.first) and (one.shaded or two.shaded):
        return []
    if one.shaded or two.shaded:
        strong = int((scenes.strong[thing.part] & thing.old & thing.new).sum())
        if max(3 * strong, thing.own_px) < max(SPECK_PX * 3, 0.3 * common) or moved_away:
            return []
        words = _shade_words(one, two, distance)
    elif distance < (JUST_SEEN_DELTA_E if common > WIDE_PX else SMALL_DELTA_E) or (
        not moved_away and thing.own_px < OWN_SHARE * common
    ):
        return []
    else:
        words = f"is {recolored(one.hex, two.hex)}"
    severity = of_colour_change(one.hex, two.hex, share)
    return [_label(thing, one, scenes.first, SvgCategory.STYLE, severity, words)]


def _shade_words(one: Area, two: Area, distance: float) -> str:
    if one.shaded and not two.shaded:
        return f"has lost its color gradient: it is {colour_name(two.hex)} throughout"
    if two.shaded and not one.shaded:
        return "has a color gradient instead of one color"
    if distance >= 6:
        return (
            f"has other colors in its gradient: it is {recolored(one.hex, two.hex)} in its middle"
        )
    return "is shaded differently: its gradient runs another way"


def _outline(thing: Thing, known: list[Thing], scenes: Scenes) -> list[Label]:
    """Another place, size or outline."""
    lead = _lead(thing.before)
    over = repainted(thing, known, scenes)
    if over is not None:
        rival = name_of(_lead(over.before), scenes.first)
        words = f"is drawn under the {rival} instead of over it"
        grade = of_area_share(thing.moved_px / scenes.pixels)
        return [_label(thing, lead, scenes.first, SvgCategory.STRUCTURE, grade, words)]
    lead_text = text_of(lead, scenes.first)
    under = None if lead_text else uncovered(thing, known, scenes)
    if under is not None:
        rival = name_of(_lead(under.before), scenes.first)
        words = f"is drawn over the {rival} instead of under it"
        grade = of_area_share(thing.moved_px / scenes.pixels)
        return [_label(thing, lead, scenes.first, SvgCategory.STRUCTURE, grade, words)]
    hollow = "" if lead_text else _hollow(thing)
    if hollow:
        grade = min(of_area_share((thing.old ^ thing.new).sum() / scenes.pixels), 2)
        return [_label(thing, lead, scenes.first, SvgCategory.STYLE, grade, hollow)]
    holes = parts_apart(~thing.old), parts_apart(~thing.new)
    dashes = "" if lead_text else _dashes(thing, scenes)
    if dashes:
        return [_label(thing, lead, scenes.first, SvgCategory.STYLE, 2, dashes)]
    found = fit(thing.old, thing.new)
    if lead_text and found.kind not in ("moved", "resized", "rotated", "mirrored"):
        legible = misfit(thing.old, thing.new) < LEGIBLE
        words = "is drawn a little differently" if legible else "is not legible"
        grade = 1 if legible else 3
        return [_label(thing, lead, scenes.first, SvgCategory.TEXT_SYMBOL, grade, words)]
    words = words_of(found, thing, holes, scenes)
    category = SvgCategory.SHAPE
    severity = _severity(found, thing, scenes)
    if found.kind == "thickness":
        category = SvgCategory.STYLE
    elif found.kind == "reshaped" and _at_ends(thing, scenes):
        category, words = SvgCategory.STYLE, _at_ends(thing, scenes)
    label = _label(thing, lead, scenes.first, category, severity, words, found)
    symbol = all(scenes.first.items[item].data.get("symbol") for item in lead.items)
    if symbol and lead.items and found.kind == "moved":
        label = replace(label, category=SvgCategory.TEXT_SYMBOL)
    return [label]


def _hollow(thing: Thing) -> str:
    """Words for a shape of which only the outline is drawn, or an outline that is filled."""
    for solid, ring, words in (
        (thing.old, thing.new, "is hollow: only its outline is drawn"),
        (thing.new, thing.old, "is filled instead of only outlined"),
    ):
        body = _filled(ring)
        opened = body & ~ring
        whole = int(solid.sum())
        if opened.sum() < 0.2 * whole or (opened & ~solid).sum() > 0.05 * whole:
            continue
        grown = round(thickness(ring) / 2) + 1
        if (body & ~widened(solid, grown)).sum() < 0.03 * whole and (
            solid & ~body
        ).sum() < 0.03 * whole:
            return words
    return ""


def _dashes(thing: Thing, scenes: Scenes) -> str:
    """Words for a line that was broken up into dashes, or closed up."""
    count, now = len(thing.before), len(thing.after)
    if abs(count - now) < PIECES - 1 or min(count, now) > 2 or thing.ground:
        return ""
    whole, pieces = (thing.old, thing.after) if now > count else (thing.new, thing.before)
    thick = thickness(whole)
    if whole.sum() < 4 * thick**2 or min(piece.area for piece in pieces) < 0.02 * whole.sum():
        return ""
    kept = (thing.old & thing.new).sum() / min(thing.old.sum(), thing.new.sum())
    if kept < 0.8:
        return ""
    return "is dashed instead of solid" if now > count else "is solid instead of dashed"


def _at_ends(thing: Thing, scenes: Scenes) -> str:
    """Words for a line whose ends or corners alone are cut in another way."""
    lead = _lead(thing.before)
    if len(lead.items) != 1 or scenes.first.items[lead.items[0]].style.get("fill") != "none":
        return ""
    width = float(scenes.first.items[lead.items[0]].style.get("stroke_width") or 0)  # type: ignore[arg-type]
    apart = thing.old ^ thing.new
    labels, count = ndimage.label(widened(apart, 1), np.ones((3, 3)))
    if not count or count > 12:
        return ""
    one, two = bounds(thing.old), bounds(thing.new)
    if max(abs(a - b) for a, b in zip(one, two, strict=True)) > width / 2 + 1.5:
        return ""
    for part in ndimage.find_objects(labels):
        if max(part[0].stop - part[0].start, part[1].stop - part[1].start) > 1.1 * width + 4:
            return ""
    return "has line ends or corners of another cut"


def words_of(found: Fit, thing: Thing, holes: tuple[int, int], scenes: Scenes) -> str:
    """What a viewer sees, as the end of a sentence about the thing."""
    if found.kind == "moved":
        return f"is {move_words(found.across_px, found.down_px) or 'a little off its place'}"
    if found.kind == "thickness":
        ratio = found.thicker
        how = f"{percent(ratio)}".replace("larger", "thicker").replace("smaller", "thinner")
        if 1.7 < ratio < 2.4:
            how = "about twice as thick"
        elif 0.42 < ratio < 0.6:
            how = "about half as thick"
        return f"is drawn with a line {how.replace('as large', 'as thick')}"
    tail = drift_words(found)
    if found.kind == "resized":
        return f"is {percent(found.scale)}{tail}"
    if found.kind == "rotated":
        side = "clockwise" if found.angle > 0 else "counterclockwise"
        size = f", {percent(found.scale)}" if abs(found.scale - 1) > 2 * SEEN_SCALE else ""
        return f"is turned by {abs(found.angle):.0f}° {side}{size}{tail}"
    if found.kind == "mirrored":
        return f"is mirrored{tail}"
    sizes = size_words(found)
    if found.kind == "stretched":
        return f"is {sizes or 'a little out of shape'}{tail}"
    opened = int((_filled(thing.new) & ~thing.new).sum()) - int(
        (_filled(thing.old) & ~thing.old).sum()
    )
    seen = abs(opened) > max(2 * SPECK_PX, HOLE_SHARE * thing.old.sum())
    if holes[1] != holes[0] and seen and agree(_filled(thing.old), _filled(thing.new)):
        return (
            "has an opening filled in"
            if holes[1] < holes[0]
            else "has an opening it should not have"
        )
    if unlike(thing.old, thing.new) > OTHER_FORM:
        return f"has quite another form{tail}"
    piece = _piece_words(thing)
    if sizes:
        return f"has another outline: it is {sizes}{tail}"
    return piece


def drift_words(found: Fit) -> str:
    """Where a thing that changed otherwise also went, as the end of a sentence."""
    parts = []
    if abs(found.across_px) > DRIFT_PX:
        parts.append(f"further {'right' if found.across_px > 0 else 'left'}")
    if abs(found.down_px) > DRIFT_PX:
        parts.append("lower" if found.down_px > 0 else "higher")
    return f" and sits {' and '.join(parts)}" if parts else ""


def _filled(mask: Mask) -> Mask:
    return np.asarray(ndimage.binary_fill_holes(mask))


def size_words(found: Fit) -> str:
    """How width and height changed."""
    parts = []
    for scale, more, less in (
        (found.scale_x, "wider", "narrower"),
        (found.scale_y, "taller", "shorter"),
    ):
        if scale > 1 + SEEN_SCALE:
            parts.append(
                f"{(scale - 1) * 100:.0f} % {more}"
                if scale < 2
                else f"{scale:.1f} times as {'wide' if more == 'wider' else 'tall'}"
            )
        elif scale < 1 - SEEN_SCALE:
            parts.append(f"{(1 - scale) * 100:.0f} % {less}")
    return " and ".join(parts)


def _piece_words(thing: Thing) -> str:
    """Where a piece of a thing is gone or came in."""
    reach = 2 if min(thing.old.shape) > 30 else 1
    lost, gained = thing.old & ~widened(thing.new, reach), thing.new & ~widened(thing.old, reach)
    worse = lost if lost.sum() >= gained.sum() else gained
    if worse.sum() < 2:
        return "has a slightly different edge"
    labels, _ = ndimage.label(worse, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    blob = bounds(labels == 1 + int(sizes.argmax()))
    height, width = thing.old.shape
    spot = place(blob, width, height)
    whole = spot in ("whole picture",)
    at = "all around" if whole else f"at its {spot}" if spot != "center" else "in its middle"
    clear = 0.75 * worse.sum() < sizes.max() and 3 * min(lost.sum(), gained.sum()) < worse.sum()
    if clear and worse is lost:
        return f"lacks a piece {at}"
    if clear:
        return f"has an additional piece {at}"
    return f"has a different outline, most of all {at}" if not whole else "has a different outline"


def move_words(across: float, down: float) -> str:
    """How far to which side; empty where it is less than a pixel."""
    parts = []
    if abs(across) >= 1:
        parts.append(f"{abs(across):.0f} px {'right' if across > 0 else 'left'}")
    if abs(down) >= 1:
        parts.append(f"{abs(down):.0f} px {'down' if down > 0 else 'up'}")
    return f"moved {' and '.join(parts)}" if parts else ""


def _severity(found: Fit, thing: Thing, scenes: Scenes) -> int:
    """By the distance of a move, else by the pixels that changed against the thing and the picture."""
    if found.kind == "moved":
        old = int(thing.old.sum())
        size = max(thing.old.any(axis=1).sum(), thing.old.any(axis=0).sum(), 1)
        uncovered = old * min(1.0, found.distance_px / size)
        return max(
            of_shift(found.distance_px / 475), of_area_share(uncovered / scenes.pixels) - 1, 1
        )
    apart = (thing.old ^ thing.new).sum()
    share = of_area_share(apart / 2 / scenes.pixels)
    strong = apart > 0.8 * thing.old.sum()
    return max(1, min(share, 3 if strong else 2))

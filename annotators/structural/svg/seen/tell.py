"""Makes the labels of changed things: category, severity, place and a plain sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from annotators.structural.colors import color_name
from annotators.structural.severity import (
    color_distance,
    of_area_share,
    of_color_change,
    of_shift,
)
from annotators.structural.svg.masks import count, filled, widened
from annotators.structural.svg.seen.areas import BARE, SPECK_PX, SeenArea, SeenIcon, drawn_in
from annotators.structural.svg.seen.claims import Claim, of_openings, sentence
from annotators.structural.svg.seen.evidence import (
    HARDLY,
    around_kept,
    dash_words,
    end_words,
    fill_of_kept,
    hole_words,
    hollow_words,
    line_around,
    line_filled,
    nearly_in_place,
    part_in_another_color,
    part_of_kept,
    piece_apart,
    soft_edge,
    stroke_of_kept,
    twice,
    was_shaded,
)
from annotators.structural.svg.seen.fits import (
    Fit,
    agree,
    misfit,
    spread,
    unlike,
)
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.names import distinct, line_name, name_of, text_of, where
from annotators.structural.svg.seen.order import repainted, told_apart
from annotators.structural.svg.seen.places import AROUND, DEEPER_PX, OF_OPENING, THICK, parted
from annotators.structural.svg.seen.repaints import vanished
from annotators.structural.svg.seen.sentences import (
    claims_of,
    corner_words,
    limb_words,
    pen_words,
    point_words,
    shade_words,
    words_of,
)
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import recolored
from records.taxonomy import SvgCategory

JUST_SEEN_DELTA_E = 2.3
"""Least CIEDE2000 distance at which two large areas look different side by side."""
DARK_DELTA_E = 5.0
"""The same for areas that look black."""
SMALL_DELTA_E = 6.0
"""The same for small areas and thin lines, which consist mostly of edges."""
WIDE_PX = 500
SHADED_SHARE = 0.15
"""Least share of a shaded thing whose color changes for it to be said."""
OWN_SHARE = 0.3
"""A thing is recolored if at least this share of its common pixels changed."""
SEEN_SHARE = 0.5
"""Least share of a thing that is seen to differ if it is missing or extra, and that what lies on it leaves."""
RESIZED = 0.08
"""A rotated thing is also reported as resized if its size changed by at least this share."""
STYLE = SvgCategory.STYLE
RESHAPED = "reshaped", "resized", "stretched"
LINES = "line", "ring", "frame", "bar"
"""Ends of the names of what is a line."""
LEGIBLE = 0.6
"""Letters with at least this misfit cannot be read."""


def labels_of(thing: Thing, known: list[Thing], scenes: Scenes, *, blamed: bool) -> list[SeenLabel]:
    """The labels of one thing: its color, and its outline if it caused a change."""
    if not thing.before or not thing.after:
        side = scenes.first if thing.before else scenes.second
        gone = thing.old if thing.before else thing.new
        seen = count(gone & scenes.differs[thing.part]) > SEEN_SHARE * count(gone)
        if not (blamed and seen) or soft_edge(_lead(thing.before or thing.after), side):
            return []
        if thing.before:
            return [_missing(thing, scenes)]
        return [_evened(thing, scenes) if was_shaded(thing, scenes) else _extra(thing, scenes)]
    after = _lead(thing.after)
    holed = _is_bare(after) and (after.ground or 2 * count(thing.old & thing.new) > after.area)
    if (holed and not any(map(_is_bare, thing.before))) or vanished(thing, scenes):
        seen = count(thing.old & scenes.differs[thing.part]) > SEEN_SHARE * count(thing.old)
        return [_missing(thing, scenes)] if seen else []
    if blamed and line_filled(thing, scenes):
        words = f"is filled {color_name(after.hex)} instead of only outlined"
        grade = of_area_share(after.area / scenes.pixels)
        lead = _lead(thing.before)
        return [_label(thing, lead, scenes.first, SvgCategory.STYLE, grade, words)]
    found = _color(thing, scenes)
    if blamed:
        found += _outline(thing, known, scenes)
    return found


def _label(
    thing: Thing,
    area: SeenArea,
    side: SeenIcon,
    category: SvgCategory,
    severity: int,
    words: str,
    fit: Fit | None = None,
) -> SeenLabel:
    name = "background" if area.ground and not area.items else name_of(area, side)
    if thing.opening:
        name = "opening"
    name = distinct(name, area, side) if thing.before else name
    spot = where(name, union([one.box for one in thing.before or thing.after]), side)
    if name.startswith("text ") and category is not SvgCategory.STYLE:
        category = SvgCategory.TEXT_SYMBOL
    return SeenLabel(category, severity, name, spot, words, thing.box(), thing, fit)


def _is_bare(area: SeenArea) -> bool:
    """True where the canvas itself is seen."""
    return area.ground or (area.opening and not area.items)


def _lead(areas: list[SeenArea]) -> SeenArea:
    return max(areas, key=lambda area: area.area)


def _missing(thing: Thing, scenes: Scenes) -> SeenLabel:
    area = _lead(thing.before)
    category = SvgCategory.STRUCTURE
    severity: int = of_area_share(area.area / scenes.pixels)
    if stroke_of_kept(area, scenes):
        label = _label(thing, area, scenes.first, SvgCategory.STYLE, min(severity, 2), "is missing")
        name = line_name(area, scenes.first)
        return replace(label, name=name, spot=where(name, label.box, scenes.first))
    if fill_of_kept(area, scenes):
        words = f"has lost its {color_name(area.hex)} fill"
        return _label(thing, area, scenes.first, STYLE, min(severity, 2), words)
    if part_of_kept(area, scenes):
        category = SvgCategory.SHAPE
    if any(scenes.first.items[item].role == "text" for item in area.items):
        severity = 3
    return _label(thing, area, scenes.first, category, severity, "is missing")


def _extra(thing: Thing, scenes: Scenes) -> SeenLabel:
    area = _lead(thing.after)
    severity = of_area_share(area.area / scenes.pixels)
    if whole := part_in_another_color(thing, scenes):
        bare = area.color.min() >= BARE
        category = SvgCategory.SHAPE if bare else STYLE
        words = "is missing" if bare else f"is {recolored(whole.hex, area.hex)}"
        label = _label(thing, whole, scenes.first, category, severity, words)
        name = f"part of the {label.name}"
        return replace(label, name=name, spot=where(name, area.box, scenes.first))
    category = SvgCategory.STRUCTURE
    words = "is extra"
    if line := line_around(area, scenes):
        words = f"is filled {color_name(area.hex)} instead of only outlined"
        return _label(thing, line, scenes.first, STYLE, min(severity, 2), words)
    if around_kept(area, scenes):
        category, words = SvgCategory.STYLE, "is a new outline"
        severity = min(severity, 2)
    return _label(thing, area, scenes.second, category, severity, words)


def _evened(thing: Thing, scenes: Scenes) -> SeenLabel:
    """The label of a thing of one color where a shaded one was."""
    area = _lead(thing.after)
    severity = of_area_share(area.area / scenes.pixels)
    words = f"has lost its color gradient: it is {color_name(area.hex)} throughout"
    return _label(thing, area, scenes.second, SvgCategory.STYLE, severity, words)


def _color(thing: Thing, scenes: Scenes) -> list[SeenLabel]:
    """A label for another color or shade of a thing that is on both sides."""
    one, two = _lead(thing.before), _lead(thing.after)
    common = count(thing.old & thing.new)
    distance = color_distance(one.hex, two.hex)
    moved_away = common < 0.5 * min(count(thing.old), count(thing.new))
    share = one.area / scenes.pixels
    if text_of(one, scenes.first) and (one.shaded or two.shaded):
        return []
    if one.shaded or two.shaded:
        strong = count(scenes.strong[thing.part] & thing.old & thing.new)
        if max(3 * strong, thing.own_px) < max(SPECK_PX * 3, SHADED_SHARE * common) or moved_away:
            return []
        words = shade_words(one, two, distance)
    elif distance < (
        SMALL_DELTA_E if common <= WIDE_PX else DARK_DELTA_E if _dark(thing) else JUST_SEEN_DELTA_E
    ) or (not moved_away and thing.own_px < OWN_SHARE * common):
        return []
    else:
        words = f"is {recolored(one.hex, two.hex)}"
    severity = of_color_change(one.hex, two.hex, share)
    return [_label(thing, one, scenes.first, SvgCategory.STYLE, severity, words)]


def _dark(thing: Thing) -> bool:
    """True for a thing that looks black in both pictures."""
    return all(color_name(_lead(side).hex) == "black" for side in (thing.before, thing.after))


def _outline(thing: Thing, known: list[Thing], scenes: Scenes) -> list[SeenLabel]:
    """Labels for another place, size or outline."""
    lead = _lead(thing.before)
    lead_text = text_of(lead, scenes.first)
    other = repainted(thing, known, scenes)
    if other is not None and not told_apart(thing, other):
        return []  # Only the other one's new color shows it.
    if other is not None:
        words = (
            f"is drawn under the {name_of(_lead(other.before), scenes.first)} instead of over it"
        )
        grade = of_area_share(thing.moved_px / scenes.pixels)
        return [_label(thing, lead, scenes.first, SvgCategory.STRUCTURE, grade, words)]
    if not lead_text and (at_once := _at_once(thing, lead, scenes)):
        return [at_once]
    thing = thing if lead_text else _as_seen(thing, known, scenes)
    found = _change(thing)
    if lead_text and found.kind in ("stretched", "thickness", "reshaped"):
        legible = misfit(thing.old, thing.new) < LEGIBLE
        words = "is drawn a little differently" if legible else "is illegible"
        grade = 1 if legible else 3
        return [_label(thing, lead, scenes.first, SvgCategory.TEXT_SYMBOL, grade, words)]
    if found.kind == "reshaped" and agree(thing.old, thing.new, 0.0):
        found = replace(found, kind="same")  # No pixel differs by more than an anti-aliased edge.
    if found.kind in RESHAPED and _is_stroke(thing, scenes):
        thicker = spread(thing.old, thing.new)
        found = replace(found, kind="thickness", thicker=thicker) if thicker else found
    ends = end_words(thing, scenes) if found.kind in RESHAPED else ""
    if not ends and found.kind in ("moved", "resized", "stretched") and nearly_in_place(thing):
        found = replace(found, kind="reshaped" if piece_apart(thing) else "same")
        corners = _aspects(thing, found, scenes)
        if corners and found.kind == "same":
            return corners
    if hole := hole_words(thing, known):
        severity = min(_severity(found, thing, scenes), 2)
        return [_label(thing, lead, scenes.first, SvgCategory.SHAPE, severity, hole, Fit("aspect"))]
    claims = of_openings(claims_of(found, thing)) if thing.opening else claims_of(found, thing)
    severity = _severity(found, thing, scenes)
    if ends:
        return [_label(thing, lead, scenes.first, SvgCategory.STYLE, severity, ends, Fit("aspect"))]
    words = sentence(claims[0])
    label = _label(thing, lead, scenes.first, SvgCategory.SHAPE, severity, words, found)
    if found.kind == "thickness":
        return [_thicker(label, found, scenes)]
    if found.kind == "reshaped" and (points := point_words(label.name, thing)):
        return [replace(label, words=points, fit=Fit("aspect"))]
    if claims[0][0].spot.startswith(AROUND) and unlike(thing.old, thing.new) < HARDLY:
        return [replace(label, fit=replace(found, kind="same"))]  # Its edge runs beside itself.
    if found.kind in RESHAPED:
        aspects = _aspects(thing, found, scenes)
        if any(one.words in THICK for some in claims for one in some):  # said of one place
            aspects = [one for one in aspects if one.category is not STYLE]
        return [*_beside_aspects(label, claims, aspects, known), *aspects]
    if found.kind in ("rotated", "mirrored") and abs(found.scale - 1) > RESIZED:
        size = replace(found, kind="resized" if found.angle else "stretched", angle=0.0)
        turn = replace(found, across_px=0.0, down_px=0.0, scale_x=1.0, scale_y=1.0)
        return [replace(label, words=words_of(one, thing), fit=one) for one in (turn, size)]
    return [label]


def _at_once(thing: Thing, lead: SeenArea, scenes: Scenes) -> SeenLabel | None:
    """The label of a fill that was taken out or came, of dashes, or of a second copy."""
    share = count(thing.old ^ thing.new) / scenes.pixels
    hollow = hollow_words(thing, scenes)
    dashes = "" if hollow or thing.opening else dash_words(thing)
    if words := hollow or dashes:
        grade = min(of_area_share(share), 2) if hollow else 2
        return _label(thing, lead, scenes.first, STYLE, grade, words)
    if thing.opening or not twice(thing, scenes) or thing.fit.kind not in RESHAPED:
        return None
    category, grade = SvgCategory.STRUCTURE, of_area_share(share)
    return _label(thing, lead, scenes.first, category, grade, "is drawn twice")


def _beside_aspects(
    label: SeenLabel, claims: list[list[Claim]], aspects: list[SeenLabel], known: list[Thing]
) -> list[SeenLabel]:
    """Labels of what is claimed; thinner lines say all of gaps that are wider."""
    if any(one.category is STYLE for one in aspects):
        claims = [[one for one in some if one.words not in OF_OPENING] for some in claims]
    return [one for some in claims if some for one in _claimed(label, some, known)]


def _thicker(label: SeenLabel, found: Fit, scenes: Scenes) -> SeenLabel:
    """The label of a thicker or thinner line, or of a limb that is no line."""
    if label.name.endswith(LINES) or _is_stroke(label.thing, scenes):
        return replace(label, category=SvgCategory.STYLE)
    return replace(label, words=limb_words(found))


def _is_stroke(thing: Thing, scenes: Scenes) -> bool:
    """True if the reference's elements of a thing are lines."""
    items = {item for area in thing.before for item in area.items}
    return bool(items) and all(
        scenes.first.items[item].style.get("fill") == "none" for item in items
    )


def _claimed(label: SeenLabel, claims: list[Claim], known: list[Thing]) -> list[SeenLabel]:
    """A label of what is claimed, without the pieces that others show that are missing or extra."""
    one_sided = [one for one in known if one.moved_px and not (one.before and one.after)]
    areas = [area for one in one_sided for area in (*one.before, *one.after) if not area.ground]
    others = drawn_in(label.thing.part, areas)
    own = [
        one for one in claims
        if one.pixels is None or 2 * count(one.pixels & others) < count(one.pixels)
    ]  # fmt: skip
    if not own:
        return []
    parts = [one.pixels for one in own if one.pixels is not None]
    old, new = label.thing.old, label.thing.new
    changed = (old & ~widened(new, DEEPER_PX)) | (new & ~widened(old, DEEPER_PX))
    told = changed & np.logical_or.reduce(parts) if len(parts) == len(own) else changed
    # A label that tells the main places of a changed outline stands for the others.
    parts += [changed] if 2 * count(told) < count(changed) else []
    box = label.box if len(parts) < len(own) else union([label.thing.box_of(one) for one in parts])
    return [replace(label, words=sentence(own), box=box, claims=tuple(own))]


def _change(thing: Thing) -> Fit:
    """The change of a thing's outline; one that a thin gap parts, or parted, is not the same."""
    found = thing.fit
    torn = found.kind == "same" and parted(thing.old, thing.new)
    return replace(found, kind="reshaped") if torn else found


def _as_seen(thing: Thing, known: list[Thing], scenes: Scenes) -> Thing:
    """A thing with what lies on it; no edge is seen where a shade becomes that of its neighbor."""
    thing = _with_what_lies_on(thing, known)
    shaded = any(area.shaded for area in (*thing.before, *thing.after))
    if shaded and thing.fit.kind in ("reshaped", "rotated", "mirrored"):
        thing = replace(thing)
        thing.new = np.where(widened(scenes.differs, 2)[thing.part], thing.new, thing.old)
    return thing


def _with_what_lies_on(thing: Thing, known: list[Thing]) -> Thing:
    """A thing with what lies on it, in either picture, and changed as well: that is no hole in it."""
    inner = filled(thing.old) & filled(thing.new)
    others = [one for one in known if one.moved_px and one is not thing]
    areas = [area for one in others for area in (*one.before, *one.after) if not _is_bare(area)]
    inner &= drawn_in(thing.part, areas)
    if not 0 < count(inner) < SEEN_SHARE * min(count(thing.old), count(thing.new)):
        return thing  # A line is around it.
    whole = replace(thing)
    whole.old, whole.new = thing.old | inner, thing.new | inner
    return whole


def _aspects(thing: Thing, found: Fit, scenes: Scenes) -> list[SeenLabel]:
    """What is said of a redrawn outline beside its form: its corners, and the thickness of its lines."""
    if thing.opening or any(area.written for area in (*thing.before, *thing.after)):
        return []
    said = (
        (SvgCategory.SHAPE, corner_words(thing, scenes)),
        (SvgCategory.STYLE, pen_words(thing.old, thing.new) if found.kind == "reshaped" else ""),
    )
    return [
        _label(thing, _lead(thing.before), scenes.first, category, 1, words, Fit("aspect"))
        for category, words in said
        if words
    ]


def _severity(found: Fit, thing: Thing, scenes: Scenes) -> int:
    """Severity by the distance of a move, else by the changed pixels relative to the thing and the
    picture."""
    if found.kind == "moved":
        old = count(thing.old)
        size = max(thing.old.any(axis=1).sum(), thing.old.any(axis=0).sum(), 1)
        uncovered = old * min(1.0, found.distance_px / size)
        return max(
            of_shift(found.distance_px / 475), of_area_share(uncovered / scenes.pixels) - 1, 1
        )
    apart = count(thing.old ^ thing.new)
    share = of_area_share(apart / 2 / scenes.pixels)
    strong = apart > 0.8 * count(thing.old)
    return max(1, min(share, 3 if strong else 2))

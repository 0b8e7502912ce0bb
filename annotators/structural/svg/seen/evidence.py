"""Evidence that distinguishes kinds of change that affect the same pixels."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from annotators.structural.svg.masks import (
    Mask,
    around,
    bounds,
    count,
    eroded,
    filled,
    parts_of,
    sharp_of,
    widened,
)
from annotators.structural.svg.outlines import covered
from annotators.structural.svg.seen.areas import SPECK_PX, SeenArea, SeenIcon, drawn_in, framed
from annotators.structural.svg.seen.fits import (
    EVEN_LINE,
    MISFIT,
    agree,
    apart,
    cut,
    resized,
    thickness,
    unlike,
    widths,
)
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.lines import like
from annotators.structural.svg.seen.sentences import ONE_CORNER
from annotators.structural.svg.seen.things import Thing
from annotators.structural.visibility import PATCH_PX

PIECES = 3
EVEN_DASHES = 3.0
"""Largest ratio of the longest dash to the typical one."""
COLORS_AROUND = 2
"""Colors around a thing that may be seen through it, such as sky and sea."""
COPY_ASIDE, MOSTLY_NEW = 0.1, 0.9
"""Least distance of a copy from the original, in its sides, and least share of it that was not there before."""
THIN_PX = 4.0
"""Radius of line ends up to which round and square ones differ by too few pixels to be counted."""
FILLED = 1.2
"""Least ratio of what a line encloses to the line."""
ABOUT = 0.1
"""Largest share of its pixels by which a filled line may be off."""
SOFT_PX = 2.0
"""Largest width of an edge that a renderer or a tracer softened."""
STRIP_PX = 3.0
"""Largest width of a short strip between two things that looks like the edge of one of them."""
SLIVER_PX, SAME_INK = 60, 12
"""Largest sliver of a thing's edge, and channel difference (0-255) up to which it has its color."""
EDGE_STEP = 40
"""Least channel difference (0-255) of the two sides of an edge."""
NOTICED_PX = 3.0
"""Pixels of 336 by which an edge must move to be noticed, and share of the thing's shorter side."""
NOTICED_SHARE = 0.15
NOTICED_SCALE = 0.05
"""Change of size, both across and down, that is noticed if both sides changed by the same pixels."""
ONE_WAY_PX, ONE_WAY = 5.0, 0.08
"""The same of one side alone, of which both edges moved."""
PIECE = 0.03
"""Least share of a small thing that a piece must take to be noticed where its edges hardly moved."""
HARDLY, OPENING, MOSTLY = 0.1, 0.05, 0.8
"""Misfit, place and size aside, up to which no other form is seen, least part of a thing that an opening in it has, and
least part of it that is drawn over if it is filled."""
PART_OF, BESIDE = 0.85, 0.4
"""Least share of a thing that is a part of another one, and largest share of what is beside it that is the same one."""
OFF_MIX = 24
"""Largest channel difference (0-255) of a soft edge from a mixture of its sides."""


def stroke_of_kept(area: SeenArea, scenes: Scenes) -> bool:
    """True if the area is the outline of a fill that is still drawn."""
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
                if mine.any() and count(mine & scenes.differs) < 0.3 * count(mine):
                    return True
    return False


def fill_of_kept(area: SeenArea, scenes: Scenes) -> bool:
    """True if the area is the fill of a line that is still drawn around it."""
    items = scenes.first.items
    if len(area.items) != 1 or items[area.items[0]].style.get("fill") == "none":
        return False
    outline = items[area.items[0]].data.get("outline")
    for at, item in enumerate(items):
        if outline and item.style.get("fill") == "none" and item.data.get("outline") == outline:
            mine = scenes.first.item == at
            if count(mine) > SPECK_PX and count(mine & scenes.differs) < 0.3 * count(mine):
                return True
    return False


def twice(thing: Thing, scenes: Scenes) -> bool:
    """True if a thing and a copy of it that lies beside it, or partly on it, have run together."""
    old, new = filled(thing.old), filled(thing.new)
    gained = new & ~old
    seen = count(gained & scenes.differs[thing.part]) > MOSTLY_NEW * count(gained)
    if not seen or count(old & ~widened(new, 1)) > MISFIT * count(old):
        return False
    one, two = bounds(old), bounds(new)
    ends = [[int(two[at_] - one[at_]) for at_ in side] for side in ((0, 2), (1, 3))]
    across, down = (max(edges, key=abs) for edges in ends)
    if max(abs(across), abs(down)) < COPY_ASIDE * max(old.shape):
        return False
    copies = old | np.roll(old, (down, across), (0, 1))
    return agree(copies, new) and not agree(
        resized(cut(old, one), cut(new, two).shape), cut(new, two)
    )


def part_of_kept(area: SeenArea, scenes: Scenes) -> bool:
    """True if other parts of the same element are seen unchanged."""
    if len(area.items) != 1:
        return False
    mine = scenes.first.item == area.items[0]
    still = mine & ~scenes.differs
    return count(still) > max(4 * SPECK_PX, 0.25 * count(mine))


def around_kept(area: SeenArea, scenes: Scenes) -> bool:
    """True if the area is a line along the edge of one element of the reference, all around which
    there are new lines of its color."""
    thick = thickness(area.mask)
    if thick > 0.25 * min(area.mask.shape):
        return False
    part, mask = framed(area, scenes.second)
    near = widened(scenes.differs & like(scenes.second.rgb, area.color), 2)
    for at in np.unique(scenes.first.item[part][widened(mask, 2)]).tolist():
        if at >= len(scenes.first.items):
            continue
        body = scenes.first.item == at
        edge = body & ~eroded(body)
        if count(edge) > 12 and count(edge & near) > 0.75 * count(edge):
            along = widened(edge, round(thick) + 2)[part]
            if count(mask & along) > 0.75 * area.area:
                return True
    return False


def soft_edge(area: SeenArea, side: SeenIcon) -> bool:
    """True if an area is not wider than a soft edge and has a color between those at its sides, or is
    a short strip between two colors."""
    if min(area.mask.shape) == 1:
        return True
    part, mask = framed(area, side)
    beside = side.rgb[part][widened(mask, 2) & ~widened(mask, 1)].astype(float)
    if area.area < SLIVER_PX and np.abs(beside - area.color).max(axis=1).min() < SAME_INK:
        return True  # A thing's own edge, cut off by another one.
    typical, greatest = widths(area.mask)
    strip = typical <= STRIP_PX and area.area < 2 * SLIVER_PX
    if (typical > SOFT_PX and not strip) or greatest > 4 * SOFT_PX:
        return False
    beside = beside[np.argsort(beside.sum(axis=1))]
    quarter = len(beside) // 4 + 1
    dark, light = np.median(beside[:quarter], axis=0), np.median(beside[-quarter:], axis=0)
    step = light - dark
    if np.abs(step).max() < EDGE_STEP:
        return False
    if strip:
        return True
    share = np.clip((area.color - dark) @ step / (step @ step), 0, 1)
    return bool(np.abs(area.color - dark - share * step).max() < OFF_MIX)


def hollow_words(thing: Thing, scenes: Scenes) -> str:
    """Words for a shape of which only the outline is drawn, or an outline that is filled."""
    one, two = scenes.first, scenes.second
    for solid, ring, side, other, words in (
        (thing.old, thing.new, one, two, "is hollow: only its outline is drawn"),
        (thing.new, thing.old, two, one, "is filled instead of only outlined"),
    ):
        whole = count(solid)
        body = filled(ring)
        opened = body & ~ring
        filling = opened & solid
        bare = ~solid & side.bare[thing.part]  # Others may lie on the fill.
        if count(filling) < 0.2 * whole or count(opened & bare) > 0.05 * whole:
            continue
        areas = thing.after if other is two else thing.before
        empty = other.bare[thing.part] | _as_around(areas, other)[thing.part]
        if count(filling & empty) < max(
            0.5 * min(count(opened), count(filling)), 0.7 * count(opened & empty)
        ):
            continue
        grown = round(thickness(ring) / 2) + 1
        off = body & bare & ~widened(solid, grown), solid & ~body
        if max(map(count, off)) < 0.03 * whole:
            return words
    return ""


def _as_around(areas: list[SeenArea], side: SeenIcon) -> Mask:
    """H x W: pixels of the colors that most of what lies around the largest of some areas has."""
    part, mask = framed(max(areas, key=lambda area: area.area), side)
    body = filled(mask)
    beside = side.rgb[part][widened(body, 3) & ~widened(body, 1)]
    found = np.zeros(side.root.shape, bool)
    _, which, sizes = np.unique(beside // 32, axis=0, return_inverse=True, return_counts=True)
    for at in np.argsort(-sizes)[:COLORS_AROUND]:
        found |= like(side.rgb, np.median(beside[which.ravel() == at], axis=0))
    return found


def hole_words(thing: Thing, known: list[Thing]) -> str:
    """Words for an opening of a thing of one place and size that it has in one picture only."""
    if thing.opening or thing.ground or thing.fit.greatly or unlike(thing.old, thing.new) > HARDLY:
        return ""
    for one in known:
        if one.opening and one.size >= OPENING * thing.size and bool(one.before) != bool(one.after):
            hole = drawn_in(thing.part, one.before or one.after)
            holed, whole = (thing.old, thing.new) if one.before else (thing.new, thing.old)
            if count(hole & whole & filled(holed)) > MOSTLY * one.size:
                closed = "has an opening filled in", "has an opening it should not have"
                return closed[not one.before]
    return ""


def nearly_in_place(thing: Thing) -> bool:
    """True if no edge of a thing moved by what is noticed without a ruler."""
    one, two = bounds(thing.old), bounds(thing.new)
    least = min(two[2] - two[0], two[3] - two[1], one[2] - one[0], one[3] - one[1])
    grown = [abs(two[at_ + 2] - two[at_] - one[at_ + 2] + one[at_]) for at_ in (0, 1)]
    if min(grown) > NOTICED_PX and abs(thing.fit.scale - 1) > NOTICED_SCALE:
        return False
    sides = two[2] - two[0], two[3] - two[1]
    if any(more > max(ONE_WAY_PX, ONE_WAY * side) for more, side in zip(grown, sides, strict=True)):
        return False
    return max(abs(a - b) for a, b in zip(one, two, strict=True)) <= min(
        NOTICED_PX, NOTICED_SHARE * least
    )


def piece_apart(thing: Thing) -> bool:
    """True if a noticed piece of a thing's silhouette, more than its rim, is on one side only."""
    lost, gained = apart(filled(thing.old), filled(thing.new))
    labels = parts_of(lost | gained)
    least = min(PATCH_PX, PIECE * thing.size)
    return bool(np.bincount(labels.ravel())[1:].max(initial=0) > max(least, 2 * SPECK_PX))


def dash_words(thing: Thing) -> str:
    """Words for a line that became dashed, or solid."""
    was, now = len(thing.before), len(thing.after)
    if abs(was - now) < PIECES - 1 or min(was, now) > 1 or thing.ground or _written(thing):
        return ""
    whole, pieces = (thing.old, thing.after) if now > was else (thing.new, thing.before)
    sizes = sorted(piece.area for piece in pieces)
    if sizes[-1] > EVEN_DASHES * sizes[(len(sizes) - 1) // 2]:
        return ""
    thick, most = widths(whole)
    uneven = most > EVEN_LINE * thick + 2
    if uneven or count(whole) < 4 * thick**2 or 2 * sizes[0] < thick**2:
        return ""
    kept = count(thing.old & thing.new) / min(count(thing.old), count(thing.new))
    if kept < 0.8:
        return ""
    return "is dashed instead of solid" if now > was else "is solid instead of dashed"


def _written(thing: Thing) -> bool:
    return any(area.written for area in (*thing.before, *thing.after))


def end_words(thing: Thing, scenes: Scenes) -> str:
    """Words for a line of which only the ends or corners changed."""
    lead = max(thing.before, key=lambda area: area.area)
    if len(lead.items) != 1 or scenes.first.items[lead.items[0]].style.get("fill") != "none":
        return ""
    width = float(scenes.first.items[lead.items[0]].style.get("stroke_width") or 0)  # type: ignore[arg-type]
    lost, gained = apart(thing.old, thing.new)
    labels, number = ndimage.label(widened(lost | gained, 1), np.ones((3, 3)))
    if not 0 < number <= 12:
        return ""
    one, two = bounds(thing.old), bounds(thing.new)
    if max(abs(a - b) for a, b in zip(one, two, strict=True)) > width / 2 + 1.5:
        return ""
    reach = 0.35 * width
    corners = [count(sharp_of(mask, reach)) for mask in (thing.old, thing.new)]
    if reach > THIN_PX and abs(corners[0] - corners[1]) < ONE_CORNER * reach**2:
        return ""
    butt = scenes.first.items[lead.items[0]].style.get("cap") == "butt"
    if reach <= THIN_PX and butt != (count(gained) > count(lost)):
        return ""
    for part in ndimage.find_objects(labels):
        if max(part[0].stop - part[0].start, part[1].stop - part[1].start) > 1.1 * width + 4:
            return ""
    return "has line ends or corners of another cut"


def part_in_another_color(thing: Thing, scenes: Scenes) -> SeenArea | None:
    """The reference's area that a thing is a part of in another color; what only lies on it is seen around it."""
    part, mask = framed(max(thing.after, key=lambda area: area.area), scenes.second)
    roots = scenes.first.root
    lead = int(np.bincount(roots[part][mask]).argmax())
    here = roots[part] == lead
    beside = widened(mask, 2) & ~mask
    if lead == scenes.first.ground or count(mask & here) < PART_OF * count(mask):
        return None
    if count(beside & here) > BESIDE * count(beside):
        return None
    whole = roots == lead
    rest = around(whole)
    area = scenes.first.area_of(rest, whole[rest])
    return None if area.shaded or area.ground else area


def was_shaded(thing: Thing, scenes: Scenes) -> bool:
    """True if a thing of one color lies where a shaded element was, and little of that is shaded now."""
    first, items = scenes.first, scenes.first.item[thing.part][thing.new]
    lead = int(np.bincount(items).argmax())
    mine = items == lead
    if (
        max(thing.after, key=lambda area: area.area).shaded
        or not first.shaded[lead]
        or 2 * count(mine) < len(items)
    ):
        return False
    now = scenes.second.item[first.item == lead]
    return 2 * count(scenes.second.shaded[now]) < len(now)


def line_filled(thing: Thing, scenes: Scenes) -> bool:
    """True if what a line encloses, its ends joined, is filled."""
    items = {item for area in thing.before for item in area.items}
    if len(items) != 1:
        return False
    line = scenes.first.items[items.pop()]
    if line.style.get("fill") != "none" or count(thing.new) < FILLED * count(thing.old):
        return False
    area = line.having(style={**line.style, "fill": "black"})
    body = covered(area, thing.new.shape, thing.corner)
    return any(body.any() and agree(thing.new, one, ABOUT) for one in (body, body | thing.old))


def line_around(area: SeenArea, scenes: Scenes) -> SeenArea | None:
    """The line of the reference, still drawn, of which the area fills what it encloses, its ends joined."""
    part, mask = framed(area, scenes.second)
    corner = part[1].start, part[0].start
    for at, item in enumerate(scenes.first.items):
        if item.style.get("fill") != "none":
            continue
        mine = scenes.first.item == at
        if not (mine[part] & widened(mask, 2)).any():
            continue
        body = covered(item.having(style={**item.style, "fill": "black"}), mask.shape, corner)
        body = body & ~mine[part]
        if (
            body.any()
            and agree(mask, body, ABOUT)
            and 2 * count(mine & scenes.differs) < count(mine)
        ):
            box = around(mine)
            return scenes.first.area_of(box, mine[box])
    return None


def with_filled_lines(known: list[Thing], scenes: Scenes) -> list[Thing]:
    """The same things; a line that is missing and the area that it encloses are one."""
    lines = [thing for thing in known if not thing.after]
    for area in [thing for thing in known if not thing.before]:
        for line in lines:
            whole = Thing(line.before, area.after, area.shape, line.moved_px + area.moved_px)
            if line in known and line_filled(whole, scenes):
                known = [one for one in known if one not in (line, area)] + [whole]
                break
    return known

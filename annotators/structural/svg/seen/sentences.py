"""Describes changed outlines, as the end of a sentence about the thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import ndimage

from annotators.structural.colors import color_name
from annotators.structural.svg.masks import (
    Mask,
    bounds,
    count,
    eroded,
    filled,
    packed,
    parts_of,
    sharp_of,
)
from annotators.structural.svg.seen.areas import SeenArea
from annotators.structural.svg.seen.claims import (
    BOTH,
    Claim,
    Outlined,
    by_place,
    plain,
    proven,
    sentence,
)
from annotators.structural.svg.seen.fits import (
    EVEN_LINE,
    Fit,
    agree,
    cut,
    misfit,
    resized,
    ridge_of,
    thickness,
    unlike,
    widths,
)
from annotators.structural.svg.seen.labels import Scenes, stands_free
from annotators.structural.svg.seen.places import ANOTHER, VAGUE, parted
from annotators.structural.svg.seen.sizes import (
    SEEN_SCALE,
    course_words,
    drift_words,
    length_of,
    size_words,
)
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import move_words, percent, place, recolored, thicker, turned

SAME_BODY = 0.12
"""Misfit, place and size aside, up to which a thing with another opening is the same for the rest."""
FRAME = 2.0
"""Ratio of what a line encloses to the line from which its silhouette is looked at, too."""
LINE = 0.14
"""Thickness of the lines of a net, which part and join without being noticed, as a share of its box."""
RAGGED = 1.12
"""Ratio of the lengths of two outlines from which one looks more ragged."""
OTHER_FORM = 0.45
"""Misfit, place and size aside, from which hardly anything of an outline is left."""
LARGE_PX = 60
"""Longer side of a thing from which its edge is looked at."""
LEANS = 0.08
CUT_PX = 10
"""A thing is cut off if it touches the edge of the picture with at least this many pixels."""
PROPORTIONS = 0.1
"""Misfit of an even growth from which the proportions of a thing that is cut off are others."""
BALANCED, LOPSIDED, BALANCED_PX = 0.04, 0.12, 24
"""Misfit with its mirror image up to which an outline is symmetric, from which it is not, and least side of it."""
CORNER_PX = 7.0
"""Largest radius that a rounded corner is asked for."""
ONE_CORNER = 0.2
"""Pixels of a right-angled corner that a disk does not reach, in squares of its radius."""
LEAST_REACH = 4.0
"""Radius below which a square corner and an acute one cannot be told from round ones."""
CORNERS, SLANTED = 2.0, 1.4
"""Right angles' pixels that corners of another kind must have to be worth a word: where both pictures
have some, and where one has none. Turned by 45 degrees, a right angle has less than half of them."""
ONE_MORE = 1.5
"""The most that one other corner has."""
ROUND = 0.3
"""Share of the sharp corners that rounded ones may keep; acute and right-angled ones differ by less."""
MUCH_THE_SAME = 0.08
"""Misfit, place and size aside, up to which one other corner is noticed."""
SHARP, BLUNT = 0.35, 0.2
"""Pixels that a disk does not reach, in those of a right angle: at least so many in a sharp corner, at
most so many in a round one."""
EVEN = 1.7
"""Greatest thickness of lines of one thickness, in typical ones."""
MUCH_THICKER, MOST_OF_IT = 1.4, 0.85
"""Ratio to its typical thickness of a place that is thicker, and least share of a line that is not."""
VARIED = 2.4
"""The same from which lines swell and taper."""
NO_LINE = 3.5
"""The same from which a thing has no typical line: a star, a sun."""
BOLD = 1.25
"""Ratio of thicknesses of even lines that is seen beside another form."""
OTHER_POINTS, SLIMMER, SLIM_POINTS = 0.06, 1.06, 0.025
"""Misfit from which a star has other points, ratio of sizes from which these are slimmer or wider, and misfit from
which this is seen."""


def words_of(found: Fit, thing: Outlined) -> str:
    """What a viewer sees of a change that is no other outline, as the end of a sentence about the thing."""
    if found.kind == "same":
        return "is the same"
    if found.kind == "moved":
        return f"is {move_words(found.across_px, found.down_px) or 'a little off its place'}"
    if found.kind == "thickness":
        return f"is drawn with a line {thicker(found.thicker)}"
    tail = drift_words(found)
    if found.kind == "resized":
        if abs(found.scale - 1) < SEEN_SCALE:
            return sentence(plain(thing.old, thing.new, found, "", ""))
        return f"is {course_words(found, thing) or percent(found.scale)}{tail}"
    if found.kind == "rotated":
        if abs(found.angle) > 175 and misfit(thing.old, thing.old[::-1]) < MUCH_THE_SAME:
            return f"is mirrored{tail}"
        size = f", {percent(found.scale)}" if abs(found.scale - 1) > 2 * SEEN_SCALE else ""
        return f"is {turned(found.angle)}{size}{tail}"
    if found.kind == "mirrored":
        lean = _lean(thing.old), _lean(thing.new)
        if min(lean) < -LEANS and max(lean) > LEANS:
            return f"leans the other way{tail}"
        return f"is mirrored{tail}"
    return f"is {size_words(found, length_of(thing.old)) or 'a little out of shape'}{tail}"


def claims_of(found: Fit, thing: Outlined) -> list[list[Claim]]:
    """What a viewer sees of a thing; of another outline what explains it, else what is plainly true; a sentence each."""
    if found.kind != "reshaped":
        return [[Claim(words_of(found, thing))]]
    edge, tail = cut_off(thing), drift_words(found)
    sizes = _sizes(found, length_of(thing.old))
    if edge:
        claims = [[Claim(f"is cut off at the {edge} edge of the picture{tail}")]]
        if other_proportions(thing):
            claims.append([Claim(_longer(found, edge))])
        return claims
    if course := course_words(found, thing):
        return [[Claim(f"is {course}{tail}")]]
    said = _of_outline(thing.old, thing.new, found, sizes, tail)
    line = thickness(thing.old) < LINE * max(thing.old.shape)
    if not line and (gap := parted(thing.old, thing.new)):
        return [
            [
                Claim(*gap),
                *(one for one in said if one.words not in (VAGUE, ANOTHER) and one.spot != gap[1]),
            ]
        ]
    vague = said[0].words.startswith((VAGUE, ANOTHER))
    bodies = filled(thing.old), filled(thing.new)
    if (
        vague
        and not agree(*bodies, 0.0)
        and all(
            count(body) > FRAME * count(line)
            for body, line in zip(bodies, (thing.old, thing.new), strict=True)
        )
    ):
        of_body = _of_outline(*bodies, found, sizes, tail)
        if not of_body[0].words.startswith((VAGUE, ANOTHER)):
            return [of_body]
    alike = not found.greatly and unlike(thing.old, thing.new) < OTHER_FORM
    if vague and alike and (words := _edge_words(thing.old, thing.new)):
        return [[Claim(f"{words}{tail}")]]
    if (vague or len(said) > 1) and (balance := _balance_words(thing.old, thing.new)):
        return [[Claim(f"{balance}{tail}")]]
    vague = said[0].words == VAGUE
    return [(by_place(thing.old, thing.new) if vague else []) or said]


def _of_outline(old: Mask, new: Mask, found: Fit, sizes: dict[str, str], tail: str) -> list[Claim]:
    """What explains another outline, else what is plainly true of it."""
    return proven(old, new, sizes, tail) or plain(old, new, found, sizes.get(BOTH, ""), tail)


def _sizes(found: Fit, length: str) -> dict[str, str]:
    """Words for another size, by the axes that they are about: both, or each alone."""
    sides = {
        BOTH: found,
        "x": replace(found, scale_y=1.0),
        "y": replace(found, scale_x=1.0),
    }
    words = {axes: size_words(one, length) for axes, one in sides.items()}
    alone = "" in words.values()
    return {axes: said for axes, said in words.items() if said and (axes == BOTH or not alone)}


def _edge_words(old: Mask, new: Mask) -> str:
    """Words for an outline with more or fewer bends than before, in about the same place."""
    was, now = (count(mask & ~eroded(mask)) for mask in (old, new))
    if max(old.shape) < LARGE_PX or 1 / RAGGED < now / was < RAGGED:
        return ""
    return f"has a {'more ragged' if now > was else 'smoother'} outline"


def _balance_words(old: Mask, new: Mask) -> str:
    """Words for an outline that became its own mirror image, left and right, or no longer is."""
    was, now = (_lopsided(cut(mask, bounds(mask))) for mask in (old, new))
    if min(old.shape) < BALANCED_PX or not min(was, now) < BALANCED < LOPSIDED < max(was, now):
        return ""
    return f"is {'lopsided instead of symmetric' if now > was else 'symmetric instead of lopsided'}"


def _lopsided(mask: Mask) -> float:
    return misfit(mask, mask[:, ::-1])


def _longer(found: Fit, edge: str) -> str:
    """Words for a thing that is cut off at an edge and, as far as it is seen, taller or wider beyond it."""
    across, down = found.scale_x, found.scale_y
    if edge in ("left", "right"):
        return "is wider for its height" if across > down else "has other proportions"
    return "is taller for its width" if down > across else "has other proportions"


def _lean(mask: Mask) -> float:
    """Correlation of x and y of a mask's pixels: how far it leans to one side."""
    rows, columns = np.nonzero(mask)
    return float(np.corrcoef(rows, columns)[0, 1]) if np.ptp(rows) and np.ptp(columns) else 0.0


def cut_off(thing: Outlined) -> str:
    """The edge of the picture at which only the candidate's thing is cut off; else empty."""
    return next(_cutting_edges(thing), "")


def _cutting_edges(thing: Outlined) -> Iterator[str]:
    height, width = thing.shape
    rows, columns = thing.part
    for name, at_edge, line in (
        ("bottom", rows.stop == height, np.s_[-1, :]),
        ("top", rows.start == 0, np.s_[0, :]),
        ("right", columns.stop == width, np.s_[:, -1]),
        ("left", columns.start == 0, np.s_[:, 0]),
    ):
        least = max(
            CUT_PX, 1.5 * thing.new[line].size ** 0.5
        )  # Where a round thing ends, it runs along the edge.
        if at_edge and count(thing.new[line]) > least + 2 * count(thing.old[line]):
            yield name


def other_proportions(thing: Outlined) -> bool:
    """True if what is left of a thing that was cut off is not what an even growth would leave of it,
    and still has much of its form; False if it is cut off both across and down."""
    edges = list(_cutting_edges(thing))
    across = edges[0] in ("left", "right")
    if any((edge in ("left", "right")) != across for edge in edges):
        return False
    old, new = (filled(cut(mask, bounds(mask))) for mask in (thing.old, thing.new))
    lines, side = (old.T, new.T) if across else (old, new)
    left = max(round(len(side) * lines.shape[1] / side.shape[1]), 1)
    lines = lines[:left] if edges[0] in ("bottom", "right") else lines[-left:]
    return PROPORTIONS < misfit(resized(lines, side.shape), side) <= OTHER_FORM


def corner_words(thing: Thing, scenes: Scenes) -> str:
    """Words for corners or ends that are sharp in one picture and round in the other."""
    widest = 0.35 * min(thickness(thing.old), thickness(thing.new))
    reach = min(CORNER_PX, widest)
    if reach < LEAST_REACH or cut_off(thing) or not stands_free(thing, scenes):
        return ""
    if unlike(thing.old, thing.new) > OTHER_FORM:
        return ""
    ends = 8 * thickness(thing.old) < max(thing.old.shape)
    what, sharp = ("end", "square") if ends else ("corner", "sharp")
    apart_, more, clear = _more_corners(thing, reach)
    if clear:
        after, before = (sharp, "rounded") if more else ("rounded", sharp)
        return f"has {after} {what}s instead of {before} ones"
    if not ends and unlike(thing.old, thing.new) < MUCH_THE_SAME:
        for wide in (2 * reach, 4 * reach):
            _, more, clear = _more_corners(thing, wide)
            if wide <= widest and clear:
                return f"has {'sharper' if more else 'rounder'} corners"
    spot, gained = _one_corner(thing, reach) if apart_ <= ONE_MORE else ("", False)
    if gained != more:
        return ""
    after, before = (sharp, "rounded") if gained else ("rounded", sharp)
    return spot and f"has a {after} {what} {spot} instead of a {before} one"


def _more_corners(thing: Thing, reach: float) -> tuple[float, bool, bool]:
    """By how many right angles the corners differ that a disk inside a thing cannot reach; True if it has more of
    them now; True if this is another kind of corners."""
    was, now = (count(sharp_of(mask, reach)) for mask in (thing.old, thing.new))
    apart_ = abs(now - was) / (ONE_CORNER * reach**2)
    few, many = sorted((was, now))
    clear = apart_ >= (CORNERS if few else SLANTED) and few <= ROUND * many
    return apart_, now > was, clear


def _one_corner(thing: Thing, reach: float) -> tuple[str, bool]:
    """Where a thing that is much the same has another corner, and whether this is the sharp one."""
    new = cut(thing.new, bounds(thing.new))
    old = resized(cut(thing.old, bounds(thing.old)), new.shape)
    if np.array_equal(old, new) or misfit(old, new) > MUCH_THE_SAME:
        return "", False
    was, now = (_corners(mask, reach) for mask in (old, new))
    lost, gained = (
        [spot for spot, size in mine if size > SHARP and not _near(spot, other, 2 * reach)]
        for mine, other in ((was, now), (now, was))
    )
    if len(lost) + len(gained) != 1:
        return "", False
    ((y, x),), (height, width) = lost or gained, new.shape
    spot = place((x, y, x, y), width, height)
    return "" if spot == "center" else f"at its {spot}", bool(gained)


def _corners(mask: Mask, reach: float) -> list[tuple[tuple[float, float], float]]:
    """Row and column of all that a disk inside a mask cannot reach, with its size in right angles."""
    sharp = parts_of(sharp_of(mask, reach))
    sizes = np.bincount(sharp.ravel())[1:] / (ONE_CORNER * reach**2)
    spots = ndimage.center_of_mass(sharp > 0, sharp, range(1, len(sizes) + 1))
    return [(spot, size) for spot, size in zip(spots, sizes.tolist(), strict=True) if size > BLUNT]


def _near(
    spot: tuple[float, float], others: list[tuple[tuple[float, float], float]], reach: float
) -> bool:
    return any(np.hypot(spot[0] - y, spot[1] - x) < reach for (y, x), _ in others)


def point_words(name: str, thing: Outlined) -> str:
    """Words for the points or rays of a star or sun of another form; else empty."""
    what = {"sun": "rays", "star": "points"}.get(name.split()[-1], "")
    old, new = (cut(mask, bounds(mask)) for mask in (thing.old, thing.new))
    off = unlike(old, new) if what else 0.0
    if off < SLIM_POINTS:
        return ""
    ratio = count(new) / count(resized(old, new.shape))
    if 1 / SLIMMER < ratio < SLIMMER:
        return f"has {what} of another form" if off >= OTHER_POINTS else ""
    return f"has {'slimmer' if ratio < 1 else 'wider'} {what}"


def pen_words(old: Mask, new: Mask) -> str:
    """Words for lines of another course that are thicker, thinner or more even as well."""
    (was, most), (now, now_most) = widths(old), widths(new)
    if 8 * max(was, now) > max(old.shape):
        return ""
    varied, even = sorted((most / was, now_most / now), reverse=True)
    if varied > NO_LINE:
        return ""
    if varied > VARIED and even < EVEN:
        how = "even" if now_most / now < EVEN else "varying"
        return f"has lines of {how} thickness"
    lines = varied < EVEN_LINE or (_mostly_even(old) and _mostly_even(new))
    if not lines:
        return ""
    least = BOLD
    # On nearly the same course, the inked area shows a thickness more surely than single widths do.
    ratio = now / was if unlike(old, new) > SAME_BODY else count(new) / count(old)
    if 1 / least < ratio < least:
        return ""
    return f"has {'thicker' if ratio > 1 else 'thinner'} lines"


def _mostly_even(mask: Mask) -> bool:
    """True if a mask is lines of one thickness, but for a few thicker places: a ring with a dot."""
    ridge = ridge_of(packed(mask), mask.shape)[0]
    typical = ridge[len(ridge) // 2] if ridge else 0.0
    return sum(one <= MUCH_THICKER * typical for one in ridge) >= MOST_OF_IT * len(ridge)


def limb_words(found: Fit) -> str:
    """Words for a thing that is no line and thicker or thinner along its course, such as a leg."""
    words = percent(found.thicker).replace("larger", "thicker").replace("smaller", "thinner")
    return f"is {words.replace('as large', 'as thick')}"


def shade_words(one: SeenArea, two: SeenArea, distance: float) -> str:
    """Words for another shading of a thing, or none."""
    if one.shaded and not two.shaded:
        return f"has lost its color gradient: it is {color_name(two.hex)} throughout"
    if two.shaded and not one.shaded:
        return "has a color gradient instead of one color"
    if distance >= 6:
        return (
            f"has other colors in its gradient: it is {recolored(one.hex, two.hex)} in its middle"
        )
    return "is shaded differently: its gradient runs another way"

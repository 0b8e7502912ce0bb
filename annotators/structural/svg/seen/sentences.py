"""Describes changed outlines, as the end of a sentence about the thing."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from annotators.structural.svg.masks import Mask, bounds, count, filled, padded, rounded
from annotators.structural.svg.seen.areas import SPECK_PX
from annotators.structural.svg.seen.fits import (
    EVEN_LINE,
    EVEN_SCALE,
    THICKER,
    Fit,
    agree,
    apart,
    thickness,
    unlike,
    widths,
)
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import percent, place

HOLE_SHARE = 0.02
"""An opening is mentioned if it takes at least this share of a thing."""
SEEN_SCALE = 0.03
OTHER_FORM = 0.45
"""Misfit, place and size aside, from which hardly anything of an outline is left."""
TOLD_SCALE = 0.05
"""Change of width or height from which a size says more than where an outline is another one."""
LEANS = 0.08
CUT_PX = 10
"""A thing is cut off if it touches the edge of the picture with at least this many pixels."""
CORNER_PX = 7.0
"""Largest radius that a rounded corner is asked for."""
ONE_CORNER = 0.2
"""Pixels of a right-angled corner that a disk does not reach, in squares of its radius."""
CORNERS = 2.0
"""Corners that must be of another kind to be worth a word."""
LEAST_REACH = 6.0
"""Radius below which a square corner and an acute one cannot be told from round ones."""
ROUND = 0.35
"""Share of the sharp corners that rounded ones may keep; acute and right-angled ones differ by less."""
EVEN = 1.6
"""Greatest thickness of lines of one thickness, in typical ones."""
VARIED = 2.4
"""The same from which lines swell and taper."""
NO_LINE = 3.5
"""The same from which a thing has no typical line: a star, a sun."""
BOLDER = 1.5
"""Ratio of thicknesses that is seen though lines swell and taper."""
SLIM_SIDES = 4.0
"""A thing this many times as long as wide is longer or shorter, not wider or narrower."""
AS = {"wider": "wide", "taller": "tall", "longer": "long", "thicker": "thick"}
DRIFT_PX = 8.0
"""A shift is mentioned beside a size change if it is at least this many pixels."""


def words_of(found: Fit, thing: Thing, holes: tuple[int, int]) -> str:
    """What a viewer sees, as the end of a sentence about the thing."""
    if found.kind == "same":
        return "is the same"
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
        small = abs(found.scale - 1) < SEEN_SCALE
        moved = move_words(found.across_px, found.down_px)
        return f"is {moved}" if small and moved else f"is {percent(found.scale)}{tail}"
    if found.kind == "rotated":
        side = "clockwise" if found.angle > 0 else "counterclockwise"
        size = f", {percent(found.scale)}" if abs(found.scale - 1) > 2 * SEEN_SCALE else ""
        return f"is turned by {abs(found.angle):.0f}° {side}{size}{tail}"
    if found.kind == "mirrored":
        lean = _lean(thing.old), _lean(thing.new)
        if min(lean) < -LEANS and max(lean) > LEANS:
            return f"leans the other way{tail}"
        return f"is mirrored{tail}"
    if found.kind == "stretched":
        return f"is {size_words(found, _length(thing.old)) or 'a little out of shape'}{tail}"
    return f"{_form_words(found, thing, holes)}{tail}"


def _form_words(found: Fit, thing: Thing, holes: tuple[int, int]) -> str:
    """What is to be seen of a changed outline: cut off, open, of another size, corner or edge."""
    old, new = thing.old, thing.new
    sizes, other = size_words(found, _length(old)), unlike(old, new)
    cut = cut_off(thing)
    opened = int((filled(new) & ~new).sum()) - int((filled(old) & ~old).sum())
    seen = abs(opened) > max(2 * SPECK_PX, HOLE_SHARE * old.sum())
    if cut:
        words = f"is cut off at the {cut} edge of the picture"
    elif holes[1] != holes[0] and seen and agree(filled(old), filled(new)):
        fewer = holes[1] < holes[0]
        return "has an opening filled in" if fewer else "has an opening it should not have"
    elif other > OTHER_FORM:
        words = f"has another form, {sizes}" if found.greatly else "has another form"
    elif sizes and (max(abs(found.scale_x - 1), abs(found.scale_y - 1)) > TOLD_SCALE):
        words = f"is {sizes}"
    else:
        words = _piece_words(thing)
    return words


def _lean(mask: Mask) -> float:
    """Correlation of x and y of a mask's pixels: how far it leans to one side."""
    rows, columns = np.nonzero(mask)
    return float(np.corrcoef(rows, columns)[0, 1]) if np.ptp(rows) and np.ptp(columns) else 0.0


def cut_off(thing: Thing) -> str:
    """The edge of the picture at which only the candidate's thing is cut off; else empty."""
    height, width = thing.shape
    rows, columns = thing.part
    for name, at_edge, line in (
        ("bottom", rows.stop == height, np.s_[-1, :]),
        ("top", rows.start == 0, np.s_[0, :]),
        ("right", columns.stop == width, np.s_[:, -1]),
        ("left", columns.start == 0, np.s_[:, 0]),
    ):
        if at_edge and thing.new[line].sum() > CUT_PX + 2 * thing.old[line].sum():
            return name
    return ""


def corner_words(thing: Thing) -> str:
    """Words for corners or ends that are sharp in one picture and round in the other."""
    old, new = thing.old, thing.new
    if unlike(old, new) > OTHER_FORM or cut_off(thing):
        return ""
    reach = min(CORNER_PX, 0.35 * min(thickness(old), thickness(new)))
    if reach < LEAST_REACH:
        return ""
    was, now = (sharp_px(mask, reach) for mask in (old, new))
    if abs(now - was) < CORNERS * ONE_CORNER * reach**2 or min(now, was) > ROUND * max(now, was):
        return ""
    ends = 8 * thickness(old) < max(old.shape)
    what, sharp = ("ends", "square") if ends else ("corners", "sharp")
    after, before = (sharp, "rounded") if now > was else ("rounded", sharp)
    return f"has {after} {what} instead of {before} ones"


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
    least = THICKER if varied < EVEN_LINE else BOLDER
    if 1 / least < now / was < least:
        return ""
    return f"has {'thicker' if now > was else 'thinner'} lines"


def sharp_px(mask: Mask, reach: float) -> int:
    """Number of pixels of a mask that a disk inside it cannot reach."""
    wide = padded(mask, 2)
    inner = ~rounded(~wide, reach)
    return count(wide & ~rounded(inner, reach + 1))


def drift_words(found: Fit) -> str:
    """The additional move of a thing that changed in another way, as the end of a sentence."""
    parts = []
    if abs(found.across_px) > DRIFT_PX:
        parts.append(f"further {'right' if found.across_px > 0 else 'left'}")
    if abs(found.down_px) > DRIFT_PX:
        parts.append("lower" if found.down_px > 0 else "higher")
    return f" and sits {' and '.join(parts)}" if parts else ""


def _length(mask: Mask) -> str:
    """``x`` or ``y`` for a thing that is long and slim in that direction; else empty."""
    left, top, right, bottom = bounds(mask)
    wide, high = right - left, bottom - top
    return "x" if wide > SLIM_SIDES * high else "y" if high > SLIM_SIDES * wide else ""


def size_words(found: Fit, length: str = "") -> str:
    """Words for changed width and height.

    Args:
        found: The change.
        length: The axis of a thing that is long and slim: ``x`` or ``y``.
    """
    parts = []
    sizes = found.scale_x, found.scale_y
    if abs(sizes[0] - sizes[1]) < EVEN_SCALE * max(sizes) and abs(found.scale - 1) > SEEN_SCALE:
        return percent(found.scale)
    for axis, scale, more, less in (
        ("x", found.scale_x, "wider", "narrower"),
        ("y", found.scale_y, "taller", "shorter"),
    ):
        if length:
            more, less = ("longer", "shorter") if axis == length else ("thicker", "thinner")
        if scale > 1 + SEEN_SCALE:
            parts.append(
                f"{(scale - 1) * 100:.0f} % {more}"
                if scale < 2
                else f"{scale:.1f} times as {AS[more]}"
            )
        elif scale < 1 - SEEN_SCALE:
            parts.append(f"{(1 - scale) * 100:.0f} % {less}")
    return " and ".join(parts)


def _piece_words(thing: Thing) -> str:
    """Words for the place where a piece of a thing was lost or added."""
    lost, gained = apart(thing.old, thing.new)
    worse = lost if lost.sum() >= gained.sum() else gained
    labels, _ = ndimage.label(worse, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    blob = bounds(labels == 1 + int(sizes.argmax()))
    height, width = thing.old.shape
    spot = place(blob, width, height)
    at = "all around" if spot == "whole picture" else f"at its {spot}"
    if spot == "center":
        at = "in its middle"
    clear = 0.6 * worse.sum() < sizes.max() and 3 * min(lost.sum(), gained.sum()) < worse.sum()
    if clear:
        return f"lacks a piece {at}" if worse is lost else f"has an additional piece {at}"
    return f"has a different outline {at}"


def move_words(across: float, down: float) -> str:
    """Distance and direction of a move; empty if it is less than a pixel."""
    parts = []
    if abs(across) >= 1:
        parts.append(f"{abs(across):.0f} px {'right' if across > 0 else 'left'}")
    if abs(down) >= 1:
        parts.append(f"{abs(down):.0f} px {'down' if down > 0 else 'up'}")
    return f"moved {' and '.join(parts)}" if parts else ""

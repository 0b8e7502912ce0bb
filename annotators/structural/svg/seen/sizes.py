"""Words for another size: of a thing, of its sides, or of a line along its course."""

from __future__ import annotations

from annotators.structural.svg.masks import Mask, bounds, count, filled
from annotators.structural.svg.seen.claims import Outlined
from annotators.structural.svg.seen.fits import EVEN_LINE, EVEN_SCALE, Fit, unlike, widths
from annotators.structural.svg.words import percent

SEEN_SCALE = 0.03
SLIM_SIDES = 4.0
"""A thing this many times as long as wide is longer or shorter, not wider or narrower."""
FLAT, WIDE, BOXY = "flat", 1.25, 0.9
"""What is wide, from this ratio of its sides, and fills less than this share of its box is flatter, not shorter."""
SAME_PEN, LEAST_COURSE, ONE_COURSE = 1.12, 2.0, 0.25
"""Ratio of thicknesses up to which a line kept its own, its least length in thicknesses, and the most by
which its form may be another one, for it to be longer or shorter, not larger or smaller."""
MAIN_SIZE = 0.4
"""Of two sizes, one that changed by less than this share of the other's change is not said."""
AS = {"wider": "wide", "taller": "tall", "longer": "long", "thicker": "thick"}
DRIFT_PX = 8.0
"""A shift is mentioned beside a size change if it is at least this many pixels."""


def drift_words(found: Fit) -> str:
    """The additional move of a thing that changed in another way, as the end of a sentence."""
    parts = []
    if abs(found.across_px) > DRIFT_PX:
        parts.append(f"further {'right' if found.across_px > 0 else 'left'}")
    if abs(found.down_px) > DRIFT_PX:
        parts.append("lower" if found.down_px > 0 else "higher")
    return f" and sits {' and '.join(parts)}" if parts else ""


def length_of(mask: Mask) -> str:
    """``x`` or ``y`` for a thing that is long and slim in that direction, `FLAT` for a wide one that is no
    rectangle; else empty."""
    left, top, right, bottom = bounds(mask)
    wide, high = right - left, bottom - top
    flat = wide > WIDE * high and count(mask) < BOXY * wide * high
    slim = "x" if wide > SLIM_SIDES * high else "y" if high > SLIM_SIDES * wide else ""
    return slim or (FLAT if flat else "")


def course_words(found: Fit, thing: Outlined) -> str:
    """Words for an open line of the same thickness that is longer or shorter along its course."""
    even = abs(found.scale_x - found.scale_y) < EVEN_SCALE * max(found.scale_x, found.scale_y)
    if not (even and found.greatly):
        return ""
    (was, most), (now, now_most) = (widths(mask) for mask in (thing.old, thing.new))
    slim = all(widest < EVEN_LINE * usual + 2 for usual, widest in ((was, most), (now, now_most)))
    if not (slim and 1 / SAME_PEN < now / was < SAME_PEN):
        return ""
    lengths = [count(mask) / usual for mask, usual in ((thing.old, was), (thing.new, now))]
    closed = any(count(filled(mask)) > count(mask) for mask in (thing.old, thing.new))
    if closed or min(lengths) < LEAST_COURSE * was or unlike(thing.old, thing.new) > ONE_COURSE:
        return ""
    longer = lengths[1] / lengths[0]
    if not 1 / SAME_PEN < longer / found.scale < SAME_PEN:
        return ""  # It has branches, or runs to and fro.
    words = percent(longer).replace("as large", "as long")
    return words.replace("larger", "longer").replace("smaller", "shorter")


def main_sizes(found: Fit) -> tuple[float, float]:
    """Ratios of width and height; 1 for one that changed much less than the other."""
    sizes = found.scale_x, found.scale_y
    least = MAIN_SIZE * max(abs(scale - 1) for scale in sizes)
    across, down = (scale if abs(scale - 1) > least else 1.0 for scale in sizes)
    return across, down


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
    across, down = main_sizes(found)
    for axis, scale, more, less in (
        ("x", across, "wider", "narrower"),
        ("y", down, "taller", "shorter"),
    ):
        if length in ("x", "y"):
            more, less = ("longer", "shorter") if axis == length else ("thicker", "thinner")
        elif length and across == 1:
            less = "flatter"
        if abs(scale - 1) > SEEN_SCALE:
            size = percent(scale).replace("larger", more).replace("smaller", less)
            parts.append(size.replace("as large", f"as {AS[more]}"))
    return " and ".join(parts)

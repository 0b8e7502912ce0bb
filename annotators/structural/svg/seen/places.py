"""Says of a piece that an outline gained or lost on which side it lies: reaches lower, ends earlier, a gap."""

from __future__ import annotations

import numpy as np

from annotators.structural.svg.masks import Mask, bounds, count, padded, parts_of, widened
from annotators.structural.svg.seen.areas import SPECK_PX
from annotators.structural.svg.words import place

VAGUE, ANOTHER = "has a different outline", "has another form"
TIP, STRIP = 0.4, 0.2
"""Part of a piece's rim up to which what it touches leaves it an end, and depth up to which it is a strip."""
ONE_SIDE = 1.7
"""Least ratio of a border's extents across and down for a piece to lie on one side of it."""
SIDES = {
    "left": ("reaches less far left", "reaches farther left", "left", ("right",)),
    "right": ("reaches less far right", "reaches farther right", "right", ("left",)),
    "upper": ("starts lower", "reaches higher", "top", ("lower", "bottom")),
    "lower": ("ends higher", "reaches lower", "bottom", ("upper", "top")),
}
"""How a thing that lost or gained a piece on one side is said to be, and what is said of places there
and on the other side."""
OPEN = 0.2
"""Border of a piece with what is bare, in its border with the rest, from which a gap is left, or was there."""
GAPS = (
    ("has a gap it should not have", "has a wider gap"),
    ("has a gap closed", "has a narrower gap"),
)
PIECES = "lacks a piece", "has an additional piece"
ENDS, THICK = ("ends earlier", "reaches farther"), ("is thinner", "is thicker")
OF_OPENING = {
    GAPS[0][0]: "is interrupted",
    GAPS[0][1]: "is narrower",
    GAPS[1][0]: "runs through",
    GAPS[1][1]: "is wider",
    THICK[0]: "is narrower",
    THICK[1]: "is wider",
}
"""Words for the gaps and the thickness of a drawn thing, and for the same of an opening."""
GAP_PX, LARGE_PART = 5, 0.08
"""Half of the widest gap that parts a thing, and least share of it that its smaller part takes."""
ONE_SIDED = 3
"""Ratio of what was gained and lost in one place from which only one of them is seen."""
DEEPER_PX = 3
CORNER, ROUNDED = 0.45, 0.25
"""Part of a thing's shorter side that is its corner, and the most of the square of it that a round one lacks."""
AROUND, MIDDLE = "all around", "in its middle"


def verb_of(piece: Mask, rest: Mask, spot: str, *, gained: bool) -> tuple[str, str]:
    """How a thing that gained or lost a piece at its edge is said to be, and at which spot of it.

    A piece lies on the side of the rest to which most of their border looks.
    """
    borders = _borders(piece, rest)
    across, down = (
        abs(borders[one] - borders[two]) for one, two in (("left", "right"), ("upper", "lower"))
    )
    touching, far = sum(borders.values()), max(across, down)
    if touching and 2 * far < touching and _between(piece, rest):
        bare = sum(_borders(piece, ~(piece | rest)).values())
        return GAPS[gained][bare > OPEN * touching], spot
    left, top, right, bottom = bounds(piece)
    broad = bottom - top if across > down else right - left
    frame = padded(piece, 1)
    end = touching < TIP * sum(_borders(frame, ~frame).values())
    slanted = far < ONE_SIDE * min(across, down)
    less, more, own, opposite = SIDES[max(borders, key=lambda side: borders[side])]
    inner = not slanted and any(word in spot for word in opposite)
    if touching and inner:
        return THICK[gained], spot
    strip = count(piece) < STRIP * broad**2
    if not touching or spot == MIDDLE or not (end or strip or (gained and not slanted)):
        return PIECES[gained], spot
    if slanted:
        return (ENDS if end else PIECES)[gained], spot
    return more if gained else less, "" if spot == f"at its {own}" else spot


def _between(piece: Mask, rest: Mask) -> bool:
    """True if most of a piece has the rest on both sides of it, across or down."""
    sides = []
    for lines in (rest, rest.T):
        first = np.logical_or.accumulate(lines, axis=0)
        last = np.logical_or.accumulate(lines[::-1], axis=0)[::-1]
        sides.append(first & last)
    return 2 * max(count(piece & sides[0]), count(piece & sides[1].T)) > count(piece)


def _borders(piece: Mask, rest: Mask) -> dict[str, int]:
    """How many pixels of a piece lie directly on each side of the rest."""
    return {
        "left": count(piece[:, :-1] & rest[:, 1:]),
        "right": count(piece[:, 1:] & rest[:, :-1]),
        "upper": count(piece[:-1] & rest[1:]),
        "lower": count(piece[1:] & rest[:-1]),
    }


def at(piece: Mask) -> str:
    """Where on a thing a piece of it lies."""
    height, width = piece.shape
    spot = place(bounds(piece), width, height)
    if spot == "whole picture":
        return AROUND
    return MIDDLE if spot == "center" else f"at its {spot}"


def parted(old: Mask, new: Mask) -> tuple[str, str, Mask] | None:
    """Words for a thing that fell into two parts, or two parts that are one now; where, and the gap's pixels."""
    parts = [_large_parts(mask) for mask in (old, new)]
    if sorted(map(len, parts)) != [1, 2]:
        return None
    whole, two = (old, parts[1]) if len(parts[1]) == 2 else (new, parts[0])
    near = [widened(part, GAP_PX) for part in two]
    gap = near[0] & near[1] & whole & ~(two[0] | two[1])
    how = "falls into two parts" if whole is old else "has its two parts joined"
    return (how, at(gap), gap) if count(gap) >= 2 * SPECK_PX else None


def _large_parts(mask: Mask) -> list[Mask]:
    """The connected parts of a mask that are noticed as such."""
    labels = parts_of(mask)
    sizes = np.bincount(labels.ravel())
    return [labels == at_ for at_ in range(1, len(sizes)) if sizes[at_] > LARGE_PART * count(mask)]


def _corners(old: Mask, new: Mask, changed: Mask) -> str:
    """Words for changed places that all lie at corners of a thing's box, on one side of its outline."""
    left, top, right, bottom = bounds(old | new)
    lost, gained = count(old & changed), count(new & changed)
    reach = CORNER * min(right - left, bottom - top)
    rows, columns = (np.arange(side) for side in old.shape)
    high = (rows < top + reach) | (rows >= bottom - reach)
    aside = (columns < left + reach) | (columns >= right - reach)
    ends = [np.asarray(changed.any(axis=axis)) for axis in (1, 0)]
    far = all(end[: len(end) // 2].any() and end[len(end) // 2 :].any() for end in ends)
    if not far or (changed & ~(high[:, None] & aside)).any():
        return ""
    if ONE_SIDED * min(lost, gained) >= max(lost, gained) or lost + gained > 4 * ROUNDED * reach**2:
        return ""
    return f"has {'sharper' if gained > lost else 'rounder'} corners"


def patch(old: Mask, new: Mask, changed: Mask, places: int, tail: str = "") -> tuple[str, str]:
    """Words for the place, or the places, at which a thing lost or gained something, and where."""
    spot = at(changed)
    if (places > 1 or spot == AROUND) and (corners := _corners(old, new, changed)):
        return corners, tail.strip()
    if places > 1:
        return VAGUE, f"in {places} places{tail}"
    lost, gained = count(old & changed), count(new & changed)
    one_sided = spot != AROUND and ONE_SIDED * min(lost, gained) < max(lost, gained)
    if not one_sided:
        return VAGUE, f"{spot}{tail}"
    mine, rest = (new, old) if gained > lost else (old, new)
    piece = widened(changed & mine, DEEPER_PX) & mine & ~rest
    words, spot = verb_of(piece, rest, spot, gained=gained > lost)
    return words, f"{spot}{tail}"

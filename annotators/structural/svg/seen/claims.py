"""Says of a changed outline what explains most of its changed pixels in the fewest words.

A claim is applied to the old pixels: stretched to the new box, with a piece more or less. What lies
apart from the new pixels afterwards is unexplained. Each word that a claim needs must explain more,
and if no claim explains most of the change, only what is plainly true is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from annotators.structural.svg.masks import Mask, bounds, count, filled, parts_of, squared, widened
from annotators.structural.svg.seen.areas import SPECK_PX
from annotators.structural.svg.seen.fits import (
    EVEN_LINE,
    SLIM,
    Fit,
    apart,
    cut,
    resized,
    unlike,
    widths,
)
from annotators.structural.svg.words import place

PROVEN = 0.65
"""Least share of the changed pixels that a claim must explain."""
WORD, SENTENCE = 0.05, 0.25
"""Share of the changed pixels that each change in a claim, and each piece, must explain beside the others."""
KEPT = 0.5
"""Largest share of its pixels that may change of a thing that lost or gained a piece, not its form."""
ONE_SIDED = 3
"""Ratio of what was gained and lost in one place from which only one of them is seen."""
DEEPER_PX = 3
DEEP = 0.03
"""Depth of a piece that was lost or gained, in longer sides of the thing; less is its rim."""
PIECE = 0.015
"""Least size of what lies deeper, as a share of the thing."""
MANY = 2
"""Of more claims, nobody sees the whole in them: the outline is another one."""
PLACES = 3
"""With more changed places, an outline changed all around."""
ANOTHER_FORM = 0.25
"""Misfit, place and size aside, from which an outline has another form, not another place of its edge."""
CORNER = 0.3
"""Part of a thing's shorter side that is its corner."""
ELSEWHERE = 0.3
"""Share of its pixels up to which a thing of another form may not be the same one: nothing more is said."""
AROUND, MIDDLE = "all around", "in its middle"
VAGUE = "has a different outline"
ANOTHER = "has another form"


class Outlined(Protocol):
    """Pixels of something in a part of both pictures."""

    @property
    def part(self) -> tuple[slice, slice]:
        """Rows and columns of the part."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""

    @property
    def old(self) -> Mask:
        """Pixels of the reference."""

    @property
    def new(self) -> Mask:
        """Pixels of the candidate."""


@dataclass(frozen=True)
class Claim:
    """A sentence about a thing, without its subject, and the pixels that it is about."""

    words: str
    spot: str = ""
    """Where on the thing."""
    pixels: Mask | None = None
    """None for all of the thing."""


def sentence(claims: Sequence[Claim]) -> str:
    """One sentence; what is said twice is said once, of both places."""
    one_place = claims[0].spot and all(one.spot == claims[0].spot for one in claims)
    if one_place and any(one.words != claims[0].words for one in claims):
        return f"{VAGUE} {claims[0].spot}"  # A piece that was lost and one that came, in one place.
    spots: dict[str, list[str]] = defaultdict(list)
    for one in claims:
        spots[one.words] += [one.spot] if one.spot and one.spot not in spots[one.words] else []
    return " and ".join(" ".join([words, " and ".join(at)]).strip() for words, at in spots.items())


def pieces_of(old: Mask, new: Mask, share: float = PIECE) -> list[Claim]:
    """What lies on one side only, deeper than a rim, the largest first."""
    reach = max(2, round(DEEP * max(old.shape)))
    least = max(share * count(old), 2 * SPECK_PX)
    found = []
    for mine, other, gained in ((old, new, False), (new, old, True)):
        labels = parts_of(mine & ~squared(other, reach))
        for number in np.flatnonzero(np.bincount(labels.ravel())[1:] >= least) + 1:
            piece = squared(labels == number, reach + 1) & mine & ~other
            if at(piece) != AROUND:
                found.append(_piece(old, new, piece, gained=gained))
    return sorted(found, key=lambda one: -count(one.pixels) if one.pixels is not None else 0)


def _piece(old: Mask, new: Mask, piece: Mask, *, gained: bool) -> Claim:
    """How a thing with another piece, or without one, is said to be."""
    body = filled(old if gained else new)
    if count(piece & ~body) < len(piece):  # It lies within the thing.
        words = "has an opening filled in" if gained else "has an opening it should not have"
        return Claim(words, pixels=piece)
    spot = at(piece)
    return Claim(piece_verbs(old, spot)[gained], spot, piece)


def piece_verbs(mask: Mask, spot: str) -> tuple[str, str]:
    """How a thing without a piece, and one with another piece, is said to be; no line ends in its middle."""
    thick, most = widths(mask)
    if spot != MIDDLE and thick < SLIM * max(mask.shape) and most < EVEN_LINE * thick + 2:
        return "ends earlier", "reaches farther"
    return "lacks a piece", "has an additional piece"


def at(piece: Mask) -> str:
    """Where on a thing a piece of it lies."""
    height, width = piece.shape
    spot = place(bounds(piece), width, height)
    if spot == "whole picture":
        return AROUND
    return MIDDLE if spot == "center" else f"at its {spot}"


def proven(old: Mask, new: Mask, found: Fit, sizes: str, tail: str) -> list[Claim]:
    """The claims that say a change of outline in the fewest words; none if nothing explains it.

    Args:
        old: Pixels of the reference.
        new: Of the candidate, in the same part of the picture.
        found: How its box changed.
        sizes: Words for another width and height, or empty.
        tail: Words for another place, as the end of a sentence, or empty.
    """
    change = _off(old, new)
    kept = sum(map(count, apart(old, new))) < KEPT * count(old)
    best: tuple[float, list[Claim]] = (-1.0, [])
    for base, cost, said in _bases(old, new, found, sizes, tail) if change else ():
        explained = 1 - _off(base, new) / change
        pieces = pieces_of(base, new)[: MANY - len(said)] if kept else []
        for number in range(len(pieces) + 1):
            if number:
                pixels = pieces[number - 1].pixels
                assert pixels is not None
                base = np.where(pixels, new, base)
                explained = 1 - _off(base, new) / change
            worth = explained - WORD * cost - SENTENCE * number
            if said + pieces[:number] and explained >= PROVEN and worth > best[0]:
                best = worth, said + pieces[:number]
    return best[1]


def _bases(
    old: Mask, new: Mask, found: Fit, sizes: str, tail: str
) -> Iterator[tuple[Mask, int, list[Claim]]]:
    """The old pixels as they are, and stretched to the new box; with what this costs and the words."""
    yield old, 0, []
    words = f"is {sizes}{tail}" if sizes else ""
    if words:
        left, top, right, bottom = (int(edge) for edge in bounds(new))
        stretched = np.zeros_like(new)
        shape = bottom - top, right - left
        stretched[top:bottom, left:right] = resized(cut(old, bounds(old)), shape)
        yield stretched, 1 + words.count(" and "), [Claim(words)]


def _off(one: Mask, two: Mask) -> int:
    """Pixels of two masks that lie apart from the other one; those deeper than an edge count twice."""
    off = apart(one, two)
    return sum(map(count, off)) + sum(
        count(mine & ~widened(other, DEEPER_PX))
        for mine, other in zip(off, (two, one), strict=True)
    )


def plain(old: Mask, new: Mask, found: Fit, sizes: str, tail: str) -> Claim:
    """What is true of a changed outline that no claim explains."""
    another = unlike(old, new) > ANOTHER_FORM
    if another and count(old & new) < ELSEWHERE * count(old | new):
        return Claim(ANOTHER)
    if found.greatly and sizes:
        return Claim(f"{ANOTHER}, {sizes}{tail}" if another else f"is {sizes}{tail}")
    if another:
        return Claim(f"{ANOTHER}{tail}")
    labels = parts_of(np.logical_or(*apart(old, new)))
    sizes_ = np.bincount(labels.ravel())
    sizes_[0] = 0
    places = np.flatnonzero(4 * sizes_ > sizes_.max())
    seen = np.isin(labels, places)
    words, spot = patch(old, new, seen, len(places), tail)
    if words == VAGUE and len(places) > PLACES:
        return Claim(VAGUE, f"{AROUND}{tail}")
    return Claim(words, spot, None if spot.startswith(AROUND) else seen)


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
    if ONE_SIDED * min(lost, gained) >= max(lost, gained):
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
    return piece_verbs(old, spot)[gained > lost] if one_sided else VAGUE, f"{spot}{tail}"

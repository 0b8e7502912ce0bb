"""Says of a changed outline what explains most of its changed pixels in the fewest words.

A claim is applied to the old pixels: stretched to the new box, with a piece more or less. What lies
apart from the new pixels afterwards is unexplained. Each word that a claim needs must explain more,
and if no claim explains most of the change, only what is plainly true is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from annotators.structural.svg.masks import (
    Mask,
    bounds,
    count,
    filled,
    padded,
    parts_of,
    rounded,
    squared,
    widened,
)
from annotators.structural.svg.seen.areas import SPECK_PX
from annotators.structural.svg.seen.fits import (
    EVEN_LINE,
    Fit,
    apart,
    cut,
    resized,
    thickness,
    unlike,
    widths,
)
from annotators.structural.svg.seen.places import (
    ANOTHER,
    AROUND,
    DEEPER_PX,
    ENDS,
    GAPS,
    OF_OPENING,
    PIECES,
    SIDES,
    THICK,
    VAGUE,
    at,
    patch,
    verb_of,
)
from annotators.structural.svg.words import move_words, thicker
from records.rows import Box

PROVEN = 0.65
"""Least share of the changed pixels that a claim must explain."""
WORD, SENTENCE = 0.05, 0.25
"""Share of the changed pixels that each change in a claim, and each piece, must explain beside the others."""
KEPT = 0.5
"""Largest share of its pixels that may change of a thing that lost or gained a piece, not its form."""
LONG = 0.4
"""Greatest thickness of a line, as a share of its length."""
DEEP = 0.03
"""Depth of a piece that was lost or gained, in longer sides of the thing; less is its rim."""
PIECE = 0.015
"""Least size of what lies deeper, as a share of the thing."""
ASIDE_PX = 3.0
"""Least distance by which a thing of another outline is seen to have moved."""
MANY = 2
"""Of more claims, nobody sees the whole in them: the outline is another one."""
MAIN, LEFT = 4, 0.6
"""Ratio of the largest piece up to which one is told beside it, and share of the change that may be left."""
PLACES = 3
"""With more changed places, an outline changed all around."""
ANOTHER_FORM = 0.25
"""Misfit, place and size aside, from which an outline has another form, not another place of its edge ..."""
NO_FORM = 0.8
"""... and from which no place of it is seen to have kept its form."""
ELSEWHERE = 0.3
"""Share of its pixels up to which a thing of another form may not be the same one: nothing more is said."""
ASIDE, ALIKE, SAME_STRETCH = 1.6, 2.0, 0.6
"""Thicknesses by which a part may lie elsewhere, ratio of the pixels that it left and took, and least
share of their length that both take."""
RIM_PX, BAND = 1.0, 2.2
"""Least rim of a band that is thicker, and its least length in thicknesses."""
BOTH = "xy"
ONE_WAY = 3
"""Cost in words of another size across or down alone, which no longer fits the new box."""
WIDTHS = {
    (SIDES["left"][0], SIDES["right"][0]): "is narrower",
    (SIDES["left"][1], SIDES["right"][1]): "is wider",
    (THICK[0], THICK[0]): GAPS[0][1],
    (THICK[1], THICK[1]): GAPS[1][1],
}
LEVELS = {
    "": "",
    "at its left": "in its middle",
    "at its upper left": "at its top",
    "at its lower left": "at its bottom",
}
"""Where a thing changed that changed on both sides."""
OUTLINES = (
    VAGUE, *PIECES, *ENDS, *THICK, *GAPS[0], *GAPS[1], *WIDTHS.values(),
    *(words for side in SIDES.values() for words in side[:2]),
)  # fmt: skip
"""What is said of places of an outline."""


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


def of_openings(claims: list[list[Claim]]) -> list[list[Claim]]:
    """The same claims of an opening: where a drawn thing has a wider gap, this is narrower."""
    return [
        [replace(one, words=OF_OPENING.get(one.words, one.words)) for one in some]
        for some in claims
    ]


def sentence(claims: Sequence[Claim]) -> str:
    """One sentence; what is said twice is said once, of both places."""
    one_place = claims[0].spot and all(one.spot == claims[0].spot for one in claims)
    if one_place and any(one.words != claims[0].words for one in claims):
        return f"{VAGUE} {claims[0].spot}"  # A piece that was lost and one that came, in one place.
    spots: dict[str, list[str]] = defaultdict(list)
    for one in _both_sides(claims):
        spots[one.words] += [one.spot] if one.spot and one.spot not in spots[one.words] else []
    return " and ".join(" ".join([words, " and ".join(at)]).strip() for words, at in spots.items())


def _both_sides(claims: Sequence[Claim]) -> list[Claim]:
    """The same claims; what changed alike on both sides is wider or narrower."""
    result = list(claims)
    for (left, right), words in WIDTHS.items():
        for spot, level in LEVELS.items():
            ends = (left, spot), (right, spot.replace("left", "right"))
            found = [one for one in result if (one.words, one.spot) in ends]
            if len(found) == len(ends):
                result[result.index(found[0])] = Claim(words, level)
                result.remove(found[1])
    return result


def pieces_of(old: Mask, new: Mask, deep: float = DEEP) -> list[Claim]:
    """What lies on one side only, deeper than a rim, the largest first."""
    reach = max(2, round(deep * max(old.shape)))
    least = max(PIECE * count(old) * deep / DEEP, 2 * SPECK_PX)
    found = []
    for mine, other, gained in ((old, new, False), (new, old, True)):
        labels = parts_of(mine & ~squared(other, reach))
        for number in np.flatnonzero(np.bincount(labels.ravel())[1:] >= least) + 1:
            piece = squared(labels == number, reach + 1) & mine & ~other
            if at(piece) != AROUND:
                found.append(_piece(old, new, piece, gained=gained))
    return _with_shifts(sorted(found, key=_size, reverse=True), old, new)


def _size(claim: Claim) -> int:
    return 0 if claim.pixels is None else count(claim.pixels)


def _with_shifts(found: list[Claim], old: Mask, new: Mask) -> list[Claim]:
    """The same pieces; one that was lost beside one that came is a part that lies elsewhere."""
    if len(found) < 2:
        return found
    result = list(found)
    near = ASIDE * thickness(old)
    for one in found:
        for two in result if any(one is kept for kept in result) else ():
            words = _shift(one, two, new, near)
            if words:
                assert one.pixels is not None and two.pixels is not None
                both = one.pixels | two.pixels
                result = [kept for kept in result if kept is not one and kept is not two]
                result.append(Claim(words, at(both), both))
                break
    return sorted(result, key=_size, reverse=True)


def _shift(one: Claim, two: Claim, new: Mask, near: float) -> str:
    """Words for a part that lies elsewhere, of its lost and its gained pixels; empty if they are no such."""
    if one.pixels is None or two.pixels is None:
        return ""
    gained = [bool((piece & new).any()) for piece in (one.pixels, two.pixels)]
    if gained[0] == gained[1] or max(map(_size, (one, two))) > ALIKE * min(map(_size, (one, two))):
        return ""
    was, now = (one.pixels, two.pixels) if gained[1] else (two.pixels, one.pixels)
    boxes = bounds(was), bounds(now)
    across, down = (
        (boxes[1][axis] + boxes[1][axis + 2] - boxes[0][axis] - boxes[0][axis + 2]) / 2
        for axis in (0, 1)
    )
    axis = 1 if abs(down) < abs(across) else 0  # Along which both extend.
    low, high = max(box[axis] for box in boxes), min(box[axis + 2] for box in boxes)
    longest = max(box[axis + 2] - box[axis] for box in boxes)
    around = at(was | now) == AROUND
    if around or max(abs(across), abs(down)) > near or high - low < SAME_STRETCH * longest:
        return ""
    way = (
        ("lower" if down > 0 else "higher")
        if not axis
        else f"farther {'right' if across > 0 else 'left'}"
    )
    return f"lies {way}"


def _piece(old: Mask, new: Mask, piece: Mask, *, gained: bool) -> Claim:
    """How a thing with another piece, or without one, is said to be."""
    body = filled(old if gained else new)
    if count(piece & ~body) < len(piece):  # It lies within the thing.
        words = "has an opening filled in" if gained else "has an opening it should not have"
        return Claim(words, pixels=piece)
    rest = old if gained else new
    return Claim(*verb_of(piece, rest, at(piece), gained=gained), piece)


def proven(old: Mask, new: Mask, sizes: Mapping[str, str], tail: str) -> list[Claim]:
    """The claims that say a change of outline in the fewest words; none if nothing explains it.

    Args:
        old: Pixels of the reference.
        new: Of the candidate, in the same part of the picture.
        sizes: Words for another width and height, by the axes that they are about; or empty.
        tail: Words for another place, as the end of a sentence, or empty.
    """
    change = _off(old, new)
    kept = sum(map(count, apart(old, new))) < KEPT * count(old)
    best: tuple[float, list[Claim]] = (-1.0, [])
    for base, cost, said in _bases(old, new, sizes, tail) if change else ():
        explained = 0.0 if base is old else 1 - _off(base, new) / change
        likely = kept and 1 - WORD * cost - SENTENCE > best[0]
        pieces = pieces_of(base, new)[: MANY - len(said)] if likely else []
        for number in range(len(pieces) + 1):
            if number:
                pixels = pieces[number - 1].pixels
                assert pixels is not None
                base = np.where(pixels, new, base)
                explained = 1 - _off(base, new) / change
            worth = explained - WORD * cost - SENTENCE * number
            alone = number == 0 and cost == ONE_WAY
            if said + pieces[:number] and not alone and explained >= PROVEN and worth > best[0]:
                best = worth, said + pieces[:number]
    return best[1]


def _bases(
    old: Mask, new: Mask, sizes: Mapping[str, str], tail: str
) -> Iterator[tuple[Mask, int, list[Claim]]]:
    """The old pixels as they are, and stretched to the new box or two of its edges; with what this
    costs and the words."""
    one, two = bounds(old), bounds(new)
    across, down = ((two[at_] + two[at_ + 2] - one[at_] - one[at_ + 2]) / 2 for at_ in (0, 1))
    if not sizes and max(abs(across), abs(down)) >= ASIDE_PX:
        shifted = np.roll(old, (round(down), round(across)), (0, 1))
        yield shifted, 1, [Claim(f"is {move_words(across, down)}")]
    if size := sizes.get(BOTH):
        yield _stretched(old, two), 1 + size.count(" and "), [Claim(f"is {size}{tail}")]
    yield old, 0, []
    if band := _as_band(old, new):
        yield band
    for axes in sorted(sizes.keys() - {BOTH}):
        left, top, right, bottom = (
            (two if "xy"[at_ % 2] == axes else one)[at_] for at_ in range(4)
        )
        stretched = _stretched(old, (left, top, right, bottom))
        yield stretched, ONE_WAY, [Claim(f"is {sizes[axes]}")]


def _as_band(old: Mask, new: Mask) -> tuple[Mask, int, list[Claim]] | None:
    """A band, such as a stripe or a limb, that is as much thicker or thinner along all of it; None for no band."""
    (was, most), (now, now_most) = widths(old), widths(new)
    even = most < EVEN_LINE * was and now_most < EVEN_LINE * now
    rim = (now - was) / 2
    if not even or abs(rim) < RIM_PX or max(old.shape) < BAND * max(was, now):
        return None
    reach = round(abs(rim))
    frame = padded(~old if rim < 0 else old, reach)
    grown = rounded(frame, reach)[reach:-reach, reach:-reach]
    return (~grown if rim < 0 else grown), 1, [Claim(f"is {thicker(now / was)}")]


def _stretched(mask: Mask, box: Box) -> Mask:
    """A mask stretched to another box."""
    left, top, right, bottom = (int(edge) for edge in box)
    result = np.zeros_like(mask)
    result[top:bottom, left:right] = resized(cut(mask, bounds(mask)), (bottom - top, right - left))
    return result


def _off(one: Mask, two: Mask) -> int:
    """Pixels of two masks that lie apart from the other one; those deeper than an edge count twice."""
    off = apart(one, two)
    return sum(map(count, off)) + sum(
        count(mine & ~widened(other, DEEPER_PX))
        for mine, other in zip(off, (two, one), strict=True)
    )


def plain(old: Mask, new: Mask, found: Fit, sizes: str, tail: str) -> list[Claim]:
    """What is true of a changed outline that no claim explains."""
    off = unlike(old, new)
    another = off > ANOTHER_FORM
    if another and count(old & new) < ELSEWHERE * count(old | new):
        return [Claim(ANOTHER)]
    if found.greatly and sizes:
        said = f"{ANOTHER}, {sizes}{tail}" if another else f"is {sizes}{tail}"
        return (_main_pieces(old, new) if ANOTHER_FORM < off < NO_FORM else []) or [Claim(said)]
    if off < NO_FORM and (pieces := _main_pieces(old, new)):
        return pieces
    if another:
        return [Claim(f"{ANOTHER}{tail}")]
    labels = parts_of(np.logical_or(*apart(old, new)))
    sizes_ = np.bincount(labels.ravel())
    sizes_[0] = 0
    places = np.flatnonzero(4 * sizes_ > sizes_.max())
    seen = np.isin(labels, places)
    words, spot = patch(old, new, seen, len(places), tail)
    if words == VAGUE and len(places) > PLACES:
        return [Claim(VAGUE, f"{AROUND}{tail}")]
    return [Claim(words, spot, None if spot.startswith(AROUND) else seen)]


def by_place(old: Mask, new: Mask) -> list[Claim]:
    """What a few places of a thing lost or gained, which are no deep pieces of it; none if not all tell this."""
    labels = parts_of(np.logical_or(*apart(old, new)))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    places = np.flatnonzero(2 * sizes > sizes.max())
    thick, most = widths(old)
    if len(places) > PLACES or most < EVEN_LINE * thick + 2 < LONG * max(old.shape):
        return []  # Or a line, of which both edges moved.
    each = [labels == number for number in places]
    told = [Claim(*patch(old, new, one, 1), one) for one in each]
    return [] if any(one.words == VAGUE for one in told) else told


def _main_pieces(old: Mask, new: Mask) -> list[Claim]:
    """The few largest pieces at an edge, if they are most of the change and none is a thing of its own;
    else none."""
    least = min(count(old), count(new))
    for deep in (DEEP, DEEP / 2):
        pieces = pieces_of(old, new, deep)
        main = [one for one in pieces if MAIN * _size(one) > _size(pieces[0])]
        base = old
        for one in main:
            base = base if one.pixels is None else np.where(one.pixels, new, base)
        bites = sum(one.words in PIECES for one in main)
        told = 0 < len(main) <= PLACES and bites <= MANY and _size(pieces[0]) < least
        if told and _off(base, new) <= LEFT * _off(old, new):
            return main[:MANY]
    return []

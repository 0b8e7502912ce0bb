"""Pairs the areas of two icons.

Areas that no visible change touches are left out first. The others are matched one to one by place,
size, outline and color, then one to many where that explains more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.colors import color_name
from annotators.structural.matching import assign
from annotators.structural.severity import color_distance
from annotators.structural.svg.masks import (
    Mask,
    around,
    bounds,
    count,
    parts_of,
    squared,
    widened,
    wider,
)
from annotators.structural.svg.seen.areas import (
    SPECK_PX,
    Part,
    SeenArea,
    SeenIcon,
    drawn_in,
    shifted,
)
from annotators.structural.svg.seen.fits import Fit, fit, thickness, unlike
from records.rows import Box

IN_PLACE, ANOTHER, FAR_LARGER = 0.3, 0.45, 1.4
"""Least part of two areas that both cover if they are in one place, misfit from which their forms are not alike, and
logarithm of the ratio of sides from which those at two places are not one thing."""
LIMIT = 1.0
"""Areas whose cost is at least this are different things."""
KIN_DELTA_E = 14.0
"""Areas with a color distance below this may be pieces of one thing."""
OTHER_PAINT = 6.0
"""The same for an area of which most pixels changed."""
HELD = 0.55
"""Least share of a piece that lies on the thing that it belongs to."""
AGAIN = 0.3
"""Least share of a thing that its pieces must cover together."""
ALONG = 2.0
"""Thicknesses by which a piece of a line may lie aside of the line that it belongs to."""
GROUND_WEIGHT = 0.002
OPENING_WEIGHT = 0.35
"""How likely a hole is to blame: what surrounds it is first."""
MOST_PIECES = 4
"""Elements of an area that are tried one by one."""


@dataclass(eq=False)
class Thing:
    """Areas of the reference and the corresponding ones of the candidate; either side may be empty."""

    before: list[SeenArea]
    after: list[SeenArea]
    shape: tuple[int, int]
    moved_px: int = 0
    """Changed pixels explained by its outline: they moved to or from another thing."""
    revealed: bool = False
    """True if it lay under what gave way."""
    own_px: int = 0
    """Changed pixels that belong to it on both sides: another color or shade."""

    @cached_property
    def part(self) -> Part:
        """Rows and columns around all of its areas; none of a text, which has no areas."""
        parts = [area.part for area in (*self.before, *self.after)] or [(slice(0, 0), slice(0, 0))]
        return (
            slice(min(p[0].start for p in parts), max(p[0].stop for p in parts)),
            slice(min(p[1].start for p in parts), max(p[1].stop for p in parts)),
        )

    @property
    def corner(self) -> tuple[int, int]:
        """Left and top of ``part``."""
        return self.part[1].start, self.part[0].start

    @cached_property
    def old(self) -> Mask:
        """Pixels of the reference inside ``part``."""
        return drawn_in(self.part, self.before)

    @cached_property
    def new(self) -> Mask:
        return drawn_in(self.part, self.after)

    @property
    def ground(self) -> bool:
        return any(area.ground for area in (*self.before, *self.after))

    @property
    def opening(self) -> bool:
        """True for a hole that nobody painted, in either picture."""
        return all(area.opening and not area.items for area in (*self.before, *self.after))

    @property
    def weight(self) -> float:
        """How likely a change is its own, not that of a neighbor."""
        if self.revealed or self.ground:
            return GROUND_WEIGHT
        if not any(area.opening for area in (*self.before, *self.after)):
            return 1.0
        return OPENING_WEIGHT if self.before and self.after else GROUND_WEIGHT

    @cached_property
    def fit(self) -> Fit:
        """The change of its outline; it must be on both sides."""
        return fit(self.old, self.new)

    @cached_property
    def size(self) -> int:
        return max(count(self.old), count(self.new), 1)

    def box(self) -> Box:
        rows, columns = self.part
        return float(columns.start), float(rows.start), float(columns.stop), float(rows.stop)

    def box_of(self, mask: Mask) -> Box:
        """The box in the picture of some of its pixels."""
        (x, y), (left, top, right, bottom) = self.corner, bounds(mask)
        return left + x, top + y, right + x, bottom + y


def things(
    first: SeenIcon, second: SeenIcon, differs: Mask, open_: Mask | None = None
) -> list[Thing]:
    """All things that a visible change touches, matched; `blame` finds the causes.

    Args:
        first: Of the reference.
        second: Of the candidate.
        differs: H x W: pixels that are seen to differ.
        open_: H x W: pixels that belong to a thing that changed, though their element did not.
    """
    kept = _kept(first, differs)
    if open_ is not None:
        kept &= ~open_
    near = widened(differs, 3)
    before, after = (side.areas(~kept, near) for side in (first, second))
    cost = _cost(before, after)
    pairs = assign(cost, LIMIT)
    for axis, (own, mine) in enumerate(((first, before), (second, after))):
        for area in [area for area in mine if 1 < len(area.items) <= MOST_PIECES]:
            parts = _parts(area, own)
            at = mine.index(area)
            cut = [*mine[:at], *parts, *mine[at + 1 :]]
            sides = (cut, after) if mine is before else (before, cut)
            of_parts = _cost(parts, after) if mine is before else _cost(before, parts)
            left, right = np.split(cost, [at], axis)
            cost_cut = np.concatenate((left, of_parts, np.delete(right, 0, axis)), axis)
            tried = assign(cost_cut, LIMIT)
            more = len(tried) >= len(pairs) + len(parts) - 1 > len(pairs)
            # A hole is no part of what fills it.
            if more and all(
                sides[0][row].opening <= sides[1][column].opening for row, column in tried
            ):
                mine[:], pairs, cost = cut, tried, cost_cut
    return _grouped(before, after, _akin(before, after, pairs), differs)


def _akin(
    before: list[SeenArea], after: list[SeenArea], pairs: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The same pairs, without those of areas in other places that nothing but what is left makes one thing: two of
    another color, of another form, and one a piece of another pair."""
    found = [(before[row], after[column]) for row, column in pairs]
    kept = []
    for pair, (one, two) in zip(pairs, found, strict=True):
        strange = 0
        if not (one.ground or two.ground or _overlap(one, two) >= IN_PLACE):
            others = [both for both in found if both[0] is not one]
            pieces = [(one, whole) for _, whole in others] + [(two, whole) for whole, _ in others]
            named = color_name(one.hex) != color_name(two.hex)
            strange += named and color_distance(one.hex, two.hex) > KIN_DELTA_E
            strange += unlike(one.mask, two.mask) > ANOTHER
            strange += any(_is_piece(*some, OTHER_PAINT) for some in pieces)
            sides = np.log([sorted(area.mask.shape) for area in (one, two)])
            larger = np.abs(np.diff(sides, axis=0)).max() > FAR_LARGER
            strange += 2 * (larger and not shared(one, two))
        if strange < 2:
            kept.append(pair)
    return kept


def _kept(first: SeenIcon, differs: Mask) -> Mask:
    """Pixels of parts of the reference that are unchanged in the candidate."""
    part_of = _fills_of_lines(first)
    parts = np.array([*part_of, len(part_of)], np.int32)[first.item]
    changed = np.bincount(parts[differs], minlength=len(part_of) + 1) >= SPECK_PX
    if (kept := ~changed[parts]).all():
        return kept
    part = around(~kept)
    labels = parts_of(np.where(kept[part], 0, parts[part] + 1))
    touched = np.bincount(labels[differs[part]], minlength=int(labels.max()) + 1)
    few = touched < SPECK_PX
    few[0] = False
    kept[part] |= few[labels]
    return np.asarray(kept)


def _fills_of_lines(seen: SeenIcon) -> list[int]:
    """For each painted item itself, or the fill of its color along whose edge it is a line: both are one part."""
    fills: dict[tuple[object, str], int] = {}
    found = []
    for at, item in enumerate(seen.items):
        fill, stroke = (str(item.style.get(name, "none")) for name in ("fill", "stroke"))
        lines = item.data.get("outline")
        outline = tuple(lines) if isinstance(lines, list) else at
        found.append(fills.get((outline, stroke), at) if fill == "none" else at)
        fills[outline, fill] = at
    return found


def _parts(area: SeenArea, side: SeenIcon) -> list[SeenArea]:
    """The areas that an area is joined of, one for each element."""
    items = side.item[area.part]
    parts = []
    for at in area.items:
        mask = area.mask & (items == at)
        if count(mask) >= SPECK_PX:
            cut = ndimage.find_objects(mask.astype(np.int8))[0]
            parts.append(side.area_of(shifted(area.part, cut), mask[cut]))
    return parts


def _cost(before: list[SeenArea], after: list[SeenArea]) -> NDArray[np.float64]:
    """The cost of pairing areas: weighted differences of place, size, outline and color."""
    if not before or not after:
        return np.zeros((len(before), len(after)))
    sides = (before, after)
    boxes = [np.array([area.box for area in side]) for side in sides]
    sizes = [np.array([area.area for area in side], float) for side in sides]
    centers = [(b[:, :2] + b[:, 2:]) / 2 for b in boxes]
    gap = np.hypot(*(centers[0][:, None] - centers[1][None]).transpose(2, 0, 1))
    cost = 1.3 * gap / 475
    cost += 0.3 * np.minimum(np.abs(np.log(sizes[0][:, None] / sizes[1][None])), 2.0)
    flat = [np.array([area.form.ravel() for area in side]) for side in sides]
    either = np.maximum(flat[0][:, None], flat[1][None]).sum(axis=2)
    unlike = 1 - np.minimum(flat[0][:, None], flat[1][None]).sum(axis=2) / np.maximum(either, 1e-6)
    cost += 0.45 * unlike
    tall = [np.log((b[:, 3] - b[:, 1]) / (b[:, 2] - b[:, 0])) for b in boxes]
    cost += 0.1 * np.minimum(np.abs(tall[0][:, None] - tall[1][None]), 1.5)
    colors = [sorted({area.hex for area in side}) for side in sides]
    known = np.array([[color_distance(one, two) for two in colors[1]] for one in colors[0]])
    picks = [
        [own.index(area.hex) for area in side] for own, side in zip(colors, sides, strict=True)
    ]
    far = known[np.ix_(*picks)]
    cost += 0.6 * np.minimum(far, 50.0) / 50
    overlap = np.zeros_like(cost)
    low = np.maximum(boxes[0][:, None, :2], boxes[1][None, :, :2])
    high = np.minimum(boxes[0][:, None, 2:], boxes[1][None, :, 2:])
    touching = (low < high).all(axis=2)
    cost += np.where(touching, 0.0, 0.45 * unlike)  # What moved away keeps its form.
    for row, column in np.argwhere(touching):
        overlap[row, column] = _overlap(before[row], after[column])
    cost -= np.where(far <= KIN_DELTA_E, 0.3 * overlap, 0.45 * np.maximum(overlap - 0.3, 0.0))
    holes = [np.array([area.opening for area in side]) for side in sides]
    slim = [  # A hole is no line.
        np.array([other.any() and area.line for area in side])
        for side, other in zip(sides, holes[::-1], strict=True)
    ]
    cost += 0.6 * (holes[0][:, None] & slim[1][None] | slim[0][:, None] & holes[1][None])
    bare = [np.array([area.ground for area in side]) for side in sides]
    cost += 0.6 * ((bare[0][:, None] != bare[1][None]) & (overlap < 0.8))
    return np.asarray(cost)


def shared(one: SeenArea, two: SeenArea) -> int:
    """Number of pixels in both."""
    top, left = (max(a.start, b.start) for a, b in zip(one.part, two.part, strict=True))
    bottom, right = (min(a.stop, b.stop) for a, b in zip(one.part, two.part, strict=True))
    if top >= bottom or left >= right:
        return 0
    cuts = [
        area.mask[
            top - area.part[0].start : bottom - area.part[0].start,
            left - area.part[1].start : right - area.part[1].start,
        ]
        for area in (one, two)
    ]
    return count(cuts[0] & cuts[1])


def _overlap(one: SeenArea, two: SeenArea) -> float:
    both = shared(one, two)
    return both / (one.area + two.area - both)


def _grouped(
    before: list[SeenArea],
    after: list[SeenArea],
    pairs: list[tuple[int, int]],
    differs: Mask,
) -> list[Thing]:
    """Matched pairs, extended by pieces that lie on the other side's thing; then the unmatched areas."""
    shape = differs.shape
    result = [Thing([before[row]], [after[column]], shape) for row, column in pairs]
    rows = {row for row, _ in pairs}
    columns = {column for _, column in pairs}
    for at, area in enumerate(before):
        if at not in rows and not _joins(area, result, differs, old=True):
            result.append(Thing([area], [], shape))
    for at, area in enumerate(after):
        if at not in columns and not _joins(area, result, differs, old=False):
            result.append(Thing([], [area], shape))
    _rejoin(result)
    return result


def _rejoin(known: list[Thing]) -> None:
    """Join the pieces of a thing that was split or merged: they lie on the whole thing."""
    for old in (True, False):
        wholes = [
            thing for thing in known if bool(thing.before) is old and bool(thing.after) is not old
        ]
        for whole in wholes:
            if whole not in known:
                continue
            area = (whole.before if old else whole.after)[0]
            pieces = [
                thing
                for thing in known
                if bool(thing.before) is not old and bool(thing.after) is old
                and _is_piece((thing.after if old else thing.before)[0], area)
            ]  # fmt: skip
            pixels = sum((thing.after if old else thing.before)[0].area for thing in pieces)
            if pixels < AGAIN * area.area:
                continue
            for piece in pieces:
                whole.before += piece.before
                whole.after += piece.after
                known.remove(piece)


def _is_piece(piece: SeenArea, whole: SeenArea, farthest: float = KIN_DELTA_E) -> bool:
    if piece.ground != whole.ground or piece.area > 1.2 * whole.area:
        return False
    if whole.written and not piece.written and _in_line(piece, whole):
        return True
    held = shared(piece.core, whole) >= HELD * piece.core.area
    # Letters are identified by place, whatever their color.
    return held and (whole.written or color_distance(piece.hex, whole.hex) <= farthest)


def _in_line(piece: SeenArea, text: SeenArea) -> bool:
    """True for a letter drawn as a shape where the other picture has it as text, in any font."""
    if color_distance(piece.hex, text.hex) > KIN_DELTA_E:
        return False
    left, top, right, bottom = text.box
    reach = (bottom - top) / 2
    x, y = (piece.box[0] + piece.box[2]) / 2, (piece.box[1] + piece.box[3]) / 2
    level = piece.box[3] - piece.box[1] < 2 * (bottom - top)
    return level and left - reach < x < right + reach and top < y < bottom


def _joins(area: SeenArea, known: list[Thing], differs: Mask, *, old: bool) -> bool:
    """Add a piece to the thing whose other side holds it, if there is one of its color."""
    best, most = None, HELD * area.area
    near = area.core
    farthest = OTHER_PAINT if differs[area.part][area.mask].mean() > HELD else KIN_DELTA_E
    for thing in known:
        wholes = thing.after if old else thing.before
        mates = thing.before if old else thing.after
        if not wholes or not mates or thing.ground != area.ground:
            continue
        if color_distance(area.hex, mates[0].hex) > farthest:
            continue
        if wholes[0].written and not area.written and _in_line(area, wholes[0]):
            best = thing
            break
        held = sum(shared(near, whole) for whole in wholes) * area.area / near.area
        held = max(held, _beside(area, wholes, mates) * area.area)
        if held >= most:
            best, most = thing, held
    if best is not None:
        (best.before if old else best.after).append(area)
    return best is not None


def _beside(area: SeenArea, wholes: list[SeenArea], mates: list[SeenArea]) -> float:
    """Share of a line's pixels that run along other lines where these have no mate; 0 for no line."""
    if not all(one.line for one in (area, *wholes)):
        return 0.0
    reach = round(ALONG * thickness(area.mask))
    part = wider(area.part, 2 * reach)
    ink, known = drawn_in(part, wholes), drawn_in(part, mates)
    return count(squared(ink & ~squared(known, reach), reach) & drawn_in(part, [area])) / area.area

"""Pairs the areas of two icons, and finds those that caused the changed pixels.

Areas that no visible change touches are left out first. The others are matched one to one by place,
size, outline and color, then one to many where that explains more. Every changed pixel passes
from one thing to another; the fewest things that account for all of them are what changed, and
their neighbors only gave way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.matching import assign
from annotators.structural.severity import color_distance
from annotators.structural.svg.masks import EIGHT, Mask, around, count, eroded, parts_of, widened
from annotators.structural.svg.seen.areas import SPECK_PX, Part, SeenArea, SeenIcon, shifted
from records.rows import Box

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
MINOR = 0.1
"""Another cause of a changed patch is a consequence if it explains at most this share of the main cause."""
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
    own_px: int = 0
    """Changed pixels that belong to it on both sides: another color or shade."""

    @cached_property
    def part(self) -> Part:
        """Rows and columns around all of its areas."""
        parts = [area.part for area in (*self.before, *self.after)]
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
        return self._on(self.before)

    @cached_property
    def new(self) -> Mask:
        return self._on(self.after)

    @property
    def ground(self) -> bool:
        return any(area.ground for area in (*self.before, *self.after))

    @property
    def weight(self) -> float:
        """How likely a change is its own, not that of a neighbor."""
        one_sided = not (self.before and self.after)
        if not any(area.opening for area in (*self.before, *self.after)):
            return GROUND_WEIGHT if self.ground else 1.0
        return GROUND_WEIGHT if self.ground or one_sided else OPENING_WEIGHT

    @cached_property
    def size(self) -> int:
        return max(count(self.old), count(self.new), 1)

    def box(self) -> Box:
        rows, columns = self.part
        return float(columns.start), float(rows.start), float(columns.stop), float(rows.stop)

    def _on(self, areas: list[SeenArea]) -> Mask:
        rows, columns = self.part
        result = np.zeros((rows.stop - rows.start, columns.stop - columns.start), bool)
        for area in areas:
            top, left = area.part[0].start - rows.start, area.part[1].start - columns.start
            height, width = area.mask.shape
            result[top : top + height, left : left + width] |= area.mask
        return result


def things(first: SeenIcon, second: SeenIcon, differs: Mask) -> list[Thing]:
    """All things that a visible change touches, matched; `blame` finds the causes.

    Args:
        first: Of the reference.
        second: Of the candidate.
        differs: H x W: pixels that are seen to differ.
    """
    kept = _kept(first, differs)
    before = _touched(first, ~kept, differs)
    after = _touched(second, ~kept, differs)
    pairs = _pairs(before, after)
    for own, mine in ((first, before), (second, after)):
        for area in [area for area in mine if 1 < len(area.items) <= MOST_PIECES]:
            parts = _parts(area, own)
            at = mine.index(area)
            cut = [*mine[:at], *parts, *mine[at + 1 :]]
            sides = (cut, after) if mine is before else (before, cut)
            tried = _pairs(*sides)
            more = len(tried) >= len(pairs) + len(parts) - 1 > len(pairs)
            # A hole is no part of what fills it.
            if more and all(
                sides[0][row].opening <= sides[1][column].opening for row, column in tried
            ):
                mine[:], pairs = cut, tried
    return _grouped(before, after, pairs, differs)


def _kept(first: SeenIcon, differs: Mask) -> Mask:
    """Pixels of parts of the reference that are unchanged in the candidate."""
    numbers = np.arange(1, len(first.items) + 2, dtype=np.int32)
    changed = np.bincount(first.item[differs], minlength=len(numbers)) >= SPECK_PX
    kept = ~changed[first.item]
    if kept.all():
        return kept
    part = around(~kept)
    labels = parts_of(np.where(changed, numbers, 0)[first.item[part]])
    touched = np.bincount(labels[differs[part]], minlength=int(labels.max()) + 1)
    few = touched < SPECK_PX
    few[0] = False
    kept[part] |= few[labels]
    return np.asarray(kept)


def _touched(side: SeenIcon, within: Mask, differs: Mask) -> list[SeenArea]:
    near = widened(differs, 3)
    return side.areas(within, near)


def _parts(area: SeenArea, side: SeenIcon) -> list[SeenArea]:
    """The areas that an area is joined of, one for each element."""
    items = side.item[area.part]
    parts = []
    for at in area.items:
        mask = area.mask & (items == at)
        if mask.sum() >= SPECK_PX:
            cut = ndimage.find_objects(mask.astype(np.int8))[0]
            parts.append(side.area_of(shifted(area.part, cut), mask[cut]))
    return parts


def _pairs(before: list[SeenArea], after: list[SeenArea]) -> list[tuple[int, int]]:
    if not before or not after:
        return []
    return assign(_cost(before, after), LIMIT)


def _cost(before: list[SeenArea], after: list[SeenArea]) -> NDArray[np.float64]:
    """The cost of pairing areas: weighted differences of place, size, outline and color."""
    sides = (before, after)
    boxes = [np.array([area.box for area in side]) for side in sides]
    sizes = [np.array([area.area for area in side], float) for side in sides]
    forms = [np.array([area.form for area in side]) for side in sides]
    centers = [(b[:, :2] + b[:, 2:]) / 2 for b in boxes]
    gap = np.hypot(*(centers[0][:, None] - centers[1][None]).transpose(2, 0, 1))
    cost = 1.3 * gap / 475
    cost += 0.3 * np.minimum(np.abs(np.log(sizes[0][:, None] / sizes[1][None])), 2.0)
    flat = [form.reshape(len(form), -1) for form in forms]
    both = np.minimum(flat[0][:, None], flat[1][None]).sum(axis=2)
    either = np.maximum(flat[0][:, None], flat[1][None]).sum(axis=2)
    cost += 0.45 * (1 - both / np.maximum(either, 1e-6))
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
    for row, column in np.argwhere((low < high).all(axis=2)):
        overlap[row, column] = _overlap(before[row], after[column])
    kin = far <= KIN_DELTA_E
    cost -= np.where(kin, 0.3 * overlap, 0.45 * np.maximum(overlap - 0.3, 0.0))
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


def _spread(area: SeenArea) -> SeenArea:
    """The inside of an area, without its edge, so that edges may be slightly shifted."""
    inner = eroded(area.mask)
    return replace(area, mask=inner) if inner.sum() >= SPECK_PX else area


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


def _is_piece(piece: SeenArea, whole: SeenArea) -> bool:
    if piece.ground != whole.ground or piece.area > 1.2 * whole.area:
        return False
    if whole.written and not piece.written and _in_line(piece, whole):
        return True
    if shared(_spread(piece), whole) < HELD * _spread(piece).area:
        return False
    # Letters are identified by place, whatever their color.
    return whole.written or color_distance(piece.hex, whole.hex) <= KIN_DELTA_E


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
    near = _spread(area)
    repainted = differs[area.part][area.mask].mean() > HELD
    farthest = OTHER_PAINT if repainted else KIN_DELTA_E
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
        if held >= most:
            best, most = thing, held
    if best is None:
        return False
    (best.before if old else best.after).append(area)
    return True


def _map(known: list[Thing], shape: tuple[int, int], *, old: bool) -> NDArray[np.int32]:
    result = np.full(shape, -1, np.int32)
    for at, thing in enumerate(known):
        for area in thing.before if old else thing.after:
            result[area.part][area.mask] = at
    return result


def blame(known: list[Thing], differs: Mask) -> list[Thing]:
    """The fewest things whose change explains every changed pixel; also sets how many each explains.

    A thing that explains little of a change that another one explains is not a separate cause.
    """
    old, new = (_map(known, differs.shape, old=side)[differs] for side in (True, False))
    cause = np.where(old == new, old, -1)
    open_ = (old != new) & ((old >= 0) | (new >= 0))
    sizes = np.array([thing.size for thing in known] or [1], float)
    weights = np.array([thing.weight for thing in known] or [1.0])
    one_sided = np.array([not (thing.before and thing.after) for thing in known] or [False])
    chosen: list[int] = []
    while True:
        ends = [side[open_ & (side >= 0)] for side in (old, new)]
        open_px = np.bincount(np.concatenate(ends), minlength=len(sizes))
        share = np.minimum(open_px / sizes, 1.0) + 0.1 * open_px / max(open_px.max(), 1)
        likely = (share + one_sided) * weights
        likely[open_px < SPECK_PX] = 0
        at = int(likely.argmax())
        if likely[at] <= 0:
            break
        mine = open_ & ((old == at) | (new == at))
        cause[mine] = at
        open_ &= ~mine
        chosen.append(at)
    own, moved = _accounted(cause, old == new, differs, len(known))
    for at, thing in enumerate(known):
        thing.own_px, thing.moved_px = int(own[at]), int(moved[at])
    return [known[at] for at in chosen if moved[at] and known[at].weight > GROUND_WEIGHT]


def _accounted(
    cause: NDArray[np.int32], own: Mask, differs: Mask, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixels that each thing accounts for, as its own color and as its outline; consequences are none."""
    labels, patches = ndimage.label(widened(differs, 2), EIGHT)
    patch = labels[differs]
    shape = (2, patches + 1, count + 1)
    cells = np.ravel_multi_index((1 - own, patch, cause % shape[2]), shape)
    table = np.bincount(cells, minlength=2 * shape[1] * shape[2]).reshape(shape)[:, :, :count]
    most = table.sum(axis=0).max(axis=1, initial=0)
    frequent = (table >= MINOR * most[None, :, None]).any(axis=1)
    totals = table.sum(axis=1) * frequent
    return totals[0], totals[1]

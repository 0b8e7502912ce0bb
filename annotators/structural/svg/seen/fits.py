"""Classifies the change of a silhouette: moved, resized, stretched, rotated, mirrored, thicker or reshaped.

Each change is applied to the old pixels and must give the new ones to count as an explanation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import hypot

import numpy as np
from numpy.typing import NDArray

from annotators.structural.svg.masks import (
    Mask,
    bounds,
    count,
    depths,
    filled,
    packed,
    padded,
    rounded,
    unpacked,
    widened,
)
from annotators.structural.visibility import PATCH_PX
from records.rows import Box

MISFIT = 0.03
"""Largest share of a thing's pixels that may differ from a prediction."""
UNSEEN = 0.012
"""The same share for an unchanged outline."""
SMALL_SIDE_PX = 40.0
LEAN_SLIM, LEAST_TURN = 0.35, 2.0
"""Largest ratio of the axes of a thing that leans, and least noticed turn of it in degrees."""
TURN_SIDE = 40
TURNS = tuple(range(-180, 180, 15))
RIM = 0.08
"""Largest share of a thing by which a rim may be uneven: the ends of lines are."""
LEFT = 0.35
"""Largest share of its misfit that a move, a turn, or a mirror, may leave."""
CLEARLY = 0.1
"""A rotation is preferred to a stretch if it improves the overlap by at least this."""
GREATLY = 1.12
"""A size change is mentioned beside a changed form if the ratio is at least this."""
EQUALLY_GOOD = 0.13
EVEN_SCALE = 0.05
THICKER = 1.15
COARSE_PX = 200
"""Longer sides are measured at every second pixel."""
SLIM = 0.16
"""Thickness in sides of its box up to which a thing is a line."""
SOLID = 0.5
"""Thickness in sides of its box from which a thing is no line, whatever it was."""
EVEN_LINE = 1.7
"""Largest ratio of the greatest to the typical thickness of a line."""


@dataclass(frozen=True)
class Fit:
    """The change from old to new pixels."""

    kind: str
    """same, moved, resized, stretched, rotated, mirrored, thickness or reshaped; an aspect is what is
    said beside the last one."""
    across_px: float = 0.0
    """Shift of its middle to the right."""
    down_px: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    angle: float = 0.0
    """Degrees, clockwise as seen."""
    thicker: float = 1.0
    """Ratio of the thickness of its lines."""

    @property
    def distance_px(self) -> float:
        return hypot(self.across_px, self.down_px)

    @property
    def greatly(self) -> bool:
        """True if width or height changed greatly."""
        return not all(1 / GREATLY < scale < GREATLY for scale in (self.scale_x, self.scale_y))

    @property
    def scale(self) -> float:
        return float((self.scale_x * self.scale_y) ** 0.5)


def fit(old: Mask, new: Mask) -> Fit:
    """The simplest change that turns one mask into the other; both cover the same part of the picture."""
    one, two = bounds(old), bounds(new)
    first, second = cut(old, one), cut(new, two)
    across = (two[0] + two[2] - one[0] - one[2]) / 2
    down = (two[1] + two[3] - one[1] - one[3]) / 2
    scale_x = (two[2] - two[0]) / (one[2] - one[0])
    scale_y = (two[3] - two[1]) / (one[3] - one[1])
    numbers = {"across_px": across, "down_px": down, "scale_x": scale_x, "scale_y": scale_y}
    off = sum(count(mask) for mask in apart(old, new))
    if off <= min(UNSEEN * min(count(old), count(new)), PATCH_PX):
        return Fit("same", **numbers)
    if abs(first.shape[0] - second.shape[0]) <= 2 and abs(first.shape[1] - second.shape[1]) <= 2:
        for shifted in _shifts(old, across, down):
            if agree(shifted, new, min(MISFIT, LEFT * misfit(old, new))):
                return Fit("moved", across_px=across, down_px=down)
    (thick, most), (now_thick, now_most) = widths(first), widths(second)
    numbers["thicker"] = now_thick / thick
    size = max(first.shape)
    slim = most < EVEN_LINE * thick + 2 and now_most < EVEN_LINE * now_thick + 2
    if (
        slim
        and thick < SLIM * size
        and now_thick < SOLID * max(second.shape)
        and not 1 / THICKER < now_thick / thick < THICKER
        and _one_course(old, new)
    ):
        # On one course, areas measure a thickness more finely than whole pixels across do.
        return Fit("thickness", **numbers | {"thicker": count(new) / count(old)})
    leaning = _leaning(first, second)
    if leaning:
        return Fit("rotated", across, down, angle=leaning)
    if agree(resized(first, second.shape), second):
        same = abs(scale_x - scale_y) < max(EVEN_SCALE * max(scale_x, scale_y), 3 / size)
        return Fit("resized" if same else "stretched", **numbers)
    turned = _turned(first, second)
    if turned is not None:
        angle, ratio = turned
        return Fit("rotated", across, down, scale_x=ratio, scale_y=ratio, angle=angle)
    upright = misfit(resized(first, second.shape), second)
    for flip in (first[:, ::-1], first[::-1]):
        if misfit(resized(flip, second.shape), second) <= min(MISFIT, LEFT * upright):
            return Fit("mirrored", **numbers)
    if _silhouette_moved(old, new, across, down):
        return Fit("moved", across_px=across, down_px=down)
    return Fit("reshaped", **numbers)


def _silhouette_moved(old: Mask, new: Mask, across: float, down: float) -> bool:
    """True if a thing moved and the things on it did not, so that its holes changed."""
    if hypot(across, down) < 1.5:
        return False
    one, two = filled(old), filled(new)
    if count(one) == count(old) or abs(count(one) / count(two) - 1) > MISFIT:
        return False
    least = min(MISFIT, LEFT * misfit(one, two))
    return any(agree(shifted, two, least) for shifted in _shifts(one, across, down))


def agree(one: Mask, two: Mask, share: float = MISFIT) -> bool:
    """True if nearly all pixels of each mask lie within an edge's width of the other."""
    return misfit(one, two) <= share


def misfit(one: Mask, two: Mask) -> float:
    """Share of the pixels of two masks that lie apart from the other mask."""
    if not (one ^ two).any():
        return 0.0
    off = sum(count(mask) for mask in apart(one, two))
    return off / max(min(count(one), count(two)), 1)


def apart(one: Mask, two: Mask) -> tuple[Mask, Mask]:
    """Pixels of each mask that lie farther from the other mask than a soft edge; read-only."""
    return _apart(packed(one), packed(two), one.shape)


@lru_cache(maxsize=64)
def _apart(one: bytes, two: bytes, shape: tuple[int, ...]) -> tuple[Mask, Mask]:
    """`apart`, cached."""
    reach = 2 if max(shape) > SMALL_SIDE_PX * 2 else 1
    first, second = unpacked(one, shape), unpacked(two, shape)
    found = first & ~widened(second, reach), second & ~widened(first, reach)
    for mask in found:
        mask.flags.writeable = False
    return found


def unlike(old: Mask, new: Mask) -> float:
    """Misfit of two masks after both are normalized to one place and size."""
    second = cut(new, bounds(new))
    return misfit(resized(cut(old, bounds(old)), second.shape), second)


def thickness(mask: Mask) -> float:
    """Typical width of a mask's strokes in pixels."""
    return widths(mask)[0]


def widths(mask: Mask) -> tuple[float, float]:
    """Typical and greatest width of a mask's strokes: twice the distance of its center lines from
    the edge."""
    return _widths(packed(mask), mask.shape)


@lru_cache(maxsize=256)
def _widths(pixels: bytes, shape: tuple[int, ...]) -> tuple[float, float]:
    """`widths`, cached."""
    ridge, step = ridge_of(pixels, shape)
    if not ridge:
        return 1.0, 1.0
    typical = ridge[len(ridge) // 2] + ridge[(len(ridge) - 1) // 2]  # Twice the median.
    return step * (typical - 0.5), step * (2 * ridge[-1] - 0.5)


@lru_cache(maxsize=256)
def ridge_of(pixels: bytes, shape: tuple[int, ...]) -> tuple[list[float], int]:
    """Distances of a mask's center lines from its edge, in steps of so many pixels, the smallest first."""
    mask = unpacked(pixels, shape)
    step = 2 if max(shape) > COARSE_PX else 1
    depth = depths(padded(mask[::step, ::step], 1))
    highest = depth.copy()
    for lines in (highest, highest.T):  # The highest of each pixel's neighborhood of nine.
        own = lines.copy()
        np.maximum(lines[1:], own[:-1], out=lines[1:])
        np.maximum(lines[:-1], own[1:], out=lines[:-1])
    return np.sqrt(np.sort(depth[(depth > 0) & (depth == highest)])).tolist(), step


def cut(mask: Mask, box: Box) -> Mask:
    """The pixels of a mask in a box."""
    left, top, right, bottom = (int(edge) for edge in box)
    return mask[top:bottom, left:right]


def _shifts(mask: Mask, across: float, down: float) -> list[Mask]:
    found = []
    for right in {int(np.floor(across)), int(np.ceil(across))}:
        for below in {int(np.floor(down)), int(np.ceil(down))}:
            found.append(_shifted(mask, right, below))
    return found


def _shifted(mask: Mask, right: int, below: int) -> Mask:
    result = np.zeros_like(mask)
    height, width = mask.shape
    from_y, to_y = max(-below, 0), max(below, 0)
    from_x, to_x = max(-right, 0), max(right, 0)
    rows, columns = height - abs(below), width - abs(right)
    if rows > 0 and columns > 0:
        result[to_y : to_y + rows, to_x : to_x + columns] = mask[
            from_y : from_y + rows, from_x : from_x + columns
        ]
    return result


def resized(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """A mask stretched to another height and width."""
    rows = ((np.arange(shape[0]) + 0.5) * mask.shape[0] / shape[0]).astype(int)
    columns = ((np.arange(shape[1]) + 0.5) * mask.shape[1] / shape[1]).astype(int)
    return np.asarray(mask[rows].take(columns, axis=1))


def _one_course(old: Mask, new: Mask) -> bool:
    """True if the thinner of two lines runs along the middle of the thicker."""
    thin, thick = (old, new) if count(old) < count(new) else (new, old)
    reach = max(1, round(thickness(thick) / 2))
    spread = widened(thin, reach)
    return count(thin & ~widened(thick, 1)) <= MISFIT * 2 * count(thin) and count(
        thick & ~spread
    ) <= MISFIT * 2 * count(thick)


def spread(old: Mask, new: Mask) -> float | None:
    """Ratio of the thicknesses of two masks if one is the other with an even rim; else None."""
    thin, thick = (old, new) if count(old) < count(new) else (new, old)
    if count(thick) < THICKER * count(thin):
        return None
    rims = [abs(a - b) for a, b in zip(bounds(thin), bounds(thick), strict=True)]
    line = thickness(thin)
    likely = [round((thickness(thick) - line) / 2)]
    # What grew on all sides; lines that run together have no thickness.
    likely += [round(max(rims))] if 2 * min(rims) > max(rims) else []
    for rim in likely:
        if rim > 0 and misfit(rounded(thin, rim), thick) <= RIM:
            return 1 + 2 * rim / line if thin is old else 1 / (1 + 2 * rim / line)
    return None


def _turned(first: Mask, second: Mask) -> tuple[float, float] | None:
    """Degrees by which the first mask, rotated about its center, becomes the second; None if it
    does not. Its size may change, too.
    """
    ratio = (count(second) / count(first)) ** 0.5
    if not 0.6 < ratio < 1.7:
        return None
    if abs(ratio - 1) > 0.04:
        first = resized(first, tuple(max(round(side * ratio), 1) for side in first.shape))
    step = max(1, -(-max(*first.shape, *second.shape) // TURN_SIDE))
    few = first[::step, ::step], second[::step, ::step]
    if not all(mask.any() for mask in few):
        return None  # A slanted line of single pixels may pass between those that are looked at.
    one, two = map(_centered, few)
    side = max(one.shape[0], two.shape[0])
    one, two = _padded(one, side), _padded(two, side)
    alike_upright = _alike(one, two)
    trials = [
        (alike - abs(angle) / 3600, angle)
        for alike, angle in zip(_alike_turned(one, two), TURNS, strict=True)
    ]
    best, _ = max(trials)
    if best < max(0.55, alike_upright + CLEARLY):
        return None
    full_one, full_two = _centered(first), _centered(second)
    side = max(full_one.shape[0], full_two.shape[0])
    full_one, full_two = _padded(full_one, side), _padded(full_two, side)
    upright = misfit(full_one, full_two)
    # A star looks the same after a fifth of a turn: take the smallest rotation that explains the change.
    likely = sorted((angle for score, angle in trials if score > best - EQUALLY_GOOD), key=abs)
    for at in likely[:3]:
        _, angle = max(
            (_alike(_turn(full_one, turn), full_two), turn) for turn in range(at - 8, at + 9, 2)
        )
        if misfit(_turn(full_one, angle), full_two) <= min(0.08, LEFT * upright):
            return float((angle + 180) % 360 - 180), ratio
    return None


def _leaning(first: Mask, second: Mask) -> float:
    """Degrees by which a slim thing leans more to one side; 0 if that is not what changed."""
    leans = []
    for mask in (first, second):
        angle, slim = _lean(mask)
        if slim > LEAN_SLIM:
            return 0.0
        leans.append(angle)
    turn = (leans[1] - leans[0] + 90) % 180 - 90
    if not LEAST_TURN < abs(turn) < TURNS[1] - TURNS[0]:
        return 0.0
    one, two = _centered(first), _centered(second)
    side = max(one.shape[0], two.shape[0])
    one, two = _padded(one, side), _padded(two, side)
    off = misfit(_turn(one, turn), two)
    return turn if off <= MISFIT < misfit(one, two) else 0.0


def _lean(mask: Mask) -> tuple[float, float]:
    """Direction of a mask's longer axis in degrees, clockwise, and the ratio of its axes."""
    sizes = [mask.sum(axis=axis, dtype=np.int32) for axis in (0, 1)]
    pixels = max(count(mask), 1)
    x, y = (np.arange(len(one)) - one @ np.arange(len(one)) / pixels for one in sizes)
    xx, yy = (float(one @ far**2) for one, far in zip(sizes, (x, y), strict=True))
    xy = float(y @ (mask @ x))
    gap, middle = hypot((xx - yy) / 2, xy), (xx + yy) / 2
    return float(np.degrees(np.arctan2(2 * xy, xx - yy)) / 2), (
        max(middle - gap, 0.0) / max(middle + gap, 1e-9)
    ) ** 0.5


def _centered(mask: Mask) -> Mask:
    """The mask on a square around its center of mass, large enough for rotation."""
    rows, columns = np.nonzero(mask)
    y, x = rows.mean(), columns.mean()
    reach = int(np.hypot(rows - y, columns - x).max()) + 2
    result = np.zeros((2 * reach + 1, 2 * reach + 1), bool)
    result[
        np.clip(rows - round(y) + reach, 0, 2 * reach),
        np.clip(columns - round(x) + reach, 0, 2 * reach),
    ] = True
    return result


def _padded(mask: Mask, side: int) -> Mask:
    return padded(mask, (side - mask.shape[0]) // 2)


def _turn(mask: Mask, angle: float) -> Mask:
    return padded(mask, 1).ravel()[_sources(len(mask), angle)]


def _sources(side: int, angle: float) -> NDArray[np.int32]:
    """Where each pixel of a turned square comes from: its number in the square with an empty frame."""
    turn = np.radians(angle)
    middle = (side - 1) / 2
    x = np.arange(side) - middle
    y = x[:, None]
    # The frame is empty, and all that comes from outside.
    last = side + 1
    middle += 1
    from_x = np.rint(np.cos(turn) * x + np.sin(turn) * y + middle).astype(np.int32)
    from_y = np.rint(-np.sin(turn) * x + np.cos(turn) * y + middle).astype(np.int32)
    for places in (from_x, from_y):
        np.clip(places, 0, last, out=places)
    return np.asarray(from_y * (side + 2) + from_x)


@lru_cache(maxsize=64)
def _all_sources(side: int) -> NDArray[np.int32]:
    """`_sources` of all `TURNS`, kept: most things are looked at in a few sizes."""
    return np.stack([_sources(side, angle) for angle in TURNS])


def _alike_turned(one: Mask, two: Mask) -> list[float]:
    """`_alike` for the first mask after each of `TURNS`."""
    turned = padded(one, 1).ravel()[_all_sources(len(one))]
    return [_alike(mask, two) for mask in turned]


def _alike(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> float:
    return count(one & two) / max(count(one | two), 1)

"""Compares nets of connected lines piece by piece: which pieces are lost or added.

Black lines around colored parts are one connected area, which a person does not see as one thing.
If a part changed, its outline changed too; only a piece of line without a line nearby in the other
picture is missing or extra.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.svg.masks import EIGHT, Mask, around, rounded, squared, widened
from annotators.structural.svg.seen.areas import SeenArea, SeenIcon
from annotators.structural.svg.seen.fits import thickness
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.things import Thing

NET_SHARE = 0.14
"""Largest thickness of the lines of a net, as a share of its box."""
LONG = 5.0
"""A line shorter than this many thicknesses is a mark, not a net."""
BESIDE = 0.25
"""Share of what lies along a net that is of some color."""
ALONG = 2.0
"""Thicknesses by which a line may go along with what it surrounds."""
SHORT = 2.5
"""Length of a piece, in thicknesses, below which it is the end of another one."""
COURSES = 6
"""Directions that a line may run in."""
SAME_INK = 60
"""Difference of a channel (0-255) between pixels of lines of one color."""


def net_pieces(thing: Thing, scenes: Scenes) -> list[Thing] | None:
    """Pieces of a net of lines that are on one side only; None if the thing is no net."""
    areas = [*thing.before, *thing.after]
    if any(area.ground or area.written or area.shaded for area in areas):
        return None
    widest = max(thickness(mask) for mask in (thing.old, thing.new) if mask.any())
    long = max(area.area for area in areas) > LONG * widest**2
    if not long or widest > NET_SHARE * max(thing.old.shape):
        return None
    if not any(
        _surrounds(area, side)
        for side, mine in ((scenes.first, thing.before), (scenes.second, thing.after))
        for area in mine
    ):
        return None
    found = []
    for mine, other in ((thing.before, scenes.second), (thing.after, scenes.first)):
        for area in mine:
            for piece in _alone(area, other, widest):
                sides = ([piece], []) if mine is thing.before else ([], [piece])
                found.append(Thing(*sides, thing.shape, moved_px=piece.area))
    return found


def _surrounds(area: SeenArea, side: SeenIcon) -> bool:
    """True if a line is darker than what lies along it, and a good part of that is colored.

    Letters and signs stand alone.
    """
    rows, columns = area.part
    frame = (
        slice(max(rows.start - 3, 0), rows.stop + 3),
        slice(max(columns.start - 3, 0), columns.stop + 3),
    )
    top, left = rows.start - frame[0].start, columns.start - frame[1].start
    mine = np.zeros(side.root[frame].shape, bool)
    mine[top : top + area.mask.shape[0], left : left + area.mask.shape[1]] = area.mask
    beside = widened(mine, 3) & ~widened(mine, 1)
    colored = beside & (side.root[frame] != side.ground)
    darker = area.color.mean() < side.rgb[frame][colored].mean() if colored.any() else False
    return bool(darker and colored.sum() > BESIDE * beside.sum())


def _alone(area: SeenArea, other: SeenIcon, thick: float) -> list[SeenArea]:
    """Pieces of a line that have no line of their color near them in the other picture."""
    reach = round(max(ALONG * thick, 8))
    rows, columns = area.part
    frame = (
        slice(max(rows.start - reach, 0), rows.stop + reach),
        slice(max(columns.start - reach, 0), columns.stop + reach),
    )
    top, left = rows.start - frame[0].start, columns.start - frame[1].start
    height, width = area.mask.shape
    mine = np.zeros(other.root[frame].shape, bool)
    mine[top : top + height, left : left + width] = area.mask
    far = _far(mine, like(other.rgb[frame], area.color), reach, thick)
    lost = far[top : top + height, left : left + width]
    labels, _ = ndimage.label(lost, EIGHT)
    pieces = []
    for number, part in enumerate(ndimage.find_objects(labels), 1):
        mask = labels[part] == number
        if mask.sum() >= SHORT * thick**2:
            where = (
                slice(rows.start + part[0].start, rows.start + part[0].stop),
                slice(columns.start + part[1].start, columns.start + part[1].stop),
            )
            pieces.append(SeenArea(where, mask, area.color, False, area.items, False, False, False))
    return pieces


def _far(mine: Mask, ink: Mask, reach: int, thick: float) -> Mask:
    """Pixels of a line that have no other line within reach that runs about as they do."""
    if not ink.any():
        return mine
    # Where both pictures have the same line, no pixel is far: only the surroundings of others are looked at.
    wide = _course_reach(thick)
    labels, _ = ndimage.label(mine & squared(mine ^ ink, wide), EIGHT)
    large = np.bincount(labels.ravel()) >= SHORT * thick**2  # A smaller part holds no piece.
    large[0] = False
    open_ = large[labels]
    far = np.zeros(mine.shape, bool)
    if not large.any():
        return far
    part = around(open_, reach + wide)
    far[part] = _off_course(open_[part], (mine[part], ink[part]), reach, thick)
    return far


def _off_course(open_: Mask, lines: tuple[Mask, Mask], reach: int, thick: float) -> Mask:
    """Which of some pixels of a line have no other one within reach that runs about as they do."""
    mine, ink = lines
    course, other = np.full(mine.shape, -1, np.int8), _courses(ink, thick)
    part = around(open_, _course_reach(thick))
    course[part] = _courses(mine[part], thick)
    far = _beyond(open_ & (course < 0), ink, reach)
    for at in range(COURSES):
        here = open_ & (course == at)
        if here.any():
            turned = (other - at) % COURSES
            like = ink & ((other < 0) | (turned <= 1) | (turned == COURSES - 1))
            far |= _beyond(here, like, reach)
    return far


def _beyond(here: Mask, ink: Mask, reach: int) -> Mask:
    """Pixels of ``here`` that are farther than ``reach`` from all ink."""
    # Squares inside the circle of that radius decide nearly all pixels, and cost little.
    far = here & ~squared(ink, int(reach / 2**0.5))
    if far.any():
        part = around(far, reach)
        far[part] &= ~rounded(ink[part], reach)
    return far


def _course_reach(thick: float) -> int:
    """How far, in pixels, a line's surroundings decide its course."""
    return int(4 * thick / 3 + 0.5) + 1 + round(1.5 * thick) // 2


def _courses(mask: Mask, thick: float) -> NDArray[np.int8]:
    """In which of `COURSES` directions the line at each pixel runs; -1 where lines meet or turn, and
    off the line."""
    soft = ndimage.gaussian_filter(mask.astype(np.float32), thick / 3)
    down, across = np.gradient(soft)
    product = [
        ndimage.uniform_filter(a * b, round(1.5 * thick))
        for a, b in ((across, across), (down, down), (across, down))
    ]
    xx, yy, xy = (one[mask] for one in product)
    clear = np.hypot(xx - yy, 2 * xy) > 0.5 * (xx + yy)
    turn = (np.arctan2(2 * xy, xx - yy) / (2 * np.pi)) % 1
    courses = np.full(mask.shape, -1, np.int8)
    courses[mask] = np.where(clear, np.rint(turn * COURSES) % COURSES, -1)
    return courses


def like(rgb: NDArray[np.uint8], color: NDArray[np.float64]) -> Mask:
    """H x W: pixels whose channels are within `SAME_INK` of a color."""
    like = np.ones(rgb.shape[:2], bool)
    for channel, value in enumerate(color.astype(int).tolist()):
        # What wraps around below the least value is above the most.
        above = rgb[:, :, channel] - np.uint8(max(value - SAME_INK + 1, 0))
        like &= above <= min(value + SAME_INK - 1, 255) - max(value - SAME_INK + 1, 0)
    return like

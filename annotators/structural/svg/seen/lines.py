"""Compares nets of connected lines piece by piece: which pieces are lost or added.

Black lines around colored parts are one connected area, which a person does not see as one thing.
If a part changed, its outline changed too; only a piece of line without a line nearby in the other
picture is missing or extra.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.svg.masks import (
    EIGHT,
    Mask,
    around,
    count,
    rounded,
    squared,
    widened,
    wider,
)
from annotators.structural.svg.seen.areas import SeenArea, SeenIcon, drawn_in, framed, shifted
from annotators.structural.svg.seen.fits import thickness
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.things import Thing

NET_SHARE = 0.14
"""Largest thickness of the lines of a net, as a share of its box."""
FULL = 0.5
"""Largest share of its box that a net takes."""
LONG = 5.0
"""A line shorter than this many thicknesses is a mark, not a net."""
BESIDE = 0.25
"""Share of what lies along a net that is of some color."""
ALONG = 2.0
"""Thicknesses by which a line may go along with what it surrounds."""
EDGE, ONE_LOOK = 0.25, 0.8
"""Least share of the second look along a line for it to be an edge, and of one look where none is."""
SAME_PLACE, BESIDE_KEPT = 0.5, 1.25
"""Thicknesses by which a line stands where it stood, and by which it may be that of another one, too."""
CORE = 1.2
"""Squares of the thickness that a piece has off all that is near it."""
SHORT = 2.5
"""Length of a piece, in thicknesses, below which it is the end of another one."""
COURSES = 6
"""Directions that a line may run in."""
FINE_PX = 10
"""Lines of twice this thickness are looked at with every second pixel, of three times with every third."""
SAME_INK = 60
"""Difference of a channel (0-255) between pixels of lines of one color."""


def net_pieces(thing: Thing, known: list[Thing], scenes: Scenes) -> list[Thing] | None:
    """Pieces of a net of lines that are on one side only; None if the thing is no net.

    Args:
        thing: The net.
        known: All things; a line that is part of another one does not stand for a piece of this one.
        scenes: Both pictures.
    """
    widest = pen_of(thing, scenes)
    if widest is None:
        return None
    found = []
    sides = (thing.before, scenes.first, scenes.second), (thing.after, scenes.second, scenes.first)
    for mine, own, other in sides:
        taken = _taken(thing, known, widest, old=mine is thing.after)
        for area in mine:
            for piece in _alone(area, other, taken, widest):
                if not _goes_along(piece, own, other, _reach(widest)):
                    both = ([piece], []) if mine is thing.before else ([], [piece])
                    found.append(Thing(*both, thing.shape, moved_px=piece.area))
    return found


def _goes_along(piece: SeenArea, own: SeenIcon, other: SeenIcon, reach: int) -> bool:
    """True if a piece of line is the edge of what the other picture has not near this place."""
    part, mask = framed(piece, own, reach)
    beside = squared(mask, 4) & ~squared(mask, 1)
    looks = own.root[part][beside & ~like(own.rgb[part], piece.color)]
    shares = np.sort(np.bincount(looks)) if looks.size else np.zeros(1)
    if len(shares) < 2 or shares[-2] < EDGE * shares.sum():
        return False
    now = np.bincount(other.root[part][squared(mask, reach)])
    return bool(now.max() > ONE_LOOK * now.sum())


@lru_cache(maxsize=64)
def pen_of(thing: Thing, scenes: Scenes) -> float | None:
    """Thickness of the lines of a net; None if a thing is no net."""
    areas = [*thing.before, *thing.after]
    if any(area.ground or area.written or area.shaded for area in areas):
        return None
    if thing.size > FULL * thing.old.size:
        return None
    widest = max(thickness(mask) for mask in (thing.old, thing.new) if mask.any())
    long = max(area.area for area in areas) > LONG * widest**2
    if not long or widest > NET_SHARE * max(thing.old.shape):
        return None
    if not any(
        surrounds(area, side)
        for side, mine in ((scenes.first, thing.before), (scenes.second, thing.after))
        for area in mine
    ):
        return None
    return widest


def without(thing: Thing, pieces: list[Thing]) -> Thing | None:
    """A thing without pieces of it; None if a side has nothing else."""
    if not pieces:
        return thing
    sides = []
    for areas, off in (
        (thing.before, [area for piece in pieces for area in piece.before]),
        (thing.after, [area for piece in pieces for area in piece.after]),
    ):
        left = drawn_in(thing.part, areas) & ~drawn_in(thing.part, off)
        sides.append(of_pixels(areas, thing, left))
    return Thing(sides[0], sides[1], thing.shape, thing.moved_px) if all(sides) else None


def of_pixels(areas: list[SeenArea], thing: Thing, mask: Mask) -> list[SeenArea]:
    """One area of some pixels of a thing, with the look of its largest area; none of no pixels."""
    if not mask.any():
        return []
    cut = around(mask)
    lead = max(areas, key=lambda area: area.area)
    return [replace(lead, part=shifted(thing.part, cut), mask=mask[cut])]


def surrounds(area: SeenArea, side: SeenIcon, share: float = BESIDE) -> bool:
    """True if a line is darker than what lies along it, and a good part of that is colored.

    Letters and signs stand alone.
    """
    frame, mine = framed(area, side)
    beside = widened(mine, 3) & ~widened(mine, 1)
    colored = beside & ~side.bare[frame]
    darker = area.color.mean() < side.rgb[frame][colored].mean() if colored.any() else False
    return bool(darker and count(colored) > share * count(beside))


def _taken(thing: Thing, known: list[Thing], thick: float, *, old: bool) -> Mask:
    """H x W: pixels of one picture that belong to another thing, near which they are in both."""
    taken = np.zeros(thing.shape, bool)
    for other in known:
        if other is not thing and other.before and other.after and not other.ground:
            if np.abs(other.before[0].color - other.after[0].color).max() > SAME_INK:
                continue  # It took the color of the line.
            mine, theirs = (other.old, other.new) if old else (other.new, other.old)
            compact = count(mine) < LONG * thick**2
            taken[other.part] |= mine if compact else mine & squared(theirs, _reach(thick))
    return taken


def _reach(thick: float) -> int:
    return round(max(ALONG * thick, 8))


def _alone(area: SeenArea, other: SeenIcon, taken: Mask, thick: float) -> list[SeenArea]:
    """Pieces of a line that have no line of their color near them in the other picture."""
    reach = _reach(thick)
    frame, mine = framed(area, other, reach)
    far = _far(mine, like(other.rgb[frame], area.color) & ~taken[frame], reach, thick)
    labels, _ = ndimage.label(far, EIGHT)
    pieces = []
    for number, part in enumerate(ndimage.find_objects(labels), 1):
        if count(labels[part] == number) >= CORE * thick**2:
            # Its ends and edges are near what is beside it.
            wide = wider(part, round(thick))
            mask = mine[wide] & squared(labels[wide] == number, round(thick))
            if count(mask) >= SHORT * thick**2:
                cut = around(mask)
                pieces.append(
                    replace(area, part=shifted(shifted(frame, wide), cut), mask=mask[cut])
                )
    return pieces


def _far(mine: Mask, ink: Mask, reach: int, thick: float) -> Mask:
    """Pixels of a line that have no other line within reach that runs about as they do."""
    if not ink.any():
        return mine
    # Where both pictures have the same line, no pixel is far: only the surroundings of others are looked at.
    wide = _course_reach(thick)
    labels, _ = ndimage.label(mine & squared(mine ^ ink, wide), EIGHT)
    large = np.bincount(labels.ravel()) >= CORE * thick**2  # A smaller part holds no piece.
    large[0] = False
    open_ = large[labels]
    far = np.zeros(mine.shape, bool)
    if not large.any():
        return far
    part = around(open_, reach + wide)
    # A thick line is looked at in a smaller picture: its course needs no more pixels than a thin one's.
    step = max(int(thick / FINE_PX), 1)
    few, *lines = (mask[part][::step, ::step] for mask in (open_, mine, ink))
    if few.any():
        found = _off_course(few, (lines[0], lines[1]), reach // step, thick / step)
        height, width = far[part].shape
        far[part] = found.repeat(step, axis=0).repeat(step, axis=1)[:height, :width]
    return np.asarray(far & open_)


def _off_course(open_: Mask, lines: tuple[Mask, Mask], reach: int, thick: float) -> Mask:
    """Which of some pixels of a line have no other one within reach that runs about as they do."""
    mine, ink = lines
    course, other = np.full(mine.shape, -1, np.int8), _courses(ink, thick)
    part = around(open_, _course_reach(thick))
    course[part] = _courses(mine[part], thick)
    # A line that stands where one of these stands is its counterpart, and hardly that of a second one.
    kept = ink & squared(mine, round(SAME_PLACE * thick))
    near = round(BESIDE_KEPT * thick)

    def beyond(here: Mask, like: Mask) -> Mask:
        return _beyond(_beyond(here, like & ~kept, reach), like & kept, near)

    far = beyond(open_ & (course < 0), ink)
    for at in range(COURSES):
        here = open_ & (course == at)
        if here.any():
            turned = (other - at) % COURSES
            far |= beyond(here, ink & ((other < 0) | (turned <= 1) | (turned == COURSES - 1)))
    return far


def _beyond(here: Mask, ink: Mask, reach: int) -> Mask:
    """Pixels of ``here`` that are farther than ``reach`` from all ink."""
    # Squares inside the circle of that radius decide nearly all pixels, and cost little.
    far = here & ~squared(ink, int(reach / 2**0.5)) if here.any() else here
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

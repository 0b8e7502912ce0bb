"""Classifies the change of an outline: none, moved, resized, rotated, mirrored or redrawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import atan2, degrees, hypot, inf

import numpy as np
from numpy.typing import NDArray

from annotators.structural.matching import assign
from annotators.structural.svg.outlines import even
from annotators.structural.svg.shapes import IconShape
from annotators.structural.svg.transforms import (
    Points,
    affine,
    farthest,
    moved_by,
    similarity,
    size_of,
    to_outline,
    turn_of,
)
from annotators.structural.svg.words import move_words, percent, place, turned, with_article

SAME_PX = 0.3
"""Outlines whose distance is everywhere below this look the same."""

UNSEEN_PX = 2.0
"""Outlines of similar place and size whose distance is everywhere below this look equal to a viewer."""
SEEN_PX = 1.0
"""The same for a part of an outline that is as it was elsewhere."""
FAR_PX = 16.0
"""A mirrored shape whose middle went farther is at another place, too."""
WIDE = 1.25
"""Ratio of its sides from which a shape is wider than high."""
MIN_SCALE = 0.05
KIN_PX = 0.4
"""Largest deviation of unedited parts of an edited outline; a traced outline is never that exact."""
KIN_SHARE = 0.25
"""Least share of an edited outline that stays exactly in place."""

Pair = tuple[int, int]


@dataclass(frozen=True)
class OutlineChange:
    """The change from an outline of the reference to that of the candidate."""

    kind: str
    """moved, resized, stretched, rotated, mirrored, transformed or distorted."""
    matrix: Points
    """2 x 3 transform from reference pixels to candidate pixels; the best guess if distorted."""
    distance_px: float
    """Largest distance of a point of one outline from the other outline."""
    scale: float = 1.0
    """Ratio of sizes."""
    angle: float = 0.0
    """Degrees, clockwise as seen."""
    kin: bool = True
    """True if the outline was edited; False if it was redrawn from scratch."""

    def words(self, shape: IconShape, other: IconShape) -> str:
        """The change in words, as the end of a sentence about the shape."""
        if self.kind == "distorted":
            return distortion(shape, other)
        parts = []
        if self.kind == "mirrored":
            across, down = self.matrix[0, 0], self.matrix[1, 1]
            parts.append("turned upside down" if down < 0 < across else "mirrored")
        if self.kind == "rotated" or (self.kind == "transformed" and abs(self.angle) >= 2):
            parts.append(turned(self.angle))
        if self.kind in ("resized", "transformed", "rotated") and abs(self.scale - 1) > 0.02:
            size = percent(self.scale)
            if shape.kind == "line":
                size = size.replace("larger", "longer").replace("smaller", "shorter")
            parts.append(size.replace("as large", "as long") if shape.kind == "line" else size)
        if self.kind == "stretched":
            across, down = abs(self.matrix[0, 0]), abs(self.matrix[1, 1])
            if abs(across - 1) > 0.02:
                parts.append(
                    percent(across).replace("larger", "wider").replace("smaller", "narrower")
                )
            if abs(down - 1) > 0.02:
                less = "flatter" if not parts and _is_flat(shape) else "shorter"
                parts.append(percent(down).replace("larger", "taller").replace("smaller", less))
        way = np.subtract(center(other), center(shape))
        moved = move_words(*way)
        far = self.kind == "mirrored" and np.hypot(*way) > FAR_PX
        if moved and (far or self.kind in ("moved", "transformed") or not parts):
            parts.append(moved)
        return " and ".join(parts) or "skewed"


def _is_flat(shape: IconShape) -> bool:
    """True for a fill that is clearly wider than high, and no rectangle: with less height it is flatter."""
    left, top, right, bottom = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    boxy = shape.kind in ("square", "rectangle", "line", "curve")
    return shape.filled and not boxy and right - left > WIDE * (bottom - top)


def center(shape: IconShape) -> tuple[float, float]:
    """Middle of the shape's bounds."""
    left, top, right, bottom = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    return (left + right) / 2, (top + bottom) / 2


def distortion(shape: IconShape, other: IconShape) -> str:
    """What the outlines tell of a distorted shape: lost parts, another form; empty if only its looks do."""
    if words := _by_parts(shape, other):
        return words
    if len(other.runs) < len(shape.runs):
        gaps = [[_box_gap(one, two) for two in other.runs] for one in shape.runs]
        there = {at for at, _ in assign(gaps, limit=inf)}
        return without(shape, [at for at in range(len(shape.runs)) if at not in there])
    if not len(other.outline) or _within(other, shape):
        return ""
    named = "shape" not in (shape.kind, other.kind) or other.kind in ("circle", "ellipse", "star")
    if shape.kind != other.kind and named:
        return f"drawn as {with_article(other.kind)}"
    return ""


def _within(part: IconShape, shape: IconShape) -> bool:
    """True if an open outline runs along another one: it is a part of it."""
    off_px = to_outline(part.points(closed=False), shape.runs, closed=False)
    return not part.filled and bool(off_px.max() < UNSEEN_PX)


MOST_RUNS = 12
"""Shapes of more outlines are counted, and no lost outline is named."""


def _by_parts(shape: IconShape, other: IconShape) -> str:
    """Words for a shape of several outlines of which most went one way: which are missing, where the
    rest went, and how many have another form; empty if no way explains half of them."""
    if not 1 < len(shape.runs) <= MOST_RUNS or not 0 < len(other.runs) <= len(shape.runs):
        return ""
    kept, others = _kept(shape, other)
    if len(kept) < max(len(other.runs) / 2, min(2, len(other.runs))):
        return ""
    lost = [i for i in range(len(shape.runs)) if i not in dict(kept + others)]
    words = [without(shape, lost)] if lost else []
    runs = [[one.runs[pair[side]] for pair in kept] for side, one in enumerate((shape, other))]
    mine, theirs = of_runs(shape, runs[0]), of_runs(other, runs[1])
    rest = change(mine, theirs)
    if rest is not None and rest.kind == "distorted":
        return ""
    if rest is not None:
        words.append(f"{'the rest is ' if lost else ''}{rest.words(mine, theirs)}")
    if others and words:
        words.append(
            f"{len(others)} of its parts {'has' if len(others) == 1 else 'have'} another form"
        )
    return "; ".join(words)


def without(shape: IconShape, lost: Sequence[int]) -> str:
    """Words for a shape that is drawn without some of its outlines.

    Args:
        shape: A shape of several outlines.
        lost: Their indices.
    """
    runs, (left, top, right, bottom) = shape.runs, shape.bounds or (0.0, 0.0, 1.0, 1.0)
    if len(lost) > 1 or len(runs) > MOST_RUNS:
        return f"drawn with {len(runs) - len(lost)} of {len(runs)} parts"
    run = runs[lost[0]]
    if is_opening(shape, run):
        return (
            "drawn without an opening in it" if len(runs) > 2 else "drawn without the opening in it"
        )
    low, high = run.min(axis=0) - (left, top), run.max(axis=0) - (left, top)
    spot = place((*low, *high), right - left, bottom - top)
    return f"drawn without its {'main part' if spot == 'whole picture' else f'part at {spot}'}"


def is_opening(shape: IconShape, run: Points) -> bool:
    """True if one of a filled shape's outlines encloses nothing."""
    around = [one for one in shape.runs if one is not run and _inside(run, one)]
    return shape.filled and len(around) % 2 == 1


def _box_gap(one: Points, two: Points) -> float:
    """How far the edges of the boxes of two outlines are apart, in pixels, summed."""
    low, high = one.min(axis=0) - two.min(axis=0), one.max(axis=0) - two.max(axis=0)
    return float(np.abs((low, high)).sum())


def _inside(run: Points, outer: Points) -> bool:
    """True if an outline begins within another, larger one."""
    if np.ptp(outer, axis=0).min() <= np.ptp(run, axis=0).max() / 2:
        return False
    (x, y), (one, two) = run[0], (outer, np.roll(outer, -1, axis=0))
    crossed = (one[:, 1] > y) != (two[:, 1] > y)
    rise = np.where(crossed, two[:, 1] - one[:, 1], 1.0)
    at = one[:, 0] + (y - one[:, 1]) / rise * (two[:, 0] - one[:, 0])
    return bool((crossed & (at > x)).sum() % 2)


def _kept(shape: IconShape, other: IconShape) -> tuple[list[Pair], list[Pair]]:
    """The outlines of a shape that another one has too, wherever all of them went together.

    Returns:
        Pairs of indices that one move, turn or scale explains, as many as there are; and pairs of
        the remaining outlines that lie near each other after it.
    """
    closed = _closed(shape, other)
    before, after = ([even([run], closed=closed) for run in one.runs] for one in (shape, other))
    size = max(size_of(np.concatenate(before)), size_of(np.concatenate(after)))
    near = max(SAME_PX, 0.012 * size)
    best: list[Pair] = []
    others: list[Pair] = []
    for one in before:
        for two in after:
            placed = [moved_by(similarity(one, two, mirrored=False), run) for run in before]
            gaps = np.array([[farthest(run, goal) for goal in after] for run in placed])
            pairs = assign(gaps, limit=near)
            if len(pairs) > len(best):
                best = pairs
                gaps[[i for i, _ in pairs]] = gaps[:, [j for _, j in pairs]] = inf
                others = assign(gaps, limit=size / 4)
    return best, others


def of_runs(shape: IconShape, runs: Sequence[Points]) -> IconShape:
    """A shape with other outlines."""
    outline: list[str | float | int | None] = []
    for run in runs:
        outline += [*([None] if outline else []), *map(float, run.ravel())]
    element = shape.element.having(box=None, data={"outline": outline})
    return replace(shape, element=element)


def change(shape: IconShape, other: IconShape) -> OutlineChange | None:
    """The change of ``shape``'s outline, or None if it did not change."""
    closed = _closed(shape, other)
    first, second = shape.points(closed=closed), other.points(closed=closed)
    if not len(first) or not len(second):
        return None
    if len(first) == len(second) and farthest(first, second) < SAME_PX:
        return None
    there = to_outline(first, other.runs, closed=closed)
    back = to_outline(second, shape.runs, closed=closed)
    distance = float(max(there.max(), back.max()))
    if distance < (SEEN_PX):
        return None
    if shape.look("stroke") == other.look("stroke") == "none":
        seen = [_in_picture(points, shape) for points in (first, second)]
        if max(there[seen[0]].max(initial=0.0), back[seen[1]].max(initial=0.0)) < SAME_PX:
            return None  # Only what lies beyond the picture differs.
    size = max(size_of(first), size_of(second))
    kept = float((there < KIN_PX / 2).mean())
    near = max(SAME_PX, 0.012 * size)
    if kept > 0.5 and distance < 2 * near:
        near = KIN_PX  # A small change in one place is no move or scale of the whole.
    for matrix in _guesses(shape, other):
        # A shape that collapsed into a line was redrawn, not scaled.
        (a, c, _), (b, d, _) = matrix.tolist()
        off = inf
        if abs(a * d - b * c) > MIN_SCALE**2:
            off = _misfit(matrix, shape, other, near)
        if off < near:
            named = replace(_named(matrix, distance, size), kin=off < KIN_PX)
            if named.kind == "transformed" or named.words(shape, other) != "skewed":
                return named
            kept = 0.0
            break
    if distance < (UNSEEN_PX if kept < KIN_SHARE else SEEN_PX):
        return None
    shift = second.mean(axis=0) - first.mean(axis=0)
    return OutlineChange(
        "distorted",
        np.array([[1, 0, shift[0]], [0, 1, shift[1]]], float),
        distance,
        kin=kept >= KIN_SHARE,
    )


def _in_picture(points: Points, shape: IconShape) -> NDArray[np.bool_]:
    """Which points lie inside the picture, apart from its edge."""
    inner = (points > UNSEEN_PX) & (points < np.array(shape.picture) - UNSEEN_PX)
    return np.asarray(inner.all(axis=1))


def _guesses(shape: IconShape, other: IconShape) -> Iterator[Points]:
    """Transforms worth trying, simplest first."""
    closed = _closed(shape, other)
    first, second = shape.points(closed=closed), other.points(closed=closed)
    before, after = shape.bounds, other.bounds
    if before is not None and after is not None:
        wide, high = before[2] - before[0], before[3] - before[1]
        across = (after[2] - after[0]) / wide if wide > 0.5 else 1.0
        down = (after[3] - after[1]) / high if high > 0.5 else 1.0
        if wide <= 0.5:
            across = down
        if high <= 0.5:
            down = across
        middle, goal = center(shape), center(other)
        # Equal within rounding counts as equal, so that a plain move is called a move.
        if abs(across - 1) * wide < 0.8 and abs(down - 1) * high < 0.8:
            across = down = 1.0
        for sx, sy in ((across, down), (-across, down), (across, -down)):
            yield np.array(
                [[sx, 0, goal[0] - sx * middle[0]], [0, sy, goal[1] - sy * middle[1]]], float
            )
    if len(first) == len(second) and len(shape.runs) == len(other.runs):
        yield similarity(first, second, mirrored=False)
        if closed and len(shape.runs) == 1:
            yield turn_of(first, second)
        yield affine(first, second)
        yield similarity(first, second, mirrored=True)


FEW = 12
"""Of so many points of an outline, one is looked at first."""


def _misfit(matrix: Points, shape: IconShape, other: IconShape, near: float) -> float:
    """How far the transformed outline lies off the other one, or the other off it; ``near`` or more if it is that far."""
    if not np.isfinite(matrix).all():
        return inf
    closed = _closed(shape, other)
    placed, goal = moved_by(matrix, shape.points(closed=closed)), other.points(closed=closed)
    by_point = farthest(placed, goal) if len(placed) == len(goal) else inf
    if by_point < min(near, KIN_PX):
        return by_point
    for step in (FEW, 1):  # A few points show most outlines that are far off.
        there = float(to_outline(placed[::step], other.runs, closed=closed).max())
        if there >= near:
            return by_point
    runs = [moved_by(matrix, run) for run in shape.runs]
    back = float(to_outline(goal, runs, closed=closed).max())
    return min(by_point, max(there, back))


def fits(matrix: Points, shape: IconShape, other: IconShape, share: float = 0.02) -> bool:
    """True if ``matrix`` explains the change of the outline, up to a share of its size."""
    if not len(shape.outline) or not len(other.outline):
        return False
    size = max(size_of(shape.outline), size_of(other.outline))
    near = max(1.0, share * size)
    return _misfit(matrix, shape, other, near) < near


def _named(matrix: Points, distance: float, size: float) -> OutlineChange:
    (a, c, _), (b, d, _) = matrix.tolist()
    determinant = a * d - b * c
    across, down = hypot(a, b), hypot(c, d)
    scale = abs(determinant) ** 0.5
    angle = degrees(atan2(b, a))
    small = 1.2 / max(size, 1.0)
    if determinant < 0:
        kind = "mirrored"
    elif abs(a * c + b * d) > 0.05 * across * down:
        kind = "transformed"
    elif abs(angle) > 1.0:
        kind = "rotated" if abs(across - down) < 0.05 * max(across, down) else "transformed"
    elif abs(across - 1) < small and abs(down - 1) < small:
        kind = "moved"
    elif abs(across - down) < 0.05 * max(across, down):
        kind = "resized"
    else:
        kind = "stretched"
    return OutlineChange(kind, matrix, distance, scale, 0.0 if kind == "mirrored" else angle)


def apart(shape: IconShape, other: IconShape) -> float:
    """Largest distance of a point of either outline from the other outline, in pixels."""
    closed = _closed(shape, other)
    there = to_outline(shape.points(closed=closed), other.runs, closed=closed).max()
    back = to_outline(other.points(closed=closed), shape.runs, closed=closed).max()
    return float(max(there, back))


def _closed(shape: IconShape, other: IconShape) -> bool:
    """Whether outlines are compared as closed. A fill closes an outline visually; a fill on one
    side only does not change the outline."""
    return bool(shape.filled and other.filled)

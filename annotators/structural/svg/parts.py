"""Labels of the changed parts of a shape of several outlines, each with its own place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.matching import assign
from annotators.structural.severity import of_area_share
from annotators.structural.svg.geometry import (
    KIN_PX,
    KIN_SHARE,
    SAME_PX,
    change,
    is_opening,
    of_runs,
    without,
)
from annotators.structural.svg.ledger import MIN_PIXELS, FoundDifference
from annotators.structural.svg.looks import SLIGHTLY, Looks
from annotators.structural.svg.masks import bounds, count
from annotators.structural.svg.matching import Pair
from annotators.structural.svg.outlines import Points, between
from annotators.structural.svg.shapes import IconShape
from annotators.structural.svg.transforms import to_outline
from records.rows import Box, box_around
from records.taxonomy import SvgCategory

MOST_PARTS = 3
"""With more changed parts than this the shape is another one as a whole."""
EDGE_PX = 3
FAR = 2.0
"""Two outlines are one part if their middles are at most so many sizes apart."""


def part_changes(
    shape: IconShape, other: IconShape, changed: NDArray[np.bool_]
) -> list[FoundDifference]:
    """One label for each changed part; none if the shape was redrawn, or is one part with one change."""
    before, after = _unlike(shape.runs, other.runs)
    if len(before) + len(after) > 2 * MOST_PARTS:
        return []
    if len(before) == len(shape.runs) and not _edited(shape, other):
        return []
    looks = Looks.of(shape, other)
    cost = np.array([[_apart(one, two) for two in after] for one in before])
    pairs = assign(cost, FAR) if cost.size else []
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
    lost = [run for at, run in enumerate(before) if at not in rows]
    new = [run for at, run in enumerate(after) if at not in columns]
    found: list[FoundDifference | None] = []
    if lost:
        missing = [at for at, run in enumerate(shape.runs) if any(run is one for one in lost)]
        words = f"is {without(shape, missing)}"
        found.append(_label(shape, other, lost, [], words, changed))
    if new:
        words = f"has {len(new) if len(new) > 1 else 'an'} additional part"
        found.append(_label(shape, other, [], new, words, changed))
    for row, column in pairs:
        found += _of_part((shape, other), (before[row], after[column]), changed, looks)
    labels = [label for label in found if label is not None]
    return labels if len(labels) > 1 or len(shape.runs) + len(other.runs) > 2 else []


def _unlike(before: list[Points], after: list[Points]) -> tuple[list[Points], list[Points]]:
    """The outlines of each side that the other side does not have."""
    same = {run.tobytes() for run in before} & {run.tobytes() for run in after}
    ours, theirs = ([run for run in side if run.tobytes() not in same] for side in (before, after))
    for run in list(ours):
        for at, other in enumerate(theirs):
            if run.shape == other.shape and np.abs(run - other).max() < SAME_PX:
                ours = [one for one in ours if one is not run]
                del theirs[at]
                break
    return ours, theirs


def _edited(shape: IconShape, other: IconShape) -> bool:
    """True if a good part of an outline is exactly where it was."""
    closed = shape.filled and other.filled
    off_px = to_outline(shape.points(closed=closed), other.runs, closed=closed)
    return bool((off_px < KIN_PX / 2).mean() >= KIN_SHARE)


def _of_part(
    shapes: Pair, outlines: tuple[Points, Points], changed: NDArray[np.bool_], looks: Looks | None
) -> Iterator[FoundDifference | None]:
    """The labels of one part, one for each changed stretch of its outline."""
    (shape, other), (one, two) = shapes, outlines
    first, second = of_runs(shape, [one]), of_runs(other, [two])
    found = change(first, second)
    if found is None:
        return
    boxes = _stretches(one, two) if found.kind == "distorted" else []
    words = found.words(first, second)
    if words and not 1 < len(boxes) <= MOST_PARTS:
        whole = len(shape.runs) == len(other.runs) == 1
        part = "an opening" if is_opening(shape, one) else "a part"
        start = "is" if whole else f"has {part} that is"
        yield _label(shape, other, [one], [two], f"{start} {words}", changed)
        return
    height, width = changed.shape
    several = 1 < len(boxes) <= MOST_PARTS
    for left, top, right, bottom in boxes if several else [(0.0, 0.0, width, height)]:
        here = np.zeros_like(changed)
        rows, columns = (
            slice(max(int(top), 0), int(bottom) + 1),
            slice(max(int(left), 0), int(right) + 1),
        )
        here[rows, columns] = changed[rows, columns]
        here = shown(shape, [one], [two], here)
        said = SLIGHTLY if looks is None else looks.words_at(here)
        yield _label(shape, other, [one], [two], said, here)


def _stretches(one: Points, two: Points) -> list[Box]:
    """Boxes of the stretches of an outline that changed."""
    boxes: list[Box] = []
    for run, goal in ((one, two), (two, one)):
        kept = {tuple(point) for point in goal.tolist()}
        moved = np.array([tuple(point) not in kept for point in run.tolist()])
        labels, _ = ndimage.label(moved)
        for (stretch,) in ndimage.find_objects(labels):
            points = run[max(stretch.start - 1, 0) : stretch.stop + 1]
            box = (*(points.min(axis=0) - EDGE_PX), *(points.max(axis=0) + EDGE_PX))
            boxes = _with(boxes, tuple(map(float, box)))  # type: ignore[arg-type]
    return boxes


def _with(boxes: list[Box], box: Box) -> list[Box]:
    """Boxes with one more; those that meet are one."""
    near = [
        one
        for one in boxes
        if one[0] <= box[2] and box[0] <= one[2] and one[1] <= box[3] and box[1] <= one[3]
    ]
    if not near:
        return [*boxes, box]
    whole = box_around([box, *near])
    assert whole is not None
    return _with([one for one in boxes if one not in near], whole)


def _apart(one: Points, two: Points) -> float:
    """How far the middles of two outlines are apart and how much their extents differ, in sizes."""
    sides = [np.ptp(run, axis=0).max() for run in (one, two)]
    middles = [(run.min(axis=0) + run.max(axis=0)) / 2 for run in (one, two)]
    off = np.hypot(*(middles[0] - middles[1])) + abs(sides[0] - sides[1])
    return float(off / max(*sides, 1.0))


def shown(
    shape: IconShape, before: list[Points], after: list[Points], changed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The changed pixels that show that some outlines of a shape became others."""
    reach = EDGE_PX + round(shape.number("stroke_width"))
    return between(before, after, changed, filled=shape.filled, reach_px=reach)


def _label(
    shape: IconShape,
    other: IconShape,
    before: list[Points],
    after: list[Points],
    words: str,
    changed: NDArray[np.bool_],
) -> FoundDifference | None:
    can = shown(shape, before, after, changed)
    if count(can) < MIN_PIXELS:
        return None
    severity = max(1, min(2, of_area_share(can.sum() / 2 / can.size)))
    text = f"{shape.name} {words}"
    return FoundDifference(
        SvgCategory.SHAPE, severity, shape.where, text, (shape, other), bounds(can)
    )

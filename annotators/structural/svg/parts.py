"""Labels of the changed parts of a shape of several outlines, each with its own place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.matching import assign
from annotators.structural.severity import of_area_share
from annotators.structural.svg.geometry import KIN_PX, KIN_SHARE, change, to_outline
from annotators.structural.svg.ledger import MIN_PIXELS, FoundDifference
from annotators.structural.svg.outlines import Points, between
from annotators.structural.svg.shapes import IconShape
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
    """One label for each changed part; none if the shape has no unchanged part."""
    same = {run.tobytes() for run in shape.runs} & {run.tobytes() for run in other.runs}
    before, after = (
        [run for run in side.runs if run.tobytes() not in same] for side in (shape, other)
    )
    if len(before) + len(after) > 2 * MOST_PARTS:
        return []
    if not same:
        return _stretches(shape, other, changed) if len(before) == len(after) == 1 else []
    cost = np.array([[_apart(one, two) for two in after] for one in before])
    pairs = assign(cost, FAR) if cost.size else []
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
    lost = [run for at, run in enumerate(before) if at not in rows]
    new = [run for at, run in enumerate(after) if at not in columns]
    found: list[tuple[list[Points], list[Points], str]] = []
    if lost:
        left = len(shape.runs) - len(lost)
        found.append((lost, [], f"is drawn with {left} of {len(shape.runs)} parts"))
    if new:
        found.append(([], new, f"has {len(new) if len(new) > 1 else 'an'} additional part"))
    found += [
        ([before[row]], [after[column]], words)
        for row, column in pairs
        for words in _words(shape, other, before[row], after[column])
    ]
    labels = (_label(shape, other, *one, changed) for one in found)
    return [label for label in labels if label is not None]


def _stretches(
    shape: IconShape, other: IconShape, changed: NDArray[np.bool_]
) -> list[FoundDifference]:
    """One label for each changed stretch of an outline; none unless there are several."""
    (one,), (two,) = shape.runs, other.runs
    closed = shape.filled and other.filled
    off_px = to_outline(shape.points(closed=closed), other.runs, closed=closed)
    if (off_px < KIN_PX / 2).mean() < KIN_SHARE:
        return []
    boxes: list[Box] = []
    for run, goal in ((one, two), (two, one)):
        kept = {tuple(point) for point in goal.tolist()}
        moved = np.array([tuple(point) not in kept for point in run.tolist()])
        labels, _ = ndimage.label(moved)
        for (stretch,) in ndimage.find_objects(labels):
            points = run[max(stretch.start - 1, 0) : stretch.stop + 1]
            box = (*(points.min(axis=0) - EDGE_PX), *(points.max(axis=0) + EDGE_PX))
            boxes = _with(boxes, tuple(map(float, box)))  # type: ignore[arg-type]
    if not 1 < len(boxes) <= MOST_PARTS:
        return []
    found = []
    for left, top, right, bottom in boxes:
        off = 0.0
        for side, runs in ((shape, other.runs), (other, shape.runs)):
            points = side.points(closed=closed)
            inside = ((points > (left, top)) & (points < (right, bottom))).all(axis=1)
            off = max(off, *to_outline(points[inside], runs, closed=closed), 0.0)
        here = np.zeros_like(changed)
        rows, columns = (
            slice(max(int(top), 0), int(bottom) + 1),
            slice(max(int(left), 0), int(right) + 1),
        )
        here[rows, columns] = changed[rows, columns]
        words = f"is distorted: its outline is off by up to {off:.0f} px"
        found.append(_label(shape, other, [one], [two], words, here))
    seen = [label for label in found if label is not None]
    return seen if len(seen) > 1 else []


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
    size = max(np.ptp(one, axis=0).max(), np.ptp(two, axis=0).max(), 1.0)
    middles = [(run.min(axis=0) + run.max(axis=0)) / 2 for run in (one, two)]
    return float(np.hypot(*(middles[0] - middles[1])) / size)


def _words(shape: IconShape, other: IconShape, one: Points, two: Points) -> Iterator[str]:
    first, second = _part(shape, one), _part(other, two)
    found = change(first, second)
    if found is not None:
        yield f"has a part that is {found.words(first, second)}"


def _part(shape: IconShape, run: Points) -> IconShape:
    """One outline of a shape as a shape of its own."""
    outline: list[str | float | int | None] = [float(value) for value in run.ravel()]
    element = msgspec.structs.replace(shape.element, box=None, data={"outline": outline})
    return replace(shape, element=element)


def _label(
    shape: IconShape,
    other: IconShape,
    before: list[Points],
    after: list[Points],
    words: str,
    changed: NDArray[np.bool_],
) -> FoundDifference | None:
    reach = EDGE_PX + round(shape.number("stroke_width"))
    can = between(before, after, changed.shape, filled=shape.filled, reach_px=reach) & changed
    if can.sum() < MIN_PIXELS:
        return None
    rows, columns = np.flatnonzero(can.any(axis=1)), np.flatnonzero(can.any(axis=0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    box: Box = (float(left), float(top), float(right), float(bottom))
    severity = max(1, min(2, of_area_share(can.sum() / 2 / can.size)))
    text = f"{shape.name} {words}"
    return FoundDifference(SvgCategory.SHAPE, severity, shape.where, text, (shape, other), box)

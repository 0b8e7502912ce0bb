"""Labels of the changed parts of a shape of several outlines, each with its own place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotators.structural.matching import assign
from annotators.structural.severity import of_area_share
from annotators.structural.svg.geometry import change
from annotators.structural.svg.ledger import MIN_PIXELS, FoundDifference
from annotators.structural.svg.outlines import Points, between
from annotators.structural.svg.shapes import IconShape
from records.rows import Box
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
    if not same or len(before) + len(after) > 2 * MOST_PARTS:
        return []
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

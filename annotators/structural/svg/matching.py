"""Pairs the shapes of two drawings, and finds those whose paint order changed."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

import numpy as np
from numpy.typing import NDArray

from annotators.structural.matching import assign, equal_pairs, leftover, text_similarity
from annotators.structural.severity import color_distance
from annotators.structural.svg.shapes import IconScene, IconShape

LIMIT = 1.0
"""Shapes whose cost is at least this are different shapes."""
FORM_POINTS = 24

Pair = tuple[IconShape, IconShape]


def pair_up(reference: IconScene, candidate: IconScene) -> list[Pair]:
    """Pair shapes, in paint order of the reference: equal ones first, then the most similar."""
    first, second = reference.shapes, candidate.shapes
    pairs = equal_pairs([shape.key for shape in first], [shape.key for shape in second])
    rows = leftover(len(first), [row for row, _ in pairs])
    columns = leftover(len(second), [column for _, column in pairs])
    # Shapes with the same outline at the same place are paired, whatever their paint; one that is seen comes first.
    columns.sort(key=lambda column: not second[column].area)
    outlines = equal_pairs(
        [first[row].trace or (0, row) for row in rows],
        [second[column].trace or (1, column) for column in columns],
    )
    pairs += [(rows[row], columns[column]) for row, column in outlines]
    rows = leftover(len(first), [row for row, _ in pairs])
    columns = leftover(len(second), [column for _, column in pairs])
    if rows and columns:
        cost = _cost([first[row] for row in rows], [second[column] for column in columns])
        # Paint order decides between equally similar shapes.
        order = np.subtract.outer(
            np.array(rows) / max(len(first), 1), np.array(columns) / max(len(second), 1)
        )
        cost = cost + 0.1 * np.abs(order)
        pairs += [(rows[row], columns[column]) for row, column in assign(cost, LIMIT)]
        pairs += _same_slot(first, second, pairs)
    return [(first[row], second[column]) for row, column in sorted(pairs)]


def _same_slot(
    first: list[IconShape], second: list[IconShape], pairs: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pair remaining shapes with equal paint at the same place of the paint order.

    Such a shape was drawn wrong, however different its outline is.
    """
    partner = dict(pairs)
    taken = set(partner.values())
    result = []
    before = -1
    for row, shape in enumerate(first):
        if row in partner:
            before = partner[row]
            continue
        column = before + 1
        if column < len(second) and column not in taken and shape.paint == second[column].paint:
            result.append((row, column))
            taken.add(column)
            before = column
    return result


def _cost(rows: list[IconShape], columns: list[IconShape]) -> NDArray[np.float64]:
    """The cost of pairing shapes: weighted differences of place, size, form, color and kind of paint."""
    width, height = rows[0].picture
    boxes = [_bounds(rows), _bounds(columns)]
    centers = [np.column_stack(((b[:, 0] + b[:, 2]) / 2, (b[:, 1] + b[:, 3]) / 2)) for b in boxes]
    sizes = [np.column_stack((b[:, 2] - b[:, 0], b[:, 3] - b[:, 1])) for b in boxes]
    gap = np.hypot(*(centers[0][:, None] - centers[1][None]).transpose(2, 0, 1))
    cost = 1.2 * gap / np.hypot(width, height)
    big = [np.maximum(size.max(axis=1), 1.0) for size in sizes]
    cost += 0.35 * np.minimum(np.abs(np.log(big[0][:, None] / big[1][None])), 1.5)
    forms = [_forms(rows, boxes[0]), _forms(columns, boxes[1])]
    cost += np.minimum(1.5 * np.abs(forms[0][:, None] - forms[1][None]).mean(axis=(2, 3)), 0.6)
    texts = [np.array([shape.is_text for shape in side]) for side in (rows, columns)]
    for row, column in np.argwhere(texts[0][:, None] & texts[1]).tolist():
        words = rows[row].element.text, columns[column].element.text
        cost[row, column] += 0.5 * (1 - text_similarity(*words))
    cost += 0.35 * _color_gaps([one.color for one in rows], [one.color for one in columns])
    for name in ("fill", "stroke"):
        bare = [np.array([one.look(name) == "none" for one in side]) for side in (rows, columns)]
        cost += 0.12 * (bare[0][:, None] != bare[1])
    cost[texts[0][:, None] != texts[1]] = np.inf
    return np.asarray(cost)


def _color_gaps(before: list[str], after: list[str]) -> NDArray[np.float64]:
    """Distance of each color from each other one; 1 is as far as no color from a color."""
    sides = [list(dict.fromkeys(side)) for side in (before, after)]
    table = np.array(
        [
            [color_distance(a, b) / 100 if a and b else float(a != b) for b in sides[1]]
            for a in sides[0]
        ]
    )
    return np.asarray(
        table[[sides[0].index(a) for a in before]][:, [sides[1].index(b) for b in after]]
    )


def _bounds(shapes: list[IconShape]) -> NDArray[np.float64]:
    return np.array([shape.bounds or (0.0, 0.0, 0.0, 0.0) for shape in shapes])


def _forms(shapes: list[IconShape], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outlines stretched into the unit square: N x FORM_POINTS x 2."""
    result = np.full((len(shapes), FORM_POINTS, 2), 0.5)
    for index, shape in enumerate(shapes):
        points = shape.outline
        if len(points):
            result[index] = points[_picks(len(points))]
    drawn = np.array([len(shape.outline) > 0 for shape in shapes])
    span = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6).max(axis=1)
    result[drawn] = (result[drawn] - boxes[drawn, None, :2]) / span[drawn, None, None]
    return result


@cache
def _picks(count: int) -> NDArray[np.int64]:
    """Evenly spread ones of so many points."""
    return np.linspace(0, count - 1, FORM_POINTS).round().astype(int)


def out_of_order(pairs: list[Pair]) -> list[Pair]:
    """The fewest pairs to remove so that the others keep their paint order."""
    ends: list[int] = []
    ends_at: list[int] = []
    before: list[int] = []
    for at, (_, other) in enumerate(pairs):
        place = bisect_left(ends, other.index)
        before.append(ends_at[place - 1] if place else -1)
        if place == len(ends):
            ends.append(other.index)
            ends_at.append(at)
        else:
            ends[place], ends_at[place] = other.index, at
    kept = set()
    at = ends_at[-1] if ends_at else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return [pair for at, pair in enumerate(pairs) if at not in kept]

"""Measures the common share of two tables: cell texts, and which cells are neighbors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from annotators.structural.matching import assign, equal_pairs, leftover, text_similarity
from annotators.structural.table.grid import Cell, TableGrid
from renderers.scene import Scene

EMPTY = 0.1
"""Weight of an empty cell relative to one with content."""
MOST_COMPARED = 150
"""Cells of a side whose unequal texts are compared letter by letter; of more, those in the same place."""
SAME_TEXT = 0.5
"""Cells whose texts are less similar than this do not match."""


@dataclass(frozen=True)
class Table:
    """One picture of tables, read once for all that it is compared with."""

    cells: list[tuple[int, Cell]]
    """All cells with the number of their table."""

    @classmethod
    def of(cls, scene: Scene) -> Table:
        """Read the tables of a scene."""
        found = [element for element in scene.root.walk() if element.role == "table"]
        return cls(
            [(at, one) for at, table in enumerate(found) for one in TableGrid.of(table).cells]
        )

    @cached_property
    def weights(self) -> list[float]:
        """Of each cell."""
        return list(map(_weight, self.cells))

    @cached_property
    def neighbors(self) -> dict[tuple[int, int, str], float]:
        """Weights of all couples of a cell and the next to its right or below it."""
        return _neighbors(self.cells)


def share(reference: Table, candidate: Table) -> float:
    """The share of both tables' cells that the other table shows, too, 0 to 1.

    The mean of two shares: of the cells that say the same, and of the neighbors (the next cell to the
    right, the next below) that are neighbors in both. The second sees a table whose cells are all there
    in another order.

    Source: neighbor relations as in Göbel et al. 2013, "ICDAR 2013 table competition".
    """
    if not reference.cells or not candidate.cells:
        return float(not reference.cells and not candidate.cells)
    pairs = _pairs(reference.cells, candidate.cells)
    weights, others = reference.weights, candidate.weights
    total = sum(weights) + sum(others)
    words = sum(alike * (weights[i] + others[j]) for i, j, alike in pairs) / total
    return 0.5 * words + 0.5 * _neighbors_kept(reference, candidate, pairs)


def _weight(one: tuple[int, Cell]) -> float:
    return EMPTY if one[1].empty else 1.0


def _pairs(
    mine: Sequence[tuple[int, Cell]], theirs: Sequence[tuple[int, Cell]]
) -> list[tuple[int, int, float]]:
    """Cells that are the same, with how alike they are: by text and place, by text, then by likeness."""
    pairs: list[tuple[int, int, float]] = []

    def left() -> tuple[list[int], list[int]]:
        return (
            leftover(len(mine), [i for i, _, _ in pairs]),
            leftover(len(theirs), [j for _, j, _ in pairs]),
        )

    def key(one: tuple[int, Cell], placed: bool) -> tuple[object, ...]:
        table, cell = one
        spans = (cell.rowspan, cell.colspan)
        return (cell.text, spans, *((table, cell.row, cell.column) if placed else ()))

    for placed in (True, False):
        rows, columns = left()
        found = equal_pairs(
            [key(mine[i], placed) for i in rows], [key(theirs[j], placed) for j in columns]
        )
        pairs += [(rows[i], columns[j], 1.0) for i, j in found]
    rows, columns = left()
    rows = [i for i in rows if not mine[i][1].empty]
    columns = [j for j in columns if not theirs[j][1].empty]
    if max(len(rows), len(columns)) > MOST_COMPARED:
        pairs += _in_place(mine, theirs, rows, columns)
    elif rows and columns:
        table = np.array([[_alike(mine[i][1], theirs[j][1]) for j in columns] for i in rows])
        pairs += [
            (rows[i], columns[j], float(table[i, j]))
            for i, j in assign(1 - table, limit=1 - SAME_TEXT)
        ]
    return pairs


def _in_place(
    mine: Sequence[tuple[int, Cell]],
    theirs: Sequence[tuple[int, Cell]],
    rows: Sequence[int],
    columns: Sequence[int],
) -> list[tuple[int, int, float]]:
    places = {(table, cell.row, cell.column): j for j in columns for table, cell in (theirs[j],)}
    found = []
    for i in rows:
        table, cell = mine[i]
        j = places.get((table, cell.row, cell.column))
        if j is not None and (alike := _alike(cell, theirs[j][1])) > SAME_TEXT:
            found.append((i, j, alike))
    return found


def _alike(one: Cell, two: Cell) -> float:
    spans = 1.0 if (one.rowspan, one.colspan) == (two.rowspan, two.colspan) else 0.7
    return spans * text_similarity(one.text, two.text)


def _neighbors_kept(mine: Table, theirs: Table, pairs: Sequence[tuple[int, int, float]]) -> float:
    partner = {i: (j, alike) for i, j, alike in pairs}
    first, second = mine.neighbors, theirs.neighbors
    total = sum(first.values()) + sum(second.values())
    if not total:
        # One cell each: there are no neighbors to keep.
        return sum(alike for _, _, alike in pairs) / max(len(mine.cells), len(theirs.cells))
    kept = 0.0
    for (one, two, direction), weight in first.items():
        if one in partner and two in partner:
            other = (partner[one][0], partner[two][0], direction)
            if other in second:
                kept += min(partner[one][1], partner[two][1]) * (weight + second[other])
    return kept / total


def _neighbors(cells: Sequence[tuple[int, Cell]]) -> dict[tuple[int, int, str], float]:
    cover: dict[tuple[int, int, int], int] = {}
    for index, (table, cell) in enumerate(cells):
        for row in range(cell.row, cell.row + cell.rowspan):
            for column in range(cell.column, cell.column + cell.colspan):
                cover.setdefault((table, row, column), index)
    found: dict[tuple[int, int, str], float] = defaultdict(float)
    for (table, row, column), index in cover.items():
        for place, direction in (
            ((table, row, column + 1), "right"),
            ((table, row + 1, column), "below"),
        ):
            other = cover.get(place)
            if other is not None and other != index:
                weight = _weight(cells[index]) * _weight(cells[other])
                found[index, other, direction] = max(found[index, other, direction], weight)
    return dict(found)

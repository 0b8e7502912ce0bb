"""Widths, heights and line spacing of a table, where nothing else explains what changed."""

from __future__ import annotations

from collections.abc import Sequence

from annotators.structural.table.findings import Pair, found
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.visibility import size_noticed
from records.rows import Discrepancy, box_around
from records.taxonomy import TableCategory


def compare_sizes(before: TableGrid, after: TableGrid) -> list[Discrepancy]:
    """Widths and heights of columns and rows."""
    errors = []
    for column in range(min(before.width, after.width)):
        old, new = before.column_box(column), after.column_box(column)
        if old and new and _resized(old[2] - old[0], new[2] - new[0]):
            errors.append(
                found(
                    TableCategory.LAYOUT,
                    1,
                    after.column_name(column),
                    f"is {new[2] - new[0]:.0f} px wide instead of {old[2] - old[0]:.0f} px",
                    new,
                )
            )
    for row in range(min(before.height, after.height)):
        old, new = before.row_box(row), after.row_box(row)
        if old and new and _resized(old[3] - old[1], new[3] - new[1]):
            errors.append(
                found(
                    TableCategory.LAYOUT,
                    1,
                    after.row_name(row),
                    f"is {new[3] - new[1]:.0f} px high instead of {old[3] - old[1]:.0f} px",
                    new,
                )
            )
    return errors


RESIZED_PX = 5.0
"""Growth of a row or column that shows: a raised digit alone makes a row 4 px higher."""


def _resized(before: float, after: float) -> bool:
    return abs(after - before) >= RESIZED_PX and size_noticed(before, after)


MOST_ROWS = 0.6
"""Share of the rows from which other heights are one cause: room that the cells have, not what they say."""


def row_heights(before: TableGrid, after: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    """One label where most rows have more or less room above and below texts of the same height."""
    if before.height != after.height:
        return []
    written_alike = {
        row: all(
            (mine.text, _text_height(mine), mine.style.get("padding"))
            == (theirs.text, _text_height(theirs), theirs.style.get("padding"))
            for mine, theirs in pairs
            if theirs.row == row
        )
        for row in range(after.height)
    }
    for way, words in ((-1, "lower: the cells have less"), (1, "higher: the cells have more")):
        rows = []
        for row in (row for row, alike in written_alike.items() if alike):
            old, new = before.row_box(row), after.row_box(row)
            if old and new:
                heights = old[3] - old[1], new[3] - new[1]
                if _resized(*heights) and (heights[1] > heights[0]) == (way > 0):
                    rows.append(row)
        if len(rows) >= max(2, MOST_ROWS * after.height):
            what = f"are {words} room above and below their words"
            box = box_around([after.row_box(row) for row in rows])
            return [found(TableCategory.LAYOUT, 1, f"{after.place}rows", what, box)]
    return []


TWO_LINES_PX = 28.0
"""Height of a text from which it has lines that can stand apart."""


_SETTING = ("effects", "family", "size_px")


def line_spacing(grid: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    """Cells that say the same in lines that stand closer together or further apart."""
    errors = []
    for mine, theirs in pairs:
        if any(mine.style.get(kind) != theirs.style.get(kind) for kind in _SETTING):
            continue  # other letters bring other lines
        old, new = _text_height(mine), _text_height(theirs)
        if mine.text == theirs.text and abs(old - new) >= 1.5 and max(old, new) >= TWO_LINES_PX:
            words = "closer together" if new < old else "further apart"
            what = f"the lines of '{shorten(mine.text)}' are {words}"
            errors.append(found(TableCategory.LAYOUT, 1, grid.name(theirs), what, theirs.box))
    return errors


def _text_height(cell: Cell) -> float:
    size = cell.element.data.get("text_px")
    height = size[1] if isinstance(size, list) and len(size) == 2 else 0.0
    return float(height) if isinstance(height, int | float) else 0.0

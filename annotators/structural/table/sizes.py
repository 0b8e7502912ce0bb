"""Widths, heights and line spacing of a table, where nothing else explains what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotators.structural.table.findings import Pair, layout_error
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.table.part_looks import cells_error
from annotators.structural.visibility import size_noticed
from records.rows import Box, Discrepancy, box_around


def compare_sizes(before: TableGrid, after: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    """Widths and heights of columns and rows; a row that is as high as its lines of text tells of these."""
    columns = [
        _resizing(after.column_name(at), before.column_box(at), after.column_box(at), "wide")
        for at in range(min(before.width, after.width))
    ]
    rows = [
        _resizing(after.row_name(at), before.row_box(at), after.row_box(at), "high")
        for at in range(min(before.height, after.height))
    ]
    for theirs, words in _other_breaks(pairs):
        if theirs.row < len(rows) and rows[theirs.row] is not None:
            rows[theirs.row] = layout_error(1, after.name(theirs), words, theirs.box)
    found = [[error for error in side if error is not None] for side in (columns, rows)]
    for at, (side, kind) in enumerate(zip(found, ("wide", "high"), strict=True)):
        if len(side) > 1 and len(side) == (after.width, after.height)[at]:
            whole = _resizing(f"{after.place}table", before.element.box, after.element.box, kind)
            found[at] = [whole] if whole is not None else side
    return [error for side in found for error in side]


def _other_breaks(pairs: Sequence[Pair]) -> Iterator[tuple[Cell, str]]:
    """The cells whose words, in letters of one size, run over more or fewer lines, and how one says it."""
    for mine, theirs in pairs:
        old, new = _text_height(mine), _text_height(theirs)
        letters = [cell.style.get("size_px") for cell in (mine, theirs)]
        line = LINE_SHARE * float(str(letters[0] or 0))
        if mine.text == theirs.text and letters[0] == letters[1] and abs(new - old) >= line > 0:
            way = "more" if new > old else "fewer"
            yield theirs, f"'{shorten(theirs.text)}' runs over {way} lines"


def _resizing(name: str, before: Box | None, after: Box | None, way: str) -> Discrepancy | None:
    """The error of a row or column that is less or more "wide" or "high"."""
    if before is None or after is None:
        return None
    side = 0 if way == "wide" else 1
    old, new = before[side + 2] - before[side], after[side + 2] - after[side]
    if not _resized(old, new):
        return None
    return layout_error(1, name, f"is {new:.0f} px {way} instead of {old:.0f} px", after)


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
    unlike = {
        theirs.row
        for mine, theirs in pairs
        if (mine.text, _text_height(mine), mine.style.get("padding"))
        != (theirs.text, _text_height(theirs), theirs.style.get("padding"))
    }
    alike = [row for row in range(after.height) if row not in unlike]
    for way, words in ((-1, "lower: the cells have less"), (1, "higher: the cells have more")):
        rows = []
        for row in alike:
            old, new = before.row_box(row), after.row_box(row)
            if old and new:
                heights = old[3] - old[1], new[3] - new[1]
                if _resized(*heights) and (heights[1] > heights[0]) == (way > 0):
                    rows.append(row)
        if len(rows) >= max(2, MOST_ROWS * after.height):
            what = f"are {words} room above and below their words"
            box = box_around([after.row_box(row) for row in rows])
            return [layout_error(1, f"{after.place}rows", what, box)]
    return []


TWO_LINES_PX = 28.0
"""Height of a text from which it has lines that can stand apart."""

LINE_GAP_PX = 1.5
"""Least mean change of the gaps between lines, in pixels, that a reader sees."""
LINE_SHARE = 0.9
"""A text that grew by at least this share of the height of its letters has another line."""
_SETTING = ("effects", "family", "size_px")


def line_spacing(grid: TableGrid, pairs: Sequence[Pair]) -> list[Discrepancy]:
    """Cells that say the same in lines that stand closer together or further apart, those of each row
    together."""
    rows: dict[tuple[int, str], list[Cell]] = {}
    for mine, theirs in pairs:
        if any(mine.style.get(kind) != theirs.style.get(kind) for kind in _SETTING):
            continue  # other letters bring other lines
        old, new = _text_height(mine), _text_height(theirs)
        least = LINE_GAP_PX * max(1, mine.text.count("\n"))
        if mine.text == theirs.text and abs(old - new) >= least and min(old, new) >= TWO_LINES_PX:
            way = "closer together" if new < old else "further apart"
            rows.setdefault((theirs.row, way), []).append(theirs)
    errors = []
    for (_, way), cells in rows.items():
        lines = f"the lines of '{shorten(cells[0].text)}'" if len(cells) == 1 else "the lines"
        errors.append(cells_error(grid, cells, 1, f"{lines} are {way}"))
    return errors


def _text_height(cell: Cell) -> float:
    size = cell.element.numbers("text_px")
    return float(size[1]) if len(size) else 0.0

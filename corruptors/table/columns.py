"""Columns of a table that are lost or out of place: ``layout_error``."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import SourceCell, SourceTable, TableProgram
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory


@corruption(TableProgram, TableCategory.LAYOUT)
def slide_row_left(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell is missing and the rest of its row slides one column to the left.

    Yields:
        One mutation per cell that has another cell to its right.

    Example:
        >>> slide_row_left("<table><tr><td>a</td><td>b</td></tr></table>", seed=0)[0]
        '<table><tr><td>b</td></tr></table>'
    """
    for table in program.tables:
        for row in table.rows:
            if not program.is_html and row.header:
                continue  # Markdown would no longer see a table
            for cell in row.cells[:-1]:
                if cell.rowspan == 1:
                    words = "the cell is missing and the rest of the row has slid to the left"
                    yield program.error(cell, words, program.without(cell))


@corruption(TableProgram, TableCategory.LAYOUT)
def slide_row_right(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """An empty cell has crept in and the rest of the row slides one column to the right.

    Example:
        >>> slide_row_right("<table><tr><td>a</td></tr></table>", seed=0)[0]
        '<table><tr><td></td><td>a</td></tr></table>'
    """
    words = "an empty cell has crept in and the rest of the row has slid to the right"
    empty = "<td></td>" if program.is_html else "  |"
    for cell in program.cells():
        # Markdown has no column for what slides off its end: one cell less is no slide.
        last = not program.is_html and cell.column == program.tables[cell.table].width - 1
        if program.words_of(cell) and not last and not program.row_of(cell).header:
            yield program.error(cell, words, Edit(cell.start, cell.start, empty))


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_column(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """One column is missing; cells that spanned it shrink by one.

    Yields:
        One mutation per column with text, in tables of two columns or more (Markdown: three).

    Example:
        >>> drop_column("|a|b|b|\\n|-|-|-|\\n|1|1|1|", seed=0)[0]
        '|a|b|\\n|-|-|\\n|1|1|'
    """
    for table in program.tables:
        if table.width < (2 if program.is_html else 3):
            continue
        for column in range(table.width):
            cells = _column(table, column)
            if not any(program.words_of(cell) for cell in cells if cell.colspan == 1):
                continue
            edits = [program.without(cell) for cell in table.delimiters[column : column + 1]]
            for cell in cells:
                if cell.colspan == 1:
                    edits.append(program.without(cell))
                else:
                    edits += cell.spanning("colspan", cell.colspan - 1)
            name = program.column_name(table, column)
            yield Mutation(tuple(edits), name, "the column is missing")


@corruption(TableProgram, TableCategory.LAYOUT)
def swap_columns(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring columns have changed places.

    Example:
        >>> swap_columns("|a|b|\\n|:-|-|\\n|1|2|", seed=0)[0]
        '|b|a|\\n|-|:-|\\n|2|1|'
    """
    for table in program.tables:
        for column in range(table.width - 1):
            pairs = _column_pairs(table, column)
            if pairs is None:
                continue
            # Where one row alone shows it, a viewer sees exchanged cells.
            if sum(program.content(left) != program.content(right) for left, right in pairs) < 2:
                continue
            if table.delimiters:
                pairs.append((table.delimiters[column], table.delimiters[column + 1]))
            names = " and ".join(program.column_name(table, at) for at in (column, column + 1))
            edits = tuple(edit for pair in pairs for edit in program.swapped(*pair))
            yield Mutation(edits, names, "the two columns are swapped")


def _column(table: SourceTable, column: int) -> tuple[SourceCell, ...]:
    """Every cell that covers a column, top to bottom."""
    found = {
        cell.start: cell
        for row in table.rows
        if (cell := table.grid.get((row.index, column))) is not None
    }
    return tuple(found.values())


def _column_pairs(table: SourceTable, column: int) -> list[tuple[SourceCell, SourceCell]] | None:
    """Cells to swap so that a column and the next change places; None if they cannot."""
    pairs: dict[int, tuple[SourceCell, SourceCell]] = {}
    for row in table.rows:
        left = table.grid.get((row.index, column))
        right = table.grid.get((row.index, column + 1))
        if left is None and right is None:
            continue
        if left is None or right is None:
            return None
        if left is right:
            continue
        if left.colspan != 1 or right.colspan != 1 or left.rows != right.rows:
            return None
        pairs[left.start] = (left, right)
    return list(pairs.values())

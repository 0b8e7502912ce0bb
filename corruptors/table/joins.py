"""Cells, rows and columns of a table split, joined or slid, as readers of dense tables do: ``layout_error``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import SourceCell, SourceTable, TableProgram
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory


@corruption(TableProgram, TableCategory.LAYOUT)
def split_cell(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell of two words or numbers has become two cells, and the rest of its row slides right.

    Yields:
        One mutation per body cell of HTML with plain text and a space in it; the space is drawn.

    Example:
        >>> split_cell("<table><tr><th>a<tr><td>36 (25.4)</td></table>", seed=0)[0]
        '<table><tr><th>a<tr><td>36</td><td>(25.4)</td></table>'
    """
    for cell in program.cells():
        text = program.content(cell)
        spaces = [found.start() for found in re.finditer(r"(?<=\S) (?=\S)", text)]
        if cell.element is None or program.row_of(cell).header or "<" in text or not spaces:
            continue
        at = cell.inner_start + rng.choice(spaces)
        cut = f"</{cell.element.name}><{cell.element.name}>"
        what = "the text of the cell stands in two cells"
        yield program.error(cell, what, Edit(at, at + 1, cut))


@corruption(TableProgram, TableCategory.LAYOUT)
def join_rows(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two rows have become one: each cell holds the text of both.

    Yields:
        One mutation per two body rows that follow each other and have the same plain cells.

    Example:
        >>> join_rows("|a|b|\\n|-|-|\\n|1|2|\\n|3|4|\\n", seed=0)[0]
        '|a|b|\\n|-|-|\\n|1 3|2 4|\\n'
    """
    for table in program.tables:
        for upper, lower in pairwise(table.rows):
            cells = list(zip(upper.cells, lower.cells, strict=False))
            plain = all(
                one.colspan == one.rowspan == other.colspan == other.rowspan == 1
                for one, other in cells
            )
            same = upper.group == lower.group and len(upper.cells) == len(lower.cells)
            if upper.header or lower.header or not (plain and same and cells):
                continue
            joined = [
                Edit(one.inner_end, one.inner_end, f" {program.content(other).strip()}")
                for one, other in cells
                if program.words_of(other)
            ]
            names = f"{program.row_name(upper)} and {program.row_name(lower)}"
            gone = Edit(lower.start, lower.end, "")
            yield Mutation((*joined, gone), names, "the two rows are joined to one")


@corruption(TableProgram, TableCategory.LAYOUT)
def split_table(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The table has become two tables, one under the other.

    Yields:
        One mutation per table with body rows enough for both; the row is drawn.

    Example:
        >>> split_table("<table><tr><td>1<tr><td>2<tr><td>3<tr><td>4</table>", seed=0)[0]
        '<table><tr><td>1<tr><td>2</table><table><tr><td>3<tr><td>4</table>'
    """
    for table in program.tables:
        starts = [
            row
            for before, row in pairwise(table.rows)
            if row.index not in table.crossed_rows and before.group == row.group and not row.header
        ][1:-1]
        if program.is_html and starts:
            row = rng.choice(starts)
            cut = Edit(row.start, row.start, "</table><table>")
            yield Mutation((cut,), f"above {program.row_name(row)}", "the table is split in two")


@corruption(TableProgram, TableCategory.LAYOUT)
def slide_column_down(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The texts of a column stand one row too low from some row on, and the last one is lost.

    Yields:
        One mutation per column with three plain body cells in a row; where it begins is drawn.

    Example:
        >>> slide_column_down("|a|\\n|-|\\n|1|\\n|2|\\n|3|\\n", seed=0)[0]
        '|a|\\n|-|\\n||\\n|1|\\n|2|\\n'
    """
    for table in program.tables:
        for column in range(table.width):
            cells = _plain_run(table, column)
            if len(cells) < 3:
                continue
            cells = cells[rng.randrange(len(cells) - 2) :]
            texts = ["", *map(program.content, cells[:-1])]
            edits = tuple(
                cell.filled(text)
                for cell, text in zip(cells, texts, strict=True)
                if program.content(cell) != text
            )
            if len(edits) > 2:
                what = f"the texts have slid one row down from row {cells[0].row + 1} on"
                yield Mutation(edits, program.column_name(table, column), what)


def _plain_run(table: SourceTable, column: int) -> list[SourceCell]:
    """The last cells of a column, as far up as each covers one place of the body."""
    cells: list[SourceCell] = []
    for row in reversed(table.rows):
        cell = table.grid.get((row.index, column))
        if cell is None or row.header or cell.colspan > 1 or cell.rowspan > 1:
            break
        cells.insert(0, cell)
    return cells

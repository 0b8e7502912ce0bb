"""Cells of a table merged, split, or over the wrong rows and columns: ``layout_error``."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import TableProgram
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory


@corruption(TableProgram, TableCategory.LAYOUT)
def merge_cells(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring cells of a row have become one that spans both columns.

    Yields:
        One mutation per pair of cells of equal height, in HTML.

    Example:
        >>> merge_cells("<table><tr><td>a</td><td>b</td></tr></table>", seed=0)[0]
        '<table><tr><td colspan="2">a b</td></tr></table>'
    """
    for table, cell in program.cells():
        right = table.right_of(cell)
        if cell.element is None or right is None or right.rowspan != cell.rowspan:
            continue
        yield Mutation(
            (
                *cell.spanning("colspan", cell.colspan + right.colspan),
                *program.emptied_into(right, cell),
            ),
            program.where(table, cell),
            "the cell is merged with the one to its right",
        )


@corruption(TableProgram, TableCategory.LAYOUT)
def merge_cells_down(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell and the one below it have become one that spans both rows.

    Yields:
        One mutation per pair of cells of equal width in one group of rows, in HTML.

    Example:
        >>> table = "<table><tr><td>a<td>b<tr><td>c<td></table>"
        >>> merge_cells_down(table, seed=1)[0]
        '<table><tr><td rowspan="2">a c<td>b<tr><td></table>'
    """
    for table, cell in program.cells():
        below = table.below(cell)
        if cell.element is None or below is None or below.colspan != cell.colspan:
            continue
        same_group = table.rows[cell.row].group == table.rows[below.row].group
        if same_group and len(table.rows[below.row].cells) > 1:
            yield Mutation(
                (
                    *cell.spanning("rowspan", cell.rowspan + below.rowspan),
                    *program.emptied_into(below, cell),
                ),
                program.where(table, cell),
                "the cell is merged with the one below it",
            )


@corruption(TableProgram, TableCategory.LAYOUT)
def split_column_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell over several columns has fallen into its first column and empty cells.

    Yields:
        One mutation per cell with a ``colspan`` over 1.

    Example:
        >>> split_column_span('<table><tr><th colspan="2">a</th></tr></table>', seed=0)[0]
        '<table><tr><th>a</th><th></th></tr></table>'
    """
    for table, cell in program.cells():
        if cell.element is not None and 1 < cell.colspan <= table.width:
            name = cell.element.name
            rows = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
            empty = f"<{name}{rows}></{name}>" * (cell.colspan - 1)
            yield Mutation(
                (*cell.spanning("colspan", 1), Edit(cell.end, cell.end, empty)),
                program.where(table, cell),
                f"the cell over {cell.colspan} columns is split into {cell.colspan}",
            )


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_column_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell over several columns shrinks to one and the rest of its row slides left.

    Yields:
        One mutation per cell with a ``colspan`` over 1.

    Example:
        >>> drop_column_span('<table><tr><th colspan=2>Year<th>All</table>', seed=0)[0]
        '<table><tr><th>Year<th>All</table>'
    """
    for table, cell in program.cells():
        if cell.colspan > 1:
            yield Mutation(
                cell.spanning("colspan", 1),
                program.where(table, cell),
                f"the cell spans 1 column instead of {cell.colspan}",
            )


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_row_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell over several rows shrinks to one and the rows below slide left.

    Yields:
        One mutation per cell with a ``rowspan`` over 1.

    Example:
        >>> drop_row_span('<table><tr><td rowspan="2">a<td>b<tr><td>c</table>', seed=0)[0]
        '<table><tr><td>a<td>b<tr><td>c</table>'
    """
    for table, cell in program.cells():
        if cell.rowspan > 1:
            yield Mutation(
                cell.spanning("rowspan", 1),
                program.where(table, cell),
                f"the cell spans 1 row instead of {cell.rowspan}",
            )


@corruption(TableProgram, TableCategory.LAYOUT)
def grow_column_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell spans one column too many and pushes the rest of its row to the right.

    Yields:
        One mutation per cell with text that has another to its right, or already spans, in HTML.

    Example:
        >>> grow_column_span("<table><tr><th>a<th>b</table>", seed=0)[0]
        '<table><tr><th colspan="2">a<th>b</table>'
    """
    for table, cell in program.cells():
        pushes = table.right_of(cell) is not None
        if cell.element is not None and program.words_of(cell) and pushes:
            yield Mutation(
                cell.spanning("colspan", cell.colspan + 1),
                program.where(table, cell),
                f"the cell spans {cell.colspan + 1} columns instead of {cell.colspan}",
            )


@corruption(TableProgram, TableCategory.LAYOUT)
def grow_row_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell spans one row too many and pushes the cells of that row to the right.

    Yields:
        One mutation per cell with text and a row of the same group below it, in HTML.

    Example:
        >>> grow_row_span("<table><tr><td>a<tr><td>b</table>", seed=0)[0]
        '<table><tr><td rowspan="2">a<tr><td>b</table>'
    """
    for table, cell in program.cells():
        below = table.below(cell)
        if cell.element is None or below is None or not program.words_of(cell):
            continue
        if table.rows[cell.row].group == table.rows[below.row].group:
            yield Mutation(
                cell.spanning("rowspan", cell.rowspan + 1),
                program.where(table, cell),
                f"the cell spans {cell.rowspan + 1} rows instead of {cell.rowspan}",
            )


@corruption(TableProgram, TableCategory.LAYOUT)
def merge_empty_cell(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell has swallowed the empty one beside or below it.

    Yields:
        One mutation per cell with text and an empty neighbor to its right or below, in HTML.

    Example:
        >>> merge_empty_cell("<table><tr><td>a</td><td></td></tr></table>", seed=0)[0]
        '<table><tr><td colspan="2">a</td></tr></table>'
    """
    for table, cell in program.cells():
        right, below = table.right_of(cell), table.below(cell)
        if cell.element is None or not program.words_of(cell):
            continue
        for other, span in ((right, "colspan"), (below, "rowspan")):
            if other is None or program.content(other).strip():
                continue
            crossed = span == "rowspan" and (
                table.rows[cell.row].group != table.rows[other.row].group
                or len(table.rows[other.row].cells) < 2
            )
            across = span == "colspan"
            same = other.rowspan == cell.rowspan if across else other.colspan == cell.colspan
            if same and not crossed:
                wide = cell.colspan + other.colspan if across else cell.rowspan + other.rowspan
                edits = (*cell.spanning(span, wide), Edit(other.start, other.end, ""))
                what = "the cell is merged with the empty one " + ("beside" if across else "below")
                yield Mutation(edits, program.where(table, cell), what)

"""Cells of a table merged, split, or over the wrong rows and columns: ``layout_error``."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import SourceCell, TableProgram
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
    for cell in program.cells():
        right = program.right_of(cell)
        wider = _merged(program, cell, right, "colspan")
        if wider and right is not None:
            edits = *wider, *program.emptied_into(right, cell)
            yield program.error(cell, "the cell is merged with the one to its right", *edits)


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
    for cell in program.cells():
        below = program.below(cell)
        higher = _merged(program, cell, below, "rowspan")
        if higher and below is not None:
            edits = *higher, *program.emptied_into(below, cell)
            yield program.error(cell, "the cell is merged with the one below it", *edits)


@corruption(TableProgram, TableCategory.LAYOUT)
def split_column_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell over several columns has fallen into its first column and empty cells.

    Example:
        >>> split_column_span('<table><tr><th colspan="2">a</th></tr></table>', seed=0)[0]
        '<table><tr><th>a</th><th></th></tr></table>'
    """
    for cell in program.cells():
        if cell.element is not None and cell.colspan > 1:
            name = cell.element.name
            rows = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
            empty = f"<{name}{rows}></{name}>" * (cell.colspan - 1)
            words = f"the cell over {cell.colspan} columns is split into {cell.colspan}"
            edits = *cell.spanning("colspan", 1), Edit(cell.end, cell.end, empty)
            yield program.error(cell, words, *edits)


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_column_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell over several columns shrinks to one and the rest of its row slides left.

    Example:
        >>> drop_column_span('<table><tr><th colspan=2>Year<th>All</table>', seed=0)[0]
        '<table><tr><th>Year<th>All</table>'
    """
    for cell in program.cells():
        if cell.colspan > 1:
            yield _spanning(program, cell, "colspan", 1)


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_row_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell over several rows shrinks to one and the rows below slide left.

    Example:
        >>> drop_row_span('<table><tr><td rowspan="2">a<td>b<tr><td>c</table>', seed=0)[0]
        '<table><tr><td>a<td>b<tr><td>c</table>'
    """
    for cell in program.cells():
        if cell.rowspan > 1:
            yield _spanning(program, cell, "rowspan", 1)


@corruption(TableProgram, TableCategory.LAYOUT)
def grow_column_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell spans one column too many and pushes the rest of its row to the right.

    Yields:
        One mutation per cell with text that has another to its right, or already spans, in HTML.

    Example:
        >>> grow_column_span("<table><tr><th>a<th>b</table>", seed=0)[0]
        '<table><tr><th colspan="2">a<th>b</table>'
    """
    for cell in program.cells():
        pushes = program.right_of(cell) is not None
        if cell.element is not None and program.words_of(cell) and pushes:
            yield _spanning(program, cell, "colspan", cell.colspan + 1)


@corruption(TableProgram, TableCategory.LAYOUT)
def grow_row_span(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell spans one row too many and pushes the cells of that row to the right.

    Yields:
        One mutation per cell with text and a row of the same group below it, in HTML.

    Example:
        >>> grow_row_span("<table><tr><td>a<tr><td>b</table>", seed=0)[0]
        '<table><tr><td rowspan="2">a<tr><td>b</table>'
    """
    for cell in program.cells():
        below = program.below(cell)
        pushes = below is not None and cell.group == below.group
        if cell.element is not None and program.words_of(cell) and pushes:
            yield _spanning(program, cell, "rowspan", cell.rowspan + 1)


@corruption(TableProgram, TableCategory.LAYOUT)
def merge_empty_cell(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell has swallowed the empty one beside or below it.

    Yields:
        One mutation per cell with text and an empty neighbor to its right or below, in HTML.

    Example:
        >>> merge_empty_cell("<table><tr><td>a</td><td></td></tr></table>", seed=0)[0]
        '<table><tr><td colspan="2">a</td></tr></table>'
    """
    for cell in filter(program.words_of, program.cells()):
        for other, name, side in (
            (program.right_of(cell), "colspan", "beside"),
            (program.below(cell), "rowspan", "below"),
        ):
            larger = _merged(program, cell, other, name)
            if larger and other is not None and not program.content(other).strip():
                edits = *larger, Edit(other.start, other.end, "")
                yield program.error(cell, f"the cell is merged with the empty one {side}", *edits)


def _spanning(program: TableProgram, cell: SourceCell, name: str, wrong: int) -> Mutation:
    """The error that a cell has another ``colspan`` or ``rowspan``."""
    places = {"colspan": "column", "rowspan": "row"}[name] + ("s" if wrong > 1 else "")
    words = f"the cell spans {wrong} {places} instead of {getattr(cell, name)}"
    return program.error(cell, words, *cell.spanning(name, wrong))


def _merged(
    program: TableProgram, cell: SourceCell, other: SourceCell | None, name: str
) -> tuple[Edit, ...]:
    """The edits that let a cell of HTML reach over the next one too; none where it cannot."""
    across = "rowspan" if name == "colspan" else "colspan"
    if other is None or getattr(cell, across) != getattr(other, across):
        return ()
    # A cell ends with its group of rows, and a row without cells of its own has no height.
    alone = cell.group != other.group or len(program.row_of(other).cells) < 2
    if name == "rowspan" and alone:
        return ()
    return cell.spanning(name, getattr(cell, name) + getattr(other, name))

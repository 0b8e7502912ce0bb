"""Errors of whole cells: what a cell shows is gone, or is what its neighbor shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from corruptors.table.program.table_program import SourceCell, TableProgram
from records.edits import Mutation

Named = Callable[[str], str]
"""How a description writes what a cell shows: words in quotes, numbers as they are."""


def neighbors(
    program: TableProgram, wanted: Callable[[SourceCell], bool]
) -> Iterator[tuple[SourceCell, SourceCell]]:
    """Cells of a kind with the ones of that kind to their right or below them that read otherwise.

    Both have the same spans: else a viewer sees another layout, not other words or numbers.
    """
    for cell in program.cells():
        for other in (program.right_of(cell), program.below(cell)):
            if other is None or not (wanted(cell) and wanted(other)):
                continue
            if (cell.rowspan, cell.colspan) != (other.rowspan, other.colspan):
                continue
            if program.words_of(cell) != program.words_of(other):
                yield cell, other


def emptied(program: TableProgram, cell: SourceCell, named: Named) -> Mutation:
    """A cell has come out empty."""
    words = f"{named(program.words_of(cell))} is missing: the cell is empty"
    return program.error(cell, words, cell.filled("" if program.is_html else " "))


def repeated(program: TableProgram, cell: SourceCell, other: SourceCell, named: Named) -> Mutation:
    """The second of two cells shows what the first does."""
    shown, lost = named(program.words_of(cell)), named(program.words_of(other))
    words = f"{lost} reads {shown}, as its neighbour does"
    return program.error(other, words, other.filled(program.content(cell).strip()))


def swapped(program: TableProgram, cell: SourceCell, other: SourceCell, named: Named) -> Mutation:
    """Two cells have exchanged what they show."""
    where = f"{program.where(cell)} and {program.where(other)}"
    words = f"{named(program.words_of(cell))} and {named(program.words_of(other))} are swapped"
    return Mutation(program.refilled(cell, other), where, words)

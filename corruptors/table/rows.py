"""Rows of a table that are lost, doubled or out of order: ``layout_error``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import SourceTable, TableProgram, TableRow
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_row(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """One row of the body is missing; a cell that reached over it shrinks by one.

    Yields:
        One mutation per body row without row spans of its own, in tables of three rows or more.

    Example:
        >>> drop_row("|a|b|\\n|-|-|\\n|1|2|\\n|1|2|\\n", seed=0)[0]
        '|a|b|\\n|-|-|\\n|1|2|\\n'
    """
    for table in program.tables:
        for row in _movable(table) if len(table.rows) > 2 else ():
            edits = Edit(row.start, row.end, ""), *table.respanned(row.index, -1)
            yield Mutation(edits, program.row_name(row), "the row is missing")


@corruption(TableProgram, TableCategory.LAYOUT)
def double_row(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """One row of the body stands there twice.

    Yields:
        One mutation per body row without row spans of its own.

    Example:
        >>> double_row("|a|b|\\n|-|-|\\n|1|2|", seed=0)[0]
        '|a|b|\\n|-|-|\\n|1|2|\\n|1|2|'
    """
    for table in program.tables:
        for row in _movable(table):
            start, end = program.line(row)
            copy = ("" if program.is_html else "\n") + program.text[start:end]
            edits = Edit(end, end, copy), *table.respanned(row.index, 1)
            yield Mutation(edits, program.row_name(row), "the row stands there twice")


@corruption(TableProgram, TableCategory.LAYOUT)
def swap_rows(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two rows that follow each other have changed places.

    Yields:
        One mutation per pair of neighboring body rows with other content.

    Example:
        >>> swap_rows("|a|b|\\n|-|-|\\n|1|2|\\n|3|4|", seed=0)[0]
        '|a|b|\\n|-|-|\\n|3|4|\\n|1|2|'
    """
    for table in program.tables:
        rows = list(_movable(table))
        for first, second in pairwise(rows):
            if second.index != first.index + 1 or not _alike(table, first, second):
                continue
            if program.row_words(first) == program.row_words(second):
                continue
            upper, lower = program.line(first), program.line(second)
            edits = (
                Edit(*upper, program.text[slice(*lower)]),
                Edit(*lower, program.text[slice(*upper)]),
            )
            names = f"{program.row_name(first)} and {program.row_name(second)}"
            yield Mutation(edits, names, "the two rows are swapped")


@corruption(TableProgram, TableCategory.LAYOUT)
def move_row(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """One row stands two or more places away from where it belongs.

    Yields:
        One mutation per body row that has somewhere to go; the place is drawn.

    Example:
        >>> move_row("|a|b|\\n|-|-|\\n|1|2|\\n|3|4|\\n|5|6|\\n", seed=1)[0]
        '|a|b|\\n|-|-|\\n|5|6|\\n|1|2|\\n|3|4|\\n'
    """
    for table in program.tables:
        rows = list(_movable(table))
        for row in rows:
            places = [
                other
                for other in rows
                if abs(other.index - row.index) >= 2
                and _alike(table, row, other)
                and program.row_words(row) != program.row_words(other)
            ]
            if not places:
                continue
            place = rng.choice(places)
            start, end = program.line(row)
            source, line_break = program.text[start:end], "" if program.is_html else "\n"
            if place.index < row.index:
                put = Edit(place.start, place.start, source + line_break)
            else:
                after = program.line(place)[1]
                put = Edit(after, after, line_break + source)
            edits = Edit(row.start, row.end, ""), put
            words = f"the row has moved to place {place.index + 1}"
            yield Mutation(edits, program.row_name(row), words)


@corruption(TableProgram, TableCategory.LAYOUT)
def truncate_rows(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The table ends early: its last two or more rows are missing.

    Yields:
        One mutation per table of five rows or more; a quarter to a half of the body goes.

    Example:
        >>> truncate_rows("|a|\\n|-|\\n|1|\\n|2|\\n|3|\\n|4|\\n", seed=0)[0]
        '|a|\\n|-|\\n|1|\\n|2|\\n'
    """
    for table in program.tables:
        body = [row for row in table.rows if not row.header]
        starts = [
            at
            for at, row in enumerate(body)
            if row.index not in table.crossed_rows
            and len(body) // 4 <= len(body) - at <= (len(body) + 1) // 2
            and len(body) - at >= 2
        ]
        if len(body) >= 4 and starts:
            gone = body[rng.choice(starts) :]
            edits = tuple(Edit(row.start, row.end, "") for row in gone)
            words = f"the last {len(gone)} rows are missing, from {program.row_name(gone[0])} on"
            yield Mutation(edits, f"below row {gone[0].index}", words)


def _movable(table: SourceTable) -> Iterator[TableRow]:
    """Body rows that no span of their own ties to the next row."""
    for row in table.rows:
        if row.cells and not row.header and all(cell.rowspan == 1 for cell in row.cells):
            yield row


def _alike(table: SourceTable, first: TableRow, second: TableRow) -> bool:
    """True if two rows may change places: one group, and the same spans reach into both."""
    return first.group == second.group and table.reaching(first.index) == table.reaching(
        second.index
    )

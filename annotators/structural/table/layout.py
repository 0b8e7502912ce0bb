"""Compares the layout of two tables: missing, extra, moved, merged or shifted parts, each cause once."""

from __future__ import annotations

from annotators.structural.table.alignment import align_columns, align_rows
from annotators.structural.table.cells import Lines, explain, row_events
from annotators.structural.table.findings import LayoutComparison
from annotators.structural.table.grid import TableGrid
from annotators.structural.table.rows_and_columns import (
    broken_off,
    joined_columns,
    joined_rows,
    lost_columns,
    lost_rows,
    moved_columns,
    moved_rows,
    real_columns,
)


def compare_layout(reference: TableGrid, candidate: TableGrid) -> LayoutComparison:
    """Align two tables and report layout errors."""
    layout = LayoutComparison()
    rows = align_rows(reference, candidate)
    columns = align_columns(reference, candidate, rows.pairs)
    layout.errors, rows = joined_rows(reference, candidate, rows)
    events = [row_events(reference, candidate, row, other, columns) for row, other in rows.pairs]
    lost = real_columns(reference, set(columns), events, "missing")
    come = real_columns(candidate, set(columns.values()), events, "extra")
    if reference.width != candidate.width and not lost and not come:
        # Only single rows are longer; the columns of the other rows did not move.
        columns = {column: column for column in range(min(reference.width, candidate.width))}
        events = [
            row_events(reference, candidate, row, other, columns) for row, other in rows.pairs
        ]
    broken, rows = broken_off(reference, rows, events)
    layout.errors += [*broken, *lost_rows(reference, candidate, rows)]
    layout.errors += moved_rows(reference, candidate, rows)
    joined_columns((reference, candidate), columns, lost, events, layout)
    back = {now: column for column, now in columns.items()}
    joined_columns((reference, candidate), back, come, events, layout, split=True)
    layout.errors += moved_columns(reference, candidate, columns)
    layout.errors += lost_columns(reference, lost, events, "missing")
    layout.errors += lost_columns(candidate, come, events, "extra")
    lines = Lines(dict(rows.pairs), columns, set(rows.extra), set(come))
    explain(reference, candidate, lines, events, layout)
    return layout

"""What is missing, extra, moved, merged or slid in a table: each cause once, with all it drags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from annotators.structural import table_severity
from annotators.structural.table_alignment import (
    RowAlignment,
    align_cells,
    align_columns,
    align_rows,
    start_of,
)
from annotators.structural.table_grid import Cell, TableGrid, shorten, union
from annotators.structural.table_words import is_numeric
from records.rows import Box, Discrepancy
from records.taxonomy import Severity, TableCategory

Pair = tuple[Cell, Cell]


def found(
    category: TableCategory, severity: Severity, location: str, description: str, box: Box | None
) -> Discrepancy:
    """A discrepancy of this lane."""
    return Discrepancy(
        category=category.value,
        severity=severity,
        location=location,
        description=description,
        box=box,
    )


@dataclass(slots=True)
class Layout:
    """How two tables correspond, and the layout errors between them."""

    pairs: list[Pair] = field(default_factory=list)
    """Cells that correspond and are still to be compared for words and looks."""
    errors: list[Discrepancy] = field(default_factory=list)


@dataclass(slots=True)
class _RowEvents:
    """What does not fit in one pair of rows."""

    row: int
    other: int
    pairs: list[Pair]
    missing: list[Cell]
    extra: list[Cell]
    displaced: list[Pair]

    @property
    def quiet(self) -> bool:
        return not (self.missing or self.extra or self.displaced)


def compare_layout(reference: TableGrid, candidate: TableGrid) -> Layout:
    """Align two tables and name what is laid out otherwise."""
    layout = Layout()
    rows = align_rows(reference, candidate)
    columns = align_columns(reference, candidate, rows.pairs)
    layout.errors += _lost_rows(reference, candidate, rows)
    layout.errors += _moved_rows(reference, candidate, rows)
    events = [_row_events(reference, candidate, row, other, columns) for row, other in rows.pairs]
    lost = _real_columns(reference, set(columns), events, "missing")
    come = _real_columns(candidate, set(columns.values()), events, "extra")
    if reference.width != candidate.width and not lost and not come:
        # Single rows stick out; the columns of the others are where they were.
        columns = {column: column for column in range(min(reference.width, candidate.width))}
        events = [
            _row_events(reference, candidate, row, other, columns) for row, other in rows.pairs
        ]
    layout.errors += _moved_columns(reference, candidate, columns)
    layout.errors += _lost_columns(reference, lost, events, "missing")
    layout.errors += _lost_columns(candidate, come, events, "extra")
    lines = _Lines(dict(rows.pairs), columns, set(rows.extra), set(come))
    _explain(reference, candidate, lines, events, layout)
    return layout


@dataclass(frozen=True, slots=True)
class _Lines:
    """Which rows and columns correspond, and which of the candidate's are new."""

    rows: dict[int, int]
    columns: dict[int, int]
    extra_rows: set[int]
    extra_columns: set[int]


# ------------------------------------------------------------------------------- rows and columns


def _blocks(numbers: Iterable[int]) -> list[list[int]]:
    """Runs of consecutive numbers.

    >>> _blocks([1, 2, 5])
    [[1, 2], [5]]
    """
    blocks: list[list[int]] = []
    for number in sorted(numbers):
        if blocks and blocks[-1][-1] == number - 1:
            blocks[-1].append(number)
        else:
            blocks.append([number])
    return blocks


def _row_words(grid: TableGrid, row: int) -> str:
    return shorten(" | ".join(cell.text for cell in grid.rows[row] if cell.text))


def _rows_name(grid: TableGrid, block: Sequence[int]) -> str:
    if len(block) == 1:
        return grid.row_name(block[0])
    return f"{grid.place}rows {block[0] + 1} to {block[-1] + 1}"


def _lost_rows(reference: TableGrid, candidate: TableGrid, rows: RowAlignment) -> list[Discrepancy]:
    errors = []
    for block in _blocks(rows.missing):
        words = _row_words(reference, block[0])
        what = (
            f"'{words}' is missing"
            if len(block) == 1
            else f"the rows from '{words}' on are missing"
        )
        errors.append(
            found(
                TableCategory.LAYOUT,
                table_severity.of_lines(len(block), reference.height),
                _rows_name(reference, block),
                what,
                union([reference.row_box(row) for row in block]),
            )
        )
    known = {tuple(cell.text for cell in row) for row in reference.rows}
    for block in _blocks(rows.extra):
        words = _row_words(candidate, block[0])
        twice = all(tuple(cell.text for cell in candidate.rows[row]) in known for row in block)
        if twice and words:
            what = f"'{words}' stands there twice"
        else:
            what = f"'{words}' is not in the reference" if words else "an empty row has been added"
        errors.append(
            found(
                TableCategory.LAYOUT,
                table_severity.of_lines(len(block), reference.height),
                _rows_name(candidate, block),
                what,
                union([candidate.row_box(row) for row in block]),
            )
        )
    return errors


def _moved_rows(
    reference: TableGrid, candidate: TableGrid, rows: RowAlignment
) -> list[Discrepancy]:
    """Blocks of rows that are elsewhere; two rows that changed places are one error."""
    stay = [pair for pair in rows.pairs if pair not in set(rows.moved)]
    blocks: list[list[tuple[int, int]]] = []
    for row, other in sorted(rows.moved):
        last = blocks[-1][-1] if blocks else None
        if last == (row - 1, other - 1):
            blocks[-1].append((row, other))
        else:
            blocks.append([(row, other)])
    errors = []
    done: set[int] = set()
    for index, block in enumerate(blocks):
        if index in done:
            continue
        row, other = block[0]
        partner = None
        for later in range(index + 1, len(blocks)):
            first, second = blocks[later][0]
            between = [pair for pair in stay if min(row, first) < pair[0] < max(row, first)]
            lands = [pair for pair in stay if min(other, second) < pair[1] < max(other, second)]
            if later not in done and (row < first) != (other < second) and between == lands:
                partner = later
                break
        passed = [pair for pair in stay if (pair[0] < row) != (pair[1] < other)]
        if partner is not None:
            done.add(partner)
            exchanged = block + blocks[partner]
        elif len(block) == 1 and len(passed) == 1:
            exchanged = [block[0], passed[0]]
        else:
            exchanged = []
        if exchanged:
            names = sorted(pair[0] for pair in exchanged)
            words = " and ".join(f"'{_row_words(reference, name)}'" for name in names[:2])
            location = f"{reference.place}rows {names[0] + 1} and {names[-1] + 1}"
            what = f"{words} have changed places"
            boxes = [candidate.row_box(pair[1]) for pair in exchanged]
            count = len(exchanged)
        else:
            location = _rows_name(reference, [pair[0] for pair in block])
            what = (
                f"'{_row_words(reference, row)}' stands in row {other + 1} instead of row {row + 1}"
            )
            low, high = sorted((other, max((pair[1] for pair in passed), default=other)))
            low = min(low, *(pair[1] for pair in passed)) if passed else low
            boxes = [candidate.row_box(place) for place in range(low, high + 1)]
            count = len(block) + 1
        errors.append(
            found(
                TableCategory.LAYOUT,
                table_severity.of_order(count, reference.height),
                location,
                what,
                union(boxes),
            )
        )
    return errors


def _moved_columns(
    reference: TableGrid, candidate: TableGrid, columns: dict[int, int]
) -> list[Discrepancy]:
    if reference.width != candidate.width:
        return []
    errors = []
    left = {column for column, other in columns.items() if column != other}
    while left:
        start = min(left)
        cycle, at = [start], columns[start]
        while at != start and at in left:
            cycle.append(at)
            at = columns[at]
        left -= set(cycle)
        cycle.sort()
        names = [reference.column_name(column) for column in cycle]
        errors.append(
            found(
                TableCategory.LAYOUT,
                table_severity.of_order(len(cycle), reference.width),
                " and ".join(names) if len(names) == 2 else f"{names[0]} to {names[-1]}",
                "the two columns have changed places"
                if len(cycle) == 2
                else "the columns come in another order",
                union([candidate.column_box(column) for column in cycle]),
            )
        )
    return errors


def _real_columns(
    grid: TableGrid, kept: set[int], events: list[_RowEvents], side: str
) -> list[int]:
    """Columns that at least half of the rows lost or gained."""
    real = []
    for column in sorted(set(range(grid.width)) - kept):
        gone = here = 0
        for event in events:
            row = event.row if side == "missing" else event.other
            cells = [cell for cell in grid.rows[row] if cell.column == column]
            here += len(cells)
            gone += sum(cell in getattr(event, side) for cell in cells)
        if here and gone * 2 >= here and (gone > 1 or grid.height == 1):
            real.append(column)
    return real


def _lost_columns(
    grid: TableGrid, columns: list[int], events: list[_RowEvents], side: str
) -> list[Discrepancy]:
    """One error per block of columns; its cells are taken out of the events of the rows."""
    errors = []
    verb = "missing" if side == "missing" else "not in the reference"
    for block in _blocks(columns):
        for event in events:
            rest = [cell for cell in getattr(event, side) if not _within(cell, block)]
            setattr(event, side, rest)
        names = [grid.column_name(column) for column in block]
        errors.append(
            found(
                TableCategory.LAYOUT,
                table_severity.of_lines(len(block), grid.width),
                names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}",
                f"the column is {verb}" if len(names) == 1 else f"the columns are {verb}",
                union([grid.column_box(column) for column in block]),
            )
        )
    return errors


def _within(cell: Cell, columns: Sequence[int]) -> bool:
    return columns[0] <= cell.column and cell.column + cell.colspan - 1 <= columns[-1]


# ------------------------------------------------------------------------------------------ cells


def _row_events(
    reference: TableGrid, candidate: TableGrid, row: int, other: int, columns: dict[int, int]
) -> _RowEvents:
    mine = sorted(reference.rows[row], key=lambda cell: _place(cell, columns))
    theirs = candidate.rows[other]
    indices = align_cells(mine, theirs, columns)
    pairs = [(mine[a], theirs[b]) for a, b in indices]
    taken, used = {a for a, _ in indices}, {b for _, b in indices}
    return _RowEvents(
        row,
        other,
        pairs,
        [cell for index, cell in enumerate(mine) if index not in taken],
        [cell for index, cell in enumerate(theirs) if index not in used],
        [(a, b) for a, b in pairs if start_of(a, columns) not in (None, b.column)],
    )


def _place(cell: Cell, columns: dict[int, int]) -> int:
    start = start_of(cell, columns)
    return cell.column if start is None else start


def _expected(start: int, span: int, now: int, lines: dict[int, int], extra: set[int]) -> int:
    """The span a cell should have after lines were lost, added or moved.

    Args:
        start, span: Lines of the reference that the cell covers.
        now: Its span in the candidate; right as well where it only takes in new lines beside it.
        lines: Line of the candidate for each of the reference.
        extra: New lines of the candidate.
    """
    places = [lines[line] for line in range(start, start + span) if line in lines]
    if not places:
        return now
    first, last = min(places), max(places)
    least = last - first + 1
    while first - 1 in extra:
        first -= 1
    while last + 1 in extra:
        last += 1
    return now if least <= now <= last - first + 1 or now == span else least


def _explain(
    reference: TableGrid,
    candidate: TableGrid,
    lines: _Lines,
    events: list[_RowEvents],
    layout: Layout,
) -> None:
    """Name spans that changed, then what else does not fit in single rows."""
    by_row = {event.row: event for event in events}
    settled: set[int] = set()
    for event in events:
        for mine, theirs in event.pairs:
            wide = _expected(
                mine.column, mine.colspan, theirs.colspan, lines.columns, lines.extra_columns
            )
            high = _expected(mine.row, mine.rowspan, theirs.rowspan, lines.rows, lines.extra_rows)
            if (theirs.colspan, theirs.rowspan) != (wide, high):
                span = _Span(mine, theirs, wide, high)
                touched = [by_row[row] for row in span.rows if row in by_row]
                layout.errors.append(_name_span(reference, span, touched, lines, settled))
    for event in events:
        swap = None if event.quiet else _exchange(candidate, event)
        if swap is not None:
            layout.errors.append(swap)
            event.missing, event.extra, event.displaced = [], [], []
    _name_rows(reference, [event for event in events if not event.quiet], layout)
    for event in events:
        layout.pairs += [pair for pair in event.pairs if id(pair[0]) not in settled]


@dataclass(frozen=True, slots=True)
class _Span:
    """A cell whose span is not what it should be."""

    mine: Cell
    theirs: Cell
    wide: int
    """Columns it should span in the candidate."""
    high: int

    @property
    def rows(self) -> range:
        """Rows of the reference that it may disturb."""
        return range(self.mine.row, self.mine.row + max(self.mine.rowspan, self.theirs.rowspan))

    @property
    def grown(self) -> bool:
        return self.theirs.colspan > self.wide or self.theirs.rowspan > self.high

    @property
    def shrunk(self) -> bool:
        return self.theirs.colspan < self.wide or self.theirs.rowspan < self.high


def _name_span(
    reference: TableGrid,
    span: _Span,
    touched: list[_RowEvents],
    lines: _Lines,
    settled: set[int],
) -> Discrepancy:
    """One error for a cell whose span changed, with the cells it swallowed, freed or pushed."""
    mine, theirs = span.mine, span.theirs
    now = range(theirs.column, theirs.column + theirs.colspan)
    once = range(theirs.column, theirs.column + max(mine.colspan, theirs.colspan))
    swallowed = [
        cell
        for event in touched
        for cell in event.missing
        if span.grown and _place(cell, lines.columns) in now
    ]
    freed = [
        cell for event in touched for cell in event.extra if span.shrunk and cell.column in once
    ]
    pushed = [pair for event in touched for pair in event.displaced if pair[0] is not mine]
    name = f"'{shorten(mine.text)}'" if mine.text else "the empty cell"
    if swallowed:
        others = ", ".join(f"'{shorten(cell.text, 20)}'" for cell in swallowed if cell.text)
        what = f"{name} is merged with {others or 'its empty neighbour'}"
    elif freed:
        what = f"{name} is split into {len(freed) + 1} cells"
    else:
        parts = []
        if theirs.colspan != span.wide:
            parts.append(_spans(theirs.colspan, "column", span.wide))
        if theirs.rowspan != span.high:
            parts.append(_spans(theirs.rowspan, "row", span.high))
        what = f"{name} spans {' and '.join(parts)}"
        if pushed:
            what += "; what follows has slid"
    together = sorted([mine, *swallowed], key=lambda cell: (cell.row, cell.column))
    said = [" ".join(cell.text.split()) for cell in together if cell.text]
    shown = " ".join(theirs.text.split())
    # Words that were only joined are no error of their own.
    if shown in (*said, " ".join(said)) or mine.text == theirs.text:
        settled.add(id(mine))
    for event in touched:
        # What slid out at the end of a row belongs to the same cause.
        event.missing = [cell for cell in event.missing if cell not in swallowed and cell.text]
        event.extra = [cell for cell in event.extra if cell not in freed and cell.text]
        event.displaced = []
    boxes = [*_reach(mine, theirs), *(cell.box for cell in freed)]
    boxes += [box for pair in pushed for box in _reach(*pair)]
    return found(
        TableCategory.LAYOUT,
        table_severity.of_cells(1 + len(swallowed) + len(freed) + len(pushed)),
        reference.name(mine),
        what,
        union(boxes),
    )


def _reach(mine: Cell, theirs: Cell) -> list[Box | None]:
    """Where a cell is, and where it was if nothing above it moved: there it left a gap."""
    if mine.box is None or theirs.box is None or abs(mine.box[1] - theirs.box[1]) > 3:
        return [theirs.box]
    return [theirs.box, mine.box]


def _spans(now: int, unit: str, before: int) -> str:
    return f"{now} {unit}{'s' if now != 1 else ''} instead of {before}"


def _exchange(candidate: TableGrid, event: _RowEvents) -> Discrepancy | None:
    """Two cells of a row whose words changed places."""
    if len(event.missing) != 1 or len(event.extra) != 1 or len(event.displaced) != 1:
        return None
    gone, come = event.missing[0], event.extra[0]
    mine, theirs = event.displaced[0]
    if not gone.text or gone.text != come.text or not mine.text:
        return None
    both = is_numeric(gone.text) and is_numeric(mine.text)
    return found(
        TableCategory.NUMERIC if both else TableCategory.TEXT,
        3 if both else 2,
        candidate.row_name(event.other),
        f"'{shorten(gone.text)}' and '{shorten(mine.text)}' have changed places",
        union([come.box, theirs.box]),
    )


def _name_rows(reference: TableGrid, events: list[_RowEvents], layout: Layout) -> None:
    """One error per run of rows that slid or lost cells alike."""
    blocks: list[list[_RowEvents]] = []
    for event in sorted(events, key=lambda one: one.row):
        last = blocks[-1][-1] if blocks else None
        if last is not None and event.row == last.row + 1 and _sign(event) == _sign(last):
            blocks[-1].append(event)
        else:
            blocks.append([event])
    for block in blocks:
        event = block[0]
        rows = [one.row for one in block]
        place = _rows_name(reference, rows)
        if len(block) == 1 and len(event.missing) + len(event.extra) == 1:
            place = reference.name(event.missing[0]) if event.missing else place
        boxes = [cell.box for one in block for cell in one.extra]
        boxes += [box for one in block for pair in one.displaced for box in _reach(*pair)]
        box = union(boxes) or union([cell.box for one in block for cell in one.missing])
        count = sum(len(one.missing) + len(one.extra) + len(one.displaced) for one in block)
        layout.errors.append(
            found(
                TableCategory.LAYOUT, table_severity.of_cells(count), place, _row_story(event), box
            )
        )


def _sign(event: _RowEvents) -> tuple[object, ...]:
    return (
        tuple(cell.column for cell in event.missing),
        tuple(cell.column for cell in event.extra),
        bool(event.displaced),
    )


def _row_story(event: _RowEvents) -> str:
    slides = [theirs.column - mine.column for mine, theirs in event.displaced]
    way = "left" if sum(slides) < 0 else "right"
    gone = ", ".join(f"'{shorten(cell.text, 20)}'" for cell in event.missing if cell.text)
    come = ", ".join(f"'{shorten(cell.text, 20)}'" for cell in event.extra if cell.text)
    parts = []
    if event.missing and not (event.extra and not gone):
        parts.append(f"the cell {gone} is missing" if gone else "an empty cell is missing")
    if event.extra and not (event.missing and not come):
        parts.append(f"a cell {come} has been added" if come else "an empty cell has been added")
    if slides:
        parts.append(f"the rest of the row has slid to the {way}")
    if not parts:
        parts.append("an empty cell is elsewhere")
    return " and ".join(parts)

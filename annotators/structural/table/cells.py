"""Finds cells of matched rows that are missing, extra, merged, split or shifted to another column."""

from __future__ import annotations

from dataclasses import dataclass

from annotators.structural.matching import text_similarity
from annotators.structural.table import severity as table_severity
from annotators.structural.table.alignment import align_cells, likeness, start_of
from annotators.structural.table.findings import LayoutComparison, RowEvents, exchange, layout_error
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.table.rows_and_columns import rows_name
from records.rows import Box, Discrepancy, box_around


@dataclass(frozen=True, slots=True)
class Lines:
    """Corresponding rows and columns, and the new ones of the candidate."""

    rows: dict[int, int]
    columns: dict[int, int]
    extra_rows: set[int]
    extra_columns: set[int]


def row_events(
    reference: TableGrid, candidate: TableGrid, row: int, other: int, columns: dict[int, int]
) -> RowEvents:
    """Match the cells of two rows, and list those without a match."""
    both = (reference.rows[row], candidate.rows[other])
    shown = [[(cell.text, cell.column, cell.colspan) for cell in cells] for cells in both]
    if shown[0] == shown[1]:
        columns = {}  # a row that stays as it is, as headings above values that were exchanged
    mine = sorted(reference.rows[row], key=lambda cell: _place(cell, columns))
    theirs = candidate.rows[other]
    indices = align_cells(mine, theirs, columns)
    pairs = [(mine[a], theirs[b]) for a, b in indices]
    taken, used = {a for a, _ in indices}, {b for _, b in indices}
    missing = [cell for index, cell in enumerate(mine) if index not in taken]
    extra = [cell for index, cell in enumerate(theirs) if index not in used]
    displaced = [(a, b) for a, b in pairs if start_of(a, columns) not in (None, b.column)]
    return RowEvents(row, other, pairs, missing, extra, displaced)


def _place(cell: Cell, columns: dict[int, int]) -> int:
    start = start_of(cell, columns)
    return cell.column if start is None else start


def _expected(start: int, span: int, now: int, lines: dict[int, int], extra: set[int]) -> int:
    """The span a cell should have after lines were lost, added or moved.

    Args:
        start, span: Lines of the reference that the cell covers.
        now: Its span in the candidate; also correct if it only covers new lines beside it.
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


def explain(
    reference: TableGrid,
    candidate: TableGrid,
    lines: Lines,
    events: list[RowEvents],
    layout: LayoutComparison,
) -> None:
    """Report changed spans, then the remaining misfits of single rows."""
    by_row = {event.row: event for event in events}
    _pair_raised(events, lines)
    spans: list[_Span] = []
    for event in events:
        for mine, theirs in event.pairs:
            added, now = lines.extra_columns, theirs.colspan
            wide = _expected(mine.column, mine.colspan, now, lines.columns, added)
            high = _expected(mine.row, mine.rowspan, theirs.rowspan, lines.rows, lines.extra_rows)
            if (theirs.colspan, theirs.rowspan) != (wide, high):
                spans.append(_Span(mine, theirs, wide, high))
    emptied = [span for span in spans if _takes_empty(span, by_row, lines)]
    disturbed: list[RowEvents] = []
    named: list[tuple[_Span, Discrepancy]] = []
    for span in spans:
        touched = [by_row[row] for row in _disturbed(span, by_row) if row in by_row]
        error = _name_span(reference, span, touched, lines, layout.joined)
        if len(emptied) < ALIKE or span not in emptied:
            named.append((span, error))
        disturbed += touched
    layout.errors += _at_one_border(named)
    for event in disturbed:
        # Empty cells shifted out at the end of a row have the same cause.
        event.missing = [cell for cell in event.missing if cell.text]
        event.extra = [cell for cell in event.extra if cell.text]
    if len(emptied) >= ALIKE:
        place = rows_name(reference, sorted({span.mine.row for span in emptied}))
        what = f"{len(emptied)} cells are each merged with an empty neighbor"
        box = box_around([span.theirs.box for span in emptied])
        layout.errors.append(layout_error(table_severity.of_cells(2), place, what, box))
    for event in events:
        swap = None if event.quiet else _exchange(candidate, event)
        if swap is not None:
            layout.errors.append(swap)
            # The words moved, not the cells, so their styles are not compared.
            (moved,) = event.displaced
            event.pairs = [pair for pair in event.pairs if pair[0] is not moved[0]]
            event.missing, event.extra, event.displaced = [], [], []
    _name_rows(reference, [event for event in events if not event.quiet], layout)
    for event in events:
        layout.pairs += event.pairs
        layout.slid |= {id(theirs) for _, theirs in event.displaced}
    layout.spans = {id(span.theirs) for span in spans}


def _pair_raised(events: list[RowEvents], lines: Lines) -> None:
    """Pair a cell over several rows with the one that begins in a row above or below, with its words."""
    for event in events:
        for mine in [cell for cell in event.missing if cell.text and cell.rowspan > 1]:
            now = {lines.rows.get(row) for row in range(mine.row, mine.row + mine.rowspan)}
            for other in events:
                for theirs in other.extra:
                    held = range(theirs.row, theirs.row + theirs.rowspan)
                    same = theirs.text == mine.text and theirs.column == _place(mine, lines.columns)
                    if same and theirs.rowspan > 1 and now & {*held} and mine in event.missing:
                        event.missing.remove(mine)
                        event.pairs.append((mine, theirs))
                        other.extra = [cell for cell in other.extra if cell is not theirs]


def _at_one_border(named: list[tuple[_Span, Discrepancy]]) -> list[Discrepancy]:
    """The errors on spans, those of two neighbors whose common border moved as one."""
    errors: list[Discrepancy] = []
    for span, error in named:
        before = next((at for at, (one, _) in enumerate(named) if _shares_border(one, span)), None)
        if before is None:
            if not any(_shares_border(span, two) for two, _ in named):
                errors.append(error)
            continue
        first, other = named[before]
        unit = "row" if first.theirs.rowspan != first.high else "column"
        was = [one.high if unit == "row" else one.wide for one in (first, span)]
        now = [one.theirs.rowspan if unit == "row" else one.theirs.colspan for one in (first, span)]
        names = [
            f"'{shorten(one.mine.text)}'" if one.mine.text else "the empty cell"
            for one in (first, span)
        ]
        what = f"{names[0]} spans {_spans(now[0], unit, was[0])}, and {names[1]} {now[1]} instead of {was[1]}"
        box = box_around([other.box, error.box])
        errors.append(layout_error(max(other.severity, error.severity), other.location, what, box))
    return errors


def _shares_border(one: _Span, two: _Span) -> bool:
    """True if a cell and the next one, to the right or below, span together what they should: only the
    border between them moved."""
    if one is two or one.grown == two.grown or one.shrunk == two.shrunk:
        return False
    for start, span, aside, should in (
        ("column", "colspan", "row", "wide"),
        ("row", "rowspan", "column", "high"),
    ):
        sides = [(one.mine, two.mine), (one.theirs, two.theirs)]
        meet = all(
            getattr(a, start) + getattr(a, span) == getattr(b, start)
            and getattr(a, aside) == getattr(b, aside)
            for a, b in sides
        )
        total = [getattr(side.theirs, span) for side in (one, two)]
        wanted = [getattr(side, should) for side in (one, two)]
        if meet and sum(total) == sum(wanted) and total != wanted:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Span:
    """A cell with a wrong span."""

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


def _disturbed(span: _Span, by_row: dict[int, RowEvents]) -> list[int]:
    """Rows that a changed span disturbs: its own, and those of the cells that it pushed aside."""
    rows = list(span.rows)
    for row in rows:
        for mine, _ in by_row[row].displaced if row in by_row else ():
            rows += [below for below in range(row, mine.row + mine.rowspan) if below not in rows]
    return rows


ALIKE = 3
"""At least this many cells that absorbed an empty neighbor are one error."""


def _takes_empty(span: _Span, by_row: dict[int, RowEvents], lines: Lines) -> bool:
    """True if a cell grew only over cells without words."""
    now = range(span.theirs.column, span.theirs.column + span.theirs.colspan)
    taken = [
        cell
        for row in span.rows
        if row in by_row
        for cell in by_row[row].missing
        if _place(cell, lines.columns) in now
    ]
    return span.grown and bool(taken) and not any(cell.text for cell in taken)


def _name_span(
    reference: TableGrid,
    span: _Span,
    touched: list[RowEvents],
    lines: Lines,
    joined: dict[int, str],
) -> Discrepancy:
    """Report one error for a cell whose span changed, together with the cells that it absorbed,
    freed or shifted."""
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
        what = f"{name} is merged with {others or 'its empty neighbor'}"
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
            what += "; the cells after it have shifted"
    together = sorted([mine, *swallowed], key=lambda cell: (cell.row, cell.column))
    texts = [" ".join(cell.text.split()) for cell in together if cell.text]
    shown = " ".join(theirs.text.split())
    dealt = " ".join([shown, *(cell.text for cell in freed)])
    # Words that were only joined or dealt out to the parts are not a separate error.
    if mine.text != theirs.text and (
        shown in (*texts, " ".join(texts))
        or (freed and shown and likeness(mine.text, dealt) >= DEALT_OUT)
    ):
        joined[id(theirs)] = theirs.text
    elif swallowed and text_similarity(" ".join(texts), shown) >= DEALT_OUT:
        joined[id(theirs)] = " ".join(texts)
    for event in touched:
        event.missing = [cell for cell in event.missing if cell not in swallowed]
        event.extra = [cell for cell in event.extra if cell not in freed]
        event.displaced = []
    boxes = [*_reach(mine, theirs), *(cell.box for cell in freed)]
    boxes += [box for pair in pushed for box in _reach(*pair)]
    count = sum(bool(cell.text) for cell in (mine, *swallowed, *freed)) + len(pushed)
    severity = table_severity.of_cells(count)
    return layout_error(severity, reference.name(mine), what, box_around(boxes))


def _reach(mine: Cell, theirs: Cell) -> list[Box | None]:
    """The box of a cell and, if nothing above it moved, its former box, where it left a gap."""
    if mine.box is None or theirs.box is None or abs(mine.box[1] - theirs.box[1]) > 3:
        return [theirs.box]
    return [theirs.box, mine.box]


def _spans(now: int, unit: str, before: int) -> str:
    return f"{now} {unit}{'s' if now != 1 else ''} instead of {before}"


def _exchange(candidate: TableGrid, event: RowEvents) -> Discrepancy | None:
    """An error for two cells of a row that exchanged their words."""
    if len(event.missing) != 1 or len(event.extra) != 1 or len(event.displaced) != 1:
        return None
    gone, come = event.missing[0], event.extra[0]
    mine, theirs = event.displaced[0]
    if not gone.text or gone.text != come.text or not mine.text:
        return None
    place, box = candidate.row_name(event.other), box_around([come.box, theirs.box])
    return exchange(place, (gone.text, mine.text), box)


def _name_rows(reference: TableGrid, events: list[RowEvents], layout: LayoutComparison) -> None:
    """Report one error per run of rows that shifted or lost cells in the same way."""
    blocks: list[list[RowEvents]] = []
    for event in sorted(events, key=lambda one: one.row):
        last = blocks[-1][-1] if blocks else None
        if last is not None and event.row == last.row + 1 and _sign(event) == _sign(last):
            blocks[-1].append(event)
        else:
            blocks.append([event])
    for block in blocks:
        event = block[0]
        rows = [one.row for one in block]
        place = rows_name(reference, rows)
        if len(block) == 1 and len(event.missing) + len(event.extra) == 1:
            place = reference.name(event.missing[0]) if event.missing else place
        boxes = [cell.box for one in block for cell in one.extra]
        boxes += [box for one in block for pair in one.displaced for box in _reach(*pair)]
        box = box_around(boxes) or box_around([cell.box for one in block for cell in one.missing])
        count = sum(len(one.missing) + len(one.extra) + len(one.displaced) for one in block)
        severity = table_severity.of_cells(count)
        layout.errors.append(layout_error(severity, place, _row_story(block), box))


def _sign(event: RowEvents) -> tuple[object, ...]:
    return (
        tuple(cell.column for cell in event.missing),
        tuple(cell.column for cell in event.extra),
        bool(event.displaced),
    )


DEALT_OUT = 0.75
"""Likeness from which the words of a split or merged cell are those of its parts together."""

SHOWN = 3
"""Cells that a label quotes; of more it tells the number."""


def _cells_named(cells: list[Cell]) -> tuple[str, bool]:
    """Cells as a label names them, and True if they are several."""
    texts = [f"'{shorten(cell.text, 20)}'" for cell in cells if cell.text]
    more = len(texts) - SHOWN
    named = ", ".join(texts[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    return named, len(texts) > 1


def _row_story(block: list[RowEvents]) -> str:
    event = block[0]
    slides = [theirs.column - mine.column for mine, theirs in event.displaced]
    way = "left" if sum(slides) < 0 else "right"
    gone, several = _cells_named([cell for one in block for cell in one.missing])
    come, added = _cells_named([cell for one in block for cell in one.extra])
    parts = []
    if event.missing and not (event.extra and not gone):
        cells = f"the cells {gone} are" if several else f"the cell {gone} is"
        parts.append(f"{cells} missing" if gone else "an empty cell is missing")
    if event.extra and not (event.missing and not come):
        cells = f"cells {come} have" if added else f"a cell {come} has"
        parts.append(f"{cells} been added" if come else "an empty cell has been added")
    if slides:
        rest = "the rest of these rows" if len(block) > 1 else "the rest of the row"
        parts.append(f"{rest} has shifted to the {way}")
    if not parts:
        parts.append("an empty cell has moved")
    return " and ".join(parts)

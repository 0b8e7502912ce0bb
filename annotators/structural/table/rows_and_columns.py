"""Reports whole rows and columns that are missing, extra or moved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile

from annotators.structural.table import severity as table_severity
from annotators.structural.table.alignment import RowAlignment
from annotators.structural.table.findings import LayoutComparison, RowEvents, layout_error
from annotators.structural.table.grid import Cell, TableGrid, shorten
from records.rows import Discrepancy, box_around


def runs(numbers: Iterable[int]) -> list[list[int]]:
    """Runs of consecutive numbers.

    >>> runs([1, 2, 5])
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


def rows_name(grid: TableGrid, block: Sequence[int]) -> str:
    """The name of neighboring rows: "rows 3 to 5"."""
    if len(block) == 1:
        return grid.row_name(block[0])
    return f"{grid.place}rows {block[0] + 1} to {block[-1] + 1}"


def lost_rows(reference: TableGrid, candidate: TableGrid, rows: RowAlignment) -> list[Discrepancy]:
    """One error for each block of missing or extra rows."""
    errors = []
    for block in runs(rows.missing):
        words = f"'{_row_words(reference, block[0])}'"
        gone = f"{words} is" if len(block) == 1 else f"the rows from {words} on are"
        severity = table_severity.of_lines(len(block), reference.height)
        box = box_around([reference.row_box(row) for row in block])
        place = rows_name(reference, block)
        errors.append(layout_error(severity, place, f"{gone} missing", box))
    known = {tuple(cell.text for cell in row) for row in reference.rows}
    for block in runs(rows.extra):
        words = _row_words(candidate, block[0])
        twice = all(tuple(cell.text for cell in candidate.rows[row]) in known for row in block)
        if twice and words:
            what = f"'{words}' is there twice"
        else:
            what = f"'{words}' is not in the reference" if words else "an empty row has been added"
        severity = table_severity.of_lines(len(block), reference.height)
        box = box_around([candidate.row_box(row) for row in block])
        errors.append(layout_error(severity, rows_name(candidate, block), what, box))
    return errors


def broken_off(
    reference: TableGrid, rows: RowAlignment, events: Sequence[RowEvents]
) -> tuple[list[Discrepancy], RowAlignment]:
    """One error if a table ends within a row, as a reply of a model that was cut off, and the alignment
    without the rows that are missing for that reason."""
    last = max((event.row for event in events), default=-1)
    event = next((event for event in events if event.row == last), None)
    after = tuple(range(last + 1, reference.height))
    if event is None or not after or not {*after} <= {*rows.missing}:
        return [], rows
    if event.extra or event.displaced:
        return [], rows
    # Markdown fills up a row that breaks off with empty cells.
    empty = list(takewhile(lambda pair: pair[0].text and not pair[1].text, event.pairs[::-1]))
    if empty and not event.missing:
        event.missing = [mine for mine, _ in empty[::-1]]
        event.pairs = event.pairs[: -len(empty)]
    kept = max((cell.column for cell, _ in event.pairs), default=-1)
    if not event.missing or min(cell.column for cell in event.missing) < kept:
        return [], rows
    words = (
        f"the table breaks off after '{shorten(event.pairs[-1][0].text)}'" if event.pairs else ""
    )
    severity = table_severity.of_lines(len(after) + 1, reference.height)
    box = box_around([cell.box for cell in event.missing] + [*map(reference.row_box, after)])
    event.missing = []
    left = tuple(row for row in rows.missing if row not in after)
    error = layout_error(severity, rows_name(reference, [last, *after]), words, box)
    return [error], RowAlignment(rows.pairs, rows.moved, left, rows.extra)


def joined_rows(
    reference: TableGrid, candidate: TableGrid, rows: RowAlignment
) -> tuple[list[Discrepancy], RowAlignment]:
    """Errors for pairs of rows that were joined to one or made from one, and the alignment of the other rows."""
    errors = []
    pairs, alone = list(rows.pairs), (list(rows.missing), list(rows.extra))
    for split, lines in enumerate((rows.missing, rows.extra)):
        two, one = (candidate, reference) if split else (reference, candidate)
        for line in lines:
            known = {pair[split]: pair for pair in pairs}
            for pair in (known[kept] for kept in (line - 1, line + 1) if kept in known):
                upper, row = min(line, pair[split]), pair[not split]
                error = _in_one_row(two, upper, one, row, split=bool(split))
                if error is not None:
                    errors.append(error)
                    pairs.remove(pair)
                    alone[split].remove(line)
                    break
    return errors, RowAlignment(tuple(pairs), rows.moved, *map(tuple, alone))


def _in_one_row(
    two: TableGrid, upper: int, one: TableGrid, row: int, *, split: bool
) -> Discrepancy | None:
    """The error if two rows of one table are one row of the other; ``split``: the candidate has the two."""
    if level := _level(two, upper, one, row):
        verb = f"{'is' if len(level) == 1 else 'are'} {'extra' if split else 'missing'}"
        what = f"{_quoted(level)} {verb} above the other headings"
        box = box_around([cell.box for cell in level]) if split else one.row_box(row)
        return layout_error(2, rows_name(two, [upper]), what, box)
    if not _holds_both(two, upper, one, row):
        return None
    if split:
        place, what = one.row_name(row), f"'{_row_words(one, row)}' is split into two rows"
        box = box_around([two.row_box(upper), two.row_box(upper + 1)])
        return layout_error(table_severity.of_lines(1, one.height), place, what, box)
    words = f"'{_row_words(two, upper)}' and '{_row_words(two, upper + 1)}'"
    place, what = f"{two.place}rows {upper + 1} and {upper + 2}", f"{words} are joined to one row"
    return layout_error(table_severity.of_lines(1, two.height), place, what, one.row_box(row))


BOTH = 0.6
"""Share of the columns whose cell holds the words of both rows, from which the rows are joined to one."""


def _level(two: TableGrid, upper: int, one: TableGrid, row: int) -> list[Cell]:
    """The cells of an upper row over parts of the row below it, if a row of the other table shows exactly
    what lies under them and beside them: one level of a heading is gone."""
    if two.width != one.width or upper + 1 >= two.height:
        return []
    below = [two.at(upper + 1, column) for column in range(two.width)]
    shown = [one.at(row, column) for column in range(two.width)]
    level = [cell for cell in two.rows[upper] if cell.text and cell.rowspan == 1]
    spanning = any(cell and cell.row == upper for cell in below)
    alike = all(
        cell and other and cell.text == other.text for cell, other in zip(below, shown, strict=True)
    )
    wide = any(cell.colspan > 1 for cell in level)
    return level if alike and spanning and wide else []


def _quoted(cells: Sequence[Cell]) -> str:
    return " and ".join(f"'{shorten(cell.text)}'" for cell in cells[:2]) + (
        f" and {len(cells) - 2} more" if len(cells) > 2 else ""
    )


def _holds_both(two: TableGrid, upper: int, one: TableGrid, row: int) -> bool:
    """True if each cell of a row holds the words of the two cells above each other in two rows.

    A cell over several columns, as in a heading of two levels, counts in each of them.
    """
    if two.width != one.width or upper + 1 >= two.height:
        return False
    both = 0
    asked = 0
    for column in range(two.width):
        above, below = two.at(upper, column), two.at(upper + 1, column)
        words = [_words(cell.text) if cell else Counter() for cell in (above, below)]
        cell = one.at(row, column)
        shown = _words(cell.text) if cell else Counter()
        if above is below or not (words[0] and words[1]):
            if shown != words[0] | words[1]:
                return False
            continue
        asked += 1
        both += shown == words[0] + words[1]
        if not words[1] <= shown:
            return False
    return bool(asked) and both >= BOTH * asked


def _words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text))


WORD = re.compile(r"[\u2e80-\u9fff]|[^\W_\u2e80-\u9fff]+|[^\w\s()\[\]/|,:;–—-]")
"""A word, a character of a script without spaces, or a sign that matters."""


def moved_rows(reference: TableGrid, candidate: TableGrid, rows: RowAlignment) -> list[Discrepancy]:
    """One error for each moved block of rows; two rows that changed places are one error."""
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
            location = rows_name(reference, [pair[0] for pair in block])
            what = f"'{_row_words(reference, row)}' is in row {other + 1} instead of row {row + 1}"
            low, high = sorted((other, max((pair[1] for pair in passed), default=other)))
            low = min(low, *(pair[1] for pair in passed)) if passed else low
            boxes = [candidate.row_box(place) for place in range(low, high + 1)]
            count = len(block) + 1
        severity = table_severity.of_order(count, reference.height)
        errors.append(layout_error(severity, location, what, box_around(boxes)))
    return errors


def moved_columns(
    reference: TableGrid, candidate: TableGrid, columns: dict[int, int]
) -> list[Discrepancy]:
    """One error for each exchange of columns."""
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
        titles = [reference.column_titles[column] for column in cycle]
        stay = all(titles) and titles == [candidate.column_titles[column] for column in cycle]
        two = len(cycle) == 2
        moved = "their values" if stay else "the two columns" if two else "the columns"
        what = f"{moved} {'have changed places' if two else 'are in another order'}"
        place = " and ".join(names) if two else f"{names[0]} to {names[-1]}"
        severity = table_severity.of_order(len(cycle), reference.width)
        box = box_around([candidate.column_box(column, below=stay) for column in cycle])
        errors.append(layout_error(severity, place, what, box))
    return errors


def real_columns(grid: TableGrid, kept: set[int], events: list[RowEvents], side: str) -> list[int]:
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


def joined_columns(
    grids: tuple[TableGrid, TableGrid],
    columns: dict[int, int],
    alone: list[int],
    events: list[RowEvents],
    layout: LayoutComparison,
    *,
    split: bool = False,
) -> None:
    """Report two neighboring columns whose words are together in one, or with ``split`` one whose words
    are dealt out to two. They go from ``alone`` and the events, and their words are not compared.

    Args:
        grids: The reference and the candidate.
        columns: Column of the side with one for each column of the side with two.
        alone: Columns of the side with two that have none on the other.
    """
    reference, candidate = grids
    two, one = (candidate, reference) if split else grids
    side = "extra" if split else "missing"
    rows = [(at.other, at.row) if split else (at.row, at.other) for at in events]
    for column in list(alone):
        near = [kept for kept in (column - 1, column + 1) if kept in columns]
        pairs = [(sorted((column, kept)), columns[kept]) for kept in near]
        whole = [pair for pair in pairs if _dealt_out(two, one, *pair, rows)]
        if not whole:
            continue
        both, single = whole[0]
        alone.remove(column)
        now, before = (both, [single]) if split else ([single], both)
        for event in events:
            rest = [cell for cell in getattr(event, side) if cell.column not in both]
            setattr(event, side, rest)
            event.displaced = [pair for pair in event.displaced if pair[1].column not in now]
            for _, cell in event.pairs:
                if cell.column in now:
                    words = " ".join(_texts(two, event.row, both))
                    told = split or _words(words) == _words(cell.text)
                    layout.joined[id(cell)] = cell.text if told else words
        what = "is split into two columns" if split else "are joined to one column"
        place = " and ".join(map(reference.column_name, before))
        box = box_around(list(map(candidate.column_box, now)))
        layout.errors.append(layout_error(2, place, what, box))


def _dealt_out(
    two: TableGrid, one: TableGrid, both: list[int], single: int, rows: list[tuple[int, int]]
) -> bool:
    """True if the words of two columns of one table are together in a column of the other, in most of
    the corresponding rows."""
    asked = alike = 0
    for row, other in rows:
        texts, cell = _texts(two, row, both), one.at(other, single)
        if len(texts) == 2 and cell:
            asked += 1
            alike += _words(" ".join(texts)) == _words(cell.text)
    return asked >= MANY_ROWS and alike >= BOTH * asked


def _texts(grid: TableGrid, row: int, columns: list[int]) -> list[str]:
    """The words of the cells of a row in some columns, without empty ones."""
    cells = dict.fromkeys(grid.at(row, column) for column in columns)
    return [cell.text for cell in cells if cell and cell.text]


MANY_ROWS = 2
"""Least number of rows in which the words of two columns must be together."""


def lost_columns(
    grid: TableGrid, columns: list[int], events: list[RowEvents], side: str
) -> list[Discrepancy]:
    """One error per block of columns; its cells are removed from the events of the rows."""
    errors = []
    verb = "missing" if side == "missing" else "not in the reference"
    for block in runs(columns):
        for event in events:
            rest = [cell for cell in getattr(event, side) if not _within(cell, block)]
            setattr(event, side, rest)
        first, last = grid.column_name(block[0]), grid.column_name(block[-1])
        alone = len(block) == 1
        place, what = (first, "column is") if alone else (f"{first} to {last}", "columns are")
        severity = table_severity.of_lines(len(block), grid.width)
        box = box_around([grid.column_box(column) for column in block])
        errors.append(layout_error(severity, place, f"the {what} {verb}", box))
    return errors


def _within(cell: Cell, columns: Sequence[int]) -> bool:
    return columns[0] <= cell.column and cell.column + cell.colspan - 1 <= columns[-1]

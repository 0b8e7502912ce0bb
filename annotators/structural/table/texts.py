"""What the cells of a table say differently."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from annotators.structural.pixels import PixelDifference
from annotators.structural.table import severity as table_severity
from annotators.structural.table.findings import (
    Pair,
    exchange,
    found,
    is_seen,
    layout_error,
    record_cells,
)
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.table.part_looks import where
from annotators.structural.table.rows_and_columns import runs
from annotators.structural.table.words import rewording, same_look, spacing_only, substitution
from annotators.structural.why import unsaid
from records.rows import Discrepancy, box_around
from records.taxonomy import TableCategory


def compare_texts(
    grid: TableGrid, pairs: Sequence[Pair], pixels: PixelDifference
) -> list[Discrepancy]:
    """Cells that say something else.

    Words that two cells exchanged, a column whose values slid, and one change that many cells share
    are one error each.
    """
    changed = [
        (mine, theirs)
        for mine, theirs in pairs
        if not same_look(mine.text, theirs.text) and _seen(mine, theirs, pixels)
    ]
    errors, changed = _slid_columns(grid, changed)
    exchanged, changed = _exchanged(grid, changed)
    errors += exchanged
    spaced = [pair for pair in changed if spacing_only(pair[0].text, pair[1].text)]
    for group in _alike(changed, spaced):
        changes = [rewording(old.text, new.text) for old, new in group]
        change = max(changes, key=lambda one: one.severity)
        category, severity = change.category, change.severity
        if group[0] in spaced:
            category, severity = TableCategory.TEXT, 1
        description, more = change.description, len(group) - 1
        if more:
            description += f", and likewise in {more} more {'cells' if more > 1 else 'cell'}"
        cells = [other for _, other in group]
        box = box_around([cell.box for cell in cells])
        errors.append(found(category, severity, where(grid, cells), description, box))
        if more:
            record_cells("same_words_in_many_cells", errors[-1], grid, cells)
    return errors


SYSTEMATIC = 3
"""Cells from which one substitution, such as commas for points, is one habit and no accident."""


def _alike(changed: Sequence[Pair], spaced: Sequence[Pair]) -> list[list[Pair]]:
    """The changed cells, those together that changed in one way."""
    written = {id(new): substitution(old.text, new.text) for old, new in changed}
    often = Counter(kind for kind in written.values() if kind)
    groups: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    for mine, theirs in changed:
        kind = written[id(theirs)]
        if (mine, theirs) in spaced:
            groups["", " "].append((mine, theirs))
        elif often[kind] >= SYSTEMATIC:
            groups[kind].append((mine, theirs))
        else:
            groups[mine.text, theirs.text].append((mine, theirs))
    return list(groups.values())


SLID = 3
"""Values in a row of rows from which a column that shows its upper neighbors has slid; two are enough if
the slide left an empty cell and nothing else changed."""


def _slid_columns(grid: TableGrid, changed: Sequence[Pair]) -> tuple[list[Discrepancy], list[Pair]]:
    """Columns whose values stand one row lower or higher, and the changes that are left."""
    slid: dict[tuple[int, str], list[Cell]] = {}
    for column in sorted({theirs.column for _, theirs in changed}):
        here = [pair for pair in changed if pair[1].column == column]
        here.sort(key=lambda pair: pair[1].row)
        before = {mine.row: mine.text for mine, _ in here if mine.text}
        for step, way in ((1, "down"), (-1, "up")):
            cells = [theirs for _, theirs in here]
            moved = [
                cell for cell in cells if cell.text and before.get(cell.row - step) == cell.text
            ]
            whole = len(moved) == len(cells) - 1 >= 2 and not all(cell.text for cell in cells)
            if not whole and (len(moved) < SLID or len(moved) < 0.6 * len(here)):
                continue
            slid[column, way] = cells
            break
    errors: list[Discrepancy] = []
    for way in ("down", "up"):
        for block in runs(column for column, moved in slid if moved == way):
            cells = [cell for column in block for cell in slid[column, way]]
            place = " to ".join(map(grid.column_name, dict.fromkeys((block[0], block[-1]))))
            what, box = (
                f"the values have shifted {way} by one row",
                box_around([cell.box for cell in cells]),
            )
            errors.append(layout_error(table_severity.of_cells(len(cells)), place, what, box))
            record_cells("column_slid", errors[-1], grid, cells)
    known = {id(cell) for cells in slid.values() for cell in cells}
    return errors, [pair for pair in changed if id(pair[1]) not in known]


def _exchanged(grid: TableGrid, changed: Sequence[Pair]) -> tuple[list[Discrepancy], list[Pair]]:
    """Cells that exchanged their words, and the changes that are left."""
    waiting: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    done: set[int] = set()
    errors = []
    for mine, theirs in changed:
        partners = waiting.get((theirs.text, mine.text))
        if not (partners and mine.text and theirs.text):
            waiting[mine.text, theirs.text].append((mine, theirs))
            continue
        other = partners.pop()
        done |= {id(theirs), id(other[1])}
        place = f"{grid.name(other[1])} and {grid.name(theirs)}"
        box = box_around([theirs.box, other[1].box])
        errors.append(exchange(place, (other[0].text, mine.text), box))
        record_cells("exchanged", errors[-1], grid, [other[1], theirs])
    return errors, [pair for pair in changed if id(pair[1]) not in done]


def _seen(mine: Cell, theirs: Cell, pixels: PixelDifference) -> bool:
    seen = is_seen((mine, theirs), pixels)
    if not seen:
        words = f"'{shorten(theirs.text)}' instead of '{shorten(mine.text)}'"
        unsaid(words, "no pixel changed in its cell")
    return seen

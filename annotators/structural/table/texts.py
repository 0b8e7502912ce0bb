"""What the cells of a table say differently."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from annotators.structural.pixels import PixelDifference
from annotators.structural.table import severity as table_severity
from annotators.structural.table.findings import Pair, found, layout_error, record_cells
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.table.part_looks import where
from annotators.structural.table.words import (
    is_numeric,
    rewording,
    same_look,
    spacing_only,
    substitution,
)
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
        change = max(
            (rewording(old.text, new.text) for old, new in group), key=lambda one: one.severity
        )
        description = change.description
        if len(group) > 1:
            description += (
                f", and likewise in {len(group) - 1} more {'cells' if len(group) > 2 else 'cell'}"
            )
        cells = [other for _, other in group]
        errors.append(
            found(
                TableCategory.TEXT if group[0] in spaced else change.category,
                1 if group[0] in spaced else change.severity,
                where(grid, cells),
                description,
                box_around([cell.box for cell in cells]),
            )
        )
        if len(group) > 1:
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
"""Values in a row of rows from which a column that shows its upper neighbors has slid."""


def _slid_columns(grid: TableGrid, changed: Sequence[Pair]) -> tuple[list[Discrepancy], list[Pair]]:
    """Columns whose values stand one row lower or higher, and the changes that are left."""
    errors: list[Discrepancy] = []
    slid: set[int] = set()
    for column in sorted({theirs.column for _, theirs in changed}):
        here = sorted(
            ((m, t) for m, t in changed if t.column == column), key=lambda pair: pair[1].row
        )
        before = {mine.row: mine.text for mine, _ in here if mine.text}
        for step, way in ((1, "down"), (-1, "up")):
            moved = [
                pair
                for pair in here
                if pair[1].text and before.get(pair[1].row - step) == pair[1].text
            ]
            if len(moved) < SLID or len(moved) < 0.6 * len(here):
                continue
            slid |= {id(theirs) for _, theirs in here}
            errors.append(
                layout_error(
                    table_severity.of_cells(len(here)),
                    grid.column_name(column),
                    f"the values have shifted {way} by one row",
                    box_around([theirs.box for _, theirs in here]),
                )
            )
            record_cells("column_slid", errors[-1], grid, [theirs for _, theirs in here])
            break
    return errors, [pair for pair in changed if id(pair[1]) not in slid]


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
        both = is_numeric(mine.text) and is_numeric(theirs.text)
        errors.append(
            found(
                TableCategory.NUMERIC if both else TableCategory.TEXT,
                3 if both else 2,
                f"{grid.name(other[1])} and {grid.name(theirs)}",
                f"'{shorten(other[0].text)}' and '{shorten(mine.text)}' have changed places",
                box_around([theirs.box, other[1].box]),
            )
        )
        record_cells("exchanged", errors[-1], grid, [other[1], theirs])
    return errors, [pair for pair in changed if id(pair[1]) not in done]


def _seen(mine: Cell, theirs: Cell, pixels: PixelDifference) -> bool:
    seen = any(pixels.inside(box, 1) for box in (mine.box, theirs.box) if box is not None)
    if not seen:
        unsaid(
            f"'{shorten(theirs.text)}' instead of '{shorten(mine.text)}'",
            "no pixel changed in its cell",
        )
    return seen

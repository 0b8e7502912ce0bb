"""Compares the style of cells with equal words: alignment, weight, colors, borders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from annotators.structural.matching import text_similarity
from annotators.structural.pixels import PixelDifference
from annotators.structural.table import severity as table_severity
from annotators.structural.table.findings import Pair, layout_error, record_cells
from annotators.structural.table.grid import Cell, TableGrid
from annotators.structural.table.part_looks import (
    ABSENT,
    TEXT_KINDS,
    Change,
    Part,
    partial,
    parts_together,
    say,
    throughout,
    where,
)
from records.rows import Discrepancy, box_around
from renderers.scene import Value

_LETTERS = ("bold", "italic", "color")
"""Looks of letters that are told of misread words, too."""
MISREAD = 0.8
"""Two texts that are at least so similar are one, misread."""
_SIDES = ("border_top", "border_right", "border_bottom", "border_left")

Changes = tuple[Change, ...]

_PADDING_PX = (20.0, 12.0)
"""Usual padding of a cell, left and right, top and bottom."""


def compare_looks(
    candidate: TableGrid, pairs: Sequence[Pair], pixels: PixelDifference
) -> list[Discrepancy]:
    """Report one error per connected group of cells with the same style change.

    Args:
        candidate: The grid of the second cells of the pairs.
        pairs: Cells that correspond.
        pixels: The pixel difference; a change without changed pixels is not an error.
    """
    changed: dict[int, Changes] = {}
    silent: dict[int, Changes] = {}
    edges: list[tuple[Cell, Change]] = []
    parts: list[Part] = []
    for mine, theirs in pairs:
        if _same_look(mine, theirs):
            continue
        seen = _touched(mine, theirs, pixels)
        all_changes, shown = _cell_changes(mine, theirs)
        if mine.text != theirs.text:
            # Other words lie elsewhere, and words of another kind have a look of their own.
            alike = text_similarity(mine.text, theirs.text) >= MISREAD
            shown = tuple(change for change in shown if alike and change[0] in _LETTERS)
        if shown and seen:
            changed[id(theirs)] = shown
        elif all_changes:
            silent[id(theirs)] = all_changes
        if not all_changes and seen and mine.text == theirs.text:
            parts += partial(mine, theirs)
        if seen:
            edges += [
                (theirs, (side, mine.style.get(side), theirs.style.get(side)))
                for side in _SIDES
                if mine.style.get(side) != theirs.style.get(side)
            ]
    errors = []
    opposite = {id(theirs): mine for mine, theirs in pairs}
    for group, changes in _groups(candidate, changed, silent, [cell for _, cell in pairs]):
        mine = opposite[id(group[0])]
        if len(group) == 1 and not all(throughout(mine, group[0], kind) for kind, *_ in changes):
            parts += partial(mine, group[0])
            continue
        errors.append(
            layout_error(
                table_severity.of_look(len(group), len(pairs)),
                where(candidate, group),
                "; ".join(say(change) for change in changes),
                box_around([cell.box for cell in group]),
            )
        )
        if len(group) > 1:
            record_cells("same_look_in_a_group_of_cells", errors[-1], candidate, group)
    return errors + _border_errors(candidate, edges, len(pairs)) + parts_together(candidate, parts)


def _same_look(mine: Cell, theirs: Cell) -> bool:
    """True for most cells: one look throughout, the same in both, and no other indent."""
    if mine.element.children or theirs.element.children or mine.style != theirs.style:
        return False
    return not _indented(mine, theirs)


def _touched(mine: Cell, theirs: Cell, pixels: PixelDifference) -> bool:
    return any(pixels.inside(box, 1) for box in (mine.box, theirs.box) if box is not None)


def _dominant(cell: Cell) -> dict[str, Value]:
    """The style of most characters of a cell."""
    runs = cell.children("run")
    if not runs:
        return cell.style
    counts: Counter[tuple[tuple[str, Value], ...]] = Counter()
    for run in runs:
        if not run.style.get("script"):
            counts[
                tuple(sorted((k, v) for k, v in run.style.items() if not isinstance(v, list)))
            ] += len(run.text)
    if not counts:
        return {**cell.style, **runs[0].style}
    return {**cell.style, **dict(counts.most_common(1)[0][0])}


def _cell_changes(mine: Cell, theirs: Cell) -> tuple[Changes, Changes]:
    """All style changes of a cell, and the visible ones among them."""
    changes: list[Change] = []
    hidden: set[str] = set()
    if mine.text and theirs.text:
        before, after = _dominant(mine), _dominant(theirs)
        for kind in TEXT_KINDS:
            old = before.get(kind, ABSENT.get(kind))
            new = after.get(kind, ABSENT.get(kind))
            if old is not None and new is not None and old != new:
                changes.append((kind, old, new))
        for kind, axis in (("align", 0), ("valign", 1)):
            # If the text fills its cell, its alignment is not visible.
            if min(_slack(mine, axis), _slack(theirs, axis)) <= 2:
                hidden.add(kind)
    for kind in ("background", "effects"):
        if mine.style.get(kind) != theirs.style.get(kind):
            changes.append((kind, mine.style.get(kind), theirs.style.get(kind)))
    if moved := _indented(mine, theirs):
        changes.append(("indent", "", moved))
    elif mine.style.get("padding") != theirs.style.get("padding"):
        changes.append(("padding", mine.style.get("padding"), theirs.style.get("padding")))
    return tuple(changes), tuple(change for change in changes if change[0] not in hidden)


INDENT_PX = 3.0
"""Least shift of a text inside its cell, in pixels, that a reader sees as an indent."""


def _indented(mine: Cell, theirs: Cell) -> str:
    """ "more" or "less" if a left-aligned text begins further right or left in its cell; else empty."""
    before, after = mine.element.data.get("indent_px"), theirs.element.data.get("indent_px")
    if before == after or not mine.text or mine.text != theirs.text:
        return ""
    if {mine.style.get("align"), theirs.style.get("align")} != {"left"}:
        return ""
    if mine.style.get("effects") != theirs.style.get("effects"):
        return ""
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return ""
    if abs(after - before) < INDENT_PX:
        return ""
    if theirs.box is not None and not -1 <= after <= theirs.box[2] - theirs.box[0]:
        return "outside"
    return "more" if after > before else "less"


def _slack(cell: Cell, axis: int) -> float:
    """Free pixels beside the text of a cell, or its narrowest line, along an axis."""
    text = cell.element.data.get("text_px")
    if cell.box is None or not isinstance(text, list) or len(text) != 2:
        return 1e9
    size = text[axis]
    inner = cell.box[axis + 2] - cell.box[axis] - _PADDING_PX[axis]
    return inner - size if isinstance(size, int | float) else 1e9


def _groups(
    grid: TableGrid,
    changed: dict[int, Changes],
    silent: dict[int, Changes],
    cells: Sequence[Cell],
) -> list[tuple[list[Cell], Changes]]:
    """Groups of cells with the same change that touch, directly or through cells that cannot show it."""
    left = dict(changed)
    groups = []
    for start in cells:
        if id(start) not in left:
            continue
        wanted = set(left[id(start)])
        group: list[Cell] = []
        seen = {id(start)}
        stack = [start]
        while stack:
            cell = stack.pop()
            if wanted & set(left.get(id(cell), ())):
                group.append(cell)
                wanted |= set(left.pop(id(cell)))
            elif not (cell.empty or wanted & set(silent.get(id(cell), ())) or _has(cell, wanted)):
                continue
            for neighbor in _neighbors(grid, cell):
                if id(neighbor) not in seen:
                    seen.add(id(neighbor))
                    stack.append(neighbor)
        ordered = [change for cell in group for change in changed[id(cell)]]
        groups.append((group, tuple(dict.fromkeys(ordered))))
    return _joined(groups)


def _has(cell: Cell, changes: set[Change]) -> bool:
    """True for a cell that already had the style that its neighbors have now."""
    look = _dominant(cell)
    return all(look.get(kind, ABSENT.get(kind)) == new for kind, _, new in changes)


def _joined(groups: Sequence[tuple[list[Cell], Changes]]) -> list[tuple[list[Cell], Changes]]:
    """Merge groups of one column or one row with the same change."""
    result: dict[object, tuple[list[Cell], Changes]] = {}
    for group, changes in groups:
        columns = {(cell.column, cell.colspan) for cell in group}
        rows = {(cell.row, cell.rowspan) for cell in group}
        key: object = id(group)
        if len(columns) == 1:
            key = ("column", *columns, changes)
        elif len(rows) == 1:
            key = ("row", *rows, changes)
        result.setdefault(key, ([], changes))[0].extend(group)
    return list(result.values())


def _neighbors(grid: TableGrid, cell: Cell) -> Iterable[Cell]:
    rows = range(cell.row, cell.row + cell.rowspan)
    columns = range(cell.column, cell.column + cell.colspan)
    places = [
        *((row, cell.column - 1) for row in rows),
        *((row, cell.column + cell.colspan) for row in rows),
        *((cell.row - 1, column) for column in columns),
        *((cell.row + cell.rowspan, column) for column in columns),
    ]
    return [found for place in places if (found := grid.at(*place)) is not None]


def _border_errors(
    grid: TableGrid, edges: Sequence[tuple[Cell, Change]], compared: int
) -> list[Discrepancy]:
    """One error per kind of border that appeared, vanished or changed."""
    by_change: dict[tuple[Value, Value], list[tuple[Cell, str]]] = defaultdict(list)
    for cell, (side, old, new) in edges:
        by_change[old, new].append((cell, side))
    errors = []
    for (old, new), touched in by_change.items():
        cells = list({id(cell): cell for cell, _ in touched}.values())
        sides = sorted({side.removeprefix("border_") for _, side in touched})
        named = "borders on all sides" if len(sides) == 4 else f"{' and '.join(sides)} borders"
        if new in (None, "none"):
            what = f"the {named} are missing"
        elif old in (None, "none"):
            what = f"the {named} ({_line(new)}) are not in the reference"
        else:
            what = f"the {named} are {_line(new)} instead of {_line(old)}"
        errors.append(
            layout_error(
                table_severity.of_look(len(touched), 4 * compared),
                where(grid, cells),
                what,
                box_around([cell.box for cell in cells]),
            )
        )
    return errors


def _line(value: Value) -> str:
    """``1px solid #333333``."""
    return str(value)[:-2]

"""Compares the style of cells with equal words: alignment, weight, colors, borders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set

from annotators.structural.matching import text_similarity
from annotators.structural.pixels import PixelDifference
from annotators.structural.table import severity as table_severity
from annotators.structural.table.borders import Neighbors, border_changes, border_errors
from annotators.structural.table.findings import Pair, is_seen
from annotators.structural.table.grid import Cell, TableGrid
from annotators.structural.table.part_looks import (
    ABSENT,
    SAME_LOOK,
    TEXT_KINDS,
    Change,
    Part,
    cells_error,
    noticed,
    partial,
    parts_together,
    say,
    sides,
    throughout,
)
from records.rows import Discrepancy
from renderers.scene import Value

_PLACES = ("align", "valign", "indent")
MISREAD = 0.6
"""Two texts that are at least so similar are one, misread."""

Changes = tuple[Change, ...]
Group = tuple[list[Cell], Changes]
"""Cells that changed alike, and how."""

_PADDING_PX = (20.0, 12.0)
"""Usual padding of a cell, left and right, top and bottom."""


def compare_looks(
    candidate: TableGrid, pairs: Sequence[Pair], spans: Set[int], pixels: PixelDifference
) -> list[Discrepancy]:
    """Report one error per connected group of cells with the same style change.

    Args:
        candidate: The grid of the second cells of the pairs.
        spans: Ids of second cells that are merged or split; where their words stand is not compared.
        pixels: The pixel difference; a change without changed pixels is not an error.
    """
    changed: dict[int, Changes] = {}
    silent: dict[int, Changes] = {}
    edges: list[tuple[Cell, Change]] = []
    parts: list[Part] = []
    beside = Neighbors(pairs)
    for mine, theirs in pairs:
        if _same_look(mine, theirs):
            continue
        seen = is_seen((mine, theirs), pixels)
        all_changes, shown = _cell_changes(mine, theirs)
        if id(theirs) in spans:
            shown = tuple(change for change in shown if change[0] not in _PLACES)
        elif not _same_words(mine, theirs):
            shown = ()  # Other words have a look of their own.
        if shown and seen:
            changed[id(theirs)] = shown
        silent[id(theirs)] = tuple(set(all_changes) - set(changed.get(id(theirs), ())))
        letters = any(kind in TEXT_KINDS[2:] for kind, *_ in all_changes)
        if not letters and seen and mine.text == theirs.text:
            parts += partial(mine, theirs)
        if seen:
            edges += border_changes(mine, theirs, beside)
    opposite = {id(theirs): mine for mine, theirs in pairs}
    groups: list[Group] = []
    for group, changes in _groups(candidate, changed, silent, [cell for _, cell in pairs]):
        mine = opposite[id(group[0])]
        if len(group) == 1 and not all(throughout(mine, group[0], kind) for kind, *_ in changes):
            parts += partial(mine, group[0])
        else:
            groups.append((group, changes))
    parts = _left_over(groups, parts)
    errors = [_of_group(candidate, group, changes, len(pairs)) for group, changes in groups]
    return errors + border_errors(candidate, edges, len(pairs)) + parts_together(candidate, parts)


def _left_over(groups: Sequence[Group], parts: Sequence[Part]) -> list[Part]:
    """The parts without those that changed like most cells of their column, which join them."""
    left = []
    for part in parts:
        cell, change, _ = part
        for group, changes in groups:
            there = {one.column for one in group} == {cell.column}
            if len(group) > 1 and change in changes and there:
                group.append(cell)
                break
        else:
            left.append(part)
    return left


def _of_group(grid: TableGrid, group: list[Cell], changes: Changes, compared: int) -> Discrepancy:
    severity = table_severity.of_look(len(group), compared)
    return cells_error(grid, group, severity, "; ".join(map(say, changes)), SAME_LOOK)


def _same_words(mine: Cell, theirs: Cell) -> bool:
    """True for cells with the same words, perhaps misread, or with a number each."""
    if text_similarity(mine.text, theirs.text) >= MISREAD:
        return True
    return all(
        any(map(str.isdigit, cell.text)) and not any(map(str.isalpha, cell.text))
        for cell in (mine, theirs)
    )


def _same_look(mine: Cell, theirs: Cell) -> bool:
    """True for most cells: one look throughout, the same in both, and no other indent."""
    if mine.element.children or theirs.element.children or mine.style != theirs.style:
        return False
    return not _indented(mine, theirs)


def _dominant(cell: Cell) -> dict[str, Value]:
    """The style of most characters of a cell."""
    runs = cell.element.parts("run")
    if not runs:
        return cell.style
    counts: Counter[tuple[tuple[str, Value], ...]] = Counter()
    for run in runs:
        if not run.style.get("script"):
            plain = sorted((k, v) for k, v in run.style.items() if not isinstance(v, list))
            counts[tuple(plain)] += len(run.text)
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
            if None not in (old, new) and noticed((kind, old, new)):
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
    elif mine.style.get("padding") != theirs.style.get("padding") and not _as_wide(mine, theirs):
        changes.append(("padding", mine.style.get("padding"), theirs.style.get("padding")))
    return tuple(changes), tuple(change for change in changes if change[0] not in hidden)


def _as_wide(mine: Cell, theirs: Cell) -> bool:
    """True if only the space on the left is another one, and the words begin at the same place."""
    starts = _line_starts(mine), _line_starts(theirs)
    three = [sides(cell.style.get("padding"))[:3] for cell in (mine, theirs)]
    if not all(starts) or not all(three) or three[0] != three[1]:
        return False
    return abs(starts[0][0] - starts[1][0]) < INDENT_PX


INDENT_PX = 3.0
"""Least shift of a text inside its cell, in pixels, that a reader sees as an indent."""


def _indented(mine: Cell, theirs: Cell) -> str:
    """How the beginnings of lines moved in a cell with text on the left: "more", "less", "outside", or
    "lines 2 to 4 more"; empty if they did not."""
    before, after = _line_starts(mine), _line_starts(theirs)
    if before == after or not before or len(before) != len(after):
        return ""
    if {mine.style.get("align"), theirs.style.get("align")} != {"left"}:
        return ""
    if mine.style.get("effects") != theirs.style.get("effects"):
        return ""
    moved = [new - old for old, new in zip(before, after, strict=True)]
    lines = [at for at, shift in enumerate(moved, 1) if abs(shift) >= INDENT_PX]
    if not lines:
        return ""
    if theirs.box is not None and not -1 <= after[0] <= theirs.box[2] - theirs.box[0]:
        return "outside"
    way = "more" if moved[lines[0] - 1] > 0 else "less"
    if len(lines) == len(moved):
        return way
    return f"line {lines[0]} {way}" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]} {way}"


def _line_starts(cell: Cell) -> list[float]:
    return [*map(float, cell.element.numbers("line_starts_px"))]


def _slack(cell: Cell, axis: int) -> float:
    """Free pixels beside the text of a cell, or its narrowest line, along an axis."""
    text = cell.element.numbers("text_px")
    if cell.box is None or not len(text):
        return 1e9
    return float(cell.box[axis + 2] - cell.box[axis] - _PADDING_PX[axis] - text[axis])


def _groups(
    grid: TableGrid,
    changed: dict[int, Changes],
    silent: dict[int, Changes],
    cells: Sequence[Cell],
) -> list[Group]:
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
        groups += _by_change(group, changed, silent)
    return _joined(groups)


MOST = 0.5
"""Changes are told together if more than this share of the cells with one of them has the other, too."""


def _by_change(
    group: Sequence[Cell], changed: dict[int, Changes], silent: dict[int, Changes]
) -> list[Group]:
    """Touching cells that changed, divided into those that share most of their changes."""
    having: dict[Change, list[Cell]] = defaultdict(list)
    for cell in group:
        for change in changed[id(cell)]:
            having[change].append(cell)
    groups = []
    while having:
        widest = max(having.values(), key=len)
        alike = [
            change
            for change, cells in having.items()
            if sum(cell in cells or change in silent.get(id(cell), ()) for cell in widest)
            > MOST * len(widest)
        ]
        told = [cells for change in alike for cells in having.pop(change)]
        groups.append((list({id(cell): cell for cell in told}.values()), tuple(alike)))
    return groups


def _has(cell: Cell, changes: set[Change]) -> bool:
    """True for a cell that already had the style that its neighbors have now."""
    look = _dominant(cell)
    return all(look.get(kind, ABSENT.get(kind)) == new for kind, _, new in changes)


def _joined(groups: Sequence[Group]) -> list[Group]:
    """Merge groups of the same columns or the same rows with the same change."""
    keys = [_lines_of(group, changes) for group, changes in groups]
    count = Counter(key for both in keys for key in both)
    result: dict[object, Group] = {}
    for (group, changes), both in zip(groups, keys, strict=True):
        # A single cell joins its column or its row, whichever has more cells that changed alike.
        key = max(both, key=lambda one: count[one])
        result.setdefault(key, ([], changes))[0].extend(group)
    return list(result.values())


def _lines_of(group: Sequence[Cell], changes: Changes) -> list[tuple[object, ...]]:
    """The columns and the rows in which a group lies, each with the change."""
    columns = frozenset((cell.column, cell.colspan) for cell in group)
    rows = frozenset((cell.row, cell.rowspan) for cell in group)
    return [("columns", columns, changes), ("rows", rows, changes)]


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

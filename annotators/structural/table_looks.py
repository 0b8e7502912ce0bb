"""Cells that say the same and look otherwise: alignment, weight, colours, borders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from annotators.structural import table_severity
from annotators.structural.difference import PixelDifference
from annotators.structural.table_grid import Cell, TableGrid, shorten, union
from annotators.structural.table_layout import Pair, found
from records.rows import Box, Discrepancy
from records.taxonomy import TableCategory
from renderers.scene import Value

_TEXT_KINDS = (
    "align",
    "valign",
    "bold",
    "italic",
    "colour",
    "size_px",
    "family",
    "underline",
    "strike",
    "highlight",
)
_ABSENT: dict[str, Value] = {"underline": False, "strike": False, "highlight": "#00000000"}
_SIDES = ("border_top", "border_right", "border_bottom", "border_left")

Change = tuple[str, Value, Value]
"""Kind, before, after."""


def compare_looks(
    reference: TableGrid,
    candidate: TableGrid,
    pairs: Sequence[Pair],
    pixels: PixelDifference,
) -> list[Discrepancy]:
    """One error per connected group of cells that changed alike."""
    cell_changes: dict[int, tuple[Change, ...]] = {}
    border_changes: dict[int, tuple[Change, ...]] = {}
    parts: list[Discrepancy] = []
    of = {id(theirs): (mine, theirs) for mine, theirs in pairs}
    for mine, theirs in pairs:
        changes = [*_text_changes(mine, theirs), *_area_changes(mine, theirs)]
        if changes and _touched(mine, theirs, pixels):
            cell_changes[id(theirs)] = tuple(changes)
        if not changes and mine.text == theirs.text:
            parts += _partial(candidate, mine, theirs, pixels)
        edges = [
            (side, mine.style.get(side), theirs.style.get(side))
            for side in _SIDES
            if mine.style.get(side) != theirs.style.get(side)
        ]
        if edges and _touched(mine, theirs, pixels):
            border_changes[id(theirs)] = tuple(edges)
    errors = []
    for group, changes in _groups(candidate, cell_changes, of):
        errors.append(
            found(
                TableCategory.LAYOUT,
                table_severity.of_look(len(group), len(pairs)),
                _where(candidate, group),
                "; ".join(_say(change) for change in changes),
                union([cell.box for cell in group]),
            )
        )
    errors += _border_errors(candidate, border_changes, of)
    return errors + parts


def _touched(mine: Cell, theirs: Cell, pixels: PixelDifference) -> bool:
    return any(pixels.inside(box, 1) for box in (mine.box, theirs.box) if box is not None)


def _dominant(cell: Cell) -> dict[str, Value]:
    """The look of most characters of a cell."""
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


def _text_changes(mine: Cell, theirs: Cell) -> list[Change]:
    if not mine.text or not theirs.text:
        return []
    before, after = _dominant(mine), _dominant(theirs)
    changes = []
    for kind in _TEXT_KINDS:
        old = before.get(kind, _ABSENT.get(kind))
        new = after.get(kind, _ABSENT.get(kind))
        if old is None or new is None or old == new:
            continue
        if kind == "align" and not (_slack(mine, 0) > 2 and _slack(theirs, 0) > 2):
            continue
        if kind == "valign" and not (_slack(mine, 1) > 2 and _slack(theirs, 1) > 2):
            continue
        changes.append((kind, old, new))
    return changes


def _slack(cell: Cell, axis: int) -> float:
    """Pixels of the cell that its text leaves free along an axis, padding included twelve."""
    text = cell.element.data.get("text_box")
    if cell.box is None or not isinstance(text, list) or len(text) != 4:
        return 1e9
    numbers = [float(value) for value in text if isinstance(value, int | float)]
    inner = 20.0 if axis == 0 else 12.0
    return (cell.box[axis + 2] - cell.box[axis]) - (numbers[axis + 2] - numbers[axis]) - inner


def _area_changes(mine: Cell, theirs: Cell) -> list[Change]:
    changes: list[Change] = []
    for kind in ("background", "padding"):
        old, new = mine.style.get(kind), theirs.style.get(kind)
        if old != new:
            changes.append((kind, old, new))
    return changes


def _partial(
    grid: TableGrid, mine: Cell, theirs: Cell, pixels: PixelDifference
) -> list[Discrepancy]:
    """Words within a cell that lost or gained a look."""
    before, after = _looks_by_character(mine), _looks_by_character(theirs)
    if before == after or len(before) != len(after) or not _touched(mine, theirs, pixels):
        return []
    changed: dict[Change, str] = defaultdict(str)
    for (character, old), (_, new) in zip(before, after, strict=True):
        for kind in _TEXT_KINDS[2:]:
            first = old.get(kind, _ABSENT.get(kind))
            second = new.get(kind, _ABSENT.get(kind))
            if first != second and not character.isspace():
                changed[kind, first, second] += character
    if not changed:
        return []
    said = "; ".join(f"'{shorten(words, 30)}' {_say(change)}" for change, words in changed.items())
    return [found(TableCategory.LAYOUT, 1, grid.name(theirs), said, theirs.box)]


def _looks_by_character(cell: Cell) -> list[tuple[str, dict[str, Value]]]:
    runs = cell.children("run")
    if not runs:
        return [(character, cell.style) for character in cell.text if not character.isspace()]
    return [
        (character, run.style) for run in runs for character in run.text if not character.isspace()
    ]


def _groups(
    grid: TableGrid,
    changes: dict[int, tuple[Change, ...]],
    of: dict[int, Pair],
) -> list[tuple[list[Cell], tuple[Change, ...]]]:
    """Cells with the same changes that touch, directly or over cells without text."""
    left = dict(changes)
    groups = []
    for first, wanted in changes.items():
        if first not in left:
            continue
        group: list[Cell] = []
        seen = {first}
        stack = [of[first][1]]
        while stack:
            cell = stack.pop()
            same = left.get(id(cell)) == wanted
            if same:
                group.append(cell)
                del left[id(cell)]
            elif not cell.empty:
                continue
            for neighbour in _neighbours(grid, cell):
                if id(neighbour) not in seen:
                    seen.add(id(neighbour))
                    stack.append(neighbour)
        groups.append((group, wanted))
    return groups


def _neighbours(grid: TableGrid, cell: Cell) -> Iterable[Cell]:
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
    grid: TableGrid, changes: dict[int, tuple[Change, ...]], of: dict[int, Pair]
) -> list[Discrepancy]:
    """One error per kind of border that appeared, vanished or changed."""
    by_change: dict[tuple[Value, Value], list[tuple[Cell, str]]] = defaultdict(list)
    for key, edges in changes.items():
        for side, old, new in edges:
            by_change[old, new].append((of[key][1], side))
    errors = []
    total = 4 * max(len(of), 1)
    for (old, new), edges in by_change.items():
        cells = {id(cell): cell for cell, _ in edges}
        sides = sorted({side.removeprefix("border_") for _, side in edges})
        named = "all" if len(sides) == 4 else " and ".join(sides)
        if new in (None, "none"):
            what = f"the {named} borders are missing"
        elif old in (None, "none"):
            what = f"the {named} borders ({new}) are not in the reference"
        else:
            what = f"the {named} borders are {new} instead of {old}"
        errors.append(
            found(
                TableCategory.LAYOUT,
                table_severity.of_look(len(edges), total),
                _where(grid, list(cells.values())),
                what,
                _edges_box(edges),
            )
        )
    return errors


def _edges_box(edges: Sequence[tuple[Cell, str]]) -> Box | None:
    return union([cell.box for cell, _ in edges])


def _where(grid: TableGrid, group: Sequence[Cell]) -> str:
    """What a person would call a group of cells."""
    everything = len(grid.cells)
    if len(group) == 1:
        return grid.name(group[0])
    if len(group) >= 0.9 * everything:
        return f"{grid.place}whole table"
    rows = sorted({cell.row for cell in group})
    columns = sorted({cell.column for cell in group})
    if len(rows) == 1:
        if len(group) >= 0.6 * sum(not cell.empty for cell in grid.rows[rows[0]]):
            return grid.row_name(rows[0])
        return f"{grid.row_name(rows[0])}, columns {columns[0] + 1} to {columns[-1] + 1}"
    if len(columns) == 1:
        return grid.column_name(columns[0])
    return f"{grid.place}rows {rows[0] + 1} to {rows[-1] + 1}, columns {columns[0] + 1} to {columns[-1] + 1}"


def _say(change: Change) -> str:
    kind, old, new = change
    match kind:
        case "align":
            return f"is aligned {new} instead of {old}"
        case "valign":
            return f"stands at the {new} instead of the {old}"
        case "bold":
            return "is bold instead of regular" if new else "is regular instead of bold"
        case "italic":
            return "is italic instead of upright" if new else "is upright instead of italic"
        case "underline":
            return "is underlined" if new else "is no longer underlined"
        case "strike":
            return "is struck through" if new else "is no longer struck through"
        case "colour":
            return f"is written in {_paint(new)} instead of {_paint(old)}"
        case "highlight":
            return f"is marked {_paint(new)} instead of {_paint(old)}"
        case "background":
            return f"stands on {_paint(new)} instead of {_paint(old)}"
        case "size_px":
            return f"is set in {new:g} px instead of {old:g} px"
        case "family":
            return f"is set in {new or 'another font'} instead of {old or 'the usual font'}"
        case _:
            return f"has {kind} {new} instead of {old}"


def _paint(value: Value) -> str:
    text = str(value)
    return "no colour" if text.endswith("00") else text[:7]

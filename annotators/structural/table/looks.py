"""Compares the style of cells with equal words: alignment, weight, colors, borders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from unicodedata import decomposition

from annotators.structural.colors import color_change
from annotators.structural.pixels import PixelDifference
from annotators.structural.table import severity as table_severity
from annotators.structural.table.findings import Pair, layout_error, record_cells
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.table.words import plain
from records.rows import Discrepancy, box_around
from renderers.scene import Value

_TEXT_KINDS = (
    "align", "valign", "bold", "italic", "color", "size_px", "family", "underline", "strike",
    "highlight",
)  # fmt: skip
_ABSENT: dict[str, Value] = {"underline": False, "strike": False, "highlight": "#00000000"}
_SIDES = ("border_top", "border_right", "border_bottom", "border_left")

Change = tuple[str, Value, Value]
"""Kind, before, after."""

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
    parts: list[Discrepancy] = []
    for mine, theirs in pairs:
        if _same_look(mine, theirs):
            continue
        seen = _touched(mine, theirs, pixels)
        all_changes, shown = _cell_changes(mine, theirs)
        # Changed words may change their style; that is reported with the words.
        if shown and seen and mine.text == theirs.text:
            changed[id(theirs)] = shown
        elif all_changes:
            silent[id(theirs)] = all_changes
        if not all_changes and seen and mine.text == theirs.text:
            parts += _partial(candidate, mine, theirs)
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
        if len(group) == 1 and not all(_throughout(mine, group[0], kind) for kind, *_ in changes):
            parts += _partial(candidate, mine, group[0])
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
    return errors + _border_errors(candidate, edges, len(pairs)) + parts


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
        for kind in _TEXT_KINDS:
            old = before.get(kind, _ABSENT.get(kind))
            new = after.get(kind, _ABSENT.get(kind))
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


def _partial(grid: TableGrid, mine: Cell, theirs: Cell) -> list[Discrepancy]:
    """Report words within a cell that lost or gained a style."""
    before, after = _looks_by_character(mine), _looks_by_character(theirs)
    if before == after or len(before) != len(after):
        return []
    text = _run_text(theirs)
    places = [index for index, character in enumerate(text) if not character.isspace()]
    changed: dict[Change, list[int]] = defaultdict(list)
    for place, old, new in zip(places, before, after, strict=True):
        for kind in _TEXT_KINDS[2:]:
            first = old.get(kind, _ABSENT.get(kind))
            second = new.get(kind, _ABSENT.get(kind))
            if kind == "size_px" and (_is_script(old, text[place]) or _is_script(new, text[place])):
                continue
            if first != second and None not in (first, second):
                changed[kind, first, second].append(place)
    if not changed:
        return []
    description = "; ".join(
        f"'{shorten(text[where[0] : where[-1] + 1], 30)}' {say(change)}"
        for change, where in changed.items()
    )
    return [layout_error(1, grid.name(theirs), description, theirs.box)]


def _is_script(look: dict[str, Value], character: str) -> bool:
    """True for superscripts and subscripts, whether small letters or Unicode characters."""
    return bool(look.get("script")) or decomposition(character).startswith(("<super>", "<sub>"))


def _throughout(mine: Cell, theirs: Cell, kind: str) -> bool:
    """True if a style change covers the whole cell, as far as its words can be compared."""
    before, after = _looks_by_character(mine), _looks_by_character(theirs)
    if kind not in _TEXT_KINDS[2:] or mine.text != theirs.text or len(before) != len(after):
        return True
    absent = _ABSENT.get(kind)
    looks = (
        (old.get(kind, absent), new.get(kind, absent))
        for old, new in zip(before, after, strict=True)
    )
    return all(old != new or None in (old, new) for old, new in looks)


def _run_text(cell: Cell) -> str:
    """The words of a cell without superscript and subscript markers."""
    runs = cell.children("run")
    return " ".join(run.text for run in runs) if runs else plain(cell.text)


def _looks_by_character(cell: Cell) -> list[dict[str, Value]]:
    """The style of each character of `_run_text` except spaces."""
    runs = cell.children("run")
    if not runs:
        return [cell.style] * sum(not character.isspace() for character in _run_text(cell))
    return [run.style for run in runs for character in run.text if not character.isspace()]


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
    return all(look.get(kind, _ABSENT.get(kind)) == new for kind, _, new in changes)


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


def where(grid: TableGrid, group: Sequence[Cell]) -> str:
    """The name of a group of cells."""
    if len(group) == 1:
        return grid.name(group[0])
    rows = sorted({cell.row for cell in group})
    columns = sorted({cell.column for cell in group})
    everywhere = len(rows) >= 0.9 * grid.height and len(columns) > 1
    if everywhere and columns[0] == 0 and max(c.column + c.colspan for c in group) == grid.width:
        return f"{grid.place}whole table"
    if len(rows) == 1:
        if len(group) >= 0.6 * sum(not cell.empty for cell in grid.rows[rows[0]]):
            return grid.row_name(rows[0])
        return f"{grid.row_name(rows[0])}, columns {columns[0] + 1} to {columns[-1] + 1}"
    if len(columns) == 1:
        filled = [cell for cell in grid.cells if cell.column == columns[0] and not cell.empty]
        if len(group) >= 0.6 * len(filled) or len(rows) > 1 + rows[-1] - rows[0]:
            return grid.column_name(columns[0])
        column = grid.column_name(columns[0]).removeprefix(grid.place)
        return f"{grid.place}rows {rows[0] + 1} to {rows[-1] + 1}, {column}"
    return f"{grid.place}rows {rows[0] + 1} to {rows[-1] + 1}, columns {columns[0] + 1} to {columns[-1] + 1}"


_ALIGNED = {"center": "centered", "justify": "justified"}


def say(change: Change) -> str:
    """A changed look in words."""
    kind, old, new = change
    match kind:
        case "align":
            now, was = (_ALIGNED.get(str(side), f"aligned {side}") for side in (new, old))
            if now.startswith("aligned"):
                was = was.removeprefix("aligned ")
            return f"is {now} instead of {was}"
        case "valign":
            return f"is at the {new} instead of the {old}"
        case "bold":
            return "is bold instead of regular" if new else "is regular instead of bold"
        case "italic":
            return "is italic instead of upright" if new else "is upright instead of italic"
        case "underline":
            return "is underlined" if new else "is no longer underlined"
        case "strike":
            return "is struck through" if new else "is no longer struck through"
        case "color":
            return f"is written in {_paints(old, new)}"
        case "highlight":
            return f"is marked {_paints(old, new)}"
        case "background":
            return f"the background is {_paints(old, new)}"
        case "effects":
            if not old or not new:
                return f"has {new}" if new else f"no longer has {old}"
            return f"has {new} instead of {old}"
        case "indent":
            if new == "outside":
                return "is moved out of its cell"
            return "is indented more" if new == "more" else "is indented less"
        case "padding":
            return "has more or less space around its text"
        case "size_px":
            size = "larger" if float(str(new)) > float(str(old)) else "smaller"
            return f"is set in {size} letters: {new:g} px instead of {old:g} px"
        case "family":
            return f"is set in {new or 'the usual font'} instead of {old or 'the usual font'}"
        case _:
            return f"has {kind} {new} instead of {old}"


def _paints(old: Value, new: Value) -> str:
    """Both colors in words that distinguish them; a transparent one is "no color"."""
    before, after = ("" if str(value).endswith("00") else str(value) for value in (old, new))
    now, was = color_change(before, after)
    return f"{now if after else 'no color'} instead of {was if before else 'no color'}"

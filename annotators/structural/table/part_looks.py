"""Words within cells that lost or gained a look, and the words for looks and for groups of cells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from unicodedata import decomposition

from annotators.structural.colors import a_color, color_change
from annotators.structural.matching import grouped
from annotators.structural.table.findings import layout_error, record_cells
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.table.words import plain
from annotators.structural.typefaces import typeface
from annotators.structural.visibility import color_noticed
from records.rows import Discrepancy, box_around
from records.taxonomy import Severity
from renderers.scene import Value

TEXT_KINDS = (
    "align", "valign", "bold", "italic", "color", "size_px", "family", "underline", "strike",
    "highlight",
)  # fmt: skip
ABSENT: dict[str, Value] = {"underline": False, "strike": False, "highlight": "#00000000"}

Change = tuple[str, Value, Value]
"""Kind, before, after."""

Part = tuple[Cell, Change, str]
"""A cell, a changed look, and the words in the cell that have it."""
MANY = 3
"""From so many cells of a column on, words that changed alike have one label."""


def noticed(change: Change) -> bool:
    """True for another look that a reader sees: letters of nearly the same color look alike."""
    kind, old, new = change
    if kind == "color":
        return color_noticed(str(old), str(new), thin=True, text=True)
    return old != new


def partial(mine: Cell, theirs: Cell) -> list[Part]:
    """Words within a cell that lost or gained a style."""
    before, after = _looks_by_character(mine), _looks_by_character(theirs)
    if before == after or len(before) != len(after):
        return []
    text = _run_text(theirs)
    places = [index for index, character in enumerate(text) if not character.isspace()]
    changed: dict[Change, list[int]] = defaultdict(list)
    for place, old, new in zip(places, before, after, strict=True):
        for kind in TEXT_KINDS[2:]:
            first = old.get(kind, ABSENT.get(kind))
            second = new.get(kind, ABSENT.get(kind))
            if kind == "size_px" and (_is_script(old, text[place]) or _is_script(new, text[place])):
                continue
            if None not in (first, second) and noticed((kind, first, second)):
                changed[kind, first, second].append(place)
    return [(theirs, change, text[at[0] : at[-1] + 1]) for change, at in changed.items()]


def parts_together(grid: TableGrid, parts: Sequence[Part]) -> list[Discrepancy]:
    """One error a cell, or one for a change that words of several cells of a column have."""
    errors = []
    single: dict[int, list[Part]] = defaultdict(list)
    for (_, change), group in grouped(parts, lambda part: (part[0].column, part[1])).items():
        if len(group) < MANY:
            for part in group:
                single[id(part[0])].append(part)
            continue
        words = f"'{shorten(group[0][2], 30)}' {say(change)}, and likewise words in {len(group) - 1} more cells"
        errors.append(cells_error(grid, [cell for cell, _, _ in group], 1, words, SAME_LOOK))
    for of_cell in single.values():
        words = "; ".join(f"'{shorten(word, 30)}' {say(change)}" for _, change, word in of_cell)
        errors.append(layout_error(1, grid.name(of_cell[0][0]), words, of_cell[0][0].box))
    return errors


def _is_script(look: dict[str, Value], character: str) -> bool:
    """True for superscripts and subscripts, whether small letters or Unicode characters."""
    return bool(look.get("script")) or decomposition(character).startswith(("<super>", "<sub>"))


def throughout(mine: Cell, theirs: Cell, kind: str) -> bool:
    """True if a style change covers the whole cell, as far as its words can be compared."""
    before, after = _looks_by_character(mine), _looks_by_character(theirs)
    if kind not in TEXT_KINDS[2:] or mine.text != theirs.text or len(before) != len(after):
        return True
    absent = ABSENT.get(kind)
    old, new = ([look.get(kind, absent) for look in looks] for looks in (before, after))
    return all(a != b or None in (a, b) for a, b in zip(old, new, strict=True))


def _run_text(cell: Cell) -> str:
    """The words of a cell without superscript and subscript markers."""
    runs = cell.element.parts("run")
    return " ".join(run.text for run in runs) if runs else plain(cell.text)


def _looks_by_character(cell: Cell) -> list[dict[str, Value]]:
    """The style of each character of `_run_text` except spaces."""
    runs = cell.element.parts("run")
    if not runs:
        return [cell.style] * sum(not character.isspace() for character in _run_text(cell))
    return [run.style for run in runs for character in run.text if not character.isspace()]


def where(grid: TableGrid, group: Sequence[Cell]) -> str:
    """The name of a group of cells."""
    if len(group) == 1:
        return grid.name(group[0])
    rows = sorted({cell.row for cell in group})
    columns = sorted({cell.column for cell in group})
    wide = columns[0] == 0 and max(cell.column + cell.colspan for cell in group) == grid.width
    if wide and len(columns) > 1 and len(rows) >= 0.9 * grid.height:
        return f"{grid.place}whole table"
    if len(rows) == 1:
        if len(group) >= 0.6 * sum(not cell.empty for cell in grid.rows[rows[0]]):
            return grid.row_name(rows[0])
        return f"{grid.row_name(rows[0])}, {_lines('columns', columns)}"
    if len(columns) == 1:
        filled = [cell for cell in grid.cells if cell.column == columns[0] and not cell.empty]
        if len(group) >= 0.6 * len(filled) or len(rows) > 1 + rows[-1] - rows[0]:
            return grid.column_name(columns[0])
        column = grid.column_name(columns[0]).removeprefix(grid.place)
        return f"{grid.place}{_lines('rows', rows)}, {column}"
    filled = [cell for row in rows for cell in grid.rows[row] if not cell.empty]
    if wide and len(group) >= 0.6 * len(filled):
        return f"{grid.place}{_lines('rows', rows)}"
    return f"{grid.place}{_lines('rows', rows)}, {_lines('columns', columns)}"


SAME_LOOK = "same_look_in_a_group_of_cells"


def cells_error(
    grid: TableGrid, cells: Sequence[Cell], severity: Severity, words: str, rule: str = ""
) -> Discrepancy:
    """The error of a group of cells; with a ``rule``, it is recorded that one label covers them."""
    box = box_around([cell.box for cell in cells])
    error = layout_error(severity, where(grid, cells), words, box)
    if rule and len(cells) > 1:
        record_cells(rule, error, grid, cells)
    return error


FEW_LINES = 4
"""Up to so many rows or columns apart from each other are named one by one."""


def _lines(kind: str, numbers: Sequence[int]) -> str:
    """The names of rows or columns, which count from 0.

    >>> _lines("rows", [3, 5]), _lines("rows", [3, 4, 5])
    ('rows 4 and 6', 'rows 4 to 6')
    """
    together = len(numbers) > 2 and numbers[-1] - numbers[0] + 1 == len(numbers)
    if together or len(numbers) > FEW_LINES:
        return f"{kind} {numbers[0] + 1} to {numbers[-1] + 1}"
    *others, last = (str(number + 1) for number in numbers)
    return f"{kind} {', '.join(others)} and {last}"


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
            return f"is written in {' instead of '.join(paints(old, new))}"
        case "highlight":
            return f"is marked {' instead of '.join(one or 'no color' for one in paints(old, new))}"
        case "background":
            now, was = paints(old, new)
            if now and was:
                return f"the background is {now} instead of {was}"
            return f"has {a_color(now)} background" if now else f"the {was} background is missing"
        case "effects":
            if not old or not new:
                return f"has {new}" if new else f"no longer has {old}"
            return f"has {new} instead of {old}"
        case "indent":
            if new == "outside":
                return "is moved out of its cell"
            lines, _, way = str(new).rpartition(" ")
            verb = "are" if lines.startswith("lines") else "is"
            return f"{lines} {verb} indented {way}".lstrip()
        case "padding":
            return f"has {_more_or_less(old, new)} space around its text"
        case "size_px":
            size = "larger" if float(str(new)) > float(str(old)) else "smaller"
            return f"is set in {size} letters: {new:g} px instead of {old:g} px"
        case "family":
            now, was = typeface(str(new)), typeface(str(old))
            if now == was:
                return f"is set in {new} instead of {old}"
            return f"is set in {now} letters instead of {was} ones"
        case _:
            return f"has {kind} {new} instead of {old}"


def _more_or_less(old: Value, new: Value) -> str:
    """Whether one CSS padding is wider than another on every side where the two differ.

    >>> _more_or_less("6px 10px", "2px 10px"), _more_or_less("5px", "5px 9px"), _more_or_less("5%", "6px")
    ('less', 'more', 'other')
    """
    before, after = sides(old), sides(new)
    ways = {second > first for first, second in zip(before, after, strict=False) if first != second}
    if len(ways) != 1 or not before or not after:
        return "other"
    return "more" if True in ways else "less"


def sides(padding: Value) -> list[float]:
    """Top, right, bottom and left in pixels; empty where one of them is no number of pixels."""
    written = str(padding).split()
    if not all(re.fullmatch(r"[\d.]+px", side) for side in written):
        return []
    numbers = [float(side.removesuffix("px")) for side in written]
    return [*numbers, numbers[1]] if len(numbers) == 3 else (numbers * 4)[:4]


def paints(old: Value, new: Value) -> tuple[str, str]:
    """Both colors in words that distinguish them, the new one first; empty for a transparent one."""
    before, after = ("" if str(value).endswith("00") else str(value) for value in (old, new))
    now, was = color_change(before, after)
    return now if after else "", was if before else ""

"""Compares the lines around cells: each kind of border that appeared, vanished or changed is one error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import product

from annotators.structural.colors import color_change, color_name
from annotators.structural.matching import grouped
from annotators.structural.severity import color_distance
from annotators.structural.table import severity as table_severity
from annotators.structural.table.findings import Pair
from annotators.structural.table.grid import Cell, TableGrid
from annotators.structural.table.part_looks import Change, cells_error
from annotators.structural.visibility import COLOR_OF_STROKE
from records.rows import Discrepancy
from renderers.scene import Value

_SIDES = ("border_top", "border_right", "border_bottom", "border_left")
_OPPOSITE = dict(zip(_SIDES, _SIDES[2:] + _SIDES[:2], strict=True))


class Neighbors:
    """Corresponding cells by place: a border between two cells is compared where both correspond."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._at: tuple[dict[tuple[int, int], Pair], ...] = ({}, {})
        for pair in pairs:
            for known, cell in zip(self._at, pair, strict=True):
                rows = range(cell.row, cell.row + cell.rowspan)
                columns = range(cell.column, cell.column + cell.colspan)
                known |= dict.fromkeys(product(rows, columns), pair)

    def __call__(self, number: int, cell: Cell, side: str) -> Pair | None:
        """The pair beside a cell of the reference (0) or the candidate (1), on a side of it."""
        return self._at[number].get(_place_beside(cell, side))


def _place_beside(cell: Cell, side: str) -> tuple[int, int]:
    """Row and column next to a cell, on a side of it."""
    return {
        "border_top": (cell.row - 1, cell.column),
        "border_right": (cell.row, cell.column + cell.colspan),
        "border_bottom": (cell.row + cell.rowspan, cell.column),
        "border_left": (cell.row, cell.column - 1),
    }[side]


def border_changes(mine: Cell, theirs: Cell, beside: Neighbors) -> Iterator[tuple[Cell, Change]]:
    """The sides of a cell whose line is another one, between the same cells as before."""
    for side in _SIDES:
        old, new = mine.style.get(side), theirs.style.get(side)
        if _other_border(old, new) and beside(0, mine, side) is beside(1, theirs, side):
            yield theirs, (side, old, new)


def border_errors(
    grid: TableGrid, edges: Sequence[tuple[Cell, Change]], compared: int
) -> list[Discrepancy]:
    """One error per kind of border that appeared, vanished or changed."""
    errors = []
    for (old, new), touched in grouped(edges, lambda edge: edge[1][1:]).items():
        known = {(id(cell), side) for cell, (side, *_) in touched}
        told = [(cell, side) for cell, (side, *_) in touched if _tells(grid, cell, side, known)]
        cells = list({id(cell): cell for cell, _ in told}.values())
        sides = sorted({side.removeprefix("border_") for _, side in told})
        named = "borders on all sides" if len(sides) == 4 else f"{' and '.join(sides)} borders"
        if new in (None, "none"):
            what = f"the {named} are missing"
        elif old in (None, "none"):
            what = f"the {named} ({_line(new)}) are not in the reference"
        else:
            what = f"the {named} are {_other_line(old, new)}"
        severity = table_severity.of_look(len(touched), 4 * compared)
        if _drawn_alike(old, new):
            severity = min(severity, table_severity.of_line_color(_parts(old)[2], _parts(new)[2]))
        errors.append(cells_error(grid, cells, severity, what))
    return errors


def _other_border(old: Value | None, new: Value | None) -> bool:
    """True for two borders that can be told apart."""
    if not _drawn_alike(old, new):
        return old != new
    return color_distance(_parts(old)[2], _parts(new)[2]) >= COLOR_OF_STROKE


def _drawn_alike(old: Value | None, new: Value | None) -> bool:
    """True for two lines of one width and kind, whatever their colors."""
    return len(_parts(old)) == 3 and _parts(old)[:2] == _parts(new)[:2]


def _parts(border: Value | None) -> list[str]:
    """Width, kind and color of a border; one word or none where there is no line."""
    return str(border or "").split()


def _tells(grid: TableGrid, cell: Cell, side: str, known: Set[tuple[int, str]]) -> bool:
    """True for the one of two cells that a line between them is told of: the heading above the line,
    else the lower or the right one."""
    if (id(grid.at(*_place_beside(cell, side))), _OPPOSITE[side]) not in known:
        return True
    line = cell.row if side == "border_top" else cell.row + cell.rowspan
    below_headings = side in ("border_top", "border_bottom") and line == grid.headings()
    return (side in ("border_bottom", "border_right")) == below_headings


def _line(value: Value) -> str:
    """A kind of border in words, of its style sheet's ``1px solid #333333ff``."""
    width, kind, color = _parts(value)
    return f"{width.removesuffix('px')} px, {kind}, {color_name(color)}"


def _other_line(old: Value, new: Value) -> str:
    """What is different between two kinds of border."""
    changed = []
    names = color_change(_parts(old)[2], _parts(new)[2])
    for kind, was, now in zip(("width", "kind", "color"), _parts(old), _parts(new), strict=True):
        if was != now:
            words = (now, was) if kind == "kind" else names
            if kind == "width":
                words = (f"{now.removesuffix('px')} px wide", f"{was.removesuffix('px')} px")
            changed.append(" instead of ".join(words))
    return " and ".join(changed)

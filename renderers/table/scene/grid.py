"""The places of cells on the grid of a laid-out table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from renderers.table.guard import span_of
from renderers.table.scene.borders import Border, borders_of
from renderers.table.scene.layout import LayoutNode

_ROW_GROUPS = frozenset(("table-header-group", "table-row-group", "table-footer-group"))


@dataclass(slots=True)
class GridCell:
    """A cell and the grid places it covers."""

    node: LayoutNode
    row: int
    column: int
    rowspan: int
    colspan: int
    row_node: LayoutNode | None
    group: LayoutNode | None
    beneath: tuple[str, ...]
    """CSS colors below the cell and its row: of the row group, the column, the column group."""


@dataclass(slots=True)
class LaidOutGrid:
    """The cells of a table on its grid, without lines that no cell ends at."""

    cells: list[GridCell]
    rows: int
    columns: int

    @classmethod
    def of(cls, table: LayoutNode) -> LaidOutGrid:
        cells: list[GridCell] = []
        columns = _column_backgrounds(table)
        height = 0
        for group, rows in _row_groups(table):
            background = group.css("background-color") if group is not None else ""
            taken: dict[int, int] = {}
            last = height + len(rows)
            for offset, row in enumerate(rows):
                y = height + offset
                x = 0
                for node in row.children:
                    if node.css("display") != "table-cell":
                        continue
                    while taken.get(x, 0) > y:
                        x += 1
                    across = span_of(node.attributes.get("colspan"), 1000)
                    down = span_of(node.attributes.get("rowspan"), 65534)
                    if node.attributes.get("rowspan", "").strip() == "0":
                        down = last - y
                    down = min(down, last - y)
                    beneath = (background, *columns.get(x, ()))
                    cells.append(GridCell(node, y, x, down, across, row, group, beneath))
                    for column in range(x, x + across):
                        taken[column] = y + down
                    x += across
            height = last
        return cls._without_hidden_lines(cells)

    @classmethod
    def _without_hidden_lines(cls, cells: list[GridCell]) -> LaidOutGrid:
        """Merge grid lines between which no cell starts or ends."""
        x_starts = sorted({cell.column for cell in cells})
        y_starts = sorted({cell.row for cell in cells})
        x_index = {x: index for index, x in enumerate(x_starts)}
        y_index = {y: index for index, y in enumerate(y_starts)}
        for cell in cells:
            right, bottom = cell.column + cell.colspan, cell.row + cell.rowspan
            cell.colspan = max(1, sum(cell.column <= x < right for x in x_starts))
            cell.rowspan = max(1, sum(cell.row <= y < bottom for y in y_starts))
            cell.column, cell.row = x_index[cell.column], y_index[cell.row]
        columns = max((cell.column + cell.colspan for cell in cells), default=0)
        if _runs_left(cells):
            for cell in cells:
                cell.column = columns - cell.column - cell.colspan
            cells = sorted(cells, key=lambda cell: (cell.row, cell.column))
        return cls(cells, len(y_starts), columns)

    def placed(self) -> list[tuple[int, int, int, int, Mapping[str, Border]]]:
        """Row, column, rowspan, colspan and own borders of each cell."""
        return [
            (one.row, one.column, one.rowspan, one.colspan, borders_of(one.node.style))
            for one in self.cells
        ]

    def lines(self) -> list[tuple[int, int, Mapping[str, Border]]]:
        """First row, number of rows and own borders of each row, then of each group of rows."""
        found = []
        for nodes in ([one.row_node for one in self.cells], [one.group for one in self.cells]):
            held: dict[int, tuple[LayoutNode, list[int]]] = {}
            for node, cell in zip(nodes, self.cells, strict=True):
                if node is not None:
                    held.setdefault(id(node), (node, []))[1].append(cell.row)
            found += [
                (min(rows), max(rows) - min(rows) + 1, borders_of(node.style))
                for node, rows in held.values()
            ]
        return found


def _runs_left(cells: list[GridCell]) -> bool:
    """True if a row's first cell stands at its right, as in a table written right to left."""
    return any(
        first.row == second.row and first.node.box[0] > second.node.box[0]
        for first, second in pairwise(cells)
    )


def _row_groups(table: LayoutNode) -> list[tuple[LayoutNode | None, list[LayoutNode]]]:
    """Row groups from top to bottom as they are laid out; rows outside of any are a group."""
    groups: list[tuple[float, LayoutNode | None, list[LayoutNode]]] = []
    for child in table.children:
        display = child.css("display")
        if display in _ROW_GROUPS:
            rows = [row for row in child.children if row.css("display") == "table-row"]
            groups.append((child.box[1], child, rows))
        elif display == "table-row":
            if groups and groups[-1][1] is None:
                groups[-1][2].append(child)
            else:
                groups.append((child.box[1], None, [child]))
    groups.sort(key=lambda entry: entry[0])
    return [(node, rows) for _, node, rows in groups]


def _column_backgrounds(table: LayoutNode) -> dict[int, tuple[str, str]]:
    """Background colors of each column and of its column group, where either is there."""
    found: dict[int, tuple[str, str]] = {}
    at = 0
    for child in table.children:
        if child.css("display") == "table-column":
            inside, group = [child], ""
        elif child.css("display") == "table-column-group":
            inside, group = child.children or [child], child.css("background-color")
        else:
            continue
        for column in inside:
            for _ in range(span_of(column.attributes.get("span"), 1000)):
                found[at] = (column.css("background-color"), group)
                at += 1
    return found

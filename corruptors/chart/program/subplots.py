"""Subplots of a script: the grids that it makes, and expressions for their axes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from corruptors.chart.program.chart_program import ChartProgram

_MAKERS = ("add_subplot", "subplot", "axes", "add_axes", "inset_axes", "subplot2grid")


@dataclass(frozen=True, slots=True)
class SubplotGrid:
    """One call of ``subplots`` with literal counts."""

    call: ast.Call
    rows: int
    columns: int
    rows_at: ast.expr | None
    columns_at: ast.expr | None
    target: ast.expr | None
    """What the axes are assigned to."""

    @property
    def name(self) -> str:
        return self.target.id if isinstance(self.target, ast.Name) else ""


def subplot_grids(chart: ChartProgram) -> Iterator[SubplotGrid]:
    """Calls of ``subplots`` whose counts of rows and columns are literal."""
    for call in chart.calls("subplots"):
        at = (chart.argument(call, 0, "nrows"), chart.argument(call, 1, "ncols"))
        counts = [1, 1]
        for index, node in enumerate(at):
            if node is not None:
                number = chart.number(node)
                if number is None or number.value != int(number.value):
                    break
                counts[index] = int(number.value)
        else:
            statement = chart.statement(call)
            target = None
            if isinstance(statement, ast.Assign) and statement.value is call:
                left = statement.targets[0]
                if isinstance(left, ast.Tuple) and len(left.elts) == 2:
                    target = left.elts[1]
            if not chart.keyword(call, "squeeze"):
                yield SubplotGrid(call, counts[0], counts[1], at[0], at[1], target)


def flattened(chart: ChartProgram, name: str) -> bool:
    """True if a grid of axes is used as one row only."""
    return bool(
        re.search(rf"\b{re.escape(name)}\.(?:flat\b|flatten\(|ravel\(|reshape\()", chart.text)
    )


def panels(chart: ChartProgram) -> Iterator[tuple[str, ast.AST]]:
    """Expressions for single axes of a figure with several, and the scope they are known in."""
    for grid in subplot_grids(chart):
        scope = chart.scope(grid.call)
        if grid.rows * grid.columns < 2:
            continue
        if grid.name:
            again = rf"^\s*{grid.name}\s*=\s*{grid.name}\.(?:flatten|ravel|reshape)\b"
            flat = re.search(again, chart.text, re.MULTILINE)
            for row in range(grid.rows):
                for column in range(grid.columns):
                    single = flat or 1 in (grid.rows, grid.columns)
                    index = str(row * grid.columns + column) if single else f"{row}, {column}"
                    yield f"{grid.name}[{index}]", scope
        elif isinstance(grid.target, (ast.Tuple, ast.List)):
            for node in ast.walk(grid.target):
                if isinstance(node, ast.Name):
                    yield node.id, scope
    made: list[tuple[str, ast.AST]] = []
    for call in chart.calls(*_MAKERS):
        statement = chart.statement(call)
        if not isinstance(statement, ast.Assign) or statement.value is not call:
            continue
        target = statement.targets[0]
        if isinstance(target, ast.Name) and chart.within(statement, ast.For) is None:
            made.append((target.id, chart.scope(call)))
    names = [name for name, _ in made]
    drawn = len(names) > 1 or any(chart.calls("inset_axes", "subplots"))
    if drawn and len(set(names)) == len(names):
        yield from made

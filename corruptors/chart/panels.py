"""Panels that a copied chart gets wrong: missing, extra, swapped, transposed, wrongly shared."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import combinations
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.subplots import flattened, panels, subplot_grids
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

STRUCTURE = ChartCategory.STRUCTURE


@corruption(ChartProgram, STRUCTURE)
def drop_subplot(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A panel or an inset is missing.

    Example:
        >>> code = "fig, (a, b) = plt.subplots(1, 2)\\na.plot(x)\\nb.plot(y)\\nplt.show()"
        >>> drop_subplot(code, seed=0)[0].splitlines()[-2:]
        ['b.remove()', 'plt.show()']
    """
    end = chart.output
    if end is None:
        return
    for axes, scope in panels(chart):
        if scope is chart.scope(end):
            edit = chart.before(end, f"{axes}.remove()")
            yield Mutation((edit,), f"panel {axes}", "is missing")
    places = {chart.source(call) for call in chart.calls("subplot")}
    if len(places) > 1 and not any(True for _ in panels(chart)):
        for index in range(len(places)):
            edit = chart.before(end, f"plt.gcf().axes[{index}].remove()")
            yield Mutation((edit,), f"panel {index + 1}", "is missing")


@corruption(ChartProgram, STRUCTURE)
def swap_subplots(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two panels have changed places, or a row of panels runs backwards.

    Yields:
        One mutation per pair of panels that are distinguished by name, index or position.

    Example:
        >>> swap_subplots("fig, (a, b) = plt.subplots(1, 2)", seed=0)[0]
        'fig, (b, a) = plt.subplots(1, 2)'
    """
    for grid in subplot_grids(chart):
        if isinstance(grid.target, (ast.Tuple, ast.List)):
            names = [node for node in ast.walk(grid.target) if isinstance(node, ast.Name)]
            for first, second in combinations(names, 2):
                edits = chart.exchange(first, second)
                yield Mutation(edits, f"panels {first.id} and {second.id}", "have changed places")
        elif grid.name:
            yield from _swap_indices(chart, grid.name)
            yield from _reverse_loops(chart, grid.name)
    calls = [call for call in chart.calls("add_subplot", "subplot") if len(call.args) in (1, 3)]
    for one, other in combinations(calls[:12], 2):
        left = ", ".join(map(chart.source, one.args))
        right = ", ".join(map(chart.source, other.args))
        if left != right and len(one.args) == len(other.args):
            edits = (
                Edit(chart.span(one.args[0])[0], chart.span(one.args[-1])[1], right),
                Edit(chart.span(other.args[0])[0], chart.span(other.args[-1])[1], left),
            )
            yield Mutation(edits, f"panels {left} and {right}", "have changed places")


def _swap_indices(chart: ChartProgram, name: str) -> Iterator[Mutation]:
    used: dict[str, list[ast.Subscript]] = {}
    for node in chart.all(ast.Subscript):
        if isinstance(node.value, ast.Name) and node.value.id == name:
            index = chart.source(node.slice)
            if re.fullmatch(r"[\d, ()]+", index):
                used.setdefault(index, []).append(node)
    for left, right in combinations(sorted(used), 2):
        edits = [chart.replace(node.slice, right) for node in used[left]]
        edits += [chart.replace(node.slice, left) for node in used[right]]
        yield Mutation(tuple(edits), f"panels {left} and {right}", "have changed places")


def _reverse_loops(chart: ChartProgram, name: str) -> Iterator[Mutation]:
    whole = re.compile(rf"{re.escape(name)}(?:\.flat|\.flatten\(\)|\.ravel\(\))?")
    for loop in chart.all(ast.For):
        given = loop.iter
        several = isinstance(given, ast.Call) and chart.method(given) in ("zip", "enumerate")
        parts = given.args if isinstance(given, ast.Call) and several else [given]
        for part in parts:
            source = chart.source(part)
            if whole.fullmatch(source):
                edit = chart.replace(part, f"list({source})[::-1]")
                yield Mutation((edit,), "panels", "run in the opposite order")


def _pinned(chart: ChartProgram, name: str) -> bool:
    """True if a panel of this grid is taken by row and column."""
    return any(
        isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Tuple)
        for node in chart.all(ast.Subscript)
    )


@corruption(ChartProgram, STRUCTURE)
def transpose_layout(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Panels side by side stand one below the other, or the other way round.

    Yields:
        One mutation per grid of panels that the rest of the script does not pin down.

    Example:
        >>> transpose_layout("fig, axes = plt.subplots(1, 3, figsize=(9, 3))", seed=0)[0]
        'fig, axes = plt.subplots(3, 1, figsize=(9, 3))'
    """
    if re.search(r"width_ratios|height_ratios|squeeze", chart.text):
        return
    for grid in subplot_grids(chart):
        free = 1 in (grid.rows, grid.columns) or (grid.name and flattened(chart, grid.name))
        if grid.rows == grid.columns or not free or (grid.name and _pinned(chart, grid.name)):
            continue
        edits: list[Edit] = []
        missing: list[str] = []
        wanted = ((grid.rows_at, "nrows", grid.columns), (grid.columns_at, "ncols", grid.rows))
        for node, word, count in wanted:
            if node is not None:
                edits.append(chart.replace(node, str(count)))
            else:
                missing.append(f"{word}={count}")
        if missing:
            edits.append(chart.add_keyword(grid.call, ", ".join(missing)))
        layout = f"{grid.columns} x {grid.rows} instead of {grid.rows} x {grid.columns}"
        yield Mutation(tuple(edits), "layout", f"panels stand {layout}")
    yield from _transpose_positions(chart)
    yield from _transpose_gridspec(chart)


def _transpose_positions(chart: ChartProgram) -> Iterator[Mutation]:
    edits: list[Edit] = []
    calls = [call for call in chart.calls("subplot", "add_subplot") if call.args]
    for call in calls:
        numbers = [chart.number(node) for node in call.args]
        if any(number is None for number in numbers):
            return
        if len(call.args) == 3:
            rows, columns = map(chart.source, call.args[:2])
            if rows == columns:
                return
            edits += chart.exchange(*call.args[:2])
        else:
            code = chart.source(call.args[0])
            if len(code) != 3 or code[0] == code[1]:
                return
            edits.append(chart.replace(call.args[0], code[1] + code[0] + code[2]))
    if len(calls) > 1:
        yield Mutation(tuple(edits), "layout", "rows and columns of panels are exchanged")


def _transpose_gridspec(chart: ChartProgram) -> Iterator[Mutation]:
    for call in chart.calls("GridSpec", "add_gridspec"):
        statement = chart.statement(call)
        if len(call.args) != 2 or not isinstance(statement, ast.Assign):
            continue
        target = statement.targets[0]
        rows, columns = map(chart.source, call.args)
        if rows == columns or not isinstance(target, ast.Name):
            continue
        edits = [*chart.exchange(*call.args)]
        for node in chart.all(ast.Subscript):
            if isinstance(node.value, ast.Name) and node.value.id == target.id:
                if not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
                    break
                edits += chart.exchange(*node.slice.elts)
        else:
            if len(edits) > 2:
                yield Mutation(tuple(edits), "layout", "rows and columns of panels are exchanged")


@corruption(ChartProgram, STRUCTURE)
def add_subplot(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The figure has a column of panels too many, left empty.

    Yields:
        One mutation per grid of two panels or more whose axes are indexed or zipped.

    Example:
        >>> add_subplot("fig, axes = plt.subplots(1, 2)\\naxes[0].plot(x)", seed=0)[0]
        'fig, axes = plt.subplots(1, 3)\\naxes[0].plot(x)'
    """
    for grid in subplot_grids(chart):
        if grid.name and grid.rows * grid.columns > 1 and not _runs_over(chart, grid.name):
            if grid.columns_at is not None and (grid.columns > 1 or grid.rows == 1):
                edit = chart.replace(grid.columns_at, str(grid.columns + 1))
            elif grid.rows_at is not None and grid.columns == 1:
                edit = chart.replace(grid.rows_at, str(grid.rows + 1))
            else:
                continue
            yield Mutation((edit,), "layout", "an empty panel too many is drawn")


def _runs_over(chart: ChartProgram, name: str) -> bool:
    """True if a loop goes over all panels and would meet one too many."""
    for loop in chart.all(ast.For):
        zipped = isinstance(loop.iter, ast.Call) and chart.method(loop.iter) == "zip"
        if re.search(rf"\b{re.escape(name)}\b", chart.source(loop.iter)) and not zipped:
            return True
    return False


@corruption(ChartProgram, STRUCTURE)
def merge_twin_axes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A second axis is lost, and its series is drawn on the scale of the first.

    Example:
        >>> merge_twin_axes("right = left.twinx()", seed=0)[0]
        'right = left'
    """
    for call in chart.calls("twinx", "twiny"):
        receiver = chart.receiver(call)
        axes = chart.axes_of(receiver)
        yield Mutation((chart.replace(call, axes),), "second axis", "is missing")


@corruption(ChartProgram, STRUCTURE)
def unshare_axes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Panels that share a scale have one each.

    Example:
        >>> unshare_axes("fig, axes = plt.subplots(1, 2, sharey=True)", seed=0)[0]
        'fig, axes = plt.subplots(1, 2)'
    """
    for call in chart.calls("subplots", "add_subplot", "subplot"):
        for word in call.keywords:
            if word.arg in ("sharex", "sharey") and chart.source(word.value) != "False":
                axis = word.arg[-1]
                yield Mutation((chart.drop_keyword(word),), f"{axis} axes", "are not shared")


@corruption(ChartProgram, STRUCTURE)
def share_axes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Panels with a scale each are forced onto one.

    Yields:
        Up to two mutations per grid of panels.

    Example:
        >>> share_axes("fig, (a, b) = plt.subplots(1, 2)", seed=0)[0]
        'fig, (a, b) = plt.subplots(1, 2, sharey=True)'
    """
    for grid in subplot_grids(chart):
        for word in ("sharex", "sharey"):
            # Words for ticks that the axes already share would be too few or too many.
            named = chart.calls(f"set_{word[-1]}ticklabels", f"set_{word[-1]}ticks")
            several = grid.rows * grid.columns > 1
            if several and not named and chart.takes(grid.call, word, "subplot_kw"):
                edit = chart.add_keyword(grid.call, f"{word}=True")
                yield Mutation((edit,), f"{word[-1]} axes", "are shared by all panels")


@corruption(ChartProgram, STRUCTURE)
def unroll_polar_axes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A round chart is drawn on straight axes.

    Yields:
        One mutation per place that makes axes polar, if nothing else needs them to be.

    Example:
        >>> unroll_polar_axes("ax = plt.subplot(111, polar=True)", seed=0)[0]
        'ax = plt.subplot(111)'
    """
    if re.search(r"\.set_(?:theta|r(?!otation)[a-z])|thetagrids|rgrids|\[.polar.\]", chart.text):
        return
    for call in chart.calls("subplots", "subplot", "add_subplot", "axes", "add_axes"):
        for word in call.keywords:
            if _POLAR.fullmatch(chart.source(word)):
                yield Mutation((chart.drop_keyword(word),), "polar axes", "are straight")


_POLAR = re.compile(r"(?s)(?:polar\s*=\s*True|(?:projection|subplot_kw)\s*=.*polar.*)")


@corruption(ChartProgram, STRUCTURE)
def drop_colour_bar(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The color bar is missing.

    Example:
        >>> drop_colour_bar("m = ax.imshow(z)\\nfig.colorbar(m)\\n", seed=0)[0]
        'm = ax.imshow(z)\\n'
    """
    for call in chart.calls("colorbar"):
        statement = chart.parent(call)
        yield from chart.dropped_alone(call, "colour bar", "is missing")
        if not isinstance(statement, ast.Assign) or chart.can_drop(statement):
            continue
        if isinstance(statement.targets[0], ast.Name):
            end = chart.output
            if end is not None and chart.scope(end) is chart.scope(statement):
                edit = chart.before(end, f"{statement.targets[0].id}.remove()")
                yield Mutation((edit,), "colour bar", "is missing")
    for call in chart.calls("heatmap"):
        edit_or_none = chart.set_keyword(call, "cbar", "False")
        if edit_or_none is not None:
            yield Mutation((edit_or_none,), "colour bar", "is missing")

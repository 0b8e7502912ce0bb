"""Series, categories and shapes that are missing from a copied chart, or too many."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

DATA = ChartCategory.DATA


@corruption(ChartProgram, DATA)
def drop_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One category or point is missing, with its value in every series and its name.

    Yields:
        One mutation per position, for each length (four or more) that literal series have; every
        list of that length loses the same position, so that the script still runs.

    Example:
        >>> drop_value("x = ['a', 'b', 'c', 'd']\\nplt.bar(x, [1, 2, 3, 4])", seed=2)[0]
        "x = ['b', 'c', 'd']\\nplt.bar(x, [2, 3, 4])"
    """
    lists = [node for node in chart.nodes if isinstance(node, (ast.List, ast.Tuple))]
    held = {chart.parent(number.node) for series in chart.series for number in series.numbers}
    for length in sorted({len(node.elts) for node in lists if node in held}):
        same = [node for node in lists if len(node.elts) == length]
        flat = not any(chart.parent(node) in same for node in same)  # no square matrix
        if length < 4 or len(same) > 24 or not flat or not _loadable(same):
            continue
        counts = _counts(chart, length)
        for place in range(length):
            edits = [chart.drop_item(node.elts[place]) for node in same]
            edits += [chart.replace(count, str(length - 1)) for count in counts]
            location = f"position {place + 1} of {length}"
            yield Mutation(tuple(edits), location, "is missing in every series")


def _loadable(nodes: list[ast.List | ast.Tuple]) -> bool:
    return all(isinstance(node.ctx, ast.Load) for node in nodes)


def _counts(chart: ChartProgram, length: int) -> list[ast.expr]:
    """Literal counts that must follow when lists get shorter."""
    found = [call.args[0] for call in chart.calls("range", "arange") if len(call.args) == 1]
    found += [call.args[2] for call in chart.calls("linspace") if len(call.args) == 3]
    return [
        node
        for node in found
        if isinstance(node, ast.Constant) and node.value == length and type(node.value) is int
    ]


@corruption(ChartProgram, DATA)
def drop_entry(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One edge, box or other entry of a literal list of records is missing.

    Yields:
        One mutation per entry of a list of three tuples, lists or dictionaries or more.

    Example:
        >>> drop_entry("g.add_edges_from([('a', 'b'), ('b', 'c'), ('c', 'a')])", seed=0)[0]
        "g.add_edges_from([('a', 'b'), ('c', 'a')])"
    """
    for node in chart.all(ast.List):
        records = all(isinstance(element, (ast.Tuple, ast.Dict)) for element in node.elts)
        if len(node.elts) >= 3 and records:
            for element in node.elts:
                entry = chart.source(element)
                yield Mutation((chart.drop_item(element),), f"entry {entry[:60]}", "is missing")


@corruption(ChartProgram, DATA)
def drop_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A series is missing.

    Yields:
        One mutation per drawing statement, where there are at least two.

    Example:
        >>> drop_series("ax.plot(a)\\nax.plot(b)\\n", seed=0)[0]
        'ax.plot(a)\\n'
    """
    for call in chart.drawings if len(chart.drawings) > 1 else ():
        name = _name(chart, call)
        yield from chart.dropped_alone(call, f"series {name}", f"{name} is missing")


@corruption(ChartProgram, DATA)
def drop_looped_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The first or the last of several series that a loop draws is missing.

    Example:
        >>> drop_looped_series("for v in data:\\n    ax.plot(v)", seed=0)[0]
        'for v in list(data)[1:]:\\n    ax.plot(v)'
    """
    for loop in chart.all(ast.For):
        if any(chart.within(call, ast.For) is loop for call in chart.drawings):
            which = rng.choice(("[:-1]", "[1:]"))
            edit = chart.replace(loop.iter, f"list({chart.source(loop.iter)}){which}")
            place = "last" if which == "[:-1]" else "first"
            yield Mutation((edit,), f"{place} series", "is missing")


@corruption(ChartProgram, DATA)
def add_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line or cloud of points is drawn that is not in the reference.

    Yields:
        One mutation per call of ``plot`` or ``scatter`` whose values are named, outside of loops.

    Example:
        >>> add_series("ax.plot(x, y, 'o-', label='a')", seed=0)[0]
        "ax.plot(x, y, 'o-', label='a')\\nax.plot(x, [0.85 * value for value in y])"
    """
    for call in chart.drawn_by("plot", "scatter", "step"):
        values = call.args[:2]
        if not values or not isinstance(values[-1], (ast.Name, ast.Subscript, ast.List)):
            continue
        statement = chart.statement(call)
        if any(isinstance(end, ast.List) and not end.elts for end in chart.resolve(values[-1])):
            continue  # a sample for the legend
        plain = chart.parent(call) is statement and isinstance(statement, ast.Expr)
        if len(values) == 2 and plain and chart.within(call, ast.For) is None:
            factor = rng.choice(("0.7", "0.85", "1.2"))
            up = f"[{factor} * value for value in {chart.source(values[1])}]"
            drawn = f"{chart.source(call.func)}({chart.source(values[0])}, {up})"
            edit = chart.after(statement, drawn)
            yield Mutation((edit,), f"beside {_name(chart, call)}", "a series too many is drawn")


@corruption(ChartProgram, DATA)
def swap_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The values of two series have changed places, while names and colors stay.

    Example:
        >>> swap_series("ax.plot(t, a, 'r'); ax.plot(t, b, 'g')", seed=0)[0]
        "ax.plot(t, b, 'r'); ax.plot(t, a, 'g')"
    """
    last: dict[tuple[str, str], ast.Call] = {}
    for call in chart.drawings:
        kind = (chart.method(call), chart.receiver(call))
        before = last.get(kind)
        last[kind] = call
        if before is None or min(len(before.args), len(call.args)) < 1:
            continue
        if chart.method(call) == "pie":
            continue  # as many labels and colors as slices
        place = 1 if min(len(before.args), len(call.args)) > 1 else 0
        first, second = before.args[place], call.args[place]
        left, right = chart.source(first), chart.source(second)
        if chart.string(first) is not None or chart.string(second) is not None:
            continue
        if left != right and _known_at_both(chart, before, call) and _as_long(before, call, place):
            edits = chart.exchange(first, second)
            names = f"{_name(chart, before)} and {_name(chart, call)}"
            yield Mutation(edits, names, "have changed their values")


def _known_at_both(chart: ChartProgram, before: ast.Call, call: ast.Call) -> bool:
    """True if names in either call mean the same in both: nothing between them binds one."""
    names = {
        node.id for one in (before, call) for node in ast.walk(one) if isinstance(node, ast.Name)
    }
    start, end = chart.span(before)[0], chart.span(call)[0]
    return not any(
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and node.id in names
        and start < chart.span(node)[0] < end
        for node in chart.nodes
    )


def _as_long(before: ast.Call, call: ast.Call, place: int) -> bool:
    """True if both have as many values, as far as the code says: they stand over one x."""
    if place == 0:
        return True
    here, there = before.args[0], call.args[0]
    if ast.dump(here) == ast.dump(there):
        return True
    if all(isinstance(node, (ast.List, ast.Tuple)) for node in (here, there)):
        return len(here.elts) == len(there.elts)  # type: ignore[attr-defined]
    names = [
        {node.id for node in ast.walk(one) if isinstance(node, ast.Name)} for one in (here, there)
    ]
    return bool(names[0] & names[1])


def _name(chart: ChartProgram, call: ast.Call) -> str:
    """What a viewer calls the series that ``call`` draws."""
    word = chart.keyword(call, "label")
    if word is not None:
        text = chart.string(word.value)
        return repr(text.value) if text else chart.source(word.value)
    method, values = chart.method(call), call.args[:2]
    return f"{method} of {chart.source(values[-1])[:40]}" if values else method


@corruption(ChartProgram, DATA)
def drop_shape(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A patch, arrow, filled area or edge that was drawn by itself is missing.

    Example:
        >>> drop_shape("ax.plot(x)\\nax.add_patch(box)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    names = ("add_patch", "add_artist", "add_line", "arrow", "add_edge", "add_collection", "quiver")
    for call in chart.calls(*names):
        if isinstance(chart.parent(call), ast.Expr):
            yield from chart.dropped(call, f"shape of {chart.source(call)[:60]}", "is missing")

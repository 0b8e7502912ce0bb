"""Charts by other calls: numbers for categories, one call a bar, axes that are asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.rewrites.calls import line_of
from corruptors.rewrite import rewrite
from records.edits import Edit, Mutation

_OF_EVERY_BAR = {"color", "alpha", "edgecolor", "height", "linewidth", "width", "zorder"}


def literal_words(node: ast.expr) -> bool:
    """True for a list or tuple of different strings."""
    if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
        return False
    words = [one.value for one in node.elts if isinstance(one, ast.Constant)]
    return len(set(words)) == len(node.elts) and all(isinstance(word, str) for word in words)


@rewrite(ChartProgram)
def number_categories(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars or points stand at 0, 1, 2 or 1, 2, 3 and the ticks are named afterward.

    Example:
        >>> number_categories("plt.bar(['a', 'b'], [3, 4])", seed=0)[0]
        "plt.bar(range(1, 3), [3, 4]); plt.xticks(range(1, 3), ['a', 'b'])"
    """
    start = rng.choice((0, 1))
    for name in ("bar", "plot", "scatter", "barh"):
        for call in chart.calls(name):
            statement = chart.parent(call)
            if not call.args or not isinstance(statement, ast.Expr):
                continue
            words = call.args[0]
            receiver = chart.receiver(call)
            if not receiver:
                continue
            held = chart.resolve(words)
            if len(held) != 1 or not literal_words(held[0]):
                continue
            assert isinstance(held[0], ast.List | ast.Tuple)
            count = len(held[0].elts)
            numbers = f"range({start}, {start + count})" if start else f"range({count})"
            axis = "y" if name == "barh" else "x"
            setter = f"{axis}ticks" if chart.is_pyplot(receiver) else f"set_{axis}ticks"
            _, end = chart.span(call)
            named = f"; {receiver}.{setter}({numbers}, {chart.source(words)})"
            edits = (chart.replace(words, numbers), Edit(end, end, named))
            yield Mutation(edits, line_of(call), "numbers for categories")


@rewrite(ChartProgram)
def draw_scatter_as_plot(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Points of one size and color are a line without a line.

    Example:
        >>> draw_scatter_as_plot("plt.scatter(x, y, color='red')", seed=0)[0]
        "plt.plot(x, y, 'o', color='red')"
    """
    for call in chart.calls("scatter"):
        given = {keyword.arg for keyword in call.keywords}
        if len(call.args) != 2 or not given <= {"color", "label", "alpha", "zorder"}:
            continue
        _, end = chart.span(call.args[1])
        edits = (chart.rename_method(call, "plot"), Edit(end, end, ", 'o'"))
        yield Mutation(edits, line_of(call), "a line of markers")


@rewrite(ChartProgram)
def draw_bars_one_by_one(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Each bar has a call of its own.

    Example:
        >>> draw_bars_one_by_one("ax.bar(x, y, color='red')", seed=0)[0]
        "[ax.bar(at_, high_, color='red') for at_, high_ in zip(x, y)]"
    """
    for call in chart.calls("bar", "barh"):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        alone = isinstance(chart.parent(call), ast.Expr) and len(call.args) == 2
        one_for_all = all(isinstance(value, ast.Constant) for value in given.values())
        if not alone or not one_for_all or not given.keys() <= _OF_EVERY_BAR:
            continue
        start, end = chart.span(call)
        at, high = call.args
        edits = (
            Edit(start, start, "["),
            chart.replace(at, "at_"),
            chart.replace(high, "high_"),
            Edit(end, end, f" for at_, high_ in zip({chart.source(at)}, {chart.source(high)})]"),
        )
        yield Mutation(edits, line_of(call), "a call for each bar")

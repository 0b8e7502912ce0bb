"""Charts drawn by way of pandas or seaborn, or on twin axes that were made the other way round."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from random import Random

from corruptors.chart.frame import has_straight_axes
from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.rewrites.calls import line_of
from corruptors.rewrite import rewrite
from records.edits import Edit, Mutation

_OF_A_LINE = {"alpha", "color", "label", "linestyle", "linewidth", "marker", "markersize", "zorder"}


def statements_of(chart: ChartProgram, *names: str) -> Iterator[tuple[ast.Call, str]]:
    """Calls that are statements of their own, with the source of the axes they draw on."""
    for call in chart.calls(*names):
        receiver = chart.receiver(call)
        if receiver and isinstance(chart.parent(call), ast.Expr) and call.args:
            yield call, chart.axes_of(receiver)


def words_of(chart: ChartProgram, call: ast.Call, known: set[str]) -> str | None:
    """The keywords of a call as they are written, each after a comma; None if one is not known."""
    if not {word.arg for word in call.keywords} <= known:
        return None
    return "".join(f", {chart.source(word)}" for word in call.keywords)


def drawn_by(
    chart: ChartProgram, call: ast.Call, axes: str, known: set[str], drawn: str, description: str
) -> Iterator[Mutation]:
    """A call of x, y and known keywords as other code, which names ``{x}``, ``{y}``, ``{axes}`` and ``{words}``."""
    words = words_of(chart, call, known)
    if words is not None and len(call.args) == 2:
        x, y = map(chart.source, call.args)
        edit = chart.replace(call, drawn.format(x=x, y=y, axes=axes, words=words))
        yield Mutation((edit,), line_of(call), description)


@rewrite(ChartProgram)
def plot_by_pandas(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line is drawn by a series of pandas, which takes away a grid that stands already.

    So none is offered on polar axes, which have one, nor after a call of ``grid``.

    Example:
        >>> plot_by_pandas("ax.plot(x, y, color='red')", seed=0)[0]
        "import pandas as pd; pd.Series(list(y), index=list(x)).plot(ax=ax, color='red')"
    """
    if not has_straight_axes(chart):
        return
    gridded = min((call.lineno for call in chart.calls("grid")), default=math.inf)
    for call, axes in statements_of(chart, "plot"):
        if call.lineno < gridded:
            drawn = (
                "import pandas as pd; pd.Series(list({y}), index=list({x})).plot(ax={axes}{words})"
            )
            yield from drawn_by(chart, call, axes, _OF_A_LINE, drawn, "drawn by pandas")


@rewrite(ChartProgram)
def plot_by_seaborn(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line is drawn by seaborn.

    Example:
        >>> plot_by_seaborn("ax.plot(x, y, color='red')", seed=0)[0]
        "import seaborn as sns; sns.lineplot(x=x, y=y, ax=ax, sort=False, estimator=None, color='red')"
    """
    for call, axes in statements_of(chart, "plot"):
        drawn = "import seaborn as sns; sns.lineplot(x={x}, y={y}, ax={axes}, sort=False, estimator=None{words})"
        yield from drawn_by(chart, call, axes, _OF_A_LINE - {"label"}, drawn, "drawn by seaborn")


_OTHER_WAY_ROUND = (
    "; {first}, {second} = {first}.twinx(), {first}"
    "; {first}.set_zorder(-1); {first}.patch.set_visible(True); {second}.patch.set_visible(False)"
    "; {first}.xaxis.set_visible(True); {second}.xaxis.set_visible(False)"
    "; {first}.yaxis.tick_left(); {first}.yaxis.set_label_position('left')"
    "; {second}.yaxis.tick_right(); {second}.yaxis.set_label_position('right')"
)


@rewrite(ChartProgram)
def swap_twin_axes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The axes with the left scale are the twin of those with the right one.

    Example:
        >>> made, _ = swap_twin_axes("fig, a = plt.subplots()\\na.plot(y)\\nb = a.twinx()", seed=0)
        >>> made.split(";")[1], made.splitlines()[-1]
        (' a, b = a.twinx(), a', 'pass')
    """
    for call in chart.calls("twinx"):
        statement, first = chart.parent(call), chart.receiver(call)
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        made = [
            one
            for one in chart.all(ast.Assign)
            if one.lineno < statement.lineno
            and one.col_offset == statement.col_offset
            and first
            in {node.id for node in ast.walk(one.targets[0]) if isinstance(node, ast.Name)}
        ]
        if len(made) == 1:
            _, end = chart.span(made[0])
            swapped = _OTHER_WAY_ROUND.format(first=first, second=statement.targets[0].id)
            edits = (Edit(end, end, swapped), chart.replace(statement, "pass"))
            yield Mutation(edits, line_of(call), "twin axes the other way round")

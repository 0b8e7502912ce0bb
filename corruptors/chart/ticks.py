"""Tick labels that a copied chart leaves out, turns or mixes up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.proposals import exchanged
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

TEXT = ChartCategory.TEXT


@corruption(ChartProgram, TEXT)
def swap_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two categories under an axis have changed places, while their values stay.

    Yields:
        One mutation per tick label that has a neighbor in the same list.

    Example:
        >>> swap_tick_labels("ax.set_xticklabels(['low', 'high'])", seed=0)[0]
        "ax.set_xticklabels(['high', 'low'])"
    """
    labels = chart.labels_of("tick label", "category", "slice label", "node label", "tile label")
    yield from exchanged(chart, labels, rng, "tick labels", together=True)


@corruption(ChartProgram, TEXT)
def drop_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Names under an axis give way to plain numbers.

    Example:
        >>> drop_tick_labels("plt.xticks([0, 1], ['a', 'b'], rotation=90)", seed=0)[0]
        'plt.xticks([0, 1], rotation=90)'
    """
    words = "plain numbers stand for the names"
    for axis in "xy":
        what = f"{axis} tick labels"
        for call in chart.calls(f"set_{axis}ticklabels"):
            if not _numbered(chart, chart.argument(call, 0, "labels")):
                yield from chart.dropped_alone(call, what, words)
        for call in chart.calls(f"{axis}ticks", f"set_{axis}ticks"):
            if _numbered(chart, chart.argument(call, 1, "labels")):
                continue
            yield from chart.bare(call, ("labels",), what, words)
            if len(call.args) > 1 and not chart.keyword(call, "labels"):
                yield Mutation((chart.drop_item(call.args[1]),), what, words)


def _numbered(chart: ChartProgram, labels: ast.expr | None) -> bool:
    """True for labels that are all plain numbers: without them, the same numbers stand there."""
    words = [text.value for end in chart.leaves(labels) if (text := chart.string(end))]
    return bool(words) and all(re.fullmatch(r"[-−]?\d+(?:\.\d+)?", word) for word in words)


@corruption(ChartProgram, TEXT)
def hide_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The numbers or names along one axis are missing.

    Yields:
        One mutation per axis of each axes that something is drawn on.

    Example:
        >>> hide_tick_labels("ax.plot(x)\\nax.grid()", seed=0)[0]
        'ax.plot(x)\\nax.grid()\\nax.tick_params(axis="y", labelleft=False)'
    """
    for receiver, statement in chart.axes():
        for axis, words in (("x", "labelbottom=False"), ("y", "labelleft=False")):
            edit = chart.after(statement, f'{receiver}.tick_params(axis="{axis}", {words})')
            yield Mutation((edit,), f"{axis} tick labels", f"the {axis} axis has no tick labels")


@corruption(ChartProgram, TEXT)
def rotate_tick_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Tick labels stand at another angle.

    Yields:
        One mutation per angle given for tick labels, and one per call that names ticks without one.

    Example:
        >>> rotate_tick_labels("plt.xticks(rotation=45)", seed=0)[0]
        'plt.xticks(rotation=30)'
    """
    names = ("xticks", "yticks", "set_xticklabels", "set_yticklabels", "set_xticks", "tick_params")
    for call in chart.calls(*names):
        word = chart.keyword(call, "rotation", "labelrotation")
        if word is not None:
            number = chart.number(word.value)
            here = int(number.value) % 360 if number else None
            angle = rng.choice([angle for angle in (0, 30, 45, 90) if angle != here])
            edit = chart.replace(word.value, str(angle))
        else:
            if chart.method(call) in ("set_xticks", "set_yticks") and len(call.args) < 2:
                continue
            angle = rng.choice((30, 45, 90))
            added = chart.set_keyword(call, "rotation", str(angle))
            if added is None:
                continue
            edit = added
        yield Mutation((edit,), "tick labels", f"are turned by {angle} degrees")


@corruption(ChartProgram, TEXT)
def thin_out_ticks(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Every second tick of an axis is missing, with its number.

    Yields:
        One mutation per literal list of four ticks or more that no list of names goes with.

    Example:
        >>> thin_out_ticks("ax.set_yticks([0, 10, 20, 30])", seed=0)[0]
        'ax.set_yticks([0, 20])'
    """
    plotted = {chart.parent(number.node) for series in chart.series for number in series.numbers}
    for axis in "xy":
        if chart.calls(f"set_{axis}ticklabels"):
            continue
        for call in chart.calls(f"{axis}ticks", f"set_{axis}ticks"):
            if len(call.args) == 1 and not chart.keyword(call, "labels"):
                for ticks in chart.sequences(call.args[0]):
                    if len(ticks.elts) >= 4 and ticks not in plotted:
                        left = ", ".join(map(chart.source, ticks.elts[::2]))
                        edit = chart.replace(ticks, f"[{left}]")
                        yield Mutation((edit,), f"{axis} ticks", "every second tick is missing")

"""Titles and axis labels that a copied chart leaves out, moves or mixes up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.proposals import exchanged, missing
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

TEXT = ChartCategory.TEXT


_TITLE_CALLS = ("title", "set_title", "suptitle")


@corruption(ChartProgram, TEXT)
def drop_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A title is missing.

    Example:
        >>> drop_title("ax.plot(x)\\nax.set_title('Rain')\\nplt.show()", seed=0)[0]
        'ax.plot(x)\\nplt.show()'
    """
    yield from missing(chart, _TITLE_CALLS, "title")
    yield from _drop_words(chart, ("title",), "title")


def _drop_words(chart: ChartProgram, words: tuple[str, ...], what: str) -> Iterator[Mutation]:
    for call in chart.calls("set", "plot", "bar", "barh", "hist", "line"):
        yield from chart.bare(call, words, what, f"the {what} is missing")


@corruption(ChartProgram, TEXT)
def drop_axis_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis has lost its label.

    Example:
        >>> drop_axis_label("ax.set(xlabel='t', ylim=(0, 1))", seed=0)[0]
        'ax.set(ylim=(0, 1))'
    """
    for axis in "xyz":
        yield from missing(chart, (f"{axis}label", f"set_{axis}label"), f"{axis}-axis label")
        yield from _drop_words(chart, (f"{axis}label",), f"{axis}-axis label")
    yield from missing(chart, ("supxlabel", "supylabel"), "axis label")


@corruption(ChartProgram, TEXT)
def swap_axis_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The labels of the two axes have changed places.

    Yields:
        One mutation per pair of calls on the same axes, or of keywords in one call.

    Example:
        >>> swap_axis_labels("ax.set_xlabel('time'); ax.set_ylabel('load')", seed=0)[0]
        "ax.set_xlabel('load'); ax.set_ylabel('time')"
    """
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for across in chart.calls("xlabel", "set_xlabel"):
        for up in chart.calls("ylabel", "set_ylabel"):
            same = chart.receiver(across) == chart.receiver(up)
            if same and across.args and up.args:
                pairs.append((across.args[0], up.args[0]))
    for call in chart.calls("set", "plot", "bar", "barh", "hist"):
        xlabel, ylabel = chart.keyword(call, "xlabel"), chart.keyword(call, "ylabel")
        if xlabel and ylabel:
            pairs.append((xlabel.value, ylabel.value))
    for first, second in pairs:
        left, right = chart.source(first), chart.source(second)
        if left != right:
            edits = chart.exchange(first, second)
            yield Mutation(edits, "axis labels", f"{left} and {right} have changed axes")


@corruption(ChartProgram, TEXT)
def swap_titles(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The titles of two panels have changed places.

    Example:
        >>> swap_titles("a.set_title('Train'); b.set_title('Test')", seed=0)[0]
        "a.set_title('Test'); b.set_title('Train')"
    """
    titles = [label for label in chart.labels if label.role == "title"]
    yield from exchanged(chart, titles, rng, "titles", together=False)


@corruption(ChartProgram, TEXT)
def move_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A title stands at the left or right edge instead of above the middle.

    Example:
        >>> move_title("ax.set_title('Rain', fontsize=9)", seed=0)[0]
        'ax.set_title(\\'Rain\\', fontsize=9, loc="right")'
    """
    for call in chart.calls("title", "set_title"):
        if call.args and chart.keyword(call, "loc") is None and chart.keyword(call, "x") is None:
            side = rng.choice(("left", "right"))
            edit = chart.set_keyword(call, "loc", f'"{side}"')
            if edit is not None:
                yield Mutation((edit,), "title", f"stands at the {side}")

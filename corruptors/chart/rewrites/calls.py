"""Calls of a chart script in other words: its strings, numbers, keywords and methods."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from matplotlib.colors import CSS4_COLORS, TABLEAU_COLORS

from corruptors.chart.program.chart_program import DRAWING, ChartProgram
from corruptors.rewrite import rewrite
from records.edits import Edit, Mutation

_LETTERS = {"k": "#000000", "w": "#ffffff", "r": "#ff0000", "b": "#0000ff"}
_LINES = {"-": "solid", "--": "dashed", ":": "dotted", "-.": "dashdot"}
_LONG_WORDS = {
    "plot": {"lw": "linewidth", "ls": "linestyle", "ms": "markersize", "mfc": "markerfacecolor", "mec": "markeredgecolor", "c": "color"},
    "bar": {"lw": "linewidth", "ec": "edgecolor"},
    "barh": {"lw": "linewidth", "ec": "edgecolor"},
    "axhline": {"lw": "linewidth", "ls": "linestyle", "c": "color"},
    "axvline": {"lw": "linewidth", "ls": "linestyle", "c": "color"},
    "text": {"ha": "horizontalalignment", "va": "verticalalignment", "size": "fontsize"},
    "annotate": {"ha": "horizontalalignment", "va": "verticalalignment", "size": "fontsize"},
    "legend": {"ncol": "ncols"},
}  # fmt: skip
_ON_AXES = {
    "title": "set_title", "xlabel": "set_xlabel", "ylabel": "set_ylabel", "xlim": "set_xlim",
    "ylim": "set_ylim", "grid": "grid", "plot": "plot", "bar": "bar", "barh": "barh",
    "axhline": "axhline", "axvline": "axvline", "fill_between": "fill_between", "text": "text",
    "legend": "legend", "annotate": "annotate",
}  # fmt: skip
_SET_WORDS = {"set_title": "title", "set_xlabel": "xlabel", "set_ylabel": "ylabel"}


def line_of(node: ast.expr | ast.stmt | ast.keyword) -> str:
    """Where a node stands, in words."""
    return f"line {node.lineno}"


@rewrite(ChartProgram)
def swap_quotes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Strings stand in the other kind of quotes.

    Example:
        >>> swap_quotes("plt.title('Rain')", seed=0)[0]
        'plt.title("Rain")'
    """
    for node in chart.nodes:
        text = chart.string(node)
        if text is None or not text.constant or text.quote not in ("'", '"'):
            continue
        if any(mark in text.value for mark in "'\"\\\n\r") or not text.value.isprintable():
            continue
        other = '"' if text.quote == "'" else "'"
        if chart.source(text.node) == f"{text.quote}{text.value}{text.quote}":
            edit = chart.replace(text.node, f"{other}{text.value}{other}")
            yield Mutation((edit,), line_of(text.node), "other quotes")


@rewrite(ChartProgram)
def spell_out_colours(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Named colors are written as the same colors in hexadecimal.

    Yields:
        One mutation per named color that is exactly one of eight bits a channel.

    Example:
        >>> spell_out_colours("plt.plot(x, color='navy')", seed=0)[0]
        "plt.plot(x, color='#000080')"
    """
    exact = {**CSS4_COLORS, **TABLEAU_COLORS, **_LETTERS}
    shown = {label.text.node for label in chart.labels}
    compared = {
        node.value
        for compare in chart.all(ast.Compare)
        for node in ast.walk(compare)
        if isinstance(node, ast.Constant)
    }
    for color in chart.colors:
        node, name = color.text.node, color.text.value
        if node not in shown and name not in compared and exact.get(name, "").lower() == color.hex:
            edit = chart.replace(node, color.text.retyped(color.hex))
            yield Mutation((edit,), line_of(node), f"{name} in hexadecimal")


@rewrite(ChartProgram)
def spell_out_line_styles(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Line styles are written as words.

    Example:
        >>> spell_out_line_styles("plt.plot(x, linestyle='--')", seed=0)[0]
        "plt.plot(x, linestyle='dashed')"
    """
    for call in chart.calls("plot", "axhline", "axvline", "grid", "hlines", "vlines"):
        word = chart.keyword(call, "linestyle", "ls")
        text = chart.string(word.value) if word else None
        if text is not None and text.constant and text.value in _LINES:
            edit = chart.replace(text.node, text.retyped(_LINES[text.value]))
            yield Mutation((edit,), line_of(text.node), "line style in words")


@rewrite(ChartProgram)
def spell_out_keywords(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Short keywords are written in full.

    Example:
        >>> spell_out_keywords("ax.plot(x, y, lw=2)", seed=0)[0]
        'ax.plot(x, y, linewidth=2)'
    """
    for method, longer in _LONG_WORDS.items():
        for call in chart.calls(method):
            if chart.is_library(chart.receiver(call)) or chart.keyword(call, "kind"):
                continue
            for word in call.keywords:
                full = longer.get(word.arg or "")
                if word.arg and full and chart.takes(call, full):
                    start, _ = chart.span(word)
                    edit = Edit(start, start + len(word.arg), full)
                    yield Mutation((edit,), line_of(word), f"{word.arg} written {full}")


@rewrite(ChartProgram)
def reorder_keywords(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring keyword arguments have changed places.

    Yields:
        One mutation per pair of plain values in a drawing call or a legend.

    Example:
        >>> reorder_keywords("ax.plot(x, y, color='r', linewidth=2)", seed=0)[0]
        "ax.plot(x, y, linewidth=2, color='r')"
    """
    for call in chart.calls("legend", "axhline", "axvline", "text", "annotate", *sorted(DRAWING)):
        if chart.keyword(call, "kind"):
            continue
        for left, right in pairwise(call.keywords):
            if left.arg is None or right.arg is None or _alike(left.arg, right.arg):
                continue
            if free_of_calls(left.value) and free_of_calls(right.value):
                edits = chart.exchange(left, right)
                yield Mutation(edits, line_of(left), "keywords in another order")


def free_of_calls(node: ast.expr) -> bool:
    """True if it does not matter when ``node`` is evaluated."""
    return not any(
        isinstance(part, (ast.Call, ast.NamedExpr, ast.Await)) for part in ast.walk(node)
    )


def _alike(left: str, right: str) -> bool:
    """True for keywords that set one property, the last of which wins."""
    stems = ("color", "size", "font", "face", "edge", "mark", "line", "width", "label", "alpha")
    same = any(stem in left and stem in right for stem in stems)
    return same or {left, right} <= {"c", "color", "fc", "ec"}


@rewrite(ChartProgram)
def call_axes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The axes are called instead of pyplot.

    Example:
        >>> call_axes("plt.title('Rain')", seed=0)[0]
        "plt.gca().set_title('Rain')"
    """
    for name, method in _ON_AXES.items():
        for call in chart.calls(name):
            whole = call.args or call.keywords or name in ("grid", "legend")
            if chart.receiver(call) == "plt" and whole and isinstance(call.func, ast.Attribute):
                edit = chart.replace(call.func, f"plt.gca().{method}")
                yield Mutation((edit,), line_of(call), f"plt.{name} through the axes")


@rewrite(ChartProgram)
def set_by_keyword(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A title or label is given to ``set`` by keyword.

    Example:
        >>> set_by_keyword("ax.set_xlabel('year')", seed=0)[0]
        "ax.set(xlabel='year')"
    """
    for method, word in _SET_WORDS.items():
        for call in chart.calls(method):
            owned = isinstance(call.func, ast.Attribute)
            alone = owned and isinstance(chart.parent(call), ast.Expr)
            given = call.args[0] if len(call.args) == 1 and not call.keywords else None
            if alone and given is not None and not isinstance(given, ast.Starred):
                at, _ = chart.span(given)
                edits = (chart.rename_method(call, "set"), Edit(at, at, f"{word}="))
                yield Mutation(edits, line_of(call), f"{method} through set")


@rewrite(ChartProgram)
def write_tuples(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Literal lists of numbers are tuples.

    Yields:
        One mutation per list of two or more numbers that is an argument of a call.

    Example:
        >>> write_tuples("ax.set_yticks([0, 5, 10])", seed=0)[0]
        'ax.set_yticks((0, 5, 10))'
    """
    for call in chart.calls("set_xticks", "set_yticks", "xticks", "yticks", "plot", "bar", "barh"):
        for node in call.args[:2]:
            numbers = isinstance(node, ast.List) and all(map(chart.number, node.elts))
            if isinstance(node, ast.List) and numbers and len(node.elts) >= 2:
                start, end = chart.span(node)
                edits = (Edit(start, start + 1, "("), Edit(end - 1, end, ")"))
                yield Mutation(edits, line_of(node), "a tuple for a list")


@rewrite(ChartProgram)
def respell_numbers(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Decimal fractions carry one zero more at their end.

    Example:
        >>> respell_numbers("ax.plot([0.5])", seed=0)[0]
        'ax.plot([0.50])'
    """
    for node in chart.all(ast.Constant):
        if type(node.value) is float and chart.within(node, ast.JoinedStr) is None:
            source = chart.source(node)
            if re.fullmatch(r"\d+\.\d+", source):
                yield Mutation((chart.replace(node, f"{source}0"),), line_of(node), "a zero more")

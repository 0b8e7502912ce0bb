"""Lines and arrows that a copied chart gives another look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.line_formats import formats, line_name, plain_lines
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE


_LINE_STYLES = ("-", "--", ":", "-.")


_LINE_NAMES = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}


@corruption(ChartProgram, STYLE)
def change_line_style(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A solid line is dashed or dotted, or the other way round.

    Yields:
        One mutation per literal line style, and per line that has none.

    Example:
        >>> change_line_style("ax.axhline(0, linestyle='--')", seed=0)[0]
        "ax.axhline(0, linestyle=':')"
    """
    for text in chart.words_given("linestyle", "ls", "linestyles"):
        here = _LINE_NAMES.get(text.value, text.value)
        if here in _LINE_STYLES:
            other = rng.choice([style for style in _LINE_STYLES if style != here])
            edit = chart.replace(text.node, text.retyped(other))
            yield Mutation((edit,), f"line {here}", f"is drawn {other}")
    for _, value, start in formats(chart):
        match = re.search(r"--|-\.|-|:", value)
        if match:
            other = rng.choice([style for style in _LINE_STYLES if style != match[0]])
            edit = Edit(start + match.start(), start + match.end(), other)
            yield Mutation((edit,), f"line {value}", f"is drawn {other}")
    for call in plain_lines(chart, "linestyle", "ls"):
        other = rng.choice(_LINE_STYLES[1:])
        edit = chart.add_keyword(call, f'linestyle="{other}"')
        yield Mutation((edit,), line_name(chart, call), f"is drawn {other}")


@corruption(ChartProgram, STYLE)
def change_line_width(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line is far thicker or thinner.

    Example:
        >>> change_line_width("ax.plot(x, y, lw=2)", seed=0)[0]
        'ax.plot(x, y, lw=5)'
    """
    for number in chart.numbers_given("linewidth", "lw", "linewidths", "elinewidth", "mew"):
        if number.value:
            wrong = number.times(rng.choice(("0.3", "2.5", "4")))
            edit = chart.replace(number.node, wrong)
            yield Mutation((edit,), "line", f"is {wrong} points thick instead of {number.value:f}")
    for call in plain_lines(chart, "linewidth", "lw"):
        wrong = rng.choice(("0.5", "4", "5"))
        edit = chart.add_keyword(call, f"linewidth={wrong}")
        yield Mutation((edit,), line_name(chart, call), f"is {wrong} points thick")


@corruption(ChartProgram, STYLE)
def drop_arrow(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An annotation has lost its arrow.

    Example:
        >>> drop_arrow("ax.annotate('a', xy=p, arrowprops=dict(width=1))", seed=0)[0]
        "ax.annotate('a', xy=p)"
    """
    for call in chart.calls("annotate"):
        text = chart.string(call.args[0]) if call.args else None
        if text is None or text.value:
            yield from chart.bare(call, ("arrowprops",), "annotation", "has no arrow")


@corruption(ChartProgram, STYLE)
def change_arrow(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An arrow has another head.

    Example:
        >>> change_arrow("ax.annotate('', a, b, arrowprops=dict(arrowstyle='->'))", seed=0)[0]
        "ax.annotate('', a, b, arrowprops=dict(arrowstyle=']-['))"
    """
    styles = ("->", "-|>", "-", "<->", "]-[", "fancy")
    for text in chart.words_given("arrowstyle"):
        other = rng.choice([style for style in styles if style != text.value])
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), f"arrow {text.value}", f"is drawn {other}")

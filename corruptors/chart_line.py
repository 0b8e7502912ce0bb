"""Lines, markers, areas and slices that a copied chart gives another look."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.corruption import corruption
from corruptors.program import ChartProgram, Number
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE

_LINE_STYLES = ("-", "--", ":", "-.")
_LINE_NAMES = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}
_MARKERS = ("o", "s", "^", "D", "x", "*", "v", "P")
_FORMAT = re.compile(
    r"([bgrcmykw]|C\d)?([.,ov^<>12348spP*hH+xXDd|_])?(--|-\.|-|:)?([bgrcmykw]|C\d)?([.,ov^<>s*+xXDd])?"
)


def _scaled(number: Number, factor: str) -> str:
    return f"{(number.value * Decimal(factor)).normalize():f}"


def _formats(chart: ChartProgram) -> Iterator[tuple[ast.expr, str, int]]:
    """Format strings of plot calls, such as ``r--o``, and the offset of their first character."""
    for call in chart.calls("plot", "errorbar", "semilogy", "semilogx", "loglog", "step"):
        word = chart.keyword(call, "fmt")
        for node in [*call.args[1:], *([word.value] if word else [])]:
            text = chart.string(node)
            if text is not None and text.constant and text.value and _FORMAT.fullmatch(text.value):
                yield node, text.value, chart.span(node)[0] + 1


def _plain_lines(chart: ChartProgram, *words: str) -> Iterator[ast.Call]:
    """Line calls that say nothing of these keywords, neither in words nor in a format string."""
    formatted = {chart.parent(node) for node, _, _ in _formats(chart)}
    for call in chart.drawn_by("plot"):
        known = chart.takes(call, *words, "kind") and call not in formatted
        if known and not re.search(r"\bdf\b", chart.receiver(call)):
            yield call


def _line_name(chart: ChartProgram, call: ast.Call) -> str:
    values = [chart.source(node) for node in call.args[:2]]
    return f"line {values[-1][:40]}" if values else "line"


@corruption(ChartProgram, STYLE)
def change_line_style(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A solid line is dashed or dotted, or the other way round.

    Yields:
        One mutation per literal line style, and per line that has none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: lines.

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
    for _, value, start in _formats(chart):
        match = re.search(r"--|-\.|-|:", value)
        if match:
            other = rng.choice([style for style in _LINE_STYLES if style != match[0]])
            edit = Edit(start + match.start(), start + match.end(), other)
            yield Mutation((edit,), f"line {value}", f"is drawn {other}")
    for call in _plain_lines(chart, "linestyle", "ls"):
        other = rng.choice(_LINE_STYLES[1:])
        edit = chart.add_keyword(call, f'linestyle="{other}"')
        yield Mutation((edit,), _line_name(chart, call), f"is drawn {other}")


@corruption(ChartProgram, STYLE)
def change_line_width(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line is far thicker or thinner.

    Yields:
        One mutation per literal width, and per line that has none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: lines.

    Example:
        >>> change_line_width("ax.plot(x, y, lw=2)", seed=0)[0]
        'ax.plot(x, y, lw=5)'
    """
    for number in chart.numbers_given("linewidth", "lw", "linewidths", "elinewidth", "mew"):
        if number.value:
            wrong = _scaled(number, rng.choice(("0.3", "2.5", "4")))
            edit = chart.replace(number.node, wrong)
            yield Mutation((edit,), "line", f"is {wrong} points thick instead of {number.value:f}")
    for call in _plain_lines(chart, "linewidth", "lw"):
        wrong = rng.choice(("0.5", "4", "5"))
        edit = chart.add_keyword(call, f"linewidth={wrong}")
        yield Mutation((edit,), _line_name(chart, call), f"is {wrong} points thick")


@corruption(ChartProgram, STYLE)
def change_marker(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Points have another shape.

    Yields:
        One mutation per literal marker, and per cloud of points that has none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: markers.

    Example:
        >>> change_marker("ax.plot(x, y, 'ro-')", seed=0)[0]
        "ax.plot(x, y, 'rP-')"
    """
    for text in chart.words_given("marker", "markers"):
        if text.value and text.value != "None":
            other = rng.choice([marker for marker in _MARKERS if marker != text.value])
            edit = chart.replace(text.node, text.retyped(other))
            yield Mutation((edit,), f"marker {text.value}", f"is drawn {other}")
    for _, value, start in _formats(chart):
        match = re.search(r"[ov^<>s*+xXDdP]", value)
        if match:
            other = rng.choice([marker for marker in _MARKERS if marker != match[0]])
            edit = Edit(start + match.start(), start + match.end(), other)
            yield Mutation((edit,), f"marker {match[0]}", f"is drawn {other}")
    for call in chart.drawn_by("scatter"):
        if chart.takes(call, "marker"):
            other = rng.choice(_MARKERS[1:])
            edit = chart.add_keyword(call, f'marker="{other}"')
            yield Mutation((edit,), "points", f"are drawn {other}")


@corruption(ChartProgram, STYLE)
def drop_markers(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line has lost its markers.

    Yields:
        One mutation per line with markers.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: markers.

    Example:
        >>> drop_markers("ax.plot(x, y, marker='o', color='b')", seed=0)[0]
        "ax.plot(x, y, color='b')"
    """
    for call in chart.drawn_by("plot", "semilogy", "semilogx", "loglog"):
        word = chart.keyword(call, "marker")
        style = chart.keyword(call, "linestyle", "ls")
        invisible = style is not None and re.search(
            r"none|''|\"\"", chart.source(style.value), re.I
        )
        if word is not None and not invisible:
            edit = chart.drop_keyword(word)
            yield Mutation((edit,), _line_name(chart, call), "has no markers")


@corruption(ChartProgram, STYLE)
def add_markers(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A plain line has markers.

    Yields:
        One mutation per line without.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: markers.

    Example:
        >>> add_markers("ax.plot(x, y)", seed=0)[0]
        'ax.plot(x, y, marker="v")'
    """
    for call in _plain_lines(chart, "marker"):
        marker = rng.choice(_MARKERS)
        edit = chart.add_keyword(call, f'marker="{marker}"')
        yield Mutation((edit,), _line_name(chart, call), f"has markers {marker}")


@corruption(ChartProgram, STYLE)
def change_marker_size(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Points are far larger or smaller.

    Yields:
        One mutation per literal size, and per cloud of points that gives none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: markers.

    Example:
        >>> change_marker_size("ax.scatter(x, y, s=20)", seed=0)[0]
        'ax.scatter(x, y, s=50)'
    """
    for number in chart.numbers_given("s", "markersize", "ms", "marker_size", "node_size"):
        wrong = _scaled(number, rng.choice(("0.25", "2.5", "5")))
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "markers", f"are of size {wrong} instead of {number.value:f}")
    for call in chart.drawn_by("scatter"):
        if chart.takes(call, "s", "sizes") and len(call.args) < 3:
            wrong = rng.choice(("8", "120", "200"))
            edit = chart.add_keyword(call, f"s={wrong}")
            yield Mutation((edit,), "markers", f"are of size {wrong}")


@corruption(ChartProgram, STYLE)
def hollow_out_shapes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars or markers are outlines without filling.

    Yields:
        One mutation per call that draws bars, and per line with markers.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> hollow_out_shapes("ax.bar(x, y, color='b')", seed=0)[0]
        "ax.bar(x, y, color='b', fill=False)"
    """
    for call in chart.drawn_by("bar", "barh", "hist"):
        if chart.takes(call, "fill", "kind", "histtype"):
            edit = chart.add_keyword(call, "fill=False")
            yield Mutation((edit,), f"bars of {chart.method(call)}", "are not filled")
    for call in chart.drawn_by("plot"):
        marked = chart.keyword(call, "marker") is not None
        if marked and chart.takes(call, "markerfacecolor", "mfc", "fillstyle"):
            edit = chart.add_keyword(call, 'markerfacecolor="none"')
            yield Mutation((edit,), "markers", "are hollow")


@corruption(ChartProgram, STYLE)
def change_opacity(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Something is see-through that should not be, or the other way round.

    Yields:
        One mutation per literal opacity, and per drawing call that gives none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_opacity("ax.hist(values, alpha=0.5)", seed=0)[0]
        'ax.hist(values, alpha=1)'
    """
    for number in chart.numbers_given("alpha"):
        wrong = "1" if number.value <= Decimal("0.55") else rng.choice(("0.25", "0.35"))
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "opacity", f"is {wrong} instead of {number.value:f}")
    for call in chart.drawn_by("plot", "bar", "barh", "scatter", "hist", "fill_between", "imshow"):
        if chart.takes(call, "alpha", "kind"):
            wrong = rng.choice(("0.25", "0.4"))
            edit = chart.add_keyword(call, f"alpha={wrong}")
            yield Mutation((edit,), f"opacity of {chart.method(call)}", f"is {wrong}")


@corruption(ChartProgram, STYLE)
def change_hatching(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars are hatched with another pattern, or not at all, or should not be.

    Yields:
        One mutation per literal pattern, per call that is given one, and per call of bars without.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_hatching("ax.bar(x, y, hatch='//')", seed=0)[0]
        'ax.bar(x, y)'
    """
    patterns = ("//", "\\\\\\\\", "xx", "..", "++", "--")
    for text in chart.words_given("hatch"):
        others = [pattern for pattern in patterns if pattern[:1] != text.value[:1]]
        other = rng.choice(others)
        edit = chart.replace(text.node, f'"{other}"')
        yield Mutation((edit,), f"hatching {text.value}", f"is {other[:2]}")
    for call in chart.drawn_by("bar", "barh", "fill_between", "hist"):
        word = chart.keyword(call, "hatch")
        if word is not None:
            edit = chart.drop_keyword(word)
            yield Mutation((edit,), f"hatching of {chart.method(call)}", "is missing")
        elif chart.takes(call, "hatch", "kind", "facecolor"):
            edit = chart.add_keyword(call, f'hatch="{rng.choice(patterns)}"')
            yield Mutation((edit,), f"bars of {chart.method(call)}", "are hatched")


@corruption(ChartProgram, STYLE)
def change_caps(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Error bars have lost their caps, or have wide ones.

    Yields:
        One mutation per literal cap size, and per call with error bars that gives none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_caps("ax.bar(x, y, yerr=e, capsize=5)", seed=0)[0]
        'ax.bar(x, y, yerr=e, capsize=0)'
    """
    for number in chart.numbers_given("capsize"):
        wrong = "0" if number.value > 2 else "10"
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "error bar caps", f"are {wrong} wide, not {number.value:f}")
    for call in chart.drawn_by("errorbar", "bar", "barh"):
        if chart.keyword(call, "xerr", "yerr") and chart.takes(call, "capsize"):
            edit = chart.add_keyword(call, "capsize=8")
            yield Mutation((edit,), "error bar caps", "are 8 wide")


@corruption(ChartProgram, STYLE)
def turn_pie(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A pie starts at another angle.

    Yields:
        One mutation per pie.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> turn_pie("ax.pie(shares, startangle=90)", seed=0)[0]
        'ax.pie(shares, startangle=290)'
    """
    for call in chart.drawn_by("pie"):
        here = chart.keyword(call, "startangle")
        number = chart.number(here.value) if here else None
        first = int(number.value) if number else 0
        angle = (first + rng.choice((60, 90, 140, 200))) % 360
        edit = chart.set_keyword(call, "startangle", str(angle))
        if edit is not None:
            yield Mutation((edit,), "pie", f"starts at {angle} degrees instead of {first}")


@corruption(ChartProgram, STYLE)
def close_pie(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A pie has lost what sets it apart: the hole, the pulled-out slice, the shadow.

    Yields:
        One mutation per ``explode=``, ``wedgeprops=`` and ``shadow=`` of a pie.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> close_pie("ax.pie(s, wedgeprops=dict(width=0.4), labels=n)", seed=0)[0]
        'ax.pie(s, labels=n)'
    """
    for call in chart.drawn_by("pie"):
        for name in ("explode", "wedgeprops", "shadow"):
            word = chart.keyword(call, name)
            if word is not None:
                yield Mutation((chart.drop_keyword(word),), "pie", f"has lost its {name}")


@corruption(ChartProgram, STYLE)
def drop_arrow(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An annotation has lost its arrow.

    Yields:
        One mutation per annotation with an arrow.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> drop_arrow("ax.annotate('a', xy=p, arrowprops=dict(width=1))", seed=0)[0]
        "ax.annotate('a', xy=p)"
    """
    for call in chart.calls("annotate"):
        word = chart.keyword(call, "arrowprops")
        text = chart.string(call.args[0]) if call.args else None
        if word is not None and not (text is not None and not text.value):
            yield Mutation((chart.drop_keyword(word),), "annotation", "has no arrow")


@corruption(ChartProgram, STYLE)
def change_arrow(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An arrow has another head.

    Yields:
        One mutation per literal arrow style.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_arrow("ax.annotate('', a, b, arrowprops=dict(arrowstyle='->'))", seed=0)[0]
        "ax.annotate('', a, b, arrowprops=dict(arrowstyle=']-['))"
    """
    styles = ("->", "-|>", "-", "<->", "]-[", "fancy")
    for text in chart.words_given("arrowstyle"):
        other = rng.choice([style for style in styles if style != text.value])
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), f"arrow {text.value}", f"is drawn {other}")

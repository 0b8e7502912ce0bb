"""Marks that a copied chart sizes differently: bins, bars, error bars, levels, reference lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.chart.program.chart_program import ChartProgram, ScriptNumber
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

DATA = ChartCategory.DATA

_REFERENCES = ("axhline", "axvline", "axhspan", "axvspan", "hlines", "vlines")


def _count_times(number: ScriptNumber, factor: str) -> str:
    """Another whole number, at least one."""
    return str(max(1 if number.value != 1 else 3, round(number.value * Decimal(factor))))


@corruption(ChartProgram, DATA)
def drop_error_bars(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The error bars of a series are missing.

    Example:
        >>> drop_error_bars("ax.bar(x, y, yerr=spread, capsize=3)", seed=0)[0]
        'ax.bar(x, y, capsize=3)'
    """
    for call in chart.drawings:
        for name in ("xerr", "yerr"):
            yield from chart.bare(
                call, (name,), f"error bars of {chart.method(call)}", "are missing"
            )


@corruption(ChartProgram, DATA)
def resize_error_bars(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The error bars of a series are too long or too short.

    Example:
        >>> resize_error_bars("ax.errorbar(x, y, yerr=[0.5, 1.5])", seed=0)[0]
        'ax.errorbar(x, y, yerr=[1.0, 3.0])'
    """
    for call in chart.drawings:
        for name in ("xerr", "yerr"):
            given = chart.numbers_in(chart.argument(call, None, name))
            numbers = [number for number in given if number.value]
            if numbers:
                factor = rng.choice(("0.4", "2", "3"))
                edits = tuple(
                    chart.replace(number.node, f"{number.value * Decimal(factor):f}")
                    for number in numbers
                )
                yield Mutation(edits, "error bars", f"are {factor} times as long")


@corruption(ChartProgram, DATA)
def change_bins(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A histogram has fewer or more bins.

    Example:
        >>> change_bins("ax.hist(values, bins=30)", seed=0)[0]
        'ax.hist(values, bins=90)'
    """
    for call in chart.drawn_by("hist", "hist2d", "histplot", "hexbin"):
        position = 1 if chart.method(call) == "hist" else None
        given = chart.argument(call, position, "bins", "gridsize")
        counts = [number for end in chart.resolve(given) if (number := chart.number(end))]
        for number in counts:
            wrong = _count_times(number, rng.choice(("0.4", "0.5", "2", "3")))
            edit = chart.replace(number.node, wrong)
            yield Mutation((edit,), "histogram", f"has {wrong} bins instead of {number.value:f}")
        if given is None and chart.takes(call, "bins", "gridsize") and chart.method(call) == "hist":
            wrong = rng.choice(("5", "20", "30"))
            edit = chart.add_keyword(call, f"bins={wrong}")
            yield Mutation((edit,), "histogram", f"has {wrong} bins instead of 10")


@corruption(ChartProgram, DATA)
def change_bar_width(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars, boxes or violins are thinner or thicker.

    Yields:
        One mutation per literal width, and per call of ``bar`` and ``barh`` that gives none.

    Example:
        >>> change_bar_width("ax.barh(names, x, height=0.8)", seed=0)[0]
        'ax.barh(names, x, height=0.48)'
    """
    seen: set[ast.expr] = set()
    for call in chart.drawn_by("bar", "barh", "boxplot", "violinplot", "barplot"):
        method = chart.method(call)
        name = {"barh": "height", "boxplot": "widths", "violinplot": "widths"}.get(method, "width")
        given = chart.argument(call, 2 if method in ("bar", "barh") else None, name)
        if given is None:
            if method in ("bar", "barh") and chart.takes(call, name):
                edit = chart.add_keyword(call, f"{name}=0.4")
                yield Mutation((edit,), f"bars of {method}", "are half as thick")
            continue
        for number in chart.numbers_in(given):
            if number.node not in seen:
                seen.add(number.node)
                wrong = number.times(rng.choice(("0.4", "0.6", "1.5")))
                words = f"are {wrong} wide, not {number.value:f}"
                yield Mutation((chart.replace(number.node, wrong),), f"bars of {method}", words)


@corruption(ChartProgram, DATA)
def change_levels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A contour map has fewer or more levels.

    Yields:
        One mutation per literal count of levels, and per contour call that gives none.

    Example:
        >>> change_levels("ax.contourf(x, y, z, levels=20)", seed=0)[0]
        'ax.contourf(x, y, z, levels=10)'
    """
    for call in chart.drawn_by("contour", "contourf", "tricontourf", "kdeplot"):
        given = chart.argument(call, 3, "levels")
        for end in chart.resolve(given):
            number = chart.number(end)
            if number is not None:
                wrong = _count_times(number, rng.choice(("0.3", "0.5", "2")))
                yield Mutation((chart.replace(end, wrong),), "contours", f"have {wrong} levels")
        if given is None and len(call.args) in (1, 3) and chart.takes(call, "levels"):
            count = rng.choice(("3", "4", "16"))
            edit = chart.add_keyword(call, f"levels={count}")
            yield Mutation((edit,), "contours", f"have {count} levels")


@corruption(ChartProgram, DATA)
def move_reference_line(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A reference line or band stands at another value.

    Example:
        >>> move_reference_line("ax.axhline(y=40, color='k')", seed=0)[0]
        "ax.axhline(y=32, color='k')"
    """
    for call in chart.calls(*_REFERENCES):
        places = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("x", "y"))]
        for number in (number for place in places for number in chart.numbers_in(place)):
            factor = rng.choice(("0.6", "0.8", "1.3"))
            wrong = number.times(factor) if number.value else "1"
            edit = chart.replace(number.node, wrong)
            described = f"stands at {wrong} instead of {number.value:f}"
            yield Mutation((edit,), f"{chart.method(call)} {number.value:f}", described)


@corruption(ChartProgram, DATA)
def drop_reference_line(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A reference line or band is missing.

    Example:
        >>> drop_reference_line("ax.plot(y)\\nax.axhline(0, ls='--')\\n", seed=0)[0]
        'ax.plot(y)\\n'
    """
    for call in chart.calls(*_REFERENCES, "axline"):
        yield from chart.dropped_alone(call, chart.method(call), "is missing")

"""Areas, bars and slices that a copied chart fills differently."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE


@corruption(ChartProgram, STYLE)
def hollow_out_shapes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars or markers are outlines without filling.

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
        yield from chart.bare(call, ("hatch",), f"hatching of {chart.method(call)}", "is missing")
        if chart.takes(call, "hatch", "kind", "facecolor"):
            edit = chart.add_keyword(call, f'hatch="{rng.choice(patterns)}"')
            yield Mutation((edit,), f"bars of {chart.method(call)}", "are hatched")


@corruption(ChartProgram, STYLE)
def change_caps(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Error bars have lost their caps, or have wide ones.

    Yields:
        One mutation per literal cap size, and per call with error bars that gives none.

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
    """A pie has lost what sets it apart: the pulled-out slice, the shadow, lines between slices.

    Yields:
        One mutation per ``explode=``, ``wedgeprops=`` and ``shadow=`` of a pie; a hole is part of
        its kind, see `fill_ring`.

    Example:
        >>> close_pie("ax.pie(s, wedgeprops=dict(ec='w'), labels=n)", seed=0)[0]
        'ax.pie(s, labels=n)'
    """
    for call in chart.drawn_by("pie"):
        for name in ("explode", "wedgeprops", "shadow"):
            word = chart.keyword(call, name)
            if word is not None and not chart.ring_width(word.value):
                yield Mutation((chart.drop_keyword(word),), "pie", f"has lost its {name}")

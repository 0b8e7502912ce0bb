"""Frames of reference that a copied chart gets wrong: limits, scales, bins, error bars, lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from random import Random

from corruptors.corruption import corruption
from corruptors.program import ChartProgram, Number
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

DATA = ChartCategory.DATA

_SCALABLE = (
    "plot", "bar", "barh", "scatter", "hist", "errorbar", "fill_between", "boxplot", "violinplot",
    "step", "stem", "semilogx", "semilogy", "loglog",
)  # fmt: skip


def _times(number: Number, factor: str) -> str:
    wrong = number.value * Decimal(factor)
    if number.value == number.value.to_integral_value() and "." not in f"{number.value:f}":
        return f"{max(1, round(wrong)) if number.value > 0 else round(wrong)}"
    return f"{wrong.normalize():f}"


def _scalable_axes(chart: ChartProgram) -> Iterator[tuple[str, ast.stmt]]:
    """Axes with two plain scales: no pie, map or three dimensions."""
    drawn: dict[str, set[str]] = {}
    for call in chart.drawings:
        drawn.setdefault(chart.receiver(call), set()).add(chart.method(call))
    for receiver, statement in chart.axes():
        if drawn.get(receiver, set()) & set(_SCALABLE) and not drawn[receiver] & {"pie", "imshow"}:
            yield receiver, statement


def _value_axes(methods: set[str]) -> str:
    """Axes that carry numbers, not names: bars stand on names."""
    if "barh" in methods:
        return "x"
    return "y" if methods & {"bar", "hist", "boxplot", "violinplot", "stem"} else "xy"


@corruption(ChartProgram, DATA)
def change_limits(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis ends at another value, so that everything on it is shrunk, stretched or cut.

    Yields:
        One mutation per literal end of a limit.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: limits mismatch.

    Example:
        >>> change_limits("ax.set_ylim(0, 100)", seed=0)[0]
        'ax.set_ylim(-40, 100)'
    """
    pairs: list[tuple[str, list[ast.expr]]] = []
    for axis in "xyz":
        for call in chart.calls(f"{axis}lim", f"set_{axis}lim"):
            if len(call.args) == 2:
                pairs.append((axis, list(call.args)))
            elif call.args:
                pairs += [(axis, list(pair.elts)) for pair in chart.sequences(call.args[0])]
            ends = [
                word.value
                for word in call.keywords
                if word.arg in ("left", "right", "bottom", "top")
            ]
            if ends and not call.args:
                pairs.append((axis, ends))
        for given in chart.given(f"{axis}lim"):
            pairs += [(axis, list(pair.elts)) for pair in chart.sequences(given)]
    seen: set[ast.expr] = set()
    for axis, ends in pairs:
        numbers = [number for end in ends if (number := chart.number(end))]
        values = [number.value for number in numbers]
        reach = (
            (max(values) - min(values) if len(values) > 1 else abs(values[0]))
            if values
            else Decimal(0)
        )
        for number in numbers:
            if number.node in seen or not reach:
                continue
            seen.add(number.node)
            away = reach * Decimal(rng.choice(("0.25", "0.4", "0.6")))
            wrong = number.value + (away if number.value == max(values) else -away)
            edit = chart.replace(number.node, f"{wrong.normalize():f}")
            description = f"ends at {wrong.normalize():f} instead of {number.value:f}"
            yield Mutation((edit,), f"{axis} axis", description)


@corruption(ChartProgram, DATA)
def drop_limits(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis ends where the data ends, not where it should.

    Yields:
        One mutation per statement that sets limits, and per ``xlim=`` and ``ylim=``.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: limits mismatch.

    Example:
        >>> drop_limits("ax.plot(x)\\nax.set_xlim(0, 9)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    for axis in "xyz":
        for call in chart.calls(f"{axis}lim", f"set_{axis}lim"):
            statement = chart.statement(call)
            given = call.args or call.keywords
            if given and chart.parent(call) is statement and chart.can_drop(statement):
                yield Mutation((chart.drop(statement),), f"{axis} axis", "fits the data instead")
        for call in chart.calls("set", "plot"):
            word = chart.keyword(call, f"{axis}lim")
            if word is not None:
                yield Mutation((chart.drop_keyword(word),), f"{axis} axis", "fits the data instead")


@corruption(ChartProgram, DATA)
def stretch_axis(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis reaches half as far again as it should, and the data fills only a part of it.

    Yields:
        Two mutations per axes: one upwards, one to the right.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: limits mismatch.

    Example:
        >>> stretch_axis("plt.plot(x)\\n", seed=0)[0]
        'plt.plot(x)\\nplt.ylim(top=1.5 * plt.ylim()[1])\\n'
    """
    for receiver, statement in _scalable_axes(chart):
        for axis, end in (("y", "top"), ("x", "right")):
            factor = rng.choice(("1.3", "1.5", "1.8"))
            if chart.is_pyplot(receiver):
                code = f"{receiver}.{axis}lim({end}={factor} * {receiver}.{axis}lim()[1])"
            else:
                code = f"{receiver}.set_{axis}lim({end}={factor} * {receiver}.get_{axis}lim()[1])"
            edit = chart.after(statement, code)
            yield Mutation((edit,), f"{axis} axis", f"reaches {factor} times as far")


@corruption(ChartProgram, DATA)
def drop_log_scale(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A logarithmic axis is linear.

    Yields:
        One mutation per place that makes an axis logarithmic.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: scale mismatch.

    Example:
        >>> drop_log_scale("plt.semilogy(x, y)", seed=0)[0]
        'plt.plot(x, y)'
    """
    for axis in "xyz":
        for call in chart.calls(f"{axis}scale", f"set_{axis}scale"):
            text = chart.string(call.args[0]) if call.args else None
            statement = chart.statement(call)
            if text and text.value in ("log", "symlog") and isinstance(statement, ast.Expr):
                yield Mutation((chart.drop(statement),), f"{axis} axis", "is linear")
    for name, plain in (("semilogy", "plot"), ("semilogx", "plot"), ("loglog", "semilogx")):
        for call in chart.drawn_by(name):
            edit = chart.rename_method(call, plain)
            yield Mutation((edit,), "axis", "is linear instead of logarithmic")
    for call in chart.calls(*(name for name in ("hist", "bar", "plot", "barh"))):
        for word in call.keywords:
            if word.arg in ("log", "logx", "logy", "loglog"):
                yield Mutation((chart.drop_keyword(word),), "axis", "is linear")


@corruption(ChartProgram, DATA)
def make_axis_logarithmic(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A linear axis is logarithmic.

    Yields:
        One mutation per axis of each axes with plain scales.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: scale mismatch.

    Example:
        >>> make_axis_logarithmic("ax.barh(names, x)\\n", seed=0)[0]
        'ax.barh(names, x)\\nax.set_xscale("log")\\n'
    """
    for receiver, statement in _scalable_axes(chart):
        methods = {
            chart.method(call) for call in chart.drawings if chart.receiver(call) == receiver
        }
        for axis in _value_axes(methods):
            if chart.calls(f"set_{axis}scale", f"{axis}scale", f"semilog{axis}", "loglog"):
                continue
            edit = chart.after(statement, f'{chart.setter(receiver, f"{axis}scale")}("log")')
            yield Mutation((edit,), f"{axis} axis", "is logarithmic instead of linear")


@corruption(ChartProgram, DATA)
def invert_axis(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis runs the other way.

    Yields:
        One mutation per axis of each axes, and per statement that inverts one.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: scale mismatch.

    Example:
        >>> invert_axis("ax.plot(x)\\nax.invert_yaxis()\\n", seed=1)[0]
        'ax.plot(x)\\n'
    """
    inverted = chart.calls("invert_xaxis", "invert_yaxis")
    for call in inverted:
        statement = chart.statement(call)
        if isinstance(statement, ast.Expr):
            axis = chart.method(call)[len("invert_")]
            yield Mutation((chart.drop(statement),), f"{axis} axis", "is not inverted")
    for receiver, statement in _scalable_axes(chart):
        axes = f"{receiver}.gca()" if chart.is_pyplot(receiver) else receiver
        for axis in "xy":
            if not any(chart.method(call) == f"invert_{axis}axis" for call in inverted):
                edit = chart.after(statement, f"{axes}.invert_{axis}axis()")
                yield Mutation((edit,), f"{axis} axis", "is inverted")


@corruption(ChartProgram, DATA)
def drop_error_bars(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The error bars of a series are missing.

    Yields:
        One mutation per ``xerr=`` and ``yerr=``.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: geometry mismatch.

    Example:
        >>> drop_error_bars("ax.bar(x, y, yerr=spread, capsize=3)", seed=0)[0]
        'ax.bar(x, y, capsize=3)'
    """
    for call in chart.drawings:
        for name in ("xerr", "yerr"):
            word = chart.keyword(call, name)
            if word is not None:
                where = f"error bars of {chart.method(call)}"
                yield Mutation((chart.drop_keyword(word),), where, "are missing")


@corruption(ChartProgram, DATA)
def resize_error_bars(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The error bars of a series are too long or too short.

    Yields:
        One mutation per ``xerr=`` and ``yerr=`` of literal numbers.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

    Example:
        >>> resize_error_bars("ax.errorbar(x, y, yerr=[0.5, 1.5])", seed=0)[0]
        'ax.errorbar(x, y, yerr=[1.0, 3.0])'
    """
    for call in chart.drawings:
        for name in ("xerr", "yerr"):
            numbers = [
                number
                for end in chart.leaves(chart.argument(call, None, name))
                if (number := chart.number(end)) and number.value
            ]
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

    Yields:
        One mutation per count of bins, and per histogram that leaves it to the default.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: geometry mismatch.

    Example:
        >>> change_bins("ax.hist(values, bins=30)", seed=0)[0]
        'ax.hist(values, bins=90)'
    """
    for call in chart.drawn_by("hist", "hist2d", "histplot", "hexbin"):
        given = chart.argument(
            call, 1 if chart.method(call) == "hist" else None, "bins", "gridsize"
        )
        counts = [number for end in chart.resolve(given) if (number := chart.number(end))]
        for number in counts:
            wrong = _times(number, rng.choice(("0.4", "0.5", "2", "3")))
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

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: geometry mismatch.

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
        for end in chart.leaves(given):
            number = chart.number(end)
            if number is not None and end not in seen:
                seen.add(end)
                wrong = _times(number, rng.choice(("0.4", "0.6", "1.5")))
                edit = chart.replace(end, wrong)
                yield Mutation(
                    (edit,), f"bars of {method}", f"are {wrong} wide, not {number.value:f}"
                )


@corruption(ChartProgram, DATA)
def change_levels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A contour map has fewer or more levels.

    Yields:
        One mutation per literal count of levels, and per contour call that gives none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: geometry mismatch.

    Example:
        >>> change_levels("ax.contourf(x, y, z, levels=20)", seed=0)[0]
        'ax.contourf(x, y, z, levels=10)'
    """
    for call in chart.drawn_by("contour", "contourf", "tricontourf", "kdeplot"):
        given = chart.argument(call, 3, "levels")
        for end in chart.resolve(given):
            number = chart.number(end)
            if number is not None:
                wrong = _times(number, rng.choice(("0.3", "0.5", "2")))
                yield Mutation((chart.replace(end, wrong),), "contours", f"have {wrong} levels")
        if given is None and len(call.args) in (1, 3) and chart.takes(call, "levels"):
            count = rng.choice(("3", "4", "16"))
            edit = chart.add_keyword(call, f"levels={count}")
            yield Mutation((edit,), "contours", f"have {count} levels")


@corruption(ChartProgram, DATA)
def change_colour_range(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The colour scale of a map spans other values.

    Yields:
        One mutation per literal end of a colour range.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: limits mismatch.

    Example:
        >>> change_colour_range("ax.imshow(z, vmin=0, vmax=10)", seed=0)[0]
        'ax.imshow(z, vmin=0, vmax=15)'
    """
    for number in chart.numbers_given("vmin", "vmax", "clim"):
        if number.value:
            wrong = f"{(number.value * Decimal(rng.choice(('0.5', '1.5', '2')))).normalize():f}"
            edit = chart.replace(number.node, wrong)
            yield Mutation((edit,), "colour scale", f"ends at {wrong} instead of {number.value:f}")


@corruption(ChartProgram, DATA)
def move_reference_line(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A reference line or band stands at another value.

    Yields:
        One mutation per literal position.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: geometry mismatch.

    Example:
        >>> move_reference_line("ax.axhline(y=40, color='k')", seed=0)[0]
        "ax.axhline(y=32, color='k')"
    """
    for call in chart.calls("axhline", "axvline", "axhspan", "axvspan", "hlines", "vlines"):
        places = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("x", "y"))]
        for place in places:
            for end in chart.leaves(place):
                number = chart.number(end)
                if number is not None:
                    factor = Decimal(rng.choice(("0.6", "0.8", "1.3")))
                    wrong = f"{(number.value * factor).normalize():f}" if number.value else "1"
                    edit = chart.replace(end, wrong)
                    described = f"stands at {wrong} instead of {number.value:f}"
                    yield Mutation((edit,), f"{chart.method(call)} {number.value:f}", described)


@corruption(ChartProgram, DATA)
def drop_reference_line(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A reference line or band is missing.

    Yields:
        One mutation per statement that draws one.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: missing series.

    Example:
        >>> drop_reference_line("ax.plot(y)\\nax.axhline(0, ls='--')\\n", seed=0)[0]
        'ax.plot(y)\\n'
    """
    for call in chart.calls(
        "axhline", "axvline", "axhspan", "axvspan", "hlines", "vlines", "axline"
    ):
        statement = chart.statement(call)
        if chart.parent(call) is statement and chart.can_drop(statement):
            yield Mutation((chart.drop(statement),), chart.method(call), "is missing")


@corruption(ChartProgram, DATA)
def move_ticks(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One tick of an axis stands at another value.

    Yields:
        One mutation per number of a literal list of ticks.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: scale mismatch.

    Example:
        >>> move_ticks("ax.set_xticks([0, 50, 100])", seed=0)[0]
        'ax.set_xticks([0, 37.5, 100])'
    """
    for axis in "xyz":
        for call in chart.calls(f"{axis}ticks", f"set_{axis}ticks"):
            for ticks in chart.sequences(call.args[0] if call.args else None):
                numbers = [number for node in ticks.elts if (number := chart.number(node))]
                for left, right in pairwise(numbers):
                    away = (right.value - left.value) * Decimal(
                        rng.choice(("-0.5", "-0.25", "0.4"))
                    )
                    if away:
                        wrong = f"{(right.value + away).normalize():f}"
                        edit: Edit = chart.replace(right.node, wrong)
                        description = f"tick {right.value:f} stands at {wrong}"
                        yield Mutation((edit,), f"{axis} axis", description)

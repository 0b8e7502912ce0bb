"""Axes that a copied chart gets wrong: limits, logarithms, directions, ticks, color ranges."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

DATA = ChartCategory.DATA


_SCALABLE = (
    "plot", "bar", "barh", "scatter", "hist", "errorbar", "fill_between", "boxplot", "violinplot",
    "step", "stem", "semilogx", "semilogy", "loglog",
)  # fmt: skip


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
            sides = ("left", "right", "bottom", "top")
            ends = [word.value for word in call.keywords if word.arg in sides]
            if ends and not call.args:
                pairs.append((axis, ends))
        for given in chart.given(f"{axis}lim"):
            pairs += [(axis, list(pair.elts)) for pair in chart.sequences(given)]
    seen: set[ast.expr] = set()
    for axis, ends in pairs:
        numbers = [number for end in ends if (number := chart.number(end))]
        values = [number.value for number in numbers]
        reach = max(values) - min(values) if len(values) > 1 else abs(sum(values, Decimal()))
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

    Example:
        >>> drop_limits("ax.plot(x)\\nax.set_xlim(0, 9)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    for axis in "xyz":
        for call in chart.calls(f"{axis}lim", f"set_{axis}lim"):
            if call.args or call.keywords:
                yield from chart.dropped_alone(call, f"{axis} axis", "fits the data instead")
        for call in chart.calls("set", "plot"):
            yield from chart.bare(call, (f"{axis}lim",), f"{axis} axis", "fits the data instead")


@corruption(ChartProgram, DATA)
def stretch_axis(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis reaches half as far again as it should, and the data fills only a part of it.

    Yields:
        Two mutations per axes: one upwards, one to the right.

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

    Example:
        >>> drop_log_scale("plt.semilogy(x, y)", seed=0)[0]
        'plt.plot(x, y)'
    """
    for axis in "xyz":
        for call in chart.calls(f"{axis}scale", f"set_{axis}scale"):
            text = chart.string(call.args[0]) if call.args else None
            if text and text.value in ("log", "symlog"):
                yield from chart.dropped(call, f"{axis} axis", "is linear")
    for name, plain in (("semilogy", "plot"), ("semilogx", "plot"), ("loglog", "semilogx")):
        for call in chart.drawn_by(name):
            edit = chart.rename_method(call, plain)
            yield Mutation((edit,), "axis", "is linear instead of logarithmic")
    for call in chart.calls("hist", "bar", "plot", "barh"):
        for word in call.keywords:
            if word.arg in ("log", "logx", "logy", "loglog"):
                yield Mutation((chart.drop_keyword(word),), "axis", "is linear")


@corruption(ChartProgram, DATA)
def make_axis_logarithmic(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A linear axis is logarithmic.

    Yields:
        One mutation per axis of each axes with plain scales; none where values may be negative,
        which a logarithmic axis leaves out.

    Example:
        >>> make_axis_logarithmic("ax.barh(names, x)\\n", seed=0)[0]
        'ax.barh(names, x)\\nax.set_xscale("log")\\n'
    """
    if "polar" in chart.text:
        return
    for receiver, statement in _scalable_axes(chart):
        methods = {
            chart.method(call) for call in chart.drawings if chart.receiver(call) == receiver
        }
        for axis in _value_axes(methods):
            if chart.calls(f"set_{axis}scale", f"{axis}scale", f"semilog{axis}", "loglog"):
                continue
            if _leaves_positive(chart, receiver):
                continue
            edit = chart.after(statement, f'{chart.setter(receiver, f"{axis}scale")}("log")')
            yield Mutation((edit,), f"{axis} axis", "is logarithmic instead of linear")


_SIGNED = frozenset(
    ("sin", "cos", "tan", "tanh", "randn", "normal", "standard_normal", "sinc", "diff", "log",
     "log10", "gradient", "multivariate_normal", "negative", "standard_t", "arctan")
)  # fmt: skip
"""Functions whose values are of either sign."""


def _leaves_positive(chart: ChartProgram, receiver: str) -> bool:
    """True if values drawn there are negative, or may be, as far as the code says."""
    for call in chart.drawings:
        if chart.receiver(call) != receiver:
            continue
        for argument in call.args[:2]:
            for end in (argument, *chart.resolve(argument), *chart.leaves(argument)):
                number = chart.number(end)
                if number is not None and number.value < 0:
                    return True
                if any(
                    isinstance(node, ast.Call) and chart.method(node) in _SIGNED
                    for node in ast.walk(end)
                ):
                    return True
    return False


@corruption(ChartProgram, DATA)
def invert_axis(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis runs the other way.

    Example:
        >>> invert_axis("ax.plot(x)\\nax.invert_yaxis()\\n", seed=1)[0]
        'ax.plot(x)\\n'
    """
    inverted = chart.calls("invert_xaxis", "invert_yaxis")
    for call in inverted:
        axis = chart.method(call)[len("invert_")]
        yield from chart.dropped(call, f"{axis} axis", "is not inverted")
    for receiver, statement in _scalable_axes(chart):
        axes = chart.axes_of(receiver)
        for axis in "xy":
            if not any(chart.method(call) == f"invert_{axis}axis" for call in inverted):
                edit = chart.after(statement, f"{axes}.invert_{axis}axis()")
                yield Mutation((edit,), f"{axis} axis", "is inverted")


@corruption(ChartProgram, DATA)
def change_colour_range(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The color scale of a map spans other values.

    Example:
        >>> change_colour_range("ax.imshow(z, vmin=0, vmax=10)", seed=0)[0]
        'ax.imshow(z, vmin=0, vmax=15)'
    """
    for number in chart.numbers_given("vmin", "vmax", "clim"):
        if number.value:
            wrong = number.times(rng.choice(("0.5", "1.5", "2")))
            edit = chart.replace(number.node, wrong)
            yield Mutation((edit,), "colour scale", f"ends at {wrong} instead of {number.value:f}")


@corruption(ChartProgram, DATA)
def move_ticks(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One tick of an axis stands at another value.

    Example:
        >>> move_ticks("ax.set_xticks([0, 50, 100])", seed=0)[0]
        'ax.set_xticks([0, 37.5, 100])'
    """
    for axis in "xyz":
        for call in chart.calls(f"{axis}ticks", f"set_{axis}ticks"):
            for ticks in chart.sequences(call.args[0] if call.args else None):
                numbers = [number for node in ticks.elts if (number := chart.number(node))]
                for left, right in pairwise(numbers):
                    share = Decimal(rng.choice(("-0.5", "-0.25", "0.4")))
                    away = (right.value - left.value) * share
                    if away:
                        wrong = f"{(right.value + away).normalize():f}"
                        edit: Edit = chart.replace(right.node, wrong)
                        description = f"tick {right.value:f} stands at {wrong}"
                        yield Mutation((edit,), f"{axis} axis", description)

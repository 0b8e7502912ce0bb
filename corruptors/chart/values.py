"""Values that a copied chart gets wrong: single numbers, and series as a whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.chart.program.chart_program import ChartProgram, ScriptNumber, Series
from corruptors.corruption import corruption
from corruptors.misreading import wrong_digit
from records.edits import Mutation
from records.taxonomy import ChartCategory

DATA = ChartCategory.DATA


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _each(
    chart: ChartProgram, wrong: dict[ScriptNumber, Decimal], series: Series, description: str
) -> Mutation:
    """All of these numbers at once."""
    edits = tuple(chart.replace(number.node, _plain(value)) for number, value in wrong.items())
    location = f"series {series.name!r}" if series.name else "series"
    return Mutation(edits, location, description)


def _one(chart: ChartProgram, series: Series, index: int, wrong: Decimal) -> Mutation:
    number = series.numbers[index]
    edit = chart.replace(number.node, _plain(wrong))
    description = f"{_plain(number.value)} is drawn as {_plain(wrong)}"
    return Mutation((edit,), series.location(index), description)


@corruption(ChartProgram, DATA)
def shift_decimal_point(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One value is plotted ten times too large or too small.

    Example:
        >>> shift_decimal_point("plt.bar(x, [10, 25.5, 40])", seed=0)[0]
        'plt.bar(x, [10, 255, 40])'
    """
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            if number.value:
                yield _one(chart, series, index, number.value.scaleb(rng.choice((-1, 1))))


@corruption(ChartProgram, DATA)
def misread_digit(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The leading digit of a value is another one.

    Example:
        >>> misread_digit("plt.bar(x, [61, 25, 48])", seed=0)[0]
        'plt.bar(x, [61, 35, 48])'
    """
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            written = _plain(number.value)
            place = next((at for at, sign in enumerate(written) if sign in "123456789"), None)
            if place is not None:
                digit = wrong_digit(written[place], rng)
                wrong = Decimal(written[:place] + digit + written[place + 1 :])
                if wrong != number.value:
                    yield _one(chart, series, index, wrong)


@corruption(ChartProgram, DATA)
def swap_digits(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring digits of a value have changed places.

    Yields:
        One mutation per number of a literal series whose first two digits differ.

    Example:
        >>> swap_digits("plt.bar(x, [44, 72.5, 3])", seed=0)[0]
        'plt.bar(x, [44, 27.5, 3])'
    """
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            written = _plain(number.value)
            places = [at for at, sign in enumerate(written) if sign.isdigit()]
            lead = [at for at in places if written[:at].strip("-0.") or written[at] != "0"][:2]
            if len(lead) == 2 and written[lead[0]] != written[lead[1]]:
                signs = list(written)
                signs[lead[0]], signs[lead[1]] = signs[lead[1]], signs[lead[0]]
                yield _one(chart, series, index, Decimal("".join(signs)))


@corruption(ChartProgram, DATA)
def flip_sign(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One value is negative instead of positive, or the other way round.

    Example:
        >>> flip_sign("plt.plot([-1.50, 0, 0])", seed=0)[0]
        'plt.plot([1.50, 0, 0])'
    """
    barred = {end for value in chart.given(*_POSITIVE) for end in chart.leaves(value)}
    pies = {series for call in chart.drawn_by("pie") for series in _series_of(chart, call)}
    if re.search(r"\bnetworkx\b", chart.text):
        return  # numbers may be names of nodes
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            if number.value and series not in pies and number.node not in barred:
                yield _one(chart, series, index, -number.value)


_DIGITS = 20
"""Digits after its first that a misjudged number is rounded to at the most."""
_POSITIVE = ("xerr", "yerr", "s", "sizes", "width", "height_ratios", "width_ratios", "linewidths")
"""Keywords of what has no sign; a slice of a pie has none either."""


def _series_of(chart: ChartProgram, call: ast.Call) -> list[Series]:
    held = {end for argument in call.args[:1] for end in chart.leaves(argument)}
    return [series for series in chart.series if series.numbers[0].node in held]


def _resorted(chart: ChartProgram) -> bool:
    """True if the script sorts its values itself, so that another order is none."""
    return bool(chart.calls("sort_values", "argsort", "sorted", "sort", "nlargest", "nsmallest"))


@corruption(ChartProgram, DATA)
def misjudge_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One value is read off the axis by eye, and off by a fifth to a half of the series' range.

    Example:
        >>> misjudge_value("plt.bar(x, [10, 20, 30])", seed=1)[0]
        'plt.bar(x, [10, 14, 30])'
    """
    for series in chart.series:
        values = [number.value for number in series.numbers]
        reach = max(values) - min(values) or abs(values[0]) or Decimal(1)
        for index, number in enumerate(series.numbers):
            off = reach * Decimal(rng.randint(20, 50)) / 100 * rng.choice((-1, 1))
            if min(values) >= 0 > number.value + off:
                off = -off
            wrong = number.value + off
            finest = min(int(number.value.as_tuple().exponent), reach.adjusted() - 1)
            # Numbers of very different size, 1e-12 and 1e20, have no common last digit.
            wrong = wrong.quantize(Decimal(1).scaleb(max(finest, wrong.adjusted() - _DIGITS)))
            if wrong != number.value:
                yield _one(chart, series, index, wrong)


@corruption(ChartProgram, DATA)
def swap_values(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two values of a series have changed places.

    Yields:
        One mutation per number of a literal series that differs from another one.

    Example:
        >>> swap_values("plt.bar(x, [10, 25, 40])", seed=0)[0]
        'plt.bar(x, [10, 40, 25])'
    """
    if _resorted(chart):
        return
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            others = [other for other in series.numbers if other.value != number.value]
            if others:
                other = rng.choice(others)
                edits = chart.exchange(number.node, other.node)
                values = f"{_plain(number.value)} and {_plain(other.value)}"
                yield Mutation(edits, series.location(index), f"{values} have changed places")


@corruption(ChartProgram, DATA)
def repeat_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A value is drawn as large as the one before it.

    Yields:
        One mutation per number of a literal series that differs from its predecessor.

    Example:
        >>> repeat_value("plt.bar(x, [10, 10, 40])", seed=0)[0]
        'plt.bar(x, [10, 10, 10])'
    """
    for series in chart.series:
        for index in range(1, len(series.numbers)):
            before = series.numbers[index - 1].value
            if before != series.numbers[index].value:
                yield _one(chart, series, index, before)


@corruption(ChartProgram, DATA)
def reverse_values(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A series runs backwards.

    Yields:
        One mutation per literal series that does not read the same backwards.

    Example:
        >>> reverse_values("y = [1, 2,  4]\\nplt.plot(y)", seed=0)[0]
        'y = [4, 2,  1]\\nplt.plot(y)'
    """
    if _resorted(chart):
        return
    for series in chart.series:
        numbers = series.numbers
        turned = {
            number: other.value
            for number, other in zip(numbers, reversed(numbers), strict=True)
            if number.value != other.value
        }
        if turned:
            yield _each(chart, turned, series, "runs backwards")


@corruption(ChartProgram, DATA)
def sort_values(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The values of a series are in order of size, which they should not be.

    Yields:
        One mutation per literal series of four numbers or more that is not sorted.

    Example:
        >>> sort_values("plt.bar(x, [7, 3, 9, 5])", seed=0)[0]
        'plt.bar(x, [3, 5, 7, 9])'
    """
    if _resorted(chart):
        return
    for series in chart.series:
        values = [number.value for number in series.numbers]
        upwards = sorted(values)
        if len(values) >= 4 and values not in (upwards, upwards[::-1]):
            down = rng.random() < 0.5
            order = upwards[::-1] if down else upwards
            moved = {
                number: value
                for number, value in zip(series.numbers, order, strict=True)
                if number.value != value
            }
            way = "falling" if down else "rising"
            yield _each(chart, moved, series, f"the values are in {way} order")


@corruption(ChartProgram, DATA)
def round_values(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """All values of a series are read off coarsely, to one digit.

    Yields:
        One mutation per literal series with a number of two digits or more.

    Example:
        >>> round_values("plt.bar(x, [17, 26.5, 42])", seed=0)[0]
        'plt.bar(x, [20, 30, 40])'
    """
    for series in chart.series:
        moved = {}
        for number in series.numbers:
            places = number.value.adjusted()
            coarse = Decimal(round(number.value.scaleb(-places))).scaleb(places)
            if coarse != number.value:
                moved[number] = coarse
        if moved:
            yield _each(chart, moved, series, "all values are rounded to one digit")


@corruption(ChartProgram, DATA)
def rescale_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A whole series is too large or too small by one factor.

    Example:
        >>> rescale_series("plt.plot([1, 2, 3], label='a')", seed=0)[0]
        "plt.plot([2, 4, 6], label='a')"
    """
    for series in chart.series:
        factor = Decimal(rng.choice(("0.5", "0.75", "1.5", "2", "10")))
        scaled = {number: number.value * factor for number in series.numbers if number.value}
        if scaled:
            yield _each(chart, scaled, series, f"all values are {factor} times as large")

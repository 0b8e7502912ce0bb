"""Values that a copied chart gets wrong: single numbers, whole series, missing and extra ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.corruption import corruption
from corruptors.misreading import wrong_digit
from corruptors.program import ChartProgram, Number, Series
from records.edits import Mutation
from records.taxonomy import ChartCategory

DATA = ChartCategory.DATA


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _each(
    chart: ChartProgram, wrong: dict[Number, Decimal], series: Series, description: str
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

    Yields:
        One mutation per non-zero number of a literal series.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

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

    Yields:
        One mutation per non-zero number of a literal series.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

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
    """Two neighbouring digits of a value have changed places.

    Yields:
        One mutation per number of a literal series whose first two digits differ.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

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

    Yields:
        One mutation per non-zero number of a literal series.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

    Example:
        >>> flip_sign("plt.plot([-1.50, 0, 0])", seed=0)[0]
        'plt.plot([1.50, 0, 0])'
    """
    pies = {series for call in chart.drawn_by("pie") for series in _series_of(chart, call)}
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            if number.value and series not in pies:  # a slice cannot be negative
                yield _one(chart, series, index, -number.value)


def _series_of(chart: ChartProgram, call: ast.Call) -> list[Series]:
    held = {end for argument in call.args[:1] for end in chart.leaves(argument)}
    return [series for series in chart.series if series.numbers[0].node in held]


@corruption(ChartProgram, DATA)
def misjudge_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One value is read off the axis by eye, and off by a fifth to a half of the series' range.

    Yields:
        One mutation per number of a literal series.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: geometry mismatch.

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
            finest = min(number.value.as_tuple().exponent, reach.adjusted() - 1)
            wrong = (number.value + off).quantize(Decimal(1).scaleb(int(finest)))
            if wrong != number.value:
                yield _one(chart, series, index, wrong)


@corruption(ChartProgram, DATA)
def swap_values(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two values of a series have changed places.

    Yields:
        One mutation per number of a literal series that differs from another one.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

    Example:
        >>> swap_values("plt.bar(x, [10, 25, 40])", seed=0)[0]
        'plt.bar(x, [10, 40, 25])'
    """
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            others = [other for other in series.numbers if other.value != number.value]
            if others:
                other = rng.choice(others)
                edits = (
                    chart.replace(number.node, chart.source(other.node)),
                    chart.replace(other.node, chart.source(number.node)),
                )
                values = f"{_plain(number.value)} and {_plain(other.value)}"
                yield Mutation(edits, series.location(index), f"{values} have changed places")


@corruption(ChartProgram, DATA)
def repeat_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A value is drawn as large as the one before it.

    Yields:
        One mutation per number of a literal series that differs from its predecessor.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

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

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

    Example:
        >>> reverse_values("y = [1, 2,  4]\\nplt.plot(y)", seed=0)[0]
        'y = [4, 2,  1]\\nplt.plot(y)'
    """
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

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

    Example:
        >>> sort_values("plt.bar(x, [7, 3, 9, 5])", seed=0)[0]
        'plt.bar(x, [3, 5, 7, 9])'
    """
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

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

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

    Yields:
        One mutation per literal series.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: scale mismatch.

    Example:
        >>> rescale_series("plt.plot([1, 2, 3], label='a')", seed=0)[0]
        "plt.plot([2, 4, 6], label='a')"
    """
    for series in chart.series:
        factor = Decimal(rng.choice(("0.5", "0.75", "1.5", "2", "10")))
        scaled = {number: number.value * factor for number in series.numbers if number.value}
        if scaled:
            yield _each(chart, scaled, series, f"all values are {factor} times as large")


@corruption(ChartProgram, DATA)
def drop_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One category or point is missing, with its value in every series and its name.

    Yields:
        One mutation per position, for each length (four or more) that literal series have; every
        list of that length loses the same position, so that the script still runs.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: missing groups.

    Example:
        >>> drop_value("x = ['a', 'b', 'c', 'd']\\nplt.bar(x, [1, 2, 3, 4])", seed=2)[0]
        "x = ['b', 'c', 'd']\\nplt.bar(x, [2, 3, 4])"
    """
    lists = [node for node in chart.nodes if isinstance(node, (ast.List, ast.Tuple))]
    held = {chart.parent(number.node) for series in chart.series for number in series.numbers}
    for length in sorted({len(node.elts) for node in lists if node in held}):
        same = [node for node in lists if len(node.elts) == length]
        flat = not any(chart.parent(node) in same for node in same)  # no square matrix
        if length < 4 or len(same) > 24 or not flat or not _loadable(same):
            continue
        counts = _counts(chart, length)
        for place in range(length):
            edits = [chart.drop_item(node.elts[place]) for node in same]
            edits += [chart.replace(count, str(length - 1)) for count in counts]
            location = f"position {place + 1} of {length}"
            yield Mutation(tuple(edits), location, "is missing in every series")


def _loadable(nodes: list[ast.List | ast.Tuple]) -> bool:
    return all(isinstance(node.ctx, ast.Load) for node in nodes)


def _counts(chart: ChartProgram, length: int) -> list[ast.expr]:
    """Literal counts that must follow when lists get shorter."""
    found = [call.args[0] for call in chart.calls("range", "arange") if len(call.args) == 1]
    found += [call.args[2] for call in chart.calls("linspace") if len(call.args) == 3]
    return [
        node
        for node in found
        if isinstance(node, ast.Constant) and node.value == length and type(node.value) is int
    ]


@corruption(ChartProgram, DATA)
def drop_entry(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One edge, box or other entry of a literal list of records is missing.

    Yields:
        One mutation per entry of a list of three tuples, lists or dictionaries or more.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: missing groups.

    Example:
        >>> drop_entry("g.add_edges_from([('a', 'b'), ('b', 'c'), ('c', 'a')])", seed=0)[0]
        "g.add_edges_from([('a', 'b'), ('c', 'a')])"
    """
    for node in chart.all(ast.List):
        records = all(isinstance(element, (ast.Tuple, ast.Dict)) for element in node.elts)
        if len(node.elts) >= 3 and records:
            for element in node.elts:
                entry = chart.source(element)
                yield Mutation((chart.drop_item(element),), f"entry {entry[:60]}", "is missing")


@corruption(ChartProgram, DATA)
def drop_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A series is missing.

    Yields:
        One mutation per drawing statement, where there are at least two.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: missing series.

    Example:
        >>> drop_series("ax.plot(a)\\nax.plot(b)\\n", seed=0)[0]
        'ax.plot(a)\\n'
    """
    statements = [chart.statement(call) for call in chart.drawings]
    for call, statement in zip(chart.drawings, statements, strict=True):
        if len(statements) > 1 and chart.parent(call) is statement and chart.can_drop(statement):
            name = _name(chart, call)
            yield Mutation((chart.drop(statement),), f"series {name}", f"{name} is missing")


@corruption(ChartProgram, DATA)
def drop_looped_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The first or the last of several series that a loop draws is missing.

    Yields:
        One mutation per loop with a drawing call in it.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: missing series.

    Example:
        >>> drop_looped_series("for v in data:\\n    ax.plot(v)", seed=0)[0]
        'for v in list(data)[1:]:\\n    ax.plot(v)'
    """
    for loop in chart.all(ast.For):
        if any(chart.within(call, ast.For) is loop for call in chart.drawings):
            which = rng.choice(("[:-1]", "[1:]"))
            edit = chart.replace(loop.iter, f"list({chart.source(loop.iter)}){which}")
            place = "last" if which == "[:-1]" else "first"
            yield Mutation((edit,), f"{place} series", "is missing")


@corruption(ChartProgram, DATA)
def add_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line or cloud of points is drawn that is not in the reference.

    Yields:
        One mutation per call of ``plot`` or ``scatter`` whose values are named.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: extra series.

    Example:
        >>> add_series("ax.plot(x, y, 'o-', label='a')", seed=0)[0]
        "ax.plot(x, y, 'o-', label='a')\\nax.plot(x, [0.85 * value for value in y])"
    """
    for call in chart.drawn_by("plot", "scatter", "step"):
        values = call.args[:2]
        if not values or not isinstance(values[-1], (ast.Name, ast.Subscript, ast.List)):
            continue
        statement = chart.statement(call)
        if len(values) == 2 and chart.parent(call) is statement and isinstance(statement, ast.Expr):
            factor = rng.choice(("0.7", "0.85", "1.2"))
            up = f"[{factor} * value for value in {chart.source(values[1])}]"
            drawn = f"{chart.source(call.func)}({chart.source(values[0])}, {up})"
            edit = chart.after(statement, drawn)
            yield Mutation((edit,), f"beside {_name(chart, call)}", "a series too many is drawn")


@corruption(ChartProgram, DATA)
def swap_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The values of two series have changed places, while names and colours stay.

    Yields:
        One mutation per pair of neighbouring drawing calls of one kind.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.

    Example:
        >>> swap_series("ax.plot(t, a, 'r'); ax.plot(t, b, 'g')", seed=0)[0]
        "ax.plot(t, b, 'r'); ax.plot(t, a, 'g')"
    """
    last: dict[tuple[str, str], ast.Call] = {}
    for call in chart.drawings:
        kind = (chart.method(call), chart.receiver(call))
        before = last.get(kind)
        last[kind] = call
        if before is None or min(len(before.args), len(call.args)) < 1:
            continue
        place = 1 if min(len(before.args), len(call.args)) > 1 else 0
        first, second = before.args[place], call.args[place]
        left, right = chart.source(first), chart.source(second)
        if left != right and chart.string(first) is None and chart.string(second) is None:
            edits = (chart.replace(first, right), chart.replace(second, left))
            names = f"{_name(chart, before)} and {_name(chart, call)}"
            yield Mutation(edits, names, "have changed their values")


def _name(chart: ChartProgram, call: ast.Call) -> str:
    """What a viewer calls the series that ``call`` draws."""
    word = chart.keyword(call, "label")
    if word is not None:
        text = chart.string(word.value)
        return repr(text.value) if text else chart.source(word.value)
    values = call.args[:2]
    return (
        f"{chart.method(call)} of {chart.source(values[-1])[:40]}" if values else chart.method(call)
    )


@corruption(ChartProgram, DATA)
def drop_shape(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A patch, arrow, filled area or edge that was drawn by itself is missing.

    Yields:
        One mutation per statement that adds one.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: missing groups.

    Example:
        >>> drop_shape("ax.plot(x)\\nax.add_patch(box)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    names = ("add_patch", "add_artist", "add_line", "arrow", "add_edge", "add_collection", "quiver")
    for call in chart.calls(*names):
        statement = chart.statement(call)
        if chart.parent(call) is statement and isinstance(statement, ast.Expr):
            drawn = chart.source(call)[:60]
            yield Mutation((chart.drop(statement),), f"shape of {drawn}", "is missing")

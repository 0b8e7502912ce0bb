"""Computed values that a copied chart gets wrong: other draws, other formulas, other sampling."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

DATA = ChartCategory.DATA

_DRAWS = ("normal", "uniform", "gamma", "exponential", "lognormal", "beta", "poisson", "laplace", "standard_t")  # fmt: skip
_SIZED = {"randn": 0, "rand": 0, "linspace": 2, "normal": 2, "uniform": 2, "standard_normal": 0, "exponential": 1, "logspace": 2}  # fmt: skip
_FORMULAS = {
    "sin": "cos", "cos": "sin", "exp": "square", "sqrt": "log1p", "log": "sqrt", "log10": "sqrt",
    "tanh": "sin", "square": "abs", "cumsum": "sort", "power": "multiply",
}  # fmt: skip


@corruption(ChartProgram, DATA)
def change_random_seed(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Every drawn-at-random value is another one, as when a cloud of points is made up anew.

    Example:
        >>> change_random_seed("np.random.seed(42)\\nplt.plot(np.random.rand(9))", seed=0)[0]
        'np.random.seed(92)\\nplt.plot(np.random.rand(9))'
    """
    for call in chart.calls("seed", "default_rng", "RandomState"):
        number = chart.number(call.args[0]) if call.args else None
        drawing = ("random", "choice", "randint", "integers", "permutation", *_DRAWS, *_SIZED)
        draws = len(chart.calls(*drawing))
        if number is not None and draws > len(chart.calls("linspace", "logspace")):
            wrong = str(int(number.value) + rng.randint(1, 99))
            edit = chart.replace(number.node, wrong)
            yield Mutation((edit,), "random values", "other values are drawn")


@corruption(ChartProgram, DATA)
def change_distribution(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Drawn-at-random values lie elsewhere or are spread differently.

    Yields:
        One mutation per literal location, scale or bound of a random draw.

    Example:
        >>> change_distribution("x = np.random.normal(0, 2.5, 100)", seed=0)[0]
        'x = np.random.normal(1, 2.5, 100)'
    """
    for call in chart.calls(*_DRAWS):
        given = [*call.args[:2], *(word.value for word in call.keywords if word.arg != "size")]
        for number in (number for argument in given for number in chart.numbers_in(argument)):
            factor = rng.choice(("0.4", "1.6", "2.5"))
            wrong = number.times(factor) if number.value else "1"
            edit = chart.replace(number.node, wrong)
            description = f"drawn with {wrong} instead of {number.value:f}"
            yield Mutation((edit,), f"values of {chart.source(call)[:50]}", description)


@corruption(ChartProgram, DATA)
def change_point_count(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A computed series has far fewer or more points; whatever has as many follows.

    Yields:
        One mutation per count of eight or more that arrays are made with.

    Example:
        >>> change_point_count("plt.scatter(np.random.rand(90), np.random.rand(90))", seed=0)[0]
        'plt.scatter(np.random.rand(45), np.random.rand(45))'
    """
    counts: dict[int, list[ast.expr]] = {}
    filled = dict.fromkeys(("arange", "range", "zeros", "ones", "full"), 0)
    for name, place in (_SIZED | filled).items():
        for call in chart.calls(name):
            if name in ("arange", "range", "rand", "randn") and len(call.args) != 1:
                continue
            given = chart.argument(call, place, "size", "num")
            number = chart.number(given) if given is not None else None
            if number is not None and number.value == int(number.value):
                counts.setdefault(int(number.value), []).append(number.node)
    lengths = {len(node.elts) for node in chart.nodes if isinstance(node, (ast.List, ast.Tuple))}
    for count, nodes in counts.items():
        made_by = {maker for node in nodes if isinstance(maker := chart.parent(node), ast.Call)}
        made = any(chart.method(maker) in _SIZED for maker in made_by)
        if count >= 8 and count not in lengths and made:
            wrong = max(4, int(count * float(rng.choice(("0.3", "0.5", "2")))))
            edits = tuple(chart.replace(node, str(wrong)) for node in nodes)
            yield Mutation(edits, "computed series", f"has {wrong} points instead of {count}")


@corruption(ChartProgram, DATA)
def change_formula(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A computed curve has another form.

    Example:
        >>> change_formula("y = np.sin(x) + 1", seed=0)[0]
        'y = np.cos(x) + 1'
    """
    for call in chart.calls(*_FORMULAS):
        if chart.receiver(call) in ("np", "numpy"):
            other = _FORMULAS[chart.method(call)]
            edit = chart.rename_method(call, other)
            words = f"{other} instead of {chart.method(call)}"
            yield Mutation((edit,), f"curve of {chart.source(call)[:50]}", words)


@corruption(ChartProgram, DATA)
def change_coefficient(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A computed curve is higher, lower, shifted or bent by a wrong coefficient.

    Yields:
        One mutation per literal factor, summand or exponent in an assigned formula.

    Example:
        >>> change_coefficient("y = 2.0 * np.exp(-x)", seed=0)[0]
        'y = 3 * np.exp(-x)'
    """
    for formula in chart.all(ast.BinOp):
        statement = chart.statement(formula)
        if not isinstance(statement, (ast.Assign, ast.AugAssign)):
            continue
        if chart.within(formula, ast.Subscript):
            continue
        if any(chart.colors_numbers(call) for call in chart.calls_around(formula)):
            continue
        other = {formula.left: formula.right, formula.right: formula.left}
        for node in (formula.left, formula.right):
            number = chart.number(node)
            if number is None or not number.value or chart.number(other[node]) is not None:
                continue
            if isinstance(formula.op, (ast.FloorDiv, ast.Mod)):
                continue
            if _counts_things(chart, other[node]):
                continue
            wrong = number.times(rng.choice(("0.5", "1.5", "2")))
            edit = chart.replace(node, wrong)
            description = f"{wrong} instead of {number.value:f}"
            yield Mutation((edit,), f"curve of {chart.source(formula)[:50]}", description)


def _counts_things(chart: ChartProgram, node: ast.expr) -> bool:
    """True if the number is a repeat count (``[0] * 5``) or part of arithmetic on a length."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Constant, ast.JoinedStr)):
        return True
    return isinstance(node, ast.Call) and chart.method(node) in ("len", "range", "str")

"""Statements of a chart script in other words: its variables, their order, its remarks."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import count, pairwise
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.rewrites.calls import free_of_calls, line_of
from corruptors.rewrite import rewrite
from records.edits import Edit, Mutation

_WORDED = frozenset(("title", "xlabel", "ylabel", "set_title", "set_xlabel", "set_ylabel"))
_HIDDEN_READERS = re.compile(r"\b(?:locals|globals|vars|eval|exec|getattr|query)\s*\(")


def _unused_name(chart: ChartProgram, wanted: str) -> str:
    """``wanted``, or the first ``wanted_2`` and so on that the script does not contain."""
    names = (wanted if number == 1 else f"{wanted}_{number}" for number in count(1))
    return next(name for name in names if not re.search(rf"\b{name}\b", chart.text))


@rewrite(ChartProgram)
def rename_variables(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A variable has another name, everywhere.

    Yields:
        One mutation per variable that is nothing else besides: no parameter, import or function.

    Example:
        >>> rename_variables("y = [1, 2]\\nplt.plot(y)", seed=0)[0]
        'y_here = [1, 2]\\nplt.plot(y_here)'
    """
    if _HIDDEN_READERS.search(chart.text) or any(chart.all(ast.ClassDef)):
        return
    places: dict[str, list[ast.Name]] = {}
    stored: set[str] = set()
    taken: set[str] = set()
    for node in chart.nodes:
        if isinstance(node, ast.Name):
            places.setdefault(node.id, []).append(node)
            if isinstance(node.ctx, ast.Store):
                stored.add(node.id)
            if chart.within(node, ast.JoinedStr) is not None:
                taken.add(node.id)  # names in f-strings have no exact place before Python 3.12
        elif isinstance(node, ast.arg):
            taken.add(node.arg)
        elif isinstance(node, ast.keyword):
            taken.add(node.arg or "")
        elif isinstance(node, ast.alias):
            taken.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            taken.add(node.name)
        elif isinstance(node, ast.ExceptHandler):
            taken.add(node.name or "")
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            taken.update(node.names)
    for name in sorted(stored - taken):
        if len(name) > 1 or name.isascii():
            other = _unused_name(chart, f"{name}_{rng.choice(('renamed', 'here', 'used'))}")
            edits = tuple(chart.replace(node, other) for node in places[name])
            yield Mutation(edits, f"variable {name}", f"is called {other}")


@rewrite(ChartProgram)
def name_literals(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A literal text gets a name of its own on the line before.

    Example:
        >>> name_literals("plt.title('Rain')", seed=0)[0]
        "title_text = 'Rain'\\nplt.title(title_text)"
    """
    for index, label in enumerate(chart.labels):
        statement = chart.statement(label.text.node)
        if isinstance(statement, ast.Expr) and label.text.constant:
            role = label.role.replace(" ", "_").replace("-", "_")
            name = _unused_name(chart, f"{role}_text{index or ''}")
            put = chart.before(statement, f"{name} = {chart.source(label.text.node)}")
            edits = (put, chart.replace(label.text.node, name))
            yield Mutation(edits, line_of(statement), f"{name} for a literal")


@rewrite(ChartProgram)
def reorder_statements(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring statements that do not depend on each other have changed places.

    Yields:
        One mutation per pair of titles and labels, and per pair of assigned literals.

    Example:
        >>> reorder_statements("plt.xlabel('a')\\nplt.ylabel('b')", seed=0)[0]
        "plt.ylabel('b')\\nplt.xlabel('a')"
    """
    for node in chart.nodes:
        for body in (getattr(node, field, None) for field in ("body", "orelse")):
            if not isinstance(body, list):
                continue
            for first, second in pairwise(body):
                if first.end_lineno < second.lineno and _independent(chart, first, second):
                    edits = chart.exchange(first, second)
                    yield Mutation(edits, line_of(first), "statements in another order")


def _independent(chart: ChartProgram, first: ast.stmt, second: ast.stmt) -> bool:
    if isinstance(first, ast.Assign) and isinstance(second, ast.Assign):
        names = [
            target.id
            for line in (first, second)
            for target in line.targets
            if isinstance(target, ast.Name)
        ]
        literal = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.UnaryOp, ast.USub, ast.Load)
        plain = all(
            isinstance(part, literal) for line in (first, second) for part in ast.walk(line.value)
        )
        return plain and len(names) == 2 and len(set(names)) == 2
    calls = [
        line.value
        for line in (first, second)
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)
    ]
    if len(calls) != 2:
        return False
    methods = [chart.method(call) for call in calls]
    kinds = {method.removeprefix("set_") for method in methods}
    pure = all(free_of_calls(argument) for call in calls for argument in call.args)
    return pure and set(methods) <= _WORDED and len(kinds) == 2


@rewrite(ChartProgram)
def add_comments(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Lines carry remarks.

    Example:
        >>> add_comments("plt.show()", seed=0)[0]
        'plt.show()  # from the table'
    """
    remarks = ("as in the figure", "see the picture", "adjusted by eye", "from the table")
    for statement in chart.nodes:
        if isinstance(statement, (ast.Expr, ast.Assign)):
            _, end = chart.span(statement)
            if chart.line_end(end) == end:
                edit = Edit(end, end, f"  # {rng.choice(remarks)}")
                yield Mutation((edit,), line_of(statement), "a remark")


@rewrite(ChartProgram)
def drop_comments(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Remarks are missing from the script.

    Yields:
        One mutation per remark; one on a line of its own takes the line with it.

    Example:
        >>> drop_comments("plt.plot(x)  # the curve", seed=0)[0]
        'plt.plot(x)'
    """
    if "\r" in chart.text or "\f" in chart.text:
        return  # the tokenizer counts lines differently
    for token in tokenize.generate_tokens(io.StringIO(chart.text).readline):
        if token.type == tokenize.COMMENT:
            end = chart.offset_of(*token.end)
            start = end - len(token.string)
            while start > 0 and chart.text[start - 1] in " \t":
                start -= 1
            if start == chart.line_start(start) and end < len(chart.text):
                end += 1
            yield Mutation((Edit(start, end, ""),), f"line {token.start[0]}", "no remark")

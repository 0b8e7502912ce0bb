"""Charts in other words: rewrites of a script that change no pixel."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import count, pairwise
from random import Random

from matplotlib.colors import CSS4_COLORS, TABLEAU_COLORS

from corruptors.equivalent import Rewrite, rewrite
from corruptors.program import DRAWING, ChartProgram
from records.edits import Edit, Mutation

_LETTERS = {"k": "#000000", "w": "#ffffff", "r": "#ff0000", "b": "#0000ff"}
_LINES = {"-": "solid", "--": "dashed", ":": "dotted", "-.": "dashdot"}
_LONG_WORDS = {
    "plot": {"lw": "linewidth", "ls": "linestyle", "ms": "markersize", "mfc": "markerfacecolor", "mec": "markeredgecolor", "c": "color"},
    "bar": {"lw": "linewidth", "ec": "edgecolor"},
    "barh": {"lw": "linewidth", "ec": "edgecolor"},
    "axhline": {"lw": "linewidth", "ls": "linestyle", "c": "color"},
    "axvline": {"lw": "linewidth", "ls": "linestyle", "c": "color"},
    "text": {"ha": "horizontalalignment", "va": "verticalalignment", "size": "fontsize"},
    "annotate": {"ha": "horizontalalignment", "va": "verticalalignment", "size": "fontsize"},
    "legend": {"ncol": "ncols"},
}  # fmt: skip
_ON_AXES = {
    "title": "set_title", "xlabel": "set_xlabel", "ylabel": "set_ylabel", "xlim": "set_xlim",
    "ylim": "set_ylim", "grid": "grid", "plot": "plot", "bar": "bar", "barh": "barh",
    "axhline": "axhline", "axvline": "axvline", "fill_between": "fill_between", "text": "text",
    "legend": "legend", "annotate": "annotate",
}  # fmt: skip
_SET_WORDS = {"set_title": "title", "set_xlabel": "xlabel", "set_ylabel": "ylabel"}
_WORDED = frozenset(("title", "xlabel", "ylabel", "set_title", "set_xlabel", "set_ylabel"))
_HIDDEN_READERS = re.compile(r"\b(?:locals|globals|vars|eval|exec|getattr|query)\s*\(")


def _line(chart: ChartProgram, node: ast.expr | ast.stmt | ast.keyword) -> str:
    return f"line {node.lineno}"


def _unused_name(chart: ChartProgram, wanted: str) -> str:
    """``wanted``, or the first ``wanted_2`` and so on that the script does not contain."""
    names = (wanted if number == 1 else f"{wanted}_{number}" for number in count(1))
    return next(name for name in names if not re.search(rf"\b{name}\b", chart.text))


@rewrite(ChartProgram)
def swap_quotes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Strings stand in the other kind of quotes.

    Yields:
        One mutation per string on one line.

    Example:
        >>> swap_quotes("plt.title('Rain')", seed=0)[0]
        'plt.title("Rain")'
    """
    for node in chart.nodes:
        text = chart.string(node)
        if text is None or not text.constant or text.quote not in ("'", '"'):
            continue
        if any(mark in text.value for mark in "'\"\\\n\r") or not text.value.isprintable():
            continue
        other = '"' if text.quote == "'" else "'"
        if chart.source(text.node) == f"{text.quote}{text.value}{text.quote}":
            edit = chart.replace(text.node, f"{other}{text.value}{other}")
            yield Mutation((edit,), _line(chart, text.node), "other quotes")


@rewrite(ChartProgram)
def spell_out_colours(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Named colours are written as the same colours in hexadecimal.

    Yields:
        One mutation per named colour that is exactly one of eight bits a channel.

    Example:
        >>> spell_out_colours("plt.plot(x, color='navy')", seed=0)[0]
        "plt.plot(x, color='#000080')"
    """
    exact = {**CSS4_COLORS, **TABLEAU_COLORS, **_LETTERS}
    shown = {label.text.node for label in chart.labels}
    compared = {
        node.value
        for compare in chart.all(ast.Compare)
        for node in ast.walk(compare)
        if isinstance(node, ast.Constant)
    }
    for colour in chart.colours:
        node, name = colour.text.node, colour.text.value
        if node not in shown and name not in compared and exact.get(name, "").lower() == colour.hex:
            edit = chart.replace(node, colour.text.retyped(colour.hex))
            yield Mutation((edit,), _line(chart, node), f"{name} in hexadecimal")


@rewrite(ChartProgram)
def spell_out_line_styles(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Line styles are written as words.

    Yields:
        One mutation per ``linestyle`` of a call that is given by a sign.

    Example:
        >>> spell_out_line_styles("plt.plot(x, linestyle='--')", seed=0)[0]
        "plt.plot(x, linestyle='dashed')"
    """
    for call in chart.calls("plot", "axhline", "axvline", "grid", "hlines", "vlines"):
        word = chart.keyword(call, "linestyle", "ls")
        text = chart.string(word.value) if word else None
        if text is not None and text.constant and text.value in _LINES:
            edit = chart.replace(text.node, text.retyped(_LINES[text.value]))
            yield Mutation((edit,), _line(chart, text.node), "line style in words")


@rewrite(ChartProgram)
def spell_out_keywords(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Short keywords are written in full.

    Yields:
        One mutation per short keyword of a call.

    Example:
        >>> spell_out_keywords("ax.plot(x, y, lw=2)", seed=0)[0]
        'ax.plot(x, y, linewidth=2)'
    """
    for method, longer in _LONG_WORDS.items():
        for call in chart.calls(method):
            if chart.is_library(chart.receiver(call)) or chart.keyword(call, "kind"):
                continue
            for word in call.keywords:
                full = longer.get(word.arg or "")
                if word.arg and full and chart.takes(call, full):
                    start, _ = chart.span(word)
                    edit = Edit(start, start + len(word.arg), full)
                    yield Mutation((edit,), _line(chart, word), f"{word.arg} written {full}")


@rewrite(ChartProgram)
def reorder_keywords(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighbouring keyword arguments have changed places.

    Yields:
        One mutation per pair of plain values in a drawing call or a legend.

    Example:
        >>> reorder_keywords("ax.plot(x, y, color='r', linewidth=2)", seed=0)[0]
        "ax.plot(x, y, linewidth=2, color='r')"
    """
    for call in chart.calls("legend", "axhline", "axvline", "text", "annotate", *sorted(DRAWING)):
        if chart.keyword(call, "kind"):
            continue
        for left, right in pairwise(call.keywords):
            if (
                left.arg is None
                or right.arg is None
                or not (_pure(left.value) and _pure(right.value))
            ):
                continue
            if _alike(left.arg, right.arg):
                continue
            edits = (
                chart.replace(left, chart.source(right)),
                chart.replace(right, chart.source(left)),
            )
            yield Mutation(edits, _line(chart, left), "keywords in another order")


def _pure(node: ast.expr) -> bool:
    """True where it does not matter when ``node`` is evaluated."""
    return not any(
        isinstance(part, (ast.Call, ast.NamedExpr, ast.Await)) for part in ast.walk(node)
    )


def _alike(left: str, right: str) -> bool:
    """True for keywords that set one property, the last of which wins."""
    stems = ("color", "size", "font", "face", "edge", "mark", "line", "width", "label", "alpha")
    return any(stem in left and stem in right for stem in stems) or {left, right} <= {
        "c",
        "color",
        "fc",
        "ec",
    }


@rewrite(ChartProgram)
def call_axes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The axes are called instead of pyplot.

    Yields:
        One mutation per call of pyplot that axes know too.

    Example:
        >>> call_axes("plt.title('Rain')", seed=0)[0]
        "plt.gca().set_title('Rain')"
    """
    for name, method in _ON_AXES.items():
        for call in chart.calls(name):
            whole = call.args or call.keywords or name in ("grid", "legend")
            if chart.receiver(call) == "plt" and whole and isinstance(call.func, ast.Attribute):
                edit = chart.replace(call.func, f"plt.gca().{method}")
                yield Mutation((edit,), _line(chart, call), f"plt.{name} through the axes")


@rewrite(ChartProgram)
def set_by_keyword(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A title or label is given to ``set`` by keyword.

    Yields:
        One mutation per setter with one argument.

    Example:
        >>> set_by_keyword("ax.set_xlabel('year')", seed=0)[0]
        "ax.set(xlabel='year')"
    """
    for method, word in _SET_WORDS.items():
        for call in chart.calls(method):
            alone = isinstance(chart.parent(call), ast.Expr) and isinstance(
                call.func, ast.Attribute
            )
            given = call.args[0] if len(call.args) == 1 and not call.keywords else None
            if alone and given is not None and not isinstance(given, ast.Starred):
                at, _ = chart.span(given)
                edits = (chart.rename_method(call, "set"), Edit(at, at, f"{word}="))
                yield Mutation(edits, _line(chart, call), f"{method} through set")


@rewrite(ChartProgram)
def write_tuples(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Literal lists of numbers are tuples.

    Yields:
        One mutation per list of two or more numbers that is an argument of a call.

    Example:
        >>> write_tuples("ax.set_yticks([0, 5, 10])", seed=0)[0]
        'ax.set_yticks((0, 5, 10))'
    """
    for call in chart.calls("set_xticks", "set_yticks", "xticks", "yticks", "plot", "bar", "barh"):
        for node in call.args[:2]:
            numbers = isinstance(node, ast.List) and all(map(chart.number, node.elts))
            if isinstance(node, ast.List) and numbers and len(node.elts) >= 2:
                start, end = chart.span(node)
                edits = (Edit(start, start + 1, "("), Edit(end - 1, end, ")"))
                yield Mutation(edits, _line(chart, node), "a tuple for a list")


@rewrite(ChartProgram)
def respell_numbers(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Decimal fractions carry one zero more at their end.

    Yields:
        One mutation per decimal fraction.

    Example:
        >>> respell_numbers("ax.plot([0.5])", seed=0)[0]
        'ax.plot([0.50])'
    """
    for node in chart.all(ast.Constant):
        if type(node.value) is float and chart.within(node, ast.JoinedStr) is None:
            source = chart.source(node)
            if re.fullmatch(r"\d+\.\d+", source):
                yield Mutation(
                    (chart.replace(node, f"{source}0"),), _line(chart, node), "a zero more"
                )


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

    Yields:
        One mutation per title or label that stands in a statement of its own.

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
            yield Mutation(edits, _line(chart, statement), f"{name} for a literal")


@rewrite(ChartProgram)
def reorder_statements(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighbouring statements that do not depend on each other have changed places.

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
                    edits = (
                        chart.replace(first, chart.source(second)),
                        chart.replace(second, chart.source(first)),
                    )
                    yield Mutation(edits, _line(chart, first), "statements in another order")


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
    pure = all(_pure(argument) for call in calls for argument in call.args)
    return pure and set(methods) <= _WORDED and len(kinds) == 2


@rewrite(ChartProgram)
def add_comments(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Lines carry remarks.

    Yields:
        One mutation per statement that ends its line.

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
                yield Mutation((edit,), _line(chart, statement), "a remark")


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
        return  # the tokenizer counts lines otherwise
    for token in tokenize.generate_tokens(io.StringIO(chart.text).readline):
        if token.type == tokenize.COMMENT:
            end = chart.offset_of(*token.end)
            start = end - len(token.string)
            while start > 0 and chart.text[start - 1] in " \t":
                start -= 1
            if start == chart.line_start(start) and end < len(chart.text):
                end += 1
            yield Mutation((Edit(start, end, ""),), f"line {token.start[0]}", "no remark")


ALL: tuple[Rewrite[ChartProgram], ...] = tuple(
    value for value in tuple(vars().values()) if isinstance(value, Rewrite)
)

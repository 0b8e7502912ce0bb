"""Rewrites a drawing call as another one: which arguments are kept, and where that is possible."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from corruptors.chart.program.chart_program import ChartProgram
from records.edits import Edit

LOOKS = ("color", "label", "alpha", "zorder", "ax", "transform")


def redrawn(
    chart: ChartProgram,
    call: ast.Call,
    method: str,
    positional: list[str],
    keep: tuple[str, ...],
    more: tuple[str, ...] = (),
) -> Edit:
    """The whole call again, by another method, with those keywords that it also takes."""
    kept = [
        chart.source(word)
        for word in call.keywords
        if word.arg in keep and not (word.arg == "color" and _many(chart, word.value))
    ]
    drawn = f"{chart.receiver(call)}.{method}({', '.join([*positional, *kept, *more])})"
    statement = chart.parent(call)
    # Where nobody reads what was assigned: the new call may return another number of things.
    if isinstance(statement, ast.Assign) and chart.result_unused(call):
        return chart.replace(statement, drawn)
    return chart.replace(call, drawn)


def _many(chart: ChartProgram, color: ast.expr) -> bool:
    """True if a color is, or may be, a list with one for each bar."""
    made = any(isinstance(end, (ast.Call, ast.ListComp)) for end in chart.resolve(color))
    return made or bool(chart.sequences(color))


def is_curve(chart: ChartProgram, call: ast.Call) -> bool:
    """True for a plot that joins points to a curve: not bare markers, and not nothing."""
    for node in call.args:
        text = chart.string(node)
        words = text.value if text is not None and text.constant else ""
        if re.fullmatch(r"[^-:]{0,3}[.,o^v<>spP*hH+xXDd|][^-:]{0,3}", words):
            return False
        if any(isinstance(end, ast.List) and not end.elts for end in chart.resolve(node)):
            return False  # a sample for the legend
    if lone_points(chart, call) or _all_zero(chart, call):
        return False
    spread = [
        end for word in call.keywords if word.arg is None for end in chart.resolve(word.value)
    ]
    if any(re.search(r"(?:linestyle|\bls)\W+(?:none|None)\b", chart.source(end)) for end in spread):
        return False
    word = chart.keyword(call, "linestyle", "ls")
    drawn = chart.string(word.value) if word else None
    return drawn is None or drawn.value.strip().lower() not in ("", "none")


def lone_points(chart: ChartProgram, call: ast.Call) -> bool:
    """True if one point is drawn at a time, as far as the code says: it makes no line."""
    for node in call.args[:2]:
        ends = chart.resolve(node)
        lists = [end for end in ends if isinstance(end, (ast.List, ast.Tuple))]
        if any(len(end.elts) < 2 for end in lists):
            return True
        plain = isinstance(node, (ast.Name, ast.Constant))
        if plain and ends and all(chart.number(end) is not None for end in ends):
            return True
    return False


def _all_zero(chart: ChartProgram, call: ast.Call) -> bool:
    """True if every height is nought, as on a time line: bars would not be seen."""
    if len(call.args) < 2:
        return False
    for end in chart.resolve(call.args[1]):
        if isinstance(end, ast.BinOp) and isinstance(end.op, ast.Mult):
            end = end.left if isinstance(end.left, ast.List) else end.right
        if isinstance(end, ast.Call) and chart.method(end) in ("zeros", "zeros_like"):
            return True
        if isinstance(end, ast.List) and end.elts:
            numbers = [chart.number(part) for part in end.elts]
            if all(number is not None and not number.value for number in numbers):
                return True
    return False


def points_of(chart: ChartProgram, call: ast.Call) -> tuple[str, str] | None:
    """Sources of x and y of a plain ``plot`` or ``scatter``."""
    given = [node for node in call.args if not isinstance(node, ast.Starred)]
    if len(given) != len(call.args):
        return None
    values = [node for node in given if chart.string(node) is None]
    if len(values) == 1:
        y = chart.source(values[0])
        return f"range(len({y}))", y
    return (chart.source(values[0]), chart.source(values[1])) if len(values) == 2 else None


def is_flat(chart: ChartProgram) -> bool:
    """True if nothing is drawn in three dimensions."""
    return "3d" not in chart.text.lower()


def replaceable(chart: ChartProgram, *methods: str) -> Iterator[ast.Call]:
    """Drawing calls of these names whose result nobody uses again."""
    for call in chart.drawn_by(*methods):
        if chart.result_unused(call) and not chart.is_library(chart.receiver(call)):
            yield call

"""How a plot call says what its line looks like: keywords, and format strings such as ``r--o``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from corruptors.chart.program.chart_program import ChartProgram

_FORMAT = re.compile(
    r"([bgrcmykw]|C\d)?([.,ov^<>12348spP*hH+xXDd|_])?(--|-\.|-|:)?([bgrcmykw]|C\d)?([.,ov^<>s*+xXDd])?"
)


def formats(chart: ChartProgram) -> Iterator[tuple[ast.expr, str, int]]:
    """Format strings of plot calls, such as ``r--o``, and the offset of their first character."""
    for call in chart.calls("plot", "errorbar", "semilogy", "semilogx", "loglog", "step"):
        word = chart.keyword(call, "fmt")
        for node in [*call.args[1:], *([word.value] if word else [])]:
            text = chart.string(node)
            if text is not None and text.constant and text.value and _FORMAT.fullmatch(text.value):
                yield node, text.value, chart.span(node)[0] + 1


def plain_lines(chart: ChartProgram, *words: str) -> Iterator[ast.Call]:
    """Line calls that say nothing of these keywords, neither in words nor in a format string."""
    formatted = {chart.parent(node) for node, _, _ in formats(chart)}
    for call in chart.drawn_by("plot"):
        known = chart.takes(call, *words, "kind") and call not in formatted
        receiver = chart.receiver(call)
        if known and not chart.is_library(receiver) and not re.search(r"\bdf\b", receiver):
            yield call


def line_name(chart: ChartProgram, call: ast.Call) -> str:
    values = [chart.source(node) for node in call.args[:2]]
    return f"line {values[-1][:40]}" if values else "line"

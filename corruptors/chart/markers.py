"""Markers that a copied chart gives another look, leaves out or adds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.line_formats import formats, line_name, plain_lines
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE


_MARKERS = ("o", "s", "^", "D", "x", "*", "v", "P")


@corruption(ChartProgram, STYLE)
def change_marker(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Points have another shape.

    Yields:
        One mutation per literal marker, and per cloud of points that has none.

    Example:
        >>> change_marker("ax.plot(x, y, 'ro-')", seed=0)[0]
        "ax.plot(x, y, 'rP-')"
    """
    for text in chart.words_given("marker", "markers"):
        if text.value and text.value != "None":
            other = rng.choice([marker for marker in _MARKERS if marker != text.value])
            edit = chart.replace(text.node, text.retyped(other))
            yield Mutation((edit,), f"marker {text.value}", f"is drawn {other}")
    for _, value, start in formats(chart):
        match = re.search(r"[ov^<>s*+xXDdP]", value)
        if match:
            other = rng.choice([marker for marker in _MARKERS if marker != match[0]])
            edit = Edit(start + match.start(), start + match.end(), other)
            yield Mutation((edit,), f"marker {match[0]}", f"is drawn {other}")
    for call in chart.drawn_by("scatter"):
        if chart.takes(call, "marker"):
            other = rng.choice(_MARKERS[1:])
            edit = chart.add_keyword(call, f'marker="{other}"')
            yield Mutation((edit,), "points", f"are drawn {other}")


@corruption(ChartProgram, STYLE)
def drop_markers(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line has lost its markers.

    Example:
        >>> drop_markers("ax.plot(x, y, marker='o', color='b')", seed=0)[0]
        "ax.plot(x, y, color='b')"
    """
    for call in chart.drawn_by("plot", "semilogy", "semilogx", "loglog"):
        style = chart.keyword(call, "linestyle", "ls")
        if style is None or not re.search(r"none|''|\"\"", chart.source(style.value), re.I):
            yield from chart.bare(call, ("marker",), line_name(chart, call), "has no markers")


@corruption(ChartProgram, STYLE)
def add_markers(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A plain line has markers.

    Example:
        >>> add_markers("ax.plot(x, y)", seed=0)[0]
        'ax.plot(x, y, marker="v")'
    """
    for call in plain_lines(chart, "marker"):
        marker = rng.choice(_MARKERS)
        edit = chart.add_keyword(call, f'marker="{marker}"')
        yield Mutation((edit,), line_name(chart, call), f"has markers {marker}")


@corruption(ChartProgram, STYLE)
def change_marker_size(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Points are far larger or smaller.

    Yields:
        One mutation per literal size, and per cloud of points that gives none.

    Example:
        >>> change_marker_size("ax.scatter(x, y, s=20)", seed=0)[0]
        'ax.scatter(x, y, s=50)'
    """
    for number in chart.numbers_given("s", "markersize", "ms", "marker_size", "node_size"):
        wrong = number.times(rng.choice(("0.25", "2.5", "5")))
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "markers", f"are of size {wrong} instead of {number.value:f}")
    for call in chart.drawn_by("scatter"):
        if chart.takes(call, "s", "sizes") and len(call.args) < 3:
            wrong = rng.choice(("8", "120", "200"))
            edit = chart.add_keyword(call, f"s={wrong}")
            yield Mutation((edit,), "markers", f"are of size {wrong}")

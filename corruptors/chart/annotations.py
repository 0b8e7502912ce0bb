"""Words and numbers written into a chart that a copy leaves out, moves or formats differently."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.proposals import exchanged, missing
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

TEXT = ChartCategory.TEXT


@corruption(ChartProgram, TEXT)
def swap_annotations(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two annotations have changed places.

    Example:
        >>> swap_annotations("ax.text(1, 2, 'peak'); ax.text(3, 1, 'dip')", seed=0)[0]
        "ax.text(1, 2, 'dip'); ax.text(3, 1, 'peak')"
    """
    yield from exchanged(chart, chart.labels_of("annotation"), rng, "annotations", together=False)


@corruption(ChartProgram, TEXT)
def drop_annotation(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Words written into the chart are missing; of a loop, all of them.

    Example:
        >>> drop_annotation("ax.plot(y)\\nax.annotate('peak', (3, 4))\\n", seed=0)[0]
        'ax.plot(y)\\n'
    """
    yield from missing(chart, ("annotate", "text", "figtext", "bar_label", "clabel"), "annotation")


@corruption(ChartProgram, TEXT)
def move_annotation(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An annotation stands somewhere else.

    Example:
        >>> move_annotation("ax.text(2, 8, 'peak')", seed=0)[0]
        "ax.text(2.8, 8, 'peak')"
    """
    for call in chart.calls("text", "annotate", "figtext"):
        places = [*call.args[:2]] if chart.method(call) != "annotate" else []
        moved = chart.argument(call, None, "xytext") or chart.argument(call, 1, "xy")
        if chart.method(call) == "annotate" and moved is not None:
            places = [node for pair in chart.sequences(moved) for node in pair.elts]
        for place in places:
            number = chart.number(place)
            if number is not None:
                wrong = f"{number.value * Decimal(rng.choice(('0.6', '1.4'))):f}"
                if "offset" in chart.source(call):
                    # Points beside an anchor: a share of a few of them would not be seen.
                    wrong = f"{number.value + rng.choice((-18, 18)):f}"
                elif not number.value:
                    wrong = "0.3"
                yield Mutation((chart.replace(place, wrong),), "annotation", "stands elsewhere")
        for words, choices in (
            (("ha", "horizontalalignment"), ("left", "right", "center")),
            (("va", "verticalalignment"), ("top", "bottom")),
        ):
            word = chart.keyword(call, *words)
            text = chart.string(word.value) if word else None
            if word and text and text.constant:
                side = rng.choice([choice for choice in choices if choice != text.value])
                edit = chart.replace(word.value, f'"{side}"')
                yield Mutation((edit,), "annotation", f"is aligned {side}, not {text.value}")


@corruption(ChartProgram, TEXT)
def change_value_format(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Numbers written into the chart have another count of decimals.

    Yields:
        One mutation per format with decimals, such as ``{:.1f}``, ``%.2f`` or ``autopct``.

    Example:
        >>> change_value_format("plt.pie(s, autopct='%1.1f%%')", seed=0)[0]
        "plt.pie(s, autopct='%1.2f%%')"
    """
    for node in chart.nodes:
        if not isinstance(node, (ast.Constant, ast.JoinedStr)) or chart.string(node) is None:
            continue
        if isinstance(chart.parent(node), (ast.JoinedStr, ast.FormattedValue)):
            continue
        start, end = chart.span(node)
        for match in re.finditer(r"(?<=\.)(\d)(?=[f%])", chart.text[start:end]):
            other = rng.choice([count for count in ("0", "1", "2", "3") if count != match[1]])
            edit = Edit(start + match.start(), start + match.end(), other)
            yield Mutation((edit,), "value labels", f"have {other} decimals instead of {match[1]}")


@corruption(ChartProgram, TEXT)
def drop_percent_sign(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Numbers written into the chart have lost their percent sign.

    Example:
        >>> drop_percent_sign("ax.text(1, 2, f'{share:.0f}%')", seed=0)[0]
        "ax.text(1, 2, f'{share:.0f}')"
    """
    for node in chart.nodes:
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and chart.string(node) is not None:
            source = chart.source(node)
            match = re.search(r"(?<=[fd}])(%%|%)(?=[\"']+$)", source)
            if match and not isinstance(chart.parent(node), (ast.JoinedStr, ast.FormattedValue)):
                start = chart.span(node)[0]
                edit = Edit(start + match.start(), start + match.end(), "")
                yield Mutation((edit,), "value labels", "have no percent sign")


@corruption(ChartProgram, TEXT)
def drop_value_labels(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The numbers on slices or cells are missing.

    Yields:
        One mutation per ``autopct`` of a pie whose texts nobody reads, and per ``annot=True``.

    Example:
        >>> drop_value_labels("sns.heatmap(table, annot=True, cmap='Blues')", seed=0)[0]
        "sns.heatmap(table, cmap='Blues')"
    """
    for call in chart.calls("pie", "heatmap"):
        if isinstance(chart.parent(call), ast.Expr):
            yield from chart.bare(
                call, ("autopct", "annot"), "value labels", "the numbers are missing"
            )

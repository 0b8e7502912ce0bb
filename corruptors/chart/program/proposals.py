"""Mutations that many corruptions of a chart propose: missing things, exchanged things."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartLabel, ChartProgram
from records.edits import Mutation


def missing(chart: ChartProgram, names: tuple[str, ...], what: str) -> Iterator[Mutation]:
    """A statement that calls one of ``names``, and nothing else, is taken out."""
    for call in chart.calls(*names):
        inside = (label.text.value for label in chart.labels if _inside(chart, label, call))
        shown = next(inside, "")
        where = f"{what} {shown!r}" if shown else what
        yield from chart.dropped_alone(call, where, f"the {what} is missing")


def _inside(chart: ChartProgram, label: ChartLabel, call: ast.Call) -> bool:
    return any(label.text.node in chart.leaves(argument) for argument in call.args[:3])


def exchanged(
    chart: ChartProgram, labels: list[ChartLabel], rng: Random, what: str, together: bool
) -> Iterator[Mutation]:
    """Each label changes places with another one, of the same list where ``together``.

    Texts with fields stay: the names in them may not be known where the other one stands.
    """
    labels = [label for label in labels if isinstance(label.text.node, ast.Constant)]
    for label in labels:
        others = [
            other
            for other in labels
            if other.text.value != label.text.value
            and (not together or chart.parent(other.text.node) is chart.parent(label.text.node))
        ]
        if others:
            other = rng.choice(others)
            edits = chart.exchange(label.text.node, other.text.node)
            words = f"{label.text.value!r} and {other.text.value!r}"
            yield Mutation(edits, f"{what} {words}", f"{words} have changed places")

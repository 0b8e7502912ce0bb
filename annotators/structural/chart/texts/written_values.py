"""Finds wrong values that a chart shows only as numbers written on shapes, as a Venn diagram does.

A number beside a bar repeats the bar's value: if only the number differs, it is a wrong text. The
outline of a free shape shows no value: there the number is the value, and a wrong number is a data
error.

Source: Visual-ERM (arXiv:2603.13224), chart category ``data_error``: value distortion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.attached_texts import (
    NUMBER,
    is_drawn_on,
    number_in,
    numbers_of,
    numbers_under,
    shows,
)
from annotators.structural.chart.findings import DATA, Finding, as_one, both
from annotators.structural.chart.marks import Mark, MarkMatch, Numbers
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.texts.text_places import match_texts, middle
from annotators.structural.chart.words import Name, quoted
from annotators.structural.matching import traded
from renderers.scene import Element

FAMILY = 3
"""At least this many numbers on shapes are the data of the chart; fewer are notes."""

SAME_PLACE = 0.02
"""Numbers whose distance is at most this share of the axes are at the same place."""

SHAPES = frozenset(("area", "areas", "heatmap", "photo"))
"""Roles that carry written values: free shapes, and cells that may be colored by other data."""

FORMS = frozenset(("area", "areas", "photo"))
"""Roles whose own numbers are outlines or pixels, which are not read as values."""

UNIT = re.compile(r"[^\W\d]{0,2}|\W{0,2}")
"""What may be written beside a number that is a value: a sign or a short unit."""


@dataclass(frozen=True, slots=True)
class Written:
    """Findings on written values, and the texts that they report."""

    findings: tuple[Finding, ...] = ()
    reported: frozenset[int] = frozenset()
    """Identities of the reference texts that the findings report."""


def explain(pair: PanelPair, match: MarkMatch) -> Written:
    """Findings on changed written values; changes of outlines that follow from them are dropped."""
    mine, theirs = pair.parts("text")
    if [(part.text, part.data) for part in mine] == [(part.text, part.data) for part in theirs]:
        return Written()
    values = written_values(pair.reference, [one for one, _ in match.pairs] + match.missing)
    if len(values) < FAMILY:
        return Written()
    known = {id(part) for part in values}
    pairs = [(mine[i], theirs[j]) for i, j in match_texts(mine, theirs) if id(mine[i]) in known]
    changed = [
        (one, two) for one, two in pairs
        if one.text != two.text and NUMBER.sub("#", one.text) == NUMBER.sub("#", two.text)
    ]  # fmt: skip
    changed += _exchanged(pairs)
    if not changed:
        return Written()
    for change in match.changed:
        if change.before.role == "area":
            change.geometry = False
    reported = frozenset(id(one) for one, _ in changed)
    return Written(tuple(_findings(pair, changed, len(values))), reported)


def written_values(axes: Element, marks: list[Mark]) -> list[Element]:
    """Texts that are a number on a shape or a cell, with a value that no mark shows."""
    shapes = [mark for mark in marks if mark.role in SHAPES]
    maps = [mark for mark in marks if mark.role == "heatmap"]
    others = [
        number
        for mark in marks
        if mark.role not in (*FORMS, "heatmap")
        for number in numbers_of(mark)
    ]
    return [
        part for part in axes.parts("text") if _is_value(part.text)
        and any(is_drawn_on(part, shape) for shape in shapes)
        and not shows(part.text, others)
        and not any(shows(part.text, numbers_under(part, field)) for field in maps)
    ]  # fmt: skip


def _is_value(text: str) -> bool:
    rest = NUMBER.sub("", text.replace("−", "-"), count=1).strip()
    return number_in(text) is not None and UNIT.fullmatch(rest) is not None


def _exchanged(pairs: list[tuple[Element, Element]]) -> list[tuple[Element, Element]]:
    """Exchanged values, each paired with the text that is now at its place."""
    moved = [
        (one, two) for one, two in pairs
        if one.text == two.text and not _together(middle(one), middle(two))
    ]  # fmt: skip
    placed = [
        (one, two) for one, _ in moved for _, two in moved if _together(middle(one), middle(two))
    ]
    return placed if len(placed) == len(moved) > 1 else []


def _together(here: Numbers, there: Numbers) -> bool:
    return len(here) == len(there) == 2 and float(np.hypot(*(here - there))) < SAME_PLACE


def _findings(pair: PanelPair, changed: list[tuple[Element, Element]], count: int) -> list[Finding]:
    at = traded([one.text for one, _ in changed], [two.text for _, two in changed])
    if len(at) == len(changed) or (len(at) == 2 and len(changed) - 2 <= APART):
        pairs = [changed[i] for i in at]
        names = [Name("value", one.text) for one, _ in pairs] if len(at) == 2 else ["values"]
        words = "are exchanged" if len(at) == 2 else "are in another order"
        every = [box for one, two in pairs for box in both(one, two)]
        rest = [change for i, change in enumerate(changed) if i not in at]
        others = _findings(pair, rest, count) if rest else []
        return [Finding("exchanged", DATA, 3, pair.at(*names), words, every), *others]
    before, after = ([part.text for part in parts] for parts in zip(*changed, strict=True))
    found = [
        Finding(
            "value", DATA,
            severity.of_relative_change(number_in(one.text) or 0.0, number_in(two.text) or 0.0),
            pair.at(Name("value", one.text)),
            f"is given as {quoted(two.text)} instead of {quoted(one.text)}", both(one, two),
        )
        for one, two in changed
    ]  # fmt: skip
    if len(found) < min(APART + 1, max(count, APART)):
        return found
    words = f"{len(found)} of {count} differ: {before[0]} is given as {after[0]}, and so on"
    return [as_one(found, "values", DATA, pair.at("values"), words)]

"""Compares tables inside charts: cells that read or look different."""

from __future__ import annotations

from annotators.structural import severity
from annotators.structural.chart.aspects import aspects
from annotators.structural.chart.attached_texts import NUMBER, number_in
from annotators.structural.chart.findings import DATA, STYLE, TEXT, Finding, as_one, both, shown
from annotators.structural.chart.marks import MARKS
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.texts.titles import changes_of
from annotators.structural.chart.words import quoted
from renderers.scene import Element

CellPlace = tuple[object, object]
"""Row and column of a cell."""


def tables(pair: PanelPair, explained: bool) -> list[Finding]:
    """Tables of an axes, paired in drawing order.

    Args:
        explained: True if values of this axes differ, so that numbers in a table may follow.
    """
    mine, theirs = pair.parts("table")
    found: list[Finding] = []
    for table in mine[len(theirs) :]:
        found.append(Finding("table", TEXT, 3, pair.at("table"), "is missing", shown(table, None)))
    for table in theirs[len(mine) :]:
        found.append(Finding("table", TEXT, 2, pair.at("table"), "is extra", shown(None, table)))
    for one, two in zip(mine, theirs, strict=False):
        found += _cells(pair, one, two, explained)
    return found


def _cells(pair: PanelPair, one: Element, two: Element, explained: bool) -> list[Finding]:
    before, after = _by_place(one), _by_place(two)
    found: list[Finding] = []
    if before.keys() != after.keys():
        sizes = [
            (len({r for r, _ in cells}), len({c for _, c in cells})) for cells in (before, after)
        ]
        if sizes[0] != sizes[1]:
            words = "{} x {} cells instead of {} x {}".format(*sizes[1], *sizes[0])
            return [Finding("table", DATA, 3, pair.at("table"), words, both(one, two))]
        gone = "missing" if len(after) < len(before) else "extra"
        words = f"cells are {gone}"
        found.append(Finding("table", TEXT, 2, pair.at("table"), words, both(one, two)))
    common = [place for place in before if place in after]
    changed = [
        (before[place], after[place]) for place in common
        if before[place].text != after[place].text
        and not (explained and _retold(before[place].text, after[place].text))
    ]  # fmt: skip
    found += _reworded(pair, changed)
    restyled: dict[str, list[tuple[Element, Element]]] = {}
    for place in common:
        for aspect in aspects(changes_of(before[place], after[place])):
            restyled.setdefault(aspect.words, []).append((before[place], after[place]))
    for words, cells in restyled.items():
        where = f"cell {quoted(cells[0][0].text, 25)} of the table" if len(cells) == 1 else "table"
        boxes = [box for first, second in cells for box in both(first, second)]
        found.append(Finding("table_look", STYLE, 1, pair.at(where), words, boxes))
    return found


def _by_place(table: Element) -> dict[CellPlace, Element]:
    return {(cell.data.get("row"), cell.data.get("column")): cell for cell in table.children}


def _retold(before: str, after: str) -> bool:
    """True if only a number differs, in the same notation."""
    return number_in(before) is not None and NUMBER.sub("#", before) == NUMBER.sub("#", after)


def _reworded(pair: PanelPair, changed: list[tuple[Element, Element]]) -> list[Finding]:
    if not changed:
        return []
    # A table beside marks repeats their values; a table alone is the data.
    alone = not any(child.role in MARKS for child in pair.reference.children)
    found = []
    for one, two in changed:
        value = alone and _retold(one.text, two.text)
        grade = severity.of_text_change(one.text, two.text)
        if _retold(one.text, two.text):
            grade = severity.of_relative_change(number_in(one.text) or 0, number_in(two.text) or 0)
        found.append(
            Finding(
                "table", DATA if value else TEXT, grade,
                pair.at(f"cell {quoted(one.text, 25)} of the table"),
                f"reads {quoted(two.text)} instead of {quoted(one.text)}", both(one, two),
            )
        )  # fmt: skip
    if len(found) < APART:
        return found
    one, two = changed[0]
    words = (f"{len(found)} cells read differently, such as {quoted(two.text)} instead of"
             f" {quoted(one.text)}")  # fmt: skip
    return [as_one(found, "table", found[0].category, pair.at("table"), words)]

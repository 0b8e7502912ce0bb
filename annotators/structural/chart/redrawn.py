"""Marks that are drawn as something else in the same places: edges as arrows, outlines without filling."""

from __future__ import annotations

from collections.abc import Sequence

from annotators.structural.chart.findings import STRUCTURE, STYLE, Finding, both, shown
from annotators.structural.chart.marks import Mark, MarkMatch
from annotators.structural.chart.matching import place_distance
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.words import PLURALS, Name, main_colour
from records.rows import Box

SAME_PX = 3.0
"""Pixels by which the edges of an outline and of its filling differ at most."""

IN_PLACE = 0.05
"""Lengths of the axes by which the ends of a line and of the arrow in its place differ at most."""

SEGMENTS = frozenset(("line", "arrow"))


def redrawn(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """What is missing and extra at once, or along with what it fills; takes that out of ``match``."""
    return [*_edges(pair, match), *_fillings(pair, match)]


def _edges(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """All lines without a name that became arrows where they were, or the other way."""
    sides = [
        [mark for mark in marks if mark.role in SEGMENTS and not mark.element.text]
        for marks in (match.missing, match.extra)
    ]
    roles = [{mark.role for mark in side} for side in sides]
    if len(sides[0]) != len(sides[1]) or any(len(role) != 1 for role in roles):
        return []
    [before], [after] = roles
    left = list(sides[1])
    for mark in sides[0]:
        at = next(
            (
                i
                for i, other in enumerate(left)
                if place_distance(mark, other, pair.scales) < IN_PLACE
            ),
            None,
        )
        if at is None:
            return []
        left.pop(at)
    if before == after:
        return []
    words = f"drawn as {PLURALS[after]} instead of {PLURALS[before]}"
    boxes = [box for one, two in zip(*sides, strict=True) for box in both(one.element, two.element)]
    _take(match, [*sides[0], *sides[1]])
    where = pair.at(Name(PLURALS[before]))
    return [Finding("redrawn", STRUCTURE, 2, where, words, boxes, same=words, role=before)]


def _fillings(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Areas without a name that are gone (or new) while the line around each stays."""
    found = []
    kept = [*match.equal, *((change.before, change.after) for change in match.changed)]
    for marks, words, side in ((match.missing, "not filled", 0), (match.extra, "filled", 1)):
        outlines = [sides[side] for sides in kept if sides[side].role == "line"]
        areas = [mark for mark in marks if mark.role == "area" and not mark.element.text]
        filled = [(area, line) for area in areas if (line := _outline(area, outlines))]
        for _, line in filled:
            boxes = shown(None, line.element)
            where = pair.at(line.name)
            found.append(Finding("filled", STYLE, 2, where, words, boxes, same=words, role="line"))
        _take(match, [area for area, _ in filled])
    return found


def _outline(area: Mark, lines: Sequence[Mark]) -> Mark | None:
    tint = main_colour(area.element)[:7]
    for line in lines:
        if main_colour(line.element)[:7] == tint and _same_box(area.element.box, line.element.box):
            return line
    return None


def _same_box(one: Box | None, two: Box | None) -> bool:
    if one is None or two is None:
        return False
    return all(abs(a - b) <= SAME_PX for a, b in zip(one, two, strict=True))


def _take(match: MarkMatch, marks: Sequence[Mark]) -> None:
    for side in (match.missing, match.extra):
        side[:] = [mark for mark in side if mark not in marks]

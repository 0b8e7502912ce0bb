"""Differences of the slices of a pie."""

from __future__ import annotations

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, STRUCTURE, STYLE, Finding, both
from annotators.structural.chart.marks import (
    Change,
)
from annotators.structural.chart.matching import ANGLE
from annotators.structural.chart.panel_pair import Pair
from annotators.structural.chart.words import figure
from annotators.structural.matching import permuted


def slice_values(pair: Pair, changes: list[Change]) -> list[Finding]:
    """Slices of other share, place or size."""
    boxes = [box for c in changes for box in both(c.before.element, c.after.element)]
    turns = [(c.before.value("turn"), c.after.value("turn")) for c in changes]
    grown = [
        (change, one, two) for change, (one, two) in zip(changes, turns, strict=True)
        if abs(one - two) > ANGLE
    ]  # fmt: skip
    if grown:
        names = [change.before.name for change, _, _ in grown]
        if permuted([round(t[0], 1) for t in turns], [round(t[1], 1) for t in turns]):
            return [
                Finding(
                    "exchanged",
                    DATA,
                    3,
                    pair.at(*names),
                    "their shares are exchanged",
                    boxes,
                )
            ]
        change, one, two = max(grown, key=lambda part: abs(part[1] - part[2]))
        words = f"{two / 3.6:.1f} % instead of {one / 3.6:.1f} %"
        if len(grown) > 1:
            words += "; the other slices change along"
        grade = severity.of_relative_change(one, two, 360.0)
        return [Finding("value", DATA, grade, pair.at(change.before.name), words, boxes)]
    radius = [c for c in changes if abs(c.before.value("radius") - c.after.value("radius")) > 0.01]
    holes = [
        c
        for c in changes
        if (
            None in (c.before.element.data.get("width"), c.after.element.data.get("width"))
            and c.before.element.data.get("width") != c.after.element.data.get("width")
        )
        or abs(c.before.value("width") - c.after.value("width")) > 0.01
    ]
    if holes:
        ring, other = (
            holes[0].before.element.data.get("width"),
            holes[0].after.element.data.get("width"),
        )
        words = (
            "a full pie instead of a ring" if other is None
            else "a ring instead of a full pie" if ring is None
            else f"ring width {figure(holes[0].after.value('width'))} instead of {figure(holes[0].before.value('width'))}"
        )  # fmt: skip
        kind = STRUCTURE if None in (ring, other) else STYLE
        return [Finding("ring", kind, 2, pair.at("pie"), words, boxes)]
    if radius:
        words = f"radius {figure(radius[0].after.value('radius'))} instead of {figure(radius[0].before.value('radius'))}"
        return [Finding("radius", STYLE, 1, pair.at("pie"), words, boxes)]
    starts = [(c.before.value("start") - c.after.value("start")) % 360 for c in changes]
    if all(min(start, 360 - start) > ANGLE for start in starts):
        turn = (changes[0].after.value("start") - changes[0].before.value("start")) % 360
        words = f"slices are turned by {figure(min(turn, 360 - turn))} degrees"
        if len({round(start, 1) for start in starts}) > 1:
            words = "slices run the other way round"
        return [Finding("turned", STYLE, 2, pair.at("pie"), words, boxes)]
    pulled = [c.before.name for c in changes]
    return [
        Finding("moved", STYLE, 1, pair.at(*pulled), "pulled out of the pie differently", boxes)
    ]

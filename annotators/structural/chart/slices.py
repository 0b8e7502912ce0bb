"""Compares the slices of pies."""

from __future__ import annotations

from collections import Counter

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, STRUCTURE, STYLE, Finding, both
from annotators.structural.chart.marks import MarkChange
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.same_shape import ANGLE
from annotators.structural.chart.words import figure
from annotators.structural.matching import permuted
from renderers.scene import Element


def slice_values(pair: PanelPair, changes: list[MarkChange]) -> list[Finding]:
    """Findings on slices with another share, size or place, and on a rotated pie."""
    boxes = [box for c in changes for box in both(c.before.element, c.after.element)]
    turned = [Finding("turned", STYLE, 2, pair.at("pie"), words, boxes) for words in _turned(pair)]
    found = _shares(pair, changes)
    if found:
        return found + turned
    pulled = [c.before.name for c in changes]
    return turned or [
        Finding("moved", STYLE, 1, pair.at(*pulled), "pulled out of the pie differently", boxes)
    ]


def _turned(pair: PanelPair) -> list[str]:
    """A finding if the slices run in the other direction or start at another angle."""
    one, two = (_ring(axes) for axes in (pair.reference, pair.candidate))
    if min(len(one), len(two)) < 2:
        return []
    if one.keys() != two.keys():  # in drawing order if the names differ
        one, two = ({str(i): pie[key] for i, key in enumerate(pie)} for pie in (one, two))
    names, others = (sorted(pie, key=lambda name: pie[name][0] % 360) for pie in (one, two))
    at = others.index(names[0]) if names[0] in others else 0
    others = others[at:] + others[:at]
    if len(names) > 2 and names[1:] == others[:0:-1]:
        return ["slices run the other way round"]
    turns = Counter(
        abs(round((after - before + 180) % 360 - 180, 1))
        for name in one.keys() & two.keys()
        for before, after in zip(one[name], two[name], strict=True)
    )
    # Edges of slices with another share turn by more or less than the pie.
    turn = min(turns, key=lambda degrees: (-turns[degrees], degrees))
    return [f"slices are turned by {figure(turn)} degrees"] if turn > ANGLE else []


def _ring(axes: Element) -> dict[str, tuple[float, float]]:
    """Start and end, in degrees, of the slices of the first ring by their names, or their numbers."""
    slices = [child for child in axes.children if child.role == "wedge"]
    ring = [
        (part.text, start, start + turn) for part, start, turn in
        ((part, part.data.get("start"), part.data.get("turn")) for part in slices)
        if isinstance(start, float) and isinstance(turn, float)
        and part.data.get("radius") == slices[0].data.get("radius")
    ]  # fmt: skip
    named = len({text for text, _, _ in ring}) == len(ring)
    return {text if named else str(i): (low, high) for i, (text, low, high) in enumerate(ring)}


def _shares(pair: PanelPair, changes: list[MarkChange]) -> list[Finding]:
    """Findings on slices with another share, or a pie with another shape."""
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
                Finding("exchanged", DATA, 3, pair.at(*names), "their shares are exchanged", boxes)
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
    return []

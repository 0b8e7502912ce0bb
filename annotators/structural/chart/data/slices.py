"""Compares the slices of pies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, STRUCTURE, STYLE, Finding
from annotators.structural.chart.marks import MarkChange, marks_of
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.same_shape import ANGLE
from annotators.structural.chart.words import figure
from annotators.structural.matching import permuted
from records.rows import Box
from records.taxonomy import Severity
from renderers.scene import Element

TURN = 2.0
"""Least noticed turn of a whole pie, in degrees; all its edges are still where a reader expects them."""
STANDS = frozenset((-0.1, 0.0, 0.1))
"""Turns, in degrees, of an edge that stands where it stood: a pie with such an edge is not turned."""
TURN_SEEN_AT_ONCE = 10.0
PULLED = 0.02
"""Least noticed distance of a slice from its pie, in radii of a plain pie."""

MAKES_ROOM = 0.02
"""Slices that make room for another one change by factors that differ by at most this share."""

Grown = tuple[MarkChange, float, float]
"""A slice with another share, and how far it runs in both pies, in degrees."""


def slice_values(pair: PanelPair, changes: list[MarkChange]) -> list[Finding]:
    """Findings on slices with another share, size or place, and on a rotated pie."""
    turned = [
        pair.finding_on(changes, "turned", STYLE, grade, words, "pie")
        for grade, words in _turned(pair)
    ]
    return [*_shares(pair, changes), *turned, *_pulled(pair, changes)]


def _pulled(pair: PanelPair, changes: list[MarkChange]) -> list[Finding]:
    """Findings on slices that stand apart from their pie in one chart only, or at another distance."""
    pies = [
        np.median(
            [mark.column("center") for mark in marks_of(axes) if mark.role == "wedge"], axis=0
        )
        for axes in pair.sides
    ]
    by_words: dict[str, list[MarkChange]] = defaultdict(list)
    for change in changes:
        before, after = (
            float(np.hypot(*(mark.column("center") - pie)))
            for mark, pie in zip(change.sides, pies, strict=True)
        )
        if abs(after - before) > PULLED:
            way = "farther " if after > before else "less far "
            if min(before, after) < PULLED:
                way = "not " if after < PULLED else ""
            by_words[f"{way}pulled out of the pie"].append(change)
    return [
        pair.finding_on(group, "moved", STYLE, 1, f"{'are' if len(group) > 1 else 'is'} {words}")
        for words, group in by_words.items()
    ]


def _turned(pair: PanelPair) -> list[tuple[Severity, str]]:
    """Severity and words if the slices run in the other direction or start at another angle."""
    one, two = (_ring(axes) for axes in pair.sides)
    if min(len(one), len(two)) < 2:
        return []
    if one.keys() != two.keys():  # in drawing order if the names differ
        one, two = ({str(i): pie[key] for i, key in enumerate(pie)} for pie in (one, two))
    names, others = (sorted(pie, key=lambda name: pie[name][0] % 360) for pie in (one, two))
    at = others.index(names[0]) if names[0] in others else 0
    others = others[at:] + others[:at]
    if len(names) > 2 and names[1:] == others[:0:-1]:
        return [(2, "slices run the other way round")]
    turns = Counter(
        round((after - before + 180) % 360 - 180, 1)
        for name in one.keys() & two.keys()
        for before, after in zip(one[name], two[name], strict=True)
    )
    # Edges of slices with another share turn by more or less than the pie, some in each direction.
    turn = min(turns, key=lambda degrees: (-turns[degrees], abs(degrees)))
    if STANDS & turns.keys() or (turns[turn] == 1 and min(turns) < 0 < max(turns)):
        return []
    if abs(turn) <= TURN:
        return []
    return [
        (
            1 if abs(turn) < TURN_SEEN_AT_ONCE else 2,
            f"slices are turned by {figure(abs(turn))} degrees",
        )
    ]


def _ring(axes: Element) -> dict[str, tuple[float, float]]:
    """Start and end, in degrees, of the slices of the first ring by their names, or their numbers."""
    slices = axes.parts("wedge")
    ring = [
        (part.text, start, start + turn) for part, start, turn in
        ((part, part.data.get("start"), part.data.get("turn")) for part in slices)
        if isinstance(start, float) and isinstance(turn, float)
        and part.data.get("radius") == slices[0].data.get("radius")
    ]  # fmt: skip
    named = len({text for text, _, _ in ring}) == len(ring)
    return {text if named else str(i): (low, high) for i, (text, low, high) in enumerate(ring)}


def _own_shares(pair: PanelPair, grown: Sequence[Grown], boxes: list[Box]) -> Finding:
    """A finding on the slices with another share: what one gains another loses. Slices that only make
    room for them shrink or grow by one factor and are not named."""
    one, two = (_ring(axes) for axes in pair.sides)
    turns = [
        (end - start, two[name][1] - two[name][0])
        for name, (start, end) in one.items() if name in two
    ]  # fmt: skip
    factors = np.array([after / before for before, after in turns if before])
    alike = np.isclose(factors[:, None], factors[None, :], rtol=MAKES_ROOM).sum(axis=1)
    common = factors[int(alike.argmax())] if alike.any() and alike.max() > 1 else 1.0
    own = [part for part in grown if not np.isclose(part[2], part[1] * common, rtol=MAKES_ROOM)]
    worst = max(own or grown, key=lambda part: abs(part[2] - part[1]))
    if not own:
        own = [worst]
    if len(one) == len(grown) == 2:  # The share of one says that of the other.
        own = [max(grown, key=lambda part: part[1])]
    names = [part[0].before.name for part in own]
    words = " and ".join(map(_share, own))
    if len(own) > 2:
        words = f"{len(own)} of {len(one)} slices have other shares, such as {worst[0].before.name} with {_share(worst)}"
    words += "; the other slices change along" if len(own) < len(grown) else ""
    grade = severity.of_relative_change(worst[1], worst[2], 360.0)
    place = pair.at(*names) if len(own) <= 2 else pair.at("pie")
    return Finding("value", DATA, grade, place, words, boxes)


def _share(grown: Grown) -> str:
    _, before, after = grown
    return f"{after / 3.6:.1f} % instead of {before / 3.6:.1f} %"


def _shares(pair: PanelPair, changes: list[MarkChange]) -> list[Finding]:
    """Findings on slices with another share, or a pie with another shape."""
    turns = [(c.before.value("turn"), c.after.value("turn")) for c in changes]
    grown = [
        (change, one, two) for change, (one, two) in zip(changes, turns, strict=True)
        if abs(one - two) > ANGLE
    ]  # fmt: skip
    if grown:
        names = [change.before.name for change, _, _ in grown]
        boxes = [box for change in changes for box in change.boxes]
        if permuted([round(t[0], 1) for t in turns], [round(t[1], 1) for t in turns]):
            return [
                Finding("exchanged", DATA, 3, pair.at(*names), "their shares are exchanged", boxes)
            ]
        return [_own_shares(pair, grown, boxes)]
    radius = [c for c in changes if abs(c.before.value("radius") - c.after.value("radius")) > 0.01]
    widths = [(c.before.value("width"), c.after.value("width")) for c in changes]
    holes = [
        (ring, other) for ring, other in widths
        if np.isnan(ring) != np.isnan(other) or abs(ring - other) > 0.01
    ]  # fmt: skip
    if holes:
        ring, other = holes[0]
        words = (
            "a full pie instead of a ring" if np.isnan(other)
            else "a ring instead of a full pie" if np.isnan(ring)
            else f"ring width {figure(other)} instead of {figure(ring)}"
        )  # fmt: skip
        kind = STRUCTURE if np.isnan([ring, other]).any() else STYLE
        return [pair.finding_on(changes, "ring", kind, 2, words, "pie")]
    if radius:
        words = f"radius {figure(radius[0].after.value('radius'))} instead of {figure(radius[0].before.value('radius'))}"
        return [pair.finding_on(changes, "radius", STYLE, 1, words, "pie")]
    return []

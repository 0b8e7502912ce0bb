"""Compares legends: place, title, frame. `legend_entries` compares their entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import STYLE, TEXT, Finding, Place, both, shown
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.texts.legend_entries import entries, letters
from annotators.structural.chart.texts.titles import around
from annotators.structural.chart.words import quoted
from annotators.structural.matching import assign, paired
from records.boxes import meet
from renderers.scene import Element, Value


def legend(pair: PanelPair, known: Explained) -> list[Finding]:
    mine, theirs = pair.parts("legend")
    return legends(mine, theirs, pair.at("legend"), known, (pair.reference, pair.candidate))


def legends(
    mine: Sequence[Element], theirs: Sequence[Element], where: Place, known: Explained,
    axes: Sequence[Element] = (),
) -> list[Finding]:  # fmt: skip
    """Findings on the legends of two axes, or of two figures, which have no ``axes``."""
    found: list[Finding] = []
    cost = [[_unlike(one, two) for two in theirs] for one in mine]
    indices = assign(cost, limit=5.0) if mine and theirs else []
    pairs, gone, new = paired(mine, theirs, indices)
    for one in gone:
        names = {entry.text for entry in one.children}
        if not (names and names <= known.series) and not known.other_axes:
            found.append(Finding("legend", TEXT, 2, where, "is missing", shown(one, None)))
    for two in new:
        names = {entry.text for entry in two.children}
        if not (names and names <= known.series):
            found.append(Finding("legend", TEXT, 1, where, "is extra", shown(None, two)))
    for one, two in pairs:
        found += _one_legend(one, two, where, known, axes)
    return found


def _unlike(one: Element, two: Element) -> float:
    first, second = {e.text for e in one.children}, {e.text for e in two.children}
    return 1 - len(first & second) / max(1, len(first | second)) + 0.1 * (one.text != two.text)


def _anchored(one: Element, two: Element) -> bool:
    """True if a legend of another size has the same corner, edge or center."""
    if one.box is None or two.box is None:
        return False
    held = []
    for low, high in ((0, 2), (1, 3)):
        gaps = one.box[low] - two.box[low], one.box[high] - two.box[high]
        held.append(min(abs(gaps[0]), abs(gaps[1]), abs(gaps[0] + gaps[1]) / 2) < 3)
    return all(held)


INSIDE = frozenset(
    ("upper left", "upper center", "upper right", "center left", "center", "center right",
     "lower left", "lower center", "lower right")
)  # fmt: skip
"""Legend places within an axes; moving from inside to outside, or the reverse, is noticed."""

FAR = 0.25
"""A legend with other fonts has moved if its distance is at least this share of the axes."""


CROSSED, MOVED = 0.03, 0.06
"""Least noticed distance of a legend that moved into or out of its axes, and of any other, as a
share of the axes."""


def _step(one: Element, two: Element) -> tuple[float, float]:
    """How far a legend moved to the right and up, as shares of the size of its axes."""
    (x, y), (x_now, y_now) = (side.column("at") or (0.0, 0.0) for side in (one, two))
    return float(x_now) - float(x), float(y_now) - float(y)  # type: ignore[arg-type]


def _letters(legend: Element) -> set[Value]:
    """Font sizes of the entries."""
    return {entry.style.get("text_size") for entry in legend.children}


def _one_legend(
    one: Element, two: Element, where: Place, known: Explained, axes: Sequence[Element]
) -> list[Finding]:
    return [
        *(_over_title(one, two, where, axes) or _place(one, two, where)),
        *_columns_and_title(one, two, where),
        *entries(one, two, where, known),
        *_style(one, two, where),
    ]


def _over_title(one: Element, two: Element, where: Place, axes: Sequence[Element]) -> list[Finding]:
    """A finding on a legend that covers the title of its axes in one chart only."""
    covered = [
        any(
            part.role == "title" and part.box and legend.box and meet(part.box, legend.box, OVER_PX)
            for part in holder.children
        )
        for legend, holder in zip((one, two), axes, strict=False)
    ]
    if len(covered) != 2 or covered[0] == covered[1]:
        return []
    words = "covers the title" if covered[1] else "no longer covers the title"
    return [Finding("legend_place", TEXT, 2 if covered[1] else 1, where, words, both(one, two))]


OVER_PX = 3.0
"""Pixels that a legend must reach over a title to cover it."""


def _place(one: Element, two: Element, where: Place) -> Iterator[Finding]:
    """A finding on a moved legend, unless its place was chosen automatically."""
    across, up = _step(one, two)
    gap = float(np.hypot(across, up))
    here, there = one.data.get("location"), two.data.get("location")
    outside = here == there and here in OUTSIDE
    kept = _anchored(one, two) or (_letters(one) != _letters(two) and gap < FAR)
    if kept and not outside:
        return  # larger or smaller at the same place
    if one.data.get("auto") and two.data.get("auto"):
        return
    crossed, alike = (here in INSIDE) != (there in INSIDE), _form(one) == _form(two)
    least = CROSSED if crossed else GAP if outside else MOVED
    if outside and alike and abs(up) > max(GAP, abs(across)):
        grown = (up > 0) == (here == "above")
        words = f"leaves a {'larger' if grown else 'smaller'} gap to the axes"
        yield Finding("legend_gap", STYLE, 1, where, words, both(one, two))
    elif not kept and gap > least and (here != there or alike):
        way = f"farther {'right' if across > 0 else 'left'}" if abs(across) > abs(up) else "higher" if up > 0 else "lower"  # fmt: skip
        far = here != there and (crossed or gap > 2 * MOVED)
        words = f"moved from {here} to {there}" if far else f"stands {way}"
        grade = severity.of_shift(gap / 3)
        yield Finding("legend_place", TEXT, grade, where, words, both(one, two))


OUTSIDE = frozenset(("above", "below"))

GAP = 0.04
"""Least noticed shift of a legend above or below its axes, as a share of their size: it is seen against their edge and middle."""


def _form(legend: Element) -> tuple[int, int]:
    """Number of columns that have entries, and of entries."""
    count = len(legend.children)
    return min(int(legend.number("columns") or 1), count), count


def _columns_and_title(one: Element, two: Element, where: Place) -> Iterator[Finding]:
    (before, entries_before), (after, entries_after) = _form(one), _form(two)
    if before != after and entries_before == entries_after:
        words = f"{after} column{'s' * (after != 1)} instead of {before}"
        yield Finding("legend_columns", TEXT, 1, where, words, both(one, two))
    if one.text != two.text:
        words = (
            f"title {quoted(one.text)} is missing" if not two.text
            else f"title {quoted(two.text)} is extra" if not one.text
            else f"title reads {quoted(two.text)} instead of {quoted(one.text)}"
        )  # fmt: skip
        grade = severity.of_text_change(one.text, two.text) if one.text and two.text else 2
        yield Finding("legend_title", TEXT, grade, where, words, both(one, two))


def _style(one: Element, two: Element, where: Place) -> Iterator[Finding]:
    """Findings on the frame of a legend and the font of its title."""
    if _letters(one) != _letters(two):  # corners are as round as letters are large
        one, two = (
            side.having(style={k: v for k, v in side.style.items() if k != "frame_corners"})
            for side in (one, two)
        )
    words = around("frame", one, two)
    if words:
        yield Finding("legend_frame", STYLE, 1, where, words, shown(one, two))
    if one.text and two.text:
        yield from letters([(one, two)], "title_", where, shown(one, two))

"""Findings on contours, arrows, surfaces and other forms with changed values."""

from __future__ import annotations

import numpy as np

from annotators.structural.chart.data.mark_changes import finding_on
from annotators.structural.chart.findings import DATA, TEXT, Finding
from annotators.structural.chart.marks import Mark, MarkChange
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import figures, kind_name
from annotators.structural.visibility import DEPTH, PLACE


def other_values(pair: PanelPair, change: MarkChange) -> Finding:
    """A finding on any other mark with a changed form."""
    one, two = change.before, change.after
    first, second = one.element.data, two.element.data
    if one.role == "contour" and first.get("levels") != second.get("levels"):
        before, after = len(one.column("levels")), len(two.column("levels"))
        words = (
            f"{after} levels instead of {before}"
            if before != after
            else "levels are at other values"
        )
        return finding_on(pair, change, "levels", DATA, 2, words)
    ramps = [mark.element.style.get("ramp") for mark in (one, two)]
    filled = [len(ramp) if isinstance(ramp, list) else 0 for ramp in ramps]
    if one.role == "contour" and first.get("levels") == second.get("levels") and filled[0] != filled[1]:  # fmt: skip
        change.style.pop("ramp", None)
        words = (
            f"areas beyond the outer levels are {'blank' if filled[1] < filled[0] else 'filled'}"
        )
        return finding_on(pair, change, "beyond", DATA, 2, words)
    if one.role == "contour" and first.get("labels") != second.get("labels"):
        change.style.pop("label_size", None)
        lost, new = "labels" not in second, "labels" not in first
        words = (
            f"numbers on the lines {'are missing' if lost else 'are extra' if new else 'differ'}"
        )
        return finding_on(pair, change, "contour_labels", TEXT, 2, words)
    if one.kind == two.kind == "bars 3d" and (words := _other_heights(pair, one, two)):
        return finding_on(pair, change, "values", DATA, 2, words)
    if one.role == "arrows" and (words := _other_arrows(one, two)):
        return finding_on(pair, change, "values", DATA, 2, words)
    limits = [(data.get("low"), data.get("high")) for data in (first, second)]
    if limits[0] != limits[1] and first.get("hash") == second.get("hash"):
        words = "colors run between other values"
        return finding_on(pair, change, "color_limits", DATA, 2, words)
    if one.role == "arrow":
        # A few arrows are pointers; many are the edges of a graph.
        arrows = len(pair.reference.parts("arrow"))
        words = f"{kind_name(one.element)} runs elsewhere"
        return finding_on(pair, change, "moved", TEXT if arrows <= APART else DATA, 1, words)
    return finding_on(pair, change, "values", DATA, 2, "drawn from other values")


def _other_heights(pair: PanelPair, one: Mark, two: Mark) -> str:
    """How bars in three dimensions differ: their number, or their heights; empty if in neither."""
    sides = [np.stack([mark.column(name) for name in "xyz"], axis=1) for mark in (one, two)]
    counts = [len(side) // 2 for side in sides]
    if counts[0] != counts[1]:
        return f"{counts[1]} bars instead of {counts[0]}"
    feet = [side[::2] for side in sides]
    orders = [np.lexsort(foot.T[:2]) for foot in feet]
    before, after = (
        (side[1::2] - foot)[order, 2] for side, foot, order in zip(sides, feet, orders, strict=True)
    )
    other = np.flatnonzero(np.abs(after - before) > DEPTH * PLACE * pair.scales[2].length)
    if not len(other):
        return ""
    if len(other) > 1:
        return f"{len(other)} of {counts[0]} bars are of other heights"
    was, now = figures(float(before[other[0]]), float(after[other[0]]))
    return f"{'' if counts[0] == 1 else 'one is '}{now} high instead of {was}"


def _other_arrows(one: Mark, two: Mark) -> str:
    """How the arrows of a field differ: their number, or where they point; empty if in neither."""
    counts = len(one.column("x")), len(two.column("x"))
    if counts[0] != counts[1]:
        return f"{counts[1]} arrows instead of {counts[0]}"
    angles = [np.arctan2(mark.column("v"), mark.column("u")) for mark in (one, two)]
    if not all(len(side) == counts[0] for side in angles):
        return ""
    turns = np.abs((angles[1] - angles[0] + np.pi) % (2 * np.pi) - np.pi)
    turned = turns > TURNED
    if (turns > np.pi - TURNED).sum() > 0.9 * counts[0]:
        return "arrows point the opposite way"
    return f"{int(turned.sum())} of {counts[0]} arrows point elsewhere" if turned.any() else ""


TURNED = np.radians(5)
"""Least noticed turn of an arrow, in radians."""

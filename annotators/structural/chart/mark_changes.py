"""One mark drawn from other values, in words: lines, points, boxes and other forms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.axis_units import place_on
from annotators.structural.chart.findings import DATA, STYLE, TEXT, Finding, both
from annotators.structural.chart.marks import Mark, MarkChange, Numbers, fractions, near
from annotators.structural.chart.matching import in_view, off_curve
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import figure, figures, kind_name
from annotators.structural.matching import permuted
from annotators.structural.visibility import PLACE

AT_ONCE = {"error bars": 1, "boxes": 2, "contours": 1, "surfaces": 1, "line segments": 1}
"""Marks that are told one by one up to so many; the parts of one field or set are told at once."""


def several(
    pair: PanelPair, changes: Sequence[MarkChange], findings: list[Finding], kind: str
) -> list[Finding]:
    """A few findings as they are; exchanged pairs and long lists as one."""
    if len(changes) > 1 and (
        permuted(
            [change.before.shape for change in changes], [change.after.shape for change in changes]
        )
        or _heights_permuted(changes)
    ):
        names = [change.before.name for change in changes]
        boxes = [
            box for change in changes for box in both(change.before.element, change.after.element)
        ]
        return [
            Finding(
                "exchanged",
                DATA,
                3,
                pair.at(*names),
                f"the data of these {kind} are exchanged",
                boxes,
            )
        ]
    redrawn = all(finding.kind == "redrawn" for finding in findings)
    if len(findings) <= (1 if redrawn else AT_ONCE.get(kind, APART)):
        return findings
    names = [change.before.name for change in changes]
    return [
        Finding(
            "values", DATA, max(finding.severity for finding in findings), pair.at(*names),
            f"{len(findings)} {kind} differ: {_worst(findings).description}, and others",
            [box for finding in findings for box in finding.boxes],
        )
    ]  # fmt: skip


def _worst(findings: Sequence[Finding]) -> Finding:
    """The first of the gravest, which a list is told by."""
    return max(findings, key=lambda finding: finding.severity)


def _heights_permuted(changes: Sequence[MarkChange]) -> bool:
    """True where curves or clouds stand where they stood, with the heights of one another."""
    marks = [mark for change in changes for mark in (change.before, change.after)]
    if any(mark.role not in ("line", "markers") or not len(mark.column("y")) for mark in marks):
        return False
    if any(not np.array_equal(c.before.column("x"), c.after.column("x")) for c in changes):
        return False
    before, after = (
        [tuple(np.round(mark.column("y"), 9)) for mark in side]
        for side in ([c.before for c in changes], [c.after for c in changes])
    )
    return permuted(before, after)


def box_values(pair: PanelPair, change: MarkChange) -> Finding:
    """A box of a box plot with other statistics."""
    one, two = change.before, change.after
    boxes = both(one.element, two.element)
    scale = pair.scales[1 if one.orientation == "vertical" else 0]
    parts = []
    for key, name in (
        ("median", "median"),
        ("q1", "lower quartile"),
        ("q3", "upper quartile"),
        ("low", "lower whisker"),
        ("high", "upper whisker"),
        ("mean", "mean"),
    ):
        if not same_number(one.value(key), two.value(key)):
            parts.append((name, one.value(key), two.value(key)))
    if parts:
        name, before, after = max(
            parts, key=lambda part: abs(np.nan_to_num(part[1] - part[2], nan=1e99))
        )
        if np.isnan(before) or np.isnan(after):
            words = f"{name} is {'extra' if np.isnan(before) else 'missing'}"
            return Finding("mean", STYLE, 1, pair.at(one.name), words, boxes)
        grade = severity.of_relative_change(before, after, scale.length)
        return Finding(
            "value", DATA, grade, pair.at(one.name), _instead(name, before, after), boxes
        )
    if not same_number(one.value("width"), two.value("width")):
        words = f"width {figure(two.value('width'))} instead of {figure(one.value('width'))}"
        return Finding("thickness", DATA, 1, pair.at(one.name), words, boxes)
    if one.element.data.get("flier_count") != two.element.data.get("flier_count"):
        first, second = int(one.value("flier_count")), int(two.value("flier_count"))
        gone = "are not shown" if not second else f"{second} instead of {first}"
        return Finding(
            "fliers",
            DATA,
            2 if second and first else 1,
            pair.at(one.name),
            f"outliers: {gone}",
            boxes,
            same=f"{bool(first)}{bool(second)}" if not (first and second) else "",
        )
    if not same_number(one.value("at"), two.value("at")):
        return Finding(
            "moved",
            DATA,
            2,
            pair.at(one.name),
            f"at {figure(two.value('at'))} instead of {figure(one.value('at'))}",
            boxes,
        )
    return Finding("value", DATA, 1, pair.at(one.name), "outliers or caps differ", boxes)


def _instead(name: str, before: float, after: float) -> str:
    was, now = figures(before, after)
    return f"{name} {now} instead of {was}"


def same_number(first: float, second: float) -> bool:
    return first == second or (np.isnan(first) and np.isnan(second)) or near(first, second)


def point_values(pair: PanelPair, change: MarkChange) -> Finding:
    """A line, points, an area or error bars of other values."""
    one, two = change.before, change.after
    boxes = both(one.element, two.element)
    before, after = fractions(one, pair.scales), fractions(two, pair.scales)
    counts = int(one.value("count")), int(two.value("count"))
    plain = one.role in ("line", "markers")
    far = _aside(one, two, before, after) if counts[0] != counts[1] else None
    if far is not None and one.role == "area" and far < CORNERS and min(counts) <= FEW_POINTS:
        words = "its outline has other corners"
        return Finding("corners", STYLE, 1, pair.at(one.name), words, boxes)
    if far is not None and min(counts) > FEW_POINTS:
        grade = severity.grade(far, medium=0.03, severe=0.3)
        words = f"runs elsewhere, by up to {figure(float(f'{100 * far:.2g}'))} % of the axis"
        return Finding("values", DATA, grade, pair.at(one.name), words, boxes)
    if counts[0] != counts[1]:
        words = f"{counts[1]} points instead of {counts[0]}"
        grade = severity.of_missing_share(abs(counts[0] - counts[1]), counts[0])
        return Finding("points", DATA, grade, pair.at(one.name), words, boxes)
    sizes_differ = one.element.data.get("sizes") != two.element.data.get("sizes")
    if before.shape != after.shape or not before.size:
        if sizes_differ or one.element.data.get("values_hash") != two.element.data.get(
            "values_hash"
        ):
            return _unplaced(pair, change, boxes)
        return Finding("values", DATA, 2, pair.at(one.name), "values differ", boxes)
    gaps = np.nan_to_num(np.abs(before - after), nan=1.0)
    moved = gaps.max(axis=1) > PLACE
    if not moved.any():
        return _unplaced(pair, change, boxes)
    axis = int(gaps.max(axis=0).argmax())
    stretched = _stretched(before, after) if one.role == "area" else None
    if stretched is not None:
        words = f"{'wider' if stretched[0] else 'higher'} than in the reference: {stretched[1]:.2g} times"
        if stretched[1] < 1:
            words = f"{'narrower' if stretched[0] else 'lower'} than in the reference: {stretched[1]:.2g} times"
        return Finding("thickness", DATA, 1, pair.at(one.name), words, boxes)
    count = int(moved.sum())
    worst = int(gaps.max(axis=1).argmax())
    if one.role == "errorbars":
        return Finding(
            "errors",
            DATA,
            2,
            pair.at(one.name),
            f"{count} of {counts[0]} are drawn longer, shorter or elsewhere",
            boxes,
        )
    names = ("x", "y", "z")
    column = (one.column(names[axis]), two.column(names[axis])) if axis < 3 else (before, after)
    if one.role == "area" and axis == 0 and count > 1:
        far = float(gaps.max())
        grade = severity.grade(far, medium=0.03, severe=0.3)
        words = f"has another outline, by up to {figure(float(f'{100 * far:.2g}'))} % of the axis"
        return Finding("redrawn", DATA, grade, pair.at(one.name), words, boxes)
    rows = (
        [tuple(np.round(row, 5)) for row in before[moved]],
        [tuple(np.round(row, 5)) for row in after[moved]],
    )
    if count > 1 and permuted([row[axis] for row in rows[0]], [row[axis] for row in rows[1]]):
        words = "two values are exchanged" if count == 2 else f"{count} values are in another order"
        return Finding("exchanged", DATA, 2, pair.at(one.name), words, boxes)
    first, second = float(column[0][worst]), float(column[1][worst])
    scale = pair.scales[min(axis, 1)]
    span = None if scale.logarithmic else scale.length
    grade = severity.of_relative_change(first, second, span) if axis < 2 else 2
    if plain and len(one.column("x")) and axis == 1:
        place = f" at {place_on(pair.reference, 'x', float(one.column('x')[worst]))}"
    else:
        place = ""
    was, now = figures(first, second)
    words = f"{names[axis]} value{place} is {now} instead of {was}"
    if count > 1:
        words = f"{count} of {len(moved)} values differ; {words}"
        grade = max(grade, severity.of_missing_share(count, len(moved))) if grade > 1 else grade
    kind = "value" if count == 1 else "redrawn" if count > 0.8 * len(moved) else "values"
    return Finding(kind, DATA, grade, pair.at(one.name), words, boxes)


FEW_POINTS = 12
"""Points of a curve that a viewer sees one by one, at its corners."""

CORNERS = 0.06
"""Lengths of the axes by which the corners of a box may be cut off or rounded."""


def _aside(one: Mark, two: Mark, before: Numbers, after: Numbers) -> float | None:
    """How far two curves or outlines without markers run apart; None for other marks."""
    marked = any(mark.element.style.get("marker") for mark in (one, two))
    if one.role not in ("line", "area") or marked or min(len(before), len(after)) < 3:
        return None
    if before.shape[1:] != (2,) or after.shape[1:] != (2,):
        return None
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        return None
    if one.role == "area":
        before, after = in_view(before), in_view(after)
    return max(off_curve(before, after), off_curve(after, before))


def _stretched(before: Numbers, after: Numbers) -> tuple[bool, float] | None:
    """Whether a shape was stretched across (or else upwards) about its middle, and how often."""
    for across in (0, 1):
        ends = [(column.min(), column.max()) for column in (before[:, across], after[:, across])]
        lengths = [high - low for low, high in ends]
        if not np.isfinite(lengths).all() or min(lengths) <= 0:
            continue
        factor = float(lengths[1] / lengths[0])
        here, there = ((low + high) / 2 for low, high in ends)
        alike = np.allclose(
            after[:, across] - there, (before[:, across] - here) * factor, atol=2e-3
        )
        still = np.allclose(before[:, 1 - across], after[:, 1 - across], atol=1e-3)
        if alike and still and abs(here - there) < 2e-3 and abs(factor - 1) > 0.02:
            return across == 0, factor
    return None


def _unplaced(
    pair: PanelPair, change: MarkChange, boxes: list[tuple[float, float, float, float]]
) -> Finding:
    one, two = change.before.element.data, change.after.element.data
    if one.get("sizes") != two.get("sizes"):
        return Finding(
            "sizes", DATA, 2, pair.at(change.before.name), "sizes of points differ", boxes
        )
    if one.get("faces") != two.get("faces") or one.get("edges") != two.get("edges"):
        return Finding(
            "colours", STYLE, 2, pair.at(change.before.name), "colors of points differ", boxes
        )
    if (one.get("low"), one.get("high")) != (two.get("low"), two.get("high")):
        return Finding(
            "colour_limits",
            DATA,
            2,
            pair.at(change.before.name),
            "colors run between other values",
            boxes,
        )
    return Finding("values", DATA, 2, pair.at(change.before.name), "values differ", boxes)


def other_values(pair: PanelPair, change: MarkChange) -> Finding:
    """Any other mark of another form."""
    one, two = change.before, change.after
    boxes = both(one.element, two.element)
    first, second = one.element.data, two.element.data
    if one.role == "contour" and first.get("levels") != second.get("levels"):
        words = f"{len(two.column('levels'))} levels instead of {len(one.column('levels'))}"
        if len(two.column("levels")) == len(one.column("levels")):
            words = "levels are at other values"
        return Finding("levels", DATA, 2, pair.at(one.name), words, boxes)
    if one.role == "contour" and first.get("labels") != second.get("labels"):
        change.style.pop("label_size", None)
        lost, new = "labels" not in second, "labels" not in first
        words = (
            f"numbers on the lines {'are missing' if lost else 'are extra' if new else 'differ'}"
        )
        return Finding("contour_labels", TEXT, 2, pair.at(one.name), words, boxes)
    if (first.get("low"), first.get("high")) != (
        second.get("low"),
        second.get("high"),
    ) and first.get("hash") == second.get("hash"):
        return Finding(
            "colour_limits", DATA, 2, pair.at(one.name), "colors run between other values", boxes
        )
    if one.role == "arrow":
        # A few arrows point at things; many are the edges of a graph.
        arrows = sum(child.role == "arrow" for child in pair.reference.children)
        return Finding(
            "moved",
            TEXT if arrows <= APART else DATA,
            1,
            pair.at(one.name),
            f"{kind_name(one.element)} runs elsewhere",
            boxes,
        )
    return Finding("values", DATA, 2, pair.at(one.name), "drawn from other values", boxes)

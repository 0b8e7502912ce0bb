"""Findings on marks with changed values: lines, points, boxes and other forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotators.structural import severity
from annotators.structural.chart.data.moved_parts import moved_boxes
from annotators.structural.chart.findings import DATA, STYLE, TEXT, Finding, both
from annotators.structural.chart.marks import (
    Mark,
    MarkChange,
    Numbers,
    fractions,
    least_noticed,
)
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.same_shape import in_view, off_curve
from annotators.structural.chart.seen.axis_words import place_on
from annotators.structural.chart.words import figure, figures, kind_name
from annotators.structural.matching import permuted
from annotators.structural.visibility import CURVE
from records.taxonomy import ChartCategory, Severity

Points = NDArray[np.bool_]
"""For each point of a mark, whether it counts."""

AT_ONCE = {"boxes": 2, "contours": 1, "surfaces": 1, "line segments": 1}
"""By kind of mark: up to how many changed marks are reported one by one; more become one finding."""


SETS = {"points": "sets of points", "error bars": "sets of error bars"}
"""Words for several marks whose own name is a plural."""


def several(
    pair: PanelPair, changes: Sequence[MarkChange], findings: list[Finding], kind: str
) -> list[Finding]:
    """Few findings stay unchanged; exchanged values and long lists become one finding."""
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
            f"{len(findings)} {SETS.get(kind, kind)} differ: {_worst(findings).description}, and others",
            [box for finding in findings for box in finding.boxes],
        )
    ]  # fmt: skip


def _worst(findings: Sequence[Finding]) -> Finding:
    """The first of the most severe findings, which represents a list."""
    return max(findings, key=lambda finding: finding.severity)


def _heights_permuted(changes: Sequence[MarkChange]) -> bool:
    """True if curves or point clouds exchanged their heights."""
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


def finding_on(
    pair: PanelPair, change: MarkChange, kind: str, category: ChartCategory, grade: Severity,
    words: str, same: str = "", only: Points | None = None,
) -> Finding:  # fmt: skip
    """A finding on one mark, or on some of its points ``only``."""
    boxes = moved_boxes(pair, change, only)
    place = pair.at(change.before.name)
    return Finding(kind, category, grade, place, words, boxes, same=same)


def point_values(
    pair: PanelPair, change: MarkChange, only: Points | None = None
) -> Iterator[Finding]:
    """Findings on a line, points, an area or error bars with other values: one, or one on each of
    two single points.

    Args:
        only: The points that count, if others moved for another reason.
    """
    change = _in_view(pair, change)
    shape = fractions(change.before, pair.scales).shape
    if only is None and len(shape) == 2 and shape == fractions(change.after, pair.scales).shape:
        moved = np.flatnonzero(_moves(pair, change))
        joined = change.before.role in ("line", "area")
        few = 0 < len(moved) <= 2 and shape[0] >= (LEAST_POINTS if joined else 3)
        few = few and bool(_gaps(pair, change)[moved].max(axis=1).min() >= APART_FROM)
        if few and not (joined and np.ptp(moved) == 1) and not _exchanged(pair, change, moved):
            yield from (
                _point_values(pair, change, np.arange(shape[0]) == point) for point in moved
            )
            return
    if only is None or (_moves(pair, change) & only).any():
        yield _point_values(pair, change, only)


APART_FROM = 0.015
"""Least distance, as a share of an axis, of two wrong points that are two errors: values that are read
from a picture are a little off."""

LEAST_POINTS = 5
"""Fewest points of a line of which two that differ are two errors."""


def _gaps(pair: PanelPair, change: MarkChange) -> Numbers:
    """N x K: how far each number of each point moved, as shares of the axes."""
    before, after = (fractions(mark, pair.scales) for mark in (change.before, change.after))
    gone = np.isnan(before) & np.isnan(after)
    return np.where(gone, 0.0, np.nan_to_num(np.abs(before - after), nan=1.0))


def _moves(pair: PanelPair, change: MarkChange) -> Points:
    """Which points moved noticeably within the axes."""
    before, after = (fractions(mark, pair.scales) for mark in (change.before, change.after))
    moved = (_gaps(pair, change) > least_noticed(change.before, pair.scales)).any(axis=1)
    outside = [((side < 0) | (side > 1)).any(axis=1) for side in (before, after)]
    return np.asarray(moved & ~(outside[0] & outside[1]))


def _exchanged(pair: PanelPair, change: MarkChange, moved: NDArray[np.int64]) -> bool:
    """True if some points of a mark took each other's values."""
    sides = [fractions(mark, pair.scales)[moved] for mark in (change.before, change.after)]
    axis = int(np.nan_to_num(np.abs(sides[0] - sides[1]), nan=1.0).max(axis=0).argmax())
    return len(moved) > 1 and permuted(*(list(np.round(side[:, axis], 5)) for side in sides))


def _point_values(pair: PanelPair, change: MarkChange, only: Points | None) -> Finding:
    """A finding on a mark, or on some of its points."""
    one, two = change.before, change.after
    before, after = fractions(one, pair.scales), fractions(two, pair.scales)
    counts = int(one.value("count")), int(two.value("count"))
    if counts[0] != counts[1]:
        return _other_count(pair, change, counts, _aside(one, two, before, after))
    if before.shape != after.shape or not before.size:
        first, second = one.element.data, two.element.data
        if any(first.get(key) != second.get(key) for key in ("sizes", "values_hash")):
            return _unplaced(pair, change)
        return finding_on(pair, change, "values", DATA, 2, "values differ")
    gaps = np.nan_to_num(np.abs(before - after), nan=1.0)
    gaps = gaps if only is None else gaps * only[:, None]
    moved = np.any(gaps > least_noticed(one, pair.scales), axis=1)
    if not moved.any():
        return _unplaced(pair, change)
    if one.role == "errorbars":
        far = float(gaps[:, 1:].max())
        share = f"by up to {figure(float(f'{100 * far:.2g}'))} % of the axis"
        words = f"{moved.sum()} of {counts[0]} are drawn longer, shorter or elsewhere, {share}"
        grade = severity.grade(far, medium=0.03)
        return finding_on(pair, change, "errors", DATA, grade, words, only=only)
    axis = int(gaps.max(axis=0).argmax())
    if one.role == "area":
        stretched = _stretched(before, after)
        if stretched is not None:
            return finding_on(pair, change, "thickness", DATA, 1, stretched)
        if axis == 0 and moved.sum() > 1:
            return _elsewhere(pair, change, "redrawn", "has another outline", float(gaps.max()))
    if _exchanged(pair, change, np.flatnonzero(moved)):
        count = moved.sum()
        words = "two values are exchanged" if count == 2 else f"{count} values are in another order"
        return finding_on(pair, change, "exchanged", DATA, 2, words)
    return _moved_points(pair, change, gaps, axis, only)


def _in_view(pair: PanelPair, change: MarkChange) -> MarkChange:
    """Two lines without the points outside of the axes, if only those are more or fewer."""
    marks = change.before, change.after
    points = [fractions(mark, pair.scales) for mark in marks]
    if points[0].shape == points[1].shape or any(side.shape[1:] != (2,) for side in points):
        return change
    seen = [((side >= -1e-3) & (side <= 1 + 1e-3)).all(axis=1) for side in points]
    counts = [int(side.sum()) for side in seen]
    if marks[0].role != "line" or counts[0] != counts[1] or counts[0] < 2:
        return change
    cut = [
        Mark(msgspec.structs.replace(mark.element, data=mark.element.data | {
            "x": mark.column("x")[kept].tolist(), "y": mark.column("y")[kept].tolist(), "count": counts[0],
        }), mark.index, mark.name)
        for mark, kept in zip(marks, seen, strict=True)
    ]  # fmt: skip
    return replace(change, before=cut[0], after=cut[1])


def _other_count(
    pair: PanelPair, change: MarkChange, counts: tuple[int, int], far: tuple[float, float] | None
) -> Finding:
    """A finding on a mark with another number of points, if the points are few enough to be counted.

    Args:
        far: Largest distance of either outline from the other, if the mark is only an outline.
    """
    few = min(counts) <= FEW_POINTS
    if far is not None and few and change.before.role == "area" and max(far) < CORNERS:
        return finding_on(pair, change, "corners", STYLE, 1, "its outline has other corners")
    if far is not None and min(far) <= 2 * CURVE and max(far) > PIECE:
        words = f"part of it is {'missing' if far[0] > far[1] else 'extra'}"
        return finding_on(pair, change, "values", DATA, severity.grade(max(far), 0.1), words)
    if far is not None and not few:
        return _elsewhere(pair, change, "values", "runs elsewhere", max(far))
    grade = severity.of_missing_share(abs(counts[0] - counts[1]), counts[0])
    words = f"{counts[1]} points instead of {counts[0]}"
    return finding_on(pair, change, "points", DATA, grade, words)


def _elsewhere(pair: PanelPair, change: MarkChange, kind: str, words: str, far: float) -> Finding:
    grade = severity.grade(far, medium=0.03, severe=0.3)
    share = figure(float(f"{100 * far:.2g}"))
    return finding_on(pair, change, kind, DATA, grade, f"{words}, by up to {share} % of the axis")


def _moved_points(
    pair: PanelPair, change: MarkChange, gaps: Numbers, axis: int, only: Points | None
) -> Finding:
    """A finding on moved points: how many, and the one that moved farthest."""
    one, two = change.before, change.after
    moved = np.any(gaps > least_noticed(one, pair.scales), axis=1)
    worst = int(gaps.max(axis=1).argmax())
    count, every = int(moved.sum()), len(moved)
    first, second = (float(mark.column("xyz"[axis])[worst]) for mark in (one, two))
    scale = pair.scales[min(axis, 1)]
    span = None if scale.logarithmic else scale.length
    grade = severity.of_relative_change(first, second, span) if axis < 2 else 2
    place = ""
    if one.role in ("line", "markers") and len(one.column("x")) and axis == 1:
        place = f" at {place_on(pair.reference, 'x', float(one.column('x')[worst]))}"
    was, now = figures(first, second)
    words = f"{'xyz'[axis]} value{place} is {now} instead of {was}"
    if count > 1:
        words = f"{count} of {every} values differ; {words}"
        # Many slight differences are one slight difference.
        clear = int((gaps > CLEAR).any(axis=1).sum())
        grade = (
            max(grade, severity.of_missing_share(clear, every)) if grade > 1 and clear else grade
        )
    kind = "value" if count == 1 else "redrawn" if count > 0.8 * every else "values"
    return finding_on(pair, change, kind, DATA, grade, words, only=only)


CLEAR = 0.06
"""Distance, as a share of the axis, from which a wrong point is clear at first sight."""

FEW_POINTS = 12
"""Up to this many points of a curve can be seen one by one, at its corners."""

PIECE = 0.03
"""Least length, as a share of the axes, of a piece of a line that is missing or extra."""

CORNERS = 0.06
"""Share of the axes by which corners of a box may be cut or rounded."""


def _aside(one: Mark, two: Mark, before: Numbers, after: Numbers) -> tuple[float, float] | None:
    """Largest distance of each of two curves or outlines without markers from the other; None for
    other marks."""
    marked = any(mark.element.style.get("marker") for mark in (one, two))
    if (
        one.role not in ("line", "area")
        or marked
        or min(len(before), len(after)) < (2 if one.role == "line" else 3)
    ):
        return None
    if before.shape[1:] != (2,) or after.shape[1:] != (2,):
        return None
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        return None
    before, after = in_view(one, before), in_view(two, after)
    return off_curve(before, after), off_curve(after, before)


def _stretched(before: Numbers, after: Numbers) -> str | None:
    """If a shape was scaled about its center along one axis, words and factor; else None."""
    for across, words in ((0, ("narrower", "wider")), (1, ("lower", "higher"))):
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
            return f"{words[factor > 1]} than in the reference: {factor:.2g} times"
    return None


def _unplaced(pair: PanelPair, change: MarkChange) -> Finding:
    """A finding on a mark whose points did not move."""
    one, two = change.before.element.data, change.after.element.data
    if one.get("sizes") != two.get("sizes"):
        return finding_on(pair, change, "sizes", DATA, 2, "sizes of points differ")
    if one.get("faces") != two.get("faces") or one.get("edges") != two.get("edges"):
        return finding_on(pair, change, "colors", STYLE, 2, "colors of points differ")
    if (one.get("low"), one.get("high")) != (two.get("low"), two.get("high")):
        words = "colors run between other values"
        return finding_on(pair, change, "color_limits", DATA, 2, words)
    return finding_on(pair, change, "values", DATA, 2, "values differ")


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
    limits = [(data.get("low"), data.get("high")) for data in (first, second)]
    if limits[0] != limits[1] and first.get("hash") == second.get("hash"):
        words = "colors run between other values"
        return finding_on(pair, change, "color_limits", DATA, 2, words)
    if one.role == "arrow":
        # A few arrows are pointers; many are the edges of a graph.
        arrows = sum(child.role == "arrow" for child in pair.reference.children)
        words = f"{kind_name(one.element)} runs elsewhere"
        return finding_on(pair, change, "moved", TEXT if arrows <= APART else DATA, 1, words)
    return finding_on(pair, change, "values", DATA, 2, "drawn from other values")

"""Findings on marks with changed values: lines, points, boxes and other forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotators.structural import severity
from annotators.structural.chart.aspects import aspects
from annotators.structural.chart.axis_pair import unlabeled
from annotators.structural.chart.data import curves
from annotators.structural.chart.data.areas import WAYS, shifted, stretched, thicker_band
from annotators.structural.chart.data.moved_parts import moved_boxes
from annotators.structural.chart.findings import AT_ONE_RATIO, DATA, STYLE, Finding, as_one
from annotators.structural.chart.marks import (
    Mark,
    MarkChange,
    Numbers,
    Points,
    boxes_of,
    fractions,
    least_noticed,
    with_points,
)
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.seen.axis_words import place_on
from annotators.structural.chart.words import figure, figures
from annotators.structural.matching import permuted
from annotators.structural.visibility import CURVE, PLACE, size_noticed
from records.taxonomy import ChartCategory, Severity
from renderers.scene import Value

AT_ONCE = {"boxes": 2, "contours": 1, "surfaces": 1, "line segments": 1}
"""By kind: how many changed marks are reported one by one, and always two of several; more are one."""

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
        words = f"the data of these {kind} are exchanged"
        return [pair.finding_on(changes, "exchanged", DATA, 3, words)]
    redrawn = all(finding.kind == "redrawn" for finding in findings)
    roles = [part.role for part in pair.reference.children]
    two_of_several = len(findings) == 2 < roles.count(changes[0].before.role)
    if two_of_several or len(findings) <= (1 if redrawn else AT_ONCE.get(kind, APART)):
        return findings
    place = pair.at(*(change.before.name for change in changes))
    worst = max(findings, key=lambda finding: finding.severity)
    if len({(one.kind, one.description) for one in findings}) == 1:
        return [as_one(findings, worst.kind, DATA, place, worst.description)]
    words = f"{len(findings)} {SETS.get(kind, kind)} differ: {worst.description}, and others"
    return [as_one(findings, "values", DATA, place, words)]


def _heights_permuted(changes: Sequence[MarkChange]) -> bool:
    """True if curves or point clouds exchanged their heights."""
    marks = [mark for change in changes for mark in change.sides]
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
    alone: list[int] = []
    absent = _absent(pair, change)
    if absent.any():
        yield _alone(pair, change, absent)
        only = ~absent if only is None else only & ~absent
    if only is None and len(shape) == 2 and shape == fractions(change.after, pair.scales).shape:
        moved = np.flatnonzero(_moves(pair, change))
        joined = change.before.role in ("line", "area")
        few = 0 < len(moved) <= 2 and shape[0] >= (LEAST_POINTS if joined else 3)
        few = few and bool(change.gaps(pair.scales)[moved].max(axis=1).min() >= APART_FROM)
        if few and not (joined and np.ptp(moved) == 1) and not _exchanged(pair, change, moved):
            alone = moved.tolist()
        # The size of a point may follow its value: of a few wrong ones it is no second error.
        sizes = [mark.column("sizes") for mark in change.sides]
        sizes = [np.sort(np.delete(s, moved) if few and len(s) == shape[0] else s) for s in sizes]
        if len(moved) and len(sizes[0]) == len(sizes[1]) and any(map(size_noticed, *sizes)):
            resized = _unplaced(pair, change)
            if not resized.ratio or size_noticed(1, resized.ratio):
                yield replace(resized, boxes=change.boxes)
    for point in alone:
        yield _point_values(pair, change, np.arange(shape[0]) == point)
    if not alone and (only is None or (_moves(pair, change) & only).any()):
        yield _point_values(pair, change, only)


APART_FROM = 0.015
"""Least distance, as a share of an axis, of two wrong points that are two errors: values that are read
from a picture are a little off."""

LEAST_POINTS = 5
"""Fewest points of a line of which two that differ are two errors."""


def _absent(pair: PanelPair, change: MarkChange) -> Points:
    """Which points of a line have a value in one chart only; of lost and new ones, those that are more."""
    none = np.zeros(len(fractions(change.before, pair.scales)), bool)
    if change.before.role != "line":
        return none
    sides = [np.isfinite(mark.column("x") + mark.column("y")) for mark in change.sides]
    if not len(sides[0]) == len(sides[1]) == len(none):
        return none
    lost, new = sides[0] & ~sides[1], sides[1] & ~sides[0]
    return lost if lost.sum() >= new.sum() else new


def _alone(pair: PanelPair, change: MarkChange, absent: Points) -> Finding:
    """A finding on points that one chart does not draw: without markers, the line has a gap there."""
    count, at = int(absent.sum()), int(absent.argmax())
    lost = bool(np.isnan([change.after.column(name)[at] for name in "xy"]).any())
    known = change.before if lost else change.after
    spot = place_on(pair.reference, "x", float(known.column("x")[at]))
    words = f"has {'a' if lost else 'no'} gap at {spot}"
    if known.element.style.get("marker"):
        verb = f"{'is' if count == 1 else 'are'} {'missing' if lost else 'extra'}"
        words = (
            f"the point at {spot} {verb}"
            if count == 1
            else f"{count} of {len(absent)} points {verb}"
        )
    grade = severity.of_missing_share(count, len(absent))
    return finding_on(pair, change, "points", DATA, grade, words, only=absent)


def _moves(pair: PanelPair, change: MarkChange) -> Points:
    """Which points moved noticeably within the axes."""
    before, after = (fractions(mark, pair.scales) for mark in change.sides)
    outside = [((side < 0) | (side > 1)).any(axis=1) for side in (before, after)]
    return change.moved(pair.scales) & ~(outside[0] & outside[1])


def _exchanged(pair: PanelPair, change: MarkChange, moved: NDArray[np.int64]) -> bool:
    """True if some points of a mark took each other's values."""
    sides = [fractions(mark, pair.scales)[moved] for mark in change.sides]
    axis = int(np.nan_to_num(np.abs(sides[0] - sides[1]), nan=1.0).max(axis=0).argmax())
    return len(moved) > 1 and permuted(*(list(np.round(side[:, axis], 5)) for side in sides))


def _point_values(pair: PanelPair, change: MarkChange, only: Points | None) -> Finding:
    """A finding on a mark, or on some of its points."""
    one, two = change.before, change.after
    before, after = fractions(one, pair.scales), fractions(two, pair.scales)
    counts = int(one.value("count")), int(two.value("count"))
    aside = curves.far_aside(one, two, before, after)
    if counts[0] != counts[1] or curves.other_corners(one, before, after, aside):
        return _other_count(pair, change, counts, aside)
    if before.shape != after.shape or not before.size:
        first, second = one.element.data, two.element.data
        if any(first.get(key) != second.get(key) for key in ("sizes", "values_hash")):
            return _unplaced(pair, change)
        return finding_on(pair, change, "values", DATA, 2, "values differ")
    gaps = change.gaps(pair.scales) * (1 if only is None else only[:, None])
    moved = np.any(gaps > least_noticed(one, pair.scales), axis=1)
    if not moved.any():
        return _unplaced(pair, change)
    if one.role == "errorbars":
        far = float(gaps[:, 1:].max())
        share = f"by up to {figure(float(f'{100 * far:.2g}'))} % of the axis"
        verb = "is" if moved.sum() == 1 else "are"
        words = (
            f"{moved.sum()} of {counts[0]} {verb} {_reach(before[moved], after[moved])}, {share}"
        )
        grade = severity.grade(far, medium=0.03)
        return finding_on(pair, change, "errors", DATA, grade, words, only=only)
    axis = int(gaps.max(axis=0).argmax())
    if one.role == "area":
        if thicker := thicker_band(before, after):
            grade = severity.grade(float(gaps.max()), medium=0.03)
            return finding_on(pair, change, "thickness", DATA, grade, thicker)
        if longer := stretched(before, after):
            return finding_on(pair, change, "thickness", DATA, 1, longer)
        if way := shifted(before, after):
            return _elsewhere(pair, change, "moved", way, float(gaps.max()))
        if (axis == 0 or one.held == "violin") and moved.sum() > 1:
            far = curves.apart(one, two, before, after)
            return _elsewhere(pair, change, "redrawn", curves.ELSEWHERE["area"], far)
    if _exchanged(pair, change, np.flatnonzero(moved)):
        count = moved.sum()
        words = "two values are exchanged" if count == 2 else f"{count} values are in another order"
        return finding_on(pair, change, "exchanged", DATA, 2, words)
    return _moved_points(pair, change, gaps, axis, only)


def _reach(before: Numbers, after: Numbers) -> str:
    """How error bars differ: their ends (columns 1 and 2) are nearer to each other or farther apart."""
    steps = np.ptp(after[:, 1:], axis=1) - np.ptp(before[:, 1:], axis=1)
    if (np.abs(steps) > PLACE).all() and not np.ptp(np.sign(steps)):
        return "longer" if steps[0] > 0 else "shorter"
    return "drawn longer, shorter or elsewhere"


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
    cut = []
    for mark, kept in zip(marks, seen, strict=True):
        data = with_points(mark.element.data, np.flatnonzero(kept).tolist(), kept.size)
        cut.append(Mark(mark.element.having(data=data), mark.index, mark.name))
    return replace(change, before=cut[0], after=cut[1])


def _other_count(
    pair: PanelPair, change: MarkChange, counts: tuple[int, int], far: tuple[float, float] | None
) -> Finding:
    """A finding on a mark with another number of points, if they are few enough to be counted; of an outline
    also on how ``far`` it is from the other one, and the reverse."""
    few = min(counts) <= FEW_POINTS
    if far is not None and few and change.before.role == "area" and max(far) < CORNERS:
        return finding_on(pair, change, "corners", STYLE, 1, "its outline has other corners")
    if far is not None and min(far) <= 2 * CURVE and max(far) > PIECE:
        words = f"a part is {'missing' if far[0] > far[1] else 'extra'}"
        if min(counts) == 2:  # a straight line
            words = "shorter" if far[0] > far[1] else "longer"
        if curves.pieces_aside(pair, change) >= curves.SPREAD:
            words = f"has {'fewer' if far[0] > far[1] else 'more'} corners"
        return finding_on(pair, change, "values", DATA, severity.grade(max(far), 0.1), words)
    if far is not None and max(counts) > FEW_POINTS:
        return _elsewhere(pair, change, "values", curves.ELSEWHERE[change.before.role], max(far))
    grade = severity.of_missing_share(abs(counts[0] - counts[1]), counts[0])
    words = f"{counts[1]} {_spots(change.before)} instead of {counts[0]}"
    return finding_on(pair, change, "points", DATA, grade, words)


def _elsewhere(pair: PanelPair, change: MarkChange, kind: str, words: str, far: float) -> Finding:
    grade = severity.grade(far, medium=0.03, severe=0.3)
    share = f"up to {figure(float(f'{100 * far:.2g}'))} %" if far < 1 else "more than the length"
    return finding_on(pair, change, kind, DATA, grade, f"{words}, by {share} of the axis")


def _moved_points(
    pair: PanelPair, change: MarkChange, gaps: Numbers, axis: int, only: Points | None
) -> Finding:
    """A finding on moved points: how many, and the one that moved farthest."""
    one, two = change.before, change.after
    moved = np.any(gaps > least_noticed(one, pair.scales), axis=1)
    worst = int(gaps.max(axis=1).argmax())
    count, every = int(moved.sum()), len(moved)
    spaces = {mark.element.data.get("space") for mark in (one, two)}
    if unlabeled(pair.reference, "xyz"[axis]) or len(spaces) > 1:
        if one.role == "area":
            found = _elsewhere(pair, change, "redrawn", "has another outline", float(gaps.max()))
            return replace(found, boxes=boxes_of((two, one)))
        words = "is" if every == 1 else f"{count} of {every} points {'is' if count == 1 else 'are'}"
        words = "runs" if one.role == "line" and count == every else words
        return _elsewhere(pair, change, "redrawn", f"{words} elsewhere", float(gaps.max()))
    if one.role == "markers" and count >= CLOUD and count > MOST * every:
        sides = [fractions(mark, pair.scales) for mark in (one, two)]
        middles, spreads = (np.diff([of(side, axis=0) for side in sides], axis=0)
                            for of in (np.nanmedian, np.nanstd))  # fmt: skip
        shift = float(np.abs([middles, 2 * spreads]).max())
        words = f"{count} of {every} {_spots(one)} lie elsewhere"
        grade = severity.grade(shift, medium=0.03, severe=0.15)
        return finding_on(pair, change, "redrawn", DATA, grade, words, only=only)
    aside = None
    if one.role == "line" and _way(pair, change, moved, axis) == "differ":
        aside = curves.moved_along(fractions(one, pair.scales), fractions(two, pair.scales))
    if aside:
        words, grade = curves.aside_in_words(pair, aside)
        return finding_on(pair, change, "redrawn", DATA, grade, words)
    first, second = (float(mark.column("xyz"[axis])[worst]) for mark in (one, two))
    scale = pair.scales[min(axis, 1)]
    span = None if scale.logarithmic else scale.length
    grade = severity.of_relative_change(first, second, span) if axis < 2 else 2
    place = ""
    if one.role in ("line", "markers") and len(one.column("x")) and axis == 1:
        place = f" at {place_on(pair.reference, 'x', float(one.column('x')[worst]))}"
    if one.role == "line" and every == 2 and not any(np.ptp(mark.column("xyz"[axis])) for mark in (one, two)):  # fmt: skip
        was, now = (place_on(pair.reference, "xyz"[axis], value) for value in (first, second))
        return finding_on(
            pair, change, "value", DATA, grade, f"at {now} instead of {was}", only=only
        )
    was, now = figures(first, second)
    coordinate = "" if axis == 1 and _round(pair) else f"{'xyz'[axis]} "
    words = f"{coordinate}value{place} is {now} instead of {was}"
    if count > 1:
        words = f"{count} of {every} values {_way(pair, change, moved, axis)}; {words}"
        # Many slight differences are one slight difference.
        clear = int((gaps > CLEAR).any(axis=1).sum())
        grade = (
            max(grade, severity.of_missing_share(clear, every)) if grade > 1 and clear else grade
        )
        if every > APART and 2 * clear > every:
            grade = max(grade, 2)  # most of it is clearly elsewhere
    kind = "value" if count == 1 else "redrawn" if count > 0.8 * every else "values"
    return finding_on(pair, change, kind, DATA, grade, words, only=only)


def _way(pair: PanelPair, change: MarkChange, moved: Points, axis: int) -> str:
    """Whether all moved points are higher, or further left: what a viewer sees at once."""
    before, after = (fractions(mark, pair.scales) for mark in change.sides)
    steps = np.nan_to_num(after - before)[moved]
    if axis > 1 or before.shape[1] != 2 or np.ptp(np.sign(steps[:, axis])):
        return "differ"
    ways = LARGER if _round(pair) else WAYS[axis]
    return f"are {ways[int(steps[0, axis] > 0)]}"


def _round(pair: PanelPair) -> bool:
    return pair.reference.data.get("projection") == "polar"


LARGER = ("smaller", "larger")

CLOUD, MOST = 50, 0.8
"""If most of at least so many points differ, nobody tells them apart: the cloud lies elsewhere."""

CLEAR = 0.06
"""Distance, as a share of the axis, from which a wrong point is clear at first sight."""

FEW_POINTS = 12
"""Up to this many points of a curve can be seen one by one, at its corners."""

PIECE = 0.03
"""Least length, as a share of the axes, of a piece of a line that is missing or extra."""

CORNERS = 0.06
"""Share of the axes by which corners of a box may be cut or rounded."""


def _spots(mark: Mark) -> str:
    """What the points of a mark are: points, or cells of a hexbin."""
    return "hexagons" if mark.kind == "hexagons" else "points"


def _unplaced(pair: PanelPair, change: MarkChange) -> Finding:
    """A finding on a mark whose points did not move."""
    one, two = change.before.element.data, change.after.element.data
    sizes = change.before.column("sizes"), change.after.column("sizes")
    if one.get("sizes") != two.get("sizes") and len(sizes[0]) == len(sizes[1]) > 0:
        ratios = np.sort(sizes[1] / np.maximum(sizes[0], 1e-9))
        if ratios[-1] <= ratios[0] * (1 + 2 * AT_ONE_RATIO):
            ratio = float(np.median(ratios))
            style: dict[str, tuple[Value, Value]] = {"marker_size": (1.0, ratio)}
            (aspect,) = aspects(style)
            made = finding_on(pair, change, aspect.name, STYLE, aspect.severity, aspect.words)
            return replace(made, ratio=ratio)
    if one.get("sizes") != two.get("sizes"):
        words = "sizes of points differ"
        if not (one.get("sizes") and two.get("sizes")):
            words = (
                "of one size instead of several sizes" if one.get("sizes")
                else "of several sizes instead of one size"
            )  # fmt: skip
        return finding_on(pair, change, "sizes", DATA, 2, words)
    if one.get("faces") != two.get("faces") or one.get("edges") != two.get("edges"):
        return finding_on(pair, change, "colors", STYLE, 2, "colors of points differ")
    if (one.get("low"), one.get("high")) != (two.get("low"), two.get("high")):
        words = "colors run between other values"
        return finding_on(pair, change, "color_limits", DATA, 2, words)
    return finding_on(pair, change, "values", DATA, 2, "values differ")

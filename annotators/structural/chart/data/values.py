"""Finds values that are drawn wrong; marks that only moved along are not reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotators.structural.chart.data.areas import violins
from annotators.structural.chart.data.bars import bar_values
from annotators.structural.chart.data.box_changes import box_values
from annotators.structural.chart.data.cells import cell_findings
from annotators.structural.chart.data.mark_changes import point_values, several
from annotators.structural.chart.data.other_marks import other_values
from annotators.structural.chart.data.slices import slice_values
from annotators.structural.chart.data.stacking import in_another_order
from annotators.structural.chart.findings import Finding
from annotators.structural.chart.marks import (
    LINES,
    Mark,
    MarkChange,
    MarkMatch,
    Numbers,
    Points,
    fractions,
    within,
)
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.same_shape import gaps_to
from annotators.structural.chart.words import PLURALS, main_color
from annotators.structural.matching import grouped
from annotators.structural.visibility import PLACE


@dataclass(slots=True)
class _Shift:
    """The places of a mark before and after, as fractions of the axes."""

    change: MarkChange
    before: Numbers
    after: Numbers


ORDER = ("bar", "wedge", "heatmap", "line", "box", "markers", "edge", "stem", "link", "wick", "contour", "surface", "area", "areas",
         "errorbars", "segments")  # fmt: skip


def values(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Findings on values that are drawn wrong, each reported once."""
    changed = [change for change in match.changed if change.geometry]
    if not changed:
        return []
    found: list[Finding] = []
    by_role = grouped(changed, lambda change: _kind(change.before))
    areas = [one for one, _ in match.equal if one.role == "area"]
    areas += [change.before for change in by_role.get("area", ())]
    found += violins(pair, by_role, areas)
    shifts: list[_Shift] = []
    done = len(found)
    for role in sorted(by_role, key=lambda role: ORDER.index(role) if role in ORDER else 99):
        changes = by_role[role]
        if role == "area" and "wedge" in by_role:
            continue  # shadows
        if role not in ("bar", "wedge", "box", "heatmap"):
            changes = [change for change in changes if not _follows(change, shifts, pair)]
        if not changes:
            continue
        if role == "bar":
            found += bar_values(pair, match, changes)
        elif role == "wedge" and any(m.role == "wedge" for m in match.alone):
            continue  # the other slices share the rest of the circle
        elif role == "wedge":
            found += slice_values(pair, changes)
        elif role == "heatmap":
            found += [one for change in changes for one in cell_findings(pair, change)]
        elif role == "box":
            found += _boxes(pair, changes)
        elif role == "area" and (restacked := _restacked(pair, changes)):
            found.append(restacked)
        elif role in ("line", "edge", "markers", "errorbars", "area"):
            changes = _own_area(changes, pair) or changes if role == "area" else changes
            changes = [change for change in changes if not _slid(change, match, pair)]
            made = [
                one for change in changes
                for one in point_values(pair, change, _own_points(change, shifts, pair))
            ]  # fmt: skip
            found += several(pair, changes, made, PLURALS[role])
        else:
            found += several(
                pair,
                changes,
                [other_values(pair, change) for change in changes],
                PLURALS.get(role, role),
            )
        shifts += [_shift(change, pair) for change in changes]
        found[done:] = [replace(finding, role=changes[0].before.role) for finding in found[done:]]
        done = len(found)
    return found


def _kind(mark: Mark) -> str:
    """The role of a mark; a line between two names is an edge of a graph, which follows its nodes."""
    if mark.kind == "bars 3d":
        return "3D bars"
    if mark.held in LINES:
        return mark.held
    return "edge" if mark.name.kind == "edge" else mark.role


def _boxes(pair: PanelPair, changes: Sequence[MarkChange]) -> list[Finding]:
    """Findings on boxes; lost outliers are an error of their own beside other quartiles and whiskers."""
    found = [(change, box_values(pair, change)) for change in changes]
    outliers = [finding for _, finding in found if finding.kind == "fliers"]
    others = [(change, finding) for change, finding in found if finding.kind != "fliers"]
    values = several(pair, [c for c, _ in others], [finding for _, finding in others], "boxes")
    return values + outliers


def _shift(change: MarkChange, pair: PanelPair) -> _Shift:
    before, after = fractions(change.before, pair.scales), fractions(change.after, pair.scales)
    if change.before.role == "bar":
        along = change.before.along
        points = []
        for ends in (before, after):
            middle = (ends[1 - along] + ends[3 - along]) / 2
            points.append([[middle, ends[along + 2]] if along else [ends[along + 2], middle]])
        return _Shift(change, np.array(points[0]), np.array(points[1]))
    if before.shape == after.shape and before.ndim == 2 and before.size:
        moved = change.gaps(pair.scales).max(axis=1) > PLACE
        if change.before.role == "errorbars":
            before = np.column_stack([before[:, 0], before[:, 1:].mean(axis=1)])
            after = np.column_stack([after[:, 0], after[:, 1:].mean(axis=1)])
            if change.before.element.data.get("direction") == "x":
                before, after = before[:, ::-1], after[:, ::-1]
        return _Shift(change, before[moved][:, :2], after[moved][:, :2])
    return _Shift(change, np.zeros((0, 2)), np.zeros((0, 2)))


def _follows(change: MarkChange, shifts: Sequence[_Shift], pair: PanelPair) -> bool:
    """True if a mark only moved along with another one that changed."""
    mine = _shift(change, pair)
    there_all: dict[str, list[Numbers]] = {}
    for other in shifts:
        if other.change.before.role == change.before.role:
            continue
        if change.before.role == "area" and other.change.before.role == "line":
            tints = {main_color(one.element)[:7] for one in (change.before, other.change.before)}
            if len(tints) == 1:
                return True  # the filling under a curve
        if change.before.role == "area" and _holds(change, other.change):
            return True  # the outline around its own median, the band around its curve
        if other.change.before.role == "bar" and _drawn_across(change, other.change, pair):
            return True  # a median is as long as its box is wide
        if not len(mine.before) or not len(other.before):
            same_look = (
                main_color(change.before.element)[:7] == main_color(other.change.before.element)[:7]
            )
            if same_look and change.before.role in ("area", "errorbars"):
                return True
            continue
        if change.before.role == "markers" and not _steps_alike(mine, other):
            continue  # a point with another value, beside a curve that was fitted anew
        there_all.setdefault(other.change.before.role, []).append(other.before)
    for places in there_all.values():
        every = np.concatenate(
            [part for part in places if part.shape[1] == 2] or [np.zeros((0, 2))]
        )
        for axis in (0, 1):
            if mine.before.shape[1] <= axis or not len(every):
                continue
            here = {round(float(value), 3) for value in mine.before[:, axis]}
            there = {round(float(value), 3) for value in every[:, axis]}
            if here and here <= there:
                return True
    return False


def _steps_alike(mine: _Shift, other: _Shift) -> bool:
    """True if points moved as far as those of another mark at the same x, or no x is common."""
    flat = all(side.before.shape[1:] == (2,) for side in (mine, other))
    if not flat or other.before.shape != other.after.shape:
        return True
    same = np.abs(mine.before[:, None, 0] - other.before[None, :, 0]) < PLACE
    steps = (mine.after - mine.before)[:, None, 1], (other.after - other.before)[None, :, 1]
    return bool((np.abs(steps[0] - steps[1]) < FAR)[same].all())


FAR = 0.03
"""Distance, as a share of the axis, from which a point did not move along with a curve."""


def _own_points(change: MarkChange, shifts: Sequence[_Shift], pair: PanelPair) -> Points | None:
    """Which error bars of a series changed on their own, if the others moved with their points."""
    if change.before.role != "errorbars":
        return None
    ends = [fractions(mark, pair.scales) for mark in change.sides]
    if ends[0].shape != ends[1].shape:
        return None
    moved = (ends[1] - ends[0])[:, 1:].mean(axis=1)
    along = 0 if change.before.element.data.get("direction") == "x" else 1
    own = np.ones(len(moved), bool)
    for other in shifts:
        if other.before.shape == other.after.shape and len(other.before):
            shift = (other.after - other.before)[:, along]
            at = np.abs(ends[0][:, 0, None] - other.before[:, 1 - along]) < PLACE
            own &= ~(at & (np.abs(moved[:, None] - shift) < PLACE)).any(axis=1)
    return None if own.all() else own


def _drawn_across(line: MarkChange, bar: MarkChange, pair: PanelPair) -> bool:
    """True if a line lies across a bar in both charts, at the same value."""
    mine, along = _shift(line, pair), bar.before.along
    kept = len(mine.before) and abs(mine.after - mine.before)[:, along].max() < 2 * PLACE
    return bool(kept) and within(line.before, bar.before) and within(line.after, bar.after)


def _holds(area: MarkChange, mark: MarkChange) -> bool:
    """True if a mark lies within an area before and after, and spans a large part of it."""
    for outer, inner in ((area.before, mark.before), (area.after, mark.after)):
        around, box = outer.element.box, inner.element.box
        if around is None or box is None or not within(inner, outer):
            return False
        lengths = [(box[i + 2] - box[i]) / max(around[i + 2] - around[i], 1.0) for i in (0, 1)]
        if max(lengths) < 0.25:
            return False
    return True


def _restacked(pair: PanelPair, changes: Sequence[MarkChange]) -> Finding | None:
    """A finding on stacked areas of the same thickness that lie in another order; None if there are none."""
    if len(changes) < 2 or _own_area(changes, pair):
        return None

    def height(mark: Mark) -> float:
        return float(np.nanmean(fractions(mark, pair.scales)[:, 1]))

    groups = [(one.before.element.text, [one]) for one in changes]
    return in_another_order(pair, groups, height, "areas", ("stacked", ", from below"))


def _own_area(changes: Sequence[MarkChange], pair: PanelPair) -> list[MarkChange]:
    """The stacked areas whose own thickness changed, without those that only moved."""
    if len(changes) < 2:
        return list(changes)
    own = []
    for change in changes:
        before, after = fractions(change.before, pair.scales), fractions(change.after, pair.scales)
        alike = before.shape == after.shape and before.size
        if not alike or abs(_surface(before) - _surface(after)) > 1e-4:
            own.append(change)
    stack, rest = list(own), [change for change in changes if change not in own]
    for change in stack:
        on_it = [other for other in rest if _touch(change, other, pair)]
        stack += on_it
        rest = [other for other in rest if other not in on_it]
    return own and [*own, *rest]


def _slid(change: MarkChange, match: MarkMatch, pair: PanelPair) -> bool:
    """True if an area of a stack only moved because one that it lay on is gone, or one is between."""
    one, two = change.before, change.after
    before, after = (fractions(mark, pair.scales) for mark in (one, two))
    if one.role != "area" or before.shape != after.shape or before.shape[1:] != (2,):
        return False
    if abs(_surface(before) - _surface(after)) > 1e-4:
        return False
    return any(
        mark.role == "area" and (gaps_to(fractions(mark, pair.scales), points) <= PLACE).sum() >= EDGE
        for marks, points in ((match.missing, before), (match.extra, after)) for mark in marks
        if fractions(mark, pair.scales).shape[1:] == (2,)
    )  # fmt: skip


def _touch(one: MarkChange, two: MarkChange, pair: PanelPair) -> bool:
    """True if two areas lie on each other in both pictures, like those of a stack."""
    for mark, other in ((one.before, two.before), (one.after, two.after)):
        points, outline = fractions(mark, pair.scales), fractions(other, pair.scales)
        if points.shape[1:] != (2,) or outline.shape[1:] != (2,):
            return True
        if (gaps_to(points, outline) <= PLACE).sum() < EDGE:
            return False
    return True


EDGE = 3
"""Least corners that two areas which lie on each other have in common."""


def _surface(points: Numbers) -> float:
    """Area of a polygon."""
    x, y = np.nan_to_num(points[:, 0]), np.nan_to_num(points[:, 1])
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)

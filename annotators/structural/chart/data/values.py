"""Finds values that are drawn wrong; marks that only moved along are not reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotators.structural import severity
from annotators.structural.chart.data.bars import bar_values
from annotators.structural.chart.data.box_changes import box_values
from annotators.structural.chart.data.cells import cell_findings
from annotators.structural.chart.data.mark_changes import other_values, point_values, several
from annotators.structural.chart.data.slices import slice_values
from annotators.structural.chart.findings import DATA, Finding, both
from annotators.structural.chart.marks import Mark, MarkChange, MarkMatch, Numbers, fractions
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import PLURALS, figures, main_color
from annotators.structural.visibility import PLACE


@dataclass(slots=True)
class _Shift:
    """The places of a mark before and after, as fractions of the axes."""

    change: MarkChange
    before: Numbers
    after: Numbers


ORDER = ("bar", "wedge", "heatmap", "line", "box", "markers", "contour", "surface", "area", "areas",
         "errorbars", "segments")  # fmt: skip


def values(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Findings on values that are drawn wrong, each reported once."""
    changed = [change for change in match.changed if change.geometry]
    if not changed:
        return []
    found: list[Finding] = []
    by_role: dict[str, list[MarkChange]] = defaultdict(list)
    for change in changed:
        by_role[change.before.role].append(change)
    areas = [one for one, _ in match.equal if one.role == "area"]
    areas += [change.before for change in by_role.get("area", ())]
    found += _violins(pair, by_role, areas)
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
        elif role == "wedge" and any(m.role == "wedge" for m in (*match.missing, *match.extra)):
            continue  # the other slices share the rest of the circle
        elif role == "wedge":
            found += slice_values(pair, changes)
        elif role == "heatmap":
            found += [one for change in changes for one in cell_findings(pair, change)]
        elif role == "box":
            found += _boxes(pair, changes)
        elif role in ("line", "markers", "errorbars", "area"):
            changes = _lowest(changes, pair) if role == "area" else changes
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
        found[done:] = [replace(finding, role=role) for finding in found[done:]]
        done = len(found)
    return found


def _boxes(pair: PanelPair, changes: Sequence[MarkChange]) -> list[Finding]:
    """Findings on boxes; lost outliers are an error of their own beside other quartiles and whiskers."""
    found = [(change, box_values(pair, change)) for change in changes]
    outliers = [finding for _, finding in found if finding.kind == "fliers"]
    others = [(change, finding) for change, finding in found if finding.kind != "fliers"]
    values = several(pair, [c for c, _ in others], [finding for _, finding in others], "boxes")
    return values + outliers


def _violins(
    pair: PanelPair, by_role: dict[str, list[MarkChange]], areas: Sequence[Mark]
) -> Iterator[Finding]:
    """Findings on violins, among all ``areas``, with other values: one on each of a few, or one on
    all; removes them, and the bars and ends in them."""
    bodies = [
        change for change in by_role.get("area", ())
        if _upright(change.before) is not None and _upright(change.before) == _upright(change.after)
    ]  # fmt: skip
    if not bodies:
        return
    inner = [
        line for line in by_role.get("line", ())
        if len(line.before.column("x")) == 2 and any(
            _within(line.before, body.before) and _within(line.after, body.after) for body in bodies
        )
    ]  # fmt: skip
    if not inner:
        return  # a filled curve
    by_role["area"] = [change for change in by_role["area"] if change not in bodies]
    by_role["line"] = [change for change in by_role["line"] if change not in inner]
    every = sum(_upright(mark) is not None for mark in areas)
    few = len(bodies) < APART and len(bodies) < every
    for group in [[body] for body in bodies] if few else [bodies]:
        yield _violin(pair, group)


def _violin(pair: PanelPair, bodies: Sequence[MarkChange]) -> Finding:
    """A finding on violins whose values differ."""
    along = _upright(bodies[0].before)
    ends = [
        [(min(values), max(values)) for values in (mark.column("xy"[along or 0]) for mark in (one, two))]
        for one, two in ((body.before, body.after) for body in bodies)
    ]  # fmt: skip
    gaps = [max(abs(b - a) for a, b in zip(*pair_of, strict=True)) for pair_of in ends]
    worst = ends[gaps.index(max(gaps))]
    (low, now_low), (high, now_high) = (figures(*side) for side in zip(*worst, strict=True))
    words = f"values differ, such as from {now_low} to {now_high} instead of {low} to {high}"
    if (low, high) == (now_low, now_high):
        words = "have other outlines" if len(bodies) > 1 else "has another outline"
    scale = pair.scales[along or 0]
    grade = severity.grade(max(gaps) / (scale.length or 1.0), medium=0.03, severe=0.3)
    boxes = [box for body in bodies for box in both(body.before.element, body.after.element)]
    name = "violin" if len(bodies) == 1 else "violins"
    return Finding("values", DATA, grade, pair.at(name), words, boxes, role="area")


def _upright(mark: Mark) -> int | None:
    """The direction (0 is x, 1 is y) along which a violin shows its values; None for other areas."""
    sides = [mark.column(name) for name in "xy"]
    if min(map(len, sides)) < VIOLIN or not all(np.isfinite(side).all() for side in sides):
        return None
    for across in (0, 1):
        low, *inner, high = np.quantile(sides[across], (0, 0.1, 0.25, 0.4, 0.6, 0.75, 0.9, 1))
        mirrored = np.add(inner, inner[::-1]) - low - high
        if high > low and np.abs(mirrored).max() < 0.05 * (high - low):
            return 1 - across
    return None


VIOLIN = 20
"""Fewest corners of the outline of a violin."""


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
        moved = np.nan_to_num(np.abs(before - after), nan=1.0).max(axis=1) > PLACE
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


def _own_points(
    change: MarkChange, shifts: Sequence[_Shift], pair: PanelPair
) -> NDArray[np.bool_] | None:
    """Which error bars of a series changed on their own, if the others moved with their points."""
    if change.before.role != "errorbars":
        return None
    ends = [fractions(mark, pair.scales) for mark in (change.before, change.after)]
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
    return bool(kept) and _within(line.before, bar.before) and _within(line.after, bar.after)


def _within(inner: Mark, outer: Mark) -> bool:
    """True if a mark lies in the box of another, with a tolerance of two pixels."""
    box, around = inner.element.box, outer.element.box
    if box is None or around is None:
        return False
    low = around[0] - 2 <= box[0] and around[1] - 2 <= box[1]
    return low and around[2] + 2 >= box[2] and around[3] + 2 >= box[3]


def _holds(area: MarkChange, mark: MarkChange) -> bool:
    """True if a mark lies within an area before and after, and spans a large part of it."""
    for outer, inner in ((area.before, mark.before), (area.after, mark.after)):
        around, box = outer.element.box, inner.element.box
        if around is None or box is None or not _within(inner, outer):
            return False
        lengths = [(box[i + 2] - box[i]) / max(around[i + 2] - around[i], 1.0) for i in (0, 1)]
        if max(lengths) < 0.25:
            return False
    return True


def _lowest(changes: list[MarkChange], pair: PanelPair) -> list[MarkChange]:
    """The stacked areas whose own thickness changed, without those that only moved."""
    if len(changes) < 2:
        return changes
    own = []
    for change in changes:
        before, after = fractions(change.before, pair.scales), fractions(change.after, pair.scales)
        if before.shape != after.shape or not before.size:
            own.append(change)
            continue
        if abs(_surface(before) - _surface(after)) > 1e-4:
            own.append(change)
    return own or changes[:1]


def _surface(points: Numbers) -> float:
    """Area of a polygon."""
    x, y = np.nan_to_num(points[:, 0]), np.nan_to_num(points[:, 1])
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)

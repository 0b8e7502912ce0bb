"""Differences in what a chart shows: its type, its series, its values."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotators.structural import severity
from annotators.structural.chart_findings import DATA, STRUCTURE, STYLE, Finding, both, shown
from annotators.structural.chart_marks import (
    Change,
    Mark,
    MarkMatch,
    Numbers,
    Scale,
    Scales,
    fractions,
)
from annotators.structural.chart_words import PLURALS, figure, kind_name, listed, main_colour
from annotators.structural.matching import permuted
from records.rows import Box
from records.taxonomy import Severity
from renderers.scene import Element

APART = 3
"""Changes of one sort that are told one by one; more of them are one difference."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two axes that are the same place of the chart."""

    index: int
    reference: Element
    candidate: Element
    where: str
    """Which axes, in words, after a comma; empty where there is only one."""
    scales: Scales
    candidate_scales: Scales

    def at(self, name: str) -> str:
        """A location in words."""
        return f"{name}{self.where}"


def explain(pair: Pair, match: MarkMatch) -> list[Finding]:
    """Structure and data findings of a pair of axes; consumes what it explains from ``match``."""
    emptied = _emptied(pair, match)
    if emptied is not None:
        return [emptied]
    found = chart_type(pair, match)
    found += bins(pair, match)
    found += stacking(pair, match)
    found += series(pair, match)
    found += values(pair, match)
    for finding in found:
        finding.axes = pair.index
    return found


def _emptied(pair: Pair, match: MarkMatch) -> Finding | None:
    """Nothing is left of what an axes showed."""
    if match.extra or match.equal or match.changed or len(match.missing) < 1:
        return None
    drawn = [mark for mark in match.missing if mark.kind in MAIN_KINDS]
    if not drawn or pair.index < 0:
        return None
    match.missing.clear()
    return Finding(
        "emptied", DATA, 3, pair.at("everything plotted"), "is missing; the axes are empty",
        shown(pair.reference, pair.candidate), axes=pair.index,
    )  # fmt: skip


def out_of_view(pair: Pair, match: MarkMatch) -> None:
    """Forget marks that are only missing or extra since other limits or scales hide them."""
    if any(
        one.logarithmic != two.logarithmic
        for one, two in zip(pair.scales, pair.candidate_scales, strict=True)
    ):
        match.missing.clear()
        match.extra.clear()
    for marks, scales, axes in (
        (match.missing, pair.candidate_scales, pair.candidate),
        (match.extra, pair.scales, pair.reference),
    ):
        set_limits = [
            any(part.role == "axis" and part.data.get("axis") == name and not part.data.get("auto")
                for part in axes.children)
            for name in "xy"
        ]  # fmt: skip
        if any(set_limits):
            marks[:] = [mark for mark in marks if not _outside(mark, scales, set_limits)]


def _outside(mark: Mark, scales: Scales, directions: Sequence[bool]) -> bool:
    if mark.role not in ("line", "markers", "bar", "errorbars", "area"):
        return False
    places = fractions(mark, scales)
    if not places.size or not np.isfinite(places).any():
        return False
    if mark.role == "bar":
        places = places.reshape(2, 2)
    if mark.role == "errorbars":
        places = np.column_stack([places[:, 0], places[:, 1:].mean(axis=1)])
        if mark.element.data.get("direction") == "x":
            places = places[:, ::-1]
    low, high = np.nanmin(places, axis=0)[:2], np.nanmax(places, axis=0)[:2]
    beyond = (high < -1e-3) | (low > 1 + 1e-3)
    return bool((beyond & np.array(directions)).any())


MAIN_KINDS = frozenset(
    ("line", "markers", "bar vertical", "bar horizontal", "wedge", "area", "areas", "heatmap",
     "contour", "contour filled", "box vertical", "box horizontal", "surface", "segments")
)  # fmt: skip

KIND_WORDS = {
    "bar vertical": "vertical bars", "bar horizontal": "horizontal bars", "line": "lines",
    "markers": "scattered points", "wedge": "pie slices", "contour filled": "filled contours",
    "box vertical": "vertical boxes", "box horizontal": "horizontal boxes",
    "area": "filled areas", "areas": "filled areas", "heatmap": "a heat map",
}  # fmt: skip


def chart_type(pair: Pair, match: MarkMatch) -> list[Finding]:
    """A series, or the whole chart, drawn as another sort of mark."""
    found: list[Finding] = []
    before = Counter(mark.kind for mark in match.missing if mark.kind in MAIN_KINDS)
    after = Counter(mark.kind for mark in match.extra if mark.kind in MAIN_KINDS)
    kept = Counter(one.kind for one, _ in match.equal)
    kept += Counter(change.before.kind for change in match.changed)
    plain = ("line", "segments", "markers")  # parts of many a chart, so asked last

    def telling(counts: Counter[str]) -> list[str]:
        return sorted(counts, key=lambda kind: (kind in plain, -counts[kind]))

    for was in telling(before):
        for now in telling(after):
            if was == now or now in before or was in after:
                continue
            gone = [mark for mark in match.missing if mark.kind == was]
            new = [mark for mark in match.extra if mark.kind == now]
            if not gone or not new:
                continue
            whole = not kept[was] and not kept[now]
            related = [mark for mark in gone if _shares_data([mark], new)] or (
                gone if _shares_data(gone, new) else []
            )
            if not whole and not related:
                continue
            if not whole and was not in ("bar vertical", "bar horizontal"):
                gone = related
                new = [mark for mark in new if _shares_data(gone, [mark])] or new
            match.missing[:] = [mark for mark in match.missing if mark not in gone]
            match.extra[:] = [mark for mark in match.extra if mark not in new]
            _drop_companions(match, gone, new)
            what = gone[0].name if len(gone) == 1 else KIND_WORDS.get(was, was)
            found.append(
                Finding(
                    "chart_type",
                    STRUCTURE,
                    3,
                    pair.at(what),
                    f"drawn as {KIND_WORDS.get(now, now)} instead of {KIND_WORDS.get(was, was)}",
                    [mark.element.box for mark in new + gone if mark.element.box],
                    same=f"{was}>{now}",
                )
            )
            break
    return found


def _drop_companions(match: MarkMatch, gone: list[Mark], new: list[Mark]) -> None:
    """Forget parts that come and go with a chart type: error bars, outlines, several kinds."""
    if not any(mark.role == "errorbars" for mark in match.extra):
        match.missing[:] = [mark for mark in match.missing if mark.role != "errorbars"]
    helpers = {"errorbars", "segments", "areas", "markers", "line", "arrow"}
    kinds = {mark.kind for mark in gone} | {mark.kind for mark in new}
    if kinds & {"box vertical", "box horizontal", "areas", "area"}:
        # The parts of a violin or a box that are no box to us.
        match.missing[:] = [mark for mark in match.missing if mark.role not in helpers]
        match.extra[:] = [mark for mark in match.extra if mark.role not in helpers]


def _numbers(mark: Mark) -> set[float]:
    """The values a mark stands for, whatever its form."""
    if mark.role == "bar":
        values = np.array([mark.length, mark.end])
    elif mark.role == "wedge":
        return set()
    else:
        values = np.concatenate([mark.column("y"), mark.column("x")])
    return {float(f"{value:.5g}") for value in values if np.isfinite(value) and value}


def _shares_data(first: Sequence[Mark], second: Sequence[Mark]) -> bool:
    """True where two sets of marks stand for the same numbers."""
    one = set().union(*map(_numbers, first))
    two = set().union(*map(_numbers, second))
    return bool(one) and len(one & two) >= 0.5 * min(len(one), len(two))


def stacking(pair: Pair, match: MarkMatch) -> list[Finding]:
    """Bars that stood side by side are stacked, or the other way round."""
    moved = [
        change for change in match.changed
        if change.geometry and change.before.role == "bar" and change.before.kind == change.after.kind
        and _near(change.before.length, change.after.length)
    ]  # fmt: skip
    if len(moved) < 2:
        return []
    before = [change.before for change in moved]
    after = [change.after for change in moved]
    stacked_before, stacked_after = _stacked(before), _stacked(after)
    every = [one for one, _ in match.equal if one.role == "bar"]
    others = [two for _, two in match.equal if two.role == "bar"]
    slots_before = len({round(mark.middle, 6) for mark in (*before, *every)})
    slots_after = len({round(mark.middle, 6) for mark in (*after, *others)})
    if slots_after < slots_before and stacked_after:
        words = "stacked instead of side by side"
    elif slots_after > slots_before and (stacked_before or _overlap(before)):
        words = "side by side instead of stacked"
    elif slots_after < slots_before:
        words = "drawn over each other instead of side by side"
    elif stacked_before and not stacked_after:
        words = "drawn over each other instead of stacked"
    elif stacked_after and not stacked_before:
        words = "stacked instead of drawn over each other"
    elif _covering([*before, *every]) < _covering([*after, *others]):
        words = "drawn over each other instead of side by side"
    elif _covering([*before, *every]) > _covering([*after, *others]):
        words = "side by side instead of drawn over each other"
    else:
        return []
    for change in match.changed:
        if change.before.role == "errorbars":
            change.geometry = False  # they stand on the bars
    for change in match.changed:
        if change.before.role == "bar":
            change.geometry = False
    boxes = [box for change in moved for box in both(change.before.element, change.after.element)]
    return [Finding("stacking", STRUCTURE, 3, pair.at("bars"), words, boxes)]


def _near(first: float, second: float) -> bool:
    return abs(first - second) <= 1e-6 * max(abs(first), abs(second), 1e-12)


def _covering(marks: Sequence[Mark]) -> bool:
    """True where many bars of one foot cover their neighbours."""
    order = sorted(marks, key=lambda mark: mark.middle)
    hidden = sum(
        two.middle - one.middle < 0.45 * (one.thickness + two.thickness) and _near(one.foot, two.foot)
        for one, two in itertools.pairwise(order)
    )  # fmt: skip
    return hidden >= max(1, len(order) // 4)


def _stacked(marks: Sequence[Mark]) -> bool:
    return sum(not _near(mark.foot, 0.0) for mark in marks) >= max(1, len(marks) // 3)


def _overlap(marks: Sequence[Mark]) -> bool:
    slots = Counter(round(mark.middle, 6) for mark in marks)
    return max(slots.values(), default=0) > 1


def bins(pair: Pair, match: MarkMatch) -> list[Finding]:
    """A histogram cut into more or fewer bins: touching bars in another number."""
    found = []
    before, after = _bar_groups(match, reference=True), _bar_groups(match, reference=False)
    for name in before.keys() & after.keys():
        one, two = before[name], after[name]
        if not (_touching(one) and _touching(two)):
            continue
        mine = set(map(id, (*one, *two)))
        changed = [change for change in match.changed if id(change.before) in mine]
        redrawn = [change for change in changed if change.geometry]
        if len(one) == len(two):
            unpaired = [m for m in (*match.missing, *match.extra) if id(m) in mine]
            if not unpaired or len(redrawn) + len(unpaired) < max(5, len(one) // 2):
                continue
        elif not redrawn:
            continue
        for change in changed:
            change.geometry = False
        match.missing[:] = [mark for mark in match.missing if id(mark) not in mine]
        match.extra[:] = [mark for mark in match.extra if id(mark) not in mine]
        found.append(
            Finding(
                "bins", DATA,
                severity.of_missing_share(abs(len(one) - len(two)), max(len(one), 1)),
                pair.at(f"histogram {name[0]!r}" if name[0] else "histogram"),
                f"{len(two)} bins instead of {len(one)}" if len(one) != len(two) else "shows other values",
                [mark.element.box for mark in two if mark.element.box],
                same="bins",
            )
        )  # fmt: skip
    return found


def _bar_groups(match: MarkMatch, *, reference: bool) -> dict[tuple[str, str], list[Mark]]:
    marks = [pair[not reference] for pair in match.equal]
    marks += [change.before if reference else change.after for change in match.changed]
    marks += match.missing if reference else match.extra
    groups: dict[tuple[str, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.role == "bar":
            groups[mark.element.text, main_colour(mark.element)].append(mark)
    return groups


def _touching(marks: Sequence[Mark]) -> bool:
    """True where bars of equal width stand edge to edge, as those of a histogram do."""
    if len(marks) < 3:
        return False
    middles = sorted(mark.middle for mark in marks)
    width = float(np.median([mark.thickness for mark in marks]))
    gaps = np.diff(middles)
    return bool(
        (np.abs(gaps / max(width, 1e-12) - np.round(gaps / max(width, 1e-12))) < 0.05).mean() > 0.8
        and np.median(gaps) < 1.05 * width
    )


def series(pair: Pair, match: MarkMatch) -> list[Finding]:
    """Marks that are missing or extra; bars of one series go together."""
    found = []
    for marks, lacking in ((match.missing, True), (match.extra, False)):
        groups: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        for mark in marks:
            by_series = mark.role in ("bar", "box", "wedge", "errorbars", "line", "markers", "area")
            tint = main_colour(mark.element) if mark.role in ("bar", "box") else ""
            name = mark.element.text or tint
            groups[(mark.role, name if by_series else "")].append(mark)
        for role in {role for role, _ in groups}:
            single = [key for key, group in groups.items() if key[0] == role and len(group) == 1]
            if len(single) > APART:
                groups[role, ""] = [mark for key in single for mark in groups.pop(key)]
        total = Counter(
            part.role for part in (pair.reference if lacking else pair.candidate).children
        )
        for (role, name), group in groups.items():
            parts = (
                group
                if len(group) <= APART and not (role in ("bar", "box") and len(group) > 1)
                else []
            )
            word = "is missing" if lacking else "is not in the reference"
            words = "are missing" if lacking else "are not in the reference"
            for mark in parts:
                grade = severity.of_missing_share(1, max(1, total[role]))
                plural = mark.role in ("errorbars", "markers", "areas", "segments", "contour")
                found.append(
                    Finding(
                        "missing" if lacking else "extra", DATA, _least(grade, mark), pair.at(mark.name),
                        words if plural else word, shown(None, mark.element),
                        same=f"{role} {name}",
                    )
                )  # fmt: skip
            if not parts:
                kind = PLURALS.get(role, role)
                every = all(mark.element.text == group[0].element.text for mark in group)
                label = f"{kind} of '{name}'" if name and every and group[0].element.text else kind
                listing = listed([mark.name for mark in group])
                found.append(
                    Finding(
                        "missing" if lacking else "extra", DATA,
                        severity.of_missing_share(len(group), max(1, total[role])),
                        pair.at(label), f"{len(group)} of {total[role]} {words}: {listing}",
                        [mark.element.box for mark in group if mark.element.box],
                        same=f"{role} {name}",
                    )
                )  # fmt: skip
    return found


def _least(grade: Severity, mark: Mark) -> Severity:
    """Small helpers such as an arrow or a reference line never count as a lost series."""
    return min(grade, 2) if mark.role in ("arrow", "errorbars", "segments") else grade


@dataclass(slots=True)
class _Shift:
    """Places of a mark that moved, in lengths of the axes."""

    change: Change
    before: Numbers
    after: Numbers


ORDER = ("bar", "wedge", "heatmap", "line", "box", "markers", "contour", "surface", "area", "areas",
         "errorbars", "segments")  # fmt: skip


def values(pair: Pair, match: MarkMatch) -> list[Finding]:
    """Values drawn wrong, each named once whatever else moved along with it."""
    changed = [change for change in match.changed if change.geometry]
    if not changed:
        return []
    found: list[Finding] = []
    by_role: dict[str, list[Change]] = defaultdict(list)
    for change in changed:
        by_role[change.before.role].append(change)
    shifts: list[_Shift] = []
    for role in sorted(by_role, key=lambda role: ORDER.index(role) if role in ORDER else 99):
        changes = by_role[role]
        if role not in ("bar", "wedge", "box", "heatmap"):
            changes = [change for change in changes if not _follows(change, shifts, pair)]
        if not changes:
            continue
        if role == "bar":
            found += _bars(pair, match, changes)
        elif role == "wedge" and any(m.role == "wedge" for m in (*match.missing, *match.extra)):
            continue  # the others share what is left of the circle
        elif role == "wedge":
            found += _wedges(pair, changes)
        elif role == "heatmap":
            found += [_heatmap(pair, change) for change in changes]
        elif role == "box":
            found += _several(pair, changes, [_box(pair, change) for change in changes], "boxes")
        elif role in ("line", "markers", "errorbars"):
            found += _several(
                pair, changes, [_points(pair, change) for change in changes], PLURALS[role]
            )
        elif role == "area":
            changes = _lowest(changes, pair)
            found += _several(pair, changes, [_points(pair, change) for change in changes], "areas")
        else:
            found += _several(
                pair, changes, [_form(pair, change) for change in changes], PLURALS.get(role, role)
            )
        shifts += [_shift(change, pair) for change in changes]
    return found


def _shift(change: Change, pair: Pair) -> _Shift:
    before, after = fractions(change.before, pair.scales), fractions(change.after, pair.scales)
    if change.before.role == "bar":
        along = change.before.along
        points = []
        for ends in (before, after):
            middle = (ends[1 - along] + ends[3 - along]) / 2
            points.append([[middle, ends[along + 2]] if along else [ends[along + 2], middle]])
        return _Shift(change, np.array(points[0]), np.array(points[1]))
    if before.shape == after.shape and before.ndim == 2 and before.size:
        moved = np.nan_to_num(np.abs(before - after), nan=1.0).max(axis=1) > 1e-4
        if change.before.role == "errorbars":
            before = np.column_stack([before[:, 0], before[:, 1:].mean(axis=1)])
            after = np.column_stack([after[:, 0], after[:, 1:].mean(axis=1)])
            if change.before.element.data.get("direction") == "x":
                before, after = before[:, ::-1], after[:, ::-1]
        return _Shift(change, before[moved][:, :2], after[moved][:, :2])
    return _Shift(change, np.zeros((0, 2)), np.zeros((0, 2)))


def _follows(change: Change, shifts: Sequence[_Shift], pair: Pair) -> bool:
    """True where a mark only moved along with another one that changed."""
    mine = _shift(change, pair)
    there_all: dict[str, list[Numbers]] = {}
    for other in shifts:
        if other.change.before.role == change.before.role:
            continue
        if not len(mine.before) or not len(other.before):
            same_look = (
                main_colour(change.before.element)[:7]
                == main_colour(other.change.before.element)[:7]
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


def _several(
    pair: Pair, changes: Sequence[Change], findings: list[Finding], kind: str
) -> list[Finding]:
    """A few findings as they are; exchanged pairs and long lists as one."""
    if len(changes) > 1 and permuted(
        [change.before.shape for change in changes], [change.after.shape for change in changes]
    ):
        names = listed([change.before.name for change in changes])
        boxes = [
            box for change in changes for box in both(change.before.element, change.after.element)
        ]
        return [
            Finding(
                "exchanged",
                DATA,
                3,
                pair.at(names),
                f"the data of these {kind} are exchanged",
                boxes,
            )
        ]
    if len(findings) <= (1 if kind == "error bars" else APART):
        return findings
    names = listed([change.before.name for change in changes])
    return [
        Finding(
            "values", DATA, max(finding.severity for finding in findings), pair.at(names),
            f"{len(findings)} {kind} differ: {findings[0].description}, and others",
            [box for finding in findings for box in finding.boxes],
        )
    ]  # fmt: skip


def _bars(pair: Pair, match: MarkMatch, changes: list[Change]) -> list[Finding]:
    """Bars of other length, base, thickness or place."""
    scale = pair.scales[changes[0].before.along]
    if _tiles(changes):
        count = len(changes)
        boxes = [box for c in changes for box in both(c.before.element, c.after.element)]
        names = listed([c.before.name for c in changes])
        return [
            Finding("values", DATA, 3, pair.at(names), f"{count} tiles are of other sizes", boxes)
        ]
    grown = [c for c in changes if not _near_on(c.before.length, c.after.length, scale)]
    slots = {round(change.before.middle, 6) for change in grown}
    slots |= {round(m.middle, 6) for m in (*match.missing, *match.extra) if m.role == "bar"}
    across = pair.scales[1 - changes[0].before.along]
    thick, moved, lifted = [], [], []
    for change in changes:
        if change in grown:
            continue
        if not _near_on(change.before.thickness, change.after.thickness, across):
            thick.append(change)
        elif not _near_on(change.before.middle, change.after.middle, across):
            moved.append(change)
        elif round(change.before.middle, 6) not in slots:
            lifted.append(change)
    found = _lengths(pair, grown, scale)
    if len(grown) > APART:
        thick, moved = [], []  # other bins of other data
    if thick:
        one = thick[0]
        ratio = (one.after.thickness or 1e-9) / (one.before.thickness or 1e-9)
        found.append(
            Finding(
                "thickness", DATA, severity.of_size_change(1, ratio), pair.at("bars"),
                f"{'wider' if ratio > 1 else 'narrower'}: {figure(one.after.thickness)} instead of"
                f" {figure(one.before.thickness)}",
                [box for c in thick for box in both(c.before.element, c.after.element)],
            )
        )  # fmt: skip
    elif moved:
        found.append(
            Finding(
                "moved", DATA, 2, pair.at(listed([c.before.name for c in moved])),
                f"at {figure(moved[0].after.middle)} instead of {figure(moved[0].before.middle)}",
                [box for c in moved for box in both(c.before.element, c.after.element)],
            )
        )  # fmt: skip
    if lifted:
        found.append(
            Finding(
                "moved", DATA, 2, pair.at(listed([c.before.name for c in lifted])),
                f"starts at {figure(lifted[0].after.foot)} instead of {figure(lifted[0].before.foot)}",
                [box for c in lifted for box in both(c.before.element, c.after.element)],
            )
        )  # fmt: skip
    return found


def _tiles(changes: Sequence[Change]) -> bool:
    """True where rectangles of all widths fill a plane, as those of a tree map do."""
    widths = [change.before.thickness for change in changes]
    lengths = {round(change.before.foot, 9) for change in changes}
    return len(changes) > 1 and max(widths) > 1.05 * min(widths) and len(lengths) > 1


def _near_on(first: float, second: float, scale: Scale) -> bool:
    if scale.logarithmic:
        return _near(first, second)
    return abs(first - second) <= 5e-4 * scale.length


def _lengths(pair: Pair, changes: list[Change], scale: Scale) -> list[Finding]:
    if not changes:
        return []
    before = [float(f"{c.before.length:.6g}") for c in changes]
    after = [float(f"{c.after.length:.6g}") for c in changes]
    boxes = [both(c.before.element, c.after.element) for c in changes]
    every = [box for group in boxes for box in group]
    if len(changes) > 1 and permuted(before, after):
        names = listed([c.before.name for c in changes])
        words = "exchanged" if len(changes) == 2 else "in another order"
        return [Finding("exchanged", DATA, 3, pair.at(names), f"their values are {words}", every)]
    span = None if scale.logarithmic else scale.length
    findings = [
        Finding(
            "value", DATA, severity.of_relative_change(one, two, span), pair.at(change.before.name),
            f"{figure(one)} is drawn as {figure(two)}", group,
        )
        for change, one, two, group in zip(changes, before, after, boxes, strict=True)
    ]  # fmt: skip
    by_series: dict[str, list[int]] = defaultdict(list)
    for index, change in enumerate(changes):
        by_series[change.before.element.text or main_colour(change.before.element)].append(index)
    if len(by_series) > 1 and len(changes) > APART:
        return _several(pair, changes, findings, "bars")
    found: list[Finding] = []
    for members in by_series.values():
        parts = [findings[index] for index in members]
        if len(parts) >= APART:
            # More than two wrong bars of one series are a wrong series.
            name = changes[members[0]].before.element.text
            where = (
                f"bars of '{name}'" if name else listed([changes[i].before.name for i in members])
            )
            words = f"{len(parts)} bars differ: {parts[0].description}, and others"
            every = [box for part in parts for box in part.boxes]
            grade = max(part.severity for part in parts)
            found.append(Finding("values", DATA, grade, pair.at(where), words, every))
        else:
            found += parts
    return found


def _wedges(pair: Pair, changes: list[Change]) -> list[Finding]:
    """Slices of other share, place or size."""
    boxes = [box for c in changes for box in both(c.before.element, c.after.element)]
    turns = [(c.before.value("turn"), c.after.value("turn")) for c in changes]
    grown = [
        (change, one, two) for change, (one, two) in zip(changes, turns, strict=True)
        if abs(one - two) > 0.2
    ]  # fmt: skip
    if grown:
        names = [change.before.name for change, _, _ in grown]
        if permuted([round(t[0], 1) for t in turns], [round(t[1], 1) for t in turns]):
            return [
                Finding(
                    "exchanged",
                    DATA,
                    3,
                    pair.at(listed(names)),
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
    radius = [c for c in changes if abs(c.before.value("radius") - c.after.value("radius")) > 1e-3]
    holes = [
        c
        for c in changes
        if c.before.element.data.get("width") != c.after.element.data.get("width")
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
    if all(min(start, 360 - start) > 0.2 for start in starts):
        turn = (changes[0].after.value("start") - changes[0].before.value("start")) % 360
        words = f"slices are turned by {figure(min(turn, 360 - turn))} degrees"
        if len({round(start, 1) for start in starts}) > 1:
            words = "slices run the other way round"
        return [Finding("turned", STYLE, 2, pair.at("pie"), words, boxes)]
    pulled = listed([c.before.name for c in changes])
    return [Finding("moved", STYLE, 1, pair.at(pulled), "pulled out of the pie differently", boxes)]


def _heatmap(pair: Pair, change: Change) -> Finding:
    """Cells of other values, other limits of the colours, another number of cells."""
    one, two = change.before, change.after
    boxes = both(one.element, two.element)
    first, second = one.element.data, two.element.data
    size = [(int(mark.value("rows")), int(mark.value("columns"))) for mark in (one, two)]
    if size[0] != size[1]:
        words = f"{size[1][0]} x {size[1][1]} cells instead of {size[0][0]} x {size[0][1]}"
        return Finding("cells", DATA, 3, pair.at("heat map"), words, boxes)
    before, after = one.column("values"), two.column("values")
    unequal = ~np.isclose(before, after, rtol=1e-6, equal_nan=True)
    if unequal.any():
        count = int(unequal.sum())
        reach = float(np.nanmax(before) - np.nanmin(before)) or None
        index = int(np.flatnonzero(unequal)[0])
        row, column = _seen(pair, index, size[0])
        place = f"row {row + 1}, column {column + 1}"
        if len(before) == size[0][0] * size[0][1]:
            boxes = [_cell(pair, two, int(cell), size[0]) for cell in np.flatnonzero(unequal)]
        if count == 2 and permuted(before[unequal].tolist(), after[unequal].tolist()):
            return Finding(
                "exchanged",
                DATA,
                2,
                pair.at("heat map"),
                f"the values of two cells are exchanged ({place})",
                boxes,
            )
        if count == 1:
            grade = severity.of_relative_change(before[index], after[index], reach)
            words = f"{figure(before[index])} is drawn as {figure(after[index])}"
            return Finding("value", DATA, grade, pair.at(f"heat map, {place}"), words, boxes)
        return Finding(
            "values",
            DATA,
            severity.of_missing_share(count, len(before)),
            pair.at("heat map"),
            f"{count} of {len(before)} cells differ",
            boxes,
        )
    if first.get("hash") != second.get("hash"):
        return Finding("values", DATA, 2, pair.at("heat map"), "values of cells differ", boxes)
    if (first.get("low"), first.get("high")) != (second.get("low"), second.get("high")):
        limits = [(mark.value("low"), mark.value("high")) for mark in (one, two)]
        words = (f"colours run from {figure(limits[1][0])} to {figure(limits[1][1])} instead of"
                 f" {figure(limits[0][0])} to {figure(limits[0][1])}")  # fmt: skip
        return Finding(
            "colour_limits",
            DATA,
            severity.of_limit_change(*limits),
            pair.at("heat map"),
            words,
            boxes,
        )
    if first.get("norm") != second.get("norm"):
        return Finding(
            "colour_limits", DATA, 2, pair.at("heat map"), "colours run on another scale", boxes
        )
    return Finding("moved", DATA, 2, pair.at("heat map"), "cells are in another place", boxes)


def _seen(pair: Pair, index: int, size: tuple[int, int]) -> tuple[int, int]:
    """Row and column of a cell as seen, from the top left; in data the first row is the lowest."""
    row, column = divmod(index, size[1])
    x_scale, y_scale, _ = pair.candidate_scales
    if y_scale.low <= y_scale.high:
        row = size[0] - 1 - row
    if x_scale.low > x_scale.high:
        column = size[1] - 1 - column
    return row, column


def _cell(pair: Pair, mark: Mark, index: int, size: tuple[int, int]) -> Box:
    """Pixels of one cell of a heat map."""
    left, top, right, bottom = mark.element.box or (0.0, 0.0, 0.0, 0.0)
    row, column = _seen(pair, index, size)
    height, width = (bottom - top) / size[0], (right - left) / size[1]
    return (
        left + column * width, top + row * height,
        left + (column + 1) * width, top + (row + 1) * height,
    )  # fmt: skip


def _box(pair: Pair, change: Change) -> Finding:
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
        if not _same(one.value(key), two.value(key)):
            parts.append((name, one.value(key), two.value(key)))
    if parts:
        name, before, after = max(
            parts, key=lambda part: abs(np.nan_to_num(part[1] - part[2], nan=1e99))
        )
        if np.isnan(before) or np.isnan(after):
            words = f"{name} is {'extra' if np.isnan(before) else 'missing'}"
            return Finding("mean", STYLE, 1, pair.at(one.name), words, boxes, same=words)
        grade = severity.of_relative_change(before, after, scale.length)
        return Finding(
            "value",
            DATA,
            grade,
            pair.at(one.name),
            f"{name} {figure(after)} instead of {figure(before)}",
            boxes,
        )
    if not _same(one.value("width"), two.value("width")):
        words = f"width {figure(two.value('width'))} instead of {figure(one.value('width'))}"
        return Finding("thickness", STYLE, 1, pair.at(one.name), words, boxes, same=words)
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
    if not _same(one.value("at"), two.value("at")):
        return Finding(
            "moved",
            DATA,
            2,
            pair.at(one.name),
            f"at {figure(two.value('at'))} instead of {figure(one.value('at'))}",
            boxes,
        )
    return Finding(
        "value", DATA, 1, pair.at(one.name), "outliers or caps differ", boxes, same="caps"
    )


def _same(first: float, second: float) -> bool:
    return first == second or (np.isnan(first) and np.isnan(second)) or _near(first, second)


def _points(pair: Pair, change: Change) -> Finding:
    """A line, points, an area or error bars of other values."""
    one, two = change.before, change.after
    boxes = both(one.element, two.element)
    before, after = fractions(one, pair.scales), fractions(two, pair.scales)
    counts = int(one.value("count")), int(two.value("count"))
    plain = one.role in ("line", "markers")
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
    moved = gaps.max(axis=1) > 1e-4
    if not moved.any():
        return _unplaced(pair, change, boxes)
    axis = int(gaps.max(axis=0).argmax())
    count = int(moved.sum())
    worst = int(gaps.max(axis=1).argmax())
    if one.role == "errorbars":
        return Finding(
            "errors",
            DATA,
            2,
            pair.at(one.name),
            f"{count} of {counts[0]} are of other length or place",
            boxes,
        )
    names = ("x", "y", "z")
    column = (one.column(names[axis]), two.column(names[axis])) if axis < 3 else (before, after)
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
        place = f" at x = {figure(float(one.column('x')[worst]))}"
    else:
        place = ""
    words = f"{names[axis]} value{place} is {figure(second)} instead of {figure(first)}"
    if count > 1:
        words = f"{count} of {len(moved)} values differ; {words}"
        grade = max(grade, severity.of_missing_share(count, len(moved))) if grade > 1 else grade
    return Finding(
        "value" if count == 1 else "values", DATA, grade, pair.at(one.name), words, boxes
    )


def _unplaced(
    pair: Pair, change: Change, boxes: list[tuple[float, float, float, float]]
) -> Finding:
    one, two = change.before.element.data, change.after.element.data
    if one.get("sizes") != two.get("sizes"):
        return Finding(
            "sizes", DATA, 2, pair.at(change.before.name), "sizes of points differ", boxes
        )
    if one.get("faces") != two.get("faces") or one.get("edges") != two.get("edges"):
        return Finding(
            "colours", STYLE, 2, pair.at(change.before.name), "colours of points differ", boxes
        )
    if (one.get("low"), one.get("high")) != (two.get("low"), two.get("high")):
        return Finding(
            "colour_limits",
            DATA,
            2,
            pair.at(change.before.name),
            "colours run between other values",
            boxes,
        )
    return Finding("values", DATA, 2, pair.at(change.before.name), "values differ", boxes)


def _lowest(changes: list[Change], pair: Pair) -> list[Change]:
    """Of stacked areas that moved together, the one whose own thickness changed."""
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


def _form(pair: Pair, change: Change) -> Finding:
    """Any other mark of another form."""
    one, two = change.before, change.after
    boxes = both(one.element, two.element)
    first, second = one.element.data, two.element.data
    if one.role == "contour" and first.get("levels") != second.get("levels"):
        words = f"{len(two.column('levels'))} levels instead of {len(one.column('levels'))}"
        if len(two.column("levels")) == len(one.column("levels")):
            words = "levels are at other values"
        return Finding("levels", DATA, 2, pair.at(one.name), words, boxes)
    if (first.get("low"), first.get("high")) != (
        second.get("low"),
        second.get("high"),
    ) and first.get("hash") == second.get("hash"):
        return Finding(
            "colour_limits", DATA, 2, pair.at(one.name), "colours run between other values", boxes
        )
    if one.role in ("arrow",):
        return Finding(
            "moved", DATA, 1, pair.at(one.name), f"{kind_name(one.element)} runs elsewhere", boxes
        )
    return Finding("values", DATA, 2, pair.at(one.name), "drawn from other values", boxes)

"""Finds series and marks that are missing or extra."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, STYLE, TEXT, Finding, shown
from annotators.structural.chart.marks import Mark, MarkMatch, boxes_of, flat, fractions
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.same_shape import off_curve
from annotators.structural.chart.words import (
    PLURALS,
    Name,
    listed,
    main_color,
    mark_name,
    plural_of,
)
from annotators.structural.colors import color_name
from annotators.structural.visibility import CURVE
from records.taxonomy import Severity
from renderers.scene import Element


def series(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Findings on missing and extra marks; bars of one series are one finding."""
    for marks in (match.missing, match.extra):
        marks[:] = [mark for mark in marks if not flat(mark)]
        along = [
            mark for mark in marks
            if _carried(mark, marks) or _at_lost_points(mark, match) or _piece(mark, match, pair)
        ]  # fmt: skip
        match.carried += along
        marks[:] = [mark for mark in marks if mark not in along]
    return [
        *_outlines(pair, match.missing, "missing"),
        *_outlines(pair, match.extra, "extra"),
        *_absent(pair, match.missing, "missing", pair.reference),
        *_absent(pair, match.extra, "extra", pair.candidate),
    ]


def _outlines(pair: PanelPair, marks: list[Mark], kind: str) -> Iterator[Finding]:
    """Findings on lines along the edge of an area that both charts have; they are removed."""
    axes = pair.reference if kind == "missing" else pair.candidate
    areas = axes.parts("area")
    series = {main_color(entry)[:7] for part in axes.parts("legend") for entry in part.children}
    plain = [
        mark for mark in marks
        if mark.role == "line" and not mark.element.style.get("marker")
        and main_color(mark.element)[:7] not in series
    ]  # fmt: skip
    for mark in plain:
        line = fractions(mark, pair.scales)
        for area in areas if 2 < len(line) <= MOST_CORNERS else ():
            edge = fractions(Mark(area, -1), pair.scales)
            if not line.shape[1:] == edge.shape[1:] == (2,) or any(
                m.element is area for m in marks
            ):
                continue
            on_edge = [off_curve(point[None], edge) <= CURVE for point in line]
            if sum(on_edge) >= ALONG * len(line):
                marks.remove(mark)
                words = f"its line along the edge is {kind}"
                place = pair.at(mark_name(area) if area.text else "area")
                yield Finding("outline", STYLE, 1, place, words, shown(None, mark.element))
                break


ALONG = 0.6
"""Least share of the corners of an outline that lie on the edge of its area, which may be flat elsewhere."""

MOST_CORNERS = 400


def _absent(pair: PanelPair, marks: list[Mark], kind: str, axes: Element) -> Iterator[Finding]:
    """Findings on marks that only ``axes`` has, one by one or as a series."""
    total = Counter(part.role for part in axes.children)
    for (role, name), group in _by_series(marks, axes).items():
        together = role in ("bar", "box") or name.startswith("<") or len(group) > APART
        values = [_as_value(mark, pair) for mark in group]
        if together and len(group) > 1:
            grade = max(severity.of_missing_share(len(group), max(1, total[role])), *values)
            texts = {mark.element.text for mark in group}
            series = texts.pop() if len(texts) == 1 else ""
            words = f"{len(group)} of {total[role]} are {kind}"
            names = dict.fromkeys(mark.name for mark in group)
            every = sum(part.role == role and part.text == series for part in axes.children)
            if series and every == len(group):
                words = f"are {kind}"
            elif len(names) > 1 or not series:
                words += f": {listed([*names])}"
            place = pair.at(Name(PLURALS.get(role, role), series=series))
            looks = {replace(mark.name, rank=0) for mark in group}
            if not series and _all_of_look(group, axes):
                tint = color_name(main_color(group[0].element) or "white")
                looks = {Name(group[0].name.kind, tint=tint)}
            if len(looks) == 1 and not series and (group[0].held or _all_of_look(group, axes)):
                (look,) = looks
                words = f"are {kind}"
                place = pair.at(replace(look, kind=plural_of(look.kind)))
            elif group[0].held and len({mark.held for mark in group}) == 1:
                words, place = f"are {kind}", pair.at(plural_of(group[0].name.kind))
            boxes = boxes_of(group)
            yield Finding(kind, DATA, grade, place, words, boxes, same=(role, name), role=role)
            continue
        category = (
            TEXT if role == "arrow" and total[role] <= APART else STYLE if role == "zoom" else DATA
        )
        words = f"{'are' if role in MANIFOLD else 'is'} {kind}"
        for mark, value in zip(group, values, strict=True):
            grade = _least(max(severity.of_missing_share(1, max(1, total[role])), value), mark)
            place, boxes = pair.at(mark.name), shown(None, mark.element)
            yield Finding(kind, category, grade, place, words, boxes, same=(role, name), role=role)


def _all_of_look(group: Sequence[Mark], axes: Element) -> bool:
    """True if no other mark of an axes is of the kind and color of a group without names."""
    tints = {main_color(mark.element) for mark in group}
    like = [
        part for part in axes.children
        if part.role == group[0].role and main_color(part) in tints and not part.text
    ]  # fmt: skip
    others = [part for part in axes.children if part.role == group[0].role and part not in like]
    named = any(mark.name.own for mark in group)
    return len(tints) == 1 and len(like) == len(group) and (bool(others) or not named)


def _by_series(marks: list[Mark], axes: Element) -> dict[tuple[str, str], list[Mark]]:
    """Marks by role and series; ``<`` and a color stands for unnamed marks that a loop drew."""
    groups: dict[tuple[str, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        tint = main_color(mark.element) if mark.role in ("bar", "box") else ""
        if mark.role in LOOPED:
            tint = f"<{main_color(mark.element)}"  # a loop drew all marks of one color
        name = mark.element.text or tint
        groups[mark.role, name if mark.role in IN_SERIES else ""].append(mark)
    for role in dict.fromkeys(role for role, _ in groups):
        unnamed = [key for key in groups if key[0] == role and key[1][:1] in ("", "<")]
        of_role = sum(len(groups[key]) for key in unnamed)
        drawn = sum(part.role == role and not part.text for part in axes.children)
        if len(unnamed) > 1 and of_role == drawn and role in LOOPED:
            groups[role, "<"] = [mark for key in unnamed for mark in groups.pop(key)]
        single = [key for key, group in groups.items() if key[0] == role and len(group) == 1]
        if len(single) > APART:
            groups[role, ""] = [mark for key in single for mark in groups.pop(key)]
    return groups


LOOPED = frozenset(("line", "markers", "area"))
"""Roles that loops often draw; all unnamed marks of such a role are one finding."""

IN_SERIES = LOOPED | {"bar", "box", "wedge", "errorbars"}

MANIFOLD = frozenset(("errorbars", "markers", "areas", "segments", "contour"))
"""Roles whose name is a plural."""


def _carried(mark: Mark, marks: list[Mark]) -> bool:
    """True for companions that are missing with their mark: error bars, shadows, bands of a curve."""
    if mark.role == "area":
        tint = main_color(mark.element)[:7]
        return any(
            other.role == "wedge"
            or (other.role == "line" and main_color(other.element)[:7] == tint)
            for other in marks
        )
    if mark.role != "errorbars":
        return False
    across = "y" if mark.element.data.get("direction") == "x" else "x"
    at = set(np.round(mark.column("at"), 9))
    for other in marks:
        if (
            other.role in ("line", "markers")
            and at
            and at <= set(np.round(other.column(across), 9))
        ):
            return True
    bars = {round(m.middle, 9) for m in marks if m.role == "bar" and len(m.span) == 4}
    return bool(at) and at <= bars


def _piece(mark: Mark, match: MarkMatch, pair: PanelPair) -> bool:
    """True for a piece of an area that the other chart draws whole: all of its corners lie on its outline."""
    if mark.role != "area":
        return False
    corners, tint = fractions(mark, pair.scales), main_color(mark.element)
    wholes = [
        fractions(side, pair.scales) for change in match.changed for side in change.sides
        if change.geometry and side.role == "area" and main_color(side.element) == tint
    ]  # fmt: skip
    plain = [side for side in wholes if side.shape[1:] == corners.shape[1:] == (2,) and len(side) > len(corners)]  # fmt: skip
    return any(len(corners) > 2 and off_curve(corners, whole) <= CURVE for whole in plain)


def _at_lost_points(mark: Mark, match: MarkMatch) -> bool:
    """True for a mark at a place where a curve or cloud has one point too few or too many."""
    places = set(np.round(mark.column("x"), 9)) if mark.role != "bar" else {round(mark.middle, 9)}
    for change in match.changed:
        if change.before.role not in ("line", "markers") or not change.geometry:
            continue
        before, after = (set(np.round(m.column("x"), 9)) for m in change.sides)
        odd = before ^ after
        if places and len(odd) <= 2 and places <= odd:
            return True
    return False


def _as_value(mark: Mark, pair: PanelPair) -> Severity:
    """Severity of a missing or extra mark, graded like its value changed to or from zero.

    A bar that is too short to be seen is missing: the severity must not fall when it vanishes.
    """
    if mark.role == "wedge":
        return severity.of_relative_change(mark.value("turn"), 0.0, 360.0)
    if mark.role != "bar" or len(mark.span) != 4:
        return 1
    scale = pair.scales[mark.along]
    return severity.of_relative_change(
        mark.length, 0.0, None if scale.logarithmic else scale.length
    )


def _least(grade: Severity, mark: Mark) -> Severity:
    """Severity, with an upper bound for small marks such as arrows and reference lines."""
    spans = mark.element.data.get("space", "data") != "data"
    return (
        min(grade, 2) if spans or mark.role in ("arrow", "errorbars", "segments", "zoom") else grade
    )

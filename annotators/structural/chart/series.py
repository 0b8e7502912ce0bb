"""Series and marks that are missing or extra."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, TEXT, Finding, shown
from annotators.structural.chart.marks import Mark, MarkMatch
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import PLURALS, Name, listed, main_colour
from records.taxonomy import Severity


def series(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Marks that are missing or extra; bars of one series go together."""
    found = []
    for marks in (match.missing, match.extra):
        along = [mark for mark in marks if _carried(mark, marks) or _at_lost_points(mark, match)]
        match.carried += along
        marks[:] = [mark for mark in marks if mark not in along]
    for marks, lacking in ((match.missing, True), (match.extra, False)):
        groups: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        for mark in marks:
            by_series = mark.role in ("bar", "box", "wedge", "errorbars", "line", "markers", "area")
            tint = main_colour(mark.element) if mark.role in ("bar", "box") else ""
            if mark.role in LOOPED:
                tint = f"<{main_colour(mark.element)}"  # a loop drew all of one color
            name = mark.element.text or tint
            groups[(mark.role, name if by_series else "")].append(mark)
        for role in dict.fromkeys(role for role, _ in groups):
            unnamed = [key for key in groups if key[0] == role and key[1][:1] in ("", "<")]
            of_role = sum(len(groups[key]) for key in unnamed)
            if len(unnamed) > 1 and of_role == _count(pair, role, lacking) and role in LOOPED:
                groups[role, "<"] = [mark for key in unnamed for mark in groups.pop(key)]
            single = [key for key, group in groups.items() if key[0] == role and len(group) == 1]
            if len(single) > APART:
                groups[role, ""] = [mark for key in single for mark in groups.pop(key)]
        total = Counter(
            part.role for part in (pair.reference if lacking else pair.candidate).children
        )
        for (role, name), group in groups.items():
            parts = (
                group
                if len(group) <= APART
                and not (role in ("bar", "box") and len(group) > 1)
                and not (name.startswith("<") and len(group) > 1)
                else []
            )
            word = "is missing" if lacking else "is extra"
            words = "are missing" if lacking else "are extra"
            pointer = role == "arrow" and total[role] <= APART
            for mark in parts:
                grade = max(
                    severity.of_missing_share(1, max(1, total[role])), _as_value(mark, pair)
                )
                plural = mark.role in ("errorbars", "markers", "areas", "segments", "contour")
                found.append(
                    Finding(
                        "missing" if lacking else "extra", TEXT if pointer else DATA,
                        _least(grade, mark), pair.at(mark.name),
                        words if plural else word, shown(None, mark.element),
                        same=(role, name), role=role,
                    )
                )  # fmt: skip
            if not parts:
                every = all(mark.element.text == group[0].element.text for mark in group)
                of = group[0].element.text if every else ""
                label = Name(PLURALS.get(role, role), series=of)
                listing = listed([mark.name for mark in group])
                found.append(
                    Finding(
                        "missing" if lacking else "extra", DATA,
                        max(
                            severity.of_missing_share(len(group), max(1, total[role])),
                            *(_as_value(mark, pair) for mark in group),
                        ),
                        pair.at(label), f"{len(group)} of {total[role]} {words}: {listing}",
                        [mark.element.box for mark in group if mark.element.box],
                        same=(role, name), role=role,
                    )
                )  # fmt: skip
    return found


LOOPED = frozenset(("line", "markers", "area"))
"""Marks that a loop often draws; all of them that have no name go together."""


def _count(pair: PanelPair, role: str, lacking: bool) -> int:
    axes = pair.reference if lacking else pair.candidate
    return sum(part.role == role and not part.text for part in axes.children)


def _carried(mark: Mark, marks: list[Mark]) -> bool:
    """True for error bars that are gone with the points or bars they stand on, shadows, and bands of a curve."""
    if mark.role == "area":
        tint = main_colour(mark.element)[:7]
        return any(
            other.role == "wedge"
            or (other.role == "line" and main_colour(other.element)[:7] == tint)
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


def _at_lost_points(mark: Mark, match: MarkMatch) -> bool:
    """True for what stands where a curve or a cloud lacks a point, or has one too many."""
    places = set(np.round(mark.column("x"), 9)) if mark.role != "bar" else {round(mark.middle, 9)}
    for change in match.changed:
        if change.before.role not in ("line", "markers") or not change.geometry:
            continue
        before, after = (set(np.round(m.column("x"), 9)) for m in (change.before, change.after))
        odd = before ^ after
        if places and len(odd) <= 2 and places <= odd:
            return True
    return False


def _as_value(mark: Mark, pair: PanelPair) -> Severity:
    """How bad it is that a value is drawn as nothing at all, or that nothing is drawn as it.

    A bar too short to be seen is a missing one: the grade must not fall where it vanishes.
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
    """Small helpers such as an arrow or a reference line never count as a lost series."""
    spans = mark.element.data.get("space", "data") != "data"
    return min(grade, 2) if spans or mark.role in ("arrow", "errorbars", "segments") else grade

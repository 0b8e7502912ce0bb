"""Merges findings that have one cause in several places.

A merged finding keeps the places and boxes of all its findings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from annotators.structural.chart.attached_texts import NUMBER
from annotators.structural.chart.findings import STYLE, Finding, Place
from annotators.structural.chart.panel_pair import APART
from annotators.structural.chart.resized import Join, legends_resized, resized
from annotators.structural.chart.words import listed, quoted
from annotators.structural.matching import grouped
from annotators.structural.why import explains

VALUES = frozenset(
    ("value", "values", "exchanged", "points", "moved", "errors", "sizes", "mean", "redrawn")
)
"""Kinds of findings that describe changed data."""

MANY = 3
"""If a difference occurs in at least this many subplots, it is one difference: a loop drew them."""

SEPARATE = frozenset(
    ("title", "axis_label", "text", "text_tip", "missing", "extra", "chart_type", "legend_entry")
)
"""Kinds that are reported one by one in any number of subplots, unless their descriptions are equal."""

WORDED = frozenset(("title", "axis_label", "text"))

ALIKE = frozenset(("points", "bins", "fliers", "thickness", "tick_labels"))
"""Kinds of findings on marks of one axes that are merged if their descriptions are equal."""

LETTERS = ("_family", "_size", "_weight", "_slant", "_color")
"""Endings of the kinds of font findings."""

OVERALL = frozenset(
    ("grid", "background", "spines", "tick_marks", "minor_ticks", "tick_color", "legend_frame",
     "frame", "width", "edge_width", "marker_edge_width", "marker_size", "outline", "edge_dash")
)  # fmt: skip
"""Kinds of styles that a style sheet sets for the whole chart."""

AROUND = frozenset(("background", "grid", "spines", "tick_marks", "frame", "family"))
"""Those of them around the marks, and the typeface."""

SHEET = 4
"""At least this many of them that differ are one change of the style sheet, with all but one around the marks."""


def folded(
    found: Sequence[Finding], seats: Sequence[int], scale: float = 1.0, canvas: float = 1.0
) -> list[Finding]:
    """Merge findings that have one cause.

    Args:
        found: The findings of all axes and of the figure.
        seats: For each pair of axes, the first that stands in the same place, as twins do.
        scale: Points of the reference's picture per point of the candidate's; sizes that differ by
            this ratio differ only because the canvas does.
        canvas: The same as seen, if the canvas has another shape.
    """

    axes = len(seats)

    def panels(group: Sequence[Finding]) -> str:
        places = {finding.axes for finding in group}
        if len(places) == 1:
            return group[0].place.panel
        if -1 in places or not any(finding.place.panel for finding in group):
            return ""
        if {finding.place.panel for finding in group} == {"", "color bar"}:
            return "chart and color bar"
        return "all subplots" if len(places) >= axes else f"{len(places)} subplots"

    def joined(rule: str, group: Sequence[Finding], words: str = "", **fields: object) -> Finding:
        """One finding for a group, with all its places and boxes."""
        first = group[0]
        names = tuple(dict.fromkeys(name for finding in group for name in finding.place.names))
        merged: dict[str, Any] = {
            "place": Place(names, panels(group), first.axes),
            "description": words or first.description,
            "boxes": [box for finding in group for box in finding.boxes],
            "severity": max(finding.severity for finding in group),
        }
        one = replace(first, **(merged | fields))
        explains(rule, one, *group)
        return one

    result = _exchanges(_without_samples_of_marks(found), seats)
    result = resized(result, joined, scale, canvas)
    result = _groups(result, _look_in_one_axes, partial(joined, "same_look_in_one_axes"))
    result = _groups(result, _letters, partial(joined, "letters_that_changed_alike"))
    result = _repainted(result, partial(joined, "letters_of_one_color"))
    several = partial(joined, "same_in_several_subplots")
    result = _in_subplots(result, _sort, several, MANY, axes)
    result = _in_subplots(result, _words, several, 2, axes)
    result = _crowded(result, partial(joined, "many_other_values"))
    result = _strokes(result, partial(joined, "stroke_of_the_same_marks"))
    result = legends_resized(result, partial(joined, "parts_of_one_legend"))
    return _sheet(result, partial(joined, "another_style_sheet"))


Key = Callable[[Finding], Hashable | None]


def _alike(found: Sequence[Finding], key: Key) -> list[list[Finding]]:
    """Findings with equal keys together, and each without a key alone."""
    groups: dict[Hashable, list[Finding]] = defaultdict(list)
    for number, finding in enumerate(found):
        name = key(finding)
        groups[number if name is None else (name,)].append(finding)
    return list(groups.values())


def _groups(found: Sequence[Finding], key: Key, joined: Join) -> list[Finding]:
    """Merge findings with equal keys."""
    return [joined(group) if len(group) > 1 else group[0] for group in _alike(found, key)]


def _look_in_one_axes(finding: Finding) -> Hashable | None:
    """Key of marks and frame parts of one axes whose style changed in the same way."""
    if finding.role == "errorbars" and finding.kind in ("missing", "extra"):
        return finding.kind, finding.role, finding.axes
    if finding.kind in ("color", "outline_color"):
        return "color", finding.same[1:] if isinstance(finding.same, tuple) else "", finding.axes
    if finding.kind.endswith(LETTERS) or (finding.category != STYLE and finding.kind not in ALIKE):
        return None
    return finding.kind, finding.description, finding.axes


def _letters(finding: Finding) -> Hashable | None:
    """Key of texts whose font changed in the same way."""
    ending = next((end for end in LETTERS if finding.kind.endswith(end)), "")
    return (ending, finding.same) if ending and finding.kind != "marker_size" else None


def _repainted(found: Sequence[Finding], joined: Join) -> list[Finding]:
    """Merge texts of one axes that had several colors and all have the same one now."""

    def key(finding: Finding) -> Hashable | None:
        letters = finding.change if finding.kind == "text_color" else None
        return (finding.axes, letters[1]) if letters else None

    result = []
    for group in _alike(found, key):
        colors = [finding.change for finding in group if finding.change]
        if len(group) < MANY:
            result += group
        else:
            words = f"{colors[0][1]} instead of {listed([before for before, _ in colors])}"
            result.append(joined(group, words))
    return result


def _sort(finding: Finding) -> Hashable:
    kind = "values" if finding.kind in VALUES else finding.kind
    return kind, finding.category, finding.role, finding.direction


def _words(finding: Finding) -> Hashable:
    """Key of findings with the same words."""
    kind = "values" if finding.kind in VALUES else finding.kind
    return kind, finding.category, finding.role, finding.same_key, finding.direction


def _in_subplots(
    found: Sequence[Finding],
    name: Callable[[Finding], Hashable],
    joined: Join,
    least: int,
    axes: int,
) -> list[Finding]:
    """Merge findings of one name in several subplots."""
    result: list[Finding] = []
    for group in grouped(found, name).values():
        first = group[0]
        places = {finding.axes for finding in group}
        everywhere = len(places) >= max(MANY, axes) and first.kind in WORDED and _reworded(group)
        alike = first.kind not in SEPARATE or _numbered(group) or everywhere
        alike = least == 2 or (alike and not _several_everywhere(group))
        if len(places) < least or not alike:
            result += group
            continue
        same = all(finding.description == first.description for finding in group)
        worst = max(group, key=lambda finding: finding.severity).description
        words = worst if same else f"{worst}; similar in the others"
        if everywhere and not same:
            before, after = first.change or ("", "")
            words = f"all read differently, such as {quoted(after)} instead of {quoted(before)}"
        result.append(joined(group, words))
    return result


def _several_everywhere(group: Sequence[Finding]) -> bool:
    """True if the same two or more differences are in each of the subplots."""
    kinds, places = {f.same_key for f in group}, {f.axes for f in group}
    each = {(finding.same_key, finding.axes) for finding in group}
    return len(kinds) > 1 and len(each) == len(kinds) * len(places)


def _reworded(group: Sequence[Finding]) -> bool:
    """True if every text has other words."""
    return all(finding.change and all(finding.change) for finding in group)


def _numbered(group: Sequence[Finding]) -> bool:
    """True for texts that differ only in their numbers, like those written by a loop."""
    templates = {NUMBER.sub("#", finding.description) for finding in group}
    return group[0].kind in WORDED and len(templates) == 1


def _exchanges(found: Sequence[Finding], seats: Sequence[int]) -> list[Finding]:
    """Merge two findings that undo each other, such as exchanged titles."""
    result: list[Finding | None] = []
    waiting: dict[tuple[str, str, str, str], int] = {}
    for finding in found:
        if finding.change is None or not all(finding.change):
            result.append(finding)
            continue
        before, after = finding.change
        # Titles change places across subplots; looks do so only side by side.
        away = finding.kind in WORDED or finding.axes < 0
        where = "" if away else str(seats[finding.axes])
        at = waiting.pop((finding.kind, finding.role + where, after, before), None)
        if at is None:
            waiting[finding.kind, finding.role + where, before, after] = len(result)
            result.append(finding)
            continue
        other = result[at]
        assert other is not None
        what = {"marker": "markers", "dash": "line styles"}.get(finding.kind, "")
        what = "colors" if finding.kind.endswith("color") else what
        one, two = other.place, finding.place
        place = Place((*one.names, *two.names), one.panel, one.axes)
        if one.axes != two.axes:
            place = Place((str(one), str(two)), "", -1)
        result[at] = both = replace(
            other, kind=f"{other.kind}_exchanged", place=place, same="", change=None,
            description=_swapped(other, finding, what),
            boxes=[*other.boxes, *finding.boxes],
            severity=3 if finding.kind in WORDED else max(other.severity, finding.severity, 2),
        )  # fmt: skip
        explains("exchanged", both, other, finding)
        result.append(None)
    return [finding for finding in result if finding is not None]


def _swapped(one: Finding, two: Finding, what: str) -> str:
    """Words for two differences that undo each other; of parts with one name, which are which."""
    if what and one.place == two.place:
        return f"some are {one.description}, others {two.description}"
    return f"their {what} are exchanged" if what else "are exchanged"


def _without_samples_of_marks(found: Sequence[Finding]) -> list[Finding]:
    """The findings without samples of a legend that changed like marks of an axes on top of its own."""
    marks = {one.description: one for one in found if one.role and one.category == STYLE}
    kept = []
    for finding in found:
        cause = marks.get(str(finding.same)) if finding.kind == "legend_sample" else None
        if cause is None:
            kept.append(finding)
            continue
        cause.boxes.extend(finding.boxes)
        explains("sample_follows_marks", cause, finding)
    return kept


def _crowded(found: Sequence[Finding], joined: Join) -> list[Finding]:
    """Merge many findings on changed values of one kind of mark."""

    def key(finding: Finding) -> Hashable | None:
        where = finding.category, finding.axes, finding.role
        return where if finding.kind in VALUES else None

    groups = [part for group in _alike(found, key) for part in _apart(group)]
    return [group[0] if len(group) == 1 else joined(group, _crowd(group)) for group in groups]


def _crowd(group: Sequence[Finding]) -> str:
    """Several wrong values in words: those of the first of the most severe ones."""
    worst = max(group, key=lambda finding: finding.severity).description
    if len({finding.description for finding in group}) == 1:
        return worst
    return f"{worst}; the other{'s differ' if len(group) > 2 else ' differs'} too"


def _apart(group: Sequence[Finding]) -> list[list[Finding]]:
    """Slight differences of whole curves are one; single values stay apart if they are few."""
    slight = all(finding.severity == 1 for finding in group)
    curves = any(finding.kind != "value" for finding in group)
    of_all = {finding.kind == "redrawn" for finding in group}
    alike = len({finding.description for finding in group}) == 1
    together = (slight and curves and len(of_all) == 1) or alike or len(group) >= APART
    return [list(group)] if together else [[finding] for finding in group]


STROKES = (("outline_color", "edge_width"), ("width", "marker_size"))
"""Pairs of styles of the same marks that a person names as one: a pale thin outline, thin lines with
small markers."""


def _strokes(found: Sequence[Finding], joined: Join) -> list[Finding]:
    """Merge two differences of the strokes of the same marks."""
    result = list(found)
    for kinds in STROKES:
        for one in [finding for finding in result if finding.kind == kinds[0]]:
            two = next((f for f in result if f.kind == kinds[1] and f.place == one.place), None)
            if two is not None and (not one.ratio or (one.ratio > 1) == (two.ratio > 1)):
                words = f"{one.description}; {two.description}"
                result[result.index(one)] = joined([one, two], words)
                result.remove(two)
    return result


def _sheet(found: Sequence[Finding], joined: Join) -> list[Finding]:
    """Merge differences of frame, grid, ticks and fonts into one change of style."""
    lettered = {finding.kind: finding.kind.endswith(LETTERS) for finding in found}
    looks = [f for f in found if f.category == STYLE and (lettered[f.kind] or f.kind in OVERALL)]
    families = {"font" if lettered[finding.kind] else finding.kind for finding in looks}
    around = {"family" if f.kind.endswith("_family") else f.kind for f in looks} & AROUND
    if len(looks) < SHEET or len(families) < SHEET or len(around) < SHEET - 1:
        return list(found)
    told: dict[str, Finding] = {}
    for one in sorted(looks, key=lambda one: -one.severity):
        told.setdefault("font" if lettered[one.kind] else FAMILIES.get(one.kind, one.kind), one)
    changes = [f"{listed(one.place.names)} ({one.description})" for one in told.values()]
    words = f"drawn in another style: {', '.join(changes)}"
    grade = max(2, *(finding.severity for finding in looks))
    place = Place(("whole chart",))
    one = joined(looks, words, kind="style_sheet", same=words, place=place, severity=grade)
    kept = [finding for finding in found if finding not in looks]
    return [*kept, one]


FAMILIES = {
    "minor_ticks": "tick_marks", "tick_color": "tick_marks", "outline": "edge_width",
    "marker_edge_width": "edge_width", "edge_dash": "edge_width",
}  # fmt: skip
"""Kinds of style findings that are told by the worst one among them and the kind that stands for them."""

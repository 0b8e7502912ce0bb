"""One cause, several places: findings that are told together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from annotators.structural.chart.attached_texts import NUMBER
from annotators.structural.chart.findings import Finding
from annotators.structural.chart.panel_pair import APART
from annotators.structural.chart.words import listed
from records.taxonomy import ChartCategory

VALUES = frozenset(
    (
        "value",
        "values",
        "exchanged",
        "points",
        "moved",
        "fliers",
        "errors",
        "sizes",
        "mean",
        "redrawn",
    )
)
"""Findings that tell of other data in their own way."""

MANY = 3
"""Subplots from which on differences of one sort are one difference: a loop drew them."""


def merged(found: Sequence[Finding], axes: int) -> list[Finding]:
    """Findings, those of one cause as one.

    Args:
        found: Of all axes.
        axes: Number of pairs of axes.
    """
    result = _fonts(_repainted(_exchanges(found)))
    result = _alike(result, _sort, axes, least=MANY)
    result = _alike(result, _words, axes, least=2)
    return _restyled(_crowded(result))


OVERALL = frozenset(
    ("grid", "background", "spines", "tick_marks", "minor_ticks", "tick_colour", "legend_frame",
     "frame", "width", "edge_width", "marker_edge_width", "marker_size", "outline", "edge_dash",
     "margins")
)  # fmt: skip
"""Looks that a style sheet sets for the whole chart."""

SHEET = 4
"""Such looks that differ at once and are told as one: another style altogether."""


def _restyled(found: Sequence[Finding]) -> list[Finding]:
    """Frame, grid, ticks and letters that all differ are one other style."""
    looks = [
        finding for finding in found
        if finding.category == ChartCategory.STYLE
        and (finding.kind in OVERALL or finding.kind.endswith(FONTS))
    ]  # fmt: skip
    if len(looks) < SHEET or len({_family(finding) for finding in looks}) < SHEET - 1:
        return list(found)
    first = looks[0]
    told = [f"{finding.location.split(', ')[0]}: {finding.description}" for finding in looks]
    first.kind, first.location = "style_sheet", "whole chart"
    first.description = f"drawn in another style; {'; '.join(told[:6])}"
    first.boxes = [box for finding in looks for box in finding.boxes]
    first.severity = max(2, *(finding.severity for finding in looks))
    others = {id(finding) for finding in looks[1:]}
    return [finding for finding in found if id(finding) not in others]


def _family(finding: Finding) -> str:
    return "font" if finding.kind.endswith(FONTS) else finding.kind


def _sort(finding: Finding) -> str:
    if finding.kind in VALUES:
        return "values"
    name = finding.location.split(", ")[0]
    return (
        f"{finding.kind} {name}"
        if finding.kind in ("limits", "ticks", "tick_labels")
        else finding.kind
    )


def _words(finding: Finding) -> str:
    """Equal for findings that say the same; of a text, but for the numbers in it."""
    words = finding.same or finding.description
    return NUMBER.sub("#", words) if finding.kind in ("title", "axis_label", "text") else words


SEPARATE = frozenset(
    ("title", "axis_label", "text", "missing", "extra", "chart_type", "legend_entry")
)
"""Findings that are told one by one however many subplots they are in, unless they say the same."""


def _alike(
    found: Sequence[Finding], name: Callable[[Finding], str], axes: int, *, least: int
) -> list[Finding]:
    """Findings of one name in several subplots become one."""
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in found:
        kind = "values" if finding.kind in VALUES else finding.kind
        groups[kind, finding.category, name(finding)].append(finding)
    result: list[Finding] = []
    for (kind, _, _), group in groups.items():
        places = {finding.axes for finding in group}
        if len(places) < least or (least > 2 and kind in SEPARATE):
            result += group
            continue
        first = group[0]
        what = first.location.split(", ")[0]
        if any(finding.location.split(", ")[0] != what for finding in group):
            what = listed(list(dict.fromkeys(f.location.split(", ")[0] for f in group)))
        where = "all subplots" if len(places) >= axes else f"{len(places)} subplots"
        first.location = f"{what}, {where}"
        if any(finding.description != first.description for finding in group):
            first.description += "; others likewise"
        first.boxes = [box for finding in group for box in finding.boxes]
        first.severity = max(finding.severity for finding in group)
        result.append(first)
    return result


def _repainted(found: Sequence[Finding]) -> list[Finding]:
    """Things of one axes whose colour changed alike, letters among them, are one finding."""
    groups: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in found:
        name, _, colours = finding.same.partition("/")
        if finding.category == ChartCategory.STYLE and name in ("colour", "outline_colour"):
            groups[colours, finding.axes].append(finding)
    lost: set[int] = set()
    for group in groups.values():
        marks = [one for one in group if one.kind in ("colour", "outline_colour")]
        if len(group) < 2 or not marks:
            continue
        first = marks[0]
        others = [finding for finding in group if finding is not first]
        names = [finding.location.split(", ")[0] for finding in (first, *others)]
        place = first.location.partition(", ")[2]
        first.location = listed(list(dict.fromkeys(names))) + (f", {place}" if place else "")
        first.boxes += [box for finding in others for box in finding.boxes]
        first.severity = max(finding.severity for finding in group)
        lost |= {id(finding) for finding in others}
    return [finding for finding in found if id(finding) not in lost]


ALIKE = frozenset(("points", "bins", "thickness", "tick_labels"))
"""Findings on marks of one axes that are one where they say the same."""

FONTS = ("_family", "_size", "_weight", "_slant", "_colour")


def _fonts(found: Sequence[Finding]) -> list[Finding]:
    """Letters that changed alike in several kinds of text, and looks that x and y axis share."""
    groups: dict[tuple[str, str, int], list[Finding]] = defaultdict(list)
    for finding in found:
        ending = next((end for end in FONTS if finding.kind.endswith(end)), "")
        if ending:
            groups[ending, finding.same, -1].append(finding)
        elif finding.category == ChartCategory.STYLE or finding.kind in ALIKE:
            groups[finding.kind, finding.description, finding.axes].append(finding)
    result: dict[int, Finding] = {id(finding): finding for finding in found}

    def join(group: Sequence[Finding]) -> Finding:
        first = group[0]
        names = list(dict.fromkeys(finding.location.split(", ")[0] for finding in group))
        place = first.location.partition(", ")[2]
        one_place = len({finding.axes for finding in group}) == 1
        first.location = listed(names) + (f", {place}" if place and one_place else "")
        first.boxes = [box for finding in group for box in finding.boxes]
        for finding in group[1:]:
            result.pop(id(finding), None)
        return first

    by_ending: dict[str, list[Finding]] = defaultdict(list)
    for (ending, _, _), group in groups.items():
        first = join(group) if len(group) > 1 else group[0]
        if ending in FONTS:
            by_ending[ending].append(first)
    for group in by_ending.values():
        if len(group) >= MANY:
            join(group).description += "; others likewise"
    return list(result.values())


def _exchanges(found: Sequence[Finding]) -> list[Finding]:
    """Two findings that undo each other, such as titles that changed places, become one."""
    result: list[Finding] = []
    waiting: dict[tuple[str, str], Finding] = {}
    for finding in found:
        before, slash, after = finding.same.partition("/")
        if finding.kind in ("colour", "marker", "dash"):
            _, slash, rest = finding.same.partition("/")
            before, slash, after = rest.partition("/")
        other = (
            waiting.pop((finding.kind, f"{after}/{before}"), None)
            if slash and before and after
            else None
        )
        if other is None:
            if slash and before and after:
                waiting[finding.kind, f"{before}/{after}"] = finding
            result.append(finding)
            continue
        other.location = f"{other.location} and {finding.location}"
        what = {"colour": "colours", "marker": "markers", "dash": "line styles"}.get(finding.kind)
        other.description = f"their {what} are exchanged" if what else "are exchanged"
        other.boxes += finding.boxes
        other.severity = max(other.severity, finding.severity, 2)
        other.kind, other.same = f"{other.kind}_exchanged", ""
    return result


def _crowded(found: Sequence[Finding]) -> list[Finding]:
    """More than a few sorts of other values in one axes become one."""
    groups: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.kind in VALUES:
            groups[finding.category, finding.axes].append(finding)
    lost: set[int] = set()
    for group in groups.values():
        if len(group) < APART:
            continue
        first = group[0]
        names = [finding.location.split(", ")[0] for finding in group]
        place = first.location.partition(", ")[2]
        first.location = listed(names) + (f", {place}" if place else "")
        first.description += "; others differ likewise"
        first.boxes = [box for finding in group for box in finding.boxes]
        first.severity = max(finding.severity for finding in group)
        lost |= {id(finding) for finding in group[1:]}
    return [finding for finding in found if id(finding) not in lost]

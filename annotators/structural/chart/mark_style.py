"""Differences in how marks look: colours, lines, markers, outlines, opacity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, STYLE, Finding, area, shown
from annotators.structural.chart.marks import Change, Mark, MarkMatch
from annotators.structural.chart.panel_pair import APART, Pair
from annotators.structural.chart.words import (
    PLURALS,
    colour_name,
    dash_name,
    figure,
    listed,
    main_colour,
    marker_name,
)
from annotators.structural.matching import permuted
from records.taxonomy import Severity
from renderers.scene import Value


@dataclass(frozen=True, slots=True)
class Aspect:
    """One way in which a look changed."""

    name: str
    before: str
    after: str
    words: str
    severity: Severity

    @property
    def key(self) -> tuple[str, str, str]:
        return self.name, self.before, self.after


@dataclass(slots=True)
class Looks:
    """Changes of look that were found in an axes, for what follows from them, as legends do."""

    keys: set[tuple[str, str, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    by_key: dict[tuple[str, str, str], Finding] = field(default_factory=dict)


COLOUR_KEYS = (
    "color", "face", "marker_face", "edge", "marker_edge", "median_color", "whisker_color",
    "cap_color", "flier_marker_face", "flier_marker_edge",
)  # fmt: skip

UNFILLED = frozenset("+x|_1234")
"""Markers that are all outline."""

OUTLINE_KEYS = frozenset(("edge", "marker_edge"))


def aspects(style: Mapping[str, tuple[Value, Value]], area_share: float = 0.0) -> list[Aspect]:
    """A change of style, told in the fewest words.

    >>> [aspect.words for aspect in aspects({"dash": ("-", "--")})]
    ['dashed instead of solid']
    """
    found: list[Aspect] = []
    hues: dict[tuple[str, str], list[str]] = {}
    opacities: dict[tuple[str, str], list[str]] = {}
    rest = dict(style)
    for key in COLOUR_KEYS:
        if key not in rest:
            continue
        before, after = (str(value or "") for value in rest.pop(key))
        if before[:7] == after[:7] and before and after:
            opacities.setdefault((before[7:], after[7:]), []).append(key)
        else:
            hues.setdefault((before, after), []).append(key)
    filled: tuple[str, str] | None = None
    if any(
        before and not after for before, after in hues if set(hues[before, after]) - OUTLINE_KEYS
    ):
        # Hollow shapes get an outline in place of their filling.
        hues = {pair: keys for pair, keys in hues.items() if pair[0] or set(keys) - OUTLINE_KEYS}
        rest.pop("edge_width", None)
        rest.pop("marker_edge_width", None)
    for (before, after), keys in hues.items():
        outline = set(keys) <= OUTLINE_KEYS
        if outline and (not before or not after):
            rest.pop("edge_width", None)
            rest.pop("marker_edge_width", None)
            rest.pop("edge_dash", None)
            words = (
                f"has no outline instead of {colour_name(before)}"
                if not after
                else (f"has a {colour_name(after)} outline")
            )
            found.append(Aspect("outline", before[:7], after[:7], words, 1))
            continue
        if not before or not after:
            words = "is not filled" if not after else f"is filled with {colour_name(after)}"
            hollow = "" if not after else before[:7]
            found.append(Aspect("fill", hollow, after[:7], words, 2))
            continue
        if filled == (before[:7], after[:7]):
            continue  # line and markers, or face and outline, of one colour
        filled = filled or (before[:7], after[:7])
        name = (
            "outline_colour"
            if outline and len(hues) == 1 and "marker_face" not in style
            else "colour"
        )
        what = "outline is " if name == "outline_colour" else ""
        words = f"{what}{colour_name(after)} instead of {colour_name(before)}"
        grade = severity.of_colour_change(before, after, area_share)
        found.append(Aspect(name, before[:7], after[:7], words, 1 if outline else grade))
    for (before, after), _ in list(opacities.items())[:1]:
        first, second = (int(part or "ff", 16) / 255 for part in (before, after))
        words = f"{'more' if second < first else 'less'} transparent: opacity {second:.2g} instead of {first:.2g}"
        grade = severity.grade(abs(first - second), medium=0.4)
        found.append(Aspect("opacity", before, after, words, grade))
    if "ramp" in rest or "cmap" in rest:
        before_map, after_map = rest.pop("cmap", ("", ""))
        before_ramp, after_ramp = rest.pop("ramp", (None, None))
        if _plain_ramp(before_ramp) == _plain_ramp(after_ramp):
            if before_ramp != after_ramp and not opacities:
                found.append(Aspect("opacity", "ramp", "ramp", "of another opacity", 1))
        elif before_ramp != after_ramp and not (hues and before_map == after_map):
            if before_map != after_map and after_map and before_map:
                words = f"colour map {after_map} instead of {before_map}"
            elif (
                isinstance(before_ramp, list)
                and isinstance(after_ramp, list)
                and len(after_ramp) == 1
            ):
                words = f"{colour_name(str(after_ramp[0]))} throughout"
            else:
                words = "other colours"
            found.append(Aspect("colour_map", str(before_map), str(after_map), words, 2))
    marker = rest.pop("marker", None)
    if marker is not None:
        words = f"{marker_name(marker[1])} instead of {marker_name(marker[0])}"
        found.append(Aspect("marker", str(marker[0]), str(marker[1]), words, 1))
        if UNFILLED & {str(part) for part in marker}:
            found = [a for a in found if a.name not in ("fill", "outline")]
        if None in marker:
            for key in ("marker_size", "marker_edge_width", "marker_every"):
                rest.pop(key, None)
            found = [a for a in found if a.name not in ("fill", "outline")]
    if "dash" in rest or "edge_dash" in rest:
        before_dash, after_dash = rest.pop("dash" if "dash" in rest else "edge_dash")
        rest.pop("edge_dash", None)
        words = f"{dash_name(after_dash or '-')} instead of {dash_name(before_dash or '-')}"
        found.append(Aspect("dash", str(before_dash), str(after_dash), words, 1))
    if "cap_size" in rest:
        rest.pop("cap_width", None)
        rest.pop("cap_color", None)
    if "marker_size" in rest and "marker_edge_width" in rest:
        rest.pop("marker_edge_width")
    for key, (before_value, after_value) in rest.items():
        found.append(_plain(key, before_value, after_value))
    return found


def _plain_ramp(ramp: Value) -> list[str]:
    """Colours of a colour map without their opacity."""
    return [str(colour)[:7] for colour in ramp] if isinstance(ramp, list) else []


NAMES = {
    "width": "line width", "edge_width": "outline width", "marker_size": "marker size",
    "marker_edge_width": "marker outline width", "hatch": "hatching", "cap_size": "cap size",
    "cap_width": "cap width", "size": "font size", "median_width": "median line width",
    "steps": "steps", "marker_every": "marked points", "interpolation": "interpolation",
    "whisker_width": "whisker line width", "scale": "arrow scale", "headwidth": "arrow head width",
}  # fmt: skip


def _plain(key: str, before: Value, after: Value) -> Aspect:
    name = NAMES.get(key, key.replace("_", " "))
    if isinstance(before, int | float) and isinstance(after, int | float):
        words = f"{name} {figure(after)} instead of {figure(before)}"
        grade = severity.of_size_change(before, after)
        return Aspect(key, f"{before:g}", f"{after:g}", words, grade)
    usual = {"weight": "normal", "slant": "upright"}.get(key, "none")
    first, second = (str(value) if value is not None else usual for value in (before, after))
    if key == "hatch":
        words = f"hatched {second!r}" if after else "not hatched"
        words += f" instead of {first!r}" if before else ""
        return Aspect(key, first, second, words, 1)
    if key in ("weight", "slant"):
        return Aspect(key, first, second, f"{second} instead of {first}", 1)
    return Aspect(key, first, second, f"{name} {second} instead of {first}", 1)


DERIVED = {
    "arrows": ("scale", "width", "headwidth"),
    "surface": ("face", "ramp"),
    "contour": ("ramp",),
}


ONE_FOR_ALL = frozenset(("colour", "marker", "dash"))
"""Looks that tell series apart: where several got the same, they are told together."""


def explain(pair: Pair, match: MarkMatch, picture_area: float) -> Looks:
    """Style findings of a pair of axes; marks that changed alike are one finding."""
    looks = Looks()
    groups: dict[tuple[str, str, str], list[tuple[Change, Aspect]]] = defaultdict(list)
    cycle = _cycle_shift(match)
    for change in match.changed:
        if change.geometry:
            # Shading and arrow lengths that follow from the data are no look of their own.
            for part in DERIVED.get(change.before.role, ()):
                if part != "ramp" or "cmap" not in change.style:
                    change.style.pop(part, None)
        share = area(change.after.element.box) / max(picture_area, 1.0)
        for aspect in aspects(
            change.style, share if change.after.role in ("bar", "area", "wedge") else 0
        ):
            if (
                aspect.name in ("colour", "colour_map")
                and aspect.after in cycle
                and aspect.before in cycle
            ):
                looks.keys.add(aspect.key)
                continue
            groups[aspect.key].append((change, aspect))
    by_name: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for key in groups:
        by_name[key[0]].append(key)
    for name, keys in by_name.items():
        looks.keys.update(keys)
        members = [groups[key] for key in keys]
        if len(keys) > 1 and permuted([key[1] for key in keys], [key[2] for key in keys]):
            finding = _exchanged(pair, members)
        elif len(keys) > 1 and len({key[2] for key in keys}) == 1 and name in ONE_FOR_ALL:
            words, _, before = members[0][0][1].words.partition(" instead of ")
            others = [group[0][1].words.partition(" instead of ")[2] for group in members[1:]]
            all_words = f"all {words} instead of {listed(list(dict.fromkeys([before, *others])))}"
            finding = _together(pair, members, all_words if before else words, None)
            finding.kind = name
        elif len(keys) > APART:
            finding = _together(
                pair,
                members,
                f"{_plural_name(name)} differ: {members[0][0][1].words}, and others",
                None,
            )
            finding.kind = name
        else:
            for key, group in zip(keys, members, strict=True):
                made = _one(pair, match, group)
                looks.findings.append(made)
                looks.by_key[key] = made
            continue
        looks.findings.append(finding)
        for key in keys:
            looks.by_key[key] = finding
    for finding in looks.findings:
        finding.axes = pair.index
    return looks


def _exchanged(pair: Pair, members: Sequence[Sequence[tuple[Change, Aspect]]]) -> Finding:
    """Looks that changed places; where the names went along, it is the data that did."""
    changes = [change for group in members for change, _ in group]
    renamed = [c for c in changes if c.before.element.text != c.after.element.text]
    # A legend that stayed says which look is whose.
    legends = [
        [(entry.text, main_colour(entry)[:7]) for part in axes.children if part.role == "legend"
         for entry in part.children]
        for axes in (pair.reference, pair.candidate)
    ]  # fmt: skip
    listed_looks = {colour for _, colour in legends[0]}
    kept = legends[0] == legends[1] and all(
        main_colour(c.before.element)[:7] in listed_looks for c in changes
    )
    if kept or len(renamed) == len(changes):
        names = listed(
            sorted({f"'{c.before.element.text}'" for c in changes if c.before.element.text})
            or ["series"]
        )
        finding = _together(pair, members, "their data are exchanged", 3)
        finding.location = pair.at(names)
        finding.category = DATA
    else:
        what = _plural_name(members[0][0][1].name)
        finding = _together(pair, members, f"their {what} are exchanged", 2)
    finding.kind = "exchanged"
    return finding


def _cycle_shift(match: MarkMatch) -> set[str]:
    """Colours that moved up or down the colour cycle since a series is missing or extra."""
    if not match.missing and not match.extra:
        return set()
    roles = {mark.role for mark in (*match.missing, *match.extra)}
    marks: list[Mark] = [*match.missing, *match.extra]
    for change in match.changed:
        if change.before.role in roles:
            marks += (change.before, change.after)
    lost = {main_colour(mark.element)[:7] for mark in (*match.missing, *match.extra)}
    shifted = [c for c in match.changed if c.before.role in roles]
    names = {c.before.element.text or main_colour(c.before.element) for c in shifted}
    if len(names) > 1:  # colours sampled from a map, which fewer or more series divide anew
        lost |= {main_colour(c.before.element)[:7] for c in shifted}
    touched = {main_colour(c.after.element)[:7] for c in shifted} | {
        main_colour(c.before.element)[:7] for c in shifted
    }
    return {main_colour(mark.element)[:7] for mark in marks} if lost & touched else set()


def _plural_name(name: str) -> str:
    return {"colour": "colours", "dash": "line styles", "marker": "markers"}.get(
        name, NAMES.get(name, name).replace("_", " ") + "s"
    )


def _names(changes: Sequence[Change]) -> str:
    """The marks in words; all bars of a series by the series."""
    roles = {change.before.role for change in changes}
    if len(changes) > APART and len(roles) == 1:
        role = roles.pop()
        texts = {change.before.element.text for change in changes}
        series = texts.pop() if len(texts) == 1 else ""
        return f"{PLURALS.get(role, role)}" + (f" of '{series}'" if series else "")
    names = list(dict.fromkeys(change.before.name for change in changes))
    return listed(names)


def _boxes(changes: Iterable[Change]) -> list[tuple[float, float, float, float]]:
    return [box for change in changes for box in shown(change.before.element, change.after.element)]


def _one(pair: Pair, match: MarkMatch, group: list[tuple[Change, Aspect]]) -> Finding:
    changes, aspect = [change for change, _ in group], group[0][1]
    grade = max(part.severity for _, part in group)
    # Parts that only underline a mark need no name of their own.
    named = [c for c in changes if c.before.role not in ("errorbars",)] or changes
    return Finding(
        aspect.name, STYLE, grade, pair.at(_names(named)), aspect.words, _boxes(changes),
        same="/".join(aspect.key),
    )  # fmt: skip


def _together(
    pair: Pair,
    members: Sequence[Sequence[tuple[Change, Aspect]]],
    words: str,
    grade: Severity | None,
) -> Finding:
    flat = [part for group in members for part in group]
    changes = [change for change, _ in flat]
    worst = grade or max(aspect.severity for _, aspect in flat)
    return Finding("looks", STYLE, worst, pair.at(_names(changes)), words, _boxes(changes))

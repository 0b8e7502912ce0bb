"""Differences in how marks look: colors, lines, markers, outlines, opacity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, STYLE, Finding, area, shown
from annotators.structural.chart.marks import Mark, MarkChange, MarkMatch
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import (
    PLURALS,
    Name,
    dash_name,
    figure,
    listed,
    main_colour,
    mark_name,
    marker_name,
)
from annotators.structural.colors import color_change, color_name
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
    now: str = ""
    """The look of the candidate in words, where the words are only that instead of `was`."""
    was: str = ""
    ratio: float = 0.0
    """How many times as large as in the reference, for a difference of size only."""

    @classmethod
    def swap(
        cls, name: str, before: str, after: str, now: str, was: str, grade: Severity
    ) -> Aspect:
        """A look that is told as one instead of another."""
        return cls(name, before, after, f"{now} instead of {was}", grade, now, was)

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
                f"has no outline instead of a {color_name(before)} one"
                if not after
                else (f"has a {color_name(after)} outline")
            )
            found.append(Aspect("outline", before[:7], after[:7], words, 1))
            continue
        if not before or not after:
            words = "is not filled" if not after else f"is filled with {color_name(after)}"
            hollow = "" if not after else before[:7]
            found.append(Aspect("fill", hollow, after[:7], words, 2))
            continue
        if filled == (before[:7], after[:7]):
            continue  # line and markers, or face and outline, of one color
        filled = filled or (before[:7], after[:7])
        name = (
            "outline_colour"
            if outline and len(hues) == 1 and "marker_face" not in style
            else "colour"
        )
        now, was = color_change(before, after)
        if name == "outline_colour":
            now, was = f"outline is {now}", was
        grade = severity.of_colour_change(before, after, area_share)
        found.append(Aspect.swap(name, before[:7], after[:7], now, was, 1 if outline else grade))
    for (before, after), _ in list(opacities.items())[:1]:
        first, second = (int(part or "ff", 16) / 255 for part in (before, after))
        words = f"{'more' if second < first else 'less'} transparent: opacity {figure(round(second, 2))} instead of {figure(round(first, 2))}"
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
                words = f"color map {after_map} instead of {before_map}"
            elif (
                isinstance(before_ramp, list)
                and isinstance(after_ramp, list)
                and len(after_ramp) == 1
            ):
                words = f"{color_name(str(after_ramp[0]))} throughout"
            else:
                words = "other colors"
            found.append(Aspect("colour_map", str(before_map), str(after_map), words, 2))
    marker = rest.pop("marker", None)
    if marker is not None:
        now, was = marker_name(marker[1]), marker_name(marker[0])
        now = f"marked by {now}" if marker[1] else now
        found.append(Aspect.swap("marker", str(marker[0]), str(marker[1]), now, was, 1))
        if UNFILLED & {str(part) for part in marker}:
            found = [a for a in found if a.name not in ("fill", "outline")]
        if None in marker:
            for key in ("marker_size", "marker_edge_width", "marker_every"):
                rest.pop(key, None)
            found = [a for a in found if a.name not in ("fill", "outline")]
    if "dash" in rest or "edge_dash" in rest:
        before_dash, after_dash = rest.pop("dash" if "dash" in rest else "edge_dash")
        rest.pop("edge_dash", None)
        now, was = dash_name(after_dash or "-"), dash_name(before_dash or "-")
        found.append(Aspect.swap("dash", str(before_dash), str(after_dash), now, was, 1))
    if "cap_size" in rest:
        rest.pop("cap_width", None)
        rest.pop("cap_color", None)
    if "marker_size" in rest and "marker_edge_width" in rest:
        rest.pop("marker_edge_width")
    for key, (before_value, after_value) in rest.items():
        found.append(_plain(key, before_value, after_value))
    return found


def _plain_ramp(ramp: Value) -> list[str]:
    """Colours of a color map without their opacity."""
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
        ratio = after / before if before and key.endswith(IN_POINTS) else 0.0
        if ratio:
            less, more = ("thinner", "thicker") if key.endswith("width") else ("smaller", "larger")
            words = f"{more if ratio > 1 else less}: {words}"
        if ratio and any(round(value, 2) != round(value, 6) for value in (before, after)):
            # Points of another canvas say nothing; what is seen is the size in the picture.
            share = f"{100 * abs(ratio - 1):.0f} %" if ratio < 2 else f"{ratio:.2g} times"
            words = f"{more if ratio > 1 else less}: {name} by {share}"
        grade = severity.of_size_change(before, after)
        return Aspect(key, f"{before:g}", f"{after:g}", words, grade, ratio=ratio)
    if key == "head":
        now, was = (HEADS.get(str(value), "another head") for value in (after, before))
        return Aspect(key, str(before), str(after), f"has {now} instead of {was}", 1)
    usual = {"weight": "normal", "slant": "upright"}.get(key, "none")
    first, second = (str(value) if value is not None else usual for value in (before, after))
    if key == "hatch":
        words = f"hatched {second!r}" if after else "not hatched"
        words += f" instead of {first!r}" if before else ""
        return Aspect(key, first, second, words, 1)
    if key in ("weight", "slant", "shaft"):
        return Aspect(key, first, second, f"{second} instead of {first}", 1)
    return Aspect(key, first, second, f"{name} {second} instead of {first}", 1)


HEADS = {
    "Curve": "no head", "CurveB": "an open head", "CurveFilledB": "a filled head",
    "CurveA": "an open head at its start", "CurveFilledA": "a filled head at its start",
    "CurveAB": "open heads at both ends", "CurveFilledAB": "filled heads at both ends",
    "Simple": "a broad filled head", "Fancy": "a broad curved head", "Wedge": "the form of a wedge",
    "BracketA": "a bracket at its start", "BracketB": "a bracket at its end",
    "BracketAB": "brackets at both ends", "BarAB": "bars at both ends",
}  # fmt: skip
"""The styles of arrows of the plotting library, as they look."""

IN_POINTS = ("size", "width", "length")
"""Endings of the styles that are lengths in points."""

DERIVED = {
    "arrows": ("scale", "width", "headwidth"),
    "surface": ("face", "ramp"),
    "contour": ("ramp",),
}


ONE_FOR_ALL = frozenset(("colour", "marker", "dash"))
"""Looks that tell series apart: where several got the same, they are told together."""


def explain(pair: PanelPair, match: MarkMatch, picture_area: float) -> Looks:
    """Style findings of a pair of axes; marks that changed alike are one finding."""
    looks = Looks()
    groups: dict[tuple[str, str, str], list[tuple[MarkChange, Aspect]]] = defaultdict(list)
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
            first = members[0][0][1]
            before = listed([group[0][1].was for group in members])
            words = f"all {first.now} instead of {before}" if first.now else first.words
            finding = _together(pair, members, words, None, name)
        elif len(keys) >= APART:
            finding = _together(
                pair,
                members,
                f"{_plural_name(name)} differ: {members[0][0][1].words}, and so on",
                None,
                name,
                f"{name} differ",
            )
        else:
            for key, group in zip(keys, members, strict=True):
                made = _one(pair, match, group)
                looks.findings.append(made)
                looks.by_key[key] = made
            continue
        looks.findings.append(finding)
        for key in keys:
            looks.by_key[key] = finding
    return looks


def _exchanged(pair: PanelPair, members: Sequence[Sequence[tuple[MarkChange, Aspect]]]) -> Finding:
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
        named = [c for c in changes if c.before.element.text]
        names: list[Name | str] = list(dict.fromkeys(_series_name(c) for c in named))
        names = names or ["series"]
        words = "their data are exchanged"
        return Finding("exchanged", DATA, 3, pair.at(*names), words, _boxes(changes))
    what = _plural_name(members[0][0][1].name)
    return _together(pair, members, f"their {what} are exchanged", 2, "exchanged")


def _series_name(change: MarkChange) -> Name:
    """The series of a mark, whatever stands at the mark itself."""
    return mark_name(change.before.element)


def _cycle_shift(match: MarkMatch) -> set[str]:
    """Colours that moved up or down the color cycle since a series is missing or extra."""
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
    if len(names) > 1:  # colors sampled from a map, which fewer or more series divide anew
        lost |= {main_colour(c.before.element)[:7] for c in shifted}
    touched = {main_colour(c.after.element)[:7] for c in shifted} | {
        main_colour(c.before.element)[:7] for c in shifted
    }
    return {main_colour(mark.element)[:7] for mark in marks} if lost & touched else set()


def _plural_name(name: str) -> str:
    return {"colour": "colors", "dash": "line styles", "marker": "markers"}.get(
        name, NAMES.get(name, name).replace("_", " ") + "s"
    )


def _names(changes: Sequence[MarkChange]) -> list[Name | str]:
    """The marks in words; all bars of a series by the series."""
    roles = {change.before.role for change in changes}
    if len(changes) > APART and len(roles) == 1:
        role = roles.pop()
        texts = {change.before.element.text for change in changes}
        series = texts.pop() if len(texts) == 1 else ""
        return [Name(PLURALS.get(role, role), series=series)]
    return list(dict.fromkeys(change.before.name for change in changes))


def _boxes(changes: Iterable[MarkChange]) -> list[tuple[float, float, float, float]]:
    return [box for change in changes for box in shown(change.before.element, change.after.element)]


def _one(pair: PanelPair, match: MarkMatch, group: list[tuple[MarkChange, Aspect]]) -> Finding:
    changes, aspect = [change for change, _ in group], group[0][1]
    grade = max(part.severity for _, part in group)
    # Parts that only underline a mark need no name of their own.
    named = [c for c in changes if c.before.role not in ("errorbars",)] or changes
    return Finding(
        aspect.name, STYLE, grade, pair.at(*_names(named)), aspect.words, _boxes(changes),
        same=aspect.key, change=_swapped(aspect), ratio=aspect.ratio, role=changes[0].before.role,
    )  # fmt: skip


def _together(
    pair: PanelPair,
    members: Sequence[Sequence[tuple[MarkChange, Aspect]]],
    words: str,
    grade: Severity | None,
    kind: str,
    same: str = "",
) -> Finding:
    flat = [part for group in members for part in group]
    changes = [change for change, _ in flat]
    worst = grade or max(aspect.severity for _, aspect in flat)
    role = changes[0].before.role
    return Finding(
        kind, STYLE, worst, pair.at(*_names(changes)), words, _boxes(changes), same=same, role=role
    )


def _swapped(aspect: Aspect) -> tuple[str, str] | None:
    """What two marks may have exchanged."""
    return (aspect.before, aspect.after) if aspect.name in ("colour", "marker", "dash") else None

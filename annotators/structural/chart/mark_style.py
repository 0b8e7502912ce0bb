"""Compares the style of marks; marks that changed in the same way are one difference."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from annotators.structural.chart.aspects import NAMES, Aspect, aspects
from annotators.structural.chart.findings import AT_ONE_RATIO, DATA, STYLE, Finding, shown
from annotators.structural.chart.marks import Mark, MarkChange, MarkMatch
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import (
    PLURALS,
    Name,
    listed,
    main_color,
    mark_name,
    plural_of,
)
from annotators.structural.matching import grouped, permuted
from annotators.structural.severity import color_distance
from annotators.structural.why import unsaid
from records.boxes import area
from records.taxonomy import Severity


@dataclass(slots=True)
class Looks:
    """Style changes found in an axes, so that consequences such as legend samples are recognized."""

    keys: set[tuple[str, str, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    by_key: dict[tuple[str, str, str], Finding] = field(default_factory=dict)


DERIVED = {
    "arrows": ("scale", "width", "headwidth"),
    "surface": ("face", "ramp"),
    "contour": ("ramp",),
}


ONE_FOR_ALL = frozenset(("color", "marker", "dash"))
"""Styles that distinguish series; if several series got the same one, that is one finding."""


def explain(pair: PanelPair, match: MarkMatch, picture_area: float) -> Looks:
    """Style findings on a pair of axes."""
    looks = Looks()
    groups: dict[tuple[str, str, str], list[tuple[MarkChange, Aspect]]] = defaultdict(list)
    cycle = _cycle_shift(match)
    for change in match.changed:
        if change.geometry:
            # Shading and arrow lengths that follow from the data are not separate style changes.
            for part in DERIVED.get(change.before.role, ()):
                if part != "ramp" or "cmap" not in change.style:
                    change.style.pop(part, None)
        if change.before.role == "line" and "marker_face" in change.style.keys() - {"color"}:
            part_key = "marker_face" if "color" in change.style else "fill_color"
            change.style[part_key] = change.style.pop("marker_face")
        share = area(change.after.element.box) / max(picture_area, 1.0)
        for aspect in aspects(
            change.style, share if change.after.role in ("bar", "area", "wedge") else 0
        ):
            if (
                aspect.name in ("color", "color_map")
                and aspect.after in cycle
                and aspect.before in cycle
            ):
                looks.keys.add(aspect.key)
                continue
            groups[aspect.key].append((change, aspect))
    for name, all_keys in grouped(groups, lambda key: key[0]).items():
        looks.keys.update(all_keys)
        for keys in _of_one_cause(name, {key: groups[key] for key in all_keys}):
            members = [groups[key] for key in keys]
            finding = _joined(pair, name, keys, members)
            made = [finding] * len(keys) if finding else [_one(pair, group) for group in members]
            looks.findings += [finding] if finding else made
            looks.by_key |= zip(keys, made, strict=True)
    return looks


Key = tuple[str, str, str]

SHADE = 10.0
"""CIEDE2000 below which two colors are shades of one: those of several series are one difference."""


def _of_one_cause(
    name: str, changes: Mapping[Key, Sequence[tuple[MarkChange, Aspect]]]
) -> list[list[Key]]:
    """The changes of one style in groups: two that undo each other, those of all marks of a kind to
    one look, the others."""
    rest, groups = list(changes), []
    roles = {key: {change.before.role for change, _ in made} for key, made in changes.items()}
    for key in changes:
        back = key[0], key[2], key[1]
        if key in rest and back in rest and len(changes) > 2:
            groups.append([key, back])
            rest = [one for one in rest if one not in groups[-1]]
    for look in dict.fromkeys(key[2] for key in rest):
        same = [key for key in rest if key[2] == look]
        mine, theirs = (
            set().union(*(roles[key] for key in part))
            for part in (same, [key for key in rest if key not in same])
        )
        if name in ONE_FOR_ALL and len(same) > 1 and theirs and not mine & theirs:
            groups.append(same)
            rest = [key for key in rest if key not in same]
    if name == "color" and len(rest) >= APART:
        return [*groups, *grouped(rest, lambda key: str(sorted(roles[key]))).values()]
    return [*groups, rest] if rest else groups


def _joined(
    pair: PanelPair,
    name: str,
    keys: Sequence[Key],
    members: Sequence[Sequence[tuple[MarkChange, Aspect]]],
) -> Finding | None:
    """One finding on several changes of one style; None if they are reported one by one."""
    first = members[0][0][1]
    if len(keys) > 1 and permuted([key[1] for key in keys], [key[2] for key in keys]):
        return _exchanged(pair, members)
    if len(keys) > 1 and len({key[2] for key in keys}) == 1 and name in ONE_FOR_ALL:
        before = listed([group[0][1].was for group in members])
        now = first.now if first.now.startswith("no ") else f"all {first.now}"
        words = f"{now} instead of {before}" if first.now else first.words
        return _together(pair, members, words, None, name)
    if len(keys) > 1 and len({key[1] for key in keys}) == 1 and name == "outline_color":
        now = listed([group[0][1].now.removeprefix("outline is ") for group in members])
        words = f"outlines are {now} instead of {first.was}"
        return _together(pair, members, words, None, name, "outlines")
    if 1 < len(keys) <= APART and name == "color" and all(all(key[1:]) and color_distance(*key[1:]) < SHADE for key in keys):  # fmt: skip
        words = "; ".join(dict.fromkeys(group[0][1].words for group in members))
        return _together(pair, members, words, None, name, "shades")
    if len(keys) >= APART:
        differ = f"{_plural_name(name)} differ"
        worst = sorted(members, key=lambda group: -_apart(group[0][1]) if name == "color" else 0)
        told = members if len(members) <= MOST_TOLD else worst
        words = f"{differ}: {listed([group[0][1].words for group in told], MOST_TOLD)}"
        return _together(pair, members, words, None, name, differ)
    return None


MOST_TOLD = 4
"""Of more changes of one style, the clearest ones are told."""


def _apart(aspect: Aspect) -> float:
    """CIEDE2000 between two colors; 0 if there is none on a side."""
    both = str(aspect.before), str(aspect.after)
    return color_distance(*both) if all(both) else 0.0


def _exchanged(pair: PanelPair, members: Sequence[Sequence[tuple[MarkChange, Aspect]]]) -> Finding:
    """Findings on exchanged styles; if the names were exchanged too, the data were."""
    changes = [change for group in members for change, _ in group]
    renamed = [c for c in changes if c.before.element.text != c.after.element.text]
    # A legend that names these colors as before shows which style belongs to which series.
    tints = {main_color(change.before.element)[:7] for change in changes}
    legends = [
        [(entry.text, tint) for part in parts for entry in part.children
         if (tint := main_color(entry)[:7]) in tints]
        for parts in pair.parts("legend")
    ]  # fmt: skip
    kept = legends[0] == legends[1] and tints == {tint for _, tint in legends[0]}
    if (kept and members[0][0][1].name == "color") or len(renamed) == len(changes):
        named = [c for c in changes if c.before.element.text]
        # The series, without the label at the mark itself.
        names: list[Name | str] = list(dict.fromkeys(mark_name(c.before.element) for c in named))
        names = names or ["series"]
        words = "their data are exchanged"
        return Finding("exchanged", DATA, 3, pair.at(*names), words, _boxes(changes))
    what = _plural_name(members[0][0][1].name)
    return _together(pair, members, f"their {what} are exchanged", 2, "exchanged")


SHADES = 4
"""If unnamed marks of one kind have at least this many colors, the colors show values, like a color map."""


def drop_color_of_value(match: MarkMatch) -> None:
    """Drop color changes of marks whose value changed, if the color follows from the value.

    For example, falling bars are red and rising ones green: a bar that now falls is red for that reason.
    """
    known: dict[str, set[str]] = defaultdict(set)
    now: dict[str, set[str]] = defaultdict(set)
    for one, two in match.pairs:
        if not one.element.text:
            known[one.role].add(main_color(one.element))
            now[one.role].add(main_color(two.element))
    # Colors that differ where the value is the same do not follow from the values.
    repainted = {
        change.before.role for change in match.changed if not change.geometry and _tinted(change)
    }
    for change in match.changed:
        tint = main_color(change.after.element)
        plain = not change.before.element.text and change.before.role in ("bar", "line", "markers")
        shades, others = known[change.before.role], now[change.before.role]
        shaded = min(len(shades), len(others)) >= SHADES and change.before.role not in repainted
        if change.geometry and plain and (tint in shades or shaded):
            for key in [key for key, (_, after) in change.style.items() if after == tint]:
                del change.style[key]
                unsaid(f"{change.after.name}: another color", "the color follows the value")


def _tinted(change: MarkChange) -> bool:
    """True if a mark has another main color."""
    return any(after == main_color(change.after.element) for _, after in change.style.values())


def _cycle_shift(match: MarkMatch) -> set[str]:
    """Color changes that follow from the color cycle because a series is missing or extra."""
    if not match.missing and not match.extra:
        return set()
    roles = {mark.role for mark in match.alone}
    marks: list[Mark] = match.alone
    for change in match.changed:
        if change.before.role in roles:
            marks += change.sides
    lost = {main_color(mark.element)[:7] for mark in match.alone}
    shifted = [c for c in match.changed if c.before.role in roles]
    tints = [[main_color(side.element)[:7] for side in c.sides] for c in shifted]
    other = [pair for pair in tints if pair[0] != pair[1]]
    if other and {before for before, _ in other} == {after for _, after in other}:
        return set()  # exchanged colors: a cycle goes on to others
    names = {c.before.element.text or main_color(c.before.element) for c in shifted}
    before = {main_color(c.before.element)[:7] for c in shifted}
    if len(names) > 1:
        # Colors of a color map, which another number of series divides differently.
        lost |= before
    touched = before | {main_color(c.after.element)[:7] for c in shifted}
    return {main_color(mark.element)[:7] for mark in marks} if lost & touched else set()


def _plural_name(name: str) -> str:
    return {"color": "colors", "dash": "line styles", "marker": "markers"}.get(
        name, NAMES.get(name, name).replace("_", " ") + "s"
    )


def names_of(marks: Sequence[Mark]) -> list[Name | str]:
    """Names of marks; all bars of a series are named by the series."""
    roles = {mark.role for mark in marks}
    if len(marks) > APART and len(roles) == 1:
        kinds = {mark.name.kind for mark in marks if mark.held}
        role = kinds.pop() if len(kinds) == 1 else roles.pop()
        texts = {mark.element.text for mark in marks}
        series = texts.pop() if len(texts) == 1 else ""
        return [Name(PLURALS.get(role, plural_of(role)), series=series)]
    return list(dict.fromkeys(mark.name for mark in marks))


def _boxes(changes: Iterable[MarkChange]) -> list[tuple[float, float, float, float]]:
    return [box for change in changes for box in shown(change.before.element, change.after.element)]


def _one(pair: PanelPair, group: list[tuple[MarkChange, Aspect]]) -> Finding:
    changes, aspect = [change for change, _ in group], group[0][1]
    grade = max(part.severity for _, part in group)
    # Parts that only accompany a mark need no separate name.
    named = [c for c in changes if c.before.role not in ("errorbars",)] or changes
    names, boxes = names_of([c.before for c in named]), _boxes(changes)
    if aspect.name in ("halo", "shadow"):
        boxes = [(x0 - BESIDE_PX, y0 - BESIDE_PX, x1 + BESIDE_PX, y1 + BESIDE_PX) for x0, y0, x1, y1 in boxes]  # fmt: skip
    words = aspect.words
    if len(names) > 1 or getattr(names[0], "kind", "") in PLURALS.values():
        words = VERB.sub(lambda verb: PLURAL_VERBS[verb.group()], words)
    # Two marks may have exchanged such a look.
    swapped = (aspect.before, aspect.after) if aspect.name in ONE_FOR_ALL else None
    return Finding(
        aspect.name, STYLE, grade, pair.at(*names), words, boxes,
        same=aspect.key, change=swapped, ratio=aspect.ratio, role=changes[0].before.role,
    )  # fmt: skip


PLURAL_VERBS = {"has": "have", "is": "are", "runs": "run"}
VERB = re.compile(r"^(has|is|runs)\b")

BESIDE_PX = 8.0
"""Pixels around a mark that its shadow or its outline may cover."""


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
    ratios = sorted(aspect.ratio for _, aspect in flat)
    of_all = ratios[0] > 0 and ratios[-1] / ratios[0] <= 1 + AT_ONE_RATIO
    return Finding(
        kind, STYLE, worst, pair.at(*names_of([c.before for c in changes])), words, _boxes(changes), same=same,
        ratio=ratios[0] if of_all else 0.0, role=changes[0].before.role,
    )  # fmt: skip

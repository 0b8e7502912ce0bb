"""Finds changed chart types, such as bars instead of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from annotators.structural.chart.data.areas import side_by_side
from annotators.structural.chart.findings import STRUCTURE, STYLE, Finding
from annotators.structural.chart.marks import Mark, MarkMatch, boxes_of, is_straight, points_of
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.words import main_color

MAIN_KINDS = frozenset(
    ("line", "markers", "bar vertical", "bar horizontal", "wedge", "area", "areas", "heatmap",
     "contour", "contour filled", "box vertical", "box horizontal", "surface", "bars 3d", "segments", "tiers vertical", "tiers horizontal", "stem", "arrows", "hexagons", "errorbars")
)  # fmt: skip

COUNTED = frozenset(
    ("bar vertical", "bar horizontal", "wedge", "box vertical", "box horizontal", "tiers vertical",
     "tiers horizontal")
)  # fmt: skip
"""Kinds of marks of which each shows one thing."""

LAYERS = frozenset(("heatmap", "contour", "contour filled"))
"""Ways to draw a field; a chart may draw two of them over each other."""

KIND_WORDS = {
    "bar vertical": "vertical bars", "bar horizontal": "horizontal bars", "line": "lines",
    "markers": "scattered points", "wedge": "pie slices", "contour filled": "filled contours",
    "box vertical": "boxes", "box horizontal": "horizontal boxes",
    "area": "filled areas", "areas": "filled areas", "heatmap": "a heatmap",
    "tiers vertical": "letter-value boxes", "tiers horizontal": "horizontal letter-value boxes",
    "errorbars": "error bars", "stem": "stems", "hexagons": "hexagons", "arrows": "arrows", "surface": "a surface", "bars 3d": "3D bars", "segments": "separate lines", "contour": "contour lines",
}  # fmt: skip


def chart_type(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """A series or the whole chart is drawn as another kind of mark."""
    found: list[Finding] = []
    before, after = _counts(match.missing), _counts(match.extra)
    kept = Counter(one.kind for one, _ in match.equal)
    kept += Counter(change.before.kind for change in match.changed)
    plain = ("line", "segments", "markers")  # parts of many charts, so they are tested last

    def telling(counts: Counter[str]) -> list[str]:
        return sorted(counts, key=lambda kind: (kind in plain, -counts[kind]))

    for was in telling(before):
        for now in telling(after):
            if was == now or now in before or was in after:
                continue
            if "errorbars" in (was, now) and "area" not in (was, now):
                continue  # bars of errors belong to their points
            gone = [mark for mark in match.missing if mark.kind == was]
            new = [mark for mark in match.extra if mark.kind == now]
            if not gone or not new:
                continue
            whole = not kept[was] and not kept[now]
            related = [mark for mark in gone if _shares_data([mark], new)] or (
                gone if _shares_data(gone, new) else []
            )
            if was == "wedge" or {was, now} <= LAYERS:
                related = gone  # one of two pies, one of two layers
            if not whole and not related:
                continue
            if not whole and was not in ("bar vertical", "bar horizontal"):
                gone = related
                new = [mark for mark in new if _shares_data(gone, [mark])] or new
            names = {(mark.element.text, main_color(mark.element)) for mark in new}
            new += [
                mark for mark in match.extra if mark.kind == now and mark not in new
                and (mark.element.text, main_color(mark.element)) in names
            ]  # fmt: skip
            gone = _drawn_again(gone, new)
            match.drop([*gone, *new])
            match.carried += [*gone, *new]
            _drop_companions(pair, match, gone, new)
            if outlined := _outlined(pair, gone, new):
                found.append(outlined)
                break
            old, drawn = _kind_words(gone), _kind_words(new)
            if {was, now} == {"arrows", "segments"}:
                old, drawn = (word if word == "arrows" else "stream lines" for word in (old, drawn))
            if {was, now} == {"area", "errorbars"}:
                old, drawn = (word if word == "error bars" else "a band" for word in (old, drawn))
            what = gone[0].name if len(gone) == 1 else old
            words = f"drawn as {drawn} instead of {old}"
            if {was, now} <= COUNTED and len(new) <= len(gone) / 2:
                words += f", {len(new)} instead of {len(gone)}"
            place, boxes = pair.at(what), boxes_of([*new, *gone])
            found.append(Finding("chart_type", STRUCTURE, 3, place, words, boxes, same=(was, now)))
            break
    return found


def _counts(marks: Sequence[Mark]) -> Counter[str]:
    """How many marks of each kind there are; a base line counts only if there is nothing else."""
    main = [mark for mark in marks if mark.kind in MAIN_KINDS]
    drawn = [mark for mark in main if not is_straight(mark)]
    return Counter(mark.kind for mark in drawn or main)


def _outlined(pair: PanelPair, gone: Sequence[Mark], new: Sequence[Mark]) -> Finding | None:
    """A finding on areas of which only the outline is drawn, or the reverse; None for any other marks."""
    sides = {marks[0].kind: marks for marks in (gone, new)}
    if sides.keys() != {"area", "line"} or len(gone) != len(new):
        return None
    if not all("edge" in area.element.style for area in sides["area"]):
        return None
    words = (
        f"{'is' if len(gone) == 1 else 'are'} {'filled' if new is sides['area'] else 'not filled'}"
    )
    place = pair.at(*(mark.name for mark in gone))
    return Finding("outlined", STYLE, 2, place, words, boxes_of([*new, *gone]))


def _kind_words(marks: Sequence[Mark]) -> str:
    """What a viewer calls marks of one kind."""
    kind = marks[0].kind
    if kind == "area" and not any("face" in mark.element.style for mark in marks):
        return "outlines"
    if kind == "area" and side_by_side(marks):
        return "violins"
    return KIND_WORDS.get(kind, kind)


def on_other_axes(finding: Finding) -> bool:
    """True for slices of a pie, which have no axes, and for bars or boxes that lie instead of stand."""
    kinds = finding.same if isinstance(finding.same, tuple) else ()
    return "wedge" in kinds or len({str(kind).endswith("horizontal") for kind in kinds}) == 2


def lying(finding: Finding) -> bool:
    """True if what stood, such as bars, lies now, or the reverse."""
    kinds = finding.same if isinstance(finding.same, tuple) else ()
    return {str(kind).rpartition(" ")[2] for kind in kinds} == {"horizontal", "vertical"}


def _drawn_again(gone: list[Mark], new: Sequence[Mark]) -> list[Mark]:
    """The marks that another kind shows; series that have none of a name are missing, if others have."""
    names = {mark.element.text for mark in new} - {""}
    again = [mark for mark in gone if not mark.element.text or mark.element.text in names]
    return again if names & {mark.element.text for mark in gone} else gone


def _drop_companions(pair: PanelPair, match: MarkMatch, gone: list[Mark], new: list[Mark]) -> None:
    """Drop parts that appear and disappear with a chart type, such as error bars and outlines."""
    if not any(mark.role == "errorbars" for mark in match.extra):
        match.missing[:] = [mark for mark in match.missing if mark.role != "errorbars"]
    helpers = {"errorbars", "segments", "areas", "markers", "line", "arrow"}
    kinds = {mark.kind for mark in gone} | {mark.kind for mark in new}
    for marks, others, scales in (
        (match.missing, gone, pair.scales),
        (match.extra, new, pair.candidate_scales),
    ):
        places = {p for mark in others if mark.role == "line" for p in points_of(mark, scales)}
        of_bars = any(mark.role == "bar" for mark in others)
        marks[:] = [
            mark for mark in marks
            if not (mark.role in ("line", "markers") and {*points_of(mark, scales)} <= places)
            and not (of_bars and mark.held == "wick")
            and not (mark.role == "arrow" and "arrows" in kinds)
        ]  # fmt: skip
    boxes = {mark.kind for mark in (*gone, *new) if mark.role == "box"}
    if boxes or kinds & {"areas", "area"}:
        # Parts of a violin or box plot that the scene does not read as a box.
        match.drop(mark for mark in match.alone if mark.role in helpers)
        if boxes:
            match.changed[:] = [one for one in match.changed if one.before.role not in helpers]


def _numbers(mark: Mark) -> set[float]:
    """The values that a mark shows, whatever its kind."""
    if mark.role == "bar":
        values = np.array([mark.length, mark.end])
    elif mark.role == "wedge":
        return set()
    elif mark.role == "errorbars":
        values = np.concatenate([mark.column(key) for key in ("at", "low", "high")])
    else:
        values = np.concatenate([mark.column("y"), mark.column("x")])
    return {float(f"{value:.5g}") for value in values if np.isfinite(value) and value}


def _shares_data(first: Sequence[Mark], second: Sequence[Mark]) -> bool:
    """True if two sets of marks show the same numbers."""
    one = set().union(*map(_numbers, first))
    two = set().union(*map(_numbers, second))
    return bool(one) and len(one & two) >= 0.5 * min(len(one), len(two))

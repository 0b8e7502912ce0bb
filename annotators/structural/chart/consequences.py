"""Adds the consequences of an error to its box: the number on a bar, ticks, a legend's width.

A bar that grows moves its number, its error bar and, if limits follow from data, everything on its
axes. None of these is a separate error, but a viewer sees the error there. If the axes themselves
moved, the whole picture changed, and the box stays at the cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from annotators.structural.chart.attached_texts import number_in
from annotators.structural.chart.axis_pair import label_box, moved_ticks, tick_words
from annotators.structural.chart.data.moved_parts import moved_apart
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, STRUCTURE, Finding
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.panels import paired_axes
from annotators.structural.chart.seen.axis_units import axis_of
from annotators.structural.chart.texts.legend_entries import sample_box, sample_of
from annotators.structural.chart.words import main_color, quoted
from annotators.structural.matching import grouped
from annotators.structural.pixels import PixelDifference
from annotators.structural.visibility import PLACE_PX
from annotators.structural.why import explains, place_in_words
from records.boxes import area, common, lies_in, middle, same_box
from records.rows import Box, box_around
from renderers.scene import Element, Scene, Value

STEADY_PX = 0.6
"""If the edges of an axes differ by at most this many pixels, the axes did not move."""

REDRAWN_PX = 0.2
"""If axes move further than this, all their anti-aliased edges change and pixels are no evidence."""

AXIS_KINDS = frozenset(("ticks", "tick_labels", "tick_place", "limits", "scale", "inverted"))
ABSENT = frozenset(("missing", "extra", "legend_entry"))
WORD_ROLES = frozenset(("title", "axis_label", "offset_text"))


def steady(pair: PanelPair) -> bool:
    """True if an axes did not move."""
    return _still(*pair.sides)


def reflowed(reference: Scene, candidate: Scene) -> bool:
    """True if common axes moved, for example because a label needed more room, or the names along them."""
    return not all(
        _still(mine, theirs, REDRAWN_PX) and not _spread_anew(mine, theirs)
        for mine, theirs in paired_axes(reference, candidate).sides
    )


def _spread_anew(mine: Element, theirs: Element) -> bool:
    """True if the names along an axis stand elsewhere in their order: what they name moved with them."""
    for name in ("x", "y"):
        before, after = (_name_places(axis_of(side, name)) for side in (mine, theirs))
        order = [sorted(side, key=side.__getitem__) for side in (before, after)]
        moves = [np.subtract(after[word], before[word]) for word in before.keys() & after.keys()]
        if order[0] == order[1] and any(np.abs(move).max() > PLACE_PX for move in moves):
            return True
    return False


def _name_places(axis: Element) -> dict[str, tuple[float, float]]:
    """Middles of the labels of an axis that are no numbers."""
    return {
        word: middle(box)
        for at, word in enumerate(tick_words(axis))
        for box in label_box(axis, at)
        if number_in(word) is None
    }


def recolored(reference: Scene, candidate: Scene) -> list[Box]:
    """Boxes of parts whose colors run to other values: each of their colors changes."""
    return [
        two.box
        for mine, theirs in paired_axes(reference, candidate).sides
        for one, two in zip(_colored(mine), _colored(theirs), strict=False)
        if two.box and any(one.data[end] != two.data[end] for end in ("low", "high"))
    ]


def _colored(axes: Element) -> list[Element]:
    return [
        part
        for part in axes.children
        if "ramp" in part.style and {"low", "high"} <= part.data.keys()
    ]


def _still(mine: Element, theirs: Element, within_px: float = STEADY_PX) -> bool:
    if mine.box is None or theirs.box is None:
        return False
    return all(abs(x - y) <= within_px for x, y in zip(mine.box, theirs.box, strict=True))


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that is in one picture only, or differs between both."""

    role: str
    boxes: tuple[Box, ...]
    """Where it is visible, in either picture."""
    names: tuple[str, ...] = ()
    """The series that a text, or an entry of a legend in both pictures, names, or of the mark's color."""
    shorter: bool = False
    """True for a legend with more or fewer entries."""
    direction: str = ""
    """Name of the axis that a tick label or grid belongs to."""


def widen(
    found: Sequence[Finding], pair: PanelPair, pixels: PixelDifference, known: Explained
) -> None:
    """Add the boxes of consequences to the findings of an axes.

    Args:
        found: All findings of the axes; their boxes are extended.
        pixels: The changed pixels; unchanged parts are not added.
        known: What differs in the axes. A mark and its counterpart that looks the same in the same
            place are not added, and of a mark that changed, only the parts that moved.
    """
    boxed = [finding for finding in found if finding.boxes]
    if not boxed or not steady(pair):
        return
    for unlike in _unlike(pair, known):
        if unlike.role in ("axis", "grid") and unlike.direction in known.shared:
            continue  # the finding on shared axes has them
        able = [finding for finding in boxed if _may_cause(finding, unlike)]
        cause = None
        for box in unlike.boxes if able else ():
            if not pixels.inside(box, 0) or any(
                same_box(box, other, NEAR_PX) for one in boxed for other in one.boxes
            ):
                continue
            cause = cause or _cause(able, unlike)
            if not _holds(cause, box, pixels):
                cause.boxes.append(box)
                what = unlike.role.replace("_", " ")
                explains("goes_along", cause, f"{what} at {place_in_words(box)}")


def _unlike(pair: PanelPair, known: Explained) -> Iterator[_Part]:
    """Each part that is in one axes only, or differs between both."""
    for mine, theirs in ((pair.candidate, pair.reference), (pair.reference, pair.candidate)):
        others = grouped(theirs.children, lambda child: (child.role, child.text))
        for child in mine.children:
            if not child.box or child.role in ("grid", "spine", "axes"):
                continue
            alike = known.alike.get(id(child))
            if alike is not None and alike.box and same_box(child.box, alike.box, NEAR_PX):
                continue
            at_place = [
                other
                for other in others.get((child.role, child.text), ())
                if other.box and same_box(child.box, other.box, NEAR_PX)
            ]
            if any(_looks_like(child, other) for other in at_place):
                yield from _arrows(child, at_place)
                continue
            if child.role == "axis":
                yield from _labels(child, theirs.part("axis", axis=child.data.get("axis")))
            elif child.role == "legend":
                legends = [*theirs.parts("legend")]
                shorter = {len(other.children) for other in legends} != {len(child.children)}
                if at_place or (len(legends) == 1 and not shorter):
                    yield from _entries(child, (at_place or legends)[0], moved=not at_place)
                if not at_place:
                    yield _Part("legend", (child.box,), shorter=shorter)
            elif change := known.moved.get(id(child)):
                names = _series_of(child, mine)
                yield from (_Part(child.role, (box,), names) for box in moved_apart(pair, change))
            elif child.role == "text":
                yield _Part("text", (child.box, *_moved_from(child, mine, others)), (child.text,))
            else:
                yield _Part(child.role, (child.box,), _series_of(child, mine))
    for name in ("x", "y", "z"):
        one, two = (axes.part("axis", axis=name) for axes in pair.sides)
        gridded = pair.reference.part("grid", axis=name) or pair.candidate.part("grid", axis=name)
        if one is not None and two is not None and gridded is not None and gridded.box:
            for box in moved_ticks(pair, name, one, two):
                yield _Part("grid", (box,), direction=name)


def _series_of(mark: Element, axes: Element) -> tuple[str, ...]:
    """The names of the marks of an axes in the color of a mark: it goes along with those."""
    tint = main_color(mark)[:7]
    like = [part.text for part in axes.children if part.text and main_color(part)[:7] == tint]
    return tuple(dict.fromkeys(like)) if tint else ()


def _moved_from(
    text: Element, mine: Element, others: dict[tuple[str, str], list[Element]]
) -> list[Box]:
    """Where a text stands in the other axes, if just one there has its words and no twin in place."""
    twins = [part.box for part in mine.children if (part.role, part.text) == ("text", text.text)]
    found = [
        other.box for other in others.get(("text", text.text), ())
        if other.box and not any(twin and same_box(twin, other.box, NEAR_PX) for twin in twins)
    ]  # fmt: skip
    return found if len(found) == 1 else []


def _looks_like(one: Element, two: Element) -> bool:
    """True if two parts in one place differ in nothing, or are texts and of one style."""
    return one == two or (
        one.role in (*WORD_ROLES, "text") and (one.text, one.style) == (two.text, two.style)
    )


def _arrows(text: Element, others: Sequence[Element]) -> Iterator[_Part]:
    """The arrows of a text that points elsewhere than those in its place do."""
    known = [part for other in others for part in other.parts("arrow")]
    for arrow in text.parts("arrow"):
        if arrow.box and arrow not in known:
            yield _Part("text", (arrow.box,), (text.text,))


def _labels(mine: Element, theirs: Element | None) -> Iterator[_Part]:
    """The tick labels of an axis that the other one does not have in their place."""
    others = {} if theirs is None else _worded(theirs)
    for box, words in _worded(mine).items():
        if not any(
            same_box(box, other, NEAR_PX) for other, same in others.items() if same == words
        ):
            yield _Part("axis", (box,), direction=str(mine.data.get("axis")))


def _worded(axis: Element) -> dict[Box, str]:
    """Words of tick labels by box."""
    words = tick_words(axis)
    return {box: words[index] for index in range(len(words)) for box in label_box(axis, index)}


def _entries(mine: Element, theirs: Element, *, moved: bool) -> Iterator[_Part]:
    """Entries with other words between two legends in one place, and other samples; or all of a legend."""
    for at, entry in enumerate(mine.children):
        here = [theirs.children[at]] if moved else [
            other for other in theirs.children
            if entry.box and other.box and abs(entry.box[1] - other.box[1]) <= NEAR_PX
            and abs(entry.box[0] - other.box[0]) <= NEAR_PX
        ]  # fmt: skip
        names = entry.text, *(one.text for one in here)
        if entry.box and all(_words(entry) != _words(one) for one in here):
            # Letters of a name are no matter of its series.
            yield _Part("legend", (entry.box,), names if {*names} != {entry.text} else ())
        if here and all(sample_of(entry) != sample_of(one) for one in here):
            yield _Part("legend", tuple(sample_box(entry)), names)
    if not moved and mine.box and mine.style != theirs.style:
        yield _Part("legend", (mine.box,))


def _words(entry: Element) -> tuple[Value, ...]:
    """The words of an entry of a legend, with their look."""
    looks = [(key, value) for key, value in entry.style.items() if key.startswith("text_")]
    return entry.text, str(looks), str(entry.data)


NEAR_PX = 1.0
"""Boxes of one part differ by at most so many pixels on each side."""


BESIDE_PX = 8.0
"""A number or a name stands so near to its mark, at most: of several errors within reach, the smallest is its own."""


def _holds(finding: Finding, box: Box, pixels: PixelDifference) -> bool:
    """True if ``box`` lies inside the union of those of the finding's boxes that contain changed pixels."""
    around = box_around(part for part in finding.boxes if pixels.inside(part))
    return around is not None and lies_in(box, around, 1)


def _may_cause(finding: Finding, unlike: _Part) -> bool:
    """False if words, a legend or an axis of another direction would have to change marks or an axis."""
    if unlike.role in ("axis", "grid"):
        return finding.direction in ("", unlike.direction) and not finding.kind.startswith(WORDED)
    if unlike.role == "text":
        return not finding.kind.startswith(("title", "axis_label", "legend", "tick"))
    if unlike.role in WORD_ROLES:
        return True
    if unlike.role == "legend":
        return not finding.kind.startswith(("title", "axis_label", "text", "tick"))
    return not finding.kind.startswith((*WORDED, "tick"))


WORDED = ("title", "axis_label", "text", "legend")
"""Beginnings of the kinds of findings on words."""


def _cause(found: Sequence[Finding], unlike: _Part) -> Finding:
    """The finding that most likely caused a part to change: one on the part itself, then one on the
    series that it names, then one of a suitable kind, then the nearest, then the smallest."""

    sides = [(box[at], box[at + 2]) for box in unlike.boxes for at in (0, 1)]

    def in_pile(box: Box) -> bool:
        return any(
            max(abs(box[at] - low), abs(box[at + 2] - high)) <= NEAR_PX
            for at in (0, 1) for low, high in sides[at::2]
        )  # fmt: skip

    def rank(finding: Finding) -> tuple[int, bool, float, float]:
        data = finding.category in (DATA, STRUCTURE)
        own = unlike.role in ("axis", "grid") and finding.kind.startswith("tick")
        along = finding.direction == unlike.direction
        own = (own and along) or _went_along(finding, unlike)
        if unlike.role in ("axis", "grid"):
            fits = along if finding.kind in AXIS_KINDS else data
        elif unlike.role == "legend":
            fits = finding.kind.startswith(("legend", "cut_off"))
            if unlike.shorter:
                fits = finding.kind in ABSENT and finding.change is None
        elif unlike.role in WORD_ROLES:
            fits = finding.kind in AXIS_KINDS
        else:
            own_role = finding.role == unlike.role or finding.kind == f"{unlike.role}_place"
            fits = data or own_role
        gap = max(0.0, _gap(finding, unlike.boxes) - BESIDE_PX)
        # A point of a series in the same color is farther than the one that moved.
        here = unlike.role in ("legend", "text") or not gap
        named = here and any(quoted(name) in str(finding.place) for name in unlike.names)
        best = (
            0
            if named
            else 1
            if own or _covers(finding, unlike)
            else 2
            if fits
            else 3
            if data
            else 4
        )
        # What is piled up moves with what lies below it.
        piled = unlike.role == "bar" and not any(map(in_pile, finding.boxes))
        return best, piled, gap, area(box_around(finding.boxes))

    return min(found, key=rank)


def _went_along(finding: Finding, unlike: _Part) -> bool:
    """True for a text that moved just as the text of the finding did."""
    if unlike.role != "text" or finding.kind != "text_place":
        return False
    if len(finding.boxes) < 2 or len(unlike.boxes) != 2:
        return False
    steps = (
        [b - a for a, b in zip(middle(boxes[0]), middle(boxes[1]), strict=True)]
        for boxes in (finding.boxes, unlike.boxes)  # Those of a finding start with its own.
    )
    (across, down), (x, y) = steps
    return any(abs(across - sign * x) + abs(down - sign * y) <= NEAR_PX for sign in (1, -1))


def _covers(finding: Finding, unlike: _Part) -> bool:
    """True if a box of the finding and one of the part have most of their area in common."""
    for one in finding.boxes:
        for two in unlike.boxes:
            shared = area(common(one, two))
            if 2 * shared > area(one) + area(two) - shared:
                return True
    return False


def _gap(finding: Finding, boxes: Sequence[Box]) -> float:
    """Distance in pixels between the nearest boxes of a finding and of a part."""
    gaps = []
    for other in finding.boxes:
        for box in boxes:
            across = max(other[0] - box[2], box[0] - other[2], 0.0)
            up = max(other[1] - box[3], box[1] - other[3], 0.0)
            gaps.append(across + up)
    return min(gaps)

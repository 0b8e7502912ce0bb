"""Finds marks whose paint order changed visibly: a mark hides one that was in front of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from matplotlib.path import Path

from annotators.structural import severity
from annotators.structural.chart.axes.grid_and_spines import BEHIND
from annotators.structural.chart.findings import STYLE, Finding
from annotators.structural.chart.mark_style import names_of
from annotators.structural.chart.marks import Mark, MarkMatch, Scales, fractions
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.words import listed, main_color
from annotators.structural.pixels import PixelDifference
from annotators.structural.visibility import OPACITY
from annotators.structural.why import explains
from records.boxes import area, common
from records.rows import Box

Pairs = Sequence[tuple[Mark, Mark]]


def lying_over(pair: PanelPair, match: MarkMatch, pixels: PixelDifference) -> list[Finding]:
    """Findings on marks that lie over others differently: in another order, or letting them shine through."""
    return [*repainted(pair, match, pixels), *see_through(pair, match, pixels)]


def repainted(pair: PanelPair, match: MarkMatch, pixels: PixelDifference) -> list[Finding]:
    """Findings on unchanged marks whose paint order was swapped.

    Args:
        match: Its marks; only those of equal form are tested, since a change of it hides the order.
        pixels: The changed pixels; invisible changes of order are ignored.
    """
    if pair.reference.data.get("projection") == "3d":
        return []  # what is nearer to the viewer is in front
    # Slices of a pie, bars around a circle, and lines to an inset do not cover, only their boxes do.
    round_ = "bar" if pair.reference.data.get("projection") == "polar" else ""
    recolored = [
        change.sides
        for change in match.changed
        if not change.geometry and change.style.keys() <= FACES
    ]
    equal = [marks for marks in [*match.equal, *recolored] if marks[0].role not in ("wedge", "zoom", round_)]  # fmt: skip
    kept = sorted(equal, key=lambda marks: marks[0].index)
    moved = _out_of_order([two.index for _, two in kept])
    if not moved:
        return []
    raised: list[Mark] = []
    lowered: list[Mark] = []
    boxes: list[Box] = []
    for at in moved:
        for other, (one, two) in enumerate(kept):
            if other == at or (kept[at][0].index < one.index) == (kept[at][1].index < two.index):
                continue
            held, other_box = kept[at][1].element.box, two.element.box
            both = common(held, other_box) if held and other_box else None
            if both is None or not pixels.inside(both, 0) or _apart(kept[at][1], two, pair.scales):
                continue
            if kept[at][1].look == two.look:
                continue  # which of two lines of one look crosses the other is not seen
            over = kept[at][1].index > two.index
            upper, lower = (kept[at][0], one) if over else (one, kept[at][0])
            raised += [upper] if upper not in raised else []
            lowered += [lower] if lower not in lowered else []
            boxes.append(both)
    if not boxes:
        return []
    names = [[mark.name for mark in marks] for marks in (raised, lowered)]
    verb = "are" if len(raised) > 1 else "is"
    words = f"{verb} painted over {listed(names[1], APART + 1)} instead of behind"
    share = max(map(area, boxes)) / max(area(pair.candidate.box), 1.0)
    grade = min(2, severity.of_area_share(share))
    return [Finding("paint_order", STYLE, grade, pair.at(*names[0]), words, boxes)]


FACES = frozenset(("face", "marker_face"))
"""Colors of fills: a mark that has another one is still seen in its old or new order."""


def beside_raised_marks(frame: Sequence[Finding], found: Sequence[Finding]) -> list[Finding]:
    """Findings on the frame, without grid lines that lie behind the marks because these were raised."""
    raised = next((one for one in found if one.kind == "paint_order"), None)
    if raised is None:
        return list(frame)
    behind = [one for one in frame if one.same == BEHIND]
    if behind:
        explains("grid_behind_raised_marks", raised, *behind)
    return [one for one in frame if one not in behind]


def see_through(pair: PanelPair, match: MarkMatch, pixels: PixelDifference) -> list[Finding]:
    """Findings on marks that let others shine through in one picture only: on paper they have the color
    that they had, and so only where they lie on others is that seen."""
    groups: dict[str, tuple[list[Mark], list[Box]]] = {}
    for one, two in match.equal:
        was, now = (int(main_color(mark.element)[7:] or "ff", 16) / 255 for mark in (one, two))
        if abs(now - was) < OPACITY:
            continue
        below = [
            mark.element.box for _, mark in match.pairs
            if mark.index < two.index and mark.look != two.look and not _side_by_side(mark, two, pair.scales)
        ]  # fmt: skip
        both = [common(box, two.element.box) for box in below if box and two.element.box]
        hit = [box for box in both if box and area(box) and pixels.inside(box)]
        if hit:
            words = f"{'more' if now < was else 'less'} transparent where it lies on others"
            marks, boxes = groups.setdefault(words, ([], []))
            marks.append(one)
            boxes += hit
    return [
        Finding("see_through", STYLE, 1, pair.at(*names_of(marks)), words, boxes)
        for words, (marks, boxes) in groups.items()
    ]


def _apart(one: Mark, two: Mark, scales: Scales) -> bool:
    """True for two lines that do not meet, although the boxes around them overlap."""
    if one.role != "line" or two.role != "line":
        return False
    lines = [fractions(mark, scales)[:, :2] for mark in (one, two)]
    lines = [line[np.isfinite(line).all(axis=1)] for line in lines]
    return all(map(len, lines)) and not Path(lines[0]).intersects_path(Path(lines[1]), filled=False)


def _side_by_side(one: Mark, two: Mark, scales: Scales) -> bool:
    """True for two filled outlines that share no more than an edge, such as those of a stack."""
    if one.role != "area" or two.role != "area":
        return False
    outlines = [fractions(mark, scales)[:, :2] for mark in (one, two)]
    outlines = [outline[np.isfinite(outline).all(axis=1)] for outline in outlines]
    spots = np.stack(np.meshgrid(*[np.linspace(0, 1, SPOTS)] * 2), axis=-1).reshape(-1, 2)
    within = [Path(outline).contains_points(spots) for outline in outlines if len(outline)]
    return len(within) == 2 and int((within[0] & within[1]).sum()) < ON_EDGE


SPOTS = 200
"""Places along each axis at which two outlines are looked for."""

ON_EDGE = SPOTS
"""Fewer places than this that lie in both are on their edges."""


def _out_of_order(places: Sequence[int]) -> list[int]:
    """The fewest indices to drop so that the rest increases (complement of a longest increasing
    subsequence).

    >>> _out_of_order([0, 3, 1, 2])
    [1]
    """
    ends: list[int] = []
    tails: list[int] = []
    before: list[int] = []
    for index, place in enumerate(places):
        at = bisect_left(ends, place)
        before.append(tails[at - 1] if at else -1)
        ends[at:], tails[at:] = [place, *ends[at + 1 :]], [index, *tails[at + 1 :]]
    kept = set()
    index = tails[-1] if tails else -1
    while index >= 0:
        kept.add(index)
        index = before[index]
    return [index for index in range(len(places)) if index not in kept]

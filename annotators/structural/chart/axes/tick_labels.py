"""Compares the words of tick labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.attached_texts import number_in
from annotators.structural.chart.axis_pair import (
    AxisPair,
    label_box,
    moved_ticks,
    tick_places,
    tick_words,
)
from annotators.structural.chart.findings import TEXT, Finding
from annotators.structural.chart.marks import Numbers
from annotators.structural.chart.panel_pair import APART
from annotators.structural.chart.words import listed, quoted
from annotators.structural.matching import traded
from annotators.structural.visibility import size_noticed
from records.rows import Box
from records.taxonomy import Severity
from renderers.scene import Element


def relabeled(pair: AxisPair, same_places: bool, apart: Collection[int] = ()) -> list[Finding]:
    """Findings on tick labels that read differently.

    Args:
        same_places: True if the ticks did not move.
        apart: Indices of ticks whose labels are no matter.
    """
    found: list[Finding] = []
    mine, theirs = map(tick_words, pair.sides)
    if len(mine) != len(theirs):
        words = _lost_and_new(mine, theirs)
        boxes = [*_only_one_has(pair)] if words else []
        words = words or "stand at other places"
        # An axis is read by any two of its numbers, but a lost name leaves its place without one.
        numbers = all(number_in(label) is not None for label in (*mine, *theirs) if label)
        readable = numbers and len({*mine} & {*theirs} - {""}) > 1
        return [
            pair.finding("tick_labels", TEXT, 1 if readable else 2, "tick labels", words, boxes)
        ]
    theirs = [mine[i] if i in apart else label for i, label in enumerate(theirs)]
    changed = [i for i, (x, y) in enumerate(zip(mine, theirs, strict=True)) if x != y]
    swapped = traded(mine, theirs)
    if swapped:
        names = listed([quoted(mine[i], 25) for i in swapped])
        words = f"{names} are exchanged" if len(swapped) == 2 else f"{names} are in another order"
        boxes = [box for i in swapped for box in _label_boxes(pair, i)]
        found.append(pair.finding("tick_labels", TEXT, 3, "tick labels", words, boxes))
    changed = [i for i in changed if i not in swapped]
    if not changed:
        return found
    grades = [severity.of_text_change(mine[i], theirs[i]) for i in changed]
    grade: Severity = max(grades)
    boxes = [box for i in changed for box in _label_boxes(pair, i)]
    labels = len([label for label in mine if label])
    all_differ = 1 < len(changed) == labels
    all_differ |= grade == 1 < len(changed) > labels / 2  # such as an exponent that is not raised
    if len(changed) > APART or not same_places or all_differ:
        words = f"{len(changed)} read differently, such as {_instead(mine[changed[0]], theirs[changed[0]])}"
        return [*found, pair.finding("tick_labels", TEXT, grade, "tick labels", words, boxes)]
    return found + [
        pair.finding("tick_labels", TEXT, grade, "tick labels", _change(mine[i], theirs[i]), _label_boxes(pair, i))
        for i, grade in zip(changed, grades, strict=True)
    ]  # fmt: skip


def stand_differently(pair: AxisPair) -> list[Finding]:
    """Findings on equal tick labels that are broken into other lines, or held elsewhere at their ticks."""
    known = {(place, words): i for i, (place, words) in enumerate(_labels(pair.candidate))}
    kept = [(i, known[label]) for i, label in enumerate(_labels(pair.reference)) if label in known and label[1]]  # fmt: skip
    found = []
    lines = [(_line_count(pair.reference, i), _line_count(pair.candidate, j)) for i, j in kept]
    broken = [pairs for pairs, counts in zip(kept, lines, strict=True) if counts[0] != counts[1]]
    if broken:
        before, after = next(counts for counts in lines if counts[0] != counts[1])
        words = f"{len(broken)} of {len(kept)} written in {after} line{'s' * (after != 1)} instead of {before}"
        boxes = [box for i, j in broken for box in (*label_box(pair.candidate, j), *label_box(pair.reference, i))]  # fmt: skip
        found.append(pair.finding("tick_lines", TEXT, 1, "tick labels", words, boxes))
    if not broken and (words := _padded(pair, kept)):
        found.append(pair.finding("tick_pad", TEXT, 1, "tick labels", words, _to_axis(pair)))
    held = [_held(pair, i, j) for i, j in kept]
    known_shares = np.array([share for share in held if share is not None])
    if len(known_shares) and not broken:
        before, after, moved = np.median(known_shares, axis=0).tolist()
        if moved >= ANCHOR_PX and abs(after - before) >= ANCHOR:
            now, was = (HELD[pair.name][round(2 * min(1.0, max(0.0, share)))] for share in (after, before))  # fmt: skip
            words = f"{now} instead of {was}" if now != was else "shifted along the axis"
            found.append(pair.finding("tick_anchor", TEXT, 1, "tick labels", words))
    return found


PAD_PX = 7.0
"""Least noticed change of the distance between tick labels and their axis, in pixels."""


def _padded(pair: AxisPair, kept: Sequence[tuple[int, int]]) -> str:
    """How the distance of tick labels from the edge of the axes differs, in words."""
    if any(pair.reference.style.get(key) != pair.candidate.style.get(key) for key in ("tick_length", "tick_direction")):  # fmt: skip
        return ""  # longer marks push the labels away
    gaps = []
    across = "yx".index(pair.name)
    for side, (axis, axes) in enumerate(zip(pair.sides, pair.panel.sides, strict=True)):
        boxes = [box for pair_of in kept for box in label_box(axis, pair_of[side])]
        if (
            not boxes
            or axes.box is None
            or axis.data.get("sides") != "near"
            or axes.data.get("projection") != "rectilinear"
        ):
            return ""
        gaps.append(
            axes.box[0] - max(box[2] for box in boxes) if across == 0
            else min(box[1] for box in boxes) - axes.box[3]
        )  # fmt: skip
    if abs(gaps[1] - gaps[0]) < PAD_PX:
        return ""
    return f"{'farther from' if gaps[1] > gaps[0] else 'nearer to'} the axis"


def _to_axis(pair: AxisPair) -> Iterator[Box]:
    """The tick labels with the room between them and the axis."""
    for axis, axes in zip(pair.sides, pair.panel.sides, strict=True):
        if axis.box and axes.box:
            left, top, right, bottom = axis.box
            if pair.name == "x":
                yield left, min(top, axes.box[3] - 2), right, bottom
            else:
                yield left, top, max(right, axes.box[0] + 2), bottom


HELD = {
    "x": ("beginning at their ticks", "centered on their ticks", "ending at their ticks"),
    "y": ("below their ticks", "centered on their ticks", "above their ticks"),
}
"""Where a label stands at its tick, by the place of the tick in the label: start, middle, end."""

ANCHOR_PX = 4.0
"""Least noticed shift of tick labels along their axis, in pixels ..."""

ANCHOR = 0.2
"""... and as a share of a label's length."""


def _labels(axis: Element) -> list[tuple[float, str]]:
    return list(zip(tick_places(axis), tick_words(axis), strict=False))


def _line_count(axis: Element, index: int) -> int:
    counts = axis.numbers("lines")
    return int(counts[index]) if index < len(counts) else 1


def _held(pair: AxisPair, i: int, j: int) -> tuple[float, float, float] | None:
    """Place of a tick in its label before and after, as a share of the label, and the shift in pixels."""
    found: list[float] = []
    lengths: list[float] = []
    sides = ((pair.reference, pair.panel.reference, pair.panel.scales, i),
             (pair.candidate, pair.panel.candidate, pair.panel.candidate_scales, j))  # fmt: skip
    for axis, axes, scales, index in sides:
        boxes = label_box(axis, index)
        if not boxes or axes.box is None or axes.data.get("projection") != "rectilinear":
            return None
        along = "xy".index(pair.name)
        share = float(scales[along].fractions(np.array([tick_places(axis)[index]]))[0])
        start, end = axes.box[along], axes.box[along + 2]
        tick = start + share * (end - start) if along == 0 else end - share * (end - start)
        low, high = boxes[0][along], boxes[0][along + 2]
        found.append((tick - low) / max(high - low, 1.0))
        lengths.append(high - low)
    return found[0], found[1], abs(found[1] - found[0]) * min(lengths)


def _label_boxes(pair: AxisPair, index: int) -> Iterator[Box]:
    """Boxes of a label before and after."""
    yield from label_box(pair.candidate, index)
    yield from label_box(pair.reference, index)


def _instead(before: str, after: str) -> str:
    return f"{quoted(after, 30)} instead of {quoted(before, 30)}"


def _change(before: str, after: str) -> str:
    if before and after:
        return _instead(before, after)
    return f"{quoted(before or after, 30)} is {'extra' if after else 'missing'}"


def _only_one_has(pair: AxisPair) -> Iterator[Box]:
    """Boxes of the tick labels that are in one picture only, and of the grid lines at their ticks."""
    words = [tick_words(side) for side in pair.sides]
    for side, mine, theirs in zip(pair.sides, words, words[::-1], strict=True):
        left = Counter(theirs)
        for index, label in enumerate(mine):
            if left[label]:
                left[label] -= 1
            else:
                yield from label_box(side, index)
    if pair.name in "xy" and any(
        child.role == "grid" and child.data.get("axis") == pair.name
        for child in (*pair.panel.reference.children, *pair.panel.candidate.children)
    ):
        yield from moved_ticks(pair.panel, pair.name, *pair.sides)


def _lost_and_new(mine: Sequence[str], theirs: Sequence[str]) -> str:
    before, after = Counter(filter(None, mine)), Counter(filter(None, theirs))
    return "; ".join(
        f"{listed([quoted(label, 25) for label in labels])} {'is' if len(labels) == 1 else 'are'} {word}"
        for labels, word in (
            (list((before - after).elements()), "missing"),
            (list((after - before).elements()), "extra"),
        )
        if labels
    )


def _around_circles(pair: AxisPair, least: int) -> list[tuple[Numbers, Numbers]]:
    """For the polar axes of both charts, its corners and the N x 4 boxes of its labels; empty if an axes
    is not polar or has fewer labels."""
    found = []
    for axes, axis in zip(pair.panel.sides, pair.sides, strict=True):
        boxes = [box for i in range(len(tick_words(axis))) for box in label_box(axis, i)]
        if axes.data.get("projection") != "polar" or axes.box is None or len(boxes) < least:
            return []
        found.append((np.array(axes.box), np.array(boxes)))
    return found


def beside_circle(pair: AxisPair) -> Iterator[Finding]:
    """A finding if the labels around a polar chart stand nearer to its circle, or farther from it."""
    gaps, radii = [], []
    for ends, corners in _around_circles(pair, 3):
        middle = (ends[:2] + ends[2:]) / 2
        radii.append(max(float(ends[2] - ends[0]) / 2, 1.0))
        nearest = np.clip(middle, corners[:, :2], corners[:, 2:])
        gaps.append(float(np.median(np.linalg.norm(nearest - middle, axis=1))) / radii[-1])
    if gaps and abs(gaps[1] - gaps[0]) > BESIDE and not size_noticed(radii[0], radii[1], ANOTHER):
        words = "overlap the circle" if gaps[1] < 1 <= gaps[0] else (
            f"stand {'nearer to' if gaps[1] < gaps[0] else 'farther from'} the circle"
        )  # fmt: skip
        yield pair.finding("tick_place", TEXT, 1, "tick labels", words)


def along_radius(pair: AxisPair) -> Iterator[Finding]:
    """A finding if the numbers of a polar chart stand along another of its radii."""
    if pair.panel.reference.data.get("turn") != pair.panel.candidate.data.get("turn"):
        return  # the circle itself is turned
    angles = []
    for ends, corners in _around_circles(pair, 1):
        # The outermost is the farthest from the center, so its angle is the surest.
        spots = (corners[:, :2] + corners[:, 2:] - ends[:2] - ends[2:]) @ (1, 1j)
        angles.append(np.angle(max(spots, key=abs)))
    if angles and abs(np.angle(np.exp(1j * (angles[1] - angles[0])))) > RADIUS:
        yield pair.finding("tick_place", TEXT, 1, "tick labels", "stand at another angle")


RADIUS = 0.2
"""Least noticed turn of the numbers around the center, in radians."""

ANOTHER = 1.25
"""Ratio of radii from which letters of one size stand elsewhere for that reason."""

BESIDE = 0.06
"""Least noticed change of the distance between labels and the circle, in radii."""

"""Compares the words of tick labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.axis_pair import AxisPair, label_box, tick_words
from annotators.structural.chart.findings import TEXT, Finding
from annotators.structural.chart.panel_pair import APART
from annotators.structural.chart.words import listed, quoted
from annotators.structural.matching import permuted
from annotators.structural.visibility import size_noticed
from records.rows import Box
from records.taxonomy import Severity


def relabelled(pair: AxisPair, same_places: bool) -> list[Finding]:
    """Findings on tick labels that read differently.

    Args:
        same_places: True if the ticks did not move.
    """
    mine, theirs = map(tick_words, pair.sides)
    if len(mine) != len(theirs):
        words = _lost_and_new(mine, theirs) or "stand at other places"
        return [pair.finding("tick_labels", TEXT, 2, "tick labels", words)]
    changed = [i for i, (x, y) in enumerate(zip(mine, theirs, strict=True)) if x != y]
    grades = [severity.of_text_change(mine[i], theirs[i]) for i in changed]
    grade: Severity = max(grades)
    boxes = [box for i in changed for box in _label_boxes(pair, i)]
    all_differ = 1 < len(changed) == len([label for label in mine if label])
    all_differ |= len(changed) > 1 == grade  # such as an exponent that is not raised
    if permuted(mine, theirs):
        names = listed([quoted(mine[i], 25) for i in changed])
        words = f"{names} are exchanged" if len(changed) == 2 else f"{names} are in another order"
        grade = 3
    elif len(changed) > APART or not same_places or all_differ:
        words = f"{len(changed)} read otherwise, such as {_instead(mine[changed[0]], theirs[changed[0]])}"
    else:
        return [
            pair.finding("tick_labels", TEXT, grade, "tick labels", _change(mine[i], theirs[i]), _label_boxes(pair, i))
            for i, grade in zip(changed, grades, strict=True)
        ]  # fmt: skip
    return [pair.finding("tick_labels", TEXT, grade, "tick labels", words, boxes)]


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


def beside_circle(pair: AxisPair) -> Iterator[Finding]:
    """A finding if the labels around a polar chart stand nearer to its circle, or farther from it."""
    gaps, radii = [], []
    for axes, axis in zip((pair.panel.reference, pair.panel.candidate), pair.sides, strict=True):
        boxes = [box for i in range(len(tick_words(axis))) for box in label_box(axis, i)]
        if axes.data.get("projection") != "polar" or axes.box is None or len(boxes) < 3:
            return
        corners = np.array(boxes)
        ends = np.array(axes.box)
        middle = (ends[:2] + ends[2:]) / 2
        radii.append(max(float(ends[2] - ends[0]) / 2, 1.0))
        nearest = np.clip(middle, corners[:, :2], corners[:, 2:])
        gaps.append(float(np.median(np.linalg.norm(nearest - middle, axis=1))) / radii[-1])
    if abs(gaps[1] - gaps[0]) > BESIDE and not size_noticed(radii[0], radii[1], ANOTHER):
        words = "overlap the circle" if gaps[1] < 1 <= gaps[0] else (
            f"stand {'nearer to' if gaps[1] < gaps[0] else 'farther from'} the circle"
        )  # fmt: skip
        yield pair.finding("tick_place", TEXT, 1, "tick labels", words)


ANOTHER = 1.25
"""Ratio of radii from which letters of one size stand elsewhere for that reason."""

BESIDE = 0.06
"""Least noticed change of the distance between labels and the circle, in radii."""

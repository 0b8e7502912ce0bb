"""The same axis of two charts: its ends, ticks and labels, and findings of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from annotators.structural.chart.attached_texts import number_in
from annotators.structural.chart.findings import Finding, both
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.seen.axis_units import axis_of
from annotators.structural.chart.words import figure
from records.rows import Box
from records.taxonomy import ChartCategory, Severity
from renderers.scene import Element


@dataclass(frozen=True, slots=True)
class AxisPair:
    """The same axis of two charts."""

    panel: PanelPair
    name: str
    """``x``, ``y`` or ``z``."""
    reference: Element
    candidate: Element

    @property
    def sides(self) -> tuple[Element, Element]:
        return self.reference, self.candidate

    @property
    def boxes(self) -> list[Box]:
        return both(*self.sides)

    @property
    def length(self) -> float:
        low, high = ends(self.reference)
        return abs(high - low) or 1.0

    def says(self, key: str) -> tuple[bool, bool]:
        """Whether each side has a value under a data key."""
        return bool(self.reference.data.get(key)), bool(self.candidate.data.get(key))

    def finding(
        self, kind: str, category: ChartCategory, severity: Severity, part: str, words: str,
        boxes: Iterable[Box] = (),
    ) -> Finding:  # fmt: skip
        """A finding on a part of this axis, or on the axis itself if ``part`` is empty.

        Args:
            boxes: Where it is visible; by default the whole axis in both pictures.
        """
        place = self.panel.axis_at(self.name, part)
        found = list(boxes) or self.boxes
        return Finding(kind, category, severity, place, words, found, direction=self.name)


def ends(axis: Element) -> tuple[float, float]:
    low, high = axis.number("low"), axis.number("high")
    return (0.0, 1.0) if low is None or high is None else (low, high)


def tick_places(axis: Element) -> list[float]:
    return [float(tick) for tick in axis.column("ticks") if isinstance(tick, int | float)]


def tick_words(axis: Element) -> list[str]:
    """The label of each tick; empty if it has none."""
    return [str(label or "") for label in axis.column("labels")]


def label_box(axis: Element, index: int) -> list[Box]:
    """The box of a tick label; none if the label is not visible."""
    match axis.column("label_boxes")[4 * index : 4 * index + 4]:
        case [float(left), float(top), float(right), float(bottom)]:
            return [(left, top, right, bottom)]
    return []


def moved_ticks(pair: PanelPair, name: str, one: Element, two: Element) -> list[Box]:
    """Boxes of grid lines that are in one picture only: strips at ticks, or the whole axes."""
    scales = pair.scales, pair.candidate_scales
    index = "xyz".index(name)
    before, after = tick_places(one), tick_places(two)
    round_or_deep = pair.reference.data.get("projection") != "rectilinear"
    if scales[0][index] != scales[1][index] or round_or_deep:
        box = pair.candidate.box
        same = scales[0][index] == scales[1][index] and before == after
        return [box] if box and not same else []
    strips = []
    for here, there, axes in ((before, after, pair.reference), (after, before, pair.candidate)):
        if axes.box is None:
            continue
        left, top, right, bottom = axes.box
        kept = {figure(value) for value in there}
        alone = [value for value in here if figure(value) not in kept]
        for share in scales[0][index].fractions(np.array(alone, dtype=float)).tolist():
            if not 0 <= share <= 1:
                continue
            x, y = left + share * (right - left), bottom - share * (bottom - top)
            strips.append(
                (x - 1.5, top, x + 1.5, bottom) if name == "x" else (left, y - 1.5, right, y + 1.5)
            )
    return strips


def unlabeled(axes: Element, direction: str) -> bool:
    """True if nothing along a direction tells numbers or names, here or in line with it: only places
    are seen."""
    axis = axis_of(axes, direction)
    return not (axis.data.get("told") or any(tick_words(axis)))


def readable(axis: Element) -> bool:
    """True if tick labels show the numbers at their ticks: more than one, unless there is only one."""
    words = [label for label in tick_words(axis) if label]
    shown = sum(
        isinstance(tick, int | float) and number_in(label) == tick
        for tick, label in zip(axis.column("ticks"), tick_words(axis), strict=False)
    )
    return shown > 1 or shown == len(words) == 1

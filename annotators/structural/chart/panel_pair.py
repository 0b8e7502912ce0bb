"""A pair of corresponding axes of two charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotators.structural.chart.findings import Finding, Place
from annotators.structural.chart.marks import MarkChange, Scales
from annotators.structural.chart.words import Name
from records.taxonomy import ChartCategory, Severity
from renderers.scene import Element

APART = 3
"""Up to this many changes of one kind are reported one by one; more become one difference."""


@dataclass(frozen=True, slots=True)
class PanelPair:
    """Two axes that correspond to each other."""

    index: int
    reference: Element
    candidate: Element
    where: str
    """Which axes, in words; empty if there is only one."""
    scales: Scales
    candidate_scales: Scales

    @property
    def sides(self) -> tuple[Element, Element]:
        return self.reference, self.candidate

    def parts(self, role: str) -> tuple[list[Element], list[Element]]:
        """The parts of a role in both axes."""
        return self.reference.parts(role), self.candidate.parts(role)

    @property
    def reversed(self) -> bool:
        """True if an axis is reversed."""
        return any(
            (one.low < one.high) != (two.low < two.high)
            for one, two in zip(self.scales, self.candidate_scales, strict=True)
        )

    def at(self, *names: Name | str) -> Place:
        """A place in this axes."""
        return Place(names, self.where, self.index)

    def axis_at(self, name: str, part: str = "") -> Place:
        """The place of a part of an axis: x and y of a round chart are its angles and radii."""
        if all(axes.data.get("projection") == "polar" for axes in self.sides):
            name = {"x": "angular", "y": "radial"}.get(name, name)
        return self.at(f"{name} axis {part}".strip())

    def finding_on(
        self, changes: Sequence[MarkChange], kind: str, category: ChartCategory, grade: Severity,
        words: str, together: Name | str = "",
    ) -> Finding:  # fmt: skip
        """A finding on changed marks, by their names or by the one that they have ``together``."""
        names = [together] if together else [change.before.name for change in changes]
        boxes = [box for change in changes for box in change.boxes]
        return Finding(kind, category, grade, self.at(*names), words, boxes)

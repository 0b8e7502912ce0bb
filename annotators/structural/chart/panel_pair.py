"""Two axes that are the same place of a chart."""

from __future__ import annotations

from dataclasses import dataclass

from annotators.structural.chart.findings import Place
from annotators.structural.chart.marks import Scales
from annotators.structural.chart.words import Name
from renderers.scene import Element

APART = 3
"""Changes of one sort that are told one by one; more of them are one difference."""


@dataclass(frozen=True, slots=True)
class PanelPair:
    """Two axes that are the same place of the chart."""

    index: int
    reference: Element
    candidate: Element
    where: str
    """Which axes, in words; empty if there is only one."""
    scales: Scales
    candidate_scales: Scales

    @property
    def reversed(self) -> bool:
        """True if an axis runs the other way round."""
        return any(
            (one.low < one.high) != (two.low < two.high)
            for one, two in zip(self.scales, self.candidate_scales, strict=True)
        )

    def at(self, *names: Name | str) -> Place:
        """Things of this axes."""
        return Place(names, self.where, self.index)

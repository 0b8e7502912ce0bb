"""Two axes that are the same place of a chart."""

from __future__ import annotations

from dataclasses import dataclass

from annotators.structural.chart_marks import (
    Scales,
)
from renderers.scene import Element

APART = 3
"""Changes of one sort that are told one by one; more of them are one difference."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two axes that are the same place of the chart."""

    index: int
    reference: Element
    candidate: Element
    where: str
    """Which axes, in words, after a comma; empty where there is only one."""
    scales: Scales
    candidate_scales: Scales

    def at(self, name: str) -> str:
        """A location in words."""
        return f"{name}{self.where}"

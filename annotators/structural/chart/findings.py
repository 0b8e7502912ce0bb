"""Differences found between two charts, before they become discrepancies."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

from annotators.structural.chart.words import Name, listed
from annotators.structural.why import spoken
from records.rows import Box
from records.taxonomy import ChartCategory, Severity
from renderers.scene import Element

STRUCTURE = ChartCategory.STRUCTURE
DATA = ChartCategory.DATA
TEXT = ChartCategory.TEXT
STYLE = ChartCategory.STYLE


AT_ONE_RATIO = 0.08
"""Size changes that differ by at most this share are merged: fonts come in whole points."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a chart: named things, and the subplot that they are in."""

    names: tuple[Name | str, ...]
    panel: str = ""
    """The subplot in words; empty if there is only one, or for the whole figure."""
    axes: int = -1
    """Index of the pair of axes; -1 for the whole figure."""

    def __str__(self) -> str:
        things = listed(self.names, NAMED_APART)
        return f"{things}, {self.panel}" if self.panel else things

    def part(self, name: str) -> Place:
        """A part of the single thing at this place.

        >>> str(Place(("legend",), "inset").part("entry"))
        'legend entry, inset'
        """
        return replace(self, names=(f"{self.names[0]} {name}",))


NAMED_APART = 4
"""Most things that a place names one by one; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One visible difference at its cause. It is never changed: merging makes a new one."""

    kind: str
    """Kind of difference, used for merging: `title`, `limits`, `color`, ..."""
    category: ChartCategory
    severity: Severity
    place: Place
    description: str
    boxes: list[Box] = field(default_factory=list)
    """Boxes of what differs, in candidate pixels; in reference pixels if the candidate lacks it."""
    same: Hashable = ""
    """Findings of one kind with an equal value here are one difference in several places; if empty,
    the description is used."""
    change: tuple[str, str] | None = None
    """Value before and after, if two such changes may undo each other."""
    ratio: float = 0.0
    """Size relative to the reference, if only the size differs."""
    direction: str = ""
    """Name of the axis: `x`, `y`, `z`; empty for anything else."""
    role: str = ""
    """Role of the marks that it is about; empty for anything else."""

    def __str__(self) -> str:
        return spoken(self.place, self.description)

    @property
    def same_key(self) -> Hashable:
        """Equal for findings of one kind that are the same difference in several places."""
        return self.same or self.description

    @property
    def axes(self) -> int:
        """Index of the pair of axes; -1 for the whole figure."""
        return self.place.axes


def as_one(
    found: Sequence[Finding], kind: str, category: ChartCategory, place: Place, words: str
) -> Finding:
    """One finding for several, with the worst severity and all their boxes."""
    worst = max(finding.severity for finding in found)
    boxes = [box for finding in found for box in finding.boxes]
    return Finding(kind, category, worst, place, words, boxes)


def both(reference: Element | None, candidate: Element | None) -> list[Box]:
    """Boxes of a part that moved: where it is, and where it should be."""
    return [part.box for part in (candidate, reference) if part is not None and part.box]


def shown(reference: Element | None, candidate: Element | None) -> list[Box]:
    """Box of a part in the candidate, or in the reference if the candidate lacks it."""
    for part in (candidate, reference):
        if part is not None and part.box:
            return [part.box]
    return []

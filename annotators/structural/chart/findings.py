"""What was found between two charts, before it is written down as discrepancies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from records.rows import Box
from records.taxonomy import ChartCategory, Severity
from renderers.scene import Element

STRUCTURE = ChartCategory.STRUCTURE
DATA = ChartCategory.DATA
TEXT = ChartCategory.TEXT
STYLE = ChartCategory.STYLE


@dataclass(slots=True)
class Finding:
    """One visible difference at its cause."""

    kind: str
    """What sort of difference, for merging: `title`, `limits`, `colour`, ..."""
    category: ChartCategory
    severity: Severity
    location: str
    description: str
    boxes: list[Box] = field(default_factory=list)
    """Candidate pixels of what differs; reference pixels where it is missing there."""
    same: str = ""
    """Findings of one kind with the same words here are one difference in several places."""
    axes: int = -1
    """Index of the pair of axes it was found in."""

    @property
    def box(self) -> Box | None:
        return union(self.boxes)


def union(boxes: Iterable[Box | None]) -> Box | None:
    """Smallest box around boxes.

    >>> union([(0, 0, 1, 1), None, (2, 2, 3, 3)])
    (0, 0, 3, 3)
    """
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    return (
        min(box[0] for box in known),
        min(box[1] for box in known),
        max(box[2] for box in known),
        max(box[3] for box in known),
    )


def both(reference: Element | None, candidate: Element | None) -> list[Box]:
    """Boxes of a thing that is elsewhere now: where it is, and where it should be."""
    return [part.box for part in (candidate, reference) if part is not None and part.box]


def shown(reference: Element | None, candidate: Element | None) -> list[Box]:
    """Box of a thing in the candidate, or in the reference where the candidate lacks it."""
    for part in (candidate, reference):
        if part is not None and part.box:
            return [part.box]
    return []


def area(box: Box | None) -> float:
    """Pixels of a box."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) if box else 0.0

"""Labels before merging, and the two compared scenes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from annotators.structural.svg.masks import Mask, around, padded, parts_of, widened
from annotators.structural.svg.seen.areas import SeenIcon
from annotators.structural.svg.seen.claims import Claim
from annotators.structural.svg.seen.fits import Fit
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import several, without_verb
from annotators.structural.why import spoken
from records.rows import Box
from records.taxonomy import SvgCategory

FREE = 0.6
"""A thing stands free if at least this share of what surrounds it is bare canvas."""


@dataclass(frozen=True)
class SeenLabel:
    """One difference, before merging."""

    category: SvgCategory
    severity: int
    name: str
    """Of the thing."""
    spot: str
    """Name and place."""
    words: str
    """The change, as the end of a sentence about the thing."""
    box: Box
    thing: Thing
    fit: Fit | None = None
    ends: tuple[Box, Box] | None = None
    """Boxes before and after, if they differ from those of its thing."""
    claims: tuple[Claim, ...] = ()
    """What is said of an outline, each with its pixels."""
    number: int = 1
    """Of things of one name that it is about ..."""
    each: str = ""
    """... and that name, if there are several."""
    of_line: bool = False
    """True if it is of the line around a thing by which it is named."""

    def __str__(self) -> str:
        return spoken(self.spot, without_verb(self.words))

    @property
    def aspect(self) -> bool:
        """True if it says of a redrawn outline something else than its place, size and form."""
        return self.fit is not None and self.fit.kind == "aspect"

    @property
    def recolored(self) -> bool:
        """True if only the color changed."""
        return self.category is SvgCategory.STYLE and self.fit is None and self.ends is None

    def places(self) -> tuple[Box, Box]:
        """Box in the reference and in the candidate."""
        if self.ends is not None:
            return self.ends
        one, two = (
            union([area.box for area in side]) for side in (self.thing.before, self.thing.after)
        )
        return one, two


@dataclass(frozen=True, eq=False)
class Scenes:
    """Both scenes, and where they visibly differ."""

    first: SeenIcon
    second: SeenIcon
    differs: Mask
    strong: Mask
    """H x W: the strongly differing pixels among them."""

    @property
    def pixels(self) -> int:
        return self.differs.size

    @cached_property
    def patches(self) -> NDArray[np.int32]:
        """For each pixel that differs, row by row, the number of the patch that it is in."""
        differs = self.differs[around(self.differs, 2)]
        return parts_of(widened(differs, 2))[differs]


def named(lead: SeenLabel, members: list[SeenLabel], each: str, scenes: Scenes) -> SeenLabel:
    """A label about the things of several labels, each of one name."""
    number, box = sum(one.number for one in members), union([one.box for one in members])
    name = several(number, each)
    spot = where(name, box, scenes.first)
    return replace(
        lead, name=name, spot=spot, box=box, number=number, each=each if number > 1 else ""
    )


def stands_free(thing: Thing, scenes: Scenes) -> bool:
    """True if a thing has bare canvas around it; else what lies on it or around it makes its corners."""
    drawn = padded(~scenes.first.bare, 3)
    rows, columns = thing.part
    outside = ~drawn[rows.start : rows.stop + 6, columns.start : columns.stop + 6]
    mine = padded(thing.old, 3)
    rim = widened(mine, 3) & ~widened(mine, 1)
    return bool(outside[rim].mean() > FREE)


def lost(label: SeenLabel) -> bool:
    """True if a thing is missing."""
    return not label.thing.after


def came(label: SeenLabel) -> bool:
    """True if a thing is extra."""
    return not label.thing.before


def union(boxes: list[Box]) -> Box:
    """Smallest box around boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def size_of(box: Box) -> float:
    """Area of a box."""
    return (box[2] - box[0]) * (box[3] - box[1])

"""Says of a shape of which only the outline is another one what is seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from PIL import Image, ImageDraw

from annotators.structural.svg.masks import Mask, around, parts_of
from annotators.structural.svg.seen.areas import SPECK_PX
from annotators.structural.svg.seen.claims import sentence
from annotators.structural.svg.seen.fits import Fit, apart, fit
from annotators.structural.svg.seen.places import patch
from annotators.structural.svg.seen.sentences import claims_of
from annotators.structural.svg.shapes import IconShape
from annotators.structural.visibility import PLACE_PX

SLIGHTLY = "has a slightly different outline"


@dataclass(frozen=True)
class Looks:
    """What a shape covers, hidden parts included, in a part of both pictures: another error beside it
    changes nothing of it."""

    part: tuple[slice, slice]
    shape: tuple[int, int]
    old: Mask
    new: Mask

    @classmethod
    @lru_cache(maxsize=32)
    def of(cls, shape: IconShape, other: IconShape) -> Looks | None:
        """None if the shape covers nothing of one of the pictures; kept, since several rules ask."""
        old, new = _covered(shape), _covered(other)
        if not (old.any() and new.any()):
            return None
        part = around(old | new)
        return cls(part, (old.shape[0], old.shape[1]), old[part], new[part])

    @cached_property
    def fit(self) -> Fit:
        """The simplest change that turns the old pixels into the new ones."""
        return fit(self.old, self.new)

    @property
    def alike(self) -> bool:
        """True if nobody sees a difference."""
        aside = self.fit.kind == "moved" and self.fit.distance_px < PLACE_PX
        return self.fit.kind == "same" or aside

    @cached_property
    def off(self) -> Mask:
        """Pixels of either side that lie apart from the other one."""
        return np.logical_or(*apart(self.old, self.new))

    @property
    def unseen(self) -> bool:
        """True if all that differs are specks."""
        sizes = np.bincount(parts_of(self.off).ravel())[1:]
        return self.alike and sizes.max(initial=0) < 2 * SPECK_PX

    def words(self) -> str:
        """A sentence about the shape."""
        if self.alike:
            return self._said(self.off)
        return " and ".join(map(sentence, claims_of(self.fit, self)))

    def words_at(self, changed: Mask) -> str:
        """A sentence about one changed place; H x W."""
        return self._said(changed[self.part] & (self.old ^ self.new))

    def _said(self, here: Mask) -> str:
        return " ".join(patch(self.old, self.new, here, 1)).strip() if here.any() else SLIGHTLY


def _covered(shape: IconShape) -> Mask:
    """Pixels of the picture within the outlines of a shape, without holes, or along its lines."""
    size = shape.picture
    result = np.zeros(size[::-1], bool)
    for run in shape.runs:
        if shape.filled and len(run) > 2:
            image = Image.new("L", size)
            ImageDraw.Draw(image).polygon(run.ravel().tolist(), fill=1, outline=1)
            result ^= np.asarray(image).view(bool)
    if shape.look("stroke") != "none":
        lines = Image.new("L", size)
        pen = ImageDraw.Draw(lines)
        for run in shape.runs:
            width = max(round(shape.number("stroke_width")), 1)
            pen.line([(x, y) for x, y in run.tolist()], fill=1, width=width, joint="curve")
        result |= np.asarray(lines).view(bool)
    return result

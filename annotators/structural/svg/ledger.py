"""Collects differences together with the changed pixels that prove them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators.structural.svg.masks import bounds, count
from annotators.structural.svg.seen.groups import apart_words
from annotators.structural.svg.shapes import IconScene, IconShape
from annotators.structural.svg.words import VERBS, without_verb
from annotators.structural.why import explains, spoken, unsaid
from records.rows import Box, Discrepancy, box_around
from records.taxonomy import Severity, SvgCategory

MIN_PIXELS = 4
"""A difference with fewer changed pixels than this is not visible."""
DEEP_PX = 12
"""So many changed pixels with eight changed neighbors are no soft edge."""
MAX_LABELS = 12


@dataclass(frozen=True)
class FoundDifference:
    """A difference, before it is known to be visible."""

    category: SvgCategory
    severity: int
    location: str
    description: str
    shapes: tuple[IconShape, ...]
    """Shapes of either drawing whose pixels show it."""
    box: Box | None = None
    """The box, if it is not that of the shapes."""

    def __str__(self) -> str:
        return spoken(self.location, _without_repetition(self))


class PixelLedger:
    """Collects differences, drops invisible ones, and records which pixels are explained."""

    def __init__(
        self,
        first: IconScene,
        second: IconScene,
        changed: NDArray[np.bool_],
        seen_at: Callable[[], NDArray[np.bool_]],
    ) -> None:
        """
        Args:
            first: The reference.
            second: The candidate.
            changed: H x W: the changed pixels.
            seen_at: Those of them that are no soft edges, which are dear to find.
        """
        self.first, self.second, self.changed, self.seen_at = first, second, changed, seen_at
        self.unexplained = changed.copy()
        self.found: list[tuple[FoundDifference, Box]] = []
        self.doubtful: list[FoundDifference] = []

    def owned_by(self, shape: IconShape, other: IconShape) -> NDArray[np.bool_]:
        """H x W: changed pixels of a shape in either picture."""
        mine = (self.first.owner == shape.index) | (self.second.owner == other.index)
        return np.asarray(self.changed & mine)

    def add(self, found: FoundDifference) -> None:
        """Add a difference if its own pixels prove it; keep others for `settle`."""
        seen = sum(shape.changed for shape in found.shapes)
        box = found.box or box_around(shape.changed_box for shape in found.shapes)
        if box is None or (found.box is None and seen < MIN_PIXELS):
            self.doubtful.append(found)
            return
        self._enter(found, box)

    def _enter(self, found: FoundDifference, box: Box) -> None:
        rows, columns = (slice(max(int(box[axis]), 0), int(box[axis + 2]) + 1) for axis in (1, 0))
        here = self.changed[rows, columns]
        across = here[:, 2:] & here[:, 1:-1] & here[:, :-2]
        deep = count(across[2:] & across[1:-1] & across[:-2])
        if deep < DEEP_PX and not self.seen_at()[rows, columns].any():
            unsaid(found, "only soft edges differ there")
            return
        self.found.append((found, box))
        parts = dict.fromkeys(shape.where for shape in found.shapes)
        if len(parts) > 2:  # One shape has a place on either side.
            explains("changed_alike", found, *parts)
        left, top, right, bottom = (int(value) for value in box)
        self.unexplained[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2] = False

    def settle(self) -> None:
        """Add uncertain differences at changed pixels that no other difference explains.

        A shape that is visible through another one owns no pixel and may still be the cause.
        """
        for found in self.doubtful:
            around = box_around(shape.bounds for shape in found.shapes)
            if around is None:
                unsaid(found, "it has no place in the picture")
                continue
            left, top = max(int(around[0]) - 1, 0), max(int(around[1]) - 1, 0)
            part = self.unexplained[top : int(around[3]) + 2, left : int(around[2]) + 2]
            if part.sum() < MIN_PIXELS:
                unsaid(found, f"fewer than {MIN_PIXELS} changed pixels are its own")
                continue
            own = bounds(part)
            self._enter(found, (left + own[0], top + own[1], left + own[2], top + own[3]))
        self.doubtful = []

    def discrepancies(self) -> list[Discrepancy]:
        """The discrepancies, the most severe first, at most `MAX_LABELS`."""
        self.settle()
        ranked = sorted(
            enumerate(self.found),
            key=lambda item: (-item[1][0].severity, -_area(item[1][1]), item[0]),
        )
        kept = sorted(at for at, _ in ranked[:MAX_LABELS])
        told = self._told_apart(kept)
        return [
            Discrepancy(
                category=self.found[at][0].category.value,
                severity=_severity(self.found[at][0].severity),
                location=told.get(at, "") + self.found[at][0].location,
                description=_without_repetition(self.found[at][0]),
                box=self.found[at][1],
            )
            for at in kept
        ]

    def _told_apart(self, kept: list[int]) -> dict[int, str]:
        """Words that tell shapes of one name and place apart, by the index of their labels."""
        shapes: dict[str, dict[int, Box]] = defaultdict(dict)
        of_one = {
            at: found.shapes[0]
            for at, (found, _) in enumerate(self.found)
            if at in kept and len({shape.index for shape in found.shapes[::2]}) == 1
        }
        for at, shape in of_one.items():
            if shape.box is not None:
                shapes[self.found[at][0].location][shape.index] = shape.box
        words = {
            (spot, index): f"{word} "
            for spot, boxes in shapes.items()
            for index, word in zip(boxes, apart_words(list(boxes.values())), strict=False)
        }
        return {
            at: words.get((self.found[at][0].location, shape.index), "")
            for at, shape in of_one.items()
        }


def _without_repetition(found: FoundDifference) -> str:
    """The description without a subject that the location names already."""
    words = found.description.removeprefix(f"{found.location} ")
    words = words.removeprefix(f"{found.location.partition(' at ')[0]} ")
    if words.partition(" ")[0] not in {*VERBS, *VERBS.values()}:
        return found.description
    return without_verb(words)


def _severity(value: int) -> Severity:
    return 3 if value >= 3 else 2 if value == 2 else 1


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])

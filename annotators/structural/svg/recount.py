"""Finds patterns of equal shapes, such as the teeth of a wheel, that have more or fewer of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from annotators.structural.severity import of_missing_share
from annotators.structural.svg.ledger import FoundDifference, PixelLedger
from annotators.structural.svg.shapes import IconScene, IconShape, where_all
from annotators.structural.svg.words import plural
from records.taxonomy import SvgCategory

LEAST = 4
"""Fewest equal shapes of both drawings that are a pattern and not single parts."""
STAND = 0.5
"""If more than this share of the smaller number stand where they stood, single ones are lost or added."""
ALIKE = 0.8
"""Shapes of a pattern show equal areas: the smaller of two at least this share of the larger."""


def spaced_anew(first: IconScene, second: IconScene, ledger: PixelLedger) -> bool:
    """Add the patterns of another number if nothing else differs; True if there are any."""
    if len(first.shapes) == len(second.shapes):
        return False
    for drawing in (first, second):
        drawing.count(np.flatnonzero(ledger.changed))
    pattern = recounted(first, second, ledger)
    rest = [
        {shape.key for shape in side.shapes if id(shape) not in pattern} for side in (first, second)
    ]
    return bool(pattern) and rest[0] == rest[1]


def recounted(first: IconScene, second: IconScene, ledger: PixelLedger) -> set[int]:
    """Add each pattern that was spaced anew for another number of shapes; return the ids of its shapes."""
    paints = [Counter(shape.paint for shape in side.shapes) for side in (first, second)]
    often = {paint for paint in paints[0] if min(side[paint] for side in paints) >= LEAST}
    ours, theirs = (_patterns(side.shapes, often) for side in (first, second))
    reported: set[int] = set()
    for key, one in ours.items():
        two = theirs.get(key, [])
        fewer, more = sorted((len(one), len(two)))
        stand = len({shape.key for shape in one} & {shape.key for shape in two})
        if fewer < LEAST or fewer == more or stand > STAND * fewer:
            continue
        words = plural(one[0].name)
        every = (*one, *two)
        ledger.add(
            FoundDifference(
                SvgCategory.STRUCTURE,
                min(2, of_missing_share(more - fewer, len(one))),
                where_all(words, one),
                f"{len(two)} instead of {len(one)}",
                every,
            )
        )
        reported |= {id(shape) for shape in every}
    return reported


def _patterns(
    shapes: Sequence[IconShape], often: set[tuple[object, ...]]
) -> dict[tuple[object, ...], list[IconShape]]:
    """Shapes of one look and one visible area; only those of some paints are named, which is dear."""
    looks: dict[tuple[object, ...], list[IconShape]] = defaultdict(list)
    for shape in shapes:
        if often and shape.area and not shape.is_text and shape.paint in often:
            looks[shape.name, shape.paint].append(shape)
    return {key: group for key, group in looks.items() if _even(group)}


def _even(group: Sequence[IconShape]) -> bool:
    areas = [shape.area for shape in group]
    return len(group) >= LEAST and min(areas) >= ALIKE * max(areas)

"""Changed pixels that no difference of matched shapes explains, grouped by the shapes that own the pixels."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.severity import of_area_share
from annotators.structural.svg.ledger import FoundDifference, PixelLedger
from annotators.structural.svg.matching import Pair
from annotators.structural.svg.shapes import IconScene, union
from records.rows import Box
from records.taxonomy import SvgCategory
from renderers.svg.scene import NOBODY

MIN_REST_PX = 6


def rest(first: IconScene, second: IconScene, pairs: list[Pair], ledger: PixelLedger) -> None:
    """Name changed pixels that no difference of the scenes explains, by whose pixels they are."""
    ledger.settle()
    left_over = ledger.unexplained
    if left_over.sum() < MIN_REST_PX:
        return
    if ledger.found:
        marks, _ = ndimage.label(left_over, structure=np.ones((3, 3)))
    else:
        # Nothing else explains the change, so specks count together.
        marks = left_over.astype(np.int32)
    sizes = np.bincount(marks.ravel())[1:]
    slices = ndimage.find_objects(marks)
    partner = {shape.index: other.index for shape, other in pairs}
    spots: dict[tuple[int, int], list[tuple[int, Box]]] = defaultdict(list)
    for at in np.argsort(-sizes, kind="stable")[:32]:
        if sizes[at] < MIN_REST_PX:
            break
        part = slices[at]
        mask = marks[part] == at + 1
        mine = _main(first.owner[part][mask])
        its = _main(second.owner[part][mask])
        rows, columns = part
        box = (
            float(columns.start),
            float(rows.start),
            float(columns.stop),
            float(rows.stop),
        )
        spots[mine, its].append((int(sizes[at]), box))
    for (mine, its), items in spots.items():
        shape = first.shapes[mine] if mine != NOBODY else None
        other = second.shapes[its] if its != NOBODY else None
        same = shape is not None and partner.get(mine) == its
        if shape is None or other is None or not same or shape.key == other.key:
            # Nothing is wrong with this shape itself: what is, shows here as well.
            items = [item for item in items if not ledger.absorb(item[1])]
        subject = shape or other
        if subject is None or not items:
            continue
        if subject.is_text:
            category, words = SvgCategory.TEXT_SYMBOL, "is drawn otherwise"
        elif same and other is not None and subject.outlined_as(other):
            category, words = SvgCategory.STYLE, "is painted otherwise"
        else:
            category, words = SvgCategory.SHAPE, "ends elsewhere"
        area = sum(size for size, _ in items)
        severity = of_area_share(area / first.owner.size)
        around = union(*(box for _, box in items))
        text = f"{subject.name} {words}"
        ledger.add(FoundDifference(category, severity, subject.where, text, (), box=around))


def _main(values: NDArray[np.uint16]) -> int:
    """The commonest value."""
    return int(np.bincount(values).argmax())

"""Two drawings in, discrepancies out: shapes are matched, then compared, then checked by pixels.

A difference counts only where pixels changed that the shapes in question own, and changed pixels
that no difference explains are looked at again by region. Where the two documents have nothing in
common but the picture (a traced copy), `svg_regions` compares what is seen of each shape instead.
"""

from __future__ import annotations

import numpy as np

from annotators.structural import svg_regions
from annotators.structural.difference import PixelDifference
from annotators.structural.severity import of_area_share, of_shift
from annotators.structural.svg_composition import (
    alone,
    in_view,
    inverse,
    moved_together,
    reordered,
    repeated,
)
from annotators.structural.svg_geometry import Change, centre, change
from annotators.structural.svg_labels import Found, Ledger
from annotators.structural.svg_match import Pair, pair_up
from annotators.structural.svg_shapes import Drawing, Shape
from annotators.structural.svg_style import paint_differences
from annotators.structural.svg_symbols import replaced
from annotators.structural.svg_texts import text_changes
from records.rows import Discrepancy
from records.taxonomy import SvgCategory
from renderers.scene import Scene

MAX_SHAPES = 1_000
"""Visible shapes a side beyond which they are not matched one by one."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two SVG scenes, each named once at its cause.

    Raises:
        SceneError: a scene's map of owners is damaged.
    """
    if not pixels.changed.any():
        return []
    first = Drawing.of(reference, pixels.changed)
    second = Drawing.of(candidate, pixels.changed)
    ledger = Ledger(first, second, pixels.changed)
    if max(len(_seen(first.shapes)), len(_seen(second.shapes))) > MAX_SHAPES:
        svg_regions.account(first, second, pixels, ledger)
        return ledger.discrepancies()
    pairs = pair_up(first, second)
    changes = _outlines(pairs)
    if _unlike(first, second, pairs, changes):
        svg_regions.account(first, second, pixels, ledger)
        return ledger.discrepancies()
    _shape_by_shape(first, second, pairs, changes, ledger)
    svg_regions.rest(first, second, pairs, ledger)
    return ledger.discrepancies()


def _seen(shapes: list[Shape]) -> list[Shape]:
    return [shape for shape in shapes if shape.area]


def _unlike(first: Drawing, second: Drawing, pairs: list[Pair], changes: dict[int, Change]) -> bool:
    """True where the shapes of two documents do not correspond: one was drawn anew.

    An edited document has shapes on one side only, or shapes of which most of the outline stayed
    exactly as it was; a copy drawn anew has neither.
    """
    anew = sum(not changes[shape.index].kin for shape, _ in pairs if shape.index in changes)
    alone = len(_seen(first.shapes)) - sum(bool(shape.area) for shape, _ in pairs)
    extra = len(_seen(second.shapes)) - sum(bool(other.area) for _, other in pairs)
    return (
        bool(anew + min(alone, extra)) and 2 * (anew + alone + extra) > len(pairs) + alone + extra
    )


def _outlines(pairs: list[Pair]) -> dict[int, Change]:
    """What became of the outlines that changed, by index of the reference's shape."""
    changes = {}
    for shape, other in pairs:
        if shape.key != other.key and not shape.is_text:
            found = change(shape, other)
            if found is not None:
                changes[shape.index] = found
    return changes


def _shape_by_shape(
    first: Drawing,
    second: Drawing,
    pairs: list[Pair],
    changes: dict[int, Change],
    ledger: Ledger,
) -> None:
    told = replaced(first, second, pairs, changes, ledger)
    pairs = [pair for pair in pairs if not told & {id(side) for side in pair}]
    again = repeated(pairs, changes, ledger)
    changes = {index: found for index, found in changes.items() if index not in again}
    together = moved_together(first, second, pairs, changes, ledger)
    reordered(pairs, ledger)
    for shape, other in pairs:
        if shape.key == other.key:
            continue
        if shape.is_text:
            for item in text_changes(shape, other, together.matrices):
                ledger.add(item)
        elif shape.index in changes and shape.index not in together.indices:
            ledger.add(_geometry(shape, other, changes[shape.index]))
    for item in paint_differences(pairs, changes):
        ledger.add(item)
    told |= {id(shape) for pair in pairs for shape in pair}
    missing = [shape for shape in first.shapes if id(shape) not in told]
    extra = [shape for shape in second.shapes if id(shape) not in told]
    if together.all_matrix is not None:
        # What left the picture with the whole drawing is not missing, what came in is not extra.
        missing = [shape for shape in missing if in_view(shape, together.all_matrix)]
        back = inverse(together.all_matrix)
        extra = [shape for shape in extra if in_view(shape, back)]
    alone(missing, pairs, ledger, missing=True)
    alone(extra, pairs, ledger, missing=False)


def _geometry(shape: Shape, other: Shape, found: Change) -> Found:
    """The label of one shape whose outline changed."""
    diagonal = float(np.hypot(*shape.picture))
    box = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    size = max(box[2] - box[0], box[3] - box[1], 1.0)
    share = (shape.changed + other.changed) / 2 / (shape.picture[0] * shape.picture[1])
    category = SvgCategory.SHAPE
    if found.kind == "moved":
        distance = float(np.hypot(*np.subtract(centre(other), centre(shape))))
        severity = max(of_shift(distance / diagonal), of_area_share(share) - 1)
        if shape.symbol:
            category = SvgCategory.TEXT_SYMBOL
    else:
        # Deviation against the shape's own size says how wrong it is, the area how visible.
        severity = min(2 if found.distance_px / size < 0.5 else 3, of_area_share(share))
    return Found(
        category,
        max(1, severity),
        shape.where,
        f"{shape.name} is {found.words(shape, other)}",
        (shape, other),
    )

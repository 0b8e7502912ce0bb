"""Finds places where a drawing shows another symbol than the reference does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from annotators.structural.severity import of_area_share
from annotators.structural.svg.geometry import OutlineChange
from annotators.structural.svg.ledger import FoundDifference, PixelLedger
from annotators.structural.svg.matching import Pair
from annotators.structural.svg.shapes import IconScene, IconShape
from records.taxonomy import SvgCategory


def replaced(
    first: IconScene,
    second: IconScene,
    pairs: list[Pair],
    changes: Mapping[int, OutlineChange],
    ledger: PixelLedger,
) -> set[int]:
    """Add each place that shows another symbol; return the ids of the shapes that this explains."""
    ours, theirs = _symbols(first), _symbols(second)
    signs = [(one.symbol, two.symbol) for one, two in pairs if one.symbol and two.symbol]
    # A sign of which one part alone is drawn by a `use` of its own is the same sign.
    kept = {one for one, two in signs if _name(one) == _name(two)}
    known = {_name(name) for name in ours}
    partner = {one: two for one, two in signs if one not in kept}
    paired = {id(side) for pair in pairs for side in pair}
    free = [
        name
        for name, shapes in theirs.items()
        if name not in partner.values() and not any(id(shape) in paired for shape in shapes)
    ]
    reported: set[int] = set()
    for name, shapes in ours.items():
        new = partner.get(name)
        if name in kept:
            continue
        if new is None and free and not any(id(shape) in paired for shape in shapes):
            new = free.pop(0)
        if new is None or _name(new) == _name(name) or _name(new) not in known:
            continue
        members = [*shapes, *theirs.get(new, [])]
        redrawn = any(id(side) not in paired or side.symbol == "" for side in members) or any(
            shape.index in changes for shape in shapes
        )
        if not redrawn:
            continue  # The same symbol under another name.
        lead = max(shapes, key=lambda shape: shape.area)
        area = sum(shape.changed for shape in members) / 2
        ledger.add(
            FoundDifference(
                SvgCategory.TEXT_SYMBOL,
                max(2, of_area_share(area / (first.width_px * first.height_px))),
                lead.where,
                f"the symbol with the {lead.name} is another one",
                tuple(members),
            )
        )
        reported |= {id(shape) for shape in members}
    return reported


def _symbols(drawing: IconScene) -> dict[str, list[IconShape]]:
    result: dict[str, list[IconShape]] = defaultdict(list)
    for shape in drawing.shapes:
        if shape.symbol:
            result[shape.symbol].append(shape)
    return result


def _name(symbol: str) -> str:
    return symbol.rpartition("#")[0]

"""How a text of an SVG differs: words, size, weight, font, place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from annotators.structural.severity import of_shift, of_size_change, of_text_change
from annotators.structural.svg.geometry import Points, centre, move_words
from annotators.structural.svg.ledger import FoundDifference
from annotators.structural.svg.shapes import IconShape
from records.taxonomy import SvgCategory

GROWS = 0.15
"""Share of its size by which a text may be smaller, or larger, than the shapes it goes with."""


def text_changes(
    shape: IconShape, other: IconShape, carriers: list[Points]
) -> Iterator[FoundDifference]:
    if bool(shape.area) != bool(other.area):
        # Under another shape, or on a ground of its color.
        gone = not other.area
        yield FoundDifference(
            SvgCategory.TEXT_SYMBOL,
            3 if gone else 2,
            shape.where,
            f"{shape.name} is {'missing' if gone else 'extra'}",
            (shape, other),
        )
        return
    before, after = shape.element, other.element
    said = before.text != after.text
    carrier = next((matrix for matrix in carriers if carried(matrix, shape, other)), None)
    grown = 1.0 if carrier is None else float(abs(np.linalg.det(carrier[:, :2]))) ** 0.5
    if said:
        yield FoundDifference(
            SvgCategory.TEXT_SYMBOL,
            of_text_change(before.text, after.text),
            shape.where,
            f"text reads {after.text[:80]!r} instead of {before.text[:80]!r}",
            (shape, other),
        )
    size, new_size = shape.number("font_size"), other.number("font_size")
    if size and abs(new_size / size - 1) > 0.02 and abs(new_size / size / grown - 1) > 0.05:
        yield FoundDifference(
            SvgCategory.TEXT_SYMBOL,
            of_size_change(size, new_size),
            shape.where,
            f"{shape.name} is set in {new_size:.0f} px instead of {size:.0f} px",
            (shape, other),
        )
        return
    for name, one, two in (("bold", "bold", "regular"), ("italic", "italic", "upright")):
        if before.style.get(name) != after.style.get(name):
            words = (one, two) if after.style.get(name) else (two, one)
            yield FoundDifference(
                SvgCategory.TEXT_SYMBOL,
                1,
                shape.where,
                f"{shape.name} is {words[0]} instead of {words[1]}",
                (shape, other),
            )
    if shape.look("font") != other.look("font"):
        yield FoundDifference(
            SvgCategory.TEXT_SYMBOL,
            1,
            shape.where,
            f"{shape.name} is set in {other.look('font')!r} instead of {shape.look('font')!r}",
            (shape, other),
        )
    if said or carrier is not None or shape.box is None or other.box is None:
        return
    moved = move_words(centre(shape), centre(other))
    if moved and before.style.get("bold") == after.style.get("bold"):
        distance = np.hypot(*np.subtract(centre(other), centre(shape)))
        yield FoundDifference(
            SvgCategory.TEXT_SYMBOL,
            of_shift(float(distance) / float(np.hypot(*shape.picture))),
            shape.where,
            f"{shape.name} is {moved}",
            (shape, other),
        )


def carried(matrix: Points, shape: IconShape, other: IconShape) -> bool:
    """True if a text went where ``matrix`` takes it, and grew as much."""
    x, y = centre(shape)
    place = matrix[:, :2] @ np.array([x, y]) + matrix[:, 2]
    grown = shape.number("font_size") * float(abs(np.linalg.det(matrix[:, :2]))) ** 0.5
    near = np.hypot(*(place - centre(other))) < 4
    return bool(near and abs(other.number("font_size") - grown) <= GROWS * grown)

"""Compares texts of an SVG: words, size, weight, font, place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from annotators.structural.severity import of_shift, of_size_change, of_text_change
from annotators.structural.svg.geometry import center
from annotators.structural.svg.ledger import FoundDifference
from annotators.structural.svg.shapes import IconShape, where_all
from annotators.structural.svg.transforms import Points
from annotators.structural.svg.words import (
    move_words,
    other_face,
    percent,
    several,
    spacing,
    turned,
)
from annotators.structural.visibility import PLACE_PX
from records.taxonomy import SvgCategory

GROWS = 0.15
"""A text that moves with shapes may scale differently from them by at most this share."""


def text_changes(
    shape: IconShape, other: IconShape, carriers: list[Points]
) -> Iterator[FoundDifference]:
    """The changes of a text; its place is reported only if words and size are unchanged.

    Args:
        carriers: Transforms of moved shapes; a text may move with them.
    """
    if bool(shape.area) != bool(other.area):
        # Hidden by another shape, or on a background of its color.
        words = f"{shape.name} is {'extra' if other.area else 'missing'}"
        yield _text(shape, other, 2 if other.area else 3, words)
        return
    before, after = shape.element.text, other.element.text
    carrier = next((matrix for matrix in carriers if carried(matrix, shape, other)), None)
    if before != after:
        words = f"text reads {after[:80]!r} instead of {before[:80]!r}"
        yield _text(shape, other, of_text_change(before, after), words)
    size, new_size = shape.number("font_size"), other.number("font_size")
    grown = 1.0 if carrier is None else float(abs(np.linalg.det(carrier[:, :2]))) ** 0.5
    if size and abs(new_size / size - 1) > 0.02 and abs(new_size / size / grown - 1) > 0.05:
        words = f"{shape.name} is written {percent(new_size / size)}"
        yield _text(shape, other, of_size_change(size, new_size), words)
        return
    face = other_face(shape.element, other.element)
    if face:
        yield _text(shape, other, 1, f"{shape.name} is {face}")
    turned = _turn(shape, other, carrier)
    if turned:
        yield _text(shape, other, 2, f"{shape.name} is {turned}")
        return
    boxes = shape.bounds, other.bounds
    if before == after and boxes[0] and boxes[1] and not face and not shape.number("turned"):
        apart = spacing(before, boxes[0], boxes[1], shape.picture, grown)
        if apart:
            yield _text(shape, other, 1, f"{shape.name} {apart}")
            return
    if before != after or face or carrier is not None or shape.box is None or other.box is None:
        return
    moved = move_words(*np.subtract(center(other), center(shape)))
    distance = float(np.hypot(*np.subtract(center(other), center(shape))))
    if distance >= PLACE_PX:
        grade = of_shift(distance / float(np.hypot(*shape.picture)))
        yield _text(shape, other, grade, f"{shape.name} is {moved}")


def together(labels: Iterable[FoundDifference]) -> list[FoundDifference]:
    """The same labels; texts of which the same is said are one."""
    groups: dict[str, list[FoundDifference]] = defaultdict(list)
    for label in labels:
        groups[label.description.removeprefix(label.shapes[0].name)].append(label)
    result = []
    for words, members in groups.items():
        shapes = tuple(shape for label in members for shape in label.shapes)
        lead = max(members, key=lambda label: label.severity)
        if len(members) > 1 and words.startswith(" is "):
            name = several(len(members), "text")
            spot = where_all(name, shapes[::2])
            words = f"{name} are {words.removeprefix(' is ')}"
            lead = replace(lead, location=spot, description=words, shapes=shapes)
            result.append(lead)
        else:
            result += members
    return result


def _text(shape: IconShape, other: IconShape, severity: int, words: str) -> FoundDifference:
    return FoundDifference(SvgCategory.TEXT_SYMBOL, severity, shape.where, words, (shape, other))


SEEN_DEGREES = 2.0
"""Turn of a text that a person sees."""


def _turn(shape: IconShape, other: IconShape, carrier: Points | None) -> str:
    """How a text is turned or mirrored, besides what the shapes that carry it are; or nothing."""
    linear = np.eye(2) if carrier is None else carrier[:, :2]
    flipped = bool(shape.element.style.get("mirrored")) != bool(other.element.style.get("mirrored"))
    if flipped != (np.linalg.det(linear) < 0):
        return "mirrored"
    if flipped:
        return ""
    angle = other.number("turned") - shape.number("turned")
    angle -= float(np.degrees(np.arctan2(linear[1, 0], linear[0, 0])))
    angle = (angle + 180) % 360 - 180
    if abs(angle) < SEEN_DEGREES:
        return ""
    return turned(angle)


def carried(matrix: Points, shape: IconShape, other: IconShape) -> bool:
    """True if ``matrix`` explains the new place and size of a text."""
    x, y = center(shape)
    place = matrix[:, :2] @ np.array([x, y]) + matrix[:, 2]
    grown = shape.number("font_size") * float(abs(np.linalg.det(matrix[:, :2]))) ** 0.5
    near = np.hypot(*(place - center(other))) < 4
    return bool(near and abs(other.number("font_size") - grown) <= GROWS * grown)

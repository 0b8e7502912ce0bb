"""Finds eyes, mouth, face and hair of drawn faces by their places.

Two small dark marks of equal size, side by side near the center of an area, are eyes; then the area
is a face, the mark below them a mouth, and the area at its top hair.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from annotators.structural.svg.seen.areas import SeenArea, SeenIcon
from annotators.structural.svg.seen.fits import widths
from records.rows import Box

EYE_SHARE = 0.06
"""Part of a face that an eye takes at most."""
LEAST_SHARE = 0.002
DARK = 90.0
"""Largest mean channel (0-255) of an eye."""
ALIKE = 1.5
MIDDLE = 0.12
"""Largest distance of a feature from the center, as a share of the face's width."""
HAIR_SHARE = 0.12
SOLID = 0.15
"""Greatest thickness that hair has at least, as a share of its shorter side; what is thinner is the outline of a head."""

Faces = list[tuple[str, Box]]


@lru_cache(maxsize=16)
def faces(seen: SeenIcon) -> Faces:
    """Name and box of each part of each face in a picture; kept for all that is named in it."""
    areas = seen.drawn
    found: Faces = []
    marks = [
        area for area in areas if not area.ground and area.color.mean() < DARK and _round(area)
    ]
    for one, two in combinations(marks[:40], 2):
        left, right = sorted((one, two), key=lambda area: area.box[0])
        face = _face(left, right, areas)
        if face is not None:
            found += [("left eye", left.box), ("right eye", right.box), ("face", face.box)]
            found += _mouth(left, right, face, areas) + _hair(left, face, areas)
    return found


def part_of_face(area: SeenArea, known: Faces) -> str:
    """The name of an area that is part of a face; else empty."""
    for name, box in known:
        if max(abs(a - b) for a, b in zip(area.box, box, strict=True)) <= 2:
            return name
    return ""


def _round(area: SeenArea) -> bool:
    height, width = area.mask.shape
    return height > 4 and bool(0.6 < height / width < 2.5 and area.area > 0.55 * height * width)


def _center(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _size(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _face(left: SeenArea, right: SeenArea, areas: Sequence[SeenArea]) -> SeenArea | None:
    """The area behind both eyes, if they are a pair."""
    (x, y), (x2, y2) = _center(left.box), _center(right.box)
    (width, height), (width2, height2) = _size(left.box), _size(right.box)
    even = max(width, width2) < ALIKE * min(width, width2) and (
        max(height, height2) < ALIKE * min(height, height2)
    )
    if not even or abs(y - y2) > 0.35 * height or not 1.3 * width < x2 - x < 7 * width:
        return None
    for area in sorted(areas, key=lambda area: area.area):
        low, top, high, bottom = area.box
        shares = left.area / area.area, right.area / area.area
        if area.ground or max(shares) > EYE_SHARE or min(shares) < LEAST_SHARE:
            continue
        if abs((x + x2) / 2 - (low + high) / 2) > MIDDLE * (high - low):
            continue
        if not (low < x and x2 < high and 0.1 < (y - top) / (bottom - top) < 0.7):
            continue
        rows, columns = area.part
        spots = [(int(y) - rows.start, int(at) - columns.start) for at in (x, x2)]
        if all(area.filled[spot] and not area.mask[spot] for spot in spots):
            return area
    return None


def _mouth(left: SeenArea, right: SeenArea, face: SeenArea, areas: Sequence[SeenArea]) -> Faces:
    middle = (left.box[0] + right.box[2]) / 2
    width = _size(face.box)[0]
    below = [
        area.box
        for area in areas
        if area not in (left, right, face)
        and LEAST_SHARE < area.area / face.area < 0.3
        and abs(_center(area.box)[0] - middle) < MIDDLE * width
        and left.box[3] < _center(area.box)[1] < face.box[3] - 0.05 * width
        and _size(area.box)[0] > _size(area.box)[1]
    ]
    return [("mouth", max(below, key=lambda box: box[3]))] if below else []


def _hair(eye: SeenArea, face: SeenArea, areas: Sequence[SeenArea]) -> Faces:
    left, top, right, bottom = face.box
    over = [
        area
        for area in areas
        if area is not face
        and not area.ground
        and area.area > HAIR_SHARE * face.area
        and area.box[1] < top < area.box[3] + 0.1 * (bottom - top)
        and widths(area.mask)[1] > SOLID * min(area.mask.shape)
        and _overlap(area.box, face.box) > 0.7 * (right - left)
        and (
            np.nonzero(area.mask)[0].mean() + area.box[1] < eye.box[1]
            or (area.box[0] < left and right < area.box[2] and eye.box[3] < area.box[3])
        )
    ]
    return [("hair", max(over, key=lambda area: area.area).box)] if over else []


def _overlap(one: Box, two: Box) -> float:
    return min(one[2], two[2]) - max(one[0], two[0])

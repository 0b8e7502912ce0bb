"""What a person calls an area: color as seen, form, and which of several alike it is."""

from __future__ import annotations

from functools import lru_cache
from math import pi

import numpy as np

from annotators.structural.colors import color_name
from annotators.structural.svg.masks import Mask, count, filled, packed, unpacked, widened
from annotators.structural.svg.outlines import even, runs_of
from annotators.structural.svg.seen.areas import SeenArea, SeenIcon, drawn_in, framed
from annotators.structural.svg.seen.faces import faces, part_of_face
from annotators.structural.svg.seen.fits import widths
from annotators.structural.svg.words import form, place
from records.rows import Box

RING = 0.62
"""An outline is hollow if it fills less than this share of its silhouette."""
OUTLINE = 0.1
"""Largest thickness of what is called an outline, as a share of its shorter side."""
MOSTLY = 0.6
"""Least share of what lies along a line that is one thing for the line to be its outline."""
WITHIN = 0.8
"""Share of what lies along a line from which the line is drawn on that thing, not around it."""
SIBLING_RATIO = 1.4
WARM = ("yellow", "gold", "orange", "red")
"""Colors of a shape with rays that is called a sun."""
TIPS_PX = 12
TURNS = 96
RAYS = 8
"""A star with at least this many tips is a sun."""
MOST_TIPS = 20
SQUARE, DISK = 0.6, 0.7
"""Part of its box from which a form of four tips is a square with notches, and of more a ragged disk."""
TIPPED = 0.075
"""An outline has tips if its waves are at least this deep, as a share of the radius."""


def name_of(area: SeenArea, seen: SeenIcon) -> str:
    """Color and form: "red circle", "text 'NEW'"."""
    text = text_of(area, seen)
    if text:
        return f"text {text[:40]!r}"
    part = part_of_face(area, faces(seen))
    color, kind = color_name(area.hex), kind_of(area, seen)
    if kind == "sun" and not color.endswith(WARM):
        kind = "shape"
    return part or f"{color} {kind}"


def line_name(area: SeenArea, seen: SeenIcon) -> str:
    """The name of a line by what it surrounds, if that is mostly one thing."""
    color = color_name(area.hex)
    frame, mine = framed(area, seen)
    beside = widened(mine, 3) & ~widened(mine, 1)
    held = [(count(beside & drawn_in(frame, [one])), at) for at, one in enumerate(seen.drawn)]
    others = [(most, at) for most, at in held if not seen.drawn[at].ground]
    most, at = max(others, default=(0, 0))
    within = most > WITHIN * count(beside)
    name = name_of(seen.drawn[at], seen) if most else ""
    if within or most <= MOSTLY * sum(pixels for pixels, _ in others) or name.endswith("outline"):
        closed = kind_of(area, seen)
        return f"{color} {closed if closed in ('ring', 'frame', 'outline') else 'line'}"
    return f"{color} outline of the {name.replace(' line', ' shape')}"


def text_of(area: SeenArea, seen: SeenIcon) -> str:
    """The text of an area of letters; else empty."""
    return " ".join(
        seen.items[item].text for item in area.items if seen.items[item].role == "text"
    ).strip()


def kind_of(area: SeenArea, seen: SeenIcon) -> str:
    """Circle, square, ring, line, ... by the silhouette; stars and the like by their outline."""
    kind = silhouette(area.mask)
    if kind not in ("shape", "line") or len(area.items) != 1:
        return kind
    runs = runs_of(seen.items[area.items[0]])
    if len(runs) != 1 or seen.items[area.items[0]].style.get("fill") == "none":
        return kind
    low, high = runs[0].min(axis=0), runs[0].max(axis=0)
    own = np.array(area.box)
    if np.abs(np.concatenate((low, high)) - own).max() > 3:
        return kind
    named = form(even(runs, closed=True), True, runs)
    return named if named in ("star", "triangle", "polygon") else kind


def silhouette(mask: Mask) -> str:
    """The name of a mask's form."""
    return _silhouette(packed(mask), mask.shape)


@lru_cache(maxsize=256)
def _silhouette(pixels: bytes, shape: tuple[int, int]) -> str:
    """`silhouette`, cached."""
    mask, (height, width) = unpacked(pixels, shape), shape
    solid = filled(mask)
    area, whole = count(mask), count(solid)
    long, short = max(height, width), min(height, width)
    if area < RING * whole:
        body = _body(solid)
        other = "outline" if widths(mask)[0] < OUTLINE * short else "shape"
        return {"circle": "ring", "ellipse": "ring", "square": "frame", "rectangle": "frame"}.get(
            body, other
        )
    body = _body(solid)
    if body in ("circle", "ellipse"):
        return body
    if body in ("square", "rectangle"):
        return "bar" if long > 4 * short else body
    tips = tips_of(solid)
    if tips:
        return "star" if tips < RAYS else "sun"
    thick, thickest = widths(mask)
    length = area / max(thick, 1.0)
    straight = thickest < 1.3 * short and length > 0.8 * np.hypot(height, width)
    slim = thick < 0.2 * long
    if (
        slim
        and length > 5 * thick
        and thickest < 1.45 * thick + 1
        and (straight or thick < 0.3 * short)
    ):
        return "line"
    return "shape"


def tips_of(filled: Mask) -> int:
    """Number of evenly distributed tips or rays of a form; 0 if it has none."""
    if min(filled.shape) < TIPS_PX or not 0.7 < filled.shape[0] / filled.shape[1] < 1.4:
        return 0
    rows, columns = np.nonzero(filled)
    y, x = rows - rows.mean(), columns - columns.mean()
    turn = ((np.arctan2(y, x) / (2 * pi)) % 1 * TURNS).astype(int)
    reach = np.zeros(TURNS)
    np.maximum.at(reach, turn, np.hypot(x, y))
    waves = np.abs(np.fft.rfft(reach))[: MOST_TIPS + 1] / reach.sum()
    at = int(waves[4:].argmax()) + 4
    alone = waves[at] > 2 * np.delete(waves[1:], at - 1)[: at - 1].max(initial=0.0)
    compact = filled.mean() > (SQUARE if at == 4 else DISK)
    return at if waves[at] > TIPPED and alone and not compact else 0


def _body(filled: Mask) -> str:
    height, width = filled.shape
    share = count(filled) / filled.size
    even_sided = abs(height - width) <= max(0.06 * max(height, width), 1.5)
    if share > 0.95:
        return "square" if even_sided else "rectangle"
    if abs(share - pi / 4) < 0.035 and min(height, width) > 4:
        y = (np.arange(height) + 0.5) / height * 2 - 1
        x = (np.arange(width) + 0.5) / width * 2 - 1
        disk = y[:, None] ** 2 + x[None] ** 2 <= 1
        if count(disk ^ filled) < 0.07 * count(filled) + 4:
            return "circle" if even_sided else "ellipse"
    return "shape"


def where(name: str, box: Box, seen: SeenIcon) -> str:
    """Name and place."""
    height, width = seen.item.shape
    spot = place(box, width, height)
    return name if spot == "whole picture" else f"{name} at {spot}"


def distinct(name: str, area: SeenArea, seen: SeenIcon) -> str:
    """The name, with "left", "upper", ... if the picture has a second such thing."""
    if not area.items or part_of_face(area, faces(seen)):
        return name
    alike = [_box(area.box), *(_box(seen.items[at].box) for at in _siblings(area, seen))]
    if len(alike) != 2:
        return name
    (x, y), (x2, y2) = alike
    if abs(x - x2) >= abs(y - y2):
        return f"{'left' if x < x2 else 'right'} {name}"
    return f"{'upper' if y < y2 else 'lower'} {name}"


def _box(box: Box | None) -> tuple[float, float]:
    assert box is not None
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _siblings(area: SeenArea, seen: SeenIcon) -> list[int]:
    """Other elements of similar size with equal paint."""
    own = np.subtract(area.box[2:], area.box[:2])
    sizes = seen.boxes[:, 2:] - seen.boxes[:, :2]
    close = np.maximum(own, sizes) <= SIBLING_RATIO * np.minimum(own, sizes) + 2
    style = seen.items[area.items[0]].style
    return [
        at
        for at in np.flatnonzero(close.all(axis=1)).tolist()
        if at not in area.items
        and all(style.get(key) == seen.items[at].style.get(key) for key in ("fill", "stroke"))
    ]

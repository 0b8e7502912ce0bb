"""Compares the bodies in nets of lines: black hair is one area with the black outline of a face."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from annotators.structural.svg.masks import EIGHT, Mask, count, filled, padded, rounded
from annotators.structural.svg.seen.fits import thickness
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.lines import of_pixels, pen_of, without
from annotators.structural.svg.seen.things import Thing

THICK = 1.2
"""Least distance of a body's middle from its edge, in thicknesses of the lines around it."""
LIKE_PEN = 0.7
"""Lines of less than this share of the other picture's thickness are another pen."""
SOLID = 0.9
"""Least share of its silhouette that a thing without openings takes: its thick part is no other thing."""
BODY = 20.0
"""Least size of a body, in squares of that thickness."""


def with_bodies(known: list[Thing], scenes: Scenes) -> tuple[list[Thing], list[Thing]]:
    """All things, the bodies in nets of lines apart from these; and the nets."""
    result, nets = [], []
    for thing in known:
        if pen_of(thing, scenes) is None:
            result.append(thing)
            continue
        apart = _bodies(thing)
        net = without(thing, apart)
        solid = any(count(mask) > SOLID * count(filled(mask)) for mask in (thing.old, thing.new))
        if net is None or (apart and solid):
            result.append(thing)
            continue
        nets.append(net)
        result += [net, *apart]
    return result, nets


def _bodies(thing: Thing) -> list[Thing]:
    """What is much thicker than the lines that it is joined with, in either picture, matched by place."""
    pens = [thickness(mask) for mask in (thing.old, thing.new) if mask.any()]
    thick = max(min(pens), LIKE_PEN * max(pens))
    old, new = (_thick_parts(mask, thick) for mask in (thing.old, thing.new))
    labels, number = ndimage.label(old | new, EIGHT)
    found = []
    for at in range(1, number + 1):
        here = labels == at
        before = of_pixels(thing.before, thing, old & here)
        after = of_pixels(thing.after, thing, new & here)
        pixels = count((old ^ new) & here)
        if max(count(old & here), count(new & here)) > BODY * thick**2 and pixels:
            found.append(Thing(before, after, thing.shape, moved_px=pixels))
    return found


def _thick_parts(mask: Mask, thick: float) -> Mask:
    reach = THICK * thick
    wide = padded(mask, int(reach) + 2)
    inner = ~rounded(~wide, reach)
    if not inner.any():
        return np.zeros(mask.shape, bool)
    edge = int(reach) + 2
    return np.asarray(rounded(inner, reach + 1)[edge:-edge, edge:-edge] & mask)

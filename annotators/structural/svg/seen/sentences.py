"""What a viewer sees of a changed outline, as the end of a sentence about the thing."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from annotators.structural.svg.seen.areas import SPECK_PX, Mask, widened
from annotators.structural.svg.seen.fits import Fit, agree, bounds, unlike
from annotators.structural.svg.seen.labels import Scenes
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import percent, place

HOLE_SHARE = 0.02
"""Part of a thing that an opening must take to be spoken of."""
SEEN_SCALE = 0.03
OTHER_FORM = 0.45
"""Misfit, place and size aside, from which hardly anything of an outline is left."""
DRIFT_PX = 8.0
"""Shift of a thing from which its place is worth a word beside its size."""


def words_of(found: Fit, thing: Thing, holes: tuple[int, int], scenes: Scenes) -> str:
    """What a viewer sees, as the end of a sentence about the thing."""
    if found.kind == "moved":
        return f"is {move_words(found.across_px, found.down_px) or 'a little off its place'}"
    if found.kind == "thickness":
        ratio = found.thicker
        how = f"{percent(ratio)}".replace("larger", "thicker").replace("smaller", "thinner")
        if 1.7 < ratio < 2.4:
            how = "about twice as thick"
        elif 0.42 < ratio < 0.6:
            how = "about half as thick"
        return f"is drawn with a line {how.replace('as large', 'as thick')}"
    tail = drift_words(found)
    if found.kind == "resized":
        return f"is {percent(found.scale)}{tail}"
    if found.kind == "rotated":
        side = "clockwise" if found.angle > 0 else "counterclockwise"
        size = f", {percent(found.scale)}" if abs(found.scale - 1) > 2 * SEEN_SCALE else ""
        return f"is turned by {abs(found.angle):.0f}° {side}{size}{tail}"
    if found.kind == "mirrored":
        return f"is mirrored{tail}"
    sizes = size_words(found)
    if found.kind == "stretched":
        return f"is {sizes or 'a little out of shape'}{tail}"
    opened = int((filled(thing.new) & ~thing.new).sum()) - int(
        (filled(thing.old) & ~thing.old).sum()
    )
    seen = abs(opened) > max(2 * SPECK_PX, HOLE_SHARE * thing.old.sum())
    if holes[1] != holes[0] and seen and agree(filled(thing.old), filled(thing.new)):
        return (
            "has an opening filled in"
            if holes[1] < holes[0]
            else "has an opening it should not have"
        )
    if unlike(thing.old, thing.new) > OTHER_FORM:
        return f"has quite another form{tail}"
    piece = _piece_words(thing)
    if sizes:
        return f"has another outline: it is {sizes}{tail}"
    return piece


def drift_words(found: Fit) -> str:
    """Where a thing that changed in another way also went, as the end of a sentence."""
    parts = []
    if abs(found.across_px) > DRIFT_PX:
        parts.append(f"further {'right' if found.across_px > 0 else 'left'}")
    if abs(found.down_px) > DRIFT_PX:
        parts.append("lower" if found.down_px > 0 else "higher")
    return f" and sits {' and '.join(parts)}" if parts else ""


def filled(mask: Mask) -> Mask:
    return np.asarray(ndimage.binary_fill_holes(mask))


def size_words(found: Fit) -> str:
    """How width and height changed."""
    parts = []
    for scale, more, less in (
        (found.scale_x, "wider", "narrower"),
        (found.scale_y, "taller", "shorter"),
    ):
        if scale > 1 + SEEN_SCALE:
            parts.append(
                f"{(scale - 1) * 100:.0f} % {more}"
                if scale < 2
                else f"{scale:.1f} times as {'wide' if more == 'wider' else 'tall'}"
            )
        elif scale < 1 - SEEN_SCALE:
            parts.append(f"{(1 - scale) * 100:.0f} % {less}")
    return " and ".join(parts)


def _piece_words(thing: Thing) -> str:
    """Where a piece of a thing is gone or came in."""
    reach = 2 if min(thing.old.shape) > 30 else 1
    lost, gained = thing.old & ~widened(thing.new, reach), thing.new & ~widened(thing.old, reach)
    worse = lost if lost.sum() >= gained.sum() else gained
    if worse.sum() < 2:
        return "has a slightly different edge"
    labels, _ = ndimage.label(worse, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    blob = bounds(labels == 1 + int(sizes.argmax()))
    height, width = thing.old.shape
    spot = place(blob, width, height)
    whole = spot in ("whole picture",)
    at = "all around" if whole else f"at its {spot}" if spot != "center" else "in its middle"
    clear = 0.75 * worse.sum() < sizes.max() and 3 * min(lost.sum(), gained.sum()) < worse.sum()
    if clear and worse is lost:
        return f"lacks a piece {at}"
    if clear:
        return f"has an additional piece {at}"
    return f"has a different outline, most of all {at}" if not whole else "has a different outline"


def move_words(across: float, down: float) -> str:
    """How far to which side; empty where it is less than a pixel."""
    parts = []
    if abs(across) >= 1:
        parts.append(f"{abs(across):.0f} px {'right' if across > 0 else 'left'}")
    if abs(down) >= 1:
        parts.append(f"{abs(down):.0f} px {'down' if down > 0 else 'up'}")
    return f"moved {' and '.join(parts)}" if parts else ""

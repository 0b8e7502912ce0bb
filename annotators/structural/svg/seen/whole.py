"""Detects a drawing that moved or grew as a whole, which is one difference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from annotators.structural.severity import grade, of_area_share
from annotators.structural.svg.seen.areas import SeenIcon
from annotators.structural.svg.seen.fits import Fit, bounds
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.sentences import SEEN_SCALE, drift_words, move_words, size_words
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import percent
from annotators.structural.visibility import seen_gaps
from records.rows import Box
from records.taxonomy import Severity, SvgCategory

OFF = 60
"""Least channel difference (0-255) that scaling a picture cannot explain."""
UNPREDICTED = 0.06
"""Largest share of changed pixels that a transform of the whole drawing may leave unexplained."""
SEVERE_SHIFT_PX = 24.0, 120.0
"""From these distances a drawing aside of its place gets severity 2 and 3."""
GREATLY = 1.5
"""A size ratio of at least this gets severity 3."""


def whole_drawing(scenes: Scenes) -> SeenLabel | None:
    """The label of a drawing that moved or grew as a whole: so the reference predicts the candidate."""
    one, two = (_drawn(side) for side in (scenes.first, scenes.second))
    if one is None or two is None or max(abs(a - b) for a, b in zip(one, two, strict=True)) < 2:
        return None
    total = next((fit for fit in _likely(one, two, scenes) if _predicts(fit, one, scenes)), None)
    if total is None:
        return None
    severity: int = of_area_share(scenes.differs.mean())
    if 1 / GREATLY < total.scale < GREATLY:
        severity = min(severity, 2)
    if abs(total.scale_x - 1) < SEEN_SCALE and abs(total.scale_y - 1) < SEEN_SCALE:
        severity = of_drawing_shift(total.distance_px)
    thing = Thing([], [], scenes.differs.shape)
    name = "whole drawing"
    return SeenLabel(
        SvgCategory.STRUCTURE, severity, name, "whole picture", _whole_words(total),
        union([one, two]), thing, total, (one, two),
    )  # fmt: skip


def of_drawing_shift(distance_px: float) -> Severity:
    """Severity of a drawing that stands aside as a whole."""
    return grade(distance_px, *SEVERE_SHIFT_PX)


def _likely(one: Box, two: Box, scenes: Scenes) -> Iterator[Fit]:
    """What would take one drawing to the place of the other; a cut off one shows two edges only."""
    left, top, right, bottom = (after - before for before, after in zip(one, two, strict=True))
    yield Fit(
        "stretched",
        (left + right) / 2,
        (top + bottom) / 2,
        (two[2] - two[0]) / (one[2] - one[0]),
        (two[3] - two[1]) / (one[3] - one[1]),
    )
    height, width = scenes.differs.shape
    if two[0] <= 0 or two[1] <= 0 or two[2] >= width or two[3] >= height:
        across = right if two[0] <= 0 else left
        down = bottom if two[1] <= 0 else top
        yield Fit("moved", across, down)


def _predicts(total: Fit, one: Box, scenes: Scenes) -> bool:
    """True if the reference, moved and resized, is the candidate."""
    size = (scenes.differs.shape[1], scenes.differs.shape[0])
    back = (1 / total.scale_x, 1 / total.scale_y)
    x, y = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    matrix = (
        back[0], 0, x - (x + total.across_px) * back[0],
        0, back[1], y - (y + total.down_px) * back[1],
    )  # fmt: skip
    picture = Image.fromarray(scenes.first.rgb)
    picture = picture.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor="white")  # fmt: skip
    off = seen_gaps(np.asarray(picture), scenes.second.rgb) > OFF
    return bool(off.sum() <= UNPREDICTED * scenes.differs.sum())


def _drawn(side: SeenIcon) -> Box | None:
    """Smallest box around all that is drawn."""
    ink = side.root != side.root_of_ground
    return bounds(ink) if ink.any() else None


def _whole_words(total: Fit) -> str:
    sizes = size_words(total)
    if not sizes:
        return f"is {move_words(total.across_px, total.down_px) or 'a little off its place'}"
    if abs(total.scale_x - total.scale_y) < SEEN_SCALE:
        sizes = percent(total.scale)
    return f"is {sizes}{drift_words(total)}"

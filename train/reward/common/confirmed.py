"""How much of a reference chart a picture confirms, whatever the scene of the candidate claims."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from annotators.structural.chart.marks import MARKS
from records.rows import Box
from renderers.contract import Picture
from renderers.scene import Scene
from train.metrics.similarity import outlines_of_both
from train.reward.common.chart import WORDS

FRAME = frozenset({"spine", "axis", "grid"})
"""Roles that any chart has: what is drawn there confirms nothing."""
NEAR_PX = 2
"""Pixels of a picture of 512 by which an outline may lie aside."""


def confirmed_share(reference: tuple[Picture, Scene], candidate: Picture) -> float:
    """F1 of the outlines of marks and words that both pictures have, 0 to 1.

    Only the reference's scene is asked where marks and words are: it comes from the dataset's program.
    Frames, ticks and grids are left out on both sides.
    """
    picture, scene = reference
    mine, theirs = outlines_of_both(picture.png, candidate.png)
    scale = mine.shape[1] / max(1, scene.width_px)
    content, frame = np.zeros_like(mine), np.zeros_like(mine)
    for element in scene.root.walk():
        if element.box is not None and (element.role in MARKS or element.role in WORDS):
            _fill(content, element.box, scale)
    for element in scene.root.walk():
        if element.box is not None and element.role in FRAME:
            _fill(frame, element.box, scale)
    mine = mine & content & ~frame
    theirs = theirs & ~frame
    near = np.ones((2 * NEAR_PX + 1, 2 * NEAR_PX + 1), bool)
    drawn = int(mine.sum() + theirs.sum())
    if not drawn or not mine.any():
        return 1.0 if not mine.any() else 0.0
    kept = int((mine & binary_dilation(theirs, near)).sum())
    kept += int((theirs & binary_dilation(mine, near)).sum())
    return kept / drawn


def _fill(mask: NDArray[np.bool_], box: Box, scale: float) -> None:
    left, top, right, bottom = (edge * scale for edge in box)
    mask[
        max(0, int(top)) : int(np.ceil(bottom)) + 1, max(0, int(left)) : int(np.ceil(right)) + 1
    ] = True

"""Measures how well the boxes of labels cover the changed pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.pixels import PixelDifference
from records.rows import Box, Discrepancy
from records.taxonomy import Modality
from renderers.scene import Scene

BLOCK_PX = 4
"""Side of the squares in which boxes and changed regions are compared."""


def but_for_reflow(pixels: PixelDifference, reference: Scene, candidate: Scene) -> PixelDifference:
    """The pixel difference without table cells that only moved because another cell changed.

    A longer word widens its column, and all cells beside it move; that is a consequence, not the error.
    """
    if reference.modality is not Modality.TABLE or not pixels.changed.any():
        return pixels
    ours, theirs = _cells(reference), _cells(candidate)
    changed = pixels.changed.copy()
    for place, box in ours.items():
        other = theirs.get(place)
        if other is not None and max(abs(a - b) for a, b in zip(box, other, strict=True)) > 0.1:
            _clear(changed, box, margin_px=1)
            _clear(changed, other, margin_px=1)
    return replace(pixels, changed=changed) if changed.any() else pixels


def _cells(scene: Scene) -> dict[tuple[object, ...], Box]:
    """Boxes of cells by words, place and looks."""
    return {
        (cell.text, *(str(cell.data.get(n)) for n in ("row", "column")), str(cell.style)): cell.box
        for cell in scene.root.walk()
        if cell.role == "cell" and cell.box is not None
    }


def covered_share(found: Sequence[Discrepancy], pixels: PixelDifference) -> float:
    """Share of the changed pixels that lie in some box."""
    total = int(pixels.changed.sum())
    left = pixels.changed.copy()
    for one in found:
        if one.box is not None:
            _clear(left, one.box)
    return 1 - int(left.sum()) / total if total else 1.0


def _clear(changed: Any, box: Box, margin_px: int = 3) -> None:
    top, bottom = max(0, int(box[1]) - margin_px), int(box[3]) + margin_px + 1
    left, right = max(0, int(box[0]) - margin_px), int(box[2]) + margin_px + 1
    changed[top:bottom, left:right] = False


def box_overlap(found: Sequence[Discrepancy], pixels: PixelDifference) -> float:
    """Intersection over union, 0 to 1, of the boxes and the boxes around changed regions.

    Changed pixels that lie close together are one region; both sides are measured in squares of
    `BLOCK_PX`.
    """
    changed = _blocks(pixels.changed)
    near, _ = ndimage.label(ndimage.binary_dilation(changed, np.ones((3, 3)), iterations=2))
    regions = np.zeros_like(changed)
    for at in ndimage.find_objects(np.where(changed, near, 0)):
        if at is not None:
            regions[at] = True
    boxes = np.zeros_like(changed)
    for one in found:
        if one.box is not None:
            left, top = (int(max(0, edge) // BLOCK_PX) for edge in one.box[:2])
            right, bottom = (int(-(-max(0, edge) // BLOCK_PX)) for edge in one.box[2:])
            boxes[top:bottom, left:right] = True
    union = int((regions | boxes).sum())
    return int((regions & boxes).sum()) / union if union else 1.0


def _blocks(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    height, width = changed.shape
    rows, columns = -(-height // BLOCK_PX), -(-width // BLOCK_PX)
    padded = np.zeros((rows * BLOCK_PX, columns * BLOCK_PX), dtype=bool)
    padded[:height, :width] = changed
    return np.asarray(padded.reshape(rows, BLOCK_PX, columns, BLOCK_PX).any(axis=(1, 3)))

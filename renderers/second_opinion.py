"""How far two renderers agree on a picture; a reference on which they do not is `renderer_dependent`."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from renderers.contract import Picture

STRONG = 64
"""Least difference of a channel (0-255) that anti-aliasing does not explain."""
REACH_PX = 3
"""How far two renderers may put the same edge apart: letters are spaced by hinted widths or not."""
VISIBLY_OTHER = 0.0005
"""Two renderers differ visibly if at least this share of the picture differs: a block of 7 x 7 pixels.

Decision record 10 lists which real icons this drops, and why; record 31 has the figures of real tables.
"""


def pixels_of(picture: Picture) -> NDArray[np.uint8]:
    """``H x W x 3`` bytes of sRGB."""
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image.convert("RGB"))


def visibly_other(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Share of the pixels whose color does not occur nearby in the other picture, of the same size."""
    gap = np.abs(first.astype(np.int16) - second.astype(np.int16)).max(axis=2) > STRONG
    if not gap.any():
        return 0.0
    # Only differing pixels need their neighborhood compared.
    rows, columns = (np.flatnonzero(gap.any(axis=axis)) for axis in (1, 0))
    part = tuple(
        slice(max(0, int(found[0]) - REACH_PX), int(found[-1]) + REACH_PX + 1)
        for found in (rows, columns)
    )
    missing = _not_near(first[part], second[part]) | _not_near(second[part], first[part])
    return float(missing.sum() / gap.size)


def _not_near(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a color lies clearly outside those of the other picture within `REACH_PX`."""
    size = (2 * REACH_PX + 1, 2 * REACH_PX + 1, 1)
    least = ndimage.minimum_filter(other, size=size).astype(np.int16) - STRONG
    most = ndimage.maximum_filter(other, size=size).astype(np.int16) + STRONG
    here = one.astype(np.int16)
    outside: NDArray[np.bool_] = ((here < least) | (here > most)).any(axis=2)
    return outside

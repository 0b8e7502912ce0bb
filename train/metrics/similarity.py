"""Similarity of two pictures without any model: baseline rewards, and a check on judges."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter, sobel

Gray = NDArray[np.float64]

LOOK_PX = 512
"""Longer side of the copies that are compared."""
WINDOW_PX = 11
"""Side of the window of structural similarity."""
OUTLINE = 60
"""Sobel gradient from which a pixel is on an outline; a step between two grays has 4 x it."""


def ssim(reference_png: bytes, candidate_png: bytes) -> float:
    """Mean structural similarity of the gray pictures, -1 to 1; 1 for equal ones.

    The candidate is scaled to the reference's size; sides under `WINDOW_PX` are padded with white.
    Gaussian window of sigma 1.5, as in the paper.

    Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural
    Similarity", by scikit-image.
    """
    from skimage.metrics import structural_similarity  # takes a third of a second to import

    x, y = (
        np.pad(gray, [(0, max(0, WINDOW_PX - side)) for side in gray.shape], constant_values=255)
        for gray in _pair(reference_png, candidate_png)
    )
    return float(
        structural_similarity(  # type: ignore[no-untyped-call]
            x, y, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )


def pixel_likeness(reference_png: bytes, candidate_png: bytes) -> float:
    """1 minus the mean difference of the gray pictures, 0 to 1."""
    x, y = _pair(reference_png, candidate_png)
    return float(1 - np.abs(x - y).mean() / 255)


def outline_agreement(reference_png: bytes, candidate_png: bytes) -> float:
    """Share of the outlines of either picture that the other has within a pixel, 0 to 1.

    Near-copies are close to 1; pictures of different things are far from it, whatever areas of one
    color they share.
    """
    size = _size(reference_png)
    sides = [_outlines(png, size) for png in (reference_png, candidate_png)]
    drawn = found = 0
    for (one, _), (_, near) in (sides, sides[::-1]):
        drawn += int(np.count_nonzero(one))
        found += int(np.count_nonzero(one & near))
    return found / drawn if drawn else 1.0


@lru_cache(maxsize=4)
def _outlines(png: bytes, size: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pixels on an outline of a picture in that size, and those at most one pixel beside them; kept,
    since a reference is compared with many candidates."""
    gray = _gray(png, size)
    outlines = np.hypot(sobel(gray, 0), sobel(gray, 1)) > OUTLINE
    return outlines, maximum_filter(outlines, 3)


def _pair(reference_png: bytes, candidate_png: bytes) -> tuple[Gray, Gray]:
    size = _size(reference_png)
    return _gray(reference_png, size), _gray(candidate_png, size)


def _size(reference_png: bytes) -> tuple[int, int]:
    """Width and height of the copies that are compared: at most `LOOK_PX` on the longer side."""
    with Image.open(io.BytesIO(reference_png)) as image:
        width, height = image.size
    scale = min(1.0, LOOK_PX / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _gray(png: bytes, size: tuple[int, int]) -> Gray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX), np.float64)

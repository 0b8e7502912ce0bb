"""Similarity of two pictures without any model: baseline rewards, and a check on judges."""

from __future__ import annotations

import io

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
    outlines = outlines_of_both(reference_png, candidate_png)
    drawn = found = 0
    for one, other in (outlines, outlines[::-1]):
        drawn += int(one.sum())
        found += int((one & maximum_filter(other, 3)).sum())
    return found / drawn if drawn else 1.0


def outlines_of_both(
    reference_png: bytes, candidate_png: bytes
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pixels on an outline, of copies of one size: at most `LOOK_PX` on the longer side."""
    reference, candidate = _pair(reference_png, candidate_png)
    return _outlines(reference), _outlines(candidate)


def _outlines(gray: Gray) -> NDArray[np.bool_]:
    steep = np.hypot(sobel(gray, 0), sobel(gray, 1))
    return np.asarray(steep > OUTLINE)


def _pair(reference_png: bytes, candidate_png: bytes) -> tuple[Gray, Gray]:
    with Image.open(io.BytesIO(reference_png)) as image:
        reference = image.convert("L")
    with Image.open(io.BytesIO(candidate_png)) as image:
        candidate = image.convert("L")
    scale = min(1.0, LOOK_PX / max(reference.size))
    size = (max(1, round(reference.width * scale)), max(1, round(reference.height * scale)))
    return tuple(  # type: ignore[return-value]
        np.asarray(image.resize(size, Image.Resampling.BOX), dtype=np.float64)
        for image in (reference, candidate)
    )

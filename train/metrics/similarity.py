"""Likeness of two pictures without any model: baselines of rewards, and a check on judges."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, maximum_filter, sobel

Grey = NDArray[np.float64]

LOOK_PX = 512
"""Longer side of the copies that are compared."""
OUTLINE = 60
"""Sobel gradient from which a pixel is on an outline; a step between two greys has 4 x it."""


def ssim(reference_png: bytes, candidate_png: bytes) -> float:
    """Mean structural similarity of the grey pictures, -1 to 1; 1 for equal ones.

    The candidate is scaled to the reference's size. Gaussian window of sigma 1.5.

    Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural
    Similarity", with its constants K1 0.01 and K2 0.03.
    """
    x, y = _pair(reference_png, candidate_png)

    def mean(values: Grey) -> Grey:
        return np.asarray(gaussian_filter(values, 1.5, truncate=3.5))

    x_mean, y_mean = mean(x), mean(y)
    x_var = mean(x * x) - x_mean**2
    y_var = mean(y * y) - y_mean**2
    both = mean(x * y) - x_mean * y_mean
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    index = ((2 * x_mean * y_mean + c1) * (2 * both + c2)) / (
        (x_mean**2 + y_mean**2 + c1) * (x_var + y_var + c2)
    )
    return float(index.mean())


def pixel_likeness(reference_png: bytes, candidate_png: bytes) -> float:
    """1 less the mean difference of the grey pictures, 0 to 1."""
    x, y = _pair(reference_png, candidate_png)
    return float(1 - np.abs(x - y).mean() / 255)


def outline_agreement(reference_png: bytes, candidate_png: bytes) -> float:
    """Share of the outlines of either picture that the other has within a pixel, 0 to 1.

    Near-copies are close to 1; pictures of different things are far from it, whatever areas of one
    colour they share.
    """
    outlines = [_outlines(grey) for grey in _pair(reference_png, candidate_png)]
    drawn = found = 0
    for one, other in (outlines, outlines[::-1]):
        drawn += int(one.sum())
        found += int((one & maximum_filter(other, 3)).sum())
    return found / drawn if drawn else 1.0


def _outlines(grey: Grey) -> NDArray[np.bool_]:
    steep = np.hypot(sobel(grey, 0), sobel(grey, 1))
    return np.asarray(steep > OUTLINE)


def _pair(reference_png: bytes, candidate_png: bytes) -> tuple[Grey, Grey]:
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

"""Structural similarity of pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from train.metrics.similarity import ssim


def png(gray: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(gray.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_flat_pictures_have_the_similarity_of_the_formula() -> None:
    # no variance and no covariance: (2ab + C1) / (a² + b² + C1), C1 = (0.01 * 255)²
    a, b, c1 = 100.0, 150.0, (0.01 * 255) ** 2
    found = ssim(png(np.full((40, 50), a)), png(np.full((40, 50), b)))
    assert found == pytest.approx((2 * a * b + c1) / (a * a + b * b + c1), abs=1e-9)


def test_noise_and_its_negative_are_opposites() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64))
    assert ssim(png(noise), png(noise)) == 1.0
    assert ssim(png(noise), png(255 - noise)) < -0.5


def test_pictures_smaller_than_the_window_are_compared() -> None:
    dark, light = np.zeros((3, 5)), np.full((3, 5), 255)
    assert ssim(png(dark), png(dark)) == 1.0
    assert ssim(png(dark), png(light)) < 0.9

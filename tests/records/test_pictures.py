"""Files of pictures hold the pixels that they were made of."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from records.pictures import picture_hash, pixel_hash, png_of


@pytest.mark.parametrize("size", [(336, 336), (7, 3), (1, 1), (2, 40)])
def test_png_holds_the_pixels(size: tuple[int, int]) -> None:
    width_px, height_px = size
    pixels = np.random.default_rng(0).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)
    png = png_of(pixels.tobytes(), *size, level=2)
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        assert image.mode == "RGB"
        assert (np.asarray(image) == pixels).all()
    if pixels.size > 3:
        assert picture_hash(png) == pixel_hash(pixels.tobytes(), *size)

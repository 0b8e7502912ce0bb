"""Files of pictures hold the pixels that they were made of."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from records.pictures import picture_hash, pixel_hash, pixels_of, png_of


@pytest.mark.parametrize("size", [(336, 336), (7, 3), (1, 1), (2, 40)])
def test_png_holds_the_pixels(size: tuple[int, int]) -> None:
    width_px, height_px = size
    pixels = np.random.default_rng(0).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)
    png = png_of(pixels.tobytes(), *size, level=2)
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        assert image.mode == "RGB"
        assert (np.asarray(image) == pixels).all()
    for file in (png, bytes(bytearray(png))):
        assert (pixels_of(file) == pixels).all()
    if pixels.size > 3:
        assert picture_hash(png) == pixel_hash(pixels.tobytes(), *size)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA"])
def test_files_of_other_writers_are_read_alike(mode: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).convert(mode)
    with io.BytesIO() as memory:
        picture.save(memory, "PNG")
        assert (pixels_of(memory.getvalue()) == np.asarray(picture.convert("RGB"))).all()


@pytest.mark.parametrize("at", [3, 20, 26, 37, 60, -20])
def test_a_damaged_file_is_not_read_as_another_picture(at: int) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    damaged = bytearray(png_of(pixels.tobytes(), 20, 30, level=2))
    damaged[at] ^= 0xFF
    with pytest.raises((OSError, SyntaxError)):
        pixels_of(bytes(damaged))

"""Computes the tokens of a picture after the resize of Qwen3-VL's processor."""

from __future__ import annotations

import io
from math import ceil, floor, sqrt

from PIL import Image

SIDE = 32
"""Pixels a side that one token stands for: patches of 16, merged two by two."""


def tokens_of_picture(width_px: int, height_px: int, min_pixels: int, max_pixels: int) -> int:
    """Tokens of one picture: its sides are rounded to multiples of 32, then scaled into the bounds.

    Source: the resize of Qwen2-VL's and Qwen3-VL's image processors.

    >>> tokens_of_picture(640, 480, 65_536, 1_572_864)
    300
    >>> tokens_of_picture(64, 64, 65_536, 1_572_864), tokens_of_picture(4000, 3000, 65_536, 1_572_864)
    (64, 1485)
    """
    width = max(SIDE, round(width_px / SIDE) * SIDE)
    height = max(SIDE, round(height_px / SIDE) * SIDE)
    area = width_px * height_px
    if width * height > max_pixels:
        by = sqrt(area / max_pixels)
        width, height = (
            max(SIDE, floor(side / by / SIDE) * SIDE) for side in (width_px, height_px)
        )
    elif width * height < min_pixels:
        by = sqrt(min_pixels / area)
        width, height = (ceil(side * by / SIDE) * SIDE for side in (width_px, height_px))
    return width * height // SIDE**2


def size_in(picture: bytes) -> tuple[int, int]:
    """Width and height from the header of a picture file."""
    with Image.open(io.BytesIO(picture)) as image:
        return image.size

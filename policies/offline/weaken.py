"""Degrades a picture before a policy reads it: smaller size, JPEG artifacts."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from policies.offline.ocr import Pixels


def weakened(png: bytes, scale: float, jpeg_quality: int) -> tuple[Pixels, tuple[int, int]]:
    """The picture at a scale and after a JPEG, enlarged to what it was; and its true size.

    Args:
        png: Any picture that PIL opens.
        scale: 1 keeps all pixels.
        jpeg_quality: 1 to 95; 0 leaves the JPEG out.
    """
    with Image.open(io.BytesIO(png)) as source:
        picture = source.convert("RGB")
    size = picture.size
    if scale < 1:
        small = (max(16, round(size[0] * scale)), max(16, round(size[1] * scale)))
        picture = picture.resize(small, Image.Resampling.LANCZOS)
    if jpeg_quality:
        with io.BytesIO() as memory:
            picture.save(memory, "JPEG", quality=jpeg_quality)
            with Image.open(memory) as again:
                picture = again.convert("RGB")
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return np.asarray(picture), size

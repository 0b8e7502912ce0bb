"""Pixel hashes, which identify pictures independently of their files."""

from __future__ import annotations

import hashlib
import io

from PIL import Image


def pixel_hash(rgb: bytes, width_px: int, height_px: int) -> str:
    """Thirty-two hex digits over size and pixels (``H x W x 3``, uint8 sRGB, row by row).

    Files with equal pixels may differ between encoder versions; this hash does not.
    """
    digest = hashlib.sha256(f"{width_px}x{height_px}:".encode())
    digest.update(rgb)
    return digest.hexdigest()[:32]


def picture_hash(data: bytes) -> str:
    """`pixel_hash` of a PNG or JPEG; empty if it does not decode or is of one color only.

    Pictures of one color are placeholders more often than they are content, so they identify nothing.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            rgb = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    pixels = rgb.tobytes()
    blank = pixels == pixels[:3] * (len(pixels) // 3)
    return "" if blank else pixel_hash(pixels, *rgb.size)

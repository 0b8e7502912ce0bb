"""PNGs of pixels, pixels of PNGs, and pixel hashes, which identify pictures independently of their files."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

_written: list[tuple[bytes, NDArray[np.uint8]]] = []
"""The last file of `png_of` and its pixels: what is drawn for a comparison is not decoded."""


def png_of(rgb: bytes, width_px: int, height_px: int, level: int) -> bytes:
    """A PNG of pixels (``H x W x 3``, uint8 sRGB, row by row), rows unfiltered.

    Imaging libraries try five filters on each row; flat colors deflate best without any, in a
    third of the time.

    Args:
        rgb: The pixels.
        width_px: Pixels of a row.
        height_px: Number of rows.
        level: Of deflate, 1 to 9.
    """
    pixels = np.frombuffer(rgb, np.uint8).reshape(height_px, width_px, 3)
    rows = np.zeros((height_px, 1 + 3 * width_px), np.uint8)
    rows[:, 1:] = pixels.reshape(height_px, 3 * width_px)
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.data, level)
    png = PNG_MAGIC + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    )
    _written[:] = [(png, pixels)]
    return png


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    """The pixels of an opaque picture, ``H x W x 3`` uint8 sRGB, perhaps read-only.

    Raises:
        OSError: it is no picture, or a damaged one.
    """
    for known, pixels in _written:
        if png is known:
            return pixels
    own = _unfiltered(png)
    if own is not None:
        return own
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


_HEADER = struct.Struct(">8s8xII5s4xI4s")
"""What precedes the pixels in a file of `png_of`: magic, size, kind of color, length and name of the data."""
_MOST_PIXELS = 2**25


def _unfiltered(png: bytes) -> NDArray[np.uint8] | None:
    """`pixels_of` a file that `png_of` wrote, in less than half the time; None for any other."""
    if len(png) < _HEADER.size:
        return None
    magic, width, height, color, length, name = _HEADER.unpack_from(png)
    if (magic, color, name) != (PNG_MAGIC, b"\x08\x02\0\0\0", b"IDAT"):
        return None
    size = height * (1 + 3 * width)
    if len(png) != _HEADER.size + length + 16 or width * height > _MOST_PIXELS:
        return None
    inflating = zlib.decompressobj()
    try:
        data = inflating.decompress(memoryview(png)[_HEADER.size :][:length], size + 1)
    except zlib.error:
        return None
    if len(data) != size or not inflating.eof:
        return None
    rows = np.frombuffer(data, np.uint8).reshape(height, 1 + 3 * width)
    return None if rows[:, 0].any() else rows[:, 1:].copy().reshape(height, width, 3)


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

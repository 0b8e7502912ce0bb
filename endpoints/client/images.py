"""Prepares pictures for a model: bounded in size, lossless, encoded once."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """A picture inside a request."""

    uri: str
    """`data:image/png;base64,...`"""
    width_px: int
    height_px: int


def encode(pngs: Sequence[bytes], longest_px: int) -> tuple[EncodedImage, ...]:
    """Pictures that are shown together, all scaled by one factor, none longer than ``longest_px``.

    One factor, because a reference of 1,200 px and a candidate of 1,190 px must not come out at the
    same size with letters of different size. A picture that is small enough is sent as it is.

    Raises:
        ValueError: ``longest_px`` is not positive.
    """
    if longest_px < 1:
        raise ValueError(f"pictures of {longest_px} px cannot be sent")
    sizes = [_size(png) for png in pngs]
    longest = max((side for size in sizes for side in size), default=1)
    if longest <= longest_px:
        return tuple(_encoded(png, size) for png, size in zip(pngs, sizes, strict=True))
    return tuple(
        _encoded(
            png,
            (
                max(1, round(width * longest_px / longest)),
                max(1, round(height * longest_px / longest)),
            ),
        )
        for png, (width, height) in zip(pngs, sizes, strict=True)
    )


def _size(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as image:
        return image.size


@lru_cache(maxsize=64)
def _encoded(png: bytes, size: tuple[int, int]) -> EncodedImage:
    # A reference comes with each of its attempts: the cache spares it all but one encoding.
    with Image.open(io.BytesIO(png)) as image:
        if image.size != size or image.format != "PNG":
            target = io.BytesIO()
            image.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(target, "PNG")
            png = target.getvalue()
    return EncodedImage("data:image/png;base64," + base64.b64encode(png).decode(), *size)

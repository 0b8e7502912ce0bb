"""The part of a document that is the picture."""

from __future__ import annotations

import io
import struct
from math import ceil, floor

from PIL import Image

from records.errors import RenderError
from renderers.table.document import PADDING_PX
from renderers.table.scene.layout import LayoutNode, drawn_box
from sandbox.status import RenderStatus

_PNG_SIZE = struct.Struct(">8x4x4sII")


def clip_of(root: LayoutNode) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the picture in the document.

    Raises:
        RenderError: nothing is drawn.
    """
    box = drawn_box(root)
    if box is None or box[2] <= 0 or box[3] <= 0:
        raise RenderError(RenderStatus.BLANK, "nothing is drawn on the page")
    return (
        max(0, floor(box[0]) - PADDING_PX),
        max(0, floor(box[1]) - PADDING_PX),
        ceil(box[2]) + PADDING_PX,
        ceil(box[3]) + PADDING_PX,
    )


def size_of(png: bytes) -> tuple[int, int] | None:
    """Width and height that a PNG's head names; None if it is none."""
    if len(png) < _PNG_SIZE.size:
        return None
    kind, width_px, height_px = _PNG_SIZE.unpack_from(png)
    return (width_px, height_px) if kind == b"IHDR" else None


def clipped(png: bytes, clip: tuple[int, int, int, int]) -> bytes:
    """The part of a picture; the same bytes where that is all of it."""
    if (0, 0, *(size_of(png) or ())) == clip:
        return png
    data = io.BytesIO()
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        image.crop(clip).save(data, "PNG", compress_level=1)
    return data.getvalue()

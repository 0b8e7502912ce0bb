"""What goes between the chart renderer and its sandboxed child; the way back is untrusted."""

from __future__ import annotations

import struct

from records.taxonomy import Modality
from renderers.scene import MAX_JSON_BYTES, Scene, SceneError

_JOB = struct.Struct("<Q")
_HEADER = struct.Struct("<III")


class Unreadable(ValueError):
    """A child's bytes are not one picture and its scene."""


def pack_job(code: str, pixels: int) -> bytes:
    """A script, and the largest number of pixels its picture may have."""
    return _JOB.pack(pixels) + code.encode("utf-8", "surrogatepass")


def unpack_job(job: bytes) -> tuple[str, int]:
    """Script and number of pixels."""
    (pixels,) = _JOB.unpack_from(job)
    return job[_JOB.size :].decode("utf-8", "surrogatepass"), pixels


def pack_drawn(rgb: bytes, scene: Scene) -> bytes:
    """Pixels, ``height_px x width_px x 3`` bytes row by row, and what they show."""
    told = scene.to_json()
    return b"".join((_HEADER.pack(scene.width_px, scene.height_px, len(told)), rgb, told))


def most_bytes(pixels: int) -> int:
    """The longest message of a picture of so many pixels."""
    return _HEADER.size + 3 * pixels + MAX_JSON_BYTES


def unpack_drawn(data: bytes, pixels: int) -> tuple[bytes, Scene]:
    """Pixels and scene of a message that anyone may have written.

    Raises:
        Unreadable: more than `pixels`, bytes too few or too many, or no scene of this picture.
    """
    if len(data) < _HEADER.size:
        raise Unreadable(f"{len(data)} bytes of output")
    width_px, height_px, scene_bytes = _HEADER.unpack_from(data)
    if not 0 < width_px * height_px <= pixels:
        raise Unreadable(f"a picture of {width_px} x {height_px} px")
    end = _HEADER.size + 3 * width_px * height_px
    if len(data) != end + scene_bytes:
        raise Unreadable(
            f"{len(data)} bytes of output for a picture of {width_px} x {height_px} px"
        )
    try:
        scene = Scene.from_json(data[end:])
    except SceneError as error:
        raise Unreadable(str(error)) from error
    if (scene.modality, scene.width_px, scene.height_px) != (Modality.CHART, width_px, height_px):
        raise Unreadable("the scene is of another picture")
    return data[_HEADER.size : end], scene

"""Messages between the chart renderer and its sandboxed child; replies of the child are untrusted."""

from __future__ import annotations

import struct
from collections.abc import Container

from records.taxonomy import Modality
from renderers.display import MAX_LIST_BYTES, DisplayError, DisplayList, decode
from renderers.scene import MAX_JSON_BYTES, Scene, SceneError
from sandbox.status import RenderStatus
from sandbox.verdict import Refused

_JOB = struct.Struct("<Q")
_HEADER = struct.Struct("<II")


class Unreadable(ValueError):
    """A child's bytes are not a display list with its scene."""


def pack_job(code: str, pixels: int) -> bytes:
    """A script, and the largest number of pixels its picture may have."""
    return _JOB.pack(pixels) + code.encode("utf-8", "surrogatepass")


def unpack_job(job: bytes) -> tuple[str, int]:
    """Script and number of pixels."""
    (pixels,) = _JOB.unpack_from(job)
    return job[_JOB.size :].decode("utf-8", "surrogatepass"), pixels


def pack_drawn(shown: DisplayList, scene: Scene) -> bytes:
    """Pack the display list of a figure and the scene that the program claims.

    Raises:
        Refused: the list exceeds the size limit.
    """
    listed, described = shown.encode(), scene.to_json()
    if len(listed) > MAX_LIST_BYTES:
        detail = f"a display list of {len(listed)} bytes; the bound is {MAX_LIST_BYTES}"
        raise Refused(RenderStatus.TOO_LARGE, detail)
    return b"".join((_HEADER.pack(len(listed), len(described)), listed, described))


def most_bytes() -> int:
    """Size limit of a figure's message, in bytes."""
    return _HEADER.size + MAX_LIST_BYTES + MAX_JSON_BYTES


def unpack_drawn(
    data: bytes, pixels: int, fonts: Container[str]
) -> tuple[bytes, DisplayList, Scene]:
    """Display list (as bytes and decoded) and scene of an untrusted message.

    Args:
        pixels: The largest picture that may be drawn.
        fonts: Names of the font files that may be used.

    Raises:
        Unreadable: too few or too many bytes, an invalid list, or a scene of another picture.
    """
    if len(data) < _HEADER.size:
        raise Unreadable(f"{len(data)} bytes of output")
    list_bytes, scene_bytes = _HEADER.unpack_from(data)
    end = _HEADER.size + list_bytes
    if len(data) != end + scene_bytes:
        raise Unreadable(f"{len(data)} bytes of output for a list of {list_bytes} bytes")
    listed = data[_HEADER.size : end]
    try:
        shown = decode(listed, pixels=pixels, fonts=fonts)
        scene = Scene.from_json(data[end:])
    except (DisplayError, SceneError) as error:
        raise Unreadable(str(error)) from error
    size = (shown.width_px, shown.height_px)
    if (scene.modality, scene.width_px, scene.height_px) != (Modality.CHART, *size):
        raise Unreadable("the scene is of another picture")
    return listed, shown, scene

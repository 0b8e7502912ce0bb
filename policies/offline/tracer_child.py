"""Runs the tracer in a sandboxed fork: takes a picture, returns an SVG."""

from __future__ import annotations

import io
import re
from pathlib import Path

import msgspec
from PIL import Image


class Trace(msgspec.Struct, frozen=True):
    """One picture to trace, and how; see `policies.offline.tracer.TracerSettings`."""

    png: bytes
    side_px: int = 0
    curves: str = "spline"
    speckle_px: int = 4
    colour_bits: int = 6
    layer_step: int = 16
    corner_deg: int = 60
    segment_px: float = 4.0
    decimals: int = 1


ENCODER = msgspec.msgpack.Encoder()
_JOBS = msgspec.msgpack.Decoder(Trace)
_OPENING = re.compile(r"<svg\b(?![^>]*\bviewBox=)")


def warm() -> None:
    """Load the native code by tracing two squares."""
    picture = Image.new("RGB", (16, 16), "white")
    picture.paste((200, 0, 0), (4, 4, 12, 12))
    run(ENCODER.encode(Trace(_png(picture))))


def run(job: bytes, scratch: Path | None = None) -> bytes:
    """Trace one picture."""
    import vtracer

    task = _JOBS.decode(job)
    with Image.open(io.BytesIO(task.png)) as source:
        picture = source.convert("RGB")
    if task.side_px:
        picture.thumbnail((task.side_px, task.side_px), Image.Resampling.LANCZOS)
    traced: str = vtracer.convert_raw_image_to_svg(
        _png(picture),
        img_format="png",
        colormode="color",
        # Not "cutout": with few colors it loses all but one.
        hierarchical="stacked",
        mode=task.curves,
        filter_speckle=task.speckle_px,
        color_precision=task.colour_bits,
        layer_difference=task.layer_step,
        corner_threshold=task.corner_deg,
        length_threshold=task.segment_px,
        path_precision=task.decimals,
    )
    # Without a view box, the tracing of a small copy fills only a corner of the picture.
    box = f'<svg viewBox="0 0 {picture.width} {picture.height}"'
    return _OPENING.sub(box, traced, count=1).encode()


def _png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG", compress_level=1)
    return target.getvalue()

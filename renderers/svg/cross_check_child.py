"""Draws an icon with resvg, the second renderer, inside a worker. See `renderers.svg.cross_check`."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
from lxml import etree
from PIL import Image

from renderers.svg.canvas import SIDE_PX
from renderers.svg.guard import IconRefused, check, length_px
from sandbox.status import Limits, RenderStatus
from sandbox.verdict import Refused

WARM_UP = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text y="9">a</text></svg>'


def warm() -> None:
    """Load the native code and the fonts."""
    run(msgspec.msgpack.encode(WARM_UP))


def facts() -> dict[str, str | int | float]:
    """Version of the second renderer."""
    import resvg_py

    return {"resvg": str(resvg_py.__version__)}


def run(job: bytes, scratch: Path | None = None) -> bytes:
    """``H x W x 3`` bytes of the program as resvg draws it on white, fitted as CairoSVG fits it."""
    import resvg_py

    try:
        data = check(msgspec.msgpack.decode(job, type=str), Limits())
    except IconRefused as refused:
        raise Refused(refused.status, refused.detail) from refused
    code = _fitted(data)
    png = resvg_py.svg_to_bytes(
        svg_string=code,
        background="white",
        dpi=96,  # As browsers and CairoSVG have it; without, lengths in pt, mm and in are nothing.
        # Fonts take longer to load than most icons to draw.
        skip_system_fonts="<text" not in code,
        # What the generic families mean to CairoSVG where fontconfig is left as it comes.
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
        serif_family="DejaVu Serif",
        monospace_family="DejaVu Sans Mono",
    )
    with Image.open(io.BytesIO(bytes(png))) as drawn:
        if drawn.size != (SIDE_PX, SIDE_PX):
            raise Refused(RenderStatus.UNREADABLE_OUTPUT, f"drawn at {drawn.size}")
        return drawn.convert("RGB").tobytes()


def _fitted(data: bytes) -> str:
    """The document with the size of our pictures; its own size becomes the view box it implied."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(data, parser)
    if not root.get("viewBox"):
        sides = [length_px(root.get(name)) for name in ("width", "height")]
        root.set("viewBox", f"0 0 {sides[0]:g} {sides[1]:g}")
    for name in ("width", "height"):
        root.set(name, str(SIDE_PX))
    text: str = etree.tostring(root, encoding="unicode")
    return text

"""Runs inside the sandboxed child: checks and draws one SVG program and makes its scene.

A target of `sandbox.fork_server.ForkServer`: `warm` once, then `run` in a fork of its own for
each program. The reply is untrusted like anything from a worker.
"""

from __future__ import annotations

import hashlib
import json
import os
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from sandbox.status import Limits, RenderStatus


class IconJob(msgspec.Struct, frozen=True):
    """One program to draw, and its limits."""

    code: str
    code_chars: int
    nodes: int


class DrawnIcon(msgspec.Struct, frozen=True):
    """Status; picture (``H x W x 3`` uint8 sRGB) and scene (JSON) if it is ok."""

    status: RenderStatus
    detail: str = ""
    rgb: bytes = b""
    scene: bytes = b""


ENCODER = msgspec.msgpack.Encoder()
JOBS = msgspec.msgpack.Decoder(IconJob)
REPLIES = msgspec.msgpack.Decoder(DrawnIcon)

WARM_UP = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<style>.a { fill: rgb(10, 20, 30) }</style>
<defs><linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1"/></linearGradient>
<clipPath id="c"><circle cx="50" cy="50" r="40"/></clipPath>
<mask id="m"><rect width="100" height="100" fill="white"/></mask></defs>
<g opacity="0.5" clip-path="url(#c)"><path class="a" d="M10 10h30a5 5 0 0 1 5 5c1 2 3 4 5 6z"/></g>
<rect width="30" height="20" rx="3" fill="url(#g)" mask="url(#m)" stroke="#123456"/>
<text x="10" y="90" font-size="12">Warm 0123</text></svg>"""

FONT_FAMILIES = ("sans-serif", "serif", "monospace", "Arial", "Times New Roman")
FONT_SAMPLE = "Hamburgefonstiv 0123456789"


def warm() -> None:
    """Do slow work once: imports, fonts, the first drawing."""
    _load_fonts()


def run(job: bytes, scratch: Path | None = None) -> bytes:
    """Draw one program; the scratch directory stays empty."""
    return ENCODER.encode(_draw(JOBS.decode(job)))


def _draw(task: IconJob) -> DrawnIcon:
    from renderers.svg import draw as svg_draw
    from renderers.svg import guard as svg_guard
    from renderers.svg import scene as svg_scene
    from renderers.svg.budget import TooManyElements, UnreadableElement

    limits = Limits(code_chars=task.code_chars, nodes=task.nodes)
    try:
        data = svg_guard.check(task.code, limits)
    except svg_guard.IconRefused as refused:
        return DrawnIcon(refused.status, refused.detail)
    try:
        drawing = svg_draw.draw(data, task.nodes)
    except TooManyElements:
        return DrawnIcon(
            RenderStatus.TOO_LARGE, f"more than {task.nodes} elements drawn, tiles and uses counted"
        )
    except UnreadableElement as error:
        return DrawnIcon(RenderStatus.CODE_CRASHED, str(error))
    except MemoryError:
        return DrawnIcon(RenderStatus.OUT_OF_MEMORY, "memory ran out while drawing")
    except RecursionError:
        return DrawnIcon(RenderStatus.CODE_CRASHED, "references go round in a circle")
    except Exception as error:  # noqa: BLE001 - a program may break CairoSVG in any way at all
        return DrawnIcon(RenderStatus.CODE_CRASHED, f"{type(error).__name__}: {error}"[:500])
    if drawing.blank:
        return DrawnIcon(RenderStatus.BLANK, "every pixel has the same color")
    return DrawnIcon(RenderStatus.OK, "", drawing.rgb, svg_scene.scene_of(drawing).to_json())


def _load_fonts() -> None:
    """Load system fonts, and matplotlib's DejaVu if there are none, so that text is always drawn."""
    package = find_spec("matplotlib")
    folders = [Path(place) for place in package.submodule_search_locations or ()] if package else []
    bundled = [folder / "mpl-data" / "fonts" / "ttf" for folder in folders]
    with NamedTemporaryFile("w", suffix=".conf") as config:
        config.write(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
            + "".join(f"<dir>{folder}</dir>" for folder in bundled)
            + "</fontconfig>"
        )
        config.flush()
        # Fontconfig reads its configuration once, at the first text of the process.
        os.environ["FONTCONFIG_FILE"] = config.name
        run(ENCODER.encode(IconJob(WARM_UP, 1_000_000, 1_000)))
        del os.environ["FONTCONFIG_FILE"]


def facts() -> dict[str, str | int | float]:
    """Versions, and a hash of glyph outlines, since a family may be another font on another machine."""
    import cairocffi
    import cairosvg

    context = cairocffi.Context(cairocffi.ImageSurface(cairocffi.FORMAT_ARGB32, 8, 8))
    context.set_font_size(20)
    outlines = hashlib.sha256()
    for family in FONT_FAMILIES:
        context.new_path()
        context.move_to(0, 0)
        context.select_font_face(family)
        context.text_path(FONT_SAMPLE)
        points = [[round(value, 2) for value in at] for _, at in context.copy_path()]
        outlines.update(json.dumps(points).encode())
    return {
        "cairosvg": cairosvg.__version__,
        "cairo": cairocffi.cairo_version_string(),
        "fonts": outlines.hexdigest()[:16],
    }

"""Traces a picture with imagetracerjs, in Node: areas of few colors become polygons and curves.

It is optional; a message says how to install it. The tracer is JavaScript without access to files
or network; it gets pixels and returns text.

Source: imagetracerjs 1.2.6 on npm (public domain).
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

from PIL import Image

from policies.settings import ImageTracerSettings
from records.errors import ConfigError, PolicyReplyError

VERSION = "1.2.6"
FOLDER = Path(sys.prefix) / "share" / "vermillion"
"""Where npm puts the tracer: in the virtual environment, so that a new one is empty."""
TIMEOUT_S = 60.0
MAX_REPLY_BYTES = 4 * 2**20
_SCRIPT = """
const tracer = require(process.argv[1]);
const [width, height, options] = JSON.parse(process.argv[2]);
const parts = [];
process.stdin.on('data', part => parts.push(part));
process.stdin.on('end', () => {
  const data = new Uint8ClampedArray(Buffer.concat(parts));
  process.stdout.write(tracer.imagedataToSVG({width, height, data}, options));
});
"""
_OPENING = re.compile(r"<svg\b(?![^>]*\bviewBox=)")


def require() -> tuple[str, Path]:
    """Return Node's executable and the tracer's folder.

    Raises:
        ConfigError: Node or imagetracerjs is not there; the message names the way.
    """
    node, module = shutil.which("node"), FOLDER / "node_modules" / "imagetracerjs"
    if node is None or not module.is_dir():
        missing = "Node (nodejs)" if node is None else "imagetracerjs"
        raise ConfigError(
            f"this tracer needs {missing}: install Node, then run `npm install --prefix {FOLDER} "
            f"imagetracerjs@{VERSION}`, or leave the imagetracer policies out"
        )
    return node, module


def trace_in_node(png: bytes, settings: ImageTracerSettings, seed: int) -> str:
    """The SVG that imagetracerjs makes of a picture.

    The seed scales tolerances, omitted outlines and copy size by up to `jitter` either way; equal
    seeds give equal programs.

    Raises:
        ConfigError: Node or imagetracerjs is not there; the message names the way.
        PolicyReplyError: the tracer failed, was too slow, wrote too much, or saw no shape.
    """
    node, module = require()
    rng = Random(seed)

    def varied(value: float) -> float:
        return value * (1 + settings.jitter * rng.uniform(-1, 1))

    try:
        with Image.open(io.BytesIO(png)) as source:
            picture = source.convert("RGBA")
    except OSError as error:
        raise PolicyReplyError("tracer_code_crashed", f"no picture: {error}") from error
    side = round(varied(settings.side_px))
    if side:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    options = {
        "numberofcolors": settings.colours,
        "ltres": varied(settings.line_error_px),
        "qtres": varied(settings.curve_error_px),
        "pathomit": round(varied(settings.omit_px)),
        "colorsampling": 2,
        "mincolorratio": 0,
        "roundcoords": 1,
    }
    job = json.dumps([picture.width, picture.height, options])
    try:
        done = subprocess.run(
            [node, "--max-old-space-size=1024", "-e", _SCRIPT, "--", str(module), job],
            input=picture.tobytes(),
            capture_output=True,
            timeout=TIMEOUT_S,
            env={"PATH": "/nonexistent"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PolicyReplyError("tracer_timeout", f"not done after {TIMEOUT_S:g} s") from error
    if done.returncode:
        raise PolicyReplyError("tracer_code_crashed", done.stderr.decode("utf-8", "replace")[-500:])
    if len(done.stdout) > MAX_REPLY_BYTES:
        raise PolicyReplyError("tracer_too_large", f"{len(done.stdout)} bytes")
    code = done.stdout.decode("utf-8", "replace")
    if "<path" not in code:
        raise PolicyReplyError("empty_reply", "the tracer found no area of color")
    box = f'<svg viewBox="0 0 {picture.width} {picture.height}"'
    return _OPENING.sub(box, code, count=1)

"""Where an SVG's time goes, measured inside a child: the bench's stand-in for `renderers.svg.child`."""

from __future__ import annotations

import json
import time
from pathlib import Path

from renderers.svg import draw as svg_draw
from renderers.svg import guard as svg_guard
from renderers.svg import scene as svg_scene
from renderers.svg.child import JOBS, facts, warm
from sandbox.status import Limits

__all__ = ["facts", "run", "warm"]


def run(job: bytes, scratch: Path) -> bytes:
    """JSON of stage -> CPU seconds."""
    task = JOBS.decode(job)
    start = time.thread_time()
    data = svg_guard.check(task.code, Limits(code_chars=task.code_chars, nodes=task.nodes))
    guarded = time.thread_time()
    drawing = svg_draw.draw(data, task.nodes)
    drawn = time.thread_time()
    svg_scene.scene_of(drawing).to_json()
    end = time.thread_time()
    return json.dumps(
        {"guard": guarded - start, "draw": drawn - guarded, "scene": end - drawn}
    ).encode()

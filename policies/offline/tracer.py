"""Traces a picture: color areas become paths. This loses details and merges colors.

The tracer is native code that reads a picture of a hostile program, so it runs in a sandboxed fork:
if it crashes, one attempt is lost.
"""

from __future__ import annotations

from importlib.util import find_spec
from random import Random

from policies.offline.servers import held_server
from policies.offline.tracer_child import ENCODER, Trace
from policies.settings import TracerSettings
from records.errors import ConfigError, PolicyReplyError
from sandbox.fork_server import ForkServer
from sandbox.status import Limits, RenderStatus

LIMITS = Limits(timeout_s=20.0, memory_mb=1024)
MAX_REPLY_BYTES = 4 * 2**20


def require() -> None:
    """Make sure that the tracer can work on this machine.

    Raises:
        ConfigError: vtracer is not installed.
    """
    if find_spec("vtracer") is None:
        raise ConfigError(
            "tracing needs the package vtracer: install the extra with "
            "`pip install -e '.[offline-policies]'`, or leave the vtracer policies out"
        )


def trace(png: bytes, settings: TracerSettings, seed: int) -> str:
    """The SVG that a tracer makes of a picture.

    The seed scales speckle size, layer step and copy size, each by up to `jitter` either way;
    equal seeds give equal programs.

    Raises:
        ConfigError: vtracer is not installed.
        PolicyReplyError: the tracer crashed, was too slow, or saw nothing but one color.
    """
    require()
    rng = Random(seed)

    def varied(value: int) -> int:
        return round(value * (1 + settings.jitter * rng.uniform(-1, 1)))

    job = Trace(
        png,
        side_px=varied(settings.side_px),
        curves=settings.curves,
        speckle_px=varied(settings.speckle_px),
        colour_bits=settings.colour_bits,
        layer_step=min(varied(settings.layer_step), 255),
        corner_deg=settings.corner_deg,
        segment_px=settings.segment_px,
        decimals=settings.decimals,
    )
    outcome = _server().run(ENCODER.encode(job))
    if outcome.status is not RenderStatus.OK:
        raise PolicyReplyError(f"tracer_{outcome.status}", outcome.detail)
    code = outcome.result.decode("utf-8", "replace")
    if "<path" not in code:
        raise PolicyReplyError("empty_reply", "the tracer found no area of color")
    return code


def _server() -> ForkServer:
    return held_server("policies.offline.tracer_child", LIMITS, MAX_REPLY_BYTES)

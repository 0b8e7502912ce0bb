"""Reads a picture's words and shapes, and writes a table's HTML or a chart's script.

The reader's models are native code that reads a picture of a hostile program, so each picture is
read in a sandboxed fork: if it crashes, one attempt is lost.
"""

from __future__ import annotations

from importlib.util import find_spec
from random import Random

from policies.offline.reader_child import ENCODER, SLANET, ReadChart, ReadTable
from policies.offline.servers import held_server
from policies.settings import ChartReaderSettings, TableReaderSettings
from records.errors import ConfigError, PolicyReplyError
from sandbox.fork_server import ForkServer
from sandbox.status import Limits, RenderStatus

LIMITS = Limits(timeout_s=120.0, memory_mb=3072)
MAX_REPLY_BYTES = 2 * 2**20
TARGET = "policies.offline.reader_child"


def require(settings: TableReaderSettings | ChartReaderSettings) -> None:
    """Check that a reader can run on this machine.

    Raises:
        ConfigError: its packages or its model are not installed.
    """
    missing = [name for name in ("rapidocr_onnxruntime", "rapid_table") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"reading needs {' and '.join(missing)} (Python 3.11 or 3.12): install the extra with "
            "`pip install -e '.[offline-policies]'`, or leave the readers out"
        )
    wants_model = isinstance(settings, TableReaderSettings) and settings.structure == "slanet"
    if wants_model and not SLANET.is_file():
        raise ConfigError(
            f"SLANet's model is not at {SLANET}: run scripts/fetch-slanet, or take slanet-plus"
        )


def read(png: bytes, settings: TableReaderSettings | ChartReaderSettings, seed: int) -> str:
    """The program that a reader writes for a picture.

    The seed scales `scale`, `jpeg_quality` and the number of points by up to `jitter` either way;
    equal seeds give equal programs.

    Raises:
        ConfigError: the reader's packages or its model are not installed.
        PolicyReplyError: the reader crashed, was too slow, or understood nothing of the picture.
    """
    require(settings)
    rng = Random(seed)

    def varied(value: float) -> float:
        return value * (1 + settings.jitter * rng.uniform(-1, 1))

    # If the picture is not scaled down, the seed does not change that.
    scale = min(varied(settings.scale), 1.0) if settings.scale < 1 else 1.0
    quality = min(round(varied(settings.jpeg_quality)), 95)
    job: ReadTable | ReadChart
    if isinstance(settings, TableReaderSettings):
        job = ReadTable(
            png,
            structure=settings.structure,
            scale=scale,
            jpeg_quality=quality,
            spaces=settings.spaces,
            seed=seed,
            styles=settings.styles,
            slanet=str(SLANET) if settings.structure == "slanet" else "",
        )
    else:
        job = ReadChart(
            png,
            scale=scale,
            jpeg_quality=quality,
            spaces=settings.spaces,
            seed=seed,
            points=max(4, round(varied(settings.points))),
            colours=settings.colours,
            digits=settings.digits,
            layout=settings.layout,
            legend=settings.legend,
            notes=settings.notes,
            looks=settings.looks,
        )
    outcome = _server().run(ENCODER.encode(job))
    if outcome.status is RenderStatus.BLANK:
        raise PolicyReplyError("nothing_read", outcome.detail)
    if outcome.status is not RenderStatus.OK:
        raise PolicyReplyError(f"reader_{outcome.status}", outcome.detail)
    return outcome.result.decode("utf-8", "replace")


def _server() -> ForkServer:
    return held_server(TARGET, LIMITS, MAX_REPLY_BYTES)

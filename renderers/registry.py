"""Creates renderers by modality, and caches one warm renderer per process."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack

from records.taxonomy import Modality
from renderers.contract import Renderer
from sandbox.status import Limits

_held: dict[tuple[int, Modality, Limits], Renderer] = {}


def open_renderer(
    modality: Modality, limits: Limits | None = None, *, table_driver: str = ""
) -> Renderer:
    """Create a renderer, to be used in a ``with`` block.

    Args:
        table_driver: Driver of tables where ``VERMILLION_TABLE_DRIVER`` names none.

    Raises (on entry):
        SandboxUnavailable: the machine cannot contain hostile code; the message names the layer.
        RendererUnavailable: the renderer does not start.
    """
    limits = limits or Limits()
    match modality:
        case Modality.CHART:
            from renderers.chart.renderer import ChartRenderer

            return ChartRenderer(limits)
        case Modality.TABLE:
            from renderers.table.renderer import TableRenderer

            driver = os.environ.get("VERMILLION_TABLE_DRIVER") or table_driver
            return TableRenderer(limits, driver=driver)
        case Modality.SVG:
            from renderers.svg.renderer import SvgRenderer

            return SvgRenderer(limits)


def held_renderer(modality: Modality, limits: Limits | None = None) -> Renderer:
    """A renderer that stays warm until this process ends.

    A stage that works on many shards in one process starts a server or browser only once. A forked
    child never gets its parent's renderer: the cache key contains the process id.

    Raises: as `open_renderer` on entry.
    """
    key = (os.getpid(), modality, limits or Limits())
    if key not in _held:
        renderer = open_renderer(modality, limits)
        renderer.__enter__()
        _held[key] = renderer
    return _held[key]


@atexit.register
def close_held() -> None:
    """Close every renderer that this process holds, even if closing one of them fails."""
    with ExitStack() as closing:
        for key in [key for key in _held if key[0] == os.getpid()]:
            closing.push(_held.pop(key).__exit__)

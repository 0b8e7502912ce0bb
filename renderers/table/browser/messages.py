"""Messages between the renderer, the browser's worker process and the browser's driver."""

from __future__ import annotations

import msgspec

DRIVERS = ("pipe", "playwright")
"""By what the browser is driven; the first is the default."""


class WorkerSettings(msgspec.Struct, frozen=True):
    """What the parent decides."""

    executable: str
    scratch: str
    """A folder of this worker's own; removed when the supervisor ends."""
    scratch_mb: int
    namespaces: bool = True
    """False: not tried, for tests of machines that do not allow them."""
    driver: str = DRIVERS[0]
    """Name of the driver; one of `DRIVERS`."""


class PageRequest(msgspec.Struct, frozen=True):
    """One program to draw; or, as a probe, a raw page to draw without any check of its text."""

    code: str
    language: str
    pixels: int
    code_chars: int
    nodes: int
    probe: bool = False


class PageReply(msgspec.Struct, frozen=True):
    """What the browser made of it."""

    status: str
    detail: str = ""
    png: bytes = b""
    scene: bytes = b""
    spent: bool = False
    """True if the browser is not to be used again."""
    memory_mb: float = 0.0


class Hello(msgspec.Struct, frozen=True):
    """The worker is up, or says why not."""

    version: str = ""
    layers: dict[str, bool] = {}
    error: str = ""

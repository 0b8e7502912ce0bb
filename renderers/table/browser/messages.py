"""Messages between the renderer, the browser's worker process and the browser's driver."""

from __future__ import annotations

import msgspec

DRIVERS = ("playwright", "pipe")
"""Names of the browser drivers; the first is the default."""
FIREFOX = "firefox"
"""The driver of the second opinion, which draws no table that is kept."""


_NO_NAMESPACES = "this machine refuses namespaces (sandbox/README.md)"
_NO_ROOT = "no namespaces, or a container that allows no /proc of one's own"
LAYERS = {
    "pid": _NO_NAMESPACES,
    "net": _NO_NAMESPACES,
    "ipc": _NO_NAMESPACES,
    "uts": _NO_NAMESPACES,
    "user": f"{_NO_NAMESPACES}, or gives them to root only",
    "own root": _NO_ROOT,
    "own /proc": _NO_ROOT,
    "scratch of limited size": _NO_NAMESPACES,
    "Landlock": "a kernel before 5.13, or started without it",
    "Chromium's own sandbox": "it refuses root and needs user namespaces; --no-sandbox behind Landlock instead",
}
"""Layers around the browser, and why one may be missing; keys of `Hello.layers`."""


class WorkerSettings(msgspec.Struct, frozen=True):
    """Settings of a worker process."""

    executable: str
    scratch: str
    """A folder of this worker's own; removed when the supervisor ends."""
    scratch_mb: int
    namespaces: bool = True
    """False disables namespaces, to test machines without them."""
    driver: str = DRIVERS[0]
    """Name of the driver; one of `DRIVERS`, or `FIREFOX`."""


class PageRequest(msgspec.Struct, frozen=True):
    """One program to draw; or, as a probe, a raw page that is drawn unchecked."""

    code: str
    language: str
    pixels: int
    code_chars: int
    nodes: int
    probe: bool = False
    window_px: tuple[int, int] = (0, 0)
    """Width and height of Firefox's window; Chromium's is as large as the table."""


class PageReply(msgspec.Struct, frozen=True):
    """The result of drawing a page."""

    status: str
    detail: str = ""
    png: bytes = b""
    scene: bytes = b""
    spent: bool = False
    """True if the browser must not be used again."""


class Hello(msgspec.Struct, frozen=True):
    """First message of the worker: it is ready, or why it is not."""

    version: str = ""
    layers: dict[str, bool] = {}
    error: str = ""

"""Draws tables with one guarded headless Chromium, one page after another.

The browser runs below `renderers.table.browser.worker`, in its own namespaces if the machine allows
them, without scripts and network; every request is refused. A probe at start proves it: a page that
tries local files and a loopback socket must reach nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Self

import numpy as np
from PIL import Image, UnidentifiedImageError

from records.errors import ConfigError, RendererUnavailable, SandboxUnavailable
from records.taxonomy import Language, Modality
from renderers.contract import Picture, Render, RenderContract, pixel_hash
from renderers.scene import Scene, SceneError
from renderers.table.browser.memory import tree_memory_mb
from renderers.table.browser.messages import DRIVERS, PageReply, PageRequest
from renderers.table.browser.probe import Probe
from renderers.table.browser.process import (
    START_TIMEOUT_S,
    DeadlinePassed,
    MemoryPassed,
    WorkerLost,
    WorkerProcess,
)
from renderers.table.contract import WAY_OUT, find_browser, table_contract
from sandbox.status import Limits, RenderStatus

MAX_FAILED_STARTS = 3
RENDERS_PER_MEMORY_CHECK = 50
_PROBE_PIXELS = 4_000_000


class TableRenderer:
    """Draws HTML and Markdown tables. Use it in a ``with`` block; one thread at a time.

    Example:
        >>> with TableRenderer() as tables:                                      # doctest: +SKIP
        ...     picture, scene = tables.render("<table>...", Language.HTML).drawn()
    """

    modality = Modality.TABLE

    def __init__(
        self, limits: Limits | None = None, *, namespaces: bool = True, driver: str = ""
    ) -> None:
        """
        Args:
            namespaces: False: not tried, for tests of machines that do not allow them.
            driver: ``playwright`` or ``pipe``; empty takes ``VERMILLION_TABLE_DRIVER``, else Playwright.

        Raises:
            ConfigError: there is no such driver.
        """
        self.limits = limits or Limits()
        self.driver = driver or os.environ.get("VERMILLION_TABLE_DRIVER") or DRIVERS[0]
        if self.driver not in DRIVERS:
            raise ConfigError(
                f"VERMILLION_TABLE_DRIVER: {self.driver!r} is no driver of tables;"
                f" choose {' or '.join(DRIVERS)}"
            )
        self.layers: Mapping[str, bool] = {}
        """Which isolation layers are active; set on entry."""
        self._namespaces = namespaces
        self._worker: WorkerProcess | None = None
        self._failed_starts = 0
        self._renders = 0

    @cached_property
    def contract(self) -> RenderContract:
        return table_contract(find_browser())

    @property
    def server_pid(self) -> int | None:
        """Process id of the parent of all processes of this renderer; None if none is running."""
        return self._worker.pid if self._worker else None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def render(self, code: str, language: Language) -> Render:
        """Draw one program; never raises because of what the program does.

        Raises:
            RendererUnavailable: the browser died and could not be started again.
        """
        if language.modality is not Modality.TABLE:
            raise ValueError(f"a table renderer draws no {language}")
        started = time.monotonic()
        # A lone surrogate cannot be sent, and no browser would draw it.
        code = code.encode("utf-8", "replace").decode()
        request = PageRequest(
            code, language.value, self.limits.pixels, self.limits.code_chars, self.limits.nodes
        )
        for attempt in (1, 2):
            worker = self._worker or self._start()
            try:
                reply = worker.ask(request, self.limits.timeout_s, self.limits.memory_mb)
            except DeadlinePassed:
                self._stop()
                detail = f"not drawn within {self.limits.timeout_s:g} s"
                return self._lost(RenderStatus.TIMEOUT, detail, started)
            except MemoryPassed as error:
                self._stop()
                return self._lost(RenderStatus.OUT_OF_MEMORY, str(error), started)
            except WorkerLost as error:
                # The first loss may be the browser's fault; a second one is attributed to the program.
                self._stop()
                if attempt == 2:
                    detail = f"the browser died twice: {error}"
                    return self._lost(RenderStatus.CODE_CRASHED, detail, started)
                continue
            self._renders += 1
            if reply.spent and attempt == 1:
                # A page may also be lost because of the program before it.
                self._stop()
                continue
            if reply.spent or self._has_grown(worker):
                self._stop()
            return self._verdict(reply, started)
        raise AssertionError("unreachable")

    def _has_grown(self, worker: WorkerProcess) -> bool:
        """True if the browser uses half of the memory limit of one program."""
        if self._renders % RENDERS_PER_MEMORY_CHECK:
            return False
        return tree_memory_mb(worker.pid) > self.limits.memory_mb / 2

    def _verdict(self, reply: PageReply, started: float) -> Render:
        if reply.status != RenderStatus.OK:
            return self._lost(RenderStatus(reply.status), reply.detail, started)
        try:
            rgb, width_px, height_px = _decode(reply.png, self.limits.pixels)
            scene = Scene.from_json(reply.scene)
        except (SceneError, ValueError) as error:
            return self._lost(RenderStatus.UNREADABLE_OUTPUT, str(error), started)
        if (scene.width_px, scene.height_px) != (width_px, height_px):
            told = f"the scene says {scene.width_px} x {scene.height_px}"
            detail = f"the picture is {width_px} x {height_px} px, {told}"
            return self._lost(RenderStatus.UNREADABLE_OUTPUT, detail, started)
        if rgb == rgb[:3] * (width_px * height_px):
            return self._lost(RenderStatus.BLANK, "the picture is of one color", started)
        picture = Picture(reply.png, width_px, height_px, pixel_hash(rgb, width_px, height_px))
        seconds = time.monotonic() - started
        return Render(RenderStatus.OK, self.contract.hash, picture, scene, seconds=seconds)

    def _lost(self, status: RenderStatus, detail: str, started: float) -> Render:
        return Render(status, self.contract.hash, detail=detail, seconds=time.monotonic() - started)

    def _start(self) -> WorkerProcess:
        """A new worker that has passed its probe.

        Raises:
            RendererUnavailable: it does not start, for the third time running.
            SandboxUnavailable: the probe page reached something.
        """
        executable = find_browser()
        while True:
            try:
                worker = WorkerProcess(executable, self._namespaces, self.driver)
                with contextlib.ExitStack() as on_error:
                    on_error.callback(worker.close)
                    hello = worker.hello()
                    _probe(worker)
                    on_error.pop_all()
            except (WorkerLost, DeadlinePassed, MemoryPassed) as error:
                self._failed_starts += 1
                if self._failed_starts >= MAX_FAILED_STARTS:
                    raise RendererUnavailable(
                        f"Chromium ({executable}) does not start: {error}; {WAY_OUT}"
                    ) from error
                continue
            self._failed_starts = 0
            self._worker = worker
            self.layers = hello.layers
            return worker

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None


def _probe(worker: WorkerProcess) -> None:
    """Raise SandboxUnavailable if the probe page reached anything."""
    with Probe() as probe:
        reply = worker.ask(
            PageRequest(probe.page, Language.HTML.value, _PROBE_PIXELS, 10**6, 10**5, probe=True),
            START_TIMEOUT_S,
            None,
        )
        if reply.status != RenderStatus.OK:
            raise WorkerLost(f"the probe page is {reply.status}: {reply.detail}")
        rgb, width_px, height_px = _decode(reply.png, _PROBE_PIXELS)
        reached = probe.reached(np.frombuffer(rgb, np.uint8).reshape(height_px, width_px, 3))
    if reached:
        raise SandboxUnavailable(
            f"a page in the browser reached {reached}; no table is drawn on this machine."
            " Run as an ordinary user with user namespaces, or in a container without network."
        )


def _decode(png: bytes, most_pixels: int) -> tuple[bytes, int, int]:
    """``H x W x 3`` bytes of sRGB, width and height.

    Raises:
        ValueError: no PNG, or larger than asked for.
    """
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            if image.width * image.height > most_pixels:
                raise ValueError(
                    f"a picture of {image.width} x {image.height} px was not asked for"
                )
            return image.convert("RGB").tobytes(), image.width, image.height
    except (OSError, SyntaxError, UnidentifiedImageError, struct.error) as error:
        raise ValueError(f"the browser's picture cannot be read: {error}") from error

"""Tables become pictures: one guarded headless Chromium, one page after another.

The browser lives below `renderers.table_worker`, in namespaces of its own where the machine allows
them, with scripts off, offline, every request refused. What counts is a probe at start: a page that
tries local files and a listening loopback socket must reach nothing.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import numpy as np
from PIL import Image, UnidentifiedImageError

from records.errors import RendererUnavailable, SandboxUnavailable
from records.taxonomy import Language, Modality
from renderers.contract import (
    Limits,
    Picture,
    Render,
    RenderContract,
    RenderStatus,
    pixel_hash,
)
from renderers.scene import MAX_JSON_BYTES, Scene, SceneError
from renderers.table_document import MAX_WIDTH_PX, PADDING_PX, STYLE_HASH
from renderers.table_fonts import font_hashes
from renderers.table_memory import tree_memory_mb
from renderers.table_probe import Probe
from renderers.table_worker import LIFELINE_FD, Hello, Reply, Request, Settings

START_TIMEOUT_S = 120.0
MAX_FAILED_STARTS = 3
SCRATCH_MB = 512
SCENE_CONTRACT = 1
"""Raised when the same program would give another picture for a reason no version shows."""

_FRAME = struct.Struct("<I")
_MEMORY_POLL_S = 0.1
_WAY_OUT = (
    "install Debian's chromium-headless-shell, run `playwright install chromium-headless-shell`,"
    " or set VERMILLION_CHROMIUM to a Chromium executable"
)


class _WorkerLost(Exception):
    """The worker ended or spoke nonsense."""


class _DeadlinePassed(Exception):
    pass


class _MemoryPassed(Exception):
    pass


def find_browser() -> str:
    """Path of the Chromium to use: VERMILLION_CHROMIUM, else Debian's, else Playwright's own.

    Raises:
        RendererUnavailable: there is none; the message names the way out.
    """
    chosen = os.environ.get("VERMILLION_CHROMIUM")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise RendererUnavailable(
                f"VERMILLION_CHROMIUM is {chosen!r}, which is no executable: {_WAY_OUT}"
            )
        return found
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    downloads = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright"
    for pattern in ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome"):
        for path in sorted(Path(downloads).expanduser().glob(pattern), reverse=True):
            if os.access(path, os.X_OK):
                return str(path)
    raise RendererUnavailable(f"no Chromium is installed: {_WAY_OUT}")


@lru_cache(maxsize=4)
def browser_version(executable: str) -> str:
    """What ``--version`` says, without the name.

    Raises:
        RendererUnavailable: it does not run.
    """
    try:
        done = subprocess.run(
            [executable, "--version"],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": "/usr/bin:/bin", "HOME": tempfile.gettempdir()},
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RendererUnavailable(f"{executable} does not run ({error}): {_WAY_OUT}") from error
    words = [word for word in done.stdout.split() if word[:1].isdigit()]
    return words[0] if words else done.stdout.strip()


@lru_cache(maxsize=4)
def table_contract(executable: str) -> RenderContract:
    """Everything that decides how a table looks."""
    fonts = tuple(f"{name} {digest}" for name, digest in sorted(font_hashes().items()))
    return RenderContract(
        Modality.TABLE,
        {
            "browser": browser_version(executable),
            "fonts": fonts,
            "style": STYLE_HASH,
            "markdown_it": importlib.metadata.version("markdown-it-py"),
            "latex2mathml": importlib.metadata.version("latex2mathml"),
            "max_width_px": MAX_WIDTH_PX,
            "padding_px": PADDING_PX,
            "scale": 1,
            "version": SCENE_CONTRACT,
        },
    )


class TableRenderer:
    """Draws HTML and Markdown tables. Use it in a ``with`` block; one thread at a time.

    Example:
        >>> with TableRenderer() as tables:                                      # doctest: +SKIP
        ...     picture, scene = tables.render("<table>...", Language.HTML).drawn()
    """

    modality = Modality.TABLE

    def __init__(self, limits: Limits | None = None, *, namespaces: bool = True) -> None:
        self.limits = limits or Limits()
        self.layers: Mapping[str, bool] = {}
        """Which layers of isolation are on; known once entered."""
        self._namespaces = namespaces
        self._worker: _Worker | None = None
        self._failed_starts = 0

    @property
    def contract(self) -> RenderContract:
        return table_contract(find_browser())

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def render(self, code: str, language: Language) -> Render:
        """Draw one program; what the program does never raises.

        Raises:
            RendererUnavailable: the browser died and could not be started again.
        """
        if language.modality is not Modality.TABLE:
            raise ValueError(f"a table renderer draws no {language}")
        started = time.monotonic()
        request = Request(
            code, language.value, self.limits.pixels, self.limits.code_chars, self.limits.nodes
        )
        for attempt in (1, 2):
            worker = self._worker or self._start()
            try:
                reply = worker.ask(request, self.limits.timeout_s, self.limits.memory_mb)
            except _DeadlinePassed:
                self._stop()
                return self._lost(
                    RenderStatus.TIMEOUT, f"not drawn within {self.limits.timeout_s:g} s", started
                )
            except _MemoryPassed as error:
                self._stop()
                return self._lost(RenderStatus.OUT_OF_MEMORY, str(error), started)
            except _WorkerLost as error:
                # The first loss may be the browser's own; the second is laid at the program's door.
                self._stop()
                if attempt == 2:
                    return self._lost(
                        RenderStatus.CODE_CRASHED, f"the browser died twice: {error}", started
                    )
                continue
            if reply.spent:
                self._stop()
            return self._verdict(reply, started)
        raise AssertionError("unreachable")

    def _verdict(self, reply: Reply, started: float) -> Render:
        if reply.status != RenderStatus.OK:
            return self._lost(RenderStatus(reply.status), reply.detail, started)
        try:
            rgb = _decode(reply.png, self.limits.pixels)
            scene = Scene.from_json(reply.scene)
        except (SceneError, ValueError) as error:
            return self._lost(RenderStatus.UNREADABLE_OUTPUT, str(error), started)
        height_px, width_px = rgb.shape[:2]
        if (scene.width_px, scene.height_px) != (width_px, height_px):
            return self._lost(
                RenderStatus.UNREADABLE_OUTPUT,
                f"the picture is {width_px} x {height_px} px, the scene says"
                f" {scene.width_px} x {scene.height_px}",
                started,
            )
        if (rgb == rgb[0, 0]).all():
            return self._lost(RenderStatus.BLANK, "the picture is of one colour", started)
        picture = Picture(
            reply.png, width_px, height_px, pixel_hash(rgb.tobytes(), width_px, height_px)
        )
        return Render(
            RenderStatus.OK,
            self.contract.hash,
            picture,
            scene,
            seconds=time.monotonic() - started,
        )

    def _lost(self, status: RenderStatus, detail: str, started: float) -> Render:
        return Render(status, self.contract.hash, detail=detail, seconds=time.monotonic() - started)

    def _start(self) -> _Worker:
        """A new worker that has passed its probe.

        Raises:
            RendererUnavailable: it does not start, for the third time running.
            SandboxUnavailable: the probe page reached something.
        """
        executable = find_browser()
        while True:
            try:
                worker = _Worker(executable, self._namespaces)
                with contextlib.ExitStack() as on_error:
                    on_error.callback(worker.close)
                    hello = worker.hello()
                    _probe(worker)
                    on_error.pop_all()
            except (_WorkerLost, _DeadlinePassed, _MemoryPassed) as error:
                self._failed_starts += 1
                if self._failed_starts >= MAX_FAILED_STARTS:
                    raise RendererUnavailable(
                        f"Chromium ({executable}) does not start: {error}; {_WAY_OUT}"
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


def _probe(worker: _Worker) -> None:
    """Raises SandboxUnavailable where the probe page reached anything."""
    with Probe() as probe:
        reply = worker.ask(
            Request(probe.page, Language.HTML.value, 4_000_000, 10**6, 10**5, probe=True),
            START_TIMEOUT_S,
            None,
        )
        if reply.status != RenderStatus.OK:
            raise _WorkerLost(f"the probe page is {reply.status}: {reply.detail}")
        reached = probe.reached(_decode(reply.png, 4_000_000))
    if reached:
        raise SandboxUnavailable(
            f"a page in the browser reached {reached}; no table is drawn on this machine."
            " Run as an ordinary user with user namespaces, or in a container without network."
        )


def _decode(png: bytes, most_pixels: int) -> np.ndarray:
    """``H x W x 3`` uint8 sRGB.

    Raises:
        ValueError: no PNG, or larger than asked for.
    """
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            if image.width * image.height > most_pixels:
                raise ValueError(
                    f"a picture of {image.width} x {image.height} px was not asked for"
                )
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, UnidentifiedImageError, struct.error) as error:
        raise ValueError(f"the browser's picture cannot be read: {error}") from error


class _Worker:
    """The parent's end of one worker process."""

    def __init__(self, executable: str, namespaces: bool) -> None:
        self.scratch = tempfile.mkdtemp(prefix="vermillion-table-")
        settings = Settings(executable, self.scratch, SCRATCH_MB, namespaces)
        root = str(Path(__file__).resolve().parents[1])
        lifeline, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    # Descriptor numbers of the lifeline are chosen here, not inherited by chance.
                    f"import os; os.dup2({lifeline}, {LIFELINE_FD});"
                    " from renderers.table_worker import main; main()",
                    msgspec.json.encode(settings).decode(),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.scratch,
                env={
                    "PATH": "/usr/bin:/bin",
                    "PYTHONPATH": root,
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "HOME": self.scratch,
                    "TMPDIR": self.scratch,
                    "LANG": "C.UTF-8",
                    "TZ": "UTC",
                },
                pass_fds=(lifeline,),
                start_new_session=True,
            )
        finally:
            os.close(lifeline)

    def hello(self) -> Hello:
        """The worker's first words.

        Raises:
            _WorkerLost: it does not start.
        """
        hello = msgspec.msgpack.decode(self._read(START_TIMEOUT_S, None, 10**6), type=Hello)
        if hello.error:
            raise _WorkerLost(hello.error)
        return hello

    def ask(self, request: Request, timeout_s: float, memory_mb: int | None) -> Reply:
        data = msgspec.msgpack.encode(request)
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(_FRAME.pack(len(data)))
            pipe.write(data)
            pipe.flush()
        except OSError as error:
            raise _WorkerLost("it ended") from error
        most = 5 * request.pixels + MAX_JSON_BYTES + 2**20
        frame = self._read(timeout_s, memory_mb, most)
        try:
            return msgspec.msgpack.decode(frame, type=Reply)
        except msgspec.DecodeError as error:
            raise _WorkerLost(f"its reply cannot be read: {error}") from error

    def _read(self, timeout_s: float, memory_mb: int | None, most: int) -> bytes:
        """One frame.

        Raises:
            _DeadlinePassed, _MemoryPassed: a bound was passed while waiting.
            _WorkerLost: the worker ended, or its frame is too long.
        """
        deadline = time.monotonic() + timeout_s
        pipe = self._process.stdout
        assert pipe is not None
        number = pipe.fileno()
        need, data = _FRAME.size, bytearray()
        head = True
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _DeadlinePassed(f"no answer within {timeout_s:g} s")
            readable, _, _ = select.select([number], [], [], min(left, _MEMORY_POLL_S))
            if not readable:
                used = tree_memory_mb(self._process.pid) if memory_mb else 0.0
                if memory_mb and used > memory_mb:
                    raise _MemoryPassed(f"{used:.0f} MB used; the limit is {memory_mb} MB")
                continue
            part = os.read(number, min(need - len(data), 2**20))
            if not part:
                raise _WorkerLost("it ended")
            data += part
            if len(data) < need:
                continue
            if not head:
                return bytes(data)
            (need,) = _FRAME.unpack(data)
            if need > most:
                raise _WorkerLost(f"a reply of {need} bytes is over the bound of {most}")
            head, data = False, bytearray()

    def close(self) -> None:
        """End the worker, its browser and its scratch; returns when they are gone."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(OSError):
            os.close(self._lifeline)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.scratch, ignore_errors=True)

"""The parent's handle of one worker process: start, request, stop."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from renderers.scene import MAX_JSON_BYTES
from renderers.table.browser.memory import tree_memory_mb
from renderers.table.browser.messages import DRIVERS, Hello, PageReply, PageRequest, WorkerSettings
from renderers.table.browser.worker import LIFELINE_FD

START_TIMEOUT_S = 120.0
SCRATCH_MB = 512

_FRAME = struct.Struct("<I")
_MEMORY_POLL_S = 0.1
_LAST_WORDS_BYTES = 1000


class WorkerLost(Exception):
    """The worker ended or sent invalid data."""


class DeadlinePassed(Exception):
    """The worker has not answered in time."""


class MemoryPassed(Exception):
    """The worker and its browser exceed their memory limit."""


class WorkerProcess:
    """One worker process, from its start to its end.

    Args:
        executable: Chromium.
        namespaces: False disables namespaces, to test machines without them.
        driver: One of `DRIVERS`.
    """

    def __init__(self, executable: str, namespaces: bool, driver: str = DRIVERS[0]) -> None:
        self.scratch = tempfile.mkdtemp(prefix="vermillion-table-")
        settings = WorkerSettings(executable, self.scratch, SCRATCH_MB, namespaces, driver)
        root = str(Path(__file__).resolve().parents[3])
        places = dict.fromkeys([root, *(place for place in sys.path if place)])
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the worker)
        lifeline, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    # The descriptors of the lifeline get fixed numbers.
                    f"import os; os.dup2({lifeline}, {LIFELINE_FD});"
                    " from renderers.table.browser.worker import main; main()",
                    msgspec.json.encode(settings).decode(),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                cwd=self.scratch,
                env={
                    "PATH": "/usr/bin:/bin",
                    "PYTHONPATH": os.pathsep.join(places),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "HOME": self.scratch,
                    "TMPDIR": self.scratch,
                    "LANG": "C.UTF-8",
                    "TZ": "UTC",
                },
                pass_fds=(lifeline,),
                start_new_session=True,
            )
        except OSError:
            os.close(self._lifeline)
            self._complaints.close()
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise
        finally:
            os.close(lifeline)

    @property
    def pid(self) -> int:
        """Process of the supervisor; worker and browser are below it."""
        return self._process.pid

    def hello(self) -> Hello:
        """Read the worker's first message.

        Raises:
            WorkerLost: it does not start.
        """
        hello = msgspec.msgpack.decode(self._read(START_TIMEOUT_S, None, 10**6), type=Hello)
        if hello.error:
            raise self._lost(hello.error)
        return hello

    def ask(self, request: PageRequest, timeout_s: float, memory_mb: int | None) -> PageReply:
        """The worker's reply to one request.

        Raises:
            DeadlinePassed, MemoryPassed: a bound was passed.
            WorkerLost: the worker ended or spoke nonsense.
        """
        data = msgspec.msgpack.encode(request)
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(_FRAME.pack(len(data)))
            pipe.write(data)
            pipe.flush()
        except OSError as error:
            raise self._lost("it ended") from error
        most = 5 * request.pixels + MAX_JSON_BYTES + 2**20
        frame = self._read(timeout_s, memory_mb, most)
        try:
            reply = msgspec.msgpack.decode(frame, type=PageReply)
        except msgspec.DecodeError as error:
            raise WorkerLost(f"its reply cannot be read: {error}") from error
        return reply

    def _read(self, timeout_s: float, memory_mb: int | None, most: int) -> bytes:
        """One frame.

        Raises:
            DeadlinePassed, MemoryPassed: a bound was passed while waiting.
            WorkerLost: the worker ended, or its frame is too long.
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
                raise DeadlinePassed(f"no answer within {timeout_s:g} s")
            readable, _, _ = select.select([number], [], [], min(left, _MEMORY_POLL_S))
            if not readable:
                used = tree_memory_mb(self._process.pid) if memory_mb else 0.0
                if memory_mb and used > memory_mb:
                    raise MemoryPassed(f"{used:.0f} MB used; the limit is {memory_mb} MB")
                continue
            part = os.read(number, min(need - len(data), 2**20))
            if not part:
                raise self._lost("it ended")
            data += part
            if len(data) < need:
                continue
            if not head:
                return bytes(data)
            (need,) = _FRAME.unpack(data)
            if need > most:
                raise WorkerLost(f"a reply of {need} bytes is over the bound of {most}")
            head, data = False, bytearray()

    def _lost(self, what: str) -> WorkerLost:
        """The error for a lost worker, with its last output."""
        self._complaints.seek(max(0, self._complaints.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
        words = self._complaints.read().decode("utf-8", "replace").strip()
        return WorkerLost(f"{what}: {words}" if words else what)

    def close(self) -> None:
        """End the worker and its browser, and remove its scratch folder; returns when that is done."""
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
        self._complaints.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

"""A sandboxed worker that draws programs one after another, until one of them misbehaves.

To fork and confine a child costs as much as to draw an icon, and an SVG is no code: what it can do
is make the worker slow, large or crash. So a child draws up to `PROGRAMS` programs, and is ended
and replaced as soon as one is anything but drawn well. See docs/decisions/0004-svg.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from records.errors import RendererUnavailable, SandboxUnavailable
from renderers.contract import Limits, RenderStatus
from renderers.sandbox.probe import prove
from renderers.sandbox.server import ENVIRONMENT, Outcome
from renderers.svg_session_child import (
    FAILURE,
    JOB,
    KILL,
    LENGTH,
    MESSAGE_BYTES,
    PROBE,
    READY,
    RESULT,
)

if TYPE_CHECKING:
    from renderers.sandbox.server import ForkServer

PROGRAMS = 64
"""Programs a child draws before it is replaced in any case: what it leaks is bounded."""
_START_S = 120.0
_GRACE_S = 10.0
_RESTARTS = 3
_PIPE_BYTES = 2**20
_SIGNALS = {
    9: (RenderStatus.OUT_OF_MEMORY, "killed, most likely for the memory it used"),
    24: (RenderStatus.TIMEOUT, "used up its processor time"),
    31: (RenderStatus.DENIED, "made a system call of another machine's table"),
}


class _ServerDied(Exception):
    """The server is gone or does not answer; nothing is known of the job."""


class _Line:
    """Two pipes to a child. A socket could do more than carry bytes, so the child gets none."""

    def __init__(self, jobs: int, results: int) -> None:
        self._jobs, self._results = jobs, results

    @classmethod
    def laid(cls) -> tuple[Self, list[int]]:
        """A line, and the two descriptors of its far end."""
        theirs_in, jobs = os.pipe2(os.O_CLOEXEC)
        results, theirs_out = os.pipe2(os.O_CLOEXEC)
        for pipe in (jobs, results):
            os.set_blocking(pipe, False)
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return cls(jobs, results), [theirs_in, theirs_out]

    def close(self) -> None:
        os.close(self._jobs)
        os.close(self._results)

    def send(self, data: bytes, deadline: float) -> None:
        """All of the data; raises TimeoutError at the deadline, ConnectionError at the far end's."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._jobs, view) :]
            except BlockingIOError:
                _until(self._jobs, select.POLLOUT, deadline)

    def receive(self, most: int, deadline: float) -> bytes | None:
        """One message; None at the far end's end, b"" where it is longer than ``most``."""
        head = self._exactly(LENGTH.size, deadline)
        if head is None:
            return None
        (length,) = LENGTH.unpack(head)
        return b"" if length > most else self._exactly(length, deadline)

    def _exactly(self, length: int, deadline: float) -> bytes | None:
        data = bytearray()
        while len(data) < length:
            try:
                part = os.read(self._results, min(length - len(data), _PIPE_BYTES))
            except BlockingIOError:
                _until(self._results, select.POLLIN, deadline)
                continue
            if not part:
                return None
            data += part
        return bytes(data)


def _until(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError


class SessionServer:
    """Runs jobs of one target module (`warm`, `run`, `facts`), in confined children.

    Args:
        target: Dotted name of the module; see `renderers.sandbox.server.ForkServer`.
        limits: timeout_s a job, memory_mb and disk_mb a child.
        result_bytes: A longer result is unreadable_output.

    Attributes:
        children: Children used so far, the probe's included.
    """

    def __init__(self, target: str, limits: Limits, *, result_bytes: int) -> None:
        self.target, self.limits, self.result_bytes = target, limits, result_bytes
        self.facts: Mapping[str, Any] = {}
        self.wrapping: Mapping[str, Any] = {}
        self.children = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._line: _Line | None = None
        self._left = 0

    def start(self) -> None:
        """Start the warm process and prove its walls; does nothing if it runs.

        Raises:
            SandboxUnavailable: the machine cannot contain hostile code; names what got through.
            RendererUnavailable: the process does not start.
        """
        if self._process is not None:
            return
        self._launch()
        try:
            # The probe speaks to whatever takes orders; it was written for the other server.
            prove(cast("ForkServer", self))
            self._end_session()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process and all its children; nothing of it is left."""
        process, control, line = self._process, self._control, self._line
        self._process = self._control = self._line = None
        if line is not None:
            line.close()
        if control is not None:
            control.close()
        if process is not None:
            # The server ends when its caller hangs up; the launcher then tidies and follows.
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stderr is not None:
                process.stderr.close()

    def run(self, job: bytes, timeout_s: float | None = None) -> Outcome:
        """Run one job to its verdict.

        Raises:
            RendererUnavailable: the server died three times in a row over this job.
            SandboxUnavailable: the machine stopped giving the layers it gave at the start.
        """
        for _ in range(_RESTARTS):
            self.start()
            try:
                return self._ask(JOB, job, timeout_s or self.limits.timeout_s)
            except _ServerDied as death:
                last = death
                self.close()
        raise RendererUnavailable(
            f"the sandbox server for {self.target} died {_RESTARTS} times over one job ({last}); "
            "look for the kernel's out-of-memory killer in the system log, and lower --workers"
        )

    def order(self, kind: str, job: bytes, timeout_s: float) -> Outcome:
        """The probe's door: its one kind of job."""
        return self._ask(PROBE, job, timeout_s)

    def recycle(self) -> None:
        """End the child that drew last; the next job gets a fresh one."""
        if self._line is not None:
            self._end_session()

    def _ask(self, kind: bytes, job: bytes, timeout_s: float) -> Outcome:
        started = time.monotonic()
        line = self._session()
        self._left -= 1
        deadline = time.monotonic() + timeout_s
        try:
            line.send(LENGTH.pack(len(job) + 1) + kind + job, deadline)
            answer = line.receive(self.result_bytes + 1, deadline)
        except TimeoutError:
            self._end_session()
            return Outcome(RenderStatus.TIMEOUT, b"", f"not done after {timeout_s:g} s", timeout_s)
        except ConnectionError:
            answer = None
        seconds = time.monotonic() - started
        if answer is None:
            status, detail = _last_words(self._end_session())
            return Outcome(status, b"", detail, seconds)
        if answer[:1] == RESULT:
            if self._left <= 0:
                self._end_session()
            return Outcome(RenderStatus.OK, answer[1:], "", seconds)
        self._end_session()
        return Outcome(*_failure(answer, self.result_bytes), seconds)

    def _session(self) -> _Line:
        """The line to a confined child; forks one where there is none."""
        if self._line is not None:
            return self._line
        if self._control is None:
            raise _ServerDied("not running")
        line, theirs = _Line.laid()
        try:
            socket.send_fds(self._control, [b"session"], theirs)
        except OSError as error:
            line.close()
            raise _ServerDied(str(error)) from error
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        try:
            told = line.receive(MESSAGE_BYTES, time.monotonic() + _START_S)
        except TimeoutError as error:
            line.close()
            raise _ServerDied("a child was not wrapped in time") from error
        if told != READY:
            line.close()
            if told is None:
                raise _ServerDied("a child ended before its walls stood")
            raise SandboxUnavailable(
                f"a child could not be wrapped: {told[1:].decode('utf-8', 'replace')}; "
                "`vermillion doctor` shows the layers of this machine"
            )
        self._line, self._left = line, PROGRAMS
        self.children += 1
        return line

    def _end_session(self) -> int:
        """End the child, if it still lives; its exit code."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
        control = self._control
        if control is None:
            raise _ServerDied("not running")
        try:
            control.settimeout(_GRACE_S)
            # An idle child sees the closed line and ends; one that is busy is killed.
            control.send(KILL)
            message = control.recv(MESSAGE_BYTES)
        except OSError as error:
            raise _ServerDied(str(error)) from error
        if not message:
            raise _ServerDied("it hung up")
        code = json.loads(message)["exit"]
        return int(code)

    def _launch(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # `-m` looks in the working directory first: the folder that holds this very package.
            process = subprocess.Popen(
                [sys.executable, "-m", "renderers.svg_session_child", str(theirs.fileno())],
                cwd=Path(__file__).parents[1],
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._process, self._control = process, ours
        order = {
            "target": self.target,
            "memory_mb": self.limits.memory_mb,
            "disk_mb": self.limits.disk_mb,
            "cpu_s": int(PROGRAMS * self.limits.timeout_s) + 2,
        }
        ours.settimeout(_START_S)
        problem = ""
        try:
            ours.send(json.dumps(order).encode())
            hello = ours.recv(MESSAGE_BYTES)
        except OSError as error:
            hello, problem = b"", str(error)
        answer: dict[str, Any] = json.loads(hello) if hello else {"error": problem}
        if "error" in answer:
            ours.close()
            process.kill()
            _, words = process.communicate()
            self._process = self._control = None
            told = answer["error"] or words.decode("utf-8", "replace")[-2000:]
            raise RendererUnavailable(
                f"the sandbox server for {self.target} does not start: {told.strip()}"
            )
        self.facts, self.wrapping = answer["facts"], answer["wrapping"]


def _last_words(code: int) -> tuple[RenderStatus, str]:
    """What a child's end says about the program it was drawing."""
    if code < 0:
        return _SIGNALS.get(-code, (RenderStatus.CODE_CRASHED, f"killed by signal {-code}"))
    return RenderStatus.CODE_CRASHED, f"left with exit code {code} before it was done"


def _failure(answer: bytes, result_bytes: int) -> tuple[RenderStatus, bytes, str]:
    """A child's own account of its failure, believed only in its form."""
    if answer[:1] != FAILURE:
        detail = f"more than {result_bytes} bytes of output" if not answer else "no answer"
        return RenderStatus.UNREADABLE_OUTPUT, b"", detail
    try:
        told = json.loads(answer[1:])
        status, detail = RenderStatus(told["status"]), str(told["detail"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return RenderStatus.UNREADABLE_OUTPUT, b"", "an account of a failure that is none"
    if status is RenderStatus.OK:
        return RenderStatus.UNREADABLE_OUTPUT, b"", "a failure that says ok"
    return status, b"", detail[:2000]

"""A sandboxed child that runs many jobs, until one of them fails.

Forking and isolating a child costs as much as drawing an icon, and an SVG is not code: it can only
make the child slow, large or crash. So a child draws up to `PROGRAMS` programs, and is replaced as
soon as one of them fails. See docs/decisions/0004-svg.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import time
from typing import Self

from sandbox import wire
from sandbox.fork_server import ForkServer, JobResult, ServerDied
from sandbox.report import Report
from sandbox.status import Limits, RenderStatus

PROGRAMS = 64
"""Most programs that a child draws before it is replaced, so that leaks are bounded."""
_START_S = 120.0
_GRACE_S = 10.0
_PIPE_BYTES = 2**20


class _Line:
    """Two pipes to a child. A socket could do more than transfer bytes, so the child gets none."""

    def __init__(self, jobs: int, results: int) -> None:
        self._jobs, self._results = jobs, results

    @classmethod
    def laid(cls) -> tuple[Self, list[int]]:
        """Create the pipes; returns them and the child's two descriptors."""
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
        """Send all data; raises TimeoutError at the deadline, ConnectionError if the child closed
        its end."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._jobs, view) :]
            except BlockingIOError:
                _until(self._jobs, select.POLLOUT, deadline)

    def receive(self, most: int, deadline: float) -> bytes | None:
        """Receive one message; None if the child closed its end, b"" if it is longer than ``most``."""
        head = self._exactly(wire.LENGTH.size, deadline)
        if head is None:
            return None
        (length,) = wire.LENGTH.unpack(head)
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


class SessionServer(ForkServer):
    """Runs jobs of one target module, many of them in the same isolated child.

    Only for jobs that are not code: data of a job that stays in memory is visible to later jobs of
    that child.

    Args:
        target: Dotted name of the module; see `sandbox.fork_server.ForkServer`.
        limits: timeout_s a job, memory_mb and disk_mb a child.
        result_bytes: A longer result is unreadable_output.

    Attributes:
        children: Number of children used so far, including the self-test's.
    """

    _mode = wire.SESSION

    def __init__(self, target: str, limits: Limits, *, result_bytes: int) -> None:
        super().__init__(target, limits, result_bytes=result_bytes)
        self._order["session_cpu_s"] = int(PROGRAMS * limits.timeout_s) + 2
        self.children = 0
        self._line: _Line | None = None
        self._left = 0

    def start(self, *, proven: bool = True) -> None:
        """Start the server process and run the self-test in a child that is not used afterward."""
        running = self.launcher_pid is not None
        super().start(proven=proven)
        if not running:
            self.recycle()

    def close(self) -> None:
        """End the server process and all its children."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
        super().close()

    def recycle(self) -> None:
        """End the current child; the next job gets a new one."""
        if self._line is not None:
            self._end_session()

    def order(self, job: bytes, timeout_s: float, *, probing: bool = False) -> JobResult:
        """Run one job in the current child."""
        started = time.monotonic()
        line = self._session()
        self._left -= 1
        deadline = time.monotonic() + timeout_s
        try:
            kind = wire.PROBE if probing else wire.JOB
            line.send(wire.LENGTH.pack(len(job) + 1) + kind + job, deadline)
            answer = line.receive(self.result_bytes + 1, deadline)
        except TimeoutError:
            self._end_session()
            return JobResult(
                RenderStatus.TIMEOUT, b"", f"not done after {timeout_s:g} s", timeout_s
            )
        except ConnectionError:
            answer = None
        seconds = time.monotonic() - started
        if answer is None:
            return JobResult(*self._end_session().last_words(), seconds)
        if answer[:1] == wire.RESULT:
            if self._left <= 0:
                self._end_session()
            return JobResult(RenderStatus.OK, answer[1:], "", seconds)
        self._end_session()
        if answer[:1] == wire.FAILURE:
            return JobResult(*wire.failure_report(answer[1:]), seconds)
        detail = "no answer" if answer else f"more than {self.result_bytes} bytes of output"
        return JobResult(RenderStatus.UNREADABLE_OUTPUT, b"", detail, seconds)

    def _session(self) -> _Line:
        """The pipes to the isolated child; forks a child if there is none."""
        if self._line is not None:
            return self._line
        if self._control is None:
            raise ServerDied("not running")
        line, theirs = _Line.laid()
        try:
            socket.send_fds(self._control, [b"session"], theirs)
        except OSError as error:
            line.close()
            raise ServerDied(str(error)) from error
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._line, self._left = line, PROGRAMS
        try:
            greeting = line.receive(wire.MESSAGE_BYTES, time.monotonic() + _START_S)
        except TimeoutError as error:
            raise ServerDied("a child was not wrapped in time") from error
        if greeting != wire.READY:
            self._end_session().must_be_wrapped()
            raise ServerDied("a child ended before its walls stood")
        self.children += 1
        return line

    def _end_session(self) -> Report:
        """End the child if it is still running; returns the server's report on it."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
        control = self._control
        if control is None:
            raise ServerDied("not running")
        try:
            control.settimeout(_GRACE_S)
            # An idle child ends when its pipe closes; a busy one is killed.
            control.send(wire.KILL)
            message = control.recv(wire.MESSAGE_BYTES)
        except OSError as error:
            raise ServerDied(str(error)) from error
        if not message:
            raise ServerDied("it hung up")
        return Report.of(message)

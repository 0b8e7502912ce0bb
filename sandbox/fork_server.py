"""A server process with loaded libraries that forks a sandboxed child for each job.

Every job ends with a typed status within a hard deadline. `sandbox.session` runs many jobs in one child.
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
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from records.errors import RendererUnavailable
from sandbox.proof import prove
from sandbox.report import Report, judge
from sandbox.status import Limits, RenderStatus
from sandbox.warm_memory import MALLOC
from sandbox.wire import EACH, MESSAGE_BYTES, ORDER

_START_S = 120.0
_GRACE_S = 10.0
_RESTARTS = 3
_PIPE_BYTES = 2**20
ENVIRONMENT = {
    "PATH": "/nonexistent", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC",
    "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "1700000000", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system",
    "GLIBC_TUNABLES": MALLOC,
}  # fmt: skip
"""The environment variables of a server. Scripts can read them, so they are equal on every machine."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """The outcome of one job. The result is untrusted: the child may have written anything."""

    status: RenderStatus
    result: bytes = b""
    """What ``run`` returned; empty unless status is ok."""
    detail: str = ""
    seconds: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0


class ServerDied(Exception):
    """The server ended or does not answer; the state of the job is unknown."""


class ForkServer:
    """Runs jobs of one target module, each in a sandboxed fork of a warm process.

    A target is a module with two functions and perhaps a third::

        def warm() -> None: ...                               # once: import, load fonts
        def run(job: bytes, scratch: Path) -> bytes: ...      # in a fresh child, for each job
        def facts() -> dict[str, str | int | float]: ...      # after warm: versions, for the contract

    ``warm`` and ``facts`` are trusted and see the machine; they must start no thread. ``run``
    may do anything hostile: it sees the interpreter, its packages, system libraries and fonts,
    nothing else; it reaches no network, starts no process and leaves nothing behind. ``scratch``
    is its working directory, writable up to ``limits.disk_mb`` if the machine gives a child
    a file system of its own and read-only elsewhere, so a target should not depend on it.
    ``run`` raises `sandbox.verdict.Refused` for a verdict of its own; MemoryError is
    out_of_memory, PermissionError is denied, anything else code_crashed.

    Args:
        target: Dotted name of the module.
        limits: timeout_s, memory_mb (on top of what is warm) and disk_mb are enforced here.
        result_bytes: A longer result is unreadable_output.
        import_paths: Directories put on the import path for the target, readable by jobs.
        small_objects_mb: What the warm target holds in small objects, roughly. Laid out in one
            piece it forks in less time; see `sandbox.warm_memory`.
        without: Layers to leave out, to see what the others stop; never for real work.

    Example:
        >>> with ForkServer("sandbox.echo", Limits()) as server:  # doctest: +SKIP
        ...     server.run(b"hello").result
        b'hello'
    """

    _mode = EACH

    def __init__(
        self,
        target: str,
        limits: Limits,
        *,
        result_bytes: int = 64 * 2**20,
        import_paths: Iterable[Path] = (),
        small_objects_mb: int = 0,
        without: Iterable[str] = (),
    ) -> None:
        self.target = target
        self.limits = limits
        self.result_bytes = result_bytes
        self._order: dict[str, Any] = {
            "mode": self._mode,
            "target": target,
            "memory_mb": limits.memory_mb,
            "disk_mb": limits.disk_mb,
            "import_paths": [str(path) for path in import_paths],
            "small_objects_mb": small_objects_mb,
            "session_cpu_s": 0,
            "without": list(without),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.facts: Mapping[str, Any] = {}
        self.wrapping: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self, *, proven: bool = True) -> None:
        """Start the server process and run the escape self-test; does nothing if it is running.

        Args:
            proven: False skips the self-test, for callers that run it themselves.

        Raises:
            SandboxUnavailable: the machine cannot contain hostile code; the message names the
                attempts that succeeded.
            RendererUnavailable: the process does not start.
        """
        if self._process is not None:
            return
        self._launch()
        try:
            if proven:
                prove(self)
        except BaseException:
            self.close()
            raise

    @property
    def launcher_pid(self) -> int | None:
        """Process id of the launcher, the parent of all processes of this server; None if it is not
        running."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the server process and all its children."""
        self._end()

    def _end(self) -> bytes:
        """End all processes; returns what they wrote to standard error."""
        process, control = self._process, self._control
        self._process = self._control = None
        if control is not None:
            control.close()
        if process is None:
            return b""
        # The server ends when its caller closes the socket; the launcher then cleans up and ends.
        try:
            return process.communicate(timeout=_GRACE_S)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()[1]

    def run(self, job: bytes, timeout_s: float | None = None) -> JobResult:
        """Run one job and return its outcome.

        Args:
            job: Passed to the target's ``run``.
            timeout_s: Wall clock; the limits' by default.

        Raises:
            RendererUnavailable: the server died three times in a row over this job.
            SandboxUnavailable: isolation layers that were available at the start are no longer available.
        """
        for _ in range(_RESTARTS):
            self.start()
            try:
                return self.order(job, timeout_s or self.limits.timeout_s)
            except ServerDied as death:
                last = death
                self.close()
        raise RendererUnavailable(
            f"the sandbox server for {self.target} died {_RESTARTS} times over one job ({last}); "
            "look for the kernel's out-of-memory killer in the system log, and lower --workers"
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of the server process."""
        return ENVIRONMENT

    def order(self, job: bytes, timeout_s: float, *, probing: bool = False) -> JobResult:
        """Run one job of the target or, for the self-test, of `sandbox.escape_attempts`.

        Raises:
            ServerDied: the server ended, and the state of the job is unknown.
            SandboxUnavailable: its child could not be isolated.
        """
        if self._control is None:
            raise ServerDied("not running")
        sealed = _sealed(job)
        ours, theirs = os.pipe2(os.O_CLOEXEC)
        try:
            with contextlib.suppress(OSError):
                fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            try:
                message = ORDER.pack(probing, timeout_s)
                socket.send_fds(self._control, [message], [sealed, theirs])
            except OSError as error:
                raise ServerDied(str(error)) from error
            finally:
                os.close(theirs)
            answer, reply = self._collect(ours, time.monotonic() + timeout_s + _GRACE_S)
        finally:
            os.close(sealed)
            os.close(ours)
        if reply.unwrapped and reply.timed_out:
            raise ServerDied("a child was not wrapped before its deadline")
        reply.must_be_wrapped()
        status, result, detail = judge(answer, reply, self.result_bytes, timeout_s)
        return JobResult(status, result, detail, reply.seconds, reply.cpu_s, reply.peak_mb)

    def _launch(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # `-m` searches the working directory first, so it must be the folder that contains this
            # package.
            process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.launcher", str(theirs.fileno())],
                cwd=Path(__file__).parents[1],
                env={
                    **ENVIRONMENT,
                    "PYTHONPATH": _import_path(),
                    "TMPDIR": tempfile.gettempdir(),
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._process, self._control = process, ours
        ours.settimeout(_START_S)
        problem = ""
        try:
            ours.send(json.dumps(self._order).encode())
            hello = ours.recv(MESSAGE_BYTES)
        except OSError as error:
            hello, problem = b"", str(error)
        answer: dict[str, Any] = json.loads(hello) if hello else {"error": problem}
        if "error" in answer:
            words = self._end()
            reason = answer["error"] or words.decode("utf-8", "replace")[-2000:]
            raise RendererUnavailable(
                f"the sandbox server for {self.target} does not start: {reason.strip()}"
            )
        ours.settimeout(None)
        self.facts, self.wrapping = answer["facts"], answer["wrapping"]

    def _collect(self, pipe: int, deadline: float) -> tuple[bytearray, Report]:
        """Read the child's answer, up to the size limit, and then the server's report on the child."""
        control = self._control
        assert control is not None
        answer = bytearray()
        reply: Report | None = None
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        poll.register(control, select.POLLIN)
        reading = True
        while reading or reply is None:
            events = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not events:
                raise ServerDied("no word from the server past the deadline")
            for descriptor, _ in events:
                if descriptor == pipe:
                    part = os.read(pipe, _PIPE_BYTES)
                    # Bytes beyond the limit are read and dropped, so that the child can end by itself.
                    if len(answer) <= self.result_bytes:
                        answer += part
                    if not part:
                        poll.unregister(pipe)
                        reading = False
                elif reply is None:
                    try:
                        message = control.recv(MESSAGE_BYTES)
                    except OSError as error:
                        raise ServerDied(str(error)) from error
                    if not message:
                        raise ServerDied("it hung up")
                    reply = Report.of(message)
                    poll.unregister(control)
        return answer, reply


def _import_path() -> str:
    """The import path of this process; the launcher removes it from its environment again."""
    return os.pathsep.join(path for path in sys.path if path.startswith("/"))


def _sealed(job: bytes) -> int:
    """The job as a sealed in-memory file, positioned at its start."""
    descriptor = os.memfd_create("job", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(job)
    while view:
        view = view[os.write(descriptor, view) :]
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor

"""The server's own process: loads the libraries once, then forks sandboxed children.

There are three processes, each with fewer rights than its parent. The launcher moves into new
namespaces and forks the server, which loads the target, takes a root of its own and then forks
children: one for each job, or one for a session of many. Jobs and results pass directly between
caller and child, so no data of a job is ever in the memory from which the next child is forked.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import sandbox.layers as layers
import sandbox.syscalls as syscalls
from sandbox import root_folder as folder
from sandbox import warm_memory as memory
from sandbox import wire
from sandbox.oom_victims import Victims
from sandbox.status import RenderStatus
from sandbox.verdict import verdict

_CONFINED = b"1"


def main(control: int) -> NoReturn:
    """Serve until the caller disconnects; `control` is a seqpacket socket to the caller."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.pop("PYTHONPATH", None)
    caller = socket.socket(fileno=control)
    order = json.loads(caller.recv(wire.MESSAGE_BYTES))
    folder.remove_stale()
    scratch, held = folder.locked_folder()
    # A child must choose it again from TMPDIR: this process' choice is wrong there.
    tempfile.tempdir = None
    try:
        wrapping = layers.leave_host(order["without"])
        server = os.fork()
        if server == 0:
            os.close(held)  # It would be a way out of any root, so no child may have it.
            _serve(caller, order, wrapping, scratch)
        caller.close()
        os.waitpid(server, 0)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def _serve(
    caller: socket.socket, order: dict[str, Any], wrapping: layers.Wrapping, scratch: str
) -> NoReturn:
    try:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        server = _Server(caller, order, wrapping, scratch)
    except BaseException:  # noqa: BLE001 - the boundary: reported to the caller, who raises
        caller.send(json.dumps({"error": traceback.format_exc()[-4000:]}).encode())
        os._exit(1)
    caller.send(json.dumps({"facts": server.facts, "wrapping": asdict(wrapping)}).encode())
    one = server.one_job if order["mode"] == wire.EACH else server.one_session
    try:
        while one():
            pass
    finally:
        os._exit(0)


class _Server:
    """Loads the target once and forks children that run its jobs."""

    def __init__(
        self,
        caller: socket.socket,
        order: dict[str, Any],
        wrapping: layers.Wrapping,
        scratch: str,
    ) -> None:
        self.caller = caller
        self.wrapping = wrapping
        self.scratch = scratch
        self.memory_mb: int = order["memory_mb"]
        self.disk_mb: int = order["disk_mb"]
        self.session_cpu_s: int = order["session_cpu_s"]
        self.victims = Victims()
        self.own_processes = -1
        if wrapping.namespaces:
            self.own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        os.environ.update(HOME=scratch, TMPDIR=scratch, MPLCONFIGDIR=scratch)
        os.chdir(scratch)
        sys.path += order["import_paths"]
        memory.reserve_small_objects(order["small_objects_mb"])
        self.target: ModuleType = importlib.import_module(order["target"])
        self.target.warm()
        self.facts = self.target.facts() if hasattr(self.target, "facts") else {}
        for left in Path(scratch).iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        packages = Path(layers.__file__).parents[1]
        paths = [Path(path) for path in order["import_paths"]]
        self.readable = layers.readable_paths(
            [*(packages / room for room in ("sandbox", "renderers", "records")), *paths]
        )
        memory.freeze_memory()
        self.address_space = _address_space()
        self._take_own_root()
        null = os.open("/dev/null", os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)

    def _take_own_root(self) -> None:
        wrapping = self.wrapping
        if wrapping.namespaces:
            try:
                # Some machines allow creating namespaces and then deny using them.
                layers.next_child_apart(self.own_processes)
            except OSError as error:
                wrapping.namespaces = wrapping.own_users = False
                wrapping.details["namespaces"] = f"given but not usable: {error}"
        if wrapping.namespaces:
            try:
                layers.enter_own_root(self.readable, self.scratch)
            except OSError as error:
                wrapping.details["own root"] = str(error)
            else:
                wrapping.own_root = True
                wrapping.details["own root"] = f"{len(self.readable)} paths, read-only"
                self.scratch = layers.INSIDE_SCRATCH
                for name in ("HOME", "TMPDIR", "MPLCONFIGDIR"):
                    os.environ[name] = self.scratch

    def one_job(self) -> bool:
        """Wait for a job and run its child to its end; False if the caller disconnected."""
        order = self._next_order()
        if order is None:
            return False
        message, (job, result) = order
        probing, timeout_s = wire.ORDER.unpack(message)

        def work() -> None:
            given = os.pread(job, os.fstat(job).st_size, 0)
            os.close(job)
            wire.write_all(result, self._answer(given, probing=probing))

        return self._see_through(work, (job, result), timeout_s, int(timeout_s) + 2)

    def one_session(self) -> bool:
        """Wait for a session's pipes and run its child to its end; False if the caller disconnected."""
        order = self._next_order()
        if order is None:
            return False
        _, descriptors = order
        if not descriptors:
            return True  # The child had ended before the kill request arrived.
        jobs, results = descriptors

        def work() -> None:
            wire.send(results, wire.READY)
            while (job := wire.receive(jobs, wire.MAX_JOB_BYTES)) is not None:
                wire.send(results, self._answer(job[1:], probing=job[:1] == wire.PROBE))

        return self._see_through(work, (jobs, results), None, self.session_cpu_s)

    def _next_order(self) -> tuple[bytes, list[int]] | None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self.caller, wire.MESSAGE_BYTES, 2)
        except ConnectionResetError:
            return None
        return (message, descriptors) if message else None

    def _see_through(
        self,
        work: Callable[[], None],
        descriptors: tuple[int, int],
        timeout_s: float | None,
        cpu_s: int,
    ) -> bool:
        """Fork a child, wait for its end and report; False if the caller disconnected.

        Args:
            work: What the child runs once it is isolated.
            descriptors: Descriptors of the child, closed in this process.
            timeout_s: Wall clock limit; None lets the child run until the caller ends it.
            cpu_s: CPU time limit.
        """
        wrapped, tell_wrapped = os.pipe2(os.O_CLOEXEC)
        if self.wrapping.namespaces:
            layers.next_child_apart(self.own_processes)
        started = time.monotonic()
        self.victims.begin()
        child = os.fork()
        if child == 0:
            os.close(wrapped)
            self._child(work, tell_wrapped, cpu_s)
        self.victims.end()
        for theirs in (*descriptors, tell_wrapped):
            os.close(theirs)
        on_time, going_on = self._ends(child, started, timeout_s)
        _, code, usage = os.wait4(child, 0)
        note = os.read(wrapped, wire.MESSAGE_BYTES)
        os.close(wrapped)
        report = wire.REPORT.pack(
            os.waitstatus_to_exitcode(code),
            not on_time,
            time.monotonic() - started,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024,
        )
        try:
            self.caller.send(report + (b"" if note == _CONFINED else note or b"died"))
        except (BrokenPipeError, ConnectionResetError):
            return False
        return going_on

    def _ends(self, child: int, started: float, timeout_s: float | None) -> tuple[bool, bool]:
        """Wait for a child's end, or end it at its deadline or at the caller's request.

        Returns:
            Whether the child ended by itself, and whether the caller is still connected.
        """
        ended = os.pidfd_open(child)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        if timeout_s is None:
            poll.register(self.caller, select.POLLIN | select.POLLHUP)
            happened = poll.poll()
        else:
            # Before a job ends, the only message of the caller can be that it disconnects.
            poll.register(self.caller, select.POLLHUP)
            happened = poll.poll(max(0.0, started + timeout_s - time.monotonic()) * 1000)
        alone = any(descriptor == ended for descriptor, _ in happened)
        message = wire.KILL
        if not alone:
            if timeout_s is None:
                message = b""
                with contextlib.suppress(ConnectionResetError):
                    message = self.caller.recv(wire.MESSAGE_BYTES)
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        os.close(ended)
        return alone, bool(message)

    def _child(self, work: Callable[[], None], tell_wrapped: int, cpu_s: int) -> NoReturn:
        """Isolate this process, report that, run the work, and end."""
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            self.caller.close()
            self.victims.forget()
            if self.own_processes >= 0:
                os.close(self.own_processes)
            layers.confine(
                self.wrapping,
                readable=self.readable,
                scratch=self.scratch,
                memory_bytes=self.address_space + self.memory_mb * 2**20,
                disk_mb=self.disk_mb,
                cpu_s=cpu_s,
            )
        except BaseException as error:  # noqa: BLE001 - reported to the server, which is still trusted
            words = f"{type(error).__name__}: {error}".encode()
            os.write(tell_wrapped, words[: wire.MESSAGE_BYTES // 2])
            os._exit(1)
        os.write(tell_wrapped, _CONFINED)
        os.close(tell_wrapped)
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001 - nothing may go on in a child; the exit code says it
            status = 1
        finally:
            os._exit(status)

    def _answer(self, work: bytes, *, probing: bool) -> bytes:
        try:
            if probing:
                from sandbox.escape_attempts import run
            else:
                run = self.target.run
            return wire.RESULT + bytes(memory.with_deep_stack(run)(work, Path(self.scratch)))
        except BaseException as error:  # noqa: BLE001 - every end of a job is a verdict
            status, detail = RenderStatus.CODE_CRASHED, type(error).__name__
            with contextlib.suppress(Exception):
                status, detail = verdict(error, (self.scratch, *self.readable))
            words = json.dumps({"status": status.value, "detail": detail})
            return wire.FAILURE + words.encode("utf-8", "replace")


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]))

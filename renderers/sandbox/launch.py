"""The far side of a `ForkServer`: a warm process that forks one wrapped child a job.

Three processes, each with less than the one before. The launcher moves into new namespaces and
forks the server, which loads the target, takes a root of its own and then forks a child for every
job. Jobs and results go between the caller and the child by descriptors of their own, so that
nothing of one job is ever in the memory from which the next child is forked.
"""

from __future__ import annotations

import contextlib
import gc
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
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import renderers.sandbox.layers as layers
import renderers.sandbox.syscalls as syscalls
from renderers.contract import RenderStatus
from renderers.sandbox.refusal import verdict

MESSAGE_BYTES = 2**16
JOB, PROBE = "job", "probe"
RESULT, FAILURE = b"\0", b"\1"
"""First byte of what a child sends: its result, or a JSON object with status and detail."""
_CONFINED = b"1"


def main(control: int) -> NoReturn:
    """Serve until the caller goes; `control` is a seqpacket socket to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.pop("PYTHONPATH", None)
    caller = socket.socket(fileno=control)
    order = json.loads(caller.recv(MESSAGE_BYTES))
    scratch = tempfile.mkdtemp(prefix="vermillion-")
    tempfile.tempdir = None  # Chosen anew from TMPDIR: what is right here is not so in a child.
    try:
        wrapping = layers.leave_host(order["without"])
        server = os.fork()
        if server == 0:
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
    except BaseException:  # noqa: BLE001 - the boundary: the caller is told and raises
        caller.send(json.dumps({"error": traceback.format_exc()[-4000:]}).encode())
        os._exit(1)
    caller.send(json.dumps({"facts": server.facts, "wrapping": asdict(wrapping)}).encode())
    try:
        while server.one_job():
            pass
    finally:
        os._exit(0)


class _Server:
    """Loads the target once and forks a child for each job."""

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
        self.own_processes = -1
        if wrapping.namespaces:
            self.own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        os.environ.update(HOME=scratch, TMPDIR=scratch, MPLCONFIGDIR=scratch)
        os.chdir(scratch)
        sys.path += order["import_paths"]
        self.target: ModuleType = importlib.import_module(order["target"])
        self.target.warm()
        self.facts = self.target.facts() if hasattr(self.target, "facts") else {}
        for left in Path(scratch).iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        own_packages = [
            Path(layers.__file__).parents[1],
            Path(layers.__file__).parents[2] / "records",
        ]
        paths = [Path(path) for path in (*order["import_paths"], *order["readable"])]
        self.readable = layers.readable_paths([*own_packages, *paths])
        gc.collect()
        gc.freeze()
        syscalls.gather_memory()
        self.address_space = _address_space()
        if wrapping.namespaces:
            try:
                # Some machines give namespaces and then no right to use them.
                layers.next_child_apart(self.own_processes)
            except OSError as error:
                wrapping.namespaces = wrapping.own_users = False
                wrapping.details["namespaces"] = f"given but not usable: {error}"
        if wrapping.namespaces:
            try:
                layers.enter_own_root(self.readable, scratch)
            except OSError as error:
                wrapping.details["own root"] = str(error)
            else:
                wrapping.own_root = True
                wrapping.details["own root"] = f"{len(self.readable)} paths, read-only"
                self.scratch = layers.INSIDE_SCRATCH
                for name in ("HOME", "TMPDIR", "MPLCONFIGDIR"):
                    os.environ[name] = self.scratch
        null = os.open("/dev/null", os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)

    def one_job(self) -> bool:
        """Wait for a job and see it through; False when the caller has gone."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self.caller, MESSAGE_BYTES, 2)
        except ConnectionResetError:
            return False
        if not message:
            return False
        order = json.loads(message)
        job, result = descriptors
        confined, tell_confined = os.pipe2(os.O_CLOEXEC)
        if self.wrapping.namespaces:
            layers.next_child_apart(self.own_processes)
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(confined)
            self._child(order, job, result, tell_confined)
        for mine in (job, result, tell_confined):
            os.close(mine)
        timed_out = self._wait(child, started + order["timeout_s"])
        _, code, usage = os.wait4(child, 0)
        note = os.read(confined, MESSAGE_BYTES)
        os.close(confined)
        reply = {
            "exit": os.waitstatus_to_exitcode(code),
            "timed_out": timed_out,
            "setup_error": "" if note == _CONFINED else note.decode("utf-8", "replace") or "died",
            "seconds": time.monotonic() - started,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "peak_mb": usage.ru_maxrss / 1024,
        }
        try:
            self.caller.send(json.dumps(reply).encode())
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def _wait(self, child: int, deadline: float) -> bool:
        """Wait for a child's end; True where the end was the deadline, or the caller's own."""
        ended = os.pidfd_open(child)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(self.caller, select.POLLHUP)
        left = max(0.0, deadline - time.monotonic())
        happened = poll.poll(left * 1000)
        on_time = any(descriptor == ended for descriptor, _ in happened)
        if not on_time:
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        os.close(ended)
        return not on_time

    def _child(self, order: dict[str, Any], job: int, result: int, tell_confined: int) -> NoReturn:
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            self.caller.close()
            if self.own_processes >= 0:
                os.close(self.own_processes)
            layers.confine(
                self.wrapping,
                readable=self.readable,
                scratch=self.scratch,
                memory_bytes=self.address_space + self.memory_mb * 2**20,
                disk_mb=self.disk_mb,
                cpu_s=int(order["timeout_s"]) + 2,
            )
        except BaseException as error:  # noqa: BLE001 - told to the server, which is still trusted
            os.write(tell_confined, f"{type(error).__name__}: {error}".encode()[:MESSAGE_BYTES])
            os._exit(status)
        os.write(tell_confined, _CONFINED)
        os.close(tell_confined)
        try:
            answer = self._answer(order, job)
            _write_all(result, answer)
            status = 0
        except BaseException:  # noqa: BLE001 - nothing may go on in a child; the exit code tells
            status = 1
        finally:
            os._exit(status)

    def _answer(self, order: dict[str, Any], job: int) -> bytes:
        try:
            if order["kind"] == PROBE:
                from renderers.sandbox.attempts import run
            else:
                run = self.target.run
            work = os.pread(job, os.fstat(job).st_size, 0)
            os.close(job)
            return RESULT + bytes(run(work, Path(self.scratch)))
        except BaseException as error:  # noqa: BLE001 - every end of a job is a verdict
            status, detail = RenderStatus.CODE_CRASHED, type(error).__name__
            with contextlib.suppress(Exception):
                status, detail = verdict(error, (self.scratch, *self.readable))
            words = json.dumps({"status": status.value, "detail": detail})
            return FAILURE + words.encode("utf-8", "replace")


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main(int(sys.argv[1]))

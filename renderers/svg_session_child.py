"""The far side of `renderers.svg_session`: a warm process, and one confined child at a time.

Three processes, as in `renderers.sandbox.launch`: the launcher moves into new namespaces and forks
the server; the server loads the target, takes a root of its own and forks a child for each session;
the child gives up everything and then answers job after job over the two pipes it is left with.
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
import struct
import sys
import tempfile
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from renderers.contract import RenderStatus
from renderers.sandbox import layers, syscalls
from renderers.sandbox.refusal import verdict

MESSAGE_BYTES = 2**16
LENGTH = struct.Struct("<I")
MAX_JOB_BYTES = 2**26
JOB, PROBE = b"J", b"P"
RESULT, FAILURE, READY = b"\0", b"\1", b"\2"
"""First byte of what a child sends: a result, an account of a failure, or that its walls stand."""
KILL = b"kill"


def main(control: int) -> NoReturn:
    """Serve until the caller goes; ``control`` is a seqpacket socket to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    caller = socket.socket(fileno=control)
    order = json.loads(caller.recv(MESSAGE_BYTES))
    scratch = tempfile.mkdtemp(prefix="vermillion-")
    try:
        wrapping = layers.leave_host()
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
        while server.one_session():
            pass
    finally:
        os._exit(0)


class _Server:
    """Loads the target once and forks a child for each session."""

    def __init__(
        self,
        caller: socket.socket,
        order: dict[str, Any],
        wrapping: layers.Wrapping,
        scratch: str,
    ) -> None:
        self.caller, self.wrapping, self.scratch = caller, wrapping, scratch
        self.memory_mb: int = order["memory_mb"]
        self.disk_mb: int = order["disk_mb"]
        self.cpu_s: int = order["cpu_s"]
        self.own_processes = -1
        if wrapping.namespaces:
            self.own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        os.environ.update(HOME=scratch, TMPDIR=scratch)
        os.chdir(scratch)
        self.target = importlib.import_module(order["target"])
        self.target.warm()
        self.facts = self.target.facts()
        packages = Path(layers.__file__).parents[2]
        self.readable = layers.readable_paths([packages / "renderers", packages / "records"])
        gc.collect()
        self.address_space = _address_space()
        if wrapping.namespaces:
            try:
                layers.enter_own_root(self.readable, scratch)
            except OSError as error:
                wrapping.details["own root"] = str(error)
            else:
                wrapping.own_root = True
                wrapping.details["own root"] = f"{len(self.readable)} paths, read-only"
                self.scratch = layers.INSIDE_SCRATCH
                os.environ.update(HOME=self.scratch, TMPDIR=self.scratch)
        null = os.open("/dev/null", os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)
        gc.freeze()

    def one_session(self) -> bool:
        """Wait for a caller's pipes and see their child through; False when the caller has gone."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self.caller, MESSAGE_BYTES, 2)
        except ConnectionResetError:
            return False
        if not message:
            return False
        if not descriptors:
            return True  # A kill that crossed its child's own end.
        jobs, results = descriptors
        if self.wrapping.namespaces:
            layers.next_child_apart(self.own_processes)
        child = os.fork()
        if child == 0:
            self._child(jobs, results)
        os.close(jobs)
        os.close(results)
        going_on = self._wait(child)
        _, code, usage = os.wait4(child, 0)
        report = {"exit": os.waitstatus_to_exitcode(code), "peak_mb": usage.ru_maxrss / 1024}
        try:
            self.caller.send(json.dumps(report).encode())
        except (BrokenPipeError, ConnectionResetError):
            return False
        return going_on

    def _wait(self, child: int) -> bool:
        """Wait for a child's end, or end it on request; False where the caller has gone."""
        ended = os.pidfd_open(child)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(self.caller, select.POLLIN | select.POLLHUP)
        told = b""
        if not any(descriptor == ended for descriptor, _ in poll.poll()):
            with contextlib.suppress(ConnectionResetError):
                told = self.caller.recv(MESSAGE_BYTES)
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        else:
            told = KILL
        os.close(ended)
        return bool(told)

    def _child(self, jobs: int, results: int) -> NoReturn:
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
                cpu_s=self.cpu_s,
            )
            send(results, READY)
        except BaseException as error:  # noqa: BLE001 - told to the caller, which raises
            send(results, FAILURE + f"{type(error).__name__}: {error}".encode()[:MESSAGE_BYTES])
            os._exit(1)
        status = 1
        try:
            while (job := receive(jobs, MAX_JOB_BYTES)) is not None:
                send(results, self._answer(job))
            status = 0
        finally:
            os._exit(status)

    def _answer(self, job: bytes) -> bytes:
        try:
            if job[:1] == PROBE:
                from renderers.sandbox.attempts import run
            else:
                run = self.target.run
            return RESULT + bytes(run(job[1:], Path(self.scratch)))
        except BaseException as error:  # noqa: BLE001 - every end of a job is a verdict
            status, detail = RenderStatus.CODE_CRASHED, type(error).__name__
            with contextlib.suppress(Exception):
                status, detail = verdict(error, (self.scratch, *self.readable))
            return FAILURE + json.dumps({"status": status.value, "detail": detail}).encode()


def send(pipe: int, data: bytes) -> None:
    """One message: its length, then itself."""
    view = memoryview(LENGTH.pack(len(data)) + data)
    while view:
        view = view[os.write(pipe, view) :]


def receive(pipe: int, most: int) -> bytes | None:
    """One message, or None at the end of the pipe or where it is longer than ``most``."""
    head = _exactly(pipe, LENGTH.size)
    if head is None:
        return None
    (length,) = LENGTH.unpack(head)
    return None if length > most else _exactly(pipe, length)


def _exactly(pipe: int, length: int) -> bytes | None:
    data = bytearray()
    while len(data) < length:
        part = os.read(pipe, min(length - len(data), 2**20))
        if not part:
            return None
        data += part
    return bytes(data)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]))

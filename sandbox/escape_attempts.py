"""Escape attempts that the self-test runs inside a sandboxed child: files, network, signals and more."""

# ruff: noqa: PTH101, PTH116, PTH118, PTH120
# Reason: the attempts test system calls, so their plain names are used.

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import stat
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

_CALLS = {
    "x86_64": {
        "ptrace": 101, "mount": 165, "unshare": 272, "setns": 308, "keyctl": 250, "bpf": 321,
        "io_uring_setup": 425, "userfaultfd": 323, "perf_event_open": 298, "memfd_create": 319,
        "process_vm_readv": 310, "pidfd_open": 434, "open_by_handle_at": 304, "symlink": 88,
    },
    "aarch64": {
        "ptrace": 117, "mount": 40, "unshare": 97, "setns": 268, "keyctl": 219, "bpf": 280,
        "io_uring_setup": 425, "userfaultfd": 282, "perf_event_open": 241, "memfd_create": 279,
        "process_vm_readv": 270, "pidfd_open": 434, "open_by_handle_at": 265, "symlinkat": 36,
    },
}  # fmt: skip


class _GotThrough(Exception):
    """An attempt succeeded that should have failed."""


def run(job: bytes, scratch: Path) -> bytes:
    """Try every attempt that the job lists; returns JSON: attempt -> how it succeeded, or ''."""
    bait = json.loads(job)
    results = {}
    for name, attempt in ATTEMPTS.items():
        try:
            attempt(bait, scratch)
            results[name] = ""
        except _GotThrough as error:
            results[name] = str(error)
    return json.dumps(results).encode()


def _must_fail(what: str, action: Callable[[], object]) -> None:
    try:
        action()
    except OSError:
        return
    raise _GotThrough(what)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(64)


def _host_file(bait: Mapping[str, Any], scratch: Path) -> None:
    for path in ("/etc/passwd", "/etc/shadow", "/etc/hostname", *bait["files"]):
        _must_fail(f"read {path}", partial(_read, path))


def _environment(bait: Mapping[str, Any], scratch: Path) -> None:
    strange = sorted(set(os.environ) - set(bait["environment"]))
    if strange:
        raise _GotThrough(f"sees {', '.join(strange)} in its environment")


def _other_processes(bait: Mapping[str, Any], scratch: Path) -> None:
    for who in ("self", "1", str(os.getppid()), str(bait["pid"])):
        for what in ("environ", "mem", "cmdline", "maps"):
            path = f"/proc/{who}/{what}"
            _must_fail(f"read {path}", partial(_read, path))
    for descriptor in range(256):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                raise _GotThrough(f"holds a socket, descriptor {descriptor}")


def _write_outside(bait: Mapping[str, Any], scratch: Path) -> None:
    own = os.path.dirname(__file__)
    for folder in (*bait["folders"], "/", "/tmp", "/var/tmp", "/dev/shm", own):
        path = os.path.join(folder, "vermillion-probe")
        _must_fail(f"wrote to {folder}", partial(os.open, path, os.O_CREAT | os.O_WRONLY))
        _must_fail(f"made a folder in {folder}", partial(os.mkdir, path))
    _must_fail("changed the mode of a library", lambda: os.chmod(__file__, 0o644))
    _must_fail("emptied a library", lambda: os.truncate(__file__, os.stat(__file__).st_size))
    module = os.path.join(own, "__init__.py")
    _must_fail("opened a library to write", lambda: os.open(module, os.O_RDWR))


def _network(bait: Mapping[str, Any], scratch: Path) -> None:
    def tcp() -> None:
        with socket.socket() as out:
            out.connect(("127.0.0.1", bait["tcp_port"]))

    def udp() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"probe", ("127.0.0.1", bait["udp_port"]))

    def unix(address: str) -> None:
        with socket.socket(socket.AF_UNIX) as out:
            out.connect(address)

    def server() -> None:
        with socket.socket() as mine:
            mine.bind(("127.0.0.1", 0))
            mine.listen()

    _must_fail("connected by TCP", tcp)
    _must_fail("sent by UDP", udp)
    _must_fail("connected to a unix socket", lambda: unix(bait["unix_path"]))
    _must_fail("connected to an abstract unix socket", lambda: unix("\0" + bait["unix_name"]))
    _must_fail("listened on a port", server)


def _new_processes(bait: Mapping[str, Any], scratch: Path) -> None:
    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)

    _must_fail("forked", fork)
    program = bait["program"]
    _must_fail("started a program", lambda: os.posix_spawn(program, [program, "-c", ""], {}))
    _must_fail("became a program", lambda: os.execv(program, [program, "-c", ""]))


def _signals(bait: Mapping[str, Any], scratch: Path) -> None:
    for pid in (bait["pid"], os.getppid(), -1, 1):
        _must_fail(f"signaled process {pid}", partial(os.kill, pid, 0))


def _system_calls(bait: Mapping[str, Any], scratch: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    # Harmless arguments: an allowed call fails, too, but not with EPERM.
    for name, number in _CALLS.get(os.uname().machine, {}).items():
        result = library.syscall(number, -1, 0, 0, 0, 0, 0)
        if result >= 0 or ctypes.get_errno() not in (1, 38):
            raise _GotThrough(f"{name} was let through")


def _disk(bait: Mapping[str, Any], scratch: Path) -> None:
    block = bytes(2**20)

    def fill() -> None:
        for number in range(bait["disk_mb"] + 1):
            with open(scratch / f"fill{number}", "wb") as file:
                file.write(block)

    try:
        _must_fail(f"wrote over {bait['disk_mb']} MB", fill)
    finally:
        for left in scratch.glob("fill*"):
            left.unlink()


def _memory(bait: Mapping[str, Any], scratch: Path) -> None:
    try:
        taken = bytearray((bait["memory_mb"] + 1) * 2**20)
    except MemoryError:
        return
    raise _GotThrough(f"took {len(taken) >> 20} MB")


ATTEMPTS: dict[str, Callable[[Mapping[str, Any], Path], None]] = {
    "host files": _host_file, "environment": _environment, "other processes": _other_processes,
    "writing outside": _write_outside, "network": _network, "new processes": _new_processes,
    "signals": _signals, "system calls": _system_calls, "disk": _disk, "memory": _memory,
}  # fmt: skip
"""Forbidden operation -> a function that tries it and raises if it succeeds."""

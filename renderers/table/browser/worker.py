"""The process that holds the browser: a supervisor, and below it a worker in its own namespaces.

Started by `renderers.table.renderer` as ``python -m renderers.table.browser.worker`` with an almost empty
environment. The supervisor lives as long as its lifeline (a pipe whose other end the parent holds):
when the parent closes it, or dies by whatever signal, everything below is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import struct
import sys
import time
from pathlib import Path
from typing import BinaryIO

import msgspec
import psutil

from renderers.table.browser.messages import Hello, Request, Settings
from sandbox.memory_group_place import cgroup_mounts

LIFELINE_FD = 3
_FRAME = struct.Struct("<I")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_CLONE = {
    "mount": 0x00020000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_PRIVATE_RECURSIVE = 0x44000
_MNT_DETACH = 2
_INNER_ID = 1000


def write_frame(stream: BinaryIO, message: msgspec.Struct) -> None:
    data = msgspec.msgpack.encode(message)
    stream.write(_FRAME.pack(len(data)))
    stream.write(data)
    stream.flush()


def _read_exactly(stream: BinaryIO, count: int) -> bytes | None:
    data = stream.read(count)
    return data if len(data) == count else None


def main() -> None:
    settings = msgspec.json.decode(sys.argv[1], type=Settings)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    layers = _enter_namespaces(libc) if settings.namespaces else {}
    supervisor = os.getpid()
    worker = os.fork()
    if worker == 0:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if "pid" not in layers and os.getppid() != supervisor:
            os._exit(1)
        os.close(LIFELINE_FD)
        code = 1
        try:
            _serve(libc, settings, layers)
            code = 0
        finally:
            os._exit(code)
    # Requests and replies are the worker's; the supervisor must not hold the pipes open.
    os.close(0)
    os.close(1)
    _supervise(libc, worker, Path(settings.scratch), "pid" in layers)


def _enter_namespaces(libc: ctypes.CDLL) -> dict[str, bool]:
    """Own user, net, pid, mount, ipc and uts namespaces, as far as the machine allows them.

    Inside, the user has the number 1000 and no capability of the machine, even where root started
    it; so Chromium's own sandbox, which refuses root, works too.
    """
    uid, gid = os.getuid(), os.getgid()
    wanted = tuple(_CLONE)
    for names in (wanted, ("user", "net", "pid"), ("user", "net")):
        if libc.unshare(sum(_CLONE[name] for name in names)) == 0:
            break
    else:
        return {}
    try:
        with contextlib.suppress(FileNotFoundError):
            Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{_INNER_ID} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{_INNER_ID} {gid} 1")
    except OSError as error:
        # Half way in, with no identity: start again without.
        argv = msgspec.json.decode(sys.argv[1], type=Settings)
        plain = msgspec.structs.replace(argv, namespaces=False)
        print(f"user namespaces are refused: {error}", file=sys.stderr)
        os.execv(
            sys.executable,
            [
                sys.executable,
                "-m",
                "renderers.table.browser.worker",
                msgspec.json.encode(plain).decode(),
            ],
        )
    return dict.fromkeys(names, True)


def _mount_scratch(libc: ctypes.CDLL, settings: Settings, layers: dict[str, bool]) -> None:
    """A size-limited tmpfs as scratch and as shared memory, and a /proc of these processes only."""
    if "mount" not in layers:
        return
    libc.mount(b"none", b"/", None, _MS_PRIVATE_RECURSIVE, None)
    size = f"size={settings.scratch_mb}m,mode=0700".encode()
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    layers["scratch of limited size"] = (
        libc.mount(b"tmpfs", settings.scratch.encode(), b"tmpfs", flags, size) == 0
    )
    libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", flags, size)
    # Whoever can write there could move itself to another memory group, or raise its own limit.
    layers["no way to memory groups"] = all(
        libc.mount(b"none", bytes(point), b"tmpfs", flags | _MS_RDONLY, b"size=4k,mode=0500") == 0
        for point, *_ in cgroup_mounts()
    )
    layers["own /proc"] = libc.mount(b"proc", b"/proc", b"proc", flags, None) == 0


def _supervise(libc: ctypes.CDLL, worker: int, scratch: Path, enclosed: bool) -> None:
    """Wait for the worker's or the parent's end, then leave nothing behind."""
    ended = os.pidfd_open(worker)
    select.select([LIFELINE_FD, ended], [], [])
    if enclosed:
        # The first process of a pid namespace takes all others with it, and is gone after them.
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    else:
        _kill_below()
    libc.umount2(str(scratch).encode(), _MNT_DETACH)
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def _kill_below() -> None:
    """Kill every descendant; orphans come to us, since we are their subreaper."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        living = [
            child
            for child in psutil.Process().children(recursive=True)
            if child.status() != psutil.STATUS_ZOMBIE
        ]
        for child in living:
            with contextlib.suppress(psutil.Error):
                child.kill()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not living:
            return
        time.sleep(0.01)


def _serve(libc: ctypes.CDLL, settings: Settings, layers: dict[str, bool]) -> None:
    """Answer requests until there are no more."""
    requests, replies = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may reach the parent's reader.
    os.dup2(2, 1)
    _mount_scratch(libc, settings, layers)
    _write_font_settings(Path(settings.scratch))
    from renderers.table.browser.chromium import open_browser
    from renderers.table.browser.driver import BrowserError

    try:
        browser = open_browser(settings.executable, Path(settings.scratch), layers, settings.driver)
    except BrowserError as error:
        write_frame(replies, Hello(error=str(error)))
        return
    write_frame(replies, Hello(browser.version, layers))
    while (head := _read_exactly(requests, _FRAME.size)) is not None:
        body = _read_exactly(requests, _FRAME.unpack(head)[0])
        if body is None:
            return
        request = msgspec.msgpack.decode(body, type=Request)
        write_frame(replies, browser.answer(request))


def _write_font_settings(scratch: Path) -> None:
    from renderers.table.fonts import font_settings

    (scratch / "fonts.conf").write_text(font_settings(scratch / "fontconfig"))


if __name__ == "__main__":
    main()

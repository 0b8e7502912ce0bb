"""The process that holds the browser: a supervisor, and below it a worker in its own namespaces.

Started by `renderers.table.renderer` as ``python -m renderers.table.browser.worker`` with an almost empty
environment. The supervisor lives as long as its lifeline (a pipe whose other end the parent holds):
when the parent closes it, or dies by whatever signal, everything below is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import psutil

from renderers.table.browser.messages import FIREFOX, Hello, PageRequest, WorkerSettings
from sandbox import landlock, syscalls
from sandbox import layers as layers_of

if TYPE_CHECKING:
    from renderers.table.browser.chromium import GuardedBrowser
    from renderers.table.browser.firefox import Firefox

LIFELINE_FD = 3
_FRAME = struct.Struct("<I")
_PR_SET_CHILD_SUBREAPER = 36
_MOUNTS = Path("/proc/self/ns/mnt")
_PROGRAMS = ("/bin", "/usr/bin")
"""A distribution's Chromium is a script that needs these folders."""
_FACTS = (
    "/etc/ssl/openssl.cnf", "/etc/chromium", "/etc/chromium.d", "/etc/ld.so.cache",
    "/etc/localtime", "/sys/devices/system/cpu",
)  # fmt: skip


def write_frame(stream: BinaryIO, message: msgspec.Struct) -> None:
    data = msgspec.msgpack.encode(message)
    stream.write(_FRAME.pack(len(data)))
    stream.write(data)
    stream.flush()


def _read_exactly(stream: BinaryIO, count: int) -> bytes | None:
    data = stream.read(count)
    return data if len(data) == count else None


def main() -> None:
    settings = msgspec.json.decode(sys.argv[1], type=WorkerSettings)
    syscalls.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    layers = _enter_namespaces(settings)
    worker = os.fork()
    if worker == 0:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.close(LIFELINE_FD)
        code = 1
        try:
            _serve(settings, layers)
            code = 0
        except BaseException:
            traceback.print_exc()  # to the parent's log file
            raise
        finally:
            os._exit(code)
    # Only the worker uses the request pipes; the supervisor must not keep them open.
    os.close(0)
    os.close(1)
    _supervise(worker, Path(settings.scratch), "pid" in layers)


def _enter_namespaces(settings: WorkerSettings) -> dict[str, bool]:
    """Enter new namespaces, as far as the machine allows, with `sandbox.layers`.

    Inside, the user has the number 1000 and no capability of the machine, even where root started
    it; so Chromium's own sandbox, which refuses root, works too.
    """
    given = layers_of.leave_host(() if settings.namespaces else ("namespaces",))
    names = ("pid", "net", "ipc", "uts") if given.namespaces else ()
    return {**dict.fromkeys(names, True), **({"user": True} if given.own_users else {})}


def _enter_own_root(settings: WorkerSettings, layers: dict[str, bool]) -> str:
    """A root that holds only what the browser reads, a scratch of limited size, a /proc of these processes.

    Returns:
        The scratch: inside that root, or where the machine allows none, as the parent made it.
    """
    if "pid" not in layers:
        return settings.scratch
    scratch = layers_of.INSIDE_SCRATCH
    with contextlib.suppress(OSError):
        outside = _MOUNTS.readlink()
        try:
            layers_of.enter_own_root(_readable(settings), settings.scratch, own_proc=True)
            layers["own root"] = layers["own /proc"] = True
        except OSError as refused:
            # A container may hide parts of /proc and allow none of one's own.
            print(f"mounts are refused: {refused}", file=sys.stderr)
            scratch = settings.scratch
            if _MOUNTS.readlink() == outside:
                return scratch
        layers_of.mount_scratch(scratch, settings.scratch_mb)
        layers["scratch of limited size"] = True
    return scratch


def _readable(settings: WorkerSettings) -> list[str]:
    home = Path(settings.executable).resolve().parent
    own = [Path(__file__).resolve().parents[3], home, *map(Path, _PROGRAMS)]
    return layers_of.readable_paths([*own, *map(Path, _FACTS)])


def _confine_files(settings: WorkerSettings, scratch: str, layers: dict[str, bool]) -> None:
    """Restrict worker and browser with Landlock to libraries, fonts, their own files and the
    scratch folder.

    Root's browser outside of a user namespace could otherwise write to any file of the machine. Where there is
    no /proc of its own it still reads the machine's, without which Chromium does not start.
    """
    if not landlock.version():
        return
    # Chromium's own sandbox, which an ordinary user has, writes its processes' numbers of users there.
    proc = ["/proc"] if "own /proc" in layers or os.geteuid() != 0 else []
    landlock.restrict(["/proc"], [scratch, *proc], _readable(settings))
    layers["Landlock"] = True


def _supervise(worker: int, scratch: Path, enclosed: bool) -> None:
    """Wait for the end of the worker or the parent, then clean up."""
    ended = os.pidfd_open(worker)
    select.select([LIFELINE_FD, ended], [], [])
    if enclosed:
        # When the first process of a pid namespace ends, all others in it end before it.
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    else:
        _kill_below()
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def _kill_below() -> None:
    """Kill every descendant; orphans become children of this process, which is their subreaper."""
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


def _serve(settings: WorkerSettings, layers: dict[str, bool]) -> None:
    """Answer requests until there are no more."""
    requests, replies = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    # Output that a library prints must not reach the parent's message pipe.
    os.dup2(2, 1)
    scratch = Path(_enter_own_root(settings, layers))
    os.environ.update(HOME=str(scratch), TMPDIR=str(scratch))
    _write_font_settings(scratch)
    _confine_files(settings, str(scratch), layers)
    from renderers.table.browser.chromium import open_browser
    from renderers.table.browser.driver import BrowserError
    from renderers.table.browser.firefox import open_firefox

    try:
        if settings.driver == FIREFOX:
            browser: GuardedBrowser | Firefox = open_firefox(settings.executable, scratch, layers)
        else:
            browser = open_browser(settings.executable, scratch, layers, settings.driver)
    except BrowserError as error:
        write_frame(replies, Hello(error=str(error)))
        return
    write_frame(replies, Hello(browser.version, layers))
    while (head := _read_exactly(requests, _FRAME.size)) is not None:
        body = _read_exactly(requests, _FRAME.unpack(head)[0])
        if body is None:
            return
        request = msgspec.msgpack.decode(body, type=PageRequest)
        write_frame(replies, browser.answer(request))


def _write_font_settings(scratch: Path) -> None:
    from renderers.table.fonts import font_settings

    (scratch / "fonts.conf").write_text(font_settings(scratch / "fontconfig"))


if __name__ == "__main__":
    main()

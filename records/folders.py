"""Folders that several processes use: one works there at a time, and a new folder appears whole or not at all."""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import fsspec
import psutil

from records.errors import ConfigError
from records.files import draft_beside, is_local

LOCK = ".lock"
BEAT_S = 20.0
"""How often a process that works alone in a folder of an object store writes its mark again, in seconds."""
SILENT_S = 120.0
"""After so many seconds without a beat, the process of a mark has ended."""
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2

log = logging.getLogger(__name__)


@contextmanager
def alone_in(url: str, marked: bool = False) -> Iterator[None]:
    """Of all processes that enter with one folder, one at a time; the others wait for its end.

    A killed process holds nothing. An object store has no locks: there nobody waits, unless marked.

    Args:
        url: The folder; it is created, and its file `LOCK` stays.
        marked: In an object store, `LOCK` is there while a process works, which writes it again every
            `BEAT_S`. The others wait until it is gone or, the process being killed, stays the same.

    Raises:
        ConfigError: there is no such bucket.
    """
    with _entered(url, marked, shared=False):
        yield


@contextmanager
def together_in(url: str) -> Iterator[None]:
    """As many processes as enter, but none while one is `alone_in` the folder, marked; it waits for them, too.

    Raises:
        ConfigError: there is no such bucket.
    """
    with _entered(url, marked=True, shared=True):
        yield


@contextmanager
def _entered(url: str, marked: bool, shared: bool) -> Iterator[None]:
    filesystem, path = fsspec.core.url_to_fs(url)
    if not is_local(filesystem):
        with _marked(filesystem, path, shared) if marked else nullcontext():
            yield
        return
    Path(path).mkdir(parents=True, exist_ok=True)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with Path(path, LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            log.warning("%s: waiting for %s, which works there", path, file.read() or "a process")
            fcntl.flock(file, kind)
        except OSError as error:  # Some network file systems have no locks.
            log.info("%s: cannot be locked: %s", path, error)
        file.truncate(0)
        file.write(_myself())
        file.flush()
        yield


def _myself() -> str:
    return f"process {os.getpid()} of {socket.gethostname()}"


@contextmanager
def _marked(filesystem: Any, folder: str, shared: bool) -> Iterator[None]:
    alone = f"{folder}/{LOCK}"
    mark = f"{alone}-{uuid4().hex}" if shared else alone
    _set_mark(filesystem, mark)
    while shared and _stands(filesystem, alone):
        filesystem.rm_file(mark)
        _await_end(filesystem, alone)
        _set_mark(filesystem, mark)
    ended = Event()

    def beat() -> None:
        beats = 0
        while not ended.wait(BEAT_S):
            beats += 1
            try:
                filesystem.pipe_file(mark, f"{_myself()}\n{beats}".encode())
            except OSError as error:  # The store is away; what works here will notice.
                log.info("%s: cannot be written: %s", mark, error)

    beating = Thread(target=beat, daemon=True)
    beating.start()
    try:
        if not shared:  # Who enters together from now on finds the mark, and withdraws.
            filesystem.invalidate_cache()
            for other in filesystem.glob(f"{alone}-*"):
                _await_end(filesystem, other)
        yield
    finally:
        ended.set()
        beating.join()
        with suppress(FileNotFoundError):
            if filesystem.cat_file(mark).decode().splitlines()[0] == _myself():
                filesystem.rm_file(mark)


def _set_mark(filesystem: Any, mark: str) -> None:
    """Wait until nobody has a mark, then set one.

    Raises:
        ConfigError: there is no such bucket.
    """
    while True:
        try:
            filesystem.pipe_file(mark, _myself().encode(), mode="create")
            return
        except FileNotFoundError as error:
            raise ConfigError(
                f"{mark}: {error}; create the bucket, or correct the address"
            ) from error
        except FileExistsError:
            _await_end(filesystem, mark)


def _stands(filesystem: Any, mark: str) -> bytes:
    """The content of a mark; empty if there is none."""
    try:
        return bytes(filesystem.cat_file(mark))
    except FileNotFoundError:
        return b""


def _await_end(filesystem: Any, mark: str) -> None:
    """Wait until a mark is gone; that of a process that has ended is removed."""
    seen, since = b"", time.monotonic()
    while found := _stands(filesystem, mark):
        owner = found.decode().splitlines()[0]
        if not seen:
            log.warning("%s: waiting for %s, which works there", mark, owner)
        if found != seen:
            seen, since = found, time.monotonic()
        if _has_ended(owner) or time.monotonic() - since > SILENT_S:
            with suppress(FileNotFoundError):
                filesystem.rm_file(mark)
            return
        time.sleep(BEAT_S / 10)


def _has_ended(owner: str) -> bool:
    """True if a process of this host is gone.

    >>> _has_ended("process 1 of another-host"), _has_ended(f"process 0 of {socket.gethostname()}x")
    (False, False)
    """
    _, process, _, host = owner.split(" ", 3)
    return host == socket.gethostname() and not psutil.pid_exists(int(process))


@contextmanager
def draft_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside ``target`` for the length of a block; `put_in_place` makes it the target."""
    draft = draft_beside(target)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def put_in_place(draft: Path, target: Path) -> None:
    """Rename a draft to its target. A folder that stands there is replaced, and is removed with the draft."""
    try:
        draft.rename(target)
        return
    except OSError:
        if not target.exists():  # Else a folder stands there.
            raise
    if not _exchange(draft, target):
        # Between these two renames there is no folder, and a reader reports that.
        aside = draft.with_suffix(".old")
        target.rename(aside)
        draft.rename(target)
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two folders atomically; False if the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = (os.fsencode(first), os.fsencode(second))
    return bool(renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)

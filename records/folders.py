"""Folders that several processes use: one works there at a time, and a new folder appears whole or not at all."""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec

from records.files import draft_beside, is_local

LOCK = ".lock"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2

log = logging.getLogger(__name__)


@contextmanager
def alone_in(url: str) -> Iterator[None]:
    """Of all processes that enter with one folder, one at a time; the others wait for its end.

    A killed process holds nothing. An object store has no locks: there nobody waits.

    Args:
        url: The folder; it is created, and its file `LOCK` stays.
    """
    filesystem, path = fsspec.core.url_to_fs(url)
    if not is_local(filesystem):
        yield
        return
    Path(path).mkdir(parents=True, exist_ok=True)
    with Path(path, LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            log.warning("%s: waiting for %s, which works there", path, file.read() or "a process")
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:  # Some network file systems have no locks.
            log.info("%s: cannot be locked: %s", path, error)
        file.truncate(0)
        file.write(f"process {os.getpid()} of {socket.gethostname()}")
        file.flush()
        yield


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

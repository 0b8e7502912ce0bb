"""Lock-protected temporary folders, as for the server's root; stale ones are removed before a new one.

An owner that is killed cannot clean up. It therefore holds a lock on its folder. The kernel releases
the lock when the last process that holds it ends, in whatever namespace; the next owner then knows
which folders are stale.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "vermillion-sandbox-"
_SETTLED_S = 60.0
"""A folder younger than this many seconds may be about to be locked by its owner."""


def locked_folder(prefix: str = PREFIX) -> tuple[str, int]:
    """Create an empty folder and lock it; no child may inherit the returned descriptor of the lock."""
    folder = tempfile.mkdtemp(prefix=prefix)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder, held


@contextlib.contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """An empty folder for the length of a block; if its owner is killed, the next owner removes it."""
    remove_stale(prefix)
    folder, held = locked_folder(prefix)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def remove_stale(prefix: str = PREFIX) -> list[Path]:
    """Remove the folders of owners that have ended, and return their paths."""
    gone = []
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(
            OSError
        ):  # Owned by another user, locked, or just removed by another process.
            if time.time() - folder.stat().st_mtime < _SETTLED_S:
                continue
            here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(here, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
                gone.append(folder)
            finally:
                os.close(here)
    return gone

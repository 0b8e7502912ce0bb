"""Makes the kernel end a server's children first if a machine or container runs out of memory."""

from __future__ import annotations

import contextlib
import os

_SCORE = "/proc/self/oom_score_adj"
_FIRST = b"1000"


class Victims:
    """Raises the out-of-memory score of processes that this process forks.

    A child inherits its parent's score and cannot set it inside its own root. So the parent takes
    the highest score during the fork.
    """

    def __init__(self) -> None:
        self._score, self._own = -1, b""
        with contextlib.suppress(OSError):
            self._score = os.open(_SCORE, os.O_RDWR | os.O_CLOEXEC)
            self._own = os.pread(self._score, 16, 0).strip()

    def begin(self) -> None:
        """Children forked from now on are ended first."""
        if self._score >= 0:
            os.pwrite(self._score, _FIRST, 0)

    def end(self) -> None:
        """Children forked from now on have this process' normal score."""
        if self._score >= 0:
            os.pwrite(self._score, self._own, 0)

    def forget(self) -> None:
        """Close the file of this process' score; called in a child."""
        if self._score >= 0:
            os.close(self._score)
            self._score = -1

"""Makes children of a server the first that the kernel ends where a machine or a container runs out of memory."""

from __future__ import annotations

import contextlib
import os

_SCORE = "/proc/self/oom_score_adj"
_FIRST = b"1000"


class Victims:
    """Makes what this process forks the first that the kernel ends for want of memory.

    A process inherits the score of the one that forks it, and in a root of its own could not set
    it. So the parent takes the highest for the moment of the fork.
    """

    def __init__(self) -> None:
        self._score, self._own = -1, b""
        with contextlib.suppress(OSError):
            self._score = os.open(_SCORE, os.O_RDWR | os.O_CLOEXEC)
            self._own = os.pread(self._score, 16, 0).strip()

    def begin(self) -> None:
        """What is forked from here on goes first."""
        if self._score >= 0:
            os.pwrite(self._score, _FIRST, 0)

    def end(self) -> None:
        """What is forked from here on is as this process is."""
        if self._score >= 0:
            os.pwrite(self._score, self._own, 0)

    def forget(self) -> None:
        """Close the way to this process' score; for a child."""
        if self._score >= 0:
            os.close(self._score)
            self._score = -1

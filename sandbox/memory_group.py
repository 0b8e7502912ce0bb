"""A control group in which the kernel limits the memory of a server and all its forks.

The last bound, behind address space and scratch: it counts what those do not (the kernel's own
share, what several processes hold together) and holds where another layer has a hole. Where it is
full the kernel ends a process of it; `Victims` sees to it that this is the child.

A group is its caller's, outside of everything hostile, and one a server, so that it costs a render
nothing. Its name is the caller's process number and start: what a killed caller leaves behind is
removed by the next. No other group is touched, and no process but the server is moved.

Source: the kernel's ``Documentation/admin-guide/cgroup-v1/memory.rst`` and ``cgroup-v2.rst``.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import time
from pathlib import Path
from typing import Self

from sandbox.memory_group_place import V1, PlaceError, place

PREFIX = "vermillion-"
_EMPTIES_S = 2.0
"""How long a group's last processes, killed a moment ago, may take to be gone."""
_SCORE = "/proc/self/oom_score_adj"
_FIRST = b"1000"
_COUNT = itertools.count()


class MemoryGroup:
    """A group of this process' making, without a limit and with no process in it yet.

    Args:
        above: The group to make it in.
        version: 1 or 2, of the kernel's two kinds.

    Raises:
        PlaceError: it cannot be made.
    """

    def __init__(self, above: Path, version: int) -> None:
        self.version = version
        self.folder = above / f"{PREFIX}{_life_of(os.getpid())}-{next(_COUNT)}"
        self._kills = -1
        self._seen = 0
        try:
            self.folder.mkdir()
            events = "memory.oom_control" if version == V1 else "memory.events"
            self._kills = os.open(self.folder / events, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            self.remove()
            raise PlaceError(f"no group can be made in {above} ({error.strerror})") from error

    @classmethod
    def made(cls) -> Self:
        """A new group in this machine's place for them, swept of what others left.

        Raises:
            PlaceError: there is no such place; says why, and the way out.
        """
        where = place()
        sweep(where.folder)
        return cls(where.folder, where.version)

    def take(self, pid: int) -> None:
        """Move a process of this user's here; all that it forks later is here too.

        Raises:
            PlaceError: the kernel refuses.
        """
        try:
            _write(self.folder / "cgroup.procs", str(pid))
        except OSError as error:
            raise PlaceError(f"{self.folder} takes no process ({error.strerror})") from error

    def used_bytes(self) -> int:
        """What its processes hold now, contents of files that can be dropped included."""
        name = "memory.usage_in_bytes" if self.version == V1 else "memory.current"
        return int((self.folder / name).read_text())

    def limit(self, most_bytes: int) -> None:
        """Bound what its processes hold together, swapped out or not.

        Raises:
            PlaceError: the kernel refuses.
        """
        most = str(most_bytes)
        try:
            if self.version == V1:
                _write(self.folder / "memory.limit_in_bytes", most)
                _write_if_there(self.folder / "memory.memsw.limit_in_bytes", most)
            else:
                _write(self.folder / "memory.max", most)
                _write_if_there(self.folder / "memory.swap.max", "0")
                # Ending all at once would end the server with the child.
                _write_if_there(self.folder / "memory.oom.group", "0")
        except OSError as error:
            raise PlaceError(f"{self.folder} takes no limit ({error.strerror})") from error

    def was_full(self) -> bool:
        """Whether the kernel has ended a process of it for memory since this was last asked."""
        before, self._seen = self._seen, self._kills_so_far()
        return self._seen > before

    def remove(self) -> None:
        """Remove it once its processes are gone; where they stay, it is left to be swept."""
        if self._kills >= 0:
            os.close(self._kills)
            self._kills = -1
        until = time.monotonic() + _EMPTIES_S
        while True:
            try:
                self.folder.rmdir()
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > until:
                    return
                time.sleep(0.005)
            else:
                return

    def _kills_so_far(self) -> int:
        if self._kills < 0:
            return self._seen
        for line in os.pread(self._kills, 4096, 0).splitlines():
            name, _, count = line.partition(b" ")
            if name == b"oom_kill":
                return int(count)
        return 0  # A kernel before 4.13 keeps no count; a killed child is recognized by its signal.


class Bound:
    """One server's memory group where the machine allows it, and why not where it does not.

    Args:
        pid: The server's first process, which has forked nothing yet.
        wanted: False to leave the group out.

    Attributes:
        on: Whether the kernel bounds the server's memory.
        detail: How, or why not; for a person.
    """

    def __init__(self, pid: int, *, wanted: bool = True) -> None:
        self.on = False
        self.detail = "not limited yet" if wanted else "left out on request"
        self._group: MemoryGroup | None = None
        if wanted:
            try:
                self._group = MemoryGroup.made()
                self._group.take(pid)
            except PlaceError as error:
                self.detail = str(error)
                self.remove()

    def limit(self, most_mb: int, *, warm: bool = False) -> None:
        """Bound the server and all that it forks.

        Args:
            most_mb: What all may hold together.
            warm: What the server holds now comes on top, twice: a child may copy all of it.
        """
        group = self._group
        if group is None:
            return
        most_bytes = most_mb * 2**20
        try:
            if warm:
                most_bytes += 2 * group.used_bytes()
            group.limit(most_bytes)
        except PlaceError as error:
            self.detail = str(error)
        else:
            self.on = True
            self.detail = f"{most_bytes >> 20} MB in all, control groups of version {group.version}"

    def overrun(self) -> str:
        """What to say of a process that the kernel ended for memory; '' where it ended none.

        Each is reported once.
        """
        if self._group is None or not self._group.was_full():
            return ""
        return f"ended by the kernel for its memory; the bound is {self.detail}"

    def remove(self) -> None:
        """Remove the group; its processes must be ending."""
        if self._group is not None:
            self._group.remove()
            self._group = None


def sweep(above: Path) -> list[Path]:
    """Remove the groups in a folder whose callers have ended, and return which.

    One that holds a process stays: the kernel removes none that does.
    """
    gone = []
    for group in above.glob(f"{PREFIX}*-*-*"):
        life, _, _ = group.name.removeprefix(PREFIX).rpartition("-")
        owner = life.partition("-")[0]
        if owner.isdecimal() and life != _life_of(int(owner)):
            with contextlib.suppress(OSError):  # In use still, or swept by another just now.
                group.rmdir()
                gone.append(group)
    return gone


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


def _life_of(pid: int) -> str:
    """Number and start of a process, which no two share; '' where there is none."""
    try:
        words = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return ""
    first, start = 3, 22  # Fields are counted from 1; name and all before it are cut off.
    return f"{pid}-{int(words[start - first])}"


def _write(file: Path, text: str) -> None:
    # Never creates: a file that is not there is a setting that this kernel has not.
    descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _write_if_there(file: Path, text: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        _write(file, text)

"""CPU and memory of this process and of everything below it: servers, browsers, forks."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

from sandbox import syscalls

PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 36, 37


def tree_cpu() -> float:
    """CPU seconds of this process, its live descendants and all that were reaped.

    Orphans come to this process (it is their subreaper), so that what a browser leaves behind counts.
    """
    _reap_orphans()
    me = psutil.Process()
    return sum(_cpu(process, 4) for process in (me, *me.children(recursive=True)))


def cpu_of(pids: Iterable[int]) -> float:
    """CPU seconds of these processes, without what is below them."""
    return sum(_cpu(psutil.Process(pid), 2) for pid in pids)


def _cpu(process: psutil.Process, kinds: int) -> float:
    """CPU seconds of a process: its own two kinds, user and system, or also those of reaped children."""
    with suppress(psutil.NoSuchProcess):
        return float(sum(process.cpu_times()[:kinds]))
    return 0.0


@contextmanager
def orphans_come_here() -> Iterator[None]:
    """For the length of a block, whoever loses its parent below this process becomes its child."""
    before = ctypes.c_int()
    syscalls.prctl(PR_GET_CHILD_SUBREAPER, ctypes.addressof(before))
    syscalls.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        _reap_orphans()
        syscalls.prctl(PR_SET_CHILD_SUBREAPER, before.value)


def _reap_orphans() -> None:
    """Wait for dead children that no `Popen` of ours waits for."""
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, ChildProcessError):
            if child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def tree_memory_mb() -> float:
    """Proportional memory of this process and its live descendants."""
    total = 0
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 2**20

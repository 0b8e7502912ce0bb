"""Worker processes of one command, which end with the command."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context

from records.errors import RunError
from sandbox import syscalls
from sandbox.warm_memory import reuse_memory


class WorkerKilled(RunError):
    """A worker process ended in the middle of its work."""

    retry = True


@contextmanager
def worker_processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of ``count`` processes that end with the block, or with this process, however it ends.

    They are spawned, not forked, so none inherits threads or renderers. An interrupt ends them at
    once; the next run repeats their unfinished work.

    Raises:
        WorkerKilled: one of them was killed.
    """
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(),)
    )
    try:
        yield pool
    except KeyboardInterrupt:
        for worker in active_children():
            worker.kill()
        raise
    except BrokenProcessPool as error:
        raise WorkerKilled(
            "a worker process was killed, most likely for the memory it used; what was finished "
            "stands: run the same command again, with fewer --workers"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(parent: int) -> None:
    end_with_parent(parent)
    reuse_memory()


def end_with_parent(parent: int) -> None:
    """Set up a worker: it ignores interrupts, which the parent handles, and ends when the parent ends.

    Args:
        parent: Process id of the parent; the thread that started the worker must live as long.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)

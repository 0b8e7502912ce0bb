"""Worker processes live as long as their command, also where it is killed while they start."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time

import psutil
import pytest

from sandbox.workers import WorkerKilled, end_with_parent, worker_processes

OWNER = """
import os, signal
from sandbox.workers import worker_processes
with worker_processes(2) as pool:
    pids = [pool.submit(os.getpid).result()]
    pool.submit(os.getpid)
    print(*pids, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_work_and_are_gone_afterward() -> None:
    with worker_processes(2) as pool:
        pids = set(pool.map(_pid, range(4)))
    assert os.getpid() not in pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_workers_end_with_an_owner_that_is_killed() -> None:
    # The pipe is at its end once the last process that holds it is gone, a worker at its start too.
    done = subprocess.run(
        [sys.executable, "-c", OWNER], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (pid,) = map(int, done.stdout.split())
    deadline = time.monotonic() + 60
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)


def _faults() -> int:
    """Pages that the kernel had to give for arrays of 120 KB that are made anew, after the first ones."""
    counts = []
    for _ in range(3):
        blocks = [bytearray(120_000) for _ in range(40)]
        counts.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
        del blocks
    return counts[-1] - counts[0]


def test_workers_keep_the_memory_of_what_is_gone() -> None:
    with worker_processes(1) as pool:
        assert pool.submit(_faults).result() < 200


def test_an_interrupt_does_not_wait_for_the_work() -> None:
    with pytest.raises(KeyboardInterrupt), worker_processes(1) as pool:
        (worker,) = pool.map(_pid, range(1))
        pool.submit(time.sleep, 600)
        raise KeyboardInterrupt
    assert not psutil.pid_exists(worker)


def test_a_worker_that_is_killed_is_said_with_the_way_out() -> None:
    with pytest.raises(WorkerKilled, match="fewer --workers"), worker_processes(1) as pool:
        pool.submit(os.kill, next(pool.map(_pid, range(1))), signal.SIGKILL).result()


@pytest.mark.parametrize("owner_is_there", [True, False])
def test_a_worker_whose_owner_ended_before_it_began_ends(owner_is_there: bool) -> None:
    child = os.fork()
    if child == 0:
        end_with_parent(os.getppid() if owner_is_there else 2**22)
        os._exit(7)
    status = os.waitpid(child, 0)[1]
    assert os.waitstatus_to_exitcode(status) == (7 if owner_is_there else -signal.SIGKILL)


def _pid(_: int) -> int:
    time.sleep(0.1)
    return os.getpid()

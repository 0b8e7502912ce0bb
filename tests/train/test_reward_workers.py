"""The worker processes of rewards: who works on what, and that none outlives its trainer."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait

import psutil
import pytest

from records.errors import ConfigError
from records.taxonomy import Modality
from train.reward.outcome import Outcome, Result, Task, Verdict
from train.reward.workers import Workers

ICON = '<svg viewBox="0 0 24 24"><path d="M0 0h{0}v{0}h-{0}z" fill="#888"/></svg>'


def task(reference: str, reply: str = ICON.format(9), *, exact: bool = True) -> Task:
    return Task(Modality.SVG, reply, "", reference, "", exact=exact, words=False)


class Office:
    """Workers that note what they work on, and wait until they are let go."""

    def __init__(self, count: int) -> None:
        self.done: list[tuple[int, str]] = []
        self.at_work = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.started = 0
        self.workers = Workers(count, self._start)

    def _start(self) -> Worker:
        self.started += 1
        return Worker(self, self.started)


class Worker:
    def __init__(self, office: Office, pid: int) -> None:
        self.office, self.pid = office, pid

    def ask(self, task: Task) -> Result:
        self.office.done.append((self.pid, task.reference_code))
        self.office.at_work.release()
        self.office.let_go.acquire()
        return Result(Outcome(Verdict.SCORED))

    def end(self) -> None:
        pass


def known(office: Office, *references: str) -> None:
    """Each worker works on one reference, and then is free again."""
    futures = []
    for reference in references:
        futures.append(office.workers.submit(task(reference)))
        office.at_work.acquire()
    for _ in references:
        office.let_go.release()
    wait(futures)
    office.done.clear()


def test_a_reference_is_read_by_one_worker() -> None:
    office = Office(2)
    known(office, "a", "b")
    futures = [office.workers.submit(task(name)) for name in "ab"]
    for _ in range(2):
        assert office.at_work.acquire(timeout=60)
    # Both workers are busy, so that one reply to each reference waits.
    futures += [office.workers.submit(task(name)) for name in "ab"]
    for _ in futures:
        office.let_go.release()
    wait(futures)
    office.workers.close()
    first, second = ({name for pid, name in office.done if pid == number} for number in (1, 2))
    assert sorted((*first, *second)) == ["a", "b"]


def test_many_replies_to_one_reference_keep_all_workers_busy() -> None:
    office = Office(3)
    futures = [office.workers.submit(task("a")) for _ in range(6)]
    for _ in range(3):
        assert office.at_work.acquire(timeout=60), "a worker is idle though replies wait"
    assert {pid for pid, _ in office.done} == {1, 2, 3}
    for _ in futures:
        office.let_go.release()
    wait(futures)
    office.workers.close()


def test_one_waiting_reply_is_left_to_the_worker_that_knows_its_reference() -> None:
    office = Office(2)
    known(office, "a", "b")
    futures = [office.workers.submit(task("a"))]
    assert office.at_work.acquire(timeout=60)
    futures.append(office.workers.submit(task("a")))
    assert not office.at_work.acquire(timeout=0.2)
    for _ in futures:
        office.let_go.release()
    wait(futures)
    assert len({pid for pid, _ in office.done}) == 1
    office.workers.close()


def test_without_a_comparison_anybody_draws() -> None:
    office = Office(2)
    futures = [office.workers.submit(task("a", exact=False)) for _ in range(2)]
    for _ in futures:
        assert office.at_work.acquire(timeout=60)
        office.let_go.release()
    wait(futures)
    office.workers.close()


def test_closing_cancels_what_waits() -> None:
    office = Office(1)
    now, later = (office.workers.submit(task("a")) for _ in range(2))
    office.at_work.acquire()
    closing = threading.Thread(target=office.workers.close)
    closing.start()
    wait([later], timeout=60)
    assert later.cancelled() and not now.done()
    office.let_go.release()
    closing.join()
    assert now.result().outcome.verdict is Verdict.SCORED


def test_a_worker_that_is_killed_is_no_number_and_replaced() -> None:
    workers = Workers(1)
    try:
        assert workers.submit(task(ICON.format(8))).result().outcome.reason == "compared"
        [pid] = workers.pids
        os.kill(pid, signal.SIGKILL)
        lost = workers.submit(task(ICON.format(8))).result().outcome
        assert (lost.verdict, lost.reason) == (Verdict.NO_SCORE, "renderer_down")
        assert workers.submit(task(ICON.format(8))).result().outcome.reason == "compared"
        assert workers.pids != [pid]
    finally:
        workers.close()
    assert not workers.pids


def test_errors_come_back_as_they_are() -> None:
    workers = Workers(1)
    try:
        with pytest.raises(ConfigError, match="reference_code") as ours:
            workers.submit(task("")).result()
        unknown = dataclasses.replace(task(""), modality="poem")  # type: ignore[arg-type]
        with pytest.raises(KeyError) as fault:
            workers.submit(unknown).result()
    finally:
        workers.close()
    assert not getattr(ours.value, "__notes__", ())
    assert "worker.py" in fault.value.__notes__[0]


TRAINER = """
import os, signal, sys, time
from records.taxonomy import Modality
from train.reward.outcome import Task
from train.reward.workers import Workers
print("the script ran", flush=True)
workers = Workers(2)
futures = [
    workers.submit(Task(Modality.SVG, {reply!r}, "", {reply!r} + "<!---->" * n, "", True, False))
    for n in range(2)
]
assert all(future.result().outcome.candidate for future in futures)
print(*workers.pids, flush=True)
{end}
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", -signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("os.fork() or time.sleep(60); os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("", 0),
        ("workers.close()", 0),
    ],
)
def test_no_process_outlives_a_trainer(end: str, code: int) -> None:
    """A trainer's script has no `if __name__ == "__main__"`, and must run once all the same."""
    trainer = subprocess.Popen(
        [sys.executable, "-c", TRAINER.format(reply=ICON.format(9), end=end)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert trainer.stdout is not None
    assert trainer.stdout.readline() == "the script ran\n"
    pids = [int(pid) for pid in trainer.stdout.readline().split()]
    assert len(set(pids)) == 2
    assert trainer.wait(60) == code
    assert _soon(lambda: not any(map(psutil.pid_exists, pids)))
    trainer.stdout.close()


def _soon(happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happens()

"""The worker processes of a scorer: starts them, chooses who works on what, and ends them.

A reward is computed outside of the trainer's process: comparing is Python, so threads would take turns with
each other and with the trainer. A reference is drawn and read by the worker that works on its replies; others
help once two of its replies wait.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from sandbox.fork_server import ENVIRONMENT
from train.reward.outcome import REFERENCES, Outcome, Result, Task, Verdict

LONGEST_S = 600.0
"""A worker that is silent for so long is ended. Each render has limits of its own, far below."""
END_S = 10.0
"""Time for a worker to close its renderers."""
HELP_FROM = 2
"""Waiting replies of a reference from which a worker that does not know it helps: reading it costs about
as much as one reply."""

Key = tuple[str, str]


class WorkerProcess(Protocol):
    """A process that works on one task at a time."""

    pid: int

    def ask(self, task: Task) -> Result | Exception:
        """Send a task and wait for its result. Raises: EOFError, OSError: the process ended."""
        ...

    def end(self) -> None:
        """End the process, and wait until it is gone."""
        ...


class Workers:
    """Processes that draw and compare replies; usable from any thread. They start when first needed."""

    def __init__(self, count: int, start: Callable[[], WorkerProcess] | None = None) -> None:
        """
        Args:
            count: Number of processes.
            start: Starts one; for tests.
        """
        self._start = start or _Spawned
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Key, deque[tuple[Task, Future[Result]]]] = OrderedDict()
        self._known: list[OrderedDict[Key, None]] = [OrderedDict() for _ in range(count)]
        self._ended = False
        self._processes: dict[int, WorkerProcess] = {}
        self._threads = [
            threading.Thread(
                target=self._serve, args=(number,), name=f"reward-{number}", daemon=True
            )
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [process.pid for process in list(self._processes.values())]

    def submit(self, task: Task) -> Future[Result]:
        """Give a task to the workers.

        Raises (in the future): as `train.reward.worker.Worker.work`. A worker that ends at its work is no
        error: the outcome is `no_score`, and the next task gets a new process.
        """
        future: Future[Result] = Future()
        with self._changed:
            self._waiting.setdefault(_key(task), deque()).append((task, future))
            self._changed.notify_all()
        return future

    def close(self) -> None:
        """End all workers, once each has finished what it works on; what waits is canceled."""
        with self._changed:
            self._ended = True
            for queue in self._waiting.values():
                for _, future in queue:
                    future.cancel()
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _serve(self, number: int) -> None:
        """Feed one worker until the end. Its process dies with this thread, thus with the trainer."""
        while (given := self._next(number)) is not None:
            task, future = given
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if number not in self._processes:
                    self._processes[number] = self._start()
                found = self._processes[number].ask(task)
            except Exception as error:  # noqa: BLE001 - whatever broke, the next task gets a new process
                found = Result(Outcome(Verdict.NO_SCORE, "renderer_down", detail=_lost(error)))
                self._end(number)
            if isinstance(found, Exception):
                future.set_exception(found)
            else:
                future.set_result(found)
        self._end(number)

    def _end(self, number: int) -> None:
        self._known[number].clear()
        if number in self._processes:
            self._processes.pop(number).end()

    def _next(self, number: int) -> tuple[Task, Future[Result]] | None:
        """Wait for a task for this worker; None at the end."""
        with self._changed:
            while not self._ended:
                key = self._choice(number)
                if key is not None:
                    queue = self._waiting[key]
                    given = queue.popleft()
                    if not queue:
                        del self._waiting[key]
                    if given[0].exact:
                        self._remember(number, key)
                    return given
                self._changed.wait()
        return None

    def _choice(self, number: int) -> Key | None:
        """The reference to work on next: one that this worker knows, one that nobody knows, or the one
        whose replies wait in the longest queue."""
        mine = self._known[number]
        for key in self._waiting:
            if key in mine:
                return key
        for key in self._waiting:
            if not any(key in known for known in self._known):
                return key
        if not self._waiting:
            return None
        longest = max(self._waiting, key=lambda key: len(self._waiting[key]))
        return longest if len(self._waiting[longest]) >= HELP_FROM else None

    def _remember(self, number: int, key: Key) -> None:
        """As the worker itself does it: the last `REFERENCES` are known."""
        known = self._known[number]
        known[key] = None
        known.move_to_end(key)
        if len(known) > REFERENCES:
            known.popitem(last=False)


def _key(task: Task) -> Key:
    return task.modality, task.reference_code


def _lost(error: Exception) -> str:
    return f"the process that draws and compares is lost ({error or type(error).__name__})"


class _Spawned:
    """A worker in a fresh interpreter, so that none inherits the trainer's threads, CUDA or main module."""

    def __init__(self) -> None:
        self._connection, theirs = multiprocessing.Pipe()
        threads = {
            name: value
            for name, value in ENVIRONMENT.items()
            if name.endswith(("_THREADS", "_TUNABLES"))
        }
        paths = [path for path in sys.path if path.startswith("/")]
        root = str(Path(__file__).parents[2])
        environment = {
            **os.environ,
            **threads,  # A worker is one core's worth.
            "PYTHONPATH": os.pathsep.join([*paths, *({root} - {*paths})]),
        }
        command = [sys.executable, "-P", "-m", "train.reward.worker"]
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno()), str(os.getpid())],  # `-P`: not from where it runs
                env=environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.pid = self._process.pid

    def ask(self, task: Task) -> Result | Exception:
        self._connection.send(task)
        if not self._connection.poll(LONGEST_S):
            raise TimeoutError(f"silent for {LONGEST_S:g} seconds")
        found: Result | Exception = self._connection.recv()
        return found

    def end(self) -> None:
        self._connection.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

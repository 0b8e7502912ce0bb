"""Base of the launchers for Ray and Kubernetes, whose jobs the cluster manages.

Nothing is written to disk. A job's name is derived from its folder, and the cluster refuses a
second job with that name, so every machine finds the running job.
"""

from __future__ import annotations

import hashlib
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from records.errors import ConfigError, EndpointUnavailable
from train.jobs.job import JobFailed, JobOrder, JobStatus, State

LOOK_EVERY_S = 0.5
ASK_EVERY_S = 5.0
"""A cluster is asked less often than a disk."""
SILENCE_S = 300.0
"""How long a cluster may be away before a job that is followed counts as lost to us."""
STOPPED_WITHIN_S = 60.0
"""Beside the time that the job itself is given."""


class ClusterJobs(ABC):
    """A `train.jobs.launcher.Launcher` over a cluster that knows its jobs by name."""

    ask_every_s = ASK_EVERY_S

    @abstractmethod
    def find(self, name: str) -> JobStatus:
        """The job of this name; `State.NEVER` if there is none.

        Raises:
            EndpointUnavailable: the cluster does not answer.
        """

    @abstractmethod
    def create(self, folder: Path, name: str, order: JobOrder, starts: int) -> bool:
        """Start a job; False if another was quicker. Raises: as `find`, and ConfigError if refused."""

    @abstractmethod
    def forget(self, name: str) -> None:
        """Remove a job that has ended, so that its name is free. Raises: as `find`."""

    @abstractmethod
    def end(self, name: str) -> None:
        """Ask that a job ends, and do not wait. Raises: as `find`."""

    @abstractmethod
    def place(self, folder: Path) -> str:
        """Where a person finds a job and its log."""

    @abstractmethod
    def log(self, name: str, mark: str) -> tuple[list[str], str]:
        """Lines that a job printed after ``mark``, and the new mark; empty is the beginning."""

    def taken(self, name: str) -> None:  # noqa: B027 - not all clusters can note it
        """Note that a job's end was reported."""

    def attach(
        self, folder: Path, order: JobOrder, restart: bool = False
    ) -> tuple[JobStatus, bool]:
        name = job_name(folder)
        seen = self.find(name)
        same = seen.argv == order.argv
        if seen.state is State.RUNNING:
            return self._require(seen, same, folder), False
        if seen.state is State.ENDED and same and not seen.taken:
            return seen, False
        if seen.state is not State.NEVER:
            self.forget(name)
        started = self.create(folder, name, order, seen.starts + 1 if same and restart else 1)
        seen = self.find(name)
        return self._require(seen, seen.argv == order.argv, folder), started

    def _require(self, seen: JobStatus, same: bool, folder: Path) -> JobStatus:
        if seen.state is State.NEVER:
            raise JobFailed(f"{self.place(folder)}: the job could not be started")
        if not same:
            raise ConfigError(
                f"{self.place(folder)}: another command runs there; wait, stop it with `python -m "
                f"train.jobs stop {folder}`, or choose another output"
            )
        return seen

    def look(self, folder: Path) -> JobStatus:
        return self.find(job_name(folder))

    def follow(
        self,
        folder: Path,
        print_line: Callable[[str], None],
        leave: Callable[[], bool] = lambda: False,
        last_lines: int | None = None,
    ) -> JobStatus | None:
        name, mark = job_name(folder), ""
        first = True
        answered_s = time.monotonic()
        while True:
            try:
                seen = self.find(name)
                lines, mark = self.log(name, mark)
            except EndpointUnavailable as error:
                if time.monotonic() - answered_s > SILENCE_S:
                    raise
                print_line(f"{error}; asked again")
            else:
                answered_s = time.monotonic()
                for line in lines[-last_lines:] if first and last_lines else lines:
                    print_line(line)
                first = False
                if seen.state is State.NEVER:
                    return JobStatus(State.LOST, name)
                if seen.state is not State.RUNNING:
                    self.taken(name)
                    return seen
            asked_s = time.monotonic()
            while time.monotonic() - asked_s < self.ask_every_s:
                if leave():
                    return None
                time.sleep(min(LOOK_EVERY_S, self.ask_every_s))

    def ask_to_stop(self, folder: Path) -> None:
        if self.look(folder).state is State.RUNNING:
            self.end(job_name(folder))

    def stop(self, folder: Path) -> JobStatus:
        self.ask_to_stop(folder)
        ends_s = time.monotonic() + STOPPED_WITHIN_S
        while (seen := self.look(folder)).state is State.RUNNING:
            if time.monotonic() > ends_s:
                raise JobFailed(f"{self.place(folder)}: still running after it was asked to stop")
            time.sleep(min(LOOK_EVERY_S, self.ask_every_s))
        return seen

    def first_node(self, folder: Path) -> str:
        return ""

    def log_tail(self, folder: Path, lines: int = 30) -> str:
        return "\n".join(self.log(job_name(folder), "")[0][-lines:])


def job_name(folder: Path) -> str:
    """A name that clusters take, of a job's folder.

    >>> job_name(Path("/a/b/jobs/serve-0"))
    'vermillion-serve-0-56ceaf206c'
    """
    step = re.sub(r"[^a-z0-9-]+", "-", folder.name.lower()).strip("-")[:32]
    return f"vermillion-{step}-{mark_of(folder)}"


def mark_of(folder: Path) -> str:
    """Ten digits for a folder."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:10]

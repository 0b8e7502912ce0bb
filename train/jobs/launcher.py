"""Where the jobs of a training run: on this machine, on a Ray cluster, or on Kubernetes.

VERMILLION_LAUNCHER chooses, for all workers alike: empty or `local`; `ray:http://head:8265`, the
dashboard of a cluster; `kubernetes:NAMESPACE`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from records.errors import ConfigError
from train.jobs import local
from train.jobs.job import JobOrder, JobStatus

LAUNCHER = "VERMILLION_LAUNCHER"


class Launcher(Protocol):
    """Long jobs that outlive the task that started them: attached to again, never started twice, stopped whole.

    A job is known by its folder, `<output>/jobs/<step>`. Only `local` keeps its state there; a cluster
    keeps it itself, so that workers which share no disk see the same jobs.
    """

    def attach(
        self, folder: Path, order: JobOrder, restart: bool = False
    ) -> tuple[JobStatus, bool]:
        """The job that runs there, started if it is not; and whether this call started it.

        Args:
            folder: Of this job alone.
            order: What to run.
            restart: Start again a job whose end was already reported, and go on counting its starts.

        Raises:
            ConfigError: another command runs there.
            JobFailed: it cannot be started.
            EndpointUnavailable: the cluster does not answer.
        """

    def look(self, folder: Path) -> JobStatus:
        """The job as it is now."""

    def follow(
        self,
        folder: Path,
        print_line: Callable[[str], None],
        leave: Callable[[], bool] = lambda: False,
        last_lines: int | None = None,
    ) -> JobStatus | None:
        """Repeat a job's log until it has ended; how it did.

        Args:
            folder: Of the job.
            print_line: Called with every line.
            leave: Asked twice a second; the job goes on where it says True, and None comes back.
            last_lines: How much of what was written before is repeated; None repeats all.
        """

    def ask_to_stop(self, folder: Path) -> None:
        """Ask that every process of a job ends, and do not wait."""

    def stop(self, folder: Path) -> JobStatus:
        """End every process of a job; returns once they are gone."""

    def known(self, jobs: Path) -> Sequence[Path]:
        """Folders of all jobs in an output's `jobs` folder, from any starter."""

    def log_tail(self, folder: Path, lines: int = 30) -> str:
        """The end of a job's log."""

    def place(self, folder: Path) -> str:
        """Where a person finds a job and its log."""

    def host(self, folder: Path) -> str:
        """Host at which a server answers that runs as this job."""

    def first_node(self, folder: Path) -> str:
        """Host at which the nodes of a job find the first of them; empty takes `cluster.main_address`."""


def launcher() -> Launcher:
    """The launcher that VERMILLION_LAUNCHER names.

    Raises:
        ConfigError: it names none, or its client is not installed.
    """
    kind, _, where = os.environ.get(LAUNCHER, "").partition(":")
    if kind in ("", "local"):
        return local
    if kind == "ray" and where:
        from train.jobs.ray import RayJobs

        return RayJobs(where)
    if kind == "kubernetes" and where:
        from train.jobs.kubernetes import KubernetesJobs

        return KubernetesJobs(where)
    raise ConfigError(
        f"{LAUNCHER} is {os.environ[LAUNCHER]!r}; known: local, ray:http://head:8265, "
        "kubernetes:NAMESPACE"
    )

"""Runs jobs on a Ray cluster through its dashboard: submits each once, finds it again, stops it.

A job is identified by its folder: the same request, for example after a crash of the caller, finds
the running job. Speaks Ray's REST interface, so no Ray is needed here.
Source: Ray 2.60, "Ray Jobs REST API".
"""

from __future__ import annotations

import json
import shlex
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from records.errors import ConfigError, EndpointUnavailable
from train.jobs.cluster import ClusterJobs, job_name
from train.jobs.job import JobFailed, JobOrder, JobStatus, State

TIMEOUT_S = 30.0

RUNNING = frozenset({"PENDING", "RUNNING"})
FAILED = frozenset({"FAILED", "STOPPED"})


@dataclass(frozen=True, slots=True)
class RayJob:
    """One job as Ray reports it."""

    id: str
    status: str
    """PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED."""
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    """All that Ray says of it."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What was noted when it was submitted."""
        return self.details.get("metadata") or {}


class RayCluster:
    """The jobs of one cluster."""

    def __init__(self, url: str) -> None:
        """
        Args:
            url: Of the dashboard: `http://head:8265`.
        """
        self.url = url.rstrip("/")
        # A cluster is inside the house; proxies are for the world outside.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def start(
        self, id_: str, argv: Sequence[str], env: Mapping[str, str], metadata: Mapping[str, str]
    ) -> RayJob:
        """Submit a job.

        Raises:
            EndpointUnavailable: the dashboard does not answer.
            ConfigError: it does not accept the job, as a second one of an id.
        """
        asked = {
            "entrypoint": shlex.join(argv),
            "submission_id": id_,
            "runtime_env": {"env_vars": dict(env)},
            "metadata": dict(metadata),
        }
        self._ask("POST", "/api/jobs/", asked)
        return RayJob(id_, "PENDING")

    def delete(self, id_: str) -> None:
        """Forget a job that has ended. Raises: as `start`."""
        self._ask("DELETE", f"/api/jobs/{id_}")

    def all(self) -> list[RayJob]:
        """All jobs that were submitted and are not forgotten. Raises: as `start`."""
        return [self._job(one) for one in self._ask("GET", "/api/jobs/")["jobs"]]

    @staticmethod
    def _job(details: Mapping[str, Any]) -> RayJob:
        id_ = str(details.get("submission_id") or "")
        return RayJob(id_, str(details["status"]), str(details.get("message") or ""), details)

    def find(self, id_: str) -> RayJob | None:
        """The job with this id; None if there is none. Raises: as `start`."""
        try:
            details = self._ask("GET", f"/api/jobs/{id_}")
        except _Unknown:
            return None
        return self._job({**details, "submission_id": id_})

    def logs(self, id_: str) -> str:
        """The output of the job; empty if there is no such job. Raises: as `start`."""
        try:
            return str(self._ask("GET", f"/api/jobs/{id_}/logs").get("logs") or "")
        except _Unknown:
            return ""

    def stop(self, id_: str) -> None:
        """End a job, whatever it is doing. Raises: as `start`."""
        self._ask("POST", f"/api/jobs/{id_}/stop")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url + urllib.parse.quote(path),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                text = answer.read()
                found = json.loads(text) if text.strip() else {}
        except urllib.error.HTTPError as error:
            if error.code == 404 and method == "GET":
                raise _Unknown from error
            detail = error.read().decode("utf-8", "replace")[:500]
            if error.code >= 500 and "already" not in detail:
                raise EndpointUnavailable(f"Ray at {self.url} failed: {detail}") from error
            raise ConfigError(f"Ray at {self.url} does not accept this: {detail}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise EndpointUnavailable(
                f"Ray's dashboard at {self.url} does not answer ({error}); check cluster.ray_url"
            ) from error
        return found if isinstance(found, dict) else {"jobs": found}


class _Unknown(Exception):
    """The cluster has no such job."""


class RayJobs(ClusterJobs):
    """The jobs of training runs on a Ray cluster, a `train.jobs.launcher.Launcher`.

    Ray runs the command on its head node, where servers answer, too. It cannot note that an end was
    reported: a job that succeeded stands, one that failed is started again.

    Args:
        url: Of the dashboard: `http://head:8265`.
    """

    def __init__(self, url: str) -> None:
        self.cluster = RayCluster(url)

    def find(self, name: str) -> JobStatus:
        job = self.cluster.find(name)
        if job is None or "argv" not in job.metadata:
            return JobStatus(State.NEVER)
        succeeded = job.status == "SUCCEEDED"
        code = job.details.get("driver_exit_code")
        return JobStatus(
            State.RUNNING if job.status in RUNNING else State.ENDED,
            name,
            tuple(json.loads(job.metadata["argv"])),
            host=self.cluster.url,
            starts=int(job.metadata["starts"]),
            exit=None if job.status in RUNNING else 0 if succeeded else int(code or 1),
            stopped=job.status == "STOPPED",
            taken=job.status in FAILED,
            started_at=(job.details.get("start_time") or 0) / 1000,
            ended_at=(job.details.get("end_time") or 0) / 1000,
        )

    def create(self, folder: Path, name: str, order: JobOrder, starts: int) -> bool:
        metadata = {
            "argv": json.dumps(order.argv),
            "starts": str(starts),
            "folder": str(folder),
        }
        try:
            self.cluster.start(name, order.argv, order.environment, metadata)
        except ConfigError:
            if self.find(name).state is State.NEVER:
                raise
            return False
        return True

    def forget(self, name: str) -> None:
        self.cluster.delete(name)

    def end(self, name: str) -> None:
        self.cluster.stop(name)

    def log(self, name: str, mark: str) -> tuple[list[str], str]:
        running = self.find(name).state is State.RUNNING
        text = self.cluster.logs(name)
        if running:  # The last line may be half written.
            text = text[: text.rfind("\n") + 1]
        return text[int(mark or 0) :].splitlines(), str(len(text))

    def follow_to_success(self, folder: Path, print_line: Callable[[str], None]) -> None:
        """Repeat a job's log until it has succeeded.

        Raises:
            JobFailed: it ended otherwise, and the message is Ray's.
            EndpointUnavailable, ConfigError: the dashboard is away, or no longer knows the job.
        """
        self.follow(folder, print_line)
        job = self.cluster.find(job_name(folder))
        if job is None:
            raise ConfigError(
                f"{self.cluster.url} does not know the job {job_name(folder)}; it was deleted"
            )
        if job.status != "SUCCEEDED":
            raise JobFailed(f"the Ray job {job.id} {job.status.lower()}: {job.message}")

    def known(self, jobs: Path) -> Sequence[Path]:
        folders = (Path(job.metadata.get("folder", "/")) for job in self.cluster.all())
        return sorted(folder for folder in folders if folder.parent == jobs)

    def place(self, folder: Path) -> str:
        return f"job {job_name(folder)} of Ray at {self.cluster.url}"

    def host(self, folder: Path) -> str:
        return urllib.parse.urlsplit(self.cluster.url).hostname or ""

"""Runs jobs of a training run as Kubernetes Jobs: one pod each, identified by name.

Pods are those of `<VERMILLION_PODS>/jobs/training.yaml` with the command and the number of GPUs of each
step: image, volumes, accounts and the kind of GPU are written there. The output folder of a run must be a volume of these pods. Stopping suspends the
Job: its pod ends within its time, and what became of it stays to be seen for a week.
Airflow's KubernetesPodOperator is not used: it waits for its pod's end, and a server has none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from records.errors import ConfigError, EndpointUnavailable
from train.jobs.cluster import ClusterJobs, job_name, mark_of
from train.jobs.job import VISIBLE, JobFailed, JobOrder, JobStatus, State

PODS = "VERMILLION_PODS"
"""Environment variable with the folder of pod templates; see deploy/kubernetes."""
KEPT_S = 7 * 24 * 3600
NOTES = "vermillion/"
TAKEN = f"{NOTES}taken"
TIMEOUT_S = 30
GPU = "nvidia.com/gpu"
"""What a pod asks for if its template names no kind of GPU."""


class KubernetesJobs(ClusterJobs):
    """A `train.jobs.launcher.Launcher` over the Jobs of one namespace.

    Args:
        namespace: Where they run. Address and credentials are those of the pod's service account,
            or of the KUBECONFIG.

    Raises:
        ConfigError: the client is not installed, or no cluster is configured.
    """

    def __init__(self, namespace: str) -> None:
        try:
            from kubernetes import client, config
        except ImportError as error:
            raise ConfigError(
                "Kubernetes' client is not installed: pip install kubernetes"
            ) from error
        # The client reads this variable when it is imported, and not again.
        file = os.environ.get("KUBECONFIG")
        try:
            config.load_config(**({"config_file": file} if file else {}))  # type: ignore[no-untyped-call]
        except config.ConfigException as error:
            raise ConfigError(f"no Kubernetes cluster is configured: {error}") from error
        self.namespace = namespace
        self._jobs, self._core = client.BatchV1Api(), client.CoreV1Api()

    def find(self, name: str) -> JobStatus:
        with _answers(f"job {name}"):
            found = _or_none(
                self._jobs.read_namespaced_job, name, self.namespace, _request_timeout=TIMEOUT_S
            )
            if found is None or NOTES + "argv" not in (found.metadata.annotations or {}):
                return JobStatus(State.NEVER)
            pod = self._first_pod(found)
        return self._seen(name, found, pod)

    def _seen(self, name: str, job: Any, pod: Any) -> JobStatus:
        notes, status = job.metadata.annotations, job.status
        conditions = {one.type for one in status.conditions or () if one.status == "True"}
        ended = conditions & {"Complete", "Failed"} or (job.spec.suspend and pod is None)
        # Of several pods the first may have ended well, and another not.
        code = 0 if "Complete" in conditions else _exit_code(pod) or 1
        return JobStatus(
            State.ENDED if ended else State.RUNNING,
            name,
            tuple(json.loads(notes[NOTES + "argv"])),
            host=f"namespace {self.namespace}",
            starts=int(notes[NOTES + "starts"]),
            exit=code if ended else None,
            stopped=bool(job.spec.suspend),
            taken=TAKEN in notes,
            started_at=_seconds(status.start_time or job.metadata.creation_timestamp),
            ended_at=_seconds(status.completion_time or _ended_at(pod)) if ended else 0.0,
        )

    def create(self, folder: Path, name: str, order: JobOrder, starts: int) -> bool:
        job, service = self._manifest(folder, name, order, starts)
        with _answers(f"job {name}"):
            if order.ports or order.nodes > 1:
                _or_none(
                    self._core.create_namespaced_service,
                    self.namespace,
                    service,
                    accepted=409,
                    _request_timeout=TIMEOUT_S,
                )
            made = _or_none(
                self._jobs.create_namespaced_job,
                self.namespace,
                job,
                accepted=409,
                _request_timeout=TIMEOUT_S,
            )
        return made is not None

    def _manifest(
        self, folder: Path, name: str, order: JobOrder, starts: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The Job, and the Service under whose name its ports answer and its pods find each other."""
        labels = {"app": "vermillion", "job": name, "jobs": mark_of(folder.parent)}
        pod = _template()
        base = pod["spec"]["containers"][0]
        base.pop("args", None)
        chosen = {key: value for key, value in order.environment.items() if key != VISIBLE}
        base |= {
            "command": list(order.argv),
            "workingDir": order.cwd,
            "env": [
                *base.get("env", ()),
                *({"name": key, "value": value} for key, value in chosen.items()),
            ],
            "resources": _resources(base.get("resources") or {}, len(order.gpus)),
        }
        pod["spec"] |= {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": int(order.stop_s),
        }
        meta = {"name": name, "labels": labels}
        notes = {"argv": json.dumps(order.argv), "starts": str(starts), "folder": str(folder)}
        job: dict[str, Any] = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {**meta, "annotations": {NOTES + key: at for key, at in notes.items()}},
            "spec": {
                # A step that failed is started again by its task, from its last checkpoint.
                "backoffLimit": 0,
                "ttlSecondsAfterFinished": KEPT_S,
                "template": {"metadata": {"labels": labels}, "spec": pod["spec"]},
            },
        }
        if order.nodes > 1:
            pod["spec"]["subdomain"] = name
            job["spec"] |= {
                "completionMode": "Indexed",
                "completions": order.nodes,
                "parallelism": order.nodes,
            }
        ports = [{"name": f"port-{port}", "port": port} for port in order.ports]
        spec = {"clusterIP": "None", "selector": {"job": name}, "publishNotReadyAddresses": True}
        if ports:
            spec["ports"] = ports
        return job, {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}

    def forget(self, name: str) -> None:
        with _answers(f"job {name}"):
            for remove in (
                self._jobs.delete_namespaced_job,
                self._core.delete_namespaced_service,
            ):
                _or_none(
                    remove,
                    name,
                    self.namespace,
                    propagation_policy="Background",
                    _request_timeout=TIMEOUT_S,
                )

    def end(self, name: str) -> None:
        self._patch(name, {"spec": {"suspend": True}})

    def taken(self, name: str) -> None:
        self._patch(name, {"metadata": {"annotations": {TAKEN: "true"}}})

    def _patch(self, name: str, change: dict[str, Any]) -> None:
        with _answers(f"job {name}"):
            _or_none(
                self._jobs.patch_namespaced_job,
                name,
                self.namespace,
                change,
                _request_timeout=TIMEOUT_S,
            )

    def log(self, name: str, mark: str) -> tuple[list[str], str]:
        with _answers(f"log of job {name}"):
            job = _or_none(
                self._jobs.read_namespaced_job, name, self.namespace, _request_timeout=TIMEOUT_S
            )
            pod = self._first_pod(job) if job else None
            if pod is None or pod.status.phase == "Pending":
                return [], mark
            # Times are in the text, so a log that the node rotated meanwhile is no trouble.
            text = _or_none(
                self._core.read_namespaced_pod_log,
                pod.metadata.name,
                self.namespace,
                timestamps=True,
                _request_timeout=TIMEOUT_S,
                **({"since_seconds": _seconds_since(mark)} if mark else {}),
            )
        parts = [line.partition(" ") for line in (text or "").splitlines()]
        new = [(at, line) for at, _, line in parts if at > mark]
        return [line for _, line in new], max((at for at, _ in new), default=mark)

    def known(self, jobs: Path) -> Sequence[Path]:
        with _answers("jobs"):
            found: Any = self._jobs.list_namespaced_job(
                self.namespace, label_selector=f"jobs={mark_of(jobs)}", _request_timeout=TIMEOUT_S
            )
        return sorted(Path(one.metadata.annotations[NOTES + "folder"]) for one in found.items)

    def place(self, folder: Path) -> str:
        return f"job {job_name(folder)} of Kubernetes' namespace {self.namespace}"

    def host(self, folder: Path) -> str:
        return f"{job_name(folder)}.{self.namespace}.svc"

    def first_node(self, folder: Path) -> str:
        return f"{job_name(folder)}-0.{self.host(folder)}"

    def _first_pod(self, job: Any) -> Any:
        """The first pod of a Job, not of one that had its name before; None if all are gone or not there yet."""
        mine = f"batch.kubernetes.io/controller-uid={job.metadata.uid}"
        found = self._core.list_namespaced_pod(
            self.namespace, label_selector=mine, _request_timeout=TIMEOUT_S
        )
        return min(found.items, key=_index, default=None)


def _template() -> dict[str, Any]:
    """The pod template of a training job."""
    import yaml  # type: ignore[import-untyped]

    file = Path(os.environ.get(PODS, "/opt/vermillion/pods")) / "jobs" / "training.yaml"
    if not file.is_file():
        raise ConfigError(f"{file}: no pod template; {PODS} names the folder that holds it")
    read: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read


def _resources(told: dict[str, Any], gpus: int) -> dict[str, Any]:
    """The template's, with so many of its GPUs; a pod numbers those that it has from 0."""
    limits = dict(told.get("limits") or {})
    kinds = [kind for kind in limits if kind.endswith("/gpu")] or [GPU]
    for kind in kinds:
        limits.pop(kind, None)
    if gpus:
        limits[kinds[0]] = str(gpus)
    return {**told, "limits": limits}


def _index(pod: Any) -> int:
    return int((pod.metadata.labels or {}).get("batch.kubernetes.io/job-completion-index", 0))


def _exit_code(pod: Any) -> int | None:
    for one in (pod.status.container_statuses or ()) if pod else ():
        if one.state.terminated:
            return int(one.state.terminated.exit_code)
    return None


def _ended_at(pod: Any) -> datetime | None:
    for one in (pod.status.container_statuses or ()) if pod else ():
        if one.state.terminated:
            found: datetime | None = one.state.terminated.finished_at
            return found
    return None


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def _seconds_since(mark: str) -> int:
    """Seconds from a time of a log until now, and some more: clocks differ."""
    seen = datetime.fromisoformat(mark)
    return max(1, int((datetime.now(seen.tzinfo) - seen).total_seconds()) + 10)


def _or_none(ask: Any, *arguments: Any, accepted: int = 404, **more: Any) -> Any:
    """The answer; None if the cluster answers with status ``accepted`` that there is none."""
    from kubernetes.client import ApiException

    try:
        return ask(*arguments, **more)
    except ApiException as error:
        if error.status == accepted:
            return None
        raise


@contextmanager
def _answers(what: str) -> Iterator[None]:
    """
    Raises:
        EndpointUnavailable: the cluster does not answer, or is broken.
        JobFailed: it refuses; the message has its reason.
    """
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ApiException as error:
        reason = f"{what}: Kubernetes says {error.status} {error.reason}: {str(error.body)[:300]}"
        if not error.status or int(error.status) >= 500 or error.status == 429:
            raise EndpointUnavailable(reason) from error
        raise JobFailed(reason) from error
    except HTTPError as error:
        raise EndpointUnavailable(f"{what}: Kubernetes does not answer ({error})") from error

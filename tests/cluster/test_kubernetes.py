"""The files under `deploy/` are what Kubernetes and the DAGs expect."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from kubernetes.client import ApiClient

HOUSE = Path(__file__).parents[2]
PODS = sorted((HOUSE / "deploy" / "kubernetes").glob("*.yaml"))
JOB = HOUSE / "deploy" / "kubernetes" / "jobs" / "training.yaml"
VALUES = yaml.safe_load((HOUSE / "deploy" / "helm" / "values.yaml").read_text(encoding="utf-8"))


def understood(told: dict[str, Any], kind: str) -> Any:
    """The object as the models of Kubernetes read it; keys that they do not know are lost."""
    client = ApiClient()
    read = client.deserialize(json.dumps(told), kind, "application/json")
    return client.sanitize_for_serialization(read)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("file", [*PODS, JOB], ids=lambda file: file.stem)
def test_a_pod_template_holds_only_what_kubernetes_knows(file: Path) -> None:
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert understood(told, "V1Pod") == told
    assert [one["name"] for one in told["spec"]["containers"]] == ["base"]


def test_the_launchers_role_holds_what_it_asks_for() -> None:
    file = HOUSE / "deploy" / "kubernetes" / "roles" / "launcher.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert understood(told, "V1Role") == told
    granted = {
        (verb, thing) for r in told["rules"] for verb in r["verbs"] for thing in r["resources"]
    }
    asked = (HOUSE / "train" / "jobs" / "kubernetes.py").read_text(encoding="utf-8")
    verbs = {
        "read": "get",
        "list": "list",
        "create": "create",
        "patch": "patch",
        "delete": "delete",
    }
    for verb, thing in re.findall(r"\.(\w+?)_namespaced_(\w+)", asked):
        assert (verbs[verb], "pods/log" if thing == "pod_log" else f"{thing}s") in granted


def test_who_follows_a_job_holds_no_gpu_and_both_mount_its_output() -> None:
    """Or each step would wait for the GPUs that its own task holds."""
    specs = [yaml.safe_load(f.read_text(encoding="utf-8"))["spec"] for f in (PODS[1], JOB)]
    gpus = ["nvidia.com/gpu" in one["containers"][0]["resources"]["limits"] for one in specs]
    assert (PODS[1].stem, gpus) == ("gpu", [False, True])
    assert specs[0]["volumes"][-1] == specs[1]["volumes"][-1]


def test_a_misspelled_key_is_seen() -> None:
    told = yaml.safe_load(PODS[0].read_text(encoding="utf-8"))
    told["spec"]["restartpolicy"] = told["spec"].pop("restartPolicy")
    assert understood(told, "V1Pod") != told


def test_the_sets_of_workers_ask_for_what_kubernetes_knows() -> None:
    celery = VALUES["workers"]["celery"]
    for one in (celery, *celery["sets"]):
        for volume in one.get("extraVolumes", ()):
            assert understood(volume, "V1Volume") == volume
        for mount in one.get("extraVolumeMounts", ()):
            assert understood(mount, "V1VolumeMount") == mount
    assert len(celery["sets"]) > 1
    for one in celery["sets"]:
        asked = one["resources"]
        assert understood(asked, "V1ResourceRequirements") == asked


@pytest.fixture(scope="module")
def queues() -> set[str]:
    """The queues that tasks of our DAGs wait in."""
    from airflow.dag_processing.dagbag import BundleDagBag

    folder = HOUSE / "dags"
    bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")
    assert not bag.import_errors
    return {task.queue for dag in bag.dags.values() for task in dag.tasks}


def test_every_queue_has_workers_and_a_pod(queues: set[str]) -> None:
    assert queues == {one["queue"] for one in VALUES["workers"]["celery"]["sets"]}
    assert queues == {file.stem for file in PODS}


def test_a_task_gets_the_pod_of_its_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _local_settings()
    monkeypatch.setattr(settings, "PODS", HOUSE / "deploy" / "kubernetes")
    task = SimpleNamespace(queue="render", executor_config={"kept": 1})
    settings.task_policy(task)
    assert task.executor_config["kept"] == 1
    assert task.executor_config["pod_template_file"].endswith("kubernetes/render.yaml")
    other = SimpleNamespace(queue="unknown", executor_config=None)
    settings.task_policy(other)
    assert other.executor_config is None


def test_metrics_and_lineage_are_off_until_one_setting_turns_each_on() -> None:
    """The chart leads [metrics] to its exporter if that is enabled: what we set there would go before it."""
    from vermillion.airflow import lineage

    assert VALUES["statsd"] == {"enabled": False}
    assert "metrics" not in VALUES["config"]
    wanted = VALUES["config"]["openlineage"]
    module, _, name = wanted["extractors"].rpartition(".")
    assert (module, hasattr(lineage, name)) == (lineage.__name__, True)
    composed = yaml.safe_load((HOUSE / "docker-compose.yml").read_text(encoding="utf-8"))
    pods = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in PODS]
    told = [
        composed["services"]["api-server"]["environment"],
        *({e["name"]: e["value"] for e in pod["spec"]["containers"][0]["env"]} for pod in pods),
    ]
    for one in told:
        assert {key: one[f"AIRFLOW__OPENLINEAGE__{key.upper()}"] for key in wanted} == wanted


def test_slots_of_the_renderers_are_what_the_workers_can_take() -> None:
    slots = {one["name"]: one["value"] for one in VALUES["env"]}
    [render] = [one for one in VALUES["workers"]["celery"]["sets"] if one["queue"] == "render"]
    most = render["keda"]["maxReplicaCount"] * VALUES["config"]["celery"]["worker_concurrency"]
    assert int(slots["VERMILLION_RENDER_SLOTS"]) == most


def _local_settings() -> ModuleType:
    file = HOUSE / "deploy" / "kubernetes" / "airflow_local_settings.py"
    spec = importlib.util.spec_from_file_location("airflow_local_settings_of_ours", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

"""Training steps on Ray and on Kubernetes: workers that share no disk see, attach to and end the same jobs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from records.errors import ConfigError, EndpointUnavailable
from records.taxonomy import Modality
from tests.cluster.test_kubernetes import understood
from tests.train.clusters import Cluster, FakeKubernetes, FakeRay
from tests.vermillion.test_training import SERVER
from train.jobs.cluster import ClusterJobs, job_name
from train.jobs.commands import grpo_run_command, sft_command
from train.jobs.job import VISIBLE, JobFailed, JobOrder, State
from train.jobs.kubernetes import KubernetesJobs, _resources
from train.jobs.launcher import LAUNCHER, launcher
from train.settings import Judges, TrainConfig
from vermillion.airflow.training import claim, job_folder, release, run_step, serve
from vermillion.airflow.training_plan import planned

WORKER = """
import json, sys
from train.jobs.cluster import ClusterJobs
from train.jobs.kubernetes import KubernetesJobs
from vermillion.airflow.training import run_step, serve
ClusterJobs.ask_every_s = 0.05
KubernetesJobs.host = lambda self, folder: "127.0.0.1"
order = json.loads(sys.argv[1])
serve(order, lambda line: print(line, flush=True))
run_step("sft", order, lambda line: print(line, flush=True))
"""


@pytest.fixture(params=[FakeRay, FakeKubernetes], ids=["ray", "kubernetes"])
def cluster(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    held: Cluster = request.param()
    for name, value in held.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(ClusterJobs, "ask_every_s", 0.05)
    # A Service's name is known inside of a cluster only.
    monkeypatch.setattr(KubernetesJobs, "host", lambda self, folder: "127.0.0.1")
    yield held
    held.close()


@pytest.fixture
def order(tmp_path: Path) -> dict[str, Any]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = {
        "model": "/models/erm",
        "command": ["{python}", "-c", SERVER, "{port}", "{model}"],
        "port": port,
        "ready_s": 60,
        "stop_s": 5,
    }
    return {"dry_run": False, "out": str(tmp_path / "out"), "servers": [server], "services": []}


def stepping(order: dict[str, Any], script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the step `sft` a script of Python."""
    monkeypatch.setenv("VERMILLION_TRAIN_PYTHON", sys.executable)
    argv = ["python", "-u", "-c", script]
    order["commands"] = {"sft": {"argv": argv, "line": "python -c", "why": "a test"}}
    order["commands"]["sft"] |= {"gpus": [], "nodes": 1}


def test_a_killed_worker_leaves_nothing_that_another_machine_cannot_end(
    cluster: Cluster, order: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepping(order, "import time; print('step 1'); time.sleep(600)", monkeypatch)
    home = tmp_path / "other-machine"
    home.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, json.dumps(order)],
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            if "step 1" in line:
                break
        worker.send_signal(signal.SIGKILL)
    assert len(cluster.running()) == 2
    shutil.rmtree(order["out"], ignore_errors=True)  # what it wrote, nobody here can read
    said: list[str] = []
    assert run_step("sft", order, said.append, lambda: True) is None
    assert any("attached to the job that runs already" in line for line in said)
    claim(order, "mine")
    with pytest.raises(ConfigError, match="serve-0, sft of the run mine is at work"):
        claim(order, "another")
    assert release(order, said.append) == ["serve-0", "sft"]
    assert cluster.running() == []
    assert launcher().look(job_folder(order, "sft")).stopped
    assert release(order, said.append) == []


def test_a_job_that_fails_is_started_once_more_and_its_log_is_told(
    cluster: Cluster, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import time; print('out of memory'); time.sleep(0.3); print('gone'); raise SystemExit(3)"
    )
    stepping(order, script, monkeypatch)
    said: list[str] = []
    with pytest.raises(
        JobFailed, match=r"(?s)sft ended with exit status 3; the end of .*memory\ngone"
    ):
        run_step("sft", order, said.append)
    assert [said.count(line) for line in ("out of memory", "gone")] == [2, 2]
    assert launcher().look(job_folder(order, "sft")).starts == 2
    stepping(order, "print('trained')", monkeypatch)
    done = run_step("sft", order, said.append)
    assert done is not None and (done["state"], done["starts"]) == ("done", 1)
    assert said.count("trained") == 1


@pytest.fixture
def kubernetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKubernetes]:
    held = FakeKubernetes()
    for name, value in held.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(ClusterJobs, "ask_every_s", 0.05)
    yield held
    held.close()


def test_one_template_serves_every_number_of_gpus(
    kubernetes: FakeKubernetes, order: dict[str, Any]
) -> None:
    config = TrainConfig(judges=Judges(servers=1, gpus_each=4, first_gpu=4))
    policy = grpo_run_command(config, "c.toml", Modality.SVG, "out")
    orders = {
        "sft": sft_command(config, "c.toml", "data", "out").gpus,
        "serve-0": (4, 5, 6, 7),
        "grpo-svg": policy.gpus,
        "evaluate": (),
    }
    environment = {VISIBLE: "4,5,6,7", "KEPT": "1"}
    for step, gpus in orders.items():
        job = JobOrder(argv=(sys.executable, "-c", ""), gpus=gpus, environment=environment)
        launcher().attach(job_folder(order, step), job)
    made = {step: kubernetes.told[job_name(job_folder(order, step))] for step in orders}
    assert all(understood(told, "V1Job") == told for told in made.values())
    pods = {step: told["spec"]["template"] for step, told in made.items()}
    bases = {step: pod["spec"]["containers"][0] for step, pod in pods.items()}
    assert {step: base["resources"]["limits"] for step, base in bases.items()} == {
        "sft": {"nvidia.com/gpu": "8"},
        "serve-0": {"nvidia.com/gpu": "4"},
        "grpo-svg": {"nvidia.com/gpu": "4"},
        "evaluate": {},
    }
    # A pod numbers the GPUs that it has from 0: those of the machine would not be there.
    names = [one["name"] for one in bases["serve-0"]["env"]]
    assert "KEPT" in names and VISIBLE not in names


INDEXED = """
import os, sys, time
print("pod", os.environ["JOB_COMPLETION_INDEX"])
sys.exit(int(os.environ["JOB_COMPLETION_INDEX"]) * {code})
"""


def test_several_nodes_are_pods_of_one_job_that_find_the_first(
    kubernetes: FakeKubernetes, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stepping(order, INDEXED.format(code=0), monkeypatch)
    order["commands"]["sft"]["nodes"] = 3
    said: list[str] = []
    done = run_step("sft", order, said.append)
    assert done is not None and done["state"] == "done"
    assert [line for line in said if line.startswith("pod")] == ["pod 0"]
    name = job_name(job_folder(order, "sft"))
    job, service = kubernetes.told[name], kubernetes.services[name]
    assert understood(job, "V1Job") == job
    assert understood(service, "V1Service") == service
    assert (job["spec"]["completionMode"], job["spec"]["completions"]) == ("Indexed", 3)
    # The name of a pod is resolved if its subdomain is a headless Service that selects it.
    pod = job["spec"]["template"]
    assert (pod["spec"]["subdomain"], service["spec"]["clusterIP"]) == (name, "None")
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    at = launcher().first_node(job_folder(order, "sft"))
    assert at == f"{name}-0.{name}.training.svc"
    # The first pod ends well, the other does not: the step has failed.
    stepping(order, INDEXED.format(code=3), monkeypatch)
    order["commands"]["sft"]["nodes"] = 2
    with pytest.raises(JobFailed, match="sft ended with exit status 1"):
        run_step("sft", order, said.append)
    assert release(order, said.append) == []


def test_the_planned_nodes_meet_at_the_first_pod(
    kubernetes: FakeKubernetes, tmp_path: Path
) -> None:
    counts = {"splits": {"train": {"rows": 640}}}
    (tmp_path / "manifest.json").write_text(json.dumps({"counts": counts}))
    file = tmp_path / "two.toml"
    file.write_text('[cluster]\nnodes = 2\n[reward]\nservices = ["http://judge:8000/v1"]\n')
    form = {"config": str(file), "dataset": str(tmp_path), "out": str(tmp_path / "out")}
    order = planned({**form, "dry_run": True})
    sft, name = order["commands"]["sft"], job_name(job_folder(order, "sft"))
    assert f"--main_process_ip={name}-0.{name}.training.svc" in sft["argv"]
    assert (sft["nodes"], len(sft["gpus"])) == (2, 8)
    assert order["commands"]["evaluate"]["nodes"] == 1


def test_a_template_of_other_gpus_keeps_their_kind() -> None:
    told = {"requests": {"cpu": "16"}, "limits": {"amd.com/gpu": "1", "memory": "1Gi"}}
    assert _resources(told, 2) == {
        "requests": {"cpu": "16"},
        "limits": {"memory": "1Gi", "amd.com/gpu": "2"},
    }
    assert _resources({}, 1) == {"limits": {"nvidia.com/gpu": "1"}}


def test_a_server_that_cannot_start_is_told_with_its_log(
    cluster: Cluster, order: dict[str, Any]
) -> None:
    order["servers"][0]["command"] = ["{python}", "-c", "raise SystemExit('no such GPU')"]
    with pytest.raises(
        EndpointUnavailable, match=r"(?s)serve-0 ended with exit status 1; .*no such"
    ):
        serve(order, print)
    assert cluster.running() == []


def test_a_cluster_that_does_not_answer_is_told(
    cluster: Cluster, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = launcher()
    cluster.close()
    monkeypatch.setattr(cluster, "close", lambda: None)
    with pytest.raises(EndpointUnavailable, match="not answer"):
        jobs.look(job_folder(order, "sft"))


def test_an_unknown_launcher_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(LAUNCHER, "slurm")
    with pytest.raises(ConfigError, match="VERMILLION_LAUNCHER is 'slurm'; known: local, ray:"):
        launcher()
    monkeypatch.delenv(LAUNCHER)
    assert launcher().look(tmp_path / "jobs" / "sft").state is State.NEVER

"""The steps of `train_visual_erm`: what a dry run prints, and jobs that outlive their tasks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from records.errors import ConfigError, EndpointUnavailable, RunError
from train.jobs import local as jobs
from train.jobs.job import JobFailed, JobLeft, State
from train.settings import load
from vermillion.airflow.report import report, step_page
from vermillion.airflow.training import (
    HOUSE,
    claim,
    gate,
    job_folder,
    release,
    run_step,
    serve,
)
from vermillion.airflow.training_plan import (
    BENCHMARK,
    PYTHON,
    _needed,
    planned,
    server_name,
    steps_of,
)
from vermillion.pipeline.form import CONFIGS


@pytest.fixture
def form(tmp_path: Path) -> dict[str, Any]:
    counts = {"splits": {"train": {"rows": 640}}}
    (tmp_path / "manifest.json").write_text(json.dumps({"counts": counts}))
    return {
        "config": "visual_erm_8b",
        "dataset": str(tmp_path),
        "out": str(tmp_path / "out"),
        "dry_run": True,
    }


@pytest.fixture
def order(
    form: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """A real run whose training environment is a script that this test writes."""
    (tmp_path / "VC-RewardBench.jsonl").write_text("{}\n")
    monkeypatch.setenv(BENCHMARK, str(tmp_path))
    monkeypatch.setenv(PYTHON, str(trainer(tmp_path, "echo ready")))
    monkeypatch.setenv("VERMILLION_VERL_PYTHON", sys.executable)
    monkeypatch.setattr("vermillion.airflow.training_plan.disk_shortage", lambda *_: "")
    found = json.loads(json.dumps(planned({**form, "dry_run": False})))  # as XCom carries it
    yield found
    release(found, print)


def trainer(folder: Path, script: str) -> Path:
    """A Python of a training environment: it notes how it was called, then does as told."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\necho "$PYTHONPATH" "$@" >>{folder}/called\n{script}\n')
    python.chmod(0o755)
    return python


def calls(folder: Path) -> list[str]:
    return (folder / "called").read_text().splitlines()


def until(true: Callable[[], object]) -> None:
    ends_s = time.monotonic() + 120
    while not true():
        assert time.monotonic() < ends_s, "waited in vain"
        time.sleep(0.02)


def test_a_dry_run_prints_every_command_and_starts_nothing(
    form: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PYTHON, raising=False)
    monkeypatch.delenv(BENCHMARK, raising=False)
    order = json.loads(json.dumps(planned(form)))
    assert "640 training rows" in order["summary"]
    assert "note: no folder given: no VC-RewardBench.jsonl; download" in order["summary"]
    assert list(order["commands"]) == [
        "sft",
        "evaluate",
        *(f"{step}-{task}" for task in order["tasks"] for step in ("policy-data", "grpo")),
    ]
    for step in order["commands"]:
        found = run_step(step, order, print)
        assert found is not None and found["state"] == "printed"
    assert serve(order, print) == order["services"]
    assert gate(order, print)["value"] is None
    claim(order, "mine")
    assert report(order, {}, print)["dry_run"]
    with pytest.raises(RunError, match="gate failed in a dry run"):
        report(order, {"gate": "failed"}, print)
    said = capsys.readouterr().out
    assert "accelerate launch" in said
    assert f"--out={form['out']}/policy --task=table" in said
    assert "train.grpo" in said
    assert not Path(form["out"]).exists()


def test_a_job_runs_in_the_training_environment(order: dict[str, Any], tmp_path: Path) -> None:
    said: list[str] = []
    done = run_step("sft", order, said.append)
    assert done is not None and (done["state"], done["starts"]) == ("done", 1)
    assert "ready" in said
    [sft] = calls(tmp_path)
    assert sft.startswith(str(HOUSE))
    assert "-m accelerate.commands.launch" in sft
    assert sft.endswith("--resume")


def test_a_failed_job_is_started_once_more(
    order: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer(tmp_path, "echo out of memory; exit 3")
    said: list[str] = []
    with pytest.raises(JobFailed, match=r"sft ended with exit status 3; the end of .*\nout of"):
        run_step("sft", order, said.append)
    assert len(calls(tmp_path)) == 2
    assert any("started again, from its last checkpoint" in line for line in said)
    # Wrong settings would fail again.
    trainer(tmp_path, "exit 2")
    with pytest.raises(ConfigError, match="exit status 2"):
        run_step("sft", order, said.append)
    assert len(calls(tmp_path)) == 3


WAITS = 'echo working; while [ ! -e "{told}" ]; do sleep 0.05; done; echo trained'
TASK = """
import json, sys
from vermillion.airflow.training import run_step
print(run_step("sft", json.loads(sys.argv[1]), print))
"""


def test_a_task_killed_with_sigkill_finds_its_job_again(
    order: dict[str, Any], tmp_path: Path
) -> None:
    told = tmp_path / "told"
    trainer(tmp_path, WAITS.format(told=told))
    task = subprocess.Popen(
        [sys.executable, "-c", TASK, json.dumps(order)], cwd=HOUSE, start_new_session=True
    )
    folder = job_folder(order, "sft")
    until(lambda: jobs.look(folder).state is State.RUNNING and "working" in jobs.log_tail(folder))
    before = jobs.look(folder)
    os.killpg(task.pid, signal.SIGKILL)
    task.wait()
    said: list[str] = []
    asked = iter([False, True])
    assert run_step("sft", order, said.append, lambda: next(asked)) is None
    assert any(
        f"attached to the job that runs already: process group {before.pid}" in line
        for line in said
    )
    told.touch()
    done = run_step("sft", order, said.append)
    assert done is not None and done["starts"] == 1
    assert len(calls(tmp_path)) == 1
    assert "trained" in said


class Ti:
    """What an operator needs of a task instance."""

    dag_id, run_id, task_id, map_index = "train_visual_erm", "manual__1", "sft", -1
    log_url = "http://airflow.example/dags/train_visual_erm/runs/manual__1/tasks/sft"

    def __init__(self, state: str | None) -> None:
        self.state = state
        self.pushed: dict[str, Any] = {}

    def get_task_states(self, **asked: Any) -> dict[str, dict[str, str | None]]:
        if self.state == "gone":
            raise ConnectionError("no server")
        return {self.run_id: {self.task_id: self.state}}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


@pytest.mark.parametrize(
    ("state", "error", "left_running"),
    [
        ("failed", JobFailed, False),  # canceled, or marked
        ("restarting", JobFailed, False),  # cleared
        ("running", JobLeft, True),  # the worker goes down
        ("queued", JobLeft, True),  # the next attempt is on its way
        ("gone", JobLeft, True),  # so does the server, or nobody knows
    ],
)
def test_a_person_ends_a_job_and_a_restart_does_not(
    order: dict[str, Any], tmp_path: Path, state: str, error: type[Exception], left_running: bool
) -> None:
    from vermillion.airflow.operators import TrainingSteps

    trainer(tmp_path, WAITS.format(told=tmp_path / "told"))
    operator = TrainingSteps(task_id="sft", order=order, steps=["sft"])
    operator.on_kill()
    ti = Ti(state)
    with pytest.raises(error):
        TrainingSteps.execute.__wrapped__(operator, {"ti": ti})  # type: ignore[attr-defined]
    folder = job_folder(order, "sft")
    assert ti.pushed["job"] == str(folder)
    assert ti.pushed["run_page"] == "/vermillion/training/train_visual_erm/manual__1/sft/-1"
    if left_running:
        assert jobs.look(folder).state is State.RUNNING
    else:
        until(lambda: jobs.look(folder).state is State.ENDED)
        assert jobs.look(folder).stopped


SERVER = """
import http.server, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
print("loading", sys.argv[2], flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""


@pytest.fixture
def served(order: dict[str, Any]) -> dict[str, Any]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = {
        "model": "/models/erm",
        "command": ["{python}", "-c", SERVER, "{port}", "{model}"],
        "port": port,
        "ready_s": 120,
        "stop_s": 5,
    }
    return {**order, "servers": [server], "services": [f"http://127.0.0.1:{port}/v1"]}


def test_servers_are_kept_attached_to_and_released(served: dict[str, Any]) -> None:
    said: list[str] = []
    assert serve(served, said.append) == served["services"]
    folder = job_folder(served, server_name(0))
    first = jobs.look(folder)
    assert jobs.log_tail(folder) == "loading /models/erm"
    assert serve(served, said.append) == served["services"]
    assert jobs.look(folder).pid == first.pid
    assert release(served, said.append) == ["serve-0"]
    assert jobs.look(folder).stopped
    assert release(served, said.append) == []
    assert serve(served, said.append) == served["services"]  # the next run in this folder
    assert release(served, said.append) == ["serve-0"]


def test_a_server_that_fails_says_why(served: dict[str, Any]) -> None:
    served["servers"][0]["command"] = ["{python}", "-c", "raise SystemExit('no such GPU')"]
    with pytest.raises(EndpointUnavailable, match=r"serve-0 ended with exit status 1; .*\nno such"):
        serve(served, print)


def test_an_address_that_is_taken_is_not_used(served: dict[str, Any]) -> None:
    from endpoints.replay import ReplayAnswer, ReplayServer

    with ReplayServer(lambda _: ReplayAnswer("x")) as other:
        port = int(other.url.rpartition(":")[2].partition("/")[0])
        served["servers"][0]["port"] = port
        with pytest.raises(ConfigError, match=f"something else answers at .*:{port}/v1"):
            serve(served, print)


def test_an_output_folder_has_one_run(order: dict[str, Any], tmp_path: Path) -> None:
    claim(order, "first")
    claim(order, "first")
    trainer(tmp_path, WAITS.format(told=tmp_path / "told"))
    assert run_step("sft", order, print, lambda: True) is None
    with pytest.raises(ConfigError, match="sft of the run first is at work there"):
        claim(order, "second")
    release(order, print)
    claim(order, "second")


def scores(order: dict[str, Any], value: float | None) -> None:
    overall = {"pairs": 3, "f1_hard": {"value": value, "low": None, "high": None}}
    folder = Path(order["out"]) / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scores.json").write_text(
        json.dumps({"matcher": "words", "scores": {"overall": overall}})
    )


def test_the_gate_lets_a_good_model_pass(order: dict[str, Any]) -> None:
    order["gate"] = {"measure": "f1_hard", "at_least": 30.0}
    scores(order, 42.1)
    assert gate(order, print) == {"measure": "f1_hard", "at_least": 30.0, "value": 42.1}
    for value in (5.3, None):
        scores(order, value)
        with pytest.raises(ConfigError, match=f"f1_hard is {value} on 3 pairs, below the bound"):
            gate(order, print)
    order["gate"]["at_least"] = None
    assert gate(order, print)["value"] is None


def test_a_report_shows_what_was_done(order: dict[str, Any], tmp_path: Path) -> None:
    run_step("sft", order, print)
    metrics = {"loss": [{"step": 1, "loss": 5.0}, {"step": 2, "loss": 2.5}], "steps": 2}
    (Path(order["out"]) / "visual-erm").mkdir(parents=True)
    (Path(order["out"]) / "visual-erm" / "metrics.json").write_text(json.dumps(metrics))
    scores(order, 42.1)
    order["gate"]["at_least"] = 5.3
    found = report(order, {"sft": "success"}, print)
    assert found["steps"]["sft"] == "done"
    assert found["steps"]["grpo-svg"] == "not started"
    page = Path(found["report"]).read_text()
    assert "loss, nats a token" in page and "<polyline" in page
    assert "f1_hard 42.1, matched by words; the bound is 5.3: passed" in page
    with pytest.raises(RunError, match=r"sft failed; .*report\.html tells"):
        report(order, {"sft": "failed", "preflight": "success"}, print)
    with pytest.raises(RunError, match="nothing was run: preflight failed"):
        report(None, {"preflight": "failed"}, print)


def test_a_page_of_a_step_shows_hostile_logs_as_text(order: dict[str, Any], tmp_path: Path) -> None:
    trainer(tmp_path, "echo '<script>alert(1)</script>'")
    run_step("sft", order, print)
    page = step_page(job_folder(order, "sft"))
    assert "&lt;script&gt;alert(1)" in page and "<script" not in page
    assert "http-equiv" not in page  # it is over: nothing more to wait for


def test_a_run_that_names_no_dataset_takes_the_latest_version_of_the_demo(
    form: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "datasets" / "demo"
    (home / "7").mkdir(parents=True)
    (tmp_path / "manifest.json").rename(home / "7" / "manifest.json")
    (home / "latest.json").write_text('{"version": "7"}')
    monkeypatch.setenv("VERMILLION_ROOT", str(tmp_path))
    order = planned({**form, "dataset": None})
    assert f"--dataset={home}/7" in order["commands"]["sft"]["argv"]


def test_each_policy_has_its_prompts_first(order: dict[str, Any]) -> None:
    assert list(steps_of({**order, "tasks": ["svg"]})) == [["policy-data-svg", "grpo-svg"]]


def test_what_is_missing_is_said_before_the_run(
    form: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PYTHON, raising=False)
    monkeypatch.delenv(BENCHMARK, raising=False)
    monkeypatch.setattr("vermillion.airflow.training_plan.disk_shortage", lambda *_: "")
    with pytest.raises(ConfigError, match=f"{PYTHON} names no Python"):
        planned({**form, "dry_run": False})
    with pytest.raises(ConfigError, match=r"known: .*smoke"):
        planned({**form, "config": "none"})
    with pytest.raises(ConfigError, match="checkpoints need a folder"):
        planned({**form, "out": "s3://bucket/out"})
    monkeypatch.setenv(PYTHON, sys.executable)
    monkeypatch.setenv("VERMILLION_VERL_PYTHON", sys.executable)
    with pytest.raises(ConfigError, match="cannot read gcs://bucket/calm: install gcsfs in that"):
        _needed(load(CONFIGS / "train" / "visual_erm_8b.toml"), "gcs://bucket/calm")
    monkeypatch.setattr("vermillion.airflow.training_plan.HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError, match="HF_HUB_OFFLINE is set, and s3://bucket/calm is not on"):
        _needed(load(CONFIGS / "train" / "visual_erm_8b.toml"), "s3://bucket/calm")
    with pytest.raises(ConfigError, match="download internlm/VC-RewardBench"):
        planned({**form, "dry_run": False})

"""build_pairs with a model that judges: its server is up while it is asked, and a pilot comes first."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from quality.format.messages import completion
from quality.read.inspect import read_dataset
from records.taxonomy import Modality

HOUSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dag() -> Any:
    from airflow.dag_processing.dagbag import BundleDagBag

    bag = BundleDagBag(
        dag_folder=str(HOUSE / "dags"), bundle_path=HOUSE / "dags", bundle_name="dags-folder"
    )
    return bag.dags["build_pairs"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ranges_of", "serve"),
        ("serve", "pilot"),
        ("draw_pilot", "pilot"),
        ("pilot", "with_models.draw"),
        ("pilot", "pairs"),
        ("with_models.annotate", "stop_servers"),
        ("serve", "stop_servers"),
    ],
)
def test_servers_and_pilot_stand_around_the_pairs(dag: Any, before: str, after: str) -> None:
    assert after in dag.get_task(before).downstream_task_ids


def test_the_servers_end_with_the_run_whatever_becomes_of_it(dag: Any) -> None:
    assert dag.get_task("serve").is_setup
    stop = dag.get_task("stop_servers")
    assert stop.is_teardown and not stop.on_failure_fail_dagrun


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("models")
    yield home
    for process in servers(home):  # of a run that was cut off
        process.kill()


@pytest.fixture(scope="module")
def form(home: Path) -> dict[str, Any]:
    """A form whose annotator never sees a difference; its server is one of the build's own."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    reply = home / "reply.json"
    reply.write_text(completion(Modality.SVG, []))
    file = home / "blind.toml"
    file.write_text(
        f"""
[[annotators]]
name = "blind"
[annotators.endpoint]
base_url = "http://127.0.0.1:{port}/v1"
model = "m"
[annotators.endpoint.server]
model = "scripted"
ready_s = 60.0
command = ["{sys.executable}", "-m", "endpoints.replay", "--port", "{{port}}", "--reply", "{reply}"]
environment = {{PYTHONPATH = "{HOUSE}"}}
"""
    )
    return {
        "name": "models",
        "modalities": ["svg"],
        "limit": 6,
        "shard_size": 8,
        "policies": [],
        "annotators": ["structural", "blind"],
        "annotator_files": [str(file)],
        "relabel_rounds": 0,
    }


def dags_test(form: dict[str, Any], home: Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(HOUSE / "scripts" / "airflow"), "dags", "test", "build_pairs", "-c", json.dumps(form)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(home / "airflow"),
            "VERMILLION_ROOT": str(home / "data"),
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        timeout=570,
    )
    return done.returncode, done.stdout + done.stderr


def servers(home: Path) -> list[psutil.Process]:
    reply = str(home / "reply.json")
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if reply in (process.info["cmdline"] or [])
    ]


@pytest.mark.slow
def test_a_blind_annotator_stops_the_run_at_the_pilot(home: Path, form: dict[str, Any]) -> None:
    code, log = dags_test({**form, "pilot_samples": 6}, home)
    assert code != 0
    assert "blind: svg: recall 0.000, bound annotate.pilot.min_recall" in log
    work = home / "data" / "work" / "models" / "1"
    assert (work / "pilot" / "blind.png").exists()
    # Nothing was labeled, and the server did not outlive the run.
    assert not (work / "annotate").exists()
    assert servers(home) == []


@pytest.mark.slow
def test_without_a_pilot_the_same_run_goes_through(home: Path, form: dict[str, Any]) -> None:
    code, log = dags_test({**form, "pilot_samples": 0}, home)
    assert code == 0, log[-4000:]
    dataset = str(home / "data" / "datasets" / "models" / "1")
    rows = list(read_dataset(dataset, columns=["annotations", "discrepancies", "origin"]))
    assert rows
    told = {one["annotator"] for row in rows for one in row["annotations"]}
    assert told == {"structural-1", "blind lvlm-1"}
    # The task's log says how far requests are, and what they cost.
    assert "blind: " in log and " requests (" in log
    assert servers(home) == []

"""The three DAGs, run: each task for real, as `make demo` runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from quality.read.inspect import read_dataset
from records.shards import count_rows
from sources import bundled
from sources.pull import list_samples

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
HOUSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow")


def dags_test(
    dag: str, form: dict[str, Any], home: Path, *, ok: bool = True, **settings: str
) -> str:
    """Run one DAG in this process's environment and these settings of Airflow; returns its log."""
    done = subprocess.run(
        [str(HOUSE / "scripts" / "airflow"), "dags", "test", dag, "-c", json.dumps(form)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(home),
            "VERMILLION_ROOT": str(home / "data"),
            "NO_COLOR": "1",
            **settings,
        },
        capture_output=True,
        text=True,
        timeout=500,
    )
    log = done.stdout + done.stderr
    assert (done.returncode == 0) is ok, log[-4000:]
    return log


@pytest.fixture(scope="module")
def built(home: Path) -> Path:
    form = {
        "modalities": ["svg"],
        "limit": 6,
        "shard_size": 4,
        "name": "mine",
        "policies": ["vtracer-32px"],
    }
    events = {"type": "file", "log_file_path": str(home / "lineage.json"), "append": True}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
        dags_test(
            "build_pairs",
            form,
            home,
            AIRFLOW__METRICS__STATSD_ON="True",
            AIRFLOW__METRICS__STATSD_HOST="127.0.0.1",
            AIRFLOW__METRICS__STATSD_PORT=str(receiver.getsockname()[1]),
            AIRFLOW__OPENLINEAGE__TRANSPORT=json.dumps(events),
        )
        receiver.setblocking(False)
        with suppress(BlockingIOError), (home / "metrics.txt").open("wb") as kept:
            while True:
                kept.write(receiver.recv(65535) + b"\n")
    return home / "data" / "datasets" / "mine" / "1"


def test_metrics_count_the_rows_of_each_stage_and_of_the_dataset(built: Path, home: Path) -> None:
    lines = (home / "metrics.txt").read_text().splitlines()
    counted = Counter[str]()
    for name, amount in re.findall(r"^airflow\.vermillion\.(\S+):(\d+)\|c$", "\n".join(lines), re.M):
        counted[name] += int(amount)
    rows = len(list(read_dataset(str(built), columns=["id"])))
    assert counted["rows.publish"] == rows
    assert counted["rows.check"] >= rows
    assert counted["rows.reference"] == 6
    assert any(line.startswith("airflow.ti.finish.build_pairs.publish.success:1|c") for line in lines)


def test_lineage_events_lead_from_the_source_to_the_dataset(built: Path, home: Path) -> None:
    events = [json.loads(line) for line in (home / "lineage.json").read_text().splitlines()]
    done = {e["job"]["name"]: e for e in events if e["eventType"] == "COMPLETE"}
    names = {
        task: [[found["name"] for found in done[f"build_pairs.{task}"][side]] for side in sides]
        for task in ("pull", "pairs", "publish")
        for sides in [("inputs", "outputs")]
    }
    work = f"{home}/data/work/mine/1"
    assert names == {
        "pull": [["bundled"], [f"{work}/pull"]],
        "pairs": [[f"{work}/pull"], [f"{work}/check"]],
        "publish": [[f"{work}/check"], [str(built.parent)]],
    }
    [dataset] = done["build_pairs.publish"]["outputs"]
    rows = len(list(read_dataset(str(built), columns=["id"])))
    assert dataset["outputFacets"]["outputStatistics"]["rowCount"] == rows
    assert dataset["facets"]["version"]["datasetVersion"] == "1"


def test_build_pairs_publishes_what_the_form_asked_for(built: Path) -> None:
    rows = list(read_dataset(str(built), columns=["task", "origin", "policy", "sample_id"]))
    assert {row["task"] for row in rows} == {"svg"}
    assert {"corrupted", "sampled"} <= {row["origin"] for row in rows}
    assert {row["policy"] for row in rows} == {"", "vtracer-32px"}
    assert len({row["sample_id"] for row in rows}) <= 6


def test_a_dry_run_of_build_pairs_writes_no_dataset(home: Path) -> None:
    log = dags_test("build_pairs", {"dry_run": True, "name": "dry"}, home)
    assert "dry run: the plan is above" in log
    assert not (home / "data" / "datasets" / "dry").exists()


def test_a_wrong_form_stops_the_run_and_names_the_field(home: Path) -> None:
    log = dags_test("build_pairs", {"config": "nowhere"}, home, ok=False)
    assert "no configuration 'nowhere'" in log


def test_training_prints_every_command(built: Path, home: Path) -> None:
    log = dags_test("train_visual_erm", {"dataset": str(built), "dry_run": True}, home)
    assert "accelerate launch" in log
    assert "-m train.sft" in log
    for task in ("chart", "table", "svg"):
        assert f"grpo-{task}: python -m train.grpo" in log
    assert "-m train.grpo --config" in log
    assert "-m train.evaluate" in log


def test_a_source_is_refreshed_only_if_it_changed(home: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "unisvg"
    shutil.copytree(bundled.snapshot("unisvg"), snapshot)
    form = {"sources": ["unisvg"], "snapshots": {"unisvg": str(snapshot)}}
    assert "'changed': True" in dags_test("refresh_sources", form, home)
    folder = str(home / "data" / "sources" / "unisvg")
    assert sum(count_rows(url) for url in list_samples(folder)) >= 40
    assert "'changed': False" in dags_test("refresh_sources", form, home)

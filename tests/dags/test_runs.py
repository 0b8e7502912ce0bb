"""The three DAGs, run: each task for real, as `make demo` runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
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


def dags_test(dag: str, form: dict[str, Any], home: Path, *, ok: bool = True) -> str:
    """Run one DAG in this process's environment; returns its log."""
    done = subprocess.run(
        [str(HOUSE / "scripts" / "airflow"), "dags", "test", dag, "-c", json.dumps(form)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(home),
            "VERMILLION_ROOT": str(home / "data"),
            "NO_COLOR": "1",
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
    dags_test("build_pairs", form, home)
    return home / "data" / "datasets" / "mine" / "1"


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


@pytest.mark.parametrize("dag", ["build_pairs", "refresh_sources", "train_visual_erm"])
def test_a_misspelled_field_stops_the_run(dag: str, home: Path) -> None:
    log = dags_test(dag, {"limits": 3}, home, ok=False)
    assert "the form has no field 'limits'" in log


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

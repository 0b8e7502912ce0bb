"""The weekly promise, with Airflow's own scheduler: a refresh builds what follows the source, and only that."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quality.format.versions import latest, versions
from quality.read.inspect import read_dataset
from records.errors import ConfigError
from vermillion.cluster.services import Postgres
from vermillion.cluster.stack import Stack

pytestmark = pytest.mark.slow

FOLLOWER = """
name = "icons"
shard_size = 2
[refresh]
sources = ["unisvg"]
[sources.unisvg]
[corruption]
attempts_per_sample = 1
[publish]
gallery = false
"""
DEMO = """
name = "demo"
[sources.bundled]
limit = 2
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect x="2" y="3" width="{}" height="9" fill="#246"/><circle cx="15" cy="17" r="{}"/></svg>'
)


def write_snapshot(folder: Path, changed: int = -1, removed: int = -1) -> None:
    folder.mkdir(exist_ok=True)
    items = [
        {
            "type": "ISVGEN",
            "q_text": "Draw it.",
            "a_text": ICON.format(3 + n, 4 if n == changed else 2 + n / 20),
            "image_path": f"icon_{n}.png",
            "keywords": [],
        }
        for n in range(12)
        if n != removed
    ]
    (folder / "train.json").write_text(json.dumps(items))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    configs = tmp_path / "configs"
    configs.mkdir()
    (configs / "icons.toml").write_text(FOLLOWER)
    (configs / "demo.toml").write_text(DEMO)
    try:
        with Postgres(tmp_path / "postgres") as database:
            environment = {
                "VERMILLION_CONFIGS": str(configs),
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{database.address}",
            }
            with Stack(tmp_path / "airflow", environment) as stack:
                yield stack
    except ConfigError as error:
        pytest.skip(str(error))


def refresh(stack: Stack, snapshot: Path, ends: str = "success") -> None:
    form = {"sources": ["unisvg"], "snapshots": {"unisvg": str(snapshot)}, "shard_size": 2}
    run = stack.trigger("refresh_sources", form)
    stack.end_scheduled("refresh_sources")  # it would ask the hub
    assert stack.wait("refresh_sources", run, 480) == ends


def builds(stack: Stack, count: int) -> list[dict[str, Any]]:
    """The runs of build_pairs, once so many have ended; none more comes within some seconds."""
    deadline = time.monotonic() + 300
    ended: list[dict[str, Any]] = []
    while time.monotonic() < deadline and len(ended) < count:
        time.sleep(3)
        ended = [one for one in stack.runs("build_pairs") if one["state"] in ("success", "failed")]
    time.sleep(10)
    assert len(stack.runs("build_pairs")) == count
    return ended


def published(dataset: str) -> dict[str, tuple[str, str]]:
    """Sample and split of each row of the latest version."""
    rows = read_dataset(dataset, ["id", "sample_id", "split"])
    return {row["id"]: (row["sample_id"], row["split"]) for row in rows}


def test_a_refresh_builds_what_follows_and_only_if_something_changed(
    stack: Stack, tmp_path: Path
) -> None:
    snapshot = tmp_path / "unisvg"
    write_snapshot(snapshot)
    stack.call("PATCH", "/api/v2/dags/build_pairs", {"is_paused": False})
    refresh(stack, snapshot)
    [run] = builds(stack, 1)
    assert (run["run_type"], run["state"]) == ("asset_triggered", "success")
    data = tmp_path / "airflow" / "data"
    assert [path.name for path in (data / "datasets").iterdir()] == ["icons"]
    first = latest(f"{data}/datasets/icons")
    refresh(stack, snapshot)
    builds(stack, 1)  # nothing changed, so nothing ran
    checked = {path: path.stat().st_mtime_ns for path in data.glob("work/*/*/render/*.parquet")}
    write_snapshot(snapshot, changed=5)
    refresh(stack, snapshot)
    builds(stack, 2)
    after = {path: path.stat().st_mtime_ns for path in data.glob("work/*/*/render/*.parquet")}
    redone = [path for path, at in after.items() if checked.get(path) != at]
    assert len(checked) > 4 and 0 < len(redone) <= 3
    assert latest(f"{data}/datasets/icons") != first
    assert len(versions(f"{data}/datasets/icons")) == 2
    whole = published(f"{data}/datasets/icons")
    # A file that is half there changes nothing, and the next one is compared with what was before.
    write_snapshot(snapshot, changed=5, removed=8)
    text = (snapshot / "train.json").read_text()
    (snapshot / "train.json").write_text(text[: len(text) // 2])
    refresh(stack, snapshot, ends="failed")
    builds(stack, 2)
    (snapshot / "train.json").write_text(text)
    refresh(stack, snapshot)
    builds(stack, 3)
    rest = published(f"{data}/datasets/icons")
    assert rest and rest.items() < whole.items()  # no other row, none in another split
    assert len({sample for sample, _ in whole.values()}) == 12
    assert len({sample for sample, _ in rest.values()}) == 11
    told = stack.call("GET", "/api/v2/assets/events?limit=50")["asset_events"]
    assert [one["name"] for one in told].count("pairs") == 3
    removed = [one["extra"]["removed"] for one in told if "removed" in one["extra"]]
    assert sorted(removed) == [0, 1, 1]

"""Our pages in Airflow: found by it, and shown to whoever may see the run or the task's log."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from endpoints.client.cache import ReplyCache
from endpoints.ledger import Need, Spent
from records.config import BuildConfig
from records.files import write_text
from records.layout import Layout
from records.sections import SourceConfig
from records.shards import ShardReport, write_report
from records.stages import STAGES
from sources.pull import PulledShard
from train.jobs.job import JobOrder
from train.jobs.local import attach, follow
from vermillion.airflow import plugin
from vermillion.airflow.build_page import Run
from vermillion.airflow.plugin import PREFIX, TrainingPages
from vermillion.pipeline.progress import build_hash, finished_shard, note_finished
from vermillion.pipeline.stages import write_settings


def test_airflow_finds_the_pages() -> None:
    [found] = [one for one in entry_points(group="airflow.plugins") if one.name == "vermillion"]
    assert found.load() is TrainingPages
    assert TrainingPages.fastapi_apps[0]["url_prefix"] == PREFIX


def asked(path: str) -> tuple[int, str]:
    """What the application answers to a browser; no server is needed for that."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "app": None,
    }
    asyncio.run(TrainingPages.fastapi_apps[0]["app"](scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], body.decode()


@pytest.fixture
def let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's own check stands aside, so that what lies behind it is tested."""
    security = "airflow.api_fastapi.core_api.security.requires_access_dag"
    monkeypatch.setattr(security, lambda *_, **__: lambda: None)
    plugin.application.cache_clear()


@pytest.mark.usefixtures("let_in")
def test_a_page_and_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "jobs" / "sft"
    attach(folder, JobOrder(argv=(sys.executable, "-c", "print('learning <b>')")))
    follow(folder, lambda line: None)
    monkeypatch.setattr(plugin, "_job_of", lambda *which: folder if which[2] == "sft" else None)
    status, page = asked("/training/train_visual_erm/manual__1/sft/-1")
    assert status == 200 and "learning &lt;b&gt;" in page and 'href="-1/log"' in page
    assert asked("/training/train_visual_erm/manual__1/sft/-1/log") == (200, "learning <b>")
    status, said = asked("/training/train_visual_erm/manual__1/report/-1")
    assert status == 404 and "started no job" in said
    (folder / "order.json").unlink()
    status, said = asked("/training/train_visual_erm/manual__1/sft/-1")
    assert status == 404 and "not on this machine" in said
    plugin.application.cache_clear()


def build_under_way(folder: Path) -> BuildConfig:
    """Three shards: the first is noted as finished, the second has one stage behind it."""
    config = BuildConfig(name="mine", sources={"bundled": SourceConfig()}, root=str(folder))
    layout = Layout.of(config)
    write_settings(config)
    shards = [PulledShard(f"svg-{at}", "svg", 4, f"sha{at}") for at in range(3)]
    write_text(
        f"{layout.folder('pull')}/bundled.shards.json", json.dumps([asdict(one) for one in shards])
    )
    for stage in STAGES:
        write_report(ShardReport(stage.name, layout.shard(stage.name, "svg-0"), 4, 4))
    write_report(ShardReport("check", layout.shard("check", "svg-0"), 10, 7, {"blank<": 3}))
    finished = finished_shard(shards[0], build_hash(config), config)
    assert finished
    note_finished("0", {"svg-0": finished}, config)
    write_report(ShardReport("reference", layout.shard("reference", "svg-1"), 4, 2, {"timeout": 2}))
    with ReplyCache.of(config.work_url) as cache:
        reservation = cache.ledger.reserve("judge", Need(900, 0.5), (None, None), 60)
        assert reservation
        cache.ledger.settle("judge", Spent(700, 0.25), reservation)
    return config


@pytest.mark.usefixtures("let_in")
def test_the_page_of_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = build_under_way(tmp_path)
    dataset = tmp_path / "dataset"
    (dataset / "card").mkdir(parents=True)
    (dataset / "card" / "examples.png").write_bytes(b"sheet")
    left: dict[str, Any] = {
        "plan": [{"name": "mine", "settings": Layout.of(config).config, "sources": ["bundled"]}],
        "publish": None,
    }
    run = Run(time.time() - 120, None, "running")
    monkeypatch.setattr(plugin, "_run_of", lambda *_: run)
    monkeypatch.setattr(plugin, "_returned", lambda dag_id, run_id, task, *_: left[task])
    status, page = asked("/builds/build_pairs/manual__1")
    words = " ".join(re.sub("<[^>]*>", " ", page).split())
    assert status == 200 and 'http-equiv="refresh"' in page
    for said in (
        "7 rows through all stages",
        "5 rows rejected",
        "0.25 cost of models",
        "4 min left, estimated",  # one of three shards in two minutes
        "reference 2 of 3 6 2 timeout 2",
        "check 1 of 3 7 3 blank&lt; 3",
        "judge 700 0.2500",
    ):
        assert said in words, words
    rate = re.search(r"(\d+) rows a minute", words)
    assert rate and 2 <= int(rate[1]) <= 4  # 7 rows in about two minutes

    left["publish"] = {"path": str(dataset), "rows": 7, "skipped": False}
    monkeypatch.setattr(plugin, "_run_of", lambda *_: Run(0.0, time.time(), "success"))
    status, page = asked("/builds/build_pairs/manual__1")
    assert "7 rows." in page and "data:image/png;base64,c2hlZXQ=" in page
    assert 'http-equiv="refresh"' not in page
    left["plan"] = None
    status, said = asked("/builds/train_visual_erm/manual__1")
    assert status == 404 and "builds no dataset" in said
    plugin.application.cache_clear()


ANONYMOUS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from test_plugin import asked
from airflow.api_fastapi.app import init_auth_manager
init_auth_manager()
pages = "/training/train_visual_erm/manual__1/sft/-1", "/builds/build_pairs/manual__1"
print(json.dumps([asked(page)[0] for page in pages]))
"""


def test_strangers_see_nothing(tmp_path: Path) -> None:
    """As Airflow itself judges it, in a process and a home of its own."""
    done = subprocess.run(
        [sys.executable, "-c", ANONYMOUS, str(Path(__file__).parent)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
        },
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == [401, 401]

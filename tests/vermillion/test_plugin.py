"""The pages of training steps: found by Airflow, and shown to whoever may see the task's log."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from train.jobs.job import JobOrder
from train.jobs.local import attach, follow
from vermillion.airflow import plugin
from vermillion.airflow.plugin import PREFIX, TrainingPages


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

    scope = {
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


ANONYMOUS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from test_plugin import asked
from airflow.api_fastapi.app import init_auth_manager
init_auth_manager()
print(json.dumps(asked("/training/train_visual_erm/manual__1/sft/-1")[0]))
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
    assert json.loads(done.stdout.splitlines()[-1]) == 401

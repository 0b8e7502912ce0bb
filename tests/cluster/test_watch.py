"""The hub's watch, deadlines and alerts, with Airflow's own triggerer, scheduler and DAG processor."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub_here import served_hub
from webhook_here import webhook

from records.errors import ConfigError
from sources.source import source_named
from vermillion.airflow.assets import SOURCES
from vermillion.cluster.services import Postgres
from vermillion.cluster.stack import Stack, free_port

pytestmark = pytest.mark.slow

NEWEST = "d" * 40
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="{}"/></svg>'


def icons() -> bytes:
    records = [
        {
            "type": "ISVGEN",
            "q_text": "Draw it.",
            "a_text": ICON.format(number + 1),
            "image_path": f"icon_{number}.png",
            "keywords": [],
        }
        for number in range(3)
    ]
    return json.dumps(records).encode()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    try:
        with Postgres(tmp_path / "postgres") as server:
            yield server.address
    except ConfigError as error:
        pytest.skip(str(error))


def until(what: Callable[[], bool], why: str, timeout_s: float = 300.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, why
        time.sleep(1)


def seen(stack: Stack) -> set[str]:
    """The revisions that the watch remembers, if it has seen one of each source."""
    assets = stack.call("GET", "/api/v2/assets?name_pattern=-on-the-hub")["assets"]
    stores = [stack.call("GET", f"/api/v2/assets/{one['id']}/state-store") for one in assets]
    found = [kept["value"] for store in stores for kept in store["asset_state_store"]]
    return set(found) if len(found) == len(SOURCES) else set()


def test_a_new_revision_is_pulled_and_a_run_that_fails_or_is_late_is_told(
    database: str, tmp_path: Path
) -> None:
    with webhook() as (texts, url), served_hub() as (hub, address):
        notifier = {"class": "vermillion.airflow.alerts.Webhook", "url": url}
        environment = {
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{database}",
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "HF_ENDPOINT": address,
            "HF_HOME": str(tmp_path / "hub"),
            "HF_HUB_OFFLINE": "0",
            "VERMILLION_HUB_WATCH_MINUTES": "5",
            "VERMILLION_NOTIFIER": json.dumps(notifier),
            "VERMILLION_DEADLINES": '{"refresh_sources": 0.0005}',
        }
        with Stack(tmp_path / "airflow", environment) as stack:
            stack.start("triggerer")
            # The first run is that of last week's schedule, and this hub holds no files yet.
            stack.call("PATCH", "/api/v2/dags/refresh_sources", {"is_paused": False})
            until(lambda: len(texts) >= 2, f"nobody was told; logs: {stack.home}")
            late, failed = sorted(texts, key=lambda text: "failed" in text.partition("\n")[0])
            assert late.startswith("*refresh_sources is late*\nRun: scheduled__")
            assert failed.startswith("*refresh_sources failed*\nRun: scheduled__")
            assert failed.count("ConfigError: ") == len(SOURCES)
            until(lambda: seen(stack) == {hub.revision}, "the watch never asked")
            # What happens while no triggerer runs is seen by the next.
            stack.kill("triggerer")
            hub.commits.append({"train.json": icons()})
            hub.newer[source_named("unisvg").repo_id] = NEWEST
            stack.start("triggerer")
            until(lambda: len(stack.runs("refresh_sources")) > 1, "no run was triggered")
            [run] = [one for one in stack.runs("refresh_sources") if one["run_type"] != "scheduled"]
            assert run["run_type"] == "asset_triggered"
            stack.wait("refresh_sources", run["dag_run_id"], 300)
            pulls = [
                (one["rendered_map_index"], one["state"])
                for one in stack.tasks("refresh_sources", run["dag_run_id"])
                if one["task_id"] == "pull"
            ]
            assert pulls == [("unisvg", "success")]
            assert seen(stack) == {hub.revision, NEWEST}

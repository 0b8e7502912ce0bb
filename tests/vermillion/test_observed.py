"""What a task did, as Airflow's own metrics and as an OpenLineage event."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from endpoints.used import count_use
from vermillion.airflow import observed as observing_module
from vermillion.airflow.observed import Data, Observed, observed_of, observing

TI = SimpleNamespace(run_id="run", task_id="pairs", map_index=3)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The counters that were sent."""
    sent: dict[str, float] = {}
    monkeypatch.setattr(
        observing_module.stats, "incr", lambda name, amount: sent.update({name: amount})
    )
    monkeypatch.setattr(observing_module, "get_current_context", lambda: {"ti": TI})
    return sent


def test_rows_rejects_and_costs_are_counted_by_name(counted: dict[str, float]) -> None:
    count_use("judge", 1, 1.0)  # of an earlier task of this process
    with observing() as observed:
        observed.rows = {"check": 7, "annotate": 0}
        observed.rejects = {"render": {"timeout": 2}}
        observed.quarantined = 1
        count_use("judge", 100, 0.25)
        count_use("org/model", 5, 0.0)
    assert counted == {
        "vermillion.rows.check": 7,
        "vermillion.rejects.render.timeout": 2,
        "vermillion.quarantined_shards": 1,
        "vermillion.requests.judge": 1,
        "vermillion.tokens.judge": 100,
        "vermillion.cost.judge": 0.25,
        "vermillion.requests.org_model": 1,
        "vermillion.tokens.org_model": 5,
        "vermillion.cost.org_model": 0.0,
    }
    assert observed_of(TI) is observed


def test_money_is_counted_where_the_work_fails(counted: dict[str, float]) -> None:
    with pytest.raises(RuntimeError), observing():
        count_use("failing", 10, 0.5)
        raise RuntimeError
    assert counted["vermillion.cost.failing"] == 0.5


def test_a_lineage_event_holds_datasets_rows_rejects_and_costs() -> None:
    from openlineage.client.serde import Serde

    from endpoints.used import Used
    from vermillion.airflow.lineage import lineage_of

    found = lineage_of(
        Observed(
            inputs=(Data("hf://owner/icons", version="main"),),
            outputs=(Data("s3://bucket/datasets/icons", 12, "7"),),
            rows={"publish": 12},
            rejects={"check": {"blank": 2}},
            used={"judge": Used(3, 900, 0.5)},
        )
    )
    [read] = [json.loads(Serde.to_json(one)) for one in found.inputs]
    [wrote] = [json.loads(Serde.to_json(one)) for one in found.outputs]
    assert (read["namespace"], read["name"]) == ("https://huggingface.co", "owner/icons")
    assert read["facets"]["version"]["datasetVersion"] == "main"
    assert (wrote["namespace"], wrote["name"]) == ("s3://bucket", "datasets/icons")
    assert wrote["outputFacets"]["outputStatistics"]["rowCount"] == 12
    facet = json.loads(Serde.to_json(found.run_facets["vermillion"]))
    assert facet["rejects"] == {"check": {"blank": 2}}
    assert facet["models"] == {"judge": {"requests": 3, "tokens": 900, "cost": 0.5}}


SENT = """
from types import SimpleNamespace
from airflow.providers.openlineage.extractors.manager import ExtractorManager
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics.stats_utils import get_stats_factory
from airflow.utils.state import TaskInstanceState
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from airflow.providers.openlineage import conf
from vermillion.airflow import observed as observing

ti = SimpleNamespace(run_id="run", task_id="pairs", map_index=3)
observing.get_current_context = lambda: {"ti": ti}
# As Airflow's task runner does it.
stats.initialize(factory=get_stats_factory(), export_legacy_names=False)
with observing.observing() as observed:
    observed.outputs = (observing.Data("/work/check", 7),)
    observed.rows, observed.rejects = {"check": 7}, {"render": {"timeout": 2}}
task = SimpleNamespace(
    task_type="_PythonDecoratedOperator", task_id="pairs", dag_id="build_pairs", inlets=[], outlets=[]
)
dagrun = SimpleNamespace(run_id="run")
assert not conf.is_disabled()
found = ExtractorManager().extract_metadata(dagrun, task, TaskInstanceState.SUCCESS, ti)
run = Run("01a227c0-80ba-711f-81cb-dd45433f7b2c", found.run_facets)
event = RunEvent(
    eventTime="2026-01-01T00:00:00Z", producer="test", eventType=RunState.COMPLETE, run=run,
    job=Job("vermillion", "build_pairs.pairs"), inputs=found.inputs, outputs=found.outputs,
)
OpenLineageClient(config={"transport": conf.transport()}).emit(event)
"""


def test_one_setting_turns_each_on(tmp_path: Path) -> None:
    events = tmp_path / "events.json"
    transport = {"type": "file", "log_file_path": str(events), "append": True}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        settings = {
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(receiver.getsockname()[1]),
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__OPENLINEAGE__EXTRACTORS": "vermillion.airflow.lineage.TaskLineage",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        }
        subprocess.run([sys.executable, "-c", SENT], env={**os.environ, **settings}, check=True)
        receiver.setblocking(False)
        lines = []
        with suppress(BlockingIOError):
            while True:
                lines.append(receiver.recv(65535).decode())
    assert sorted(line for line in lines if "vermillion" in line) == [
        "airflow.vermillion.rejects.render.timeout:2|c",
        "airflow.vermillion.rows.check:7|c",
    ]
    event = json.loads(events.read_text())
    assert event["outputs"][0]["name"] == "/work/check"
    assert event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 7
    assert event["run"]["facets"]["vermillion"]["rejects"] == {"render": {"timeout": 2}}

"""What a task did, as Airflow's own metrics and as an OpenLineage event."""

from __future__ import annotations

import json

import pytest

from endpoints.used import count_use
from vermillion.airflow import observed as observing_module
from vermillion.airflow.observed import Data, Observed, observed_of, observing


class Ti:
    run_id, task_id, map_index = "run", "pairs", 3


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The counters that were sent."""
    sent: dict[str, float] = {}
    monkeypatch.setattr(
        observing_module.stats, "incr", lambda name, amount: sent.update({name: amount})
    )
    monkeypatch.setattr(observing_module, "get_current_context", lambda: {"ti": Ti()})
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
    assert observed_of(Ti()) is observed


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

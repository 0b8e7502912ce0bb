"""The three DAGs: they load, serialise, and are wired as the design says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import BundleDagBag

    folder = str(HOUSE / "dags")
    bag = BundleDagBag(dag_folder=folder, bundle_path=HOUSE / "dags", bundle_name="dags-folder")
    assert bag.import_errors == {}
    return dict(bag.dags)


def test_there_are_three(dags: dict[str, Any]) -> None:
    assert sorted(dags) == ["build_pairs", "refresh_sources", "train_visual_erm"]


def test_each_serialises_and_has_what_operators_expect(dags: dict[str, Any]) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in dags.values():
        again = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert again.dag_id == dag.dag_id
        assert dag.doc_md
        assert "vermillion" in dag.tags
        assert not dag.catchup
        assert dag.max_active_runs == 1
        for task in dag.tasks:
            if task.task_id != "approve":
                assert task.retries >= 1, task.task_id


def test_one_leaf_decides_success(dags: dict[str, Any]) -> None:
    """A teardown's end is not the run's, unless it says so."""
    assert not [
        task.task_id
        for dag in dags.values()
        for task in dag.tasks
        if task.is_teardown and task.on_failure_fail_dagrun
    ]
    leaves = {
        name: [task.task_id for task in dag.leaves if not task.is_teardown]
        for name, dag in dags.items()
    }
    assert leaves == {
        "build_pairs": ["publish"],
        "refresh_sources": ["pull"],
        "train_visual_erm": ["report"],
    }
    assert dags["train_visual_erm"].get_task("release").is_teardown


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pairs.reference", "pairs.corrupt"),
        ("pairs.reference", "pairs.attempt"),
        ("pairs.corrupt", "pairs.render"),
        ("pairs.attempt", "pairs.render"),
        ("pairs.render", "pairs.annotate"),
        ("pairs.annotate", "pairs.check"),
        ("pairs.check", "publish"),
    ],
)
def test_the_data_path_reads_as_the_design_says(
    dags: dict[str, Any], before: str, after: str
) -> None:
    assert after in dags["build_pairs"].get_task(before).downstream_task_ids


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("preflight", "claim"),
        ("claim", "needs_approval"),
        ("needs_approval", "approve"),
        ("approve", "sft"),
        ("sft", "serve"),
        ("serve", "evaluate"),
        ("evaluate", "gate"),
        ("gate", "grpo"),
        ("grpo", "report"),
        ("grpo", "release"),
        ("claim", "release"),
        ("serve", "release"),
    ],
)
def test_training_reads_as_the_design_says(dags: dict[str, Any], before: str, after: str) -> None:
    assert after in dags["train_visual_erm"].get_task(before).downstream_task_ids


def test_servers_are_set_up_and_torn_down_around_what_needs_them(dags: dict[str, Any]) -> None:
    dag = dags["train_visual_erm"]
    assert dag.get_task("serve").is_setup
    assert dag.get_task("claim").is_setup
    # Jobs outlive workers, so their tasks are tried again for as long as workers go down.
    for name in ("sft", "serve", "evaluate", "grpo"):
        assert dag.get_task(name).retries == 20
        assert dag.get_task(name).queue == "gpu"


def test_every_pool_is_made_by_the_set_up(dags: dict[str, Any]) -> None:
    from vermillion.airflow.pools import POOLS

    made = {pool.name for pool in POOLS} | {"default_pool"}
    assert {task.pool for dag in dags.values() for task in dag.tasks} <= made


def test_every_queue_has_a_worker(dags: dict[str, Any]) -> None:
    import yaml

    services = yaml.safe_load((HOUSE / "docker-compose.yml").read_text())["services"]
    served = {
        service["command"][4]
        for name, service in services.items()
        if name.startswith("worker-") and service["command"][3] == "--queues"
    }
    assert {task.queue for dag in dags.values() for task in dag.tasks} <= served


def test_the_form_offers_what_exists(dags: dict[str, Any]) -> None:
    from policies.offline import BUILTIN
    from records.taxonomy import Modality
    from sources.source import SOURCES

    form = dags["build_pairs"].params
    assert form["dry_run"] is False
    schema = {name: form.get_param(name).schema for name in form}
    assert set(schema["modalities"]["examples"]) == set(Modality)
    assert set(schema["sources"]["examples"]) <= set(SOURCES)
    assert set(schema["policies"]["examples"]) <= set(BUILTIN)

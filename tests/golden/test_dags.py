"""Task graphs of the DAGs: ids, order, queues, pools, trigger rules, what is mapped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from golden.recorded import FILES, check, difference

NAME = "dags.json"
HOUSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import BundleDagBag

    folder = HOUSE / "dags"
    bag = BundleDagBag(dag_folder=str(folder), bundle_path=folder, bundle_name="dags-folder")
    assert bag.import_errors == {}
    return dict(bag.dags)


def graph(dags: dict[str, Any]) -> str:
    """A line for each task of each DAG, by id."""
    blocks = []
    for name, dag in sorted(dags.items()):
        tasks = ",\n".join(f"  {json.dumps(_task(task))}" for task in _sorted(dag.tasks))
        blocks.append(f' "{name}": [\n{tasks}\n ]')
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _sorted(tasks: list[Any]) -> list[Any]:
    return sorted(tasks, key=lambda task: task.task_id)


def _task(task: Any) -> dict[str, Any]:
    return {
        "task": task.task_id,
        "after": sorted(task.upstream_task_ids),
        "before": sorted(task.downstream_task_ids),
        "queue": task.queue,
        "pool": task.pool,
        "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "mapped": bool(task.is_mapped) or task.get_closest_mapped_task_group() is not None,
        "retries": task.retries,
        "setup": bool(task.is_setup),
        "teardown": bool(task.is_teardown),
    }


def test_task_graphs_are_those_on_record(dags: dict[str, Any]) -> None:
    check(NAME, graph(dags))


def test_a_planted_task_and_another_queue_are_seen(dags: dict[str, Any]) -> None:
    before = (FILES / NAME).read_text(encoding="utf-8")

    class Elsewhere:
        """The task as it is, but on another queue."""

        def __init__(self, task: Any) -> None:
            self._task = task
            self.queue = "elsewhere"

        def __getattr__(self, name: str) -> Any:
            return getattr(self._task, name)

    class Changed:
        def __init__(self, dag: Any, tasks: list[Any]) -> None:
            self.tasks = tasks

    dag = dags["build_pairs"]
    first, *others = dag.tasks
    moved = {**dags, "build_pairs": Changed(dag, [Elsewhere(first), *others])}
    assert "elsewhere" in difference(before, graph(moved))
    fewer = {**dags, "build_pairs": Changed(dag, others)}
    assert f'"task": "{first.task_id}"' in difference(before, graph(fewer))

"""The three DAGs: they load, serialize, and are wired as the design says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
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


def test_each_serializes_and_has_what_operators_expect(dags: dict[str, Any]) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in dags.values():
        again = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert again.dag_id == dag.dag_id
        assert dag.doc_md
        assert dag.description and dag.description.endswith(".")
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
        ("pull", "ranges_of"),
        ("ranges_of", "without_models"),
        ("without_models", "pairs"),
        ("asking_models", "with_models.draw"),
        ("with_models.draw", "with_models.attempt"),
        ("with_models.attempt", "with_models.render"),
        ("with_models.render", "with_models.annotate"),
        ("with_models.annotate", "plan_dataset"),
        ("pairs", "plan_dataset"),
        ("plan_dataset", "files_of"),
        ("files_of", "write_files"),
        ("write_files", "publish"),
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


def test_all_of_a_training_runs_where_its_jobs_and_its_folder_are(dags: dict[str, Any]) -> None:
    """On another machine the gate would find no figures, and release no server to stop."""
    queues = {task.task_id: task.queue for task in dags["train_visual_erm"].tasks}
    assert {name for name, queue in queues.items() if queue != "gpu"} <= {"approve"}


def test_no_task_hangs_but_those_that_train_or_wait_for_a_person(dags: dict[str, Any]) -> None:
    unlimited = {
        task.task_id
        for dag in dags.values()
        for task in dag.tasks
        if task.execution_timeout is None
    }
    assert unlimited == {"sft", "serve", "evaluate", "grpo", "approve"}


def test_nobody_is_alerted_unless_a_setting_says_so(dags: dict[str, Any]) -> None:
    from vermillion.airflow.alerts import DAGS

    assert tuple(sorted(dags)) == DAGS
    for dag in dags.values():
        assert not dag.deadline and not dag.on_failure_callback
        assert not [task.task_id for task in dag.tasks if task.on_failure_callback]


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
    from sources.source import known_sources

    form = dags["build_pairs"].params
    assert form["dry_run"] is False
    schema = {name: form.get_param(name).schema for name in form}
    assert set(schema["modalities"]["examples"]) == set(Modality)
    assert set(schema["sources"]["examples"]) <= set(known_sources())
    assert set(schema["policies"]["examples"]) <= set(BUILTIN)


def plan_of(dags: dict[str, Any], form: dict[str, Any], *changed: str) -> list[dict[str, Any]]:
    """What the first task of `build_pairs` says, started by the refresh of these sources."""
    from vermillion.airflow.assets import SNAPSHOTS

    events = {SNAPSHOTS[source]: ["an event", "another"] for source in changed}
    plan = dags["build_pairs"].get_task("plan").python_callable
    planned: list[dict[str, Any]] = plan(params=form, triggering_asset_events=events)
    return planned


def test_a_refresh_builds_the_datasets_that_follow_the_source_and_not_the_demo(
    dags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from vermillion.pipeline import form

    folder = tmp_path / "configs"
    folder.mkdir()
    for name, sources in (
        ("demo", []),
        ("icons", ["unisvg"]),
        ("pages", ["omnidocbench"]),
        ("all", ["chartmimic", "unisvg"]),
    ):
        of = "".join(f"[sources.{one}]\n" for one in sources or ["bundled"])
        follows = ", ".join(f'"{one}"' for one in sources)
        (folder / f"{name}.toml").write_text(
            f'name = "{name}"\n[refresh]\nsources = [{follows}]\n{of}'
        )
    monkeypatch.setattr(form, "CONFIGS", folder)
    monkeypatch.setenv("VERMILLION_ROOT", str(tmp_path / "data"))
    filled = {name: dags["build_pairs"].params[name] for name in dags["build_pairs"].params}
    built = plan_of(dags, filled, "unisvg")
    assert [one["name"] for one in built] == ["all", "icons"]
    assert [one["sources"] for one in built] == [["chartmimic", "unisvg"], ["unisvg"]]
    assert [one["name"] for one in plan_of(dags, filled, "unisvg", "omnidocbench")] == [
        "all",
        "icons",
        "pages",
    ]
    assert [one["name"] for one in plan_of(dags, filled)] == ["demo"]  # by hand: as the form says
    (folder / "all.toml").unlink()
    with pytest.raises(AirflowSkipException, match="no configuration follows chartmimic"):
        plan_of(dags, filled, "chartmimic")


def test_the_first_task_names_a_key_that_is_not_set(
    dags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from records.errors import ConfigError
    from vermillion.pipeline import form

    (tmp_path / "judges.toml").write_text(
        '[[annotators]]\nname = "eye"\n[annotators.endpoint]\nbase_url = "https://far/v1"\n'
        'model = "m"\napi_key_env = "FAR_KEY"\n'
    )
    (tmp_path / "demo.toml").write_text(
        'name = "demo"\n[sources.bundled]\n[annotate]\nannotators = ["structural", "eye"]\n'
        'files = ["judges.toml"]\n'
    )
    monkeypatch.setattr(form, "CONFIGS", tmp_path)
    monkeypatch.setenv("VERMILLION_ROOT", str(tmp_path / "data"))
    monkeypatch.delenv("FAR_KEY", raising=False)
    filled = {name: dags["build_pairs"].params[name] for name in dags["build_pairs"].params}
    with pytest.raises(ConfigError, match="FAR_KEY is not set"):
        plan_of(dags, filled)
    assert not (tmp_path / "data").exists()


def test_the_full_dataset_follows_what_the_refresh_pulls() -> None:
    from vermillion.airflow.assets import SOURCES
    from vermillion.pipeline.form import configs_following

    for source in SOURCES:
        assert configs_following([source]) == ["paper"]


def test_only_a_new_version_is_told(dags: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vermillion.airflow import observed
    from vermillion.airflow.assets import DATASET, NEW_VERSIONS
    from vermillion.pipeline import publish as publishing

    told: list[Any] = []

    class Events(dict[Any, Any]):
        def __getitem__(self, alias: Any) -> Any:
            assert alias is NEW_VERSIONS or alias.name == NEW_VERSIONS.name
            return self

        def add(self, asset: Any, extra: Any) -> None:
            told.append((asset, extra))

    publish = dags["build_pairs"].get_task("publish")
    module = publish.python_callable.__globals__
    monkeypatch.setitem(module, "call_it", lambda _: None)
    ti = SimpleNamespace(run_id="run", task_id="publish", map_index=0)
    monkeypatch.setattr(observed, "get_current_context", lambda: {"ti": ti})
    for skipped in (False, True):
        made = {"skipped": skipped, "rows": 3, "path": "datasets/a/1", "quarantined": []}
        monkeypatch.setattr(publishing, "finish_build", lambda *_, made=made: made)
        publish.python_callable(planned={"name": "a", "work": "work"}, outlet_events=Events())
    assert [(asset, extra["skipped"]) for asset, extra in told] == [(DATASET, False)]
    assert [one.name for one in publish.outlets] == [NEW_VERSIONS.name]

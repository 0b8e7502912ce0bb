"""### Build pairs

Samples become corrupted, sampled and negative attempts; both sides are rendered, every visible
difference is named, quality is checked, and the dataset is published:

`pull >> reference >> [corrupt, attempt] >> render >> annotate >> check`, then `publish`: the dataset
is planned, its files are written by several tasks, and the last one makes it visible.

A task takes a range of shards through all stages, in one process: some minutes of work. Where models
are asked, the stages that wait for them are tasks of their own (`with_models`). Models that judge
are audited first on a `pilot` of known errors, and stop the run there if they are of no use. Servers
that an endpoint wants started are up from `serve` to `stop_servers`.

Every task may be killed and run again: what is done is not done twice. Runs by hand, with the form's
empty fields taken from the configuration file; and when a refresh changed a source: then it builds
every dataset whose configuration follows that source (`[refresh] sources`), and no other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    chain,
    dag,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowSkipException

from records.stages import STAGES, stage_named
from vermillion.airflow.alerts import alerts_of, task_alerts
from vermillion.airflow.assets import DATASET, NEW_VERSIONS, SNAPSHOTS, changed_sources
from vermillion.pipeline.form_fields import parameters, require_known

FORM = {name: Param(**field) for name, field in parameters().items()}

RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[
                "records.errors.ConfigError",
                "records.errors.BoundPassed",
                "records.errors.SchemaMismatch",
                "records.errors.SandboxUnavailable",
            ],
            action=RetryAction.FAIL,
            reason="the same run would fail the same way",
        )
    ]
)


@dag(
    dag_id="build_pairs",
    description="Makes a version of the dataset: pulls, corrupts, samples, renders, labels, checks and publishes pairs.",
    schedule=SNAPSHOTS["chartmimic"] | SNAPSHOTS["omnidocbench"] | SNAPSHOTS["unisvg"],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=FORM,
    tags=["vermillion", "data"],
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "retry_policy": RETRIES,
        "execution_timeout": timedelta(hours=12),
        **task_alerts(),
    },
    doc_md=__doc__,
    **alerts_of("build_pairs"),
)
def build_pairs() -> None:
    @task
    def plan(
        params: dict[str, Any] | None = None, triggering_asset_events: Any = None
    ) -> list[dict[str, Any]]:
        from vermillion.pipeline.form import builds_of
        from vermillion.pipeline.servers import check_keys
        from vermillion.pipeline.stages import building

        require_known(params or {}, FORM)
        changed = changed_sources(triggering_asset_events)
        builds = builds_of(params or {}, changed)
        for config in builds:
            print(config.model_dump_json(indent=1))
        if not builds:
            raise AirflowSkipException(f"no configuration follows {', '.join(changed)}")
        if params and params["dry_run"] and not changed:
            raise AirflowSkipException("dry run: the plan is above")
        for config in builds:
            check_keys(config)
        planned: list[dict[str, Any]] = []
        for config in builds:
            with building(config) as url:
                planned.append(
                    {"name": config.name, "settings": url, "sources": list(config.sources)}
                )
        return planned

    @task
    def sources_of(builds: list[dict[str, Any]]) -> list[dict[str, str]]:
        return [
            {"settings": build["settings"], "source": source, "name": build["name"]}
            for build in builds
            for source in build["sources"]
        ]

    @task(map_index_template="{{ label }}")
    def pull(wanted: dict[str, str]) -> int:
        from vermillion.airflow.observed import note_pull, observing
        from vermillion.pipeline.stages import pull, working_on

        call_it(f"{wanted['name']}: {wanted['source']}")
        with working_on(wanted["settings"]) as config, observing() as observed:
            note_pull(observed, wanted["source"], config)
            return len(pull(wanted["source"], config))

    @task
    def ranges_of(builds: list[dict[str, Any]], pulled: list[int]) -> list[dict[str, Any]]:
        from vermillion.pipeline.ranges import ranges_to_do
        from vermillion.pipeline.stages import working_on

        print(f"{sum(pulled)} shards")
        ranges = []
        for name, url in [(build["name"], build["settings"]) for build in builds]:
            with working_on(url) as config:
                ranges += [{**one, "name": name, "settings": url} for one in ranges_to_do(config)]
        return ranges

    @task
    def without_models(ranges: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in ranges if "work" in one["tasks"]]

    @task
    def asking_models(ranges: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in ranges if "work" not in one["tasks"]]

    @task
    def serve(builds: list[dict[str, Any]], ranges: list[dict[str, Any]]) -> list[dict[str, Any]]:
        from vermillion.pipeline.ranges import shard_names
        from vermillion.pipeline.servers import start_servers
        from vermillion.pipeline.stages import working_on

        running = []
        for build in builds:
            with working_on(build["settings"]) as config:
                running += start_servers(config, shard_names(config))
        return [one.model_dump() for one in running]

    @task
    def stop_servers(builds: list[dict[str, Any]], running: list[dict[str, Any]]) -> None:
        from endpoints.server import Running
        from vermillion.pipeline.servers import stop_servers
        from vermillion.pipeline.stages import read_settings

        for build in builds:
            stop_servers([Running(**one) for one in running], read_settings(build["settings"]))

    @task(pool="renderers", queue="render")
    def draw_pilot(builds: list[dict[str, Any]], ranges: list[dict[str, Any]]) -> list[str]:
        from vermillion.pipeline.ranges import shard_names
        from vermillion.pipeline.stages import prepare_pilot, working_on

        drawn = []
        for url in [build["settings"] for build in builds]:
            with working_on(url) as config:
                drawn += [url] if prepare_pilot(shard_names(config), config) else []
        return drawn

    @task(pool="annotators")
    def pilot(drawn: list[str]) -> dict[str, Any]:
        from vermillion.airflow.observed import observing
        from vermillion.pipeline.ranges import shard_names
        from vermillion.pipeline.stages import run_pilot, working_on

        found = {}
        with observing():
            for url in drawn:
                with working_on(url) as config:
                    audits = run_pilot(shard_names(config), config)
                for name, audit in audits.items():
                    print(f"{name}: {audit['overall']}")
                    found[name] = audit["overall"]["f1"]
        return found

    def work(one: dict[str, Any], name: str) -> dict[str, int]:
        """The stages that this task of a range runs; None if another task runs them."""
        from vermillion.airflow.observed import note_range, observing
        from vermillion.pipeline.range_work import run_range
        from vermillion.pipeline.stages import working_on

        call_it(f"{one['name']}: {one['label']}")
        if not one["tasks"][name]:
            return {}
        ti = get_current_context()["ti"]
        last_try = ti.try_number > ti.max_tries
        with working_on(one["settings"]) as config, observing() as observed:
            done = run_range(one["range"], one["tasks"][name], config, last_try=last_try)
            note_range(observed, one["tasks"][name], done, config)
        return done.plain()

    @task(**where("render"))
    def pairs(one: dict[str, Any]) -> dict[str, int]:
        return work(one, "work")

    @task_group
    def with_models(one: dict[str, Any]) -> None:
        def part(name: str, stage: str) -> Any:
            @task(task_id=name, **where(stage))
            def stages(one: dict[str, Any]) -> dict[str, int]:
                return work(one, name)

            return stages(one)

        chain(
            part("draw", "reference"),
            *(part(stage.name, stage.name) for stage in STAGES if stage.name in WITH_MODELS),
        )

    @task(trigger_rule="none_failed_min_one_success", map_index_template="{{ label }}")
    def plan_dataset(build: dict[str, Any]) -> dict[str, Any]:
        from vermillion.pipeline.publish import stage_build
        from vermillion.pipeline.ranges import shard_names
        from vermillion.pipeline.servers import note_models_done
        from vermillion.pipeline.stages import working_on

        call_it(build["name"])
        with working_on(build["settings"]) as config:
            shards = shard_names(config)
            note_models_done(config, shards)
            return stage_build(shards, config)

    @task
    def files_of(planned: list[dict[str, Any]]) -> list[dict[str, Any]]:
        from vermillion.pipeline.publish import files_to_write

        return [task for one in planned for task in files_to_write(one)]

    @task(map_index_template="{{ label }}")
    def write_files(part: dict[str, Any]) -> int:
        from vermillion.pipeline.publish import write_files

        call_it(part["label"])
        return write_files(part)

    @task(
        outlets=[NEW_VERSIONS],
        trigger_rule="none_failed_min_one_success",
        map_index_template="{{ label }}",
    )
    def publish(planned: dict[str, Any], outlet_events: Any = None) -> dict[str, Any]:
        from vermillion.airflow.alerts import tell_left_out
        from vermillion.airflow.observed import note_publication, observing
        from vermillion.pipeline.publish import finish_build

        call_it(planned["name"])
        with observing() as observed:
            published = finish_build(planned)
            note_publication(observed, planned["work"], published)
        tell_left_out(published, planned["work"])
        if published["skipped"]:
            print(
                f"nothing changed: {published['path']} is the newest version already, so no event is sent"
            )
        else:
            print(f"published {published['rows']} rows to {published['path']}")
            outlet_events[NEW_VERSIONS].add(DATASET, extra=published)
        return published

    builds = plan()
    ranges = ranges_of(builds, pull.expand(wanted=sources_of(builds)))
    running = serve(builds, ranges)
    piloted = pilot(draw_pilot(builds, ranges))
    done = [
        pairs.expand(one=without_models(ranges)),
        with_models.expand(one=asking_models(ranges)),
    ]
    running >> piloted >> done
    planned = plan_dataset.expand(build=builds)
    done >> planned
    write_files.expand(part=files_of(planned)) >> publish.expand(planned=planned)
    done >> stop_servers(builds, running).as_teardown(setups=running)


WITH_MODELS = ("attempt", "render", "annotate")
"""Stages that are tasks of their own where models are asked; `check` is done by the last of them."""


def where(stage: str) -> dict[str, Any]:
    """Where the tasks of a stage run, from the table of stages, and that each is called by its range."""
    known = stage_named(stage)
    return {"pool": known.needs, "queue": known.queue, "map_index_template": "{{ label }}"}


def call_it(label: str) -> None:
    """Name a mapped task on the page."""
    get_current_context()["label"] = label  # type: ignore[typeddict-unknown-key]


build_pairs()

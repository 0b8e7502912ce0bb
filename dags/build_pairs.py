"""### Build pairs

Samples become corrupted, sampled and negative attempts; both sides are rendered, every visible
difference is named, quality is checked, and the dataset is published:

`pull >> reference >> [corrupt, attempt] >> render >> annotate >> check`, mapped over shards, then
`publish`.

Where models judge, they are audited first on a `pilot` of known errors, and stop the run there if
they are of no use. Servers that an endpoint wants started are up from `serve` to `stop_servers`.

Every task may be killed and run again: what is done is not done twice. The form's empty fields
take the value of the configuration file. Runs by hand, and when a source's snapshot changed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    ExceptionRetryPolicy,
    Metadata,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowSkipException

from records.stages import STAGES, Stage, comes_after
from vermillion.airflow.assets import DATASET, SNAPSHOTS
from vermillion.pipeline.form_fields import parameters

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
    },
    doc_md=__doc__,
)
def build_pairs() -> None:
    @task
    def plan(params: dict[str, Any] | None = None) -> dict[str, Any]:
        from vermillion.pipeline.form import examined, ordered
        from vermillion.pipeline.stages import settle

        config = examined(ordered(params or {}))
        print(config.model_dump_json(indent=1))
        if params and params["dry_run"]:
            raise AirflowSkipException("dry run: the plan is above")
        return {"settings": settle(config), "sources": list(config.sources)}

    @task
    def sources_of(planned: dict[str, Any]) -> list[str]:
        return list(planned["sources"])

    @task(map_index_template="{{ source }}")
    def pull(source: str, planned: dict[str, Any]) -> list[str]:
        from vermillion.pipeline.stages import pull, settled

        get_current_context()["source"] = source  # type: ignore[typeddict-unknown-key]
        return pull(source, settled(planned["settings"]))

    @task
    def shards_of(pulled: list[list[str]]) -> list[str]:
        return [shard for shards in pulled for shard in shards]

    @task
    def serve(shards: list[str], planned: dict[str, Any]) -> list[dict[str, Any]]:
        from vermillion.pipeline.servers import start_servers
        from vermillion.pipeline.stages import settled

        running = start_servers(settled(planned["settings"]), list(shards))
        return [one.model_dump() for one in running]

    @task
    def stop_servers(running: list[dict[str, Any]], planned: dict[str, Any]) -> None:
        from endpoints.server import Running
        from vermillion.pipeline.servers import stop_servers
        from vermillion.pipeline.stages import settled

        stop_servers([Running(**one) for one in running], settled(planned["settings"]))

    @task(pool="renderers", queue="render")
    def draw_pilot(shards: list[str], planned: dict[str, Any]) -> bool:
        from vermillion.pipeline.stages import prepare_pilot, settled

        return prepare_pilot(list(shards), settled(planned["settings"]))

    @task(pool="annotators")
    def pilot(drawn: bool, shards: list[str], planned: dict[str, Any]) -> dict[str, Any]:
        from vermillion.pipeline.stages import run_pilot, settled

        if not drawn:
            return {}
        audits = run_pilot(list(shards), settled(planned["settings"]))
        for name, audit in audits.items():
            print(f"{name}: {audit['overall']}")
        return {name: audit["overall"]["f1"] for name, audit in audits.items()}

    def stage(name: str, shard: str, planned: dict[str, Any]) -> dict[str, Any]:
        from vermillion.pipeline.stages import run_stage, settled

        get_current_context()["shard"] = shard  # type: ignore[typeddict-unknown-key]
        report = run_stage(name, shard, settled(planned["settings"]))
        print(f"{name} {shard}: {report.rows_out} rows, rejects {dict(report.rejects)}")
        return {"rows": report.rows_out, "rejected": report.rejected, "skipped": report.skipped}

    @task_group
    def pairs(shard: str, planned: dict[str, Any]) -> None:
        def task_of(one: Stage) -> Any:
            @task(
                task_id=one.name,
                pool=one.needs or "default_pool",
                queue=one.queue,
                map_index_template="{{ shard }}",
            )
            def work(shard: str, planned: dict[str, Any]) -> dict[str, Any]:
                return stage(one.name, shard, planned)

            return work

        made: dict[str, Any] = {}
        for one in STAGES:
            made[one.name] = task_of(one)(shard, planned)
            for before in comes_after(one):
                if before in made:
                    made[before] >> made[one.name]

    @task(outlets=[DATASET])
    def publish(shards: list[str], planned: dict[str, Any]) -> Any:
        from vermillion.pipeline.servers import mark_labelled
        from vermillion.pipeline.stages import publish, settled

        config = settled(planned["settings"])
        mark_labelled(config, list(shards))
        published = publish(list(shards), config)
        print(f"published {published['rows']} rows to {published['path']}")
        yield Metadata(DATASET, extra=published)

    planned = plan()
    shards = shards_of(pull.partial(planned=planned).expand(source=sources_of(planned)))
    running = serve(shards, planned)
    piloted = pilot(draw_pilot(shards, planned), shards, planned)
    mapped = pairs.partial(planned=planned).expand(shard=shards)
    running >> piloted >> mapped >> publish(shards, planned)
    mapped >> stop_servers(running, planned).as_teardown(setups=running)


build_pairs()

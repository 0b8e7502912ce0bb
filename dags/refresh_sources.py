"""### Refresh sources

Pulls each upstream dataset from the hub, or from a folder, into sample shards: weekly, by hand, or, if
`VERMILLION_HUB_WATCH_MINUTES` is set, when a dataset on the hub has a new revision. One mapped task per
source. A source whose content did not change updates no asset, so nothing
downstream runs; a failed download leaves the last snapshot as it was.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)

from vermillion.airflow.alerts import alerts_of, task_alerts
from vermillion.airflow.assets import CHANGED_SNAPSHOTS, SNAPSHOTS, SOURCES
from vermillion.airflow.hub_watch import refresh_schedule, refreshes_of, watch_period_s
from vermillion.pipeline.form_fields import require_known

WATCH_S = watch_period_s()

FORM = {
    "sources": Param(
        list(SOURCES), type="array", minItems=1, examples=list(SOURCES), title="Sources"
    ),
    "revision": Param(
        "newest" if WATCH_S else "pinned",
        enum=["pinned", "newest"],
        type="string",
        title="Revision",
        description_md="`pinned` takes the revision this version was tested with. Where the hub is watched, "
        "`newest` is the default, so that no weekly run goes back.",
    ),
    "snapshots": Param(
        None,
        type=["null", "object"],
        title="Folders",
        description_md='Read these folders instead of the hub, for instance `{"unisvg": "/data/unisvg"}`.',
    ),
    "shard_size": Param(256, type="integer", minimum=1, maximum=4096, title="Samples a shard"),
    "limit": Param(None, type=["null", "integer"], minimum=1, title="Most samples per source"),
}


@dag(
    dag_id="refresh_sources",
    description="Looks for newer data of ChartMimic, OmniDocBench and UniSVG; what it finds starts build_pairs.",
    schedule=refresh_schedule(WATCH_S),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=FORM,
    tags=["vermillion", "data"],
    default_args={
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(hours=12),
        "retry_policy": ExceptionRetryPolicy(
            rules=[
                RetryRule(
                    exception=["records.errors.ConfigError", "records.errors.BoundPassed"],
                    action=RetryAction.FAIL,
                    reason="the same run would fail the same way",
                )
            ]
        ),
        **task_alerts(),
    },
    doc_md=__doc__,
    **alerts_of("refresh_sources"),
)
def refresh_sources() -> None:
    @task
    def sources_of(
        params: dict[str, Any] | None = None, triggering_asset_events: Any = None
    ) -> list[dict[str, str]]:
        require_known(params or {}, FORM)
        return refreshes_of(params or {}, triggering_asset_events)

    @task(outlets=[CHANGED_SNAPSHOTS], map_index_template="{{ source }}")
    def pull(
        wanted: dict[str, str], params: dict[str, Any] | None = None, outlet_events: Any = None
    ) -> dict[str, Any]:
        from vermillion.airflow.observed import note_refresh, observing
        from vermillion.pipeline.refresh import refresh

        source, form = wanted["source"], {**(params or {}), "revision": wanted["revision"]}
        get_current_context()["source"] = source  # type: ignore[typeddict-unknown-key]
        with observing() as observed:
            pulled = refresh(source, form)
            note_refresh(observed, source, form, pulled)
        print(f"{source}: {pulled}")
        if pulled["changed"]:
            outlet_events[CHANGED_SNAPSHOTS].add(SNAPSHOTS[source], extra=pulled)
        return pulled

    pull.expand(wanted=sources_of())


refresh_sources()

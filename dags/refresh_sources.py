"""### Refresh sources

Pulls each upstream dataset from the hub, or from a folder, into sample shards: weekly, or by hand.
One mapped task per source. A source whose content did not change updates no asset, so nothing
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

from vermillion.airflow.assets import CHANGED_SNAPSHOTS, SNAPSHOTS, SOURCES

FORM = {
    "sources": Param(
        list(SOURCES), type="array", minItems=1, examples=list(SOURCES), title="Sources"
    ),
    "revision": Param(
        "pinned",
        enum=["pinned", "newest"],
        type="string",
        title="Revision",
        description_md="`pinned` takes the revision this version was tested with.",
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
    schedule="@weekly",
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
        "retry_policy": ExceptionRetryPolicy(
            rules=[
                RetryRule(
                    exception=["records.errors.ConfigError", "records.errors.BoundPassed"],
                    action=RetryAction.FAIL,
                    reason="the same run would fail the same way",
                )
            ]
        ),
    },
    doc_md=__doc__,
)
def refresh_sources() -> None:
    @task
    def sources_of(params: dict[str, Any] | None = None) -> list[str]:
        return list((params or {})["sources"])

    @task(outlets=[CHANGED_SNAPSHOTS], map_index_template="{{ source }}")
    def pull(
        source: str, params: dict[str, Any] | None = None, outlet_events: Any = None
    ) -> dict[str, Any]:
        from vermillion.airflow.observed import note_refresh, observing
        from vermillion.pipeline.refresh import refresh

        get_current_context()["source"] = source  # type: ignore[typeddict-unknown-key]
        with observing() as observed:
            pulled = refresh(source, params or {})
            note_refresh(observed, source, params or {}, pulled)
        print(f"{source}: {pulled}")
        if pulled["changed"]:
            outlet_events[CHANGED_SNAPSHOTS].add(SNAPSHOTS[source], extra=pulled)
        return pulled

    pull.expand(source=sources_of())


refresh_sources()

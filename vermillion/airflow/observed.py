"""What a task read, wrote, lost and spent: sent as counters, and kept for its lineage event.

Counters go where Airflow's own go (`[metrics]`: StatsD or OpenTelemetry), and nowhere by default.
Their names hold what they count, since plain StatsD knows no tags:
`vermillion.rows.check`, `vermillion.rejects.render.timeout`, `vermillion.cost.annotator`.
`vermillion.airflow.lineage` sends the same figures as an OpenLineage event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from airflow.sdk import get_current_context
from airflow.sdk.observability import stats

from endpoints.used import USED, Used
from records.config import BuildConfig
from records.layout import Layout
from records.stages import STAGES, stage_named
from vermillion.pipeline.range_work import RangeDone
from vermillion.pipeline.refresh import asked_of, origin_of


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset, or a folder of shards, that a task read or wrote."""

    url: str
    """A folder, a URL, or `hf://OWNER/NAME` for a dataset of the hub."""
    rows: int | None = None
    """Rows that the task wrote there."""
    version: str = ""


@dataclass(slots=True)
class Observed:
    """What one task did."""

    inputs: tuple[Data, ...] = ()
    outputs: tuple[Data, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows that each stage wrote."""
    rejects: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Rows that each stage lost, by reason."""
    quarantined: int = 0
    """Shards that were left out."""
    used: Mapping[str, Used] = field(default_factory=dict)
    """What each model was asked and cost."""

    def counters(self) -> Iterator[tuple[str, float]]:
        """Name and amount of each counter, zeros left out."""
        yield from ((f"rows.{stage}", rows) for stage, rows in self.rows.items() if rows)
        for stage, reasons in self.rejects.items():
            yield from ((f"rejects.{stage}.{reason}", rows) for reason, rows in reasons.items())
        if self.quarantined:
            yield "quarantined_shards", self.quarantined
        for endpoint, used in self.used.items():
            yield f"requests.{endpoint}", used.requests
            yield f"tokens.{endpoint}", used.tokens
            yield f"cost.{endpoint}", used.cost


def note_refresh(observed: Observed, source: str, form: Mapping[str, Any], pulled: Any) -> None:
    """A task of `refresh_sources` pulled a source."""
    origin, revision = origin_of(source, asked_of(source, form))
    observed.inputs = (Data(origin, version=revision),)
    observed.outputs = (Data(pulled["folder"], pulled["samples"]),)
    if pulled["changed"]:
        observed.rows = {"refresh": pulled["samples"]}


def note_pull(observed: Observed, source: str, config: BuildConfig) -> None:
    """A task took the samples of a source into a build."""
    origin, revision = origin_of(source, config.sources[source])
    observed.inputs = (Data(origin, version=revision),)
    observed.outputs = (Data(Layout.of(config).folder("pull")),)


def note_range(
    observed: Observed, stages: Sequence[str], done: RangeDone, config: BuildConfig
) -> None:
    """A task took a range of shards through stages."""
    read, wrote = stage_named(stages[0]).inputs, Layout.of(config).folder(stages[-1])
    observed.inputs = tuple(Data(Layout.of(config).folder(name)) for name in read)
    observed.outputs = (Data(wrote, done.new.rows.get(stages[-1], 0)),)
    observed.rows, observed.rejects = done.new.rows, done.new.rejects
    observed.quarantined = done.quarantined


def note_publication(observed: Observed, work: str, published: Mapping[str, Any]) -> None:
    """A task made a version of a dataset visible, or found that it stands."""
    dataset, _, version = published["path"].rstrip("/").rpartition("/")
    observed.inputs = (Data(f"{work}/{STAGES[-1].name}"),)
    observed.outputs = (Data(dataset, published["rows"], version),)
    if not published["skipped"]:
        observed.rows = {"publish": published["rows"]}


_of_tasks: dict[tuple[str, str, int], Observed] = {}
"""By run, task and map index: `dags test` runs all tasks of a run in one process."""


@contextmanager
def observing() -> Iterator[Observed]:
    """A context manager that gives a task's figures to fill in; sends them when the block ends.

    What models cost is counted here, and sent also if the block fails.
    """
    before = dict(USED)
    observed = Observed()
    try:
        yield observed
    finally:
        observed.used = {
            name: used.since(before.get(name, Used()))
            for name, used in USED.items()
            if used != before.get(name)
        }
        for name, amount in observed.counters():
            # Annotated as an integer; StatsD and OpenTelemetry take costs too.
            stats.incr(_NOT_IN_NAMES.sub("_", f"vermillion.{name}"), cast(int, amount))
        _of_tasks[_key(get_current_context()["ti"])] = observed


_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")


def observed_of(ti: Any) -> Observed | None:
    """What a task of this process did; None if it was not observed."""
    return _of_tasks.get(_key(ti))


def _key(ti: Any) -> tuple[str, str, int]:
    return ti.run_id, ti.task_id, -1 if ti.map_index is None else ti.map_index

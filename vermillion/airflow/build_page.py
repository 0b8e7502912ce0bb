"""The page of a run of `build_pairs`: rows, rate, rejects, cost, and examples of what was published."""

from __future__ import annotations

import base64
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import fsspec
import jinja2

from endpoints.client.cache import LEDGER, ReplyCache, cache_path
from endpoints.ledger import Spent
from records.config import BuildConfig
from records.errors import ConfigError
from records.layout import Layout
from records.shards import ShardReport, read_report
from records.stages import STAGES
from vermillion.airflow.report import REFRESH_S, duration
from vermillion.pipeline.progress import Finished, build_hash, finished_shards, quarantined
from vermillion.pipeline.ranges import shards_of
from vermillion.pipeline.stages import read_settings

REPORT = ".report.json"
MOST_REASONS = 6
"""Of the reasons for which a stage lost rows: the most frequent ones are shown."""


@dataclass(frozen=True, slots=True)
class Run:
    """When a run of the DAG began and ended, in seconds since 1970."""

    began_s: float
    ended_s: float | None
    state: str


@dataclass(frozen=True, slots=True)
class StageLine:
    """How far one stage is."""

    name: str
    shards: int
    rows: int
    rejects: Mapping[str, int]

    @property
    def lost(self) -> int:
        return sum(self.rejects.values())

    @property
    def reasons(self) -> str:
        """The most frequent reasons in words, as `blank 12, timeout 3`."""
        most = Counter(self.rejects).most_common(MOST_REASONS)
        return ", ".join(f"{reason} {count:,}" for reason, count in most)


@dataclass(frozen=True, slots=True)
class Build:
    """How far one dataset of a run is."""

    name: str
    shards: int
    """Of the whole build; 0 before its sources are pulled."""
    stages: Sequence[StageLine]
    rows_a_minute: float
    """Rows that left the last stage in this run."""
    left_s: float | None
    """Estimate from the shards of this run; None if unknown, or if nothing is left."""
    spent: Mapping[str, Spent]
    """By endpoint, over all runs of this build."""
    left_out: Mapping[str, Mapping[str, Any]]
    """Quarantined shards, with stage and reason."""
    published: Mapping[str, Any] | None
    sheet: str = ""
    """The example sheet of the published dataset, as a data URI."""


def build_page(
    wanted: Sequence[Mapping[str, Any]], published: Sequence[Mapping[str, Any] | None], run: Run
) -> str:
    """The page of a run; it loads itself again while the run is under way.

    Args:
        wanted: The datasets of the run, as its task `plan` returned them.
        published: What the task `publish` returned for each; None if it has not.
        run: When it began and ended.

    Raises:
        ConfigError: the settings of a dataset cannot be read here.
    """
    builds = [
        progress_of(read_settings(one["settings"]), run, done)
        for one, done in zip(wanted, published, strict=True)
    ]
    template = (files("vermillion.airflow") / "pages" / "build.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["duration"] = duration
    return environment.from_string(template).render(
        builds=builds,
        run=run,
        took_s=(run.ended_s or time.time()) - run.began_s,
        refresh_s=0 if run.ended_s else REFRESH_S,
    )


def progress_of(config: BuildConfig, run: Run, published: Mapping[str, Any] | None) -> Build:
    """Read the progress from the build's work folder, its ledger and its published dataset."""
    try:
        shards = shards_of(config)
    except ConfigError:  # nothing is pulled yet
        return Build(config.name, 0, (), 0.0, None, {}, {}, published)
    names = [shard.shard for shard in shards]
    finished = finished_shards(shards, build_hash(config), config)
    lines, last = [], Reached(set(), {})
    for stage in STAGES:
        last = _reached(Layout.of(config), stage.name, names, run.began_s, finished)
        lines.append(_line(stage.name, last, finished))
    taken_s = max(1.0, (run.ended_s or time.time()) - run.began_s)
    now = _rows_now(last, finished)
    left = len(names) - lines[-1].shards
    return Build(
        name=config.name,
        shards=len(names),
        stages=lines,
        rows_a_minute=60 * now / taken_s,
        left_s=taken_s * left / len(last.new) if left and last.new and not run.ended_s else None,
        spent=_spent(config.work_url),
        left_out=quarantined(names, config),
        published=published,
        sheet=_sheet(str(published["path"])) if published else "",
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """Shards that a stage has behind it."""

    new: set[str]
    """Written by this run."""
    reports: Mapping[str, ShardReport]
    """Of those whose range has not ended: no note tells of them yet."""


def _reached(
    layout: Layout, stage: str, names: Iterable[str], began_s: float, finished: Mapping[str, Any]
) -> Reached:
    """One listing, and a read for each shard whose range is under way."""
    filesystem, path = fsspec.core.url_to_fs(layout.folder(stage))
    filesystem.invalidate_cache()  # other processes write there
    known = set(names)
    new = set()
    entries = filesystem.ls(path, detail=True) if filesystem.isdir(path) else []
    for entry in entries:
        name = Path(entry["name"]).name
        if name.endswith(REPORT) and _written_s(entry) >= began_s:
            new.add(name.removesuffix(REPORT))
    new &= known
    found = {name: read_report(layout.shard(stage, name)) for name in new - set(finished)}
    return Reached(new, {name: one for name, one in found.items() if one is not None})


def _written_s(entry: Mapping[str, Any]) -> float:
    """The modification time of a file, from its file system."""
    changed = entry.get("mtime") or entry.get("LastModified") or entry.get("created") or 0.0
    return changed.timestamp() if isinstance(changed, datetime) else float(changed)


def _line(stage: str, reached: Reached, finished: Mapping[str, Finished]) -> StageLine:
    rejects: Counter[str] = Counter()
    rows = 0
    for one in finished.values():
        rows += one.rows.get(stage, 0)
        rejects.update(one.rejects.get(stage, {}))
    for report in reached.reports.values():
        rows += report.rows_out
        rejects.update(report.rejects)
    return StageLine(stage, len(finished) + len(reached.reports), rows, rejects)


def _rows_now(last: Reached, finished: Mapping[str, Finished]) -> int:
    """Rows that left the last stage in this run."""
    before = sum(finished[name].rows.get(STAGES[-1].name, 0) for name in last.new & set(finished))
    return before + sum(report.rows_out for report in last.reports.values())


def _spent(work_url: str) -> dict[str, Spent]:
    if not os.environ.get(LEDGER) and not Path(cache_path(work_url)).is_file():
        return {}
    with ReplyCache.of(work_url) as cache:
        return cache.ledger.totals()


def _sheet(dataset: str) -> str:
    picture = f"{dataset.rstrip('/')}/card/examples.png"
    filesystem, path = fsspec.core.url_to_fs(picture)
    if not filesystem.exists(path):
        return ""
    return "data:image/png;base64," + base64.b64encode(filesystem.cat_file(path)).decode()

"""The data path without Airflow: shards over worker processes, progress bars, resume."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from annotators.audit.pilot import asked_models
from endpoints.cache import cache_path, told
from records.config import BuildConfig
from records.shards import ShardReport
from records.stages import STAGES as PATH
from sandbox.workers import worker_processes
from vermillion.pipeline.servers import mark_labelled, served
from vermillion.pipeline.stages import publish, pull, run_pilot, run_stage, settle

STAGES = tuple(stage.name for stage in PATH)

LINES_STAND_S = 30.0
"""Age from which a line of progress is of a process that is gone."""


@dataclass
class Built:
    """What a build did."""

    published: dict[str, Any]
    rows: Counter[str] = field(default_factory=Counter)
    """Rows that each stage wrote."""
    rejects: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows that were lost, by stage and reason."""
    pilot: dict[str, Any] = field(default_factory=dict)
    """What each model is worth, by name, where models judge."""
    skipped: int = 0
    """Shards of a stage that were done before."""

    def count(self, report: ShardReport) -> None:
        self.rows[report.stage] += report.rows_out
        self.skipped += report.skipped
        for reason, number in report.rejects.items():
            self.rejects[report.stage, reason] += number


class _Watched:
    """The bars, and below them a line for each model that is asked at the moment."""

    def __init__(self, bars: Progress, replies: str) -> None:
        self._bars = bars
        self._replies = replies

    def picture(self) -> Group:
        lines = told(self._replies, LINES_STAND_S)
        return Group(self._bars, *(Text(f"  {line}", style="dim") for line in lines))


def build(config: BuildConfig, console: Console) -> Built:
    """Run the whole data path; what an earlier run finished is not done again.

    Raises:
        RunError: a stage cannot go on. Finished shards stand; the same command resumes.
    """
    settle(config)
    built = Built({})
    bars = Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    watch = _Watched(bars, cache_path(config.work_url))
    with Live(
        get_renderable=watch.picture,
        console=console,
        transient=not console.is_terminal,
        refresh_per_second=4,
    ):
        pulling = bars.add_task("pull", total=len(config.sources))
        shards: list[str] = []
        for source in config.sources:
            shards += pull(source, config)
            bars.advance(pulling)
        with served(config, shards):
            if asked_models(config) and config.annotate.pilot.samples:
                piloting = bars.add_task("pilot", total=1)
                built.pilot = run_pilot(shards, config)
                bars.advance(piloting)
            _work(shards, config, built, bars)
            mark_labelled(config, shards)
        publishing = bars.add_task("publish", total=1)
        built.published = publish(shards, config)
        bars.advance(publishing)
    return built


def _work(shards: list[str], config: BuildConfig, built: Built, bars: Progress) -> None:
    tasks = {stage: bars.add_task(stage, total=len(shards)) for stage in STAGES}
    if config.workers > 1 and len(shards) > 1:
        _spread(shards, config, built, bars, tasks)
        return
    for shard in shards:
        for stage in STAGES:
            built.count(run_stage(stage, shard, config))
            bars.advance(tasks[stage])


def _spread(
    shards: list[str],
    config: BuildConfig,
    built: Built,
    bars: Progress,
    tasks: dict[str, TaskID],
) -> None:
    """Work on several shards at once; each worker takes a shard through all stages."""
    workers = min(config.workers, len(shards))
    with worker_processes(workers) as pool:
        running: dict[Future[ShardReport], tuple[str, int]] = {}
        todo = list(reversed(shards))

        def start(shard: str, step: int) -> None:
            running[pool.submit(run_stage, STAGES[step], shard, config)] = (shard, step)

        while todo and len(running) < workers:
            start(todo.pop(), 0)
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                shard, step = running.pop(future)
                built.count(future.result())
                bars.advance(tasks[STAGES[step]])
                if step + 1 < len(STAGES):
                    start(shard, step + 1)
                elif todo:
                    start(todo.pop(), 0)

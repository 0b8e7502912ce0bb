"""Runs the data path without Airflow: shards in worker processes, with progress and resume."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from rich.console import Console

from annotators.audit.pilot import asked_models
from endpoints.client.cache import cache_path, recent_progress
from records.config import BuildConfig
from records.errors import RunError
from records.files import remove
from records.layout import Layout
from records.shards import ShardReport, finished
from sandbox.workers import worker_processes
from sources.pull import PulledShard
from vermillion.pipeline.progress import (
    Finished,
    build_hash,
    can_lose_a_shard,
    finished_shard,
    finished_shards,
    judge_losses,
    note_finished,
    quarantine,
    quarantined,
    rows_exist,
)
from vermillion.pipeline.progress_display import ProgressDisplay
from vermillion.pipeline.publish import publish_build
from vermillion.pipeline.ranges import ALL_STAGES, shards_of
from vermillion.pipeline.servers import check_keys, model_servers, note_models_done
from vermillion.pipeline.stages import building, pull, run_pilot, run_stage

LINES_STAND_S = 30.0
"""Progress lines older than this many seconds belong to ended processes."""


@dataclass
class Built:
    """The result of a build."""

    published: dict[str, Any]
    rows: Counter[str] = field(default_factory=Counter)
    """Rows that each stage wrote."""
    rejects: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows that were lost, by stage and reason."""
    pilot: dict[str, Any] = field(default_factory=dict)
    """Pilot results of each model, by name, if models judge."""
    skipped: int = 0
    """Shards of a stage that were done before."""

    def count(self, report: ShardReport) -> None:
        self.rows[report.stage] += report.rows_out
        self.skipped += report.skipped
        for reason, number in report.rejects.items():
            self.rejects[report.stage, reason] += number

    def count_pulled(self, reports: Iterable[ShardReport]) -> None:
        """The shards of a source, which every build reads again."""
        for report in reports:
            self.count(replace(report, skipped=False))

    def count_finished(self, finished: Finished) -> None:
        """A shard for which nothing was to be done."""
        self.rows.update(finished.rows)
        self.skipped += len(ALL_STAGES)
        for stage, reasons in finished.rejects.items():
            for reason, number in reasons.items():
                self.rejects[stage, reason] += number


def build(config: BuildConfig, console: Console) -> Built:
    """Run the whole data path; finished work of an earlier run is not repeated.

    A second build of the same dataset waits for the end of the first.

    Raises:
        RunError: a stage cannot continue. Finished shards are kept; the same command resumes.
    """
    check_keys(config)
    with building(config):
        return _built(config, console)


def _built(config: BuildConfig, console: Console) -> Built:
    built = Built({})
    replies = cache_path(config.work_url)
    watch = ProgressDisplay(console, lambda: recent_progress(replies, LINES_STAND_S))
    with watch.displayed():
        shards: list[str] = []
        pulls = Layout.of(config).folder("pull")
        with watch.phase("pull", len(config.sources)) as one_more:
            for source in config.sources:
                pulled = pull(source, config)
                built.count_pulled(finished(f"{pulls}/{shard}.parquet") for shard in pulled)
                shards += pulled
                one_more()
        with model_servers(config, shards):
            if asked_models(config) and config.annotate.pilot.samples:
                with watch.phase("pilot") as one_more:
                    built.pilot = run_pilot(shards, config)
                    one_more()
            _work(shards_of(config), config, built, watch)
            note_models_done(config, shards)
        with watch.phase("publish") as one_more:
            built.published = publish_build(shards, config)
            one_more()
    return built


def _work(
    shards: list[PulledShard], config: BuildConfig, built: Built, watch: ProgressDisplay
) -> None:
    settings = build_hash(config)
    known = finished_shards(shards, settings, config)
    left_out = quarantined((shard.shard for shard in shards), config)
    done: dict[str, Finished] = {}
    unfinished: list[str] = []
    for shard in shards:
        if shard.shard in known and rows_exist(shard.shard, config):
            done[shard.shard] = known[shard.shard]
            built.count_finished(known[shard.shard])
            continue
        unfinished.append(shard.shard)
        if shard.shard in left_out:
            remove(Layout.of(config).quarantined(shard.shard))
    watch.stages(ALL_STAGES, len(shards), len(shards) - len(unfinished), built.rows[ALL_STAGES[-1]])
    tolerant = can_lose_a_shard(len(shards), config)
    if config.workers > 1 and len(unfinished) > 1:
        _spread(unfinished, config, built, watch, tolerant)
    else:
        for name in unfinished:
            for stage in ALL_STAGES:
                watch.began(stage)
                made = _attempt(stage, name, config, tolerant)
                _count(stage, made, built, watch)
                if made is None:
                    break
    if unfinished:
        left_out = quarantined(unfinished, config)
        for shard in shards:
            if shard.shard not in done and shard.shard not in left_out:
                finished = finished_shard(shard, settings, config)
                done |= {shard.shard: finished} if finished else {}
        note_finished("local", done, config)
    judge_losses(done.values(), config)


def _count(stage: str, made: ShardReport | None, built: Built, watch: ProgressDisplay) -> None:
    """Add the result of a stage for a shard; None if the shard is left out."""
    if made is not None:
        built.count(made)
    last = made is not None and stage == ALL_STAGES[-1]
    watch.ended(stage, made is not None, made.rows_out if made and last else 0)


def _attempt(stage: str, shard: str, config: BuildConfig, tolerant: bool) -> ShardReport | None:
    """Run one stage of one shard; None if it failed and the build continues without the shard."""
    try:
        return run_stage(stage, shard, config)
    except RunError:
        raise
    except Exception as error:
        # A bug of ours: one shard does not end a build of thousands.
        if not tolerant:
            raise
        quarantine(shard, stage, error, config)
        return None


def _spread(
    shards: list[str],
    config: BuildConfig,
    built: Built,
    watch: ProgressDisplay,
    tolerant: bool,
) -> None:
    """Work on several shards at once; each worker takes a shard through all stages."""
    workers = min(config.workers, len(shards))
    with worker_processes(workers) as pool:
        running: dict[Future[ShardReport | None], tuple[str, int]] = {}
        unfinished = list(reversed(shards))

        def start(shard: str, step: int) -> None:
            future = pool.submit(_attempt, ALL_STAGES[step], shard, config, tolerant)
            running[future] = (shard, step)
            watch.began(ALL_STAGES[step])

        while unfinished and len(running) < workers:
            start(unfinished.pop(), 0)
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                shard, step = running.pop(future)
                made = future.result()
                _count(ALL_STAGES[step], made, built, watch)
                if made is not None and step + 1 < len(ALL_STAGES):
                    start(shard, step + 1)
                elif unfinished:
                    start(unfinished.pop(), 0)

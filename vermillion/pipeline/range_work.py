"""The work of one `build_pairs` task: runs some stages of a range of shards in one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from records import nearby
from records.config import BuildConfig
from records.errors import (
    BoundPassed,
    ConfigError,
    EndpointUnavailable,
    SandboxUnavailable,
)
from records.files import remove
from records.layout import Layout
from records.shards import ShardReport
from records.stages import STAGES
from sources.pull import PulledShard
from vermillion.pipeline.progress import (
    Losses,
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
from vermillion.pipeline.ranges import shards_in, shards_of
from vermillion.pipeline.stages import run_stage

NOT_THE_SHARDS_FAULT = (BoundPassed, ConfigError, EndpointUnavailable, SandboxUnavailable)
"""Errors with which the next shard would fail in the same way."""


@dataclass
class RangeDone:
    """The result of a task for its range."""

    shards: int
    done_before: int = 0
    """Shards for which nothing was to be done, and nothing was imported."""
    rows: int = 0
    """Rows of the last stage."""
    rejected: int = 0
    """Rows that all stages of this task lost."""
    skipped: int = 0
    """Stages of shards that an earlier try had finished."""
    quarantined: int = 0
    new: Losses = field(default_factory=Losses)
    """Rows and rejects by stage, without what an earlier try had finished."""

    def plain(self) -> dict[str, int]:
        """The counts, without those by stage."""
        return {name: value for name, value in asdict(self).items() if name != "new"}


def run_range(
    number: int,
    stages: Sequence[str],
    config: BuildConfig,
    *,
    last_try: bool = True,
    say: Callable[[str], None] = print,
) -> RangeDone:
    """Take a range of shards through stages; shards that are done are passed over.

    Args:
        number: Which range, as `ranges.write_ranges` cut them.
        stages: Names of the stages that this task does, in order.
        config: The build's settings.
        last_try: What fails now is not tried again: a shard that cannot be finished is left out,
            where the build is large enough to go on without it.
        say: Tells a line of progress for each shard.

    Raises:
        BoundPassed: more was lost, in all ranges so far, than the configuration allows.
        RunError: a stage cannot go on; shards that are finished stand.
    """
    every = {shard.shard: shard for shard in shards_of(config)}
    mine = [every[name] for name in shards_in(number, config)]
    settings = build_hash(config)
    known = finished_shards(list(every.values()), settings, config)
    finished = {
        s.shard: known[s.shard] for s in mine if s.shard in known and rows_exist(s.shard, config)
    }
    todo = [shard for shard in mine if shard.shard not in finished]
    done = RangeDone(len(mine), done_before=len(finished))
    if not todo:
        say(f"range {number}: all {len(mine)} shards are done")
        return done
    left_out, last = quarantined(every, config), stages[-1] == STAGES[-1].name
    may_leave_out = last_try and can_lose_a_shard(len(every), config)
    for at, shard in enumerate(todo, 1):
        if shard.shard in left_out:
            if stages[0] != STAGES[0].name:
                continue
            remove(Layout.of(config).quarantined(shard.shard))
        with nearby.held():
            reports = _work_on(shard, stages, done, config, may_leave_out)
            one = finished_shard(shard, settings, config, reports) if reports and last else None
        if one:
            finished[shard.shard] = one
        say(f"range {number}: shard {at} of {len(todo)}, {shard.shard}: {done.rows} rows so far")
    if last:
        note_finished(f"{number:04d}", finished, config)
        judge_losses({**known, **finished}.values(), config)
    return done


def _work_on(
    shard: PulledShard,
    stages: Sequence[str],
    done: RangeDone,
    config: BuildConfig,
    may_leave_out: bool,
) -> dict[str, ShardReport]:
    """All stages of one shard; counts what came of it.

    Returns:
        The report of each stage, by name; none where the shard was left out.

    Raises:
        RunError: as `run_range`, where the shard may not be left out.
    """
    reports: dict[str, ShardReport] = {}
    stage = ""
    try:
        for stage in stages:
            reports[stage] = report = run_stage(stage, shard.shard, config)
            done.rejected += report.rejected
            done.skipped += report.skipped
            if not report.skipped:
                done.new.count(report)
        done.rows += report.rows_out
    except NOT_THE_SHARDS_FAULT:
        raise
    except Exception as error:
        # Whatever it is, a bug of ours included: one shard does not end a run of thousands.
        if not may_leave_out:
            raise
        quarantine(shard.shard, stage, error, config)
        done.quarantined += 1
        return {}
    return reports

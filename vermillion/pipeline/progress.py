"""Progress of a build: finished, lost and quarantined shards, judged over the whole run.

Each task records its finished shards, with a hash of everything that affects them: a task that
finds its shards recorded does nothing, and imports nothing. A shard that cannot be finished is
quarantined with its reason; the run goes on without it, up to a share.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import fsspec

from records.config import BuildConfig, fingerprint
from records.errors import BoundPassed
from records.files import exists, write_text
from records.layout import Layout
from records.shards import ShardReport, bound_rejects, code_version, read_report
from records.stages import STAGES
from sources.pull import PulledShard
from vermillion.pipeline.stages import work_of

log = logging.getLogger(__name__)

ROOMS = (
    "annotators",
    "corruptors",
    "endpoints",
    "policies",
    "quality",
    "records",
    "renderers",
    "sandbox",
)
"""Packages whose code affects the result of a shard."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A shard that went through all stages."""

    mark: str
    """Hash of everything that affected it."""
    rows: Mapping[str, int]
    """Rows that each stage wrote."""
    rejects: Mapping[str, Mapping[str, int]]
    """Rows that each stage lost, by reason."""


_FIELDS = {one.name for one in fields(Finished)}
"""A note with others is of another version of this program: its shard is looked at again."""


@dataclass
class Losses:
    """Rows that stages wrote and lost, summed over shards."""

    rows: Counter[str] = field(default_factory=Counter)
    rejects: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, finished: Finished) -> None:
        self.rows.update(finished.rows)
        for stage, reasons in finished.rejects.items():
            self.rejects.setdefault(stage, Counter()).update(reasons)

    def count(self, report: ShardReport) -> None:
        """Add one stage of one shard."""
        self.rows[report.stage] += report.rows_out
        if report.rejects:
            self.rejects.setdefault(report.stage, Counter()).update(report.rejects)


def build_hash(config: BuildConfig) -> str:
    """Hash of all that decides a shard beside its samples. Imports no room."""
    named = (*config.policies.files, *config.annotate.files, config.publish.prompts)
    files = [Path(file) for file in named if file]
    return fingerprint(
        config.model_dump_json(
            include={"seed", "corruption", "policies", "render", "annotate", "quality"}
        ),
        config.publish.style,
        *(file.read_text(encoding="utf-8") for file in files),
        code_version(*ROOMS),
    )


def shard_hash(shard: PulledShard, settings: str) -> str:
    """Hash of all that decides a shard."""
    return fingerprint(settings, shard.sha256)


def finished_shards(
    shards: Sequence[PulledShard], settings: str, config: BuildConfig
) -> dict[str, Finished]:
    """The shards that other tasks or earlier runs finished with the current inputs and settings, by name.

    Args:
        shards: Shards of the build.
        settings: As `build_hash` says.
        config: The build's settings.
    """
    marks = {shard.shard: shard_hash(shard, settings) for shard in shards}
    return {
        name: Finished(**finished)
        for note in _notes(Layout.of(config).folder("progress"))
        for name, finished in note.items()
        if finished.keys() == _FIELDS and finished["mark"] == marks.get(name)
    }


def rows_exist(shard: str, config: BuildConfig) -> bool:
    """True if the rows of a finished shard are still there."""
    return exists(Layout.of(config).shard(STAGES[-1].name, shard))


def finished_shard(
    shard: PulledShard,
    settings: str,
    config: BuildConfig,
    reports: Mapping[str, ShardReport] | None = None,
) -> Finished | None:
    """The result of a shard that went through all stages; None if a stage is not finished.

    Args:
        shard: The shard.
        settings: As `build_hash` says.
        config: The build's settings.
        reports: Of the stages that the caller did, by name; the others are read.
    """
    at, known = Layout.of(config).shard, reports or {}
    found = [known.get(stage.name) or read_report(at(stage.name, shard.shard)) for stage in STAGES]
    whole = [report for report in found if report is not None]
    if len(whole) < len(STAGES):
        return None
    return Finished(
        shard_hash(shard, settings),
        {report.stage: report.rows_out for report in whole},
        {report.stage: dict(report.rejects) for report in whole if report.rejects},
    )


def note_finished(part: str, finished: Mapping[str, Finished], config: BuildConfig) -> None:
    """Record the finished shards of a part of the build.

    Args:
        part: Name of the part; its note replaces the one it left before.
        finished: The finished shards of the part, by name.
        config: The build's settings.
    """
    text = {name: asdict(one) for name, one in finished.items()}
    write_text(Layout.of(config).progress(part), json.dumps(text) + "\n")


def judge_losses(finished: Iterable[Finished], config: BuildConfig) -> Losses:
    """The losses of the finished shards; raises if they certainly exceed a bound.

    Raises:
        BoundPassed: a stage lost more than its share.
    """
    losses = Losses()
    for one in finished:
        losses.add(one)
    for stage in STAGES:
        reasons = dict(losses.rejects.get(stage.name, {}))
        if reasons:
            where = Layout.of(config).folder(stage.name)
            report = ShardReport(stage.name, where, 0, losses.rows[stage.name], reasons)
            bound_rejects(work_of(stage).judged(report), config.quality)
    return losses


def can_lose_a_shard(shards: int, config: BuildConfig) -> bool:
    """True if a build is large enough to go on without a shard. In a small one an error is an error."""
    return config.run.max_quarantined_share * shards >= 1


def quarantine(shard: str, stage: str, error: BaseException, config: BuildConfig) -> None:
    """Leave a shard out of this build, with the reason; the next run tries it again."""
    log.error("shard %s is left out: %s failed", shard, stage, exc_info=error)
    details = {
        "shard": shard,
        "stage": stage,
        "error": type(error).__name__,
        "detail": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
    write_text(Layout.of(config).quarantined(shard), json.dumps(details, indent=1) + "\n")


def quarantined(shards: Iterable[str], config: BuildConfig) -> dict[str, dict[str, Any]]:
    """Those of the shards that were left out, with stage and reason."""
    wanted = set(shards)
    notes = _notes(Layout.of(config).folder("quarantine"))
    return {note["shard"]: note for note in notes if note["shard"] in wanted}


def _notes(folder: str) -> list[dict[str, Any]]:
    """The JSON files of a folder, in the order of their names, read at once."""
    filesystem, path = fsspec.core.url_to_fs(folder)
    filesystem.invalidate_cache()  # other tasks write there
    names = filesystem.glob(f"{path}/*.json")
    read = filesystem.cat(names, on_error="omit") if names else {}
    return [json.loads(text) for _, text in sorted(read.items())]


def require_few_quarantined(
    shards: Sequence[str], config: BuildConfig
) -> dict[str, dict[str, Any]]:
    """The shards that were left out, unless they are too many.

    Raises:
        BoundPassed: more than `run.max_quarantined_share` of all shards; the message names the first.
    """
    out = quarantined(shards, config)
    share = config.run.max_quarantined_share
    if out and len(out) > share * len(shards):
        first = next(iter(out.values()))
        raise BoundPassed(
            f"{len(out)} of {len(shards)} shards could not be finished, over the bound of {share:.0%} "
            f"(run.max_quarantined_share). The first: {first['shard']} at {first['stage']}, "
            f"{first['error']}: {first['detail']}. See {Layout.of(config).folder('quarantine')}; the next "
            "run tries them again."
        )
    return out

"""The verb corrupt: a shard of samples becomes a shard of attempts with typed errors."""

from __future__ import annotations

from collections.abc import Iterator

from corruptors.compose import attempts
from records.columns import ATTEMPT, attempt_line, sample_of
from records.config import BuildConfig, fingerprint
from records.errors import CodeParseError
from records.rows import Reject
from records.shards import Line, ShardReport, bound_rejects, code_version, read_rows, run_shard


def corrupt(shard_in: str, shard_out: str, config: BuildConfig) -> ShardReport:
    """Give every sample its corrupted, identical and equivalent attempts.

    A sample whose code does not parse, or to which no corruption applies, is a reject.

    Raises:
        BoundPassed: more samples than the bound gave nothing.
        ConfigError: an included or excluded corruption does not exist.
    """

    def process() -> Iterator[Line | Reject]:
        for line in read_rows(shard_in):
            sample = sample_of(line)
            found = 0
            try:
                for attempt in attempts(sample, config.corruption, config.seed):
                    found += 1
                    yield attempt_line(attempt)
            except CodeParseError as error:
                yield Reject(
                    stage="corrupt", reason=error.reason, item_id=sample.id, detail=error.detail
                )
            else:
                if not found and config.corruption.attempts_per_sample:
                    yield Reject(
                        stage="corrupt",
                        reason="nothing_applies",
                        item_id=sample.id,
                        detail=f"no configured corruption applies to {sample.upstream_id}",
                    )

    settings = fingerprint(config.corruption, config.seed, code_version("corruptors"))
    report = run_shard("corrupt", [shard_in], shard_out, ATTEMPT, settings, process)
    return bound_rejects(report, config.quality)

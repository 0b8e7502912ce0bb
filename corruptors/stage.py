"""The corrupt stage: reads a shard of samples, writes a shard of attempts with typed errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from corruptors.compose import attempts
from records.columns import read_records
from records.config import BuildConfig, fingerprint
from records.errors import CodeParseError
from records.rows import Attempt, Reject, Sample
from records.sections import CorruptionMix
from records.stages import stage_named
from records.work import Files, Work


class Corrupting(NamedTuple):
    """What this stage reads of a build's settings."""

    mix: CorruptionMix
    seed: int

    @classmethod
    def of(cls, config: BuildConfig) -> Corrupting:
        return cls(config.corruption, config.seed)


def corrupted(files: Files, chosen: Corrupting) -> Iterator[Attempt | Reject]:
    """The corrupted, identical and equivalent attempts of every sample of a shard.

    A sample whose code does not parse, or to which no corruption applies, is a reject.

    Raises:
        ConfigError: an included or excluded corruption does not exist.
    """
    for sample in read_records(Sample, files.inputs["reference"]):
        found = 0
        try:
            for attempt in attempts(sample, chosen.mix, chosen.seed):
                found += 1
                yield attempt
        except CodeParseError as error:
            yield Reject(
                stage="corrupt", reason=error.reason, item_id=sample.id, detail=error.detail
            )
        else:
            if not found and chosen.mix.attempts_per_sample:
                yield Reject(
                    stage="corrupt",
                    reason="nothing_applies",
                    item_id=sample.id,
                    detail=f"no configured corruption applies to {sample.upstream_id}",
                )


CORRUPT = Work(
    stage_named("corrupt"),
    Attempt,
    Corrupting.of,
    corrupted,
    rooms=("corruptors",),
    decides=lambda chosen: fingerprint(chosen.mix, chosen.seed),
)
WORK = (CORRUPT,)

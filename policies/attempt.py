"""The verb attempt: weak policies look at reference pictures; their programs hold natural errors."""

from __future__ import annotations

from collections.abc import Iterator

from policies.policy import Policy, attempt, load_policies
from records.columns import ATTEMPT, attempt_line, sample_of
from records.config import BuildConfig, fingerprint
from records.rows import Attempt, Reject, content_id
from records.shards import Line, ShardReport, bound_rejects, code_version, read_rows, run_shard
from records.taxonomy import Modality
from renderers.render import drawn_of


def attempt_all(references: str, shard_out: str, config: BuildConfig) -> ShardReport:
    """Let every chosen policy of the shard's modality try every sample.

    Raises:
        BoundPassed: more attempts than the bound gave no program.
        ConfigError: a policy is not known, or its package is missing.
    """
    policies = chosen(config)

    def process() -> Iterator[Line | Reject]:
        for line in read_rows(references):
            sample = sample_of(line)
            picture, _ = drawn_of(line)
            for policy in policies:
                if policy.modality is not Modality(line["modality"]):
                    continue
                for index in range(config.policies.attempts_per_sample):
                    seed = int(
                        content_id(str(config.seed), sample.id, policy.name, str(index))[:8], 16
                    )
                    made = attempt(policy, sample, picture, seed)
                    yield attempt_line(made) if isinstance(made, Attempt) else made

    settings = fingerprint(config.policies, *policies, config.seed, code_version("policies"))
    report = run_shard("attempt", [references], shard_out, ATTEMPT, settings, process)
    return bound_rejects(report, config.quality)


def chosen(config: BuildConfig) -> tuple[Policy, ...]:
    """The policies that a build names, built in or from its files.

    Raises:
        ConfigError: a name that nothing defines, with the names that are known.
    """
    return load_policies(config.policies.names, config.policies.files)

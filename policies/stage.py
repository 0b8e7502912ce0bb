"""The verb attempt: weak policies look at reference pictures; their programs hold natural errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from endpoints.cache import ReplyCache, cache_path
from endpoints.client.report import UseReport
from endpoints.progress import told_of
from policies.policy import MODELS, Policy, Task, attempt, load_policies
from records.columns import ATTEMPT, attempt_line, sample_of
from records.config import BuildConfig, fingerprint
from records.rows import Attempt, Reject, content_id
from records.shards import (
    Line,
    ShardReport,
    bound_rejects,
    code_version,
    read_rows,
    run_shard,
    write_text,
)
from records.taxonomy import Modality
from renderers.stage import drawn_of


def attempt_all(references: str, shard_out: str, config: BuildConfig) -> ShardReport:
    """Let every chosen policy of the shard's modality try every sample.

    Raises:
        BoundPassed: more attempts than the bound gave no program, or a budget is spent.
        ConfigError: a policy is not known, or its package or key is missing.
        EndpointUnavailable: a policy's model server does not answer.
    """
    policies = chosen(config)
    models = [policy for policy in policies if policy.kind in MODELS]

    def tasks(of: Sequence[Policy]) -> Iterator[Task]:
        for line in read_rows(references):
            sample = sample_of(line)
            picture, _ = drawn_of(line)
            for policy in of:
                if policy.modality is not Modality(line["modality"]) or not looks_at(
                    policy, sample.id
                ):
                    continue
                for index in range(policy.n or config.policies.attempts_per_sample):
                    seed = int(
                        content_id(str(config.seed), sample.id, policy.name, str(index))[:8], 16
                    )
                    yield Task(policy, sample, picture, seed)

    def process() -> Iterator[Line | Reject]:
        for task in tasks([policy for policy in policies if policy not in models]):
            yield _line(attempt(task.policy, task.sample, task.reference, task.seed))
        if not models:
            return
        from policies.endpoint import attempts_in_order

        reports: list[UseReport] = []
        replies = ReplyCache(cache_path(config.work_url))
        with replies as cache, told_of(cache, shard_out) as tell:
            for made in attempts_in_order(models, tasks(models), cache, reports, tell):
                yield _line(made)
        told = [report.to_json() for report in reports]
        write_text(uses_url(shard_out), json.dumps(told, indent=1) + "\n")

    settings = fingerprint(
        config.policies,
        # Where and how fast a model is asked decides nothing.
        *((p.name, p.settings_hash, p.n, p.share) if p in models else p for p in policies),
        config.seed,
        code_version("policies", *(["endpoints"] if models else [])),
    )
    report = run_shard("attempt", [references], shard_out, ATTEMPT, settings, process)
    return bound_rejects(report, config.quality)


def looks_at(policy: Policy, sample_id: str) -> bool:
    """True for the policy's share of all samples, the same ones in every run.

    >>> from policies.offline import BUILTIN
    >>> some = BUILTIN["chart-reader"].model_copy(update={"share": 0.3})
    >>> sum(looks_at(some, str(at)) for at in range(1000))
    267
    """
    drawn = int(content_id("share", policy.name, sample_id)[:8], 16)
    return drawn < policy.share * 2**32


def uses_url(shard_out: str) -> str:
    """Where cost and throughput of a shard's models stand."""
    return shard_out.removesuffix(".parquet") + ".policies.json"


def _line(made: Attempt | Reject) -> Line | Reject:
    return attempt_line(made) if isinstance(made, Attempt) else made


def chosen(config: BuildConfig) -> tuple[Policy, ...]:
    """The policies that a build names, built in or from its files.

    Raises:
        ConfigError: a name that nothing defines, with the names that are known.
    """
    return load_policies(config.policies.names, config.policies.files)

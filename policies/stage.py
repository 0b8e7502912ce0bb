"""The attempt stage: weak policies write programs for reference pictures, with natural errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from endpoints.client.cache import ReplyCache
from endpoints.client.report import UseReport
from endpoints.progress import writes_progress
from policies.policy import MODELS, Policy, Task
from policies.run import attempt, load_policies
from records.columns import read_records
from records.config import BuildConfig, fingerprint
from records.files import write_text
from records.pairs import Reference
from records.rows import Attempt, Reject, content_id
from records.sections import PolicyChoice
from records.shards import code_version
from records.stages import stage_named
from records.work import Files, Work
from renderers.stage import picture_of


class Attempting(NamedTuple):
    """The settings that this stage uses."""

    choice: PolicyChoice
    policies: tuple[Policy, ...]
    seed: int
    work_url: str
    """Where the build works: its models' replies and their ledger are kept there."""

    @classmethod
    def of(cls, config: BuildConfig) -> Attempting:
        """
        Raises:
            ConfigError: a policy is not known, or its package or key is missing.
        """
        return cls(config.policies, chosen_policies(config), config.seed, config.work_url)

    @property
    def models(self) -> list[Policy]:
        return [policy for policy in self.policies if policy.kind in MODELS]


def attempted(files: Files, asked: Attempting) -> Iterator[Attempt | Reject]:
    """Yield the attempts of all chosen policies of the shard's modality at all samples.

    Raises:
        BoundPassed: a budget is spent.
        EndpointUnavailable: a policy's model server does not answer.
    """
    models = asked.models

    def tasks(of: Sequence[Policy]) -> Iterator[Task]:
        for sample in read_records(Reference, files.inputs["reference"]):
            picture = picture_of(sample)
            for policy in of:
                if policy.modality is not sample.modality or not draws_sample(policy, sample.id):
                    continue
                for index in range(policy.n or asked.choice.attempts_per_sample):
                    seed = int(
                        content_id(str(asked.seed), sample.id, policy.name, str(index))[:8], 16
                    )
                    yield Task(policy, sample, picture, seed)

    for task in tasks([policy for policy in asked.policies if policy not in models]):
        yield attempt(task.policy, task.sample, task.reference, task.seed)
    if not models:
        return
    from policies.endpoint import attempts_in_order

    reports: list[UseReport] = []
    with ReplyCache.of(asked.work_url) as cache, writes_progress(cache, files.output) as tell:
        yield from attempts_in_order(models, tasks(models), cache, reports, tell)
    reports_json = [report.to_json() for report in reports]
    write_text(uses_url(files.output), json.dumps(reports_json, indent=1) + "\n")


def _decides(asked: Attempting) -> str:
    models = asked.models
    return fingerprint(
        asked.choice,
        # Address and speed of a model do not affect the result.
        *((p.name, p.settings_hash, p.n, p.share) if p in models else p for p in asked.policies),
        asked.seed,
        code_version("endpoints") if models else "",
    )


def draws_sample(policy: Policy, sample_id: str) -> bool:
    """True if a sample belongs to the policy's share of the samples, which is the same in every run.

    >>> from policies.offline import BUILTIN
    >>> some = BUILTIN["chart-reader"].model_copy(update={"share": 0.3})
    >>> sum(draws_sample(some, str(at)) for at in range(1000))
    267
    """
    drawn = int(content_id("share", policy.name, sample_id)[:8], 16)
    return drawn < policy.share * 2**32


def uses_url(shard_out: str) -> str:
    """URL of the report on cost and throughput of a shard's models."""
    return shard_out.removesuffix(".parquet") + ".policies.json"


def chosen_policies(config: BuildConfig) -> tuple[Policy, ...]:
    """The policies that a build names, built-in or from its files.

    Raises:
        ConfigError: a name is not defined; the message lists the known names.
    """
    return load_policies(config.policies.names, config.policies.files)


ATTEMPT_WORK = Work(
    stage_named("attempt"),
    Attempt,
    Attempting.of,
    attempted,
    rooms=("policies",),
    decides=_decides,
)
WORK = (ATTEMPT_WORK,)

"""Ranges of shards, the unit of one task; cut by the estimated work.

A task of Airflow costs about two seconds of a core before it does anything, and a renderer starts
once a process. So a task takes on minutes of work, in one process, and a build of any size has at
most `run.most_ranges` of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import fsspec

from records.config import BuildConfig
from records.files import write_text
from records.layout import Layout
from records.stages import STAGES
from sources.pull import PulledShard, pulled_shards

ALL_STAGES = tuple(stage.name for stage in STAGES)

SECONDS_A_PAIR = {"chart": 0.2, "table": 0.05, "svg": 0.03}
"""CPU of all stages for one pair, on one core (docs/measurements.md)."""
SECONDS_A_SHARD = 0.5
"""CPU of a shard beside its pairs: three files for each of its stages, written whole."""


def shards_of(config: BuildConfig) -> list[PulledShard]:
    """The shards of a build, in the order of its sources.

    Raises:
        ConfigError: one of its sources is not pulled.
    """
    return pulled_shards(Layout.of(config).folder("pull"), list(config.sources))


def seconds_of(shard: PulledShard, config: BuildConfig) -> float:
    """The work of a shard that is to be expected, without the time that models take to answer."""
    mix, policies = config.corruption, config.policies
    pairs = (
        mix.attempts_per_sample * (1 + mix.minimal_pair_share)
        + mix.identical_share
        + mix.equivalent_share
        + mix.unseen_share
        + len(policies.names) * policies.attempts_per_sample
    )
    each = max(1.0, pairs) * SECONDS_A_PAIR.get(shard.modality, 0.01)
    return SECONDS_A_SHARD + shard.samples * each


def cut(shards: Sequence[PulledShard], config: BuildConfig) -> list[list[str]]:
    """Shards in their order, in ranges of about equal work; at most `run.most_ranges` of them."""
    work = [seconds_of(shard, config) for shard in shards]
    each = max(config.run.range_minutes * 60, sum(work) / config.run.most_ranges)
    ranges: dict[int, list[str]] = {}
    before = 0.0
    for shard, seconds in zip(shards, work, strict=True):
        place = min(int(before / each), config.run.most_ranges - 1)
        ranges.setdefault(place, []).append(shard.shard)
        before += seconds
    return list(ranges.values())


def shard_names(config: BuildConfig) -> list[str]:
    """The names of a build's shards, in order.

    Raises: as `shards_of`.
    """
    return [shard.shard for shard in shards_of(config)]


def ranges_to_do(config: BuildConfig) -> list[dict[str, Any]]:
    """Cut the shards of a build and note which range holds which.

    Returns:
        For each range its number, a label, and what each of its tasks does: this travels between
        tasks; the names of the shards do not.

    Raises:
        ConfigError: as `shards_of` and `models_in`.
    """
    ranges = cut(shards_of(config), config)
    write_text(Layout.of(config).ranges, json.dumps(ranges) + "\n")
    tasks = tasks_of(config)
    return [
        {"range": at, "label": label(shards), "tasks": tasks} for at, shards in enumerate(ranges)
    ]


def shards_in(number: int, config: BuildConfig) -> list[str]:
    """The shards of one range, as `ranges_to_do` noted them."""
    with fsspec.open(Layout.of(config).ranges, "rt", encoding="utf-8") as file:
        ranges: list[list[str]] = json.load(file)
    return ranges[number]


def models_in(config: BuildConfig) -> tuple[bool, bool]:
    """Whether policies, and whether annotators, ask models and wait for them.

    Raises:
        ConfigError: a policy or an annotator is not defined.
    """
    from annotators.audit.pilot import asked_models
    from policies.policy import MODELS
    from policies.run import load_policies

    policies = load_policies(config.policies.names, config.policies.files)
    return any(policy.kind in MODELS for policy in policies), bool(asked_models(config))


def tasks_of(config: BuildConfig) -> dict[str, tuple[str, ...]]:
    """The stages that each task of a range does: those that wait for models are tasks of their own.

    >>> config = BuildConfig(name="a", sources={"bundled": {}})
    >>> tasks_of(config)
    {'work': ('reference', 'corrupt', 'attempt', 'render', 'annotate', 'check')}
    """
    asked_to_attempt, asked_to_judge = models_in(config)
    if not asked_to_attempt and not asked_to_judge:
        return {"work": ALL_STAGES}
    judge = {"annotate": ("annotate", "check")}
    if not asked_to_attempt:
        return {
            "draw": ("reference", "corrupt", "attempt", "render"),
            "attempt": (),
            "render": (),
            **judge,
        }
    render = ("render",) if asked_to_judge else ("render", "annotate", "check")
    return {
        "draw": ("reference", "corrupt"),
        "attempt": ("attempt",),
        "render": render,
        "annotate": judge["annotate"] if asked_to_judge else (),
    }


def label(shards: Sequence[str]) -> str:
    """What a range is called on the page: its first shard, and how many follow."""
    return shards[0] if len(shards) == 1 else f"{shards[0]} +{len(shards) - 1}"

"""The data path: ``pull >> reference >> [corrupt, attempt] >> render >> annotate >> check``, ``publish``.

This module connects the packages; the DAGs and the command line call it. Each step takes a shard's
name and the URL of the build's settings, and returns a count.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, cast

import fsspec

from records.config import BuildConfig, fingerprint, loads
from records.errors import ConfigError
from records.files import exists, writable, write_text
from records.folders import alone_in, together_in
from records.layout import Layout
from records.shards import ShardReport
from records.stages import Stage, stage_named
from records.work import Files, Work

_DIVIDES = {"workers", "run", "refresh"}
"""Settings that divide the work among processes, and decide nothing in it."""


@contextmanager
def building(config: BuildConfig) -> Iterator[str]:
    """Write the build's settings once nobody works on the dataset; nobody else does within the block.

    Yields:
        As `write_settings` returns it.

    Raises:
        ConfigError, EndpointUnavailable: nothing can be written below the root.
    """
    writable(config.root, "root")
    with alone_in(config.work_url, marked=True):
        yield write_settings(config)


def write_settings(config: BuildConfig) -> str:
    """Write the build's settings where every worker finds them; returns the URL that stays theirs."""
    layout = Layout.of(config)
    url = layout.settings(fingerprint(config))
    for where in (url, layout.config):
        write_text(where, config.model_dump_json(indent=1) + "\n")
    return url


@contextmanager
def working_on(url: str) -> Iterator[BuildConfig]:
    """The settings of a task's build, which no other build replaces within the block.

    Args:
        url: As `write_settings` returned it.

    Raises:
        ConfigError: as `read_settings`, or a build with other settings has begun since.
    """
    config = read_settings(url)
    with together_in(config.work_url):
        newest = read_settings(Layout.of(config).config)
        if newest.model_dump(exclude=_DIVIDES) != config.model_dump(exclude=_DIVIDES):
            raise ConfigError(
                f"{config.work_url}: a build of this dataset with other settings began after this run, and "
                "replaced its shards; start the run again, or give one of them another name or version"
            )
        yield config


def read_settings(url: str) -> BuildConfig:
    """The settings of a build.

    Raises:
        ConfigError: none are there, or another version wrote them.
    """
    if not exists(url):
        raise ConfigError(f"{url}: no settings of a build; plan it first")
    with fsspec.open(url, "rt", encoding="utf-8") as file:
        return loads(file.read(), url)


def pull(source: str, config: BuildConfig) -> list[str]:
    """Write the sample shards of one source; returns their names, in order."""
    from sources.pull import pull_shards

    return pull_shards(source, config, Layout.of(config).folder("pull"))


def run_stage(name: str, shard: str, config: BuildConfig) -> ShardReport:
    """Run one stage for one shard, or do nothing if it is done.

    Raises:
        RunError: the stage cannot continue; finished results are kept.
        ValueError: there is no such stage.
    """
    stage, at = stage_named(name), Layout.of(config).shard
    work = work_of(stage)
    files = Files({before: at(before, shard) for before in stage.inputs}, at(name, shard))
    return work.run(files, work.section(config))


def work_of(stage: Stage) -> Work[Any]:
    """The implementation of a stage, from the ``stage`` module of its package, which is imported now."""
    room = import_module(f"{stage.room}.stage")
    [work] = [work for work in room.WORK if work.stage == stage]
    return cast("Work[Any]", work)


def prepare_pilot(shards: list[str], config: BuildConfig) -> bool:
    """Draw the pilot that models are audited on; False if there is no model to audit.

    Raises: as `run_stage` of the stages until render.
    """
    from annotators.audit.pilot import prepare

    return prepare([Layout.of(config).shard("pull", s) for s in shards], config, _pilot(config))


def run_pilot(shards: list[str], config: BuildConfig) -> dict[str, Any]:
    """Audit the build's models on the pilot, before they judge the rest; their figures by name.

    Raises:
        BoundPassed: a model does not keep the bounds of `annotate.pilot`.
        EndpointUnavailable, ConfigError: as annotate.
    """
    from annotators.audit.pilot import run_pilot

    return run_pilot([Layout.of(config).shard("pull", s) for s in shards], config, _pilot(config))


def _pilot(config: BuildConfig) -> str:
    return Layout.of(config).folder("pilot")

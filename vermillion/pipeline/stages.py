"""The data path: ``pull >> reference >> [corrupt, attempt] >> render >> annotate >> check``, ``publish``.

One place wires the rooms together; the DAGs and the command line both call it. Each step takes a
shard's name and the address of the build's settings, and gives back a count: nothing else travels.
"""

from __future__ import annotations

from typing import Any

import fsspec

from records.config import BuildConfig, loads
from records.errors import ConfigError
from records.layout import Layout
from records.shards import ShardReport, exists, writable, write_text

STAGES = ("reference", "corrupt", "attempt", "render", "annotate", "check")
"""What happens to each shard, in order; corrupt and attempt may run side by side."""


def settle(config: BuildConfig) -> str:
    """Write the build's settings where every worker finds them; returns their URL.

    Raises:
        ConfigError, EndpointUnavailable: nothing can be written below the root.
    """
    writable(config.root, "root")
    url = Layout.of(config).config
    write_text(url, config.model_dump_json(indent=1) + "\n")
    return url


def settled(url: str) -> BuildConfig:
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


def run_stage(stage: str, shard: str, config: BuildConfig) -> ShardReport:
    """Do one stage for one shard, or nothing where it is done.

    Raises:
        RunError: the stage cannot go on; what it wrote before stands.
    """
    at = Layout.of(config).shard
    references = at("reference", shard)
    match stage:
        case "reference":
            from renderers.stage import render_references

            return render_references(at("pull", shard), references, config)
        case "corrupt":
            from corruptors.stage import corrupt

            return corrupt(references, at("corrupt", shard), config)
        case "attempt":
            from policies.stage import attempt_all

            return attempt_all(references, at("attempt", shard), config)
        case "render":
            from renderers.stage import render_candidates

            attempts = [at("corrupt", shard), at("attempt", shard)]
            return render_candidates(attempts, references, at("render", shard), config)
        case "annotate":
            from annotators.stage import annotate

            return annotate(at("render", shard), references, at("annotate", shard), config)
        case "check":
            from quality.stage import check

            return check(at("annotate", shard), references, at("check", shard), config)
    raise ValueError(f"{stage!r} is no stage; stages: {', '.join(STAGES)}")


def prepare_pilot(shards: list[str], config: BuildConfig) -> bool:
    """Draw the pilot that models are audited on; False where there is no model to audit.

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


def publish(shards: list[str], config: BuildConfig) -> dict[str, Any]:
    """Write the dataset from its checked shards; returns its path and counts."""
    from quality.stage import publish_checked

    return publish_checked(shards, config)

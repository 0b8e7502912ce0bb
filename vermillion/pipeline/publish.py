"""The last step of the data path: publishes the checked shards as a version of the dataset."""

from __future__ import annotations

from typing import Any

from records.config import BuildConfig
from vermillion.pipeline.progress import require_few_quarantined


def publish_build(shards: list[str], config: BuildConfig) -> dict[str, Any]:
    """Write the dataset from its checked shards; returns its path and counts.

    Raises:
        BoundPassed: too many shards were left out, or the finished dataset fails its expectations.
        ConfigError: no row is left to publish, or the version stands and was made of other inputs.
    """
    from quality.stage import publish_checked

    left_out = require_few_quarantined(shards, config)
    published = publish_checked([shard for shard in shards if shard not in left_out], config)
    return {**published, "quarantined": sorted(left_out)}

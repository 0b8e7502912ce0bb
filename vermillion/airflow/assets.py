"""The assets that tie the three DAGs together."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset, AssetAlias

SOURCES = ("chartmimic", "omnidocbench", "unisvg")
"""What `refresh_sources` pulls from the hub."""

SNAPSHOTS = {source: Asset(name=source, uri=f"vermillion://sources/{source}") for source in SOURCES}
"""Updated only if the content of a source changed."""

CHANGED_SNAPSHOTS = AssetAlias("changed-snapshots")
"""Alias through which a mapped pull task updates only the asset of its source."""

DATASET = Asset(name="pairs", uri="vermillion://datasets/pairs")
"""Updated by every new version; the event's extra holds path, counts and hash."""

NEW_VERSIONS = AssetAlias("new-versions")
"""A publication reaches the dataset's asset through this, only if it wrote something new."""


def changed_sources(events: Any) -> list[str]:
    """The sources whose events started a run, each once; several events may start one run."""
    return [source for source, asset in SNAPSHOTS.items() if events and asset in events]

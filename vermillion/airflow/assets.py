"""The assets that tie the three DAGs together."""

from __future__ import annotations

from airflow.sdk import Asset, AssetAlias

SOURCES = ("chartmimic", "omnidocbench", "unisvg")
"""What `refresh_sources` pulls from the hub."""

SNAPSHOTS = {source: Asset(name=source, uri=f"vermillion://sources/{source}") for source in SOURCES}
"""Updated only if the content of a source changed."""

CHANGED_SNAPSHOTS = AssetAlias("changed-snapshots")
"""A mapped pull reaches just its own source's asset through this."""

DATASET = Asset(name="pairs", uri="vermillion://datasets/pairs")
"""Updated by every publication; the event's extra holds path, counts and hash."""

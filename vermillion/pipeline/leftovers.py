"""Finds what a build's work folder holds that no build reads any more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import fsspec

from records.stages import PULL, STAGES

LIST = ".shards.json"
QUIET = timedelta(hours=24)
"""A publication that wrote nothing for so long was cut off: its tasks are ended after 12 hours."""


def remove_leftovers(work: str, dry_run: bool = False) -> tuple[int, int]:
    """Remove them from the work of all versions of a dataset: shards that no pull names, plans of publications.

    A build may be writing there. Shards that are newer than the list of their source are of a pull that
    has not finished, and stay, like the files of a publication of the last 24 hours.

    Args:
        work: Folder or URL that holds the work of each version.
        dry_run: Count, and remove nothing.

    Returns:
        The number of files and their bytes.
    """
    filesystem, path = fsspec.core.url_to_fs(work)
    files = size = 0
    if not filesystem.exists(path):
        return 0, 0
    filesystem.invalidate_cache()
    for build in filesystem.ls(path, detail=False):
        for found in (*_shards(filesystem, build), *_plans(filesystem, build)):
            files += 1
            size += filesystem.size(found) or 0
            if not dry_run:
                filesystem.rm_file(found)
    return files, size


def _shards(filesystem: Any, build: str) -> Iterator[str]:
    """Files of shards that the list of their source does not name, and that are older than it."""
    named: set[str] = set()
    listed: dict[str, datetime] = {}
    for url in filesystem.glob(f"{build}/{PULL.name}/*{LIST}"):
        listed[_file(url).removesuffix(LIST)] = filesystem.modified(url)
        named.update(one["shard"] for one in json.loads(filesystem.cat_file(url)))
    for stage in (PULL, *STAGES):
        for found in filesystem.glob(f"{build}/{stage.name}/*"):
            shard = _file(found).partition(".")[0]
            owners = (one for one in listed if shard.startswith(f"{one}-"))
            source = max(owners, key=len, default=None)
            if source is None or shard in named or _file(found).endswith(LIST):
                continue
            if filesystem.modified(found) < listed[source]:
                yield found


def _plans(filesystem: Any, build: str) -> Iterator[str]:
    """Files of publications that were cut off."""
    for plan in filesystem.glob(f"{build}/publish/*"):
        found = filesystem.find(plan)
        newest = max(map(filesystem.modified, found), default=None)
        if newest is None:
            continue
        if datetime.now(UTC) - (newest if newest.tzinfo else newest.replace(tzinfo=UTC)) > QUIET:
            yield from found


def _file(path: str) -> str:
    return path.rpartition("/")[2]

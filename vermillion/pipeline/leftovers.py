"""Finds shards of a build's work folder that no pull refers to any more."""

from __future__ import annotations

import json

import fsspec

from records.stages import PULL, STAGES


def remove_leftovers(work: str, dry_run: bool = False) -> tuple[int, int]:
    """Remove them from the work of all versions of a dataset.

    A folder of work in which no pull has finished is left alone: a build may be writing to it.

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
        lists = filesystem.glob(f"{build}/{PULL.name}/*.shards.json")
        if not lists:
            continue
        named = {one["shard"] for url in lists for one in json.loads(filesystem.cat_file(url))}
        for stage in (PULL, *STAGES):
            for found in filesystem.glob(f"{build}/{stage.name}/*"):
                file = found.rpartition("/")[2]
                if file.endswith(".shards.json") or file.partition(".")[0] in named:
                    continue
                files += 1
                size += filesystem.size(found) or 0
                if not dry_run:
                    filesystem.rm_file(found)
    return files, size

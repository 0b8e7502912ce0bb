"""The command prune: old versions of a dataset and left-over work go."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from quality.format.versions import prune_versions, versions
from records.files import absolute
from vermillion.pipeline.leftovers import remove_leftovers


def prune_dataset(
    dataset: str, keep: int, remove: Sequence[str], work: bool, dry_run: bool, out: Console
) -> None:
    """Remove versions, and shards that no list of a pull names; say what went.

    Raises:
        ConfigError: there is no such dataset or version, or the latest one is to be removed.
    """
    home = dataset.rstrip("/")
    gone = prune_versions(home, keep, remove, dry_run)
    did = "would remove" if dry_run else "removed"
    for one in gone:
        why = "" if one.written else " (cut off before it was published)"
        out.print(f"{did} {one.url}{why}", highlight=False, soft_wrap=True)
    for one in versions(home):
        if one.being_written:
            out.print(f"kept {one.url}: {one.draft} writes it", highlight=False, soft_wrap=True)
    if not gone:
        out.print("no version to remove", highlight=False)
    # A relative path may end inside of `datasets`.
    root, _, name = absolute(home).rpartition("/datasets/")
    if work and name:
        files, size = remove_leftovers(f"{root}/work/{name}", dry_run)
        out.print(f"{did} {files} files of work, {size / 2**20:.1f} MiB", highlight=False)

"""`vermillion prune`: shards that no pull names go, and no others."""

from __future__ import annotations

from pathlib import Path

from tests_support import make_shard, samples

from sources.pull import write_shards
from vermillion.pipeline.leftovers import remove_leftovers


def test_shards_that_no_pull_names_go(tmp_path: Path) -> None:
    work = tmp_path / "work" / "demo"
    pull = work / "current" / "pull"
    old = write_shards("folder", samples(20), str(pull), shard_size=4)
    for shard in old:
        make_shard(f"{work}/current/render/{shard}.parquet")
    kept = write_shards("folder", samples(12), str(pull), shard_size=4)
    stray = set(old) - set(kept)
    assert stray
    (work / "begun" / "pull").mkdir(parents=True)
    make_shard(f"{work}/begun/pull/unfinished.parquet")
    files, size = remove_leftovers(str(work), dry_run=True)
    assert files == 2 * 2 * len(stray) and size > 0
    assert remove_leftovers(str(work)) == (files, size)
    left = {path.name.partition(".")[0] for path in (work / "current").rglob("*.parquet")}
    assert left == set(kept)
    assert (work / "begun" / "pull" / "unfinished.parquet").exists()
    assert remove_leftovers(str(work)) == (0, 0)

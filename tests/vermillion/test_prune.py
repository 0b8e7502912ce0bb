"""`vermillion prune`: shards that no pull names go, and no others."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import fsspec
import pytest
from rich.console import Console
from tests_support import make_shard, samples

from sources.pull import write_shards
from vermillion.cli.prune import prune_dataset
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


def test_shards_of_a_pull_that_has_not_finished_stay(tmp_path: Path) -> None:
    """Its list comes last: until then no list names what it wrote."""
    pull = tmp_path / "demo" / "current" / "pull"
    write_shards("folder", samples(12), str(pull), shard_size=4)
    make_shard(f"{pull}/folder-svg-0123456789ab.parquet")
    make_shard(f"{pull}/folder-big-svg-0123456789ab.parquet")  # of a source without a list
    before = sorted(pull.iterdir())
    assert remove_leftovers(str(tmp_path / "demo")) == (0, 0)
    assert sorted(pull.iterdir()) == before
    write_shards("folder", samples(12), str(pull), shard_size=4)
    assert remove_leftovers(str(tmp_path / "demo"))[0] == 4


def test_plans_of_publications_that_were_cut_off_go(tmp_path: Path) -> None:
    plans = tmp_path / "demo" / "current" / "publish"
    for name in ("old", "begun"):
        (plans / name / "train").mkdir(parents=True)
        (plans / name / "plan.parquet").write_bytes(b"plan")
        (plans / name / "train" / "part-00000.parquet").write_bytes(b"rows")
        os.utime(plans / name / "plan.parquet", (0, 0))
    os.utime(plans / "old" / "train" / "part-00000.parquet", (0, 0))
    assert remove_leftovers(str(tmp_path / "demo")) == (2, 8)
    assert sorted(path.parent.name for path in plans.rglob("*.parquet")) == ["begun", "train"]


def test_a_dataset_is_named_from_within_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "work" / "demo" / "current" / "publish" / "old" / "plan.parquet"
    version = tmp_path / "datasets" / "demo" / "1"
    for folder in (plan.parent, version):
        folder.mkdir(parents=True)
    plan.write_bytes(b"plan")
    os.utime(plan, (0, 0))
    (version / "manifest.json").write_text("{}")
    monkeypatch.chdir(version.parent)
    said = io.StringIO()
    prune_dataset(".", 1, (), True, False, Console(file=said))
    assert "removed 1 files of work" in said.getvalue() and not plan.exists()


def test_what_a_pull_left_in_a_bucket_goes_and_what_another_one_writes_stays(bucket: str) -> None:
    work, pull = f"{bucket}/work/demo", f"{bucket}/work/demo/current/pull"
    old = write_shards("folder", samples(20), pull, shard_size=4)
    make_shard(f"{work}/current/render/{old[-1]}.parquet")
    time.sleep(1.1)  # An object store knows seconds only.
    kept = write_shards("folder", samples(4), pull, shard_size=4)
    time.sleep(1.1)
    make_shard(f"{pull}/folder-svg-0123456789ab.parquet")
    make_shard(f"{work}/current/publish/begun/train/part-00000.parquet")
    stray = set(old) - set(kept)
    assert remove_leftovers(work)[0] == 2 * len(stray) + 2
    filesystem, path = fsspec.core.url_to_fs(work)
    names = {name.rpartition("/")[2].partition(".")[0] for name in filesystem.find(path)}
    assert names == {"folder", *kept, "folder-svg-0123456789ab", "part-00000"}

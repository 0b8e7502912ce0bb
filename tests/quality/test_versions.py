"""Versions are written once: a reader is not disturbed, old ones are removed, the latest one is found."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.parquet as pq
import pytest

from quality.dataset.publish import Meta, publish_dataset
from quality.format.manifest import read_manifest
from quality.format.versions import home_of, latest, prune_versions, version_for, versions
from quality.read.inspect import dataset_files, read_dataset, summary
from records.errors import ConfigError
from records.sections import PublishConfig

PLAIN = Meta(settings=PublishConfig(gallery=False), data_docs=False)


pytestmark = pytest.mark.usefixtures("light")


@pytest.fixture
def shards(make_row: Any, write_shard: Any) -> list[str]:
    """Shard ``n`` holds 2 + n samples of one row."""
    return [write_shard(str(n), [make_row(10 * n + at) for at in range(2 + n)]) for n in range(4)]


def test_a_version_without_a_name_gets_date_and_inputs_and_keeps_them(
    shards: list[str], tmp_path: Path
) -> None:
    first = publish_dataset(shards[:1], str(tmp_path), "weekly", "", PLAIN)
    home = home_of(str(tmp_path), "weekly")
    inputs = first.manifest["inputs"]
    assert first.path == f"{home}/{version_for(home, inputs)}"
    # On another day, from the same inputs: nothing new.
    assert version_for(home, inputs, date(2031, 5, 9)) == Path(first.path).name
    assert version_for(home, "feed" * 4, date(2031, 5, 9)) == "2031-05-09-feedfeed"
    assert publish_dataset(shards[:1], str(tmp_path), "weekly", "", PLAIN).skipped
    second = publish_dataset(shards[:2], str(tmp_path), "weekly", "", PLAIN)
    assert not second.skipped and second.path != first.path
    assert latest(home) == Path(second.path).name


def test_other_inputs_never_overwrite_a_version(shards: list[str], tmp_path: Path) -> None:
    publish_dataset(shards[:1], str(tmp_path), "demo", "1", PLAIN)
    with pytest.raises(ConfigError, match=r"never overwritten.*vermillion prune .*--remove 1"):
        publish_dataset(shards[:2], str(tmp_path), "demo", "1", PLAIN)
    rows = list(read_dataset(str(tmp_path / "datasets" / "demo" / "1"), ["id"]))
    assert len(rows) == 2


def test_the_folder_of_all_versions_stands_for_the_latest(
    shards: list[str], tmp_path: Path
) -> None:
    publish_dataset(shards[:1], str(tmp_path), "demo", "1", PLAIN)
    second = publish_dataset(shards[:3], str(tmp_path), "demo", "2", PLAIN)
    home = str(tmp_path / "datasets" / "demo")
    assert summary(home).counts == second.manifest["counts"]
    assert dataset_files(home) == dataset_files(second.path)
    # Built anew, the old one is the latest again; its files are the same ones.
    assert not publish_dataset(shards[:1], str(tmp_path), "demo", "1", PLAIN).skipped
    assert latest(home) == "1"


def test_a_reader_is_not_disturbed_while_versions_are_published(
    shards: list[str], bucket: str
) -> None:
    """It follows `latest.json` again and again, as trainers do, and counts what it reads."""
    first = publish_dataset(shards[:1], bucket, "weekly", "", PLAIN)
    home = home_of(bucket, "weekly")
    expected = {Path(first.path).name: 2}
    reads: list[tuple[str, int, int]] = []
    wrong: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        filesystem = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
        try:
            while not done.is_set():
                version = latest(home)
                manifest = read_manifest(f"{home}/{version}")
                assert version and manifest, f"no dataset at {version}"
                rows = 0
                for file in manifest["files"]:
                    if "rows" in file and not file["path"].startswith("rejects"):
                        with filesystem.open(f"{home}/{version}/{file['path']}", "rb") as opened:
                            rows += pq.ParquetFile(opened).read(["id"]).num_rows
                reads.append((version, rows, manifest["counts"]["rows"]))
        except BaseException as error:
            wrong.append(error)
            raise

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for many in (2, 3, 4):
            made = publish_dataset(shards[:many], bucket, "weekly", "", PLAIN)
            expected[Path(made.path).name] = made.rows
    finally:
        done.set()
        reader.join(60)
    assert not wrong
    assert len(expected) == 4
    assert all(rows == told == expected[version] for version, rows, told in reads)
    assert len({version for version, _, _ in reads}) > 1  # it read while they came


def test_old_versions_and_drafts_are_removed_and_the_latest_stays(
    shards: list[str], tmp_path: Path
) -> None:
    for at, version in enumerate(("a", "b", "c", "d")):
        publish_dataset(shards[: at + 1], str(tmp_path), "demo", version, PLAIN)
    home = str(tmp_path / "datasets" / "demo")
    cut_off = tmp_path / "datasets" / "demo" / "e" / "train"
    cut_off.mkdir(parents=True)
    told = prune_versions(home, 2, dry_run=True)
    assert [one.name for one in told] == ["e", "a", "b"]
    assert len(versions(home)) == 5
    assert prune_versions(home, 2) == told
    assert [one.name for one in versions(home)] == ["c", "d"]
    with pytest.raises(ConfigError, match="no version q; versions: c, d"):
        prune_versions(home, 2, remove=["q"])
    with pytest.raises(ConfigError, match="d is the latest one"):
        prune_versions(home, 2, remove=["d"])
    prune_versions(home, 2, remove=["c"])
    prune_versions(home, 2, remove=["d"])
    assert latest(home) is None and versions(home) == []


@pytest.mark.parametrize("below", ["datasets/demo/a", "datasets", ""])
def test_nothing_is_removed_from_a_folder_that_is_no_dataset(
    shards: list[str], tmp_path: Path, below: str
) -> None:
    publish_dataset(shards[:1], str(tmp_path), "demo", "a", PLAIN)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match=r"is one version; give|no published version in it"):
        prune_versions(str(tmp_path / below), 1)
    assert sorted(tmp_path.rglob("*")) == before


def test_versions_are_removed_from_an_object_store(shards: list[str], bucket: str) -> None:
    for at in range(3):
        publish_dataset(shards[: at + 1], bucket, "demo", str(at), PLAIN)
    home = home_of(bucket, "demo")
    assert [one.name for one in prune_versions(home, 1)] == ["0", "1"]
    assert [one.name for one in versions(home)] == ["2"]
    assert summary(home).counts["rows"] == 2 + 3 + 4

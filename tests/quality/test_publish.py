"""From checked shards to a dataset: the same bytes, the right splits, all of it or none."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.parquet as pq
import pytest
from tests_support import at_the_same_moment

from quality.dataset import publish as module
from quality.dataset.index import make_index
from quality.dataset.publish import Meta, publish_dataset
from quality.format.manifest import read_manifest
from quality.format.schema import SCHEMA, SPLITS
from quality.format.versions import latest
from quality.read.inspect import read_dataset, read_published, read_rejects, summary
from records.errors import BoundPassed, ConfigError, SchemaMismatch
from records.rows import Reject
from records.sections import PublishConfig, QualityConfig
from records.shards import REJECTS, ShardWriter, read_rows

pytestmark = pytest.mark.usefixtures("light")

PLAIN = Meta(settings=PublishConfig(gallery=False), data_docs=False)


def files_of(folder: str | Path) -> dict[str, bytes]:
    root = Path(folder)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_dataset_is_whole_and_its_manifest_true(parts: list[str], tmp_path: Path) -> None:
    published = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    assert published.path == str(tmp_path / "datasets" / "demo" / "1")
    assert published.rows == 105 and not published.skipped
    assert sum(published.splits.values()) == 105 and all(published.splits.values())
    manifest = read_manifest(published.path)
    assert manifest == json.loads(json.dumps(published.manifest))
    assert manifest is not None
    for file in manifest["files"]:
        data = (Path(published.path) / file["path"]).read_bytes()
        assert len(data) == file["bytes"]
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
    counted = summary(published.path)
    assert counted.counts == manifest["counts"]
    for split in SPLITS:
        rows = list(read_dataset(published.path, ["split"], [split]))
        assert {row["split"] for row in rows} == {split}
        assert len(rows) == published.splits[split]


def test_rows_come_through_unchanged(parts: list[str], mixed_rows: Any, tmp_path: Path) -> None:
    published = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    expected = {row.id: row.model_copy(update={"split": ""}) for row in mixed_rows(7)}
    for row in read_published(published.path):
        assert row.model_copy(update={"split": ""}) == expected.pop(row.id)
    assert not expected


def test_no_sample_straddles_and_every_modality_is_in_every_split(
    parts: list[str], tmp_path: Path
) -> None:
    published = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    homes: dict[str, set[str]] = {}
    seen: set[tuple[str, str]] = set()
    for row in read_dataset(published.path, ["sample_id", "split", "task"]):
        homes.setdefault(row["sample_id"], set()).add(row["split"])
        seen.add((row["task"], row["split"]))
    assert len(homes) == 21 and all(len(splits) == 1 for splits in homes.values())
    assert len(seen) == 9


def test_same_inputs_give_the_same_bytes_wherever_they_lie(
    parts: list[str], tmp_path: Path
) -> None:
    first = publish_dataset(parts, str(tmp_path / "a"), "demo", "1", PLAIN)
    moved = []
    for part in parts:
        moved.append(str(tmp_path / f"zz-{Path(part).name}"))
        os.link(part, moved[-1])
    publish_dataset(moved[::-1], f"file://{tmp_path}/b", "demo", "1", PLAIN)
    ours, theirs = files_of(first.path), files_of(tmp_path / "b" / "datasets" / "demo" / "1")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_second_run_does_nothing_and_damage_is_repaired(parts: list[str], tmp_path: Path) -> None:
    first = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    before = {path: path.stat().st_mtime_ns for path in Path(first.path).rglob("*")}
    again = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    assert again.skipped and again.manifest == first.manifest
    assert before == {path: path.stat().st_mtime_ns for path in Path(first.path).rglob("*")}
    files = files_of(first.path)
    (Path(first.path) / "train" / "part-00000.parquet").unlink()
    repaired = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    assert not repaired.skipped and files_of(first.path) == files


@pytest.mark.parametrize("exchange", [True, False])
def test_a_run_that_dies_leaves_nothing_and_the_old_dataset_as_it_was(
    parts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    old = publish_dataset(parts[:1], str(tmp_path), "demo", "1", PLAIN)
    before = files_of(old.path)

    def killed(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_card", killed)
        with pytest.raises(KeyboardInterrupt):
            publish_dataset(parts, str(tmp_path), "demo", "2", PLAIN)
    assert files_of(old.path) == before
    home = Path(old.path).parent
    assert sorted(path.name for path in home.iterdir()) == ["1", "latest.json"]
    if not exchange:
        monkeypatch.setattr("records.folders._exchange", lambda *_: False)
    (Path(old.path) / "train" / "part-00000.parquet").unlink()
    publish_dataset(parts[:1], str(tmp_path), "demo", "1", PLAIN)
    assert files_of(old.path) == before
    assert publish_dataset(parts, str(tmp_path), "demo", "2", PLAIN).rows == 105
    assert sorted(path.name for path in home.iterdir()) == ["1", "2", "latest.json"]


def test_a_killed_draft_is_cleared_by_the_next_run(parts: list[str], tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    leftover = tmp_path / "datasets" / "demo" / f".1.{socket.gethostname()}-{ended.pid}.tmp"
    (leftover / "train").mkdir(parents=True)
    (leftover / "train" / "part-00099.parquet").write_bytes(b"half")
    published = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    assert not leftover.exists()
    assert not (Path(published.path) / "train" / "part-00099.parquet").exists()


def test_many_publish_one_version_at_the_same_moment(parts: list[str], tmp_path: Path) -> None:
    # As a task and its next try do, if a worker was only thought to be dead.
    prepare = """
import sys
from quality.dataset.publish import Meta, publish_dataset
from records.sections import PublishConfig
"""
    act = """
meta = Meta(settings=PublishConfig(gallery=False), data_docs=False)
publish_dataset(sys.argv[2:], sys.argv[1], "demo", "1", meta)
"""
    assert at_the_same_moment(prepare, act, str(tmp_path), *parts, count=4) == [""] * 4
    assert summary(str(tmp_path / "datasets" / "demo" / "1")).counts["rows"] == 105
    assert sorted(path.name for path in (tmp_path / "datasets" / "demo").iterdir()) == [
        "1",
        "latest.json",
    ]


def test_row_groups_are_small_and_pictures_stored_once_and_unpacked(
    parts: list[str], tmp_path: Path
) -> None:
    settings = PublishConfig(gallery=False, rows_per_group=16, rows_per_file=40)
    published = publish_dataset(
        parts, str(tmp_path), "demo", "1", Meta(settings=settings, data_docs=False)
    )
    names = sorted(path.name for path in Path(published.path, "train").iterdir())
    assert names == [f"part-{n:05d}.parquet" for n in range(len(names))] and len(names) > 1
    first = pq.ParquetFile(Path(published.path, "train", names[0]))
    groups = [first.metadata.row_group(n).num_rows for n in range(first.num_row_groups)]
    assert groups == [16, 16, 8]
    assert first.metadata.created_by.startswith("parquet-cpp-arrow")
    columns = first.metadata.row_group(0)
    by_name = {
        columns.column(n).path_in_schema: columns.column(n) for n in range(columns.num_columns)
    }
    pictures = by_name["images.list.element.bytes"]
    assert pictures.compression == "UNCOMPRESSED"
    assert by_name["reference_code"].compression == "ZSTD"
    rows = first.read_row_group(0).to_pylist()
    stored = sum(len(image["bytes"]) for row in rows for image in row["images"])
    distinct = {image["bytes"] for row in rows for image in row["images"]}
    assert pictures.total_uncompressed_size < stored
    assert pictures.total_uncompressed_size < 1.05 * sum(map(len, distinct)) + 4096


def test_the_hub_reads_splits_from_the_card(parts: list[str], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    published = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    loaded = datasets.load_dataset(published.path, cache_dir=str(tmp_path / "cache"))
    assert {name: len(rows) for name, rows in loaded.items()} == published.splits
    assert len(loaded["test"][0]["images"]) == 2


def test_rejects_of_earlier_stages_come_along(parts: list[str], tmp_path: Path) -> None:
    url = tmp_path / "render.rejects.parquet"
    with ShardWriter(url, REJECTS) as writer:
        for number in range(3):
            reject = Reject(stage="render", reason="timeout", item_id=str(number), detail="15 s")
            writer.write(reject.model_dump())
    meta = Meta(settings=PLAIN.settings, data_docs=False, rejects=[str(url)])
    published = publish_dataset(parts, str(tmp_path), "demo", "1", meta)
    assert published.manifest["rejects"] == {"render": {"timeout": 3}}
    assert [reject.item_id for reject in read_rejects(published.path)] == ["0", "1", "2"]
    assert summary(published.path).rejects == {"render": {"timeout": 3}}
    assert "| render | timeout | 3 |" in Path(published.path, "README.md").read_text()


def test_tiny_datasets_keep_what_they_have(make_row: Any, write_shard: Any, tmp_path: Path) -> None:
    one = publish_dataset([write_shard("one", [make_row(0)])], str(tmp_path), "one", "1", PLAIN)
    assert sum(one.splits.values()) == 1
    three = publish_dataset(
        [write_shard("three", [make_row(n) for n in range(3)])], str(tmp_path), "three", "1", PLAIN
    )
    assert three.splits == {"train": 1, "validation": 1, "test": 1}
    assert Path(one.path, "train").is_dir() and Path(one.path, "test").is_dir()


@pytest.fixture
def memory() -> Iterator[Any]:
    filesystem = fsspec.filesystem("memory")
    yield filesystem
    filesystem.rm("/bucket", recursive=True)


def test_an_object_store_gets_the_same_files(parts: list[str], tmp_path: Path, memory: Any) -> None:
    local = publish_dataset(parts, str(tmp_path), "demo", "1", PLAIN)
    remote = publish_dataset(parts, "memory://bucket", "demo", "1", PLAIN)
    root = "/bucket/datasets/demo/1"
    stored = {name.removeprefix(f"{root}/"): memory.cat(name) for name in memory.find(root)}
    assert stored == files_of(local.path)
    assert publish_dataset(parts, "memory://bucket", "demo", "1", PLAIN).skipped
    assert summary(remote.path).counts == local.manifest["counts"]


def test_an_interrupted_upload_is_not_taken_for_a_dataset(
    parts: list[str], memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_card", killed)
        with pytest.raises(KeyboardInterrupt):
            publish_dataset(parts, "memory://bucket", "demo", "1", PLAIN)
    assert read_manifest("memory://bucket/datasets/demo/1") is None
    assert latest("memory://bucket/datasets/demo") is None
    # What is left of it goes, also where the next run is made of something else.
    stray = "/bucket/datasets/demo/1/train/part-00099.parquet"
    memory.pipe(stray, b"half")
    assert publish_dataset(parts[:1], "memory://bucket", "demo", "1", PLAIN).rows == 50
    assert not memory.exists(stray)


def test_mistakes_are_named(
    parts: list[str], make_row: Any, write_shard: Any, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="no checked shard"):
        publish_dataset([], str(tmp_path), "demo", "1", PLAIN)
    with pytest.raises(SchemaMismatch, match="no such shard"):
        publish_dataset([str(tmp_path / "none.parquet")], str(tmp_path), "demo", "1", PLAIN)
    rejects = tmp_path / "x.parquet"
    with ShardWriter(rejects, REJECTS) as writer:
        writer.write(Reject(stage="a", reason="b", item_id="c").model_dump())
    with pytest.raises(SchemaMismatch, match=r"x\.parquet: no checked shard, it lacks id"):
        publish_dataset([str(rejects)], str(tmp_path), "demo", "1", PLAIN)
    with pytest.raises(ConfigError, match=r"bench: no such folder"):
        meta = Meta(settings=PLAIN.settings, held_out=[str(tmp_path / "bench")])
        publish_dataset(parts, str(tmp_path), "demo", "1", meta)
    empty = [write_shard("empty", [])]
    with pytest.raises(ConfigError, match=r"none of 0 rows .*: none, the sources gave no sample"):
        publish_dataset(empty, str(tmp_path), "demo", "1", PLAIN)
    with pytest.raises(ConfigError, match=r"none of 0 rows .* rejects of the build: a: b 1"):
        lost = Meta(settings=PLAIN.settings, rejects=[str(rejects)])
        publish_dataset(empty, str(tmp_path), "demo", "1", lost)
    assert not (tmp_path / "datasets" / "demo" / "1").exists()


@pytest.mark.usefixtures("whole")
def test_a_dataset_that_breaks_a_rule_is_not_published(
    make_row: Any, write_shard: Any, tmp_path: Path
) -> None:
    good = [make_row(n) for n in range(4)]
    bad = make_row(5, licence="proprietary")
    quality = QualityConfig(licences=("Apache-2.0",))
    meta = Meta(settings=PLAIN.settings, quality=quality)
    old = publish_dataset([write_shard("good", good)], str(tmp_path), "demo", "1", meta)
    assert {rule["status"] for rule in old.manifest["rules"]} == {"met", "not judged"}
    before = files_of(old.path)
    shard = write_shard("bad", [*good, bad])
    with pytest.raises(BoundPassed, match=r"(?s)breaks 1 of .*licence.*proprietary.*" + bad.id):
        publish_dataset([shard], str(tmp_path), "demo", "2", meta)
    assert files_of(old.path) == before
    assert sorted(path.name for path in Path(old.path).parent.iterdir()) == ["1", "latest.json"]
    warned = quality.model_copy(update={"warn": ("licence",)})
    meta = Meta(settings=PLAIN.settings, quality=warned)
    published = publish_dataset([shard], str(tmp_path), "demo", "2", meta)
    (rule,) = [rule for rule in published.manifest["rules"] if rule["rule"] == "licence"]
    assert rule["status"] == "warning" and rule["missed"][0]["rows"] == [bad.id]
    page = Path(published.path, "data_docs", "index.html").read_text()
    assert "1 reported as a warning" in page and "proprietary" in page


def test_part_files_can_be_written_by_many_tasks_in_any_order(
    parts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = PublishConfig(gallery=False, rows_per_group=16, rows_per_file=40)
    meta = Meta(settings=settings, data_docs=False)
    whole = publish_dataset(parts, str(tmp_path / "whole"), "demo", "1", meta)
    staged = module.stage_dataset(parts, str(tmp_path / "tasks"), "demo", "1", meta)
    assert isinstance(staged, module.Staged) and staged.files > 3
    with pytest.raises(SchemaMismatch, match=r"part-00000\.parquet: not written"):
        module.finish_dataset(staged)
    for number in reversed(range(staged.files)):
        module.write_staged_parts(staged.url, [number])
    # A task that runs again finds its file and reads no shard.
    monkeypatch.setattr("quality.dataset.part_files._pieces", lambda *_: 1 / 0)
    module.write_staged_parts(staged.url, range(2))
    published = module.finish_dataset(staged)
    assert files_of(published.path) == files_of(whole.path)
    assert not Path(staged.url).exists()
    # A task that was killed after the last step finds the dataset; its asset is still to be told.
    again = module.finish_dataset(staged)
    assert again == published and not again.skipped


@pytest.mark.parametrize("moved", [True, False])
def test_a_plan_for_another_address_is_made_again(
    moved: bool, parts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build was killed when it had planned, and goes on below another root, or after midnight."""
    root = tmp_path / "root"
    monkeypatch.setattr(module, "version_for", lambda home, inputs: "monday")
    module.stage_dataset(parts, str(root), "demo", "", PLAIN)
    if moved:
        root = root.rename(tmp_path / "copied")
    else:
        monkeypatch.setattr(module, "version_for", lambda home, inputs: "tuesday")
    published = publish_dataset(parts, str(root), "demo", "", PLAIN)
    found = list((root / "datasets" / "demo").glob("*/manifest.json"))
    assert found == [Path(published.path, "manifest.json")]
    assert not moved or not (tmp_path / "root").exists()


def test_each_picture_is_read_once(
    parts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a shard whose row groups hold one sample each, no group is read twice."""
    rows = [row for part in parts for row in read_rows(part)]
    shard = str(tmp_path / "grouped.parquet")
    with ShardWriter(Path(shard), SCHEMA, group_of="sample_id") as writer:
        for row in rows:
            writer.write(row)
    make_index(shard)
    reads: list[int] = []
    real = pq.ParquetFile.iter_batches

    def counted(self: Any, *args: Any, row_groups: Any = None, **more: Any) -> Any:
        if self.num_row_groups == 21:  # the shard; the few rows that are shown are kept aside
            reads.extend(row_groups)
        return real(self, *args, row_groups=row_groups, **more)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", counted)
    published = publish_dataset([shard], str(tmp_path), "demo", "1", PLAIN)
    assert published.rows == len(rows)
    assert pq.ParquetFile(shard).num_row_groups == 21
    assert sorted(reads) == list(range(21))


@pytest.mark.usefixtures("whole")
def test_everything_comes_with_it(parts: list[str], tmp_path: Path) -> None:
    meta = Meta(config={"name": "demo"}, config_hash="ab" * 8)
    published = publish_dataset(parts, str(tmp_path), "demo", "1", meta)
    names = files_of(published.path)
    pages = ("data_docs/index.html", "gallery/index.html", "card/examples.png")
    for name in ("README.md", *pages):
        assert name in names, name
    opened = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert ("card/gallery.png" in names) == bool(opened)
    assert (b"card/gallery.png" in names["README.md"]) == bool(opened)
    twin = publish_dataset(parts, str(tmp_path / "twin"), "demo", "1", meta)
    assert files_of(twin.path) == names


@pytest.mark.usefixtures("whole")
@pytest.mark.chromium
def test_a_browser_sees_the_gallery_before_it_goes_to_an_object_store(
    parts: list[str], tmp_path: Path, bucket: str
) -> None:
    opened = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not opened:
        pytest.skip("no headless Chromium is installed")
    remote = publish_dataset(parts, bucket, "demo", "1", Meta(data_docs=False))
    assert remote.manifest["preview"]
    filesystem, path = fsspec.core.url_to_fs(remote.path)
    local = publish_dataset(parts, str(tmp_path), "demo", "1", Meta(data_docs=False))
    stored = {name.removeprefix(f"{path}/"): filesystem.cat(name) for name in filesystem.find(path)}
    assert stored == files_of(local.path)

"""Reading a dataset back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from quality.dataset.part_files import PUBLISHED
from quality.format.manifest import PublishedFile
from quality.read.inspect import dataset_files, read_dataset, read_rejects, summary
from records.errors import ConfigError, SchemaMismatch
from records.shards import ShardWriter


@pytest.fixture
def dataset(make_row: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "sets" / "demo" / "1"
    for split, numbers in (("train", range(5)), ("test", range(5, 7))):
        (folder / split).mkdir(parents=True)
        for number in numbers:
            with ShardWriter(folder / split / f"part-{number:05d}.parquet", PUBLISHED) as writer:
                writer.write(make_row(number, split=split))
    return folder


def test_rows_come_split_by_split(dataset: Path, make_row: Any) -> None:
    expected = [make_row(number).id for number in range(7)]
    assert [row["id"] for row in read_dataset(str(dataset))] == expected
    assert [row["id"] for row in read_dataset(str(dataset), ["id"], limit=3)] == expected[:3]
    assert [row["id"] for row in read_dataset(str(dataset), splits=["test"])] == expected[5:]
    (first,) = read_dataset(f"file://{dataset}", limit=1)
    assert first["images"][0]["bytes"].startswith(b"\x89PNG")
    assert list(read_dataset(str(dataset), limit=0)) == []


def test_summary_is_counted_not_believed(dataset: Path) -> None:
    (dataset / "manifest.json").write_text('{"format": 1, "counts": {"rows": 9999}}')
    found = summary(str(dataset))
    assert found.counts["rows"] == 7
    assert found.counts["splits"]["validation"] == {"rows": 0, "samples": 0}
    assert found.counts["categories"]["chart"]["data_error"] == {"1": 7, "2": 0, "3": 0}
    assert found.rejects == {} and list(read_rejects(str(dataset))) == []
    assert found.bytes == sum(path.stat().st_size for path in dataset.rglob("*.parquet"))
    assert found.to_json()["counts"] == found.counts


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda part: part.unlink(), "is named by manifest.json and missing"),
        (lambda part: part.write_bytes(part.read_bytes()[:-9]), "cut off or replaced"),
        (
            lambda part: part.with_name("part-00009.parquet").write_bytes(b""),
            "00009.parquet is not",
        ),
    ],
)
def test_a_split_is_what_was_published(
    dataset: Path, damage: Callable[[Path], object], said: str
) -> None:
    """Its figures, pictures and labels would otherwise be those of other rows, without a word."""
    files = [
        PublishedFile.of(path.relative_to(dataset).as_posix(), path, 1).to_json()
        for path in sorted(dataset.rglob("*.parquet"))
    ]
    (dataset / "manifest.json").write_text(json.dumps({"format": 1, "counts": {}, "files": files}))
    assert len(dataset_files(str(dataset))) == 7
    damage(dataset / "train" / "part-00003.parquet")
    with pytest.raises(SchemaMismatch, match=said):
        summary(str(dataset))
    assert len(list(read_dataset(str(dataset), splits=["test"]))) == 2


def test_mistakes_say_what_to_give(dataset: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        summary(str(dataset / "gone"))
    with pytest.raises(ConfigError, match=r"folder of one version.*This folder holds: 1"):
        summary(str(dataset.parent))
    assert dataset_files(str(dataset / "train" / "part-00000.parquet"))


def test_object_stores_are_read_too(dataset: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(dataset), "/inspected", recursive=True)
    try:
        assert summary("memory://inspected").counts["rows"] == 7
    finally:
        memory.rm("/inspected", recursive=True)

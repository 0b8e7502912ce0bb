"""Reading a dataset back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import pytest

from quality.dataset.part_files import PUBLISHED
from quality.read.inspect import dataset_files, read_dataset, read_rejects, summary
from records.errors import ConfigError
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

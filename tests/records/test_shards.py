from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests_support import SHARD_SCHEMA, make_shard, shard_rows

from records.errors import BoundPassed, SchemaMismatch, refused_by_system
from records.files import atomic_file
from records.rows import Reject
from records.sections import QualityConfig
from records.shards import (
    ShardReport,
    bound_rejects,
    code_version,
    count_rows,
    finished,
    modalities_of,
    read_rejects,
    read_report,
    read_rows,
    run_shard,
)
from records.taxonomy import Modality


def test_rows_rejects_and_report_stand_side_by_side(tmp_path: Path) -> None:
    output = str(tmp_path / "a" / "x.parquet")
    report = make_shard(output, 5, 2)
    assert (report.rows_out, dict(report.rejects), report.rejected) == (5, {"too_odd": 2}, 2)
    assert [row["n"] for row in read_rows(output)] == list(range(5))
    assert [reject.item_id for reject in read_rejects(output)] == ["lost-0", "lost-1"]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "x.parquet",
        "x.rejects.parquet",
        "x.report.json",
    ]


def test_where_nothing_is_lost_there_is_no_file_of_rejects(tmp_path: Path) -> None:
    output = str(tmp_path / "x.parquet")
    make_shard(output, 5, 2)
    make_shard(output, 5, 0, settings="gentler")
    assert list(read_rejects(output)) == []
    assert not (tmp_path / "x.rejects.parquet").exists()


def test_work_is_not_done_twice_unless_something_changed(tmp_path: Path) -> None:
    output = str(tmp_path / "x.parquet")
    first = make_shard(output)
    assert make_shard(output).skipped
    assert not make_shard(output, settings="other").skipped
    assert make_shard(output, settings="other").sha256 == first.sha256


def test_a_changed_input_is_seen(tmp_path: Path) -> None:
    source, output = str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")

    def copy() -> ShardReport:
        return run_shard("copy", [source], output, SHARD_SCHEMA, "s", lambda: read_rows(source))

    make_shard(source, 5)
    assert copy().rows_out == 5
    assert copy().skipped
    make_shard(source, 6, settings="more")
    assert copy().rows_out == 6


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.parquet")
    with pytest.raises(SchemaMismatch, match=r"none\.parquet"):
        run_shard(
            "copy",
            [missing],
            str(tmp_path / "x.parquet"),
            SHARD_SCHEMA,
            "s",
            lambda: read_rows(missing),
        )


def test_another_version_of_the_records_is_refused(tmp_path: Path) -> None:
    table = pa.table({"id": ["a"]}).replace_schema_metadata({b"vermillion": b"999"})
    pq.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(SchemaMismatch, match="999"):
        list(read_rows(str(tmp_path / "x.parquet")))


@pytest.mark.parametrize("text", ['{"stage": "copy", "of_later": 1}', "[]", "{"])
def test_a_report_of_another_version_is_refused(tmp_path: Path, text: str) -> None:
    report = tmp_path / "a.report.json"
    report.write_text(text)
    with pytest.raises(SchemaMismatch, match="another version of this program wrote"):
        read_report(str(tmp_path / "a.parquet"))


def test_a_failure_leaves_nothing_and_the_next_run_starts_over(tmp_path: Path) -> None:
    output = str(tmp_path / "x.parquet")

    def broken() -> Iterator[dict[str, object] | Reject]:
        yield from shard_rows(100)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        run_shard("made", [], output, SHARD_SCHEMA, "s", broken)
    assert list(tmp_path.iterdir()) == []
    assert make_shard(output).rows_out == 5


WRITER = """
import sys, time
from records.shards import run_shard
from tests_support import SHARD_SCHEMA, shard_rows
def slow():
    for row in shard_rows(400):
        time.sleep(0.002)
        yield row
run_shard("made", [], sys.argv[1], SHARD_SCHEMA, "s", slow)
"""


@pytest.mark.slow
def test_a_killed_writer_resumes_to_the_same_bytes(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parents[2]}",
    }
    whole, killed = tmp_path / "whole.parquet", tmp_path / "killed.parquet"

    def start(output: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", WRITER, str(output)], env=environment)

    assert start(whole).wait() == 0
    deaths = 0
    for pause in (0.05, 0.2, 0.4):
        process = start(killed)
        while not list(tmp_path.glob(f".{killed.name}.*-{process.pid}.tmp")):
            time.sleep(0.01)
        time.sleep(pause)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            deaths += 1
        process.wait()
    assert deaths > 0
    assert start(killed).wait() == 0
    assert killed.read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_remote_folder_works_like_a_local_one() -> None:
    output = "memory://bucket/folder/x.parquet"
    assert make_shard(output, 5, 1).rows_out == 5
    assert make_shard(output, 5, 1).skipped
    assert count_rows(output) == 5
    assert len(list(read_rejects(output))) == 1


def test_a_half_written_file_is_never_seen(tmp_path: Path) -> None:
    target = tmp_path / "x.txt"
    with pytest.raises(ValueError, match="stop"), atomic_file(str(target)) as draft:
        draft.write_text("half")
        raise ValueError("stop")
    assert not target.exists()


def test_a_full_disk_is_said_with_the_file(tmp_path: Path) -> None:
    target = str(tmp_path / "x.parquet")
    with pytest.raises(OSError) as full, atomic_file(target):
        raise OSError(errno.ENOSPC, "No space left on device")  # As writing says it.
    assert refused_by_system(full.value).startswith(f"{target}: No space left on device; free")


def test_pictures_are_not_compressed_twice_and_groups_are_small(tmp_path: Path) -> None:
    output = str(tmp_path / "x.parquet")
    make_shard(output, 200)
    metadata = pq.ParquetFile(output).metadata
    codecs = {
        metadata.row_group(0).column(i).path_in_schema: metadata.row_group(0).column(i).compression
        for i in range(3)
    }
    assert codecs == {"id": "ZSTD", "picture": "UNCOMPRESSED", "n": "ZSTD"}
    assert metadata.num_row_groups == 4


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def many(count: int) -> Iterator[dict[str, object] | Reject]:
        for n in range(count):
            yield {"id": str(n), "picture": os.urandom(50_000), "n": n}

    process = psutil.Process()
    run_shard("made", [], str(tmp_path / "warm.parquet"), SHARD_SCHEMA, "s", lambda: many(256))
    before = process.memory_info().rss
    run_shard("made", [], str(tmp_path / "x.parquet"), SHARD_SCHEMA, "s", lambda: many(2560))
    for _ in read_rows(str(tmp_path / "x.parquet")):
        pass
    assert process.memory_info().rss - before < 64 * 2**20  # the rows hold 128 MB


def test_too_many_rejects_stop_the_run() -> None:
    bounds = QualityConfig(max_reject_share={"render": 0.1}, min_rows_for_share=10)
    fine = ShardReport("render", "x.parquet", 0, 95, {"odd": 5})
    assert bound_rejects(fine, bounds) is fine
    few = ShardReport("render", "x.parquet", 0, 1, {"odd": 5})
    assert bound_rejects(few, bounds) is few
    with pytest.raises(BoundPassed, match=r"lost 20 of 100 rows, .* odd 20"):
        bound_rejects(ShardReport("render", "x.parquet", 0, 80, {"odd": 20}), bounds)


def test_the_report_is_plain_json(tmp_path: Path) -> None:
    output = tmp_path / "x.parquet"
    make_shard(str(output))
    assert json.loads((tmp_path / "x.report.json").read_text())["rows_out"] == 5
    assert read_report(str(output)) is not None


def test_a_change_in_one_modality_leaves_the_others_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("room", "room/chart", "room/table"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))

    def versions() -> dict[Modality, str]:
        code_version.cache_clear()
        return {one: code_version("room", only=frozenset({one})) for one in Modality}

    before = versions()
    (tmp_path / "room/table/css.py").write_text('"""A docstring."""')
    after = versions()
    assert after[Modality.CHART] == before[Modality.CHART]
    assert after[Modality.TABLE] != before[Modality.TABLE]
    (tmp_path / "room/shared.py").write_text("")
    assert all(versions()[one] != after[one] for one in Modality)
    code_version.cache_clear()


def test_a_report_names_the_modalities_of_its_rows(tmp_path: Path) -> None:
    schema = pa.schema([("modality", pa.string())])
    rows = [{"modality": "svg"}, {"modality": "chart"}, {"modality": "svg"}]
    url = str(tmp_path / "a.parquet")
    run_shard("pull", [], url, schema, "s", lambda: iter(rows))
    assert modalities_of([finished(url)]) == {Modality.SVG, Modality.CHART}

"""Writes the Parquet files of a published split: small row groups, with each picture stored once per group.

`write_part` is the only step of publication that reads pictures. It writes one file of a plan, so
files can be written by as many tasks as there are; each holds one row group in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from quality.dataset.index import check_columns
from quality.dataset.plan import PartFile, Plan
from quality.format.manifest import PublishedFile
from quality.format.schema import SCHEMA
from records.columns import read_records
from records.errors import SchemaMismatch
from records.files import atomic_file, exists, write_text
from records.pairs import Row
from records.rows import VERSION
from records.shards import leaves, open_shard, parquet_of

PUBLISHED = SCHEMA.with_metadata({**SCHEMA.metadata, b"vermillion": str(VERSION).encode()})
_LEAVES = leaves(SCHEMA)
_PARQUET: dict[str, Any] = {
    "compression": {leaf: "none" if leaf.endswith(".bytes") else "zstd" for leaf in _LEAVES},
    # Rows of one sample share their reference: a dictionary stores its picture once per group.
    "use_dictionary": True,
    "dictionary_pagesize_limit": 64 * 2**20,
    "write_statistics": False,
    "store_schema": True,
}
_BATCH_ROWS = 64
_RUN_ROWS = 64
"""Row groups with at most this many rows are read at once; for all groups Arrow would read the
whole file ahead."""


def write_part(plan: Plan, number: int, folder: str) -> PublishedFile:
    """Write one part file unless it exists, and beside it the rows that the gallery shows.

    Args:
        plan: The plan of the dataset.
        number: Index of the file in `Plan.files`.
        folder: URL of the folder that receives it under its name in the dataset.

    Raises:
        SchemaMismatch: a shard is missing, or is not the one that was planned with.
    """
    part = plan.files[number]
    target = f"{folder}/{part.name}"
    if done := _read_note(target):
        return done
    with atomic_file(target) as local, atomic_file(shown_url(target)) as aside:
        with (
            pq.ParquetWriter(local, PUBLISHED, **_PARQUET) as out,
            pq.ParquetWriter(aside, PUBLISHED, **_PARQUET) as shown,
        ):
            for group in _groups(plan, part, shown):
                out.write_table(group, row_group_size=group.num_rows)
        written = PublishedFile.of(part.name, local, len(part.rows))
    write_text(_note_url(target), json.dumps(written.to_json()))
    return written


def written_part(plan: Plan, number: int, folder: str) -> PublishedFile:
    """What `write_part` wrote.

    Raises:
        SchemaMismatch: it did not.
    """
    name = plan.files[number].name
    if done := _read_note(f"{folder}/{name}"):
        return done
    raise SchemaMismatch(f"{folder}/{name}: not written; run the tasks that write part files again")


def read_shown(plan: Plan, folder: str) -> Iterator[Row]:
    """Read the rows for the gallery, with pictures, in the order of the dataset."""
    for part in plan.files:
        if plan.shown[part.rows].any():
            yield from read_records(Row, shown_url(f"{folder}/{part.name}"))


def shown_url(part: str) -> str:
    """URL of the shown rows of a part file, kept until the gallery is written."""
    return part.removesuffix(".parquet") + ".shown.parquet"


def _note_url(part: str) -> str:
    return part.removesuffix(".parquet") + ".note.json"


def _read_note(part: str) -> PublishedFile | None:
    if not exists(_note_url(part)) or not exists(part):
        return None
    with fsspec.open(_note_url(part), "rt", encoding="utf-8") as file:
        return PublishedFile(**json.load(file))


def _groups(plan: Plan, part: PartFile, shown: pq.ParquetWriter) -> Iterator[pa.Table]:
    """Yield the rows of a file in groups of `Plan.rows_per_group`; shown rows are also written to a
    separate file."""
    waiting: list[pa.Table] = []
    rows = 0
    for number, numbers in plan.rows_by_shard(part.rows):
        start = plan.starts[number]
        aside = set((numbers[plan.shown[numbers]] - start).tolist())
        for first, table in _pieces(plan.shards[number], set((numbers - start).tolist())):
            split = pa.array([part.split] * table.num_rows, pa.string())
            at = table.schema.get_field_index("split")
            table = table.set_column(at, SCHEMA.field("split"), split)
            if picked := [row for row, place in enumerate(first) if place in aside]:
                shown.write_table(table.take(picked))
            waiting.append(table)
            rows += table.num_rows
            while rows >= plan.rows_per_group:
                whole = pa.concat_tables(waiting)
                yield whole.slice(0, plan.rows_per_group)
                rest = whole.slice(plan.rows_per_group)
                waiting, rows = [rest] if rest.num_rows else [], rest.num_rows
    if rows:
        yield pa.concat_tables(waiting)


def _runs(parquet: pq.ParquetFile, places: set[int]) -> Iterator[tuple[int, list[int]]]:
    """Runs of neighboring row groups that contain some of these rows, small enough to be read at once.

    Yields the place of the first row and the groups.
    """
    run: list[int] = []
    start = at = 0
    for group in range(parquet.num_row_groups):
        after = at + parquet.metadata.row_group(group).num_rows
        wanted = not places.isdisjoint(range(at, after))
        if run and (not wanted or after - start > _RUN_ROWS):
            yield start, run
            run = []
        if wanted:
            start = start if run else at
            run.append(group)
        at = after
    if run:
        yield start, run


def _pieces(shard: str, places: set[int]) -> Iterator[tuple[list[int], pa.Table]]:
    """Yield places and rows, a few at a time; row groups without any of these rows are not read."""
    found = 0
    with open_shard(shard) as file:
        parquet = parquet_of(file, shard)
        check_columns(shard, parquet.schema_arrow.names)
        for at, groups in _runs(parquet, places):
            for batch in parquet.iter_batches(_BATCH_ROWS, row_groups=groups, columns=SCHEMA.names):
                chosen = [place for place in range(at, at + batch.num_rows) if place in places]
                if chosen:
                    table = pa.Table.from_batches([batch]).select(SCHEMA.names).cast(PUBLISHED)
                    if len(chosen) < batch.num_rows:
                        table = table.take([place - at for place in chosen])
                    yield chosen, table
                at += batch.num_rows
                found += len(chosen)
    # Arrow does not return freed memory by itself; over many shards that adds up.
    pa.default_memory_pool().release_unused()
    if found != len(places):
        raise SchemaMismatch(f"{shard}: changed since the dataset was planned; publish again")

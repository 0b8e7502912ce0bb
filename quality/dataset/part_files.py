"""The Parquet files of a published split: small row groups, pictures stored once a group."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quality.dataset.draft import Draft
from quality.dataset.schema import SCHEMA
from records.config import PublishConfig
from records.rows import VERSION
from records.shards import leaves

PUBLISHED = SCHEMA.with_metadata({**SCHEMA.metadata, b"vermillion": str(VERSION).encode()})
_LEAVES = leaves(SCHEMA)
_PARQUET: dict[str, Any] = {
    "compression": {leaf: "none" if leaf.endswith(".bytes") else "zstd" for leaf in _LEAVES},
    # Rows of one sample share their reference: a dictionary stores its picture once a group.
    "use_dictionary": True,
    "dictionary_pagesize_limit": 64 * 2**20,
    "write_statistics": False,
    "store_schema": True,
}


class SplitWriter:
    """Writes the Parquet files of one split, row group by row group."""

    def __init__(self, split: str, draft: Draft, settings: PublishConfig) -> None:
        self._split = split
        self._draft = draft
        self._settings = settings
        self._tables: list[pa.Table] = []
        self._waiting = 0
        self._rows = 0
        self._number = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        self._tables.append(table)
        self._waiting += table.num_rows
        while self._waiting >= self._room():
            self._write_group(self._room())

    def close(self) -> None:
        while self._waiting:
            self._write_group(min(self._waiting, self._room()))
        if self._writer is None and self._number == 0:
            self._open()  # readers that name all three splits find an empty one
        self._finish()

    def _room(self) -> int:
        """Rows that still go into this group: full groups, cut where the file is full."""
        return min(self._settings.rows_per_group, self._settings.rows_per_file - self._rows)

    def _write_group(self, rows: int) -> None:
        table = pa.concat_tables(self._tables)
        group, rest = table.slice(0, rows), table.slice(rows)
        self._tables = [rest] if rest.num_rows else []
        self._waiting = rest.num_rows
        if self._writer is None:
            self._open()
        assert self._writer is not None
        self._writer.write_table(group, row_group_size=rows)
        self._rows += rows
        if self._rows >= self._settings.rows_per_file:
            self._finish()

    def _open(self) -> None:
        self._writer = pq.ParquetWriter(self._draft.path(self._name), PUBLISHED, **_PARQUET)

    def _finish(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._draft.finish(self._name, self._rows)
            self._writer, self._rows = None, 0
            self._number += 1

    @property
    def _name(self) -> str:
        return f"{self._split}/part-{self._number:05d}.parquet"

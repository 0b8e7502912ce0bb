"""The index of a checked shard: everything that is known about its rows without their pictures.

``x.parquet`` holds rows with pictures, ``x.index.parquet`` one line per row in the same order,
about 300 bytes each. Splits, duplicates, contamination, card figures, dataset rules and examples
are computed from these lines; pictures are read once, when part files are written.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from quality.format.schema import SCHEMA
from quality.read.mix import meant
from quality.rules.contamination import ProgramDigests, light_of
from quality.rules.dedup import pair_keys
from quality.rules.gates import picture_sizes
from records.columns import read_records
from records.errors import SchemaMismatch
from records.files import atomic_file, exists
from records.pairs import Row
from records.shards import ShardWriter
from records.taxonomy import Language

_TEXT = pa.string()
_KEY = pa.binary(10)
COPIED = (
    *("id", "task", "language", "origin", "policy", "corruptions", "severity_sum"),
    *("changed_fraction", "render_contract", "reference_hash", "candidate_hash", "sample_id"),
    *("source", "revision", "licence", "kind", "reserved", "upstream_hash"),
)
"""Columns of the dataset that a line copies."""
INDEX = pa.schema(
    [
        *(SCHEMA.field(name) for name in COPIED),
        (
            "discrepancies",
            pa.list_(
                pa.struct([("category", _TEXT), ("severity", pa.int32()), ("label_source", _TEXT)])
            ),
        ),
        ("meant", pa.list_(_TEXT)),  # categories that the corruptions meant
        ("minimal", pa.bool_()),  # has a sibling with one error more
        ("negative", _TEXT),  # identical, equivalent, unseen or sampled, where nothing is labeled
        ("reference_width_px", pa.int32()),
        ("reference_height_px", pa.int32()),
        ("candidate_width_px", pa.int32()),
        ("candidate_height_px", pa.int32()),
        ("text_chars", pa.int32()),  # of prompt and completion
        ("label_chars", pa.int32()),  # of all locations and descriptions
        ("unboxed", pa.int32()),  # discrepancies without a box
        ("plain_labels", pa.bool_()),  # locations and descriptions are ASCII, quotations included
        ("foreign_labels", pa.int32()),  # labels whose own words are not written in Latin letters
        ("degenerate", pa.bool_()),  # the candidate shows next to nothing, the reference does not
        ("pair_key", _KEY),
        ("near_key", _KEY),  # null where nothing is labeled
        ("code_digest", _TEXT),
        ("words_digest", _TEXT),
        ("reference_light", pa.binary()),  # on the first row of each sample; see `light_of`
    ]
)
_FETCHED_AT_ONCE = 8
"""Index files read in parallel: an object store answers each after about 50 ms."""


class Indexer:
    """Makes the lines of one shard; caches what the rows of a sample share.

    `line` decodes both pictures of a row.
    """

    def __init__(self) -> None:
        self._programs: dict[str, ProgramDigests] = {}
        self._lights: dict[str, bytes] = {}

    def line(self, row: Row) -> dict[str, Any]:
        """Make the line of a row."""
        sample_id = row.sample_id
        first = sample_id not in self._programs
        if first:
            language = Language(row.language)
            self._programs[sample_id] = ProgramDigests.of(row.reference_code, language)
            self._lights[sample_id] = light_of(row.images[0].bytes)
        programs, light = self._programs[sample_id], self._lights[sample_id]
        reference_px, candidate_px = picture_sizes(row)
        found = row.discrepancies
        words = [f"{one.location} {one.description}" for one in found]
        pair_key, near_key = pair_keys(row)
        return {
            **{name: getattr(row, name) for name in COPIED},
            "discrepancies": [
                {name: getattr(one, name) for name in ("category", "severity", "label_source")}
                for one in found
            ],
            **meant(row.provenance, bool(found)),
            "reference_width_px": reference_px[0],
            "reference_height_px": reference_px[1],
            "candidate_width_px": candidate_px[0],
            "candidate_height_px": candidate_px[1],
            "text_chars": sum(len(turn.content) for turn in (*row.prompt, *row.completion)),
            "label_chars": sum(len(word) - 1 for word in words),
            "unboxed": sum(one.box is None for one in found),
            "plain_labels": all(map(str.isascii, words)),
            "foreign_labels": sum(map(in_foreign_letters, words)),
            "degenerate": bool(light) and not light_of(row.images[1].bytes),
            "pair_key": pair_key,
            "near_key": near_key,
            "code_digest": programs.code,
            "words_digest": programs.words,
            "reference_light": light if first else None,
        }


def in_foreign_letters(words: str) -> bool:
    """Whether most letters outside quotation marks are not Latin; quotations follow the picture.

    >>> in_foreign_letters("row 2, '销售额': is missing"), in_foreign_letters("第二行缺失")
    (False, True)
    """
    own = "".join(words.replace('"', "'").split("'")[::2])
    letters = [letter for letter in own if letter.isalpha()]
    return sum(letter > "\u024f" for letter in letters) * 2 > len(letters)


def index_url(shard: str) -> str:
    """URL of the index of a checked shard."""
    return shard.removesuffix(".parquet") + ".index.parquet"


@contextmanager
def writing_index(shard: str) -> Iterator[ShardWriter]:
    """A context manager that writes lines; the file appears if the block succeeds."""
    with (
        atomic_file(index_url(shard)) as local,
        ShardWriter(local, INDEX, group_rows=4096) as lines,
    ):
        yield lines


def make_index(shard: str) -> None:
    """Write a missing index of a shard from its rows.

    Raises:
        SchemaMismatch: the shard is missing, or was not written by the check stage.
    """
    if not exists(shard):
        raise SchemaMismatch(f"{shard}: no such shard; run the stage that writes it")
    with fsspec.open(shard, "rb") as file:
        check_columns(shard, pq.read_schema(file).names)
    indexer = Indexer()
    with writing_index(shard) as lines:
        for row in read_records(Row, shard):
            lines.write(indexer.line(row))


def check_columns(shard: str, names: Sequence[str]) -> None:
    """Return if these are the columns of a checked shard.

    Raises:
        SchemaMismatch: some are missing.
    """
    missing = [name for name in SCHEMA.names if name not in names]
    if missing:
        raise SchemaMismatch(
            f"{shard}: no checked shard, it lacks {', '.join(missing)}; run the check stage again"
        )


def read_indexes(shards: Sequence[str]) -> Iterator[pa.Table]:
    """Read the index of each shard, in order; a missing index is made first.

    Raises:
        SchemaMismatch: a shard is missing, or an index does not belong to its shard.
    """
    with ThreadPoolExecutor(_FETCHED_AT_ONCE) as pool:
        for at in range(0, len(shards), _FETCHED_AT_ONCE):
            some = shards[at : at + _FETCHED_AT_ONCE]
            for shard, data in zip(some, pool.map(_fetch, some), strict=True):
                table = _table(data)
                yield table if table is not None else _made(shard)


def _fetch(shard: str) -> bytes:
    """The index of a shard; empty if there is none."""
    filesystem, path = fsspec.core.url_to_fs(index_url(shard))
    try:
        data: bytes = filesystem.cat_file(path)
    except FileNotFoundError:
        return b""
    return data


def _table(index: bytes) -> pa.Table | None:
    """The lines of an index; None if it has other columns."""
    # Arrow keeps what its threads free for each of them: over many small files that adds up.
    table = pq.read_table(io.BytesIO(index), use_threads=False) if index else None
    return table if table is not None and table.schema.equals(INDEX) else None


def _made(shard: str) -> pa.Table:
    make_index(shard)
    table = _table(_fetch(shard))
    if table is None:
        raise SchemaMismatch(f"{index_url(shard)}: vanished while it was read; publish again")
    return table


def lines_of(
    tables: Iterable[pa.Table], columns: Sequence[str] | None = None, rows: int = 1024
) -> Iterator[dict[str, Any]]:
    """Lines as plain values, a few in memory at a time."""
    for table in tables:
        for batch in (table.select(columns) if columns else table).to_batches(rows):
            yield from batch.to_pylist()


def spool(tables: Iterable[pa.Table], path: Path) -> list[int]:
    """Store tables in one local file, from which they are read a part at a time.

    Returns:
        The number of the first row of each table, and of all rows.
    """
    starts = [0]
    waiting: list[pa.Table] = []
    with pq.ParquetWriter(path, INDEX, compression="zstd") as writer:

        def write() -> None:
            writer.write_table(pa.concat_tables(waiting).combine_chunks())
            waiting.clear()

        for table in tables:
            starts.append(starts[-1] + len(table))
            waiting.append(table)
            if sum(map(len, waiting)) >= _GROUP_ROWS:
                write()
        if waiting:
            write()
    return starts


_GROUP_ROWS = 4096


def spooled_tables(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """What `spool` stored, some thousand rows at a time."""
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=columns, use_threads=False)

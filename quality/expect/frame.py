"""Writes the table of published rows that Great Expectations checks, from the index alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quality.format.schema import SPLITS

_FEW_VALUES = pa.dictionary(pa.int32(), pa.string())
FRAME = pa.schema(
    [
        ("id", pa.string()),
        ("licence", _FEW_VALUES),
        ("reserved", _FEW_VALUES),
        ("degenerate", pa.bool_()),
        ("split", _FEW_VALUES),
        ("foreign_label", pa.bool_()),  # a label is not in Latin letters
        ("splits_of_sample", pa.int8()),  # in how many splits its program is
        ("splits_of_reference", pa.int8()),  # in how many splits its picture is
    ]
)
_COPIED = ("id", "licence", "reserved", "degenerate")
Lines = Callable[[Sequence[str]], Iterable[pa.Table]]
"""Reads columns of the index of all rows, in tables of any size; called several times."""


def write_frame(lines: Lines, split: NDArray[np.int8], path: Path) -> None:
    """Write the rows that are published; about 20 bytes of each are held, and 100 of each sample.

    Args:
        lines: Reads `quality.dataset.index.INDEX`.
        split: Place in `SPLITS` of each row, below 0 where it is not published.
        path: A local Parquet file, with the columns `FRAME`.
    """
    published = split >= 0
    places = split[published]
    of_sample = _splits(lines, "sample_id", published, places)
    of_reference = _splits(lines, "reference_hash", published, places)
    names = pa.array(SPLITS)
    at = done = 0
    with pq.ParquetWriter(path, FRAME, compression="zstd") as writer:
        for table in lines((*_COPIED, "foreign_labels")):
            rows = table.filter(pa.array(published[at : at + len(table)]))
            here = slice(done, done + len(rows))
            at, done = at + len(table), here.stop
            columns = {
                **{name: rows.column(name) for name in _COPIED},
                "split": names.take(pa.array(places[here])),
                "foreign_label": pc.greater(rows.column("foreign_labels"), 0),
                "splits_of_sample": of_sample[here],
                "splits_of_reference": of_reference[here],
            }
            writer.write_table(pa.table(columns).cast(FRAME))


def _splits(
    lines: Lines, name: str, published: NDArray[np.bool_], places: NDArray[np.int8]
) -> NDArray[np.int8]:
    """For each published row, in how many splits its value of a column is."""
    encoded = (table.column(name).dictionary_encode().chunks for table in lines((name,)))
    column = pa.chunked_array([*chain.from_iterable(encoded)]).unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])[published]
    pairs = np.unique(codes * np.int64(len(SPLITS)) + places)
    counts = np.bincount(pairs // len(SPLITS), minlength=len(column.chunk(0).dictionary))
    found: NDArray[np.int8] = counts[codes].astype(np.int8)
    return found

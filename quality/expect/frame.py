"""Writes the table of published rows that Great Expectations checks, from the index alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quality.format.schema import SPLITS

COLUMNS = ("id", "task", "origin", "licence", "reserved", "degenerate")
"""Columns of the index that are copied."""
_READ = (*COLUMNS, "foreign_labels", "sample_id", "reference_hash")


def write_frame(indexes: Iterable[pa.Table], split: NDArray[np.int8], path: Path) -> None:
    """Write the rows that are published; about 100 bytes of each are held.

    Besides `COLUMNS`: `split`, `foreign_label` (a label is not in Latin letters), and
    `splits_of_sample` and `splits_of_reference`, in how many splits that program and that picture are.

    Args:
        indexes: Tables of `quality.dataset.index.INDEX`.
        split: Place in `SPLITS` of each row, below 0 where it is not published.
        path: A local Parquet file.
    """
    kept = []
    at = 0
    for table in indexes:
        places = split[at : at + len(table)]
        at += len(table)
        light = table.select(_READ).append_column("place", pa.array(places, pa.int8()))
        kept.append(light.filter(pc.field("place") >= 0))
    rows = pa.concat_tables(kept)
    places = rows.column("place").to_numpy()
    frame = rows.select(COLUMNS)
    columns = {
        "split": pa.array(SPLITS).take(pa.array(places, pa.int8())),
        "foreign_label": pc.greater(rows.column("foreign_labels"), 0),
        "splits_of_sample": _splits(rows.column("sample_id"), places),
        "splits_of_reference": _splits(rows.column("reference_hash"), places),
    }
    for name, column in columns.items():
        frame = frame.append_column(name, column)
    pq.write_table(frame, path, compression="zstd")


def _splits(column: pa.ChunkedArray, places: NDArray[np.int8]) -> pa.Array:
    """For each row, in how many splits its value is."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy().astype(np.int64)
    pairs = np.unique(codes * len(SPLITS) + places)
    counts = np.bincount(pairs // len(SPLITS), minlength=len(encoded.dictionary))
    return pa.array(counts[codes].astype(np.int8))

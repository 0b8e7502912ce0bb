"""Collects the rejects of all stages for a dataset."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq

from records.rows import Reject
from records.shards import REJECTS, ShardWriter, open_shard, read_report

REJECTS_FILE = "rejects/part-00000.parquet"
AT_ONCE = 8
"""Files read in parallel: an object store answers each after about 50 ms."""
_T = TypeVar("_T")


def file_digests(urls: Sequence[str]) -> dict[str, str]:
    """SHA-256 of files, from the report beside a file if there is one.

    Raises:
        SchemaMismatch: a file is missing.
    """
    return dict(zip(urls, map_in_threads(_digest, urls), strict=True))


def map_in_threads(what: Callable[[str], _T], urls: Sequence[str]) -> Iterator[_T]:
    """Apply a function to many files in threads; yields results in order, with few in memory."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for at in range(0, len(urls), AT_ONCE):
            yield from pool.map(what, urls[at : at + AT_ONCE])


def gather_rejects(
    urls: Sequence[str], others: Iterable[Reject], path: Path
) -> tuple[int, dict[str, dict[str, int]]]:
    """Write all rejects into one file.

    Args:
        urls: Parquet files of rejects.
        others: Further rejects.
        path: A local file.

    Returns:
        How many there are, and their counts by stage and reason.
    """
    counts: Counter[tuple[str, str]] = Counter()
    with ShardWriter(path, REJECTS, group_rows=1024) as writer:

        def write(reject: Reject) -> None:
            counts[reject.stage, reject.reason] += 1
            writer.write(reject.model_dump())

        for data in map_in_threads(_read, urls):
            for row in pq.read_table(io.BytesIO(data)).to_pylist():
                write(Reject(**row))
        for reject in others:
            write(reject)
    nested: dict[str, dict[str, int]] = {}
    for (stage, reason), count in sorted(counts.items()):
        nested.setdefault(stage, {})[reason] = count
    return counts.total(), nested


def _digest(url: str) -> str:
    if url.endswith(".rejects.parquet"):
        return hashlib.sha256(_read(url)).hexdigest()
    report = read_report(url) if url.endswith(".parquet") else None
    if report is not None and report.sha256:
        return report.sha256
    digest = hashlib.sha256()
    with open_shard(url) as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _read(url: str) -> bytes:
    with open_shard(url) as file:
        return file.read()

"""Shards: Parquet files with rejects and a report beside them, written as a transaction.

``x.parquet`` holds the rows, ``x.rejects.parquet`` the rows that were lost and why, if any were,
and ``x.report.json`` is written last: if it exists and its fingerprint matches, the work is done.
Rows stream through in small batches, so memory does not grow with their number. Paths are fsspec
URLs; a local path needs no scheme.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileOpener

from records import nearby
from records.errors import BoundPassed, SchemaMismatch
from records.files import READ_WHOLE, atomic_file, exists, read_small, remove, write_text
from records.rows import VERSION, Record, Reject
from records.sections import QualityConfig
from records.taxonomy import Modality

Line = dict[str, Any]
"""One row as plain values, keyed by column."""

REJECTS = pa.schema([(name, pa.string()) for name in Reject.model_fields])
ALL_MODALITIES = frozenset(Modality)
BATCH_ROWS = 16
"""Most rows in memory at once; pictures make rows large."""


@dataclass(frozen=True, slots=True)
class ShardReport:
    """The result of a stage for one shard."""

    stage: str
    output: str
    rows_in: int
    rows_out: int
    rejects: Mapping[str, int] = field(default_factory=dict)
    fingerprint: str = ""
    """Hash of the inputs, the settings and the stage's own version."""
    sha256: str = ""
    """SHA-256 of the Parquet file."""
    seconds: float = 0.0
    modalities: Sequence[str] = ()
    """Modalities of the output rows, sorted; a shard of the data path has one."""
    skipped: bool = False
    """True if the result already existed."""

    @property
    def rejected(self) -> int:
        return sum(self.rejects.values())


def run_shard(
    stage: str,
    inputs: Sequence[str],
    output: str,
    schema: pa.Schema,
    settings: str,
    process: Callable[[], Iterable[Line | Record]],
    group_of: str = "",
    reports: Sequence[ShardReport] = (),
) -> ShardReport:
    """Write one shard from others, or do nothing if it is already written.

    Args:
        stage: Name of the stage, for report and rejects.
        inputs: URLs of the shards that ``process`` reads.
        output: URL that ends in ``.parquet``.
        schema: Columns of the rows.
        settings: Fingerprint of everything else that affects the result.
        process: Yields rows, as records or lines, and rejects; may be killed at any moment.
        group_of: Column that does not change within a row group of the output; empty for none.
        reports: Of all inputs, if the caller has read them.

    Raises:
        SchemaMismatch: an input is missing or of another version of the records.
    """
    before = reports or [finished(url) for url in inputs]
    parts = [stage, str(VERSION), settings, str(schema), *(report.sha256 for report in before)]
    fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    done = read_report(output)
    if done and done.fingerprint == fingerprint and exists(output):
        return replace(done, skipped=True)
    if done:
        if done.rejects:
            remove(rejects_url(output))
        remove(_beside(output, ".report.json"))
    started = time.monotonic()
    reasons: Counter[str] = Counter()
    rows_out = 0
    modalities: set[str] = set()
    marked = schema.with_metadata({**(schema.metadata or {}), b"vermillion": str(VERSION).encode()})
    with ExitStack() as lost, atomic_file(output) as local:
        rejects: ShardWriter | None = None
        with ShardWriter(local, marked, group_of=group_of) as rows:
            for item in process():
                if isinstance(item, Reject):
                    if rejects is None:
                        file = lost.enter_context(atomic_file(rejects_url(output)))
                        rejects = lost.enter_context(ShardWriter(file, REJECTS))
                    reasons[item.reason] += 1
                    rejects.write(item)
                else:
                    rows_out += 1
                    line = rows.write(item)
                    modalities.update((line["modality"],) if "modality" in line else ())
        sha256 = _file_sha256(local)
    report = ShardReport(
        stage=stage,
        output=output,
        rows_in=sum(report.rows_out for report in before[:1]),
        rows_out=rows_out,
        rejects=dict(sorted(reasons.items())),
        fingerprint=fingerprint,
        sha256=sha256,
        modalities=sorted(modalities),
        seconds=round(time.monotonic() - started, 3),
    )
    write_report(report)
    return report


def bound_rejects(report: ShardReport, bounds: QualityConfig, exact: bool = False) -> ShardReport:
    """Return the report, or raise if its stage certainly lost too many rows.

    The bound is compared with a lower confidence limit of the loss (error probability 0.1 %), so
    that a true share just below the bound does not stop a run by chance.

    Args:
        report: Report of a whole run or source; its output locates the rejects.
        bounds: Largest shares of lost rows.
        exact: True compares the share itself, because the report covers all rows.

    Raises:
        BoundPassed: more than the stage's share of at least `min_rows_for_share` rows were lost.
    """
    total = report.rows_out + report.rejected
    share = bounds.max_reject_share.get(report.stage, 1.0)
    lost = report.rejected / max(1, total) if exact else at_least(report.rejected, total)
    if total >= bounds.min_rows_for_share and lost > share:
        most = sorted(report.rejects.items(), key=lambda item: -item[1])
        reasons = ", ".join(f"{reason} {count}" for reason, count in most)
        raise BoundPassed(
            f"stage {report.stage} lost {report.rejected} of {total} rows, over the bound of {share:.0%}: "
            f"{reasons}. See the rejects beside {report.output}; raise "
            f"quality.max_reject_share.{report.stage} if this is expected."
        )
    return report


def at_least(lost: int, total: int, deviations: float = 3.09) -> float:
    """Lower end of Wilson's confidence interval of the share ``lost / total``.

    >>> round(at_least(20, 100), 3), round(at_least(2000, 10000), 3), at_least(0, 0)
    (0.105, 0.188, 0.0)
    """
    if not total:
        return 0.0
    share, square = lost / total, deviations**2
    middle = share + square / (2 * total)
    spread = deviations * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    return max(0.0, (middle - spread) / (1 + square / total))


class ShardWriter:
    """Writes rows to a local Parquet file in small row groups; a context manager.

    Columns are compressed with zstd, except binary ones: pictures are already compressed.

    Args:
        path: The file.
        schema: Its columns.
        group_rows: Most rows of a row group.
        group_of: Name of a column that does not change within a row group; empty groups by number.
    """

    def __init__(
        self, path: Path, schema: pa.Schema, group_rows: int = 64, group_of: str = ""
    ) -> None:
        packed = {
            name: "none" if _holds_pictures(schema, name) else "zstd" for name in leaves(schema)
        }
        self._schema = schema
        self._group_rows = group_rows
        self._group_of = group_of
        self._rows: list[Line] = []
        self._writer = pq.ParquetWriter(
            path, schema, compression=packed, write_statistics=False, store_schema=True
        )

    def write(self, row: Line | Record) -> Line:
        """Write a row; returns it as plain values."""
        line = row.model_dump() if isinstance(row, Record) else row
        name = self._group_of
        if name and self._rows and self._rows[-1][name] != line[name]:
            self._flush()
        self._rows.append(line)
        if len(self._rows) >= self._group_rows:
            self._flush()
        return line

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
            self._rows = []

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
        self._writer.close()


def leaves(schema: pa.Schema) -> list[str]:
    """Dotted paths of the physical columns, as Parquet names them."""

    def below(prefix: str, kind: pa.DataType) -> Iterator[str]:
        if pa.types.is_struct(kind):
            for inner in kind:
                yield from below(f"{prefix}.{inner.name}", inner.type)
        elif pa.types.is_list(kind):
            yield from below(f"{prefix}.list.element", kind.value_type)
        else:
            yield prefix

    return [leaf for column in schema for leaf in below(column.name, column.type)]


def _holds_pictures(schema: pa.Schema, leaf: str) -> bool:
    kind = schema.field(leaf.split(".")[0]).type
    if leaf.endswith(".bytes"):
        return True
    return bool(pa.types.is_binary(kind)) and "scene" not in leaf


def read_rows(
    url: str,
    columns: Sequence[str] | None = None,
    batch_rows: int = BATCH_ROWS,
    required: Sequence[str] = (),
) -> Iterator[Line]:
    """Rows of a shard, a few in memory at a time; of `columns`, only `required` ones must be there.

    Raises:
        SchemaMismatch: there is no such shard, or another program or version wrote it.
    """
    with open_shard(url) as file:
        parquet = parquet_of(file, url, required)
        written = (parquet.schema_arrow.metadata or {}).get(b"vermillion", b"").decode()
        if written not in ("", str(VERSION)):
            raise SchemaMismatch(
                f"{url}: records of version {written}; this program reads version {VERSION}. Pull the "
                "samples, or build the dataset, again"
            )
        # If all groups are requested at once, Arrow reads the whole file ahead.
        for group in range(parquet.num_row_groups):
            for batch in parquet.iter_batches(batch_rows, row_groups=[group], columns=columns):
                yield from batch.to_pylist()


def parquet_of(file: BinaryIO, url: str, columns: Sequence[str] = ()) -> pq.ParquetFile:
    """An open file as Parquet; ``url`` says where it stands, ``columns`` what it must have.

    Raises:
        SchemaMismatch: it is no Parquet file, is cut off, or lacks a column.
    """
    try:
        parquet = pq.ParquetFile(file)
    except pa.ArrowInvalid as error:
        raise SchemaMismatch(
            f"{url}: cut off, or no Parquet file ({error}); restore it, or remove it and build again"
        ) from error
    wanted = dict.fromkeys(name.split(".")[0] for name in columns)
    if absent := [name for name in wanted if name not in parquet.schema_arrow.names]:
        raise SchemaMismatch(
            f"{url}: has no column {', '.join(absent[:3])}; give a file that this program wrote"
        )
    return parquet


@contextmanager
def open_shard(url: str) -> Iterator[BinaryIO]:
    """A shard as a file to read; a small one of an object store is read by one request, as a whole.

    Raises:
        SchemaMismatch: there is no such shard.
    """
    data = nearby.kept(url)
    if data is not None:
        yield io.BytesIO(data)
        return
    try:
        opened = fsspec.open(url, "rb").open()
    except FileNotFoundError as error:
        raise SchemaMismatch(f"{url}: no such shard; run the stage that writes it") from error
    with opened as file:
        # Of an object store, footer and columns would be a request each.
        local = isinstance(file, LocalFileOpener)
        if local or getattr(file, "size", READ_WHOLE + 1) > READ_WHOLE:
            yield file
            return
        data = file.read()
    nearby.keep(url, data)
    yield io.BytesIO(data)


def read_rejects(output: str) -> Iterator[Reject]:
    """Read the rejects of the stage that wrote ``output``; where it lost nothing there is no file."""
    if exists(rejects_url(output)):
        for row in read_rows(rejects_url(output)):
            yield Reject(**row)


def count_rows(url: str) -> int:
    """Number of rows, from the file's footer."""
    with fsspec.open(url, "rb") as file:
        return int(parquet_of(file, url).metadata.num_rows)


def read_report(output: str) -> ShardReport | None:
    """The report beside a shard, or None if it is not finished; `SchemaMismatch` for one with other fields."""
    text = read_small(_beside(output, ".report.json"))
    try:
        return None if text is None else ShardReport(**json.loads(text))
    except (TypeError, ValueError) as error:
        told = f"{output}: another version of this program wrote its report; remove its folder"
        raise SchemaMismatch(told) from error


def write_report(report: ShardReport) -> None:
    """Write the completion mark."""
    write_text(_beside(report.output, ".report.json"), json.dumps(asdict(report), indent=1) + "\n")


@lru_cache
def code_version(*packages: str, only: frozenset[Modality] = ALL_MODALITIES) -> str:
    """Hash of the Python files of packages, used as the version of a stage's code.

    A result is reused only if the code that made it is unchanged. Folders named after a modality
    that is not in ``only`` are left out.
    """
    others = {str(modality) for modality in ALL_MODALITIES - only}
    digest = hashlib.sha256()
    for package in packages:
        spec = find_spec(package)
        for folder in map(Path, (spec and spec.submodule_search_locations) or []):
            for file in sorted(folder.rglob("*.py")):
                if others.intersection(file.relative_to(folder).parts):
                    continue
                digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def modalities_of(reports: Iterable[ShardReport]) -> frozenset[Modality]:
    """The modalities of the rows in finished shards."""
    return frozenset(Modality(name) for report in reports for name in report.modalities)


def rejects_url(output: str) -> str:
    """URL of the rejects of a shard."""
    return _beside(output, ".rejects.parquet")


def _beside(output: str, suffix: str) -> str:
    return output.removesuffix(".parquet") + suffix


def finished(url: str) -> ShardReport:
    """The report of a shard; `SchemaMismatch` if it is not finished."""
    report = read_report(url)
    if report is None:
        raise SchemaMismatch(f"{url}: no finished shard; run the stage that writes it")
    return report


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(cast(Any, file), "sha256").hexdigest()

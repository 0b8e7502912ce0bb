"""The implementation of a stage: its columns, its section of the settings, its rows, its version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa

from records.columns import schema_of
from records.config import BuildConfig, fingerprint
from records.rows import Record
from records.shards import ShardReport, code_version, finished, modalities_of, run_shard
from records.stages import Stage

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Files:
    """The shards of one run of a stage."""

    inputs: Mapping[str, str]
    """URL of the input shard by the stage that wrote it."""
    output: str


def _as_it_is(report: ShardReport) -> ShardReport:
    return report


@dataclass(frozen=True, slots=True)
class Work(Generic[S]):
    """The implementation of a stage.

    Attributes:
        stage: Which one.
        writes: Records that become the rows of its shards.
        section: The part of a build's settings that it reads; it sees no other.
        rows: Function from ``(files, section)`` to records and rejects; it may be killed at any moment.
        rooms: Packages whose code affects the result. Folders of other modalities are left out: a
            change in ``renderers/table`` does not redo charts.
        decides: Fingerprint of the settings in the section that affect the result.
        judged: The report as its bound is held against it.
        group_of: Column that does not change within a row group of what is written; empty for none.
    """

    stage: Stage
    writes: type[Record]
    section: Callable[[BuildConfig], S]
    rows: Callable[[Files, S], Iterator[Record]]
    rooms: tuple[str, ...]
    decides: Callable[[S], str] = fingerprint
    judged: Callable[[ShardReport], ShardReport] = _as_it_is
    group_of: str = ""

    @property
    def schema(self) -> pa.Schema:
        """Columns of the shards that it writes."""
        return schema_of(self.writes)

    def run(self, files: Files, section: S) -> ShardReport:
        """Write the output shard, or do nothing if it is already written.

        Losses are judged over the whole run, not here: a shard is too small for that.

        Args:
            files: Shards to read and the one to write.
            section: The part of the settings that this stage reads.

        Raises:
            SchemaMismatch: an input is missing or of another version of the records.
        """
        inputs = [files.inputs[name] for name in self.stage.inputs if name in files.inputs]
        reports = [finished(url) for url in inputs]
        settings = fingerprint(
            self.decides(section), code_version(*self.rooms, only=modalities_of(reports))
        )
        return run_shard(
            self.stage.name,
            inputs,
            files.output,
            self.schema,
            settings,
            lambda: self.rows(files, section),
            self.group_of,
            reports,
        )

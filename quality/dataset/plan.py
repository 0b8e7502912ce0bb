"""Plans a dataset: the split and part file of every row, or the reason why it is left out.

The plan is computed from the indexes of all checked shards, before a picture is read. Splits are
assigned by sample, and samples with equal pictures go together, so that no sample or picture is in
two splits.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quality.format.schema import SPLITS
from quality.rules.contamination import HeldOut, ProgramDigests
from quality.rules.dedup import PairDigests
from records.errors import GateError, SchemaMismatch
from records.files import atomic_file
from records.rows import Reject, content_id

STAGE = "publish"
LEFT_OUT = -1
"""Value of `Plan.split` for a row that is left out."""
_DIFFERENT = ("id", "pair_key", "near_key")
_SHARED = (
    *("sample_id", "task", "reserved", "reference_hash"),
    *("code_digest", "words_digest", "upstream_hash"),
)
"""Columns whose text several rows share: it is held once."""
PLANNED = (*_DIFFERENT, *_SHARED, "reference_light", "reference_width_px", "reference_height_px")
"""Columns of the index that decide the plan."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the samples per split; the rest is for training."""

    validation: float = 0.05
    test: float = 0.05
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PartFile:
    """One Parquet file of the dataset."""

    name: str
    """Relative to the dataset: train/part-00000.parquet."""
    split: str
    rows: NDArray[np.int64]
    """Row numbers, counted through all of `Plan.shards`, in order."""


@dataclass(frozen=True)
class Plan:
    """The rows of all checked shards, numbered consecutively, and the destination of each."""

    shards: tuple[str, ...]
    """URLs in the order in which their rows are numbered."""
    starts: tuple[int, ...]
    """Number of the first row of each shard; the last entry is the number of all rows."""
    split: NDArray[np.int8]
    """Index in `SPLITS` of each row, or `LEFT_OUT`."""
    shown: NDArray[np.bool_]
    """Marks rows that card and gallery show; their pictures are also stored separately."""
    rows_per_file: int
    rows_per_group: int
    rejects: tuple[Reject, ...] = ()
    """Rows left out, and why."""
    reserved: dict[str, int] = field(default_factory=dict)
    """Rows of each benchmark part that were kept out of training; they are in `test`."""

    @property
    def rows(self) -> int:
        """Number of rows before any is left out."""
        return self.starts[-1]

    @property
    def published(self) -> int:
        """Number of rows in the dataset."""
        return int((self.split != LEFT_OUT).sum())

    @cached_property
    def files(self) -> tuple[PartFile, ...]:
        """The files of the dataset. Each split has at least one, since trainers name all three."""
        files = []
        for place, split in enumerate(SPLITS):
            rows = np.flatnonzero(self.split == place)
            for number, at in enumerate(range(0, max(1, len(rows)), self.rows_per_file)):
                name = f"{split}/part-{number:05d}.parquet"
                files.append(PartFile(name, split, rows[at : at + self.rows_per_file]))
        return tuple(files)

    def rows_by_shard(self, rows: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Indices of the shards that contain some of these rows, in order, and the rows of each."""
        cuts = np.searchsorted(rows, self.starts)
        for number, (first, after) in enumerate(pairwise(cuts.tolist())):
            if after > first:
                yield number, rows[first:after]

    def save(self, url: str) -> None:
        """Write the plan for the tasks that write part files; about 1 byte per row."""
        fields = {
            "shards": self.shards,
            "starts": self.starts,
            "rows_per_file": self.rows_per_file,
            "rows_per_group": self.rows_per_group,
            "rejects": [reject.model_dump() for reject in self.rejects],
            "reserved": self.reserved,
        }
        table = pa.table({"split": self.split, "shown": self.shown})
        with atomic_file(url) as local:
            pq.write_table(table.replace_schema_metadata({"plan": json.dumps(fields)}), local)

    @classmethod
    def load(cls, url: str) -> Plan:
        """Read a plan that `save` wrote.

        Raises:
            SchemaMismatch: there is none.
        """
        try:
            with fsspec.open(url, "rb") as file:
                table = pq.read_table(file)
        except FileNotFoundError as error:
            raise SchemaMismatch(f"{url}: no plan of a dataset; plan it first") from error
        fields = json.loads(table.schema.metadata[b"plan"])
        return cls(
            **{
                **fields,
                "shards": tuple(fields["shards"]),
                "starts": tuple(fields["starts"]),
                "rejects": tuple(Reject(**reject) for reject in fields["rejects"]),
            },
            split=table.column("split").to_numpy(),
            shown=table.column("shown").to_numpy(),
        )


def make_plan(
    shards: Sequence[str],
    starts: Sequence[int],
    lines: Iterable[pa.Table],
    shares: Shares,
    held_out: HeldOut | None = None,
    rows_per_file: int = 4096,
    rows_per_group: int = 64,
) -> Plan:
    """Plan all rows; uses about 100 bytes of memory per row and 500 per sample.

    Args:
        shards: URLs of the checked shards.
        starts: Number of the first row of each, and of all rows.
        lines: The lines of all rows, with the columns `PLANNED`, in tables of any size.
        shares: Shares of the samples per split.
        held_out: Benchmarks to keep out of training, beside the reserved samples of the sources.
        rows_per_file: Most rows of a part file.
        rows_per_group: Rows of its row groups.
    """
    looks = held_out is not None and held_out.has_pictures
    keys, lights = _keys(lines, looks)
    samples = _Samples.of(keys)
    contaminated = samples.contaminated(held_out, lights)
    reasons = _reasons(keys, samples, contaminated)
    kept = np.ones(len(keys), dtype=bool)
    kept[list(reasons)] = False
    split_of = assign(*samples.kept(kept), shares)
    # Samples without a kept row have no split.
    places = np.array(
        [SPLITS.index(split_of[id_]) if id_ in split_of else LEFT_OUT for id_ in samples.ids],
        dtype=np.int8,
    )
    split = np.where(kept, places[samples.of_row], np.int8(LEFT_OUT)) if len(keys) else places
    reserved = Counter(keys.column("reserved").filter(pa.array(kept)).to_pylist())
    ids = keys.column("id")
    return Plan(
        shards=tuple(shards),
        starts=tuple(starts),
        split=split,
        shown=np.zeros(len(keys), dtype=bool),
        rows_per_file=rows_per_file,
        rows_per_group=rows_per_group,
        rejects=tuple(
            Reject(stage=STAGE, reason=error.reason, item_id=ids[row].as_py(), detail=error.detail)
            for row, error in sorted(reasons.items())
        ),
        reserved=dict(sorted((name, rows) for name, rows in reserved.items() if name)),
    )


def _keys(
    lines: Iterable[pa.Table], looks: bool
) -> tuple[pa.Table, dict[str, tuple[bytes, tuple[int, int]]]]:
    """The columns of all rows that decide the plan, and reference previews by sample."""
    tables = []
    lights: dict[str, tuple[bytes, tuple[int, int]]] = {}
    for table in lines:
        columns = {name: table.column(name) for name in _DIFFERENT}
        columns |= {name: table.column(name).dictionary_encode() for name in _SHARED}
        tables.append(pa.table(columns))
        if looks:
            described = table.filter(pc.field("reference_light").is_valid())
            for line in described.to_pylist():
                size_px = (line["reference_width_px"], line["reference_height_px"])
                lights.setdefault(line["sample_id"], (line["reference_light"], size_px))
    return pa.concat_tables(tables).unify_dictionaries(), lights


@dataclass(frozen=True)
class _Samples:
    """The samples of all rows, numbered in order of occurrence."""

    ids: list[str]
    of_row: NDArray[np.int64]
    """Number of each row's sample."""
    first: pa.Table
    """The first row of each sample: the columns `_SHARED`."""

    @classmethod
    def of(cls, keys: pa.Table) -> _Samples:
        column = keys.column("sample_id")
        if not len(column):
            return cls([], np.zeros(0, dtype=np.int64), keys.select(_SHARED))
        of_row = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])
        _, first = np.unique(of_row, return_index=True)
        ids = column.chunk(0).dictionary.to_pylist()
        return cls(ids, of_row.astype(np.int64), keys.select(_SHARED).take(first))

    def lines(self) -> Iterator[dict[str, Any]]:
        """The first row of each sample, some in memory at a time."""
        for batch in self.first.to_batches(1024):
            yield from batch.to_pylist()

    def contaminated(
        self, held_out: HeldOut | None, lights: dict[str, tuple[bytes, tuple[int, int]]]
    ) -> NDArray[np.object_]:
        """By which evidence each sample belongs to a benchmark: code, text, picture, or empty."""
        inside = HeldOut()
        for line in self.lines():
            if line["reserved"]:
                inside.add_program(ProgramDigests(line["code_digest"], line["words_digest"]))
                inside.pixel_hashes |= {line["upstream_hash"]} - {""}
        known = [inside, *([held_out] if held_out else [])]
        found = np.full(len(self.ids), "", dtype=object)
        for number, line in enumerate(self.lines()):
            if line["reserved"]:
                continue
            program = ProgramDigests(line["code_digest"], line["words_digest"])
            how = next(filter(None, (held.match_program(program) for held in known)), "")
            if not how and any(line["upstream_hash"] in held.pixel_hashes for held in known):
                how = "picture"
            if not how and held_out:
                look = lights.get(line["sample_id"], (b"", (1, 1)))
                how = held_out.match_picture(line["reference_hash"], *look)
            found[number] = how
        return found

    def kept(self, rows: NDArray[np.bool_]) -> tuple[dict[str, str], dict[str, str], set[str]]:
        """Reference hash and modality of each sample with a kept row, and the reserved samples."""
        kept = np.zeros(len(self.ids), dtype=bool)
        kept[self.of_row[rows]] = True
        pictures: dict[str, str] = {}
        modality_of: dict[str, str] = {}
        reserved = set()
        for id_, line, is_kept in zip(self.ids, self.lines(), kept.tolist(), strict=True):
            if is_kept:
                pictures[id_], modality_of[id_] = line["reference_hash"], sys.intern(line["task"])
            if line["reserved"]:
                reserved.add(id_)
        return pictures, modality_of, reserved


def _reasons(
    keys: pa.Table, samples: _Samples, contaminated: NDArray[np.object_]
) -> dict[int, GateError]:
    """Reasons of the rows that are left out, by row number."""
    how = contaminated[samples.of_row] if len(keys) else contaminated
    reasons = {
        int(row): GateError(f"contaminated_{how[row]}", "its reference belongs to a benchmark")
        for row in np.flatnonzero(how != "")
    }
    # Only rows that share a key with another can be duplicates; the others are not stored.
    suspect = np.zeros(len(keys), dtype=bool)
    for name in _DIFFERENT:
        suspect |= _repeated(keys.column(name), how == "")
    seen = PairDigests()
    rows = np.flatnonzero(suspect)
    suspects = keys.select(_DIFFERENT).take(rows).to_pylist()
    for row, line in zip(rows.tolist(), suspects, strict=True):
        try:
            seen.check(line["id"], line["pair_key"], line["near_key"])
        except GateError as error:
            reasons[row] = error
    return reasons


def _repeated(column: pa.ChunkedArray, free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marks free rows whose value occurs in more than one of them, and hardly any other; no null."""
    if not len(column):
        return free
    digests = np.concatenate(
        [
            pd.util.hash_array(batch.column(0).to_numpy(zero_copy_only=False))
            for batch in pa.table({"value": column}).to_batches(4096)
        ]
    )
    counted = free & column.is_valid().to_numpy()
    values, counts = np.unique(digests[counted], return_counts=True)
    found: NDArray[np.bool_] = counted & np.isin(digests, values[counts > 1])
    return found


def assign(
    pictures: dict[str, str], modality_of: dict[str, str], reserved: set[str], shares: Shares
) -> dict[str, str]:
    """Assign a split to each sample.

    The hash of its id decides, so adding samples or changing a renderer moves no other sample.
    Samples with equal pictures follow the lowest hash among them; reserved ones go to test. If a
    modality has at least three pictures and a split gets none, the picture nearest to its threshold
    moves there.

    Args:
        pictures: Reference pixel hash of each sample id.
        modality_of: Modality of each sample id.
        reserved: Sample ids that belong to a benchmark.
        shares: How many to set aside.
    """
    kept_back = {pictures[sample_id] for sample_id in reserved if sample_id in pictures}
    draws: dict[str, float] = {}
    for sample_id, picture in pictures.items():
        draws[picture] = min(_draw(sample_id, shares.seed), draws.get(picture, 1.0))
    groups: dict[str, set[str]] = defaultdict(set)
    for sample_id, picture in pictures.items():
        groups[modality_of[sample_id]].add(picture)
    split_of: dict[str, str] = {}
    for modality in sorted(groups):
        free = sorted(groups[modality] - kept_back, key=lambda picture: (draws[picture], picture))
        split_of |= dict.fromkeys(groups[modality] & kept_back, "test")
        chosen = {picture: _by_share(draws[picture], shares) for picture in free}
        if len(free) >= len(SPLITS):
            _fill(chosen, free, shares)
        split_of |= chosen
    return {sample_id: split_of[picture] for sample_id, picture in pictures.items()}


def _fill(chosen: dict[str, str], free: Sequence[str], shares: Shares) -> None:
    # `free` is sorted by hash: test takes the lowest, validation the next.
    wanted: Iterable[tuple[str, float, int]] = (
        ("test", shares.test, 0),
        ("validation", shares.validation, 1),
        ("train", 1 - shares.test - shares.validation, len(free) - 1),
    )
    for split, share, position in wanted:
        if share > 0 and split not in chosen.values():
            chosen[free[position]] = split


def _by_share(draw: float, shares: Shares) -> str:
    if draw < shares.test:
        return "test"
    return "validation" if draw < shares.test + shares.validation else "train"


def _draw(sample_id: str, seed: int) -> float:
    return int(content_id("split", str(seed), sample_id)[:12], 16) / 16**12

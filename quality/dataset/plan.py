"""Plans a dataset: the split and part file of every row, or the reason why it is left out.

The plan is computed from the indexes of all checked shards, before a picture is read. Splits are
assigned by sample, and samples with equal pictures go together, so that no sample or picture is in
two splits.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quality.dataset.index import INDEX
from quality.format.schema import SPLITS
from quality.rules.contamination import HeldOut, ProgramDigests
from quality.rules.dedup import PairDigests
from records.errors import GateError, SchemaMismatch
from records.files import atomic_file
from records.rows import Reject, content_id

STAGE = "publish"
LEFT_OUT = -1
"""Value of `Plan.split` for a row that is left out."""
_KEYS = (
    *("id", "task", "sample_id", "reserved", "reference_hash", "pair_key", "near_key"),
    *("code_digest", "words_digest", "upstream_hash"),
)


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
    indexes: Iterable[pa.Table],
    shares: Shares,
    held_out: HeldOut | None = None,
    rows_per_file: int = 4096,
    rows_per_group: int = 64,
) -> Plan:
    """Plan all rows; uses about 100 bytes of memory per row.

    Args:
        shards: URLs of the checked shards.
        indexes: Their indexes, in the same order.
        shares: Shares of the samples per split.
        held_out: Benchmarks to keep out of training, beside the reserved samples of the sources.
        rows_per_file: Most rows of a part file.
        rows_per_group: Rows of its row groups.
    """
    looks = held_out is not None and held_out.has_pictures
    keys, lights, starts = _keys(indexes, looks)
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
    indexes: Iterable[pa.Table], looks: bool
) -> tuple[pa.Table, dict[str, tuple[bytes, tuple[int, int]]], list[int]]:
    """The columns of all rows that decide the plan, reference previews by sample, and starts of shards."""
    tables, starts = [], [0]
    lights: dict[str, tuple[bytes, tuple[int, int]]] = {}
    for table in indexes:
        starts.append(starts[-1] + len(table))
        tables.append(table.select(_KEYS))
        if looks:
            described = table.filter(pc.field("reference_light").is_valid())
            for line in described.to_pylist():
                size_px = (line["reference_width_px"], line["reference_height_px"])
                lights.setdefault(line["sample_id"], (line["reference_light"], size_px))
    schema = pa.schema([INDEX.field(name) for name in _KEYS])
    keys = pa.concat_tables(tables or [schema.empty_table()])
    for at, name in enumerate(_KEYS):
        if name not in ("id", "pair_key", "near_key"):
            keys = keys.set_column(at, name, keys.column(name).dictionary_encode())
    return keys.combine_chunks(), lights, starts


@dataclass(frozen=True)
class _Samples:
    """The samples of all rows, numbered in order of occurrence."""

    ids: list[str]
    of_row: NDArray[np.int64]
    """Number of each row's sample."""
    lines: list[dict[str, Any]]
    """The first row of each sample."""

    @classmethod
    def of(cls, keys: pa.Table) -> _Samples:
        if not len(keys):
            return cls([], np.zeros(0, dtype=np.int64), [])
        column = keys.column("sample_id").unify_dictionaries().combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        of_row = column.indices.to_numpy().astype(np.int64)
        _, first = np.unique(of_row, return_index=True)
        names = ("task", "reserved", "reference_hash", "code_digest", "words_digest")
        lines = keys.select((*names, "upstream_hash")).take(first).to_pylist()
        return cls(column.dictionary.to_pylist(), of_row, lines)

    def contaminated(
        self, held_out: HeldOut | None, lights: dict[str, tuple[bytes, tuple[int, int]]]
    ) -> NDArray[np.object_]:
        """By which evidence each sample belongs to a benchmark: code, text, picture, or empty."""
        inside = HeldOut()
        for line in self.lines:
            if line["reserved"]:
                inside.add_program(ProgramDigests(line["code_digest"], line["words_digest"]))
                inside.pixel_hashes |= {line["upstream_hash"]} - {""}
        known = [inside, *([held_out] if held_out else [])]
        found = np.full(len(self.ids), "", dtype=object)
        for number, (id_, line) in enumerate(zip(self.ids, self.lines, strict=True)):
            if line["reserved"]:
                continue
            program = ProgramDigests(line["code_digest"], line["words_digest"])
            how = next(filter(None, (held.match_program(program) for held in known)), "")
            if not how and any(line["upstream_hash"] in held.pixel_hashes for held in known):
                how = "picture"
            if not how and held_out:
                how = held_out.match_picture(
                    line["reference_hash"], *lights.get(id_, (b"", (1, 1)))
                )
            found[number] = how
        return found

    def kept(self, rows: NDArray[np.bool_]) -> tuple[dict[str, str], dict[str, str], set[str]]:
        """Reference hash and modality of each sample with a kept row, and the reserved samples."""
        numbers = sorted(set(self.of_row[rows].tolist()))
        pictures = {self.ids[n]: self.lines[n]["reference_hash"] for n in numbers}
        modality_of = {self.ids[n]: self.lines[n]["task"] for n in numbers}
        reserved = {id_ for id_, line in zip(self.ids, self.lines, strict=True) if line["reserved"]}
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
    free = np.flatnonzero(how == "")
    # Only rows that share a key with another can be duplicates; the others are not stored.
    suspect = np.zeros(len(keys), dtype=bool)
    for name in ("id", "pair_key", "near_key"):
        suspect[free] |= _repeated(keys.column(name).take(free))
    seen = PairDigests()
    rows = np.flatnonzero(suspect)
    for row, line in zip(
        rows.tolist(),
        keys.select(("id", "pair_key", "near_key")).take(rows).to_pylist(),
        strict=True,
    ):
        try:
            seen.check(line["id"], line["pair_key"], line["near_key"])
        except GateError as error:
            reasons[row] = error
    return reasons


def _repeated(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Marks rows whose value occurs more than once; null values are never marked."""
    codes = column.combine_chunks().dictionary_encode()
    codes = codes.chunk(0) if isinstance(codes, pa.ChunkedArray) else codes
    numbers = codes.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    counts = np.bincount(numbers + 1, minlength=1)
    found: NDArray[np.bool_] = (numbers >= 0) & (counts[numbers + 1] > 1)
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

"""Who goes into which split, and who into none: decided before a row is written.

A first pass over the light columns of all checked shards. Splits follow the sample, and samples
that draw the same picture go together, so nothing straddles.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from quality.dataset.schema import SPLITS, Row
from quality.rules.contamination import HeldOut
from quality.rules.dedup import KEY_COLUMNS, Seen
from records.errors import GateError
from records.rows import Reject, content_id
from records.shards import read_rows
from records.taxonomy import Language

STAGE = "publish"
_PLAN_COLUMNS = tuple(
    dict.fromkeys((*KEY_COLUMNS, "task", "reserved", "language", "reference_code"))
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the samples; what is left is trained on."""

    validation: float = 0.05
    test: float = 0.05
    seed: int = 0


@dataclass
class Plan:
    """What becomes of every row."""

    splits: dict[str, str] = field(default_factory=dict)
    """Split of each sample id."""
    rejects: dict[str, Reject] = field(default_factory=dict)
    """Rows left out, by position ``shard number:row number``."""
    reserved: dict[str, int] = field(default_factory=dict)
    """Rows of each benchmark part that were kept out of training; they are in `test`."""
    rows: int = 0
    """Rows seen."""

    def split(self, shard: int, row: int, sample_id: str) -> str:
        """Split of a row; the empty string where it is left out."""
        return "" if f"{shard}:{row}" in self.rejects else self.splits[sample_id]


def plan_splits(parts: Sequence[str], shares: Shares, held_out: HeldOut | None = None) -> Plan:
    """Read ids, hashes and codes of all rows, and decide.

    Memory grows by some 500 bytes a row and never holds a picture, except one at a time where
    benchmark folders are held out.

    Raises:
        SchemaMismatch: a part is missing or of another version.
    """
    plan = Plan()
    seen = Seen()
    pictures: dict[str, str] = {}
    reserved: dict[str, str] = {}
    modality_of: dict[str, str] = {}
    verdicts: dict[str, str] = {}
    inside = HeldOut()
    for part in parts:
        for row in read_rows(part, ["sample_id", "reserved", "language", "reference_code"]):
            if row["reserved"] and row["sample_id"] not in reserved:
                reserved[row["sample_id"]] = row["reserved"]
                inside.add_code(row["reference_code"], Language(row["language"]))
    columns = [*_PLAN_COLUMNS, *(["images"] if held_out else [])]
    reserved_rows: Counter[str] = Counter()
    for shard, part in enumerate(parts):
        for number, row in enumerate(read_rows(part, columns)):
            plan.rows += 1
            sample_id = row["sample_id"]
            if sample_id not in verdicts:
                verdicts[sample_id] = "" if row["reserved"] else _held(row, inside, held_out)
            try:
                if how := verdicts[sample_id]:
                    raise GateError(f"contaminated_{how}", "its reference belongs to a benchmark")
                seen.check(row)
            except GateError as error:
                plan.rejects[f"{shard}:{number}"] = Reject(
                    stage=STAGE, reason=error.reason, item_id=row["id"], detail=error.detail
                )
                continue
            pictures.setdefault(sample_id, row["reference_hash"])
            modality_of.setdefault(sample_id, row["task"])
            if row["reserved"]:
                reserved_rows[row["reserved"]] += 1
    plan.reserved = dict(sorted(reserved_rows.items()))
    plan.splits = assign(pictures, modality_of, set(reserved), shares)
    return plan


def assign(
    pictures: dict[str, str], modality_of: dict[str, str], reserved: set[str], shares: Shares
) -> dict[str, str]:
    """Split of each sample.

    The hash of its id decides, so adding samples moves no other and a new version of a renderer
    moves none; samples of equal pictures follow the lowest draw among them; reserved ones are
    tested on. Where a modality has three pictures or more and chance leaves
    a split without any, the one that came closest moves there.

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
    # `free` is in the order of the draws: test takes the lowest, validation the next above.
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


def _held(row: Row, inside: HeldOut, held_out: HeldOut | None) -> str:
    language = Language(row["language"])
    if how := inside.match_code(row["reference_code"], language):
        return how
    if held_out is None:
        return ""
    if how := held_out.match_code(row["reference_code"], language):
        return how
    return held_out.match_picture(row["images"][0]["bytes"], row["reference_hash"])

"""Checked shards become a dataset that a trainer reads as it is.

Two passes with flat memory: the first reads ids and hashes and decides what goes where
(`quality.dataset.splits`), the second copies rows, as Arrow, into Parquet files of small row groups. Equal
inputs give equal bytes; a second run finds them and does nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from quality.dataset.card import PREVIEW, Examples, write_card
from quality.dataset.draft import Draft
from quality.dataset.llamafactory import write_dataset_info
from quality.dataset.manifest import FORMAT, dump, read_manifest, stands
from quality.dataset.part_files import PUBLISHED, SplitWriter
from quality.dataset.schema import SCHEMA, SPLITS, Row
from quality.dataset.splits import Plan, Shares, plan_splits
from quality.dataset.versions import home_of, require_unwritten, set_latest, version_for
from quality.expect.expectations import Bounds
from quality.expect.frame import FRAME_COLUMNS, frames_of
from quality.expect.suite import validate
from quality.gallery import build_gallery, draw_preview
from quality.read.inspect import read_dataset
from quality.read.tally import TALLY_COLUMNS, Tally
from quality.rules.contamination import HeldOut
from records.config import CorruptionMix, PublishConfig, QualityConfig, fingerprint
from records.errors import ConfigError, RendererUnavailable, SchemaMismatch
from records.rows import VERSION, Reject
from records.shards import REJECTS as REJECTS_SCHEMA
from records.shards import ShardWriter, code_version, read_rows

logger = logging.getLogger(__name__)

REJECTS_FILE = "rejects/part-00000.parquet"


@dataclass(frozen=True, slots=True)
class Meta:
    """What a dataset says about its making."""

    settings: PublishConfig = field(default_factory=PublishConfig)
    quality: QualityConfig = field(default_factory=QualityConfig)
    mix: CorruptionMix | None = None
    """What was asked of the corruptors: a narrowed mix may be one-sided."""
    seed: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)
    """The build configuration as plain values; shown on the card."""
    config_hash: str = ""
    rejects: Sequence[str] = ()
    """URLs of the Parquet files of rejects that the stages left."""
    held_out: Sequence[str] = ()
    """Folders of benchmarks that must not be trained on."""
    data_docs: bool = True
    """Publish the pages of Great Expectations."""
    gallery_pairs: int = 2000
    """Most pairs that the gallery shows; spread over the whole dataset."""


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset that stands."""

    path: str
    manifest: Mapping[str, Any]
    skipped: bool
    """True where it stood already as the latest version, made of the same inputs."""

    @property
    def rows(self) -> int:
        return int(self.manifest["counts"]["rows"])

    @property
    def splits(self) -> dict[str, int]:
        """Rows of each split."""
        return {name: split["rows"] for name, split in self.manifest["counts"]["splits"].items()}

    @property
    def rejects(self) -> int:
        return sum(sum(reasons.values()) for reasons in self.manifest["rejects"].values())


def publish(
    parts: Sequence[str], root: str, name: str, version: str, meta: Meta | None = None
) -> Published:
    """Write `<root>/datasets/<name>/<version>` once, or find that it is there.

    Args:
        parts: URLs of checked shards: Parquet with the columns of `quality.dataset.schema.SCHEMA`.
        root: Folder or fsspec URL.
        name: Name of the dataset.
        version: Its version; empty names it by date and inputs.
        meta: Settings, rejects of earlier stages, and what is held out.

    Raises:
        ConfigError: no shard was given, a held-out folder is missing, or the version stands and was
            made of other inputs.
        SchemaMismatch: a shard is missing or has other columns.
        BoundPassed: the finished dataset fails its expectations; nothing is published.
        GalleryBroken: a browser is here and the gallery does not work in it.
    """
    meta = meta or Meta()
    if not parts:
        raise ConfigError(f"dataset {name}: no checked shard to publish; run the build first")
    digests = {part: _sha256(part) for part in parts}
    for part in digests:
        _check_columns(part)
    # By content, not by name: the order of rows does not depend on where the shards lie.
    ordered = sorted(set(parts), key=lambda part: digests[part])
    held_out = HeldOut.of(meta.held_out) if meta.held_out else None
    inputs = _fingerprint([digests[part] for part in ordered], meta, held_out)
    home = home_of(root, name)
    version = version or version_for(home, inputs)
    url = f"{home}/{version}"
    require_unwritten(url, inputs)
    if (manifest := read_manifest(url)) and stands(url, manifest, inputs):
        return Published(url, manifest, skipped=not set_latest(home, version))
    shares = Shares(meta.settings.validation_share, meta.settings.test_share, meta.seed)
    plan = plan_splits(ordered, shares, held_out)
    with Draft(url) as draft:
        examples = Examples()
        tally = _write_rows(ordered, plan, draft, meta.settings, examples)
        if not tally.rows:
            raise ConfigError(
                f"dataset {name} {version}: none of {plan.rows} rows is left to publish; see why in "
                f"the rejects of the build: {_reasons(plan)}"
            )
        rejects = _write_rejects(meta.rejects, plan, draft)
        facts: dict[str, Any] = {
            "format": FORMAT,
            "records_version": VERSION,
            "name": name,
            "version": version,
            "inputs": inputs,
            "config_hash": meta.config_hash,
            "config": dict(meta.config),
            "seed": meta.seed,
            "style": meta.settings.style,
            "pages": [
                f"{folder}/index.html"
                for folder, made in (
                    ("data_docs", meta.data_docs),
                    ("gallery", meta.settings.gallery),
                )
                if made
            ],
            "columns": SCHEMA.names,
            "counts": tally.to_json(),
            "rejects": rejects,
            "held_back": {
                "reserved_rows_in_test": plan.reserved,
                "contaminated_rows": dict(
                    sorted(
                        Counter(
                            reject.reason
                            for reject in plan.rejects.values()
                            if reject.reason.startswith("contaminated")
                        ).items()
                    )
                ),
                "held_out_folders": len(meta.held_out),
            },
        }
        _check_whole(draft, meta, rejects, f"dataset {name} {version}")
        if meta.settings.gallery:
            page = build_gallery(
                draft.readable, str(draft.path("gallery")), meta.gallery_pairs, facts
            )
            # Opened from this disk: to an object store, finished files are gone from here.
            facts["preview"] = meta.settings.preview and _preview(page, draft)
            draft.finish_folder("gallery")
        write_card(facts, examples.rows, draft)
        write_dataset_info(facts["counts"]["splits"], draft)
        facts["files"] = [file.to_json() for file in draft.files]
        draft.publish(dump(facts))
    set_latest(home, version)
    return Published(url, facts, skipped=False)


def _preview(page: Path, draft: Draft) -> bool:
    """Whether a browser showed the gallery; then its picture is in the draft."""
    try:
        draw_preview(page, draft.path(PREVIEW))
    except RendererUnavailable as error:
        logger.warning("the gallery was not opened to see that it works: %s", error)
        return False
    draft.finish(PREVIEW)
    return True


_READ_COLUMNS = ("id", *TALLY_COLUMNS)


def _write_rows(
    parts: Sequence[str], plan: Plan, draft: Draft, settings: PublishConfig, examples: Examples
) -> Tally:
    tally = Tally()
    writers = {split: SplitWriter(split, draft, settings) for split in SPLITS}
    for shard, part in enumerate(parts):
        at = 0
        for table in _tables(part):
            ids = table.column("sample_id").to_pylist()
            chosen = [plan.split(shard, at + row, sample) for row, sample in enumerate(ids)]
            at += len(ids)
            place = table.schema.get_field_index("split")
            table = table.set_column(place, SCHEMA.field("split"), pa.array(chosen, pa.string()))
            for split, writer in writers.items():
                kept = table.filter(pa.array([name == split for name in chosen]))
                if kept.num_rows:
                    for at_row, row in enumerate(kept.select(_READ_COLUMNS).to_pylist()):
                        tally.add(row)
                        examples.offer(row, partial(_whole, kept, at_row))
                    writer.write(kept)
    for writer in writers.values():
        writer.close()
    return tally


def _whole(table: pa.Table, row: int) -> Row:
    found: Row = table.slice(row, 1).to_pylist()[0]
    return found


def _tables(part: str) -> Iterator[pa.Table]:
    with fsspec.open(part, "rb") as file:
        parquet = pq.ParquetFile(file)
        # Asked for all groups at once, Arrow reads the whole file ahead.
        for group in range(parquet.num_row_groups):
            for batch in parquet.iter_batches(16, row_groups=[group], columns=SCHEMA.names):
                yield pa.Table.from_batches([batch]).select(SCHEMA.names).cast(PUBLISHED)
    # Arrow keeps what it freed; over many shards that adds up.
    pa.default_memory_pool().release_unused()


def _write_rejects(urls: Sequence[str], plan: Plan, draft: Draft) -> dict[str, dict[str, int]]:
    counts: Counter[tuple[str, str]] = Counter()

    def lost() -> Iterator[Row]:
        for url in urls:
            yield from read_rows(url, batch_rows=256)
        for reject in plan.rejects.values():
            yield reject.model_dump()

    rows = 0
    with ShardWriter(draft.path(REJECTS_FILE), REJECTS_SCHEMA, group_rows=1024) as writer:
        for row in lost():
            reject = Reject(**row)
            counts[reject.stage, reject.reason] += 1
            writer.write(reject.model_dump())
            rows += 1
    draft.finish(REJECTS_FILE, rows)
    nested: dict[str, dict[str, int]] = {}
    for (stage, reason), count in sorted(counts.items()):
        nested.setdefault(stage, {})[reason] = count
    return nested


def _check_whole(
    draft: Draft, meta: Meta, rejects: Mapping[str, Mapping[str, int]], where: str
) -> None:
    frames = frames_of(read_dataset(draft.readable, FRAME_COLUMNS))
    folder = draft.path("data_docs") if meta.data_docs else None
    validate(frames, Bounds.of(meta.quality, meta.mix), rejects, folder).require(where)
    if folder is not None:
        draft.finish_folder("data_docs")


def _reasons(plan: Plan) -> str:
    counts = Counter(reject.reason for reject in plan.rejects.values())
    return (
        ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items())) or "no rows came"
    )


def _fingerprint(digests: Sequence[str], meta: Meta, held_out: HeldOut | None) -> str:
    return fingerprint(
        FORMAT,
        VERSION,
        code_version("quality"),
        list(digests),
        [_sha256(url) for url in meta.rejects],
        held_out.digest if held_out else "",
        meta.settings,
        meta.quality,
        meta.mix,
        meta.seed,
        meta.config_hash,
        json.dumps(dict(meta.config), sort_keys=True, default=str),
        meta.data_docs,
        meta.gallery_pairs,
    )


def _check_columns(part: str) -> None:
    with fsspec.open(part, "rb") as file:
        written = pq.read_schema(file).names
    missing = [name for name in SCHEMA.names if name not in written]
    if missing:
        raise SchemaMismatch(
            f"{part}: no checked shard, it lacks {', '.join(missing)}; run the check stage again"
        )


def _sha256(url: str) -> str:
    filesystem, path = fsspec.core.url_to_fs(url)
    if not filesystem.exists(path):
        raise SchemaMismatch(f"{url}: no such shard; run the stage that writes it")
    digest = hashlib.sha256()
    with filesystem.open(path, "rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()

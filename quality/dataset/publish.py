"""Publishes checked shards as a dataset that trainers read directly, in three steps.

`stage_dataset` works on the indexes alone: it decides what goes where, checks the rules of the
dataset and writes a plan. `write_staged_parts` writes part files of it, the only step that reads
pictures; many tasks may share them. `finish_dataset` adds card, gallery and manifest and
makes the dataset visible. `publish_dataset` does all three. Equal inputs give equal bytes, a step that is
done is not done again, and memory does not grow with pictures.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa

from quality.dataset.card import PREVIEW, write_card
from quality.dataset.draft import Draft
from quality.dataset.index import read_indexes, spool, spooled_tables
from quality.dataset.llamafactory import write_dataset_info
from quality.dataset.part_files import read_shown, write_part, written_part
from quality.dataset.plan import PLANNED, Plan, Shares, make_plan
from quality.dataset.rejects import REJECTS_FILE, file_digests, gather_rejects
from quality.dataset.survey import Survey, survey
from quality.dataset.tokens import token_figures
from quality.expect.frame import write_frame
from quality.expect.measures import DatasetFigures, WantedFigures, measures
from quality.expect.pages import page_text
from quality.expect.suite import RuleResult, check_rules, require
from quality.format.manifest import (
    FORMAT,
    PublishedFile,
    dump,
    read_complete,
)
from quality.format.prompts import asked_of
from quality.format.schema import SCHEMA
from quality.format.versions import (
    home_of,
    manifest_before,
    require_unwritten,
    set_latest,
    version_for,
)
from quality.gallery import draw_preview, write_gallery
from quality.rules.contamination import HeldOut
from records.config import fingerprint
from records.errors import ConfigError, RendererUnavailable, SchemaMismatch
from records.files import atomic_file, exists, write_text
from records.folders import alone_in
from records.rows import VERSION
from records.sections import CorruptionMix, PublishConfig, QualityConfig
from records.shards import code_version
from sandbox.root_folder import scratch_folder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Meta:
    """Metadata on how a dataset was made."""

    settings: PublishConfig = field(default_factory=PublishConfig)
    quality: QualityConfig = field(default_factory=QualityConfig)
    mix: CorruptionMix | None = None
    """The requested mix of corruptions; a narrowed mix is allowed to be one-sided."""
    seed: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)
    """The build configuration as plain values; shown on the card."""
    config_hash: str = ""
    rejects: Sequence[str] = ()
    """URLs of the stages' Parquet files of rejects."""
    held_out: Sequence[str] = ()
    """Folders of benchmarks that must not be trained on."""
    data_docs: bool = True
    """Publish the pages of Great Expectations."""
    gallery_pairs: int = 2000
    """Most pairs that the gallery shows; spread over the whole dataset."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published dataset."""

    path: str
    manifest: Mapping[str, Any]
    skipped: bool
    """True if the latest version already exists with the same inputs."""

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


@dataclass(frozen=True, slots=True)
class Staged:
    """A planned dataset, whose part files can be written."""

    url: str
    """Folder of the plan and of the files written so far."""
    files: int
    """Part files of the plan."""
    target: str
    """The version that it becomes."""
    inputs: str
    """Hash of all that decides it."""


def publish_dataset(
    parts: Sequence[str], root: str, name: str, version: str, meta: Meta | None = None
) -> Published:
    """Write `<root>/datasets/<name>/<version>` unless it exists.

    Args:
        parts: URLs of checked shards: Parquet with the columns of `quality.format.schema.SCHEMA`.
        root: Folder or fsspec URL.
        name: Name of the dataset.
        version: Its version; empty names it by date and inputs.
        meta: Settings, rejects of earlier stages, and what is held out.

    Raises:
        ConfigError: no shard was given, a held-out folder is missing, or the version stands and was
            made of other inputs.
        SchemaMismatch: a shard is missing or has other columns.
        BoundPassed: the dataset breaks a rule; nothing is published.
        GalleryBroken: a browser is here and the gallery does not work in it.
    """
    with alone_in(f"{root.rstrip('/')}/work/{name}"):
        staged = stage_dataset(parts, root, name, version, meta)
        if isinstance(staged, Published):
            return staged
        write_staged_parts(staged.url, range(staged.files))
        return _finished(staged)


def stage_dataset(
    parts: Sequence[str], root: str, name: str, version: str, meta: Meta | None = None
) -> Staged | Published:
    """Plan a dataset and check its rules, unless it exists; see `publish_dataset`."""
    meta = meta or Meta()
    if not parts:
        raise ConfigError(f"dataset {name}: no checked shard to publish; run the build first")
    sums = file_digests(sorted(set(parts)))
    # Sorted by content, not by name, so that the order of rows does not depend on paths.
    ordered = sorted(sums, key=lambda part: sums[part])
    held_out = HeldOut.of(meta.held_out) if meta.held_out else None
    inputs = _fingerprint([sums[part] for part in ordered], meta, held_out)
    work, home = f"{root.rstrip('/')}/work/{name}/{version or 'current'}", home_of(root, name)
    version = version or version_for(home, inputs)
    url, where = f"{home}/{version}", f"dataset {name} {version}"
    # The plan of the day before, or of a work folder that was copied, leads to another address.
    staging = f"{work}/publish/{fingerprint(inputs, url)}"
    require_unwritten(url, inputs)
    if manifest := read_complete(url, inputs):
        return Published(url, manifest, skipped=not set_latest(home, version))
    if exists(f"{staging}/{_FACTS}"):
        return Staged(staging, len(Plan.load(f"{staging}/{_PLAN}").files), url, inputs)
    with scratch_folder("vermillion-index-") as folder:
        index = folder / "index.parquet"
        shares = Shares(meta.settings.validation_share, meta.settings.test_share, meta.seed)
        starts = spool(read_indexes(ordered), index)
        # Arrow does not return freed memory by itself.
        pa.default_memory_pool().release_unused()
        plan = make_plan(
            ordered,
            starts,
            spooled_tables(index, PLANNED),
            shares,
            held_out,
            meta.settings.rows_per_file,
            meta.settings.rows_per_group,
        )
        if not plan.published:
            why = _reasons(meta, plan, folder / "lost.parquet")
            raise ConfigError(f"{where}: none of {plan.rows} rows is left to publish; {why}")
        pairs = meta.gallery_pairs if meta.settings.gallery else 0
        seen = survey(spooled_tables(index), plan.split, pairs)
        plan.shown[[*seen.gallery, *seen.example_rows()]] = True
        with atomic_file(f"{staging}/{REJECTS_FILE}") as local:
            lost, rejects = gather_rejects(meta.rejects, plan.rejects, local)
            rejects_file = PublishedFile.of(REJECTS_FILE, local, lost)
        frame = folder / "rows.parquet"
        write_frame(partial(spooled_tables, index), plan.split, frame)
        pa.default_memory_pool().release_unused()
        results = _check_rules(frame, seen, meta, rejects, url, staging)
    see = f"; see {staging}/{_PAGES}" if meta.data_docs else ""
    require(results, where, see)
    facts = _facts(url, inputs, meta, seen, plan, rejects, results)
    plan.save(f"{staging}/{_PLAN}")
    staged = {
        "url": url,
        "facts": facts,
        "rejects": rejects_file.to_json(),
        "gallery": sorted(seen.gallery),
        "examples": seen.example_rows(),
        "preview": meta.settings.preview,
    }
    write_text(f"{staging}/{_FACTS}", json.dumps(staged))
    return Staged(staging, len(plan.files), url, inputs)


def write_staged_parts(staging: str, numbers: Iterable[int]) -> list[PublishedFile]:
    """Write some part files of a staged dataset, or find that they are written.

    Raises:
        SchemaMismatch: nothing is staged there, or a shard is not the one that was planned with.
    """
    plan = Plan.load(f"{staging}/{_PLAN}")
    return [write_part(plan, number, staging) for number in numbers]


def finish_dataset(staged: Staged) -> Published:
    """Add card, gallery and manifest to the part files, and make the dataset visible.

    A try that was killed may have made it visible already.

    Raises:
        SchemaMismatch: a part file is not written.
        GalleryBroken: a browser is here and the gallery does not work in it.
    """
    with alone_in(staged.url.rsplit("/", 3)[0]):
        return _finished(staged)


def _finished(staged: Staged) -> Published:
    manifest = read_complete(staged.target, staged.inputs)
    if manifest is None:
        try:
            manifest = _finish(staged.url)
        except (FileNotFoundError, SchemaMismatch):
            # In an object store another process may publish the same, and remove the plan when it is done.
            manifest = read_complete(staged.target, staged.inputs)
            if manifest is None:
                raise
    set_latest(*staged.target.rsplit("/", 1))
    filesystem, path = fsspec.core.url_to_fs(staged.url)
    if filesystem.exists(path):
        filesystem.rm(path, recursive=True)
    return Published(staged.target, manifest, skipped=False)


def _finish(staging: str) -> dict[str, Any]:
    """The manifest of the dataset that is now visible."""
    with fsspec.open(f"{staging}/{_FACTS}", "rt", encoding="utf-8") as file:
        staged = json.load(file)
    plan, facts, url = Plan.load(f"{staging}/{_PLAN}"), staged["facts"], staged["url"]
    with Draft(url, facts["inputs"]) as draft:
        for number in range(len(plan.files)):
            written = written_part(plan, number, staging)
            draft.adopt(f"{staging}/{written.path}", written)
        draft.adopt(f"{staging}/{REJECTS_FILE}", PublishedFile(**staged["rejects"]))
        if exists(f"{staging}/{_PAGES}"):
            draft.copy(f"{staging}/{_PAGES}", _PAGES)
        shown = np.flatnonzero(plan.shown).tolist()
        # Shown rows are ordered like the files: by split, then by row.
        shown.sort(key=lambda row: (plan.split[row], row))
        if staged["gallery"]:
            chosen = set(staged["gallery"])
            rows = (
                row
                for number, row in zip(shown, read_shown(plan, staging), strict=True)
                if number in chosen
            )
            page = write_gallery(rows, str(draft.path("gallery")), facts)
            # Opened from this disk before it is finished: files for an object store are then deleted here.
            facts["preview"] = staged["preview"] and _preview(page, draft)
            draft.finish_folder("gallery")
        examples = {
            number: row
            for number, row in zip(shown, read_shown(plan, staging), strict=True)
            if number in staged["examples"]
        }
        write_card(facts, [examples[number] for number in staged["examples"]], draft)
        write_dataset_info(facts["counts"]["splits"], draft)
        facts["files"] = [file.to_json() for file in draft.files]
        draft.make_visible(dump(facts))
    return dict(facts)


_PLAN, _FACTS, _PAGES = "plan.parquet", "facts.json", "data_docs/index.html"


def _check_rules(
    frame: Path,
    seen: Survey,
    meta: Meta,
    rejects: Mapping[str, Mapping[str, int]],
    url: str,
    staging: str,
) -> list[RuleResult]:
    mix = meta.mix or CorruptionMix()
    found = DatasetFigures(
        counts=seen.tally.to_json(),
        injected=seen.mix.to_json({str(task): by for task, by in mix.category_weights.items()}),
        rejects=rejects,
        before=manifest_before(url),
    )
    measured = measures(found, WantedFigures(meta.quality, mix, meta.config))
    results = check_rules(frame, measured, meta.quality, frame.parent)
    if meta.data_docs:
        with atomic_file(f"{staging}/{_PAGES}") as local:
            name, version = url.split("/")[-2:]
            local.write_text(page_text(f"{name} {version}", results, measured, rejects))
    return results


def _facts(
    url: str,
    inputs: str,
    meta: Meta,
    seen: Survey,
    plan: Plan,
    rejects: Mapping[str, Mapping[str, int]],
    results: Sequence[RuleResult],
) -> dict[str, Any]:
    name, version = url.split("/")[-2:]
    pages = ((_PAGES, meta.data_docs), ("gallery/index.html", meta.settings.gallery))
    contaminated = Counter(
        reject.reason for reject in plan.rejects if reject.reason.startswith("contaminated")
    )
    return {
        "format": FORMAT,
        "records_version": VERSION,
        "name": name,
        "version": version,
        "inputs": inputs,
        "config_hash": meta.config_hash,
        "config": dict(meta.config),
        "seed": meta.seed,
        "style": meta.settings.style,
        "prompts": asked_of(meta.settings.prompts, meta.settings.style, seen.tally.modalities),
        "pages": [page for page, made in pages if made],
        "columns": SCHEMA.names,
        "counts": seen.tally.to_json(),
        "tokens": token_figures(seen.tokens),
        "rejects": rejects,
        "rules": [result.to_json() for result in results],
        "held_back": {
            "reserved_rows_in_test": plan.reserved,
            "contaminated_rows": dict(sorted(contaminated.items())),
            "held_out_folders": len(meta.held_out),
        },
    }


def _preview(page: Path, draft: Draft) -> bool:
    """Take a screenshot of the gallery for the draft; False if there is no browser."""
    try:
        draw_preview(page, draft.path(PREVIEW))
    except RendererUnavailable as error:
        logger.warning("the gallery was not opened to see that it works: %s", error)
        return False
    draft.finish(PREVIEW)
    return True


def _reasons(meta: Meta, plan: Plan, path: Path) -> str:
    """Each stage with the reasons why it lost rows, as `reference: code_crashed 2`."""
    _, rejects = gather_rejects(meta.rejects, plan.rejects, path)
    stages = (
        f"{stage}: {', '.join(f'{reason} {count}' for reason, count in sorted(counts.items()))}"
        for stage, counts in rejects.items()
    )
    return f"rejects of the build: {'; '.join(stages) or 'none, the sources gave no sample'}"


def _fingerprint(sums: Sequence[str], meta: Meta, held_out: HeldOut | None) -> str:
    return fingerprint(
        FORMAT,
        VERSION,
        code_version("quality"),
        list(sums),
        list(file_digests(meta.rejects).values()),
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

"""The check stage and publication: judged pairs that meet all rules become rows, then a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import fsspec

from quality.dataset.index import Indexer, writing_index
from quality.dataset.rejects import map_in_threads
from quality.format.prompts import Prompts, read_prompts
from quality.format.schema import row_of
from quality.rules.dedup import PairDigests, pair_keys
from quality.rules.gates import RowLimits, same_contract
from quality.rules.monotony import REASON, Monotony
from quality.rules.rule_list import check_row
from records.columns import read_records
from records.config import BuildConfig, fingerprint
from records.errors import GateError
from records.layout import Layout
from records.pairs import Judged, Reference, Row
from records.rows import Reject
from records.shards import ShardReport, read_report, rejects_url
from records.stages import PULL, STAGES, stage_named
from records.work import Files, Work

if TYPE_CHECKING:
    from quality.dataset.publish import Meta, Published, Staged


class Checking(NamedTuple):
    """The settings that this stage uses."""

    max_discrepancies: int
    max_monotone_share: float
    style: Literal["plain", "grounded"]
    megapixels: float
    prompts: Prompts

    @classmethod
    def of(cls, config: BuildConfig) -> Checking:
        return cls(
            config.quality.max_discrepancies,
            config.quality.max_monotone_share,
            config.publish.style,
            config.render.megapixels,
            read_prompts(config.publish.prompts),
        )


def checked(files: Files, checking: Checking) -> Iterator[Row | Reject]:
    """Yield every judged pair that meets all rules as a row, and the others as rejects.

    The index of the shard is written at the same time, beside the rows.
    """
    limits = RowLimits(
        max_discrepancies=checking.max_discrepancies,
        max_pixels=int(checking.megapixels * 1_000_000),
    )
    references = {one.id: one for one in read_records(Reference, files.inputs["reference"])}
    seen, monotony = PairDigests(), Monotony(checking.max_monotone_share)
    indexer = Indexer()
    with writing_index(files.output) as index:
        for judged in read_records(Judged, files.inputs["annotate"]):
            reference = references[judged.sample_id]
            try:
                same_contract(reference.render_contract, judged.render_contract)
                row = row_of(reference, judged, checking.style, prompts=checking.prompts)
                row = check_row(row, limits)
                seen.check(row.id, *pair_keys(row))
                monotony.check(row)
            except GateError as error:
                yield Reject.of(judged, "check", error.reason, error.detail)
                continue
            index.write(indexer.line(row))
            yield row


def _without_capped(report: ShardReport) -> ShardReport:
    """The report without rows that were left out to balance the mix, which are not failures."""
    rejects = {reason: count for reason, count in report.rejects.items() if reason != REASON}
    return replace(report, rejects=rejects)


CHECK = Work(
    stage_named("check"),
    Row,
    Checking.of,
    checked,
    rooms=("quality", "records"),
    decides=lambda checking: fingerprint(*checking),
    judged=_without_capped,
    # A row group of one sample belongs to one split, so tasks that write part files read no group in vain.
    group_of="sample_id",
)
WORK = (CHECK,)


def publish_checked(shards: Sequence[str], config: BuildConfig) -> dict[str, Any]:
    """Write the dataset from the checked shards of a build; returns its path and counts.

    Raises:
        BoundPassed: the dataset breaks a rule; nothing is published.
        ConfigError: no row is left to publish.
    """
    from quality.dataset.publish import publish_dataset

    rows, meta = _publication(shards, config)
    return _summary(publish_dataset(rows, config.root, config.name, config.version, meta))


def stage_checked(shards: Sequence[str], config: BuildConfig) -> Staged | dict[str, Any]:
    """Plan the dataset, so that many tasks can write its files; or what `publish_checked` returns.

    Raises: as `publish_checked`.
    """
    from quality.dataset.publish import Published, stage_dataset

    rows, meta = _publication(shards, config)
    staged = stage_dataset(rows, config.root, config.name, config.version, meta)
    return _summary(staged) if isinstance(staged, Published) else staged


def finish_checked(staged: Staged) -> dict[str, Any]:
    """Make a dataset visible whose files are written; as `publish_checked`.

    Raises:
        SchemaMismatch: a file is not written.
    """
    from quality.dataset.publish import finish_dataset

    return _summary(finish_dataset(staged))


def _publication(shards: Sequence[str], config: BuildConfig) -> tuple[list[str], Meta]:
    """URLs of the checked shards of a build, and the metadata of its dataset."""
    from quality.dataset.publish import Meta

    settings = published_settings(config)
    meta = Meta(
        settings=config.publish.model_copy(
            update={"held_out": tuple(settings["publish"]["held_out"])}
        ),
        quality=config.quality,
        mix=config.corruption,
        seed=config.seed,
        config=settings,
        config_hash=fingerprint(repr(sorted(settings.items()))),
        rejects=_rejects(shards, config),
        held_out=config.publish.held_out,
    )
    return [Layout.of(config).shard("check", shard) for shard in shards], meta


def _rejects(shards: Sequence[str], config: BuildConfig) -> list[str]:
    """URLs of the rejects of all stages; each folder is listed once, not asked shard by shard.

    A writer that was killed may leave rejects whose shard was then written without any: reports decide.
    """
    layout = Layout.of(config)
    found = []
    for stage in (PULL, *STAGES):
        filesystem, path = fsspec.core.url_to_fs(layout.folder(stage.name))
        listed = filesystem.ls(path, detail=False) if filesystem.exists(path) else []
        names = {name.rpartition("/")[2] for name in listed}
        outputs = (layout.shard(stage.name, shard) for shard in shards)
        found += [url for url in outputs if rejects_url(url).rpartition("/")[2] in names]
    reports = zip(found, map_in_threads(read_report, found), strict=True)
    return [rejects_url(url) for url, report in reports if report and report.rejects]


def _summary(published: Published) -> dict[str, Any]:
    return {
        "path": published.path,
        "rows": published.rows,
        "splits": published.splits,
        "rejects": published.rejects,
        "inputs": published.manifest["inputs"],
        "skipped": published.skipped,
        "rules": {rule["rule"]: rule["status"] for rule in published.manifest["rules"]},
    }


def published_settings(config: BuildConfig) -> dict[str, Any]:
    """The settings of a build as published with its dataset, as plain values.

    Paths and worker counts do not affect the output and are left out; files and folders appear by
    their last name only.
    """
    settings = config.model_dump(mode="json", exclude={"root", "workers", "refresh", "run"})
    for source in settings["sources"].values():
        source.update(snapshot=_name(source["snapshot"]), samples=_name(source["samples"]))
    for section, key in (("policies", "files"), ("annotate", "files"), ("publish", "held_out")):
        settings[section][key] = [_name(path) for path in settings[section][key]]
    return settings


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]

"""The verbs check and publish: judged pairs become rows that passed every gate, then a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from quality.dataset.publish import Meta, publish
from quality.dataset.schema import SCHEMA, row_of
from quality.expect.suite import check_frame
from quality.rules.dedup import Seen
from quality.rules.gates import Rules, check_row, same_contract
from quality.rules.monotony import REASON, Monotony
from records.columns import attempt_of, sample_of
from records.config import BuildConfig, fingerprint
from records.errors import GateError
from records.layout import Layout
from records.rows import Annotation, Reject
from records.shards import (
    Line,
    ShardReport,
    bound_rejects,
    code_version,
    exists,
    read_rows,
    rejects_url,
    run_shard,
)
from renderers.contract import Picture


def check(shard_in: str, references: str, shard_out: str, config: BuildConfig) -> ShardReport:
    """Pass every judged pair through the row gates, and the shard through its expectations.

    Args:
        shard_in: Shard of judged pairs.
        references: Shard of the samples they belong to, drawn.
        shard_out: Shard of rows, in the columns of the dataset.
        config: The build's settings.

    Raises:
        BoundPassed: a gate's bound is passed, or the shard as a whole fails its expectations.
    """
    rules = Rules(
        max_discrepancies=config.quality.max_discrepancies,
        max_pixels=int(config.render.megapixels * 1_000_000),
    )

    def process() -> Iterator[Line | Reject]:
        drawn = {row["id"]: row for row in read_rows(references)}
        seen, monotony = Seen(), Monotony(config.quality.max_monotone_share)
        for line in read_rows(shard_in):
            try:
                row = check_row(_row(line, drawn[line["sample_id"]], config), rules)
                yield monotony.check(seen.check(row))
            except GateError as error:
                yield Reject(
                    stage="check", reason=error.reason, item_id=line["id"], detail=error.detail
                )

    settings = fingerprint(
        config.quality,
        config.corruption,
        config.publish.style,
        config.render.megapixels,
        code_version("quality", "records"),
    )
    report = run_shard("check", [shard_in, references], shard_out, SCHEMA, settings, process)
    bound_rejects(_without_capped(report), config.quality)
    check_frame([shard_out], config.quality, config.corruption)
    return report


def _without_capped(report: ShardReport) -> ShardReport:
    """The report less what was left out for the mix's sake, which is no sign of a fault."""
    rejects = {reason: count for reason, count in report.rejects.items() if reason != REASON}
    return replace(report, rejects=rejects)


def publish_checked(shards: Sequence[str], config: BuildConfig) -> dict[str, Any]:
    """Write the dataset from the checked shards of a build; path and counts of what stands.

    Raises:
        BoundPassed: the finished dataset fails its expectations; nothing is published.
        ConfigError: no row is left to publish.
    """
    at = Layout.of(config).shard
    stages = ("pull", "reference", "corrupt", "attempt", "render", "annotate", "check")
    urls = [rejects_url(at(stage, shard)) for stage in stages for shard in shards]
    told = settings_told(config)
    meta = Meta(
        settings=config.publish.model_copy(update={"held_out": tuple(told["publish"]["held_out"])}),
        quality=config.quality,
        mix=config.corruption,
        seed=config.seed,
        config=told,
        config_hash=fingerprint(repr(sorted(told.items()))),
        rejects=[url for url in urls if exists(url)],
        held_out=config.publish.held_out,
    )
    checked = [at("check", shard) for shard in shards]
    published = publish(checked, config.root, config.name, config.version, meta)
    return {
        "path": published.path,
        "rows": published.rows,
        "splits": published.splits,
        "rejects": published.rejects,
        "inputs": published.manifest["inputs"],
        "skipped": published.skipped,
    }


def settings_told(config: BuildConfig) -> dict[str, Any]:
    """The settings of a build as its dataset tells them, as plain values.

    Where it was built, and by how many hands, does not decide a byte of it, and is nobody's business:
    files and folders stand there by their names.
    """
    told = config.model_dump(mode="json", exclude={"root", "workers"})
    for source in told["sources"].values():
        source.update(snapshot=_name(source["snapshot"]), samples=_name(source["samples"]))
    for section, key in (("policies", "files"), ("annotate", "files"), ("publish", "held_out")):
        told[section][key] = [_name(path) for path in told[section][key]]
    return told


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _row(line: Line, reference: Line, config: BuildConfig) -> Line:
    return row_of(
        sample_of(reference),
        attempt_of(line),
        _picture(reference),
        _picture(line),
        [Annotation.model_validate_json(text) for text in line["annotations"]],
        line["changed_fraction"],
        same_contract(reference["render_contract"], line["render_contract"]),
        style=config.publish.style,
    )


def _picture(line: Line) -> Picture:
    return Picture(line["picture"], line["width_px"], line["height_px"], line["pixel_hash"])

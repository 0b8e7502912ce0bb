"""The stage check, and publication: judged pairs become rows that passed every gate, then a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from quality.dataset.publish import Meta, publish
from quality.dataset.schema import SCHEMA, row_of
from quality.rules.dedup import Seen
from quality.rules.gates import Rules, check_row, same_contract
from quality.rules.monotony import REASON, Monotony
from records.columns import attempt_of, sample_of
from records.config import BuildConfig, CorruptionMix, QualityConfig, fingerprint
from records.errors import GateError
from records.layout import Layout
from records.rows import Annotation, Reject
from records.shards import Line, ShardReport, exists, read_rows, rejects_url
from records.stages import PULL, STAGES, stage_named
from records.work import Files, Work
from renderers.contract import Picture


class Checking(NamedTuple):
    """What this stage reads of a build's settings."""

    quality: QualityConfig
    mix: CorruptionMix
    style: Literal["plain", "grounded"]
    megapixels: float

    @classmethod
    def of(cls, config: BuildConfig) -> Checking:
        return cls(
            config.quality, config.corruption, config.publish.style, config.render.megapixels
        )


def checked(files: Files, checking: Checking) -> Iterator[Line | Reject]:
    """Every judged pair that passes the row gates, in the columns of the dataset."""
    rules = Rules(
        max_discrepancies=checking.quality.max_discrepancies,
        max_pixels=int(checking.megapixels * 1_000_000),
    )
    drawn = {row["id"]: row for row in read_rows(files.inputs["reference"])}
    seen, monotony = Seen(), Monotony(checking.quality.max_monotone_share)
    for line in read_rows(files.inputs["annotate"]):
        try:
            row = check_row(_row(line, drawn[line["sample_id"]], checking.style), rules)
            yield monotony.check(seen.check(row))
        except GateError as error:
            yield Reject(
                stage="check", reason=error.reason, item_id=line["id"], detail=error.detail
            )


def _without_capped(report: ShardReport) -> ShardReport:
    """The report less what was left out for the mix's sake, which is no sign of a fault."""
    rejects = {reason: count for reason, count in report.rejects.items() if reason != REASON}
    return replace(report, rejects=rejects)


CHECK = Work(
    stage_named("check"),
    SCHEMA,
    Checking.of,
    checked,
    rooms=("quality", "records"),
    decides=lambda checking: fingerprint(*checking),
    judged=_without_capped,
)
WORK = (CHECK,)


def publish_checked(shards: Sequence[str], config: BuildConfig) -> dict[str, Any]:
    """Write the dataset from the checked shards of a build; path and counts of what stands.

    Raises:
        BoundPassed: the finished dataset fails its expectations; nothing is published.
        ConfigError: no row is left to publish.
    """
    at = Layout.of(config).shard
    urls = [rejects_url(at(stage.name, shard)) for stage in (PULL, *STAGES) for shard in shards]
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
    rows = [at("check", shard) for shard in shards]
    published = publish(rows, config.root, config.name, config.version, meta)
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
    told = config.model_dump(mode="json", exclude={"root", "workers", "refresh", "run"})
    for source in told["sources"].values():
        source.update(snapshot=_name(source["snapshot"]), samples=_name(source["samples"]))
    for section, key in (("policies", "files"), ("annotate", "files"), ("publish", "held_out")):
        told[section][key] = [_name(path) for path in told[section][key]]
    return told


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _row(line: Line, reference: Line, style: Literal["plain", "grounded"]) -> Line:
    return row_of(
        sample_of(reference),
        attempt_of(line),
        _picture(reference),
        _picture(line),
        [Annotation.model_validate_json(text) for text in line["annotations"]],
        line["changed_fraction"],
        same_contract(reference["render_contract"], line["render_contract"]),
        style=style,
    )


def _picture(line: Line) -> Picture:
    return Picture(line["picture"], line["width_px"], line["height_px"], line["pixel_hash"])

"""The pull stage: reads the snapshot of a source, writes shards of samples.

Shard boundaries depend on sample ids, and shards are named after their first sample: a record that
upstream adds or changes affects one shard, and all others are already done.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import fsspec

from records.columns import read_records, schema_of
from records.config import BuildConfig, fingerprint
from records.errors import ConfigError
from records.files import write_text
from records.rows import Reject, Sample, content_id
from records.sections import QualityConfig, SourceConfig
from records.shards import ShardReport, bound_rejects, code_version, read_rejects, run_shard
from sources.source import pull_samples

Item = Sample | Reject


@dataclass(frozen=True, slots=True)
class PulledShard:
    """A shard of samples, as the list of a pull names it."""

    shard: str
    """Its name, the same through all stages."""
    modality: str
    """Empty if it contains rejects only."""
    samples: int
    sha256: str
    """SHA-256 of the Parquet file, which decides whether later stages must run again."""


def pull_shards(source: str, config: BuildConfig, folder: str) -> list[str]:
    """Write the samples of one source of a build; returns the names of the shards, in order.

    Raises:
        BoundPassed: more records than the bound are unusable.
        ConfigError: the source is unknown, or its folder is none of its layouts.
        EndpointUnavailable: the hub does not answer.
    """
    settings = config.sources[source]
    items = read(source, settings)
    wanted = (
        item for item in items if isinstance(item, Reject) or item.modality in config.modalities
    )
    return write_shards(source, wanted, folder, config.shard_size, settings.limit, config.quality)


def read(source: str, settings: SourceConfig) -> Iterator[Item]:
    """Samples and rejects of one source, from whichever place its settings name."""
    if settings.samples:
        return _pulled(settings.samples)
    snapshot = Path(settings.snapshot) if settings.snapshot else None
    return pull_samples(source, snapshot=snapshot, revision=settings.revision or None)


def write_shards(
    source: str,
    items: Iterable[Item],
    folder: str,
    shard_size: int,
    limit: int | None = None,
    bounds: QualityConfig | None = None,
    beside: bool = False,
) -> list[str]:
    """Cut a stream of samples and rejects into shards of one modality each.

    A list of the shards, ``<source>.shards.json``, is written last. A shard whose records are the
    same as before is left as it is, also where upstream has another commit now: `Sample.revision`
    is the commit at which a shard's records last changed.

    Args:
        source: Name of the source.
        items: What it gives.
        folder: Folder or URL.
        shard_size: Samples of a shard.
        limit: Most samples.
        bounds: Largest share of rejects; None allows all.
        beside: Name shards by all of their content, so that no shard of the list that is there is
            replaced: it stays valid if this pull fails.
    """
    reports: list[ShardReport] = []
    for modality, chunk in chunks(items, shard_size, limit):
        samples = [item for item in chunk if isinstance(item, Sample)]
        first = samples[0].id if samples else "rejects"
        content = fingerprint(*map(_content, chunk))
        name = f"{source}-{modality}-{first[:12]}" + (f"-{content}" if beside else "")
        reports.append(_write(f"{folder}/{name}.parquet", chunk, content))
    if bounds:
        _bound(source, reports, folder, bounds)
    listed = [
        PulledShard(
            Path(report.output).stem,
            report.modalities[0] if report.modalities else "",
            report.rows_out,
            report.sha256,
        )
        for report in reports
    ]
    text = json.dumps([asdict(shard) for shard in listed], indent=1)
    write_text(f"{folder}/{source}.shards.json", text + "\n")
    return [shard.shard for shard in listed]


def chunks(
    items: Iterable[Item], shard_size: int, limit: int | None
) -> Iterator[tuple[str, list[Item]]]:
    """Groups of about ``shard_size`` samples of one modality; rejects travel with their neighbors.

    A group ends at a sample whose id is a multiple, so that boundaries move with the content; it
    has between half and twice the size asked, but for the last.
    """
    held: dict[str, list[Item]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    lost: list[Item] = []
    taken = 0
    for item in items:
        if isinstance(item, Reject):
            lost.append(item)
            continue
        modality = str(item.modality)
        held[modality] += [*lost, item]
        lost.clear()
        counts[modality] += 1
        taken += 1
        size = counts[modality]
        cut = int(item.id[:8], 16) % max(1, shard_size // 2) == 0
        if size >= 2 * shard_size or (cut and 2 * size >= shard_size):
            yield modality, held.pop(modality)
            counts[modality] = 0
        if limit is not None and taken >= limit:
            break
    for modality in sorted(held):
        yield modality, [*held[modality], *lost]
        lost.clear()
    if lost:
        yield "none", lost


def list_samples(folder: str) -> list[str]:
    """URLs of the sample shards that a pull left in a folder, in order.

    Raises:
        ConfigError: no pull finished there.
    """
    return [f"{folder}/{shard.shard}.parquet" for shard in pulled_shards(folder)]


def pulled_shards(folder: str, sources: Sequence[str] = ()) -> list[PulledShard]:
    """The shards that pulls left in a folder, in the order of ``sources``, or of all lists.

    Raises:
        ConfigError: no pull finished there, or one of another version.
    """
    filesystem, path = fsspec.core.url_to_fs(folder)
    filesystem.invalidate_cache()  # another process may have pulled
    lists = [f"{path}/{source}.shards.json" for source in sources]
    lists = lists or sorted(filesystem.glob(f"{path}/*.shards.json"))
    missing = [name for name in lists if not filesystem.exists(name)]
    if missing or not lists:
        raise ConfigError(
            f"{folder}: no pulled samples; run `vermillion pull SOURCE --out {folder}`"
        )
    try:
        return [
            PulledShard(**entry)
            for name in lists
            for entry in json.loads(filesystem.cat_file(name))
        ]
    except TypeError as error:
        raise ConfigError(
            f"{folder}: another version of this program pulled these samples; pull them again"
        ) from error


def _pulled(folder: str) -> Iterator[Item]:
    for url in list_samples(folder):
        yield from read_rejects(url)
        yield from read_records(Sample, url)


def _write(url: str, chunk: Sequence[Item], content: str) -> ShardReport:
    settings = content + code_version("records")
    return run_shard(
        "pull", [], url, schema_of(Sample), settings, lambda: [_stored(item) for item in chunk]
    )


def _stored(item: Item) -> Item:
    return item.stored() if isinstance(item, Sample) else item


def _content(item: Item) -> str:
    """The content of a sample or reject without the upstream commit, which does not change what it is."""
    if isinstance(item, Reject):
        return item.model_dump_json()
    picture = content_id(item.image) if item.image is not None else ""
    return item.model_copy(update={"image": None, "revision": ""}).model_dump_json() + picture


def _bound(source: str, reports: Sequence[ShardReport], folder: str, bounds: QualityConfig) -> None:
    reasons: dict[str, int] = defaultdict(int)
    for report in reports:
        for reason, count in report.rejects.items():
            reasons[reason] += count
    rows = sum(report.rows_out for report in reports)
    whole = ShardReport("pull", f"{folder}/{source}.parquet", 0, rows, dict(reasons))
    bound_rejects(whole, bounds, exact=True)

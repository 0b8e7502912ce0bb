"""Reading a published dataset back: its figures, its rows, what was lost.

A dataset is what `quality.dataset.publish` wrote, or any folder of Parquet files with the same columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fsspec

from quality.format.manifest import read_manifest, require_as_published
from quality.format.schema import SPLITS
from quality.format.versions import resolved
from quality.read.tally import TALLY_COLUMNS, Tally
from records.columns import read_records
from records.errors import ConfigError
from records.pairs import Row
from records.rows import Reject
from records.shards import Line, read_rows


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a dataset."""

    dataset: str
    counts: Mapping[str, Any]
    """As in a manifest: rows, splits, modalities, origins, categories by severity, ..."""
    rejects: Mapping[str, Mapping[str, int]]
    """Lost rows by stage and reason."""
    lost_by_policy: Mapping[str, Mapping[str, int]]
    """Attempts of each policy that were lost before publication, by reason."""
    held_back: Mapping[str, Any]
    bytes: int
    """Size of the Parquet files."""

    def to_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "counts": dict(self.counts),
            "rejects": {stage: dict(reasons) for stage, reasons in self.rejects.items()},
            "lost_by_policy": {
                name: dict(reasons) for name, reasons in self.lost_by_policy.items()
            },
            "held_back": dict(self.held_back),
            "bytes": self.bytes,
        }


def summary(dataset: str) -> Summary:
    """What is in a dataset, counted from its rows rather than believed from its manifest.

    Raises:
        ConfigError: there is no dataset.
    """
    dataset = resolved(dataset)
    tally = Tally()
    for row in read_dataset(dataset, columns=TALLY_COLUMNS):
        tally.add(row)
    lost: Counter[tuple[str, str]] = Counter()
    of_policy: dict[str, Counter[str]] = {}
    for reject in read_rejects(dataset):
        lost[reject.stage, reject.reason] += 1
        if reject.policy:
            of_policy.setdefault(reject.policy, Counter())[reject.reason] += 1
    rejects: dict[str, dict[str, int]] = {}
    for (stage, reason), count in sorted(lost.items()):
        rejects.setdefault(stage, {})[reason] = count
    manifest = read_manifest(dataset) or {}
    return Summary(
        dataset=dataset,
        counts=tally.to_json(),
        rejects=rejects,
        lost_by_policy={name: dict(sorted(of_policy[name].items())) for name in sorted(of_policy)},
        held_back=manifest.get("held_back", {}),
        bytes=sum(_size(url) for url in dataset_files(dataset)),
    )


def dataset_files(dataset: str, splits: Sequence[str] = SPLITS) -> list[str]:
    """URLs of the Parquet files of a dataset, split by split.

    Raises:
        ConfigError: there is none, with what was found instead.
        SchemaMismatch: the files of a split are not those that were published.
    """
    dataset = resolved(dataset)
    filesystem, path = fsspec.core.url_to_fs(dataset)
    if not filesystem.exists(path):
        raise ConfigError(f"{dataset}: no such folder; give a published dataset")
    if filesystem.isfile(path):
        if not path.endswith(".parquet"):
            raise ConfigError(f"{dataset}: is a file; give the folder of a published dataset")
        return [dataset]
    if manifest := read_manifest(dataset):
        require_as_published(dataset, manifest, splits)
    found = [
        name
        for split in splits
        for name in sorted(filesystem.glob(f"{path}/{split}/part-*.parquet"))
    ]
    if not found and not filesystem.glob(f"{path}/*/part-*.parquet"):
        versions = sorted(
            name.rstrip("/").rpartition("/")[2] for name in filesystem.ls(path, detail=False)
        )
        holds = f"This folder holds: {', '.join(versions[:8])}" if versions else "It is empty"
        raise ConfigError(
            f"{dataset}: no published dataset (no train/part-*.parquet); give the folder of one "
            f"version, such as data/datasets/demo/1. {holds}"
        )
    protocol = filesystem.protocol
    local = "file" in ((protocol,) if isinstance(protocol, str) else protocol)
    return found if local else [filesystem.unstrip_protocol(name) for name in found]


def read_dataset(
    dataset: str,
    columns: Sequence[str] | None = None,
    splits: Sequence[str] = SPLITS,
    limit: int | None = None,
) -> Iterator[Line]:
    """Rows of a published dataset, a few in memory at a time, in the order of its files.

    Args:
        dataset: Folder or fsspec URL of one version, or of all versions: then the latest.
        columns: Names to read; None reads all, pictures included.
        splits: In this order.
        limit: Most rows to read.

    Raises:
        ConfigError: there is no dataset.
        SchemaMismatch: another version of the records wrote it.
    """
    left = limit
    for url in dataset_files(dataset, splits):
        for row in read_rows(url, columns, required=columns or ()):
            if left is not None:
                if left <= 0:
                    return
                left -= 1
            yield row


def read_published(dataset: str) -> Iterator[Row]:
    """Whole rows of a published dataset, a few in memory at a time.

    Raises: as `read_dataset`.
    """
    for url in dataset_files(dataset):
        yield from read_records(Row, url)


def read_rejects(dataset: str) -> Iterator[Reject]:
    """The rows that were lost on the way to a dataset; none where none were kept."""
    filesystem, path = fsspec.core.url_to_fs(resolved(dataset))
    for name in sorted(filesystem.glob(f"{path}/rejects/part-*.parquet")):
        for row in read_rows(str(filesystem.unstrip_protocol(name)), batch_rows=256):
            yield Reject(**row)


def _size(url: str) -> int:
    filesystem, path = fsspec.core.url_to_fs(url)
    return int(filesystem.size(path))

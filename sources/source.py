"""The sources by name, and the one verb: pull.

Adding a source: write ``files`` and ``read`` (see `sources.folder`, the shortest), add one
`Source` to `SOURCES`, and a section to ``docs/sources.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from records.errors import ConfigError, SourceError
from records.rows import Reject, Sample
from records.taxonomy import Modality
from sources import bundled, chartmimic, omnidocbench, unisvg
from sources.folder import Folder
from sources.provenance import Provenance, Pulled, Reader, reject
from sources.snapshot import content_revision, download, revision_of

_FOLDER = Folder("folder")
_TABLES = Folder("tables", Modality.TABLE)


@dataclass(frozen=True, slots=True)
class Source:
    """Where programs come from, and how its snapshots are read."""

    name: str
    licence: str
    """SPDX expression, or upstream's own words where it is unsettled."""
    modality: Modality | None
    """None where a source holds several."""
    files: Callable[[Path], tuple[Path, ...]]
    """What of a snapshot is read; raises ConfigError where the path is no snapshot of it."""
    read: Reader
    repo_id: str = ""
    """Dataset on the hub; empty where there is none."""
    revision: str = ""
    """Revision that is downloaded when none is asked for."""
    allow_patterns: tuple[str, ...] = ()
    """What of the dataset is downloaded."""
    here: Path | None = None
    """A snapshot that is always there."""


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        source.name: source
        for source in (
            Source(
                name="chartmimic",
                licence="Apache-2.0",
                modality=Modality.CHART,
                files=chartmimic.files,
                read=chartmimic.read,
                repo_id="ChartMimic/ChartMimic",
                revision="0c46ca5103b03fea520fb6e5b2d87c8a0372aaf1",
                allow_patterns=("dataset-iclr.tar.gz",),
            ),
            Source(
                name="omnidocbench",
                licence="research use only, not commercial",
                modality=Modality.TABLE,
                files=omnidocbench.files,
                read=omnidocbench.read,
                repo_id="opendatalab/OmniDocBench",
                revision="main",
                allow_patterns=("OmniDocBench.json", "images/*"),
            ),
            Source(
                name="unisvg",
                licence="unsettled: Apache-2.0 or CC-BY-4.0",
                modality=Modality.SVG,
                files=unisvg.files,
                read=unisvg.read,
                repo_id="lili24/UniSVG",
                revision="main",
                allow_patterns=("*.json",),
            ),
            Source(
                name="bundled",
                licence="Apache-2.0",
                modality=None,
                files=bundled.files,
                read=bundled.read,
                here=bundled.DATA,
            ),
            Source(
                name="folder",
                licence="unstated",
                modality=None,
                files=_FOLDER.files,
                read=_FOLDER.read,
            ),
            Source(
                name="tables",
                licence="unstated",
                modality=Modality.TABLE,
                files=_TABLES.files,
                read=_TABLES.read,
            ),
        )
    }
)


def source_named(name: str) -> Source:
    """The source of this name.

    Raises:
        ConfigError: there is none; the message lists the known.
    """
    if name not in SOURCES:
        raise ConfigError(f"unknown source {name!r}; known: {', '.join(sorted(SOURCES))}")
    return SOURCES[name]


def pull_samples(
    source: str | Source,
    *,
    snapshot: Path | None = None,
    revision: str | None = None,
    limit: int | None = None,
) -> Iterator[Sample | Reject]:
    """Samples of a source, and a reject for every record that is lost.

    ``limit`` counts samples. Samples that may be trained on come before reserved ones. Of equal
    programs the first is kept; the others are rejects, ``duplicate``.

    Raises (before the first sample):
        ConfigError: unknown source, no snapshot where one is needed, or a path that is none.
        EndpointUnavailable: the hub does not answer.
    """
    if isinstance(source, str):
        source = source_named(source)
    if limit is not None and limit < 0:
        raise ConfigError(f"limit is {limit}; give 0 or more")
    snapshot, provenance = locate(source, snapshot=snapshot, revision=revision)
    return _first_of_each(source.read(snapshot, provenance), limit)


def locate(
    source: Source, *, snapshot: Path | None = None, revision: str | None = None
) -> tuple[Path, Provenance]:
    """Folder and provenance of a snapshot, downloaded where none is given.

    Raises:
        ConfigError: no snapshot where one is needed, or a path that is none.
        EndpointUnavailable: the hub does not answer.
    """
    if snapshot is None:
        snapshot = source.here
    if snapshot is None:
        if not source.repo_id:
            raise ConfigError(f"source {source.name} needs the folder to read: --snapshot DIR")
        snapshot = download(
            source.repo_id,
            revision or source.revision,
            source.allow_patterns,
            source=source.name,
        )
    files = source.files(snapshot)
    if source.repo_id:
        found = revision_of(snapshot, files, revision)
    else:
        # One's own folder may lie in a clone with changes of today: only its contents are sure.
        found = revision or content_revision(snapshot, files)
    return snapshot, Provenance(source.name, found, source.licence)


def _first_of_each(pulled: Pulled, limit: int | None) -> Pulled:
    seen: dict[bytes, str] = {}
    count = 0
    if limit == 0:
        return
    for item in pulled:
        if isinstance(item, Reject):
            yield item
            continue
        key = bytes.fromhex(item.id)
        if key in seen:
            yield reject(SourceError("duplicate", f"same code as {seen[key]}"), item.upstream_id)
            continue
        seen[key] = item.upstream_id
        yield item
        count += 1
        if count == limit:
            return

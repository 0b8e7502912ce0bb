"""The sources by name, and the one verb: pull.

Adding a source: one file in this folder with ``files``, ``read`` and a `Source` (see
`sources.folder`, the shortest). Nothing else names it: the registry walks the folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

import sources
from records.errors import ConfigError, SourceError
from records.rows import Reject, Sample
from sources.provenance import Provenance, Pulled, Source, reject
from sources.snapshot import content_revision, download, revision_of


@cache
def known_sources() -> Mapping[str, Source]:
    """Every `Source` that a module of this folder declares, by name.

    Raises:
        ValueError: two modules declare the same name.
    """
    found: dict[str, Source] = {}
    for module in sorted(info.name for info in iter_modules(sources.__path__)):
        for value in vars(import_module(f"sources.{module}")).values():
            if not isinstance(value, Source):
                continue
            if found.setdefault(value.name, value) is not value:
                raise ValueError(f"two sources are called {value.name!r}")
    return MappingProxyType(found)


def source_named(name: str) -> Source:
    """The source of this name.

    Raises:
        ConfigError: there is none; the message lists the known.
    """
    known = known_sources()
    if name not in known:
        raise ConfigError(f"unknown source {name!r}; known: {', '.join(sorted(known))}")
    return known[name]


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

"""Pulls a source to where `build_pairs` looks for it, and reports whether it changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from typing import Any

import fsspec

from records.errors import ConfigError, SchemaMismatch
from records.files import exists, read_small, write_text
from records.sections import QualityConfig, SourceConfig
from records.shards import read_report, read_rows
from records.taxonomy import Modality
from sources.provenance import Source
from sources.pull import pulled_shards, read, write_shards
from sources.source import source_named
from vermillion.pipeline.form import pulled_folder, root


def refresh(source: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Pull one source; see `pull_into` for what it returns.

    Raises:
        BoundPassed, ConfigError, EndpointUnavailable: as `sources.pull.pull_shards`.
    """
    folder = pulled_folder(source, root() or "data")
    return pull_into(source, asked_of(source, form), folder, int(form.get("shard_size") or 256))


def asked_of(source: str, form: Mapping[str, Any]) -> SourceConfig:
    """What a form of `refresh_sources` asks of a source.

    Raises:
        ConfigError: the form names an unknown source.
    """
    known = source_named(source)
    snapshots = form.get("snapshots") or {}
    for name in snapshots:  # a misspelled one would be downloaded in place of the folder
        source_named(name)
    return SourceConfig(
        snapshot=str(snapshots.get(source, "")),
        revision=_revision(form, known, bool(snapshots.get(source))),
        limit=form.get("limit"),
    )


def _revision(form: Mapping[str, Any], known: Source, from_folder: bool) -> str:
    """What to ask the hub for: pinned, newest, or the commit that its watch saw.

    A folder contains its own commit, or is identified by its content.
    """
    if from_folder:
        return ""
    asked = str(form.get("revision") or "pinned")
    return {"pinned": known.revision, "newest": "main"}.get(asked, asked)


def origin_of(source: str, settings: SourceConfig) -> tuple[str, str]:
    """Where the samples of a source come from, and the revision that is asked for.

    >>> origin_of("unisvg", SourceConfig(snapshot="/data/unisvg"))
    ('/data/unisvg', '')
    """
    known = source_named(source)
    folder = settings.samples or settings.snapshot
    if folder or not known.repo_id:
        return folder or f"vermillion://sources/{source}", ""
    return f"hf://{known.repo_id}", settings.revision or known.revision


def pull_into(source: str, settings: SourceConfig, folder: str, shard_size: int) -> dict[str, Any]:
    """Pull one source into a folder.

    The last pull is replaced when its successor is complete. Its shards stay until the one after
    that, since a build may be reading them.

    Returns:
        ``changed``; the counts of shards, samples and rejects; the samples ``added`` and ``removed``,
        of which a changed program is one each.
    """
    reported, last = _reported(source, folder), _listed(source, folder)
    write_shards(
        source,
        read(source, settings),
        folder,
        shard_size,
        settings.limit,
        QualityConfig(),
        beside=True,
    )
    after = _listed(source, folder)
    _delete_all_but({*reported, *last, *after}, source, folder)
    reports = [report for name in after if (report := read_report(f"{folder}/{name}.parquet"))]
    old = _ids(reported.keys() - after.keys(), folder)
    new = _ids(after.keys() - reported.keys(), folder)
    # Last: the change of a pull that was killed before is reported by the next one.
    write_text(_report(source, folder), json.dumps(after, indent=1) + "\n")
    return {
        "changed": reported != after,
        "folder": folder,
        "shards": len(after),
        "samples": sum(report.rows_out for report in reports),
        "rejects": sum(report.rejected for report in reports),
        "added": len(new - old),
        "removed": len(old - new),
    }


def _report(source: str, folder: str) -> str:
    """URL of the shards of the last pull that was reported to its caller, with their checksums."""
    return f"{folder}/{source}.reported.json"


def _reported(source: str, folder: str) -> dict[str, str]:
    text = read_small(_report(source, folder))
    found: dict[str, str] = json.loads(text) if text else {}
    return found


def _listed(source: str, folder: str) -> dict[str, str]:
    """Name and checksum of each shard of the last pull that was completed."""
    if not exists(f"{folder}/{source}.shards.json"):
        return {}
    try:
        known = pulled_shards(folder, [source])
    except ConfigError:  # of another version: all of it is new
        return {}
    return {shard.shard: shard.sha256 for shard in known}


def _ids(shards: Iterable[str], folder: str) -> set[bytes]:
    """Ids of the samples in shards; those that are gone or of another version of the records are none."""
    found: set[bytes] = set()
    for name in shards:
        with suppress(SchemaMismatch):
            rows = read_rows(f"{folder}/{name}.parquet", ["id"])
            found.update(bytes.fromhex(row["id"]) for row in rows)
    return found


def _delete_all_but(kept: Set[str], source: str, folder: str) -> None:
    """Delete the files of other shards of a source; what else lies in the folder is not ours."""
    filesystem, path = fsspec.core.url_to_fs(folder)
    filesystem.invalidate_cache()
    for found in filesystem.glob(f"{path}/{source}-*"):
        shard = _SHARD_FILE.fullmatch(found.rpartition("/")[2].removeprefix(f"{source}-"))
        if shard and f"{source}-{shard[1]}" not in kept:
            filesystem.rm_file(found)


_SHARD_FILE = re.compile(
    rf"((?:{'|'.join(Modality)}|none)-(?:[0-9a-f]{{12}}|rejects)(?:-[0-9a-f]{{16}})?)"
    r"\.(?:parquet|rejects\.parquet|report\.json)"
)
"""What `sources.pull.write_shards` calls a file of a shard, after the name of the source."""

"""Pulls a source to where `build_pairs` looks for it, and reports whether it changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fsspec

from records.errors import ConfigError
from records.files import exists
from records.sections import QualityConfig, SourceConfig
from records.shards import read_report
from sources.provenance import Source
from sources.pull import list_samples, read, write_shards
from sources.source import source_named
from vermillion.pipeline.form import pulled_folder, root


def refresh(source: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Pull one source; the shards of the last pull are kept until the new list is complete.

    Returns:
        ``changed``, and the counts of shards, samples and rejects.

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
    """Pull one source into a folder; shards that it no longer holds are deleted last."""
    before = _checksums(source, folder)
    write_shards(
        source, read(source, settings), folder, shard_size, settings.limit, QualityConfig()
    )
    after = _checksums(source, folder)
    for url in before.keys() - after.keys():
        _delete(url)
    reports = [report for url in after if (report := read_report(url))]
    return {
        "changed": before != after,
        "folder": folder,
        "shards": len(after),
        "samples": sum(report.rows_out for report in reports),
        "rejects": sum(report.rejected for report in reports),
    }


def _checksums(source: str, folder: str) -> dict[str, str]:
    if not exists(f"{folder}/{source}.shards.json"):
        return {}
    try:
        known = list_samples(folder)
    except ConfigError:  # of another version: all of it is new
        return {}
    urls = [url for url in known if Path(url).name.startswith(f"{source}-")]
    return {url: report.sha256 for url in urls if (report := read_report(url))}


def _delete(url: str) -> None:
    filesystem, path = fsspec.core.url_to_fs(url.removesuffix(".parquet"))
    for suffix in (".report.json", ".parquet", ".rejects.parquet"):
        if filesystem.exists(path + suffix):
            filesystem.rm_file(path + suffix)

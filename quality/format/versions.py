"""Versions of a dataset: each is written once; `latest.json` names the newest; old ones can be removed.

``<root>/datasets/<name>/<version>/`` never changes once its manifest exists, so the next build does
not disturb a trainer that reads it. `latest.json` beside the versions is replaced atomically, on
object stores too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import fsspec

from quality.format.drafts import DraftMark, read_mark
from quality.format.manifest import MANIFEST, read_manifest
from records.errors import ConfigError
from records.files import exists, located, write_text

LATEST = "latest.json"


@dataclass(frozen=True, slots=True)
class Version:
    """A folder below a dataset's name."""

    name: str
    url: str
    written: datetime | None
    """When its manifest was written; None if there is no manifest, because publication was interrupted."""
    draft: DraftMark | None = None
    """Which process writes it, in an object store; None if its manifest is there, or nobody does."""

    @property
    def being_written(self) -> bool:
        """True if a process writes it now."""
        return self.draft is not None and self.draft.live


def home_of(root: str, name: str) -> str:
    """The folder that holds all versions of a dataset."""
    return f"{root.rstrip('/')}/datasets/{name}"


def version_for(home: str, inputs: str, today: date | None = None) -> str:
    """The default name of a version: its date and the hash of its inputs.

    A version made from the same inputs on another day keeps its name.
    """
    suffix = f"-{inputs[:8]}"
    for found in versions(home):
        if found.name.endswith(suffix) and found.written:
            manifest = read_manifest(found.url)
            if manifest and manifest["inputs"] == inputs:
                return found.name
    return f"{today or datetime.now(UTC).date():%Y-%m-%d}{suffix}"


def require_unwritten(url: str, inputs: str) -> None:
    """Check that a version may be written: it does not exist, or has the same inputs.

    Raises:
        ConfigError: it exists with other inputs; the message says what to do.
    """
    manifest = read_manifest(url)
    if manifest is None and not exists(f"{url}/{MANIFEST}"):
        return
    if manifest is None or manifest["inputs"] != inputs:
        home, _, version = url.rpartition("/")
        raise ConfigError(
            f"{url} stands already and was made of other inputs (settings, samples or code); a version is "
            "never overwritten: give another `version`, leave it out (then it is named by date and "
            f"inputs), or remove this one with `vermillion prune {home} --remove {version}`"
        )


def latest(home: str) -> str | None:
    """The version that was built last, or None."""
    filesystem, path, there = located(f"{home}/{LATEST}", fresh=True)
    if not there:
        return None
    return str(json.loads(filesystem.cat_file(path))["version"])


def set_latest(home: str, version: str) -> bool:
    """Let `latest.json` name a version; True if it named another one before."""
    if latest(home) == version:
        return False
    write_text(f"{home}/{LATEST}", json.dumps({"version": version}) + "\n")
    return True


def resolved(dataset: str) -> str:
    """The folder of one version: a dataset's own folder stands for its latest one."""
    home = dataset.rstrip("/")
    named = latest(home)
    return f"{home}/{named}" if named else home


def versions(home: str) -> list[Version]:
    """All versions of a dataset, the oldest first; those that were cut off before all others."""
    filesystem, path, there = located(home, fresh=True)
    if not there:
        return []
    found = []
    for entry in filesystem.ls(path, detail=True):
        name = entry["name"].rstrip("/").rpartition("/")[2]
        if entry["type"] == "directory" and not name.startswith("."):  # Local drafts are hidden.
            url, written = f"{home}/{name}", _written(filesystem, entry["name"])
            found.append(Version(name, url, written, None if written else read_mark(url)))
    return sorted(
        found, key=lambda one: (one.written or datetime.min.replace(tzinfo=UTC), one.name)
    )


def manifest_before(url: str) -> dict[str, Any] | None:
    """The manifest of the version that was the latest before this one, or None.

    Args:
        url: A version, which need not stand yet.
    """
    home, _, own = url.rpartition("/")
    named = latest(home)
    if named in (None, own):
        others = [one.name for one in versions(home) if one.written and one.name != own]
        named = others[-1] if others else None
    return read_manifest(f"{home}/{named}") if named else None


def prune_versions(
    home: str, keep: int, remove: Sequence[str] = (), dry_run: bool = False
) -> list[Version]:
    """Remove old versions, and drafts of publications that were cut off; those that are removed.

    Args:
        home: The folder that holds all versions.
        keep: How many of the newest stay. The latest one always does, and drafts that a process writes.
        remove: Remove just these versions instead, drafts included.
        dry_run: Tell what would be removed, and remove nothing.

    Raises:
        ConfigError: there is no such dataset or version, the folder is one version or holds no
            published one, or the latest one is to be removed while others stand.
    """
    known = versions(home)
    whole = [one for one in known if one.written]
    if exists(f"{home}/{MANIFEST}"):
        above = home.rpartition("/")[0]
        raise ConfigError(f"{home} is one version; give the folder that holds all: {above}")
    if not whole and not any(
        one.draft for one in known
    ):  # another folder: what is in it is not ours to remove
        raise ConfigError(
            f"{home}: no published version in it; give the folder that holds a dataset's versions"
        )
    named = latest(home)
    if remove:
        missing = sorted(set(remove) - {one.name for one in known})
        if missing:
            raise ConfigError(f"{home}: no version {', '.join(missing)}; {_names(known)}")
        if named in remove and len(whole) > 1:
            raise ConfigError(
                f"{home}: version {named} is the latest one, and trainers may be sent to it; build "
                "another one first"
            )
        gone = [one for one in known if one.name in remove]
    else:
        kept = {one.name for one in whole[max(0, len(whole) - keep) :]} | {named}
        gone = [one for one in known if one.name not in kept and not one.being_written]
    if not dry_run:
        for one in gone:
            _remove(one, home, named)
    return gone


def _remove(version: Version, home: str, named: str | None) -> None:
    filesystem, path = fsspec.core.url_to_fs(home)
    if version.name == named:
        filesystem.rm_file(f"{path}/{LATEST}")
    # Without its manifest first, so that no half of it is taken for a dataset.
    if version.written:
        filesystem.rm_file(f"{path}/{version.name}/{MANIFEST}")
    filesystem.rm(f"{path}/{version.name}", recursive=True)


def _names(known: Sequence[Version]) -> str:
    return f"versions: {', '.join(one.name for one in known)}"


def _written(filesystem: Any, path: str) -> datetime | None:
    manifest = f"{path}/{MANIFEST}"
    if not filesystem.exists(manifest):
        return None
    at: datetime = filesystem.modified(manifest)
    return at if at.tzinfo else at.replace(tzinfo=UTC)

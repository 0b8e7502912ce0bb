"""The manifest lists the contents of a published dataset; a folder without one is not a dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import fsspec

from records.errors import SchemaMismatch

MANIFEST = "manifest.json"
FORMAT = 1
"""Version of the layout of published datasets."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file of a dataset, as its manifest lists it."""

    path: str
    """Relative to the dataset."""
    bytes: int
    sha256: str
    rows: int | None = None

    @classmethod
    def of(cls, name: str, file: Path, rows: int | None = None) -> PublishedFile:
        """A local file that is listed as ``name``."""
        with file.open("rb") as data:
            digest = hashlib.file_digest(cast(Any, data), "sha256").hexdigest()
        return cls(name, file.stat().st_size, digest, rows)

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def read_manifest(dataset: str) -> dict[str, Any] | None:
    """The manifest of a dataset, or None if there is none of this format."""
    filesystem, path = fsspec.core.url_to_fs(f"{dataset.rstrip('/')}/{MANIFEST}")
    try:
        found = json.loads(filesystem.cat_file(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        return None
    return found


def read_complete(dataset: str, inputs: str) -> dict[str, Any] | None:
    """The manifest of a dataset made from ``inputs`` if every listed file exists with its size, or None."""
    manifest = read_manifest(dataset)
    if manifest is None or manifest.get("inputs") != inputs:
        return None
    sizes = sizes_of(dataset)
    whole = all(sizes.get(file["path"]) == file["bytes"] for file in manifest["files"])
    return manifest if whole else None


def sizes_of(dataset: str) -> dict[str, int]:
    """The bytes of every file of a dataset, as its store lists them now, by path relative to it."""
    filesystem, path = fsspec.core.url_to_fs(dataset)
    filesystem.invalidate_cache()  # another process may have written or removed some
    return {
        name.strip("/").removeprefix(path.strip("/")).lstrip("/"): entry["size"]
        for name, entry in filesystem.find(path, detail=True).items()
    }


def require_as_published(dataset: str, manifest: Mapping[str, Any], splits: Sequence[str]) -> None:
    """Check that splits consist of the files that were published, and no others, by name and size.

    A manifest that another program wrote may list no files; then nothing is checked.

    Raises:
        SchemaMismatch: a file is missing, cut off or replaced, or one was put beside them.
    """
    if "files" not in manifest:
        return
    files = {file["path"]: file["bytes"] for file in manifest["files"]}
    for split in splits:
        listed = {path: size for path, size in files.items() if path.startswith(f"{split}/")}
        found = {f"{split}/{name}": size for name, size in sizes_of(f"{dataset}/{split}").items()}
        parts = {path: size for path, size in found.items() if path.endswith(".parquet")}
        for path in sorted(listed.keys() | parts.keys()):
            if path not in listed:
                wrong = f"is not in {MANIFEST}; remove it"
            elif path not in parts:
                wrong = (
                    f"is named by {MANIFEST} and missing; restore it, or publish the version again"
                )
            elif listed[path] != parts[path]:
                wrong = (
                    f"has {parts[path]} bytes, and {listed[path]} by {MANIFEST}: cut off or replaced; "
                    "restore it, or publish the version again"
                )
            else:
                continue
            raise SchemaMismatch(f"{dataset.rstrip('/')}/{path} {wrong}")


def dump(facts: Mapping[str, Any]) -> str:
    """The text of a manifest; equal facts give equal text."""
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

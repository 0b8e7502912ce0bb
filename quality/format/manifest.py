"""The manifest lists the contents of a published dataset; a folder without one is not a dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import fsspec

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
    if not filesystem.exists(path):
        return None
    found = json.loads(filesystem.cat_file(path))
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        return None
    return found


def is_complete(dataset: str, manifest: Mapping[str, Any], inputs: str) -> bool:
    """True if a dataset was made from ``inputs`` and every listed file exists with its size."""
    if manifest.get("inputs") != inputs:
        return False
    filesystem, path = fsspec.core.url_to_fs(dataset)
    return all(
        filesystem.exists(f"{path}/{file['path']}")
        and filesystem.size(f"{path}/{file['path']}") == file["bytes"]
        for file in manifest["files"]
    )


def dump(facts: Mapping[str, Any]) -> str:
    """The text of a manifest; equal facts give equal text."""
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

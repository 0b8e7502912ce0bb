"""Reads any folder of programs: ``.py`` charts, ``.html`` and ``.md`` tables, ``.svg`` icons.

Use it for your own data. A picture with the same stem, beside the program or under ``img/`` or
``images/``, is taken as its upstream picture; a ``manifest.json`` (a list of objects with ``html``,
``python``, ``markdown`` or ``svg``: a path, and optionally ``image``, ``licence`` and ``kind``) can
say more. ``*.pred.*`` files are predictions, not references, and are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from records.errors import ConfigError, SourceError
from records.taxonomy import Language, Modality
from sources.provenance import (
    Provenance,
    Pulled,
    Source,
    is_there,
    picture_file,
    program_file,
    reject,
    unlike,
)

MANIFEST = "manifest.json"
EXPECTED = "files ending in .py, .html, .md or .svg"
PICTURES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class Folder:
    """The reader of such folders, for all modalities or one."""

    name: str
    modality: Modality | None = None
    skipped: frozenset[str] = field(
        default=frozenset({"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE.md"})
    )
    """Markdown files that speak about the folder."""

    def files(self, snapshot: Path) -> tuple[Path, ...]:
        """Programs in the order of their paths, then the manifest and pictures.

        Raises:
            ConfigError: there is no program.
        """
        programs = self._programs(snapshot)
        notes = _notes(snapshot)
        pictures = (_picture(snapshot, path, notes.get(path, {})) for path in programs)
        manifest = [snapshot / MANIFEST] if (snapshot / MANIFEST).is_file() else []
        there = (path for path in programs if path.is_file())
        return (*there, *manifest, *(path for path in pictures if path is not None))

    def read(self, snapshot: Path, provenance: Provenance) -> Pulled:
        """Every program, in the order of paths.

        Raises:
            ConfigError: there is no program, or the manifest is no such list.
        """
        notes = _notes(snapshot)
        for path in self._programs(snapshot):
            upstream_id = path.relative_to(snapshot).as_posix()
            language = Language.of_suffix(path.suffix)
            assert language is not None
            try:
                code = program_file(path)
            except SourceError as error:
                yield reject(error, upstream_id)
                continue
            note = notes.get(path, {})
            kind = note.get("kind")
            picture = _picture(snapshot, path, note)
            yield provenance.under(note.get("licence")).admit(
                code,
                language,
                upstream_id,
                kind=kind if isinstance(kind, str) else "",
                image=picture_file(picture) if picture else None,
            )

    def _programs(self, snapshot: Path) -> list[Path]:
        found = []
        for path in sorted(snapshot.rglob("*")) if snapshot.is_dir() else []:
            language = Language.of_suffix(path.suffix)
            relative = path.relative_to(snapshot)
            if (
                language is None
                or (self.modality and language.modality is not self.modality)
                or path.stem.endswith(".pred")
                or path.name in self.skipped
                or any(part.startswith((".", "__pycache__")) for part in relative.parts)
                # A link to nothing is a program that is lost; it is reported with the rejects.
                or not (path.is_file() or (path.is_symlink() and not path.exists()))
            ):
                continue
            found.append(path)
        if not found:
            raise unlike(snapshot, self.name, EXPECTED)
        return found


def _notes(snapshot: Path) -> dict[Path, Mapping[str, object]]:
    path = snapshot / MANIFEST
    if not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no JSON ({error}); correct it or remove it") from error
    if not isinstance(entries, list):
        raise ConfigError(f"{path} is no list of objects; correct it or remove it")
    notes: dict[Path, Mapping[str, object]] = {}
    for entry in entries:
        if isinstance(entry, Mapping):
            for language in Language:
                program = entry.get(language.value)
                if isinstance(program, str):
                    notes[snapshot / PurePosixPath(program)] = entry
    return notes


def _picture(snapshot: Path, program: Path, note: Mapping[str, object]) -> Path | None:
    named = note.get("image")
    if isinstance(named, str) and named:
        relative = PurePosixPath(named)
        path = snapshot / relative
        # A manifest of others must not make files outside the folder part of a dataset.
        inside = not relative.is_absolute() and ".." not in relative.parts
        return path if inside and is_there(path) else None
    for folder in (program.parent, snapshot / "img", snapshot / "images"):
        for suffix in PICTURES:
            path = folder / (program.stem + suffix)
            if path.is_file():
                return path
    return None


_ALL = Folder("folder")
_TABLES = Folder("tables", Modality.TABLE)

FOLDER = Source(name="folder", licence="unstated", modality=None, files=_ALL.files, read=_ALL.read)
TABLES = Source(
    name="tables",
    licence="unstated",
    modality=Modality.TABLE,
    files=_TABLES.files,
    read=_TABLES.read,
)

"""Reads pairs of programs from a folder: ``<modality>/<stem>-ref.*`` and ``<stem>-cand*.*``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from records.rows import Sample
from records.taxonomy import Language, Modality

LANGUAGES = {
    ".py": Language.PYTHON,
    ".html": Language.HTML,
    ".md": Language.MARKDOWN,
    ".svg": Language.SVG,
}


@dataclass(frozen=True)
class FilePair:
    """A reference and one candidate, not yet drawn."""

    modality: Modality
    stem: str
    """Name of the candidate's file without ending, and without ``-cand`` where nothing follows it."""
    reference: Sample
    candidate: Sample


def folder_of(data: Path | None, lane: str) -> Path:
    """The folder that a suite reads: `data`, or its folder of the lane's name where there is one.

    Raises:
        ConfigError: none was given, or it does not exist.
    """
    if data is None:
        raise ConfigError(
            f"--lane {lane} reads pairs with known answers: give their folder, --data DIR "
            "(DIR/chart, DIR/table, DIR/svg with STEM-ref.* and STEM-cand.*)"
        )
    if not data.is_dir():
        raise ConfigError(f"--data {data}: no such folder")
    own = data / lane
    return own if own.is_dir() else data


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        ConfigError: the file cannot be read, or holds no JSON object.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{file}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{file}: not a JSON object")
    return found


def pairs_in(
    folder: Path,
    named: Mapping[str, str] | None = None,
    modalities: Sequence[Modality] = tuple(Modality),
) -> Iterator[FilePair]:
    """Every pair of a folder, by modality and name.

    ``a-cand2.py`` belongs to ``a-ref.py``; where no reference has its name, the longest that begins
    as the candidate does: ``a-shift-cand.html`` belongs to ``a-ref.html``, or else to
    ``a-looks-ref.html`` if that is the only one of the case.

    Args:
        folder: Where they lie.
        named: References of candidates, both by file name, if names alone do not show them.
        modalities: Those that are read.

    Raises:
        ConfigError: no pair at all.
    """
    found = 0
    for modality in modalities:
        inside = folder / modality
        files = sorted(inside.iterdir()) if inside.is_dir() else []
        references = {
            file.stem.removesuffix("-ref"): file for file in files if file.stem.endswith("-ref")
        }
        for file in files:
            stem, mark, number = file.stem.rpartition("-cand")
            if not mark or file.suffix not in LANGUAGES:
                continue
            reference_name = (named or {}).get(file.name)
            reference = inside / reference_name if reference_name else _reference(stem, references)
            if reference is None:
                continue
            found += 1
            name = f"{stem}{mark if number else ''}{number}"
            yield FilePair(modality, name, _sample(reference), _sample(file))
    if not found:
        raise ConfigError(
            f"{folder}: no pairs; they lie as MODALITY/STEM-ref.* beside MODALITY/STEM-cand.*, "
            f"with MODALITY one of {', '.join(modalities)}"
        )


def _reference(stem: str, references: dict[str, Path]) -> Path | None:
    if stem in references:
        return references[stem]
    words = stem.split("-")
    for length in range(len(words) - 1, 0, -1):
        start = "-".join(words[:length])
        if start in references:
            return references[start]
        near = [file for name, file in references.items() if name.startswith(f"{start}-")]
        if len(near) == 1:
            return near[0]
    return None


def _sample(file: Path) -> Sample:
    code, language = file.read_text(encoding="utf-8"), LANGUAGES[file.suffix]
    return Sample.of(code, language, source="file", revision="", licence="", upstream_id=file.name)

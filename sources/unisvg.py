"""UniSVG: icons as SVG programs, from JSON files too large for memory.

Source: lili24/UniSVG on the hub: ``test.json``, one JSON for training whose name is found by its
record form (``type, q_text, a_text, image_path, keywords``), and pictures in ``png.zip`` or
``png/``. Only records of type ISVGEN hold a program to draw; the others ask questions about
pictures, so they are passed over and are no rejects.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from records.errors import ConfigError, SourceError
from records.rows import Reject, content_id
from records.taxonomy import Language, Modality
from sources.json_records import first_records, json_records
from sources.provenance import (
    PICTURE_BYTES,
    Provenance,
    Pulled,
    Source,
    is_picture,
    picture_file,
    reject,
    unlike,
)

TASK = "ISVGEN"
TEST = "test.json"
RESERVED = "unisvg_test"
EXPECTED = f"{TEST} or another JSON list of records with type, a_text and image_path"

_START = re.compile(r"<svg[\s>]")


def files(snapshot: Path) -> tuple[Path, ...]:
    """The record files, test last, then the pictures.

    Raises:
        ConfigError: no file has UniSVG's record form.
    """
    records = _record_files(snapshot)
    folder = records[0].parent
    archives = [path for path in (folder / "png.zip",) if path.is_file()]
    pictures = sorted(path for path in (folder / "png").rglob("*") if path.is_file())
    return (*records, *archives, *pictures)


def read(snapshot: Path, provenance: Provenance) -> Pulled:
    """Every icon, those that may be trained on first; a training icon of the test is a duplicate.

    Raises:
        ConfigError: no file has UniSVG's record form, or one of its files is damaged.
    """
    records = _record_files(snapshot)
    held_back = {
        content_id(Language.SVG.modality, Language.SVG, svg_of(str(record.get("a_text"))))
        for path in records
        if path.name == TEST and len(records) > 1
        for _, record in json_records(path)
        if isinstance(record, Mapping)
    }
    with ExitStack() as held:
        pictures = _Pictures(records[0].parent, held)
        for path in records:
            for found in _icons(path, provenance, pictures):
                if isinstance(found, Reject) or found.reserved or found.id not in held_back:
                    yield found
                else:
                    error = SourceError("duplicate", f"same code as a reserved icon of {TEST}")
                    yield reject(error, found.upstream_id)


def svg_of(answer: str) -> str:
    """The SVG program in an answer; the answer itself where it is one, or holds none.

    >>> svg_of("Sure: ```svg <svg></svg> ```")
    '<svg></svg>'
    """
    if answer.lstrip().startswith(("<svg", "<?xml", "<!")):
        return answer
    start, end = _START.search(answer), answer.rfind("</svg>")
    return answer[start.start() : end + len("</svg>")] if start and end > 0 else answer


def _icons(path: Path, provenance: Provenance, pictures: _Pictures) -> Pulled:
    for number, record in json_records(path):
        upstream_id = f"{path.name}#{number}"
        if not isinstance(record, Mapping):
            detail = f"a record is a {type(record).__name__}"
            yield reject(SourceError("not_an_object", detail), upstream_id)
            continue
        task, answer = record.get("type"), record.get("a_text")
        if not isinstance(task, str) or not isinstance(answer, str):
            missing = "type" if not isinstance(task, str) else "a_text"
            yield reject(SourceError("missing_key", missing), upstream_id)
            continue
        if task != TASK:
            continue
        yield provenance.under(record.get("licence", record.get("_licence"))).admit(
            svg_of(answer),
            Language.SVG,
            upstream_id,
            reserved=RESERVED if path.name == TEST else "",
            image=pictures.of(record.get("image_path")),
        )


def _record_files(snapshot: Path) -> tuple[Path, ...]:
    folders = [snapshot, *sorted(snapshot.iterdir())] if snapshot.is_dir() else []
    groups = [sorted(folder.glob("*.json")) for folder in folders] or [[snapshot]]
    for group in groups:
        found = [path for path in group if path.is_file() and _is_ours(path)]
        if found:
            return tuple(sorted(found, key=lambda path: (path.name == TEST, path.name)))
    raise unlike(snapshot, "UniSVG", EXPECTED)


def _is_ours(path: Path) -> bool:
    return any(map(_has_form, first_records(path, 20)))


def _has_form(record: object) -> bool:
    return isinstance(record, Mapping) and "a_text" in record and "type" in record


class _Pictures:
    """Upstream pictures by ``image_path``, from the folder or the zip, whichever is there."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self._folder = folder
        self._zip: zipfile.ZipFile | None = None
        path = folder / "png.zip"
        if path.is_file():
            try:
                self._zip = held.enter_context(zipfile.ZipFile(path))
            except (zipfile.BadZipFile, OSError) as error:
                raise ConfigError(
                    f"{path} is damaged or only half there ({error}); download it again, or "
                    "remove it: the pictures are optional"
                ) from error

    def of(self, image_path: object) -> bytes | None:
        if not isinstance(image_path, str) or not image_path:
            return None
        relative = PurePosixPath(image_path)
        if relative.is_absolute() or ".." in relative.parts:
            return None
        for name in (f"png/{relative}", str(relative)):
            data = picture_file(self._folder / name)
            if data is None and self._zip is not None:
                data = self._member(name)
            if data is not None:
                return data
        return None

    def _member(self, name: str) -> bytes | None:
        assert self._zip is not None
        try:
            member = self._zip.getinfo(name)
            if member.file_size > PICTURE_BYTES:
                return None
            with self._zip.open(member) as file:
                data = file.read(PICTURE_BYTES + 1)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
            return None
        return data if is_picture(data) else None


SOURCE = Source(
    name="unisvg",
    licence="unsettled: Apache-2.0 or CC-BY-4.0",
    modality=Modality.SVG,
    files=files,
    read=read,
    repo_id="lili24/UniSVG",
    revision="main",
    allow_patterns=("*.json",),
)

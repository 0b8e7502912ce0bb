"""Describes sources and the origin of programs, and decides which programs become samples.

Every reader says which source, revision and license it reads under, and hands each program to
`Provenance.admit`: so one function decides which records are unusable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from records.errors import ConfigError, SourceError
from records.rows import Reject, Sample
from records.taxonomy import Language, Modality

STAGE = "pull"

CODE_BYTES = 1_000_000
"""A longer program is no plot, table or icon a person wrote; it is rejected as `too_large`."""

PICTURE_BYTES = 32_000_000
"""A larger upstream picture is left out; the sample stays."""

Pulled = Iterator[Sample | Reject]
Reader = Callable[[Path, "Provenance"], Pulled]

_TABLE = re.compile(r"<table[\s/>]", re.IGNORECASE)
_SVG = re.compile(r"<(\w+:)?svg[\s/>]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where programs come from, and how its snapshots are read."""

    name: str
    licence: str
    """SPDX expression, or upstream's own words if the license is unclear."""
    modality: Modality | None
    """None if a source contains several."""
    files: Callable[[Path], tuple[Path, ...]]
    """The files of a snapshot that are read; raises ConfigError if the path is not a snapshot of it."""
    read: Reader
    repo_id: str = ""
    """Dataset on the hub; empty if there is none."""
    revision: str = ""
    """Revision that is downloaded when none is asked for."""
    allow_patterns: tuple[str, ...] = ()
    """What of the dataset is downloaded."""
    here: Path | None = None
    """A snapshot that is always there."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Name, revision and license that a reader stamps on what it reads."""

    source: str
    revision: str
    licence: str

    def under(self, licence: object) -> Provenance:
        """The same provenance with a record's own license, if it states one."""
        return replace(self, licence=licence) if isinstance(licence, str) and licence else self

    def admit(
        self,
        code: str,
        language: Language,
        upstream_id: str,
        *,
        kind: str = "",
        reserved: str = "",
        image: bytes | None = None,
    ) -> Sample | Reject:
        """A sample of ``code``, or a reject: empty, too_large, broken_unicode, no_table, no_svg."""
        try:
            check_program(code, language)
            for text in (upstream_id, kind, self.licence):
                _check_unicode(text)
        except SourceError as error:
            return reject(error, upstream_id)
        return Sample.of(
            code,
            language,
            source=self.source,
            revision=self.revision,
            licence=self.licence,
            upstream_id=upstream_id,
            kind=kind,
            reserved=reserved,
            image=image,
        )


def reject(error: SourceError, upstream_id: str) -> Reject:
    """The reject a lost record becomes; its id is printable whatever the record held."""
    return Reject(stage=STAGE, reason=error.reason, item_id=upstream_id, detail=error.detail)


def check_program(code: str, language: Language) -> None:
    """Passes a program that is worth rendering.

    Raises:
        SourceError: it is empty, too large, not Unicode, or holds no table or icon.
    """
    size = _check_unicode(code)
    if size > CODE_BYTES:
        raise SourceError("too_large", f"{size} bytes; at most {CODE_BYTES} are read")
    if not code.strip():
        raise SourceError("empty", "no program in the record")
    if "\0" in code:
        raise SourceError("broken_unicode", f"NUL at character {code.index(chr(0))}")
    match language:
        case Language.HTML if not _TABLE.search(code):
            raise SourceError("no_table", "holds no <table>")
        case Language.MARKDOWN if not any(map(_is_delimiter, code.splitlines())):
            raise SourceError("no_table", "holds no row of dashes under a header row")
        case Language.SVG if not _SVG.search(code):
            raise SourceError("no_svg", "holds no <svg>")


def _is_delimiter(line: str) -> bool:
    """True for ``|---|:-:|``, the row under the header of a Markdown table."""
    return "|" in line and "-" in line and not set(line) - set("|:- \t")


def _check_unicode(text: str) -> int:
    """Bytes of a text in UTF-8."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise SourceError("broken_unicode", f"character {error.start}: {error.reason}") from error


def decode(data: bytes) -> str:
    """Text of a program file (UTF-8, with or without a byte order mark).

    Raises:
        SourceError: too_large or broken_unicode.
    """
    if len(data) > CODE_BYTES:
        raise SourceError("too_large", f"{len(data)} bytes; at most {CODE_BYTES} are read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("broken_unicode", f"byte {error.start}: {error.reason}") from error


def program_file(path: Path) -> str:
    """Text of a program file, read no further than a program may be long.

    Raises:
        SourceError: too_large, broken_unicode, or unreadable.
    """
    try:
        with path.open("rb") as file:
            return decode(file.read(CODE_BYTES + 1))
    except OSError as error:
        raise SourceError("unreadable", error.strerror or str(error)) from error


def picture_file(path: Path) -> bytes | None:
    """Bytes of an upstream picture; None if it is missing, unreadable or too large."""
    if not is_there(path):
        return None
    try:
        with path.open("rb") as file:
            data = file.read(PICTURE_BYTES + 1)
    except OSError:
        return None
    return data if is_picture(data) else None


def is_there(path: Path) -> bool:
    """True for a regular file; False, too, for names from records that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_picture(data: bytes) -> bool:
    """True for PNG and JPEG bytes of an acceptable size."""
    return len(data) <= PICTURE_BYTES and data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def unlike(snapshot: Path, source: str, expected: str) -> ConfigError:
    """The error for a path that is no snapshot of ``source``: what was expected, what is there."""
    if not snapshot.exists():
        return ConfigError(f"{snapshot} does not exist; give the folder of a {source} snapshot")
    if snapshot.is_file():
        found = f"the file {snapshot.name}"
    else:
        names = sorted(path.name + "/" * path.is_dir() for path in snapshot.iterdir())
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        found = ", ".join(names[:8]) + more if names else "an empty folder"
    return ConfigError(f"{snapshot} is no {source} snapshot: expected {expected}; found {found}")

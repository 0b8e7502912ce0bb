"""ChartMimic: matplotlib scripts of 22 chart types, from the archive or its extracted folders.

Source: ChartMimic/ChartMimic on the hub, ``dataset-iclr.tar.gz`` (``direct_1800 direct_600
customized_1800 customized_600``) and the older ``dataset-old.tar.gz`` (``ori_500
customized_500``); each folder is flat: ``<type>_<n>.{py,png,pdf}``.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import IO

from records.errors import ConfigError, SourceError
from records.rows import Reject, Sample
from records.taxonomy import Language, Modality
from sources.provenance import (
    CODE_BYTES,
    PICTURE_BYTES,
    Provenance,
    Pulled,
    Source,
    decode,
    is_picture,
    picture_file,
    program_file,
    reject,
    unlike,
)

PARTS = re.compile(r"(direct|customized|ori)_\d+")
ITEM = re.compile(r"(?P<kind>\w[\w-]*?)_(?P<number>\d+)")
ARCHIVES = ("dataset-iclr.tar.gz", "dataset-old.tar.gz")
MEMBERS = 200_000
"""An archive with more members is none of ChartMimic's."""

EXPECTED = (
    "dataset-iclr.tar.gz, or folders direct_1800, direct_600, customized_1800, customized_600, "
    "ori_500, customized_500 with files like bar_1.py"
)

Item = tuple[str, str]
"""Part and stem: ``("direct_1800", "bar_1")``."""


def files(snapshot: Path) -> tuple[Path, ...]:
    """The files that are read: scripts and pictures of the part folders, else one archive.

    Raises:
        ConfigError: there are neither.
    """
    found = tuple(path for folder in _folders(snapshot) for path in _items(folder))
    return found or (_archive(snapshot),)


def read(snapshot: Path, provenance: Provenance) -> Pulled:
    """Every script with its upstream picture, those that may be trained on first.

    A script of the reserved parts that also stands elsewhere is kept only as reserved. The order
    mixes chart types and depends on content alone, so archive and folders give the same.

    Raises:
        ConfigError: no ChartMimic snapshot, or a damaged archive.
    """
    folders = _folders(snapshot)
    with ExitStack() as held:
        if folders:
            codes, picture = _from_folders(folders)
        else:
            spool = held.enter_context(tempfile.TemporaryFile())
            codes, picture = _from_archive(_archive(snapshot), spool)
        yield from _in_order(codes, picture, provenance)


def _in_order(
    codes: dict[Item, str | SourceError],
    picture: Callable[[Item], bytes | None],
    provenance: Provenance,
) -> Pulled:
    admitted: list[tuple[Item, Sample]] = []
    for item in sorted(codes):
        code = codes[item]
        upstream_id = "/".join(item) + ".py"
        if isinstance(code, SourceError):
            yield reject(code, upstream_id)
            continue
        sample = provenance.admit(
            code, Language.PYTHON, upstream_id, kind=_kind(item), reserved=_reserved(item)
        )
        if isinstance(sample, Reject):
            yield sample
        else:
            admitted.append((item, sample))
    held_back = {sample.id: sample.upstream_id for _, sample in admitted if sample.reserved}
    for item, sample in sorted(admitted, key=lambda pair: (pair[1].reserved, pair[1].id, pair[0])):
        if not sample.reserved and sample.id in held_back:
            detail = f"same code as the reserved {held_back[sample.id]}"
            yield reject(SourceError("duplicate", detail), sample.upstream_id)
        else:
            yield sample.model_copy(update={"image": picture(item)})


def _kind(item: Item) -> str:
    match = ITEM.fullmatch(item[1])
    kind = match["kind"] if match else ""
    # The first version says "scatters", the second "scatter".
    return "scatter" if kind == "scatters" else kind


def _reserved(item: Item) -> str:
    return "chartmimic_600" if item[0].endswith("_600") else ""


def _folders(snapshot: Path) -> list[Path]:
    """Part folders: up to three levels below the snapshot, or the snapshot itself."""
    if not snapshot.is_dir():
        return []
    found = [
        folder
        for pattern in ("*", "*/*", "*/*/*")
        for folder in snapshot.glob(pattern)
        if folder.is_dir() and PARTS.fullmatch(folder.name) and next(_items(folder), None)
    ]
    if not found and any(path.suffix == ".py" for path in _items(snapshot)):
        found = [snapshot]
    return sorted(found)


def _items(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.suffix in (".py", ".png") and ITEM.fullmatch(path.stem) and path.is_file():
            yield path


def _from_folders(
    folders: list[Path],
) -> tuple[dict[Item, str | SourceError], Callable[[Item], bytes | None]]:
    codes: dict[Item, str | SourceError] = {}
    pictures: dict[Item, Path] = {}
    for folder in folders:
        for path in _items(folder):
            item = (folder.name, path.stem)
            if path.suffix == ".py":
                try:
                    codes[item] = program_file(path)
                except SourceError as error:
                    codes[item] = error
            else:
                pictures[item] = path
    return codes, lambda item: picture_file(pictures[item]) if item in pictures else None


def _archive(snapshot: Path) -> Path:
    if snapshot.is_file() and snapshot.name.endswith((".tar.gz", ".tgz", ".tar")):
        return snapshot
    for name in ARCHIVES:
        if (snapshot / name).is_file():
            return snapshot / name
    raise unlike(snapshot, "ChartMimic", EXPECTED)


def _from_archive(
    archive: Path, spool: IO[bytes]
) -> tuple[dict[Item, str | SourceError], Callable[[Item], bytes | None]]:
    """Scripts in memory, pictures in an unnamed spool file; no member is written by its name."""
    codes: dict[Item, str | SourceError] = {}
    places: dict[Item, tuple[int, int]] = {}
    try:
        with tarfile.open(archive, "r|*") as members:
            for count, member in enumerate(members):
                if count > MEMBERS:
                    raise ConfigError(f"{archive} has over {MEMBERS} members; not ChartMimic's")
                item = _item_of(member)
                if item is None:
                    continue
                file = members.extractfile(member)
                if file is None:
                    continue
                if member.name.endswith(".py"):
                    try:
                        codes[item] = decode(file.read(CODE_BYTES + 1))
                    except SourceError as error:
                        codes[item] = error
                elif member.size <= PICTURE_BYTES:
                    data = file.read()
                    if is_picture(data):
                        places[item] = (spool.tell(), len(data))
                        spool.write(data)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ConfigError(
            f"{archive} is damaged or only half there ({error}); download it again"
        ) from error
    if not codes:
        raise ConfigError(f"{archive} holds no ChartMimic script: expected {EXPECTED}")

    def picture(item: Item) -> bytes | None:
        if item not in places:
            return None
        start, size = places[item]
        spool.seek(start)
        return spool.read(size)

    return codes, picture


def _item_of(member: tarfile.TarInfo) -> Item | None:
    """Part and stem of a regular member in a part folder; None for anything else."""
    path = PurePosixPath(member.name)
    if not member.isreg() or len(path.parts) < 2 or path.suffix not in (".py", ".png"):
        return None
    part = path.parts[-2]
    if not PARTS.fullmatch(part) or not ITEM.fullmatch(path.stem):
        return None
    return part, path.stem


SOURCE = Source(
    name="chartmimic",
    licence="Apache-2.0",
    modality=Modality.CHART,
    files=files,
    read=read,
    repo_id="ChartMimic/ChartMimic",
    revision="0c46ca5103b03fea520fb6e5b2d87c8a0372aaf1",
    allow_patterns=("dataset-iclr.tar.gz",),
)

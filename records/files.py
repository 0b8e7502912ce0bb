"""Files at fsspec URLs, local or in an object store: written whole or not at all."""

from __future__ import annotations

import glob
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import fsspec
import psutil

from records import nearby
from records.errors import ConfigError, EndpointUnavailable

READ_WHOLE = 2**22
"""Bytes of a file that may be held at once."""


def write_text(url: str, text: str) -> None:
    """Write a small file atomically."""
    with atomic_file(url) as local:
        local.write_text(text, encoding="utf-8")


def write_json(path: Path, values: Any) -> None:
    """Write a small JSON file atomically."""
    write_text(str(path), json.dumps(values, indent=1, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file; None if it is missing or incomplete."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


@contextmanager
def atomic_file(url: str) -> Iterator[Path]:
    """A local path to write to; on success it becomes ``url``, else it is removed.

    A local target is renamed into place; any other is uploaded in one piece, which object stores
    make visible at once.

    Raises:
        ConfigError: the object store has no such bucket.
    """
    filesystem, path = fsspec.core.url_to_fs(url)
    local = is_local(filesystem)
    draft = draft_beside(Path(path) if local else Path(tempfile.gettempdir(), Path(path).name))
    try:
        yield draft
        nearby.forget(url)
        draft.chmod(0o644)
        if local:
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.replace(path)
        else:
            _upload(filesystem, draft, path, url)
            if draft.stat().st_size <= READ_WHOLE:
                nearby.keep(url, draft.read_bytes())
    except OSError as error:
        if local and error.filename is None:  # As of a full disk, which writing names no file of.
            error.filename = path
        raise
    finally:
        draft.unlink(missing_ok=True)


def _upload(filesystem: Any, file: Path, path: str, url: str) -> None:
    try:
        filesystem.put_file(str(file), path)
    except FileNotFoundError as error:
        raise ConfigError(f"{url}: {error}; create the bucket, or correct the address") from error


def draft_beside(target: Path) -> Path:
    """Where this process may write what becomes ``target``; the folder is created."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _drop_abandoned(target.parent)
    return target.with_name(f".{target.name}.{socket.gethostname()}-{os.getpid()}.tmp")


@lru_cache(maxsize=256)
def _drop_abandoned(folder: Path) -> None:
    """Delete the drafts that killed writers left in a folder on this host; once a process."""
    for draft in folder.glob(f".*.{glob.escape(socket.gethostname())}-*.tmp"):
        pid = draft.stem.rpartition("-")[2]
        if pid.isdigit() and int(pid) != os.getpid() and not psutil.pid_exists(int(pid)):
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                draft.unlink(missing_ok=True)


def read_small(url: str) -> bytes | None:
    """A file of at most `READ_WHOLE` bytes; None if there is none. One request to an object store."""
    data = nearby.kept(url)
    if data is None:
        filesystem, path = fsspec.core.url_to_fs(url)
        try:
            # With a byte range, an object store is not asked for the size first.
            data = cast(bytes, filesystem.cat_file(path, start=0, end=READ_WHOLE))
        except FileNotFoundError:
            return None
        nearby.keep(url, data)
    return data


def exists(url: str) -> bool:
    """True if a file or a folder is there.

    Raises: as `located`.
    """
    return located(url)[2]


def located(url: str, what: str = "", fresh: bool = False) -> tuple[Any, str, bool]:
    """The file system of a URL, the path in it, and whether something is there.

    Args:
        url: A folder, a file, or an fsspec URL of one.
        what: Name of the setting or option that holds the URL, for the message.
        fresh: Forget what the store listed before; another process may have written there.

    Raises:
        ConfigError: no such file system.
        EndpointUnavailable: an object store does not answer, or denies access.
    """
    place = f"{what} {url}".strip()
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise ConfigError(
            f"{place}: {error}; give a folder, or with the extra s3 an s3:// URL"
        ) from error
    if fresh:
        filesystem.invalidate_cache()
    if is_local(filesystem):
        return filesystem, path, filesystem.exists(path)
    try:
        return filesystem, path, filesystem.exists(path)
    except Exception as error:  # each store raises its own errors; none is hidden
        raise EndpointUnavailable(
            f"{place}: {error}; are address and credentials in the environment "
            "(AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)?"
        ) from error


def writable(url: str, setting: str) -> None:
    """Check, before any work, that files can be written below a folder or URL; creates nothing.

    Args:
        url: The folder; it need not exist yet.
        setting: Name of the setting, for the message.

    Raises:
        ConfigError: unknown file system, not a folder, or no write permission.
        EndpointUnavailable: an object store does not answer, or denies access.
    """
    filesystem, path, _ = located(url, setting)
    if not is_local(filesystem):
        return
    folder = Path(path)
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise ConfigError(f"{setting} {url}: {folder} is a file; choose another folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{setting} {url}: this user may not write there; choose another folder")


def absolute(url: str) -> str:
    """The same folder or file, as a path from the root of this machine or as a URL."""
    filesystem, path = fsspec.core.url_to_fs(url)
    return path if is_local(filesystem) else url


def remove(url: str) -> None:
    """Delete a file if it is there."""
    nearby.forget(url)
    filesystem, path = fsspec.core.url_to_fs(url)
    if filesystem.exists(path):
        filesystem.rm_file(path)


def is_local(filesystem: Any) -> bool:
    """True if the paths of a file system are those of this machine."""
    return "file" in (
        (filesystem.protocol,) if isinstance(filesystem.protocol, str) else filesystem.protocol
    )

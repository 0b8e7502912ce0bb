"""The mark of a draft in an object store, where an unfinished version is visible: who writes it, since when.

On a local disk a draft is a hidden folder, and nobody can take it for a version.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import fsspec
import psutil

from records.errors import ConfigError

MARK = ".draft.json"
LONGEST = timedelta(hours=24)
"""A draft that was begun longer ago was abandoned: tasks that publish are ended after 12 hours."""


@dataclass(frozen=True, slots=True)
class DraftMark:
    """The process that writes a draft."""

    inputs: str
    """Hash of all that decides the dataset."""
    host: str
    process: int
    begun: str
    """Time, ISO 8601 with its zone."""

    @property
    def live(self) -> bool:
        """False if the process is known to have ended, or must have."""
        if self.host == socket.gethostname() and not psutil.pid_exists(self.process):
            return False
        return datetime.now(UTC) - datetime.fromisoformat(self.begun) < LONGEST

    def __str__(self) -> str:
        return f"process {self.process} of {self.host}, since {self.begun}"


def mark_draft(url: str, inputs: str) -> DraftMark:
    """Mark a version as being written by this process.

    A draft of the same inputs may be continued: both processes write the same bytes.

    Args:
        url: The version, in an object store.
        inputs: Hash of all that decides the dataset.

    Raises:
        ConfigError: another process writes this version from other inputs.
    """
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    mark = DraftMark(inputs, socket.gethostname(), os.getpid(), begun)
    filesystem, path = fsspec.core.url_to_fs(f"{url}/{MARK}")
    data = json.dumps(asdict(mark)).encode()
    try:
        filesystem.pipe_file(path, data, mode="create")
    except FileExistsError:
        other = read_mark(url)
        if other and other.live and other.inputs != inputs:
            home, _, version = url.rpartition("/")
            raise ConfigError(
                f"{url} is being written from other inputs by {other}: give another `version`, or, if "
                f"that process has ended, remove its draft with `vermillion prune {home} --remove {version}`"
            ) from None
        filesystem.pipe_file(path, data)
    return mark


def read_mark(url: str) -> DraftMark | None:
    """The mark of a version's draft; None if nobody writes it."""
    filesystem, path = fsspec.core.url_to_fs(f"{url}/{MARK}")
    try:
        return DraftMark(**json.loads(filesystem.cat_file(path)))
    except FileNotFoundError:
        return None


def remove_mark(url: str, mark: DraftMark) -> None:
    """Remove this mark, unless another process has set its own."""
    if read_mark(url) == mark:
        filesystem, path = fsspec.core.url_to_fs(f"{url}/{MARK}")
        filesystem.rm_file(path)

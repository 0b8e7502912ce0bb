"""Small files of an object store that this process just wrote or read, held for the length of a block.

A process that takes a shard through all stages reads what it wrote a moment before. Inside
``with held():`` it asks the object store for nothing twice. Only a process that is alone in writing
these files may do that: a file that another one replaces is not noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

MOST_BYTES = 2**26
"""Beyond this, further files are read again."""

_held: dict[str, bytes] | None = None


@contextmanager
def held() -> Iterator[None]:
    """Files that are kept in the block are forgotten at its end."""
    global _held
    before, _held = _held, {}
    try:
        yield
    finally:
        _held = before


def keep(url: str, data: bytes) -> None:
    """Hold the content of a remote file, if a block is open and has room for it."""
    if _held is None or "://" not in url:
        return
    if sum(map(len, _held.values())) + len(data) <= MOST_BYTES:
        _held[url] = data


def kept(url: str) -> bytes | None:
    """The content of a file that is held, or None."""
    return None if _held is None else _held.get(url)


def forget(url: str) -> None:
    """A file is about to change or to go."""
    if _held is not None:
        _held.pop(url, None)

"""Cache of model replies: a SQLite file that processes share and that survives the kill of any of them.

A reply is committed before anyone sees it, so a run that is killed at any moment asks again only
what was still under way. What a build has spent is counted in the same transaction.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import fsspec

from endpoints.client.exchange import Reply
from records.errors import ConfigError
from records.rows import content_id

_TABLES = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, text TEXT NOT NULL, finish_reason TEXT NOT NULL, refusal TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
    endpoint TEXT PRIMARY KEY, tokens INTEGER NOT NULL, cost REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (
    writer TEXT PRIMARY KEY, line TEXT NOT NULL, at_s REAL NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used up."""

    tokens: int = 0
    cost: float = 0.0


def cache_path(work_url: str) -> str:
    """Where the replies of a build are kept: in its work folder, if that is on a local disk.

    SQLite needs a local disk. For work in an object store the file is under `VERMILLION_CACHE`, or
    the user's cache folder: another machine then asks anew.
    """
    filesystem, path = fsspec.core.url_to_fs(work_url)
    protocol = filesystem.protocol
    if "file" in ((protocol,) if isinstance(protocol, str) else protocol):
        return f"{path}/replies.sqlite"
    folder = os.environ.get("VERMILLION_CACHE") or Path.home() / ".cache" / "vermillion"
    return str(Path(folder) / f"replies-{content_id(work_url)}.sqlite")


def told(path: str | Path, newest_s: float) -> list[str]:
    """The lines of progress in a file of replies that are not older than so many seconds.

    Empty where there is no such file, where it is busy or not yet made: who watches looks again.
    """
    if not Path(path).is_file():
        return []
    try:
        database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=0.1)
        try:
            rows = database.execute(
                "SELECT line FROM progress WHERE at_s >= ? ORDER BY writer",
                (time.time() - newest_s,),
            ).fetchall()
        finally:
            database.close()
    except sqlite3.Error:
        return []
    return [line for (line,) in rows]


class ReplyCache:
    """Replies by the hash of their request. A context manager; safe to use from several threads."""

    def __init__(self, path: str | Path = "") -> None:
        """``path``: the file, on a local disk; empty keeps the replies for this process only.

        Raises:
            ConfigError: the file cannot be opened, or is something else.
        """
        self.path = str(path)
        self._lock = threading.Lock()
        if self.path:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        try:
            self._database = sqlite3.connect(
                self.path or ":memory:", timeout=60, isolation_level=None, check_same_thread=False
            )
            # A killed process loses nothing this way; only a power cut may cost the last replies.
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_TABLES)
        except sqlite3.Error as error:
            raise ConfigError(
                f"the reply cache {self.path} cannot be used ({error}); give a path on a local "
                "disk, or remove the file if it is damaged"
            ) from error

    def get(self, key: str) -> Reply | None:
        """The reply to an equal request, if there was one."""
        with self._lock:
            row = self._database.execute(
                "SELECT text, finish_reason, prompt_tokens, completion_tokens, refusal "
                "FROM replies WHERE key = ?",
                (key,),
            ).fetchone()
        if row is None:
            return None
        text, finish_reason, prompt_tokens, completion_tokens, refusal = row
        return Reply(
            text, finish_reason, prompt_tokens, completion_tokens, refusal=refusal, cached=True
        )

    def put(self, key: str, reply: Reply, endpoint: str, cost: float) -> Spent:
        """Keep a reply and count it; returns all that ``endpoint`` has cost so far."""
        with self._lock, self._transaction():
            self._database.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)",
                (
                    key,
                    reply.text,
                    reply.finish_reason,
                    reply.refusal,
                    reply.prompt_tokens,
                    reply.completion_tokens,
                ),
            )
            row = self._database.execute(
                "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (endpoint) DO UPDATE SET "
                "tokens = tokens + excluded.tokens, cost = cost + excluded.cost "
                "RETURNING tokens, cost",
                (endpoint, reply.prompt_tokens + reply.completion_tokens, cost),
            ).fetchone()
        return Spent(*row)

    def spent(self, endpoint: str) -> Spent:
        """All that ``endpoint`` has cost so far, in this run and those before it."""
        with self._lock:
            row = self._database.execute(
                "SELECT tokens, cost FROM spent WHERE endpoint = ?", (endpoint,)
            ).fetchone()
        return Spent(*row) if row else Spent()

    def tell(self, writer: str, line: str) -> None:
        """Leave a line of progress for who watches; it takes the place of the writer's last."""
        with self._lock:
            self._database.execute(
                "INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (writer, line, time.time())
            )

    def untell(self, writers: str) -> None:
        """Remove the lines of the writers whose names begin so."""
        with self._lock:
            self._database.execute(
                "DELETE FROM progress WHERE substr(writer, 1, ?) = ?", (len(writers), writers)
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> ReplyCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

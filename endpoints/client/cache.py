"""Cache of model replies, shared by processes; a reply outlives the kill of any of them.

A reply is stored before anyone sees it, so a run that is killed at any moment asks again only what
was still under way. Work on the disk of one machine keeps replies, ledger and progress in a SQLite
file. Work that several machines share keeps each reply as a file of its own beside the shards.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import quote

import fsspec

from endpoints.client.exchange import Reply
from endpoints.ledger import Ledger, PostgresDatabase, Spent, SqliteDatabase
from records.files import write_text
from records.rows import content_id

LEDGER = "VERMILLION_LEDGER"
"""Environment variable: address of a Postgres database that the machines of a build share."""

_TABLES = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, text TEXT NOT NULL, finish_reason TEXT NOT NULL, refusal TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (
    writer TEXT PRIMARY KEY, line TEXT NOT NULL, at_s REAL NOT NULL
) WITHOUT ROWID;
"""

log = logging.getLogger(__name__)


def cache_path(work_url: str) -> str:
    """This machine's SQLite file for a build: in its work folder, if that is on a local disk.

    SQLite needs a local disk. For work in an object store the file is under `VERMILLION_CACHE`, or
    the user's cache folder, and holds lines of progress, and the ledger where no other is named.
    """
    filesystem, path = fsspec.core.url_to_fs(work_url)
    protocol = filesystem.protocol
    if "file" in ((protocol,) if isinstance(protocol, str) else protocol):
        return f"{path}/replies.sqlite"
    folder = os.environ.get("VERMILLION_CACHE") or Path.home() / ".cache" / "vermillion"
    return str(Path(folder) / f"replies-{content_id(work_url)}.sqlite")


def recent_progress(path: str | Path, newest_s: float) -> list[str]:
    """The lines of progress in a file of replies that are not older than so many seconds.

    Empty if there is no such file, or if it is busy or not yet created; the caller tries again.
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

    def __init__(self, path: str | Path = "", folder: str = "", ledger: str = "") -> None:
        """
        Args:
            path: SQLite file on a local disk; empty keeps everything for this process only.
            folder: URL of a folder that gets a file for each reply, instead of the SQLite file.
            ledger: Address of a Postgres database for the ledger, instead of the SQLite file.

        Raises:
            ConfigError: the file or the database cannot be opened, or is something else.
        """
        self._database = SqliteDatabase(str(path), _TABLES + Ledger.TABLES)
        self._folder = folder
        self._shared = PostgresDatabase(ledger, Ledger.TABLES) if ledger else None
        self.ledger = Ledger(
            self._shared or self._database, f"{content_id(folder)} " * bool(folder)
        )
        self.remote = bool(folder)
        """True if `get` and `put` wait for another machine."""
        self.shared = bool(ledger) or not folder
        """False if other machines may ask too and their spending is not counted here."""

    @classmethod
    def of(cls, work_url: str) -> ReplyCache:
        """The cache that all tasks of a build share.

        Raises:
            ConfigError: as the class.
        """
        path, ledger = cache_path(work_url), os.environ.get(LEDGER, "")
        local = Path(path).name == "replies.sqlite"
        return cls(path) if local and not ledger else cls(path, f"{work_url}/replies", ledger)

    def get(self, key: str) -> Reply | None:
        """The reply to an equal request, if there was one."""
        if self._folder:
            filesystem, path = fsspec.core.url_to_fs(self._file(key))
            try:
                stored = json.loads(filesystem.cat_file(path))
            except FileNotFoundError:
                return None
            return Reply(**stored, cached=True)
        rows = self._database.read(
            "SELECT text, finish_reason, prompt_tokens, completion_tokens, refusal "
            "FROM replies WHERE key = ?",
            (key,),
        )
        return replace(Reply(*rows[0]), cached=True) if rows else None

    def put(
        self, key: str, reply: Reply, endpoint: str, cost: float, reservation: str | None = None
    ) -> None:
        """Keep a reply and count what it cost ``endpoint``; its reservation is free again."""
        used = Spent(reply.prompt_tokens + reply.completion_tokens, cost)
        if self._folder:
            stored = asdict(reply)
            del stored["cached"]
            write_text(self._file(key), json.dumps(stored))
        if self._shared is not None:
            self.ledger.settle(endpoint, used, reservation)
            return
        with self._database.transaction() as execute:
            if not self._folder:
                execute(
                    "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        *(key, reply.text, reply.finish_reason, reply.refusal),
                        *(reply.prompt_tokens, reply.completion_tokens),
                    ),
                )
            self.ledger.settle(endpoint, used, reservation, execute)

    def set_progress(self, writer: str, line: str) -> None:
        """Leave a line of progress for who watches; it takes the place of the writer's last."""
        with self._database.transaction() as execute:
            row = (writer, line, time.time())
            execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", row)

    def clear_progress(self, writers: str) -> None:
        """Remove the lines of the writers whose names begin so."""
        with self._database.transaction() as execute:
            starts = "DELETE FROM progress WHERE substr(writer, 1, ?) = ?"
            execute(starts, (len(writers), writers))

    def _file(self, key: str) -> str:
        return f"{self._folder}/{key[:2]}/{key}.json"

    def close(self) -> None:
        self._database.close()
        if self._shared is not None:
            self._shared.close()

    def __enter__(self) -> ReplyCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

"""Ledger of a build: costs of its models, reservations of running requests, and rate limits.

All tasks of a build share one. On one machine it is a SQLite file; `VERMILLION_LEDGER` names a
Postgres database for builds on several. Each change is one exclusive transaction.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from records.errors import ConfigError, EndpointUnavailable

CATCH_UP_S = 0.25
"""A rate limit may be behind its schedule by this many seconds and catch up, because sleeps end late."""

BUSY_S = 60.0
"""A process waits this many seconds for others that use the same file."""

_TABLES = """
CREATE TABLE IF NOT EXISTS spent (
    endpoint TEXT PRIMARY KEY, tokens BIGINT NOT NULL, cost DOUBLE PRECISION NOT NULL
);
CREATE TABLE IF NOT EXISTS reserved (
    id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, tokens BIGINT NOT NULL,
    cost DOUBLE PRECISION NOT NULL, host TEXT NOT NULL, pid BIGINT NOT NULL,
    until_s DOUBLE PRECISION NOT NULL
);
CREATE TABLE IF NOT EXISTS pace (
    endpoint TEXT NOT NULL, unit TEXT NOT NULL, next_s DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (endpoint, unit)
);
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Used tokens and cost."""

    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Need:
    """The most that a request may use."""

    tokens: int
    cost: float


class OverBudget(Exception):
    """The request exceeds the budget, even if running requests use nothing."""


class Execute(Protocol):
    """Runs one SQL statement with `?` for its values; returns its rows."""

    def __call__(self, statement: str, values: Sequence[Any] = (), /) -> list[tuple[Any, ...]]: ...


class SqliteDatabase:
    """A SQLite file on a local disk. Safe to use from several threads."""

    remote = False

    def __init__(self, path: str, tables: str) -> None:
        """``path``: empty keeps everything in memory.

        Raises:
            ConfigError: the file cannot be opened, or is something else.
        """
        self._lock = threading.Lock()
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = sqlite3.connect(
                path or ":memory:", timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._create(tables)
        except sqlite3.Error as error:
            raise ConfigError(
                f"the reply cache {path} cannot be used ({error}); give a path on a local "
                "disk, or remove the file if it is damaged"
            ) from error

    def _create(self, tables: str) -> None:
        """Write-ahead logging and the tables.

        SQLite does not wait for its lock where another process turns write-ahead logging on, or
        closes the file as its last user (sqlite.org/wal.html, "Sometimes Queries Return
        SQLITE_BUSY"), so this waits itself.
        """
        ends_s = time.monotonic() + BUSY_S
        while True:
            try:
                # A killed process loses nothing this way; only a power cut may cost the last replies.
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=NORMAL")
                self._connection.executescript(tables)
                return
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > ends_s:
                    raise
            time.sleep(0.01)

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """All statements of the block or none, with no other writer between them."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield lambda statement, values=(): self._connection.execute(
                    statement, values
                ).fetchall()
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def now_s(self, execute: Execute) -> float:
        return time.time()

    def close(self) -> None:
        self._connection.close()


class PostgresDatabase:
    """Tables in the schema `vermillion` of a Postgres database, which many machines reach."""

    remote = True

    def __init__(self, url: str, tables: str) -> None:
        """Raises:
        ConfigError: there is no such database, or its driver is not installed.
        """
        try:
            import psycopg2
        except ImportError as error:
            raise ConfigError(
                "VERMILLION_LEDGER names a Postgres database, which needs its driver: "
                "pip install 'vermillion[cluster]'"
            ) from error
        self._lock = threading.Lock()
        self._failed: type[Exception] = psycopg2.Error
        try:
            self._connection = psycopg2.connect(url, options="-c search_path=vermillion")
        except psycopg2.Error as error:
            raise ConfigError(f"VERMILLION_LEDGER: {error}".strip()) from error
        with self.transaction() as execute:
            execute("CREATE SCHEMA IF NOT EXISTS vermillion")
            execute(tables)

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.transaction() as execute:
            return execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """All statements of the block or none, with no other writer between them.

        Raises:
            EndpointUnavailable: the connection to the database was lost.
        """
        try:
            with self._lock, self._connection, self._connection.cursor() as cursor:

                def execute(statement: str, values: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
                    cursor.execute(statement.replace("?", "%s"), values)
                    return cursor.fetchall() if cursor.description else []

                execute("SELECT pg_advisory_xact_lock(hashtext('vermillion'))")
                yield execute
        except self._failed as error:
            raise EndpointUnavailable(
                f"the ledger in VERMILLION_LEDGER: {error}".strip()
            ) from error

    def now_s(self, execute: Execute) -> float:
        """The database's clock, since clocks of machines may differ."""
        return float(execute("SELECT extract(epoch FROM clock_timestamp())")[0][0])

    def close(self) -> None:
        self._connection.close()


Database = SqliteDatabase | PostgresDatabase


class Ledger:
    """Budgets and rates of the endpoints of one build."""

    TABLES = _TABLES

    def __init__(self, database: Database, build: str = "") -> None:
        """
        Args:
            database: The open database; the caller closes it.
            build: Name that distinguishes builds in a shared database.
        """
        self._database = database
        self._build = build
        self.remote = database.remote
        """True if the database is on another machine."""
        self._drop_dead()

    def spent(self, endpoint: str) -> Spent:
        """All that ``endpoint`` has cost so far, in this run and those before it."""
        rows = self._database.read(
            "SELECT tokens, cost FROM spent WHERE endpoint = ?", (self._build + endpoint,)
        )
        return Spent(*rows[0]) if rows else Spent()

    def totals(self) -> dict[str, Spent]:
        """What each endpoint has cost so far, by its name."""
        rows = self._database.read("SELECT endpoint, tokens, cost FROM spent ORDER BY endpoint")
        return {
            name.removeprefix(self._build): Spent(int(tokens), cost)
            for name, tokens, cost in rows
            if name.startswith(self._build)
        }

    def reserve(
        self, endpoint: str, need: Need, most: tuple[int | None, float | None], lease_s: float
    ) -> str | None:
        """Reserve what a request may use; None if it must wait for running requests.

        Args:
            endpoint: Whose budget.
            need: The most that the request may use.
            most: The budget: tokens and cost, None for no limit.
            lease_s: After this many seconds its process counts as dead, and the reservation is freed.

        Raises:
            OverBudget: it does not fit into the budget, even if running requests use nothing.
        """
        name = self._build + endpoint
        with self._database.transaction() as execute:
            now_s = self._database.now_s(execute)
            execute("DELETE FROM reserved WHERE until_s < ?", (now_s,))
            sums = (
                "SELECT COALESCE(SUM(tokens), 0), COALESCE(SUM(cost), 0) FROM {} WHERE endpoint = ?"
            )
            tokens, cost = execute(sums.format("spent"), (name,))[0]
            held_tokens, held_cost = execute(sums.format("reserved"), (name,))[0]
            if not _fits(int(tokens) + need.tokens, cost + need.cost, most):
                raise OverBudget
            if not _fits(
                int(tokens + held_tokens) + need.tokens, cost + held_cost + need.cost, most
            ):
                return None
            key = uuid.uuid4().hex
            owner = (socket.gethostname(), os.getpid())
            row = (key, name, need.tokens, need.cost, *owner, now_s + lease_s)
            execute("INSERT INTO reserved VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return key

    def settle(
        self, endpoint: str, used: Spent, reservation: str | None, inside: Execute | None = None
    ) -> None:
        """Record what a finished request used, and free its reservation.

        Args:
            endpoint: Whose budget.
            used: Nothing, if there was no answer.
            reservation: From `reserve`.
            inside: An open transaction of the same database to use.
        """
        if inside is None:
            with self._database.transaction() as execute:
                self.settle(endpoint, used, reservation, execute)
            return
        if reservation is not None:
            inside("DELETE FROM reserved WHERE id = ?", (reservation,))
        if used.tokens or used.cost:
            inside(
                "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (endpoint) DO UPDATE SET "
                "tokens = spent.tokens + excluded.tokens, cost = spent.cost + excluded.cost",
                (self._build + endpoint, used.tokens, used.cost),
            )

    def turn_in_s(self, endpoint: str, unit: str, units: float, per_s: float) -> float:
        """Seconds until ``units`` may be used; the next caller waits accordingly longer."""
        key = (self._build + endpoint, unit)
        with self._database.transaction() as execute:
            now_s = self._database.now_s(execute)
            self._follow_clock(execute, now_s)
            known = execute("SELECT next_s FROM pace WHERE endpoint = ? AND unit = ?", key)
            # The first caller starts the schedule; later ones may catch up after late sleeps.
            turn_s = max(known[0][0], now_s - CATCH_UP_S) if known else now_s
            execute(
                "INSERT INTO pace VALUES (?, ?, ?) ON CONFLICT (endpoint, unit) DO UPDATE SET "
                "next_s = excluded.next_s",
                (*key, turn_s + units / per_s),
            )
        return max(0.0, turn_s - now_s)

    def correct(self, endpoint: str, unit: str, units: float, per_s: float) -> None:
        """Correct the schedule by ``units`` more (or fewer, if negative) than estimated."""
        with self._database.transaction() as execute:
            execute(
                "UPDATE pace SET next_s = next_s + ? WHERE endpoint = ? AND unit = ?",
                (units / per_s, self._build + endpoint, unit),
            )

    def _follow_clock(self, execute: Execute, now_s: float) -> None:
        """Move the schedules back with a clock that was set back: its callers would wait all that time."""
        last = execute("SELECT next_s FROM pace WHERE endpoint = '' AND unit = 'clock'")
        if last and last[0][0] > now_s:
            execute("UPDATE pace SET next_s = next_s - ?", (last[0][0] - now_s,))
        execute(
            "INSERT INTO pace VALUES ('', 'clock', ?) ON CONFLICT (endpoint, unit) DO UPDATE SET "
            "next_s = excluded.next_s",
            (now_s,),
        )

    def _drop_dead(self) -> None:
        """Free reservations of ended processes of this machine; those of other machines expire."""
        host = socket.gethostname()
        find = "SELECT DISTINCT pid FROM reserved WHERE host = ?"
        for (pid,) in self._database.read(find, (host,)):
            if not _runs(pid):
                with self._database.transaction() as execute:
                    execute("DELETE FROM reserved WHERE host = ? AND pid = ?", (host, pid))


def _fits(tokens: int, cost: float, most: tuple[int | None, float | None]) -> bool:
    max_tokens, max_cost = most
    # The last digits of sums are rounding errors.
    return (max_tokens is None or tokens <= max_tokens) and (
        max_cost is None or cost <= max_cost * (1 + 1e-9)
    )


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True

"""Budgets and rates hold for a build, however many processes and machines work for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from endpoints_asking import ask_all, endpoint, questions

from endpoints.client.cache import ReplyCache
from endpoints.ledger import Ledger, Need, OverBudget, Spent, SqliteDatabase
from endpoints.replay import ReplayAnswer, ReplayServer
from endpoints.settings import Sampling
from records.errors import ConfigError

PROCESSES = 4
ASK = """
import asyncio, sys
from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Request
from endpoints.settings import Endpoint, Sampling

async def main():
    url, work, settings, who, count = sys.argv[1:]
    to = Endpoint.model_validate({"base_url": url, "model": "m", "in_flight": 8, **eval(settings)})
    with ReplyCache.of(work) as cache:
        async with ChatClient(to, Sampling(max_tokens=20), cache) as client:
            asked = (client.ask(Request((f"{who} {n}",))) for n in range(int(count)))
            print(sum(hasattr(reply, "finish_reason") for reply in await asyncio.gather(*asked)))

asyncio.run(main())
"""


def ask_by_processes(server: ReplayServer, work: str, settings: dict[str, float], each: int) -> int:
    """Replies that several processes got, each to questions of its own."""
    house = str(Path(__file__).parents[2])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, server.url, work, repr(settings), str(who), str(each)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": house},
        )
        for who in range(PROCESSES)
    ]
    told = [one.communicate(timeout=300)[0] for one in running]
    assert [one.returncode for one in running] == [0] * PROCESSES
    return sum(map(int, told))


@pytest.fixture(params=["one machine", "several machines"])
def work(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "several machines":
        address = request.getfixturevalue("postgres")
        monkeypatch.setenv("VERMILLION_LEDGER", f"postgresql://{address}")
        monkeypatch.setenv("VERMILLION_CACHE", str(tmp_path / "cache"))
    return tmp_path / "work"


def test_one_budget_holds_for_all_processes(work: Path) -> None:
    used, budget = 30, 1500
    answer = ReplayAnswer("x", prompt_tokens=10, completion_tokens=20, delay_s=0.02)
    with ReplayServer(lambda asked: answer) as server:
        replies = ask_by_processes(server, str(work), {"max_tokens_total": budget}, each=40)
        assert len(server.asked) == replies
        with ReplyCache.of(str(work)) as cache:
            assert cache.ledger.spent("m").tokens == replies * used
    # What a request may use is estimated: 16 and the text's share for the prompt, and 20.
    assert budget - 2 * used < replies * used <= budget


def test_one_rate_holds_for_all_processes(work: Path) -> None:
    came: list[float] = []

    def answer(asked: object) -> ReplayAnswer:
        came.append(time.monotonic())
        return ReplayAnswer("x")

    with ReplayServer(answer) as server:
        assert ask_by_processes(server, str(work), {"requests_per_s": 40.0}, each=40) == 160
    took_s = max(came) - min(came)
    # Turns are a fortieth of a second apart; a quarter of a second may be made up for.
    assert took_s >= 159 / 40 - 0.3
    came.sort()
    assert max(b - a for a, b in zip(came, came[50:], strict=False)) > 50 / 40 - 0.3


def test_a_rate_is_reached_by_four_processes_that_one_would_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.0)  # A busy machine would add to it.
    with closing(SqliteDatabase(str(tmp_path / "l.sqlite"), Ledger.TABLES)) as database:
        ledgers = [Ledger(database) for _ in range(PROCESSES)]
        waits = [ledger.turn_in_s("m", "requests", 1, 2.0) for ledger in ledgers]
    assert waits == [0.0, 0.5, 1.0, 1.5]


def test_nobody_waits_for_a_clock_that_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [5000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    with closing(SqliteDatabase(str(tmp_path / "l.sqlite"), Ledger.TABLES)) as database:
        ledger = Ledger(database)
        waits = [ledger.turn_in_s("m", "requests", 1, 2.0) for _ in range(2)]
        clock[0] -= 3600
        waits += [ledger.turn_in_s("m", "requests", 1, 2.0) for _ in range(2)]
    assert waits == [0.0, 0.5, 1.0, 1.5]


def test_what_a_killed_process_held_is_free_again(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with closing(SqliteDatabase(str(tmp_path / "l.sqlite"), Ledger.TABLES)) as database:
        ledger = Ledger(database)
        most, need = (100, None), Need(60, 0.0)
        held = ledger.reserve("m", need, most, lease_s=60)
        assert held is not None
        assert ledger.reserve("m", need, most, lease_s=60) is None
        with database.transaction() as execute:
            execute("UPDATE reserved SET pid = ?", (gone.pid,))
        again = Ledger(database).reserve("m", need, most, lease_s=-1)
        assert again is not None
        # Its lease is over: another machine's process that was killed holds nothing for ever.
        assert ledger.reserve("m", need, most, lease_s=60) is not None
        ledger.settle("m", Spent(60, 0.0), again)
        with pytest.raises(OverBudget):
            ledger.reserve("m", need, most, lease_s=60)


def test_a_container_that_dies_loses_no_paid_reply(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = f"{bucket}/work"
    with ReplayServer(lambda asked: ReplayAnswer(f"re: {asked.text}")) as server:
        for container in ("first", "second"):
            monkeypatch.setenv("VERMILLION_CACHE", str(tmp_path / container))
            with ReplyCache.of(work) as cache:
                to = endpoint(server, max_tokens_total=10**6)
                outcomes, report = ask_all(to, questions(6), cache, sampling=Sampling())
            assert [outcome.text for outcome in outcomes] == [f"re: question {n}" for n in range(6)]
        assert (report.asked, report.cached, len(server.asked)) == (0, 6, 6)
    assert "set VERMILLION_LEDGER" in caplog.text


def test_a_ledger_that_is_not_there_is_a_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VERMILLION_LEDGER"):
        ReplyCache(tmp_path / "r.sqlite", str(tmp_path), "postgresql://127.0.0.1:9/none")

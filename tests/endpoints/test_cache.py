"""Replies outlive the process that asked for them, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from endpoints.client.cache import ReplyCache, cache_path, recent_progress
from endpoints.client.exchange import Reply
from endpoints.ledger import Spent
from endpoints.replay import ReplayAnswer, ReplayServer
from records.errors import ConfigError

ASK = """
import asyncio, sys
from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Request
from endpoints.settings import Endpoint

async def main():
    with ReplyCache(sys.argv[2]) as cache:
        to = Endpoint(base_url=sys.argv[1], model="m", in_flight=8)
        async with ChatClient(to, cache=cache) as client:
            texts = [f"question {n}" for n in range(300)]
            found = await asyncio.gather(*(client.ask(Request((text,))) for text in texts))
            print(sum(reply.text == f"re: {text}" for reply, text in zip(found, texts)))

asyncio.run(main())
"""


def asking(server: ReplayServer, path: Path) -> subprocess.Popen[str]:
    house = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", ASK, server.url, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": house},
    )


def test_killed_in_the_middle_nothing_answered_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "replies.sqlite"
    with ReplayServer(lambda asked: ReplayAnswer(f"re: {asked.text}", delay_s=0.03)) as server:
        first = asking(server, path)
        ends_s = time.monotonic() + 300
        while len(server.asked) < 100 and time.monotonic() < ends_s:
            time.sleep(0.01)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        before = len(server.asked)
        assert 100 <= before < 300
        with ReplyCache(path) as cache:
            kept = cache.ledger.spent("m").tokens // 120
        assert before - 8 <= kept <= before
        second = asking(server, path)
        told, _ = second.communicate(timeout=300)
        assert told.strip() == "300"
        # What was answered is kept; only what was under way at the kill is asked once more. The
        # server may have read some of it only after it was counted here.
        assert before + 300 - kept <= len(server.asked) <= before + 300 - kept + 8
        assert sum(times > 1 for times in server.digests.values()) <= 8
        assert max(server.digests.values()) <= 2


def test_several_processes_share_replies_and_budget(tmp_path: Path) -> None:
    path = tmp_path / "replies.sqlite"
    with ReplayServer(lambda asked: ReplayAnswer(f"re: {asked.text}")) as server:
        both = [asking(server, path) for _ in range(2)]
        assert [one.communicate(timeout=300)[0].strip() for one in both] == ["300", "300"]
        with ReplyCache(path) as cache:
            assert cache.ledger.spent("m").tokens == len(server.asked) * 120


def test_many_open_a_new_file_at_the_same_moment(tmp_path: Path) -> None:
    # SQLite itself refuses some of them at once with "database is locked".
    for number in range(20):
        path = tmp_path / f"{number}.sqlite"
        start = threading.Barrier(8)

        def opens(path: Path = path, start: threading.Barrier = start) -> None:
            start.wait(60)
            for _ in range(3):
                ReplyCache(path).close()

        with ThreadPoolExecutor(8) as pool:
            for opened in [pool.submit(opens) for _ in range(8)]:
                opened.result(300)


def test_a_reply_comes_back_as_it_went_in(tmp_path: Path) -> None:
    reply = Reply('{"a": "ü\u2028"}', "length", 7, 9, refusal="no")
    with ReplyCache(tmp_path / "deep" / "c.sqlite") as cache:
        assert cache.get("k") is None
        cache.put("k", reply, "e", 0.5)
        cache.put("l", reply, "e", 0.25)
        assert cache.ledger.spent("e") == Spent(32, 0.75)
        assert cache.ledger.spent("other") == Spent()
        found = cache.get("k")
    assert found == Reply(reply.text, "length", 7, 9, refusal="no", cached=True)


def test_a_file_that_is_something_else_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    path.write_text("something else " * 100)
    assert recent_progress(path, 60) == []
    with pytest.raises(ConfigError, match="cannot be used"):
        ReplyCache(path)
    assert path.read_text().startswith("something else")


def test_where_replies_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_path(str(tmp_path)) == f"{tmp_path}/replies.sqlite"
    assert cache_path(f"file://{tmp_path}") == f"{tmp_path}/replies.sqlite"
    monkeypatch.setenv("VERMILLION_CACHE", str(tmp_path / "cache"))
    remote = cache_path("memory://bucket/work")
    assert remote.startswith(str(tmp_path / "cache" / "replies-"))
    assert cache_path("memory://bucket/other") != remote


def test_progress_is_seen_from_outside_and_goes_with_its_writer(tmp_path) -> None:
    from endpoints.client.report import UseReport
    from endpoints.progress import writes_progress

    path = tmp_path / "replies.sqlite"
    assert recent_progress(path, 60) == []
    with ReplyCache(path) as cache:
        with writes_progress(cache, "shard-1") as tell:
            tell(UseReport("eye", "m", expected=8, usable=2))
            tell(UseReport("eye", "m", expected=8, usable=3))  # too soon to be told
            tell(UseReport("ear", "m"))
            lines = recent_progress(path, 60)
        assert [line.split(" requests")[0] for line in lines] == ["ear: 0", "eye: 2 of 8"]
        assert recent_progress(path, 60) == []
        cache.set_progress("killed", "eye: 1 requests")
        assert recent_progress(path, 60) == ["eye: 1 requests"]
        assert recent_progress(path, -1) == []

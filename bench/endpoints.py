"""Measures the client's speed: requests per second to a server that answers after a fixed time.

``python -m bench.endpoints [--requests N] [--in-flight N] [--per-s N] [--delay-s S]`` prints one
JSON object. The server runs in a process of its own; on few cores the two compete.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psutil

from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure, Outcome, Request
from endpoints.client.pump import in_order
from endpoints.settings import Endpoint


class _Asker:
    def __init__(self, client: ChatClient) -> None:
        self._client = client

    async def work(self, text: str, /) -> Outcome:
        return await self._client.ask(Request((text,)))

    def last_was_given(self) -> None:
        self._client.last_was_asked()


def measure(requests: int, in_flight: int, per_s: float | None, delay_s: float) -> dict[str, Any]:
    """Ask ``requests`` questions; what the limits allow, what was reached, what it cost.

    Returns:
        ``allowed_per_s`` (the lower of both limits), ``requests_per_s``, ``share`` of the two,
        ``cpu_ms`` of this process a request, ``rss_mb`` early and late, ``lost``, ``doubled``.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", "endpoints.replay", "--delay-s", str(delay_s)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        to = Endpoint(base_url=url, model="bench", in_flight=in_flight, requests_per_s=per_s)
        return _measure(to, requests, delay_s)
    finally:
        server.kill()
        server.wait()


def _measure(to: Endpoint, requests: int, delay_s: float) -> dict[str, Any]:
    clients: list[ChatClient] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[_Asker]:
        async with ChatClient(to) as client:
            clients.append(client)
            # Importing and connecting are not asking.
            await asyncio.gather(
                *(client.ask(Request((f"warm {n}",))) for n in range(min(to.in_flight, requests)))
            )
            yield _Asker(client)

    def questions() -> Iterator[str]:
        return (f"question {number}" for number in range(requests))

    process = psutil.Process()
    lost = done = 0
    rss_mb: list[float] = []
    began: tuple[float, float] | None = None
    for _, outcome in in_order(questions(), opened, window=to.in_flight * 4):
        if began is None:
            began = time.perf_counter(), time.process_time()
        done += 1
        lost += isinstance(outcome, Failure)
        if done in (max(1, requests // 10), requests):
            rss_mb.append(round(process.memory_info().rss / 2**20, 1))
    assert began is not None
    wall_s, cpu_s = time.perf_counter() - began[0], time.process_time() - began[1]
    allowed = min(to.in_flight / delay_s, to.requests_per_s or float("inf"))
    report = clients[0].report
    return {
        "requests": requests,
        "in_flight": to.in_flight,
        "allowed_per_s": round(allowed, 1),
        "requests_per_s": round((done - 1) / wall_s, 1),
        "share": round((done - 1) / wall_s / allowed, 3),
        "cpu_ms": round(1000 * cpu_s / done, 2),
        "rss_mb": rss_mb,
        "lost": lost + requests - done,
        "doubled": report.asked - requests - min(to.in_flight, requests),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.endpoints", description=measure.__doc__)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--in-flight", type=int, default=8)
    parser.add_argument("--per-s", type=float)
    parser.add_argument("--delay-s", type=float, default=0.05)
    given = parser.parse_args()
    print(json.dumps(measure(given.requests, given.in_flight, given.per_s, given.delay_s)))


if __name__ == "__main__":
    main()

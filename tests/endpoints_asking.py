"""What tests of the client need: a client's settings for a scripted server, and questions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient, Read
from endpoints.client.exchange import Outcome, Request
from endpoints.client.report import UseReport
from endpoints.replay import ReplayServer
from endpoints.settings import Endpoint, Sampling

QUICK: dict[str, Any] = {"backoff_s": 0.01, "timeout_s": 30.0, "deadline_s": 60.0, "tries": 4}


def endpoint(server: ReplayServer, **settings: Any) -> Endpoint:
    return Endpoint(base_url=server.url, model="scripted", **{**QUICK, **settings})


def questions(count: int) -> list[Request]:
    return [Request((f"question {number}",)) for number in range(count)]


def ask_all(
    to: Endpoint,
    requests: Iterable[Request],
    cache: ReplyCache | None = None,
    read: Read | None = None,
    sampling: Sampling | None = None,
    last: bool = True,
) -> tuple[list[Outcome], UseReport]:
    async def run() -> tuple[list[Outcome], UseReport]:
        async with ChatClient(to, sampling, cache) as client:
            asking = [asyncio.create_task(client.ask(request, read)) for request in requests]
            await asyncio.sleep(0)
            if last:
                client.last_was_asked()
            try:
                return list(await asyncio.gather(*asking)), client.report
            finally:
                for task in asking:
                    task.cancel()

    return asyncio.run(run())

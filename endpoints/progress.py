"""Progress of requests, readable from other processes: lines in the reply cache's file.

A stage works in a process of its own, under Airflow on another machine's; the file of replies is
what all of a build's processes on one disk share. Logs get the same lines from the client.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from endpoints.client.cache import ReplyCache
from endpoints.client.report import UseReport

PRINT_EVERY_S = 0.5


@contextmanager
def writes_progress(cache: ReplyCache, work: str) -> Iterator[Callable[[UseReport], None]]:
    """Gives what `ChatClient` takes as ``on_progress``; the lines vanish with the block.

    Args:
        cache: Where the lines are kept.
        work: The work item, which identifies the shard of a build.
    """
    writer = f"{socket.gethostname()}-{os.getpid()} {work}"
    printed_s: dict[str, float] = {}

    def tell(report: UseReport) -> None:
        now_s = time.monotonic()
        if now_s - printed_s.get(report.endpoint, 0.0) >= PRINT_EVERY_S:
            printed_s[report.endpoint] = now_s
            cache.set_progress(f"{writer} {report.endpoint}", report.line())

    try:
        yield tell
    finally:
        cache.clear_progress(writer)

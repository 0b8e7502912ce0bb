"""Progress of requests, readable from other processes: lines in the reply cache's file.

A stage runs in its own process, under Airflow perhaps on another machine; all processes of a build
on one disk share the reply cache. The client writes the same lines to logs.
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
    """A context manager that gives `ChatClient` its ``on_progress``; the lines are removed at the end.

    Args:
        cache: The reply cache that stores the lines.
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

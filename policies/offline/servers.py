"""Caches the sandboxed servers of the offline policies: one of each kind per process."""

from __future__ import annotations

import atexit
import os

from sandbox.fork_server import ForkServer
from sandbox.status import Limits

_held: dict[tuple[int, str], ForkServer] = {}


def held_server(target: str, limits: Limits, result_bytes: int) -> ForkServer:
    """The warm server for a target module; a fork of the process gets its own."""
    mine = os.getpid()
    if (mine, target) not in _held:
        # A forked process must not share its parent's servers and sockets.
        for stranger in [key for key in _held if key[0] != mine]:
            del _held[stranger]
        server = ForkServer(target, limits, result_bytes=result_bytes)
        server.start()
        _held[mine, target] = server
    return _held[mine, target]


@atexit.register
def close_held() -> None:
    """End every server of this process; the next use starts another."""
    for key in [key for key in _held if key[0] == os.getpid()]:
        _held.pop(key).close()

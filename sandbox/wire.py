"""Wire format between caller, server and child; validation of the untrusted child's messages."""

from __future__ import annotations

import json
import os
import struct

from records.rows import writable
from sandbox.status import RenderStatus

MESSAGE_BYTES = 2**16
MAX_JOB_BYTES = 2**26
EACH, SESSION = "a child for each job", "a child for many jobs"
"""The two modes of a server; see `sandbox.fork_server` and `sandbox.session`."""

RESULT, FAILURE, READY = b"\0", b"\1", b"\2"
"""First byte of a child's message: its result, a JSON object with status and detail, or (in a
session) that it is isolated and ready."""

ORDER = struct.Struct("<?d")
"""Caller to server, for one job: whether it is the self-test's, and its time limit in seconds."""
REPORT = struct.Struct("<i?ddd")
"""Server to caller, for one child: exit code, whether it passed its deadline, wall and CPU seconds,
peak MB. The rest of the message says why it could not be isolated, if so."""
KILL = b"kill"
"""Caller to server: end the session's child."""

JOB, PROBE = b"J", b"P"
"""First byte of a job in a session."""
LENGTH = struct.Struct("<I")


def send(pipe: int, data: bytes) -> None:
    """Send one message of a session: its length, then its bytes."""
    write_all(pipe, LENGTH.pack(len(data)) + data)


def receive(pipe: int, most: int) -> bytes | None:
    """Receive one message of a session; None if the pipe ended, or if it is longer than ``most``."""
    head = _exactly(pipe, LENGTH.size)
    if head is None:
        return None
    (length,) = LENGTH.unpack(head)
    return None if length > most else _exactly(pipe, length)


def _exactly(pipe: int, length: int) -> bytes | None:
    data = bytearray()
    while len(data) < length:
        part = os.read(pipe, min(length - len(data), 2**20))
        if not part:
            return None
        data += part
    return bytes(data)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all data, in as many writes as needed."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def failure_report(words: bytes) -> tuple[RenderStatus, bytes, str]:
    """Read a child's report of its own failure; only its format is validated."""
    try:
        answer = json.loads(words)
        status, detail = RenderStatus(answer["status"]), writable(str(answer["detail"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return RenderStatus.UNREADABLE_OUTPUT, b"", "an account of a failure that is none"
    if status is RenderStatus.OK:
        return RenderStatus.UNREADABLE_OUTPUT, b"", "a failure that says ok"
    return status, b"", detail[:2000]

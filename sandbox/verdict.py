"""Maps how a job ended (exit, signal, deadline, reply) to a `RenderStatus`."""

from __future__ import annotations

import errno
import os
import socket
import traceback
from collections.abc import Iterator

from sandbox.status import RenderStatus

DETAIL_CHARS = 2000
_OVER_LIMIT = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE}


class Refused(BaseException):
    """Raised by a target that ends with a status of its choice.

    Not an `Exception`, because programs may contain ``except Exception``.
    """

    def __init__(self, status: RenderStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def verdict(error: BaseException, inside: tuple[str, ...]) -> tuple[RenderStatus, str]:
    """Status and detail for the exception that ended a job.

    Args:
        error: What the target raised.
        inside: Paths that a program may read below; a missing file elsewhere was hidden by the sandbox.
    """
    if isinstance(error, Refused):
        return error.status, error.detail[:DETAIL_CHARS]
    status = RenderStatus.CODE_CRASHED
    for cause in _causes(error):
        if isinstance(cause, MemoryError):
            status = RenderStatus.OUT_OF_MEMORY
        elif isinstance(cause, OSError) and _forbidden(cause, inside):
            status = RenderStatus.DENIED
        else:
            continue
        break
    return status, last_lines(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(seen) < 16:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and not any(cause is other for other in seen):
            seen.append(cause)
            yield cause
            # urllib stores the socket's error in `reason`.
            waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]


def _forbidden(error: OSError, inside: tuple[str, ...]) -> bool:
    if isinstance(error, (PermissionError, socket.gaierror)):
        return True
    if error.errno in _OVER_LIMIT or error.errno == errno.EROFS:
        return True
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        path = os.path.normpath(error.filename)
        return path.startswith("/") and not any(
            path == root or path.startswith(root.rstrip("/") + "/") for root in inside
        )
    return False


def last_lines(error: BaseException, file: str | None = None) -> str:
    """The end of a traceback, innermost frames last, with bounded length.

    Args:
        error: What was raised.
        file: Only frames of this file are reported.
    """
    try:
        every = list(traceback.extract_tb(error.__traceback__))
        frames = [frame for frame in every if file is None or frame.filename == file]
        where = [f"{frame.filename}:{frame.lineno}: {frame.line or ''}" for frame in frames[-3:]]
        what = "".join(traceback.format_exception_only(type(error), error)).strip()
    except Exception as broken:  # noqa: BLE001 - a hostile __str__ must not change the verdict
        return f"{type(error).__name__} (not printable: {type(broken).__name__})"
    if len(what) > DETAIL_CHARS // 2:
        what = what[: DETAIL_CHARS // 2] + " ..."
    return "\n".join([*where, what])[-DETAIL_CHARS:]

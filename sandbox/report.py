"""The server's report on a child that ended, and how it overrides the child's own answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from records.errors import SandboxUnavailable
from sandbox.status import RenderStatus
from sandbox.wire import FAILURE, REPORT, RESULT, failure_report

_SIGXCPU = 24
_SIGNALS = {
    9: (RenderStatus.OUT_OF_MEMORY, "killed, most likely for the memory it used"),
    _SIGXCPU: (RenderStatus.TIMEOUT, "used up its processor time"),
    31: (RenderStatus.DENIED, "made a system call of another machine's table"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A server's report on a child that has ended."""

    exit: int
    timed_out: bool
    seconds: float
    cpu_s: float
    peak_mb: float
    unwrapped: str
    """Why the child was not isolated; '' if it was."""

    @classmethod
    def of(cls, message: bytes) -> Self:
        """Read a report from its message."""
        code, timed_out, seconds, cpu_s, peak_mb = REPORT.unpack_from(message)
        words = message[REPORT.size :].decode("utf-8", "replace")
        return cls(code, timed_out, seconds, cpu_s, peak_mb, words)

    def must_be_wrapped(self) -> None:
        """Raise SandboxUnavailable if the child was not isolated."""
        if self.unwrapped:
            raise SandboxUnavailable(
                f"a child could not be wrapped: {self.unwrapped}; "
                "`vermillion doctor` shows the layers of this machine"
            )

    def last_words(self) -> tuple[RenderStatus, bytes, str]:
        """Status and detail of a child that ended without an answer."""
        if self.exit < 0:
            otherwise = (RenderStatus.CODE_CRASHED, f"killed by signal {-self.exit}")
            status, detail = _SIGNALS.get(-self.exit, otherwise)
            return status, b"", detail
        detail = f"left with exit code {self.exit} before it was done"
        return RenderStatus.CODE_CRASHED, b"", detail


def judge(
    answer: bytearray, report: Report, result_bytes: int, timeout_s: float
) -> tuple[RenderStatus, bytes, str]:
    """Status, result and detail of a job that ran in its own child.

    The server's report overrides the child's own answer.
    """
    if report.timed_out or report.exit == -_SIGXCPU:
        return RenderStatus.TIMEOUT, b"", f"not done after {timeout_s:g} s"
    if report.exit < 0:
        return report.last_words()
    if len(answer) > result_bytes + 1:
        return RenderStatus.UNREADABLE_OUTPUT, b"", f"more than {result_bytes} bytes of output"
    if answer[:1] == RESULT and report.exit == 0:
        return RenderStatus.OK, bytes(answer[1:]), ""
    if answer[:1] == FAILURE and report.exit == 0:
        return failure_report(bytes(answer[1:]))
    if answer:
        return RenderStatus.UNREADABLE_OUTPUT, b"", f"{len(answer)} bytes that are no answer"
    return report.last_words()

"""What every launcher says of a job: its order, its state, its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from records.errors import RunError
from records.rows import Record

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""Environment variable with the GPUs that a process sees."""


class JobFailed(RunError):
    """A job ended with an error, or vanished; the message ends with its log."""


class JobLeft(RunError):
    """The caller stopped following the job, which continues: the next attempt attaches to it."""

    retry = True


class JobOrder(Record):
    """A command to run, as long as it takes."""

    argv: tuple[str, ...] = Field(min_length=1)
    cwd: str = "."
    environment: dict[str, str] = {}
    """Beside the starter's own."""
    stop_s: float = Field(default=30.0, ge=0)
    """From the request to stop until what is left is killed."""
    gpus: tuple[int, ...] = ()
    """Numbers of the GPUs of its machine that are its own; on Kubernetes its pod is given so many."""
    nodes: int = Field(default=1, ge=1)
    """Pods that run the command at once on Kubernetes; elsewhere it runs here, and the others are started by hand."""
    ports: tuple[int, ...] = ()
    """Where it listens, if it is a server that other machines ask."""


class State(StrEnum):
    """The state of a job."""

    NEVER = "never started"
    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"
    """It was started and is not running, and its end was not recorded: it was killed with its
    keeper, or deleted."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job, as its launcher shows it."""

    state: State
    id: str = ""
    argv: tuple[str, ...] = ()
    pid: int = 0
    """Of the keeper; also its process group and session. 0 on a cluster."""
    host: str = ""
    starts: int = 0
    exit: int | None = None
    stopped: bool = False
    taken: bool = False
    """True if its end was already reported to a caller."""
    started_at: float = 0.0
    ended_at: float = 0.0

    @property
    def succeeded(self) -> bool:
        return self.state is State.ENDED and self.exit == 0 and not self.stopped

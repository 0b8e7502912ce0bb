"""The status of a run of one program, and the limits of a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RenderStatus(StrEnum):
    """How the run of one program ended. If the renderer itself fails, it raises instead."""

    OK = "ok"
    CODE_CRASHED = "code_crashed"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_LARGE = "too_large"
    BLANK = "blank"
    DENIED = "denied"
    """The program tried something that the sandbox forbids."""
    UNREADABLE_OUTPUT = "unreadable_output"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run of a program."""

    timeout_s: float = 15.0
    memory_mb: int = 2048
    """Limit of address space or resident memory, whichever the renderer can limit."""
    pixels: int = 16_000_000
    """Largest width x height of a picture."""
    disk_mb: int = 64
    code_chars: int = 1_000_000
    nodes: int = 50_000
    """Most elements of a document, after expansion."""

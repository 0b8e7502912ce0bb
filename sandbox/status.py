"""The verdict on one program, and what one run of it may use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RenderStatus(StrEnum):
    """The verdict on one program. A renderer that itself fails has no verdict: it raises."""

    OK = "ok"
    CODE_CRASHED = "code_crashed"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_LARGE = "too_large"
    BLANK = "blank"
    DENIED = "denied"
    """The program wanted something that the sandbox forbids."""
    UNREADABLE_OUTPUT = "unreadable_output"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of a program may use."""

    timeout_s: float = 15.0
    memory_mb: int = 2048
    """Address space or resident memory, whichever the renderer can bound."""
    pixels: int = 16_000_000
    """Largest width x height of a picture."""
    disk_mb: int = 64
    code_chars: int = 1_000_000
    nodes: int = 50_000
    """Elements of a document, after expansion."""

"""Stores a model's answers in a file, so that a killed run can continue."""

from __future__ import annotations

from pathlib import Path

from quality.format.prompts import OURS, Prompts
from records.config import fingerprint


def answers_file(out: Path, name: str, prompts: Prompts) -> Path:
    """Where answers are kept: those to other prompts stand in another file.

    >>> answers_file(Path("out"), "replies.jsonl", OURS).name
    'replies.jsonl'
    """
    if prompts == OURS:
        return out / name
    stem, dot, suffix = name.partition(".")
    return out / f"{stem}-{fingerprint(prompts)}{dot}{suffix}"

"""Stores a model's answers in a file, so that a killed run can continue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from quality.format.prompts import OURS, Prompts
from records.config import fingerprint
from records.files import write_text


def answers_file(out: Path, name: str, prompts: Prompts) -> Path:
    """Where answers are kept: those to other prompts stand in another file.

    >>> answers_file(Path("out"), "replies.jsonl", OURS).name
    'replies.jsonl'
    """
    if prompts == OURS:
        return out / name
    stem, dot, suffix = name.partition(".")
    return out / f"{stem}-{fingerprint(prompts)}{dot}{suffix}"


def kept_answers(file: Path) -> list[dict[str, Any]]:
    """What runs before this one were answered, a line each.

    A line that a kill cut off does not count, and goes: the next answer would be written behind it.
    """
    found, whole = [], []
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    for line in filter(None, text.split("\n")):
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
        whole.append(line)
    if text:
        write_text(str(file), "".join(f"{line}\n" for line in whole))
    return found

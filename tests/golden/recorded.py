"""Golden files: what was true when somebody last looked, compared with what is true now.

A file is written only where the environment says ``UPDATE_GOLDEN=1``; its diff is read in review.
Each line holds one thing, so that a diff names what changed.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

FILES = Path(__file__).parent / "files"
SWITCH = "UPDATE_GOLDEN"
LONGEST_DIFF = 60
"""Most lines of a diff that a failing test prints."""


def updating() -> bool:
    """True if golden files are to be written instead of compared."""
    return os.environ.get(SWITCH) == "1"


def check(name: str, text: str) -> None:
    """Compare ``text`` with the golden file ``name``, or write it where that is asked for."""
    file = FILES / name
    if updating():
        file.write_text(text, encoding="utf-8")
        return
    if not file.is_file():
        pytest.fail(f"no golden file {name}; write it with {SWITCH}=1 and read it")
    changed = difference(file.read_text(encoding="utf-8"), text)
    if changed:
        pytest.fail(
            f"{name} no longer holds; if the change is meant, run this test with {SWITCH}=1 and "
            f"read the diff:\n{changed}",
            pytrace=False,
        )


def difference(before: str, now: str) -> str:
    """The lines that differ, as a diff without context; empty where nothing does."""
    lines = [
        line
        for line in difflib.unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=0)
        if not line.startswith(("---", "+++"))
    ]
    if len(lines) > LONGEST_DIFF:
        left = len(lines) - LONGEST_DIFF
        lines = [*lines[:LONGEST_DIFF], f"... and {left} more lines"]
    return "\n".join(lines)


def recorded(name: str) -> Any:
    """What the golden JSON file ``name`` holds; None where there is no such file."""
    file = FILES / name
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def lines_of(entries: Mapping[str, Any], **head: Any) -> str:
    """JSON with one entry a line, by key; an entry that is a list has one line for each element.

    Args:
        entries: What is recorded.
        head: Keys that stand before the entries, such as the render contract.
    """

    def one(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def entry(key: str, value: Any) -> str:
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            return f"  {one(key)}: {one(value)}"
        parts = ",\n".join(f"   {one(part)}" for part in value)
        return f"  {one(key)}: [\n{parts}\n  ]"

    first = "".join(f" {one(key)}: {one(value)},\n" for key, value in head.items())
    body = ",\n".join(entry(key, entries[key]) for key in sorted(entries))
    return f'{{\n{first} "entries": {{\n{body}\n }}\n}}\n'

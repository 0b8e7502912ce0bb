"""JSON records one after another, from files larger than memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from records.errors import ConfigError

CHUNK_CHARS = 1 << 20
RECORD_CHARS = 64 << 20
"""A record is given up beyond this; the longest page of OmniDocBench is far below it."""


def json_records(path: Path) -> Iterator[tuple[int, object]]:
    """Each record of a JSON list, or of JSON Lines, with its number from 0.

    Holds one record and one chunk in memory. Bytes that are no UTF-8 come out as lone surrogates,
    so that they cost one record and not the file.

    Raises:
        ConfigError: the file is damaged, or a list ends before its bracket, as after an interrupted
            download; records before that place have been yielded.
    """
    decoder = json.JSONDecoder()
    number = 0
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        text = file.read(CHUNK_CHARS)
        at = _skip(text, 0, "[")
        is_list = "[" in text[:at]
        while True:
            at = _skip(text, at, ",")
            if at == len(text):
                more = file.read(CHUNK_CHARS)
                if not more:
                    if is_list:
                        raise _damaged(path, number, "the list has no end")
                    return
                text, at = more, 0
                continue
            if text[at] == "]":
                return
            want = CHUNK_CHARS
            while True:
                try:
                    value, end = decoder.raw_decode(text, at)
                    # A number or word that touches the end may go on in the next chunk.
                    if end < len(text) or isinstance(value, (dict, list)):
                        break
                    problem = "record ends with the chunk"
                except (ValueError, RecursionError) as error:
                    problem = str(error).partition(": line")[0]
                more = file.read(want) if len(text) - at < RECORD_CHARS else ""
                if not more:
                    if problem == "record ends with the chunk":
                        break
                    raise _damaged(path, number, problem)
                # Doubling keeps the repeated attempts at one long record linear in its length.
                text, at, want = text[at:] + more, 0, want * 2
            yield number, value
            number += 1
            at = end


def _damaged(path: Path, number: int, problem: str) -> ConfigError:
    return ConfigError(
        f"{path} is damaged or only half there (record {number}: {problem}); download it again"
    )


def _skip(text: str, at: int, once: str) -> int:
    """The next position that is neither white space nor, once, the given character."""
    spent = False
    while at < len(text) and (text[at].isspace() or (text[at] == once and not spent)):
        spent = spent or text[at] == once
        at += 1
    return at


def first_records(path: Path, count: int) -> list[object]:
    """The first records, as far as they can be read."""
    found: list[object] = []
    try:
        for _, value in json_records(path):
            found.append(value)
            if len(found) == count:
                break
    except (ConfigError, OSError):
        return found
    return found

"""Parses the reply of a judging model to discrepancies, or raises an error that names the defect.

Three things are normalized, once and here: the key of the category (the paper's released table
prompt says ``type``), its spelling in capitals or with blanks, and a missing location. Nothing is
repaired: a reply whose counts do not match its list is rejected.

Source: Visual-ERM (arXiv:2603.13224), the reply format of the annotation and judge prompts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from endpoints.client.exchange import Schema
from records.errors import AnnotationReplyError
from records.rows import Box, Discrepancy
from records.taxonomy import Modality, category_names

NO_PLACE = "not stated"
"""The location of a discrepancy without a location."""
MAX_ERRORS = 200
MOST_LISTED = 40
"""Most errors that the schema allows in a reply."""
MAX_WORDS_CHARS = 2_000

_THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"\A\s*```[a-zA-Z]*[ \t]*\n(.*?)\n?[ \t]*```\s*\Z", re.DOTALL)
_ENTRY_KEYS = {"category", "type", "severity", "location", "description", "box"}


def parse_reply(
    text: str,
    modality: Modality,
    sizes_px: Sequence[tuple[int, int]] = (),
    label_source: str = "lvlm",
) -> tuple[Discrepancy, ...]:
    """Parse the discrepancies of a reply, in its order.

    Args:
        text: The whole completion; one JSON object, in a fence or not, after thinking or not.
        modality: Decides which categories are legal.
        sizes_px: Width and height of candidate and reference; boxes, in thousandths of the
            candidate, become pixels. Without sizes boxes are left out.
        label_source: Name of the annotator.

    Raises:
        AnnotationReplyError: ``unparsable`` (no JSON object, or one that breaks off),
            ``schema_mismatch`` (fields or values of another kind), ``unknown_category``,
            ``count_mismatch`` (the counts are not those of the list).

    >>> parse_reply('{"layout_error_count": 0, "text_error_count": 0, "numeric_error_count": 1, '
    ...     '"errors": [{"type": "numeric_error", "severity": 3, "description": "4 is 40"}]}',
    ...     Modality.TABLE)[0].location
    'not stated'
    """
    reply = _object(text)
    names = category_names(modality)
    legal = {f"{name}_count" for name in names}
    unknown = sorted(set(reply) - legal - {"errors"})
    if unknown:
        raise _mismatch(f"unknown fields: {', '.join(unknown)[:200]}")
    missing = sorted((legal | {"errors"}) - set(reply))
    if missing:
        raise _mismatch(f"missing fields: {', '.join(missing)}")
    entries = reply["errors"]
    if not isinstance(entries, list):
        raise _mismatch("errors is no list")
    if len(entries) > MAX_ERRORS:
        raise _mismatch(f"{len(entries)} errors; over {MAX_ERRORS} is no judgment")
    found = tuple(
        _discrepancy(entry, number, names, sizes_px, label_source)
        for number, entry in enumerate(entries, 1)
    )
    for name in names:
        stated, listed = reply[f"{name}_count"], sum(one.category == name for one in found)
        if not _is_whole(stated):
            raise _mismatch(f"{name}_count is {stated!r}")
        if stated != listed:
            raise AnnotationReplyError(
                "count_mismatch", f"{name}_count is {stated}, but {listed} are listed"
            )
    return found


def reply_schema(modality: Modality, boxes: bool = False) -> Schema:
    """The JSON schema of a reply, for servers that enforce one."""
    names = category_names(modality)
    words = {"type": "string", "minLength": 1, "maxLength": 400}
    entry: dict[str, Any] = {
        "category": {"type": "string", "enum": list(names)},
        "severity": {"type": "integer", "enum": [1, 2, 3]},
        "location": {**words, "maxLength": 200},
        "description": words,
    }
    if boxes:
        side = {"type": "integer", "minimum": 0, "maximum": 1000}
        box = {"type": "array", "items": side, "minItems": 4, "maxItems": 4}
        entry["box"] = {"anyOf": [box, {"type": "null"}]}
    count = {"type": "integer", "minimum": 0, "maximum": MOST_LISTED}
    counts = {f"{name}_count": count for name in names}
    listed = {"type": "array", "maxItems": MOST_LISTED, "items": _closed(entry)}
    # The list comes first: a model that has written it can count it.
    return Schema(f"{modality}_discrepancies", _closed({"errors": listed, **counts}))


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _object(text: str) -> dict[str, Any]:
    text = _THINKING.sub("", text, count=1)
    fenced = _FENCED.match(text)
    try:
        written = fenced[1] if fenced else text
        value = json.loads(written, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        start = " ".join(text[:120].split())
        raise AnnotationReplyError("unparsable", f"{error}: {start!r}") from error
    if not isinstance(value, dict):
        raise _mismatch(f"a {type(value).__name__}, no object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        # It is unknown which of the two is meant; Python would silently take the last.
        names = [name for name, _ in pairs]
        doubled = sorted({name for name in names if names.count(name) > 1})
        raise _mismatch(f"given twice: {', '.join(doubled)}"[:200])
    return result


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _discrepancy(
    entry: object,
    number: int,
    names: Sequence[str],
    sizes_px: Sequence[tuple[int, int]],
    label_source: str,
) -> Discrepancy:
    if not isinstance(entry, dict):
        raise _mismatch(f"error {number} is no object")
    unknown = sorted(set(entry) - _ENTRY_KEYS)
    if unknown:
        raise _mismatch(f"error {number} has unknown fields: {', '.join(unknown)[:200]}")
    severity = entry.get("severity")
    if not _is_whole(severity) or severity not in (1, 2, 3):
        raise _mismatch(f"error {number} has severity {severity!r}; legal: 1, 2, 3")
    return Discrepancy(
        category=_category(entry, number, names),
        severity=severity,
        location=_words(entry, "location", number) or NO_PLACE,
        description=_required(entry, number),
        box=_box(entry.get("box"), number, sizes_px),
        label_source=label_source,
    )


def _category(entry: Mapping[str, Any], number: int, names: Sequence[str]) -> str:
    given = {entry[key] for key in ("category", "type") if isinstance(entry.get(key), str)}
    if len(given) != 1:
        raise _mismatch(f"error {number} names {len(given)} categories instead of one")
    word = given.pop()
    name = re.sub(r"[\s-]+", "_", word.strip().lower())
    if name not in names:
        raise AnnotationReplyError(
            "unknown_category", f"error {number}: {word[:60]!r}; legal: {', '.join(names)}"
        )
    return str(name)


def _required(entry: Mapping[str, Any], number: int) -> str:
    words = _words(entry, "description", number)
    if not words:
        raise _mismatch(f"error {number} describes nothing")
    return words


def _words(entry: Mapping[str, Any], key: str, number: int) -> str:
    value = entry.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_WORDS_CHARS:
        raise _mismatch(f"{key} of error {number} is no text of {MAX_WORDS_CHARS} characters")
    # JSON can contain lone surrogates, but a row cannot.
    return " ".join(value.encode("utf-8", "replace").decode().split())


def _box(value: Any, number: int, sizes_px: Sequence[tuple[int, int]]) -> Box | None:
    if value is None:
        return None
    four = isinstance(value, list) and len(value) == 4
    whole = four and all(_is_whole(side) and 0 <= side <= 1000 for side in value)
    if not whole or value[0] >= value[2] or value[1] >= value[3]:
        legal = "left, top, right, bottom in thousandths"
        raise _mismatch(f"box of error {number} is {str(value)[:80]}; legal: {legal}")
    if not sizes_px:
        return None
    sides = sizes_px[0] * 2
    left, top, right, bottom = (at * side / 1000 for at, side in zip(value, sides, strict=True))
    return left, top, right, bottom


def _mismatch(detail: str) -> AnnotationReplyError:
    return AnnotationReplyError("schema_mismatch", detail)


def _is_whole(value: object) -> bool:
    # True is an int in Python, but not a count.
    return isinstance(value, int) and not isinstance(value, bool)

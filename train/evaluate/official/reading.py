"""Replies and records as the published script reads them: whatever can be read counts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from records.taxonomy import Modality, category_names
from train.evaluate.benchmark import benchmark_file

Key = tuple[str, str, int]
"""Task, id and line number: ids may restart for each task, but line numbers are unique."""


@dataclass(frozen=True, slots=True)
class JudgedError:
    """One parsed error."""

    category: str
    severity: float
    """0 if it is missing or not a number."""
    description: str


@dataclass(frozen=True, slots=True)
class BenchmarkRecord:
    """One pair of the benchmark."""

    key: Key
    modality: Modality
    human: tuple[JudgedError, ...]
    values: Mapping[str, Any]
    """The whole record, predictions of other models and paths of pictures included."""


def json_object(text: str) -> dict[str, Any] | None:
    """The object in a reply: bare, within a fence, or between other text; None if there is none.

    >>> json_object('Here: {"errors": []} Done.')
    {'errors': []}
    >>> json_object("[]") is None
    True
    """
    text = text.strip()
    if text.startswith("```"):
        text = re.sub(r"\s*```$", "", re.sub(r"^```\w*\s*", "", text)).strip()
    found = re.search(r"\{.*\}", text, re.DOTALL)
    for piece in (text, found[0] if found else ""):
        try:
            value = json.loads(piece)
        except ValueError:
            continue
        if isinstance(value, dict):
            return value
    return None


def readable(value: object) -> bool:
    """True if there is a reply, and it holds JSON."""
    return value is not None and (not isinstance(value, str) or json_object(value) is not None)


def errors_of(value: object, modality: Modality) -> tuple[JudgedError, ...]:
    """Errors of an object, a list or a reply that have a category of the task, in their order.

    Counts are not looked at. A category is taken word by word: `Data Error` is none.

    >>> errors_of('{"errors": [{"category": "text_error", "severity": "2"}, {"type": "Text Error"}]}', Modality.TABLE)
    (JudgedError(category='text_error', severity=2.0, description=''),)
    """
    if isinstance(value, str):
        value = json_object(value)
    if isinstance(value, Mapping):
        value = value.get("errors")
    if not isinstance(value, list):
        return ()
    legal = category_names(modality)
    found = []
    for one in value:
        if not isinstance(one, Mapping):
            continue
        category = one.get("type") or one.get("category")
        if isinstance(category, str) and category in legal:
            described = str(one.get("description") or "")
            found.append(JudgedError(category, _severity(one.get("severity")), described))
    return tuple(found)


def _severity(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def read_records(path: str | Path) -> tuple[list[BenchmarkRecord], int]:
    """The pairs of a benchmark, or of a file of results, and how many records are none.

    Args:
        path: Folder of VC-RewardBench, its jsonl, or `results.json` as the published script leaves it.

    Raises:
        ConfigError: no such file, or not one usable record.
    """
    file = Path(path) if Path(path).suffix == ".json" else benchmark_file(path)
    found, lost = [], 0
    for line, values in enumerate(lines_of(file), 1):
        record = _record(values, line)
        lost += record is None
        if record is not None:
            found.append(record)
    if not found:
        raise ConfigError(f"{file}: no usable record; each needs category and human_errors")
    return found, lost


def lines_of(file: Path) -> list[Any]:
    """The values of a JSON list, or of a file with one JSON value a line.

    Raises:
        ConfigError: the file is neither; names the line.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    try:
        if text.lstrip().startswith("["):
            return list(json.loads(text))
    except ValueError as error:
        raise ConfigError(f"{file}: not a JSON list: {error}") from error
    values = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append(json.loads(line))
            except ValueError as error:
                raise ConfigError(f"{file}, line {number}: not JSON: {error}") from error
    return values


def _record(values: Any, line: int) -> BenchmarkRecord | None:
    if not isinstance(values, dict) or "human_errors" not in values:
        return None
    try:
        modality = Modality(str(values.get("category", "")).lower())
    except ValueError:
        return None
    name = values.get("id")
    key = (str(modality), str(line if name in (None, "") else name), line)
    return BenchmarkRecord(
        key, modality, errors_of(_listed(values["human_errors"]), modality), values
    )


def _listed(value: object) -> object:
    """A list that is written as text is read."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def predictions_of(records: list[BenchmarkRecord], file: Path) -> dict[Key, object]:
    """What was predicted of each pair, as it stands in a file of results or predictions.

    A line counts for the pair of its category and id, or of its id alone; where several pairs have it, for the
    pair of the same place among them. Fields are `pred_json`, `errors` or `reply`, the first that is there.

    Args:
        records: All pairs of the benchmark: a few of them would not show which lines are theirs.
        file: A JSON list, or lines.

    Raises:
        ConfigError: no such file, or more or fewer lines than pairs of one id that do not say the same.
    """
    given: dict[tuple[str, str], list[object]] = {}
    for values in lines_of(file):
        if not isinstance(values, dict):
            raise ConfigError(f"{file}: a {type(values).__name__} where a record was expected")
        value = next((values[name] for name in _FIELDS if values.get(name) is not None), None)
        if value is not None and not isinstance(value, str | dict):
            value = {"errors": value}
        category = str(values.get("category", "")).lower()
        given.setdefault((category, str(values.get("id"))), []).append(value)
    pairs: dict[tuple[str, str], list[Key]] = {}
    for record in records:
        category, name, _ = record.key
        pairs.setdefault((category if (category, name) in given else "", name), []).append(
            record.key
        )
    found: dict[Key, object] = {}
    for of, keys in pairs.items():
        lines = given.get(of, [])
        alike = all(line == lines[0] for line in lines)
        if lines and len(lines) != len(keys) and not (alike and len(keys) == 1):
            raise ConfigError(
                f"{file}: {len(lines)} lines for {' '.join(of).strip()!r}, which {len(keys)} pairs have; give each "
                "pair one line, with its category"
            )
        found |= zip(keys, lines, strict=False)
    return found


_FIELDS = ("pred_json", "errors", "reply")

"""Records from files larger than memory, whatever way they are laid out."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from records.errors import ConfigError
from sources import json_records as module
from sources.json_records import first_records, json_records

RECORDS = [{"n": n, "text": 'a "quoted", [bracketed] }, { tail \\ ' + "é" * n} for n in range(40)]


def values(path: Path) -> list[object]:
    return [value for _, value in json_records(path)]


@pytest.mark.parametrize("chunk", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_list_read_in_chunks_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, indent: int | None
) -> None:
    monkeypatch.setattr(module, "CHUNK_CHARS", chunk)
    path = tmp_path / "list.json"
    path.write_text(json.dumps(RECORDS, indent=indent, ensure_ascii=False), "utf-8")
    assert values(path) == RECORDS


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in RECORDS) + "\n\n", "utf-8")
    assert values(path) == RECORDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", []), ("[]", []), ("[1, 23, null]", [1, 23, None]), ("\ufeff[{}]", [{}]), ("17", [17])],
)
def test_small_files(tmp_path: Path, text: str, expected: list[object]) -> None:
    path = tmp_path / "small.json"
    path.write_text(text, "utf-8")
    assert values(path) == expected


@pytest.mark.parametrize(
    "broken",
    [
        *('[{"n": 1}, {"n": ', '[{"n": 1}, {n: 2}, {"n": 3}]', '[{"n": 1}, ' + "[" * 100_000),
        *('[{"n": 1},', '[{"n": 1}', ' [ {"n": 1}, \n'),
    ],
)
def test_a_damaged_file_is_an_error_after_what_stands_before_it(
    tmp_path: Path, broken: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(broken)
    found = []
    with pytest.raises(
        ConfigError, match=r"broken\.json is damaged or only half there \(record 1: "
    ):
        for _, value in json_records(path):
            found.append(value)
    assert found == [{"n": 1}]
    assert first_records(path, 5) == [{"n": 1}]


def test_a_record_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_CHARS", 64)
    monkeypatch.setattr(module, "RECORD_CHARS", 1000)
    path = tmp_path / "endless.json"
    path.write_text('[{"text": "' + "x" * 5000)
    with pytest.raises(ConfigError, match="only half there"):
        values(path)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    record = json.dumps({"text": "x" * 1000})
    with path.open("w") as file:
        file.write("[" + record)
        for _ in range(20_000):
            file.write("," + record)
        file.write("]")
    assert path.stat().st_size > 20_000_000
    tracemalloc.start()
    count = sum(1 for _ in json_records(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_001
    assert peak < 10_000_000

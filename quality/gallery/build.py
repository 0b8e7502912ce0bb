"""Writes the gallery of a dataset: one page, its data in pieces, its pictures as files.

It opens from a disk without a server, so data come as scripts that call `gallery.take`, and it
asks nothing of the network. The index holds sets of pairs as bits; lines, labels and programs are
loaded as they come into sight, so a page of a hundred thousand pairs opens like one of ten. Everything a row says is data to the page, never markup.
"""

from __future__ import annotations

import heapq
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from quality.format.manifest import read_manifest
from quality.read.inspect import dataset_files, read_dataset, read_published
from quality.rules.gates import picture_sizes
from records.errors import ConfigError
from records.folders import draft_folder, put_in_place
from records.pairs import Row
from records.rows import content_id
from records.taxonomy import Modality, category_names

CHUNK_PAIRS = 40
"""Pairs whose code and labels are loaded together."""
PAGE_PAIRS = 200
"""Pairs whose lines in the list are loaded together."""
FILTERS = ("task", "origin", "category", "severity", "split", "policy", "corruption", "source")
_PAGE_FILES = ("index.html", "gallery.css", "viewer.js", "diff.js", "gallery.js")


def build_gallery(dataset: str, out: str, limit: int | None = None) -> Path:
    """Write the gallery of a published dataset.

    Args:
        dataset: Folder or fsspec URL of one version.
        out: Local folder to write; an earlier gallery there is replaced.
        limit: Most pairs to show, drawn evenly by id; None shows all.

    Returns:
        The page, `index.html`.

    Raises:
        ConfigError: there is no dataset, or ``out`` holds something else.
    """
    dataset_files(dataset)
    facts = read_manifest(dataset) or {"name": Path(dataset.rstrip("/")).name}
    return write_gallery(_rows(dataset, limit), out, facts)


def write_gallery(rows: Iterable[Row], out: str, facts: Mapping[str, Any]) -> Path:
    """Write the gallery of these rows; holds some hundred rows in memory.

    Args:
        rows: Whole rows, pictures included.
        out: Local folder to write; an earlier gallery there is replaced.
        facts: Name, version and counts, as in a manifest.

    Returns:
        The page, `index.html`.

    Raises:
        ConfigError: ``out`` holds something else.
    """
    target = Path(out)
    if target.exists() and any(target.iterdir()) and not (target / "data" / "index.js").is_file():
        raise ConfigError(f"{out}: holds files that are no gallery; give an empty or a new folder")
    with draft_folder(target) as draft:
        _write(rows, draft, facts)
        put_in_place(draft, target)
    return target / "index.html"


def _write(rows: Iterable[Row], folder: Path, facts: Mapping[str, Any]) -> None:
    (folder / "data").mkdir()
    page = files("quality.gallery") / "page"
    for name in _PAGE_FILES:
        (folder / name).write_bytes((page / name).read_bytes())
    lines = _Scripts(folder / "data", "page", PAGE_PAIRS)
    details = _Scripts(folder / "data", "chunk", CHUNK_PAIRS)
    sets = _Sets()
    shelves: dict[str, dict[str, int]] = {}
    pairs = 0
    for number, row in enumerate(rows):
        line = _line(row, [_picture(folder, image.bytes) for image in row.images])
        lines.add(line)
        details.add(_details(row))
        sets.add(number, line)
        shelves.setdefault(row.id[:2], {})[row.id] = number
        pairs += 1
    lines.close()
    details.close()
    for shelf, numbers in sorted(shelves.items()):
        value = {"n": shelf, "values": numbers}
        _script(folder / "data" / f"ids-{shelf}.js", "ids", value)
    index = {
        "name": facts.get("name", ""),
        "version": facts.get("version", ""),
        "total": facts.get("counts", {}).get("rows", pairs),
        "pairs": pairs,
        "page_pairs": PAGE_PAIRS,
        "chunk_pairs": CHUNK_PAIRS,
        "categories": {task.value: category_names(task) for task in Modality},
        "facets": sets.to_json(),
        "shelves": sorted(shelves),
    }
    _script(folder / "data" / "index.js", "index", index)


class _Scripts:
    """Values as numbered scripts, so many in each; the page loads those that it needs."""

    def __init__(self, folder: Path, kind: str, size: int) -> None:
        self._folder, self._kind, self._size = folder, kind, size
        self._values: list[dict[str, Any]] = []
        self._number = 0

    def add(self, value: dict[str, Any]) -> None:
        self._values.append(value)
        if len(self._values) == self._size:
            self.close()

    def close(self) -> None:
        """Write what is left."""
        if self._values:
            path = self._folder / f"{self._kind}-{self._number:05d}.js"
            _script(path, self._kind, {"n": self._number, "values": self._values})
            self._values, self._number = [], self._number + 1


class _Sets:
    """For each value of each filter the pairs that have it: a bit a pair, the lowest bit first."""

    def __init__(self) -> None:
        self._bits: dict[str, dict[str, bytearray]] = {name: {} for name in FILTERS}
        self._pairs = 0

    def add(self, number: int, line: Mapping[str, Any]) -> None:
        self._pairs = number + 1
        for name in FILTERS:
            for value in _values(line, name):
                bits = self._bits[name].setdefault(value, bytearray())
                bits.extend(bytes(number // 8 + 1 - len(bits)))
                bits[number // 8] |= 1 << (number % 8)

    def to_json(self) -> dict[str, dict[str, str]]:
        """Base64 by filter and value."""
        size = -(-self._pairs // 8)
        return {
            name: {
                value: b64encode(bytes(bits.ljust(size, b"\0"))).decode()
                for value, bits in sorted(values.items())
            }
            for name, values in self._bits.items()
        }


def _values(line: Mapping[str, Any], name: str) -> list[str]:
    """Every value a pair has for a filter; a pair without any label has the empty one."""
    value = line[name]
    if not isinstance(value, list):
        return [value] if value else []
    return [str(one) for one in value] or ([""] if name in ("category", "severity") else [])


def _rows(dataset: str, limit: int | None) -> Iterator[Row]:
    """Rows to show: all, or those of the lowest draws, which the whole dataset shares evenly."""
    if limit is None:
        yield from read_published(dataset)
        return
    ids = (line["id"] for line in read_dataset(dataset, ["id"]))
    draws = ((content_id("gallery", id_), id_) for id_ in ids)
    chosen = {id_ for _, id_ in heapq.nsmallest(limit, draws)}
    yield from (row for row in read_published(dataset) if row.id in chosen)


def _picture(folder: Path, data: bytes) -> str:
    """Write a picture once, however many pairs show it; its path inside the gallery."""
    name = content_id(data)
    suffix = "webp" if data[8:12] == b"WEBP" else "png"
    path = folder / "pictures" / name[:2] / f"{name}.{suffix}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path.relative_to(folder).as_posix()


def _line(row: Row, pictures: list[str]) -> dict[str, Any]:
    """What the list and the search need of a pair."""
    found = row.discrepancies
    words = " ".join(f"{d.location} {d.description}" for d in found)
    named = " ".join([*row.corruptions, *(d.category for d in found)])
    searched = (
        f"{row.id} {row.task} {row.origin} {row.policy} {row.source} {named} "
        f"{row.upstream_id} {row.kind} {words}"
    )
    return {
        "id": row.id,
        "task": row.task,
        "split": row.split,
        "origin": row.origin,
        "corruption": sorted(set(row.corruptions)),
        "policy": row.policy,
        "category": sorted({d.category for d in found}),
        "severity": sorted({d.severity for d in found}),
        "count": len(found),
        "sum": row.severity_sum,
        "kind": row.kind,
        "source": row.source,
        "search": re.sub(r"\s+", " ", searched).strip().lower()[:800],
        "pictures": pictures,
        "sizes": picture_sizes(row),
    }


_NOT_SHOWN = {
    *("images", "prompt", "completion", "messages", "discrepancies", "severity_sum", "task"),
    *("origin", "corruptions", "policy", "split"),
}
"""What the page has elsewhere: in the pictures, or in the line of the list."""


def _details(row: Row) -> dict[str, Any]:
    # The page shows the edits as the difference of the two programs.
    details = row.model_dump(
        mode="json", exclude={**dict.fromkeys(_NOT_SHOWN, True), "provenance": {"edits"}}
    )
    for annotation in details["annotations"]:
        for found in annotation["discrepancies"]:
            if found["box"] is not None:
                found["box"] = [round(at, 1) for at in found["box"]]
    return details


def _script(path: Path, kind: str, value: Any) -> None:
    """Data as a script: the one form a page that was opened from a disk may load."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Inside a script these would end it or break the line.
    for character in ("<", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    path.write_text(f"gallery.take({json.dumps(kind)},{text});\n", encoding="utf-8")

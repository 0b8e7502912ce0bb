"""VC-RewardBench as it lies on disk: pairs of pictures, and the errors that people marked.

Source: internlm/VC-RewardBench, Apache-2.0; evaluation only, never trained on. Layout: one
`VC-RewardBench.jsonl` and three folders of pictures.

``python -m train.evaluate.benchmark --dataset FOLDER --out FOLDER`` writes held-out pairs of a published dataset
in the same layout: how well does a model do on errors like those it was trained on?
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from annotators.audit.matching import Marked
from quality.read.inspect import read_dataset
from records.errors import ConfigError, SourceError
from records.rows import Reject
from records.taxonomy import Modality
from train.arguments import count
from train.exit_codes import ended

FILE = "VC-RewardBench.jsonl"


@dataclass(frozen=True, slots=True)
class Item:
    """One pair of the benchmark."""

    id: str
    modality: Modality
    reference: Path
    candidate: Path
    human: tuple[Marked, ...]
    shipped: Mapping[str, tuple[Marked, ...] | None]
    """Predictions of other models that the benchmark brings, by the name of their field; None for a reply that
    cannot be read."""


def benchmark_file(path: str | Path) -> Path:
    """The jsonl file of a benchmark.

    Raises:
        ConfigError: there is none, or several that could be meant.
    """
    file = Path(path or FILE)
    if file.is_dir():
        found = sorted(file.glob("*.jsonl"))
        named = [one for one in found if one.name == FILE] or found
        if len(named) != 1:
            raise ConfigError(f"{path}: {len(named)} jsonl files; give the one to evaluate")
        file = named[0]
    if not file.is_file():
        raise ConfigError(
            f"{path or 'no folder given'}: no {FILE}; download internlm/VC-RewardBench and give its folder"
        )
    return file


def read_benchmark(path: str | Path) -> tuple[list[Item], list[Reject]]:
    """The pairs of a benchmark, and the records that cannot be used.

    Args:
        path: Its folder, or the jsonl file inside.

    Raises:
        ConfigError: no such file, or not one usable record.
    """
    file = benchmark_file(path)
    pictures = Pictures(file.parent)
    items: list[tuple[int, Item]] = []
    rejects = []
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                items.append((number, _item(line, pictures, number)))
            except SourceError as error:
                rejects.append(_reject(file, number, error))
    if not items:
        why = f"; first: {rejects[0].reason}: {rejects[0].detail}" if rejects else ""
        raise ConfigError(f"{file}: no usable record{why}")
    return _with_own_ids(items), rejects


def _with_own_ids(items: Sequence[tuple[int, Item]]) -> list[Item]:
    """Give items unique ids: `chart:7` if ids restart for each task, `chart:7#21` (with the line)
    if a task has an id twice."""
    ids = Counter(item.id for _, item in items)
    in_task = Counter((item.modality, item.id) for _, item in items)
    found = []
    for line, item in items:
        name = item.id
        if ids[item.id] > 1:
            name = f"{item.modality}:{item.id}"
            if in_task[item.modality, item.id] > 1:
                name += f"#{line}"
        found.append(replace(item, id=name))
    return found


def write_benchmark(dataset: str, out: Path, limit: int = 0, split: str = "test") -> int:
    """Held-out pairs of a published dataset in the benchmark's layout; how many.

    Its labels stand where people's would, so it measures what the training taught, not more.

    Args:
        dataset: Folder or fsspec URL of one version.
        out: Folder to write.
        limit: Most pairs, taken evenly over the tasks; 0 takes all.
        split: One that was not trained on.

    Raises:
        ConfigError: no dataset, no pair in that split, or ``out`` holds a benchmark already.
    """
    if (out / FILE).exists():
        raise ConfigError(f"{out} holds a benchmark already; choose another folder")
    if split == "train":
        raise ConfigError("pairs that a model was trained on measure nothing; take test")
    columns = ["id", "task", "images", "discrepancies"]
    left = dict.fromkeys(Modality, 1 << 62)
    if limit:
        each, more = divmod(limit, len(Modality))
        left = {task: each + (place < more) for place, task in enumerate(Modality)}
    lines: list[dict[str, Any]] = []
    for row in read_dataset(dataset, columns, [split]):
        task = Modality(row["task"])
        if not left[task]:
            continue
        left[task] -= 1
        paths = []
        for side, image in zip(("gt", "pred"), row["images"], strict=True):
            data: bytes = image["bytes"]
            suffix = "webp" if data[8:12] == b"WEBP" else "png"
            paths.append(f"{task}_images/{side}/{row['id']}.{suffix}")
            (out / paths[-1]).parent.mkdir(parents=True, exist_ok=True)
            (out / paths[-1]).write_bytes(data)
        errors = [
            {name: found[key] for name, key in _FIELDS.items()} for found in row["discrepancies"]
        ]
        lines.append(
            {
                "id": row["id"],
                "idx": len(lines),
                "category": str(task),
                "gt_img_path": paths[0],
                "pred_img_path": paths[1],
                "human_errors": errors,
            }
        )
    if not lines:
        raise ConfigError(f"{dataset}: no pair in the split {split!r}; build a larger dataset")
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (out / FILE).write_text(text, encoding="utf-8")
    return len(lines)


_FIELDS = {
    "type": "category",
    "severity": "severity",
    "location": "location",
    "description": "description",
}
"""Our names by the benchmark's."""


def marked(values: object) -> tuple[Marked, ...]:
    """Errors from a list, a JSON text, or an object that holds them as `errors`.

    Raises:
        SourceError: something else.

    >>> marked('{"errors": [{"type": "Data Error", "severity": "2", "description": "d"}]}')
    (Marked(category='data_error', severity=2, description='d', location=''),)
    """
    if isinstance(values, str):
        try:
            values = json.loads(values) if values.strip() else []
        except json.JSONDecodeError as error:
            raise SourceError("unparsable_errors", str(error)) from error
    if isinstance(values, Mapping):
        values = values.get("errors")
    if values is None:
        values = []
    if not isinstance(values, list):
        raise SourceError("unparsable_errors", f"a {type(values).__name__} instead of a list")
    return tuple(_marked(value) for value in values)


def _marked(value: object) -> Marked:
    if not isinstance(value, Mapping):
        raise SourceError("unparsable_errors", f"an error is a {type(value).__name__}")
    word = value.get("type") or value.get("category") or ""
    try:
        severity = int(value.get("severity", 0))
    except (TypeError, ValueError):
        severity = 0
    if severity not in (1, 2, 3):
        raise SourceError(
            "unparsable_errors", f"severity {value.get('severity')!r}; legal are 1, 2 and 3"
        )
    return Marked(
        re.sub(r"[\s-]+", "_", str(word).strip().lower()),
        severity,
        str(value.get("description") or ""),
        str(value.get("location") or ""),
    )


def _item(line: str, pictures: Pictures, number: int) -> Item:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise SourceError("unparsable_record", str(error)) from error
    if not isinstance(record, dict):
        raise SourceError("unparsable_record", f"a {type(record).__name__}")
    try:
        modality = Modality(str(record.get("category", "")).lower())
    except ValueError as error:
        raise SourceError("unknown_category", repr(record.get("category"))) from error
    if "human_errors" not in record:
        raise SourceError("no_human_errors", "a record without human_errors cannot be scored")
    name = record.get("id")
    return Item(
        id=str(number if name in (None, "") else name),
        modality=modality,
        reference=pictures.find(record.get("gt_img_path")),
        candidate=pictures.find(record.get("pred_img_path")),
        human=marked(record["human_errors"]),
        shipped=_shipped(record),
    )


def _shipped(record: Mapping[str, Any]) -> dict[str, tuple[Marked, ...] | None]:
    found: dict[str, tuple[Marked, ...] | None] = {}
    for field in sorted(record):
        if field.startswith("pred_json"):
            try:
                found[field] = marked(record[field])
            except SourceError:
                found[field] = None  # another model's broken reply is no defect of the pair
    return found


class Pictures:
    """Files of a folder, found by however much of their path is right."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_name: dict[str, list[Path]] = {}
        for file in folder.rglob("*"):
            if file.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp"):
                self._by_name.setdefault(file.name, []).append(file)

    def find(self, path: object) -> Path:
        """The file whose path ends like ``path`` for longest.

        Raises:
            SourceError: there is none, or two fit equally well.
        """
        if not isinstance(path, str) or not path:
            raise SourceError("no_picture_path", repr(path))
        parts = Path(path.replace("\\", "/")).parts
        fitting = self._by_name.get(parts[-1], [])

        def common(file: Path) -> int:
            pairs = zip(
                reversed(file.relative_to(self._folder).parts), reversed(parts), strict=False
            )
            return next((n for n, (a, b) in enumerate(pairs) if a != b), len(parts))

        best = sorted(fitting, key=common, reverse=True)
        if not best:
            raise SourceError("missing_picture", f"no file {path!r} below {self._folder.name}")
        if len(best) > 1 and common(best[0]) == common(best[1]):
            raise SourceError("ambiguous_picture", f"{path!r} fits two files equally well")
        return best[0]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train.evaluate.benchmark", description=__doc__)
    parser.add_argument("--dataset", required=True, help="folder of a published dataset")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--limit", type=count, default=0, help="most pairs; 0 takes all")
    parser.add_argument("--split", default="test", choices=["test", "validation"])
    asked = parser.parse_args()

    def work() -> None:
        pairs = write_benchmark(asked.dataset, asked.out, asked.limit, asked.split)
        print(f"benchmark: {pairs} pairs, {asked.out / FILE}")

    return ended("benchmark", work)


def _reject(file: Path, number: int, error: SourceError) -> Reject:
    return Reject(
        stage="benchmark",
        reason=error.reason,
        item_id=f"{file.name}#{number}",
        detail=error.detail,
    )


if __name__ == "__main__":
    sys.exit(main())

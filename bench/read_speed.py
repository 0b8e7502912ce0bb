"""Measures reading of published files: rows and bytes per second, in order and by random groups.

``python -m bench.read_speed DATASET [--json]``. What is timed is what a trainer does: read a row
group, decode both pictures. Each way is measured after one pass that fills the file cache, so disks
are left out.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import fsspec
import pyarrow.parquet as pq
from PIL import Image

from quality.format.versions import resolved
from records.errors import ConfigError
from train.exit_codes import ended

COLUMNS = ["images", "prompt", "completion"]


def measure(dataset: str, split: str = "train", seed: int = 0) -> dict[str, Any]:
    """Rows a second of a split: in order with and without decoding, and by random row groups.

    Raises:
        ConfigError: no such split.
    """
    system, folder = fsspec.core.url_to_fs(f"{dataset.rstrip('/')}/{split}")
    paths = sorted(system.glob(f"{folder}/*.parquet"))
    if not paths:
        raise ConfigError(f"{dataset}: no {split} split; give the folder of a published dataset")
    files = [pq.ParquetFile(system.open(path, "rb")) for path in paths]
    groups = [(file, at) for file in files for at in range(file.num_row_groups)]
    rows = sum(file.metadata.num_rows for file in files)
    size = sum(system.size(path) for path in paths)
    for _ in _rows(groups):
        pass
    shuffled = list(groups)
    random.Random(seed).shuffle(shuffled)
    ways: dict[str, Callable[[], int]] = {
        "in_order": lambda: sum(1 for _ in _rows(groups)),
        "in_order_decoded": lambda: sum(_decoded(row) for row in _rows(groups)),
        "random_groups_decoded": lambda: sum(_decoded(row) for row in _rows(shuffled)),
    }
    found: dict[str, Any] = {
        "rows": rows,
        "mb": round(size / 1e6, 2),
        "row_groups": len(groups),
        "rows_per_group": round(rows / len(groups), 1),
    }
    for name, way in ways.items():
        started_s = time.perf_counter()
        way()
        seconds = time.perf_counter() - started_s
        found[name] = {
            "rows_per_s": round(rows / seconds, 1),
            "mb_per_s": round(size / 1e6 / seconds, 1),
        }
    return found


def _rows(groups: Sequence[tuple[Any, int]]) -> Iterator[dict[str, Any]]:
    for file, at in groups:
        yield from file.read_row_group(at, columns=COLUMNS).to_pylist()


def _decoded(row: dict[str, Any]) -> int:
    for image in row["images"]:
        with Image.open(io.BytesIO(image["bytes"])) as picture:
            picture.convert("RGB").load()
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.read_speed", description=__doc__)
    parser.add_argument("dataset", help="folder of a published dataset")
    parser.add_argument("--split", default="train")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)

    def work() -> None:
        found = measure(resolved(asked.dataset), asked.split)
        print(json.dumps(found) if asked.json else _line(found))

    return ended("read_speed", work)


def _line(found: Mapping[str, Any]) -> str:
    lines = [
        f"{found['rows']} rows, {found['mb']} MB, {found['row_groups']} groups of "
        f"{found['rows_per_group']} rows"
    ]
    lines += [
        f"{name:>22}: {speed['rows_per_s']:>9} rows/s  {speed['mb_per_s']:>7} MB/s"
        for name, speed in found.items()
        if isinstance(speed, dict)
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""Held-out pairs of a dataset as a benchmark."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from records.errors import ConfigError
from train.evaluate.benchmark import read_benchmark, write_benchmark

ERRORS = {
    "chart": [("data_error", 3), ("text_error", 1)],
    "table": [("numeric_error", 2), ("text_error", 2)],
    "svg": [],
}


def test_held_out_pairs_of_a_dataset_become_a_benchmark(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(buffer, "PNG")
    pictures = [{"bytes": buffer.getvalue(), "path": "x.png"}] * 2
    rows = [
        {
            "id": f"{task}-{number}",
            "task": task,
            "images": pictures,
            "discrepancies": [
                {
                    "category": category,
                    "severity": severity,
                    "location": "there",
                    "description": "differs",
                    "box": [0.0, 0.0, 1.0, 1.0],
                    "label_source": "structural-1",
                }
                for category, severity in errors
            ],
        }
        for task, errors in ERRORS.items()
        for number in range(4)
    ]
    (tmp_path / "set" / "test").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "set" / "test" / "part-00000.parquet")
    out = tmp_path / "bench"
    assert write_benchmark(str(tmp_path / "set"), tmp_path / "few", limit=5) == 5
    assert write_benchmark(str(tmp_path / "set"), out, limit=6) == 6
    items, rejects = read_benchmark(out)
    assert rejects == []
    assert [item.id for item in items][:3] == ["chart-0", "chart-1", "table-0"]
    assert [(e.category, e.severity) for e in items[0].human] == [
        ("data_error", 3),
        ("text_error", 1),
    ]
    assert items[0].reference.read_bytes() == buffer.getvalue()
    with pytest.raises(ConfigError, match="holds a benchmark already"):
        write_benchmark(str(tmp_path / "set"), out)
    with pytest.raises(ConfigError, match="measure nothing"):
        write_benchmark(str(tmp_path / "set"), tmp_path / "other", split="train")

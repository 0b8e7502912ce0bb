"""Measures the cost of publication as datasets grow, step by step: time, CPU, memory and bytes read.

Rows have pictures, programs and labels of usual size, but are copies of a few with other ids, so a
hundred thousand of them are there in a minute. Each size is published in a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from quality.dataset.index import INDEX, Indexer, index_url
from quality.format.schema import SCHEMA, row_of
from records.edits import Edit
from records.pairs import Judged, Reference, Row
from records.rows import (
    Attempt,
    Corrupted,
    Discrepancy,
    InjectedError,
    Judgment,
    Sample,
    content_id,
)
from records.shards import ShardReport, write_report
from records.taxonomy import CATEGORIES, Language, Modality
from renderers.contract import Picture, pixel_hash
from renderers.stage import painted_fields

PAIRS_OF_A_SAMPLE = 4
SAMPLES_OF_A_SHARD = 64
SIDE_PX = 40
_LANGUAGES = {
    Modality.CHART: Language.PYTHON,
    Modality.TABLE: Language.HTML,
    Modality.SVG: Language.SVG,
}


def main(sizes: list[int]) -> None:
    """Print one line of JSON a size."""
    for pairs in sizes:
        finished = subprocess.run(
            [sys.executable, "-m", "bench.publish", "--one", str(pairs)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        print(finished.stdout.strip(), flush=True)


def measured(pairs: int) -> dict[str, Any]:
    """Publish so many made-up pairs; what each step took, and the whole.

    A few pairs are published first, so that reading programs from disk is not measured.
    """
    published(100)
    return published(pairs)


def published(pairs: int) -> dict[str, Any]:
    """Publish once."""
    with tempfile.TemporaryDirectory(prefix="vermillion-bench-") as folder:
        subprocess.run(
            [sys.executable, "-m", "bench.publish", "--make", str(pairs), folder], check=True
        )
        shards = sorted(
            str(path)
            for path in Path(folder, "check").glob("*.parquet")
            if not path.name.endswith(".index.parquet")
        )
        size = sum(Path(shard).stat().st_size for shard in shards)
        from quality.dataset import publish
        from records.sections import CorruptionMix, PublishConfig

        mix = CorruptionMix(category_weights={})
        meta = publish.Meta(settings=PublishConfig(preview=False), mix=mix)
        steps: dict[str, Step] = {}
        with measuring("plan", steps):
            staged = publish.stage_dataset(shards, folder, "bench", "1", meta)
        assert isinstance(staged, publish.Staged)
        with measuring("files", steps):
            publish.write_staged_parts(staged.url, range(staged.files))
        with measuring("finish", steps):
            finished = publish.finish_dataset(staged)
        assert finished.rows == pairs
        return {
            "pairs": pairs,
            "shards": len(shards),
            "megabytes": round(size / 2**20),
            "seconds": round(sum(step.seconds for step in steps.values()), 1),
            "cpu_ms_a_pair": round(sum(s.cpu_s for s in steps.values()) * 1000 / pairs, 2),
            "peak_mb": round(max(step.peak_mb for step in steps.values())),
            "reads_of_the_data": round(sum(s.read_bytes for s in steps.values()) / size, 2),
            "steps": {name: asdict(step) for name, step in steps.items()},
        }


@dataclass(frozen=True)
class Step:
    """What one step of a publication took."""

    seconds: float
    cpu_s: float
    peak_mb: float
    """Most resident memory while it ran."""
    read_bytes: int
    """Bytes that the process read from files: data, plan and its own earlier output."""


@contextmanager
def measuring(name: str, steps: dict[str, Step]) -> Iterator[None]:
    """A context manager that measures its block as a step of this name; Linux only."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew; see proc(5)
    started, cpu, read = time.monotonic(), time.process_time(), _counter("io", "rchar")
    yield
    steps[name] = Step(
        seconds=round(time.monotonic() - started, 1),
        cpu_s=round(time.process_time() - cpu, 1),
        peak_mb=round(_counter("status", "VmHWM") / 1024),
        read_bytes=_counter("io", "rchar") - read,
    )


def _counter(file: str, name: str) -> int:
    lines = Path("/proc/self", file).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def make_shards(pairs: int, folder: Path) -> None:
    """Checked shards of made-up pairs, with their indexes."""
    folder.mkdir(parents=True)
    templates = [*_templates()]
    lines = [Indexer().line(row) for row in templates]
    rows = pa.Table.from_pylist([row.model_dump() for row in templates], SCHEMA)
    index = pa.Table.from_pylist(lines, INDEX)
    samples = -(-pairs // PAIRS_OF_A_SAMPLE)
    for shard, start in enumerate(range(0, samples, SAMPLES_OF_A_SHARD)):
        first = start * PAIRS_OF_A_SAMPLE
        numbers = np.arange(first, min(pairs, first + SAMPLES_OF_A_SHARD * PAIRS_OF_A_SAMPLE))
        columns = _identities(numbers)
        template = (numbers // PAIRS_OF_A_SAMPLE) % len(templates)
        path = folder / f"{shard:05d}.parquet"
        with pq.ParquetWriter(path, SCHEMA, compression="zstd", write_statistics=False) as writer:
            made = _with(rows.take(template), columns)
            for at in range(0, len(numbers), PAIRS_OF_A_SAMPLE):
                writer.write_table(made.slice(at, PAIRS_OF_A_SAMPLE))
        lights = _with(index.take(template), columns)
        pq.write_table(lights, index_url(str(path)), compression="zstd")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        write_report(ShardReport("check", str(path), len(numbers), len(numbers), sha256=digest))


def _with(table: pa.Table, columns: dict[str, list[Any]]) -> pa.Table:
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        if at >= 0:
            field = table.schema.field(name)
            table = table.set_column(at, field, pa.array(values, field.type))
    return table


def _identities(numbers: np.ndarray[Any, Any]) -> dict[str, list[Any]]:
    """Columns that differ from row to row or from sample to sample."""
    rows, samples = numbers.tolist(), (numbers // PAIRS_OF_A_SAMPLE).tolist()
    digest = {n: content_id("row", str(n)) for n in rows}
    of_sample = {n: content_id("sample", str(n)) for n in set(samples)}
    return {
        "id": [digest[n] for n in rows],
        "sample_id": [of_sample[n] for n in samples],
        "reference_hash": [f"{of_sample[n]}{n:012x}" for n in samples],
        "candidate_hash": [f"{digest[n]}{n:012x}" for n in rows],
        "code_digest": [of_sample[n] for n in samples],
        "words_digest": [""] * len(rows),
        "pair_key": [bytes.fromhex(digest[n]) for n in rows],
        "near_key": [bytes.fromhex(digest[n])[::-1] for n in rows],
    }


def _templates() -> Iterator[Row]:
    """Some rows of each modality, with pictures that do not compress."""
    for number in range(24):
        modality = [*Modality][number % 3]
        rng = np.random.default_rng(number)
        pictures = []
        for _ in range(2):
            pixels = rng.integers(0, 255, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            digest = pixel_hash(pixels.tobytes(), SIDE_PX, SIDE_PX)
            pictures.append(Picture(buffer.getvalue(), SIDE_PX, SIDE_PX, digest))
        code = f"# {number}\n" + "\n".join(f"value_{n} = {rng.random()}" for n in range(40))
        sample = Sample.of(
            code,
            _LANGUAGES[modality],
            source="bench",
            revision="sha256:00",
            licence="Apache-2.0",
            upstream_id=str(number),
        )
        categories = [*CATEGORIES[modality]]
        category = categories[number // 3 % len(categories)]
        origin = Corrupted(
            errors=(
                InjectedError(
                    name=f"made_up_{number % 7}",
                    category=category,
                    location="here",
                    description="is different",
                ),
            ),
            seed=number,
            edits=(Edit(0, 0, ""),),
        )
        attempt = Attempt.of(sample, code + "\nlast = 1", origin)
        label = Discrepancy(
            category=category,
            severity=2,
            location=f"part {number}",
            description="is drawn differently",
            box=(1, 1, 20, 20),
        )
        verdict = Judgment(annotator="made-up", discrepancies=(label,))
        first, second = (painted_fields(picture, "0" * 16) for picture in pictures)
        judged = Judged(**dict(attempt), **second, annotations=(verdict,), changed_fraction=0.1)
        yield row_of(Reference(**dict(sample), **first, scene=b""), judged)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--one", pairs]:
            print(json.dumps(measured(int(pairs))))
        case ["--make", pairs, folder]:
            make_shards(int(pairs), Path(folder, "check"))
        case arguments:
            parser = argparse.ArgumentParser(description=__doc__)
            parser.add_argument("sizes", nargs="*", type=int, help="pairs of each dataset")
            main(parser.parse_args(arguments).sizes or [1000, 10_000, 100_000])

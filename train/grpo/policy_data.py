"""A published dataset's references as prompts for veRL: one row a sample, one file a task and split.

``python -m train.grpo.policy_data --dataset FOLDER --out FOLDER`` writes `<out>/<task>/train.parquet` and
`validation.parquet`. A policy sees the reference alone; its reward finds picture and program of the
reference in the row. Source: verl 0.9.1, `RLHFDataset` and `NaiveRewardManager`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from quality.format.manifest import require_as_published
from quality.format.messages import IMAGE_TAG
from quality.format.versions import resolved
from records.errors import ConfigError
from records.files import write_json
from records.shards import parquet_of
from records.taxonomy import Modality
from train.exit_codes import ended
from train.sft.preflight import manifest_of

_TEXT = pa.string()
_PICTURE = pa.struct([("bytes", pa.binary()), ("path", _TEXT)])

SCHEMA = pa.schema(
    [
        ("data_source", _TEXT),
        ("prompt", pa.list_(pa.struct([("role", _TEXT), ("content", _TEXT)]))),
        ("images", pa.list_(_PICTURE)),
        ("ability", _TEXT),
        ("reward_model", pa.struct([("style", _TEXT), ("ground_truth", _TEXT)])),
        (
            "extra_info",
            pa.struct(
                [
                    ("index", pa.int64()),
                    ("split", _TEXT),
                    ("task", _TEXT),
                    ("sample_id", _TEXT),
                    ("render_contract", _TEXT),
                    ("reference", _PICTURE),
                ]
            ),
        ),
    ]
)
"""veRL's columns. veRL drops `images` once the prompt is made, so the reward's is in `extra_info`."""

ROWS_PER_GROUP = 64
COLUMNS = ["task", "images", "reference_code", "render_contract", "sample_id", "reserved"]
WRITTEN = "policy.json"


def write_policy_data(dataset: str, out: Path, tasks: Sequence[Modality]) -> dict[str, Any]:
    """Write the files of these tasks; returns the number of prompts by task and split.

    Without a validation split, what the test split holds apart from benchmarks takes its place:
    veRL wants something to validate on.

    Raises:
        ConfigError: no published dataset, or a task without prompts for training or validation.
        SchemaMismatch: the files of a split are not those that were published.
    """
    dataset = resolved(dataset)
    manifest, digest = manifest_of(dataset)
    require_as_published(dataset, manifest, ("train", "validation", "test"))
    counts: dict[str, dict[str, int]] = {str(task): {} for task in tasks}
    for split in ("train", "validation"):
        found = _write_split(dataset, split, split, out, tasks)
        empty = [task for task in tasks if not found[task]]
        if empty and split == "validation":
            found |= _write_split(dataset, "test", split, out, empty)
        for task in tasks:
            if not found[task]:
                raise ConfigError(
                    f"{dataset}: no {task} sample for {split}; build a larger dataset, with a share "
                    f"for {split}, or leave {task} out of grpo.tasks"
                )
            counts[str(task)][split] = found[task]
    written = {"prompts": counts, "dataset_manifest_sha256": digest}
    write_json(out / WRITTEN, written)
    return written


def require_prompts(file: str) -> None:
    """Check that a local file holds prompts as this module writes them.

    Raises:
        ConfigError: it is no Parquet file, or one with other columns.
    """
    try:
        names = pq.read_schema(file).names
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{file}: not a Parquet file that can be read: {reason}") from error
    if missing := {"prompt", "reward_model", "extra_info"} - set(names):
        raise ConfigError(
            f"{file}: no column {', '.join(sorted(missing))}; give a file of `train.grpo.policy_data`"
        )


def task_of_policy(modality: Modality) -> str:
    """What a policy is asked to do with a picture; the prompt of the natural-error policies."""
    return (files("policies") / "prompts" / f"{modality}.md").read_text(encoding="utf-8").strip()


def _write_split(
    dataset: str, split: str, name: str, out: Path, tasks: Sequence[Modality]
) -> dict[Modality, int]:
    """Write one split of some tasks as files called ``name``; returns rows by task."""
    rows = dict.fromkeys(tasks, 0)
    waiting: dict[Modality, list[dict[str, Any]]] = {task: [] for task in tasks}
    writers: dict[Modality, pq.ParquetWriter] = {}
    seen: set[str] = set()

    def flush(task: Modality) -> None:
        if not waiting[task]:
            return
        if task not in writers:
            (out / task).mkdir(parents=True, exist_ok=True)
            writers[task] = pq.ParquetWriter(
                _aside(out, task, name), SCHEMA, compression={"prompt": "zstd"}
            )
        writers[task].write_table(pa.Table.from_pylist(waiting[task], schema=SCHEMA))
        waiting[task] = []

    for line in _rows(dataset, split):
        task = Modality(line["task"])
        # Benchmarks are for evaluation, a policy's own validation included.
        if task not in rows or line["sample_id"] in seen or line["reserved"]:
            continue
        seen.add(line["sample_id"])
        waiting[task].append(_row(line, task, name, rows[task]))
        rows[task] += 1
        if len(waiting[task]) == ROWS_PER_GROUP:
            flush(task)
    for task in tasks:
        flush(task)
    for task, writer in writers.items():
        writer.close()
        _aside(out, task, name).replace(out / task / f"{name}.parquet")
    return rows


def _row(line: dict[str, Any], task: Modality, split: str, index: int) -> dict[str, Any]:
    reference = line["images"][0]
    return {
        "data_source": f"vermillion/{task}",
        "prompt": [{"role": "user", "content": IMAGE_TAG + task_of_policy(task)}],
        "images": [reference],
        "ability": f"{task}-to-code",
        "reward_model": {"style": "rule", "ground_truth": line["reference_code"]},
        "extra_info": {
            "index": index,
            "split": split,
            "task": str(task),
            "sample_id": line["sample_id"],
            "render_contract": line["render_contract"],
            "reference": reference,
        },
    }


def _rows(dataset: str, split: str) -> Iterator[dict[str, Any]]:
    """Rows of a split, a row group in memory at a time."""
    system, folder = fsspec.core.url_to_fs(f"{dataset.rstrip('/')}/{split}")
    for path in sorted(system.glob(f"{folder}/*.parquet")):
        with system.open(path, "rb") as file:
            for batch in parquet_of(file, path).iter_batches(ROWS_PER_GROUP, columns=COLUMNS):
                yield from batch.to_pylist()


def _aside(out: Path, task: Modality, name: str) -> Path:
    return out / task / f"{name}.parquet.tmp"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.grpo.policy_data", description=__doc__)
    parser.add_argument("--dataset", required=True, help="folder of a published dataset")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--task", action="append", choices=[str(task) for task in Modality])
    asked = parser.parse_args(arguments)
    tasks = [Modality(task) for task in asked.task or list(Modality)]

    def work() -> None:
        written = write_policy_data(asked.dataset, asked.out, tasks)
        for task, splits in written["prompts"].items():
            counts = ", ".join(f"{rows} {split}" for split, rows in splits.items())
            print(f"{asked.out}/{task}: {counts}")

    return ended("policy_data", work)


if __name__ == "__main__":
    sys.exit(main())

"""Writes preference pairs from a published dataset: two attempts at one reference, ranked by the
exact reward.

``python -m train.preferences --dataset FOLDER --out FILE.parquet`` writes rows that TRL's `DPOTrainer` and trainers
of scalar reward models read as they are: `prompt`, `chosen`, `rejected` (conversations), `images` (the reference),
and beside them both rewards and their `margin`.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quality.format.schema import with_features
from quality.read.inspect import read_dataset
from records.errors import ConfigError, RendererUnavailable
from records.shards import Line
from records.taxonomy import Language, Modality
from train.arguments import count
from train.exit_codes import ended
from train.grpo.policy_data import task_of_policy
from train.reward.outcome import Outcome, Task
from train.reward.programs import language_of
from train.reward.worker import Worker

_TURN = pa.struct([("role", pa.string()), ("content", pa.string())])

SCHEMA = with_features(
    pa.schema(
        [
            ("prompt", pa.list_(_TURN)),
            ("chosen", pa.list_(_TURN)),
            ("rejected", pa.list_(_TURN)),
            ("images", pa.list_(pa.struct([("bytes", pa.binary()), ("path", pa.string())]))),
            ("task", pa.string()),
            ("sample_id", pa.string()),
            ("chosen_reward", pa.float64()),
            ("rejected_reward", pa.float64()),
            ("margin", pa.float64()),
        ]
    )
)
COLUMNS = [
    *("task", "sample_id", "reserved"),
    *("reference_code", "candidate_code", "candidate_language"),
]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    pairs: int
    not_drawn: int
    """References with several attempts that could not be drawn or read on this machine; they have no pairs."""


FENCES = {
    Language.PYTHON: "python",
    Language.HTML: "html",
    Language.SVG: "svg",
    Language.MARKDOWN: "markdown",
}


def write_preferences(
    dataset: str, out: Path, margin: float = 0.1, per_sample: int = 4, split: str = "train"
) -> Written:
    """Write the preferences of one split.

    Programs of the split are in memory, pictures are not: references are drawn again.

    Args:
        dataset: Folder or URL of a published dataset.
        out: Parquet file to write.
        margin: Least difference of two rewards (each 0 to 2) that counts as a preference, above 0.
        per_sample: Most preferences of one reference, those of the largest margins.
        split: train, validation or test.

    Raises:
        ConfigError: no dataset, no such margin, or no two attempts at one reference that differ by it.
    """
    if not margin > 0:
        raise ConfigError(f"margin {margin:g}: two equal rewards prefer nothing; give more than 0")
    samples: dict[Modality, dict[str, list[Line]]] = {task: defaultdict(list) for task in Modality}
    for row in read_dataset(dataset, COLUMNS, [split]):
        if not row["reserved"]:
            samples[Modality(row["task"])][row["sample_id"]].append(row)
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f"{out.name}.tmp")
    pairs, not_drawn = 0, 0
    with pq.ParquetWriter(aside, SCHEMA) as file:
        for task, of_task in samples.items():
            several = [rows for rows in of_task.values() if len(rows) > 1]
            for found in _of_task(several, task, margin, per_sample):
                not_drawn += found is None
                if found:
                    pairs += len(found)
                    file.write_table(pa.Table.from_pylist(found, schema=SCHEMA))
    if not pairs:
        aside.unlink()
        raise ConfigError(
            f"{dataset}: no two attempts at one reference of {split} whose rewards differ by {margin}; lower "
            "--margin, or build with more attempts a sample"
        )
    aside.replace(out)
    return Written(pairs, not_drawn)


def _of_task(
    samples: Sequence[list[Line]], task: Modality, margin: float, per_sample: int
) -> Iterator[list[dict[str, Any]] | None]:
    """Preferences of each reference; None for one that cannot be drawn or read here."""
    if not samples:
        return
    with Worker() as worker:
        for rows in samples:
            code = rows[0]["reference_code"]
            reference = worker.reference(task, code)
            if isinstance(reference, Outcome):
                _require_renderer(reference)
                yield None
                continue
            drawn, paid = reference.drawn[0], []
            for row in {row["candidate_code"]: row for row in rows}.values():
                language = Language(row["candidate_language"] or language_of(code, task))
                reply = f"```{FENCES[language]}\n{row['candidate_code'].strip()}\n```"
                asked = Task(task, reply, drawn.pixel_hash, code, "", exact=True, words=False)
                outcome = worker.work(asked).outcome
                _require_renderer(outcome)
                if outcome.exact_reward is not None:
                    paid.append((outcome.exact_reward, reply))
            picture = {"bytes": drawn.png, "path": f"{rows[0]['sample_id']}.png"}
            yield list(_pairs(rows[0], picture, paid, margin, per_sample))


def _require_renderer(outcome: Outcome) -> None:
    if outcome.reason == "renderer_down":
        raise RendererUnavailable(outcome.detail)


def _pairs(
    row: Line,
    picture: dict[str, Any],
    paid: Sequence[tuple[float, str]],
    margin: float,
    most: int,
) -> Iterator[dict[str, Any]]:
    couples = [
        (one, two) if one[0] > two[0] else (two, one)
        for one, two in itertools.combinations(paid, 2)
    ]
    apart = [couple for couple in couples if couple[0][0] - couple[1][0] >= margin]
    for better, worse in sorted(apart, key=lambda couple: couple[1][0] - couple[0][0])[:most]:
        yield {
            "prompt": [{"role": "user", "content": task_of_policy(Modality(row["task"]))}],
            "chosen": [{"role": "assistant", "content": better[1]}],
            "rejected": [{"role": "assistant", "content": worse[1]}],
            "images": [picture],
            "task": row["task"],
            "sample_id": row["sample_id"],
            "chosen_reward": better[0],
            "rejected_reward": worse[0],
            "margin": round(better[0] - worse[0], 4),
        }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.preferences", description=__doc__)
    parser.add_argument("--dataset", required=True, help="folder of a published dataset")
    parser.add_argument("--out", required=True, type=Path, help="Parquet file")
    parser.add_argument("--margin", type=float, default=0.1, help="least difference of two rewards")
    parser.add_argument("--per-sample", type=count, default=4, help="most pairs of one reference")
    parser.add_argument("--split", default="train", choices=["train", "validation", "test"])
    asked = parser.parse_args(arguments)

    def work() -> None:
        found = write_preferences(
            asked.dataset, asked.out, asked.margin, asked.per_sample, asked.split
        )
        if found.not_drawn:
            print(f"preferences: {found.not_drawn} references are not drawn here, left out")
        print(f"preferences: {found.pairs} pairs, {asked.out}")

    return ended("preferences", work)


if __name__ == "__main__":
    sys.exit(main())

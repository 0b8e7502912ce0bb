"""Writes preference pairs from a published dataset: two attempts at one reference, ranked by the
exact reward.

``python -m train.preferences --dataset FOLDER --out FILE.parquet`` writes rows that TRL's `DPOTrainer` and trainers
of scalar reward models read as they are: `prompt`, `chosen`, `rejected` (conversations), `images` (the reference),
and beside them both rewards and their `margin`.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quality.read.inspect import read_dataset
from records.errors import ConfigError
from records.taxonomy import Language, Modality
from renderers.contract import Render
from renderers.registry import open_renderer
from sandbox.status import RenderStatus
from train.exit_codes import ended
from train.grpo.policy_data import task_of_policy
from train.reward.programs import language_of
from train.reward.structural import ScoredReference

_TURN = pa.struct([("role", pa.string()), ("content", pa.string())])
log = logging.getLogger(__name__)

SCHEMA = pa.schema(
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
COLUMNS = [
    *("task", "sample_id", "images", "reserved"),
    *("reference_code", "candidate_code", "candidate_language"),
]
FENCES = {
    Language.PYTHON: "python",
    Language.HTML: "html",
    Language.SVG: "svg",
    Language.MARKDOWN: "markdown",
}


def write_preferences(
    dataset: str, out: Path, margin: float = 0.1, per_sample: int = 4, split: str = "train"
) -> int:
    """Write the preferences of one split; returns their number.

    Args:
        dataset: Folder or URL of a published dataset.
        out: Parquet file to write.
        margin: Least difference of two rewards (each 0 to 2) that counts as a preference.
        per_sample: Most preferences of one reference, those of the largest margins.
        split: train, validation or test.

    Raises:
        ConfigError: no dataset, or no two attempts at one reference that differ by ``margin``.
    """
    samples: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_dataset(dataset, COLUMNS, [split]):
        if not row["reserved"]:
            samples[row["sample_id"]].append(row)
    rows = [
        preference
        for task in Modality
        for preference in _of_task(
            [rows for rows in samples.values() if rows[0]["task"] == task and len(rows) > 1],
            task,
            margin,
            per_sample,
        )
    ]
    if not rows:
        raise ConfigError(
            f"{dataset}: no two attempts at one reference of {split} whose rewards differ by {margin}; lower "
            "--margin, or build with more attempts a sample"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), out)
    return len(rows)


def _of_task(
    samples: Sequence[list[dict[str, Any]]], task: Modality, margin: float, per_sample: int
) -> Iterator[dict[str, Any]]:
    if not samples:
        return
    with open_renderer(task, None) as renderer:
        for rows in samples:
            code = rows[0]["reference_code"]
            drawn = renderer.render(code, language_of(code, task))
            if drawn.status is not RenderStatus.OK:
                continue
            reference = ScoredReference.of(drawn)
            paid = []
            for row in {row["candidate_code"]: row for row in rows}.values():
                language = Language(row["candidate_language"] or language_of(code, task))
                reward = _reward(reference, renderer.render(row["candidate_code"], language))
                if reward is not None:
                    paid.append(
                        (reward, f"```{FENCES[language]}\n{row['candidate_code'].strip()}\n```")
                    )
            yield from _pairs(rows[0], task, paid, margin, per_sample)


def _reward(reference: ScoredReference, candidate: Render) -> float | None:
    """The exact reward; None if the comparison failed, since nobody knows then which one is better."""
    if candidate.status is not RenderStatus.OK:
        return 0.0
    try:
        return reference.against(candidate).reward
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        log.warning("an attempt is left out, the comparison failed: %r; please report it", error)
        return None


def _pairs(
    row: dict[str, Any],
    task: Modality,
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
            "prompt": [{"role": "user", "content": task_of_policy(task)}],
            "chosen": [{"role": "assistant", "content": better[1]}],
            "rejected": [{"role": "assistant", "content": worse[1]}],
            "images": [row["images"][0]],
            "task": str(task),
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
    parser.add_argument("--per-sample", type=int, default=4, help="most pairs of one reference")
    parser.add_argument("--split", default="train", choices=["train", "validation", "test"])
    asked = parser.parse_args(arguments)

    def work() -> None:
        count = write_preferences(
            asked.dataset, asked.out, asked.margin, asked.per_sample, asked.split
        )
        print(f"preferences: {count} pairs, {asked.out}")

    return ended("preferences", work)


if __name__ == "__main__":
    sys.exit(main())

"""The rows of a published dataset that a fine-tune reads, with their lengths in tokens."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records.errors import ConfigError
from records.taxonomy import Modality
from train.settings import Sft
from train.sft.lengths import size_in, tokens_of_picture

COLUMNS = ["images", "prompt", "completion"]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a run."""

    train: Any
    lengths: list[int]
    """Tokens of each training row, with both pictures if batches are ordered by length."""
    validation: Any
    """None if the dataset has no such split."""
    left_out: int
    """Rows of the training split that are longer than `max_length`."""
    by_task: dict[str, int]
    """Training rows of an epoch by task, after `task_weights`."""


def rows_of(dataset: str, sft: Sft, tokenizer: Any) -> Rows:
    """The splits as memory-mapped rows, without rows that are too long.

    A picture counts with its largest possible number of tokens, so no picture is decoded here and
    none is truncated later.

    Raises:
        ConfigError: no training split, or every row of it is too long.
    """
    train = _split(dataset, "train")
    if train is None:
        raise ConfigError(f"{dataset}: no training split; give the folder of a published dataset")
    kept, lengths = _fitting(train, sft, tokenizer)
    left_out = len(train) - len(kept)
    if not len(kept):
        raise ConfigError(
            f"{dataset}: none of {len(train)} rows fits sft.max_length {sft.max_length} beside two "
            f"pictures of {sft.picture_tokens} tokens; raise max_length or lower max_pixels"
        )
    tasks = kept["task"]
    if sft.task_weights:
        order = weighted(tasks, sft.task_weights, sft.seed)
        if not order:
            raise ConfigError(
                f"{dataset}: sft.task_weights leaves none of its tasks ({', '.join(sorted(set(tasks)))})"
            )
        kept = kept.select(order)
        lengths, tasks = [lengths[at] for at in order], [tasks[at] for at in order]
    kept = kept.remove_columns("task")
    if sft.batching == "by_length":
        lengths = [
            words + pictures
            for words, pictures in zip(lengths, _picture_tokens(kept, sft), strict=True)
        ]
    validation = _split(dataset, "validation")
    if validation is not None:
        if sft.eval_rows and len(validation) > sft.eval_rows:
            # Evenly over the split, which is ordered by source.
            step = len(validation) / sft.eval_rows
            validation = validation.select([int(at * step) for at in range(sft.eval_rows)])
        validation, _ = _fitting(validation.remove_columns("task"), sft, tokenizer)
    return Rows(kept, lengths, validation or None, left_out, dict(Counter(tasks)))


def weighted(tasks: Sequence[str], weights: Mapping[Modality, float], seed: int) -> list[int]:
    """Places of the rows of an epoch: of a task with weight 2 each twice, with 0.5 every second by chance.

    >>> weighted(["svg", "chart", "svg"], {Modality.SVG: 2.0, Modality.CHART: 0.0}, seed=0)
    [0, 0, 2, 2]
    """
    chance = random.Random(f"{seed}/tasks")
    by_task = {str(task): weight for task, weight in weights.items()}
    found = []
    for at, task in enumerate(tasks):
        weight = by_task.get(task, 1.0)
        found += [at] * (int(weight) + (chance.random() < weight % 1))
    return found


def _fitting(rows: Any, sft: Sft, tokenizer: Any) -> tuple[Any, list[int]]:
    """The rows that are short enough, and the tokens of their texts."""
    words = rows.select_columns(["prompt", "completion"]).map(
        _Tokens(tokenizer),
        input_columns=["prompt", "completion"],
        remove_columns=["prompt", "completion"],
        desc="tokens",
    )["tokens"]
    fitting = [at for at, tokens in enumerate(words) if tokens <= sft.text_tokens]
    if len(fitting) < len(rows):
        rows = rows.select(fitting)
    return rows, [words[at] for at in fitting]


def _picture_tokens(rows: Any, sft: Sft) -> list[int]:
    """Tokens of both pictures of each row, by the sizes in their headers: no picture is decoded."""
    found = []
    for batch in rows.select_columns(["images"]).with_format("arrow").iter(batch_size=256):
        for images in batch["images"].to_pylist():
            sizes = (size_in(image["bytes"]) for image in images)
            found.append(
                sum(tokens_of_picture(*size, sft.min_pixels, sft.max_pixels) for size in sizes)
            )
    return found


class _Tokens:
    # A class, not a closure: `datasets` hashes it to find cached results.
    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def __call__(
        self, prompt: list[dict[str, str]], completion: list[dict[str, str]]
    ) -> dict[str, int]:
        text = "".join(turn["content"] for turn in (*prompt, *completion))
        # Sixteen cover the template's tokens around two pictures and two turns.
        return {"tokens": len(self.tokenizer(text)["input_ids"]) + 16}


def _split(dataset: str, name: str) -> Any:
    import fsspec
    from datasets import load_dataset

    files, folder = fsspec.core.url_to_fs(f"{dataset.rstrip('/')}/{name}")
    found = sorted(files.glob(f"{folder}/*.parquet"))
    if not found:
        return None
    urls = [files.unstrip_protocol(path) for path in found]
    return load_dataset("parquet", data_files=urls, split="train", columns=[*COLUMNS, "task"])

"""Writes `dataset_info.json`, in which LLaMA-Factory reads the columns of a dataset."""

from __future__ import annotations

import json
from collections.abc import Collection

from quality.dataset.draft import Draft

DATASET_INFO = "dataset_info.json"
"""LLaMA-Factory's name; `dataset_dir` is then the dataset's own folder."""


def dataset_info(splits: Collection[str]) -> dict[str, object]:
    """LLaMA-Factory's description: `vermillion` to train on, `vermillion_validation` to validate.

    The test split is left out, so that nobody trains on it by mistake.

    >>> list(dataset_info(["train", "test"]))
    ['vermillion']
    """
    names = {"vermillion": "train", "vermillion_validation": "validation"}
    return {
        name: {
            "file_name": split,
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "images": "images"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
            },
        }
        for name, split in names.items()
        if split in splits
    }


def write_dataset_info(splits: Collection[str], draft: Draft) -> None:
    """Write `dataset_info.json` into a dataset that is being published."""
    text = json.dumps(dataset_info(splits), indent=1)
    draft.path(DATASET_INFO).write_text(text + "\n", encoding="utf-8")
    draft.finish(DATASET_INFO)

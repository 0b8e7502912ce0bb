"""Estimates the tokens of one row: both pictures, the prompt and the reply."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

PATCH_PX = 32
"""Side of the square that Qwen3-VL reads as one token: patches of 16 pixels, merged two by two."""
CHARACTERS_A_TOKEN = 3.6
"""Characters per token of prompts and replies in Qwen's tokenizer, measured on demo rows."""


def picture_tokens(width_px: int, height_px: int) -> int:
    """Tokens of one picture that is not scaled down.

    >>> picture_tokens(640, 480)
    300
    """
    return max(1, round(width_px / PATCH_PX)) * max(1, round(height_px / PATCH_PX))


def row_tokens(line: Mapping[str, Any]) -> int:
    """Tokens of a row, from its line of the index."""
    pictures = sum(
        picture_tokens(line[f"{role}_width_px"], line[f"{role}_height_px"])
        for role in ("reference", "candidate")
    )
    return int(pictures + math.ceil(line["text_chars"] / CHARACTERS_A_TOKEN))


def token_figures(counts: Counter[tuple[str, int]]) -> dict[str, dict[str, int]]:
    """Mean, median, 99th percentile and maximum, by modality and of all rows.

    Args:
        counts: Rows by modality and number of tokens.
    """
    by_task: dict[str, Counter[int]] = {"all": Counter()}
    for (task, tokens), rows in counts.items():
        for name in (task, "all"):
            by_task.setdefault(name, Counter())[tokens] += rows
    return {name: _figures(by_task[name]) for name in sorted(by_task) if by_task[name]}


def _figures(counts: Counter[int]) -> dict[str, int]:
    rows = counts.total()
    return {
        "mean": round(sum(tokens * number for tokens, number in counts.items()) / rows),
        "median": _percentile(counts, 0.5),
        "p99": _percentile(counts, 0.99),
        "max": max(counts),
        "sum": sum(tokens * number for tokens, number in counts.items()),
    }


def _percentile(counts: Counter[int], share: float) -> int:
    left = math.ceil(share * counts.total())
    for tokens in sorted(counts):
        left -= counts[tokens]
        if left <= 0:
            return tokens
    return max(counts)

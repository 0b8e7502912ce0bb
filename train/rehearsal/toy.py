"""A task that half a million random parameters can learn, paid through the whole reward.

A reply's small letters fill a bar: what share of its characters they are, so high the bar is. The
icon is drawn in the sandbox, a scripted judge behind HTTP compares it with the reference, a full bar,
and answers in Visual-ERM's JSON, and the reward's formula turns severities into a number. Only the
policy and the judge's eyes are toys.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from endpoints.replay import ReceivedRequest, ReplayAnswer
from quality.format.messages import IMAGE_TAG
from records.taxonomy import Language, Modality, category_names
from renderers.registry import open_renderer
from train.grpo.policy_data import SCHEMA
from train.reward.functions import Rewards, VisualErmReward, reply_of

SIDE = 48
FULL = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
    f'<rect width="{SIDE}" height="{SIDE}" fill="#ffffff"/>'
    '<rect x="12" y="{top}" width="24" height="{height}" fill="#204a87"/></svg>'
)
PROMPT = "Draw this bar."
SEVEREST = 15
"""Errors of severity 3 that a judge names for an empty bar: 45 of the formula's 50."""


def icon(share: float) -> str:
    """A bar that is filled to this share.

    >>> 'height="24"' in icon(0.5)
    True
    """
    height = round(SIDE * max(0.02, min(1.0, share)))
    return FULL.replace("{top}", str(SIDE - height)).replace("{height}", str(height))


def drawn_by(reply: str) -> str:
    """The icon that a reply stands for.

    >>> drawn_by("abc123") == icon(0.5)
    True
    """
    small = sum(character.islower() and character.isascii() for character in reply)
    return icon(small / max(1, len(reply)))


class ToyReward:
    """Visual-ERM's reward of what replies stand for. A class, so that it pickles."""

    __name__ = "toy"

    def __init__(self, reward: VisualErmReward) -> None:
        self.reward = reward

    def __call__(self, completions: Sequence[Any], **columns: Any) -> Rewards:
        """One reward a completion. Args and Raises: as `VisualErmReward`."""
        return self.reward([drawn_by(reply_of(one)) for one in completions], **columns)


def write_prompts(file: Path, rows: int) -> None:
    """Write as many equal prompts as `train.grpo.policy_data` would: the picture of a full bar."""
    with open_renderer(Modality.SVG, None) as renderer:
        render = renderer.render(icon(1.0), Language.SVG)
    picture, _ = render.drawn()
    shown = {"bytes": picture.png, "path": "bar.png"}
    lines = [
        {
            "data_source": "vermillion/svg",
            "prompt": [{"role": "user", "content": IMAGE_TAG + PROMPT}],
            "images": [shown],
            "ability": "svg-to-code",
            "reward_model": {"style": "rule", "ground_truth": icon(1.0)},
            "extra_info": {
                "index": number,
                "split": "train",
                "task": "svg",
                "sample_id": f"bar-{number}",
                "render_contract": render.contract,
                "reference": shown,
            },
        }
        for number in range(rows)
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(lines, schema=SCHEMA), file)


def judge(asked: ReceivedRequest) -> ReplayAnswer:
    """Looks at both pictures, and names as many errors as the bar falls short."""
    reference, candidate = (_filled(uri) for uri in asked.images)
    errors = round(SEVEREST * abs(reference - candidate))
    names = category_names(Modality.SVG)
    counts = {f"{name}_count": errors if name == "shape_error" else 0 for name in names}
    found = {
        "category": "shape_error",
        "severity": 3,
        "location": "the bar",
        "description": f"is full in the reference and to {candidate:.0%} in the candidate",
    }
    return ReplayAnswer(json.dumps({**counts, "errors": [found] * errors}))


def _filled(uri: str) -> float:
    """Share of the bar's column that is dark."""
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as image:
        gray = np.asarray(image.convert("L"))
    return float((gray[:, gray.shape[1] // 2] < 128).mean())

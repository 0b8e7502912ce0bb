"""A reward for OpenRLHF 0.11: `--reward.remote_url train/doors/openrlhf_reward.py`, this folder on PYTHONPATH.

`--data.label_key` names the column `asked` of `python -m train.doors.prompts`; VERMILLION_REWARD_URL names the address.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from vermillion_env import asked  # type: ignore[import-not-found]

TURN = "<|im_start|>assistant\n"
"""What Qwen's chat template writes before a reply. A query holds one token for each patch of the picture, so the
prompt is not what it starts with."""
END = "<|im_end|>"


def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[str]) -> Any:
    """What OpenRLHF asks for after each reply, with lists of one.

    Raises:
        RuntimeError: there is no reward for it; OpenRLHF then logs that and has none.
    """
    import torch

    url = os.environ.get("VERMILLION_REWARD_URL", "http://127.0.0.1:8080/reward")
    paid = torch.tensor(
        [
            asked(url, json.loads(label), query.rpartition(TURN)[2].removesuffix(END))
            for query, label in zip(queries, labels, strict=True)
        ]
    )
    return {"rewards": paid, "scores": paid, "extra_logs": {}}

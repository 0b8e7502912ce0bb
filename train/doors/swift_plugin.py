"""A reward for ms-swift 4.6: `--external_plugins train/doors/swift_plugin.py --reward_funcs visual_erm`.

Reads the column `asked` of `python -m train.doors.prompts`; put this folder on PYTHONPATH. VERMILLION_REWARD_URL names
`POST /reward` of `python -m train.serve`.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from swift.rewards import ORM, orms  # type: ignore[import-not-found]
from vermillion_env import asked as asked_for  # type: ignore[import-not-found]

AT_ONCE = 16
"""Requests under way."""


class VisualErm(ORM):  # type: ignore[misc]
    """What each reply is paid. ms-swift would take a missing reward for 0, so one that is missing is the mean of
    the others of its reference, which neither praises nor blames the reply."""

    def __call__(self, completions: Sequence[str], asked: Sequence[str], **_: Any) -> list[float]:
        """Rewards, 0 to 2.

        Raises:
            RuntimeError: none of a reference's replies has a reward.
        """
        with ThreadPoolExecutor(AT_ONCE) as threads:
            paid = list(threads.map(_paid, asked, completions))
        known: dict[str, list[float]] = defaultdict(list)
        for one, reference in zip(paid, asked, strict=True):
            known[reference] += [] if one is None else [one]
        if missing := [reference for reference, rewards in known.items() if not rewards]:
            raise RuntimeError(
                f"no reply of {len(missing)} references has a reward: is the service up?"
            )
        means = {reference: sum(rewards) / len(rewards) for reference, rewards in known.items()}
        return [means[of] if one is None else one for one, of in zip(paid, asked, strict=True)]


def _paid(asked: str, completion: str) -> float | None:
    url = os.environ.get("VERMILLION_REWARD_URL", "http://127.0.0.1:8080/reward")
    try:
        return float(asked_for(url, json.loads(asked), completion))
    except RuntimeError as error:
        if ": 503: " in str(error):
            return None
        raise


orms["visual_erm"] = VisualErm

"""A reward for ms-swift 4.6: `--external_plugins train/doors/swift_plugin.py --reward_funcs visual_erm`.

Columns of a published dataset reach it as lists; put this folder on PYTHONPATH. VERMILLION_REWARD_URL names
`POST /reward` of `python -m train.serve`.
"""

from __future__ import annotations

import base64
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from swift.rewards import ORM, orms  # type: ignore[import-not-found]
from vermillion_env import asked  # type: ignore[import-not-found]

AT_ONCE = 16
"""Requests under way."""


class VisualErm(ORM):  # type: ignore[misc]
    """What each reply is paid. ms-swift would take a missing reward for 0, so one that is missing is the mean of
    the others of its reference, which neither praises nor blames the reply."""

    def __call__(
        self,
        completions: Sequence[str],
        images: Sequence[Sequence[Mapping[str, Any]]],
        task: Sequence[str],
        reference_code: Sequence[str],
        render_contract: Sequence[str],
        **_: Any,
    ) -> list[float]:
        """Rewards, 0 to 2.

        Raises:
            RuntimeError: none of a reference's replies has a reward.
        """
        rows = list(zip(completions, images, task, reference_code, render_contract, strict=True))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            paid = list(threads.map(lambda row: _paid(*row), rows))
        known: dict[str, list[float]] = defaultdict(list)
        for one, code in zip(paid, reference_code, strict=True):
            known[code] += [] if one is None else [one]
        if missing := [code for code, rewards in known.items() if not rewards]:
            raise RuntimeError(
                f"no reply of {len(missing)} references has a reward: is the service up?"
            )
        means = {code: sum(rewards) / len(rewards) for code, rewards in known.items()}
        return [means[code] if one is None else one for one, code in zip(paid, reference_code, strict=True)]  # fmt: skip


def _paid(
    completion: str, images: Sequence[Mapping[str, Any]], task: str, code: str, contract: str
) -> float | None:
    url = os.environ.get("VERMILLION_REWARD_URL", "http://127.0.0.1:8080/reward")
    reference = base64.b64encode(images[0]["bytes"]).decode()
    info = {"task": task, "reference": reference, "reference_code": code}
    try:
        return float(asked(url, {**info, "render_contract": contract}, completion))
    except RuntimeError as error:
        if ": 503: " in str(error):
            return None
        raise


orms["visual_erm"] = VisualErm

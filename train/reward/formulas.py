"""Converts severities to rewards, with both published formulas.

``S`` is the sum of severities of one picture. A program without a picture earns 0, a picture 1 and
up to 1 more for its similarity. None means a picture that was not judged; the trainer leaves it
out.

Source: arXiv:2603.13224, "Training", GRPO; InternLM/Visual-ERM at c3855aa, reward functions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

EPSILON = 1e-6
RELEASED_LIMIT = 50.0
"""Severity at which the similarity of the released code is 0."""

FAILED = 0.0
"""Reward of a program without a picture, or of a manipulated one."""


def paper(severities: Sequence[int | None], failed: Sequence[bool]) -> list[float | None]:
    """Rewards relative to the largest severity of the batch; all cases have one task.

    Args:
        severities: S of each picture; None if there is no picture or no judgment.
        failed: Whether there is no picture, so that None means 0 and not "left out".

    >>> paper([0, 5, 10, None, None], [False, False, False, True, False])
    [2.0, 1.5, 1.0, 0.0, None]
    """
    most = max((severity for severity in severities if severity is not None), default=0)
    return [
        _reward(severity, lost, most + EPSILON)
        for severity, lost in zip(severities, failed, strict=True)
    ]


def released(severities: Sequence[int | None], failed: Sequence[bool]) -> list[float | None]:
    """Rewards relative to a fixed severity of 50.

    For tables the released code pays -S, and -4 for a failure, so that failing pays more than a
    page with five errors; here tables are paid like charts.

    >>> released([0, 25, 80, None, None], [False, False, False, True, False])
    [2.0, 1.5, 1.0, 0.0, None]
    """
    return [
        _reward(severity, lost, RELEASED_LIMIT)
        for severity, lost in zip(severities, failed, strict=True)
    ]


class RunningLargest:
    """The paper's formula for pictures that arrive one by one, as in veRL.

    The largest severity of the last ``window`` pictures replaces that of the batch.

    >>> scale = RunningLargest(window=2)
    >>> [scale.reward(severity) for severity in (10, 5, 0)]
    [1.0, 1.5, 2.0]
    """

    def __init__(self, window: int) -> None:
        self._last: deque[int] = deque(maxlen=window)

    def reward(self, severity: int) -> float:
        """The reward of a picture, and its severity for those that follow."""
        self._last.append(severity)
        return likeness_reward(severity, max(self._last) + EPSILON)


def _reward(severity: int | None, failed: bool, limit: float) -> float | None:
    if failed:
        return FAILED
    return None if severity is None else likeness_reward(severity, limit)


def likeness_reward(severity: int, limit: float) -> float:
    """1 for the picture, and up to 1 more the further its severity is below ``limit``."""
    # Rounded so that EPSILON, which only guards a division, shows in no reward.
    return round(1 + min(1.0, max(0.0, 1 - severity / limit)), 4)

"""Stops a run if too many replies get no reward because renderer or judge fail."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable

from records.errors import BoundPassed
from train.reward.outcome import Outcome, Verdict

LAST = 512
"""Number of latest replies that are counted."""
LEAST = 64
"""Least number of replies before the bound applies."""


class FailureBound:
    """Counts replies without a score among the last `LAST`; usable from any thread."""

    def __init__(self, most: float) -> None:
        """
        Args:
            most: Largest share of replies without a score; 1 disables the bound.
        """
        self.most = most
        self._last: deque[str] = deque(maxlen=LAST)
        self._lock = threading.Lock()

    def count(self, outcomes: Iterable[Outcome]) -> None:
        """Count the outcomes of some replies.

        Raises:
            BoundPassed: too many of the last ones have no score; the most frequent reason is named.
        """
        with self._lock:
            for one in outcomes:
                down = one.verdict is Verdict.NO_SCORE
                self._last.append(f"{one.reason}: {one.detail}"[:300] if down else "")
            reasons = Counter(filter(None, self._last))
        lost, seen = reasons.total(), len(self._last)
        if seen >= LEAST and lost > self.most * seen:
            [(reason, times)] = reasons.most_common(1)
            raise BoundPassed(
                f"{lost} of the last {seen} replies got no reward ({lost / seen:.0%}, bound "
                f"{self.most:.0%}), {times} of them by {reason}. Mend that and run again: it goes on from "
                "the last checkpoint; reward.max_failed_share sets the bound"
            )

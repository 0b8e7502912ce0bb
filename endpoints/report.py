"""What a client did: counted, priced and timed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from endpoints.exchange import Failure, Outcome


@dataclass
class UseReport:
    """Cost and throughput of one endpoint. Cached replies cost nothing and are counted apart."""

    endpoint: str
    model: str
    asked: int = 0
    """Requests that a server answered, asked again included."""
    cached: int = 0
    """Replies that were there from before."""
    retries: int = 0
    """Tries beyond the first."""
    reasks: int = 0
    """Replies that could not be used and were asked for again."""
    usable: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Requests that gave nothing to use, by reason."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    started_s: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """Requests that came to an end, well or not."""
        return self.usable + self.failures.total()

    def count(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failure):
            self.failures[outcome.reason] += 1
        else:
            self.usable += 1

    def to_json(self) -> dict[str, Any]:
        """Everything, with what follows from it: requests a second, cost per thousand."""
        seconds = max(time.monotonic() - self.started_s, 1e-9)
        return {
            "endpoint": self.endpoint,
            "model": self.model,
            "requests": self.done,
            "usable": self.usable,
            "failures": dict(sorted(self.failures.items())),
            "asked": self.asked,
            "cached": self.cached,
            "retries": self.retries,
            "reasks": self.reasks,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost": round(self.cost, 6),
            "cost_per_1000": round(1000 * self.cost / self.done, 6) if self.done else None,
            "seconds": round(seconds, 3),
            "requests_per_s": round(self.done / seconds, 2),
        }

    def line(self) -> str:
        """One line for a log."""
        told = self.to_json()
        lost = ", ".join(f"{name} {count}" for name, count in told["failures"].items())
        return (
            f"{self.endpoint}: {told['requests']} requests ({told['cached']} cached"
            f"{', ' + lost if lost else ''}), {told['requests_per_s']}/s, {told['retries']} retries, "
            f"{self.prompt_tokens + self.completion_tokens} tokens, cost {told['cost']}"
        )

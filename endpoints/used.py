"""What this process has used of each model server, for metrics. Imports nothing of the package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Used:
    """What answers of a model cost."""

    requests: int = 0
    tokens: int = 0
    cost: float = 0.0

    def plus(self, other: Used) -> Used:
        return Used(
            self.requests + other.requests, self.tokens + other.tokens, self.cost + other.cost
        )

    def since(self, before: Used) -> Used:
        """What was added to ``before``."""
        return self.plus(Used(-before.requests, -before.tokens, -before.cost))


USED: dict[str, Used] = {}
"""What this process has used of each endpoint, for metrics; cached replies are not counted."""


def count_use(endpoint: str, tokens: int, cost: float) -> None:
    """Count one answered request."""
    USED[endpoint] = USED.get(endpoint, Used()).plus(Used(1, tokens, cost))

"""Limits of use: requests and tokens per time, and a total budget."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from endpoints.cache import Spent

CATCH_UP_S = 0.25
"""Seconds that a pace may be behind its schedule and still catch up, because sleeps end late."""


class Pace:
    """Spreads units evenly over time; `take` returns when the next may go."""

    def __init__(self, per_s: float | None) -> None:
        """``per_s``: units a second; None is no limit."""
        self._per_s = per_s
        self._next_s = 0.0
        self._begun = False

    async def take(self, units: float = 1.0) -> None:
        """Wait for the turn of ``units``; the next one waits for as long as they take."""
        if self._per_s is None:
            return
        now = asyncio.get_running_loop().time()
        # The first of all starts the schedule; later ones may make up for sleeps that ended late.
        turn = max(self._next_s, now - CATCH_UP_S) if self._begun else now
        self._begun = True
        self._next_s = turn + units / self._per_s
        if turn > now:
            await asyncio.sleep(turn - now)

    def correct(self, units: float) -> None:
        """Count ``units`` more (or fewer, if negative) than were taken."""
        if self._per_s is not None:
            self._next_s += units / self._per_s


@dataclass(frozen=True, slots=True)
class Need:
    """The most that a request may use."""

    tokens: int
    cost: float


class Budget:
    """Lets a request start only if it fits, whatever those under way still use."""

    def __init__(self, max_tokens: int | None, max_cost: float | None, spent: Spent) -> None:
        self._max_tokens = max_tokens
        self._max_cost = max_cost
        self.spent = spent
        """Of all processes that share the cache, as of the last reply here."""
        self.closed = False
        """True once a request did not fit: from then on none is started, however small."""
        self._reserved_tokens = 0
        self._reserved_cost = 0.0
        self._under_way = 0
        self._changed = asyncio.Condition()

    async def reserve(self, need: Need) -> bool:
        """True if the request may start; False once the budget cannot hold it.

        Waits where only those under way stand in its way: they may use less than they might.
        """
        if self._max_tokens is None and self._max_cost is None:
            return True
        async with self._changed:
            while not self.closed:
                if self._fits(need, self._reserved_tokens, self._reserved_cost):
                    self._reserved_tokens += need.tokens
                    self._reserved_cost += need.cost
                    self._under_way += 1
                    return True
                if not self._under_way or not self._fits(need, 0, 0.0):
                    self.closed = True
                    self._changed.notify_all()
                    break
                await self._changed.wait()
        return False

    async def settle(self, need: Need, spent: Spent | None) -> None:
        """The request is over; ``spent`` is the new total, None if it used nothing."""
        if spent is not None:
            self.spent = spent
        if self._max_tokens is None and self._max_cost is None:
            return
        async with self._changed:
            self._reserved_tokens -= need.tokens
            self._reserved_cost -= need.cost
            self._under_way -= 1
            self._changed.notify_all()

    def _fits(self, need: Need, reserved_tokens: int, reserved_cost: float) -> bool:
        tokens = self.spent.tokens + reserved_tokens + need.tokens
        cost = self.spent.cost + reserved_cost + need.cost
        # The last digits of sums of money are rounding, not spending.
        return (self._max_tokens is None or tokens <= self._max_tokens) and (
            self._max_cost is None or cost <= self._max_cost * (1 + 1e-9)
        )

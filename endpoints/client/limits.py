"""Limits of use: requests and tokens per time, and a total budget, all shared through a ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from endpoints.ledger import Ledger, Need, OverBudget

LOOK_EVERY_S = 0.05
"""Seconds between looks whether requests under way, of any process, have left room in the budget."""

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


async def in_thread_if_remote(
    remote: bool,
    call: Callable[_Arguments, _Result],
    *args: _Arguments.args,
    **named: _Arguments.kwargs,
) -> _Result:
    """Call a function directly, or in a thread if it waits for another machine."""
    return await asyncio.to_thread(call, *args, **named) if remote else call(*args, **named)


class Pace:
    """Spreads units evenly over time; `take` returns when the next may go."""

    def __init__(self, ledger: Ledger, endpoint: str, unit: str, per_s: float | None) -> None:
        """
        Args:
            ledger: Shared by all who keep this pace.
            endpoint: Whose pace.
            unit: `requests` or `tokens`.
            per_s: Units a second; None is no limit.
        """
        self._ledger = ledger
        self._of = (endpoint, unit)
        self._per_s = per_s
        # A process takes one turn at a time: if it is killed, one is lost.
        self._queue = asyncio.Lock()

    async def take(self, units: float = 1.0) -> None:
        """Wait for the turn of ``units``; the next one waits for as long as they take."""
        if self._per_s is None:
            return
        async with self._queue:
            take = self._ledger.turn_in_s
            wait_s = await in_thread_if_remote(
                self._ledger.remote, take, *self._of, units, self._per_s
            )
            if wait_s:
                await asyncio.sleep(wait_s)

    async def correct(self, units: float) -> None:
        """Count ``units`` more (or fewer, if negative) than were taken."""
        if self._per_s is not None:
            correct = self._ledger.correct
            await in_thread_if_remote(self._ledger.remote, correct, *self._of, units, self._per_s)


class Budget:
    """Lets a request start only if it fits into the budget beside all running requests of all processes."""

    def __init__(
        self, ledger: Ledger, endpoint: str, most: tuple[int | None, float | None], lease_s: float
    ) -> None:
        """
        Args:
            ledger: Shared by all processes of the build.
            endpoint: Whose budget.
            most: Tokens and cost; None is no limit.
            lease_s: How long a request may be under way.
        """
        self._ledger = ledger
        self._endpoint = endpoint
        self._most = most
        self._lease_s = lease_s
        self.limited = most != (None, None)
        self._closed = False
        """True once a request did not fit: then no further request is started."""
        self._queue = asyncio.Lock()

    async def reserve(self, need: Need) -> str | None:
        """Reserve budget for a request; returns the reservation for `Ledger.settle`, None without a limit.

        Waits if it may fit after running requests have ended, which may use less than they reserved.

        Raises:
            OverBudget: the budget cannot hold it.
        """
        if not self.limited:
            return None
        async with self._queue:
            while not self._closed:
                try:
                    reservation = await in_thread_if_remote(
                        self._ledger.remote,
                        self._ledger.reserve,
                        *(self._endpoint, need, self._most, self._lease_s),
                    )
                except OverBudget:
                    self._closed = True
                    break
                if reservation is not None:
                    return reservation
                await asyncio.sleep(LOOK_EVERY_S)
        raise OverBudget

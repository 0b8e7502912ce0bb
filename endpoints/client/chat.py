"""The one client of model servers: many requests under way, none lost, none asked twice.

A request passes, in this order: cache, place among those in flight, pace, budget, tries. Whatever
happens to it, it ends as a `Reply` or as a `Failure` with a reason. Only what concerns every
request is raised: a server that is down, a setting that is wrong.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from endpoints.client.cache import LEDGER, ReplyCache
from endpoints.client.exchange import Failure, FailureReason, Outcome, Reply, Request, Transient
from endpoints.client.limits import Budget, Pace, in_thread_if_remote
from endpoints.client.report import UseReport
from endpoints.ledger import Need, OverBudget, Spent
from endpoints.settings import Endpoint, Sampling
from records.errors import EndpointUnavailable, RowError

if TYPE_CHECKING:
    from endpoints.client.offline.engine import OfflineWire
    from endpoints.client.wire import Wire

LONGEST_BACKOFF_S = 30.0
SILENT_AT_END = 3
"""If at least this many final requests got no answer, the server is reported as down, not the rows as failed."""
LEASE_AFTER_S = 60.0
"""Seconds after its deadline until a request's part of the budget is free, if its process was killed."""
PROGRESS_EVERY_S = 10.0
"""How often a line of progress goes to the log."""

log = logging.getLogger(__name__)

Read = Callable[[str], object]
"""Validates a completion: raises `RowError` if it is not usable; its result is ignored."""


class ChatClient:
    """Asks one model, within its limits. An asynchronous context manager.

    Example: ``async with ChatClient(endpoint, cache=cache) as client: await client.ask(request)``
    """

    def __init__(
        self,
        endpoint: Endpoint,
        sampling: Sampling | None = None,
        cache: ReplyCache | None = None,
        name: str = "",
        on_progress: Callable[[UseReport], None] | None = None,
    ) -> None:
        """
        Args:
            endpoint: The server, and the limits of its use.
            sampling: Sampling settings.
            cache: Cache of earlier replies; None caches only in memory.
            name: Name under which use is counted; empty takes the model's name.
            on_progress: Called after each request that came to an end.
        """
        self.endpoint = endpoint
        self.sampling = sampling or Sampling()
        self.name = name or endpoint.model
        self.report = UseReport(self.name, endpoint.model)
        self._own_cache = cache is None
        self._cache = ReplyCache() if cache is None else cache
        self._ledger = self._cache.ledger
        self._on_progress = on_progress
        self._reported_s = time.monotonic()
        self._silent = 0
        """Number of consecutive requests without any answer."""
        self._last_silence = ""
        self._asking: dict[str, _Turn] = {}
        self._waiting = 0
        """Requests that have not started."""
        self._fed = False
        self._deadlines: set[asyncio.Timeout] = set()
        self._tail_at_s: float | None = None
        self._pause_until_s = 0.0

    async def __aenter__(self) -> Self:
        endpoint = self.endpoint
        self._wire = _wire(endpoint)
        self._places = asyncio.Semaphore(endpoint.in_flight)
        ledger, tokens_per_s = (
            self._ledger,
            endpoint.tokens_per_min and endpoint.tokens_per_min / 60,
        )
        self._requests = Pace(ledger, self.name, "requests", endpoint.requests_per_s)
        self._tokens = Pace(ledger, self.name, "tokens", tokens_per_s)
        most = endpoint.max_tokens_total, endpoint.max_cost
        self._budget = Budget(ledger, self.name, most, endpoint.deadline_s + LEASE_AFTER_S)
        if not self._cache.shared and (self._budget.limited or endpoint.is_paced):
            log.warning(
                "the limits of %s hold for each machine, not for the build: set %s",
                self.name,
                LEDGER,
            )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._wire.close()
        if self._own_cache:
            self._cache.close()
        if self.report.done:
            log.info("%s", self.report.line())

    async def ask(self, request: Request, read: Read | None = None) -> Outcome:
        """The model's reply, or why there is none.

        A reply that was cut off, or that ``read`` cannot read, is asked for `reasks` times more.

        Raises:
            EndpointUnavailable: `give_up_after` requests in a row had no answer at all.
            ConfigError: the server does not accept key, model or address.
        """
        for round_ in range(self.endpoint.reasks + 1):
            self.report.reasks += bool(round_)
            outcome = await self._ask_once(request.again(round_ + request.round))
            if isinstance(outcome, Reply):
                outcome = _usable(outcome, read)
            if isinstance(outcome, Reply) or outcome.reason in _FINAL:
                break
        self.report.count(outcome)
        self._tell()
        return outcome

    def last_was_asked(self) -> None:
        """No request will follow: once all have started, the rest of them get `tail_s` seconds."""
        self._fed = True
        self._start_tail()

    async def _ask_once(self, request: Request) -> Outcome:
        body = request.body(self.endpoint, self.sampling)
        key = request.key(body)
        self._waiting += 1
        started = False
        # Equal requests that are under way at once become one: the second finds its reply cached.
        turn = self._asking.setdefault(key, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                known = await in_thread_if_remote(self._cache.remote, self._cache.get, key)
                if known is not None:
                    self.report.remembered(
                        self.endpoint.cost(known.prompt_tokens, known.completion_tokens)
                    )
                    return known
                async with self._places:
                    await self._resting()
                    await self._requests.take()
                    self._waiting -= 1
                    started = True
                    self._start_tail()
                    return await self._within_budget(request, body, key)
        finally:
            if not started:
                self._waiting -= 1
                self._start_tail()
            turn.users -= 1
            if not turn.users:
                del self._asking[key]

    async def _within_budget(self, request: Request, body: bytes, key: str) -> Outcome:
        prompt, completion = request.prompt_tokens(), self.sampling.max_tokens
        # Completions are short of max_tokens as a rule: a quarter is taken, then corrected.
        guess = prompt + completion // 4
        await self._tokens.take(guess)
        need = Need(prompt + completion, self.endpoint.cost(prompt, completion))
        try:
            reservation = await self._budget.reserve(need)
        except OverBudget:
            spent = self._ledger.spent(self.name)
            return Failure(
                FailureReason.OVER_BUDGET,
                f"{spent.tokens} tokens and {spent.cost:.4f} are spent; the next request may need "
                f"{need.tokens} tokens and {need.cost:.4f}",
            )
        used = 0
        try:
            began_s = time.monotonic()
            outcome = await self._within_deadline(body)
            if isinstance(outcome, Reply):
                used = outcome.prompt_tokens + outcome.completion_tokens
                cost = self.endpoint.cost(outcome.prompt_tokens, outcome.completion_tokens)
                self.report.answered(outcome, cost, time.monotonic() - began_s)
                put = self._cache.put
                await in_thread_if_remote(
                    self._cache.remote, put, key, outcome, self.name, cost, reservation
                )
                reservation = None
            return outcome
        finally:
            if reservation is not None:
                self._ledger.settle(self.name, Spent(), reservation)
            await self._tokens.correct(used - guess)

    async def _within_deadline(self, body: bytes) -> Outcome:
        loop = asyncio.get_running_loop()
        at_s = loop.time() + self.endpoint.deadline_s
        if self._tail_at_s is not None:
            at_s = min(at_s, self._tail_at_s)
        deadline = asyncio.timeout_at(at_s)
        last = ["no try came to an end"]
        try:
            async with deadline:
                self._deadlines.add(deadline)
                outcome = await self._tries(body, at_s, last)
        except TimeoutError:
            if self._tail_at_s is not None and loop.time() >= self._tail_at_s:
                tail = f"the {self.endpoint.tail_s:g} s of the shard's tail passed; {last[0]}"
                return Failure(FailureReason.UNAVAILABLE, tail)
            limit = f"the deadline of {self.endpoint.deadline_s:g} s passed; {last[0]}"
            outcome = Failure(FailureReason.UNAVAILABLE, limit)
        finally:
            self._deadlines.discard(deadline)
        self._watch(outcome)
        return outcome

    async def _tries(self, body: bytes, deadline_s: float, last: list[str]) -> Outcome:
        loop = asyncio.get_running_loop()
        tries = 0
        while True:
            try:
                return await self._wire.send(body)
            except Transient as error:
                last[0] = f"last: {error.detail}"
                put_off_s = error.after_s
            if put_off_s is not None and put_off_s < self.endpoint.backoff_s:
                put_off_s = None  # hardly a wait: our own grows
            tries += put_off_s is None
            wait_s = self._backoff_s(tries) if put_off_s is None else put_off_s
            if put_off_s is not None:
                # What the server says to one it means for all; but it cannot stop the run for good.
                until_s = loop.time() + min(put_off_s, self.endpoint.deadline_s)
                self._pause_until_s = max(self._pause_until_s, until_s)
                wait_s += self._backoff_s(1) * random.random()  # not all at the same moment
            if tries >= self.endpoint.tries:
                return Failure(FailureReason.UNAVAILABLE, f"{tries} tries; {last[0]}")
            if loop.time() + wait_s >= deadline_s:
                return Failure(
                    FailureReason.UNAVAILABLE,
                    f"the next try, in {wait_s:.1f} s, would be after the deadline; {last[0]}",
                )
            await asyncio.sleep(wait_s)
            self.report.retries += 1
            await self._requests.take()

    def _backoff_s(self, tries: int) -> float:
        longest = min(self.endpoint.backoff_s * 2.0 ** min(tries - 1, 30), LONGEST_BACKOFF_S)
        return longest * random.uniform(0.5, 1.0)

    async def _resting(self) -> None:
        """Wait for as long as the server asked to be left alone."""
        loop = asyncio.get_running_loop()
        while (wait_s := self._pause_until_s - loop.time()) > 0:
            await asyncio.sleep(wait_s + self._backoff_s(1) * random.random())

    def _start_tail(self) -> None:
        if not self._fed or self._waiting or self._tail_at_s is not None:
            return
        self._tail_at_s = asyncio.get_running_loop().time() + self.endpoint.tail_s
        for deadline in self._deadlines:
            deadline.reschedule(min(deadline.when() or self._tail_at_s, self._tail_at_s))

    def check_alive(self) -> None:
        """To be called at the end: a few lost rows are rows, a dead server is not.

        Raises:
            EndpointUnavailable: no request was answered at all, or none of the last ones.
        """
        if self._silent and (not self.report.asked or self._silent >= SILENT_AT_END):
            raise self._down()

    def _watch(self, outcome: Outcome) -> None:
        """Raises:
        EndpointUnavailable: too many requests in a row had no answer.
        """
        if isinstance(outcome, Reply) or outcome.reason != FailureReason.UNAVAILABLE:
            self._silent = 0
            return
        self._silent += 1
        self._last_silence = outcome.detail
        if self._silent >= self.endpoint.give_up_after:
            raise self._down()

    def _down(self) -> EndpointUnavailable:
        return EndpointUnavailable(
            f"{self.endpoint.url} gave no answer to {self._silent} requests in a row "
            f"({self._last_silence}). Start the server, or give its address as base_url; what it "
            "answered before is kept and not asked again."
        )

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self.report)
        if time.monotonic() - self._reported_s >= PROGRESS_EVERY_S:
            self._reported_s = time.monotonic()
            log.info("%s", self.report.line())


def _wire(endpoint: Endpoint) -> Wire | OfflineWire:
    # The client library takes a second to import, so it is imported only if a model is asked.
    if endpoint.holds_model:
        from endpoints.client.offline.engine import OfflineWire

        return OfflineWire(endpoint)
    from endpoints.client.wire import Wire

    return Wire(endpoint)


class _Turn:
    """Equal requests queue here."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


_FINAL = frozenset({FailureReason.UNAVAILABLE, FailureReason.REFUSED, FailureReason.OVER_BUDGET})
"""Failures after which asking again is of no use."""


def _usable(reply: Reply, read: Read | None) -> Outcome:
    """The reply itself if it is whole, no refusal, and can be read."""
    if reply.refusal or reply.finish_reason == "content_filter":
        detail = reply.refusal or "stopped by the server's content filter"
        return Failure(FailureReason.REFUSED, detail, reply.text)
    if reply.finish_reason == "length":
        blank = "nothing but white space" if not reply.text.strip() else "unfinished"
        return Failure(
            FailureReason.TRUNCATED,
            f"{blank} after {reply.completion_tokens} tokens; raise max_tokens if replies are long",
            reply.text,
        )
    if read is not None:
        try:
            read(reply.text)
        except RowError as error:
            return Failure(error.reason, error.detail, reply.text)
    return reply

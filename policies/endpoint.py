"""Asks a model to write a program for the reference picture; its mistakes are natural errors.

Source: Visual-ERM (arXiv:2603.13224), natural inference by a weaker model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure, FailureReason, Request
from endpoints.client.images import encode
from endpoints.client.pump import in_order
from endpoints.client.report import UseReport
from policies import targeted
from policies.extract import extract_code
from policies.policy import Policy, Task, prompt_of
from records.errors import BoundPassed
from records.rows import Attempt, Reject, Sample, Sampled
from renderers.contract import Picture

AHEAD = 4
"""Samples held in memory per running request."""


class _Workshop:
    """The clients of all policies of the stage."""

    def __init__(self, clients: dict[str, ChatClient]) -> None:
        self._clients = clients

    async def work(self, task: Task, /) -> Attempt | Reject:
        policy = task.policy

        def read(text: str) -> Attempt:
            if policy.kind == "targeted":
                return targeted.read(task, text)
            code = extract_code(text, policy.language)
            origin = Sampled(policy=policy.name, prompt_hash=policy.settings_hash, seed=task.seed)
            return Attempt.of(task.sample, code, origin, policy.language)

        # Encoding is CPU work: other requests must not wait for it.
        request = await asyncio.to_thread(request_of, task)
        outcome = await self._clients[policy.name].ask(request, read)
        if isinstance(outcome, Failure):
            if outcome.reason == FailureReason.OVER_BUDGET:
                raise BoundPassed(
                    f"the budget of policy {policy.name} is spent: {outcome.detail}. Raise its "
                    "max_tokens_total or max_cost and run again: what was answered is kept."
                )
            return Reject(
                stage="attempt",
                reason=outcome.reason,
                item_id=task.sample.id,
                detail=outcome.detail,
                policy=policy.name,
            )
        return read(outcome.text)

    def last_was_given(self) -> None:
        for client in self._clients.values():
            client.last_was_asked()


def attempts_in_order(
    policies: Sequence[Policy],
    tasks: Iterable[Task],
    cache: ReplyCache,
    reports: list[UseReport] | None = None,
    on_progress: Callable[[UseReport], None] | None = None,
) -> Iterator[Attempt | Reject]:
    """Yield the result of each task in order, with many requests at the same time.

    Args:
        policies: All policies that the tasks name, each of kind ``endpoint`` or ``targeted``.
        tasks: Drawn in another thread while requests are under way.
        cache: Replies from before.
        reports: Gets the policies' reports of use.
        on_progress: Called with a policy's report after each request that came to an end.

    Raises:
        BoundPassed: a budget is spent.
        EndpointUnavailable: a policy's server is down.
        ConfigError: key, model, address or prompt file of a policy are wrong.
    """
    ends = {policy.name: (policy, policy.endpoint) for policy in policies}

    @asynccontextmanager
    async def workshop() -> AsyncIterator[_Workshop]:
        async with AsyncExitStack() as stack:
            clients = {
                name: await stack.enter_async_context(
                    ChatClient(endpoint, policy.sampling, cache, name, on_progress)
                )
                for name, (policy, endpoint) in ends.items()
                if endpoint is not None
            }
            if reports is not None:
                reports.extend(client.report for client in clients.values())
            yield _Workshop(clients)
            for client in clients.values():
                client.check_alive()

    most = sum(endpoint.in_flight for _, endpoint in ends.values() if endpoint is not None)
    for _, made in in_order(tasks, workshop, window=max(1, most) * AHEAD):
        yield made


def attempt_one(policy: Policy, sample: Sample, reference: Picture, seed: int) -> Attempt | Reject:
    """Make a single attempt; a stage with many uses `attempts_in_order`.

    Raises: as `attempts_in_order`.
    """
    with ReplyCache() as cache:
        [made] = attempts_in_order([policy], [Task(policy, sample, reference, seed)], cache)
    return made


def request_of(task: Task) -> Request:
    """The request: the picture, then the prompt. Only targeted policies are shown the code."""
    if task.policy.kind == "targeted":
        return targeted.request_of(task, prompt_of(task.policy))
    (shown,) = encode((task.reference.png,), task.policy.longest_px)
    # Servers take seeds of 31 bits.
    return Request((shown, prompt_of(task.policy)), seed=task.seed % 2**31)

"""Asks a reward model behind OpenAI-compatible servers how much two pictures differ."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from annotators.lvlm.reply import parse_reply, reply_schema
from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure, FailureReason, Request, Schema
from endpoints.client.images import encode
from endpoints.settings import Endpoint, Sampling
from quality.format.messages import task_prompt
from records.errors import EndpointUnavailable
from records.rows import Discrepancy
from records.taxonomy import Modality
from renderers.contract import Picture

LONGEST_PX = 3072
"""Larger pictures are sent smaller; the server scales to what the model was trained on."""

_DOWN = frozenset({FailureReason.UNAVAILABLE, FailureReason.OVER_BUDGET})


@dataclass(frozen=True, slots=True)
class JudgeAnswer:
    """What the judge named; nothing where the pictures show the same to it."""

    discrepancies: tuple[Discrepancy, ...]

    @property
    def severity_sum(self) -> int:
        """S of the reward."""
        return sum(found.severity for found in self.discrepancies)


@dataclass(frozen=True, slots=True)
class NotJudged:
    """There is no judgment."""

    reason: str
    down: bool
    """True if the judge did not answer; False if it did, and of no use, on this picture."""
    detail: str = ""


Judgement = JudgeAnswer | NotJudged


class Judge(Protocol):
    """Compares two pictures. An asynchronous context manager."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def judge(
        self, modality: Modality, reference: Picture, candidate: Picture
    ) -> Judgement: ...


class EndpointJudge:
    """Visual-ERM behind one or several servers; each request goes to the least busy."""

    def __init__(self, endpoints: Sequence[Endpoint], sampling: Sampling | None = None) -> None:
        """
        Args:
            endpoints: Servers of the same model.
            sampling: Greedy by default: a reward should not depend on luck.
        """
        self.endpoints = tuple(endpoints)
        self.sampling = sampling or Sampling(temperature=0.0, max_tokens=4096)

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="judge-"))
        # On disk: a run of weeks asks for millions of replies.
        cache = self._stack.enter_context(ReplyCache(Path(folder) / "replies.sqlite"))
        self._clients = [
            await self._stack.enter_async_context(ChatClient(endpoint, self.sampling, cache))
            for endpoint in self.endpoints
        ]
        self._busy = [0] * len(self._clients)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def judge(self, modality: Modality, reference: Picture, candidate: Picture) -> Judgement:
        """Ask the least busy server; if it is down, the others in turn.

        Raises:
            ConfigError: a server does not accept key, model or address.
        """
        images = await asyncio.to_thread(encode, [reference.png, candidate.png], LONGEST_PX)
        request = Request((*images, task_prompt(modality)), schema=trained_schema(modality), seed=0)
        last = NotJudged(FailureReason.UNAVAILABLE, down=True, detail="no server is set")
        for place in sorted(range(len(self._clients)), key=self._busy.__getitem__):
            self._busy[place] += 1
            try:
                outcome = await self._clients[place].ask(
                    request, lambda text: parse_reply(text, modality)
                )
            except EndpointUnavailable as error:
                last = NotJudged(FailureReason.UNAVAILABLE, down=True, detail=str(error))
                continue
            finally:
                self._busy[place] -= 1
            if not isinstance(outcome, Failure):
                return JudgeAnswer(parse_reply(outcome.text, modality, label_source="judge"))
            last = NotJudged(outcome.reason, outcome.reason in _DOWN, outcome.detail)
            if not last.down:
                break
        return last


def trained_schema(modality: Modality) -> Schema:
    """The reply as the reward model learned to write it: counts first, then the errors.

    Servers write the fields of a schema in its order, and a model is at its best in its own.
    """
    schema = reply_schema(modality)
    properties: Mapping[str, Any] = schema.schema["properties"]
    order = [name for name in properties if name != "errors"] + ["errors"]
    return Schema(
        schema.name,
        {
            **schema.schema,
            "properties": {name: properties[name] for name in order},
            "required": order,
        },
    )

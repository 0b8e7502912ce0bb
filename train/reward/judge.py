"""Asks a reward model behind OpenAI-compatible servers how much two pictures differ."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from annotators.lvlm.reply import parse_reply, reply_schema
from endpoints.client.cache import ReplyCache
from endpoints.client.chat import ChatClient
from endpoints.client.exchange import Failure, FailureReason, Request, Schema
from endpoints.client.images import encode
from endpoints.settings import Endpoint, Sampling
from quality.format.prompts import OURS, Prompts, TaskPrompt
from records.errors import EndpointUnavailable
from records.rows import Discrepancy
from records.taxonomy import Modality
from renderers.contract import Picture

LONGEST_PX = 3072
"""Larger pictures are scaled down before sending; the server scales to the model's size."""

_DOWN = frozenset({FailureReason.UNAVAILABLE, FailureReason.OVER_BUDGET})


@dataclass(frozen=True, slots=True)
class JudgeAnswer:
    """The discrepancies that the judge reported; empty if it saw no difference."""

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
    """True if the judge did not answer; False if its answer about this picture is unusable."""
    detail: str = ""


Judgment = JudgeAnswer | NotJudged


class Judge(Protocol):
    """Compares two pictures. An asynchronous context manager."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *error: object) -> None: ...

    async def judge(
        self, modality: Modality, reference: Picture, candidate: Picture
    ) -> Judgment: ...


class EndpointJudge:
    """Visual-ERM behind one or several servers; each request goes to the least busy."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        sampling: Sampling | None = None,
        prompts: Prompts = OURS,
    ) -> None:
        """
        Args:
            endpoints: Servers of the same model.
            sampling: Greedy by default, so that a reward does not depend on chance.
            prompts: What the model was trained on.
        """
        self.prompts = prompts
        self.endpoints = tuple(endpoints)
        self.sampling = sampling or Sampling(temperature=0.0, max_tokens=4096)

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="judge-"))
        # On disk, since a run of weeks requests millions of replies.
        cache = self._stack.enter_context(ReplyCache(Path(folder) / "replies.sqlite"))
        self._clients = [
            await self._stack.enter_async_context(ChatClient(endpoint, self.sampling, cache))
            for endpoint in self.endpoints
        ]
        self._busy = [0] * len(self._clients)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def judge(self, modality: Modality, reference: Picture, candidate: Picture) -> Judgment:
        """Ask the least busy server; if it is down, the others in turn.

        Raises:
            ConfigError: a server does not accept key, model or address.
        """
        asked = self.prompts.of(modality)
        pngs = [reference.png, candidate.png]
        request = await asyncio.to_thread(question, asked, pngs, trained_schema(modality, asked))
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
            down = outcome.reason in _DOWN
            where = f"{self.endpoints[place].base_url}: " if down else ""
            last = NotJudged(outcome.reason, down, f"{where}{outcome.detail}")
            if not last.down:
                break
        return last


def question(asked: TaskPrompt, pngs: Sequence[bytes], schema: Schema | None = None) -> Request:
    """The request to a reward model: two pictures, then the prompt.

    Args:
        asked: The prompt, and how large pictures may be.
        pngs: Reference and candidate.
        schema: Form that the server holds the reply to; None leaves it free.
    """
    images = encode(pngs, asked.longest_px or LONGEST_PX)
    return Request((*images, asked.text), schema=schema, seed=0)


def trained_schema(modality: Modality, asked: TaskPrompt | None = None) -> Schema:
    """The JSON schema of replies as the reward model learned them: counts first, then errors.

    Servers enforce the order of fields, and a model works best with the order it was trained on.

    Args:
        modality: The task.
        asked: With the fields of an error; None takes our prompt's.
    """
    schema = reply_schema(modality)
    properties: Mapping[str, Any] = schema.schema["properties"]
    known = properties["errors"]["items"]["properties"]
    known = {**known, "type": known["category"]}
    fields = (asked or OURS.of(modality)).fields
    entry = _ordered(properties["errors"]["items"], {name: known[name] for name in fields})
    counts = {name: value for name, value in properties.items() if name != "errors"}
    errors = {**properties["errors"], "items": entry}
    return Schema(schema.name, _ordered(schema.schema, {**counts, "errors": errors}))


def _ordered(kind: Mapping[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {**kind, "properties": properties, "required": list(properties)}

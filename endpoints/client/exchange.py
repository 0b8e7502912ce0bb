"""Types of one exchange with a model server: the request, and its reply or typed failure.

A failure is data, like a reply: one lost row. That a server is down, or that a setting is wrong,
is not: `chat` raises then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from endpoints.client.images import EncodedImage
from endpoints.settings import Endpoint, Sampling

Part = str | EncodedImage
Body = dict[str, Any]
"""The JSON object of a request."""

TOKENS_PER_CHAR = 0.4
PIXELS_PER_TOKEN = 750
"""For estimates only, on the high side of what Qwen3-VL (1,024) and hosted models (750) count."""


class FailureReason(StrEnum):
    """Why a request gave no usable reply."""

    UNAVAILABLE = "unavailable"
    """No answer within tries, deadline and tail."""
    REFUSED = "refused"
    """The server or the model declines this very request."""
    TRUNCATED = "truncated"
    """The completion hit its longest length: unfinished, or endless white space."""
    UNPARSABLE = "unparsable"
    """The completion is not of the language that was asked for."""
    SCHEMA_MISMATCH = "schema_mismatch"
    """It is, but has other fields or values than were asked for."""
    OVER_BUDGET = "over_budget"
    """It was not asked: the budget is spent."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that gave nothing to use."""

    reason: str
    """A `FailureReason`, or a finer word of the function that reads the reply."""
    detail: str
    text: str = ""
    """The completion, if there was one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One completion."""

    text: str
    finish_reason: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    refusal: str = ""
    """The model's text if it refuses to answer."""
    cached: bool = False
    """True if the server was not asked."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The JSON that a completion must be."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One user's turn, texts and pictures in order."""

    parts: tuple[Part, ...]
    system: str = ""
    schema: Schema | None = None
    seed: int | None = None
    round: int = 0
    """Counts asking again: an equal request of another round is another request."""

    def again(self, round_: int) -> Request:
        """The same question, so that the answer may differ."""
        seed = self.seed if self.seed is None or not round_ else (self.seed + round_) % 2**31
        return replace(self, round=round_, seed=seed)

    def values(self, endpoint: Endpoint, sampling: Sampling) -> Body:
        """The JSON object that is sent."""
        messages: list[dict[str, Any]] = []
        if self.system:
            messages.append({"role": "system", "content": self.system})
        content = [
            {"type": "text", "text": part}
            if isinstance(part, str)
            else {"type": "image_url", "image_url": {"url": part.uri}}
            for part in self.parts
        ]
        messages.append({"role": "user", "content": content})
        values: dict[str, Any] = {
            "model": endpoint.model,
            "messages": messages,
            sampling.max_tokens_field: sampling.max_tokens,
            **sampling.extra,
        }
        if sampling.temperature != "none":
            values["temperature"] = sampling.temperature
        if sampling.top_p is not None:
            values["top_p"] = sampling.top_p
        if self.seed is not None and endpoint.seeds:
            values["seed"] = self.seed
        if self.schema is not None:
            # vLLM ignores guided_json; response_format is what it and the hosted servers read.
            values["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": self.schema.name,
                    "schema": dict(self.schema.schema),
                    "strict": True,
                },
            }
        return values

    def body(self, endpoint: Endpoint, sampling: Sampling) -> bytes:
        """What is sent; equal requests are equal bytes.

        The order of keys stands: a server writes the fields of a schema in their order.
        """
        return json.dumps(self.values(endpoint, sampling), separators=(",", ":")).encode()

    def key(self, body: bytes) -> str:
        """Forty hex digits over what is sent; the server's address does not count."""
        return hashlib.sha256(b"[%d,%b]" % (self.round, body)).hexdigest()[:40]

    def prompt_tokens(self) -> int:
        """An estimate, before the server has counted."""
        tokens = len(self.system) * TOKENS_PER_CHAR
        for part in self.parts:
            if isinstance(part, str):
                tokens += len(part) * TOKENS_PER_CHAR
            else:
                tokens += part.width_px * part.height_px / PIXELS_PER_TOKEN
        return int(tokens) + 16


Outcome = Reply | Failure


class Transient(Exception):
    """This try failed; the next may not."""

    def __init__(self, detail: str, after_s: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.after_s = after_s
        """Seconds the server asks to wait (Retry-After); None if it does not say."""

"""One try of one request with the openai client; each kind of failure has its own type."""

from __future__ import annotations

import asyncio
import email.utils
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import openai

from endpoints.client.exchange import Failure, FailureReason, Reply, Transient
from endpoints.settings import Endpoint
from records.errors import ConfigError
from records.rows import writable

TRANSIENT = frozenset({408, 409, 425, 429})
"""Statuses under 500 after which the same request may do better later."""
WRONG_SETTING = {
    401: "the key is not accepted; look at api_key_env",
    403: "the key may not use this model; look at api_key_env and model",
    404: "there is no such model or address; look at model and base_url (it ends in /v1)",
    405: "this address takes no chat completions; look at base_url (it ends in /v1)",
}
DETAIL_CHARS = 300
_NO_COMPLETION = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""Errors of parsing a bad body: other JSON, huge numbers, deep nesting."""


class Wire:
    """Connections to one endpoint, through the openai client.

    The client's own retries are off: `chat` counts tries and knows the deadlines. Bodies are sent as
    the bytes that the cache's keys are made of, and answers are read as they come, so that neither is
    walked field by field (docs/decisions/0014-models-are-piloted-and-asked-again.md).
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Raises:
        ConfigError: the key is not there.
        """
        self._endpoint = endpoint
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.url,
            api_key=endpoint.key(),
            max_retries=0,
            http_client=openai.DefaultAioHttpClient(
                timeout=endpoint.timeout_s,
                # Twice as fast as the default with hundreds under way; its hundred kept connections
                # would be reopened all the time.
                limits=httpx2.Limits(
                    max_connections=endpoint.in_flight + 8,
                    max_keepalive_connections=endpoint.in_flight + 8,
                ),
                follow_redirects=False,
                event_hooks={"response": [self._bound]},
            ),
        )

    async def send(self, body: bytes) -> Reply | Failure:
        """One try, within `timeout_s` from connection to last byte.

        Args:
            body: The JSON object of the request.

        Raises:
            Transient: no answer, or one that asks to come later.
            ConfigError: key, model or address are wrong, for this request and any other.
        """
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                response = await self._client.post(
                    "/chat/completions", content=body, cast_to=httpx2.Response
                )
        except (TimeoutError, openai.APITimeoutError) as error:
            cause = _first_cause(error)
            if isinstance(cause, OSError) and not isinstance(cause, TimeoutError):
                # The client takes a refused connection for a slow one.
                raise Transient(f"no connection: {cause}"[:DETAIL_CHARS]) from error
            raise Transient(f"no answer in {self._endpoint.timeout_s:g} s") from error
        except openai.APIStatusError as error:
            answer = error.response
            return self._declined(answer.status_code, answer.headers, answer.content)
        except openai.APIConnectionError as error:
            cause = _first_cause(error)
            raise Transient(f"{type(cause).__name__}: {cause}"[:DETAIL_CHARS]) from error
        return _read(response.content, self._endpoint)

    async def _bound(self, response: httpx2.Response) -> None:
        """A server that never stops sending must not fill the memory."""
        stream = response.stream
        assert isinstance(stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(stream, self._endpoint.reply_mb)

    def _declined(self, status: int, headers: Mapping[str, str], data: bytes) -> Failure:
        detail = f"HTTP {status}: {_message(data)}"[:DETAIL_CHARS]
        if status in WRONG_SETTING:
            raise ConfigError(
                f"{self._endpoint.url}, model {self._endpoint.model!r}: {detail}: "
                f"{WRONG_SETTING[status]}"
            )
        if status in TRANSIENT or status >= 500:
            raise Transient(detail, retry_after_s(headers))
        if status < 400:
            raise ConfigError(
                f"{self._endpoint.url} answers with a redirect ({status}); give the final address"
            )
        return Failure(FailureReason.REFUSED, detail)

    async def close(self) -> None:
        await self._client.close()


class _Bounded(httpx2.AsyncByteStream):
    """The body of an answer, up to a size."""

    def __init__(self, stream: httpx2.AsyncByteStream, most_mb: float) -> None:
        self._stream = stream
        self._most_mb = most_mb

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > self._most_mb * 2**20:
                raise Transient(f"an answer of more than {self._most_mb:g} MB")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait: a number of them, of milliseconds, or a date.

    >>> retry_after_s({"retry-after": "2"}), retry_after_s({"retry-after-ms": "250"})
    (2.0, 0.25)
    >>> retry_after_s({"retry-after": "soon"}) is None
    True
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        try:
            seconds = float(text) * unit
        except ValueError:
            continue
        # NaN and minus are no waits.
        return seconds if seconds >= 0 else None
    try:
        until = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, until.timestamp() - time.time())


def _first_cause(error: BaseException) -> BaseException:
    """The error that was raised first."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _read(data: bytes, endpoint: Endpoint) -> Reply | Failure:
    """The completion in the body of an answer.

    Raises:
        Transient: it is none: a proxy's page, or a body that breaks off.
    """
    try:
        answer = json.loads(data)
        choice = answer["choices"][0]
        message = choice["message"]
        text = message.get("content") or ""
        refusal = message.get("refusal") or ""
        finish_reason = choice.get("finish_reason") or "stop"
        usage = answer.get("usage") or {}
        if not all(isinstance(word, str) for word in (text, refusal, finish_reason)):
            raise TypeError("content, refusal and finish_reason must be texts")
        prompt_tokens = int(usage.get("prompt_tokens") or 0)
        completion_tokens = int(usage.get("completion_tokens") or 0)
    except _NO_COMPLETION as error:
        start = data[:80].decode("utf-8", "replace")
        raise Transient(
            f"an answer of {endpoint.url} that is no chat completion ({error}): {start!r}"
        ) from error
    text, finish_reason, refusal = map(writable, (text, finish_reason, refusal))
    return Reply(text, finish_reason, prompt_tokens, completion_tokens, refusal)


def _message(data: bytes) -> str:
    """A server's error message: OpenAI's form, vLLM's, or the plain body."""
    text = data.decode("utf-8", "replace")
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        return " ".join(text.split())
    for key in ("error", "message", "detail"):
        if isinstance(body, dict) and body.get(key):
            body = body[key]
    return writable(body) if isinstance(body, str) else json.dumps(body)

"""A scripted model server for tests: recorded replies, and the ways in which servers fail.

It implements just enough HTTP to fail on purpose, which server libraries do not allow: it hangs,
cuts a connection in the middle of a body, sends endless white space, gives wrong lengths.

``python -m endpoints.replay --port 8000 --reply reply.json`` serves one reply to every request.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as it came in."""

    number: int
    """Counts all requests, from 0."""
    seen: int
    """Number of earlier equal requests."""
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    digest: str
    """Hash of the body; equal for equal requests."""

    @property
    def text(self) -> str:
        """All texts of the request, without pictures."""
        words = []
        for message in self.body.get("messages", []):
            content = message["content"]
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
            words += [part["text"] for part in parts if part["type"] == "text"]
        return "\n".join(words)

    @property
    def images(self) -> tuple[str, ...]:
        """The data URIs of the pictures, in order."""
        return tuple(
            part["image_url"]["url"]
            for message in self.body.get("messages", [])
            if not isinstance(message["content"], str)
            for part in message["content"]
            if part["type"] == "image_url"
        )


@dataclass(frozen=True, slots=True)
class ReplayAnswer:
    """How the server answers a request."""

    content: str | None = ""
    finish_reason: str = "stop"
    refusal: str | None = None
    prompt_tokens: int = 100
    completion_tokens: int = 20
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    manner: Literal["whole", "hang", "reset", "cut", "drip"] = "whole"
    """`reset` closes before any answer, `cut` in the middle of the body, `drip` sends white space
    without end, `hang` does nothing."""
    raw: bytes | None = None
    """A body instead of a chat completion, such as a proxy's page or broken JSON."""


Script = Callable[[ReceivedRequest], ReplayAnswer]


def recorded(replies: Mapping[str, str]) -> Script:
    """A script that answers by the digest of the request; an unknown request gets status 400.

    Source of the digests: `ReceivedRequest.digest` of the requests that were recorded.
    """

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        if asked.digest not in replies:
            message = {"error": {"message": f"nothing recorded for request {asked.digest}"}}
            return ReplayAnswer(status=400, raw=json.dumps(message).encode())
        return ReplayAnswer(replies[asked.digest])

    return play


def answers_in_order(answers: Iterable[ReplayAnswer | str]) -> Script:
    """A script that gives answers one after the other, and then repeats the last one."""
    line = [ReplayAnswer(one) if isinstance(one, str) else one for one in answers]
    return lambda asked: line[min(asked.number, len(line) - 1)]


class ReplayServer:
    """A scripted server on loopback, in a thread of its own; a context manager.

    Example:
        >>> with ReplayServer(answers_in_order(["{}"])) as server:
        ...     server.url.startswith("http://127.0.0.1:")
        True
    """

    def __init__(self, script: Script, port: int = 0, keep: bool = True) -> None:
        """
        Args:
            script: Decides each answer; called in the server's thread.
            port: 0 takes a free one.
            keep: Whether `asked` remembers the requests, bodies included.
        """
        self.asked: list[ReceivedRequest] = []
        self.digests: Counter[str] = Counter()
        """How often each request was received."""
        self.most_at_once = 0
        self._script = script
        self._port = port
        self._keep = keep
        self._number = 0
        self._at_once = 0
        self._ready = threading.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    @property
    def url(self) -> str:
        """Base URL, with `/v1`."""
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def wait(self) -> None:
        """Serve until the process ends."""
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            server = await asyncio.start_server(
                self._connection, "127.0.0.1", self._port, limit=HEAD_BYTES, backlog=1024
            )
        except OSError as error:
            self._error = error
            self._ready.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the server is closing
        finally:
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False if the connection ends with it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        data = await reader.readexactly(int(headers.get("content-length", "0")))
        if first.startswith("GET"):
            await _send(writer, 200, {}, b'{"object": "list", "data": []}')
            return True
        digest = hashlib.sha256(data).hexdigest()[:16]
        asked = ReceivedRequest(
            self._number, self.digests[digest], json.loads(data), headers, digest
        )
        self._number += 1
        self.digests[digest] += 1
        if self._keep:
            self.asked.append(asked)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._answer(writer, asked, self._script(asked))
        finally:
            self._at_once -= 1

    async def _answer(
        self, writer: asyncio.StreamWriter, asked: ReceivedRequest, answer: ReplayAnswer
    ) -> bool:
        if answer.delay_s:
            await asyncio.sleep(answer.delay_s)
        body = _completion(asked, answer) if answer.raw is None else answer.raw
        match answer.manner:
            case "whole":
                await _send(writer, answer.status, answer.headers, body)
                return True
            case "hang":
                await asyncio.Event().wait()
            case "reset":
                return False
            case "cut":
                writer.write(
                    _head(answer.status, answer.headers, len(body)) + body[: len(body) // 2]
                )
                await writer.drain()
            case "drip":
                writer.write(_head(answer.status, answer.headers, None))
                while True:
                    writer.write(b"400\r\n" + b" " * 1024 + b"\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.005)
        return False


def _completion(asked: ReceivedRequest, answer: ReplayAnswer) -> bytes:
    if answer.status >= 400:
        return json.dumps(
            {"error": {"message": answer.content or f"status {answer.status}"}}
        ).encode()
    completion = {
        "id": f"chatcmpl-{asked.number}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.body.get("model", ""),
        "choices": [
            {
                "index": 0,
                "finish_reason": answer.finish_reason,
                "message": {
                    "role": "assistant",
                    "content": answer.content,
                    "refusal": answer.refusal,
                },
            }
        ],
        "usage": {
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.completion_tokens,
            "total_tokens": answer.prompt_tokens + answer.completion_tokens,
        },
    }
    return json.dumps(completion).encode()


def _head(status: int, headers: Mapping[str, str], length: int | None) -> bytes:
    size = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
    lines = [f"HTTP/1.1 {status} scripted", "content-type: application/json", size]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _send(
    writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    writer.write(_head(status, headers, len(body)) + body)
    await writer.drain()


def main(arguments: list[str] | None = None) -> None:
    """Serve one reply, after a delay, until killed; logs a digest per request."""
    parser = argparse.ArgumentParser(prog="python -m endpoints.replay", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--reply", type=Path, help="file with the completion; default: {}")
    parser.add_argument("--delay-s", type=float, default=0.0)
    parser.add_argument("--log", type=Path)
    given = parser.parse_args(arguments)
    content = given.reply.read_text(encoding="utf-8") if given.reply else "{}"
    log = given.log.open("a", encoding="utf-8") if given.log else None

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        if log is not None:
            log.write(f"{asked.digest}\n")
            log.flush()
        return ReplayAnswer(content, delay_s=given.delay_s)

    with ReplayServer(play, given.port, keep=False) as server:
        print(server.url, flush=True)
        server.wait()


if __name__ == "__main__":
    main()

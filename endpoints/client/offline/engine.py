"""The engine of an endpoint with `engine = "offline"` or `"ray"`: one process per model, kept for the next shard.

`OfflineWire` takes the place of `endpoints.client.wire.Wire`, so cache, budget, schema, asking again and
reports are the same for both.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import queue
import subprocess
import tempfile
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from endpoints.client.exchange import Failure, FailureReason, Reply
from endpoints.server import ServerSettings, log_tail, started
from endpoints.settings import Endpoint, RaySettings
from records.errors import EndpointUnavailable
from records.rows import writable

CHILD = Path(__file__).with_name("child.py")
RAY_CHILD = Path(__file__).with_name("ray_child.py")
_HELD: dict[str, Engine] = {}
"""By their settings."""
_LOCK = threading.Lock()


class Engine:
    """A process with a model in it, or with a Ray cluster behind it. Safe to use from several threads."""

    def __init__(self, settings: ServerSettings, ray: RaySettings | None = None) -> None:
        """Start the process and wait until it is ready.

        Args:
            settings: The model and its arguments.
            ray: The cluster that runs it; None runs it in the process.

        Raises:
        ConfigError: the process cannot be started.
        EndpointUnavailable: it ended, or was not ready in time; the message ends with its log.
        """
        self._settings = settings
        self._log = settings.log or str(Path(tempfile.gettempdir()) / f"engine-{id(self)}.log")
        self._process = started(engine_command(settings, ray), settings, self._log)
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._asked = 0
        self.prefix_tokens = 0
        """Tokens of prompts that were found computed."""
        self._told = False
        """An error names the log, so it stays."""
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(lines,), name="engine", daemon=True).start()
        try:
            first = lines.get(timeout=settings.ready_s)
        except queue.Empty:
            first = ""
        if not first:
            self._told = True
            self.close()
            raise EndpointUnavailable(
                f"the engine of {settings.model} was not ready within {settings.ready_s:g} s, or "
                f"ended; {log_tail(self._log)}"
            )

    def ask(self, body: bytes) -> Future[dict[str, Any]]:
        """The answer to the body of one request, when its batch is done."""
        assert self._process.stdin is not None
        answer: Future[dict[str, Any]] = Future()
        with self._lock:
            self._asked += 1
            if self._process.poll() is not None:
                answer.set_exception(self._ended())
                return answer
            self._waiting[self._asked] = answer
            try:
                self._process.stdin.write(b'{"id":%d,"body":%b}\n' % (self._asked, body))
                self._process.stdin.flush()
            except BrokenPipeError:
                del self._waiting[self._asked]
                answer.set_exception(self._ended())
        return answer

    def _read(self, first: queue.SimpleQueue[str]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            if "id" not in message:
                first.put("ready")
                continue
            with self._lock:
                answer = self._waiting.pop(message["id"])
                self.prefix_tokens += message.get("prefix_tokens", 0)
            if answer.set_running_or_notify_cancel():
                answer.set_result(message)
        first.put("")
        with self._lock:
            for answer in self._waiting.values():
                if answer.set_running_or_notify_cancel():
                    answer.set_exception(self._ended())
            self._waiting.clear()

    def _ended(self) -> EndpointUnavailable:
        self._told = True
        return EndpointUnavailable(
            f"the engine of {self._settings.model} ended; what it answered is kept; "
            f"{log_tail(self._log)}"
        )

    def close(self) -> None:
        """End the process, with those of vLLM."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(self._settings.stop_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if not self._settings.log and not self._told:
            Path(self._log).unlink(missing_ok=True)


class OfflineWire:
    """Sends the requests of one endpoint to its engine."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raises: as `Engine`."""
        assert endpoint.server is not None
        ray = (endpoint.ray or RaySettings()) if endpoint.engine == "ray" else None
        key = endpoint.server.model_dump_json() + (ray.model_dump_json() if ray else "")
        with _LOCK:
            if key not in _HELD:
                _HELD[key] = Engine(endpoint.server, ray)
            self._engine = _HELD[key]

    async def send(self, body: bytes) -> Reply | Failure:
        """The answer to one request.

        Raises:
            EndpointUnavailable: the engine ended.
        """
        answer = await asyncio.wrap_future(self._engine.ask(body))
        if "refused" in answer:
            return Failure(FailureReason.REFUSED, writable(answer["refused"])[:300])
        return Reply(
            writable(answer["text"]),
            answer["finish_reason"],
            answer["prompt_tokens"],
            answer["completion_tokens"],
        )

    async def close(self) -> None:
        """Nothing: the next shard needs the engine."""


def engine_command(settings: ServerSettings, ray: RaySettings | None = None) -> list[str]:
    """What is run: vLLM's engine, the process that asks a cluster, or a command in their place."""
    if settings.command:
        return list(settings.command)
    child = [str(CHILD)]
    if ray is not None:
        nodes = {**ray.model_dump(), "environment": settings.environment}
        child = [str(RAY_CHILD), json.dumps(nodes)]
    return [
        *(settings.python, *child, str(settings.images), "--model", settings.model),
        *settings.arguments,
    ]


@atexit.register
def close_engines() -> None:
    """End all engines of this process."""
    with _LOCK:
        while _HELD:
            _HELD.popitem()[1].close()

"""One address in front of all servers of the reward model: ``POST /judge`` compares two pictures.

The body is a JSON object ``{"task": "chart", "reference": PNG, "candidate": PNG}``, pictures in base64, with or
without ``data:image/png;base64,`` before it. Prompt and form of the reply are the service's own. The answer is
``{"severity_sum": 3, "errors": [{"category", "severity", "location", "description"}]}``, or ``{"error": ...}``:

* 400: a field is wrong; the message names it
* 413: the body is larger than `BODY_BYTES`
* 422: the reward model answered with nothing that can be read
* 503: no server of the reward model answers

``GET /health`` answers 200 while this service runs.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from PIL import Image

from records.errors import ConfigError
from records.taxonomy import Modality
from renderers.contract import Picture
from train.reward.functions import picture_of
from train.reward.judge import Judge, JudgeAnswer, Judgement, NotJudged

BODY_BYTES = 64 * 2**20
FIELDS = ("category", "severity", "location", "description")


class Front:
    """Answers at one address for the length of a block; the judge shares the work among its servers."""

    def __init__(self, judge: Judge, host: str = "127.0.0.1", port: int = 0) -> None:
        """
        Args:
            judge: Entered and left by the block.
            host: Interface to listen at.
            port: 0 takes a free one.
        """
        self._judge = judge
        self._address = (host, port)
        self._loop = asyncio.new_event_loop()
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        """
        Raises:
            ConfigError: the port is taken.
        """
        try:
            self._server = _Server(self._address, _Handler)
        except OSError as error:
            host, port = self._address
            raise ConfigError(f"{host}:{port}: {error.strerror}; choose another --port") from error
        self._server.front = self
        for run in (self._loop.run_forever, self._server.serve_forever):
            self._threads.append(threading.Thread(target=run, name="front", daemon=True))
            self._threads[-1].start()
        self._do(self._judge.__aenter__()).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._do(self._judge.__aexit__(None, None, None)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join()
        self._loop.close()

    def answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of one request."""
        try:
            task, reference, candidate = _pictures(body)
        except ValueError as error:
            return 400, {"error": str(error)}
        said: Judgement = self._do(self._judge.judge(task, reference, candidate)).result()
        if isinstance(said, NotJudged):
            status = 503 if said.down else 422
            return status, {"error": f"{said.reason}: {said.detail}"}
        return 200, _told(said)

    def _do(self, work: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024
    front: Front


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._send(*((200, {"status": "ok"}) if self.path == "/health" else (404, _UNKNOWN)))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            self.close_connection = True  # the body is not read
            said = f"Content-Length {length!r}: give one of at most {BODY_BYTES}"
            self._send(413, {"error": said})
            return
        body = self.rfile.read(int(length))
        found = (404, _UNKNOWN) if self.path != "/judge" else self.server.front.answer(body)
        self._send(*found)

    def _send(self, status: int, values: dict[str, Any]) -> None:
        data = json.dumps(values, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Judgments come by the thousand; each is no line."""


_UNKNOWN = {"error": "ask POST /judge or GET /health"}


def _told(said: JudgeAnswer) -> dict[str, Any]:
    errors = [found.model_dump(mode="json", include=set(FIELDS)) for found in said.discrepancies]
    return {"severity_sum": said.severity_sum, "errors": errors}


def _pictures(body: bytes) -> tuple[Modality, Picture, Picture]:
    """
    Raises:
        ValueError: a field is missing or wrong; names it.
    """
    try:
        values = json.loads(body)
    except ValueError as error:
        raise ValueError(f"the body is no JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError("the body is no JSON object")
    if values.get("task") not in list(Modality):
        raise ValueError(f"task {values.get('task')!r}; legal: {', '.join(Modality)}")
    reference, candidate = (_picture(values, name) for name in ("reference", "candidate"))
    return Modality(values["task"]), reference, candidate


def _picture(values: dict[str, Any], name: str) -> Picture:
    text = values.get(name)
    if not isinstance(text, str):
        raise ValueError(f"{name}: a picture in base64 is wanted")
    data = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return picture_of(base64.b64decode(data, validate=True))
    except (ValueError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{name}: no picture in base64: {error}") from error

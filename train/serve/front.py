"""HTTP service of the reward: ``POST /judge`` compares two pictures, ``POST /reward`` scores a reply.

Bodies are JSON objects with pictures in base64, with or without ``data:image/png;base64,`` before it. Prompt and form
of the reward model's reply are the service's own.

* ``/judge``: ``{"task": "chart", "reference": PNG, "candidate": PNG}`` gives ``{"severity_sum": 3, "errors":
  [{"category", "severity", "location", "description"}]}``.
* ``/reward``: ``{"task": "chart", "reference": PNG, "reference_code": "...", "completion": "..."}``, and
  ``render_contract`` where it is known, gives ``{"reward": 1.83, "outcome": "..."}``, as `[reward] kind` says.

Else the answer is ``{"error": ...}``:

* 400: a field is wrong; the message names it
* 413: the body is larger than `BODY_BYTES`
* 422: the reward model answered with nothing that can be read
* 500: a bug of this service; its log has the traceback
* 503: no server of the reward model answers, nothing can be drawn, or our comparison failed: there is no number

``GET /health`` answers 200 while this service runs.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from PIL import Image, UnidentifiedImageError

from records.errors import ConfigError, RunError
from records.taxonomy import Modality
from train.reward.functions import compute_score, end_scorers, picture_of
from train.reward.judge import Judge, JudgeAnswer, Judgment, NotJudged
from train.reward.outcome import Verdict
from train.settings import Reward

log = logging.getLogger(__name__)

BODY_BYTES = 64 * 2**20
FIELDS = ("category", "severity", "location", "description")


class Front:
    """Answers at one address for the length of a block; the judge shares the work among its servers."""

    def __init__(
        self,
        judge: Judge | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        reward: Reward | None = None,
    ) -> None:
        """
        Args:
            judge: Of `/judge`; entered and left by the block.
            host: Interface to listen at.
            port: 0 takes a free one.
            reward: Settings of `/reward`.
        """
        self._judge = judge
        self._reward = None if reward is None else reward.model_dump(mode="json")
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
        if self._judge is not None:
            self._do(self._judge.__aenter__()).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._judge is not None:
            self._do(self._judge.__aexit__(None, None, None)).result()
        if self._reward is not None:
            end_scorers()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join()
        self._loop.close()

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of one request."""
        ways = {"/judge": (self._judge, self._judged), "/reward": (self._reward, self._paid)}
        served, answer = ways.get(path, (None, None))
        if served is None or answer is None:
            there = [name for name, (way, _) in ways.items() if way is not None]
            return 404, {"error": f"ask POST {' or '.join(there)}, or GET /health"}
        try:
            return answer(_values(body))
        except ValueError as error:
            return 400, {"error": str(error)}
        except ConfigError as error:
            return 400, {"error": str(error)}
        except RunError as error:
            return 503, {"error": str(error)}
        except Exception as error:
            log.exception("bug: a request to %s failed; please report it", path)
            return 500, {"error": f"a bug of this service, see its log: {type(error).__name__}"}

    def _judged(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert self._judge is not None
        reference, candidate = (
            picture_of(_png(values, side)) for side in ("reference", "candidate")
        )
        task = Modality(values["task"])
        judgment: Judgment = self._do(self._judge.judge(task, reference, candidate)).result()
        if isinstance(judgment, NotJudged):
            status = 503 if judgment.down else 422
            return status, {"error": f"{judgment.reason}: {judgment.detail}"}
        return 200, _answer_json(judgment)

    def _paid(self, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert self._reward is not None
        extra = {
            "reference": {"bytes": _png(values, "reference")},
            "render_contract": _text(values, "render_contract", ""),
        }
        reply, code = _text(values, "completion"), _text(values, "reference_code", "")
        source = f"vermillion/{values['task']}"
        scored = self._do(compute_score(source, reply, code, extra, **self._reward)).result()
        if scored["outcome"].startswith(Verdict.NO_SCORE):  # veRL takes 0; here nothing is paid.
            return 503, {"error": "no reward: the comparison failed by a bug of ours, see the log"}
        return 200, {"reward": scored["score"], "outcome": scored["outcome"]}

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
        found = self.path == "/health"
        self._send(200 if found else 404, {"status": "ok"} if found else {"error": "GET /health"})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            self.close_connection = True  # the body is not read
            reason = f"Content-Length {length!r}: give one of at most {BODY_BYTES}"
            self._send(413, {"error": reason})
            return
        body = self.rfile.read(int(length))
        self._send(*self.server.front.answer(self.path, body))

    def _send(self, status: int, values: dict[str, Any]) -> None:
        data = json.dumps(values, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Judgments come by the thousand; each is no line."""


def _answer_json(answer: JudgeAnswer) -> dict[str, Any]:
    errors = [found.model_dump(mode="json", include=set(FIELDS)) for found in answer.discrepancies]
    return {"severity_sum": answer.severity_sum, "errors": errors}


def _values(body: bytes) -> dict[str, Any]:
    """
    Raises:
        ValueError: no JSON object, or no task.
    """
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is no JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError("the body is no JSON object")
    if values.get("task") not in list(Modality):
        raise ValueError(f"task {values.get('task')!r}; legal: {', '.join(Modality)}")
    return values


def _text(values: dict[str, Any], name: str, otherwise: str | None = None) -> str:
    value = values.get(name, otherwise)
    if not isinstance(value, str):
        raise ValueError(f"{name}: a text is wanted")
    return value


def _png(values: dict[str, Any], name: str) -> bytes:
    text = values.get(name)
    if not isinstance(text, str):
        raise ValueError(f"{name}: a picture in base64 is wanted")
    data = text.partition(",")[2] if text.startswith("data:") else text
    try:
        picture = base64.b64decode(data, validate=True)
        picture_of(picture)
    except UnidentifiedImageError as error:
        raise ValueError(f"{name}: these bytes are no picture; give a PNG in base64") from error
    except (ValueError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{name}: no picture in base64: {error}") from error
    return picture

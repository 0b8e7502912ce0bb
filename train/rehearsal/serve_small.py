"""A small model behind an OpenAI-compatible server, on a CPU: rehearsals of what vLLM does on GPUs.

``python -m train.rehearsal.serve_small --model FOLDER --port PORT [--name NAME] [--most-tokens N]``, in the training
environment. One request at a time, greedy; no grammar holds the reply to a schema. Loopback only.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST_BODY = 64_000_000


class SmallModel:
    """Writes replies to chats with pictures."""

    def __init__(self, folder: str, most_tokens: int) -> None:
        """
        Args:
            folder: Model and processor, as `train.sft` saves them.
            most_tokens: A reply is cut there, whatever a request allows.
        """
        from transformers import AutoModelForImageTextToText, AutoProcessor

        self._model = AutoModelForImageTextToText.from_pretrained(folder).eval()
        self._processor = AutoProcessor.from_pretrained(folder)
        self._most_tokens = most_tokens
        self._one_at_a_time = threading.Lock()

    def reply(self, messages: Sequence[dict[str, Any]], max_tokens: int) -> tuple[str, bool]:
        """The next turn, and whether the model ended it itself.

        Raises:
            ValueError: a message is not of the form that OpenAI's interface gives it.
        """
        import torch

        turns, images = _turns(messages)
        text = self._processor.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        with self._one_at_a_time, torch.inference_mode():
            inputs = self._processor(text=[text], images=images or None, return_tensors="pt")
            asked = inputs["input_ids"].shape[1]
            most = min(max_tokens, self._most_tokens)
            written = self._model.generate(**inputs, max_new_tokens=most, do_sample=False)[
                0, asked:
            ]
        text = self._processor.tokenizer.decode(written, skip_special_tokens=True)
        return text, len(written) < most


def _turns(messages: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Messages as the chat template reads them, and their pictures in order."""
    from PIL import Image

    turns, images = [], []
    for message in messages:
        content = message["content"]
        parts: list[dict[str, Any]] = (
            [{"type": "text", "text": content}] if isinstance(content, str) else content
        )
        mine: list[dict[str, Any]] = []
        for part in parts:
            if part["type"] == "text":
                mine.append({"type": "text", "text": part["text"]})
                continue
            url = part["image_url"]["url"]
            if not url.startswith("data:"):
                raise ValueError("pictures come as data: addresses")
            data = base64.b64decode(url.partition(",")[2], validate=True)
            with Image.open(io.BytesIO(data)) as image:
                images.append(image.convert("RGB"))
            mine.append({"type": "image"})
        turns.append({"role": message["role"], "content": mine})
    return turns, images


def serve(model: SmallModel, name: str, port: int) -> None:
    """Answer until the process is ended."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/health": {}, "/v1/models": {"object": "list", "data": [{"id": name}]}}
            self._send(200 if self.path in known else 404, known.get(self.path, {}))

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if self.path != "/v1/chat/completions" or size > LONGEST_BODY:
                self._send(404, {"error": {"message": f"nothing at {self.path}"}})
                return
            try:
                body = json.loads(self.rfile.read(size))
                limit = int(body.get("max_tokens") or body.get("max_completion_tokens") or 512)
                text, whole = model.reply(body["messages"], limit)
            except (ValueError, KeyError, TypeError) as error:
                self._send(400, {"error": {"message": repr(error)}})
                return
            choice = {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop" if whole else "length",
            }
            usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
            self._send(
                200,
                {
                    "id": f"small-{time.time_ns()}",
                    "object": "chat.completion",
                    "created": int(time.time()),
                    "model": name,
                    "choices": [choice],
                    "usage": usage,
                },
            )

        def _send(self, status: int, values: dict[str, Any]) -> None:
            text = json.dumps(values).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            print(f"serve: {self.requestline}: {code}", flush=True)

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        print(f"serve: {name} on http://127.0.0.1:{port}/v1", flush=True)
        server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m train.rehearsal.serve_small", description=__doc__
    )
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--name", default="visual-erm")
    parser.add_argument("--most-tokens", type=int, default=512)
    asked = parser.parse_args()
    serve(SmallModel(asked.model, asked.most_tokens), asked.name, asked.port)


if __name__ == "__main__":
    main()

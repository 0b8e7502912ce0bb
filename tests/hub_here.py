"""A hub on this machine: the part of the Hugging Face hub's HTTP interface that a push, a watch and a pull use."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit


class Hub(BaseHTTPRequestHandler):
    """The part of the hub's HTTP interface that a push, a watch and a pull use."""

    stored: dict[str, bytes] = {}
    """Large files by digest."""
    commits: list[dict[str, bytes | None]] = []
    """Content of each file by its path; None deletes it."""
    sent: list[str] = []
    revision = "c" * 40
    """Commit of every dataset that has no newer one."""
    newer: dict[str, str] = {}
    """Commits of single datasets."""
    asked: list[str] = []
    """Datasets whose revision was asked for."""
    broken = False
    token_needed = False

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.token_needed:
            self._answer({"error": "no"}, 401)
        elif path == "/api/repos/create":
            self._answer({"url": f"http://{self.headers['Host']}/datasets/lab/pairs"})
        elif path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            files = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".parquet") else "regular",
                    "shouldIgnore": False,
                    "oid": None,
                }
                for file in json.loads(body)["files"]
            ]
            self._answer({"files": files})
        elif path.endswith("/info/lfs/objects/batch"):
            objects = [
                {"oid": one["oid"], "size": one["size"]}
                | ({} if one["oid"] in self.stored else self._place(one["oid"]))
                for one in json.loads(body)["objects"]
            ]
            self._answer({"transfer": "basic", "objects": objects})
        elif "/commit/" in path:
            if self.broken:
                self._answer({"error": "broken"}, 503)
                return
            lines = [json.loads(line) for line in body.splitlines()]
            changed: dict[str, bytes | None] = {}
            for line in lines:
                value = line["value"]
                if line["key"] == "file":
                    changed[value["path"]] = b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    changed[value["path"]] = self.stored[value["oid"]]
                elif line["key"] == "deletedFile":
                    changed[value["path"]] = None
            self.commits.append(changed)
            url = f"http://{self.headers['Host']}/datasets/lab/pairs/commit/{self.revision}"
            self._answer({"success": True, "commitUrl": url, "commitOid": self.revision})
        else:
            self._answer({"error": path}, 404)

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.sent.append(_digest(data))
        self.stored[self.sent[-1]] = data
        self._answer({})

    def do_HEAD(self) -> None:
        self._file(body=False)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if "/tree/" in path:
            self._answer(
                [
                    {"type": "file", "path": name, "size": len(data), "oid": _digest(data)}
                    for name, data in self.held().items()
                ]
            )
        elif path.startswith("/api/datasets/"):
            self._describe(path.removeprefix("/api/datasets/").partition("/revision/")[0])
        else:
            self._file(body=True)

    def _describe(self, dataset: str) -> None:
        self.asked.append(dataset)
        if self.broken or self.token_needed:
            self._answer({"error": "no"}, 503 if self.broken else 401)
            return
        self._answer({"id": dataset, "sha": self.newer.get(dataset, self.revision)})

    @classmethod
    def held(cls) -> dict[str, bytes]:
        """The files that stand in the repository."""
        last = {path: data for commit in cls.commits for path, data in commit.items()}
        return {path: data for path, data in last.items() if data is not None}

    def _file(self, *, body: bool) -> None:
        at, _, name = urlsplit(self.path).path.rpartition("/")
        asked = at.rpartition("/")[2]
        commit = asked if len(asked) == len(self.revision) else self.revision
        held = self.held()
        if name not in held:
            self._answer({}, 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            return
        tag = _digest(held[name])
        self._send(
            held[name] if body else None,
            200,
            len(held[name]),
            {"ETag": f'"{tag}"', "X-Repo-Commit": commit},
        )

    def _place(self, oid: str) -> dict[str, Any]:
        return {"actions": {"upload": {"href": f"http://{self.headers['Host']}/upload/{oid}"}}}

    def _answer(
        self, value: object, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        data = json.dumps(value).encode()
        self._send(None if self.command == "HEAD" else data, status, len(data), headers or {})

    def _send(self, data: bytes | None, status: int, size: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(size), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if data is not None:
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextmanager
def served_hub() -> Iterator[tuple[type[Hub], str]]:
    """An empty hub for the length of a block: what it holds, and its address."""
    kind = type(
        "OwnHub", (Hub,), {"stored": {}, "commits": [], "sent": [], "newer": {}, "asked": []}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kind, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

"""Downloads that fail in each way, a download that works, and what revision a folder is of."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import errors

from records.errors import ConfigError, EndpointUnavailable, RunError
from sources.snapshot import download, revision_of

COMMIT = "c" * 40
ROOT = Path(__file__).resolve().parents[2]


def hub_error(kind: type[Exception]) -> Exception:
    error = kind.__new__(kind)
    error.args = (f"{kind.__name__}\nsecond line",)
    return error


@pytest.mark.parametrize(
    ("raised", "error", "message"),
    [
        (hub_error(errors.RevisionNotFoundError), ConfigError, "no revision 'v9'"),
        (hub_error(errors.GatedRepoError), ConfigError, "accept its terms"),
        (hub_error(errors.RepositoryNotFoundError), ConfigError, "HF_TOKEN"),
        (errors.OfflineModeIsEnabled("offline"), EndpointUnavailable, "cannot be reached"),
        (errors.LocalEntryNotFoundError("none"), EndpointUnavailable, "cannot be reached"),
        (hub_error(errors.HfHubHTTPError), EndpointUnavailable, r"failed \(HfHubHTTPError\)"),
        (ConnectionResetError("reset by peer"), EndpointUnavailable, "reset by peer"),
        (OSError(errno.ENOSPC, "No space left", "/cache"), ConfigError, "HF_HOME"),
    ],
)
def test_each_failure_says_what_to_do(
    raised: Exception, error: type[RunError], message: str
) -> None:
    def fetch(**_: Any) -> str:
        raise raised

    with pytest.raises(error, match=message) as caught:
        download("a/b", "v9", ["*.json"], source="unisvg", fetch=fetch)
    assert "--snapshot DIR" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistake_of_ours_is_not_taken_for_a_failure_of_the_hub() -> None:
    def fetch(**_: Any) -> str:
        raise TypeError("wrong argument")

    with pytest.raises(TypeError):
        download("a/b", "main", [], source="unisvg", fetch=fetch)


def test_only_what_is_needed_is_asked_for(tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    def fetch(**arguments: Any) -> str:
        asked.update(arguments)
        return str(tmp_path)

    assert download("a/b", "main", ("*.json",), source="unisvg", fetch=fetch) == tmp_path
    assert asked == {
        "repo_id": "a/b",
        "revision": "main",
        "repo_type": "dataset",
        "allow_patterns": ["*.json"],
    }


class Hub(BaseHTTPRequestHandler):
    """The part of the hub's HTTP interface that a snapshot download uses."""

    files: dict[str, bytes] = {}
    requests: list[str] = []

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.requests.append(f"{self.command} {path}")
        headers: dict[str, str] = {}
        if path.startswith("/api/datasets/lili24/UniSVG/revision/"):
            data = json.dumps({"id": "lili24/UniSVG", "sha": COMMIT, "siblings": []}).encode()
        elif path == f"/api/datasets/lili24/UniSVG/tree/{COMMIT}":
            data = json.dumps(
                [
                    {"type": "file", "path": name, "size": len(content), "oid": name.encode().hex()}
                    for name, content in self.files.items()
                ]
            ).encode()
        elif path.startswith(f"/datasets/lili24/UniSVG/resolve/{COMMIT}/"):
            name = path.rpartition("/")[2]
            data = self.files[name]
            headers = {"ETag": f'"{name.encode().hex()}"', "X-Repo-Commit": COMMIT}
        else:
            self.send_error(404)
            return
        self.send_response(200)
        for key, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hub() -> Iterator[str]:
    record = {"type": "ISVGEN", "a_text": "<svg ></svg>", "image_path": "a.png"}
    Hub.files = {
        "test.json": json.dumps([record]).encode(),
        "train.json": json.dumps([{**record, "a_text": "<svg ><g/></svg>"}]).encode(),
        "png.zip": b"large",
    }
    Hub.requests = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


PULL = """
import sys
from sources.source import pull_samples
from records.errors import RunError
try:
    for item in pull_samples("unisvg"):
        print(item.upstream_id, item.revision, item.reserved)
except RunError as error:
    print(type(error).__name__, error)
"""


def pull(endpoint: str, home: Path) -> list[str]:
    # The hub's library reads its settings when it is imported, so a process of its own.
    environment = {
        **{key: value for key, value in os.environ.items() if "proxy" not in key.lower()},
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", PULL],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_hub_download_is_read_and_kept(hub: str, tmp_path: Path) -> None:
    expected = [f"train.json#0 {COMMIT} ", f"test.json#0 {COMMIT} unisvg_test"]
    assert pull(hub, tmp_path) == expected
    assert not any("png.zip" in request for request in Hub.requests)
    contents = [request for request in Hub.requests if request.startswith("GET /datasets/")]
    assert pull(hub, tmp_path) == expected
    again = [request for request in Hub.requests if request.startswith("GET /datasets/")]
    assert again == contents, "finished files are not downloaded twice"


def test_no_hub_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (line,) = pull("http://127.0.0.1:1", tmp_path)
    assert line.startswith("EndpointUnavailable unisvg: the hub cannot be reached")
    assert "--snapshot DIR" in line


def snapshot_with(folder: Path, text: str = "x") -> tuple[Path, list[Path]]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.svg").write_text(text)
    return folder, [folder / "a.svg"]


def test_a_plain_folder_is_known_by_its_contents(tmp_path: Path) -> None:
    first = revision_of(*snapshot_with(tmp_path / "one"))
    assert first.startswith("sha256:")
    assert len(first) == len("sha256:") + 16
    assert revision_of(*snapshot_with(tmp_path / "two")) == first, "where it lies does not matter"
    assert revision_of(*snapshot_with(tmp_path / "one", "y")) != first
    folder, files = snapshot_with(tmp_path / "two")
    files[0].rename(folder / "b.svg")
    assert revision_of(folder, [folder / "b.svg"]) != first


def test_what_was_asked_for_is_believed_of_a_plain_folder(tmp_path: Path) -> None:
    assert revision_of(*snapshot_with(tmp_path), "v1.5") == "v1.5"


def test_a_hub_cache_folder_tells_its_commit(tmp_path: Path) -> None:
    folder, files = snapshot_with(tmp_path / "datasets--a--b" / "snapshots" / COMMIT)
    assert revision_of(folder, files) == COMMIT
    assert revision_of(folder, files, "main") == COMMIT
    with pytest.raises(ConfigError, match=f"is of revision {COMMIT}"):
        revision_of(folder, files, "d" * 40)


def test_a_hub_download_into_a_folder_tells_its_commit(tmp_path: Path) -> None:
    folder, files = snapshot_with(tmp_path)
    notes = folder / ".cache" / "huggingface" / "download"
    notes.mkdir(parents=True)
    (notes / "a.svg.metadata").write_text(f"{COMMIT}\netag\n1700000000.0\n")
    assert revision_of(folder, files) == COMMIT
    (notes / "b.svg.metadata").write_text(f"{'d' * 40}\netag\n1700000000.0\n")
    assert revision_of(folder, files).startswith("sha256:"), "files of two commits"


@pytest.mark.parametrize("packed", [False, True])
def test_a_clone_tells_its_commit(tmp_path: Path, packed: bool) -> None:
    folder, files = snapshot_with(tmp_path)
    git = folder / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    if packed:
        (git / "packed-refs").write_text(f"# pack-refs with: peeled\n{COMMIT} refs/heads/main\n")
    else:
        (git / "refs" / "heads" / "main").write_text(COMMIT + "\n")
    assert revision_of(folder, files) == COMMIT

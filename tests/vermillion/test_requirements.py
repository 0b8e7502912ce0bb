"""The command doctor with a configuration: every need is a line, and each miss names the way out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from records.config import BuildConfig, parse
from sandbox.probe import LayerReport
from vermillion.cli import requirements as needs
from vermillion.cli.requirements import requirements_of


def config(**values: Any) -> BuildConfig:
    return parse({"name": "x", "sources": {"bundled": {}}, **values}, "test")


def lines(settings: BuildConfig) -> dict[str, LayerReport]:
    return {line.name: line for line in requirements_of(settings)}


def missed(settings: BuildConfig) -> dict[str, str]:
    return {name: one.detail for name, one in lines(settings).items() if not one.effective}


class Models(BaseHTTPRequestHandler):
    """A server of one model that wants a key."""

    def do_GET(self) -> None:  # the name that http.server calls
        right = self.headers["Authorization"] == "Bearer sesame"
        self.send_response(200 if right else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"data": [{"id": "small"}]}).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    listening = HTTPServer(("127.0.0.1", 0), Models)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/v1"
    listening.shutdown()
    listening.server_close()
    thread.join()


def asking(folder: Path, url: str, model: str = "small") -> BuildConfig:
    file = folder / "models.toml"
    file.write_text(
        f'[endpoints.e]\nbase_url = "{url}"\nmodel = "{model}"\napi_key_env = "SMALL_KEY"\n'
        '[[policies]]\nname = "p"\nmodality = "svg"\nkind = "endpoint"\nendpoint = "e"\n'
    )
    return config(policies={"names": ["p"], "files": [str(file)]}, root=str(folder))


def test_a_build_that_can_run_misses_nothing(tmp_path: Path) -> None:
    settings = config(root=str(tmp_path), policies={"names": ["vtracer-mid"]})
    assert missed(settings) == {}
    assert {"source: bundled", "policy: vtracer-mid", "fonts", "root", "disk"} <= set(
        lines(settings)
    )


def test_sources_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    sources = {
        "chartmimc": {},
        "folder": {"snapshot": str(tmp_path / "gone")},
        "tables": {},
        "unisvg": {"samples": str(tmp_path / "none")},
    }
    found = missed(config(sources=sources, root=str(tmp_path)))
    assert "unknown source 'chartmimc'" in found["source: chartmimc"]
    assert "no such folder; correct sources.folder.snapshot" in found["source: folder"]
    assert "[sources.tables] snapshot" in found["source: tables"]
    assert "run vermillion pull unisvg" in found["source: unisvg"]


def test_a_hub_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    found = missed(config(sources={"unisvg": {}}, root=str(tmp_path)))
    assert "give a folder: [sources.unisvg] snapshot" in found["source: unisvg"]


def test_names_and_keys_that_are_wrong(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = config(root=str(tmp_path), policies={"names": ["vtracer-mad"]})
    assert "did you mean 'vtracer-mid'" in missed(unknown)["policies"]
    nobody = config(root=str(tmp_path), annotate={"annotators": ["oracle"]})
    assert "oracle" in missed(nobody)["annotators"]
    left_out = config(root=str(tmp_path), corruption={"exclude": ["drop_titel"]})
    assert "drop_titel" in missed(left_out)["corruptions"]
    monkeypatch.delenv("SMALL_KEY", raising=False)
    assert "SMALL_KEY is not set" in missed(asking(tmp_path, server))["policy: p"]
    monkeypatch.setenv("SMALL_KEY", "open")
    assert "refuses the key (401); set SMALL_KEY" in missed(asking(tmp_path, server))["policy: p"]
    monkeypatch.setenv("SMALL_KEY", "sesame")
    assert "serves small, not large" in missed(asking(tmp_path, server, "large"))["policy: p"]
    assert lines(asking(tmp_path, server))["policy: p"].detail == f"small at {server}"
    silent = "http://127.0.0.1:9/v1"
    assert f"{silent} does not answer" in missed(asking(tmp_path, silent))["policy: p"]


def test_a_model_that_the_build_runs_itself(tmp_path: Path) -> None:
    python, file = tmp_path / "python", tmp_path / "models.toml"
    python.write_text(
        '#!/bin/sh\ncase "$2" in *vllm*) exit 0;; *) exit 1;; esac\n'
    )  # has vLLM alone
    python.chmod(0o755)
    asked = {"names": ["p"], "files": [str(file)]}
    settings = config(policies=asked, root=str(tmp_path))
    text = (
        '[endpoints.e]\nengine = "{}"\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "small"\n'
        f'[endpoints.e.server]\nmodel = "m"\npython = "{python}"\n'
        '[[policies]]\nname = "p"\nmodality = "svg"\nkind = "endpoint"\nendpoint = "e"\n'
    )
    file.write_text(text.format("offline"))
    assert f"will be loaded by {python}" in lines(settings)["policy: p"].detail
    file.write_text(text.format("ray"))
    assert "has no package ray; install it there" in missed(settings)["policy: p"]


def test_no_room_no_fonts_no_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(needs, "LEAST_FREE_MB", 10**12)
    monkeypatch.setattr(needs, "font_hashes", lambda: {"DejaVuSans.ttf": "missing"})
    monkeypatch.setattr(needs, "find_spec", lambda name: None)
    wrong = config(root=str(tmp_path / "file" / "x"), render={"cross_check": True})
    found = missed(wrong)
    assert "is a file; choose another folder" in found["root"]
    assert "free at least 1 GB" in found["disk"] and "TMPDIR" in found["temporary folder"]
    assert "make setup" in found["fonts"]
    assert "[cross-check]" in found["package: resvg_py"]


def test_an_object_store_is_written_to(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(config(root=bucket))["root"].detail == f"{bucket} can be written"
    monkeypatch.setattr(needs, "write_text", lambda *_: 1 / 0)
    assert "a file cannot be written" in missed(config(root=bucket))["root"]

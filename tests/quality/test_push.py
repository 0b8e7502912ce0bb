"""A dataset goes to a hub on this machine: once, data first, and only if its licenses allow it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_here import Hub, served_hub

from quality.dataset.push import push_dataset
from records.errors import ConfigError, EndpointUnavailable, SchemaMismatch


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Hub], str]]:
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_of_a_test")
    # The real hub takes large files in Xet's chunks, which know each other by digests too.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with served_hub() as held:
        yield held


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "pairs" / "1"
    (folder / "train").mkdir(parents=True)
    (folder / "train" / "part-00000.parquet").write_bytes(b"PAR1" * 1000)
    (folder / "README.md").write_text("---\nlicense: other\n---\n# pairs\n")
    sources = [{"source": "bundled", "revision": "1", "licence": "Apache-2.0", "rows": 3}]
    files = [{"path": "train/part-00000.parquet", "bytes": 4000}]
    manifest = {"format": 1, "name": "pairs", "version": "1", "inputs": "x", "files": files}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "counts": {"sources": sources}}))
    return folder


def test_data_go_first_and_the_manifest_last_and_once(dataset: Path, hub: Any) -> None:
    kind, address = hub
    assert push_dataset(str(dataset), "lab/pairs", endpoint=address)
    first, last = kind.commits
    assert sorted(first) == ["README.md", "train/part-00000.parquet"]
    assert first["train/part-00000.parquet"] == b"PAR1" * 1000
    assert list(last) == ["manifest.json"]
    assert not push_dataset(str(dataset), "lab/pairs", endpoint=address)
    assert len(kind.commits) == 2


def test_the_next_version_takes_the_place_of_the_last_one(dataset: Path, hub: Any) -> None:
    """`load_dataset` reads every part file of the repository."""
    kind, address = hub
    path = dataset / "manifest.json"
    manifest = json.loads(path.read_text())
    (dataset / "train" / "part-00001.parquet").write_bytes(b"PAR1" * 10)
    second = [*manifest["files"], {"path": "train/part-00001.parquet", "bytes": 40}]
    path.write_text(json.dumps({**manifest, "files": second}))
    assert push_dataset(str(dataset), "lab/pairs", endpoint=address)
    kind.commits.append({"NOTES.md": b"the user's own"})
    (dataset / "train" / "part-00001.parquet").unlink()
    with pytest.raises(SchemaMismatch, match=r"part-00001\.parquet is named by manifest"):
        push_dataset(str(dataset), "lab/pairs", endpoint=address)
    path.write_text(json.dumps({**manifest, "version": "2"}))
    assert push_dataset(str(dataset), "lab/pairs", endpoint=address)
    ours = ["README.md", "manifest.json", "train/part-00000.parquet"]
    assert sorted(kind.held()) == ["NOTES.md", *ours]
    # Until the last commit nothing there counts as complete.
    assert kind.commits[-2]["manifest.json"] is None


def test_a_push_that_was_cut_off_sends_nothing_twice(dataset: Path, hub: Any) -> None:
    kind, address = hub
    kind.broken = True
    with pytest.raises(EndpointUnavailable, match="answers 503; push again"):
        push_dataset(str(dataset), "lab/pairs", endpoint=address)
    assert kind.commits == [] and len(kind.sent) == 1
    kind.broken = False
    assert push_dataset(str(dataset), "lab/pairs", endpoint=address)
    assert len(kind.sent) == 1 and len(kind.commits) == 2


def test_a_licence_that_is_not_known_to_allow_it_stops_the_push(dataset: Path, hub: Any) -> None:
    kind, address = hub
    path = dataset / "manifest.json"
    path.write_text(path.read_text().replace("Apache-2.0", "research only"))
    with pytest.raises(ConfigError, match=r"3 rows of bundled .*--allow-licence 'research only'"):
        push_dataset(str(dataset), "lab/pairs", endpoint=address)
    assert kind.commits == [] and kind.sent == []
    assert push_dataset(str(dataset), "lab/pairs", allowed=["research only"], endpoint=address)


def test_mistakes_are_named(dataset: Path, hub: Any, tmp_path: Path) -> None:
    kind, address = hub
    with pytest.raises(ConfigError, match="no published dataset"):
        push_dataset(str(tmp_path), "lab/pairs", endpoint=address)
    kind.token_needed = True
    with pytest.raises(ConfigError, match="HF_TOKEN"):
        push_dataset(str(dataset), "lab/pairs", endpoint=address)

"""Several processes at one dataset in an object store, where an unfinished version is visible."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from quality.dataset import publish as module
from quality.dataset.publish import Meta, publish_dataset
from quality.format import drafts
from quality.format.drafts import MARK
from quality.format.manifest import read_manifest
from quality.format.versions import home_of, latest, prune_versions, versions
from records.errors import ConfigError, EndpointUnavailable
from records.sections import PublishConfig
from vermillion.cli.prune import prune_dataset

PLAIN = Meta(settings=PublishConfig(gallery=False), data_docs=False)


pytestmark = pytest.mark.usefixtures("light")


@pytest.fixture
def shards(make_row: Any, write_shard: Any) -> list[str]:
    """Shard ``n`` holds 2 + n samples of one row."""
    return [write_shard(str(n), [make_row(10 * n + at) for at in range(2 + n)]) for n in range(2)]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let something happen once, before the draft gets its card, or another step begins."""

    def set_up(happens: Callable[[], object], before: str = "write_card") -> None:
        step, waiting = getattr(module, before), [happens]

        def later(*given: Any) -> Any:
            if waiting:
                waiting.pop()()
            return step(*given)

        monkeypatch.setattr(module, before, later)

    return set_up


def _stored(url: str) -> list[str]:
    filesystem, path = fsspec.core.url_to_fs(url)
    filesystem.invalidate_cache()
    return [name.removeprefix(f"{path}/") for name in filesystem.find(path)]


def _whole(url: str) -> bool:
    """True if a reader finds every file that the manifest names, with its rows."""
    manifest = read_manifest(url)
    assert manifest
    filesystem = fsspec.filesystem("s3", skip_instance_cache=True)
    for file in manifest["files"]:
        with filesystem.open(f"{url}/{file['path']}", "rb") as opened:
            data = opened.read()
        assert len(data) == file["bytes"]
        if "rows" in file:
            assert pq.ParquetFile(io.BytesIO(data)).metadata.num_rows == file["rows"]
    return True


def _killed(monkeypatch: pytest.MonkeyPatch, shards: list[str], bucket: str, version: str) -> str:
    """A publication that a signal ended, which nothing could clean up after."""
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_card", lambda *_: 1 / 0)
        patch.setattr("quality.dataset.draft.remove_mark", lambda *_: None)
        with pytest.raises(ZeroDivisionError):
            publish_dataset(shards, bucket, "demo", version, PLAIN)
    url = f"{home_of(bucket, 'demo')}/{version}"
    assert MARK in _stored(url)
    return url


def _set_mark(url: str, **other: Any) -> None:
    filesystem, path = fsspec.core.url_to_fs(f"{url}/{MARK}")
    filesystem.pipe_file(path, json.dumps(json.loads(filesystem.cat_file(path)) | other).encode())


def test_a_dataset_is_pruned_while_a_version_is_published(
    shards: list[str], bucket: str, meanwhile: Any
) -> None:
    publish_dataset(shards[:1], bucket, "demo", "1", PLAIN)
    home, said = home_of(bucket, "demo"), io.StringIO()
    out = Console(file=said)
    meanwhile(lambda: prune_dataset(home, 1, (), True, False, out))
    second = publish_dataset(shards, bucket, "demo", "2", PLAIN)
    assert _whole(second.path) and second.rows == 5
    assert MARK not in _stored(second.path)
    assert f"kept {home}/2: process " in said.getvalue()
    assert "no version to remove" in said.getvalue()
    assert [one.name for one in prune_versions(home, 1)] == ["1"]


def test_a_draft_whose_process_ended_goes(
    shards: list[str], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_dataset(shards[:1], bucket, "demo", "1", PLAIN)
    home = home_of(bucket, "demo")
    url = _killed(monkeypatch, shards, bucket, "2")
    _set_mark(url, host="elsewhere")
    assert prune_versions(home, 1) == []
    _set_mark(url, begun=(datetime.now(UTC) - timedelta(hours=25)).isoformat())
    assert [one.name for one in prune_versions(home, 1, dry_run=True)] == ["2"]
    monkeypatch.setattr(drafts.psutil, "pid_exists", lambda _: False)
    _set_mark(url, host=drafts.socket.gethostname(), begun=datetime.now(UTC).isoformat())
    assert [one.name for one in prune_versions(home, 1)] == ["2"]
    assert _stored(url) == []


def test_the_only_draft_of_a_dataset_can_be_removed(
    shards: list[str], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _killed(monkeypatch, shards, bucket, "1")
    _set_mark(url, host="elsewhere")
    home = home_of(bucket, "demo")
    with pytest.raises(ConfigError, match=rf"is being written.*of elsewhere.*prune {home} --rem"):
        publish_dataset(shards[:1], bucket, "demo", "1", PLAIN)
    assert [one.name for one in prune_versions(home, 1, remove=["1"])] == ["1"]
    assert publish_dataset(shards[:1], bucket, "demo", "1", PLAIN).rows == 2


def test_a_killed_publication_is_continued_by_any_process(
    shards: list[str], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _killed(monkeypatch, shards, bucket, "1")
    _set_mark(url, host="elsewhere")
    assert publish_dataset(shards, bucket, "demo", "1", PLAIN).rows == 5
    assert _whole(url) and MARK not in _stored(url)


def test_files_that_go_while_a_version_is_published_are_noticed(
    shards: list[str], bucket: str, meanwhile: Any
) -> None:
    publish_dataset(shards[:1], bucket, "demo", "1", PLAIN)
    home = home_of(bucket, "demo")
    meanwhile(lambda: prune_versions(home, 1, remove=["2"]))
    with pytest.raises(EndpointUnavailable, match=r"2/rejects\S+ was uploaded, and is gone"):
        publish_dataset(shards, bucket, "demo", "2", PLAIN)
    assert read_manifest(f"{home}/2") is None and latest(home) == "1"
    assert _whole(publish_dataset(shards, bucket, "demo", "2", PLAIN).path)


def test_two_processes_publish_one_version_of_other_inputs(
    shards: list[str], bucket: str, meanwhile: Any
) -> None:
    refused: list[str] = []

    def other() -> None:
        with pytest.raises(ConfigError) as caught:
            publish_dataset(shards[:1], bucket, "demo", "1", PLAIN)
        refused.append(str(caught.value))

    meanwhile(other)
    assert publish_dataset(shards, bucket, "demo", "1", PLAIN).rows == 5
    assert len(refused) == 1 and "is being written from other inputs by process" in refused[0]
    assert _whole(f"{home_of(bucket, 'demo')}/1")


@pytest.mark.parametrize("place", ["bucket", "disk"])
def test_a_version_that_came_after_the_plan_is_not_overwritten(
    shards: list[str], bucket: str, tmp_path: Path, place: str
) -> None:
    root = bucket if place == "bucket" else str(tmp_path)
    staged = module.stage_dataset(shards, root, "demo", "1", PLAIN)
    assert isinstance(staged, module.Staged)
    module.write_staged_parts(staged.url, range(staged.files))
    first = publish_dataset(shards[:1], root, "demo", "1", PLAIN)
    with pytest.raises(ConfigError, match="stands already and was made of other inputs"):
        module.finish_dataset(staged)
    assert read_manifest(first.path) == first.manifest


def test_two_processes_publish_the_same(shards: list[str], bucket: str, meanwhile: Any) -> None:
    made: list[Any] = []
    meanwhile(
        lambda: made.append(publish_dataset(shards, bucket, "demo", "", PLAIN)),
        before="written_part",
    )
    last = publish_dataset(shards, bucket, "demo", "", PLAIN)
    assert last.manifest == made[0].manifest and _whole(last.path)
    assert [one.name for one in versions(home_of(bucket, "demo"))] == [Path(last.path).name]


def test_another_build_of_the_dataset_keeps_its_plan(
    shards: list[str], bucket: str, meanwhile: Any
) -> None:
    """Versions without a name share a folder of work."""
    meanwhile(lambda: publish_dataset(shards[:1], bucket, "demo", "", PLAIN), before="written_part")
    assert _whole(publish_dataset(shards, bucket, "demo", "", PLAIN).path)
    assert len(versions(home_of(bucket, "demo"))) == 2

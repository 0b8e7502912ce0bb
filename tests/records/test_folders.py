"""A draft becomes its target whole, or the reason why not is that of the draft."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from threading import Event, Thread

import fsspec
import pytest

from records import folders
from records.errors import ConfigError
from records.folders import LOCK, alone_in, draft_folder, put_in_place, together_in


def test_a_draft_takes_the_place_of_a_folder_that_stands_there(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for text in ("old", "new"):
        with draft_folder(target) as draft:
            (draft / f"{text}.txt").write_text(text)
            put_in_place(draft, target)
    assert [file.name for file in target.iterdir()] == ["new.txt"]
    assert [folder.name for folder in tmp_path.iterdir()] == ["out"]


def test_a_draft_that_cannot_be_moved_is_the_one_that_is_reported(tmp_path: Path) -> None:
    with draft_folder(tmp_path / "out") as draft, pytest.raises(FileNotFoundError) as raised:
        put_in_place(draft, tmp_path / "gone" / "out")
    assert raised.value.filename == str(draft)


def test_in_a_bucket_one_waits_for_the_other(
    bucket: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The first works longer than a process may be silent: its beats keep the second out."""
    monkeypatch.setattr(folders, "BEAT_S", 0.05)
    monkeypatch.setattr(folders, "SILENT_S", 2.0)
    inside, order = Event(), []

    def first() -> None:
        with alone_in(bucket, marked=True):
            inside.set()
            time.sleep(3)
            order.append("first")

    other = Thread(target=first)
    other.start()
    assert inside.wait(60)
    with alone_in(bucket, marked=True):
        order.append("second")
    other.join()
    assert order == ["first", "second"]
    assert "waiting for process" in caplog.text
    assert not fsspec.filesystem("s3", skip_instance_cache=True).exists(f"{bucket}/{LOCK}")


@pytest.mark.parametrize("where", ["disk", "bucket"])
def test_several_work_together_and_nobody_while_one_is_alone(
    where: str, tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "BEAT_S", 0.05)
    folder = str(tmp_path) if where == "disk" else bucket
    order = []

    def alone() -> None:
        with alone_in(folder, marked=True):
            order.append("alone")
            time.sleep(0.5)
            order.append("done")

    other = Thread(target=alone)
    with together_in(folder), together_in(folder):
        other.start()
        other.join(0.5)
        order.append("together")
    while "alone" not in order:
        time.sleep(0.01)
    with together_in(folder):
        order.append("together")
    other.join()
    assert order == ["together", "alone", "done", "together"]


@pytest.mark.parametrize(
    "owner", [f"process {2**22 + 1} of {socket.gethostname()}", "process 1 of another-host\n7"]
)
def test_in_a_bucket_a_killed_process_holds_nothing(
    bucket: str, monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    monkeypatch.setattr(folders, "BEAT_S", 0.05)
    monkeypatch.setattr(folders, "SILENT_S", 0.2)
    for mark in (LOCK, f"{LOCK}-0a"):  # The second is of one that worked together with others.
        fsspec.filesystem("s3").pipe_file(f"{bucket}/{mark}", owner.encode())
    with alone_in(bucket, marked=True):
        pass
    fsspec.filesystem("s3").pipe_file(f"{bucket}/{LOCK}", owner.encode())
    with together_in(bucket):
        pass
    assert not fsspec.filesystem("s3", skip_instance_cache=True).glob(f"{bucket}/{LOCK}*")


def test_alone_in_a_bucket_that_is_not_there(bucket: str) -> None:
    with (
        pytest.raises(ConfigError, match="create the bucket"),
        alone_in("s3://gone/a", marked=True),
    ):
        pass

"""Temporary folders of processes that may be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sandbox.root_folder import scratch_folder

PREFIX = "vermillion-scratch-test-"
KILLED = f"""
import os, signal
from sandbox.root_folder import scratch_folder
with scratch_folder({PREFIX!r}) as folder:
    (folder / "rows").write_text("rows")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def age(folder: Path) -> None:
    """Make a folder older than one whose owner may be about to lock it."""
    os.utime(folder, (0, 0))


def test_what_a_killed_process_left_goes_with_the_next_and_what_is_held_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    [left] = tmp_path.glob(f"{PREFIX}*")
    assert killed.returncode < 0 and (left / "rows").exists()
    age(left)
    with scratch_folder(PREFIX) as held:
        age(held)
        with scratch_folder(PREFIX) as other:
            assert sorted(tmp_path.iterdir()) == sorted([held, other])
    assert not list(tmp_path.iterdir())

"""The whole data path: what comes out, what is lost, and what a kill changes (nothing)."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from datasets import load_dataset
from PIL import Image

from quality.read.inspect import read_dataset, read_rejects
from records.taxonomy import Modality, category_names

pytestmark = [pytest.mark.slow, pytest.mark.chromium]

CONFIG = """
name = "small"
version = "1"
root = "{root}"
seed = 7
shard_size = 4
workers = 2
[sources.bundled]
limit = 12
[corruption]
attempts_per_sample = 2
identical_share = 0.5
equivalent_share = 0.5
[policies]
names = ["vtracer-weak"]
[render]
timeout_s = 300  # a busy machine must not lose a row in one of two builds
[publish]
validation_share = 0.1
test_share = 0.1
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="9" height="9"/></svg>'
)


def start(config: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "vermillion", "build", str(config)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "COLUMNS": "120"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(config: Path) -> None:
    process = start(config)
    _, said = process.communicate(timeout=500)
    assert process.returncode == 0, said.decode()[-3000:]


def config_in(folder: Path) -> Path:
    folder.mkdir()
    (folder / "small.toml").write_text(CONFIG.format(root=folder / "data"))
    return folder / "small.toml"


def digests(root: Path) -> dict[str, str]:
    dataset = root / "data" / "datasets" / "small" / "1"
    return {
        str(file.relative_to(dataset)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(dataset.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("built") / "whole"
    finish(config_in(root))
    return root


def test_a_dataset_comes_out(built: Path) -> None:
    dataset = str(built / "data" / "datasets" / "small" / "1")
    rows = list(read_dataset(dataset))
    assert {row["task"] for row in rows} == set(Modality)
    assert {row["origin"] for row in rows} == {"corrupted", "sampled", "identical", "equivalent"}
    assert {row["split"] for row in rows} == {"train", "validation", "test"}
    for row in rows:
        assert {found["category"] for found in row["discrepancies"]} <= set(
            category_names(Modality(row["task"]))
        )
        if row["origin"] in ("identical", "equivalent"):
            assert row["discrepancies"] == []
        if row["origin"] == "corrupted":
            assert row["discrepancies"]
            assert row["changed_fraction"] > 0
    splits: dict[str, set[str]] = {}
    for row in rows:
        splits.setdefault(row["sample_id"], set()).add(row["split"])
    assert all(len(found) == 1 for found in splits.values())


def test_the_table_counts_what_was_lost_while_pulling(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    for name, text in {"a.svg": ICON, "b.svg": ICON, "none.svg": ""}.items():
        (tmp_path / "own" / name).write_text(text, encoding="utf-8")
    (tmp_path / "own.toml").write_text(
        f'name = "own"\nroot = "{tmp_path}/data"\n[sources.folder]\nsnapshot = "{tmp_path}/own"\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "vermillion", "build", str(tmp_path / "own.toml")],
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    [pulled] = [line.split() for line in done.stdout.splitlines() if line.startswith(" pull")]
    assert pulled == ["pull", "1", "2", "duplicate", "1,", "empty", "1"]


def test_no_comparison_failed_on_honest_programs(built: Path) -> None:
    rejects = list(read_rejects(str(built / "data" / "datasets" / "small" / "1")))
    assert [r for r in rejects if r.reason in ("comparison_bug", "unreadable_scene")] == []
    assert all(reject.detail for reject in rejects)


def test_a_trainer_reads_two_pictures_a_row(built: Path, tmp_path: Path) -> None:
    files = str(built / "data" / "datasets" / "small" / "1" / "train" / "*.parquet")
    pairs = load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path))
    assert len(pairs) > 0
    for row in pairs:
        assert len(row["images"]) == 2
        assert all(isinstance(image, Image.Image) and image.size[0] > 8 for image in row["images"])


def test_a_killed_build_resumes_to_the_same_bytes(built: Path, tmp_path: Path) -> None:
    config = config_in(tmp_path / "killed")
    chance = random.Random(20260313)
    deaths = 0
    for _ in range(4):
        process = start(config)
        time.sleep(chance.uniform(4, 16))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            deaths += 1
        process.communicate()
    assert deaths > 0
    finish(config)
    assert digests(tmp_path / "killed") == digests(built)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _mine(str(tmp_path)):
        time.sleep(1)
    assert _mine(str(tmp_path)) == []


def test_a_second_run_does_nothing(built: Path) -> None:
    before = digests(built)
    work = {f: f.stat().st_mtime_ns for f in (built / "data" / "work").rglob("*.parquet")}
    finish(built / "small.toml")
    assert digests(built) == before
    assert {f: f.stat().st_mtime_ns for f in (built / "data" / "work").rglob("*.parquet")} == {
        **work,
        **{f: f.stat().st_mtime_ns for f in work if f.parent.name == "pull"},
    }


def _mine(marker: str) -> list[list[str]]:
    """Command lines of processes that a killed build left behind."""
    left = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if any(marker in word for word in line):
            left.append(line)
    return left

"""An annotating process is killed at any moment; its successor asks for nothing that was answered."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from endpoints.replay import ReplayAnswer, ReplayServer
from quality.format.messages import completion
from records.config import BuildConfig, parse
from records.layout import Layout
from records.shards import read_rows
from records.taxonomy import Modality
from vermillion.pipeline.stages import pull, run_stage, write_settings

IN_FLIGHT = 4
WORK = "import sys; from vermillion.pipeline.stages import run_stage, read_settings; run_stage('annotate', sys.argv[1], read_settings(sys.argv[2]))"


@pytest.fixture
def config(tmp_path: Path) -> BuildConfig:
    return parse(
        {
            "name": "killed",
            "root": str(tmp_path / "data"),
            "modalities": ["svg"],
            "sources": {"bundled": {"limit": 20}},
            "corruption": {"attempts_per_sample": 3},
            "annotate": {
                "annotators": ["structural", "eye"],
                "files": [str(tmp_path / "eye.toml")],
                "relabel": {"rounds": 0},
            },
            "shard_size": 512,
        },
        "test",
    )


def replies(config: BuildConfig) -> int:
    """Replies that are safe by now."""
    file = Path(config.work_url) / "replies.sqlite"
    if not file.exists():
        return 0
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30) as database:
        try:
            return int(database.execute("SELECT count(*) FROM replies").fetchone()[0])
        except sqlite3.OperationalError:  # its tables are not there yet
            return 0


def test_no_request_that_was_answered_is_asked_twice(config: BuildConfig, tmp_path: Path) -> None:
    settings = write_settings(config)
    [shard] = pull("bundled", config)
    for stage in ("reference", "corrupt", "attempt", "render"):
        run_stage(stage, shard, config)
    nothing = ReplayAnswer(completion(Modality.SVG, []), delay_s=0.1)
    chance = random.Random(7)
    kept: list[int] = []
    with ReplayServer(lambda asked: nothing) as server:
        (tmp_path / "eye.toml").write_text(
            f'[[annotators]]\nname = "eye"\n[annotators.endpoint]\nbase_url = "{server.url}"\n'
            f'model = "m"\nin_flight = {IN_FLIGHT}\n'
        )

        def work() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [sys.executable, "-c", WORK, shard, settings],
                cwd=Path(__file__).parents[2],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
                stderr=subprocess.PIPE,
            )

        for _ in range(2):
            process = work()
            wanted = replies(config) + chance.randint(5, 15)
            while process.poll() is None and replies(config) < wanted:
                time.sleep(0.02)
            assert process.poll() is None, process.stderr and process.stderr.read()
            process.kill()
            process.communicate()
            kept.append(replies(config))
        process = work()
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
        times = Counter(server.digests.values())
        answered = len(server.digests)
    rows = list(read_rows(Layout.of(config).shard("annotate", shard)))
    assert rows and all(len(row["annotations"]) == 2 for row in rows)
    # Only what was under way when a process was killed is asked again.
    twice = sum(count for often, count in times.items() if often > 1)
    assert twice <= 2 * IN_FLIGHT
    assert 0 < kept[0] < kept[1] < answered == replies(config)
    url = Layout.of(config).shard("annotate", shard).replace(".parquet", ".annotators.json")
    [told] = json.loads(Path(url).read_text())["annotators"]
    # Equal pairs share a request, so what the last process found is at least what was kept.
    assert told["asked"] == answered - kept[1]
    assert told["cached"] >= kept[1]

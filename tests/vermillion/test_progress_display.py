"""What a build says while it runs where there is no terminal."""

from __future__ import annotations

import io
import re
import time
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from records.config import BuildConfig
from records.sections import SourceConfig
from vermillion.pipeline import local
from vermillion.pipeline.progress_display import ProgressDisplay

STAGES = ("draw", "check")


def watch(console: Console, every_s: float = 60.0) -> ProgressDisplay:
    return ProgressDisplay(console, lambda: ["m: 3 replies"], line_every_s=every_s)


def test_a_line_says_phase_rows_rate_and_remaining_time() -> None:
    told = watch(Console(file=io.StringIO()))
    assert told.line() == "0 s: preparing"
    told.stages(STAGES, shards=4, done=1, rows=100)
    for stage in STAGES:
        told.began(stage)
        told.ended(stage, finished=True, rows=50 if stage == "check" else 0)
    told._work_began_s = time.monotonic() - 100
    told.began("draw")
    assert told.line() == "0 s: draw 2 of 4, 150 rows, 0.5 rows/s, about 3 min left"


def test_lines_come_while_something_else_works() -> None:
    said = io.StringIO()
    told = watch(Console(file=said, width=20), every_s=0.05)
    with told.displayed(), told.phase("pull", 2) as one_more:
        one_more()
        until_s = time.monotonic() + 60
        while said.getvalue().count("pull 1 of 2") < 2 and time.monotonic() < until_s:
            time.sleep(0.01)
    # On a busy machine lines came before the first of the two was pulled.
    told_from_there = re.sub(r"^.*?(?=\d+ s: pull 1)", "", said.getvalue(), count=1, flags=re.S)
    first, second, *more = told_from_there.splitlines()
    assert re.fullmatch(r"\d+ s: pull 1 of 2", first)
    assert second == "  m: 3 replies" and more


def test_a_build_without_a_terminal_is_not_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "ProgressDisplay", partial(ProgressDisplay, line_every_s=0.1))
    said = io.StringIO()
    config = BuildConfig(
        name="lines",
        root=str(tmp_path),
        modalities=("svg",),
        shard_size=2,
        workers=1,
        sources={"bundled": SourceConfig(limit=4)},
    )
    local.build(config, Console(file=said))
    assert re.search(
        r"(?m)^\d+ s: \w+ \d+ of \d+, .* rows/s, about \d+ (s|min) left$", said.getvalue()
    )
    assert "publish" in said.getvalue()

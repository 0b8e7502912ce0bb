"""Which checkpoint a run goes on from, and what may be in its folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from records.errors import ConfigError
from records.files import write_json
from train.sft.checkpoints import METRICS, claim, hold, last_whole_checkpoint, random_states


def checkpoint(out: Path, step: int, processes: int = 1, said: object = None) -> Path:
    folder = out / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    for name in random_states(processes):
        (folder / name).touch()
    state = {"global_step": step} if said is None else said
    (folder / "trainer_state.json").write_text(json.dumps(state))
    return folder


def test_the_newest_whole_checkpoint_is_taken(tmp_path: Path) -> None:
    assert last_whole_checkpoint(tmp_path) is None
    checkpoint(tmp_path, 90)
    newest = checkpoint(tmp_path, 100)
    assert last_whole_checkpoint(tmp_path) == newest


def test_what_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    whole = checkpoint(tmp_path, 10)
    (tmp_path / "checkpoint-20").mkdir()
    torn = checkpoint(tmp_path, 30)
    (torn / "trainer_state.json").write_text('{"global_step": 3')
    checkpoint(tmp_path, 40, said={"global_step": 30})
    (checkpoint(tmp_path, 50) / "rng_state.pth").unlink()
    (tmp_path / "checkpoint-old").mkdir()
    assert last_whole_checkpoint(tmp_path) == whole


def test_every_process_must_have_left_its_random_state(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 10, processes=2)
    assert last_whole_checkpoint(tmp_path, 2) == folder
    assert last_whole_checkpoint(tmp_path, 4) is None


def test_a_folder_belongs_to_one_run(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run = {"dataset": "a", "sft": {"seed": 0}}
    assert claim(out, run, resume=False)
    with pytest.raises(ConfigError, match="give --resume"):
        claim(out, run, resume=False)
    assert claim(out, run, resume=True)
    with pytest.raises(ConfigError, match=r"another run \(sft differ\)"):
        claim(out, {**run, "sft": {"seed": 1}}, resume=True)
    write_json(out / METRICS, {"finished": False})
    assert claim(out, run, resume=True)
    write_json(out / METRICS, {"finished": True})
    assert not claim(out, run, resume=True)


def test_two_trainers_do_not_share_a_folder(tmp_path: Path) -> None:
    code = "import sys, pathlib; from train.sft.checkpoints import hold; hold(pathlib.Path(sys.argv[1]))"
    other = [sys.executable, "-c", f"{code}; print(flush=True); input()", str(tmp_path)]
    house = str(Path(__file__).parents[2])
    with subprocess.Popen(
        other,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": house},
    ) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with pytest.raises(ConfigError, match=f"process {first.pid} of .* trains there; wait"):
            hold(tmp_path)
        first.kill()
    hold(tmp_path)

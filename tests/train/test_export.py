"""A checkpoint is merged, served, let draw and scored by one command."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from records.settings import read_toml
from train.export.checkpoint import version_of
from train.export.run import main
from train.export.settings import write_toml

MERGER = f"""#!{sys.executable}
import pathlib, sys
values = dict(zip(sys.argv[4::2], sys.argv[5::2]))
assert sys.argv[1:4] == ["-m", "verl.model_merger", "merge"], sys.argv
assert values["--backend"] == "fsdp" and pathlib.Path(values["--local_dir"]).is_dir()
pathlib.Path(values["--target_dir"]).mkdir(exist_ok=True)
with open("merged.txt", "a") as told:
    told.write(values["--local_dir"] + chr(10))
"""
POLICY = """
import sys
from endpoints.replay import ReplayAnswer, ReplayServer
icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>'
with ReplayServer(lambda asked: ReplayAnswer(f"```svg\\n{icon}\\n```"), int(sys.argv[1])) as server:
    server.wait()
"""


def test_from_a_checkpoint_to_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.train.test_grpo import free_ports

    merger, policy = tmp_path / "python", tmp_path / "policy.py"
    merger.write_text(MERGER)
    merger.chmod(merger.stat().st_mode | stat.S_IXUSR)
    policy.write_text(POLICY)
    house = Path(__file__).parents[2]
    monkeypatch.setenv("VERMILLION_VERL_PYTHON", str(merger))
    monkeypatch.setenv("PYTHONPATH", str(house))
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, str(policy), "{port}"]
    write_toml(
        tmp_path / "run.toml",
        {"judges": {"gpus_each": 0, "first_port": free_ports(1), "command": command}},
    )
    build = {"name": "mine", "workers": 1, "sources": {"bundled": {"limit": 1}}}
    write_toml(tmp_path / "build.toml", build)
    given = ["--config", "run.toml", "--task", "svg", "--out", "run", "--build", "build.toml"]
    assert main(given) == 2
    assert "no checkpoint there yet" in capsys.readouterr().err
    run = tmp_path / "run" / "grpo-svg"
    (run / "global_step_20" / "actor").mkdir(parents=True)
    (run / "latest_checkpointed_iteration.txt").write_text("20")
    assert main(given) == 0
    found = json.loads((tmp_path / "run" / "scores-svg" / "scores.json").read_text())
    assert found["step"] == 20
    ssim = found["scores"]["grpo-svg"]["svg"]["ssim"]
    assert ssim["count"] == 1 and 0 < ssim["value"] < 100
    assert (tmp_path / "merged.txt").read_text().count("\n") == 1


def test_another_model_is_scored_by_what_it_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are served under one name: the second was given the scores of the first."""
    from tests.train.test_grpo import free_ports

    policy = tmp_path / "policy.py"
    policy.write_text(POLICY.replace('r="3"', "r=\"' + sys.argv[2] + '\""))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, str(policy), "{port}", "{model}"]
    judges = {"gpus_each": 0, "first_port": free_ports(1), "command": command}
    write_toml(tmp_path / "run.toml", {"judges": judges})
    build = {"name": "mine", "workers": 1, "sources": {"bundled": {"limit": 1}}}
    write_toml(tmp_path / "build.toml", build)
    given = ["--config", "run.toml", "--task", "svg", "--out", "run", "--build", "build.toml"]
    found = []
    for model in ("4", "1"):
        assert main([*given, "--model", model]) == 0
        scores = json.loads((tmp_path / "run" / "scores-svg" / "scores.json").read_text())
        found.append(scores["scores"]["grpo-svg"]["svg"]["ssim"]["value"])
    assert found[0] != found[1]


def test_weights_that_were_written_anew_are_another_version(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"1")
    first = version_of(str(tmp_path), 20)
    assert version_of(str(tmp_path), 20) == first and first.startswith("step-20-")
    weights.write_bytes(b"22")
    assert version_of(str(tmp_path), 20) != first
    assert version_of("Qwen/Qwen3-VL-8B-Instruct", 0) != version_of("Qwen/Qwen3-VL-4B-Instruct", 0)


def test_settings_are_written_as_they_are_read(tmp_path: Path) -> None:
    values = {
        "name": 'a "b" \\ ü',
        "none": None,
        "many": [1, 2.5, True],
        "table": {"x": {"y": {}}, "z": 1},
        "blocks": [{"a": 1, "inside": {"b": 2}}, {"a": 2}],
    }
    write_toml(tmp_path / "x.toml", values)
    del values["none"]
    assert read_toml(tmp_path / "x.toml") == values

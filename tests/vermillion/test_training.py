"""The steps of `train_visual_erm`: what a dry run prints, and what a real one starts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from records.errors import ConfigError
from vermillion.training import HOUSE, PYTHON, launch, planned


@pytest.fixture
def form(tmp_path: Path) -> dict[str, Any]:
    counts = {"splits": {"train": {"rows": 640}}}
    (tmp_path / "manifest.json").write_text(json.dumps({"counts": counts}))
    return {
        "config": "visual_erm_8b",
        "dataset": str(tmp_path),
        "out": str(tmp_path / "out"),
        "dry_run": True,
    }


def recorder(folder: Path, status: int = 0) -> Path:
    """A Python of a training environment that writes down how it was called."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\necho "$PYTHONPATH" "$@" >>{folder}/called\nexit {status}\n')
    python.chmod(0o755)
    return python


def test_a_dry_run_prints_every_command_and_starts_nothing(
    form: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PYTHON, raising=False)
    order = json.loads(json.dumps(planned(form)))  # as XCom carries it
    assert "640 training rows" in order["summary"]
    assert list(order["commands"]) == [
        "sft",
        "serve",
        "evaluate",
        *(f"{step}-{task}" for task in order["tasks"] for step in ("policy-data", "grpo")),
    ]
    for step in order["commands"]:
        assert launch(step, order)["state"] == "printed"
    said = capsys.readouterr().out
    assert "accelerate launch" in said
    assert f"--out={form['out']}/policy --task=table" in said
    assert f"data.train_files={form['out']}/policy/table/train.parquet" in said


def test_a_real_run_uses_the_training_environment(
    form: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PYTHON, str(recorder(tmp_path)))
    monkeypatch.setattr("vermillion.training.disk_shortage", lambda *_: "")
    order = planned({**form, "dry_run": False})
    for step in ("sft", "policy-data-svg"):
        assert launch(step, order)["state"] == "done"
    sft, data = (tmp_path / "called").read_text().splitlines()
    assert sft.startswith(str(HOUSE))
    assert "-m accelerate.commands.launch" in sft
    assert sft.endswith("--resume")
    assert "-m train.policy_data" in data
    monkeypatch.setenv(PYTHON, str(recorder(tmp_path, status=3)))
    with pytest.raises(subprocess.CalledProcessError):
        launch("sft", order)


def test_a_real_run_without_an_environment_says_what_to_do(
    form: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PYTHON, raising=False)
    monkeypatch.setattr("vermillion.training.disk_shortage", lambda *_: "")
    with pytest.raises(ConfigError, match=f"{PYTHON} names no Python"):
        planned({**form, "dry_run": False})
    with pytest.raises(ConfigError, match=r"known: .*smoke"):
        planned({**form, "config": "none"})

"""The steps of `train_visual_erm`: plan, print or start."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from train.commands import (
    Command,
    evaluate_command,
    grpo_command,
    policy_data_command,
    serve_command,
    sft_command,
)
from train.config import load
from train.preflight import disk_shortage, preflight
from vermillion.orders import CONFIGS, root

HOUSE = Path(__file__).parent.parent
PYTHON = "VERMILLION_TRAIN_PYTHON"
BENCHMARK = "VERMILLION_REWARDBENCH"


def published_by(events: Any, asset: Any) -> str:
    """The dataset whose publication started this run, or nothing."""
    if not events or asset not in events:
        return ""
    return str((events[asset][-1].extra or {}).get("path", ""))


def planned(form: Mapping[str, Any], published: str = "") -> dict[str, Any]:
    """Everything the later steps need, as plain values.

    Raises:
        ConfigError: the configuration, the dataset or the machine does not allow the run.
    """
    file = _config_file(str(form["config"]))
    config = load(file)
    under = root() or "data"
    dataset = form.get("dataset") or published or f"{under}/datasets/demo/1"
    out = form.get("out") or f"{under}/training/{file.stem}"
    found = preflight(config, dataset)
    dry_run = bool(form["dry_run"])
    shortage = disk_shortage(found, out)
    if shortage and not dry_run:
        raise ConfigError(shortage)
    if not dry_run:
        _python()
    commands = [sft_command(config, str(file), dataset, out)]
    commands += [
        serve_command(config, f"{out}/visual-erm"),
        evaluate_command(config, os.environ.get(BENCHMARK, "VC-RewardBench"), out),
    ]
    for task in config.grpo.tasks:
        commands += [policy_data_command(task, dataset, out), grpo_command(config, task, out)]
    return {
        "dry_run": dry_run,
        "tasks": [str(task) for task in config.grpo.tasks],
        "commands": {command.step: _plain(command) for command in commands},
        "summary": found.summary() + (f"\nnote: {shortage}" if shortage else ""),
    }


def launch(step: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Print a step's command, and run it unless this is a dry run.

    Raises:
        ConfigError: no training environment is named.
        subprocess.CalledProcessError: the command failed.
    """
    command = order["commands"][step]
    print(f"{step}: {command['why']}\n$ {command['line']}", flush=True)
    if order["dry_run"]:
        return {"step": step, "state": "printed", "line": command["line"]}
    python = _python()
    argv = [str(python), "-m", *_module(command["argv"])]
    # The training environment may hold the trainers alone, and find this package here.
    path = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH"))))
    subprocess.run(argv, check=True, env={**os.environ, "PYTHONPATH": path})
    return {"step": step, "state": "done", "line": command["line"]}


def _module(argv: list[str]) -> list[str]:
    """The command as arguments of ``python -m``, so that it runs in the training environment."""
    if argv[0] == "accelerate":
        return ["accelerate.commands.launch", *argv[2:]]
    return argv[2:]


def _python() -> Path:
    python = Path(os.environ.get(PYTHON, ""))
    if not python.is_file():
        raise ConfigError(
            f"{PYTHON} names no Python of a training environment; make one with "
            "`pip install 'vermillion[train]'` and point it there, or tick dry_run"
        )
    return python


def _config_file(name: str) -> Path:
    for path in (CONFIGS / "train" / f"{name}.toml", Path(name)):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in (CONFIGS / "train").glob("*.toml")))
    raise ConfigError(f"no training configuration {name!r}; known: {known}")


def _plain(command: Command) -> dict[str, Any]:
    return {"argv": list(command.argv), "line": str(command), "why": command.why}

"""The command `teach`: starts `train.teach` in an environment with torch, separate from Airflow's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import typer

from records.errors import ConfigError

HOUSE = Path(__file__).parents[2]
TRAIN_PYTHON = "VERMILLION_TRAIN_PYTHON"
"""Environment variable with the Python of the training environment."""


def train_python() -> str:
    """This interpreter if it has torch, else the one in the variable, else that of `.venv-train`.

    Raises:
        ConfigError: there is none.
    """
    if find_spec("torch"):
        return sys.executable
    named = os.environ.get(TRAIN_PYTHON, "") or str(HOUSE / ".venv-train/bin/python")
    if not Path(named).is_file():
        raise ConfigError(
            f"teach needs torch, and {named} is not there: `make train-smoke` makes the training "
            f"environment, or name the Python of yours in {TRAIN_PYTHON}"
        )
    return named


def teach_nets(
    dataset: str,
    out: Path,
    values: Mapping[str, str | float],
    held: Mapping[str, Sequence[str]],
    only_bars: bool,
) -> None:
    """Run the experiment in its own environment; its exit status is this command's.

    Args:
        dataset: A published dataset.
        out: Folder of the run.
        values: Options of `train.teach` by name.
        held: Options that may be repeated.
        only_bars: Leave out what no bar is about.

    Raises:
        ConfigError: there is no environment with torch.
    """
    command = [train_python(), "-m", "train.teach", dataset, "--out", str(out)]
    command += [f"--{name}={value}" for name, value in values.items()]
    command += [f"--{name}={one}" for name, several in held.items() for one in several]
    command += ["--only-bars"] if only_bars else []
    path = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)

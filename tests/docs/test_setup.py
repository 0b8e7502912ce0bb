"""The scripts say what is wrong with a machine before they do anything."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize("python", ["python2.0-nowhere", "false"])
def test_a_wrong_python_is_named(python: str, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(HOUSE / "scripts" / "setup", tmp_path / "scripts" / "setup")
    done = subprocess.run(
        [tmp_path / "scripts" / "setup"],
        env={**os.environ, "PYTHON": python},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and not (tmp_path / ".venv").exists()
    assert f"PYTHON={python} is not there or is no Python 3.11, 3.12 or 3.13" in done.stderr


def airflow(house: Path, **more: str) -> str:
    """What `scripts/airflow standalone` says where it cannot start."""
    done = subprocess.run(
        [house / "scripts" / "airflow", "standalone"],
        env={**os.environ, "AIRFLOW_HOME": str(house / "nothing"), **more},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2 and not (house / "nothing").exists()
    return done.stderr


def test_a_port_that_is_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port} of 127.0.0.1 is in use" in airflow(HOUSE, AIRFLOW__API__PORT=port)


def test_airflow_asks_for_the_setup(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(HOUSE / "scripts" / "airflow", tmp_path / "scripts" / "airflow")
    assert "run make setup" in airflow(tmp_path)


def test_one_of_those_that_start_together_prepares_the_database(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(HOUSE / "scripts" / "airflow", tmp_path / "scripts" / "airflow")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("airflow", "python"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>called\nsleep 0.3\n')
        (programs / name).chmod(0o755)
    started = [
        subprocess.Popen(
            [tmp_path / "scripts" / "airflow", "dags", "list"],
            env={**os.environ, "AIRFLOW_HOME": str(tmp_path / "home")},
        )
        for _ in range(3)
    ]
    assert [one.wait() for one in started] == [0] * 3
    called = (tmp_path / "called").read_text().splitlines()
    assert called.count("airflow db migrate") == 1
    assert called.count("airflow dags list") == 3

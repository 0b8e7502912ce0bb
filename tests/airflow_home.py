"""A home of Airflow's own for a session of tests; those that killed sessions left are removed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import psutil

PREFIX = "vermillion-test-airflow-"


def own_home() -> Path:
    """An empty folder that goes with this process, or with the next session if this one is killed."""
    above = Path(tempfile.gettempdir())
    for left in above.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).split("-")[0]
        if not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=above))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home

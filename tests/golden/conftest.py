"""An Airflow home of its own for the task graphs, set before anything imports Airflow."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in os.environ:
    HOME = Path(tempfile.mkdtemp(prefix="airflow-golden-"))
    atexit.register(shutil.rmtree, HOME, ignore_errors=True)
    os.environ.update(
        AIRFLOW_HOME=str(HOME),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGS_FOLDER=str(Path(__file__).parents[2] / "dags"),
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME}/airflow.db",
    )

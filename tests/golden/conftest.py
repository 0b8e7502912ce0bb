"""An Airflow home of its own for the task graphs, set before anything imports Airflow."""

from __future__ import annotations

import os
from pathlib import Path

from airflow_home import own_home

if "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in os.environ:
    HOME = own_home()
    os.environ.update(
        AIRFLOW_HOME=str(HOME),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGS_FOLDER=str(Path(__file__).parents[2] / "dags"),
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME}/airflow.db",
    )

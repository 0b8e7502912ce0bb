"""A home of Airflow's own for these tests: SQLite in a temporary folder."""

from __future__ import annotations

import os
from pathlib import Path

from airflow_home import own_home

HOME = own_home()
HOUSE = Path(__file__).parents[2]

os.environ.update(
    AIRFLOW_HOME=str(HOME),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__DAGS_FOLDER=str(HOUSE / "dags"),
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME}/airflow.db",
    GX_ANALYTICS_ENABLED="false",
)

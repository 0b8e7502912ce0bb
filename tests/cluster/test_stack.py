"""The pins of the extra `cluster` work together: an executor that imports, a database that migrates."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from records.errors import ConfigError
from vermillion.airflow.pools import POOLS, slots_of

HOUSE = Path(__file__).parents[2]

SLEEPS = """
import subprocess, time
from vermillion.cluster.stack import Started

class Sleeper(Started):
    def open(self):
        self.process = subprocess.Popen(["sleep", "60"])

    def stop(self):
        self.process.kill()
        self.process.wait()

with Sleeper() as sleeper:
    print(sleeper.process.pid, flush=True)
    time.sleep(60)
"""


def python(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_celery_executor_imports_with_the_pinned_packages(tmp_path: Path) -> None:
    said = python(
        "from airflow.providers.celery.executors.celery_executor import CeleryExecutor, app\n"
        "from celery.backends.database.session import SessionManager\n"
        "address = app.conf.result_backend.removeprefix('db+')\n"
        "engine = SessionManager().get_engine(address)  # imports the driver, connects to nothing\n"
        "print(CeleryExecutor.__name__, engine.dialect.dbapi.__name__)",
        {
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CELERY__BROKER_URL": "redis://127.0.0.1:1/0",
            "AIRFLOW__CELERY__RESULT_BACKEND": "db+postgresql+psycopg2://a:b@127.0.0.1:1/c",
        },
    )
    assert said.split()[-2:] == ["CeleryExecutor", "psycopg2"]


@pytest.mark.slow
def test_a_postgres_is_migrated_and_gets_the_pools_once(postgres: str, tmp_path: Path) -> None:
    environment = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{postgres}",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "VERMILLION_RENDER_SLOTS": "12",
        "PYTHONPATH": str(HOUSE),
    }
    airflow = [str(Path(sys.executable).parent / "airflow"), "db", "migrate"]
    done = subprocess.run(
        airflow, env={**os.environ, **environment}, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stderr[-3000:]
    make = "from vermillion.airflow.pools import make_missing; print(make_missing())"
    assert "'renderers'" in python(make, environment)
    sized = (
        "from airflow.models.pool import Pool; print({p.pool: p.slots for p in Pool.get_pools()})"
    )
    assert "'renderers': 12" in python(sized, environment)
    # What an operator resized since then is left alone by the next start.
    assert python(make, {**environment, "VERMILLION_RENDER_SLOTS": "3"}).strip() == "[]"
    assert "'renderers': 12" in python(sized, environment)


def test_a_pool_has_the_slots_that_the_environment_says() -> None:
    renderers = POOLS[0]
    assert slots_of(renderers, {"VERMILLION_RENDER_SLOTS": "32"}) == 32
    assert slots_of(renderers, {}) == renderers.slots
    for wrong in ("0", "many", "-3"):
        with pytest.raises(ConfigError, match="VERMILLION_RENDER_SLOTS"):
            slots_of(renderers, {"VERMILLION_RENDER_SLOTS": wrong})


def test_what_was_started_ends_with_a_terminated_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        below = psutil.Process(int(process.stdout.readline()))
        process.terminate()
        assert "KeyboardInterrupt" in process.communicate()[1]
    assert not below.is_running()

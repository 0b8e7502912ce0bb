"""Airflow's components on loopback, each a process of its own: for benches and for the cluster's smoke test.

With SQLite and LocalExecutor it is what one machine runs; with Postgres, Redis and Celery workers it
is a cluster whose machines are one. Everything ends with the ``with`` block.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil

from records.errors import RunError

HOUSE = Path(__file__).parents[2]
READY_S = 240.0
COMPONENTS = ("api-server", "scheduler", "dag-processor")
ALONE = """
hostname=$1; hosts=$2; shift 2
echo "$hostname" > /proc/sys/kernel/hostname
echo "127.0.0.1 $hostname localhost" > "$hosts"
mount --bind "$hosts" /etc/hosts
while [ "$1" != -- ]; do mount -t tmpfs none "$1"; shift; done
shift; exec "$@"
"""
"""In namespaces of its own: a host name, and empty folders in place of the other machines'."""


class StackBroken(RunError):
    """A component ended or does not answer; the message names its log."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Started(ABC):
    """What runs in processes of its own for the length of a ``with`` block, which SIGTERM ends as Ctrl+C does."""

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.open()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @abstractmethod
    def open(self) -> None:
        """Start everything and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """End everything that was started."""


class Stack(Started):
    """Airflow in a home of its own. Use it in a ``with`` block.

    Args:
        home: Folder for database, logs and, by default, data.
        environment: Settings of Airflow and of Vermillion beside the defaults; they decide the executor.
        workers: For Celery: queues by name of the worker.
        apart: Each worker has a host name and a home folder that no other worker sees, as if it were a
            machine of its own; this needs root.
    """

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str] | None = None,
        workers: Mapping[str, str] | None = None,
        apart: bool = False,
    ) -> None:
        self.home = home
        self._apart = apart
        self._port = free_port()
        self._workers = dict(workers or {})
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._arguments: dict[str, tuple[str, ...]] = {}
        self.restarted: Counter[str] = Counter()
        """How often each component ended by itself and was started again."""
        self._client = httpx2.Client(base_url=self.address, trust_env=False, timeout=60)
        own = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        address = f"http://127.0.0.1:{self._port}/execution/"
        self.environment = {
            **own,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__API__PORT": str(self._port),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": "loopback" * 8,
            "AIRFLOW__API_AUTH__JWT_SECRET": "loopback" * 8,
            "AIRFLOW__CORE__DAGS_FOLDER": str(HOUSE / "dags"),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": address,
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__OPERATORS__DEFAULT_QUEUE": "default",
            "GX_ANALYTICS_ENABLED": "false",
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(HOUSE),
            "VERMILLION_ROOT": str(home / "data"),
            **(environment or {}),
        }

    def open(self) -> None:
        """Migrate the database, then start all components.

        Raises:
            StackBroken: one does not start; the message says what it printed, or where its log lies.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        for command in (
            ("airflow", "db", "migrate"),
            (sys.executable, "-m", "vermillion.airflow.pools"),
        ):
            done = subprocess.run(
                command,
                env=self.environment,
                cwd=HOUSE,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise StackBroken(f"{' '.join(command)}: {done.stderr[-2000:]}")
        for name in COMPONENTS:
            self.start(name)
        for name, queues in self._workers.items():
            self.start(name, self.worker_command(queues))
        self._await_ready()

    def start(self, name: str, arguments: Sequence[str] = ()) -> None:
        """Start a component, in a process group of its own; its log is ``<home>/<name>.log``."""
        self._arguments[name] = tuple(arguments)
        environment = dict(self.environment)
        command = ["airflow", *(arguments or (name,))]
        if arguments:  # workers: each has a host name, a home and a log server of its own
            home = self.worker_home(name)
            (home / "pid").unlink(missing_ok=True)
            environment |= {
                "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
                "HOME": str(home),
                "TMPDIR": str(home),
            }
            command += ["--celery-hostname", f"{name}@%h", "--pid", f"{home}/pid"]
            if self._apart:
                others = [str(self.worker_home(other)) for other in self._workers if other != name]
                entered = ["unshare", "--mount", "--uts", "sh", "-ec", ALONE, "sh"]
                command = [*entered, name, str(home / "hosts"), *others, "--", *command]
        with (self.home / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command,
                env=environment,
                cwd=HOUSE,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @staticmethod
    def worker_command(queues: str) -> tuple[str, ...]:
        """Arguments of a Celery worker that takes one task at a time."""
        return ("celery", "worker", "--queues", queues, "--concurrency", "1")

    def worker_home(self, name: str) -> Path:
        """Home and scratch folder of a worker."""
        home = self.home / name
        home.mkdir(exist_ok=True)
        return home

    def busiest(self, names: Sequence[str]) -> str:
        """The component with the most processes below it: of idle workers, the one that is at work."""
        return max(names, key=lambda name: len(_below(self._processes[name])))

    def kill(self, name: str, but: Callable[[psutil.Process], bool] = lambda one: False) -> None:
        """Kill a component and all that it started, as a machine that loses power does.

        Args:
            name: Of the component.
            but: True for a process that is left running.
        """
        process = self._processes.pop(name)
        below = [one for one in _below(process) if not but(one)]
        process.kill()
        for one in below:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()

    def stop(self) -> None:
        """End all components and everything that they started."""
        left: list[psutil.Process] = []
        for process in self._processes.values():
            left += _below(process)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
        for one in left:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._processes.clear()

    def cpu_s(self) -> float:
        """CPU seconds of all components and of what they started and reaped."""
        total = 0.0
        for process in self._processes.values():
            with suppress(psutil.NoSuchProcess):
                top = psutil.Process(process.pid)
                for one in (top, *top.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        total += sum(one.cpu_times()[:4])
        return total

    def trigger(self, dag: str, form: Mapping[str, Any]) -> str:
        """Unpause a DAG and start a run of it; its id."""
        self.call("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})
        asked = {"logical_date": None, "conf": dict(form)}
        return str(self.call("POST", f"/api/v2/dags/{dag}/dagRuns", asked)["dag_run_id"])

    def end_scheduled(self, dag: str) -> None:
        """End the run of last week's schedule, which comes first when a DAG is unpaused.

        Raises:
            StackBroken: it does not end.
        """
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            scheduled = [one for one in self.runs(dag) if one["run_type"] == "scheduled"]
            for one in scheduled:
                if one["state"] in ("queued", "running"):
                    url = f"/api/v2/dags/{dag}/dagRuns/{one['dag_run_id']}"
                    # The scheduler may hold the run's row; then it is asked again.
                    with suppress(StackBroken):
                        self.call("PATCH", url, {"state": "failed"})
            if scheduled and all(one["state"] in ("failed", "success") for one in scheduled):
                return
            time.sleep(2)
        if scheduled:
            raise StackBroken(f"the scheduled run of {dag} does not end; logs: {self.home}")

    @property
    def address(self) -> str:
        """Of Airflow's pages."""
        return f"http://127.0.0.1:{self._port}"

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """The runs of a DAG, as Airflow tells them."""
        return list(self.call("GET", f"/api/v2/dags/{dag}/dagRuns")["dag_runs"])

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        found: list[dict[str, Any]] = []
        while True:
            url = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances?limit=100&offset={len(found)}"
            page = self.call("GET", url)
            found += page["task_instances"]
            if len(found) >= page["total_entries"]:
                return found

    def wait(self, dag: str, run: str, timeout_s: float, every_s: float = 2.0) -> str:
        """The state in which a run ended.

        Raises:
            StackBroken: it does not end in time.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with suppress(httpx2.HTTPError, StackBroken):  # the API server may be down for a while
                state = str(self.call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}")["state"])
                if state in ("success", "failed"):
                    return state
            self.restart_ended()
            time.sleep(every_s)
        raise StackBroken(f"{dag} {run} did not end in {timeout_s:.0f} s; logs: {self.home}")

    def require_alive(self) -> None:
        """
        Raises:
            StackBroken: a component ended that nobody killed.
        """
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise StackBroken(
                    f"{name} ended with {process.returncode}; log: {self.home}/{name}.log"
                )

    def restart_ended(self) -> None:
        """Start each component anew that ended by itself, as a machine's keeper of services does."""
        for name, process in list(self._processes.items()):
            if process.poll() is not None:
                self.restarted[name] += 1
                self.start(name, self._arguments[name])

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            self.require_alive()
            with suppress(httpx2.HTTPError, StackBroken):
                known = self.call("GET", "/api/v2/dags")
                if known["total_entries"] >= 3:
                    return
            time.sleep(2)
        raise StackBroken(f"Airflow is not ready after {READY_S:.0f} s; logs: {self.home}")

    def call(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What Airflow's API answers.

        Raises:
            StackBroken: an error.
        """
        if "Authorization" not in self._client.headers:
            token = self._client.get("/auth/token")
            token.raise_for_status()
            self._client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        answer = self._client.request(method, path, json=json)
        if answer.is_error:
            raise StackBroken(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found


def _below(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """All that a process started and what that started; none if it is gone."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []

"""``make cluster-smoke``: a cluster on loopback builds a dataset again and again while something breaks.

Postgres, Redis, an S3 server, Airflow's components, a default worker and two render workers. Each
build is broken in one way; its Parquet files must have the bytes of the same build by
`vermillion build` on the local disk.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec
from rich.console import Console
from rich.table import Column, Table

from records.errors import ConfigError
from vermillion.cluster.services import BUCKET, ObjectStore, Postgres, Redis
from vermillion.cluster.stack import HOUSE, Stack, StackBroken

CONFIG = """
name = "{name}"
root = "{root}"
seed = 7
shard_size = 2
workers = 1
modalities = ["svg", "table"]
[sources.bundled]
limit = {limit}
[corruption]
attempts_per_sample = 2
[publish]
gallery = false
[run]
range_minutes = 0.02
"""
MANY = """
name = "many"
root = "{root}"
shard_size = 1
workers = 1
[sources.{source}]
snapshot = "{snapshot}"
[corruption]
attempts_per_sample = 1
identical_share = 0.0
equivalent_share = 0.0
unseen_share = 0.0
minimal_pair_share = 0.0
[publish]
gallery = false
[run]
range_minutes = 0.5
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    '<rect x="4" y="{y}" width="{width}" height="20" fill="#2a6f97"/>'
    '<circle cx="{x}" cy="40" r="9" fill="#c1121f"/></svg>'
)
NOTICING = {
    "task_instance_heartbeat_timeout": "45",
    "task_instance_heartbeat_timeout_detection_interval": "10",
    "task_queued_timeout": "120",
    "task_queued_timeout_check_interval": "30",
}
"""Seconds, of Airflow's [scheduler]: those of docker-compose.yml and of the chart's values."""
WORKERS = {"default": "default", "render-1": "render", "render-2": "render"}
LONGEST_S = 3600.0
"""Time of a run; 1,100 shards on two busy cores take half of it."""
TABLE_CHARACTERS = 110
"""Width of the table where the terminal's is less, as in a file."""
AT_WORK_S = 3.0
"""How long a range has been at work when something breaks."""


@dataclass(frozen=True)
class Servers:
    """What the cluster stands on, for a break to take away."""

    stack: Stack
    database: Postgres
    broker: Redis
    store: ObjectStore

    def kill_worker(self) -> None:
        """The render worker that is at work ends at once with all that it started, and is brought back."""
        name = self.stack.busiest([name for name, queue in WORKERS.items() if queue == "render"])
        self.stack.kill(name)
        self.stack.start(name, self.stack.worker_command("render"))

    def kill_scheduler(self) -> None:
        """The scheduler ends at once and is brought back."""
        self.stack.kill("scheduler")
        self.stack.start("scheduler")


BREAKS: dict[str, tuple[str, Callable[[Servers], None]]] = {
    "none": ("nothing", lambda servers: None),
    "worker": ("a render worker is killed", Servers.kill_worker),
    "scheduler": ("the scheduler is killed", Servers.kill_scheduler),
    "redis": ("Redis is away for 20 s", lambda servers: servers.broker.away(20)),
    "store": ("S3 does not answer for 20 s", lambda servers: servers.store.away(20)),
    "postgres": ("Postgres is away for 15 s", lambda servers: servers.database.away(15)),
}


@dataclass(frozen=True)
class Recovery:
    """How one build ended.

    Attributes:
        broken: What broke.
        seconds: From the trigger to the end of the run.
        noticed_s: From the break until a task that it cost had failed; None if it cost none.
        went_on_s: From the end of the break until a task started; None if nothing broke.
        tasks: Task instances that succeeded.
        tried_again: Those of them that needed more than one try.
        restarted: Components that ended by themselves and were started again.
        files: Parquet files, each with the bytes of the undisturbed build.
    """

    broken: str
    seconds: float
    noticed_s: float | None
    went_on_s: float | None
    tasks: int
    tried_again: int
    restarted: tuple[str, ...]
    files: int


@contextmanager
def cluster(
    folder: Path,
    workers: Mapping[str, str] = WORKERS,
    variables: Mapping[str, str] | None = None,
    apart: bool = False,
) -> Iterator[Servers]:
    """The whole stack, its configurations in ``<folder>/configs``; everything ends with the block.

    Args:
        folder: Scratch folder.
        workers: Queues by name of the worker.
        variables: Of the environment, beside those that lead to the servers.
        apart: As of `Stack`.

    Raises:
        ConfigError: Postgres or Redis is not installed.
        StackBroken: something does not start.
    """
    with ExitStack() as held:
        database = held.enter_context(Postgres(folder / "postgres"))
        broker = held.enter_context(Redis(folder / "redis"))
        store = held.enter_context(ObjectStore(folder / "store"))
        environment = {
            **store.environment,
            "AIRFLOW__CELERY__BROKER_URL": broker.url,
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{database.address}",
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{database.address}",
            **{f"AIRFLOW__SCHEDULER__{key.upper()}": value for key, value in NOTICING.items()},
            "VERMILLION_CONFIGS": str(folder / "configs"),
            "VERMILLION_RENDER_SLOTS": "2",
            "VERMILLION_ROOT": f"s3://{BUCKET}",
            **(variables or {}),
        }
        stack = held.enter_context(Stack(folder / "airflow", environment, workers, apart))
        yield Servers(stack, database, broker, store)


def smoke(folder: Path, breaks: Sequence[str], limit: int, many: int = 0) -> list[Recovery]:
    """Build the same dataset once without and, for each break, once with the cluster.

    Args:
        folder: Scratch folder.
        breaks: Keys of `BREAKS`.
        limit: Samples of each build.
        many: If not 0, then so many shards of one icon are built at the end, undisturbed.

    Raises:
        ConfigError: Postgres or Redis is not installed.
        StackBroken: a run fails, or its bytes differ.
    """
    configs = folder / "configs"
    configs.mkdir(parents=True)
    expected: dict[str, str] = {}
    for name in breaks:
        text = CONFIG.format(name=name, root=folder / "plain", limit=limit)
        (configs / f"{name}.toml").write_text(text)
        if not expected:
            _build(configs / f"{name}.toml")
            expected = digests(f"{folder}/plain/datasets/{name}")
    if not expected:
        raise StackBroken("`vermillion build` wrote nothing")
    if many:
        (configs / "many.toml").write_text(_many(folder, many))
    with cluster(folder) as servers:
        recoveries = [_build_broken(servers, name, name, expected) for name in breaks]
        if many:
            recoveries.append(_build_broken(servers, "many", "none", None))
    return recoveries


def _build(config: Path) -> None:
    command = [sys.executable, "-m", "vermillion", "build", str(config)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=HOUSE)
    if done.returncode:
        raise StackBroken(f"vermillion build: {(done.stderr or done.stdout)[-1500:]}")


def _many(folder: Path, shards: int) -> str:
    snapshot = folder / "icons"
    snapshot.mkdir()
    for at in range(shards):
        icon = ICON.format(y=2 + at % 17, width=12 + at // 17 % 40, x=12 + at % 41)
        (snapshot / f"{at:05}.svg").write_text(icon)
    return MANY.format(root=folder / "plain", source="folder", snapshot=snapshot)


def _build_broken(
    servers: Servers, config: str, broken: str, expected: dict[str, str] | None
) -> Recovery:
    """One run of ``build_pairs`` in which one thing breaks while a range is at work.

    Args:
        servers: The cluster.
        config: Name of the configuration.
        broken: Key of `BREAKS`.
        expected: Digests of the Parquet files; None if nothing is compared.
    """
    stack = servers.stack
    label, act = BREAKS[broken]
    before = stack.restarted.copy()
    began = time.monotonic()
    run = stack.trigger("build_pairs", {"config": config})
    broke = over = 0.0
    if broken != "none":
        _await_work(stack, run)
        broke = time.time()
        act(servers)
        over = time.time()
    state = stack.wait("build_pairs", run, LONGEST_S)
    seconds = time.monotonic() - began
    tasks = stack.tasks("build_pairs", run)
    if state != "success":
        failed = sorted({one["task_id"] for one in tasks if one["state"] == "failed"})
        raise StackBroken(f"{label}: the run failed at {', '.join(failed)}; logs: {stack.home}")
    with store_variables(servers.store.environment):
        found = digests(f"s3://{BUCKET}/datasets/{config}")
    if expected is not None and found != expected:
        names = sorted({*found, *expected})
        other = [name for name in names if found.get(name) != expected.get(name)]
        raise StackBroken(f"{label}: other bytes than without a cluster: {', '.join(other)}")
    if not found:
        raise StackBroken(f"{label}: nothing was published")
    return Recovery(
        label if config == broken else f"{label} ({config})",
        seconds,
        _first(broke, "end_date", _failed_tries(stack, run, tasks)) if broke else None,
        _first(over, "start_date", tasks) if broke else None,
        sum(one["state"] == "success" for one in tasks),
        sum(one["state"] == "success" and (one["try_number"] or 1) > 1 for one in tasks),
        tuple(sorted(stack.restarted - before)),
        len(found),
    )


def _failed_tries(
    stack: Stack, run: str, tasks: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Earlier tries of the tasks that were tried again."""
    found: list[dict[str, Any]] = []
    for one in tasks:
        if (one["try_number"] or 1) > 1:
            url = f"/api/v2/dags/build_pairs/dagRuns/{run}/taskInstances/{one['task_id']}"
            answer = stack.call("GET", f"{url}/{one['map_index']}/tries")
            found += [t for t in answer["task_instances"] if t["try_number"] < one["try_number"]]
    return found


def _first(since: float, when: str, tasks: Sequence[Mapping[str, Any]]) -> float | None:
    """Seconds until the first of these times that is later; None if none is."""
    times = [datetime.fromisoformat(one[when]).timestamp() for one in tasks if one[when]]
    return min((at - since for at in times if at > since), default=None)


def digests(dataset: str) -> dict[str, str]:
    """Hash of each Parquet file of the only version of a dataset, by its path in that version."""
    filesystem, path = fsspec.core.url_to_fs(dataset)
    filesystem.invalidate_cache()
    return {
        "/".join(Path(name).parts[-2:]): hashlib.sha256(filesystem.cat_file(name)).hexdigest()
        for name in filesystem.find(path)
        if Path(name).match("*/part-*.parquet")
    }


def _await_work(stack: Stack, run: str) -> None:
    """Wait until a range is at work.

    Raises:
        StackBroken: none is within five minutes.
    """
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        tasks = stack.tasks("build_pairs", run)
        if any(one["task_id"] == "pairs" and one["state"] == "running" for one in tasks):
            time.sleep(AT_WORK_S)
            return
        time.sleep(1)
    raise StackBroken("no range was ever at work")


@contextmanager
def store_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables that stand for the length of a ``with`` block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        fsspec.get_filesystem_class("s3").clear_instance_cache()


def main() -> int:
    """Run all breaks, print a table of recoveries; 1 if a run fails or its bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--breaks", nargs="+", choices=BREAKS, default=list(BREAKS))
    parser.add_argument("--limit", type=int, default=12, help="samples of each build")
    parser.add_argument("--many", type=int, default=0, help="shards of one more build; 0: none")
    asked = parser.parse_args()
    out, began = Console(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vermillion-smoke-") as folder:
        try:
            recoveries = smoke(Path(folder), asked.breaks, asked.limit, asked.many)
        except (ConfigError, StackBroken) as error:
            out.print(f"cluster-smoke: {error}", style="red", markup=False)
            return 1
    names = ("run", "noticed", "went on", "tasks", "tried again", "restarted", "files")
    table = Table(Column("what broke", no_wrap=True), *names, box=None)
    for one in recoveries:
        times = (one.seconds, one.noticed_s, one.went_on_s)
        table.add_row(
            one.broken,
            *("" if seconds is None else f"{seconds:.0f} s" for seconds in times),
            str(one.tasks),
            str(one.tried_again),
            ", ".join(one.restarted),
            str(one.files),
        )
    Console(width=max(out.width, TABLE_CHARACTERS)).print(table)
    minutes = (time.monotonic() - began) / 60
    out.print(
        f"Every file has the bytes of the same build without a cluster. {minutes:.0f} minutes."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

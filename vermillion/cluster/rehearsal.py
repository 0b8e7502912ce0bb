"""Training on a cluster: ``python -m vermillion.cluster.rehearsal``, on loopback, with a tiny model on the CPU.

A default worker and a worker of queue `gpu`, each with a host name and a home that the other cannot see;
what both see is the object store. `train_visual_erm` runs three times: to its end, though its
worker is killed while policies learn; with a reward model that fails the gate; and until a person
ends it. After each run no process of it may be left. The dataset is built in the object store
first. VERMILLION_TRAIN_PYTHON names the training environment, `.venv-train` by default.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from records.errors import ConfigError
from train.evaluate.benchmark import write_benchmark
from train.jobs.keeper import MARK
from train.jobs.serving import VLLM_PYTHON
from vermillion.cluster.services import BUCKET
from vermillion.cluster.smoke import Servers, cluster, store_variables
from vermillion.cluster.stack import HOUSE, Stack, StackBroken, free_port

PYTHON = "VERMILLION_TRAIN_PYTHON"
WORKERS = {"default": "default", "gpu": "gpu"}
DATASET = """
name = "rehearsal"
root = "s3://{bucket}"
seed = 7
version = "1"
workers = 1
modalities = ["svg"]
[sources.bundled]
limit = 24
[corruption]
attempts_per_sample = 2
[publish]
gallery = false
"""
DAG = "train_visual_erm"
RUN_S = 1500.0
OUT_OF_REACH = 99.0
"""A score that a random model does not have."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run ended.

    Attributes:
        what: What happened to it.
        state: That Airflow says.
        seconds: From the approval to the end.
        tasks: State of each task, of mapped ones the last.
        hosts: Where tasks ran.
        left: Processes of its jobs that were still there, which must be none.
    """

    what: str
    state: str
    seconds: float
    tasks: Mapping[str, str]
    hosts: tuple[str, ...]
    left: int


def rehearse(folder: Path, say: Callable[[str], None]) -> list[Ended]:
    """Train three times; how each ended.

    Raises:
        ConfigError: Postgres, Redis or the training environment is missing, or this user is not root.
        StackBroken: a run did not end as it must, or left something running.
    """
    if os.geteuid():
        raise ConfigError("workers that share no disk need namespaces of their own: run it as root")
    python = os.environ.get(PYTHON) or str(HOUSE / ".venv-train" / "bin" / "python")
    if not Path(python).is_file():
        raise ConfigError(f"no {python}: `make train-setup` makes it, or {PYTHON} names another")
    configs = folder / "configs" / "train"
    configs.mkdir(parents=True)
    variables = {
        PYTHON: python,
        VLLM_PYTHON: python,
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    with cluster(folder, WORKERS, variables, apart=True) as servers:
        stack = servers.stack
        stack.start("triggerer")  # waits for the approval
        home = stack.worker_home("gpu")
        say("a tiny model, a dataset in the object store, a benchmark")
        _write_inputs(folder, home, python, servers)
        text = (HOUSE / "configs" / "train" / "rehearsal.toml").read_text(encoding="utf-8")
        text = text.replace("out/rehearsal/tiny", f"{home}/tiny").replace("8123", str(free_port()))
        (configs / "good.toml").write_text(text)
        strict = text.replace("at_least = 0.0", f"at_least = {OUT_OF_REACH}")
        (configs / "strict.toml").write_text(strict)
        say("a run whose worker is killed while a policy learns")
        ended = [_run(stack, "good", "its worker is killed", _kill_worker, "success")]
        _require_files(home / "out", stack.worker_home("default"))
        say("a run whose reward model fails the gate")
        ended.append(_run(stack, "strict", "the gate is not passed", None, "failed"))
        say("a run that a person ends")
        # Airflow calls such a run a success once its teardown is one; the task that was ended is failed.
        ended.append(_run(stack, "good", "a person ends it", _end_run, "success"))
        if ended[-1].tasks["grpo"] != "failed":
            raise StackBroken(f"a person ended the run, but not its policy: {ended[-1]}")
    return ended


def _write_inputs(folder: Path, home: Path, python: str, servers: Servers) -> None:
    """The base model and the benchmark on the gpu worker's disk, the dataset in the object store."""
    config = folder / "configs" / "rehearsal.toml"
    config.write_text(DATASET.format(bucket=BUCKET))
    tiny = [python, "-m", "train.rehearsal.tiny", str(home / "tiny")]
    build = [sys.executable, "-m", "vermillion", "build", str(config)]
    for command in (tiny, build):
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=HOUSE,
            env={**os.environ, **servers.store.environment, "PYTHONPATH": str(HOUSE)},
        )
        if done.returncode:
            raise StackBroken(f"{' '.join(command)}: {(done.stderr or done.stdout)[-1500:]}")
    with store_variables(servers.store.environment):
        dataset = f"s3://{BUCKET}/datasets/rehearsal/1"
        write_benchmark(dataset, home / "benchmark", limit=18)


def _run(
    stack: Stack, config: str, what: str, act: Callable[[Stack, str], None] | None, expected: str
) -> Ended:
    """One run: approved, disturbed once policies learn, and over."""
    home = stack.worker_home("gpu")
    form = {
        "dataset": f"s3://{BUCKET}/datasets/rehearsal/1",
        "config": config,
        "benchmark": f"{home}/benchmark",
        "out": f"{home}/out" if act is not _end_run else f"{home}/again",
        "dry_run": False,
    }
    run = stack.trigger(DAG, form)
    _approve(stack, run)
    began = time.monotonic()
    if act is not None:
        _await_task(stack, run, "grpo")
        if not jobs_below(stack):
            raise StackBroken(f"{what}: a policy learns, but no process of it is found")
        act(stack, run)
    state = stack.wait(DAG, run, RUN_S)
    seconds = time.monotonic() - began
    tasks = _settled(stack, run)
    left = len(jobs_below(stack))
    states = {str(one["task_id"]): str(one["state"]) for one in tasks}
    ran = {str(one["hostname"]) for one in tasks if one["hostname"]}
    ended = Ended(what, state, seconds, states, tuple(sorted(ran)), left)
    if state != expected or left or ended.hosts != ("gpu",) or states["release"] != "success":
        raise StackBroken(f"{what}: not as it must end: {ended}; logs: {stack.home}")
    return ended


def _approve(stack: Stack, run: str) -> None:
    """Say yes on the page of required actions, as soon as it asks."""
    _await_task(stack, run, "approve", ("deferred", "awaiting_input"))
    path = f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/approve/-1/hitlDetails"
    stack.call("PATCH", path, {"chosen_options": ["Approve"], "params_input": {}})


def _kill_worker(stack: Stack, run: str) -> None:
    """The worker ends at once with its tasks; jobs go on, and the next attempt attaches to them."""
    stack.kill("gpu", but=_is_of_a_job)
    stack.start("gpu", stack.worker_command("gpu"))


def _end_run(stack: Stack, run: str) -> None:
    stack.call("PATCH", f"/api/v2/dags/{DAG}/dagRuns/{run}", {"state": "failed"})


def _await_task(stack: Stack, run: str, task: str, states: tuple[str, ...] = ("running",)) -> None:
    """Wait until a task is in one of these states.

    Raises:
        StackBroken: the run ended before, or it takes too long.
    """
    deadline = time.monotonic() + RUN_S
    while time.monotonic() < deadline:
        if any(one["task_id"] == task and one["state"] in states for one in stack.tasks(DAG, run)):
            time.sleep(3)  # at work
            return
        over = stack.call("GET", f"/api/v2/dags/{DAG}/dagRuns/{run}")["state"]
        if over in ("success", "failed"):
            break
        time.sleep(1)
    raise StackBroken(f"{task} of {run} was never {' or '.join(states)}; logs: {stack.home}")


def _settled(stack: Stack, run: str) -> list[dict[str, object]]:
    """The tasks of a run once none is under way: the teardown of a run that a person ended comes after."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        tasks = stack.tasks(DAG, run)
        if all(one["state"] in FINAL for one in tasks):
            return tasks
        time.sleep(2)
    raise StackBroken(f"tasks of {run} do not end; logs: {stack.home}")


FINAL = frozenset({"failed", "removed", "skipped", "success", "upstream_failed"})


def _is_of_a_job(process: psutil.Process) -> bool:
    """True for a job's processes and for the keeper above them."""
    with suppress(psutil.Error):
        kept = any(part.endswith("keeper.py") for part in process.cmdline())
        return kept or MARK in process.environ()
    return False


def jobs_below(stack: Stack) -> list[psutil.Process]:
    """Processes of training jobs on any machine of this cluster: keepers, trainers, servers."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("AIRFLOW_HOME") == str(stack.home) and _is_of_a_job(process):
                found.append(process)
    return found


def _require_files(out: Path, other: Path) -> None:
    """What a run leaves lies on its own machine, and nothing of it on the other."""
    wanted = ("report.html", "evaluation/scores.json", "visual-erm/config.json")
    missing = [name for name in wanted if not (out / name).exists()]
    if missing:
        raise StackBroken(f"the run left no {', '.join(missing)} in {out}")
    if list(other.rglob("visual-erm")):
        raise StackBroken(f"{other}: files of the run on a machine that it did not run on")


def main() -> int:
    """Rehearse, print how each run ended; 1 if one did not end as it must."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    out = Console()
    with tempfile.TemporaryDirectory(prefix="vermillion-rehearsal-") as folder:
        try:
            ended = rehearse(Path(folder), lambda line: out.print(f"rehearsal: {line}"))
        except (ConfigError, StackBroken) as error:
            out.print(f"rehearsal: {error}", style="red", markup=False)
            return 1
    table = Table("what happened", "run", "seconds", "tasks ran on", "processes left", box=None)
    for one in ended:
        table.add_row(one.what, one.state, f"{one.seconds:.0f}", *one.hosts, str(one.left))
    out.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

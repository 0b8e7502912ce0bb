"""The steps of `train_visual_erm`: each a job that outlives its task, and attached to again."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from endpoints.server import ServerSettings, answers
from records.errors import ConfigError, EndpointUnavailable
from train.exit_codes import WRONG_SETTINGS
from train.jobs import local as jobs
from train.jobs.local import JobFailed, JobOrder, JobStatus, State
from train.sft.checkpoints import write_json
from vermillion.airflow.training_plan import PYTHON, address, interpreter

HOUSE = Path(__file__).parents[2]

RESTARTS = 1
"""Times that a job which failed is started again, from its last checkpoint, within one task."""

Say = Callable[[str], None]
Leave = Callable[[], bool]


def claim(order: Mapping[str, Any], run_id: str) -> None:
    """The output folder belongs to this run.

    Raises:
        ConfigError: another run's job is at work there.
    """
    if order["dry_run"]:
        return
    file = Path(order["out"]) / "run.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(file.read_text(encoding="utf-8"))["run_id"] if file.is_file() else run_id
    busy = [folder.name for folder in _jobs(order) if jobs.look(folder).state is State.RUNNING]
    if known != run_id and busy:
        raise ConfigError(
            f"{order['out']}: {', '.join(busy)} of the run {known} is at work there; choose another "
            "output folder, or end that run"
        )
    write_json(file, {"run_id": run_id})


def job_folder(order: Mapping[str, Any], step: str) -> Path:
    """Where a step's job keeps its log and what became of it."""
    return Path(order["out"]) / "jobs" / step


def run_step(
    step: str, order: Mapping[str, Any], say: Say, leave: Leave = lambda: False
) -> dict[str, Any] | None:
    """Print a step's command and, unless this is a dry run, see its job through to the end.

    A job that runs already is attached to. None comes back where ``leave`` said True: the job goes on.

    Raises:
        ConfigError: a setting is wrong, or an environment is missing.
        JobFailed: the job failed, again after a restart; or somebody stopped it.
    """
    command = order["commands"][step]
    say(f"{step}: {command['why']}")
    say(f"$ {command['line']}")
    if order["dry_run"]:
        return {"step": step, "state": "printed", "line": command["line"]}
    folder = job_folder(order, step)
    job = JobOrder(argv=_argv(step, command["argv"]), cwd=str(HOUSE), environment=_environment())
    seen, started = jobs.attach(folder, job)
    while True:
        last = None if started else 20
        say(_attached(seen, started, folder))
        ended = jobs.follow(folder, say, leave, last_lines=last)
        if ended is None:
            return None
        if ended.succeeded:
            return {
                "step": step,
                "state": "done",
                "line": command["line"],
                "starts": ended.starts,
                "seconds": round(ended.ended_at - ended.started_at, 1),
            }
        why = _ending(step, ended, folder)
        if ended.exit == WRONG_SETTINGS:
            raise ConfigError(why)
        if ended.stopped or ended.starts > RESTARTS:
            raise JobFailed(why)
        say(f"{why}\n{step}: started again, from its last checkpoint")
        seen, started = jobs.attach(folder, job, restart=True)


def serve(order: Mapping[str, Any], say: Say, leave: Leave = lambda: False) -> list[str] | None:
    """The reward model's servers are up; their addresses. Those that run already are kept.

    None comes back where ``leave`` said True before they were ready.

    Raises:
        EndpointUnavailable: one ended, or was not ready in time; the message ends with its log.
        ConfigError: something else answers at its address, or an environment is missing.
    """
    servers = [ServerSettings.model_validate(server) for server in order["servers"]]
    if not servers:
        say(f"the reward model is served elsewhere: {', '.join(order['services'])}")
    for server in servers:
        chosen = [f"{name}={value}" for name, value in server.environment.items()]
        say(f"$ {shlex.join([*chosen, *_serving(server)])}")
    if order["dry_run"]:
        return list(order["services"])
    for number, server in enumerate(servers):
        folder = job_folder(order, server_name(number))
        if jobs.look(folder).state is not State.RUNNING and answers(address(server)):
            raise ConfigError(
                f"something else answers at {address(server)}; stop it, or choose other ports "
                "(judges.first_port)"
            )
        job = JobOrder(
            argv=_serving(server),
            cwd=str(HOUSE),
            environment={**_environment(), "VLLM_NO_USAGE_STATS": "1", **server.environment},
            stop_s=server.stop_s,
        )
        seen, started = jobs.attach(folder, job)
        say(_attached(seen, started, folder))
    for number, server in enumerate(servers):
        if not _await(server, job_folder(order, server_name(number)), leave):
            return None
        say(f"{server_name(number)} is ready: {address(server)}")
    return list(order["services"])


def server_name(number: int) -> str:
    """The step under which a server's job is kept."""
    return f"serve-{number}"


def release(order: Mapping[str, Any], say: Say) -> list[str]:
    """Nothing of a run is left running; names of the jobs that were stopped."""
    stopped = []
    for folder in _jobs(order):
        if jobs.look(folder).state in (State.RUNNING, State.LOST):
            jobs.stop(folder)
            say(f"stopped {folder.name}")
            stopped.append(folder.name)
    return stopped


def gate(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """The reward model's score against the configured bound.

    Raises:
        ConfigError: it is below; the message says by how much.
    """
    measure, bound = order["gate"]["measure"], order["gate"]["at_least"]
    if order["dry_run"]:
        say(f"{measure} at least {bound}" if bound is not None else "no bound is set: all pass")
        return {"measure": measure, "at_least": bound, "value": None}
    file = Path(order["out"]) / "evaluation" / "scores.json"
    scores = json.loads(file.read_text(encoding="utf-8"))
    value = scores["scores"]["overall"][measure]["value"]
    say(f"{measure} {value} (matched by {scores['matcher']}), at least {bound}")
    if bound is not None and (value is None or value < bound):
        raise ConfigError(
            f"{measure} is {value} on {scores['scores']['overall']['pairs']} pairs, below the bound "
            f"{bound} (evaluation.at_least): it may not reward. Train it further, or lower the "
            f"bound; scores by category: {file.with_name('leaderboard.md')}"
        )
    return {"measure": measure, "at_least": bound, "value": value}


def _jobs(order: Mapping[str, Any]) -> list[Path]:
    return sorted((Path(order["out"]) / "jobs").glob("*/"))


def _attached(seen: JobStatus, started: bool, folder: Path) -> str:
    if seen.state is State.ENDED and not started:
        return f"the job had ended while nobody looked; its log: {folder}/log.txt"
    doing = "started" if started else "attached to the job that runs already"
    return f"{doing}: process group {seen.pid} on {seen.host}; its log: {folder}/log.txt"


def _ending(step: str, seen: JobStatus, folder: Path) -> str:
    if seen.stopped:
        how = "was stopped"
    elif seen.state is State.LOST:
        how = "vanished: it was killed with the process above it, or the machine was restarted"
    else:
        how = f"ended with exit status {seen.exit}"
    return f"{step} {how}; the end of {folder}/log.txt:\n{jobs.log_tail(folder)}"


def _serving(server: ServerSettings) -> tuple[str, ...]:
    """The command of a server; one of the settings' own may name what is to be served."""
    words = {"{python}": server.python, "{model}": server.model, "{name}": server.served_name}
    argv = server.command_line(server.port)
    for word, value in words.items():
        argv = [part.replace(word, value) for part in argv]
    return tuple(argv)


def _await(server: ServerSettings, folder: Path, leave: Leave) -> bool:
    ends_s = time.monotonic() + server.ready_s
    while not answers(address(server)):
        if leave():
            return False
        seen = jobs.look(folder)
        if seen.state is not State.RUNNING:
            raise EndpointUnavailable(_ending(folder.name, seen, folder))
        if time.monotonic() > ends_s:
            jobs.stop(folder)
            raise EndpointUnavailable(
                f"{folder.name} was not ready after {server.ready_s:g} s (judges.ready_s); the end "
                f"of {folder}/log.txt:\n{jobs.log_tail(folder)}"
            )
        time.sleep(jobs.LOOK_EVERY_S)
    return True


def _argv(step: str, argv: Sequence[str]) -> tuple[str, ...]:
    """The command in the environment that has what it needs."""
    if step == "sft" or "train.grpo.small" in argv:
        python = interpreter(PYTHON)
    else:
        python = Path(sys.executable)
    if argv[0] == "accelerate":
        return (str(python), "-m", "accelerate.commands.launch", *argv[2:])
    return (str(python), *argv[1:])


def _environment() -> dict[str, str]:
    # The training environment may hold the trainers alone, and find this package here.
    path = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}

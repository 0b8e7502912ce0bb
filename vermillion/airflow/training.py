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
from records.files import write_json
from train.exit_codes import WRONG_SETTINGS
from train.jobs.job import VISIBLE, JobFailed, JobOrder, JobStatus, State
from train.jobs.launcher import Launcher, launcher
from train.jobs.local import LOOK_EVERY_S
from vermillion.airflow.training_plan import PYTHON, address, interpreter, server_name

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
    jobs = launcher()
    every = jobs.known(Path(order["out"]) / "jobs")
    busy = [folder.name for folder in every if jobs.look(folder).state is State.RUNNING]
    if known != run_id and busy:
        raise ConfigError(
            f"{order['out']}: {', '.join(busy)} of the run {known} is at work there; choose another "
            "output folder, or end that run"
        )
    write_json(file, {"run_id": run_id})


def job_folder(order: Mapping[str, Any], step: str) -> Path:
    """Folder of a step's job, with its log and result."""
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
    jobs, folder = launcher(), job_folder(order, step)
    job = JobOrder(
        argv=_argv(step, command["argv"]),
        cwd=str(HOUSE),
        environment=_environment(),
        gpus=tuple(command["gpus"]),
        nodes=command["nodes"],
    )
    seen, started = jobs.attach(folder, job)
    while True:
        last = None if started else 20
        say(_attached(seen, started, jobs.place(folder)))
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
        why = _ending(step, ended, jobs, folder)
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
        say(f"$ {shlex.join([*chosen, *server.command_line(server.port)])}")
    if order["dry_run"]:
        return list(order["services"])
    jobs = launcher()
    for number, server in enumerate(servers):
        folder = job_folder(order, server_name(number))
        url = address(server, jobs.host(folder))
        if jobs.look(folder).state is not State.RUNNING and answers(url):
            raise ConfigError(
                f"something else answers at {url}; stop it, or choose other ports "
                "(judges.first_port)"
            )
        job = JobOrder(
            argv=tuple(server.command_line(server.port)),
            cwd=str(HOUSE),
            environment={**_environment(), "VLLM_NO_USAGE_STATS": "1", **server.environment},
            gpus=tuple(int(gpu) for gpu in server.environment.get(VISIBLE, "").split(",") if gpu),
            stop_s=server.stop_s,
            ports=(server.port,),
        )
        seen, started = jobs.attach(folder, job)
        if seen.state is State.ENDED and not started:  # with an earlier run: its end is no answer
            jobs.follow(folder, lambda line: None, last_lines=0)
            seen, started = jobs.attach(folder, job)
        say(_attached(seen, started, jobs.place(folder)))
    for number, server in enumerate(servers):
        folder = job_folder(order, server_name(number))
        if not _await(server, jobs, folder, leave):
            return None
        say(f"{server_name(number)} is ready: {address(server, jobs.host(folder))}")
    return list(order["services"])


def release(order: Mapping[str, Any], say: Say) -> list[str]:
    """Nothing of a run is left running; names of the jobs that were stopped."""
    jobs, stopped = launcher(), []
    for folder in jobs.known(Path(order["out"]) / "jobs"):
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


def _attached(seen: JobStatus, started: bool, place: str) -> str:
    if seen.state is State.ENDED and not started:
        return f"the job had ended while nobody looked; its log: {place}"
    doing = "started" if started else "attached to the job that runs already"
    where = f"process group {seen.pid} on {seen.host}" if seen.pid else seen.host
    return f"{doing}: {where}; its log: {place}"


def _ending(step: str, seen: JobStatus, jobs: Launcher, folder: Path) -> str:
    if seen.stopped:
        how = "was stopped"
    elif seen.state is State.LOST:
        how = "vanished: it was killed with what kept it, or its machine was restarted"
    else:
        how = f"ended with exit status {seen.exit}"
    return f"{step} {how}; the end of {jobs.place(folder)}:\n{jobs.log_tail(folder)}"


def _await(server: ServerSettings, jobs: Launcher, folder: Path, leave: Leave) -> bool:
    ends_s = time.monotonic() + server.ready_s
    while not answers(address(server, jobs.host(folder))):
        if leave():
            return False
        seen = jobs.look(folder)
        if seen.state is not State.RUNNING:
            raise EndpointUnavailable(_ending(folder.name, seen, jobs, folder))
        if time.monotonic() > ends_s:
            jobs.stop(folder)
            raise EndpointUnavailable(
                f"{folder.name} was not ready after {server.ready_s:g} s (judges.ready_s); the end "
                f"of {jobs.place(folder)}:\n{jobs.log_tail(folder)}"
            )
        time.sleep(LOOK_EVERY_S)
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

"""Runs GRPO with veRL for one task, with Visual-ERM as the reward.

``python -m train.grpo --config FILE --task chart --out FOLDER [--check]``: prompts are looked for, veRL
checks its own settings, the reward model's servers are started or found, then veRL runs here or as
a job of a Ray cluster; at the end the servers are stopped. Run it again after a crash: veRL goes on
from its last checkpoint, and a Ray job that still runs is waited for and not started twice.

Source: arXiv:2603.13224, "Training", GRPO; verl 0.9.1. Small runs without veRL: `train.grpo.small`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from records.errors import ConfigError, RunError
from records.taxonomy import Modality
from train.exit_codes import ended
from train.grpo.verl_settings import grpo_command, verl_arguments
from train.jobs.job import VISIBLE, JobOrder
from train.jobs.ray import RayJobs
from train.jobs.serving import judging, policy_gpus
from train.settings import Judges, TrainConfig, load

HOUSE = Path(__file__).parents[2]
VERL_PYTHON = "VERMILLION_VERL_PYTHON"
"""Environment variable with the Python of veRL's environment."""
CHECK_TIMEOUT_S = 900.0


def verl_python() -> str:
    """The interpreter of veRL's environment.

    Raises:
        ConfigError: none is named, or there is none.
    """
    python = os.environ.get(VERL_PYTHON, "")
    if not Path(python).is_file():
        raise ConfigError(
            f"{VERL_PYTHON} names no Python of an environment with veRL; make one "
            "(docs/training.md, Environments) and point it there"
        )
    return python


def check_settings(
    config: TrainConfig, tasks: Sequence[Modality], out: str, python: str
) -> list[dict[str, Any]]:
    """What veRL itself makes of the settings of each task: composed, checked, nothing started.

    Raises:
        ConfigError: veRL refuses them, in its own words.
    """
    arguments: list[str] = []
    for task in tasks:
        arguments += [*(["--"] if arguments else []), *verl_arguments(config, task, out)]
    try:
        done = subprocess.run(
            [python, "-m", "train.grpo.verl_check", *arguments],
            capture_output=True,
            text=True,
            timeout=CHECK_TIMEOUT_S,
            env=_environment(),
            check=False,
        )
    except OSError as error:
        raise ConfigError(f"{python} cannot be run: {error.strerror}") from error
    lines = done.stdout.strip().splitlines()
    if done.returncode:
        reason = lines[-1] if lines else done.stderr.strip()[-1000:]
        raise ConfigError(f"veRL does not accept the settings: {reason}")
    return [json.loads(line) for line in lines]


def run(config: TrainConfig, task: Modality, out: str, model: str) -> None:
    """Train the task's policy to its end.

    Args:
        config: Settings of the run.
        task: Which policy.
        out: Folder of the run, with prompts in `policy/<task>`.
        model: The reward model, where the run serves it itself and `judges.model` names none.

    Raises:
        ConfigError: something that can be checked before is not right.
        EndpointUnavailable: the reward model or the Ray cluster does not answer.
        RunError: veRL failed.
    """
    _require_prompts(task, out)
    with judging(config, model, Path(out) / "logs") as services:
        if services:
            _say(f"the reward model answers at {', '.join(services)}")
        argv = grpo_command(config, task, out, services).argv
        if config.cluster.ray_url:
            _run_on_ray(config, task, argv, out)
        else:
            _run_here(config, [verl_python(), *argv[1:]])


def _run_here(config: TrainConfig, argv: Sequence[str]) -> None:
    shared = config.judges.servers and not config.judged_by_verl
    gpus = ",".join(map(str, policy_gpus(config))) if shared else None
    process = subprocess.Popen(argv, env=_environment(**({VISIBLE: gpus} if gpus else {})))
    with _ends_with(process):
        code = process.wait()
    if code:
        raise RunError(f"veRL ended with exit status {code}; its last words are above")


def _run_on_ray(config: TrainConfig, task: Modality, argv: Sequence[str], out: str) -> None:
    jobs = RayJobs(config.cluster.ray_url)
    # With other prompts it is another job.
    folder = Path(out) / "jobs" / f"verl-{task}-{prompts_digest(task, out)[:8]}"
    # The checkout has the same path on each node, like prompts and checkpoints. Nodes set the judges' key
    # themselves: the dashboard would show it.
    order = JobOrder(argv=tuple(argv), environment={"PYTHONPATH": str(HOUSE)})
    seen, _ = jobs.attach(folder, order)
    _say(f"{jobs.place(folder)}: {seen.state}")
    with _on_terminate(lambda: jobs.ask_to_stop(folder)):
        jobs.follow_to_success(folder, lambda line: print(line, flush=True))


def prompts_digest(task: Modality, out: str) -> str:
    """Changes with the prompts of a task, so that other prompts are another job; empty on object stores."""
    file = Path(out) / "policy" / task / "train.parquet"
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


@contextmanager
def _ends_with(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Processes that are started here end when this process gets a signal to end."""
    with _on_terminate(process.terminate):
        try:
            yield
        except BaseException:
            process.terminate()
            process.wait()
            raise


@contextmanager
def _on_terminate(do: Any) -> Iterator[None]:
    def handle(*_: object) -> None:
        do()
        # As an exception, so that servers are stopped on the way out.
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _served_by(config: TrainConfig, services: Sequence[str]) -> TrainConfig:
    """The settings with running servers instead of the run's own; the policy has the GPUs that it had."""
    if not services:
        return config
    reward = config.reward.model_copy(update={"services": tuple(services)})
    grpo = config.grpo.model_copy(update={"gpus_per_node": config.policy_gpus_per_node})
    return config.model_copy(update={"reward": reward, "grpo": grpo, "judges": Judges()})


def _require_prompts(task: Modality, out: str) -> None:
    if "://" in out:
        return
    for split in ("train", "validation"):
        file = Path(out) / "policy" / task / f"{split}.parquet"
        if not file.is_file():
            raise ConfigError(
                f"{file} is not there; write it first: python -m train.grpo.policy_data "
                f"--dataset DATASET --out {out}/policy --task {task}"
            )


def _environment(**values: str) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, **values}


def _say(line: str) -> None:
    print(f"grpo: {line}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.grpo", description=__doc__)
    parser.add_argument("--config", required=True, help="a TOML file, as in configs/train/")
    parser.add_argument("--task", required=True, choices=[str(task) for task in Modality])
    parser.add_argument("--out", required=True, help="folder of the run, with prompts in policy/")
    parser.add_argument("--model", default="", help="reward model to serve ([judges])")
    parser.add_argument(
        "--service", action="append", default=[], help="a server of the reward model that stands"
    )
    parser.add_argument("--check", action="store_true", help="let veRL check the settings, no more")
    asked = parser.parse_args(arguments)
    task = Modality(asked.task)

    def work() -> None:
        config = _served_by(load(asked.config), asked.service)
        if asked.check:
            [found] = check_settings(config, [task], asked.out, verl_python())
            print(json.dumps(found, indent=1, sort_keys=True))
        else:
            if not config.cluster.ray_url:
                check_settings(config, [task], asked.out, verl_python())
            run(config, task, asked.out, asked.model or f"{asked.out}/visual-erm")

    return ended("grpo", work)

"""What a run of `train_visual_erm` will do: everything that can be known and checked before it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fsspec.core import split_protocol
from fsspec.registry import known_implementations
from huggingface_hub.constants import HF_HUB_OFFLINE

from endpoints.server import ServerSettings
from quality.format.versions import resolved
from records.errors import ConfigError
from records.taxonomy import Modality
from train.evaluate.benchmark import benchmark_file
from train.grpo.run import verl_python
from train.jobs.commands import Command, grpo_run_command, policy_data_command, sft_command
from train.jobs.launcher import launcher
from train.jobs.serving import VLLM_PYTHON, judge_servers
from train.settings import TrainConfig, load
from train.sft.preflight import disk_shortage, preflight
from vermillion.pipeline.form import CONFIGS, root

PYTHON = "VERMILLION_TRAIN_PYTHON"
BENCHMARK = "VERMILLION_REWARDBENCH"


def published_by(events: Any, asset: Any) -> str:
    """The dataset whose publication started this run, or nothing."""
    if not events or asset not in events:
        return ""
    return str((events[asset][-1].extra or {}).get("path", ""))


def planned(form: Mapping[str, Any], published: str = "") -> dict[str, Any]:
    """Everything the later steps need, as plain values.

    Raises:
        ConfigError: the configuration, the dataset or the machine does not allow the run.
    """
    file = _config_file(str(form["config"]))
    config = load(file)
    if config.judged_by_verl:
        raise ConfigError(
            f"{file.name}: judges.by is 'verl', but this DAG serves the reward model itself, for evaluation too: "
            "leave it out, or run python -m train.grpo"
        )
    under = root() or "data"
    named = str(form.get("dataset") or published or f"{under}/datasets/demo")
    dataset = resolved(_absolute(named))
    out = _output(form.get("out"), under, file.stem)
    dry_run = bool(form["dry_run"])
    found = preflight(config, dataset)
    notes = list(filter(None, [disk_shortage(found, out)]))
    benchmark = str(
        form.get("benchmark") or config.evaluation.benchmark or os.environ.get(BENCHMARK, "")
    )
    if not dry_run:
        if notes:
            raise ConfigError(notes[0])
        _needed(config, dataset)
    try:
        benchmark = str(benchmark_file(benchmark).parent.absolute())
    except ConfigError as error:
        reason = f"{error}: in the form's `benchmark`, in evaluation.benchmark of {file.name}, or in {BENCHMARK}"
        if not dry_run:  # better now than after a day of training
            raise ConfigError(reason) from error
        notes.append(reason)
    under_jobs = Path(out) / "jobs"
    judges = judge_servers(config, f"{out}/visual-erm", under_jobs)
    hosts = [launcher().host(under_jobs / server_name(number)) for number in range(len(judges))]
    services = [address(*one) for one in zip(judges, hosts, strict=True)]
    services = services or list(config.reward.services)
    given = str(file), dataset, out
    commands = [
        sft_command(_met_at(config, launcher().first_node(under_jobs / "sft")), *given),
        evaluate_command(config, benchmark or "VC-RewardBench", services, out),
    ]
    for task in config.grpo.tasks:
        commands += [
            policy_data_command(task, dataset, out),
            _grpo_command(config, str(file), task, out, services),
        ]
    bound = config.evaluation.at_least
    return {
        "dry_run": dry_run,
        "out": out,
        "tasks": [str(task) for task in config.grpo.tasks],
        "commands": {command.step: _plain(command) for command in commands},
        "servers": [server.model_dump(mode="json") for server in judges],
        "services": services,
        "gate": {"measure": config.evaluation.measure, "at_least": bound},
        "summary": "\n".join([found.summary(), _judges(judges, services), _bound(config)])
        + "".join(f"\nnote: {note}" for note in notes),
    }


def steps_of(order: Mapping[str, Any]) -> Iterator[list[str]]:
    """The steps of each policy, in order."""
    for task in order["tasks"]:
        yield [f"policy-data-{task}", f"grpo-{task}"]


def evaluate_command(
    config: TrainConfig, benchmark: str, services: Sequence[str], out: str
) -> Command:
    """VC-RewardBench through the served reward model."""
    asked = config.evaluation
    more = {
        "--matcher-url": asked.matcher_url,
        "--matcher-model": asked.matcher_model,
        "--matcher-key-env": asked.matcher_key_env,
        "--api-key-env": config.reward.api_key_env,
        "--prompts": config.reward.prompts,
        "--limit": asked.pairs or "",
    }
    return Command(
        "evaluate",
        (
            *("python", "-m", "train.evaluate", f"--benchmark={benchmark}"),
            *(f"--url={url}" for url in services),
            f"--model={config.reward.served_name}",
            *(f"{name}={value}" for name, value in more.items() if value),
            f"--out={out}/evaluation",
        ),
        "the reward model must prove itself before it may reward",
    )


def _grpo_command(
    config: TrainConfig, file: str, task: Modality, out: str, services: Sequence[str]
) -> Command:
    """The command of a veRL run, or of a TRL run if there are no GPUs."""
    if config.grpo.device == "cuda":
        return grpo_run_command(config, file, task, out, services)
    argv = ("python", "-m", "train.grpo.small", f"--config={file}", f"--task={task}")
    return Command(
        f"grpo-{task}", (*argv, f"--out={out}", "--resume"), f"a small {task} policy learns"
    )


def _met_at(config: TrainConfig, host: str) -> TrainConfig:
    """The settings with the host at which nodes meet, if the launcher knows it."""
    if not host:
        return config
    cluster = config.cluster.model_copy(update={"main_address": host})
    return config.model_copy(update={"cluster": cluster})


def server_name(number: int) -> str:
    """The step under which a server's job is kept."""
    return f"serve-{number}"


def address(server: ServerSettings, host: str) -> str:
    """Where a server of the reward model answers, as clients want it."""
    return f"http://{host}:{server.port}/v1"


def _needed(config: TrainConfig, dataset: str) -> None:
    """Stop now if a later step would find no environment, or could not read the dataset in it."""
    python = interpreter(PYTHON)
    driver = str(known_implementations.get(split_protocol(dataset)[0], {}).get("class", ""))
    package = driver.partition(".")[0]
    if package and package != "fsspec" and not _has(python, package):
        raise ConfigError(f"{python} cannot read {dataset}: install {package} in that environment")
    if package and package != "fsspec" and HF_HUB_OFFLINE:
        # The library `datasets` then opens no address at all.
        raise ConfigError(f"HF_HUB_OFFLINE is set, and {dataset} is not on this machine: unset it")
    if config.grpo.tasks and config.grpo.device == "cuda":
        verl_python()
    command = config.judges.command
    if config.judges.servers and (not command or "{python}" in command):
        interpreter(VLLM_PYTHON)


def _has(python: Path, package: str) -> bool:
    """True if an environment holds a package."""
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    return subprocess.run([str(python), "-c", code, package], check=False).returncode == 0


def interpreter(name: str) -> Path:
    """The interpreter that a variable names.

    Raises:
        ConfigError: it names none.
    """
    python = Path(os.environ.get(name) or "/nowhere")
    if not python.is_file():
        raise ConfigError(
            f"{name} names no Python; make the environment (docs/training.md, Environments), set the "
            "variable to the path of its Python, or tick dry_run"
        )
    return python


def _output(asked: Any, under: str, name: str) -> str:
    out = str(asked or (f"data/training/{name}" if "://" in under else f"{under}/training/{name}"))
    if "://" in out:
        raise ConfigError(f"out {out!r}: checkpoints need a folder of this machine or of a mount")
    return str(Path(out).absolute())


def _absolute(path: str) -> str:
    return path if "://" in path else str(Path(path).absolute())


def _judges(started: Sequence[ServerSettings], services: Sequence[str]) -> str:
    where = ", ".join(services)
    if not started:
        return f"the reward model is expected at {where}"
    many = f"{len(started)} servers" if len(started) > 1 else "one server"
    return f"{many} of the reward model will be started: {where}"


def _bound(config: TrainConfig) -> str:
    asked = config.evaluation
    if asked.at_least is None:
        return "no bound on the evaluation: every reward model may reward"
    by = asked.matcher_model or "words"
    return f"policies are trained if {asked.measure} is at least {asked.at_least} (matched by {by})"


def _config_file(name: str) -> Path:
    for path in (CONFIGS / "train" / f"{name}.toml", Path(name)):
        if path.is_file():
            return path.absolute()
    known = ", ".join(sorted(path.stem for path in (CONFIGS / "train").glob("*.toml")))
    raise ConfigError(f"no training configuration {name!r}; known: {known}")


def _plain(command: Command) -> dict[str, Any]:
    return {
        "argv": list(command.argv),
        "line": str(command),
        "why": command.why,
        "gpus": list(command.gpus),
        "nodes": command.nodes,
    }

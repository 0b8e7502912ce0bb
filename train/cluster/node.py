"""One node's report: can it contain and draw programs, reach the judges, and hold the policy?"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from records.errors import PipelineError, RunError
from records.taxonomy import Language, Modality
from renderers.registry import open_renderer
from sandbox.probe import probe
from train.jobs.serving import require_served
from train.reward.addresses import addresses_of
from train.settings import TrainConfig
from train.sft.preflight import parameters_of

STATE_BYTES = 16 + 2
"""Of a parameter in GRPO: weights, gradients and optimizer states, and the reference policy's weights."""
PROGRAMS = {
    Modality.CHART: (Language.PYTHON, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"),
    Modality.TABLE: (Language.HTML, "<table><tr><td>1</td></tr></table>"),
    Modality.SVG: (
        Language.SVG,
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>',
    ),
}
"""A small program of each task."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at."""

    name: str
    fine: bool
    detail: str
    """What was found, or what to do."""


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What one node says."""

    host: str
    looks: list[Look] = field(default_factory=list)
    contracts: dict[str, str] = field(default_factory=dict)
    """Hash of the render contract by task: nodes with different hashes draw a program differently."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, values: dict[str, Any]) -> NodeReport:
        """Reads what `to_json` wrote."""
        looks = [Look(**one) for one in values["looks"]]
        return cls(values["host"], looks, values["contracts"])


def look_at_node(config: TrainConfig, out: str) -> NodeReport:
    """Everything that GRPO needs of this node.

    Args:
        config: Settings of the run.
        out: Folder of the run, with prompts in `policy/`; empty does not look for them.
    """
    report = NodeReport(platform.node())
    report.looks.append(_tried("sandbox", _sandbox))
    for task in config.grpo.tasks:
        report.looks.append(_tried(f"draws {task}", partial(_draws, task, report)))
    report.looks.extend(_judges(config))
    if out and "://" not in out:
        report.looks.extend(_prompts(out, task) for task in config.grpo.tasks)
    if config.grpo.device == "cuda":
        report.looks.append(_gpus(config))
    return report


def _tried(name: str, look: Callable[[], str]) -> Look:
    try:
        return Look(name, True, look())
    except PipelineError as error:
        return Look(name, False, str(error))


def _sandbox() -> str:
    failed = [layer.name for layer in probe() if layer.required and not layer.effective]
    if failed:
        raise RunError(f"{'; '.join(failed)}: no; see vermillion doctor on this node")
    return "contains hostile programs"


def _draws(task: Modality, report: NodeReport) -> str:
    language, code = PROGRAMS[task]
    with open_renderer(task) as renderer:
        renderer.render(code, language).drawn()
        report.contracts[str(task)] = renderer.contract.hash
        return f"contract {renderer.contract.hash}"


def _judges(config: TrainConfig) -> Iterator[Look]:
    reward = config.reward
    if reward.kind == "structural" or config.judges.servers:
        return

    try:
        urls = addresses_of(reward)
    except PipelineError as error:
        yield Look("judges", False, str(error))
        return
    for url in urls:
        yield _tried(f"judge {url}", partial(_answers, url, reward.served_name))
    if reward.api_key_env:
        there = bool(os.environ.get(reward.api_key_env))
        state = "is set" if there else "is not set: set it where this node's Ray is started"
        yield Look(reward.api_key_env, there, state)


def _answers(url: str, name: str) -> str:
    require_served(url, name)
    return f"serves {name}"


def _prompts(out: str, task: Modality) -> Look:
    file = Path(out) / "policy" / task / "train.parquet"
    there = file.is_file()
    return Look(
        f"prompts {task}",
        there,
        str(file) if there else f"{file} is not there: all nodes need one disk at one path",
    )


def _gpus(config: TrainConfig) -> Look:
    """Number of GPUs and memory of each against what the settings want of a node."""
    command = ("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
    try:
        listed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Look("gpus", False, f"nvidia-smi: {error}")
    found_gib = [int(line) / 1024 for line in listed.stdout.split()]
    wanted = config.policy_gpus_per_node
    need_gib = state_gib(config)
    detail = f"{len(found_gib)} of {min(found_gib, default=0):.0f} GiB; {wanted} wanted"
    if not config.grpo.offload:
        detail += f", {need_gib:.0f} GiB of each for the sharded policy"
    enough = len(found_gib) >= wanted and (config.grpo.offload or min(found_gib) > need_gib)
    return Look("gpus", enough, detail)


def state_gib(config: TrainConfig) -> float:
    """Sharded state of the policy on each GPU, before activations and vLLM's share."""
    gpus = config.policy_gpus_per_node * config.cluster.nodes
    return parameters_of(config.grpo.policy) * STATE_BYTES / gpus / 2**30

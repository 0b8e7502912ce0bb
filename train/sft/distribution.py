"""Checks that a training run is distributed over its processes as requested.

FSDP2 that cannot start falls back silently: to whole copies in each process, or to lone processes
that know nothing of each other. Hours later that shows as memory or as a worse model; here it
shows before the first step.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from train.settings import TrainConfig

SLACK = 1.25
"""How far over its even share of parameters a process may be: norms and odd sizes stay whole."""
_LAUNCHERS = re.compile(r"\baccelerate|\btorchrun|\btorch\.distributed")


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a run is really spread."""

    kind: str
    """Accelerate's word: NO, MULTI_CPU, MULTI_GPU, FSDP."""
    processes: int
    local_parameters: int
    """Held by this process."""
    parameters: int
    """Of the model."""


def require(found: Distribution, config: TrainConfig) -> None:
    """Stop a run that is not spread as ordered.

    Raises:
        ConfigError: another number of processes, or parameters that are not sharded.
    """
    wanted, sharding = config.cluster.processes, config.sft.sharding
    if found.processes != wanted:
        raise ConfigError(
            f"{found.processes} processes work together, the settings say {wanted} (cluster.nodes x "
            "cluster.gpus_per_node); start this with the command that `train_visual_erm` prints, "
            "or correct [cluster]"
        )
    if wanted == 1:
        return
    if sharding == "none":
        if found.kind not in ("MULTI_GPU", "MULTI_CPU"):
            raise ConfigError(
                f"sft.sharding is none, but accelerate says {found.kind}; leave out --use_fsdp"
            )
        return
    if found.kind != "FSDP":
        raise ConfigError(
            f"accelerate says {found.kind} instead of FSDP: the model would be copied {wanted} "
            "times. FSDP2 needs GPUs, and --use_fsdp --fsdp_version=2 in the command; for small "
            'models set sft.sharding = "none"'
        )
    most = found.parameters / wanted * SLACK
    if found.local_parameters > most:
        raise ConfigError(
            f"this process holds {found.local_parameters:,} of {found.parameters:,} parameters; "
            f"sharded over {wanted} it would be at most {most:,.0f}. Check fsdp_auto_wrap_policy"
        )


def found_in(accelerator: Any, model: Any) -> Distribution:
    """How ``model`` is spread, as accelerate and its parameters report."""
    local = parameters = 0
    for parameter in model.parameters():
        parameters += parameter.numel()
        to_local = getattr(parameter, "to_local", None)  # a DTensor: this process has a part
        local += to_local().numel() if to_local else parameter.numel()
    return Distribution(
        accelerator.distributed_type.value, accelerator.num_processes, local, parameters
    )


def end_with_launcher() -> None:
    """Make this process end when the launcher that started it does, however that ends.

    Launchers give each worker a session of its own: killed with SIGKILL, they leave workers behind
    that go on training, beside the run that is started in their place.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of linux/prctl.h
    ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() == 1 and not is_launcher(Path("/proc/1")):  # it ended before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def is_launcher(process: Path) -> bool:
    """True if a process, by its folder in /proc, starts workers: in a container it may be the first."""
    try:
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return False
    started = " ".join(words[1:3])
    return Path(words[0]).name.startswith("python") and bool(_LAUNCHERS.search(started))

"""Checks that a training run is distributed over its processes as requested.

If FSDP2 cannot start, it silently falls back to a full copy in each process, or to independent
processes. That would show hours later as memory use or a worse model; this check fails before the
first step.
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
"""Allowed factor over an even share of parameters per process: norms and odd sizes are not sharded."""
_LAUNCHERS = re.compile(r"\baccelerate|\btorchrun|\btorch\.distributed")


@dataclass(frozen=True, slots=True)
class Distribution:
    """The actual distribution of a run."""

    kind: str
    """Accelerate's name: NO, MULTI_CPU, MULTI_GPU, FSDP."""
    processes: int
    local_parameters: int
    """Held by this process."""
    parameters: int
    """Of the model."""


def require(found: Distribution, config: TrainConfig) -> None:
    """Stop a run that is not distributed as configured.

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
    """The distribution of ``model``, as reported by accelerate and its parameters."""
    local = parameters = 0
    for parameter in model.parameters():
        parameters += parameter.numel()
        to_local = getattr(parameter, "to_local", None)  # a DTensor: this process holds a part
        local += to_local().numel() if to_local else parameter.numel()
    return Distribution(
        accelerator.distributed_type.value, accelerator.num_processes, local, parameters
    )


def end_with_launcher() -> None:
    """Make this process end when its launcher ends, for whatever reason.

    Launchers start each worker in its own session. A launcher killed with SIGKILL would leave
    workers that continue training beside the restarted run.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of linux/prctl.h
    ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() == 1 and not is_launcher(
        Path("/proc/1")
    ):  # the launcher ended before the call above
        os.kill(os.getpid(), signal.SIGKILL)


def is_launcher(process: Path) -> bool:
    """True if a process, by its folder in /proc, starts workers: in a container it may be the first."""
    try:
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return False
    started = " ".join(words[1:3])
    return Path(words[0]).name.startswith("python") and bool(_LAUNCHERS.search(started))

"""The exact commands of a training run, composed from its settings and nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from records.taxonomy import Modality
from train.jobs.serving import policy_gpus
from train.settings import TrainConfig


@dataclass(frozen=True, slots=True)
class Command:
    """One process to start on each node."""

    step: str
    argv: tuple[str, ...]
    why: str
    gpus: tuple[int, ...] = ()
    """Numbers of the GPUs of a node that are its own."""
    nodes: int = 1

    def __str__(self) -> str:
        return shlex.join(self.argv)


def sft_command(config: TrainConfig, config_file: str, dataset: str, out: str) -> Command:
    """Full fine-tune of the reward model, one process a GPU; goes on where a checkpoint stands.

    Raises:
        ConfigError: the batch cannot be shared out evenly.
    """
    config.accumulation_steps()
    return Command(
        "sft",
        (
            *_launcher(config),
            "-m",
            "train.sft",
            f"--config={config_file}",
            f"--dataset={dataset}",
            f"--out={out}/visual-erm",
            "--resume",
        ),
        "Visual-ERM learns to name every visible difference of two pictures",
        () if config.sft.device == "cpu" else tuple(range(config.cluster.gpus_per_node)),
        config.cluster.nodes,
    )


def _launcher(config: TrainConfig) -> tuple[str, ...]:
    """How the processes are started, share the model, and find each other on several nodes.

    The same command runs on each node: the rendezvous gives out the ranks.
    """
    cluster, sft = config.cluster, config.sft
    meeting = (
        "--rdzv_backend=c10d",
        f"--main_process_ip={cluster.main_address}",
        f"--main_process_port={cluster.main_port}",
    )
    if sft.device == "cpu":
        # `accelerate launch --cpu` starts one process, whatever number it is given.
        return (
            *("python", "-m", "torch.distributed.run", f"--nnodes={cluster.nodes}"),
            f"--nproc_per_node={cluster.gpus_per_node}",
            *(
                (
                    "--rdzv_backend=c10d",
                    f"--rdzv_endpoint={cluster.main_address}:{cluster.main_port}",
                )
                if cluster.nodes > 1
                else ("--standalone",)
            ),
        )
    if cluster.processes == 1:
        kind: tuple[str, ...] = ()
    elif sft.sharding == "none":
        kind = ("--multi_gpu",)
    else:
        kind = (
            "--use_fsdp",
            "--fsdp_version=2",
            "--fsdp_auto_wrap_policy=TRANSFORMER_BASED_WRAP",
            "--fsdp_state_dict_type=SHARDED_STATE_DICT",
            # FSDP's own saves one all-gather a layer against the model's.
            *(("--fsdp_activation_checkpointing=true",) if sft.gradient_checkpointing else ()),
        )
    return (
        *("accelerate", "launch", f"--num_machines={cluster.nodes}"),
        f"--num_processes={cluster.processes}",
        *("--mixed_precision=bf16", "--dynamo_backend=no"),
        *kind,
        *(meeting if cluster.nodes > 1 else ()),
    )


def policy_data_command(task: Modality, dataset: str, out: str) -> Command:
    """The prompts of one task's policy, from the references of a published dataset."""
    return Command(
        f"policy-data-{task}",
        (
            "python",
            "-m",
            "train.grpo.policy_data",
            f"--dataset={dataset}",
            f"--out={out}/policy",
            f"--task={task}",
        ),
        "a policy learns from the references alone",
    )


def grpo_run_command(
    config: TrainConfig,
    config_file: str,
    task: Modality,
    out: str,
    services: Sequence[str] = (),
) -> Command:
    """The whole GRPO run of one task: servers of the reward model, veRL, the servers' end.

    Args:
        config: Settings of the run.
        config_file: The TOML file that holds them.
        task: Whose policy.
        out: Folder of the run, with the prompts and the reward model.
        services: Servers that stand already, in place of those of the file.
    """
    return Command(
        f"grpo-{task}",
        (
            "python",
            "-m",
            "train.grpo",
            f"--config={config_file}",
            f"--task={task}",
            f"--out={out}",
            f"--model={out}/visual-erm",
            *(f"--service={url}" for url in services),
        ),
        f"a {task} policy learns from what Visual-ERM sees",
        () if config.cluster.ray_url else policy_gpus(config),
    )

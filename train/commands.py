"""The exact commands of a training run, composed from its settings and nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from records.taxonomy import Modality
from train.config import TrainConfig
from train.verl_settings import verl_arguments


@dataclass(frozen=True, slots=True)
class Command:
    """One process to start on each node."""

    step: str
    argv: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return shlex.join(self.argv)


def sft_command(config: TrainConfig, config_file: str, dataset: str, out: str) -> Command:
    """Full fine-tune of the reward model, one process a GPU; goes on where a checkpoint stands.

    Raises:
        ConfigError: the batch cannot be shared out evenly.
    """
    config.accumulation_steps()
    cluster, sft = config.cluster, config.sft
    return Command(
        "sft",
        (
            "accelerate",
            "launch",
            f"--num_machines={cluster.nodes}",
            f"--num_processes={cluster.processes}",
            f"--mixed_precision={'no' if sft.device == 'cpu' else 'bf16'}",
            "--dynamo_backend=no",
            *_spread(config),
            "-m",
            "train.sft",
            f"--config={config_file}",
            f"--dataset={dataset}",
            f"--out={out}/visual-erm",
            "--resume",
        ),
        "Visual-ERM learns to name every visible difference of two pictures",
    )


def _spread(config: TrainConfig) -> tuple[str, ...]:
    """How the processes share the model, and how nodes find each other.

    The same command runs on each node: the rendezvous gives out the ranks.
    """
    cluster, sft = config.cluster, config.sft
    meeting = (
        "--rdzv_backend=c10d",
        f"--main_process_ip={cluster.main_address}",
        f"--main_process_port={cluster.main_port}",
    )
    # Accelerate takes one of --cpu, --multi_gpu and --use_fsdp, and --multi_gpu for two or more.
    if sft.device == "cpu":
        return ("--cpu",)
    if cluster.processes == 1:
        return ()
    if sft.sharding == "none":
        kind: tuple[str, ...] = ("--multi_gpu",)
    else:
        kind = (
            "--use_fsdp",
            "--fsdp_version=2",
            "--fsdp_auto_wrap_policy=TRANSFORMER_BASED_WRAP",
            "--fsdp_state_dict_type=SHARDED_STATE_DICT",
        )
    return kind + (meeting if cluster.nodes > 1 else ())


def serve_command(config: TrainConfig, model: str) -> Command:
    """The trained reward model behind an OpenAI-compatible server."""
    return Command(
        "serve",
        (
            "python",
            "-m",
            "vllm.entrypoints.openai.api_server",
            f"--model={model}",
            f"--served-model-name={config.reward.served_name}",
            "--dtype=bfloat16",
            f"--tensor-parallel-size={min(4, config.cluster.gpus_per_node)}",
            '--limit-mm-per-prompt={"image":2,"video":0}',
            '--structured-outputs-config={"backend":"guidance","disable_any_whitespace":true}',
        ),
        "policies are judged by the trained reward model",
    )


def evaluate_command(config: TrainConfig, benchmark: str, out: str) -> Command:
    """VC-RewardBench through the served reward model."""
    return Command(
        "evaluate",
        (
            "python",
            "-m",
            "train.evaluate",
            f"--benchmark={benchmark}",
            f"--url={config.reward.services[0]}",
            f"--model={config.reward.served_name}",
            f"--out={out}/evaluation",
        ),
        "the reward model must beat its base before it may reward",
    )


def policy_data_command(task: Modality, dataset: str, out: str) -> Command:
    """The prompts of one task's policy, from the references of a published dataset."""
    return Command(
        f"policy-data-{task}",
        (
            "python",
            "-m",
            "train.policy_data",
            f"--dataset={dataset}",
            f"--out={out}/policy",
            f"--task={task}",
        ),
        "a policy learns from the references alone",
    )


def grpo_command(
    config: TrainConfig, task: Modality, out: str, services: Sequence[str] = ()
) -> Command:
    """veRL's GRPO of one task's policy, rewarded by Visual-ERM.

    Prompts are those that `policy_data_command` writes; settings are of veRL 0.9.1. `train.grpo`
    starts it, with the servers of the reward model around it.
    """
    return Command(
        f"grpo-{task}",
        (
            "python",
            "-m",
            "verl.trainer.main_ppo",
            *verl_arguments(config, task, out, services),
        ),
        f"a {task} policy learns from what Visual-ERM sees",
    )


def grpo_run_command(
    config_file: str, task: Modality, out: str, services: Sequence[str] = ()
) -> Command:
    """The whole GRPO run of one task: servers of the reward model, veRL, the servers' end.

    Args:
        config_file: TOML file of the run.
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
    )

"""The exact commands of a training run, composed from its settings and nothing else."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from records.taxonomy import Modality
from train.config import Reward, TrainConfig


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


def grpo_command(config: TrainConfig, task: Modality, out: str) -> Command:
    """veRL's GRPO of one task's policy, rewarded by Visual-ERM.

    Prompts are those that `policy_data_command` writes; settings are of veRL 0.9.1.
    """
    grpo, cluster, reward = config.grpo, config.cluster, config.reward
    settings = {
        "algorithm.adv_estimator": "grpo",
        "algorithm.use_kl_in_reward": "False",
        "data.train_files": f"{out}/policy/{task}/train.parquet",
        "data.val_files": f"{out}/policy/{task}/validation.parquet",
        "data.train_batch_size": grpo.batch_size,
        "data.max_prompt_length": grpo.prompt_tokens,
        "data.max_response_length": grpo.response_tokens,
        "data.image_patch_size": 16,
        "data.image_key": "images",
        "actor_rollout_ref.model.path": grpo.policy,
        "actor_rollout_ref.actor.optim.lr": grpo.learning_rate,
        "actor_rollout_ref.actor.ppo_mini_batch_size": grpo.mini_batch_size,
        "actor_rollout_ref.actor.use_kl_loss": "True",
        "actor_rollout_ref.actor.kl_loss_coef": grpo.kl_coefficient,
        "actor_rollout_ref.actor.kl_loss_type": grpo.kl_kind,
        "actor_rollout_ref.actor.entropy_coeff": grpo.entropy_coefficient,
        "actor_rollout_ref.rollout.name": "vllm",
        "actor_rollout_ref.rollout.n": grpo.rollouts,
        "reward.custom_reward_function.path": "pkg://train.rewards",
        "reward.custom_reward_function.name": "compute_score",
        **{
            f"+reward.custom_reward_function.reward_kwargs.{name}": value
            for name, value in _reward_settings(reward).items()
        },
        "reward.num_workers": reward.processes,
        "trainer.nnodes": cluster.nodes,
        "trainer.n_gpus_per_node": cluster.gpus_per_node,
        "trainer.total_epochs": grpo.epochs,
        "trainer.project_name": "vermillion",
        "trainer.experiment_name": f"grpo-{task}",
        "trainer.default_local_dir": f"{out}/grpo-{task}",
    }
    return Command(
        f"grpo-{task}",
        (
            "python",
            "-m",
            "verl.trainer.main_ppo",
            *(f"{key}={value}" for key, value in settings.items()),
        ),
        f"a {task} policy learns from what Visual-ERM sees",
    )


def _reward_settings(reward: Reward) -> dict[str, str]:
    """`[reward]` as values of Hydra's command line, which reads lists and quotes of its own."""
    values = reward.model_dump(mode="json", exclude={"processes"})
    return {
        name: json.dumps(value, separators=(",", ":")) for name, value in values.items() if value
    }

"""Converts the settings of one task's policy to veRL's command line arguments.

Names are those of veRL 0.9.1 and are checked by veRL itself: `train.grpo.verl_check`. Values of the
paper are in `train.settings.Grpo`; further settings that veRL needs are here, with reasons.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from records.errors import ConfigError
from records.taxonomy import Modality
from train.jobs.commands import Command
from train.settings import Grpo, TrainConfig

JUDGMENT_TOKENS = 4096
"""Longest reply of a judge that veRL serves."""
OVERLONG_WORKERS = 8
PATCH_PX = 16
"""Of Qwen3-VL; veRL's default is that of Qwen2.5-VL."""


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


def verl_arguments(
    config: TrainConfig, task: Modality, out: str, services: Sequence[str] = ()
) -> tuple[str, ...]:
    """Overrides for ``python -m verl.trainer.main_ppo``.

    Args:
        config: Settings of the run.
        task: Whose prompts `train.grpo.policy_data` wrote to `<out>/policy/<task>`.
        out: Folder of the run.
        services: Servers of the reward model in place of `reward.services`.

    Raises:
        ConfigError: the reward model is on loopback, and other nodes would ask themselves.
    """
    grpo, cluster, reward = config.grpo, config.cluster, config.reward
    if config.unreachable and not services:
        raise ConfigError(
            f"reward.services names {config.unreachable}, which every node takes for itself: give addresses "
            "that all nodes reach, or reward.services_file, which `python -m train.serve` writes"
        )
    settings = {
        # The engine is a choice among files, which Hydra wants to have made first.
        "model_engine": "megatron" if grpo.engine == "megatron" else "dp",
        "algorithm.adv_estimator": "grpo",
        "algorithm.use_kl_in_reward": False,
        **_data(grpo, task, out),
        **_policy(grpo),
        **_rollout(grpo),
        "reward.reward_manager.name": grpo.reward_manager,
        "reward.custom_reward_function.path": "pkg://train.reward.functions",
        "reward.custom_reward_function.name": "compute_score",
        **{
            f"+reward.custom_reward_function.reward_kwargs.{name}": value
            for name, value in _reward(config, out, services).items()
        },
        "reward.num_workers": reward.processes,
        **(_judges(config, out) if config.judged_by_verl else {}),
        "trainer.nnodes": cluster.nodes,
        "trainer.n_gpus_per_node": config.policy_gpus_per_node,
        "trainer.total_epochs": grpo.epochs,
        **({"trainer.total_training_steps": grpo.max_steps} if grpo.max_steps > 0 else {}),
        "trainer.project_name": "vermillion",
        "trainer.experiment_name": f"grpo-{task}",
        "trainer.default_local_dir": f"{out}/grpo-{task}",
        # By default veRL keeps no checkpoint and asks for a W&B login.
        "trainer.save_freq": grpo.save_steps,
        "trainer.max_actor_ckpt_to_keep": grpo.keep_checkpoints,
        "trainer.test_freq": grpo.validate_steps,
        "trainer.logger": list(grpo.report_to),
        "trainer.resume_mode": "auto",
    }
    return tuple(f"{key}={_hydra(value)}" for key, value in settings.items())


def _data(grpo: Grpo, task: Modality, out: str) -> dict[str, Any]:
    return {
        "data.train_files": f"{out}/policy/{task}/train.parquet",
        "data.val_files": f"{out}/policy/{task}/validation.parquet",
        "data.train_batch_size": grpo.batch_size,
        "data.train_max_samples": grpo.prompts,
        "data.max_prompt_length": grpo.prompt_tokens,
        "data.max_response_length": grpo.response_tokens,
        "data.image_patch_size": PATCH_PX,
        "data.image_key": "images",
        # A prompt that is too long would stop the run in its middle; this leaves it out before.
        "data.filter_overlong_prompts": True,
        # It decodes every picture: one process takes twenty minutes for 40,000.
        "data.filter_overlong_prompts_workers": OVERLONG_WORKERS,
        "data.truncation": "error",
        "data.seed": grpo.seed,
    }


def _policy(grpo: Grpo) -> dict[str, Any]:
    actor = "actor_rollout_ref.actor"
    common = {
        "actor_rollout_ref.model.path": grpo.policy,
        f"{actor}.optim.lr": grpo.learning_rate,
        f"{actor}.ppo_mini_batch_size": grpo.mini_batch_size,
        # Micro-batches by tokens: replies differ in length by a factor of a hundred.
        f"{actor}.use_dynamic_bsz": True,
        f"{actor}.ppo_max_token_len_per_gpu": _tokens_per_gpu(grpo),
        f"{actor}.use_kl_loss": True,
        f"{actor}.kl_loss_coef": grpo.kl_coefficient,
        f"{actor}.kl_loss_type": grpo.kl_kind,
        f"{actor}.entropy_coeff": grpo.entropy_coefficient,
    }
    if grpo.engine == "megatron":
        shapes = {
            "tensor_model_parallel_size": grpo.tensor_parallel,
            "pipeline_model_parallel_size": grpo.pipeline_parallel,
            "context_parallel_size": grpo.context_parallel,
        }
        return {
            **common,
            **{f"{actor}.megatron.{name}": size for name, size in shapes.items()},
            **{f"actor_rollout_ref.ref.megatron.{name}": size for name, size in shapes.items()},
            # Gradient buffers go with the parameters.
            f"{actor}.megatron.param_offload": grpo.offload,
            f"{actor}.megatron.optimizer_offload": grpo.offload,
            "actor_rollout_ref.ref.megatron.param_offload": grpo.offload,
            **(
                _recomputed(f"{actor}.megatron.override_transformer_config")
                if grpo.recompute
                else {}
            ),
        }
    return {
        **common,
        "actor_rollout_ref.model.enable_gradient_checkpointing": grpo.recompute,
        # Without them the logits of 16,384 tokens alone take 10 GB, and as much again three times.
        "actor_rollout_ref.model.use_fused_kernels": True,
        f"{actor}.strategy": "fsdp2",
        "actor_rollout_ref.ref.strategy": "fsdp2",
        f"{actor}.fsdp_config.param_offload": grpo.offload,
        f"{actor}.fsdp_config.optimizer_offload": grpo.offload,
    }


def _recomputed(where: str) -> dict[str, Any]:
    """Every layer's activations are computed anew. Source: the reference's launch script."""
    names = {"granularity": "full", "method": "uniform", "num_layers": 1}
    return {f"{where}.recompute_{name}": value for name, value in names.items()}


def _rollout(grpo: Grpo) -> dict[str, Any]:
    rollout = "actor_rollout_ref.rollout"
    return {
        f"{rollout}.name": "vllm",
        f"{rollout}.n": grpo.rollouts,
        f"{rollout}.temperature": grpo.temperature,
        f"{rollout}.tensor_model_parallel_size": grpo.rollout_parallel,
        f"{rollout}.gpu_memory_utilization": grpo.rollout_memory_share,
        f"{rollout}.max_model_len": grpo.prompt_tokens + grpo.response_tokens,
        # A picture is not split over two batches of tokens.
        f"{rollout}.max_num_batched_tokens": max(grpo.prompt_tokens, 8192),
    }


def _tokens_per_gpu(grpo: Grpo) -> int:
    # At least one whole conversation; context parallelism shares it among GPUs.
    return -(-(grpo.prompt_tokens + grpo.response_tokens) // grpo.context_parallel)


def _reward(config: TrainConfig, out: str, services: Sequence[str]) -> Mapping[str, Any]:
    reward = config.reward
    values = reward.model_dump(mode="json", exclude={"processes"})
    # Each process asks for itself; together they ask for what a server decodes at a time.
    values["in_flight"] = max(1, reward.in_flight // reward.processes)
    if services:
        values["services"] = list(services)
    if config.judged_by_verl:
        # One address in front of all of them; vLLM serves a model under its path there.
        copies = config.judges.servers * config.cluster.nodes
        values["in_flight"] = max(1, reward.in_flight * copies // reward.processes)
        values["served_name"] = config.judges.model or f"{out}/visual-erm"
        values["services_file"] = ""
    return {name: value for name, value in values.items() if value != ""}


def _judges(config: TrainConfig, out: str) -> dict[str, Any]:
    """The reward model on GPUs of its own in each node, served by veRL, which hands the reward their address."""
    judges, where = config.judges, "reward.reward_model"
    return {
        f"{where}.enable": True,
        f"{where}.enable_resource_pool": True,
        f"{where}.n_gpus_per_node": judges.servers * judges.gpus_each,
        f"{where}.nnodes": config.cluster.nodes,
        f"{where}.model_path": judges.model or f"{out}/visual-erm",
        f"{where}.rollout.name": "vllm",
        f"{where}.rollout.tensor_model_parallel_size": judges.gpus_each,
        f"{where}.rollout.gpu_memory_utilization": judges.memory_share,
        f"{where}.rollout.prompt_length": config.sft.max_length,
        f"{where}.rollout.response_length": JUDGMENT_TOKENS,
        f"{where}.rollout.max_model_len": config.sft.max_length + JUDGMENT_TOKENS,
        # A judge looks at two pictures. It has its GPUs to itself, so that nothing is put to sleep between steps.
        f"{where}.rollout.limit_images": 2,
        f"{where}.rollout.free_cache_engine": False,
        f"{where}.rollout.enforce_eager": False,
    }


def _hydra(value: Any) -> str:
    """A value in the words of Hydra's command line, which reads lists and quotes of its own.

    >>> [_hydra(value) for value in (True, 3, "a", "http://h:1/v1", ["a:1"])]
    ['True', '3', 'a', '"http://h:1/v1"', '["a:1"]']
    """
    if isinstance(value, str):
        plain = value.replace("_", "").replace("-", "").replace("/", "").replace(".", "")
        return value if plain.isalnum() or value.startswith("pkg://") else json.dumps(value)
    if isinstance(value, list | tuple):
        return json.dumps(list(value), separators=(",", ":"))
    return str(value)

"""A policy learns from a reward on one machine, by TRL: small runs, and rehearsals without a GPU.

``python -m train.grpo.small --config FILE --task svg --out FOLDER [--resume]``: the prompts that
`train.grpo.policy_data` wrote, the reward of `[reward]`, settings of `[grpo]`. The paper's runs are
veRL's: `train.grpo`. Source: trl 1.16, `GRPOTrainer`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from quality.format.messages import IMAGE_TAG
from records.errors import ConfigError
from records.files import read_json, write_json
from records.taxonomy import Modality
from train.exit_codes import ended
from train.grpo.policy_data import require_prompts
from train.grpo.run import prompts_digest
from train.jobs.curves import draw_rewards
from train.settings import TrainConfig, load
from train.sft.checkpoints import METRICS, claim, last_whole_checkpoint
from train.sft.loading import processor_of, require_device

VERSIONS = ("torch", "transformers", "trl", "accelerate", "datasets")
RewardFunction = Callable[..., list[float | None]]
CURVES = ("reward", "reward_std", "loss", "grad_norm", "kl", "completions/mean_length")


def prompts_of(file: str) -> Any:
    """The rows of `train.grpo.policy_data` as TRL wants them: a prompt without image tags, its picture,
    and what the reward needs.

    Raises:
        ConfigError: there is no such file, or it is another.
    """
    from datasets import Features, Image, List, Value, load_dataset

    if "://" not in file and not Path(file).is_file():
        raise ConfigError(f"{file} is not there; write it with python -m train.grpo.policy_data")
    if "://" not in file:
        require_prompts(file)
    rows = load_dataset("parquet", data_files=file, split="train")
    message = {"role": Value("string"), "content": Value("string")}
    features = Features(
        {
            "prompt": List(message),
            "images": List(Image()),
            "task": Value("string"),
            "reference_code": Value("string"),
            "render_contract": Value("string"),
        }
    )
    return rows.map(_columns, remove_columns=rows.column_names, features=features)


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    prompt = [
        {"role": turn["role"], "content": turn["content"].replace(IMAGE_TAG, "")}
        for turn in row["prompt"]
    ]
    return {
        "prompt": prompt,
        "images": row["images"],
        "task": row["extra_info"]["task"],
        "reference_code": row["reward_model"]["ground_truth"],
        "render_contract": row["extra_info"]["render_contract"],
    }


def train(
    config: TrainConfig,
    prompts: Any,
    out: Path,
    reward: RewardFunction,
    resume: bool = False,
    prompts_sha256: str = "",
) -> dict[str, Any]:
    """Run GRPO to its end; returns what `metrics.json` says.

    Args:
        config: `[grpo]`; `batch_size` counts prompts, each with `rollouts` replies.
        prompts: As `prompts_of` gives them.
        out: Folder of the run.
        reward: Called with completions and the columns of the prompts; None is "not scorable".
        resume: Go on from the last checkpoint.
        prompts_sha256: Of the prompts' file: with it, a run on other prompts is another run.

    Raises:
        ConfigError: the folder holds another run, there is no such model, or no GPU where one is asked for.
    """
    from transformers import TrainerCallback
    from trl import GRPOTrainer

    require_device(config.grpo.device, "grpo.device")
    run = identity(config, prompts_sha256)
    if not claim(out, run, resume):
        return dict(read_json(out / METRICS))
    last = last_whole_checkpoint(out) if resume else None
    processor = processor_of(config.grpo.policy, "grpo.policy")
    started_s = time.monotonic()

    class Watch(TrainerCallback):  # type: ignore[misc]
        """Keeps the metrics up to date."""

        def on_log(self, args: Any, state: Any, control: Any, **of: Any) -> None:
            write_json(out / METRICS, self.metrics(state))

        def metrics(self, state: Any, finished: bool = False) -> dict[str, Any]:
            return {
                **{name: _curve(state.log_history, name) for name in CURVES},
                "finished": finished,
                "steps": state.global_step,
                "seconds_since_start": round(time.monotonic() - started_s, 1),
                "versions": {name: version(name) for name in VERSIONS},
                **run,
            }

    watch = Watch()
    trainer = GRPOTrainer(
        model=config.grpo.policy,
        args=_arguments(config, out),
        reward_funcs=[reward],
        train_dataset=prompts,
        processing_class=processor,
        callbacks=[watch],
    )
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    trainer.save_model(str(out))
    processor.save_pretrained(out)
    metrics = watch.metrics(trainer.state, finished=True)
    write_json(out / METRICS, metrics)
    draw_rewards(metrics, out / "reward.png")
    return metrics


def identity(config: TrainConfig, prompts_sha256: str) -> dict[str, Any]:
    """What must be equal for a run to go on: settings of the policy, what a reward means, the prompts."""
    return {
        "grpo": config.grpo.model_dump(mode="json", exclude={"save_steps", "report_to"}),
        "reward": config.reward.model_dump(include={"kind", "formula", "served_name", "prompts"}),
        "prompts_sha256": prompts_sha256,
    }


def _arguments(config: TrainConfig, out: Path) -> Any:
    from trl import GRPOConfig

    grpo = config.grpo
    on_cpu = grpo.device == "cpu"
    return GRPOConfig(
        output_dir=str(out),
        learning_rate=grpo.learning_rate,
        # TRL counts replies where the paper counts prompts; one process here.
        per_device_train_batch_size=grpo.mini_batch_size * grpo.rollouts,
        steps_per_generation=grpo.batch_size // grpo.mini_batch_size,
        num_generations=grpo.rollouts,
        max_completion_length=grpo.response_tokens,
        temperature=grpo.temperature,
        num_train_epochs=grpo.epochs,
        max_steps=grpo.max_steps,
        beta=grpo.kl_coefficient,
        entropy_coef=grpo.entropy_coefficient,
        lr_scheduler_type="constant",
        bf16=not on_cpu,
        use_cpu=on_cpu,
        gradient_checkpointing=not on_cpu,
        model_init_kwargs={"dtype": "float32" if on_cpu else "bfloat16"},
        save_steps=grpo.save_steps,
        save_total_limit=grpo.keep_checkpoints,
        logging_steps=1,
        report_to=[name for name in grpo.report_to if name != "console"],
        seed=grpo.seed,
        data_seed=grpo.seed,
        disable_tqdm=not sys.stderr.isatty(),
    )


def _curve(log: list[dict[str, Any]], key: str) -> list[dict[str, float]]:
    return [{"step": line["step"], key: line[key]} for line in log if key in line]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m train.grpo.small", description=__doc__)
    parser.add_argument("--config", required=True, help="a TOML file, as in configs/train/")
    parser.add_argument("--task", required=True, choices=[str(task) for task in Modality])
    parser.add_argument("--out", required=True, type=Path, help="with prompts in policy/<task>")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    asked = parser.parse_args(arguments)

    def work() -> None:
        from train.reward.functions import VisualErmReward

        config = load(asked.config)
        reward = VisualErmReward(config.reward)
        rows = prompts_of(f"{asked.out}/policy/{asked.task}/train.parquet")
        digest = prompts_digest(Modality(asked.task), str(asked.out))
        out = asked.out / f"grpo-{asked.task}"
        metrics = train(config, rows, out, reward, asked.resume, digest)
        rewards = [point["reward"] for point in metrics["reward"]]
        print(f"grpo_small: {metrics['steps']} steps, reward {rewards[0]:.3f} -> {rewards[-1]:.3f}")

    return ended("grpo_small", work)


if __name__ == "__main__":
    sys.exit(main())

"""TRL's trainer as this project sets it up, with batches of like length."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from train.settings import Sft, TrainConfig
from train.sft.batching import ByLength
from train.sft.rows import Rows


def trainer_of(
    config: TrainConfig, out: Path, rows: Rows, processor: Any, callbacks: Sequence[Any] = ()
) -> Any:
    """The trainer of a run, ready to start."""
    from trl import SFTTrainer

    sft = config.sft

    class Trainer(SFTTrainer):  # type: ignore[misc]
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            if sft.batching == "random":
                return super()._get_train_sampler(train_dataset)
            together = sft.per_device_batch_size * self.accelerator.num_processes
            return ByLength(rows.lengths, together, sft.seed)

    trainer = Trainer(
        model=sft.model,
        args=arguments(config, out, rows),
        train_dataset=rows.train,
        eval_dataset=rows.validation,
        processing_class=processor,
        peft_config=_lora(sft),
        callbacks=list(callbacks),
    )
    _freeze(trainer.model, sft.freeze)
    return trainer


def arguments(config: TrainConfig, out: Path, rows: Rows) -> Any:
    """TRL's settings of a run."""
    from trl import SFTConfig

    sft = config.sft
    on_cpu = sft.device == "cpu"
    return SFTConfig(
        output_dir=str(out),
        learning_rate=sft.learning_rate,
        per_device_train_batch_size=sft.per_device_batch_size,
        per_device_eval_batch_size=sft.per_device_batch_size,
        gradient_accumulation_steps=config.accumulation_steps(),
        num_train_epochs=sft.epochs,
        max_steps=sft.max_steps,
        lr_scheduler_type=sft.scheduler,
        warmup_steps=sft.warmup_share,
        completion_only_loss=True,
        # Rows were measured before; truncating here could cut a picture's tokens.
        max_length=None,
        # Under FSDP2 accelerate wraps each layer instead: `train.jobs.commands`.
        gradient_checkpointing=sft.gradient_checkpointing and not _sharded(config),
        bf16=not on_cpu,
        use_cpu=on_cpu,
        model_init_kwargs={
            "dtype": "float32" if on_cpu else "bfloat16",
            "attn_implementation": sft.attention,
        },
        save_strategy="steps",
        save_steps=sft.save_steps,
        save_total_limit=sft.keep_checkpoints,
        eval_strategy="steps" if rows.validation is not None else "no",
        eval_steps=sft.eval_steps,
        logging_steps=sft.log_steps,
        logging_first_step=True,
        report_to=list(sft.report_to),
        dataloader_num_workers=sft.loader_workers,
        seed=sft.seed,
        data_seed=sft.seed,
        disable_tqdm=not sys.stderr.isatty(),
    )


def _sharded(config: TrainConfig) -> bool:
    sft = config.sft
    return sft.device == "cuda" and sft.sharding == "fsdp2" and config.cluster.processes > 1


_PARTS = {"vision": ("visual.",), "projector": ("visual.merger", "visual.deepstack_merger_list")}
"""Prefixes of the parameter names of Qwen3-VL's parts."""


def _freeze(model: Any, parts: Sequence[str]) -> None:
    """Freeze parts of the model; ``vision`` alone does not freeze the projector.

    Raises:
        ConfigError: the model has no such part.
    """
    for part in parts:
        own = _PARTS[part]
        others = () if part == "projector" else _PARTS["projector"]
        found = 0
        for name, parameter in model.named_parameters():
            inside = any(word in name for word in own) and not any(word in name for word in others)
            if inside:
                parameter.requires_grad_(False)
                found += 1
        if not found:
            raise ConfigError(f"sft.freeze: the model has no {part}: no parameter named {own[0]}*")


def _lora(sft: Sft) -> Any:
    if not sft.lora_rank:
        return None
    from peft import LoraConfig

    return LoraConfig(r=sft.lora_rank, lora_alpha=2 * sft.lora_rank, target_modules="all-linear")

"""TRL's trainer with what this project adds: batches of like length, and micro-batches under a cap of tokens."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from train.settings import Sft, TrainConfig
from train.sft.batching import ByLength
from train.sft.rows import Rows

PICTURES = 2
"""Of a row."""


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

        def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
            parts = _parts_over_all(self.accelerator, inputs, sft.micro_batch_tokens)
            losses = [
                super(Trainer, self).training_step(model, part, num_items_in_batch)
                for part in cut(inputs, parts)
            ]
            return sum(losses)

    trainer = Trainer(
        model=sft.model,
        args=arguments(config, out, rows),
        train_dataset=rows.train,
        eval_dataset=rows.validation,
        processing_class=processor,
        peft_config=_lora(sft),
        callbacks=list(callbacks),
    )
    # TRL's loss divides by the reply tokens of the whole step only where this is true, and Qwen3-VL says it is not:
    # each micro-batch would then count the same, however few tokens it has.
    trainer.model_accepts_loss_kwargs = True
    _freeze(trainer.model, sft.freeze)
    return trainer


def _parts_over_all(accelerator: Any, inputs: Mapping[str, Any], cap: int) -> int:
    """In how many parts every process cuts its micro-batch: as many as the one with most tokens needs.

    Sharded models gather their weights together, so all processes take the same number of passes.
    """
    if not cap:
        return 1
    import torch

    rows, length = inputs["input_ids"].shape
    mine = torch.tensor([parts_needed(rows, length, cap)], device=accelerator.device)
    return int(accelerator.gather(mine).max())


def parts_needed(rows: int, length: int, cap: int) -> int:
    """Parts of a micro-batch of which none has more than ``cap`` tokens, padding included; a row is not cut.

    >>> parts_needed(4, 900, 2000), parts_needed(4, 900, 4000), parts_needed(2, 9000, 4000)
    (2, 1, 2)
    """
    return -(-rows // max(1, cap // length))


def cut(inputs: Mapping[str, Any], parts: int) -> list[dict[str, Any]]:
    """A micro-batch in parts of whole rows, each padded to its own longest row, with the pictures of its rows."""
    ids, grid = inputs["input_ids"], inputs["image_grid_thw"]
    rows = len(ids)
    if parts == 1:
        return [dict(inputs)]
    patches = [0, *grid.prod(dim=1).cumsum(0).tolist()]
    edges = [rows * at // parts for at in range(parts + 1)]
    found = []
    for first, last in pairwise(edges):
        # A process with fewer rows than parts passes its last row again, with nothing to learn from it.
        again = first == last
        first = min(first, rows - 1)
        last = max(last, first + 1)
        columns = int(inputs["attention_mask"][first:last].sum(dim=1).max())
        part = {
            name: value[first:last, :columns]
            for name, value in inputs.items()
            if getattr(value, "shape", ())[:2] == ids.shape
        }
        if again:
            part["labels"] = part["labels"].new_full(part["labels"].shape, -100)
        pictures = slice(PICTURES * first, PICTURES * last)
        part["image_grid_thw"] = grid[pictures]
        part["pixel_values"] = inputs["pixel_values"][
            patches[pictures.start] : patches[pictures.stop]
        ]
        found.append(part)
    return found


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

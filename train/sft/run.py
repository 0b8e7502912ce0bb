"""Fine-tunes Visual-ERM on published shards: from two pictures to the list of differences.

``python -m train.sft --config FILE --dataset FOLDER --out FOLDER [--resume]``, one process a GPU, by
the command that `train.jobs.commands.sft_command` composes. Source: arXiv:2603.13224, "Training", SFT:
full fine-tune, negative log-likelihood of the reply alone. TRL trains; nothing is converted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from train.exit_codes import ended
from train.jobs.curves import draw_losses
from train.settings import Sft, TrainConfig, load
from train.sft.batching import ByLength
from train.sft.card import model_card
from train.sft.checkpoints import METRICS, claim, last_whole_checkpoint, read_json, write_json
from train.sft.distribution import end_with_launcher, found_in, require
from train.sft.lengths import size_in, tokens_of_picture
from train.sft.preflight import manifest_of, prompts_in
from train.sft.weights import to_bfloat16

COLUMNS = ["images", "prompt", "completion"]
ADAPTER = "adapter"
"""Folder of the LoRA adapter; the merged model is beside it."""
VERSIONS = ("torch", "transformers", "trl", "accelerate", "datasets")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a run."""

    train: Any
    lengths: list[int]
    """Tokens of each training row, with both pictures if batches are ordered by length."""
    validation: Any
    """None if the dataset has no such split."""
    left_out: int
    """Rows of the training split that are longer than `max_length`."""


def rows_of(dataset: str, sft: Sft, tokenizer: Any) -> Rows:
    """The splits as memory-mapped rows, without rows that are too long.

    A picture counts with its largest possible number of tokens, so no picture is decoded here and
    none is truncated later.

    Raises:
        ConfigError: no training split, or every row of it is too long.
    """
    train = _split(dataset, "train")
    if train is None:
        raise ConfigError(f"{dataset}: no training split; give the folder of a published dataset")
    kept, lengths = _fitting(train, sft, tokenizer)
    if not len(kept):
        raise ConfigError(
            f"{dataset}: none of {len(train)} rows fits sft.max_length {sft.max_length} beside two "
            f"pictures of {sft.picture_tokens} tokens; raise max_length or lower max_pixels"
        )
    if sft.batching == "by_length":
        lengths = [
            words + pictures
            for words, pictures in zip(lengths, _picture_tokens(kept, sft), strict=True)
        ]
    validation = _split(dataset, "validation")
    if validation is not None:
        if sft.eval_rows and len(validation) > sft.eval_rows:
            # Evenly over the split, which is ordered by source.
            step = len(validation) / sft.eval_rows
            validation = validation.select([int(at * step) for at in range(sft.eval_rows)])
        validation, _ = _fitting(validation, sft, tokenizer)
    return Rows(kept, lengths, validation or None, len(train) - len(kept))


def _fitting(rows: Any, sft: Sft, tokenizer: Any) -> tuple[Any, list[int]]:
    """The rows that are short enough, and the tokens of their texts."""
    words = rows.select_columns(["prompt", "completion"]).map(
        _Tokens(tokenizer),
        input_columns=["prompt", "completion"],
        remove_columns=["prompt", "completion"],
        desc="tokens",
    )["tokens"]
    fitting = [at for at, tokens in enumerate(words) if tokens <= sft.text_tokens]
    if len(fitting) < len(rows):
        rows = rows.select(fitting)
    return rows, [words[at] for at in fitting]


def _picture_tokens(rows: Any, sft: Sft) -> list[int]:
    """Tokens of both pictures of each row, by the sizes in their headers: no picture is decoded."""
    found = []
    for batch in rows.select_columns(["images"]).with_format("arrow").iter(batch_size=256):
        for images in batch["images"].to_pylist():
            sizes = (size_in(image["bytes"]) for image in images)
            found.append(
                sum(tokens_of_picture(*size, sft.min_pixels, sft.max_pixels) for size in sizes)
            )
    return found


class _Tokens:
    # A class, not a closure: `datasets` hashes it to find cached results.
    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def __call__(
        self, prompt: list[dict[str, str]], completion: list[dict[str, str]]
    ) -> dict[str, int]:
        text = "".join(turn["content"] for turn in (*prompt, *completion))
        # Sixteen cover the template's tokens around two pictures and two turns.
        return {"tokens": len(self.tokenizer(text)["input_ids"]) + 16}


def train(config: TrainConfig, dataset: str, out: Path, resume: bool) -> dict[str, Any]:
    """Run the fine-tune to its end; returns what `metrics.json` says.

    Raises:
        ConfigError: settings, dataset or the way it was started do not allow the run.
    """
    from accelerate import PartialState
    from transformers import AutoProcessor

    sft = config.sft
    state = PartialState(cpu=sft.device == "cpu")
    run = _identity(config, dataset)
    # Every process must read the folder before the first of them writes to it.
    with state.main_process_first():
        finished = not claim(out, run, resume or not state.is_main_process)
        last = last_whole_checkpoint(out, state.num_processes)
    if finished:
        _say(state, f"{out}: this run is finished")
        return dict(read_json(out / METRICS))

    processor = AutoProcessor.from_pretrained(sft.model)
    size = {"shortest_edge": sft.min_pixels, "longest_edge": sft.max_pixels}
    processor.image_processor.size = size
    with state.main_process_first():
        rows = rows_of(dataset, sft, processor.tokenizer)
    _say(
        state,
        f"{len(rows.train)} rows ({rows.left_out} left out: longer than {sft.max_length} tokens)"
        + (f", from {last.name}" if last else ", from the start"),
    )
    facts = {
        "rows": len(rows.train),
        "rows_left_out": rows.left_out,
        "processes": config.cluster.processes,
        "versions": {name: version(name) for name in VERSIONS},
        **run,
    }
    trainer, watch = _trainer(config, out, rows, processor, facts)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    _save(trainer, processor, sft, out)
    metrics: dict[str, Any] = watch.metrics(trainer.state, finished=True)
    if trainer.is_world_process_zero():
        write_json(out / METRICS, metrics)
        draw_losses(metrics, out / "loss.png")
        card = model_card(config, dataset, metrics, prompts_in(manifest_of(dataset)[0]))
        (out / "README.md").write_text(card, encoding="utf-8")
    return metrics


def _trainer(
    config: TrainConfig, out: Path, rows: Rows, processor: Any, facts: dict[str, Any]
) -> tuple[Any, Any]:
    """TRL's trainer with batches by length, and its callbacks.

    Args:
        facts: What `metrics.json` says of the run besides its curves.
    """
    from transformers import TrainerCallback
    from trl import SFTTrainer

    sft = config.sft

    class Watch(TrainerCallback):  # type: ignore[misc]
        """Checks the distribution before step 0 and keeps the metrics up to date."""

        def __init__(self) -> None:
            self.started_s = 0.0
            self.first_step = 0

        def on_train_begin(self, args: Any, state: Any, control: Any, **of: Any) -> None:
            require(found_in(trainer.accelerator, of["model"]), config)
            self.started_s, self.first_step = time.monotonic(), state.global_step

        def on_log(self, args: Any, state: Any, control: Any, **of: Any) -> None:
            if state.is_world_process_zero:
                write_json(out / METRICS, self.metrics(state))

        def metrics(self, state: Any, finished: bool = False) -> dict[str, Any]:
            return {
                **_history(state.log_history),
                "finished": finished,
                "steps": state.global_step,
                "resumed_at_step": self.first_step,
                "seconds_since_start": round(time.monotonic() - self.started_s, 1),
                **facts,
            }

    class Trainer(SFTTrainer):  # type: ignore[misc]
        """TRL's trainer, with batches of similar length if configured."""

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            if sft.batching == "random":
                return super()._get_train_sampler(train_dataset)
            together = sft.per_device_batch_size * self.accelerator.num_processes
            return ByLength(rows.lengths, together, sft.seed)

    watch = Watch()
    trainer = Trainer(
        model=sft.model,
        args=_arguments(config, out, rows),
        train_dataset=rows.train,
        eval_dataset=rows.validation,
        processing_class=processor,
        peft_config=_lora(sft),
        callbacks=[watch],
    )
    _freeze(trainer.model, sft.freeze)
    return trainer, watch


def _arguments(config: TrainConfig, out: Path, rows: Rows) -> Any:
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


def _save(trainer: Any, processor: Any, sft: Sft, out: Path) -> None:
    plugin = getattr(trainer.accelerator.state, "fsdp_plugin", None)
    if plugin is not None:
        # Checkpoints are sharded, and vLLM cannot load a sharded state.
        plugin.set_state_dict_type("FULL_STATE_DICT")
    trainer.save_model(str(out / ADAPTER if sft.lora_rank else out))
    if trainer.is_world_process_zero():
        processor.save_pretrained(out)
        if sft.lora_rank:
            _merge(sft, out)
        elif sft.device == "cuda":
            to_bfloat16(out)


def _merge(sft: Sft, out: Path) -> None:
    """Write base and adapter as one model: the same files as those of a full fine-tune."""
    from peft import PeftModel
    from transformers import AutoModelForImageTextToText

    dtype = "float32" if sft.device == "cpu" else "bfloat16"
    base = AutoModelForImageTextToText.from_pretrained(sft.model, dtype=dtype, device_map="cpu")
    PeftModel.from_pretrained(base, str(out / ADAPTER)).merge_and_unload().save_pretrained(out)


def _split(dataset: str, name: str) -> Any:
    import fsspec
    from datasets import load_dataset

    files, folder = fsspec.core.url_to_fs(f"{dataset.rstrip('/')}/{name}")
    found = sorted(files.glob(f"{folder}/*.parquet"))
    if not found:
        return None
    urls = [files.unstrip_protocol(path) for path in found]
    return load_dataset("parquet", data_files=urls, split="train", columns=COLUMNS)


def _identity(config: TrainConfig, dataset: str) -> dict[str, Any]:
    """The identity of a run: everything that affects the loss."""
    free = {"save_steps", "keep_checkpoints", "log_steps", "loader_workers", "report_to"}
    free |= {"eval_steps", "eval_rows"}
    return {
        "dataset_manifest_sha256": manifest_of(dataset)[1],
        "sft": config.sft.model_dump(mode="json", exclude=free),
        "cluster": {"processes": config.cluster.processes},
    }


def _history(log: list[dict[str, Any]]) -> dict[str, list[dict[str, float]]]:
    """The trainer's log as curves."""

    def curve(key: str, at: Callable[[dict[str, Any]], bool]) -> list[dict[str, float]]:
        return [{"step": line["step"], key: line[key]} for line in log if key in line and at(line)]

    return {
        name: curve(name, lambda line: True)
        for name in ("loss", "eval_loss", "grad_norm", "learning_rate", "mean_token_accuracy")
    }


def _say(state: Any, line: str) -> None:
    if state.is_main_process:
        print(f"sft: {line}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train.sft", description=__doc__)
    parser.add_argument("--config", required=True, help="a TOML file, as in configs/train/")
    parser.add_argument("--dataset", required=True, help="folder of a published dataset")
    parser.add_argument("--out", required=True, type=Path, help="checkpoints, model, metrics")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    asked = parser.parse_args()
    end_with_launcher()

    def work() -> None:
        metrics = train(load(asked.config), asked.dataset, asked.out, asked.resume)
        losses = [point["loss"] for point in metrics["loss"]]
        loss = f"loss {losses[0]:.3f} -> {losses[-1]:.3f}"
        print(f"sft: {metrics['steps']} steps, {loss}; {asked.out}")

    return ended("sft", work)

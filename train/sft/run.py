"""Fine-tunes Visual-ERM on published shards: from two pictures to the list of differences.

``python -m train.sft --config FILE --dataset FOLDER --out FOLDER [--resume]``, one process a GPU, by
the command that `train.jobs.commands.sft_command` composes. Source: arXiv:2603.13224, "Training", SFT:
full fine-tune, negative log-likelihood of the reply alone. TRL trains; nothing is converted.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from quality.format.versions import resolved
from records.files import read_json, write_json
from train.exit_codes import ended
from train.jobs.curves import draw_losses
from train.settings import Sft, TrainConfig, load
from train.sft.card import model_card
from train.sft.checkpoints import METRICS, claim, hold, last_whole_checkpoint
from train.sft.distribution import end_with_launcher
from train.sft.loading import processor_of, require_device
from train.sft.preflight import manifest_of, prompts_in
from train.sft.rows import rows_of
from train.sft.trainer import trainer_of
from train.sft.watch import watch_of
from train.sft.weights import save_model


def train(config: TrainConfig, dataset: str, out: Path, resume: bool) -> dict[str, Any]:
    """Run the fine-tune to its end; returns what `metrics.json` says.

    Raises:
        ConfigError: settings, dataset or the way it was started do not allow the run.
    """
    from accelerate import PartialState

    sft = config.sft
    require_device(sft.device, "sft.device")
    state = PartialState(cpu=sft.device == "cpu")
    run = _identity(config, dataset)
    finished, last = _claimed(state, out, run, resume)
    if finished:
        _say(state, f"{out}: this run is finished")
        return dict(read_json(out / METRICS))
    processor = _processor(sft)
    with state.main_process_first():
        rows = rows_of(dataset, sft, processor.tokenizer)
    _say(
        state,
        f"{len(rows.train)} rows ({rows.left_out} left out: longer than {sft.max_length} tokens)"
        + (f", from {last.name}" if last else ", from the start"),
    )
    watch = watch_of(config, out, rows, run, lambda: trainer.accelerator)
    trainer = trainer_of(config, out, rows, processor, [watch])
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    save_model(trainer, processor, sft, out)
    metrics: dict[str, Any] = watch.metrics(trainer.state, finished=True)
    if trainer.is_world_process_zero():
        write_json(out / METRICS, metrics)
        draw_losses(metrics, out / "loss.png")
        card = model_card(config, dataset, metrics, prompts_in(manifest_of(dataset)[0]))
        (out / "README.md").write_text(card, encoding="utf-8")
    return metrics


def _claimed(state: Any, out: Path, run: dict[str, Any], resume: bool) -> tuple[bool, Path | None]:
    """Whether the run is finished already, and the checkpoint from which it goes on.

    Every process must know what the folder held before the first of them writes to it.
    """
    with state.main_process_first():
        unfinished = claim(out, run, resume or not state.is_main_process)
        if unfinished and state.is_main_process:
            hold(out)
        last = last_whole_checkpoint(out, state.num_processes)
    return not unfinished, last


def _processor(sft: Sft) -> Any:
    processor = processor_of(sft.model, "sft.model")
    processor.image_processor.size = {
        "shortest_edge": sft.min_pixels,
        "longest_edge": sft.max_pixels,
    }
    return processor


def _identity(config: TrainConfig, dataset: str) -> dict[str, Any]:
    """The identity of a run: everything that affects the loss."""
    free = {"save_steps", "save_minutes", "keep_checkpoints", "log_steps", "loader_workers"}
    free |= {"eval_steps", "eval_rows", "report_to", "micro_batch_tokens"}
    return {
        "dataset_manifest_sha256": manifest_of(dataset)[1],
        "sft": config.sft.model_dump(mode="json", exclude=free),
        "cluster": {"processes": config.cluster.processes},
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
        dataset = resolved(asked.dataset)
        metrics = train(load(asked.config), dataset, asked.out, asked.resume)
        losses = [point["loss"] for point in metrics["loss"]]
        loss = f"loss {losses[0]:.3f} -> {losses[-1]:.3f}"
        print(f"sft: {metrics['steps']} steps, {loss}; {asked.out}")

    return ended("sft", work)

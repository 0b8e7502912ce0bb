"""What is looked at while a fine-tune runs: how it is spread, its curves, and the time since the last checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from records.files import write_json
from train.settings import TrainConfig
from train.sft.checkpoints import METRICS
from train.sft.distribution import found_in, require
from train.sft.rows import Rows

VERSIONS = ("torch", "transformers", "trl", "accelerate", "datasets")


def watch_of(
    config: TrainConfig,
    out: Path,
    rows: Rows,
    run: Mapping[str, Any],
    accelerator: Callable[[], Any],
) -> Any:
    """A callback of the trainer that checks, writes metrics and asks for checkpoints.

    Args:
        config: Settings of the run.
        out: Its folder.
        rows: What is trained on.
        run: What identifies the run; stands in its metrics.
        accelerator: Gives the trainer's accelerator, once there is one.
    """
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.started_s = self.saved_s = 0.0
            self.first_step = 0

        def on_train_begin(self, args: Any, state: Any, control: Any, **of: Any) -> None:
            require(found_in(accelerator(), of["model"]), config)
            self.started_s = self.saved_s = time.monotonic()
            self.first_step = state.global_step

        def on_step_end(self, args: Any, state: Any, control: Any, **of: Any) -> None:
            if config.sft.save_minutes and not control.should_save:
                waited_s = time.monotonic() - self.saved_s
                control.should_save = _told_by_first(
                    accelerator(), waited_s >= 60 * config.sft.save_minutes
                )

        def on_save(self, args: Any, state: Any, control: Any, **of: Any) -> None:
            self.saved_s = time.monotonic()

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
                "rows": len(rows.train),
                "rows_by_task": rows.by_task,
                "rows_left_out": rows.left_out,
                "processes": config.cluster.processes,
                "versions": {name: version(name) for name in VERSIONS},
                **run,
            }

    return Watch()


def _told_by_first(accelerator: Any, mine: bool) -> bool:
    """What the first process says: clocks differ, and a checkpoint is written by all or by none."""
    if accelerator.num_processes == 1:
        return mine
    from accelerate.utils import broadcast_object_list

    said: list[bool] = broadcast_object_list([mine])
    return said[0]


def _history(log: list[dict[str, Any]]) -> dict[str, list[dict[str, float]]]:
    """The trainer's log as curves."""

    def curve(key: str, at: Callable[[dict[str, Any]], bool]) -> list[dict[str, float]]:
        return [{"step": line["step"], key: line[key]} for line in log if key in line and at(line)]

    return {
        name: curve(name, lambda line: True)
        for name in ("loss", "eval_loss", "grad_norm", "learning_rate", "mean_token_accuracy")
    }

"""A fine-tune in small, whole and killed: the same losses, and they fall.

``python -m train.smoke --config configs/train/smoke.toml --dataset FOLDER --out FOLDER``: writes a tiny
model, trains it to the end, trains it again and kills that run with SIGKILL after a checkpoint, lets
it go on, and compares every loss. Exit status 1 where they differ or do not fall.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from train.checkpoints import METRICS, last_whole_checkpoint, write_json
from train.config import load

DEADLINE_S = 900.0
"""Of one training process."""


def run(config: str, dataset: str, out: Path, kill_after_step: int = 0) -> dict[str, Any]:
    """Train in a process of its own; its metrics.

    Args:
        config: TOML file.
        dataset: Folder of a published dataset.
        out: Folder of the run; what is there is continued.
        kill_after_step: SIGKILL once a checkpoint is whole and this step is over; 0 never.

    Raises:
        RuntimeError: it failed, hung, or was over before it could be killed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "train.sft"),
                *(f"--config={config}", f"--dataset={dataset}", f"--out={out}", "--resume"),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        )
        try:
            ends_s = time.monotonic() + DEADLINE_S
            while process.poll() is None:
                if time.monotonic() > ends_s:
                    raise RuntimeError(f"still running after {DEADLINE_S:g} s; see {out}/log.txt")
                if kill_after_step and _step(out) > kill_after_step and last_whole_checkpoint(out):
                    process.kill()
                    process.wait()
                    return _metrics(out)
                time.sleep(0.2)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode or kill_after_step:
        said = (out / "log.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"exit status {process.returncode}; {out}/log.txt ends: {said}")
    return _metrics(out)


def losses(metrics: dict[str, Any]) -> dict[int, float]:
    """Training loss by step."""
    return {int(point["step"]): float(point["loss"]) for point in metrics["loss"]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train.smoke", description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--out", required=True, type=Path)
    asked = parser.parse_args()
    settings = load(asked.config).sft

    from train.tiny import write_tiny

    print(f"smoke: {settings.model}: {write_tiny(Path(settings.model)):,} parameters", flush=True)
    for name in ("whole", "killed"):
        shutil.rmtree(asked.out / name, ignore_errors=True)
    started_s = time.monotonic()
    whole = losses(run(asked.config, asked.dataset, asked.out / "whole"))
    seconds = time.monotonic() - started_s
    print(f"smoke: {len(whole)} steps in {seconds:.0f} s, start included", flush=True)
    died = _step_of(run(asked.config, asked.dataset, asked.out / "killed", settings.save_steps))
    resumed = run(asked.config, asked.dataset, asked.out / "killed")
    again = losses(resumed)
    print(f"smoke: killed after step {died}, went on from step {resumed['resumed_at_step']}")
    apart = max(abs(whole[step] - again[step]) for step in whole)
    few = max(1, len(whole) // 4)
    first, last = (sum(part) / few for part in (_values(whole)[:few], _values(whole)[-few:]))
    report = {
        "losses_whole": whole,
        "losses_killed_and_resumed": again,
        "largest_difference": apart,
        "killed_after_step": died,
        "resumed_at_step": resumed["resumed_at_step"],
        "mean_loss_first_quarter": first,
        "mean_loss_last_quarter": last,
    }
    write_json(asked.out / "smoke.json", report)
    print(f"smoke: loss {first:.3f} -> {last:.3f} (means of first and last {few} steps)")
    print(f"smoke: losses of both runs differ by at most {apart:g}; {asked.out}/smoke.json")
    return int(apart > 0 or last >= first)


def _values(curve: dict[int, float]) -> list[float]:
    return [curve[step] for step in sorted(curve)]


def _metrics(out: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((out / METRICS).read_text(encoding="utf-8"))
    return metrics


def _step_of(metrics: dict[str, Any]) -> int:
    return int(metrics["steps"])


def _step(out: Path) -> int:
    try:
        return _step_of(_metrics(out))
    except FileNotFoundError:
        return 0


if __name__ == "__main__":
    sys.exit(main())

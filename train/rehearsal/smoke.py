"""Training in small, on a CPU: fine-tune, kill and resume, evaluation, GRPO, refinement.

``python -m train.rehearsal.smoke --config configs/train/smoke.toml --dataset FOLDER --out FOLDER``. Every part is
the one that trains the 8B, but for its size; model servers are played by scripts. What must hold is
checked, and the exit status is 1 where something does not.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer
from endpoints.settings import Endpoint
from records.files import read_json, write_json
from records.taxonomy import Language, Modality, category_names
from train.evaluate.benchmark import read_benchmark, write_benchmark
from train.jobs.commands import sft_command
from train.settings import Reward, TrainConfig, load
from train.sft.checkpoints import METRICS, last_whole_checkpoint

DEADLINE_S = 900.0
"""Of one training process."""
BENCHMARK_PAIRS = 12
REFINEMENT_ROUNDS = 4


def run(
    config: TrainConfig, config_file: str, dataset: str, out: Path, kill_after_step: int = 0
) -> dict[str, Any]:
    """Fine-tune in processes of their own; their metrics.

    Args:
        config: What the file says.
        config_file: TOML file.
        dataset: Folder of a published dataset.
        out: Folder of the run; what is there is continued.
        kill_after_step: SIGKILL to all once a checkpoint is whole and this step is over; 0 never.

    Raises:
        RuntimeError: it failed, hung, or was over before it could be killed.
    """
    out.mkdir(parents=True, exist_ok=True)
    _, *arguments = sft_command(config, config_file, dataset, str(out)).argv
    with (out / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                **os.environ,
                "HF_HUB_OFFLINE": "1",
                "TOKENIZERS_PARALLELISM": "false",
                "OMP_NUM_THREADS": "1",
            },
        )
        model = out / "visual-erm"
        processes = config.cluster.processes
        try:
            ends_s = time.monotonic() + DEADLINE_S
            while process.poll() is None:
                if time.monotonic() > ends_s:
                    raise RuntimeError(f"still running after {DEADLINE_S:g} s; see {out}/log.txt")
                over = kill_after_step and _step(model) > kill_after_step
                if over and last_whole_checkpoint(model, processes):
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    return _metrics(model)
                time.sleep(0.2)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if process.returncode or kill_after_step:
        log_end = (out / "log.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"exit status {process.returncode}; {out}/log.txt ends: {log_end}")
    return _metrics(model)


def losses(metrics: dict[str, Any]) -> dict[int, float]:
    """Training loss by step."""
    return {int(point["step"]): float(point["loss"]) for point in metrics["loss"]}


def sft(config: TrainConfig, config_file: str, dataset: str, out: Path) -> dict[str, Any]:
    """Trained whole; trained again, killed, resumed: losses fall, and are the same."""
    whole = losses(run(config, config_file, dataset, out / "whole"))
    killed = run(config, config_file, dataset, out / "killed", config.sft.save_steps)
    resumed = run(config, config_file, dataset, out / "killed")
    again = losses(resumed)
    few = max(1, len(whole) // 4)
    values = [whole[step] for step in sorted(whole)]
    found = {
        "processes": config.cluster.processes,
        "losses_whole": whole,
        "losses_killed_and_resumed": again,
        "largest_difference": max(abs(whole[step] - again[step]) for step in whole),
        "killed_after_step": int(killed["steps"]),
        "resumed_at_step": resumed["resumed_at_step"],
        "mean_loss_first_quarter": sum(values[:few]) / few,
        "mean_loss_last_quarter": sum(values[-few:]) / few,
    }
    _require(found["resumed_at_step"] > 0, "the killed run started again from step 0")
    _require(found["largest_difference"] == 0, "losses after kill and resume are others")
    _require(
        found["mean_loss_last_quarter"] < found["mean_loss_first_quarter"], "the loss does not fall"
    )
    return found


def evaluation(dataset: str, out: Path) -> dict[str, Any]:
    """A model that names every second error, scored: nothing it says is wrong, half is missing."""
    from train.evaluate.run import main as evaluate

    write_benchmark(dataset, out / "benchmark", BENCHMARK_PAIRS)
    items, _ = read_benchmark(out / "benchmark")
    known = {_digest(item.candidate.read_bytes()): item for item in items}
    total = sum(len(item.human) for item in items)
    named = sum(len(item.human[::2]) for item in items)

    def model(asked: ReceivedRequest) -> ReplayAnswer:
        item = known[_digest(b64decode(asked.images[1].partition(",")[2]))]
        errors = [
            {
                "category": error.category,
                "severity": error.severity,
                "location": error.location,
                "description": error.description,
            }
            for error in item.human[::2]
        ]
        counts = {
            f"{name}_count": sum(error["category"] == name for error in errors)
            for name in category_names(item.modality)
        }
        return ReplayAnswer(json.dumps({**counts, "errors": errors}))

    with ReplayServer(model) as server:
        arguments = ["--benchmark", str(out / "benchmark"), "--out", str(out), "--url", server.url]
        _require(evaluate([*arguments, "--resamples", "200"]) == 0, "the evaluation failed")
    scores = read_json(out / "scores.json")["scores"]["overall"]
    # Precision 1, recall named/total.
    by_hand = 100 * 2 * named / (named + total)
    found = {"pairs": len(items), "errors": total, "named": named, "f1_by_hand": by_hand}
    found["f1_hard"] = scores["f1_hard"]["value"]
    _require(abs(found["f1_hard"] - by_hand) < 0.1, f"F1 is {found['f1_hard']}, not {by_hand:.1f}")
    return found


def grpo(config: TrainConfig, out: Path) -> dict[str, Any]:
    """A policy learns a toy task by the whole reward of a scripted judge, and the reward rises."""
    from train.rehearsal.toy import judge

    with ReplayServer(judge) as server:
        found = _grpo(config, out, config.reward.model_copy(update={"services": (server.url,)}))
        return {**found, "judged": len(server.asked)}


def grpo_exact(config: TrainConfig, out: Path) -> dict[str, Any]:
    """The same by the exact reward: nobody is asked, and no server runs."""
    return _grpo(config, out, config.reward.model_copy(update={"kind": "structural"}))


def _grpo(config: TrainConfig, out: Path, settings: Reward) -> dict[str, Any]:
    from train.grpo.small import prompts_of, train
    from train.rehearsal.toy import ToyReward, write_prompts
    from train.reward.functions import VisualErmReward

    write_prompts(out / "prompts.parquet", 8)
    reward = ToyReward(VisualErmReward(settings))
    metrics = train(config, prompts_of(str(out / "prompts.parquet")), out, reward)
    reward.reward.close()
    rewards = [point["reward"] for point in metrics["reward"]]
    norms = [point["grad_norm"] for point in metrics["grad_norm"]]
    few = max(1, len(rewards) // 4)
    found = {
        "steps": len(rewards),
        "mean_reward_first_quarter": sum(rewards[:few]) / few,
        "mean_reward_last_quarter": sum(rewards[-few:]) / few,
        "largest_gradient_norm": max(norms),
    }
    _require(found["largest_gradient_norm"] > 0, "no reply was better than another")
    _require(
        found["mean_reward_last_quarter"] > found["mean_reward_first_quarter"] + 0.2,
        "the reward does not rise",
    )
    return found


def refinement(out: Path) -> dict[str, Any]:
    """A scripted policy that believes its critic draws better each round."""
    from renderers.registry import open_renderer
    from train.refine.run import Given, Refinement, Refiner, refine_all
    from train.rehearsal.toy import icon, judge
    from train.reward.judge import EndpointJudge

    def policy(asked: ReceivedRequest) -> ReplayAnswer:
        found = re.search(r"to (\d+)% in the candidate", asked.text)
        return ReplayAnswer(icon(0.2 if found is None else (int(found[1]) / 100 + 1) / 2))

    with open_renderer(Modality.SVG, None) as renderer:
        picture, _ = renderer.render(icon(1.0), Language.SVG).drawn()
    with ReplayServer(judge) as critic, ReplayServer(policy) as server:
        refiner = Refiner(
            Endpoint(base_url=server.url, model="policy"),
            EndpointJudge([Endpoint(base_url=critic.url, model="visual-erm")]),
            Refinement(rounds=REFINEMENT_ROUNDS),
        )
        [one] = asyncio.run(refine_all(refiner, [Given("bar", Modality.SVG, picture)], out))
    rewards = [round_.reward for round_ in one.rounds]
    _require(rewards == sorted(rewards, key=lambda value: value or 0.0), "a round got worse")
    _require((rewards[-1] or 0) > (rewards[0] or 0), "refinement does not improve")
    return {"rewards": rewards, "kept": one.best.number if one.best else None}


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train.rehearsal.smoke", description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--out", required=True, type=Path)
    asked = parser.parse_args()
    config = load(asked.config)

    from train.jobs.curves import draw_smoke
    from train.rehearsal.tiny import write_tiny

    model = Path(config.sft.model)
    print(f"smoke: {model}: {write_tiny(model):,} parameters", flush=True)
    stages: dict[str, Callable[[Path], dict[str, Any]]] = {
        "sft": lambda out: sft(config, asked.config, asked.dataset, out),
        "evaluation": lambda out: evaluation(asked.dataset, out),
        "grpo": lambda out: grpo(config, out),
        "grpo_exact": lambda out: grpo_exact(config, out),
        "refinement": refinement,
    }
    report: dict[str, Any] = {}
    for name, stage in stages.items():
        shutil.rmtree(asked.out / name, ignore_errors=True)
        started_s = time.monotonic()
        try:
            report[name] = stage(asked.out / name)
        except RuntimeError as error:
            print(f"smoke: {name}: {error}", file=sys.stderr)
            return 1
        report[name]["seconds"] = round(time.monotonic() - started_s, 1)
        print(f"smoke: {name}: {_line(report[name])}", flush=True)
        write_json(asked.out / "smoke.json", report)
    draw_smoke(report, read_json(asked.out / "grpo" / METRICS), asked.out / "smoke.png")
    print(f"smoke: all holds; {asked.out}/smoke.json, smoke.png")
    return 0


def _line(found: dict[str, Any]) -> str:
    """The numbers of a stage in one line, curves left out."""
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        if isinstance(value, float)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in found.items()
        if not isinstance(value, dict)
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _metrics(out: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((out / METRICS).read_text(encoding="utf-8"))
    return metrics


def _step(out: Path) -> int:
    return int((read_json(out / METRICS) or {}).get("steps", 0))


if __name__ == "__main__":
    sys.exit(main())

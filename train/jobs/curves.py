"""Curves of a training run as one picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def draw_losses(metrics: Mapping[str, Any], file: Path) -> None:
    """Loss by step, of training and validation, as a PNG.

    Args:
        metrics: As `metrics.json` has them: lists of `{"step", "loss"}` and `{"step", "eval_loss"}`.
        file: Where the picture goes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for key, label in (("loss", "training"), ("eval_loss", "validation")):
        points = metrics.get(key, [])
        if points:
            axes.plot(
                [point["step"] for point in points],
                [point[key] for point in points],
                marker="o" if len(points) < 30 else None,
                markersize=3,
                label=label,
            )
    resumed = metrics.get("resumed_at_step")
    if resumed:
        axes.axvline(resumed, color="0.7", linestyle="--", label=f"resumed at step {resumed}")
    axes.set_xlabel("step")
    axes.set_ylabel("loss of the reply, nats a token")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(file)


def draw_rewards(metrics: Mapping[str, Any], file: Path) -> None:
    """Reward by step with its spread over replies, and the gradient's size below, as a PNG.

    Args:
        metrics: As `metrics.json` of `train.grpo.small` has them.
        file: Where the picture goes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    steps = [point["step"] for point in metrics["reward"]]
    rewards = [point["reward"] for point in metrics["reward"]]
    spread = [point["reward_std"] for point in metrics["reward_std"]]
    above.fill_between(
        steps,
        [reward - by for reward, by in zip(rewards, spread, strict=True)],
        [reward + by for reward, by in zip(rewards, spread, strict=True)],
        alpha=0.2,
        linewidth=0,
        label="one standard deviation",
    )
    above.plot(steps, rewards, label="mean reward of a step")
    above.set_ylim(0, 2.05)
    above.set_ylabel("reward, 0 to 2")
    above.legend(frameon=False, loc="lower right")
    norms = metrics["grad_norm"]
    below.plot([point["step"] for point in norms], [point["grad_norm"] for point in norms])
    below.set_ylabel("gradient norm")
    below.set_xlabel("step")
    for axes in (above, below):
        axes.grid(alpha=0.3)
    figure.savefig(file)


def draw_smoke(report: Mapping[str, Any], grpo: Mapping[str, Any], file: Path) -> None:
    """The curves of a smoke run beside each other: losses of both runs, rewards, rounds.

    Args:
        report: As `smoke.json` has it.
        grpo: `metrics.json` of the toy run.
        file: Where the picture goes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    loss, reward, rounds = figure.subplots(1, 3)
    sft = report["sft"]
    for key, label, style in (
        ("losses_whole", "in one go", {"linewidth": 4, "alpha": 0.35}),
        ("losses_killed_and_resumed", "killed and resumed", {"linewidth": 1.2}),
    ):
        points = {int(step): value for step, value in sft[key].items()}
        loss.plot(list(points), list(points.values()), label=label, **style)
    loss.axvline(sft["resumed_at_step"], color="0.6", linestyle="--", linewidth=1)
    loss.set(title=f"SFT, {sft['processes']} processes", xlabel="step", ylabel="loss of the reply")
    loss.set_ylim(bottom=0)
    loss.legend(frameon=False)
    steps = [point["step"] for point in grpo["reward"]]
    reward.plot(steps, [point["reward"] for point in grpo["reward"]], label="mean reward")
    reward.plot(steps, [point["reward_std"] for point in grpo["reward_std"]], label="its spread")
    reward.set(title="GRPO on the toy task", xlabel="step", ylabel="reward", ylim=(0, 2.05))
    reward.legend(frameon=False)
    kept = report["refinement"]["rewards"]
    rounds.plot(range(1, len(kept) + 1), kept, marker="o")
    rounds.set(title="Refinement", xlabel="round", ylabel="reward", ylim=(0, 2.05))
    rounds.set_xticks(range(1, len(kept) + 1))
    for axes in (loss, reward, rounds):
        axes.grid(alpha=0.3)
    figure.savefig(file)

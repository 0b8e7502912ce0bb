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

"""Progress of a run's steps: their curves, read from the files that they write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

Curve = Sequence[tuple[float, float]]
"""Points of step and value."""

LOG_BYTES = 4_000_000
"""Of a log that is read for curves: its end."""

_VERL_STEP = re.compile(r"\bstep:(\d+)\b")
_VERL_VALUE = re.compile(r"\s([\w./@-]+):(?:np\.float\d+\()?(-?\d[\d.eE+-]*)\)?(?=\s|$)")
_VERL_CURVES = {
    "critic/rewards/mean": "reward",
    "actor/kl_loss": "divergence from the reference policy",
    "actor/grad_norm": "norm of the gradient",
    "response_length/mean": "tokens of a reply",
}
_TITLES = {
    "reward": "reward",
    "loss": "loss, nats a token",
    "eval_loss": "loss on the validation split",
    "mean_token_accuracy": "share of tokens that are right",
    "grad_norm": "norm of the gradient",
    "learning_rate": "learning rate",
}
"""What trainers' names mean, most telling first."""


def curves_of(out: Path, step: str) -> dict[str, Curve]:
    """Curves of a step by title; none where it has written nothing yet.

    Reads `metrics.json` of trainers that write one (lists of `{"step", NAME}`), and veRL's console
    lines (`step:3 - critic/rewards/mean:1.2 - ...`) in the job's log.

    Args:
        out: Folder of the run.
        step: `sft`, `grpo-chart`, ...
    """
    folder = out / ("visual-erm" if step == "sft" else step)
    found = _of_metrics(_json(folder / "metrics.json"))
    order = [*_TITLES.values(), *found]
    found = dict(sorted(found.items(), key=lambda item: order.index(item[0])))
    return found or _of_verl(out / "jobs" / step / "log.txt")


def _of_metrics(metrics: Mapping[str, Any]) -> dict[str, Curve]:
    found: dict[str, Curve] = {}
    for name, points in metrics.items():
        if (
            isinstance(points, list)
            and points
            and isinstance(points[0], dict)
            and name in points[0]
        ):
            found[_TITLES.get(name, name.replace("_", " "))] = [
                (float(point["step"]), float(point[name]))
                for point in points
                # One point that is no number would take the whole line from the page.
                if point.get(name) is not None and isfinite(float(point[name]))
            ]
    return {title: curve for title, curve in found.items() if curve}


def _of_verl(log: Path) -> dict[str, Curve]:
    points: dict[str, dict[float, float]] = {}
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LOG_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    for line in text.splitlines():
        at = _VERL_STEP.search(line)
        if at is None:
            continue
        for name, value in _VERL_VALUE.findall(line):
            title = _VERL_CURVES.get(name) or (
                "reward on validation" if name.startswith("val-core/") and "/mean" in name else ""
            )
            if title:
                # A run that went on from a checkpoint writes some steps twice: the second time counts.
                points.setdefault(title, {})[float(at[1])] = float(value)
    return {title: sorted(values.items()) for title, values in points.items()}


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return values if isinstance(values, dict) else {}


WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 360, 190, 52, 24, 30


def svg(title: str, curve: Curve) -> str:
    """A curve as a picture of a page: its line, its range, its last value.

    >>> svg("loss", [(1, 5.0), (2, 2.0)]).count("<circle")
    2
    """
    steps, values = [x for x, _ in curve], [y for _, y in curve]
    low, high = min(values), max(values)
    low = 0.0 if 0 <= low < 0.6 * high else low
    first, last = min(steps), max(steps)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - first) / (last - first) if last > first else 0.5
        up = (y - low) / (high - low) if high > low else 0.5
        return (
            round(LEFT + across * (WIDTH - LEFT - 12), 1),
            round(HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP), 1),
        )

    points = [place(x, y) for x, y in curve]
    line = " ".join(f"{x},{y}" for x, y in points)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.5"/>' for x, y in points)
    levels = "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 12}" y1="{y}" y2="{y}"/>'
        f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:.4g}</text>'
        for value in dict.fromkeys((low, (low + high) / 2, high))
        for y in (place(first, value)[1],)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f'<text class="title" x="8" y="16">{escape(title)}</text>'
        f'<text x="{WIDTH - 12}" y="16" text-anchor="end">{values[-1]:.4g}</text>{levels}'
        f'<text x="{LEFT}" y="{HEIGHT - 6}">step {first:g}</text>'
        f'<text x="{WIDTH - 12}" y="{HEIGHT - 6}" text-anchor="end">{last:g}</text>'
        f'<polyline points="{line}"/>{dots if len(points) <= 60 else ""}</svg>'
    )

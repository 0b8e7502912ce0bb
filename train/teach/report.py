"""What `vermillion teach` found: JSON, a page of Markdown, a plot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from train.teach.figures import MEASURES, Floats, bars, summary

Marks = Mapping[str, Mapping[str, list[dict[str, Floats]]]]
TITLES = {"pairs": "categories of a pair", "crops": "category of each difference"}


def write_report(
    out: Path,
    facts: Mapping[str, Any],
    marks: Marks,
    amounts: Mapping[str, Mapping[str, list[dict[str, float]]]],
) -> dict[str, Any]:
    """Write ``teach.json``, ``teach.md`` and ``teach.png``; returns what the JSON says.

    Args:
        out: Folder of the run.
        facts: What was compared.
        marks: Marks of each seed, by held-out part and arm.
        amounts: Severity and count, the same way.
    """
    arms = {
        part: {
            arm: {
                **{name: summary([run[name] for run in runs]) for name in MEASURES},
                **_means(amounts[part].get(arm, [])),
            }
            for arm, runs in of.items()
        }
        for part, of in marks.items()
    }  # fmt: skip
    report = {**facts, "bars": bars(marks), "arms": arms}
    (out / "teach.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    (out / "teach.md").write_text(_page(report), encoding="utf-8")
    _draw(report, out / "teach.png")
    return report


def _means(amounts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    keys = amounts[0] if amounts else ()
    return {key: round(float(np.mean([one[key] for one in amounts])), 3) for key in keys}


def _page(report: Mapping[str, Any]) -> str:
    pairs, samples = report["pairs"], report["samples"]
    held = ", ".join((*report["held_out_sources"], *report["held_out_policies"])) or "samples only"
    version = "/".join(Path(report["dataset"]).parts[-2:])
    lines = [
        f"Measured on {version}: {pairs['train']} pairs of {samples['train']} samples to learn from, {report['steps']} steps each; held "
        f"out: {held}; noisy labels by {report['labels_are']}; {report['cpu_s']:.0f} s of CPU. Mean AP over "
        "categories, with 95 % intervals over samples and seeds; a random order shows what knowing nothing earns.",
        "",
        "| bar | measure | difference | holds |",
        "|---|---|---|---|",
    ]
    for name, bar in report["bars"].items():
        for measure in MEASURES:
            one = bar[measure]
            lines.append(
                f"| {name}, on {bar['on']} | {TITLES[measure]} | {one['difference']:+.3f} "
                f"[{one['low']:+.3f}, {one['high']:+.3f}] | {'yes' if one['ok'] else 'no'} |"
            )
    for part, arms in report["arms"].items():
        lines += [
            "",
            f"On {pairs[part]} held-out {part} pairs of {samples[part]} samples:",
            "",
            f"| learned from | pairs | {TITLES['pairs']} | {TITLES['crops']} | severity, Pearson | error of the count |",
            "|---|---|---|---|---|---|",
        ]
        for arm, one in arms.items():
            cells = (f"{one[name]['mean']:.3f} [{one[name]['low']:.3f}, {one[name]['high']:.3f}]" for name in MEASURES)  # fmt: skip
            amounts = (
                f"{one['severity_pearson']:.3f} | {one['count_error']:.2f}"
                if "count_error" in one
                else "|"
            )
            lines.append(
                f"| {arm} | {report['taught'].get(arm, '')} | {' | '.join(cells)} | {amounts} |"
            )
    return "\n".join((*lines, ""))


def _draw(report: Mapping[str, Any], file: Path) -> None:
    from matplotlib.figure import Figure

    parts = report["arms"]
    figure = Figure(figsize=(10, 1.5 + 0.28 * max(len(arms) for arms in parts.values())))
    for place, (part, arms) in enumerate(parts.items(), 1):
        axes = figure.add_subplot(1, len(parts), place)
        for shift, measure in ((-0.14, "pairs"), (0.14, "crops")):
            rows = [one[measure] for one in arms.values()]
            means = np.array([row["mean"] for row in rows])
            ends = np.array([[row["low"] for row in rows], [row["high"] for row in rows]])
            spread = np.clip(np.array([means - ends[0], ends[1] - means]), 0, None)
            axes.errorbar(means, np.arange(len(rows)) + shift, xerr=spread, fmt="o", ms=4, label=TITLES[measure])  # fmt: skip
        axes.set_yticks(range(len(arms)), list(arms) if place == 1 else [""] * len(arms))
        axes.invert_yaxis()
        axes.grid(axis="x", alpha=0.3)
        axes.set_title(f"held-out {part} pairs")
        axes.set_xlabel("mean AP, 95 % over samples and seeds")
    figure.axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(file, dpi=100)

"""Draws the audit of one annotator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, ORANGE, GRAY = "#3b6ea5", "#d9822b", "#8a8f98"


def draw(audit: Mapping[str, Any], path: Path) -> None:
    """Four panels: categories, severity, negatives and both orders, and what it costs.

    Args:
        audit: What `LvlmAudit.to_json` gives.
        path: The PNG that is written.
    """
    figure = Figure(figsize=(12, 8), dpi=100, layout="constrained")
    above, below = figure.subplots(2, 2)
    _categories(above[0], audit["categories"])
    _severity(above[1], audit["overall"]["severity"])
    _rates(below[0], audit["modalities"])
    _use(below[1], audit)
    figure.suptitle(f"Annotator {audit['annotator']} against {_pairs(audit)} with known errors")
    figure.savefig(path, format="png")


def _pairs(audit: Mapping[str, Any]) -> str:
    return f"{audit['overall']['pairs']} pairs"


def _categories(axes: Axes, categories: Mapping[str, Any]) -> None:
    names = list(categories)
    places = range(len(names))
    for shift, key, color in ((-0.2, "recall", BLUE), (0.2, "precision", ORANGE)):
        values = [categories[name][key] or 0.0 for name in names]
        axes.barh([at + shift for at in places], values, 0.38, color=color, label=key)
    counts = [f"{name} ({categories[name]['count']})" for name in names]
    axes.set_yticks(list(places), counts)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_title("Categories (errors that are there)")
    axes.legend(loc="lower right")


def _severity(axes: Axes, severity: Mapping[str, Any]) -> None:
    hits = severity["hits"]
    most = max((count for row in hits for count in row), default=0)
    axes.imshow(hits, cmap="Blues", vmin=0, vmax=max(most, 1))
    for true, row in enumerate(hits):
        for claimed, count in enumerate(row):
            color = "white" if count > 0.6 * most else "black"
            axes.text(claimed, true, str(count), ha="center", va="center", color=color)
    axes.set_xticks(range(3), ["1", "2", "3"])
    axes.set_yticks(range(3), ["1", "2", "3"])
    axes.set_xlabel("claimed")
    axes.set_ylabel("true")
    axes.set_title(
        f"Severity of hits: bias {_figure(severity['bias'])}, "
        f"correlation of sums {_figure(severity['correlation'])}"
    )


def _rates(axes: Axes, modalities: Mapping[str, Any]) -> None:
    names = list(modalities)
    found = [modalities[name] for name in names]
    kinds = (
        ("false alarms, said", [one["false_alarms"] for one in found], ORANGE),
        ("false alarms, believed", [one["false_alarms_believed"] for one in found], "#f0c08a"),
        ("no usable reply", [one["failed_share"] for one in found], GRAY),
        ("both orders agree", [one["swap"]["agreement"] for one in found], BLUE),
    )
    for at, (label, values, color) in enumerate(kinds):
        places = [place + 0.2 * (at - 1.5) for place in range(len(names))]
        axes.bar(places, [value or 0.0 for value in values], 0.19, color=color, label=label)
    axes.set_xticks(range(len(names)), names)
    axes.set_ylim(0, 1.05)
    axes.set_title("Pairs without a difference, lost pairs, swapped order")
    axes.legend(fontsize="small")


def _use(axes: Axes, audit: Mapping[str, Any]) -> None:
    overall, use = audit["overall"], audit["use"]
    lines = [
        ("recall / precision / F1", _three(overall)),
        ("the same, before the filters", _three(overall["said"])),
        ("right place, other category", str(overall["renamed"])),
        ("pairs without a usable reply", f"{overall['failed']} of {overall['pairs']}"),
        ("cost of 1,000 pairs", _figure(use.get("cost_per_1000_uncached"))),
        ("tokens a reply", _figure(use.get("tokens_per_reply"))),
        ("seconds an answer", _figure(use.get("answer_s"))),
        ("requests a second", _figure(use.get("requests_per_s"))),
    ]
    axes.axis("off")
    axes.set_title("In figures")
    for at, (what, value) in enumerate(lines):
        axes.text(0.02, 0.92 - 0.12 * at, what, transform=axes.transAxes)
        axes.text(0.98, 0.92 - 0.12 * at, value, transform=axes.transAxes, ha="right")


def _three(tally: Mapping[str, Any]) -> str:
    return " / ".join(_figure(tally[name]) for name in ("recall", "precision", "f1"))


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"

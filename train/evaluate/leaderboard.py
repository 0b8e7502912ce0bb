"""Scores on VC-RewardBench as a table and a picture.

``python -m train.evaluate.leaderboard SCORES.json... --out FOLDER`` puts several runs of `train.evaluate` side by
side.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from records.errors import ConfigError
from records.taxonomy import Modality, category_names
from train.evaluate.agreement import Score, Scores
from train.exit_codes import ended

PAPER = {
    "Visual-ERM (8B)": (42.1, 44.7, 58.4),
    "Gemini-3-Flash": (40.6, 43.4, 53.4),
    "Gemini-2.5-Pro": (37.8, 40.9, 59.1),
    "GPT-5.2": (32.7, 35.0, 58.9),
    "Qwen3-VL-235B": (29.5, 32.4, 56.2),
    "GPT-4o": (25.0, 29.5, 56.5),
    "Qwen3-VL-8B, its base": (5.3, 6.5, 17.5),
}
"""F1 hard, F1 soft, severity Pearson, by the published protocol. Source: arXiv:2603.13224 v2, VC-RewardBench."""


def leaderboard(runs: Mapping[str, Mapping[str, Scores]], matcher: str) -> str:
    """Markdown: every run, each modality and all.

    Args:
        runs: By name of who predicted.
        matcher: Who matched.
    """
    lines = [
        "| model | pairs | part | F1 hard | F1 soft | severity Pearson |",
        "|---|---|---|---|---|---|",
    ]
    for name, parts in runs.items():
        for part, scores in parts.items():
            lines.append(
                f"| {name} | {scores.pairs} | {part} | {_cell(scores.f1_hard)} "
                f"| {_cell(scores.f1_soft)} | {_cell(scores.severity_pearson)} |"
            )
    lines += ["", f"Matched by {matcher}; brackets hold the middle 95 % of bootstrap draws."]
    lines.append(
        "These rules are ours. The paper's scores follow others: compare with them by "
        "`--protocol official`."
    )
    lines += _by_category(runs)
    return "\n".join(lines) + "\n"


def _by_category(runs: Mapping[str, Mapping[str, Scores]]) -> list[str]:
    lines = [
        "",
        "| model | part | category of error | F1 hard | F1 soft |",
        "|---|---|---|---|---|",
    ]
    for name, parts in runs.items():
        for part, scores in parts.items():
            if part == "overall":
                continue
            for category, (hard, soft) in scores.categories.items():
                lines.append(f"| {name} | {part} | {category} | {_plain(hard)} | {_plain(soft)} |")
    return lines


def _cell(score: Score) -> str:
    if score.value is None:
        return "-"
    if score.low is None or score.high is None:
        return f"{score.value:.1f}"
    return f"{score.value:.1f} [{score.low:.1f}, {score.high:.1f}]"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def draw_scores(runs: Mapping[str, Mapping[str, Scores]], matcher: str, file: Path) -> None:
    """F1 by task with its intervals, and by category of error, as a PNG.

    Args:
        runs: By name of who predicted.
        matcher: Who matched.
        file: Where the picture goes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 3.8), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.35), sharey=True)
    shades = ["#8c1c13", "#e34234", "#efa08b", "#6f6a64", "#b0a99f"]
    _bars(left, [(name, _parts(parts)) for name, parts in runs.items()], shades)
    left.set_title("by task, F1 hard with 95 % of bootstrap draws", fontsize=9)
    left.set_ylabel("percent")
    _bars(right, [(name, _categories(parts)) for name, parts in runs.items()], shades)
    right.set_title("by category of error, F1 hard", fontsize=9)
    left.set_ylim(0, 100)
    for axes in (left, right):
        axes.grid(axis="y", alpha=0.3)
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False, fontsize=7, loc="upper left")
    figure.supxlabel(f"matched by {matcher}", fontsize=8)
    figure.savefig(file)


PARTS = (*(str(modality) for modality in Modality), "overall")

_Bar = tuple[str, float, float, float]
"""Name, value, and how far the interval reaches below and above."""


def _parts(parts: Mapping[str, Scores]) -> list[_Bar]:
    return [(name, *_reach(parts[name].f1_hard)) for name in PARTS if name in parts]


def _reach(score: Score) -> tuple[float, float, float]:
    value = score.value or 0.0
    low = value if score.low is None else score.low
    high = value if score.high is None else score.high
    return value, max(0.0, value - low), max(0.0, high - value)


def _categories(parts: Mapping[str, Scores]) -> list[_Bar]:
    return [
        (
            f"{part}\n{category.removesuffix('_error').replace('_', chr(10))}",
            parts[part].categories[category][0] or 0.0,
            0.0,
            0.0,
        )
        for part in PARTS
        if part in parts and part != "overall"
        for category in category_names(Modality(part))
        if category in parts[part].categories
    ]


def _bars(axes: Any, runs: list[tuple[str, list[_Bar]]], shades: list[str]) -> None:
    width = 0.8 / max(1, len(runs))
    for number, (name, bars) in enumerate(runs):
        places = [at + (number - (len(runs) - 1) / 2) * width for at in range(len(bars))]
        errors = [[bar[2] for bar in bars], [bar[3] for bar in bars]]
        axes.bar(
            places,
            [bar[1] for bar in bars],
            width,
            yerr=errors if any(map(any, errors)) else None,
            capsize=2,
            error_kw={"elinewidth": 0.9},
            color=shades[number % len(shades)],
            label=name,
        )
    if runs:
        labels = [bar[0] for bar in runs[0][1]]
        axes.set_xticks(range(len(labels)), labels)


def read_scores(file: Path) -> tuple[str, str, dict[str, Scores]]:
    """Who predicted, who matched, and the scores that `train.evaluate` wrote.

    Raises:
        ConfigError: there is no such file, or it is another.
    """
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        scores = {name: _scores_of(part) for name, part in values["scores"].items()}
        return values["model"], values["matcher"], scores
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{file}: no scores of train.evaluate.run: {error!r}") from error


def _scores_of(values: Mapping[str, Any]) -> Scores:
    three = {name: Score(**values[name]) for name in ("f1_hard", "f1_soft", "severity_pearson")}
    categories = {name: (hard, soft) for name, (hard, soft) in values["categories"].items()}
    return Scores(pairs=values["pairs"], categories=categories, **three)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.evaluate.leaderboard", description=__doc__
    )
    parser.add_argument("scores", nargs="+", type=Path, help="scores.json of train.evaluate.run")
    parser.add_argument("--out", required=True, type=Path)
    asked = parser.parse_args()

    def work() -> None:
        found = [read_scores(file) for file in asked.scores]
        matchers = {matcher for _, matcher, _ in found}
        if len(matchers) > 1:
            raise ConfigError(f"runs matched by {', '.join(sorted(matchers))} do not compare")
        runs = {name: scores for name, _, scores in found}
        asked.out.mkdir(parents=True, exist_ok=True)
        [matcher] = matchers
        table = leaderboard(runs, matcher)
        (asked.out / "leaderboard.md").write_text(table, encoding="utf-8")
        draw_scores(runs, matcher, asked.out / "scores.png")
        print(table)

    return ended("leaderboard", work)


if __name__ == "__main__":
    sys.exit(main())

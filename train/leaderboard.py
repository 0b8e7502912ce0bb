"""Scores on VC-RewardBench as a table, with the paper's numbers beside."""

from __future__ import annotations

from collections.abc import Mapping

from train.agreement import Score, Scores

PAPER = {
    "Visual-ERM (8B)": (42.1, 44.7, 58.4),
    "Gemini-3-Flash": (40.6, 43.4, 53.4),
    "Gemini-2.5-Pro": (37.8, 40.9, 59.1),
    "GPT-5.2": (32.7, 35.0, 58.9),
    "Qwen3-VL-235B": (29.5, 32.4, 56.2),
    "GPT-4o": (25.0, 29.5, 56.5),
    "Qwen3-VL-8B, its base": (5.3, 6.5, 17.5),
}
"""F1 hard, F1 soft, severity Pearson. Source: arXiv:2603.13224 v2, VC-RewardBench."""


def leaderboard(runs: Mapping[str, Mapping[str, Scores]], matcher: str) -> str:
    """Markdown: every run, each modality and all, then the paper's models.

    Args:
        runs: By name of who predicted.
        matcher: Who matched; only an LLM's matches compare with the paper's.
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
    for name, (hard, soft, pearson) in PAPER.items():
        lines.append(f"| {name} (paper) | 1335 | overall | {hard} | {soft} | {pearson} |")
    lines += ["", f"Matched by {matcher}; brackets hold the middle 95 % of bootstrap draws."]
    if matcher == "words":
        lines.append(
            "The paper's F1 was matched by a language model: compare it with runs that were "
            "matched by one (`--matcher-url`). Severity Pearson needs no matcher."
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

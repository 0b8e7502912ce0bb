"""What refinement leaves behind: programs, drawings, and pages that show them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from records.files import write_json
from train.refine.records import Refined, Round


def write_transcript(refined: Refined, folder: Path) -> None:
    """Write the rounds of one picture: `round-1.png` and its program, `best.png` and its program,
    `transcript.json`, `transcript.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reference.png").write_bytes(refined.reference.png)
    for round_ in refined.rounds:
        _write_program(round_, folder / f"round-{round_.number}")
    best = refined.best
    if best is not None:
        _write_program(best, folder / "best")
    write_json(
        folder / "transcript.json",
        {
            "name": refined.name,
            "modality": str(refined.modality),
            "best_round": best.number if best else None,
            "rounds": [_plain(round_) for round_ in refined.rounds],
        },
    )
    (folder / "transcript.md").write_text(_page(refined), encoding="utf-8")


def write_summary(refined: Sequence[Refined], out: Path) -> None:
    """Write `summary.json` and `summary.md`: what each round brought, over all pictures.

    The reward of a round is that of the best program up to it: what would be kept if refinement
    ended there.
    """
    most = max((len(one.rounds) for one in refined), default=0)
    by_round = [mean_kept(refined, number) for number in range(1, most + 1)]
    write_json(
        out / "summary.json",
        {
            "pictures": len(refined),
            "mean_reward_kept_by_round": by_round,
            "kept": {one.name: one.best.number if one.best else None for one in refined},
        },
    )
    lines = ["# Refinement", "", "| rounds | mean reward of what is kept |", "|---|---|"]
    lines += [f"| {number} | {mean:.3f} |" for number, mean in enumerate(by_round, 1)]
    lines += ["", "| picture | rewards by round | kept |", "|---|---|---|"]
    for one in refined:
        rewards = ", ".join("?" if r.reward is None else f"{r.reward:.2f}" for r in one.rounds)
        kept = one.best.number if one.best else "?"
        lines.append(f"| [{one.name}]({one.name}/transcript.md) | {rewards} | round {kept} |")
    (out / "summary.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def mean_kept(refined: Sequence[Refined], number: int) -> float:
    """Mean over pictures of the best reward in the first ``number`` rounds."""
    kept = [
        max((r.reward for r in one.rounds[:number] if r.reward is not None), default=0.0)
        for one in refined
    ]
    return sum(kept) / max(1, len(kept))


def _write_program(round_: Round, stem: Path) -> None:
    stem.with_suffix(round_.language.suffix).write_text(round_.code, encoding="utf-8")
    if round_.picture is not None:
        stem.with_suffix(".png").write_bytes(round_.picture.png)


def _plain(round_: Round) -> dict[str, Any]:
    return {
        "round": round_.number,
        "verdict": str(round_.verdict),
        "reason": round_.reason,
        "detail": round_.detail,
        "severity_sum": round_.severity_sum,
        "reward": round_.reward,
        "discrepancies": [found.model_dump(mode="json") for found in round_.discrepancies],
        "code": round_.code,
    }


def _page(refined: Refined) -> str:
    best = refined.best
    lines = [f"# {refined.name} ({refined.modality})", "", "![reference](reference.png)", ""]
    for round_ in refined.rounds:
        reward = "not judged" if round_.reward is None else f"reward {round_.reward:.2f}"
        kept = ", kept" if best is not None and best.number == round_.number else ""
        lines += [f"## Round {round_.number}: {reward}{kept}", ""]
        if round_.picture is not None:
            lines += [f"![round {round_.number}](round-{round_.number}.png)", ""]
        lines += [f"{round_.verdict}: {round_.reason}", ""]
        lines += [
            f"- **{found.category}**, severity {found.severity}, {_inline(found.location)}: "
            f"{_inline(found.description)}"
            for found in round_.discrepancies
        ]
        lines += ["", f"[program](round-{round_.number}{round_.language.suffix})", ""]
    return "\n".join(lines)


def _inline(text: str) -> str:
    # Words of a model, on a page that a browser may show.
    return " ".join(text.split()).replace("<", "&lt;")

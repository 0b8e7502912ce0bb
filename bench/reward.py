"""The command `bench reward`: measures the cost of exact rewards, and whether they rank attempts correctly.

References are bundled samples. Each has a group of replies, as GRPO gives them: a stack with one to four
injected errors, and natural attempts of the offline policy `drift-*`. Costs are those of the whole group,
the reference included. Ranks are looked at within a stack, where more errors must never earn more. What
shows nothing must not earn more than a natural attempt: that is the audit's lane `cheap`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from rich.console import Console
from rich.table import Table
from scipy.stats import spearmanr

from annotators.audit.figures import share
from annotators.audit.suites.suite import Bound, SuiteInput
from bench.processes import cpu_of, orphans_come_here, tree_cpu
from bench.render import chosen
from corruptors.compose import stacked
from policies.offline.drift.redraw import redraw
from policies.settings import DriftSettings
from records.errors import PolicyReplyError, RendererUnavailable
from records.rows import Sample
from records.taxonomy import Modality
from renderers.contract import Picture, Render
from renderers.registry import close_held, held_renderer
from train.metrics.similarity import ssim
from train.reward import cheap
from train.reward.outcome import Case, Outcome, Verdict
from train.reward.scoring import Scorer

ERRORS = 4
"""Most errors in a stack."""
NATURAL = 4
"""Natural attempts at a reference: with the stack, a group of eight as in the paper."""
AT_LEAST = {Modality.CHART: 7.0, Modality.TABLE: 40.0, Modality.SVG: 60.0}
"""Rewards a second a core."""
RANKED = 0.97
"""Share of the couples in a stack that must not be ranked the wrong way round."""
JUDGE_PARAMETERS = 8.8e9
JUDGE_TOKENS = {"as published": 3400, "as in our shards": 1120}
"""Prompt and reply of a judgment: Visual-ERM's, and those of our prompts and pictures."""
H100_FLOPS = 989e12 * 0.4
"""Dense bf16 at 40 % of its peak: arithmetic, nothing that was measured."""


def bench_reward(references: int, seed: int, as_json: bool, out: Console) -> None:
    """Measure each modality and print the figures.

    Raises:
        ConfigError: there are fewer bundled samples.
        RendererUnavailable: a reply got no score.
    """
    found = {str(modality): measure(chosen(modality, references), seed) for modality in Modality}
    judge = {
        name: round(H100_FLOPS / (2 * JUDGE_PARAMETERS * tokens), 1)
        for name, tokens in JUDGE_TOKENS.items()
    }
    if as_json:
        out.print_json(json.dumps({**found, "judge_8b_estimated_per_s_h100": judge}))
        return
    table = Table("", *found, box=None)
    for key in next(iter(found.values()))["figures"]:
        cells = (one["figures"][key] for one in found.values())
        table.add_row(key, *("-" if cell is None else f"{cell:g}" for cell in cells))
    for key in next(iter(found.values()))["bounds"]:
        cells = (_bound(one["bounds"][key]) for one in found.values())
        table.add_row(key, *cells)
    out.print(table)
    judged = ", ".join(f"{rate:g} a second with tokens {name}" for name, rate in judge.items())
    out.print(
        f"An 8B judge on one H100, by arithmetic and not measured: {judged}; pictures are drawn for it too.",
        highlight=False,
    )


def _bound(bound: dict[str, Any]) -> str:
    limit = f">= {bound['at_least']:g}" if "at_least" in bound else f"<= {bound['at_most']:g}"
    return f"{limit}: {'kept' if bound['ok'] else 'missed'}"


def measure(samples: Sequence[Sample], seed: int) -> dict[str, Any]:
    """Figures and bounds of one modality."""
    [modality] = {sample.modality for sample in samples}
    stacks = [stacked(sample, ERRORS, seed) for sample in samples]
    natural = [_natural(sample, seed) for sample in samples]
    groups = [
        [*(one.code for one in stack), *attempts]
        for stack, attempts in zip(stacks, natural, strict=True)
    ]
    try:
        references = [_picture(sample) for sample in samples]
        outcomes, cost = _score(samples, references, groups)
        ranks = _ranks(references, [len(stack) for stack in stacks], outcomes)
        wins = _cheap(samples, seed)
    finally:
        close_held()
    figures = {**cost, **ranks, "cheap_earns_more": wins}
    bounds = {
        "rewards_per_s": Bound(cost["rewards_per_s"], at_least=AT_LEAST[modality]),
        "rank_agreement": Bound(ranks["rank_agreement"], at_least=RANKED),
        "cheap_earns_more": Bound(wins, at_most=cheap.MOST),
    }
    return {"figures": figures, "bounds": {name: one.to_json() for name, one in bounds.items()}}


def _natural(sample: Sample, seed: int) -> list[str]:
    found = []
    for number in range(NATURAL):
        try:
            found.append(redraw(sample, DriftSettings(), seed * NATURAL + number))
        except PolicyReplyError:
            continue  # A few programs have no place for a natural error.
    return found


def _picture(sample: Sample) -> Picture:
    return _draw(sample.code, sample).drawn()[0]


def _draw(code: str, sample: Sample) -> Render:
    return held_renderer(sample.modality).render(code, sample.language)


def _score(
    samples: Sequence[Sample], references: Sequence[Picture], groups: Sequence[Sequence[str]]
) -> tuple[list[list[Outcome]], dict[str, Any]]:
    """Outcomes of each group, and what one reward of it costs: CPU of all processes over rewards."""
    cases = [
        [Case(sample.modality, code, picture, sample.code) for code in group]
        for sample, picture, group in zip(samples, references, groups, strict=True)
    ]
    with orphans_come_here(), Scorer(None, exact=True) as scorer:
        # The worker is warm after this, and none of the references is known to it.
        scorer.score([replace(cases[0][0], reference_code=groups[0][-1])])
        before, mine, here = tree_cpu(), cpu_of(scorer.pids), time.process_time()
        outcomes = [scorer.score(group) for group in cases]
        here, spent = time.process_time() - here, tree_cpu() - before
        mine = cpu_of(scorer.pids) - mine
    for one in (one for group in outcomes for one in group if one.verdict is Verdict.NO_SCORE):
        raise RendererUnavailable(f"a reply got no score ({one.reason}): {one.detail}")
    count = sum(map(len, outcomes))
    return outcomes, {
        "references": len(samples),
        "replies": count,
        "failed": sum(one.failed for group in outcomes for one in group),
        "rewards_per_s": float(f"{count / spent:.3g}"),
        "drawing_cpu_ms": round(1000 * (spent - mine - here) / count, 1),
        "comparing_cpu_ms": round(1000 * mine / count, 1),
        "trainer_cpu_ms": round(1000 * here / count, 1),
    }


def _ranks(
    references: Sequence[Picture], stacks: Sequence[int], outcomes: Sequence[Sequence[Outcome]]
) -> dict[str, Any]:
    """How reward and SSIM rank the attempts of a stack; couples that look the same are left out."""
    counts = {name: [0, 0, 0] for name in ("reward", "ssim")}
    correlations: dict[str, list[float]] = {name: [] for name in counts}
    for picture, length, group in zip(references, stacks, outcomes, strict=True):
        steps = [(0, picture, {"reward": 1.0, "ssim": 1.0})]
        for errors, one in enumerate(group[:length], 1):
            if one.candidate is not None and one.nearness is not None:
                likeness = round(ssim(picture.png, one.candidate.png), 4)
                steps.append(
                    (errors, one.candidate, {"reward": round(one.nearness, 4), "ssim": likeness})
                )
        for name, (right, tied, wrong) in counts.items():
            for (_, first, mine), (_, second, theirs) in combinations(steps, 2):
                if first.pixel_hash != second.pixel_hash:
                    right += mine[name] > theirs[name]
                    tied += mine[name] == theirs[name]
                    wrong += mine[name] < theirs[name]
            counts[name] = [right, tied, wrong]
            values = [value[name] for _, _, value in steps]
            if len(set(values)) > 1:
                order = [-errors for errors, _, _ in steps]
                correlations[name].append(float(spearmanr(order, values).statistic))
    reward, other = counts["reward"], counts["ssim"]
    return {
        "rank_agreement": share(sum(reward[:2]), sum(reward)),
        "rank_agreement_of_ssim": share(sum(other[:2]), sum(other)),
        "couples": sum(reward),
        "couples_tied": reward[1],
        "spearman": _mean(correlations["reward"]),
        "spearman_of_ssim": _mean(correlations["ssim"]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return share(sum(values), len(values))


def _cheap(samples: Sequence[Sample], seed: int) -> float | None:
    """Share of the pictures that show nothing which earn more than a natural attempt at the same reference."""
    [bound] = cheap.measure(SuiteInput(draw=_draw, samples=samples, seed=seed)).bounds.values()
    return bound.value

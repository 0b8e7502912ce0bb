"""Audit suite `cheap`: tests whether an empty or unrelated picture earns more than an honest attempt.

References and honest attempts come from a folder of natural pairs, or they are samples and what the
offline policies `drift-*` make of them; cheap attempts are the degenerate ones that datasets hold
(`corruptors.degenerate`) and the program of another reference.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from annotators.audit.figures import share
from annotators.audit.suites.files import FilePair, folder_of, pairs_in
from annotators.audit.suites.suite import Bound, SuiteInput, SuiteResult
from corruptors.degenerate import programs
from policies.offline.drift.redraw import redraw
from policies.settings import DriftSettings
from records.errors import ConfigError, PolicyReplyError
from records.rows import Sample
from records.taxonomy import Modality
from sandbox.status import RenderStatus
from train.reward.structural import ScoredReference

MOST = 0.02
"""Largest share of cheap pictures, over all references of a modality, that earn more than the
honest attempt."""


def measure(ground: SuiteInput) -> SuiteResult:
    """Compute the exact reward of honest and cheap attempts at each reference.

    A program that draws nothing is left out: its reward is always 0.

    Raises:
        ConfigError: neither folder nor samples, or no pair that draws.
    """
    pairs = [one for sample in ground.samples for one in drifted(sample, ground.seed)]
    if ground.data is not None or not ground.samples:
        pairs += pairs_in(folder_of(ground.data, "cheap"), modalities=ground.modalities)
    figures, bounds = {}, {}
    details: list[dict[str, Any]] = []
    for modality in Modality:
        mine = [pair for pair in pairs if pair.modality is modality]
        if not mine:
            continue
        found = [one for pair in mine for one in _pay(ground, pair, mine)]
        if not found:
            raise ConfigError(f"cheap: no {modality} pair draws on this machine")
        details += found
        figures[str(modality)] = _figures(found)
        wins = sum(one["cheap_earns_more"] for one in found)
        bounds[f"cheap earns more, {modality}"] = Bound(share(wins, len(found)), at_most=MOST)
    return SuiteResult("cheap", figures, bounds, details)


def drifted(sample: Sample, seed: int) -> Iterator[FilePair]:
    """The sample with a natural attempt at it; none if its program has no place for a natural error."""
    with contextlib.suppress(PolicyReplyError):
        attempt = sample.model_copy(update={"code": redraw(sample, DriftSettings(), seed)})
        yield FilePair(sample.modality, sample.id, sample, attempt)


def _pay(ground: SuiteInput, pair: FilePair, pairs: Sequence[FilePair]) -> Iterator[dict[str, Any]]:
    reference = ground.draw(pair.reference.code, pair.reference)
    honest = ground.draw(pair.candidate.code, pair.candidate)
    if reference.status is not RenderStatus.OK or honest.status is not RenderStatus.OK:
        return
    original = ScoredReference.of(reference)
    earned = original.against(honest)
    rng = Random(f"{ground.seed} {pair.stem}")
    cheap = list(programs(pair.reference, rng))
    others = [
        other.reference.code
        for other in pairs
        if other.stem != pair.stem and other.reference.language is pair.reference.language
    ]
    if others:
        cheap.append(("another_sample", rng.choice(others)))
    for name, code in cheap:
        render = ground.draw(code, pair.reference)
        if render.status is not RenderStatus.OK:
            continue
        got = original.against(render)
        yield {
            "stem": pair.stem,
            "modality": str(pair.modality),
            "cheap": name,
            "honest_reward": earned.reward,
            "cheap_reward": got.reward,
            "cheap_earns_more": got.reward > earned.reward,
            "cheap_has_fewer_severities": got.severity_sum < earned.severity_sum,
        }


def _figures(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        by_name[one["cheap"]].append(one)
    return {
        name: {
            "references": len(some),
            "earns_more": share(sum(one["cheap_earns_more"] for one in some), len(some)),
            "fewer_severities": share(
                sum(one["cheap_has_fewer_severities"] for one in some), len(some)
            ),
            "mean_reward": round(sum(one["cheap_reward"] for one in some) / len(some), 3),
        }
        for name, some in sorted(by_name.items())
    }

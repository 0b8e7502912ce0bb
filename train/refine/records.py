"""Records of refinement: the programs written for one picture, with their rewards."""

from __future__ import annotations

from dataclasses import dataclass

from records.rows import Discrepancy
from records.taxonomy import Language, Modality
from renderers.contract import Picture


@dataclass(frozen=True, slots=True)
class Round:
    """One program and its result."""

    number: int
    """From 1, the first prediction."""
    code: str
    language: Language
    verdict: str
    """Of `train.reward.outcome`: scored, program_failed, judge_misled, no_score, no_reply."""
    reason: str
    severity_sum: int | None
    reward: float | None
    """0 to 2, by the fixed formula, so that rounds are comparable without a batch. None if it was
    not judged."""
    discrepancies: tuple[Discrepancy, ...] = ()
    detail: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Refined:
    """All rounds of one picture."""

    name: str
    modality: Modality
    reference: Picture
    rounds: tuple[Round, ...]

    @property
    def best(self) -> Round | None:
        """The round with the highest reward, the first among equals; None if none was judged."""
        scored = [round_ for round_ in self.rounds if round_.reward is not None]
        return max(scored, key=lambda round_: (round_.reward or 0.0, -round_.number), default=None)

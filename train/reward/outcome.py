"""A reply to a reference, and what became of it, before a reward is computed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from records.rows import Discrepancy
from records.taxonomy import Modality
from renderers.contract import Picture
from train.reward.formulas import FAILED

REFERENCES = 512
"""References that a worker keeps, read: those of a step, each with many replies."""


CLAIMS_NOT_CONFIRMED = "claims_not_confirmed"
"""Reason of a scored chart whose program claims what it does not draw: nothing of it counts as near."""


class Verdict(StrEnum):
    """The verdict on a reply."""

    SCORED = "scored"
    PROGRAM_FAILED = "program_failed"
    """No program, or no picture: the reward is 0."""
    JUDGE_MISLED = "judge_misled"
    """The picture addresses the judge, caused an unusable answer, or was praised against the
    pixels: the reward is 0, so that breaking the judge does not pay."""
    NO_SCORE = "no_score"
    """Renderer or judge did not work: there is no reward."""


@dataclass(frozen=True, slots=True)
class Case:
    """One reply to one reference."""

    modality: Modality
    reply: str
    reference: Picture
    reference_code: str = ""
    """The reference's program, for the exact comparison. Words in it count as content, not as
    prompt injection."""
    contract: str = ""
    """Render contract of the reference; empty if unknown."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a case."""

    verdict: Verdict
    reason: str = ""
    """A snake_case word: a render status, a defect of the judge's answer, or the failed component."""
    severity_sum: int | None = None
    """Set if the verdict is `scored`."""
    detail: str = ""
    candidate: Picture | None = None
    nearness: float | None = None
    """0 to 1, from the exact comparison; None without one."""
    discrepancies: tuple[Discrepancy, ...] = ()
    """The differences found."""

    @property
    def failed(self) -> bool:
        """True if the reward is 0 without a comparison."""
        return self.verdict in (Verdict.PROGRAM_FAILED, Verdict.JUDGE_MISLED)

    @property
    def exact_reward(self) -> float | None:
        """What the exact comparison pays; None without one."""
        if self.failed:
            return FAILED
        return None if self.nearness is None else round(1 + self.nearness, 4)


@dataclass(frozen=True, slots=True)
class Task:
    """A reply to draw and, if asked, to compare."""

    modality: Modality
    reply: str
    reference_hash: str
    """Pixel hash of the reference's picture."""
    reference_code: str
    contract: str
    """Render contract of the reference; empty if unknown."""
    exact: bool
    """True to compare with the reference's own program."""
    words: bool
    """True to read the texts of the picture, for a judge."""


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a task, and the texts of the candidate's picture if they were asked for."""

    outcome: Outcome
    words: tuple[str, ...] = ()

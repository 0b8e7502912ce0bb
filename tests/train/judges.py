"""Judges for tests: what they say is decided by the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from records.rows import Discrepancy
from records.taxonomy import Modality, category_names
from renderers.contract import Picture
from train.reward.judge import JudgeAnswer, Judgment


def severities(modality: Modality, *given: int) -> JudgeAnswer:
    return JudgeAnswer(
        tuple(
            Discrepancy.model_validate(
                {
                    "category": category_names(modality)[0],
                    "severity": severity,
                    "location": "somewhere",
                    "description": "something",
                }
            )
            for severity in given
        )
    )


class SaysJudge:
    """Says what a function of the two pictures says."""

    def __init__(self, say: Callable[[Modality, Picture, Picture], Judgment]) -> None:
        self.say = say
        self.asked = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def judge(self, modality: Modality, reference: Picture, candidate: Picture) -> Judgment:
        self.asked += 1
        return self.say(modality, reference, candidate)


def gullible() -> SaysJudge:
    """Finds nothing wrong with anything."""
    return SaysJudge(lambda modality, *_: severities(modality))

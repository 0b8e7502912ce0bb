"""Baseline rewards without a reward model: picture similarity and TEDS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from records.taxonomy import Modality
from train.reward import formulas
from train.reward.functions import Rewards, VisualErmReward, cases_of, reply_of
from train.reward.outcome import Case, Outcome
from train.reward.scoring import Scorer


class PictureReward:
    """A reward without a judge: likeness of two pictures, by `train.metrics.similarity`.

    1 for a picture and up to 1 for its likeness, so that it compares with Visual-ERM's; 0 by rule
    for a program that gives none.
    """

    def __init__(self, likeness: Callable[[bytes, bytes], float], name: str) -> None:
        self.likeness = likeness
        self.__name__ = name
        self._drawer = _Drawer()

    def __call__(
        self, completions: Sequence[Any], images: Sequence[Any], task: Sequence[str], **_: Any
    ) -> Rewards:
        """One reward a completion. Args and Raises: as `VisualErmReward`."""
        cases = cases_of(completions, images, task)
        outcomes = self._drawer.outcomes(cases)
        return [self._of(case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]

    def close(self) -> None:
        self._drawer.close()

    def _of(self, case: Case, outcome: Outcome) -> float | None:
        if outcome.candidate is None:
            return formulas.FAILED if outcome.failed else None
        likeness = self.likeness(case.reference.png, outcome.candidate.png)
        return round(1 + min(1.0, max(0.0, likeness)), 4)


def teds_reward(
    completions: Sequence[Any], reference_code: Sequence[str], task: Sequence[str], **_: Any
) -> Rewards:
    """TEDS of each table, 0 to 1; None if the task is another or the reference has no TEDS."""
    from records.errors import PolicyReplyError, ScoreError
    from train.metrics.teds import teds
    from train.reward.programs import program_in

    rewards: Rewards = []
    for completion, reference, modality in zip(completions, reference_code, task, strict=True):
        if modality != Modality.TABLE:
            rewards.append(None)
            continue
        try:
            code, _language = program_in(reply_of(completion), Modality.TABLE)
        except PolicyReplyError:
            rewards.append(formulas.FAILED)
            continue
        try:
            rewards.append(teds(reference, code))
        except ScoreError:
            rewards.append(None)
    return rewards


def ssim_reward() -> PictureReward:
    """Structural similarity as a reward."""
    from train.metrics.similarity import ssim

    return PictureReward(ssim, "ssim")


def pixel_reward() -> PictureReward:
    """Mean pixel difference as a reward."""
    from train.metrics.similarity import pixel_likeness

    return PictureReward(pixel_likeness, "pixels")


def dino_reward(model: str, device: str = "cpu") -> PictureReward:
    """Likeness by an embedding model as a reward: the paper's DINO baseline.

    Args:
        model: Folder or hub name of DINOv2, CLIP or the like.
        device: Where it runs.
    """
    from train.metrics.embeddings import Embedder

    return PictureReward(Embedder(model, device), "dino")


class _Drawer(VisualErmReward):
    """Renders replies without judging them."""

    def _made(self) -> Scorer:
        return Scorer(None, self.settings.render_workers)

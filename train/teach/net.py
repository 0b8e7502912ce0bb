"""A small neural net that predicts the errors of a pair from its described crops; needs torch, but no GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.boxes import meet
from train.teach.crops import (
    CATEGORIES,
    MOST_CROPS,
    TASKS,
    TeachLabel,
    TeachPair,
    TeachSet,
)
from train.teach.looks import PLAIN

HIDDEN = 128
BATCH = 32
"""Pairs of a step."""
RATE = 2e-3
"""Highest learning rate."""
DROPPED = 0.3
"""Share of the inputs, and of the hidden units, that a step leaves out."""
NEAR_PX = 6
"""From a label's box to a difference that it explains."""
UNKNOWN = -1
"""Target of a crop that a label without a box may or may not explain."""


@dataclass(frozen=True)
class Targets:
    """What there is to learn of a list of pairs."""

    there: NDArray[np.float32]
    """P x 11: 1 for a category that the pair has."""
    legal: NDArray[np.bool_]
    """P x 11: categories of its modality."""
    amounts: NDArray[np.float32]
    """P x 2: the logarithms of 1 + sum of severities, 1 + number of errors."""
    crops: NDArray[np.float32]
    """P x `MOST_CROPS` x 12: 1 for a category whose box meets the difference; the last for a difference
    that follows from elsewhere; `UNKNOWN` where there is no telling, or no crop."""


def targets_of(pairs: Sequence[TeachPair], labels: Sequence[tuple[TeachLabel, ...]]) -> Targets:
    """Labels as arrays."""
    count = len(CATEGORIES)
    tasks = np.array([TASKS.index(task) for task, _ in CATEGORIES])
    there = np.zeros((len(pairs), count), np.float32)
    amounts = np.zeros((len(pairs), 2), np.float32)
    crops = np.full((len(pairs), MOST_CROPS, count + 1), UNKNOWN, np.float32)
    legal = np.array([tasks == pair.task for pair in pairs])
    for at, (pair, errors) in enumerate(zip(pairs, labels, strict=True)):
        there[at, [error.category for error in errors]] = 1
        amounts[at] = np.log1p([sum(error.severity for error in errors), len(errors)])
        for number, box in enumerate(pair.boxes):
            crops[at, number, :count] = np.where(legal[at], 0, UNKNOWN)
            crops[at, number, [error.category for error in errors if error.box is None]] = UNKNOWN
            met = [
                error.category for error in errors if error.box and meet(box, error.box, -NEAR_PX)
            ]
            crops[at, number, met] = 1
            crops[at, number, count] = not met
    return Targets(there, legal, amounts, crops)


@dataclass(frozen=True)
class Answers:
    """What a net says of the pairs that it was asked about."""

    pairs: NDArray[np.float32]
    """P x 11: scores of categories."""
    amounts: NDArray[np.float32]
    """P x 2, as in `Targets`."""
    crops: NDArray[np.float32]
    """P x `MOST_CROPS` x 12."""


def network(inputs: int, eyes: bool) -> Any:
    """The net; without ``eyes`` a linear model on how much differs, for comparison."""
    from torch import nn

    size = HIDDEN if eyes else inputs
    hidden = (nn.Dropout(DROPPED), nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Dropout(DROPPED))
    return nn.ModuleDict(
        {
            "mix": nn.Sequential(*hidden) if eyes else nn.Identity(),
            "crop": nn.Linear(size, len(CATEGORIES) + 1),
            "pair": nn.Linear(2 * size + len(TASKS), len(CATEGORIES)),
            "amounts": nn.Linear(2 * size + len(TASKS), 2),
        }
    )


@dataclass(frozen=True)
class Net:
    """A trained net and what it is shown."""

    layers: Any
    shown: Any
    """N x inputs: every crop of the dataset, as the net is shown it."""

    def answers(self, pairs: Sequence[TeachPair]) -> Answers:
        """What it says of pairs."""
        import torch

        self.layers.eval()
        with torch.no_grad():
            return Answers(*(part.numpy() for part in self.said(pairs)))

    def said(self, pairs: Sequence[TeachPair]) -> tuple[Any, Any, Any]:
        """Scores of pairs, their amounts, scores of their crops."""
        import torch
        from torch.nn import functional

        counts = torch.tensor([len(pair.boxes) for pair in pairs])
        tasks = functional.one_hot(torch.tensor([pair.task for pair in pairs]), len(TASKS)).float()
        crops = self.layers["mix"](self.shown[_crops_of(pairs)])
        there = torch.arange(MOST_CROPS) < counts[:, None]
        by_pair = crops.new_zeros(*there.shape, crops.shape[1]).masked_scatter(
            there[..., None], crops
        )
        largest = by_pair.masked_fill(~there[..., None], -torch.inf).amax(1)
        pooled = torch.cat([by_pair.sum(1) / counts[:, None], largest, tasks], 1)
        return (
            self.layers["pair"](pooled),
            self.layers["amounts"](pooled),
            self.layers["crop"](by_pair),
        )


def trained(
    data: TeachSet, pairs: Sequence[TeachPair], targets: Targets, seed: int, steps: int, eyes: bool
) -> Net:
    """Train a net for a number of steps of `BATCH` pairs, reshuffled in each epoch."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    shown = _shown(data, pairs, eyes)
    net = Net(network(shown.shape[1], eyes), shown)
    optimizer = torch.optim.AdamW(net.layers.parameters(), RATE, weight_decay=5e-2)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)
    rng = np.random.default_rng(seed)
    order = np.zeros(0, int)
    net.layers.train()
    for _ in range(steps):
        while len(order) < BATCH:
            order = np.concatenate([order, rng.permutation(len(pairs))])
        batch, order = order[:BATCH], order[BATCH:]
        predicted = net.said([pairs[at] for at in batch])
        loss = _loss(predicted, Targets(*(getattr(targets, name)[batch] for name in Targets.__annotations__)))  # fmt: skip
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        plan.step()
    return net


def _shown(data: TeachSet, pairs: Sequence[TeachPair], eyes: bool) -> Any:
    """All crops with place and modality, each number in deviations from its mean over the training crops."""
    import torch

    looks = np.asarray(data.looks if eyes else data.looks[:, :PLAIN], np.float32)
    numbers = np.concatenate([looks, data.places], axis=1)
    trained_on = numbers[_crops_of(pairs)]
    tasks = np.zeros((len(numbers), len(TASKS)), np.float32)
    for pair in data.pairs:
        tasks[pair.first : pair.first + len(pair.boxes), pair.task] = 1
    numbers = (numbers - trained_on.mean(0)) / (trained_on.std(0) + 1e-2)
    return torch.from_numpy(np.concatenate([numbers, tasks], axis=1))


def _crops_of(pairs: Sequence[TeachPair]) -> NDArray[np.int64]:
    return np.concatenate([np.arange(pair.first, pair.first + len(pair.boxes)) for pair in pairs])


def _loss(predicted: tuple[Any, Any, Any], targets: Targets) -> Any:
    import torch
    from torch.nn import functional

    pairs, amounts, crops = predicted
    legal, known = torch.from_numpy(targets.legal), torch.from_numpy(targets.crops >= 0)
    wrong = functional.binary_cross_entropy_with_logits
    of_pairs = wrong(pairs, torch.from_numpy(targets.there), reduction="none")[legal].mean()
    of_crops = wrong(crops, torch.from_numpy(targets.crops), reduction="none")[known].mean()
    of_amounts = functional.smooth_l1_loss(amounts, torch.from_numpy(targets.amounts))
    return of_pairs + of_crops + 0.3 * of_amounts

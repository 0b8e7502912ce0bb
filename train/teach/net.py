"""A small neural net that predicts the errors of a pair from its crops; needs torch, but no GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.teach.crops import (
    CATEGORIES,
    MOST_CROPS,
    SIDE,
    TASKS,
    Box,
    TeachLabel,
    TeachPair,
    TeachSet,
)

WIDTHS = (16, 32, 64, 96)
EMBEDDING = 96
BATCH = 16
"""Pairs of a step."""
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
            met = [error.category for error in errors if error.box and _meet(box, error.box)]
            crops[at, number, met] = 1
            crops[at, number, count] = not met
    return Targets(there, legal, amounts, crops)


def _meet(one: Box, two: Box) -> bool:
    return all(one[at] - NEAR_PX < two[at + 2] and two[at] - NEAR_PX < one[at + 2] for at in (0, 1))


@dataclass(frozen=True)
class Answers:
    """What a net says of the pairs that it was asked about."""

    pairs: NDArray[np.float32]
    """P x 11: scores of categories."""
    amounts: NDArray[np.float32]
    """P x 2, as in `Targets`."""
    crops: NDArray[np.float32]
    """P x `MOST_CROPS` x 12."""


def network(eyes: bool) -> Any:
    """The net; without ``eyes`` a linear model on statistics of the difference, for comparison."""
    from torch import nn

    known = 6 + len(TASKS)
    layers: list[Any] = []
    before = 9
    for width in WIDTHS:
        layers += [nn.Conv2d(before, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        before = width
    size = 2 * before if eyes else 18
    joined = EMBEDDING if eyes else size + known
    return nn.ModuleDict(
        {
            **({"eyes": nn.Sequential(*layers)} if eyes else {}),
            "mix": nn.Sequential(nn.Linear(size + known, EMBEDDING), nn.ReLU()) if eyes else nn.Identity(),
            "crop": nn.Linear(joined, len(CATEGORIES) + 1),
            "pair": nn.Linear(2 * joined + len(TASKS), len(CATEGORIES)),
            "amounts": nn.Linear(2 * joined + len(TASKS), 2),
        }
    )  # fmt: skip


def trained(
    data: TeachSet, pairs: Sequence[TeachPair], targets: Targets, seed: int, steps: int, eyes: bool
) -> Any:
    """Train a net for a number of steps of `BATCH` pairs, reshuffled in each epoch."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = network(eyes)
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-2)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps, pct_start=0.15)
    rng = np.random.default_rng(seed)
    order = np.zeros(0, int)
    net.train()
    for _ in range(steps):
        while len(order) < BATCH:
            order = np.concatenate([order, rng.permutation(len(pairs))])
        batch, order = order[:BATCH], order[BATCH:]
        predicted = _forward(net, data, [pairs[at] for at in batch])
        loss = _loss(predicted, Targets(*(getattr(targets, name)[batch] for name in Targets.__annotations__)))  # fmt: skip
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        plan.step()
    return net


def asked(net: Any, data: TeachSet, pairs: Sequence[TeachPair]) -> Answers:
    """What a trained net says of pairs."""
    import torch

    net.eval()
    found: list[tuple[Any, Any, Any]] = []
    with torch.no_grad():
        for at in range(0, len(pairs), BATCH):
            found.append(_forward(net, data, pairs[at : at + BATCH]))
    return Answers(*(np.concatenate([part.numpy() for part in parts]) for parts in zip(*found, strict=True)))  # fmt: skip


def _forward(net: Any, data: TeachSet, pairs: Sequence[TeachPair]) -> tuple[Any, Any, Any]:
    """Scores of pairs, their amounts, scores of their crops."""
    import torch
    from torch.nn import functional

    counts = [len(pair.boxes) for pair in pairs]
    rows = np.concatenate([np.arange(pair.first, pair.first + len(pair.boxes)) for pair in pairs])
    tasks = functional.one_hot(torch.tensor([pair.task for pair in pairs]), len(TASKS)).float()
    of_crop = torch.tensor(np.repeat(tasks.numpy(), counts, axis=0))
    crops = torch.from_numpy(np.ascontiguousarray(data.crops[rows])).float() / 127.5 - 1
    apart = (crops[:, :3] - crops[:, 3:]).abs()
    seen = torch.cat([crops, apart], 1)
    if "eyes" in net:
        looked = net["eyes"](seen).flatten(2)
        seen = torch.cat([looked.mean(2), looked.amax(2)], 1)
    else:
        seen = torch.cat([seen.mean((2, 3)), seen.flatten(2).std(2)], 1)
    crops = net["mix"](torch.cat([seen, torch.from_numpy(data.places[rows]), of_crop], 1))
    by_pair = crops.split(counts)
    pooled = torch.stack([torch.cat([one.mean(0), one.amax(0)]) for one in by_pair])
    pooled = torch.cat([pooled, tasks], 1)
    scores = net["crop"](crops).split(counts)
    padded = torch.stack([functional.pad(one, (0, 0, 0, MOST_CROPS - len(one))) for one in scores])
    return net["pair"](pooled), net["amounts"](pooled), padded


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


assert SIDE % 2 ** len(WIDTHS) == 0, "a crop is halved once for each width"

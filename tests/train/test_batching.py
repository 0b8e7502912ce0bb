"""Batches of like length, in an order that follows from seed and epoch alone."""

from __future__ import annotations

from random import Random

from train.sft.batching import ByLength


def test_batches_hold_like_lengths_and_every_row_once() -> None:
    chance = Random(0)
    lengths = [chance.randrange(100, 4000) for _ in range(1003)]
    order = list(ByLength(lengths, batch=8, seed=1))
    assert sorted(order) == list(range(1003))

    def padding(rows: list[int]) -> int:
        parts = [rows[at : at + 8] for at in range(0, 1000, 8)]
        return sum(
            8 * max(lengths[r] for r in part) - sum(lengths[r] for r in part) for part in parts
        )

    assert padding(order) < padding(list(range(1003))) / 5


def test_the_order_is_that_of_seed_and_epoch_and_of_nothing_else() -> None:
    lengths = list(range(100))
    first, again = (ByLength(lengths, 4, seed=7) for _ in range(2))
    epochs = []
    for epoch in range(3):
        first.set_epoch(epoch)
        epochs.append(list(first))
    again.set_epoch(2)  # as after a resume: the epochs before were never drawn here
    assert list(again) == epochs[2]
    assert len({tuple(order) for order in epochs}) == 3
    assert list(ByLength(lengths, 4, seed=8)) != epochs[0]

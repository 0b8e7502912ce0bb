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


def test_ranks_seldom_wait_for_the_longest_row_of_a_step() -> None:
    """Share of the time that 8 ranks of 4 rows each work, with lengths spread as those of real rows."""
    chance = Random(0)
    lengths = [round(300 + chance.lognormvariate(6.3, 0.5)) for _ in range(12_000)]

    def busy(order: list[int]) -> float:
        work = waited = 0.0
        for at in range(0, len(order) - 31, 32):
            step = [[lengths[row] for row in order[at + 4 * rank :][:4]] for rank in range(8)]
            work += sum(map(sum, step))
            waited += 8 * 4 * max(map(max, step))
        return work / waited

    assert busy(list(range(12_000))) < 0.6
    assert busy(list(ByLength(lengths, batch=32, seed=0))) > 0.98


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

"""Items in, results out in order, few in memory, and nothing hangs when one side fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from endpoints.client.pump import in_order


class Doubler:
    def __init__(self) -> None:
        self.closed = 0
        self.last = False
        self.cancelled = 0

    async def work(self, item: int, /) -> int:
        try:
            await asyncio.sleep(0.02 if item % 5 == 0 else 0.001)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if item == 77:
            raise RuntimeError("item 77")
        return 2 * item

    def last_was_given(self) -> None:
        self.last = True

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Doubler]:
        try:
            yield self
        finally:
            self.closed += 1


def test_results_come_in_the_order_of_the_items() -> None:
    worker = Doubler()
    assert list(in_order(range(50), worker.open, 8)) == [(n, 2 * n) for n in range(50)]
    assert worker.last and worker.closed == 1


def test_no_item_is_no_result() -> None:
    assert list(in_order([], Doubler().open, 4)) == []


def test_few_items_are_drawn_ahead() -> None:
    drawn = 0

    def items() -> Iterator[int]:
        nonlocal drawn
        for number in range(60):
            drawn += 1
            yield number

    for at, _ in enumerate(in_order(items(), Doubler().open, 8)):
        assert drawn <= at + 9
    assert drawn == 60


@pytest.mark.parametrize("window", [1, 4, 200])
def test_an_error_of_the_work_is_raised_and_ends_all(window: int) -> None:
    worker = Doubler()
    with pytest.raises(RuntimeError, match="item 77"):
        list(in_order(range(100_000), worker.open, window))
    assert worker.closed == 1
    assert not _threads()


def test_an_error_of_the_items_is_raised() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more rows")

    with pytest.raises(ValueError, match="no more rows"):
        list(in_order(items(), Doubler().open, 4))
    assert not _threads()


def test_who_stops_early_leaves_nothing_running() -> None:
    worker = Doubler()
    stream = in_order(range(100_000), worker.open, 16)
    assert next(stream) == (0, 0)
    stream.close()
    assert worker.closed == 1
    assert not _threads()


def _threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith(("requests", "items"))]

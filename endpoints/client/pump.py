"""Asynchronous work for a synchronous stage: items in, results out in the same order, few in memory."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_In = TypeVar("_In", contravariant=True)
_Out = TypeVar("_Out", covariant=True)


class Worker(Protocol[_In, _Out]):
    """The worker, which is notified when no further item will follow."""

    async def work(self, item: _In, /) -> _Out: ...

    def last_was_given(self) -> None: ...


class _Ended(Generic[Item]):
    """Put behind the last result, with the error that ended the stream, if one did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def in_order(
    items: Iterable[Item],
    open_worker: Callable[[], AbstractAsyncContextManager[Worker[Item, Result]]],
    window: int,
) -> Iterator[tuple[Item, Result]]:
    """Each item with its result, in the order of the items, at most ``window`` of them in memory.

    The items are drawn in a thread of their own and the work runs in another, so requests go on
    while the caller uses a result. If the caller stops, all work under way is canceled.

    Args:
        items: Drawn as there is room; what they raise is raised here.
        open_worker: Opened where the work runs.
        window: Items that are drawn and not yet given back; more than the worker does at once, so
            that one slow item does not hold up the others.

    Raises: whatever the items or the worker raise.
    """
    finished: queue.SimpleQueue[tuple[Item, Result] | _Ended[Item]] = queue.SimpleQueue()
    room = threading.Semaphore(window)
    stop = threading.Event()
    held: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def main() -> None:
        held.append((asyncio.get_running_loop(), _current()))
        if not stop.is_set():
            await _pump(items, open_worker, finished.put, room, stop)

    def run() -> None:
        error: BaseException | None = None
        try:
            asyncio.run(main())
        except asyncio.CancelledError:
            pass  # the caller stopped
        except BaseException as caught:  # noqa: BLE001 - it is raised again where the caller is
            error = caught
        finished.put(_Ended(error))

    thread = threading.Thread(target=run, name="requests", daemon=True)
    thread.start()
    try:
        while True:
            done = finished.get()
            if isinstance(done, _Ended):
                if done.error is not None:
                    raise done.error
                return
            yield done
            room.release()
    finally:
        stop.set()
        room.release()  # the feeder may be waiting for it
        if held and thread.is_alive():
            loop, task = held[0]
            with suppress(RuntimeError):  # it ended by itself
                loop.call_soon_threadsafe(task.cancel)
        thread.join()


async def _pump(
    items: Iterable[Item],
    open_worker: Callable[[], AbstractAsyncContextManager[Worker[Item, Result]]],
    give: Callable[[tuple[Item, Result]], None],
    room: threading.Semaphore,
    stop: threading.Event,
) -> None:
    source = iter(items)
    nothing = object()

    def draw() -> object:
        room.acquire()
        return nothing if stop.is_set() else next(source, nothing)

    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[Item, asyncio.Task[Result]] | None] = asyncio.Queue()

    async with open_worker() as worker:

        async def feed() -> None:
            feeder = ThreadPoolExecutor(1, thread_name_prefix="items")
            try:
                while (item := await loop.run_in_executor(feeder, draw)) is not nothing:
                    task = tasks.create_task(worker.work(item))  # type: ignore[arg-type]
                    under_way.put_nowait((item, task))  # type: ignore[arg-type]
            finally:
                # If the work failed, no place becomes free: the feeder must not wait for one.
                stop.set()
                room.release()
                feeder.shutdown()
            worker.last_was_given()
            under_way.put_nowait(None)

        async def deliver() -> None:
            while (entry := await under_way.get()) is not None:
                item, task = entry
                give((item, await task))

        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(feed())
                tasks.create_task(deliver())
        except BaseExceptionGroup as group:
            raise _first(group) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """One error of a group: the others are its echoes."""
    for error in group.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    return group


def _current() -> asyncio.Task[None]:
    task = asyncio.current_task()
    assert task is not None
    return task

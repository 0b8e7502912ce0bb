"""Shows the progress of a build: bars in a terminal, else one line per minute."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_EVERY_S = 60.0


@dataclass
class ProgressDisplay:
    """Counts finished work by phase, and shows it."""

    console: Console
    models: Callable[[], list[str]]
    """A line for each model that is asked at the moment."""
    line_every_s: float = LINE_EVERY_S
    _bars: Progress = field(init=False)
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _running: Counter[str] = field(default_factory=Counter)
    """How many shards are in each phase at the moment."""
    _rows: int = 0
    """Rows that went through all stages, earlier runs included."""
    _rows_before: int = 0
    _steps: int = 0
    """Stages of shards that this run finished."""
    _steps_left: int = 0
    _began_s: float = field(default_factory=time.monotonic)
    _work_began_s: float = 0.0

    def __post_init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
        )

    @contextmanager
    def displayed(self) -> Iterator[None]:
        """A context manager that shows progress."""
        if self.console.is_terminal:
            with Live(get_renderable=self._picture, console=self.console, refresh_per_second=4):
                yield
            return
        ended = threading.Event()
        thread = threading.Thread(target=self._tell_lines, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    @contextmanager
    def phase(self, name: str, total: int = 1) -> Iterator[Callable[[], None]]:
        """A part of the build other than the stages; call what it gives after each of its steps."""
        task = self._bars.add_task(name, total=total)
        self._tasks[name] = task
        self._running[name] += 1
        try:
            yield lambda: self._bars.advance(task)
        finally:
            self._running[name] -= 1

    def stages(self, names: tuple[str, ...], shards: int, done: int, rows: int) -> None:
        """The stages begin; so many shards were done before, and gave so many rows."""
        for name in names:
            self._tasks[name] = self._bars.add_task(name, total=shards, completed=done)
        self._rows = self._rows_before = rows
        self._steps_left = len(names) * (shards - done)
        self._work_began_s = time.monotonic()

    def began(self, stage: str) -> None:
        """One shard enters a stage."""
        self._running[stage] += 1

    def ended(self, stage: str, finished: bool, rows: int = 0) -> None:
        """One shard leaves a stage; ``rows`` are those that went through all of them."""
        self._running[stage] -= 1
        self._rows += rows
        if finished:
            self._bars.advance(self._tasks[stage])
            self._steps += 1
            self._steps_left -= 1

    def line(self) -> str:
        """The progress in one line: phase, shards, rows, rate and remaining time."""
        now = time.monotonic()
        running = [name for name, shards in self._running.items() if shards]
        parts = [self._phase(name) for name in running] or ["preparing"]
        if self._work_began_s:
            parts.append(f"{self._rows:,} rows")
        if self._steps and self._steps_left:
            spent_s = now - self._work_began_s
            parts.append(f"{(self._rows - self._rows_before) / spent_s:.1f} rows/s")
            parts.append(f"about {_minutes(spent_s * self._steps_left / self._steps)} left")
        return f"{_minutes(now - self._began_s)}: {', '.join(parts)}"

    def _phase(self, name: str) -> str:
        task = self._bars.tasks[self._tasks[name]]
        several = task.total is not None and task.total > 1
        return f"{name} {task.completed:.0f} of {task.total:.0f}" if several else name

    def _tell_lines(self, ended: threading.Event) -> None:
        while not ended.wait(self.line_every_s):
            for text in (self.line(), *(f"  {line}" for line in self.models())):
                self.console.print(text, highlight=False, soft_wrap=True, markup=False)

    def _picture(self) -> Group:
        lines = (Text(f"  {line}", style="dim") for line in self.models())
        return Group(self._bars, *lines)


def _minutes(seconds: float) -> str:
    """
    >>> _minutes(20), _minutes(200), _minutes(8000)
    ('20 s', '3 min', '2 h 13 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"

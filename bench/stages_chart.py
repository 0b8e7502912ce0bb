"""Where a chart's time goes, measured inside a child: the bench's stand-in for `renderers.chart.child`.

The same work in the same sandbox; the answer is the CPU of each stage instead of the picture. It
is the thread's clock that is read: that of a process under a CPU limit goes by in ticks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from renderers.chart import child as chart_target
from renderers.chart.child import facts, warm

__all__ = ["facts", "run", "warm"]


def run(job: bytes, scratch: Path) -> bytes:
    """JSON of stage -> CPU seconds; ``wrapped`` is all before the script, ``done`` all in all."""
    spent = {"wrapped": time.thread_time(), "scene": 0.0, "drawn": 0.0, "pack": 0.0}
    capture: Any = chart_target.capture
    capture.extract = _timed(spent, "scene", capture.extract)
    capture._picture = _timed(spent, "drawn", capture._picture)
    target: Any = chart_target
    target.pack_drawn = _timed(spent, "pack", target.pack_drawn)
    chart_target.run(job, scratch)
    spent["done"] = time.thread_time()
    return json.dumps(spent).encode()


def _timed(spent: dict[str, float], stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        start = time.thread_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[stage] += time.thread_time() - start

    return call

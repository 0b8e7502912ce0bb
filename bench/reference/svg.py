"""SVGs the reference way: a manager and a process for each, which imports CairoSVG itself."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SIDE_PX = 336


def _work(code: str, png: str, answer: Any) -> None:
    import cairosvg

    cairosvg.svg2png(
        bytestring=code.encode(),
        write_to=png,
        output_width=SIDE_PX,
        output_height=SIDE_PX,
        background_color="white",
    )
    answer["ok"] = True


@contextmanager
def _without_our_main() -> Iterator[None]:
    """Spawned processes load the script that was started, too: the reference way has none of our imports."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    main.__file__ = None
    try:
        yield
    finally:
        main.__file__ = file


def render_managed(code: str, png: Path) -> None:
    """A manager process for the answer and a worker process for the picture.

    Raises:
        RuntimeError: the worker failed.
    """
    context = multiprocessing.get_context("spawn")
    with _without_our_main(), context.Manager() as manager:
        answer = manager.dict()
        worker = context.Process(target=_work, args=(code, str(png), answer))
        worker.start()
        worker.join(10)
        if worker.is_alive():
            worker.kill()
        if not answer.get("ok"):
            raise RuntimeError("the reference way drew no picture")

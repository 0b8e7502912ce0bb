"""Checks that a second browser agrees on a table; if not, labels would blame a model for Chromium's ways.

Firefox draws the same document, in the sandbox of the browser of tables. Rows may be some pixels higher in
one of them, so pictures are compared between the same lines. Needs Firefox (Debian: `apt-get install firefox-esr`).
"""

from __future__ import annotations

import io
import shutil
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from records.errors import ConfigError, RendererUnavailable
from records.taxonomy import Language
from renderers.contract import Picture
from renderers.second_opinion import STRONG, pixels_of, visibly_other
from renderers.table.browser.messages import FIREFOX, PageRequest
from renderers.table.browser.process import (
    DeadlinePassed,
    MemoryPassed,
    WorkerLost,
    WorkerProcess,
)
from sandbox.probe import LayerReport
from sandbox.status import Limits, RenderStatus

WAY_OUT = "install Firefox (Debian: firefox-esr), or set render.cross_check_tables = false"
ROOM_PX = 200
"""How much wider and higher than Chromium's picture the window is."""
LINES = (0.15, 0.3, 0.5, 1.1)
"""Shares of a row or column that must change for it to be a line; more than 1 takes no line but the edges."""

Pixels = NDArray[np.uint8]


def find_firefox() -> str:
    """Path of the Firefox to use; the empty string where there is none."""
    return next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), "")


def require_firefox() -> str:
    """Path of the Firefox to use.

    Raises:
        ConfigError: it is not installed.
    """
    if found := find_firefox():
        return found
    raise ConfigError(f"render.cross_check_tables needs a second browser: {WAY_OUT}")


def firefox_report(*, required: bool) -> LayerReport:
    """The line of `vermillion doctor` about this check."""
    found, use = find_firefox(), "second opinion on tables, render.cross_check_tables"
    detail = f"{use}: {found}" if found else f"{use}: apt-get install firefox-esr"
    return LayerReport("program: firefox", bool(found), detail, required)


class TableCrossCheck:
    """Draws tables a second time, with Firefox. Use it in a ``with`` block; one thread at a time.

    Raises:
        ConfigError: Firefox is not installed.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._executable = require_firefox()
        self._worker: WorkerProcess | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def disagreement(self, code: str, language: Language, picture: Picture) -> float | None:
        """Share of the picture, 0 to 1, that Firefox draws visibly differently.

        None if it makes no picture, or if the layout may depend on the window: that proves
        nothing. From `renderers.second_opinion.VISIBLY_OTHER` on the two differ for a viewer.

        Raises:
            RendererUnavailable: Firefox ended and does not start again.
        """
        limits = self._limits
        request = PageRequest(
            code, language.value, limits.pixels, limits.code_chars, limits.nodes,
            window_px=(picture.width_px + ROOM_PX, picture.height_px + ROOM_PX),
        )  # fmt: skip
        try:
            worker = self._worker or self._start()
            reply = worker.ask(request, limits.timeout_s, limits.memory_mb)
        except (DeadlinePassed, MemoryPassed, WorkerLost):
            self._stop()
            return None
        if reply.status != RenderStatus.OK:
            return None
        with Image.open(io.BytesIO(reply.png), formats=("PNG",)) as image:
            other = np.asarray(image.convert("RGB"))
        first, second = _inked(pixels_of(picture)), _inked(other)
        if not (first.size and second.size):
            return float(first.size != second.size)
        return min(visibly_other(first, _aligned(second, first, share)) for share in LINES)

    def _start(self) -> WorkerProcess:
        worker = WorkerProcess(self._executable, True, FIREFOX)
        try:
            worker.hello()
        except (WorkerLost, DeadlinePassed) as error:
            worker.close()
            raise RendererUnavailable(
                f"Firefox ({self._executable}) does not start: {error}; {WAY_OUT}"
            ) from error
        self._worker = worker
        return worker

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None


def _inked(pixels: Pixels) -> Pixels:
    """The part that is not background, by the color of the first pixel; nothing where all is."""
    drawn = (pixels != pixels[0, 0]).any(axis=2)
    rows, columns = (np.flatnonzero(drawn.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return pixels[:0]
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _aligned(pixels: Pixels, like: Pixels, share: float) -> Pixels:
    """A picture in the size of another, stretched between the lines that both have."""
    for axis in (0, 1):
        theirs, ours = (_lines(one.swapaxes(0, axis), share) for one in (pixels, like))
        if len(theirs) != len(ours):
            theirs, ours = theirs[[0, -1]], ours[[0, -1]]
        places = np.interp(np.arange(like.shape[axis]), ours, theirs).round().astype(int)
        pixels = pixels.take(places, axis=axis)
    return pixels


def _lines(pixels: Pixels, share: float) -> NDArray[np.intp]:
    """Rows where many pixels differ from the row above, and the first and last row."""
    step = np.abs(np.diff(pixels.astype(np.int16), axis=0)).max(axis=2) > STRONG
    found = np.flatnonzero(step.mean(axis=1) >= share) + 1
    # A line is a step there and a step back.
    found = found[np.diff(found, prepend=-9) > 2]
    return np.concatenate(([0], found, [len(pixels) - 1]))

"""Checks that a second renderer agrees with CairoSVG, so that labels do not blame a model for
CairoSVG's faults.

CairoSVG draws the pictures. It supports no blend modes, few filters and no CSS variables; a sample
that looks different in resvg is rejected as `renderer_dependent`. Needs the extra `cross-check`.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from types import TracebackType
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from records.errors import ConfigError
from renderers.contract import Picture
from renderers.svg.canvas import SIDE_PX
from sandbox.fork_server import JobResult
from sandbox.session import SessionServer
from sandbox.status import Limits, RenderStatus

STRONG = 64
"""Least difference of a channel (0-255) that anti-aliasing does not explain."""
REACH_PX = 3
"""How far two renderers may put the same edge apart: letters are spaced by hinted widths or not."""
VISIBLY_OTHER = 0.0005
"""Two renderers differ visibly if at least this share of the picture differs: a block of 7 x 7 pixels.

Decision record 10 lists which real icons this drops, and why.
"""


def available() -> bool:
    """True if the second renderer is installed."""
    return find_spec("resvg_py") is not None


class SvgCrossCheck:
    """Draws programs a second time, with resvg. Use it in a ``with`` block; one thread at a time.

    Raises:
        ConfigError: resvg is not installed; the message names the extra.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        if not available():
            raise ConfigError(
                "cross-checking needs the package resvg-py: install the extra with "
                "`pip install 'vermillion[cross-check]'`, or leave the cross-check out"
            )
        self._server = SessionServer(
            "renderers.svg.cross_check_child",
            limits or Limits(),
            result_bytes=3 * SIDE_PX * SIDE_PX,
        )

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()

    def disagreement(self, code: str, picture: Picture) -> float | None:
        """Share of the picture, 0 to 1, that the second renderer draws visibly differently.

        None if resvg cannot draw the program, which proves nothing. A viewer notices a share of at
        least `VISIBLY_OTHER`; slightly shifted edges do not count.

        Args:
            code: The program.
            picture: What `renderers.svg.renderer.SvgRenderer` made of it.
        """
        outcome: JobResult = self._server.run(msgspec.msgpack.encode(code))
        if outcome.status is not RenderStatus.OK:
            return None
        if len(outcome.result) != 3 * SIDE_PX * SIDE_PX:
            return None
        other = np.frombuffer(outcome.result, np.uint8).reshape(SIDE_PX, SIDE_PX, 3)
        return _visibly_other(_pixels(picture), other)


def _pixels(picture: Picture) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image.convert("RGB"))


def _visibly_other(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Share of the pixels whose color does not occur nearby in the other picture."""
    gap = np.abs(first.astype(np.int16) - second.astype(np.int16)).max(axis=2) > STRONG
    if not gap.any():
        return 0.0
    # Only differing pixels need their neighborhood compared.
    rows, columns = (np.flatnonzero(gap.any(axis=axis)) for axis in (1, 0))
    part = tuple(
        slice(max(0, int(found[0]) - REACH_PX), int(found[-1]) + REACH_PX + 1)
        for found in (rows, columns)
    )
    missing = _not_near(first[part], second[part]) | _not_near(second[part], first[part])
    return float(missing.sum() / gap.size)


def _not_near(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a color lies clearly outside those of the other picture within `REACH_PX`."""
    size = (2 * REACH_PX + 1, 2 * REACH_PX + 1, 1)
    least = ndimage.minimum_filter(other, size=size).astype(np.int16) - STRONG
    most = ndimage.maximum_filter(other, size=size).astype(np.int16) + STRONG
    here = one.astype(np.int16)
    outside: NDArray[np.bool_] = ((here < least) | (here > most)).any(axis=2)
    return outside

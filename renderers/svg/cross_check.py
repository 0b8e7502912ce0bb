"""Checks that a second renderer agrees with CairoSVG, so that labels do not blame a model for
CairoSVG's faults.

CairoSVG draws the pictures. It supports no blend modes, few filters and no CSS variables; a sample
that looks different in resvg is rejected as `renderer_dependent`. Needs the extra `cross-check`.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Self

import msgspec
import numpy as np

from records.errors import ConfigError
from renderers.contract import Picture
from renderers.second_opinion import pixels_of, visibly_other
from renderers.svg.canvas import SIDE_PX
from sandbox.fork_server import JobResult
from sandbox.session import SessionServer
from sandbox.status import Limits, RenderStatus


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

    def __exit__(self, *error: object) -> None:
        self._server.close()

    def disagreement(self, code: str, picture: Picture) -> float | None:
        """Share of the picture, 0 to 1, that the second renderer draws visibly differently.

        None if resvg cannot draw the program, which proves nothing. A viewer notices a share of at
        least `renderers.second_opinion.VISIBLY_OTHER`; slightly shifted edges do not count.
        """
        outcome: JobResult = self._server.run(msgspec.msgpack.encode(code))
        if outcome.status is not RenderStatus.OK:
            return None
        if len(outcome.result) != 3 * SIDE_PX * SIDE_PX:
            return None
        other = np.frombuffer(outcome.result, np.uint8).reshape(SIDE_PX, SIDE_PX, 3)
        return visibly_other(pixels_of(picture), other)

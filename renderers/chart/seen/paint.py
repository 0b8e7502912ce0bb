"""Paint and boxes of claims, compared with those of parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from records.rows import Box
from renderers.chart.seen.ink import Numbers

PAINT = 0.02
"""Largest difference of a channel, 0 to 1: claims are rounded to whole levels."""


def rgba(value: object) -> Numbers | None:
    """The numbers of ``#rrggbbaa``, 0 to 1.

    >>> rgba("#ff000080"), rgba("")
    (array([1.        , 0.        , 0.        , 0.50196078]), None)
    """
    if not isinstance(value, str) or len(value) != 9 or value[0] != "#":
        return None
    try:
        return np.array(list(bytes.fromhex(value[1:])), float) / 255
    except ValueError:
        return None


def likes(table: Numbers, paint: Numbers) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(table - paint) <= PAINT).all(axis=1))


def like(one: Numbers, two: Numbers) -> bool:
    return bool(np.abs(one - two).max() <= PAINT)


def grown(box: Box, by_px: float) -> Box:
    return box[0] - by_px, box[1] - by_px, box[2] + by_px, box[3] + by_px

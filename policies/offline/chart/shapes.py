"""The shapes that a chart's reader knows, in pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.offline.chart.panels import Color

Flags = NDArray[np.bool_]
Boxes = tuple[tuple[float, float, float, float], ...]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Bars:
    """Rectangles as left, top, right, bottom, in pixels of the picture."""

    color: str
    boxes: Boxes
    upright: bool


@dataclass(frozen=True)
class Curve:
    """A line through points, in pixels of the picture."""

    color: str
    points: Points
    width_px: float
    dashes: str = "-"
    marker_px: float = 0.0
    """Size of the marks at its points; 0 for none."""


@dataclass(frozen=True)
class Dots:
    """Marks without a line."""

    color: str
    points: Points
    size_px: float


@dataclass(frozen=True)
class FilledArea:
    """A filled area between two curves."""

    color: str
    upper: Points
    lower: Points


Mark = Bars | Curve | Dots | FilledArea


def hex_of(color: Color) -> str:
    """A color as matplotlib reads it.

    >>> hex_of(np.array([255.0, 127.4, 0.0]))
    '#ff7f00'
    """
    return "#" + "".join(f"{min(max(round(float(channel)), 0), 255):02x}" for channel in color)


def box_area(part: tuple[float, ...]) -> float:
    return (part[2] - part[0]) * (part[3] - part[1])


def short(part: tuple[float, ...]) -> float:
    return min(part[2] - part[0], part[3] - part[1])


def long(part: tuple[float, ...]) -> float:
    return max(part[2] - part[0], part[3] - part[1])

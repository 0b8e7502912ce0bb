"""Computed CSS values in the normal form of scenes."""

from __future__ import annotations

import re
from functools import lru_cache

CLEAR = "#00000000"
"""No colour at all."""


@lru_cache(maxsize=4096)
def colour(css: str) -> str:
    """A computed colour as ``#rrggbbaa``.

    >>> colour("rgb(51, 51, 51)"), colour("rgba(0, 0, 0, 0.5)"), colour("color(srgb 1 0 0)")
    ('#333333ff', '#00000080', '#ff0000ff')
    """
    numbers = [float(word) for word in re.findall(r"-?\d*\.?\d+(?:e-?\d+)?", css)[:4]]
    if len(numbers) < 3:
        return CLEAR
    red, green, blue = numbers[:3]
    alpha = numbers[3] if len(numbers) > 3 else 1.0
    if css.startswith("color("):
        red, green, blue = red * 255, green * 255, blue * 255
    channels = (red, green, blue, alpha * 255)
    return "#" + "".join(f"{min(255, max(0, round(value))):02x}" for value in channels)


@lru_cache(maxsize=4096)
def px(css: str) -> float:
    found = re.match(r"-?[\d.]+", css)
    return round(float(found[0]), 2) if found else 0.0


@lru_cache(maxsize=1024)
def family(css: str) -> str:
    """The family that is asked for first, in small letters."""
    return css.split(",")[0].strip().strip("\"'").lower()

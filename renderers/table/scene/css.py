"""Computed CSS values in the normal form of scenes."""

from __future__ import annotations

import re
from functools import lru_cache

from renderers.table.styles import AT

CLEAR = "#00000000"
"""No color at all."""


@lru_cache(maxsize=4096)
def color(css: str) -> str:
    """A computed color as ``#rrggbbaa``.

    >>> color("rgb(51, 51, 51)"), color("rgba(0, 0, 0, 0.5)"), color("color(srgb 1 0 0)")
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


_PLAIN = frozenset(("", "none", "normal", "horizontal-tb", "0px"))
_EFFECTS = {
    "background-image": "a pattern or gradient",
    "box-shadow": "a shadow",
    "clip-path": "cut-off edges",
    "filter": "filtered colors",
    "font-variant-caps": "small capitals",
    "letter-spacing": "wider or narrower letter spacing",
    "rotate": "turned or moved contents",
    "text-shadow": "shadowed letters",
    "transform": "turned or moved contents",
    "writing-mode": "vertical text",
}
"""CSS properties that change how a cell looks and that no other style of a scene holds."""


@lru_cache(maxsize=4096)
def effects(cell: tuple[str, ...], row: tuple[str, ...]) -> str:
    """What makes a cell look unusual, of the cell and the row around it; empty for most cells.

    Inherited properties are those of the cell itself, so each is named once.

    Args:
        cell, row: Values of `STYLES`; none for no such node.
    """
    found: list[str] = []
    for look in filter(None, (cell, row)):
        found += [
            words
            for name, words in _EFFECTS.items()
            if look[AT[name]] not in _PLAIN and words not in found
        ]
        opacity = px(look[AT["opacity"]] or "1")
        if opacity < 1:
            found.append(f"{round(100 * opacity)} % opacity")
        outline = look[AT["outline"]]
        if outline and "none" not in outline and not outline.endswith("0px"):
            found.append("an outline")
    return "; ".join(found)

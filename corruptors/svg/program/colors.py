"""Colors: how they are written, what they are called, and which wrong ones are plausible."""

from __future__ import annotations

import colorsys
from math import sqrt
from random import Random

import tinycss2.color3

Color = tuple[float, float, float]
"""Red, green, blue from 0 to 1."""


def color_of(value: str) -> Color | None:
    """A color in any notation of CSS; None for what is none, or is fully transparent.

    >>> color_of("rgb(255, 0, 0)"), color_of("url(#a)")
    ((1.0, 0.0, 0.0), None)
    """
    parsed = tinycss2.color3.parse_color(value)
    if parsed is None or isinstance(parsed, str) or parsed.alpha == 0:
        return None
    return parsed.red, parsed.green, parsed.blue


def hex_of(color: Color) -> str:
    """A color as six hex digits.

    >>> hex_of((1, 0.5, 0))
    '#ff8000'
    """
    return "#" + "".join(f"{round(min(1, max(0, part)) * 255):02x}" for part in color)


def distance(first: Color, second: Color) -> float:
    """How far two colors are apart, 0 to about 1.7."""
    return sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)))


def other_color(color: Color, rng: Random) -> Color:
    """A wrong color that a viewer notices: another hue, or a hue where there was none.

    >>> hex_of(other_color((1, 0, 0), Random(0)))
    '#3300ff'
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*color)
    if saturation < 0.15 or not 0.08 < lightness < 0.95:
        return rng.choice([one for one in _BRIGHT if distance(one, color) > 0.4])
    turned = (hue + rng.choice((0.12, 0.3, 0.5, 0.7, 0.88))) % 1
    wrong = colorsys.hls_to_rgb(turned, lightness, saturation)
    return wrong if distance(wrong, color) > 0.15 else rng.choice(_BRIGHT)


def other_lightness(color: Color, rng: Random) -> Color:
    """The same hue, clearly lighter or darker.

    >>> hex_of(other_lightness((0, 0, 0.5), Random(0)))
    '#6666b2'
    """
    luminance = 0.3 * color[0] + 0.59 * color[1] + 0.11 * color[2]
    share = rng.choice((0.3, 0.4, 0.5))
    lighter = luminance < 0.35 or (luminance < 0.65 and rng.random() < 0.5)
    return toward(color, 1.0 if lighter else 0.0, share)


def toward(color: Color, aim: float, share: float) -> Color:
    """A color that share of the way to black (aim 0) or white (aim 1)."""
    red, green, blue = (part + (aim - part) * share for part in color)
    return red, green, blue


def color_name(color: Color) -> str:
    """The nearest everyday word.

    >>> color_name((0.9, 0.1, 0.1))
    'red'
    """
    return min(_WORDS, key=lambda word: distance(_WORDS[word], color))


_BRIGHT: tuple[Color, ...] = (
    (0.85, 0.16, 0.16), (0.95, 0.55, 0.1), (0.98, 0.82, 0.2), (0.2, 0.63, 0.3), (0.13, 0.45, 0.8),
    (0.45, 0.25, 0.65), (0.4, 0.4, 0.4),
)  # fmt: skip
_WORDS: dict[str, Color] = {
    "black": (0, 0, 0), "dark gray": (0.3, 0.3, 0.3), "gray": (0.55, 0.55, 0.55),
    "light gray": (0.8, 0.8, 0.8), "white": (1, 1, 1), "red": (0.85, 0.1, 0.1),
    "orange": (1, 0.55, 0.05), "yellow": (1, 0.87, 0.15), "green": (0.15, 0.6, 0.2),
    "light green": (0.55, 0.85, 0.5), "teal": (0.05, 0.55, 0.55), "blue": (0.1, 0.35, 0.85),
    "dark blue": (0.07, 0.12, 0.4), "light blue": (0.5, 0.78, 0.95), "purple": (0.5, 0.2, 0.65),
    "pink": (0.97, 0.6, 0.75), "brown": (0.45, 0.28, 0.15), "beige": (0.95, 0.85, 0.7),
}  # fmt: skip

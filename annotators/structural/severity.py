"""Grades the severity of differences: 1 barely affects reading, 2 hinders part of it, 3 misleads.

Every function grades one kind of difference by its magnitude and is monotone: of two differences
of one kind, the larger never scores lower. The anchors are tabulated in ``docs/severity.md``, and
a test compares the table with what the functions say.

Source: the three grades of Visual-ERM (arXiv:2603.13224), annotation prompts.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache
from math import inf, isfinite, log10
from typing import Any

from annotators.structural import meanings
from annotators.structural.matching import text_similarity
from records.taxonomy import Severity

Color = tuple[float, float, float]
"""sRGB, 0 to 255."""


def grade(magnitude: float, medium: float, severe: float = inf) -> Severity:
    """1 below ``medium``, 2 from there on, 3 from ``severe`` on.

    >>> [grade(size, 0.1, 0.5) for size in (0.05, 0.1, 0.7)]
    [1, 2, 3]
    """
    return 3 if magnitude >= severe else 2 if magnitude >= medium else 1


def of_relative_change(before: float, after: float, span: float | None = None) -> Severity:
    """Severity of a wrong number, by its relative change and by the change on the axis.

    Both must be large for a high grade: 1 instead of 10 is severe on an axis up to 20 and invisible
    on an axis up to 10,000.

    Args:
        before: The true number.
        after: The number shown.
        span: Length of the axis it is read from; None if the number itself is printed.

    >>> of_relative_change(25.5, 255), of_relative_change(25.5, 26), of_relative_change(10, 13)
    (3, 1, 2)
    """
    gap = abs(after - before)
    if not isfinite(gap):
        return 3
    share = gap / abs(before) if before else (inf if gap else 0.0)
    worst = grade(share, medium=0.1, severe=0.5)
    if span:
        worst = min(worst, grade(gap / abs(span), medium=0.03, severe=0.15))
    return worst


def of_text_change(before: str, after: str) -> Severity:
    """Severity of a changed text: a typo is 1, half the words 2, another or no text 3.

    A changed number inside a text is at least 2, since a reader cannot see that it is wrong; another
    unit or power of ten misleads outright. The same letters in capitals, or raised, are 1, and so are
    letters that look like digits. The opposite misleads, another word or letter of a series is at least 2
    (`annotators.structural.meanings`).

    >>> of_text_change("Sales", "Slaes"), of_text_change("2019", "2091"), of_text_change("A", "")
    (1, 2, 3)
    >>> of_text_change("Revenue", "REVENUE"), of_text_change("dose (mg)", "dose (g)")
    (1, 3)
    >>> of_text_change("6 weeks", "6 months"), of_text_change("元", "万元"), of_text_change("5 dogs", "5 cats")
    (3, 3, 2)
    >>> of_text_change("GC-MS", "GC-M5"), of_text_change("✓", "√"), of_text_change("✓", "✗")
    (1, 1, 3)
    >>> of_text_change("θ_1", "theta1"), of_text_change("5 mW", "5 MW"), of_text_change("5 KM", "5 km")
    (1, 3, 1)

    >>> of_text_change("***", "*"), of_text_change("2015", "2015.0")
    (2, 1)

    A dash stands for nothing, so little is lost with it; a value in its place is invented.

    >>> of_text_change("-", ""), of_text_change("—", "n/a"), of_text_change("-", "12")
    (1, 1, 3)
    """
    if _is_nothing(before):
        return 1 if not after or _is_nothing(after) else 3
    if alike(before) == alike(after):
        return 1 if MILLI.findall(before) == MILLI.findall(after) else 3
    if not set(before + after) - STARS:
        return 2  # levels of significance
    share = grade(1 - text_similarity(before, after), medium=0.35, severe=0.7)
    worst = max(share, meanings.of_meaning(before, after))
    units = [
        sorted(word for word in UNIT.findall(text) if word in UNITS) for text in (before, after)
    ]
    if (all(units) and units[0] != units[1]) or SCALE.sub("", before) == SCALE.sub("", after):
        return 3
    numbers = re.compile(r"\d+(?:\.\d+)?")
    first, second = (
        [float(number) for number in numbers.findall(text)] for text in (before, after)
    )
    if first != second:
        return max(worst, 2)
    return 1 if first and numbers.sub("", before) == numbers.sub("", after) else worst


def _is_nothing(text: str) -> bool:
    """True for what stands where there is no value."""
    return bool(text) and (not set(text) - DASHES or text.casefold() in ("n/a", "n.a.", "na"))


def alike(text: str) -> str:
    """The letters of a text, without case, superscript and subscript, look-alikes as one, Greek ones
    by their names.

    >>> alike("GC-M5") == alike("gc-ms"), alike("12.5") == alike("12.S"), alike("12") == alike("13")
    (True, True, False)
    """
    plain = unicodedata.normalize("NFKC", text).replace("_", "").replace("^", "").casefold()
    named = (unicodedata.name(sign, "") for sign in plain)
    spelled = "".join(
        name.split()[-1].casefold() if name.startswith("GREEK SMALL LETTER ") else sign
        for sign, name in zip(plain, named, strict=True) if not sign.isspace()
    )  # fmt: skip
    return spelled.translate(LOOK_ALIKES)


LOOK_ALIKES = str.maketrans("0158i✔√✘×", "olsbl✓✓✗✗")


DASHES = frozenset("-‐‑‒–—−一")
"""Signs that stand for no value; the last is a dash to whoever reads no Chinese."""

STARS = frozenset("*∗⁎★")
"""Signs of which more or fewer say another level of significance."""

UNIT = re.compile(r"[^\W\d_]{2,}|[%‰]|°[CF]\b|^[^\W\d_]$|(?<=[\d(\[/])[^\W\d_]|(?<=\d )[^\W\d_]\b")
"""What may be a unit; one letter only alone or after a number, a bracket or a slash."""

UNITS = frozenset(
    ["g", "mg", "kg", "ug", "µg", "μg", "ng", "t", "lb", "oz", "m", "km", "cm", "mm", "µm", "μm",
     "nm", "mi", "ft", "ms", "s", "min", "h", "d", "second", "minute", "hour", "day", "week",
     "month", "year", "seconds", "minutes", "hours", "days", "weeks", "months", "years", "l", "L",
     "ml", "mL", "dl", "µl", "μl", "µL", "μL", "V", "mV", "kV", "A", "mA", "W", "kW", "MW", "GW",
     "Wh", "kWh", "MWh", "J", "kJ", "Hz", "kHz", "MHz", "GHz", "Pa", "kPa", "MPa", "bar", "K", "C",
     "F", "°C", "°F", "kB", "MB", "GB", "TB", "USD", "EUR", "GBP", "k", "M", "B", "T", "bn", "mn",
     "tn", "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion",
     "billions", "trillion", "trillions", "%", "‰"]
)  # fmt: skip
"""Units and powers of ten; exchanging one for another misleads."""

MILLI = re.compile(r"(?<![^\W\d_])[mM](?=(?:Wh?|Hz|Pa|eV|[VAJΩ])\b)")
"""A thousandth or a million of a unit."""

SCALE = re.compile(
    r"\s*\b(?:hundred|thousand|(?:m|b|tr)illion)s?\b|(?:(?<=[\d(（])|(?<=\d ))[十百千万億亿兆]|[十百千万億亿兆](?=[元人吨噸米件户戶])"
)
"""Words for powers of ten; losing one misleads as much."""


def of_color_change(
    before: str | Color, after: str | Color, area_share: float | None = None
) -> Severity:
    """Severity of a changed color, by its CIEDE2000 distance over white and by the area.

    Severity 3 is for a very different color over a large part of the picture.

    Args:
        before: ``#rrggbb`` or ``#rrggbbaa``, or sRGB 0 to 255.
        after: The same.
        area_share: Share of the picture in that color; None for a line or a text.

    >>> of_color_change("#1f77b4", "#1f77b8"), of_color_change("#ff0000", "#0000ff")
    (1, 2)
    """
    distance = color_distance(before, after)
    medium = grade(distance, medium=12.0)
    if area_share is None or area_share < 0.25:
        return medium
    return grade(distance, medium=12.0, severe=40.0)


def of_area_share(share: float) -> Severity:
    """Severity of a missing, extra or moved part, by its share of the picture (0 to 1).

    >>> of_area_share(0.001), of_area_share(0.02), of_area_share(0.3)
    (1, 2, 3)
    """
    return grade(share, medium=0.005, severe=0.08)


def of_size_change(before: float, after: float) -> Severity:
    """Severity of a changed width, font or marker size, by the ratio; at most 2.

    >>> of_size_change(10, 12), of_size_change(1, 4)
    (1, 2)
    """
    small, large = sorted((abs(before), abs(after)))
    return grade(large / small if small else inf if large else 1.0, medium=2.0)


def of_shift(distance_share: float) -> Severity:
    """Severity of a moved part, by the distance in diagonals of the picture; at most 2.

    >>> of_shift(0.05), of_shift(0.6)
    (1, 2)
    """
    return grade(distance_share, medium=0.25)


def of_missing_share(missing: int, count: int) -> Severity:
    """Severity of missing or extra parts of a kind: one of many is 2, half or more is 3.

    >>> of_missing_share(1, 6), of_missing_share(3, 6)
    (2, 3)
    """
    return 3 if count <= 0 or missing / count >= 0.5 else 2


def of_limit_change(
    before: tuple[float, float], after: tuple[float, float], *, logarithmic: bool = False
) -> Severity:
    """Severity of changed axis limits, by the larger shift of an end relative to the axis length.

    >>> of_limit_change((0, 100), (0, 102)), of_limit_change((0, 100), (0, 400))
    (1, 3)
    """
    if logarithmic and min(*before, *after) > 0:
        before = (log10(before[0]), log10(before[1]))
        after = (log10(after[0]), log10(after[1]))
    length = abs(before[1] - before[0])
    shift = max(abs(after[0] - before[0]), abs(after[1] - before[1]))
    return grade(shift / length if length else inf if shift else 0.0, medium=0.05, severe=0.5)


@lru_cache(maxsize=4096)
def rgb(color: str | Color) -> Color:
    """sRGB 0 to 255 as seen over white.

    >>> rgb("#00000080")
    (127.0, 127.0, 127.0)
    """
    if not isinstance(color, str):
        return color
    digits = color.lstrip("#")
    parts = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
    alpha = parts[3] / 255 if len(parts) > 3 else 1.0
    red, green, blue = (float(round(255 + (part - 255) * alpha)) for part in parts[:3])
    return red, green, blue


@lru_cache(maxsize=16384)
def color_distance(before: str | Color, after: str | Color) -> float:
    """CIEDE2000 difference of two colors; 0 is equal, 1 just noticeable, 100 black to white.

    >>> color_distance("#ffffff", "#000000")
    100.0
    """
    return round(float(ciede2000(lab(rgb(before)), lab(rgb(after)))), 4)


@lru_cache(maxsize=4096)
def lab(color: Color) -> Color:
    """CIELAB of an sRGB color, for the white point D65."""
    linear = []
    for channel in color:
        share = channel / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    red, green, blue = linear
    # sRGB primaries to XYZ, divided by the white point D65.
    xyz = (
        (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047,
        0.2126729 * red + 0.7151522 * green + 0.0721750 * blue,
        (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(first: Any, second: Any, maths: Any = math) -> Any:
    """The CIEDE2000 difference of two CIELAB colors.

    Args:
        first: Lightness, a and b: numbers, or arrays if ``maths`` is numpy.
        second: The same.
        maths: The module whose functions are used.

    Source: Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula" (2005), equations 2 to 22.

    >>> round(ciede2000((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485)), 4)
    2.0425
    """
    (light1, a1, b1), (light2, a2, b2) = first, second
    hypot, atan2, degrees, radians = maths.hypot, maths.atan2, maths.degrees, maths.radians
    sqrt, exp, sin, cos = maths.sqrt, maths.exp, maths.sin, maths.cos
    mean = (hypot(a1, b1) + hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * sqrt(mean**7 / (mean**7 + 25**7))
    a1, a2 = a1 * stretch, a2 * stretch
    chroma1, chroma2 = hypot(a1, b1), hypot(a2, b2)
    hue1 = degrees(atan2(b1, a1)) % 360
    hue2 = degrees(atan2(b2, a2)) % 360
    hued = chroma1 * chroma2 != 0
    turn = hued * ((hue2 - hue1 + 180) % 360 - 180)
    turn = turn + 360 * ((turn == -180) & (hue2 > hue1))
    hue = hue1 + hue2
    hue = hue + hued * (abs(hue1 - hue2) > 180) * (360 - 720 * (hue >= 360))
    hue = hue / (1 + hued * 1)
    light, chroma = (light1 + light2) / 2, (chroma1 + chroma2) / 2
    weight = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    by_light = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    by_chroma = 1 + 0.045 * chroma
    by_hue = 1 + 0.015 * chroma * weight
    rotation = (
        -sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
        * 2
        * sqrt(chroma**7 / (chroma**7 + 25**7))
    )
    d_light = (light2 - light1) / by_light
    d_chroma = (chroma2 - chroma1) / by_chroma
    d_hue = 2 * sqrt(chroma1 * chroma2) * sin(radians(turn / 2)) / by_hue
    return sqrt(d_light**2 + d_chroma**2 + d_hue**2 + rotation * d_chroma * d_hue)

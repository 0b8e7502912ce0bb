"""What the ticks of an axis say: pixels become values, linear or logarithmic, or categories."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from policies.offline.chart.panels import Panel
from policies.offline.ocr import OcrWord

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_POWER = re.compile(r"10[-−]?\d")
_SURPLUS = str.maketrans({"−": "-", "–": "-", "—": "-", ",": "", " ": "", "O": "0", "o": "0"})
_OFF_PX = 4.0
"""How far a tick's word may be from where the fit puts it."""


@dataclass(frozen=True)
class Scale:
    """An axis as read. Of a scale without numbers, values are shares of the axis."""

    slope: float
    """Value (or its logarithm) per pixel."""
    offset: float
    log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()
    """Place in pixels and words of each tick."""
    named: bool = False
    """True if the ticks are names of categories, which stand at 0, 1, 2, ..."""
    read: bool = False
    """True if numbers were read."""

    def value(self, at_px: float) -> float:
        found = self.slope * at_px + self.offset
        return 10 ** min(max(found, -300), 300) if self.log else found


def number(text: str) -> float | None:
    """The number in a tick's word.

    >>> number("−1,200"), number("45 %"), number("Q3")
    (-1200.0, 45.0, None)
    """
    plain = text.translate(_SURPLUS).strip("$€£%°")
    return float(plain) if _NUMBER.fullmatch(plain) else None


def fit(points: Sequence[tuple[float, float]]) -> tuple[float, float, int]:
    """Slope, offset and number of points within a few pixels of the best line through two of them.

    >>> slope, offset, agreed = fit([(100, 0), (50, 10), (0, 20), (70, 99)])
    >>> round(slope, 3), round(offset, 3), agreed
    (-0.2, 20.0, 3)
    """
    best = (0.0, 0.0, 0)
    for (x, value), (other_x, other) in combinations(points, 2):
        if abs(x - other_x) < 8 or value == other:
            continue
        slope = (other - value) / (other_x - x)
        offset = value - slope * x
        near = [point for point in points if abs((point[1] - offset) / slope - point[0]) < _OFF_PX]
        if len(near) > best[2]:
            # The mean of all that agree is nearer than two of them.
            mean_x = sum(point[0] for point in near) / len(near)
            mean = sum(point[1] for point in near) / len(near)
            spread = sum((point[0] - mean_x) ** 2 for point in near)
            slope = sum((p[0] - mean_x) * (p[1] - mean) for p in near) / spread
            best = (slope, mean - slope * mean_x, len(near))
    return best


def read_scale(ticks: Sequence[tuple[float, OcrWord]], start_px: float, end_px: float) -> Scale:
    """The scale of an axis between two pixels, of which the first is its low end.

    Args:
        ticks: Place along the axis, and the word there.
        start_px: Low end.
        end_px: High end.
    """
    shown = tuple(sorted((place, word.text) for place, word in ticks))
    points = [(place, value) for place, text in shown if (value := number(text)) is not None]
    rising = end_px - start_px
    if len(points) >= 2 and len(points) >= 0.6 * len(shown):
        powers = [
            (place, float(plain[2:]))
            for place, text in shown
            if _POWER.fullmatch(plain := text.translate(_SURPLUS))
        ]
        tries: list[tuple[bool, tuple[float, float, int]]] = []
        if len(powers) >= 2 and len(powers) >= len(shown) - 1:
            # Exponents are read as further digits: 10, 0 for one. They come first, as ties go.
            tries.append((True, fit(powers)))
        tries.append((False, fit(points)))
        if all(value > 0 for _, value in points):
            tries.append((True, fit([(place, math.log10(value)) for place, value in points])))
        log, (slope, offset, agreed) = max(tries, key=lambda one: one[1][2])
        if agreed >= min(3, len(points)) and slope * rising > 0:
            return Scale(slope, offset, log, shown, read=True)
    if len(shown) >= 2 and any(number(text) is None for _, text in shown):
        places = [place for place, _ in (shown if rising > 0 else shown[::-1])]
        step = (places[-1] - places[0]) / (len(places) - 1)
        if abs(step) > 5:
            slope = 1 / step
            return Scale(slope, -slope * places[0], ticks=shown, named=True)
    slope = 1 / rising
    return Scale(slope, -slope * start_px, ticks=shown)


def x_ticks(panel: Panel, words: Sequence[OcrWord]) -> list[OcrWord]:
    """The words of the first row below a panel."""
    below = [
        word
        for word in words
        if not word.upright
        and panel.bottom - 3 <= word.top < panel.bottom + 34
        and panel.left - 0.08 * panel.width - 12 < word.x < panel.right + 0.08 * panel.width + 12
    ]
    if not below:
        return []
    first = min(word.top for word in below)
    tall = sorted(word.height for word in below)[len(below) // 2]
    return [word for word in below if word.top < first + 0.7 * tall]


def y_ticks(panel: Panel, words: Sequence[OcrWord]) -> list[OcrWord]:
    """The words of the first column left of a panel."""
    beside = [
        word
        for word in words
        if not word.upright
        and panel.left - 48 < word.right <= panel.left + 4
        and panel.top - 9 < word.y < panel.bottom + 9
    ]
    if not beside:
        return []
    edge = max(word.right for word in beside)
    # Labels end in a line, short or long.
    return [word for word in beside if edge - word.right < 16]

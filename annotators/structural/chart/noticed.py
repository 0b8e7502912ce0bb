"""Decides which style differences a viewer notices, by kind of style."""

from __future__ import annotations

from annotators.structural import visibility
from renderers.scene import Value

PX_PER_POINT = 100 / 72
"""Pixels per point in pictures of the render contract, at normal size."""

TICK_PX = 1.5
"""Least noticed difference of tick mark lengths, in pixels."""

MARGIN_PX = 2.5
"""Least noticed difference of the room between a text and its box, in pixels."""

BOW = 0.04
"""Least noticed difference of how far a curved arrow leaves the straight line, as a share of its length."""

TURN = 2.0
"""Least noticed rotation of a text, in degrees."""

THIN = frozenset(("color", "edge", "marker_edge", "median_color", "whisker_color", "cap_color"))
"""Style keys of stroke colors; colors of texts, ticks and frames are thin too."""


def noticed(
    key: str, before: Value, after: Value, *, thin: bool = True, text: bool = False
) -> bool:
    """True if a viewer notices the changed value of a style.

    Args:
        key: The style, as scenes name it; lengths are in points.
        thin: False if the color covers an area.
        text: True if the color is that of letters.

    >>> noticed("width", 2.0, 1.5), noticed("edge_width", 1.0, 0.8), noticed("size", 14.0, 13.2)
    (True, False, False)
    """
    if before == after or (key.endswith("slant") and "math" in (before, after)):
        return False  # letters of a formula are italic without being asked to
    if is_color(before) and is_color(after):
        return visibility.color_noticed(str(before), str(after), thin=thin, text=text)
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return not all(map(is_color, (*before, *after))) or any(
            visibility.color_noticed(str(one), str(two), thin=False)
            for one, two in zip(before, after, strict=True)
        )
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return True
    if key.endswith("width"):
        return visibility.stroke_noticed(before * PX_PER_POINT, after * PX_PER_POINT)
    if key.endswith("size"):
        return visibility.size_noticed(before, after, least_ratio(key))
    if key.endswith("length"):
        return abs(after - before) * PX_PER_POINT >= TICK_PX
    if key.endswith("margin"):
        return abs(after - before) * PX_PER_POINT >= MARGIN_PX
    if key == "bow":
        return abs(after - before) >= BOW
    if key.endswith("rotation"):
        return abs((after - before + 180) % 360 - 180) >= TURN
    return abs(before - after) > 1e-3 * max(abs(before), abs(after))


def least_ratio(key: str) -> float:
    """The least noticed ratio of sizes of a kind.

    >>> least_ratio("text_size"), least_ratio("label_size")
    (1.07, 1.09)
    """
    return visibility.LETTER_RATIO if key in WORDS else visibility.SIZE_RATIO


WORDS = frozenset(("size", "text_size", "title_size"))
"""Sizes of letters but those of numbers in the chart: labels of ticks and contours are short."""


def threshold(key: str, value: Value, *, thin: bool = True) -> str:
    """The threshold of `noticed` in words.

    >>> threshold("width", 2.0), threshold("face", "#ff0000", thin=False)
    ('a stroke is noticed from 0.48 px and 1.15 times', 'a color is noticed from CIEDE2000 3')
    """
    if is_color(value):
        least = visibility.COLOR_OF_STROKE if thin else visibility.COLOR_OF_AREA
        return f"a color is noticed from CIEDE2000 {least:g}"
    if key.endswith("width"):
        return f"a stroke is noticed from {visibility.STROKE_PX:g} px and {visibility.STROKE_RATIO:g} times"
    if key.endswith("size"):
        return f"a size is noticed from {least_ratio(key):g} times"
    if key.endswith("length"):
        return f"a length is noticed from {TICK_PX:g} px"
    return f"a turn is noticed from {TURN:g} degrees" if key.endswith("rotation") else "rounding"


def is_color(value: Value) -> bool:
    return isinstance(value, str) and value.startswith("#")

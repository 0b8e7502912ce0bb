"""Names shapes as a person would: color, form and place."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import cast

import numpy as np
from numpy.typing import NDArray

from annotators.structural.colors import color_change
from annotators.structural.severity import color_distance, lab, rgb
from records.rows import Box
from renderers.scene import Element

TURN = 0.05
"""Least change of direction at a corner, in radians."""
STAR_CORNERS = (8, 10, 12, 16)
MOST_CORNERS = 8
"""A shape with at most this many corners is called a polygon."""
NEAR_DELTA_E, SLIGHTLY = 6.0, 1.5
"""CIEDE2000 distance up to which the names of two colors say less than which is lighter, or paler; and the least
difference of lightness, or chroma, that is told."""
EXACT, ROUNDED = (0.5, 0.03), (1.5, 0.08)
"""Pixels by which boxes of letters of one font differ, and share of their ink: in one size, in two."""
ROWS = ("upper", "middle", "lower")
COLUMNS = ("left", "center", "right")


def place(box: Box, width_px: float, height_px: float) -> str:
    """The place of a box in the picture, in words.

    >>> place((0, 0, 20, 20), 100, 100), place((40, 40, 60, 60), 100, 100)
    ('upper left', 'center')
    >>> place((5, 5, 95, 95), 100, 100)
    'whole picture'
    """
    left, top, right, bottom = box
    if right - left > 0.8 * width_px and bottom - top > 0.8 * height_px:
        return "whole picture"
    row = ROWS[_third((top + bottom) / 2 / height_px)]
    column = COLUMNS[_third((left + right) / 2 / width_px)]
    if column == "center":
        return {"upper": "top", "middle": "center", "lower": "bottom"}[row]
    return column if row == "middle" else f"{row} {column}"


def _third(share: float) -> int:
    return 0 if share < 0.36 else 1 if share <= 0.64 else 2


def form(points: NDArray[np.float64], closed: bool, runs: Sequence[NDArray[np.float64]]) -> str:
    """The name of an outline: circle, square, triangle, line, ...

    Args:
        points: N x 2, evenly spaced along the outline.
        closed: True for a filled or closed outline.
        runs: The separate outlines, as they were flattened.
    """
    if len(points) < 3 or len(runs) > 1:
        return "shape"
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = high - low
    longest = max(width, height)
    if longest < 1e-6:
        return "dot"
    centerd = points - points.mean(axis=0)
    if np.linalg.svd(centerd, compute_uv=False)[1] < 0.01 * longest * len(points) ** 0.5:
        return "line"
    if not closed:
        return "curve"
    area = abs(_area(points))
    fill = area / (width * height) if width * height else 0.0
    middle = (low + high) / 2
    radii = np.hypot(*(((points - middle) / ((high - low) / 2)).T))
    if radii.max() - radii.min() < 0.08:
        return "circle" if abs(width - height) < 0.06 * longest else "ellipse"
    if fill > 0.93:
        return "square" if abs(width - height) < 0.06 * longest else "rectangle"
    corners = _corners(runs[0])
    if len(corners) == 3:
        return "triangle"
    if len(corners) == 4 and _square_cornered(corners):
        return "rectangle"
    if len(corners) in STAR_CORNERS:
        far = np.hypot(*(corners - corners.mean(axis=0)).T)
        inner, outer = sorted((far[::2].mean(), far[1::2].mean()))
        if inner < 0.75 * outer and far[::2].std() + far[1::2].std() < 0.15 * outer:
            return "star"
    return "polygon" if len(corners) <= MOST_CORNERS else "shape"


def _corners(run: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of a closed outline at which it turns."""
    points = run[:-1] if len(run) > 3 and np.allclose(run[0], run[-1], atol=0.2) else run
    before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = np.arctan2(cross, (before * after).sum(axis=1))
    return np.asarray(points[np.abs(turn) > TURN])


def _square_cornered(corners: NDArray[np.float64]) -> bool:
    """True if four corners are right angles, however the outline is turned."""
    sides = np.roll(corners, -1, axis=0) - corners
    sides /= np.maximum(np.hypot(*sides.T), 1e-9)[:, None]
    return bool(np.abs((sides * np.roll(sides, -1, axis=0)).sum(axis=1)).max() < TURN)


def _area(points: NDArray[np.float64]) -> float:
    x, y = points.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def percent(ratio: float) -> str:
    """A ratio of sizes in words.

    >>> percent(1.3), percent(0.5), percent(3)
    ('30 % larger', '50 % smaller', '3 times as large')
    """
    if ratio >= 2:
        return f"{ratio:.1f}".rstrip("0").rstrip(".") + " times as large"
    if ratio >= 1:
        return f"{(ratio - 1) * 100:.0f} % larger"
    return f"{(1 - ratio) * 100:.0f} % smaller"


def thicker(ratio: float) -> str:
    """A ratio of widths of lines in words.

    >>> thicker(1.3), thicker(0.8), thicker(2.1), thicker(3)
    ('30 % thicker', '20 % thinner', 'about twice as thick', '3 times as thick')
    """
    if 1.8 < ratio < 2.25:
        return "about twice as thick"
    if 0.44 < ratio < 0.56:
        return "about half as thick"
    words = percent(ratio).replace("larger", "thicker").replace("smaller", "thinner")
    return words.replace("as large", "as thick")


def turned(angle: float) -> str:
    """A turn, in degrees clockwise as seen, in words.

    >>> turned(30.2), turned(-90), turned(179)
    ('turned by 30° clockwise', 'turned by 90° counterclockwise', 'turned upside down')
    """
    if abs(angle) > 175:
        return "turned upside down"
    return f"turned by {abs(angle):.0f}° {'clockwise' if angle > 0 else 'counterclockwise'}"


def spacing(
    text: str, before: Box, after: Box, picture: tuple[int, ...], grown: float = 1.0
) -> str:
    """How far the letters of one text stand apart in the second picture; empty if as before.

    Args:
        text: The letters.
        before: Box of the level letters in the reference.
        after: In the candidate.
        picture: Width and height; of a text that leaves the picture not all letters are known.
        grown: Ratio of the letter sizes.

    >>> spacing("SALE", (2, 2, 40, 12), (2, 2, 55, 12), (100, 100))
    'has its letters further apart'
    """
    wide, now = grown * (before[2] - before[0]), after[2] - after[0]
    left, right = min(before[0], after[0]), max(before[2], after[2])
    if left < 0 or right > picture[0] or len(text) < 2:
        return ""
    if abs(now - wide) < max(2.0, 0.03 * wide):
        return ""
    return f"has its letters {'further apart' if now > wide else 'closer together'}"


def other_face(before: Element, after: Element) -> str:
    """How the letters of a text are drawn that were of another face; empty if they were not."""
    words = []
    for trait, usual in (("bold", "regular"), ("italic", "upright")):
        was, now = (bool(side.style.get(trait)) for side in (before, after))
        if was != now:
            words.append(f"{trait} instead of {usual}" if now else f"{usual} instead of {trait}")
    other = before.style.get("font") != after.style.get("font")
    if other and (words or not _as_wide(before, after)):
        words.insert(0, "set in another font")
    return " and ".join(words)


def _as_wide(before: Element, after: Element) -> bool:
    """True if the same letters, of one size, are as wide, as high and as black: two names of one font."""
    sides = []
    for side in (before, after):
        extent, size = side.data.get("extent"), side.style.get("font_size")
        area = side.data.get("area")
        if not (isinstance(extent, list) and isinstance(size, float) and isinstance(area, int)):
            return False
        left, top, right, bottom = (cast(float, edge) for edge in extent)
        sides.append((size, area, np.array([right - left, bottom - top])))
    (size, ink, was), (new_size, new_ink, now) = sides
    grown = new_size / size
    off_px, off_ink = EXACT if size == new_size else ROUNDED
    alike = abs(new_ink - ink * grown**2) <= off_ink * new_ink
    return before.text == after.text and alike and bool(np.abs(was * grown - now).max() <= off_px)


def plural(name: str) -> str:
    """A name of a kind of thing, several of it.

    >>> plural("yellow star"), plural("black box")
    ('yellow stars', 'black boxes')
    >>> plural("part of the black outline")
    'parts of the black outline'
    """
    head, of, rest = name.partition(" of ")
    if of and head in ("part", "group"):
        return f"{head}s of {rest}"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


def with_article(name: str) -> str:
    """A noun with its article.

    >>> with_article("orange outline"), with_article("circle")
    ('an orange outline', 'a circle')
    """
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def several(count: int, name: str) -> str:
    """A counted noun, such as "three circles".

    >>> several(1, "red circle"), several(2, "red circle"), several(7, "black box")
    ('red circle', 'two red circles', '7 black boxes')
    """
    return name if count == 1 else f"{'two' if count == 2 else count} {plural(name)}"


VERBS = {
    "is": "are", "has": "have", "lacks": "lack", "leans": "lean", "ends": "end", "starts": "start", "reaches": "reach", "lies": "lie",
    "sticks": "stick", "leaves": "leave", "floats": "float", "merges": "merge",
}  # fmt: skip
"""Verbs of sentences about one thing, and of those about several."""


def of_several(words: str) -> str:
    """The end of a sentence about one thing, for several.

    >>> of_several("is missing"), of_several("lacks a piece")
    ('are missing', 'lack a piece')
    """
    said = []
    for part in words.split(" and "):
        verb, _, rest = part.partition(" ")
        said.append(f"{VERBS.get(verb, verb)} {rest}".strip())
    return " and ".join(said)


def without_verb(words: str) -> str:
    """The end of a sentence whose subject the location names: "missing", not "is missing".

    >>> without_verb("are missing"), without_verb("has a fill")
    ('missing', 'has a fill')
    """
    return words.removeprefix("is ").removeprefix("are ")


def recolored(before: str, after: str) -> str:
    """The end of a sentence about a changed color.

    >>> recolored("#ff0000", "#0000ff"), recolored("#2ca02c", "#258a25")
    ('blue instead of red', 'a darker green')
    >>> recolored("#2c3e50", "#34495e")  # "dark blue" and "dark gray", but nearly the same
    'a slightly lighter blue'
    """
    now, was = color_change(before, after)
    if now.startswith("a "):
        return now
    noun = was.rpartition(" ")[2]
    plain = noun in ("white", "black") or now.endswith(("white", "black"))
    if before and after and not plain and color_distance(before, after) < NEAR_DELTA_E:
        (light, *hue), (other, *others) = lab(rgb(before)), lab(rgb(after))
        lighter, stronger = other - light, hypot(*others) - hypot(*hue)
        if max(abs(lighter), abs(stronger)) >= SLIGHTLY:
            tone = "lighter" if lighter > 0 else "darker"
            if abs(stronger) > abs(lighter):
                tone = "stronger" if stronger > 0 else "paler"
            return f"a slightly {tone} {noun}"
    return f"{now} instead of {was}"


def move_words(across_px: float, down_px: float) -> str:
    """Distance and direction of a move; empty if it is less than a pixel.

    >>> move_words(12.2, -3), move_words(0.4, 0)
    ('moved 12 px right and 3 px up', '')
    """
    parts = []
    if abs(across_px) >= 1:
        parts.append(f"{abs(across_px):.0f} px {'right' if across_px > 0 else 'left'}")
    if abs(down_px) >= 1:
        parts.append(f"{abs(down_px):.0f} px {'down' if down_px > 0 else 'up'}")
    return f"moved {' and '.join(parts)}" if parts else ""

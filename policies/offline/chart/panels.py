"""Where the panels of a chart are: from frames, from two spines, from a grid, from a colored ground.

A panel is found by its long straight edges, whatever their color: styles without dark spines have
a grid or a ground instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from policies.offline.ocr import OcrWord, Pixels

Color = NDArray[np.float64]
"""Three channels, 0 to 255."""

_EDGE = 14
"""Difference of neighboring pixels that is an edge; faint grids have about 20."""
_NEAR_PX = 4
_TICK_PX = 10
"""How far a tick at its end makes a spine look longer than it is."""
_LEAST_SHARE = 0.02
"""Smallest panel, as a share of the picture."""


@dataclass(frozen=True)
class Panel:
    """One pair of axes; the box is where its spines are or would be."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def holds(self, word: OcrWord, slack: float = 0.0) -> bool:
        """True if the middle of a word is inside."""
        return (
            self.left - slack < word.x < self.right + slack
            and self.top - slack < word.y < self.bottom + slack
        )


def paper_of(picture: Pixels) -> Color:
    """The ground of the figure: what its border mostly shows."""
    rim = np.concatenate([picture[:2].reshape(-1, 3), picture[-2:].reshape(-1, 3)])
    return np.asarray(np.median(rim, axis=0), float)


def find_panels(picture: Pixels, words: Sequence[OcrWord]) -> list[Panel]:
    """Panels from the top left, row by row; color bars and legends are none."""
    height, width = picture.shape[:2]
    shown = picture.astype(np.int16)
    across = _runs(_edges(shown), max(40, int(0.1 * width)))
    down = _runs(_edges(shown.transpose(1, 0, 2)), max(30, int(0.1 * height)))
    grids = _gridded(across)
    grids += [Panel(box.top, box.left, box.bottom, box.right) for box in _gridded(down)]
    least = _LEAST_SHARE * width * height
    boxes: list[Panel] = []
    # Corners say most; lines that start alike may belong to neighbors.
    corners = _axes_among(_cornered(across, down), words)
    for group in (corners, _on_one_line(picture, across, down, words), grids):
        boxes += [
            box
            for box in group
            if box.width >= 45
            and box.height >= 35
            and box.width * box.height >= least
            and not any(_rivals(box, other) for other in boxes)
        ]
    chosen: list[Panel] = []
    for box in sorted(boxes, key=lambda box: -box.width * box.height):
        if not any(_overlap(box, other) > 0.2 for other in chosen):
            chosen.append(box)
    chosen = [box for box in chosen if not _is_bar_of_colors(box)]
    labeled = [box for box in chosen if _labels(box, words) >= 2]
    chosen = labeled or chosen[:1]
    if not chosen:
        chosen = _by_ink(picture, words)
    return sorted(chosen, key=lambda box: (round(box.top / (0.12 * height)), box.left))


def _edges(shown: NDArray[np.int16]) -> NDArray[np.bool_]:
    steps = np.zeros(shown.shape[:2], bool)
    steps[1:] = np.abs(np.diff(shown, axis=0)).max(axis=2) > _EDGE
    # Ticks and marks that touch a line break it for a pixel or two.
    closed: NDArray[np.bool_] = ndimage.binary_closing(steps, np.ones((1, 5)))
    return closed


def _runs(edges: NDArray[np.bool_], least: int) -> list[tuple[int, int, int]]:
    """Long edges as (line, start, end)."""
    found = []
    for line, flags in enumerate(edges):
        if flags.sum() < least:
            continue
        steps = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
        for start, end in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True):
            if end - start >= least:
                found.append((line, int(start), int(end)))
    return found


def _cornered(
    across: Sequence[tuple[int, int, int]], down: Sequence[tuple[int, int, int]]
) -> list[Panel]:
    """Boxes with a left and a lower line that meet: frames, and plots with two spines."""
    boxes = set()
    for y, start, end in across:
        for x, top, bottom in down:
            if -_NEAR_PX <= x - start <= _TICK_PX and -_NEAR_PX <= bottom - y <= _TICK_PX:
                boxes.add(Panel(x, top, end, y))
    return list(boxes)


def _gridded(across: Sequence[tuple[int, int, int]]) -> list[Panel]:
    """Boxes of three or more lines that start and end alike: grids without spines."""
    groups: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for run in across:
        key = next(
            (
                key
                for key in groups
                if abs(key[0] - run[1]) <= _NEAR_PX and abs(key[1] - run[2]) <= _NEAR_PX
            ),
            (run[1], run[2]),
        )
        groups.setdefault(key, []).append(run)
    boxes = []
    for (start, end), runs in groups.items():
        lines = [run[0] for run in runs]
        apart = 1 + int((np.diff(sorted(lines)) > 6).sum())
        if apart >= 3:
            boxes.append(Panel(start, min(lines), end, max(lines)))
    return boxes


def _on_one_line(
    picture: Pixels,
    across: Sequence[tuple[int, int, int]],
    down: Sequence[tuple[int, int, int]],
    words: Sequence[OcrWord],
) -> list[Panel]:
    """Boxes on one long line with words behind it: bars on an axis without walls."""
    height, width = picture.shape[:2]
    ink = _drawn(picture, words)
    boxes = []
    for y, start, end in across:
        below = [w for w in words if start - 20 < w.x < end + 20 and -4 <= w.top - y < 30]
        if end - start > 0.4 * width and len(below) >= 2:
            tall = _reach(np.any(ink[:y, start:end][::-1], axis=1), 0.08 * height)
            boxes.append(Panel(start, y - tall, end, y))
    for x, start, end in down:
        beside = [w for w in words if start - 10 < w.y < end + 10 and -4 <= x - w.right < 30]
        if end - start > 0.4 * height and len(beside) >= 2:
            wide = _reach(np.any(ink[start:end, x:], axis=0), 0.08 * width)
            boxes.append(Panel(x, start, x + wide, end))
    return boxes


def _reach(inked: NDArray[np.bool_], blank: float) -> int:
    """Length of an inked run that ends at a gap larger than ``blank``.

    >>> _reach(np.array([1, 0, 1, 0, 0, 0, 1], bool), 2)
    3
    """
    at = np.flatnonzero(inked)
    far = np.flatnonzero(np.diff(at) > blank)
    return int(at[far[0]] if len(far) else at[-1]) + 1 if len(at) else 0


def _drawn(picture: Pixels, words: Sequence[OcrWord]) -> NDArray[np.bool_]:
    """Pixels that are neither background nor words."""
    ink: NDArray[np.bool_] = np.abs(picture - paper_of(picture)).max(axis=2) > 30
    for word in words:
        ink[int(word.top) : int(word.bottom) + 1, int(word.left) : int(word.right) + 1] = False
    return ink


def _overlap(box: Panel, other: Panel) -> float:
    across = min(box.right, other.right) - max(box.left, other.left)
    down = min(box.bottom, other.bottom) - max(box.top, other.top)
    return max(across, 0) * max(down, 0) / (box.width * box.height)


def _rivals(box: Panel, other: Panel) -> bool:
    """True if a box is another one, or holds one that is not small beside it."""
    share = other.width * other.height / (box.width * box.height)
    return _overlap(box, other) > 0.5 or (share > 0.2 and _overlap(other, box) > 0.8)


def _is_bar_of_colors(box: Panel) -> bool:
    return max(box.width, box.height) > 7 * min(box.width, box.height)


def _labels(box: Panel, words: Sequence[OcrWord]) -> int:
    """Words just left of the panel and just below it."""
    return len(_beside(box, words)) + len(_below(box, words))


def _beside(box: Panel, words: Sequence[OcrWord]) -> list[OcrWord]:
    return [w for w in words if box.left - 60 < w.right <= box.left + 4 and _within(box, w)]


def _below(box: Panel, words: Sequence[OcrWord]) -> list[OcrWord]:
    return [
        w
        for w in words
        if box.bottom - 4 <= w.top < box.bottom + 40 and box.left - 20 < w.x < box.right + 20
    ]


def _axes_among(boxes: Sequence[Panel], words: Sequence[OcrWord]) -> list[Panel]:
    """The boxes with ticks of their own, and those of their size: a tall bar has corners too."""
    ticked = []
    for box in boxes:
        ends = [word.right for word in _beside(box, words)]
        column = max((sum(abs(end - other) < 8 for other in ends) for end in ends), default=0)
        if max(column, len(_below(box, words))) >= 2:
            ticked.append(box)
    return [
        box
        for box in boxes
        if any(
            abs(box.width - other.width) < 0.03 * other.width
            and abs(box.height - other.height) < 0.03 * other.height
            for other in ticked
        )
    ]


def _within(box: Panel, word: OcrWord) -> bool:
    return box.top - 10 < word.y < box.bottom + 10


def _by_ink(picture: Pixels, words: Sequence[OcrWord]) -> list[Panel]:
    """The one panel of a chart without any long line: what is drawn beside its labels."""
    ink = _drawn(picture, words)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) < 40 or len(columns) < 45:
        return []
    return [Panel(int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1]))]

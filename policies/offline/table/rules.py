"""Rows and columns seen without a model: from ruled lines, and else from how words line up."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from policies.offline.ocr import OcrWord, Pixels
from policies.offline.table.cells import ReadCell

Flags = NDArray[np.bool_]

_RULE_STEP = 40
"""How far a rule's gray is from that of the paper, at least."""
_THICK_PX = 6


def cells_of(picture: Pixels, words: Sequence[OcrWord], *, rules: bool) -> list[ReadCell]:
    """The cells of the table, without their words; empty if there is neither rule nor word.

    Args:
        picture: ``H x W x 3``.
        words: All words of the picture.
        rules: Look for ruled lines; otherwise only at the words.
    """
    if rules:
        ruled = _ruled(picture, words)
        if ruled:
            return ruled
    return _lined_up(words)


def rule_lines(picture: Pixels) -> tuple[list[int], list[int], Flags, Flags]:
    """Rows and columns of pixels that hold ruled lines, and the pixels that belong to one.

    Returns:
        Heights of horizontal lines, places of vertical ones, and two ``H x W`` masks.
    """
    gray = picture.astype(int).mean(axis=2)
    dark = gray < np.median(gray) - _RULE_STEP
    height, width = dark.shape
    across = _long_runs(dark, max(25, width // 12))
    down = _long_runs(dark.T, max(16, height // 18)).T
    # A filled area is no rule.
    across &= ~_long_runs(dark.T, _THICK_PX + 1).T | down
    down &= ~_long_runs(dark, _THICK_PX + 1) | across
    return (
        _places(across.sum(axis=1), max(25, width // 12)),
        _places(down.sum(axis=0), max(16, height // 18)),
        across,
        down,
    )


def _long_runs(flags: Flags, least: int) -> Flags:
    """Of each row, the pixels that belong to a run of at least so many.

    >>> _long_runs(np.array([[1, 1, 0, 1, 1, 1]], bool), 3).astype(int).tolist()
    [[0, 0, 0, 1, 1, 1]]
    """
    height, width = flags.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = flags
    steps = np.diff(padded, axis=1).ravel()
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    kept = ends - starts >= least
    marks = np.zeros(height * (width + 1) + 1, np.int32)
    np.add.at(marks, starts[kept], 1)
    np.add.at(marks, ends[kept], -1)
    return marks.cumsum()[:-1].reshape(height, width + 1)[:, :-1] > 0


def _places(counts: NDArray[np.int_], least: int) -> list[int]:
    """Middles of the runs of lines that hold at least so many pixels."""
    lines = np.flatnonzero(counts >= least)
    groups = np.split(lines, np.flatnonzero(np.diff(lines) > _THICK_PX) + 1) if len(lines) else []
    return [int(group.mean()) for group in groups]


def _ruled(picture: Pixels, words: Sequence[OcrWord]) -> list[ReadCell]:
    heights, places, across, down = rule_lines(picture)
    if len(heights) < 2:
        return []
    inside = [word for word in words if heights[0] < word.y < heights[-1]]
    if len(places) < 2:
        # Rows are ruled, columns are not: words separate them.
        columns = _columns(inside)
        if not columns:
            return []
        left, right = min(word.left for word in inside), max(word.right for word in inside)
        places = [int(left) - 4, *(int(at) for at in columns), int(right) + 4]
        down = np.zeros_like(down)
        down[:, [min(max(at, 0), down.shape[1] - 1) for at in places]] = True
    rows, columns_ = len(heights) - 1, len(places) - 1
    parent = {(row, column): (row, column) for row in range(rows) for column in range(columns_)}

    def root(at: tuple[int, int]) -> tuple[int, int]:
        while parent[at] != at:
            at = parent[at]
        return at

    for row in range(rows):
        for column in range(columns_):
            top, bottom = heights[row], heights[row + 1]
            left, right = places[column], places[column + 1]
            if column + 1 < columns_ and not _drawn(down, right, top, bottom, upright=True):
                parent[root((row, column + 1))] = root((row, column))
            if row + 1 < rows and not _drawn(across, bottom, left, right, upright=False):
                parent[root((row + 1, column))] = root((row, column))
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for at in parent:
        groups.setdefault(root(at), []).append(at)
    cells = []
    for members in groups.values():
        top_row, left_column = min(row for row, _ in members), min(column for _, column in members)
        low_row, right_column = max(row for row, _ in members), max(column for _, column in members)
        cells.append(
            ReadCell(
                top_row,
                left_column,
                places[left_column],
                heights[top_row],
                places[right_column + 1],
                heights[low_row + 1],
                low_row - top_row + 1,
                right_column - left_column + 1,
            )
        )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    covered = sum(cell.rowspan * cell.colspan for cell in cells)
    # Areas that are no rectangles are no cells: words give better cells then.
    return cells if covered == rows * columns_ else []


def _drawn(rules: Flags, at: int, start: int, end: int, *, upright: bool) -> bool:
    """True if a line is there over most of the way between two crossings."""
    near = slice(max(at - _THICK_PX // 2, 0), at + _THICK_PX // 2 + 1)
    part = rules[start + 2 : end - 1, near] if upright else rules[near, start + 2 : end - 1].T
    return part.size == 0 or float(part.any(axis=1).mean()) > 0.6


def _columns(words: Sequence[OcrWord]) -> list[float]:
    """Where columns part: in the gaps that only wide words cross."""
    if len(words) < 2:
        return []
    start = min(word.left for word in words)
    crossed = np.zeros(int(max(word.right for word in words) - start) + 2)
    for word in words:
        crossed[int(word.left - start) : int(word.right - start) + 1] += 1
    # A few words that span columns must not hide the gap.
    few = max(0, round(0.12 * len({round(word.y / 8) for word in words})))
    free = np.flatnonzero(crossed <= few)
    gaps = np.split(free, np.flatnonzero(np.diff(free) > 1) + 1) if len(free) else []
    tall = float(np.median([word.height for word in words]))
    return [
        float(gap.mean() + start)
        for gap in gaps
        if len(gap) and len(gap) > 0.45 * tall and gap[0] > 0 and gap[-1] < len(crossed) - 2
    ]


def _lined_up(words: Sequence[OcrWord]) -> list[ReadCell]:
    if not words:
        return []
    tall = float(np.median([word.height for word in words]))
    rows: list[list[OcrWord]] = []
    for word in sorted(words, key=lambda word: word.y):
        if rows and word.y - float(np.mean([other.y for other in rows[-1]])) < 0.6 * tall:
            rows[-1].append(word)
        else:
            rows.append([word])
    parts = _columns(words)
    left, right = min(word.left for word in words), max(word.right for word in words)
    edges = [left - tall / 2, *parts, right + tall / 2]
    middles = [float(np.mean([word.y for word in row])) for row in rows]
    lines = [
        middles[0] - tall,
        *((a + b) / 2 for a, b in itertools.pairwise(middles)),
        middles[-1] + tall,
    ]
    cells = []
    for at, row in enumerate(rows):
        column = 0
        while column < len(edges) - 1:
            span = 1
            for word in row:
                if edges[column] <= word.left < edges[column + 1]:
                    while (
                        column + span < len(edges) - 1
                        and word.right > edges[column + span] + 0.8 * tall
                    ):
                        span += 1
            cells.append(
                ReadCell(
                    at,
                    column,
                    edges[column],
                    lines[at],
                    edges[column + span],
                    lines[at + 1],
                    1,
                    span,
                )
            )
            column += span
    return cells

"""Outlines as the scene lists them: flattened, in pixels of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from annotators.structural.svg.masks import Mask, around, widened
from renderers.scene import Element

SAMPLES = 96
"""Number of points by which outlines are compared."""

LINE_PX = 3
"""Width of a line that stands for an outline."""
FLAT_PX = 0.1
"""Thickness up to which an outline is a line."""

Points = NDArray[np.float64]

_LISTED = {float, int, type(None)}
"""What a list of outlines holds."""


def runs_of(element: Element, name: str = "outline") -> list[Points]:
    """The separate outlines of an element, N x 2 each."""
    value = element.data.get(name)
    if not isinstance(value, list):
        return []
    if not {*map(type, value)} <= _LISTED:
        value = [part for part in value if part is None or isinstance(part, int | float)]
    runs, start = [], 0
    for _ in range(value.count(None) + 1):
        end = value.index(None, start) if None in value[start:] else len(value)
        if end - start > 1:
            runs.append(np.array(value[start : end - (end - start) % 2], float).reshape(-1, 2))
        start = end + 1
    return runs


def even(runs: Sequence[Points], *, closed: bool) -> Points:
    """`SAMPLES` evenly spaced points along outlines, in order; none if there are no outlines."""
    if not runs:
        return np.empty((0, 2))
    pieces = []
    for run in runs:
        if closed and len(run) > 2 and (run[0] != run[-1]).any():
            run = np.concatenate((run, run[:1]))
        pieces.append(run)
    lengths = [np.hypot(*np.diff(piece, axis=0).T) for piece in pieces]
    total = sum(float(length.sum()) for length in lengths)
    if total <= 0:
        return np.repeat(pieces[0][:1], SAMPLES, axis=0)
    marks = (np.arange(SAMPLES) + 0.5) * total / SAMPLES
    result = []
    start = 0.0
    for piece, length in zip(pieces, lengths, strict=True):
        end = start + float(length.sum())
        here = marks[(marks >= start) & (marks < end)] - start
        along = np.concatenate(([0.0], np.cumsum(length)))
        result.append(
            np.column_stack(
                (np.interp(here, along, piece[:, 0]), np.interp(here, along, piece[:, 1]))
            )
        )
        start = end
    points = np.concatenate(result)
    return points if len(points) else pieces[0][:1]


def enclosed(runs: Sequence[Points]) -> float:
    """Pixels inside outlines, holes included."""
    return sum(
        abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
        for x, y in (run.T for run in runs)
    )


def is_flat(runs: Sequence[Points]) -> bool:
    """True if outlines are straight lines apart from each other: a fill of them is not visible."""
    for run in runs:
        ways = run[1:] - run[:1]
        lengths = np.hypot(*ways.T)
        if lengths.any():
            x, y = ways[lengths.argmax()]
            if np.abs(x * ways[:, 1] - y * ways[:, 0]).max() > FLAT_PX * lengths.max():
                return False
    return True


def between(
    before: Sequence[Points],
    after: Sequence[Points],
    changed: Mask,
    *,
    filled: bool,
    reach_px: int,
) -> Mask:
    """Changed pixels that differ since some outlines became others.

    Args:
        before: Outlines; those that are in ``after`` too do not count.
        after: The same of the other picture.
        changed: H x W; the changed pixels.
        filled: True if outlines enclose areas, False for lines.
        reach_px: How far paint extends beyond an outline.
    """
    result = np.zeros(changed.shape, bool)
    if not changed.any():
        return result
    kept = {run.tobytes() for run in before} & {run.tobytes() for run in after}
    near = around(changed, reach_px)
    mask, *lines = (np.zeros(changed[near].shape, bool) for _ in range(3))
    corner = near[1].start, near[0].start
    for runs, line in zip((before, after), lines, strict=True):
        for run in runs:
            if run.tobytes() in kept or len(run) < 2:
                continue
            points = run.astype(int) - corner
            part = _frame(points, mask.shape)
            height, width = mask[part].shape
            if not height or not width:
                continue
            image = Image.new("L", (width, height))
            pen = ImageDraw.Draw(image)
            path = (points - (part[1].start, part[0].start)).ravel().tolist()
            if filled and len(points) > 2:
                pen.polygon(path, fill=1, outline=1)
                mask[part] ^= np.asarray(image).view(bool)
            else:
                pen.line(path, fill=1, width=LINE_PX)
                line[part] |= np.asarray(image).view(bool)
    mask |= lines[0] ^ lines[1]
    result[near] = widened(mask, reach_px) & changed[near]
    return result


def _frame(points: NDArray[np.int64], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns in which an outline is drawn."""
    columns, rows = (
        slice(low := max(first - LINE_PX, 0), max(low, min(last + LINE_PX + 1, side)))
        for first, last, side in zip(
            points.min(axis=0).tolist(), points.max(axis=0).tolist(), shape[::-1], strict=True
        )
    )
    return rows, columns


def covered(
    element: Element, shape: tuple[int, ...], corner: tuple[int, int] = (0, 0)
) -> NDArray[np.bool_]:
    """All that an element covers, hidden parts included.

    Args:
        element: A shape with an outline.
        shape: Height and width of the part of the picture that is asked for.
        corner: Left and top of that part.
    """
    image = Image.new("1", (shape[1], shape[0]))
    pen = ImageDraw.Draw(image)
    for run in runs_of(element):
        points = [(x, y) for x, y in (run - corner).tolist()]
        if element.style.get("fill") != "none":
            if len(points) > 2:
                pen.polygon(points, fill=1, outline=1)
        elif len(points) > 1:
            width = element.style.get("stroke_width")
            pen.line(points, fill=1, width=int(width) + 2 if isinstance(width, int | float) else 3)
    return np.asarray(image, bool)

"""Lines and filled areas: what one color draws from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from policies.offline.chart.shapes import (
    Curve,
    Dots,
    FilledArea,
    Flags,
    Mark,
    Points,
    box_area,
    long,
    short,
)


def curve_or_area(
    same: Flags, parts: Sequence[tuple[float, ...]], color: str, most: int
) -> Curve | FilledArea | Dots | None:
    columns = np.flatnonzero(same.any(axis=0))
    if len(columns) < 8:
        return None
    counts = same[:, columns].sum(axis=0)
    rows = np.arange(same.shape[0])[:, None]
    middles = (same[:, columns] * rows).sum(axis=0) / counts
    thick = float(np.median(counts))
    spans = same.shape[0] - same[::-1, columns].argmax(axis=0) - same[:, columns].argmax(axis=0)
    solid = float((counts > 0.8 * spans).mean())
    covered = len(columns) / (columns[-1] - columns[0] + 1)
    if thick > 12 and covered < 0.85:
        # Marks of several sizes.
        blobs = [part for part in parts if part[4] > 0.5 * box_area(part) and short(part) >= 4]
        places = tuple(((p[0] + p[2]) / 2, (p[1] + p[3]) / 2) for p in blobs[:400])
        size = float(np.median([long(p) for p in blobs])) if blobs else 0.0
        return Dots(color, places, size) if blobs else None
    if thick > 12 and solid > 0.8:
        tops = same[:, columns].argmax(axis=0).astype(float)
        lows = (same.shape[0] - same[::-1, columns].argmax(axis=0)).astype(float)
        some = np.unique(np.linspace(0, len(columns) - 1, min(most, len(columns))).astype(int))
        return FilledArea(
            color,
            tuple((float(columns[at]), float(tops[at])) for at in some),
            tuple((float(columns[at]), float(lows[at])) for at in some),
        )
    if thick > 12 or (counts < 0.5 * spans).mean() > 0.4:
        # Several things of one color: the marks among them, or else the longest line.
        marks = _knots(same, 5)
        if len(marks) >= 3:
            size = float(np.median([mark[2] for mark in marks]))
            return Dots(color, tuple((mark[0], mark[1]) for mark in marks[:400]), size)
        labels, _ = ndimage.label(same, np.ones((3, 3)))
        longest = max(parts, key=lambda part: part[2] - part[0])
        if longest[2] - longest[0] < 0.4 * same.shape[1] or len(parts) == 1:
            return None
        middle = labels[longest[1] : longest[3], longest[0] : longest[2]]
        alone = labels == np.bincount(middle[middle > 0]).argmax()
        if thick > 12:
            return None
        return curve_or_area(alone, [longest], color, most)
    # Marks on the line are what a disc thicker than the line fits into.
    wide = max(3, round(thick) + 3)
    knots = _knots(same, wide)
    trace = list(zip(columns.tolist(), middles.tolist(), strict=True))
    length = (
        float(np.hypot(1, np.clip(np.gradient(middles), -30, 30)).sum()) if len(trace) > 2 else 1
    )
    # The pale rims of a line are not counted among its pixels.
    width = min(max(float(same.sum()) / length + 0.6, 0.8), 12.0)
    dashes = "-"
    if covered < 0.9 and len(parts) >= 4:
        dashes = ":" if np.median([long(part) for part in parts]) <= 2.6 * width else "--"
    if 3 <= len(knots) <= 80:
        size = float(np.median([knot[2] for knot in knots]))
        places = tuple(sorted((knot[0], knot[1]) for knot in knots))
        return Curve(color, places, min(width, thick), dashes, size)
    return Curve(color, _simplified(trace, most), width, dashes)


def _knots(same: Flags, disc_px: int) -> list[tuple[float, float, float]]:
    """Thick places of a line as x, y, size; empty if they are not of one size."""
    at = np.arange(disc_px) - (disc_px - 1) / 2
    disc = at[:, None] ** 2 + at[None, :] ** 2 <= (disc_px / 2) ** 2
    blobs = ndimage.binary_opening(same, disc)
    labels, count = ndimage.label(blobs)
    if count < 3:
        return []
    places = ndimage.center_of_mass(blobs, labels, range(1, count + 1))
    sizes = [
        max(part[0].stop - part[0].start, part[1].stop - part[1].start)
        for part in ndimage.find_objects(labels)
    ]
    usual = float(np.median(sizes))
    if np.mean([0.6 * usual <= size <= 1.6 * usual for size in sizes]) < 0.75:
        return []
    return [(x, y, float(size)) for (y, x), size in zip(places, sizes, strict=True)]


def _simplified(trace: Sequence[tuple[float, float]], most: int) -> Points:
    """The line with as few points as keep it within a pixel, or more where that is too many.

    >>> _simplified([(0, 0), (1, 1), (2, 2), (3, 0)], most=10)
    ((0, 0), (2, 2), (3, 0))
    """
    bound = 0.8
    while True:
        kept = _thinned(trace, bound)
        if len(kept) <= most:
            return tuple(kept)
        bound *= 1.5


def _thinned(trace: Sequence[tuple[float, float]], bound: float) -> list[tuple[float, float]]:
    points = np.array(trace, float)
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        (x0, y0), (x1, y1) = points[first], points[last]
        between = points[first + 1 : last]
        chord = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-9)
        away = np.abs((x1 - x0) * (between[:, 1] - y0) - (y1 - y0) * (between[:, 0] - x0)) / chord
        worst = int(away.argmax())
        if away[worst] > bound:
            keep[first + 1 + worst] = True
            waiting += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return [point for point, kept in zip(trace, keep, strict=True) if kept]


def moved(mark: Curve | FilledArea | Dots | None, x: int, y: int) -> Mark | None:
    def shift(points: Points) -> Points:
        return tuple((px + x, py + y + 0.5) for px, py in points)

    match mark:
        case Curve() | Dots():
            return replace(mark, points=shift(mark.points))
        case FilledArea():
            return replace(mark, upper=shift(mark.upper), lower=shift(mark.lower))
    return None

"""Pies and rings: discs whose color changes with the angle."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from policies.offline.chart.panels import Panel, paper_of
from policies.offline.chart.shapes import hex_of
from policies.offline.ocr import OcrWord, Pixels

_RAYS = 1440
_LEAST_PX = 60
_SHARE = re.compile(r"(\d+)([.,]\d+)?\s?%")


@dataclass(frozen=True)
class Pie:
    """A disc, with its wedges against the clock from the first boundary right of the middle."""

    x: float
    y: float
    radius: float
    start_deg: float
    shares: tuple[float, ...]
    colors: tuple[str, ...]
    labels: tuple[str, ...]
    hole: float
    """Radius of the hole, as a share of the radius."""
    decimals: int | None
    """Decimals of the shares that are written on the wedges; None if none are."""
    used: tuple[OcrWord, ...]
    """Words that are its labels or its title."""
    title: OcrWord | None = None


def find_pies(picture: Pixels, words: Sequence[OcrWord], panels: Sequence[Panel]) -> list[Pie]:
    """The pies outside of panels, left to right."""
    paper = paper_of(picture)
    ink = np.abs(picture - paper).max(axis=2) > 30
    for panel in panels:
        ink[panel.top - 2 : panel.bottom + 3, panel.left - 2 : panel.right + 3] = False
    # Wedges are parted by white lines.
    solid = ndimage.binary_closing(np.pad(ink, 8), np.ones((7, 7)))[8:-8, 8:-8]
    solid = ndimage.binary_opening(solid, np.ones((7, 7)))
    labels, _ = ndimage.label(solid)
    pies = []
    for at, part in enumerate(ndimage.find_objects(labels), 1):
        tall, wide = part[0].stop - part[0].start, part[1].stop - part[1].start
        if min(tall, wide) < _LEAST_PX or not 0.8 < tall / wide < 1.25:
            continue
        y, x = (part[0].start + part[0].stop) / 2, (part[1].start + part[1].stop) / 2
        radius = (tall + wide) / 4
        rim = _ring(labels == at, x, y, 0.85 * radius)
        if rim.mean() > 0.85:
            pie = _pie(picture, x, y, radius, words)
            if pie is not None:
                pies.append(pie)
    return sorted(pies, key=lambda pie: pie.x)


def _ring(picture: np.ndarray, x: float, y: float, radius: float) -> np.ndarray:
    """Pixel values along a circle, counterclockwise from three o'clock."""
    angle = np.arange(_RAYS) * 2 * math.pi / _RAYS
    rows = np.clip((y - radius * np.sin(angle)).astype(int), 0, picture.shape[0] - 1)
    columns = np.clip((x + radius * np.cos(angle)).astype(int), 0, picture.shape[1] - 1)
    return np.asarray(picture[rows, columns])


def _pie(
    picture: Pixels, x: float, y: float, radius: float, words: Sequence[OcrWord]
) -> Pie | None:
    paper = paper_of(picture)
    # Of several circles, words and lines hide other parts: each ray takes its median.
    rings = np.stack([_ring(picture, x, y, share * radius) for share in (0.72, 0.8, 0.86, 0.92)])
    colors = np.median(rings.astype(float), axis=0)
    runs: list[list[int]] = []
    for ray in range(_RAYS):
        if np.abs(colors[ray] - paper).max() < 24:
            continue
        if runs and np.abs(colors[ray] - colors[runs[-1][len(runs[-1]) // 2]]).max() < 24:
            runs[-1].append(ray)
        else:
            runs.append([ray])
    runs = [run for run in runs if len(run) >= _RAYS * 0.006]
    if not runs or len(runs) > 24:
        return None

    def shade(run: list[int]) -> np.ndarray:
        return np.asarray(np.median(colors[run], axis=0))

    if len(runs) > 1 and np.abs(shade(runs[0]) - shade(runs[-1])).max() < 20:
        # The wedge at three o'clock was cut in two.
        runs[0] = [ray - _RAYS for ray in runs.pop()] + runs[0]
    sizes = np.array([len(run) for run in runs], float)
    middle = rings_at(picture, x, y, radius)
    start = runs[0][0] * 360 / _RAYS
    bounds = [start + part for part in np.concatenate([[0], np.cumsum(sizes / sizes.sum() * 360)])]
    title = _title(x, y, radius, words)
    names, used, decimals = _names(x, y, radius, bounds, [w for w in words if w is not title])
    hole = next((share for share, color in middle if np.abs(color - paper).max() < 24), 0.0)
    return Pie(
        x,
        y,
        radius,
        start,
        tuple(float(size / sizes.sum()) for size in sizes),
        tuple(hex_of(shade(run)) for run in runs),
        names,
        hole,
        decimals,
        (*used, title) if title else used,
        title,
    )


def rings_at(picture: Pixels, x: float, y: float, radius: float) -> list[tuple[float, np.ndarray]]:
    """Circles from the rim inwards: share of the radius, and the usual color there."""
    return [
        (share, np.median(_ring(picture, x, y, share * radius), axis=0))
        for share in (0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
    ]


def _title(x: float, y: float, radius: float, words: Sequence[OcrWord]) -> OcrWord | None:
    """The highest words right above the disc."""
    above = [
        word
        for word in words
        if word.bottom < y - 0.98 * radius
        and word.y > y - 1.6 * radius
        and abs(word.x - x) < 0.3 * radius
    ]
    return min(above, key=lambda word: word.y, default=None)


def _names(
    x: float, y: float, radius: float, bounds: Sequence[float], words: Sequence[OcrWord]
) -> tuple[tuple[str, ...], tuple[OcrWord, ...], int | None]:
    """The label of each wedge, and the format of the shares written on them."""
    names = [""] * (len(bounds) - 1)
    used: list[OcrWord] = []
    decimals: int | None = None
    for word in words:
        # The end of a word that is nearer to the disc points at its wedge.
        near_x = min(max(x, word.left), word.right)
        away = math.hypot(near_x - x, word.y - y) / radius
        if away > 1.45:
            continue
        share = _SHARE.fullmatch(word.text.strip())
        if math.hypot(word.x - x, word.y - y) < radius and share:
            decimals = len(share[2]) - 1 if share[2] else 0
            used.append(word)
        elif away > 0.97:
            angle = math.degrees(math.atan2(y - word.y, near_x - x))
            for wedge, (low, high) in enumerate(itertools.pairwise(bounds)):
                if (angle - low) % 360 < (high - low):
                    names[wedge] = f"{names[wedge]} {word.text}".strip()
                    used.append(word)
    return tuple(names), tuple(used), decimals

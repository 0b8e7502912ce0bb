"""The legend: words with a patch, a line or a mark of one color before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.offline.chart.panels import Panel, paper_of
from policies.offline.ocr import OcrWord, Pixels


@dataclass(frozen=True)
class Entry:
    """One line of a legend."""

    word: OcrWord
    color: tuple[float, float, float]
    left: float
    """Where its handle begins."""


@dataclass(frozen=True)
class Legend:
    """The entries that belong together, and the words above them."""

    entries: tuple[Entry, ...]
    title: OcrWord | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        words = [entry.word for entry in self.entries] + ([self.title] if self.title else [])
        return (
            min([entry.left for entry in self.entries] + [word.left for word in words]),
            min(word.top for word in words),
            max(word.right for word in words),
            max(word.bottom for word in words),
        )

    @property
    def columns(self) -> int:
        """Entries in its first row."""
        first = min(entry.word.y for entry in self.entries)
        tall = self.entries[0].word.height
        return sum(entry.word.y - first < 0.6 * tall for entry in self.entries)


def find_legend(picture: Pixels, panel: Panel, words: Sequence[OcrWord]) -> Legend | None:
    """The legend in a panel or beside it, or nothing."""
    reach = (
        panel.left - 10,
        panel.top - 0.35 * panel.height,
        panel.right + 0.6 * panel.width,
        panel.bottom + 0.45 * panel.height,
    )
    entries = []
    for word in words:
        if word.upright or not reach[0] < word.x < reach[2] or not reach[1] < word.y < reach[3]:
            continue
        handle = _handle(picture, word)
        if handle is not None:
            entries.append(Entry(word, *handle))
    entries = [entry for entry in entries if _has_fellow(entry, entries)] or (
        entries if len(entries) == 1 else []
    )
    if not entries:
        return None
    group = _nearest(entries, panel)
    legend = Legend(tuple(sorted(group, key=lambda entry: (round(entry.word.y / 6), entry.word.x))))
    left, top, right, _ = legend.box
    tall = group[0].word.height
    for word in words:
        above = top - 2.2 * tall < word.y < top and left - 5 < word.x < right + 5
        inside = panel.holds(word) == panel.holds(group[0].word)
        if above and inside and word not in [entry.word for entry in group]:
            return Legend(legend.entries, word)
    return legend


def _handle(picture: Pixels, word: OcrWord) -> tuple[tuple[float, float, float], float] | None:
    """Color and left end of what stands alone before a word, on its line."""
    tall = word.height
    top, bottom = int(word.top), int(word.bottom) + 1
    left, right = int(max(word.left - 4.2 * tall, 0)), int(word.left - 1)
    part = picture[top:bottom, left:right].astype(int)
    if part.shape[0] < 5 or part.shape[1] < 10:
        return None
    ground = np.median(part.reshape(-1, 3), axis=0)
    ink = np.abs(part - ground).max(axis=2) > 40
    if ink.mean() > 0.5:
        # A patch may fill most of the place: the ground is then what its edges show.
        ground = paper_of(part[:, -4:].astype(np.uint8))
        ink = np.abs(part - ground).max(axis=2) > 40
    # The frame of the legend passes by.
    ink[:, ink.all(axis=0)] = False
    columns = np.flatnonzero(ink.any(axis=0))
    if len(columns) < 4:
        return None
    # What belongs to the word itself, or to the word before, is no handle.
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 0.6 * tall) + 1)
    group = groups[-1]
    wide = group[-1] - group[0] + 1
    rows = np.flatnonzero(ink[:, group].any(axis=1))
    alone = group[0] > 1 and part.shape[1] - 1 - group[-1] >= 1
    if not alone or wide < 0.3 * tall or wide > 3.6 * tall or len(rows) >= part.shape[0]:
        return None
    chosen = part[:, group[0] : group[-1] + 1][ink[:, group[0] : group[-1] + 1]]
    far = np.abs(chosen - ground).max(axis=1)
    color = np.median(chosen[far >= np.quantile(far, 0.5)], axis=0)
    # Text has strokes of many shades; a handle has one color.
    if np.abs(chosen - color).max(axis=1).__lt__(60).mean() < 0.5:
        return None
    return (float(color[0]), float(color[1]), float(color[2])), float(left + group[0])


def _has_fellow(entry: Entry, entries: Sequence[Entry]) -> bool:
    tall = entry.word.height
    return any(
        other is not entry
        and (
            (
                abs(other.word.left - entry.word.left) < 0.5 * tall
                and abs(other.word.y - entry.word.y) < 3 * tall
            )
            or (
                abs(other.word.y - entry.word.y) < 0.4 * tall
                and abs(other.word.x - entry.word.x) < 25 * tall
            )
        )
        for other in entries
    )


def _nearest(entries: Sequence[Entry], panel: Panel) -> list[Entry]:
    """Of several legends, the entries near the one that is most inside of the panel."""
    inside = [entry for entry in entries if panel.holds(entry.word)]
    first = (inside or list(entries))[0]
    tall = first.word.height
    group = [first]
    while True:
        more = [
            entry
            for entry in entries
            if entry not in group
            and any(
                abs(entry.word.y - other.word.y) < 2.4 * tall
                and (
                    abs(entry.word.left - other.word.left) < 0.6 * tall
                    or abs(entry.word.y - other.word.y) < 0.4 * tall
                )
                for other in group
            )
        ]
        if not more:
            return group
        group += more

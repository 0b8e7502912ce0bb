"""A chart as its reader understands it: panels with scales, marks and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from policies.offline.chart.legend import Legend, find_legend
from policies.offline.chart.marks import Interior, find_marks, interior
from policies.offline.chart.panels import Color, Panel, find_panels, paper_of
from policies.offline.chart.pies import Pie, find_pies
from policies.offline.chart.scales import Scale, read_scale, x_ticks, y_ticks
from policies.offline.chart.shapes import Mark, hex_of
from policies.offline.ocr import OcrWord, Pixels

SIDES = ("left", "top", "right", "bottom")


@dataclass
class View:
    """One panel, read."""

    panel: Panel
    inside: Interior
    x: Scale
    y: Scale
    marks: list[Mark]
    legend: Legend | None
    spines: dict[str, str]
    """Color of each spine that is drawn."""
    title: OcrWord | None = None
    x_label: OcrWord | None = None
    y_label: OcrWord | None = None
    notes: list[OcrWord] = field(default_factory=list)
    tick_px: float = 0.0
    """Height of the ticks' words."""


@dataclass
class RecognizedChart:
    """Everything that was read."""

    width_px: int
    height_px: int
    paper: Color
    views: list[View]
    pies: list[Pie]
    title: OcrWord | None
    ink: str
    """Color of the words."""


def read_chart(
    picture: Pixels, words: Sequence[OcrWord], *, colors: int, points: int, legend: bool
) -> RecognizedChart:
    """Read a chart from its pixels and words.

    Args:
        picture: ``H x W x 3``.
        words: As the optical reader gave them.
        colors: Most colors distinguished in a panel.
        points: Most points of a curve.
        legend: Look for a legend; else its words are notes.
    """
    height, width = picture.shape[:2]
    panels = find_panels(picture, words)
    pies = find_pies(picture, words, panels if _framed(picture, panels) else [])
    if pies and not _framed(picture, panels):
        panels = []
    # A pie is no panel, though its outline may look like a frame.
    panels = [p for p in panels if not any(_about(p, pie) for pie in pies)]
    free = [word for word in words if not any(word in pie.used for pie in pies)]
    views = []
    for panel in panels:
        view, used = _view(picture, panel, free, colors=colors, points=points, legend=legend)
        views.append(view)
        free = [word for word in free if word not in used]
    title = _head(free, panels, pies, width)
    free = [word for word in free if word is not title]
    for view in views:
        _caption(view, free, [other.panel for other in views])
        free = [w for w in free if w not in (view.title, view.x_label, view.y_label)]
    for view in views:
        view.notes = [word for word in free if view.panel.holds(word)][:24]
    if len(views) == 1 and views[0].title is None and title is not None and not pies:
        views[0].title, title = title, None
    return RecognizedChart(
        width, height, paper_of(picture), views, pies, title, _ink(picture, words)
    )


def _framed(picture: Pixels, panels: Sequence[Panel]) -> bool:
    """True if any panel has a spine of its own; the ink of a pie has none."""
    return any(len(_spines(picture, panel)) >= 1 for panel in panels)


def _about(panel: Panel, pie: Pie) -> bool:
    return panel.left - 5 < pie.x < panel.right + 5 and panel.top - 5 < pie.y < panel.bottom + 5


def _view(
    picture: Pixels,
    panel: Panel,
    words: Sequence[OcrWord],
    *,
    colors: int,
    points: int,
    legend: bool,
) -> tuple[View, list[OcrWord]]:
    below, beside = x_ticks(panel, words), y_ticks(panel, words)
    across = read_scale([(word.x, word) for word in below], panel.left, panel.right)
    up = read_scale([(word.y, word) for word in beside], panel.bottom, panel.top)
    rest = [word for word in words if word not in below and word not in beside]
    found = find_legend(picture, panel, rest) if legend else None
    shown = [entry.word for entry in found.entries] if found else []
    if found and found.title:
        shown.append(found.title)
    hidden: list[tuple[float, ...]] = [
        (word.left, word.top, word.right, word.bottom) for word in rest if panel.holds(word)
    ]
    if found:
        hidden.append(found.box)
    inside = interior(picture, panel, hidden)
    marks = find_marks(inside, colors, points, named_x=across.named)
    heights = [word.height for word in (*below, *beside)]
    view = View(
        panel,
        inside,
        across,
        up,
        marks,
        found,
        _spines(picture, panel),
        tick_px=float(np.median(heights)) if heights else 0.0,
    )
    return view, [*below, *beside, *shown]


def _spines(picture: Pixels, panel: Panel) -> dict[str, str]:
    """The sides of a panel along which a line of one color runs, unlike both its neighbors."""
    found = {}
    for side in SIDES:
        upright = side in ("left", "right")
        at = getattr(panel, side)
        lines = picture.transpose(1, 0, 2) if upright else picture
        start, end = (panel.top, panel.bottom) if upright else (panel.left, panel.right)
        best = 0.0
        for line in range(max(at - 3, 1), min(at + 4, len(lines) - 1)):
            colors = lines[line, start + 2 : end - 1].astype(int)
            if not len(colors):
                continue
            usual = np.median(colors, axis=0)
            steady = float((np.abs(colors - usual).max(axis=1) < 40).mean())
            ground = np.median(lines[max(line - 3, 0), start + 2 : end - 1], axis=0)
            other = np.median(lines[min(line + 3, len(lines) - 1), start + 2 : end - 1], axis=0)
            apart = min(float(np.abs(usual - ground).max()), float(np.abs(usual - other).max()))
            if steady > 0.7 and apart > max(best, 34):
                best, found[side] = apart, hex_of(usual)
    return found


def _head(
    words: Sequence[OcrWord], panels: Sequence[Panel], pies: Sequence[Pie], width: int
) -> OcrWord | None:
    """The words above everything, in the middle."""
    tops = [panel.top for panel in panels] + [pie.y - pie.radius for pie in pies]
    if not tops or (len(tops) == 1 and panels):
        return None
    above = [word for word in words if word.bottom < min(tops) + 4 and not word.upright]
    if not above:
        return None
    first = min(above, key=lambda word: word.y)
    return first if abs(first.x - width / 2) < 0.2 * width else None


def _caption(view: View, words: Sequence[OcrWord], panels: Sequence[Panel]) -> None:
    """Title and labels of a panel: the nearest free words above, below and beside it."""
    panel = view.panel
    tall = view.tick_px or 14.0

    def mine(word: OcrWord) -> bool:
        return panel.left - 0.1 * panel.width < word.x < panel.right + 0.1 * panel.width

    above = [
        word
        for word in words
        if mine(word) and not word.upright and panel.top - 5 * tall < word.y < panel.top
    ]
    below = [
        word
        for word in words
        if mine(word) and not word.upright and panel.bottom < word.y < panel.bottom + 5.5 * tall
    ]
    beside = [
        word
        for word in words
        if word.upright
        and word.text
        and panel.top - 10 < word.y < panel.bottom + 10
        and panel.left - 0.5 * panel.width - 60 < word.x < panel.left
        and not any(other is not panel and word.x < other.right < panel.left for other in panels)
    ]
    view.title = _joined(above, nearest=panel.top)
    view.x_label = _joined(below, nearest=panel.bottom)
    view.y_label = max(beside, key=lambda word: word.x, default=None)


def _joined(words: Sequence[OcrWord], nearest: float) -> OcrWord | None:
    """The words of the line nearest to a height, as one."""
    if not words:
        return None
    first = min(words, key=lambda word: abs(word.y - nearest))
    line = sorted(
        (word for word in words if abs(word.y - first.y) < 0.6 * first.height),
        key=lambda word: word.x,
    )
    text = " ".join(word.text for word in line)
    return first if len(line) == 1 else replace(first, text=text, right=line[-1].right)


def _ink(picture: Pixels, words: Sequence[OcrWord]) -> str:
    """The usual color of the words."""
    paper = paper_of(picture)
    colors = []
    for word in words:
        part = picture[int(word.top) : int(word.bottom) + 1, int(word.left) : int(word.right) + 1]
        far = np.abs(part - paper).max(axis=2)
        if far.size and far.max() > 60:
            colors.append(np.median(part[far > 0.8 * far.max()], axis=0))
    return hex_of(np.median(colors, axis=0)) if colors else "#000000"

"""Lines that lost or gained what belongs to them: their fillings, or their arrow heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotators.structural.chart.findings import STYLE, Finding, shown
from annotators.structural.chart.marks import Mark, MarkMatch, Scales, fractions
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.same_shape import off_curve
from annotators.structural.chart.words import PLURALS, Name
from annotators.structural.matching import assign
from annotators.structural.visibility import CURVE
from records.rows import Box


def line_companions(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Style findings on lines in both pictures; marks that they explain are removed from ``match``."""
    return [
        *_fillings(pair, match, match.missing, lost=True),
        *_fillings(pair, match, match.extra, lost=False),
        *_heads(pair, match, match.missing, match.extra, lost=False),
        *_heads(pair, match, match.extra, match.missing, lost=True),
    ]


def _fillings(pair: PanelPair, match: MarkMatch, alone: list[Mark], *, lost: bool) -> list[Finding]:
    """A finding on areas in one picture only that fill a line which both pictures have."""
    lines = [side[not lost] for side in match.pairs if side[0].role == "line"]
    scales = pair.scales if lost else pair.candidate_scales
    filled = [(area, line) for area in alone if area.role == "area" for line in lines if _edges(area, line, scales)]  # fmt: skip
    if not filled:
        return []
    alone[:] = [mark for mark in alone if not any(mark is area for area, _ in filled)]
    words = f"{'are' if len(filled) > 1 else 'is'} {'not filled' if lost else 'filled'}"
    boxes = [box for area, _ in filled for box in shown(None, area.element)]
    return [_told("fill", pair, [line for _, line in filled], words, boxes)]


def _edges(area: Mark, line: Mark, scales: Scales) -> bool:
    """True if a line, with corners of its own, runs along the outline of an area."""
    outline, path = fractions(area, scales), fractions(line, scales)
    if outline.shape[1:] != (2,) or path.shape[1:] != (2,) or len(path) < 3:
        return False
    if not (np.isfinite(outline).all() and np.isfinite(path).all() and len(outline)):
        return False
    return off_curve(path, outline) <= CURVE


def _heads(
    pair: PanelPair, match: MarkMatch, straight: list[Mark], alone: list[Mark], *, lost: bool
) -> list[Finding]:
    """A finding on lines that end in arrow heads in one picture only."""
    plain = [mark for mark in straight if mark.role == "line" and len(mark.column("x")) == 2]
    arrows = [mark for mark in alone if mark.role == "arrow"]
    if not plain or not arrows:
        return []
    ends = [[fractions(mark, pair.scales) for mark in marks] for marks in (plain, arrows)]
    found = assign([[_apart(one, two) for two in ends[1]] for one in ends[0]], limit=NEAR)
    pairs = [(plain[i], arrows[j]) for i, j in found]
    if not pairs:
        return []
    done = {id(mark) for both in pairs for mark in both}
    straight[:] = [mark for mark in straight if id(mark) not in done]
    alone[:] = [mark for mark in alone if id(mark) not in done]
    boxes = [box for line, arrow in pairs for box in (*shown(None, line.element), *shown(None, arrow.element))]  # fmt: skip
    words = "have no arrow heads" if lost else "end in arrow heads"
    if len(pairs) == 1:
        words = "has no arrow head" if lost else "ends in an arrow head"
    return [_told("heads", pair, [both[lost] for both in pairs], words, boxes)]


NEAR = 0.03
"""Largest distance between the ends of a line and those of its arrow, as a share of the axes."""


def _apart(one: np.ndarray, two: np.ndarray) -> float:
    """The larger distance of two pairs of ends, in either order."""
    if one.shape != (2, 2) or two.shape != (2, 2):
        return 1.0
    gaps = [float(np.nan_to_num(np.abs(one - other), nan=1.0).max()) for other in (two, two[::-1])]
    return min(gaps)


def _told(
    kind: str, pair: PanelPair, marks: Sequence[Mark], words: str, boxes: list[Box]
) -> Finding:
    names: list[Name | str] = list(dict.fromkeys(mark.name for mark in marks))
    role = marks[0].role
    if len(names) > 4:
        names = [f"{len(names)} {PLURALS[role]}"]
    return Finding(kind, STYLE, 2, pair.at(*names), words, boxes, role=role)

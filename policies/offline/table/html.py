"""Writes the table that was read as HTML, with the styles found in the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from policies.offline.ocr import Pixels
from policies.offline.table.cells import ReadCell
from policies.offline.table.rules import rule_lines

_TINT = 12
"""Steps by which a cell's ground must differ from the paper to be seen."""
_BOLD = 1.22
"""Stems that are wider than the table's usual ones by this factor are bold."""


def html_of(picture: Pixels, cells: Sequence[ReadCell], *, styles: bool) -> str:
    """One table, a row a line.

    Args:
        picture: ``H x W x 3``, from which the looks are read.
        cells: With their words.
        styles: Write headers, alignment, grounds and missing rules; otherwise plain cells.
    """
    looks = _Looks(picture, cells) if styles else None
    rows: dict[int, list[ReadCell]] = {}
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        rows.setdefault(cell.row, []).append(cell)
    lines = []
    for row in range(max(rows, default=-1) + 1):
        inside = "".join(_cell(cell, looks) for cell in rows.get(row, []))
        lines.append(f"<tr>{inside}</tr>")
    style = looks.sheet() if looks else ""
    return style + "<table>\n" + "\n".join(lines) + "\n</table>\n"


def _cell(cell: ReadCell, looks: _Looks | None) -> str:
    tag, extra, text = "td", "", escape(cell.text, quote=False)
    if cell.rowspan > 1:
        extra += f' rowspan="{cell.rowspan}"'
    if cell.colspan > 1:
        extra += f' colspan="{cell.colspan}"'
    if looks is not None and cell.words:
        align, bold = looks.alignment(cell), looks.is_bold(cell)
        if bold:
            # Headers are centered, as browsers do.
            tag, align = "th", ""
        if align == "left":
            align = ""
        rules = [f"text-align: {align}"] * bool(align)
        if ground := looks.ground(cell):
            rules.append(f"background: {ground}")
        if rules:
            extra += f' style="{"; ".join(rules)}"'
    return f"<{tag}{extra}>{text}</{tag}>"


def _lines_up(edges: Sequence[tuple[float, float]]) -> str:
    """Whether boxes share their left edges, their middles or their right edges.

    >>> _lines_up([(10, 40), (20, 40), (14, 41)])
    'right'
    """
    at = np.array(edges)
    spread = {
        "left": float(at[:, 0].std()),
        "center": float(at.mean(axis=1).std()),
        "right": float(at[:, 1].std()),
    }
    best = min(spread, key=lambda name: spread[name])
    return "left" if spread["left"] <= spread[best] + 1.5 else best


class _Looks:
    def __init__(self, picture: Pixels, cells: Sequence[ReadCell]) -> None:
        self._picture = picture.astype(int)
        self._paper = np.median(self._picture.reshape(-1, 3), axis=0)
        stems = [stem for cell in cells if (stem := self._stem(cell))]
        self._usual = float(np.quantile(stems, 0.4)) if stems else 1.0
        heights, places, _, _ = rule_lines(picture)
        self._across, self._down = len(heights), len(places)
        columns: dict[int, list[tuple[float, float]]] = {}
        for cell in cells:
            if cell.words and cell.colspan == 1 and not self.is_bold(cell):
                left = min(word.left for word in cell.words)
                columns.setdefault(cell.column, []).append(
                    (left, max(word.right for word in cell.words))
                )
        self._columns = {column: _lines_up(edges) for column, edges in columns.items()}

    def sheet(self) -> str:
        """A style for rules that are not there; nothing where all are."""
        if self._across >= 2 and self._down >= 2:
            return ""
        if self._across >= 2:
            return "<style>td, th { border-left: none; border-right: none; }</style>\n"
        return "<style>td, th { border: none; }</style>\n"

    def alignment(self, cell: ReadCell) -> str:
        """How the cells of its column line up: by their edges or by their middles."""
        return self._columns.get(cell.column, "left") if cell.colspan == 1 else "center"

    def is_bold(self, cell: ReadCell) -> bool:
        stem = self._stem(cell)
        return bool(stem) and stem > _BOLD * self._usual

    def ground(self, cell: ReadCell) -> str:
        height, width = self._picture.shape[:2]
        part = self._picture[
            max(int(cell.top) + 3, 0) : min(int(cell.bottom) - 2, height),
            max(int(cell.left) + 3, 0) : min(int(cell.right) - 2, width),
        ]
        if part.size == 0:
            return ""
        color = np.median(part.reshape(-1, 3), axis=0)
        if np.abs(color - self._paper).max() < _TINT:
            return ""
        return "#" + "".join(f"{int(channel):02x}" for channel in color)

    def _stem(self, cell: ReadCell) -> float:
        """Mean width of the strokes of a cell's text, as a share of its height."""
        widths = []
        for word in cell.words:
            part = self._picture[
                int(word.top) : int(word.bottom) + 1, int(word.left) : int(word.right) + 1
            ]
            # One letter is too little to distinguish a stem from a serif.
            if part.size == 0 or not word.text.isascii() or len(word.text) < 2:
                continue
            paper = np.median(part.reshape(-1, 3), axis=0)
            depth = np.abs(part - paper).max(axis=2) / max(np.abs(part - paper).max(), 1)
            ink = depth > 0.5
            # Ink over edges between ink and paper: twice the strokes' width without any outline.
            edges = np.abs(np.diff(ink.astype(int), axis=1)).sum() / 2
            if edges >= 2 * len(word.text.replace(" ", "")) * 0.5:
                widths.append(float(depth.sum() / edges))
        return float(np.median(widths)) if widths else 0.0

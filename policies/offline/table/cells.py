"""What a table reader has seen: cells in a grid, and the words that stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from policies.offline.ocr import OcrWord


@dataclass
class ReadCell:
    """One cell; its box is in pixels of the picture."""

    row: int
    column: int
    left: float
    top: float
    right: float
    bottom: float
    rowspan: int = 1
    colspan: int = 1
    words: list[OcrWord] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words, line by line."""
        lines: list[list[OcrWord]] = []
        for word in sorted(self.words, key=lambda word: word.y):
            if lines and abs(lines[-1][-1].y - word.y) < 0.5 * word.height:
                lines[-1].append(word)
            else:
                lines.append([word])
        return " ".join(
            word.text for line in lines for word in sorted(line, key=lambda word: word.x)
        )


def fill(cells: Sequence[ReadCell], words: Sequence[OcrWord]) -> None:
    """Put each word into the cell it stands in, or else into the nearest one."""
    for word in words:
        if cells:
            min(cells, key=lambda cell: _away(cell, word)).words.append(word)


def _away(cell: ReadCell, word: OcrWord) -> tuple[float, float]:
    """How far a word's middle is outside of a cell, and then from its middle."""
    outside = max(cell.left - word.x, 0, word.x - cell.right) + max(
        cell.top - word.y, 0, word.y - cell.bottom
    )
    middle = abs((cell.left + cell.right) / 2 - word.x) + abs((cell.top + cell.bottom) / 2 - word.y)
    return outside, middle

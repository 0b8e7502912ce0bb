"""Results of comparing the layout of two tables: corresponding cells, and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from annotators.structural.glyphs import scripts_as_signs
from annotators.structural.pixels import PixelDifference
from annotators.structural.table.grid import Cell, TableGrid, shorten
from annotators.structural.table.words import is_numeric
from annotators.structural.why import explains, spoken
from records.rows import Box, Discrepancy
from records.taxonomy import Severity, TableCategory

Pair = tuple[Cell, Cell]


def found(
    category: TableCategory, severity: Severity, location: str, description: str, box: Box | None
) -> Discrepancy:
    """A discrepancy between two tables."""
    return Discrepancy(
        category=category.value,
        severity=severity,
        location=scripts_as_signs(location),
        description=scripts_as_signs(description),
        box=box,
    )


def layout_error(
    severity: Severity, location: str, description: str, box: Box | None
) -> Discrepancy:
    """A discrepancy in the layout or the looks of two tables."""
    return found(TableCategory.LAYOUT, severity, location, description, box)


def exchange(location: str, texts: tuple[str, str], box: Box | None) -> Discrepancy:
    """The error that two cells exchanged their words."""
    both = all(map(is_numeric, texts))
    words = f"'{shorten(texts[0])}' and '{shorten(texts[1])}' have changed places"
    category = TableCategory.NUMERIC if both else TableCategory.TEXT
    return found(category, 3 if both else 2, location, words, box)


def is_seen(pair: Pair, pixels: PixelDifference) -> bool:
    """True if a pixel changed in either cell."""
    return any(pixels.inside(cell.box, 1) for cell in pair if cell.box is not None)


def record_cells(rule: str, label: Discrepancy, grid: TableGrid, cells: Sequence[Cell]) -> None:
    """Record for `--why` that one label covers several cells."""
    parts = [f"{grid.name(cell)}: '{shorten(cell.text)}'" for cell in cells]
    explains(rule, spoken(label.location, label.description), *parts)


@dataclass(slots=True)
class LayoutComparison:
    """The corresponding cells of two tables, and the layout errors between them."""

    pairs: list[Pair] = field(default_factory=list)
    """Corresponding cells, whose words and styles are compared later."""
    errors: list[Discrepancy] = field(default_factory=list)
    slid: set[int] = field(default_factory=set)
    """Ids of candidate cells in `pairs` that shifted to another column and have that column's alignment."""
    spans: set[int] = field(default_factory=set)
    """Ids of candidate cells in `pairs` that are merged or split; where their words stand follows."""
    joined: dict[int, str] = field(default_factory=dict)
    """Words that follow from merging or splitting, by id of the candidate cell."""


@dataclass(slots=True)
class RowEvents:
    """Cells of one pair of rows that do not match."""

    row: int
    other: int
    pairs: list[Pair]
    missing: list[Cell]
    extra: list[Cell]
    displaced: list[Pair]

    @property
    def quiet(self) -> bool:
        return not (self.missing or self.extra or self.displaced)

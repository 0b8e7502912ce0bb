"""Reads a table scene as a grid of cells by row and column, and names places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from records.rows import Box, box_around
from renderers.scene import Element, Value

NAME_CHARS = 40
MOST_HEADINGS = 4
"""At most so many rows at the top are headings."""

CHECK_BOXES = "☐☑☒"
_MARKS = frozenset(CHECK_BOXES)
CHECK_BOX = "check box"
"""What a scene says of a form field that is one."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell and the places that it covers; rows and columns count from 0."""

    element: Element
    row: int
    column: int
    rowspan: int
    colspan: int

    @cached_property
    def text(self) -> str:
        """Its words, without check boxes."""
        if _MARKS.isdisjoint(self.element.text):
            return self.element.text
        return re.sub(rf"\s*[{CHECK_BOXES}]\s*", " ", self.element.text).strip()

    @cached_property
    def check_boxes(self) -> tuple[bool, ...]:
        """True for each check box with a mark: form fields and characters look alike."""
        fields = [bool(field.data.get("checked")) for field in self.fields]
        characters = [mark != "☐" for mark in self.element.text if mark in CHECK_BOXES]
        return tuple(fields or characters)

    @property
    def fields(self) -> list[Element]:
        """Its check boxes that are form fields."""
        return [one for one in self.element.parts("image") if one.data.get("what") == CHECK_BOX]

    @property
    def pictures(self) -> list[Element]:
        return [one for one in self.element.parts("image") if one.data.get("what") != CHECK_BOX]

    @property
    def box(self) -> Box | None:
        return self.element.box

    @property
    def style(self) -> dict[str, Value]:
        return self.element.style

    @cached_property
    def empty(self) -> bool:
        return not (self.text or self.check_boxes or self.element.parts("table") or self.pictures)


@dataclass(frozen=True, eq=False)
class TableGrid:
    """All cells of one table."""

    element: Element
    rows: tuple[tuple[Cell, ...], ...]
    """The cells that start in each row, left to right."""
    width: int
    place: str = ""
    """Prefix of every location: "table 2, ", or empty."""
    _cover: dict[tuple[int, int], Cell] = field(default_factory=dict)

    @classmethod
    def of(cls, element: Element, place: str = "", skip: int | None = None) -> TableGrid:
        """The grid of a table element, without the row of number `skip`."""
        rows: list[tuple[Cell, ...]] = []
        cover: dict[tuple[int, int], Cell] = {}
        width = 0
        for row_element in element.parts("row"):
            given = row_element.number("row")
            number = len(rows) if given is None else int(given)
            if skip is not None and number >= skip:
                if number == skip:
                    continue
                number -= 1
            while len(rows) < number:
                rows.append(())
            cells = []
            for child in row_element.parts("cell"):
                column = int(child.number("column") or 0)
                spans = (max(1, int(child.number(key) or 1)) for key in ("rowspan", "colspan"))
                cell = Cell(child, number, column, *spans)
                cells.append(cell)
                width = max(width, cell.column + cell.colspan)
                for row in range(cell.row, cell.row + cell.rowspan):
                    for column in range(cell.column, cell.column + cell.colspan):
                        cover.setdefault((row, column), cell)
            rows.append(tuple(cells))
        return cls(element, tuple(rows), width, place, cover)

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for row in self.rows for cell in row)

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that covers a place."""
        return self._cover.get((row, column))

    def row_box(self, row: int) -> Box | None:
        return box_around([cell.box for cell in self.rows[row]])

    def column_box(self, column: int, below: bool = False) -> Box | None:
        """Around the cells of a column, or around those `below` its heading only."""
        alone = [
            cell.box
            for cell in self.cells
            if (cell.column, cell.colspan) == (column, 1) and cell.row >= below
        ]
        if alone:
            return box_around(alone)
        return box_around(
            [cell.box for cell in self.cells if cell.column <= column < cell.column + cell.colspan]
        )

    @cached_property
    def column_titles(self) -> tuple[str, ...]:
        """The title of each column: its lowest heading, or an empty text."""
        titles = []
        for column in range(self.width):
            title = ""
            for row in range(self.headings()):
                cell = self.at(row, column)
                if cell is None or not cell.text:
                    continue
                if cell.colspan == 1 or (row == 0 and cell.colspan < self.width):
                    title = cell.text
                if cell.colspan == 1:
                    break
            titles.append(shorten(title, 30))
        return tuple(titles)

    def headings(self) -> int:
        """Number of rows of headings: the first one, and those below it with nothing but bold words; 0 if
        the first one is a row of data."""
        if any(_is_value(cell) for row in self.rows[:1] for cell in row):
            return 0
        rows = range(1, min(self.height, MOST_HEADINGS))
        told = [[cell for cell in self.rows[row] if cell.text] for row in rows]
        ends = (at for at, cells in enumerate(told, 1) if not all(map(is_bold, cells)))
        return next(ends, 1 + len(told))

    def row_name(self, row: int) -> str:
        return f"{self.place}row {row + 1}"

    def column_name(self, column: int) -> str:
        title = self.column_titles[column] if column < len(self.column_titles) else ""
        return f"{self.place}column {column + 1}" + (f" '{title}'" if title else "")

    def name(self, cell: Cell) -> str:
        """The name of a cell's place: ``row 3, column 'Total'``."""
        title = self.column_titles[cell.column] if cell.column < self.width else ""
        if cell.row == 0 or not title or self.column_titles.count(title) > 1:
            return f"{self.place}row {cell.row + 1}, column {cell.column + 1}"
        return f"{self.place}row {cell.row + 1}, column '{title}'"


def _is_value(cell: Cell) -> bool:
    """True for a plain number that is no year, as no heading is."""
    digits = sum(map(str.isdigit, cell.text))
    year = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", cell.text)
    return digits > sum(map(str.isalpha, cell.text)) and not year and not is_bold(cell)


def is_bold(cell: Cell) -> bool:
    looks = [run.style.get("bold") for run in cell.element.parts("run")] or [cell.style.get("bold")]
    return any(looks) and False not in looks


def shorten(text: str, chars: int = NAME_CHARS) -> str:
    """One line of at most ``chars`` characters.

    >>> shorten("a long heading", 8)
    'a long …'
    """
    line = " ".join(text.split())
    return line if len(line) <= chars else line[: chars - 1] + "…"

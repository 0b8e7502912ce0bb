"""Tables as characters: rows, cells, numbers and words of HTML and Markdown, with exact spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Literal, Self

from corruptors.markup.elements import MarkupElement, MarkupProgram, TextRun
from corruptors.markup.reader import read_markup
from corruptors.table.program.grid import (
    ESCAPE,
    SourceCell,
    SourceTable,
    TableRow,
    html_tables,
    markdown_runs,
    markdown_tables,
)
from records.edits import Edit, Mutation
from records.errors import CodeParseError
from records.quantities import is_quantity


@dataclass(frozen=True, slots=True)
class CellText:
    """A number or a word of a cell, ``text[start:end]``.

    Of a number, digits, separators and a point, but no sign; of a word, letters and what else
    stands between two spaces.
    """

    start: int
    end: int
    text: str
    cell: SourceCell


@dataclass(frozen=True)
class TableProgram(MarkupProgram):
    """HTML or Markdown with at least one table."""

    language: Literal["html", "markdown"]
    tables: tuple[SourceTable, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The tables of an HTML fragment or document, or of a Markdown text.

        Raises:
            CodeParseError: no table in it, or one that is larger than any picture.

        Example:
            >>> table = TableProgram.parse("| a | b |\\n|---|--:|\\n| 1 | 2 |").tables[0]
            >>> [[cell.column for cell in row.cells] for row in table.rows], table.width
            ([[0, 1], [0, 1]], 2)
        """
        if re.search(r"<table[\s>/]", text, re.IGNORECASE):
            elements, runs = read_markup(text, html=True)
            tables = html_tables(elements)
            language: Literal["html", "markdown"] = "html"
        else:
            elements, runs = (), ()
            tables = markdown_tables(text)
            runs = tuple(markdown_runs(text, tables, FORMULA))
            language = "markdown"
        if not any(table.rows for table in tables):
            raise CodeParseError("no_table", "neither a <table> with a row nor a pipe table")
        return cls(text, elements, runs, language, tables)

    @property
    def is_html(self) -> bool:
        return self.language == "html"

    def cells(self) -> Iterator[SourceCell]:
        """Every cell of all tables, row by row."""
        return (cell for table in self.tables for cell in table.cells)

    @property
    def is_unstyled(self) -> bool:
        """True for HTML without a style sheet: what a tag is called decides nothing else."""
        return self.is_html and not any(self.named("style"))

    def row_of(self, cell: SourceCell) -> TableRow:
        """The row that a cell is written in."""
        return self.tables[cell.table].rows[cell.row]

    def below(self, cell: SourceCell) -> SourceCell | None:
        """The cell right under another, if it starts in the same column."""
        found = self.tables[cell.table].grid.get((cell.row + cell.rowspan, cell.column))
        return found if found is not None and found.column == cell.column else None

    def right_of(self, cell: SourceCell) -> SourceCell | None:
        """The next cell of the same row, if nothing stands between them."""
        found = self.tables[cell.table].grid.get((cell.row, cell.column + cell.colspan))
        return found if found is not None and found.row == cell.row else None

    def content(self, cell: SourceCell) -> str:
        """The characters of a cell's content, markup included."""
        return self.text[cell.inner_start : cell.inner_end]

    def refilled(self, one: SourceCell, other: SourceCell) -> tuple[Edit, Edit]:
        """The edits that exchange the contents of two cells."""
        return one.filled(self.content(other)), other.filled(self.content(one))

    def words_of(self, cell: SourceCell) -> str:
        """What a viewer reads in a cell, in one line."""
        place = cell.inner_start, cell.inner_end
        words = self._words.get(place)
        if words is None:
            words = self._words[place] = self._read(cell)
        return words

    def _read(self, cell: SourceCell) -> str:
        parts = [unescape(self.text[run.start : run.end]) for run in self.runs_of(cell)]
        if not self.is_html:
            parts = [_ESCAPE.sub(lambda found: found[0][1], part) for part in parts]
        return " ".join("".join(parts).split())

    def runs_of(self, cell: SourceCell) -> tuple[TextRun, ...]:
        """Text runs of a cell, without those of tables nested in it."""
        return self._runs.get((cell.inner_start, cell.inner_end), ())

    def pieces(self, cell: SourceCell, *, formulas: bool = False) -> Iterator[tuple[int, str]]:
        """Start and text of each run of a cell, with what must not be touched as NUL characters.

        Character references are always masked; so are formulas, unless they are asked for.
        """
        for run in self.runs_of(cell):
            piece = self.text[run.start : run.end]
            yield run.start, masked(piece, formulas=formulas)

    def found(
        self, pattern: re.Pattern[str], *, formulas: bool = False
    ) -> Iterator[tuple[SourceCell, int, re.Match[str]]]:
        """What a pattern finds in the pieces of every cell: cell, start of the piece, and match."""
        for cell in self.cells():
            for start, piece in self.pieces(cell, formulas=formulas):
                for match in pattern.finditer(piece):
                    yield cell, start, match

    def numbers(self, cell: SourceCell) -> Iterator[CellText]:
        """Numbers of a cell, in formulas too; no digit of a name such as ``H2O`` or ``IL-6``."""
        for start, piece in self.pieces(cell, formulas=True):
            for found in _NUMBER.finditer(piece):
                yield CellText(start + found.start(), start + found.end(), found[0], cell)

    def all_numbers(self) -> Iterator[CellText]:
        """Numbers of every cell."""
        return (number for cell in self.cells() for number in self.numbers(cell))

    def all_words(self) -> Iterator[CellText]:
        """Words of every cell."""
        return (word for cell in self.cells() for word in self.words(cell))

    def is_number(self, cell: SourceCell) -> bool:
        """True for a cell that is read as a number: digits first, then a unit at the most."""
        words = self.words_of(cell)
        signs = [sign for sign in words if sign.isalnum()]
        most = 2 * sum(map(str.isdigit, signs)) > len(signs)
        return bool(signs) and signs[0].isdigit() and (most or is_quantity(words))

    def words(self, cell: SourceCell) -> Iterator[CellText]:
        """Words of a cell that hold a letter, outside formulas."""
        for start, piece in self.pieces(cell):
            for found in _WORD.finditer(piece):
                if any(letter.isalpha() for letter in found[0]):
                    yield CellText(start + found.start(), start + found.end(), found[0], cell)

    def row_words(self, row: TableRow) -> tuple[str, ...]:
        """What a viewer reads in each cell of a row."""
        return tuple(map(self.words_of, row.cells))

    def line(self, row: TableRow) -> tuple[int, int]:
        """A row's span, without the line break that ends it in Markdown."""
        if self.is_html:
            return row.start, row.end
        return row.start, row.start + len(self.text[row.start : row.end].rstrip("\r\n"))

    def without(self, cell: SourceCell) -> Edit:
        """The edit that takes a cell out of its row, with one of its pipes in Markdown."""
        if self.is_html:
            return Edit(cell.start, cell.end, "")
        if self.text.startswith("|", cell.end):
            return Edit(cell.start, cell.end + 1, "")
        return Edit(max(cell.start - 1, 0), cell.end, "")

    def swapped(self, first: SourceCell, second: SourceCell) -> tuple[Edit, Edit]:
        """The edits that let two cells change places, attributes and all."""
        exchanged = self.exchanged if self.is_html else self.refilled
        return exchanged(first, second)

    def emptied_into(self, cell: SourceCell, target: SourceCell) -> tuple[Edit, ...]:
        """The edits that take a cell out and put its content at the end of another's."""
        content = self.content(cell).strip()
        gap = " " if content and self.words_of(target) else ""
        put = Edit(target.inner_end, target.inner_end, gap + content)
        return (Edit(cell.start, cell.end, ""), *([put] if content else []))

    def row_name(self, row: TableRow) -> str:
        """Row number from 1, and the first words of the row to find it by."""
        return _named(f"row {row.index + 1}", next(filter(None, self.row_words(row)), ""))

    def column_name(self, table: SourceTable, column: int) -> str:
        """Column number from 1, and what stands over it."""
        return _named(f"column {column + 1}", self.heading(table, column))

    def heading(self, table: SourceTable, column: int) -> str:
        """What stands over a column: the lowest of its headers, or its first cell."""
        levels = [row.index for row in table.rows if row.header] or [0]
        for row in reversed(levels):
            cell = table.grid.get((row, column))
            words = self.words_of(cell) if cell is not None else ""
            if words:
                return words
        return ""

    def where(self, cell: SourceCell) -> str:
        """How a person would say where a cell is.

        >>> program = TableProgram.parse("|Year|Total|\\n|---|---|\\n|2019|7|")
        >>> program.where(program.tables[0].rows[1].cells[1])
        'row 2, column 2 (Total)'
        """
        table = self.tables[cell.table]
        place = f"row {cell.row + 1}, column {cell.column + 1}"
        if not table.rows[cell.row].header and cell.row:
            place = _named(place, self.heading(table, cell.column))
        if len(self.tables) > 1:
            place += f" of table {cell.table + 1}"
        return place

    def error(self, cell: SourceCell, words: str, *edits: Edit) -> Mutation:
        """An error of one cell, which a viewer is told by its place."""
        return Mutation(edits, self.where(cell), words)

    def misread(self, number: CellText, wrong: str) -> Mutation:
        """The error that a number is another one."""
        edit = Edit(number.start, number.end, wrong)
        return self.error(number.cell, f"{number.text} reads {wrong}", edit)

    def styled(self, element: MarkupElement, name: str, value: str) -> Edit:
        """The edit that gives an element one style declaration, whatever else its style says."""
        style = element.attributes.get("style")
        if style is None:
            return element.inserted("style", f"{name}: {value}")
        kept = [
            part.strip()
            for part in style.value.split(";")
            if part.strip() and part.split(":")[0].strip().lower() != name
        ]
        return style.replaced("; ".join((*kept, f"{name}: {value}")))

    @cached_property
    def _words(self) -> dict[tuple[int, int], str]:
        """What was read already, by the place of a cell: every corruption asks for it."""
        return {}

    @cached_property
    def _runs(self) -> dict[tuple[int, int], tuple[TextRun, ...]]:
        """Runs by the innermost cell that holds them."""
        inside: dict[int, tuple[int, int] | None] = {-1: None}
        for number, cell in enumerate(self.cells()):
            place = number if cell.element is None else cell.element.index
            inside[place] = (cell.inner_start, cell.inner_end)
        for element in self.elements:
            inside.setdefault(element.index, inside[element.parent])
        result: dict[tuple[int, int], list[TextRun]] = {}
        for run in self.runs:
            span = inside[run.parent]
            if span is not None:
                result.setdefault(span, []).append(run)
        return {span: tuple(runs) for span, runs in result.items()}


def over(found: re.Match[str], new: str, offset: int, group: int | str = 0) -> Edit:
    """The edit that replaces what a pattern has found in a piece that starts at ``offset``."""
    return Edit(offset + found.start(group), offset + found.end(group), new)


def _named(place: str, words: str) -> str:
    words = words if len(words) <= 40 else words[:39] + "…"
    return f"{place} ({words})" if words else place


def masked(text: str, *, formulas: bool = False) -> str:
    """``text`` of the same length with character references, and formulas too, as NULs.

    Args:
        formulas: Leave formulas readable, all but the LaTeX commands that set lengths.

    >>> masked("p &lt; $x^2$, $5").replace(chr(0), "_")
    'p ____ _____, $5'
    """
    text = (_LENGTH if formulas else FORMULA).sub(_blank, text)
    return _ESCAPE.sub(_blank, _REFERENCE.sub(_blank, text))


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match[0])


FORMULA = re.compile(
    r"""\$\$[^$]+\$\$
    | (?<![\\$\w])\$(?=\S)[^$\n]*?(?<=[^\s\\])\$(?![\d$])   # no space inside, no digit after
    | (?<![\\$\w])\$\s[^$\n]*?[\\^_{][^$\n]*?\$(?![\d$])    # spaces inside, but LaTeX
    | \\\(.+?\\\) | \\\[.+?\\\]""",
    re.VERBOSE | re.DOTALL,
)
"""A formula between dollars or in ``\\(...\\)``; sums of money are none."""

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(ESCAPE)
_LENGTH = re.compile(
    r"\\(?:[hv]space\*?|kern|rule|begin|end|color|multicolumn|multirow)\s*(?:\{[^}]*\})*"
)
# No digits of names: nothing of H2O, IL-6, v1.2.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?<![A-Za-z][-‐–])"
    r"(?:\d{1,3}(?:[,\u2009\u202f]\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?|\.\d+)"
)
_WORD = re.compile(r"[^\s\0$<>|]+")

__all__ = [
    "FORMULA", "CellText", "SourceCell", "SourceTable", "TableProgram", "TableRow", "masked", "over",
]  # fmt: skip

"""Rows and cells of HTML and Markdown tables, laid into the span grid, with exact spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from corruptors.markup.elements import MarkupElement, TextRun
from records.edits import Edit
from records.errors import CodeParseError

MAX_SLOTS = 200_000
"""Most places of a span grid; a table of more is an attack, not a picture."""


@dataclass(frozen=True, slots=True)
class SourceCell:
    """One cell: ``text[start:end]`` whole, ``text[inner_start:inner_end]`` its content."""

    table: int
    """Which table of the text it belongs to."""
    row: int
    """Row of the span grid, from 0."""
    column: int
    rowspan: int
    """As it takes effect: never over the end of its group of rows."""
    colspan: int
    header: bool
    """Written as a header (``th``, Markdown's first row)."""
    start: int
    """In HTML at the ``<`` of its tag; in Markdown the content with its white space."""
    end: int
    inner_start: int
    inner_end: int
    element: MarkupElement | None
    """None in Markdown."""
    group: int
    """Rows of one ``thead``, ``tbody`` or ``tfoot`` share a number; spans end with the group."""

    @property
    def columns(self) -> range:
        return range(self.column, self.column + self.colspan)

    @property
    def rows(self) -> range:
        return range(self.row, self.row + self.rowspan)

    def filled(self, text: str) -> Edit:
        """The edit that gives a cell another content."""
        return Edit(self.inner_start, self.inner_end, text)

    def spanning(self, name: str, span: int) -> tuple[Edit, ...]:
        """Edits that give a cell of HTML another ``colspan`` or ``rowspan``, 1 by leaving it out."""
        if self.element is None:
            return ()
        attribute = self.element.attributes.get(name)
        if attribute is None:
            return (self.element.inserted(name, str(span)),) if span != 1 else ()
        return (attribute.removed() if span == 1 else attribute.replaced(str(span)),)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as written: its own cells, not those that reach into it from above."""

    index: int
    start: int
    end: int
    """In Markdown with the line break, if there is one."""
    cells: tuple[SourceCell, ...]
    header: bool
    """In a ``thead``, or all cells written as headers."""
    group: int
    """That of its cells."""


@dataclass(frozen=True)
class SourceTable:
    """One table of the text."""

    rows: tuple[TableRow, ...]
    width: int
    """Columns of the span grid."""
    caption: MarkupElement | None = None
    delimiters: tuple[SourceCell, ...] = ()
    """Markdown: the dashes and colons under each column's header, as cells of row -1."""

    @property
    def cells(self) -> Iterator[SourceCell]:
        return (cell for row in self.rows for cell in row.cells)

    @cached_property
    def grid(self) -> dict[tuple[int, int], SourceCell]:
        """Cell at each (row, column) that is covered."""
        return {
            (row, column): cell
            for cell in self.cells
            for row in cell.rows
            for column in cell.columns
        }

    @cached_property
    def crossed_rows(self) -> frozenset[int]:
        """Rows into which a cell reaches from above."""
        return frozenset(row for cell in self.cells for row in cell.rows[1:])

    def reaching(self, row: int) -> tuple[SourceCell, ...]:
        """Cells that span into a row from above, left to right."""
        if row not in self.crossed_rows:
            return ()
        found = {
            cell.start: cell
            for column in range(self.width)
            if (cell := self.grid.get((row, column))) is not None and cell.row < row
        }
        return tuple(found.values())

    def respanned(self, row: int, more: int) -> list[Edit]:
        """The edits that let the cells that span into a row from above end so many rows later."""
        return [
            edit
            for cell in self.reaching(row)
            for edit in cell.spanning("rowspan", cell.rowspan + more)
        ]


def html_tables(elements: Sequence[MarkupElement]) -> tuple[SourceTable, ...]:
    """Every table of a document, nested ones after those that hold them.

    Raises:
        CodeParseError: the span grids have more than `MAX_SLOTS` places.
    """
    nearest: dict[tuple[str, int], int] = {}
    kinds = {"table": ("table",), "tr": ("tr",), "group": ("thead", "tbody", "tfoot")}
    for element in elements:
        for kind, names in kinds.items():
            up = element.parent
            here = up >= 0 and elements[up].name in names
            nearest[kind, element.index] = up if here else nearest.get((kind, up), -1)
    written: dict[int, dict[int, list[MarkupElement]]] = {
        element.index: {} for element in elements if element.name == "table"
    }
    captions: dict[int, MarkupElement] = {}
    for element in elements:
        table = nearest["table", element.index]
        if table < 0:
            continue
        if element.name == "tr":
            written[table].setdefault(element.index, [])
        elif element.name == "caption":
            captions.setdefault(table, element)
        elif element.name in ("td", "th"):
            row = nearest["tr", element.index]
            # A cell outside any row of its table starts an implied row, kept under its parent.
            key = row if row > table else element.parent
            written[table].setdefault(key, []).append(element)
    slots = [MAX_SLOTS]
    return tuple(
        _html_table(number, elements, elements[table], rows, nearest, captions.get(table), slots)
        for number, (table, rows) in enumerate(written.items())
    )


def _html_table(
    number: int,
    elements: Sequence[MarkupElement],
    table: MarkupElement,
    written: dict[int, list[MarkupElement]],
    nearest: dict[tuple[str, int], int],
    caption: MarkupElement | None,
    slots: list[int],
) -> SourceTable:
    def group_of(key: int) -> int:
        if elements[key].name in ("thead", "tbody", "tfoot"):
            return key
        group = nearest["group", key]
        return group if group > table.index else table.index

    keys = list(written)
    left_in_group = [0] * len(keys)
    for at in range(len(keys) - 2, -1, -1):
        same = group_of(keys[at]) == group_of(keys[at + 1])
        left_in_group[at] = left_in_group[at + 1] + 1 if same else 0
    layout = _Layout()
    rows = []
    for index, key in enumerate(keys):
        group = group_of(key)
        cells = []
        for element in written[key]:
            colspan = min(max(_span(element, "colspan"), 1), 1000)
            rowspan = _span(element, "rowspan")
            most = left_in_group[index] + 1
            rowspan = most if rowspan == 0 else min(rowspan, most)
            slots[0] -= colspan * rowspan
            if slots[0] < 0:
                raise CodeParseError("grid_too_large", f"over {MAX_SLOTS} places in its tables")
            column = layout.place(index, colspan, rowspan)
            whole = element.start, element.end, element.inner_start, element.inner_end
            header = element.name == "th"
            place = number, index, column, rowspan, colspan
            cells.append(SourceCell(*place, header, *whole, element, group))
        header = elements[group].name == "thead" or (
            bool(cells) and all(cell.header for cell in cells)
        )
        row = elements[key]
        span = (row.start, row.end) if row.name == "tr" else (cells[0].start, cells[-1].end)
        rows.append(TableRow(index, *span, tuple(cells), header, group))
    return SourceTable(tuple(rows), layout.width, caption)


def _span(element: MarkupElement, name: str) -> int:
    found = re.match(r"\s*\+?(\d{1,6})", element.attribute(name, "1"))
    return int(found[1]) if found else 1


@dataclass(slots=True)
class _Layout:
    """The table model of HTML: each cell takes the first free column of its row."""

    taken: dict[int, int] = field(default_factory=dict)
    """Column -> first row that is free again."""
    width: int = 0
    row: int = -1
    column: int = 0

    def place(self, row: int, colspan: int, rowspan: int) -> int:
        if row != self.row:
            self.row, self.column = row, 0
        while self.taken.get(self.column, 0) > row:
            self.column += 1
        start = self.column
        for column in range(start, start + colspan):
            self.taken[column] = max(self.taken.get(column, 0), row + rowspan)
        self.column = start + colspan
        self.width = max(self.width, self.column)
        return start


def markdown_tables(text: str) -> tuple[SourceTable, ...]:
    """Pipe tables of a Markdown text, as GitHub's dialect has them.

    >>> [cell.column for cell in markdown_tables("a|b\\n-|-\\n1\\\\|2|3")[0].rows[1].cells]
    [0, 1]
    """
    lines = [found.span() for found in re.finditer(r"[^\n]*\n|[^\n]+\Z", text)]
    tables: list[SourceTable] = []
    fenced = False
    at = 0
    while at < len(lines):
        start, end = lines[at]
        if _FENCE.match(text, start, end):
            fenced = not fenced
        if not fenced and at + 1 < len(lines) and "|" in text[start:end]:
            table = _markdown_table(len(tables), text, lines, at)
            if table is not None:
                tables.append(table)
                at += len(table.rows) + 1
                continue
        at += 1
    return tuple(tables)


def _markdown_table(
    number: int, text: str, lines: list[tuple[int, int]], at: int
) -> SourceTable | None:
    dashes = lines[at + 1]
    if not _DELIMITER.fullmatch(text[dashes[0] : dashes[1]].strip()):
        return None
    delimiters = tuple(
        SourceCell(number, -1, column, 1, 1, False, *span, None, -1)
        for column, span in enumerate(_markdown_cells(text, *dashes))
    )
    width = len(delimiters)
    if len(_markdown_cells(text, *lines[at])) != width:
        return None
    body = []
    for line in lines[at + 2 :]:
        if _ENDS_TABLE.match(text, *line):
            break
        body.append(line)
    rows = []
    for index, (start, end) in enumerate((lines[at], *body)):
        cells = tuple(
            SourceCell(number, index, column, 1, 1, index == 0, *span, None, min(index, 1))
            for column, span in enumerate(_markdown_cells(text, start, end)[:width])
        )
        rows.append(TableRow(index, start, end, cells, index == 0, min(index, 1)))
    return SourceTable(tuple(rows), width, None, delimiters)


def _markdown_cells(text: str, start: int, end: int) -> list[tuple[int, int, int, int]]:
    """Start, end, inner start, inner end of each cell of a line."""
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    pipes = [found.start() for found in _PIPE.finditer(text, start, end)]
    if not pipes or pipes[0] != start:
        pipes.insert(0, start - 1)
    if pipes[-1] != end - 1:
        pipes.append(end)
    cells = []
    for left, right in pairwise(pipes):
        content = text[left + 1 : right]
        lead = len(content) - len(content.lstrip())
        inner_start = left + 1 + min(lead, 1 if not content.strip() else lead)
        inner_end = max(inner_start, left + 1 + len(content.rstrip()))
        cells.append((left + 1, right, inner_start, inner_end))
    return cells


def markdown_runs(
    text: str, tables: Sequence[SourceTable], formula: re.Pattern[str]
) -> Iterator[TextRun]:
    """Text of pipe tables between inline markup; ``parent`` counts the cells of all tables."""
    markup = re.compile(f"(?P<text>{formula.pattern}|{ESCAPE})|{_INLINE}", formula.flags)
    for number, cell in enumerate(cell for table in tables for cell in table.cells):
        at = cell.inner_start
        for found in markup.finditer(text, cell.inner_start, cell.inner_end):
            if found["text"] is None:
                if found.start() > at:
                    yield TextRun(at, found.start(), number)
                at = found.end()
        if cell.inner_end > at:
            yield TextRun(at, cell.inner_end, number)


ESCAPE = r"\\[!-/:-@\[-`{-~]"
"""A character of Markdown that stands for itself."""

_PIPE = re.compile(r"(?<!\\)\|")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_ENDS_TABLE = re.compile(r"\s*$|\s*[\r\n]| {0,3}(?:```|~~~|>|#{1,6}\s|[-+*]\s)")
# HTML tags, code, emphasis, the ends of links; in verbose syntax, since formulas are.
_INLINE = r"</?[A-Za-z][^>]*>|<!--.*?-->|`+|\*+|~~|__|!?\[|\]\([^)]*\)"

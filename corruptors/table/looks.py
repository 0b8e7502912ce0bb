"""Headers, alignment, captions and line breaks of a table that come out wrong: ``layout_error``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import SourceCell, SourceTable, TableProgram, over
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_header_level(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A header of several rows has lost one of them.

    Yields:
        One mutation per header row without row spans of its own, where there are two or more.

    Example:
        >>> drop_header_level("<table><tr><th>a<tr><th>a<tr><td>1</table>", seed=0)[0]
        '<table><tr><th>a<tr><td>1</table>'
    """
    for table in program.tables:
        levels = [row for row in table.rows if row.header]
        if not 2 <= len(levels) < len(table.rows):
            continue
        for row in levels:
            if row.cells and all(cell.rowspan == 1 for cell in row.cells):
                edits = Edit(row.start, row.end, ""), *table.respanned(row.index, -1)
                words = "this level of the header is missing"
                yield Mutation(edits, program.row_name(row), words)


@corruption(TableProgram, TableCategory.LAYOUT)
def demote_header(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A header row looks like a row of the body, or in Markdown stands under an empty header.

    Yields:
        One mutation per row of ``th`` cells, or of bold cells in a ``thead``; one per table of
        Markdown.

    Example:
        >>> demote_header("<table><tr><th>a</th></tr></table>", seed=0)[0]
        '<table><tr><td>a</td></tr></table>'
        >>> demote_header("|a|b|\\n|-|-|\\n|1|2|", seed=0)[0]
        '| | |\\n|-|-|\\n|a|b|\\n|1|2|'
    """
    for table in program.tables:
        for row in table.rows:
            edits: tuple[Edit, ...] = ()
            if program.is_html and row.header:
                edits = tuple(edit for cell in row.cells for edit in _plainer(program, cell))
            elif not program.is_html and row.index == 0 and any(program.row_words(row)):
                end = table.delimiters[-1].inner_end
                end += len(program.text[end:].split("\n", 1)[0])
                start, stop = program.line(row)
                edits = (
                    Edit(start, stop, "|" + " |" * table.width),
                    Edit(end, end, "\n" + program.text[start:stop]),
                )
            if edits and any(program.row_words(row)):
                yield Mutation(edits, program.row_name(row), "the header looks like the body")


def _plainer(program: TableProgram, cell: SourceCell) -> Iterator[Edit]:
    """Edits that make a header cell an ordinary one."""
    element = cell.element
    assert element is not None
    if element.name == "th":
        yield from element.renamed("td")
        return
    for inner in program.descendants(element):
        if inner.name in ("b", "strong"):
            yield from program.unwrapped(inner)


@corruption(TableProgram, TableCategory.LAYOUT)
def promote_row(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A row of the body looks like a header.

    Example:
        >>> promote_row("<table><tr><td>a</td></tr></table>", seed=0)[0]
        '<table><tr><th>a</th></tr></table>'
        >>> promote_row("|a|b|\\n|-|-|\\n|1|2|", seed=0)[0]
        '|a|b|\\n|-|-|\\n|**1**|**2**|'
    """
    for table in program.tables:
        for row in table.rows:
            plain = [cell for cell in row.cells if not cell.header and program.words_of(cell)]
            if row.header or not plain:
                continue
            if program.is_html:
                elements = filter(None, (cell.element for cell in plain))
                edits = [edit for element in elements for edit in element.renamed("th")]
            else:
                edits = [
                    cell.filled(f"**{program.content(cell)}**")
                    for cell in plain
                    if "*" not in program.content(cell)
                ]
            if edits:
                yield Mutation(tuple(edits), program.row_name(row), "the row looks like a header")


@corruption(TableProgram, TableCategory.LAYOUT)
def change_alignment(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The text of one column is aligned to another side.

    Whether it shows depends on the widths of its cells; an unchanged picture is rejected there.

    Yields:
        One mutation per column in which texts of the body differ in length.

    Example:
        >>> change_alignment("|a|\\n|:-|\\n|1|\\n|1000|", seed=1)[0]
        '|a|\\n|:-:|\\n|1|\\n|1000|'
    """
    for table in program.tables:
        for column in range(table.width):
            cells = [
                cell
                for row in table.rows
                if (not row.header or not program.is_html)
                and (cell := table.grid.get((row.index, column))) is not None
                and cell.colspan == 1
                and cell.column == column
                and cell.row == row.index
                and program.words_of(cell)
            ]
            if len({len(program.words_of(cell)) for cell in cells}) < 2:
                continue
            now = _alignment(program, table, cells[-1])
            wrong = rng.choice([side for side in ("left", "center", "right") if side != now])
            if program.is_html:
                edits = tuple(
                    program.styled(cell.element, "text-align", wrong)
                    for cell in cells
                    if cell.element is not None
                )
            else:
                delimiter = table.delimiters[column]
                marks = {"left": ":--", "center": ":-:", "right": "--:"}[wrong]
                edits = (Edit(delimiter.inner_start, delimiter.inner_end, marks),)
            words = f"aligned to the {wrong} instead of the {now}"
            yield Mutation(edits, program.column_name(table, column), words)


def _alignment(program: TableProgram, table: SourceTable, cell: SourceCell) -> str:
    """Side that the text of a body cell is aligned to, as far as the cell itself says."""
    if cell.element is None:
        dashes = program.content(table.delimiters[cell.column])
        if dashes.endswith(":"):
            return "center" if dashes.startswith(":") else "right"
        return "left"
    style = cell.element.attribute("style")
    found = re.search(r"text-align\s*:\s*(left|center|right)", style, re.IGNORECASE)
    side = found[1] if found else cell.element.attribute("align", "left")
    side = side.lower()
    return side if side in ("left", "center", "right") else "left"


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_caption(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The caption of the table is missing.

    Example:
        >>> drop_caption("<table><caption>T</caption><tr><td>1</table>", seed=0)[0]
        '<table><tr><td>1</table>'
    """
    for table in program.tables:
        caption = table.caption
        if caption is not None and re.sub(r"<[^>]*>|\s", "", program.inner(caption)):
            yield Mutation((caption.removed(),), "caption", "the caption is missing")


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_line_break(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two lines of a cell run together into one.

    Example:
        >>> drop_line_break("<table><tr><td>a<br/>b</table>", seed=0)[0]
        '<table><tr><td>a b</table>'
    """
    for cell in program.cells():
        content = program.content(cell)
        for found in re.finditer(r"<br\s*/?>", content, re.IGNORECASE):
            if content[: found.start()].strip() and content[found.end() :].strip():
                edit = over(found, " ", cell.inner_start)
                yield program.error(cell, "two lines run together into one", edit)


@corruption(TableProgram, TableCategory.LAYOUT)
def break_line(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The text of a cell is broken into two lines.

    Yields:
        One mutation per cell with a space between two words; the space is drawn.

    Example:
        >>> break_line("<table><tr><td>Wood duck</table>", seed=0)[0]
        '<table><tr><td>Wood<br>duck</table>'
    """
    for cell in program.cells():
        spaces = [
            start + found.start()
            for start, piece in program.pieces(cell)
            for found in re.finditer(r"(?<=[^\s\0]) (?=[^\s\0])", piece)
        ]
        if spaces:
            at = rng.choice(spaces)
            yield program.error(cell, "the text is broken into two lines", Edit(at, at + 1, "<br>"))


@corruption(TableProgram, TableCategory.LAYOUT)
def drop_emphasis(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Bold, italic or underlined text of a cell has come out plain.

    Example:
        >>> drop_emphasis("<table><tr><td><b>a</b></table>", seed=0)[0]
        '<table><tr><td>a</table>'
        >>> drop_emphasis("|a|\\n|-|\\n|**1**|", seed=0)[0]
        '|a|\\n|-|\\n|1|'
    """
    for cell in program.cells():
        if cell.element is None:
            for found in _MARKED.finditer(program.text, cell.inner_start, cell.inner_end):
                words = f"{found[2]!r} has lost its emphasis"
                yield program.error(cell, words, over(found, found[2], 0))
            continue
        for inner in program.descendants(cell.element):
            kind = _EMPHASIS.get(inner.name)
            shows = not (cell.header and kind == "bold")  # a header is bold anyway
            if kind and shows and program.inner(inner).strip():
                plain = program.unwrapped(inner)
                yield program.error(cell, f"the text is no longer {kind}", *plain)


_MARKED = re.compile(r"(?<![*\\])(\*{1,3})(?=[^\s*])([^*|]+?)(?<=[^\s*\\])\1(?!\*)")
_EMPHASIS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underlined"}

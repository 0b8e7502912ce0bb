"""Small marks of a table that a reader overlooks: indentation, the side of a caption, check boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement
from corruptors.table.program.table_program import TableProgram
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory

_INDENT = re.compile(r"(?:&nbsp;|&#160;|&#xa0;|&emsp;|&ensp;|[\u00a0\u2002\u2003])+", re.IGNORECASE)
_BOXES = (("☐", "☑"), ("☐", "☒"), ("✗", "✓"), ("✘", "✔"), ("❌", "✅"), ("○", "●"))


@corruption(TableProgram, TableCategory.LAYOUT)
def change_indentation(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The first cell of a row has lost its indentation, or is indented as if it belonged to the row above.

    Yields:
        One mutation per first cell of a body row with text, but for the first row of the body.

    Example:
        >>> change_indentation("<table><tr><th>a<tr><td>b<tr><td>&nbsp;&nbsp;c</table>", seed=0)[0]
        '<table><tr><th>a<tr><td>b<tr><td>c</table>'
    """
    for table in program.tables:
        for row in [row for row in table.rows if row.cells and not row.header][1:]:
            cell = row.cells[0]
            text = program.content(cell)
            found = _INDENT.match(text)
            style = cell.element.attributes.get("style") if cell.element is not None else None
            padded = style and re.search(r"(?:padding-left|text-indent)\s*:[^;]*;?", style.value)
            if cell.column or not program.words_of(cell):
                continue
            if found is not None:
                edit = Edit(cell.inner_start, cell.inner_start + found.end(), "")
            elif style and padded:
                edit = style.replaced(style.value[: padded.start()] + style.value[padded.end() :])
            else:
                edit = Edit(cell.inner_start, cell.inner_start, "&emsp;&emsp;")
            what = "the text is indented" if edit.new else "the text has lost its indentation"
            yield program.error(cell, what, edit)


@corruption(TableProgram, TableCategory.LAYOUT)
def move_caption(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The caption stands below the table instead of above, or the other way round.

    Example:
        >>> move_caption("<table><caption>T</caption><tr><td>1</table>", seed=0)[0]
        '<table><caption style="caption-side: bottom">T</caption><tr><td>1</table>'
    """
    for table in program.tables:
        caption = table.caption
        if caption is not None and re.sub(r"<[^>]*>|\s", "", program.inner(caption)):
            low = re.search(
                r"caption-side\s*:\s*bottom|align=.?bottom", program.text, re.IGNORECASE
            )
            side = "top" if low else "bottom"
            edit = program.styled(caption, "caption-side", side)
            yield Mutation((edit,), "caption", f"the caption stands at the {side}")


@corruption(TableProgram, TableCategory.TEXT)
def flip_check_box(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A box is checked that should be empty, or the other way round; a tick is a cross.

    Example:
        >>> flip_check_box("|a|\\n|-|\\n|☐ yes|", seed=0)[0]
        '|a|\\n|-|\\n|☑ yes|'
        >>> flip_check_box('<table><tr><td><input type="checkbox"></table>', seed=0)[0]
        '<table><tr><td><input checked="" type="checkbox"></table>'
    """
    other = {sign: pair[1 - at] for pair in reversed(_BOXES) for at, sign in enumerate(pair)}
    for cell in program.cells():
        where = program.where(cell)
        for at, sign in enumerate(program.content(cell), cell.inner_start):
            if sign in other:
                edit = Edit(at, at + 1, other[sign])
                yield Mutation((edit,), where, f"{sign} reads {other[sign]}")
        for box in program.descendants(cell.element) if cell.element is not None else ():
            if box.name == "input" and box.attribute("type").lower() in ("checkbox", "radio"):
                checked = box.attributes.get("checked")
                edit = checked.removed() if checked else box.inserted("checked", "")
                yield Mutation((edit,), where, "is not checked" if checked else "is checked")


@corruption(TableProgram, TableCategory.LAYOUT)
def change_header_alignment(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The headers stand in the middle of their columns instead of at the left, or the other way round.

    Yields:
        One mutation per HTML table with a header row; all headers that do not span are aligned.

    Example:
        >>> change_header_alignment('<table><tr><th>a</th></tr></table>', seed=0)[0]
        '<table><tr><th style="text-align: left">a</th></tr></table>'
    """
    for table in program.tables:
        cells = [
            cell.element
            for row in table.rows
            if row.header
            for cell in row.cells
            if program.words_of(cell)
        ]
        headers = [cell for cell in cells if cell is not None]
        if headers:
            shown = {_side(cell) for cell in headers}
            side = "left" if shown == {"center"} else "center"
            edits = tuple(program.styled(cell, "text-align", side) for cell in headers)
            yield Mutation(edits, "header", f"the headers are aligned to the {side}")


def _side(cell: MarkupElement) -> str:
    """How the text of a header is aligned, as far as its own tag says."""
    found = re.search(r"text-align\s*:\s*(\w+)", cell.attribute("style"))
    return found[1] if found else cell.attribute("align", "center" if cell.name == "th" else "left")


@corruption(TableProgram, TableCategory.LAYOUT)
def change_text_colour(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Gray or colored text is black, or black text gray.

    Example:
        >>> change_text_colour('<table><tr><td style="color: gray">a</table>', seed=0)[0]
        '<table><tr><td style="color: black">a</table>'
    """
    for cell in program.cells():
        if cell.element is None or not program.words_of(cell):
            continue
        colored = [
            one
            for one in (cell.element, *program.descendants(cell.element))
            if re.search(r"(?<!-)\bcolor\s*:", one.attribute("style"))
        ]
        edits = tuple(program.styled(one, "color", "black") for one in colored)
        edits = edits or (program.styled(cell.element, "color", "#8a8a8a"),)
        what = "the text is black" if colored else "the text is gray"
        yield program.error(cell, what, *edits)


@corruption(TableProgram, TableCategory.TEXT)
def change_footnote_mark(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A mark that refers to a footnote is another one.

    Yields:
        One mutation per raised sign that is no exponent, and per ``*``, ``†`` or ``‡`` at a word's end, in HTML.

    Example:
        >>> change_footnote_mark("<table><tr><td>Dose<sup>a</sup></table>", seed=0)[0]
        '<table><tr><td>Dose<sup>†</sup></table>'
    """
    for cell in program.cells():
        content = program.content(cell)
        for found in _FOOTNOTE.finditer(content) if program.is_html else ():
            mark = found[1] or found[2]
            at = cell.inner_start + found.start(1 if found[1] else 2)
            wrong = rng.choice([sign for sign in ("a", "b", "c", "*", "†") if sign != mark])
            what = f"the mark {mark} reads {wrong}"
            yield program.error(cell, what, Edit(at, at + len(mark), wrong))


_FOOTNOTE = re.compile(r"<sup>\s*([a-z*†‡§#])\s*</sup>|(?<=\w)([*†‡])(?=\s|<|$)")

"""Tables in the other language: Markdown for HTML, HTML for Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.rewrite import rewrite
from corruptors.table.program.table_program import TableProgram
from records.edits import Edit, Mutation


@rewrite(TableProgram)
def write_as_markdown(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A plain table of one header row is written in Markdown.

    Example:
        >>> code = "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"
        >>> write_as_markdown(code, seed=0)[0]
        '| a |\\n|---|\\n| 1 |\\n'
    """
    elements = [one for one in program.elements if one.name not in ("thead", "tbody")]
    plain = {"table", "tr", "th", "td"}
    if not program.is_html or any(one.name not in plain or one.attributes for one in elements):
        return
    if len(program.tables) != 1 or re.search(r"[|*_`~\\$\[#]", program.text):
        return
    rows = program.tables[0].rows
    heads = [[one.name for one in elements if row.start < one.start < row.end] for row in rows]
    width = len(rows[0].cells)
    header = set(heads[0]) == {"th"} and not any("th" in names for names in heads[1:])
    if not header or any(len(row.cells) != width for row in rows):
        return
    lines = [
        "| " + " | ".join(" ".join(program.content(cell).split()) for cell in row.cells) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "---|" * width)
    made = "\n".join((*lines, ""))
    yield Mutation((Edit(0, len(program.text), made),), "table", "in Markdown")


@rewrite(TableProgram)
def write_as_html(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A table of Markdown is written in HTML.

    Example:
        >>> write_as_html("| a |\\n|--:|\\n| 1 |\\n", seed=0)[0]
        '<table><tr><th align="right">a</th></tr><tr><td align="right">1</td></tr></table>'
    """
    if program.is_html or len(program.tables) != 1 or re.search(r"[*_`~\\\[]", program.text):
        return
    [table] = program.tables
    sides = {}
    for mark in table.delimiters:
        dashes = program.content(mark)
        ends = dashes.startswith(":"), dashes.endswith(":")
        side = {(True, True): "center", (False, True): "right", (True, False): "left"}.get(ends)
        sides[mark.column] = f' align="{side}"' if side else ""
    rows = [
        "".join(
            f"<{tag}{sides.get(cell.column, '')}>{program.content(cell).strip()}</{tag}>"
            for cell in row.cells
            for tag in ("th" if row.header else "td",)
        )
        for row in table.rows
    ]
    made = "".join(f"<tr>{row}</tr>" for row in rows)
    start, end = table.rows[0].start, table.rows[-1].end
    edit = Edit(start, end, f"<table>{made}</table>")
    yield Mutation((edit,), "table", "in HTML")

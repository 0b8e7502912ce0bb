"""Tables in other elements: what a tag means is written as a style, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.rewrite import rewrite
from corruptors.table.program.table_program import TableProgram
from records.edits import Edit, Mutation

_HEADING = "font-weight:bold;text-align:center"


@rewrite(TableProgram)
def write_header_cells_as_data_cells(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """All ``th`` are ``td`` in bold, centered.

    Example:
        >>> write_header_cells_as_data_cells("<table><tr><th>a</th></tr></table>", seed=0)[0]
        '<table><tr><td style="font-weight:bold;text-align:center">a</td></tr></table>'
    """
    cells = list(program.named("th"))
    if not cells or not program.is_unstyled or any("align" in cell.attributes for cell in cells):
        return
    edits: tuple[Edit, ...] = ()
    for cell in cells:
        start, *rest = cell.renamed("td")
        style = cell.attributes.get("style")
        if style is None:
            first = Edit(start.start, start.end, f'td style="{_HEADING}"')
            edits += (first, *rest)
        else:
            edits += (start, style.replaced(f"{_HEADING};{style.value}"), *rest)
    yield Mutation(edits, "header", "header cells as bold data cells")


@rewrite(TableProgram)
def write_emphasis_as_style(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """``b`` and ``i`` are ``span`` with a style.

    Example:
        >>> write_emphasis_as_style("<table><tr><td><b>a</b></td></tr></table>", seed=0)[0]
        '<table><tr><td><span style="font-weight:bold">a</span></td></tr></table>'
    """
    styles = {"b": "font-weight:bold", "strong": "font-weight:bold", "i": "font-style:italic", "em": "font-style:italic"}  # fmt: skip
    if not program.is_unstyled:
        return
    for element in program.named(*styles):
        if element.attributes:
            continue
        _, *rest = element.renamed("span")
        opened = Edit(element.start + 1, element.name_end, f'span style="{styles[element.name]}"')
        yield element.rewritten("a styled span", opened, *rest)


@rewrite(TableProgram)
def wrap_cell_text(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The content of a cell stands in a ``div``.

    Example:
        >>> wrap_cell_text("<table><tr><td>a</td></tr></table>", seed=0)[0]
        '<table><tr><td><div>a</div></td></tr></table>'
    """
    if not program.is_html:
        return
    for cell in program.named("td", "th"):
        if program.inner(cell).strip():
            edits = (
                Edit(cell.inner_start, cell.inner_start, "<div>"),
                Edit(cell.inner_end, cell.inner_end, "</div>"),
            )
            yield cell.rewritten("in a div", *edits)


@rewrite(TableProgram)
def split_header_group(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Each row of the header stands in a ``thead`` of its own.

    Example:
        >>> code = "<table><thead><tr><th>a</th></tr><tr><th>b</th></tr></thead></table>"
        >>> split_header_group(code, seed=0)[0]
        '<table><thead><tr><th>a</th></tr></thead><thead><tr><th>b</th></tr></thead></table>'
    """
    for group in program.named("thead") if program.is_unstyled else ():
        rows = [row for row in program.children(group) if row.name == "tr"]
        opened = program.text[group.start : group.inner_start]
        spanned = any(
            "rowspan" in cell.attributes for row in rows for cell in program.children(row)
        )
        if len(rows) > 1 and not spanned:
            edits = tuple(row.before(f"</thead>{opened}") for row in rows[1:])
            yield Mutation(edits, "header", "a thead for each row")

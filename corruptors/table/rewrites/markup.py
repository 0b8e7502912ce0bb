"""Other markup for the same table: HTML and Markdown that draw pixel for pixel the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.markup.elements import MarkupElement, TextRun, some
from corruptors.rewrite import rewrite
from corruptors.table.program.table_program import TableProgram, masked
from records.edits import Edit, Mutation

_PARTS = ("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption")


@rewrite(TableProgram)
def rename_emphasis(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """``b`` is written ``strong``, ``i`` is written ``em``, or the other way round.

    Example:
        >>> rename_emphasis("<table><tr><td><b>a</b></table>", seed=0)[0]
        '<table><tr><td><strong>a</strong></table>'
    """
    other = {"b": "strong", "strong": "b", "i": "em", "em": "i"}
    if program.is_unstyled:
        for element in some(list(program.named(*other)), rng, most=40):
            name = other[element.name]
            yield element.rewritten(f"written <{name}>", *element.renamed(name))


@rewrite(TableProgram)
def reorder_attributes(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two attributes of one tag stand in another order.

    Example:
        >>> reorder_attributes('<table><tr><td colspan="2" rowspan=3>a</table>', seed=0)[0]
        '<table><tr><td rowspan=3 colspan="2">a</table>'
    """
    tags = [element for element in program.elements if len(element.attributes) > 1]
    for element in some(tags, rng, most=40):
        pair = rng.sample(list(element.attributes.values()), 2)
        first, second = sorted(pair, key=lambda attribute: attribute.start)
        if program.text[first.start] in " \t\r\n" and program.text[second.start] in " \t\r\n":
            words = f"{second.name} stands before {first.name}"
            yield element.rewritten(words, *program.exchanged(first, second))


@rewrite(TableProgram)
def change_quotes(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """An attribute has single quotes, double quotes, or none where none are needed.

    Example:
        >>> change_quotes('<table><tr><td colspan="2">a</table>', seed=0)[0]
        '<table><tr><td colspan=2>a</table>'
    """
    attributes = [
        (element, attribute)
        for element in program.elements
        for attribute in element.attributes.values()
        if attribute.value_end > attribute.value_start
    ]
    for element, attribute in some(attributes, rng, most=40):
        value = attribute.value
        forms = [
            quote + value + quote
            for quote in ('"', "'")
            if quote != attribute.quote and quote not in value
        ]
        # Without quotes a slash before the end of the tag would be part of the value.
        if attribute.quote and re.fullmatch(r"[\w.:%#-]+", value):
            forms.append(value)
        if not forms:
            continue
        outer = 1 if attribute.quote else 0
        new = rng.choice(forms)
        gap = "" if new[0] in "\"'" or program.text[attribute.end] in " \t\n>" else " "
        edit = Edit(attribute.value_start - outer, attribute.value_end + outer, new + gap)
        yield element.rewritten(f"{attribute.name} is quoted differently", edit)


@rewrite(TableProgram)
def respace_tags(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """There is a line break and an indent before a tag of the table, or none where there was.

    Example:
        >>> respace_tags("<table><tr><td>a</td></tr></table>", seed=1)[0]
        '<table>\\n<tr>\\n    <td>a</td></tr></table>'
    """
    for element in some(_inner_parts(program), rng, most=40):
        before = program.text[: element.start]
        gap = len(before) - len(before.rstrip())
        if gap and before.rstrip().endswith(">"):
            edit = Edit(element.start - gap, element.start, "")
        elif before.endswith(">"):
            edit = element.before("\n" + " " * rng.choice((0, 2, 4)))
        else:
            continue  # after text, white space may belong to the text
        yield element.rewritten("white space between tags", edit)


def _inner_parts(program: TableProgram) -> list[MarkupElement]:
    """Rows, cells and groups that stand where a table allows white space without showing it."""
    return [
        element
        for element in program.named("thead", "tbody", "tfoot", "tr", "td", "th")
        if element.parent >= 0 and program.elements[element.parent].name in _PARTS
    ]


@rewrite(TableProgram)
def add_comment(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A comment stands before a row.

    Example:
        >>> add_comment("<table><tr><td>a</td></tr></table>", seed=0)[0]
        '<table><!-- r1 --><tr><td>a</td></tr></table>'
    """
    for number, row in enumerate(program.named("tr"), start=1):
        words = rng.choice((f"row {number}", "continued", "see source", f"r{number}"))
        yield row.rewritten("a comment", row.before(f"<!-- {words} -->"))
        if number == 40:
            return


@rewrite(TableProgram)
def drop_end_tags(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The end tag of a cell is left out, as HTML allows before the next cell.

    Example:
        >>> drop_end_tags("<table><tr><td>a</td><td>b</td></tr></table>", seed=0)[0]
        '<table><tr><td>a<td>b</td></tr></table>'
    """
    ends = [
        element
        for element in program.named("td", "th")
        if element.end > element.inner_end
        and re.match(r"\s*<t[dh][\s>]", program.text[element.end : element.end + 200], re.I)
    ]
    for element in some(ends, rng, most=40):
        yield element.rewritten("the end tag is left out", Edit(element.inner_end, element.end, ""))


@rewrite(TableProgram)
def change_tag_case(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A tag is written in capitals, or in small letters where it had them.

    Example:
        >>> change_tag_case("<table><tr><td>a</td></table>", seed=0)[0]
        '<table><TR><td>a</td></table>'
    """
    for element in some(list(program.named("tr", "td", "th", "b", "i", "sup")), rng, most=40):
        written = program.text[element.start + 1 : element.name_end]
        name = written.lower() if written.isupper() else written.upper()
        yield element.rewritten(f"written <{name}>", *element.renamed(name))


@rewrite(TableProgram)
def spell_out_spans(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A span of 1 is written out, or no longer is.

    Example:
        >>> spell_out_spans('<table><tr><td colspan="1">a</table>', seed=0)[0]
        '<table><tr><td>a</table>'
    """
    elements = [cell.element for cell in program.cells() if cell.element is not None]
    for element in some(elements, rng, most=40):
        for name in ("colspan", "rowspan"):
            attribute = element.attributes.get(name)
            if attribute is not None and attribute.value.strip() == "1":
                yield element.rewritten(f"{name} 1 is left out", attribute.removed())
            elif attribute is None and rng.random() < 0.5:
                edit = element.inserted(name, "1")
                yield element.rewritten(f"{name} 1 is written out", edit)
                break  # two insertions at one place have no order


@rewrite(TableProgram)
def unwrap_groups(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The ``tbody`` of a table that has no other group is left out.

    Example:
        >>> unwrap_groups("<table><tbody><tr><td>a</tr></tbody></table>", seed=0)[0]
        '<table><tr><td>a</tr></table>'
    """
    for table in program.named("table") if program.is_unstyled else ():
        groups = [one for one in program.children(table) if one.name in ("thead", "tbody", "tfoot")]
        if len(groups) == 1 and groups[0].name == "tbody" and not groups[0].attributes:
            rows = [one for one in program.children(table) if one.name == "tr"]
            if not rows:
                yield groups[0].rewritten("left out", *program.unwrapped(groups[0]))


@rewrite(TableProgram)
def wrap_groups(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The rows of a table without groups stand in a ``tbody``, as a browser puts them anyway.

    Example:
        >>> wrap_groups("<table><tr><td>a</td></tr></table>", seed=0)[0]
        '<table><tbody><tr><td>a</td></tr></tbody></table>'
    """
    for table in program.named("table") if program.is_unstyled else ():
        children = program.children(table)
        rows = [one for one in children if one.name == "tr"]
        if rows and len(rows) == len(children):
            edits = rows[0].before("<tbody>"), rows[-1].after("</tbody>")
            yield table.rewritten("its rows stand in a tbody", *edits)


@rewrite(TableProgram)
def write_references(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A character is written as a reference to it, or in another kind of reference.

    Example:
        >>> write_references("<table><tr><td>é</table>", seed=0)[0]
        '<table><tr><td>&#xe9;</table>'
    """
    runs = [run for cell in program.cells() for run in program.runs_of(cell)]
    for run in some(runs, rng, most=40):
        yield from _referred(program, run, rng)


def _referred(program: TableProgram, run: TextRun, rng: Random) -> Iterator[Mutation]:
    text = program.text[run.start : run.end]
    if "$" in text or "\\" in text:
        return  # it may be a formula
    for found in re.finditer(r"&(lt|gt|amp|nbsp|quot);", text):
        new = rng.choice(_NUMBERS[found[1]])
        edit = Edit(run.start + found.start(), run.start + found.end(), new)
        yield Mutation((edit,), f"character {edit.start}", f"{found[0]} is written {new}")
    # Only characters of no keyboard: nobody writes an "a" as a number.
    places = [at for at, sign in enumerate(masked(text)) if sign > "\x9f" and sign.isprintable()]
    for at in some(places, rng, most=3):
        new = rng.choice((f"&#{ord(text[at])};", f"&#x{ord(text[at]):x};"))
        edit = Edit(run.start + at, run.start + at + 1, new)
        yield Mutation((edit,), f"character {edit.start}", f"{text[at]} is written {new}")


_NUMBERS = {
    "lt": ("&#60;", "&#x3c;"),
    "gt": ("&#62;", "&#x3e;"),
    "amp": ("&#38;", "&#x26;"),
    "nbsp": ("&#160;", "\xa0"),
    "quot": ("&#34;", '"'),
}


@rewrite(TableProgram)
def style_alignment(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """An ``align`` attribute of a cell of mere text is written as a style.

    Example:
        >>> style_alignment('<table><tr><td align="right">a</table>', seed=0)[0]
        '<table><tr><td style="text-align: right">a</table>'
    """
    for cell in program.cells():
        element = cell.element
        if element is None or "style" in element.attributes or program.children(element):
            continue
        attribute = element.attributes.get("align")
        side = attribute.value.strip().lower() if attribute is not None else ""
        if attribute is not None and side in ("left", "right", "center"):
            gap = program.text[attribute.start : attribute.end].split("a", 1)[0] or " "
            new = f'{gap if gap.isspace() else " "}style="text-align: {side}"'
            edit = Edit(attribute.start, attribute.end, new)
            yield element.rewritten("the alignment is written as a style", edit)


@rewrite(TableProgram)
def pad_cells(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell of Markdown has other white space around its text.

    Example:
        >>> pad_cells("|a|\\n|-|", seed=0)[0]
        '| a  |\\n|-|'
    """
    if program.is_html:
        return
    for table in program.tables:
        for cell in some(list(table.cells), rng, most=40):
            if program.text[cell.end : cell.end + 1] == "|":
                content = program.content(cell).strip()
                padded = " " + content + " " * rng.randint(1, 3)
                if padded != program.text[cell.start : cell.end]:
                    edit = Edit(cell.start, cell.end, padded)
                    yield program.error(cell, "other white space", edit)


@rewrite(TableProgram)
def redraw_dashes(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The line under a Markdown header has more or fewer dashes.

    Example:
        >>> redraw_dashes("|a|\\n|:-:|", seed=0)[0]
        '|a|\\n|:------:|'
    """
    for table in program.tables:
        for cell in table.delimiters:
            now = program.content(cell)
            colons = now.startswith(":"), now.endswith(":")
            dashes = ":" * colons[0] + "-" * rng.randint(3, 8) + ":" * colons[1]
            if dashes != now:
                where = f"column {cell.column + 1}"
                yield Mutation((cell.filled(dashes),), where, "another number of dashes")

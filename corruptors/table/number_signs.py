"""Signs, separators, exponents and bounds of numbers that come out wrong: ``numeric_error``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import CellText, TableProgram, over
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_sign(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A negative number has lost its minus, or the brackets that stand for one.

    Yields:
        One mutation per number with a sign before it that no other number or word precedes.

    Example:
        >>> drop_sign("<table><tr><td>−0.5</table>", seed=0)[0]
        '<table><tr><td>0.5</table>'
    """
    for number in program.all_numbers():
        before = Edit(number.start - 1, number.start, "")
        sign = _sign(program, number)
        if sign:
            yield program.error(number.cell, f"{sign}{number.text} reads {number.text}", before)
        if program.words_of(number.cell) == f"({number.text})":
            edits = before, Edit(number.end, number.end + 1, "")
            yield program.error(number.cell, f"({number.text}) reads {number.text}", *edits)


@corruption(TableProgram, TableCategory.NUMERIC)
def add_sign(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A positive number has become negative.

    Example:
        >>> add_sign("<table><tr><td>0.5</table>", seed=0)[0]
        '<table><tr><td>-0.5</table>'
    """
    for number in program.all_numbers():
        first = next(program.numbers(number.cell)).start == number.start
        if first and program.words_of(number.cell).startswith(number.text):
            words = f"{number.text} reads -{number.text}"
            yield program.error(number.cell, words, Edit(number.start, number.start, "-"))


def _sign(program: TableProgram, number: CellText) -> str:
    """The minus or plus right before a number, unless it stands between two things."""
    before = program.text[max(number.cell.inner_start, number.start - 3) : number.start]
    found = re.search(r"(?:^|[\s(\[<>=,;/$±{])([-−–+])$", before)
    if found is None and before[-1:] in ("-", "−", "–") and program.text[number.start - 2] == ">":
        return before[-1]
    return found[1] if found else ""


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_thousands_separator(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A large number is written without its separators.

    Example:
        >>> drop_thousands_separator("<table><tr><td>1,234,567</table>", seed=0)[0]
        '<table><tr><td>1234567</table>'
    """
    for number in program.all_numbers():
        plain = re.sub(r"[,\u2009\u202f]", "", number.text)
        if plain != number.text:
            yield program.misread(number, plain)


@corruption(TableProgram, TableCategory.NUMERIC)
def confuse_separator(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A comma is read as a point, or a point as a comma.

    Example:
        >>> confuse_separator("<table><tr><td>1,234</table>", seed=0)[0]
        '<table><tr><td>1.234</table>'
    """
    for number in program.all_numbers():
        places = [at for at, sign in enumerate(number.text) if sign in ",."]
        if places:
            at = rng.choice(places)
            other = "." if number.text[at] == "," else ","
            yield program.misread(number, number.text[:at] + other + number.text[at + 1 :])


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_percent(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A percentage has lost its sign, or shows per mille.

    Example:
        >>> drop_percent("<table><tr><td>12 %</table>", seed=0)[0]
        '<table><tr><td>12</table>'
    """
    for number in program.all_numbers():
        found = re.match(r"\s?(?:\\%|%|％)", program.text[number.end : number.cell.inner_end])
        if found:
            wrong = rng.choice(("", "", "‰"))
            words = f"{number.text} % reads {number.text} {wrong}".rstrip()
            yield program.error(number.cell, words, over(found, wrong, number.end))


@corruption(TableProgram, TableCategory.NUMERIC)
def change_exponent(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A power of ten has another exponent, or none.

    Yields:
        One mutation per exponent: ``1e-5``, ``10<sup>3</sup>``, ``10^{-3}``, ``10³``.

    Example:
        >>> change_exponent("<table><tr><td>10<sup>-3</sup></table>", seed=0)[0]
        '<table><tr><td>10<sup>-2</sup></table>'
    """
    for cell in program.cells():
        for found in _EXPONENT.finditer(program.content(cell)):
            group = next(name for name in ("marked", "latex", "e") if found[name] is not None)
            old = found[group]
            value = int(old.replace("−", "-").replace("–", "-"))
            wrong = str(rng.choice([value - 1, value + 1, -value or 2]))
            edit = over(found, wrong, cell.inner_start, group)
            yield program.error(cell, f"the exponent {old} reads {wrong}", edit)


_EXPONENT = re.compile(
    r"10\s*<sup>\s*(?P<marked>[-−–+]?\d{1,2})\s*</sup>"
    r"|10\s*\^\s*\{?\s*(?P<latex>[-−+]?\d{1,2})\b"
    r"|\d[eE](?P<e>[-−+]?\d{1,2})\b"
)


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_plus_minus(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A ± between a value and its error is missing or has become a plus.

    Yields:
        One mutation per ``±``, ``&plusmn;`` and ``\\pm``.

    Example:
        >>> drop_plus_minus("<table><tr><td>3.1 ± 0.2</table>", seed=0)[0]
        '<table><tr><td>3.1 + 0.2</table>'
    """
    for cell in program.cells():
        for found in _PLUS_MINUS.finditer(program.content(cell)):
            whole = found[0].startswith("$")
            wrong = rng.choice(("", "+")) if whole or "\\" not in found[0] else "+"
            words = "the plus-minus sign " + ("has become a plus" if wrong else "is missing")
            yield program.error(cell, words, over(found, wrong, cell.inner_start))


_PLUS_MINUS = re.compile(r"\$?\s*\\pm\s*\$|±|&plusmn;|\\pm(?![a-z])")


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_range_end(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A range has lost its second number: ``105`` for ``105~126``.

    Yields:
        One mutation per two numbers joined by a dash, a tilde or ``to``.

    Example:
        >>> drop_range_end("<table><tr><td>3–5 d</table>", seed=0)[0]
        '<table><tr><td>3 d</table>'
    """
    for cell in program.cells():
        for first, second in pairwise(program.numbers(cell)):
            between = program.text[first.end : second.start]
            if re.fullmatch(r"\s?(?:[-–—~～〜]|to)\s?", between):
                words = f"{first.text}{between}{second.text} reads {first.text}"
                yield program.error(cell, words, Edit(first.end, second.end, ""))


@corruption(TableProgram, TableCategory.NUMERIC)
def change_bound(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A bound such as ``< 0.05`` has lost its sign or points the other way.

    Yields:
        One mutation per ``<``, ``>``, ``≤`` or ``≥`` before a number.

    Example:
        >>> change_bound("<table><tr><td>&lt; 0.05</table>", seed=0)[0]
        '<table><tr><td> 0.05</table>'
    """
    for number in program.all_numbers():
        before = program.text[number.cell.inner_start : number.start]
        found = re.search(r"(&lt;|&gt;|&le;|&ge;|≤|≥|＜|＞)\s?$", before)
        if found:
            wrong = rng.choice((_OTHER_BOUND[found[1]], ""))
            words = f"the bound of {number.text} " + ("is reversed" if wrong else "has no sign")
            edit = over(found, wrong, number.cell.inner_start, 1)
            yield program.error(number.cell, words, edit)


_OTHER_BOUND = {
    "&lt;": "&gt;", "&gt;": "&lt;", "&le;": "&ge;", "&ge;": "&le;", "≤": "≥", "≥": "≤", "＜": "＞",
    "＞": "＜",
}  # fmt: skip

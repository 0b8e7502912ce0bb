"""Signs, separators, exponents and bounds of numbers that come out wrong: ``numeric_error``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import CellNumber, SourceCell, TableProgram
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
    for table, number in program.all_numbers():
        sign = _sign(program, number)
        if sign:
            yield Mutation(
                (Edit(number.start - 1, number.start, ""),),
                program.where(table, number.cell),
                f"{sign}{number.text} reads {number.text}",
            )
        if program.words_of(number.cell) == f"({number.text})":
            yield Mutation(
                (
                    Edit(number.start - 1, number.start, ""),
                    Edit(number.end, number.end + 1, ""),
                ),
                program.where(table, number.cell),
                f"({number.text}) reads {number.text}",
            )


@corruption(TableProgram, TableCategory.NUMERIC)
def add_sign(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A positive number has become negative.

    Yields:
        One mutation per number at the start of its cell that has no sign.

    Example:
        >>> add_sign("<table><tr><td>0.5</table>", seed=0)[0]
        '<table><tr><td>-0.5</table>'
    """
    for table, number in program.all_numbers():
        if program.words_of(number.cell).startswith(number.text) and number.start == _first_digit(
            program, number.cell
        ):
            yield Mutation(
                (Edit(number.start, number.start, "-"),),
                program.where(table, number.cell),
                f"{number.text} reads -{number.text}",
            )


def _first_digit(program: TableProgram, cell: SourceCell) -> int:
    return next((number.start for number in program.numbers(cell)), -1)


def _sign(program: TableProgram, number: CellNumber) -> str:
    """The minus or plus right before a number, unless it stands between two things."""
    before = program.text[max(number.cell.inner_start, number.start - 3) : number.start]
    found = re.search(r"(?:^|[\s(\[<>=,;/$±{])([-−–+])$", before)
    if found is None and before[-1:] in ("-", "−", "–") and program.text[number.start - 2] == ">":
        return before[-1]
    return found[1] if found else ""


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_thousands_separator(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A large number is written without its separators.

    Yields:
        One mutation per number with a separator.

    Example:
        >>> drop_thousands_separator("<table><tr><td>1,234,567</table>", seed=0)[0]
        '<table><tr><td>1234567</table>'
    """
    for table, number in program.all_numbers():
        plain = re.sub(r"[,\u2009\u202f]", "", number.text)
        if plain != number.text:
            yield number.reading(program.where(table, number.cell), plain)


@corruption(TableProgram, TableCategory.NUMERIC)
def confuse_separator(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A comma is read as a point, or a point as a comma.

    Yields:
        One mutation per number with either.

    Example:
        >>> confuse_separator("<table><tr><td>1,234</table>", seed=0)[0]
        '<table><tr><td>1.234</table>'
    """
    for table, number in program.all_numbers():
        places = [at for at, sign in enumerate(number.text) if sign in ",."]
        if places:
            at = rng.choice(places)
            other = "." if number.text[at] == "," else ","
            yield number.reading(
                program.where(table, number.cell), number.text[:at] + other + number.text[at + 1 :]
            )


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_percent(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A percentage has lost its sign, or shows per mille.

    Yields:
        One mutation per number followed by a percent sign.

    Example:
        >>> drop_percent("<table><tr><td>12 %</table>", seed=0)[0]
        '<table><tr><td>12</table>'
    """
    for table, number in program.all_numbers():
        found = re.match(r"\s?(?:\\%|%|％)", program.text[number.end : number.cell.inner_end])
        if found:
            wrong = rng.choice(("", "", "‰"))
            yield Mutation(
                (Edit(number.end, number.end + len(found[0]), wrong),),
                program.where(table, number.cell),
                f"{number.text} % reads {number.text} {wrong}".rstrip(),
            )


@corruption(TableProgram, TableCategory.NUMERIC)
def change_exponent(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A power of ten has another exponent, or none.

    Yields:
        One mutation per exponent: ``1e-5``, ``10<sup>3</sup>``, ``10^{-3}``, ``10³``.

    Example:
        >>> change_exponent("<table><tr><td>10<sup>-3</sup></table>", seed=0)[0]
        '<table><tr><td>10<sup>-2</sup></table>'
    """
    for table, cell in program.cells():
        for found in _EXPONENT.finditer(program.content(cell)):
            group = next(name for name in ("marked", "latex", "e") if found[name] is not None)
            old = found[group]
            value = int(old.replace("−", "-").replace("–", "-"))
            wrong = str(rng.choice([value - 1, value + 1, -value or 2]))
            start = cell.inner_start + found.start(group)
            yield Mutation(
                (Edit(start, start + len(old), wrong),),
                program.where(table, cell),
                f"the exponent {old} reads {wrong}",
            )


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
    for table, cell in program.cells():
        for found in re.finditer(
            r"\$?\s*\\pm\s*\$|±|&plusmn;|\\pm(?![a-z])", program.content(cell)
        ):
            start = cell.inner_start + found.start()
            whole = found[0].startswith("$")
            wrong = rng.choice(("", "+")) if whole or "\\" not in found[0] else "+"
            yield Mutation(
                (Edit(start, start + len(found[0]), wrong),),
                program.where(table, cell),
                "the plus-minus sign " + ("has become a plus" if wrong else "is missing"),
            )


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_range_end(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A range has lost its second number: ``105`` for ``105~126``.

    Yields:
        One mutation per two numbers joined by a dash, a tilde or ``to``.

    Example:
        >>> drop_range_end("<table><tr><td>3–5 d</table>", seed=0)[0]
        '<table><tr><td>3 d</table>'
    """
    for table, cell in program.cells():
        numbers = list(program.numbers(cell))
        for first, second in pairwise(numbers):
            between = program.text[first.end : second.start]
            if re.fullmatch(r"\s?(?:[-–—~～〜]|to)\s?", between):
                yield Mutation(
                    (Edit(first.end, second.end, ""),),
                    program.where(table, cell),
                    f"{first.text}{between}{second.text} reads {first.text}",
                )


@corruption(TableProgram, TableCategory.NUMERIC)
def change_bound(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A bound such as ``< 0.05`` has lost its sign or points the other way.

    Yields:
        One mutation per ``<``, ``>``, ``≤`` or ``≥`` before a number.

    Example:
        >>> change_bound("<table><tr><td>&lt; 0.05</table>", seed=0)[0]
        '<table><tr><td> 0.05</table>'
    """
    for table, number in program.all_numbers():
        before = program.text[number.cell.inner_start : number.start]
        found = re.search(r"(&lt;|&gt;|&le;|&ge;|≤|≥|＜|＞)\s?$", before)
        if found:
            start = number.cell.inner_start + found.start(1)
            wrong = rng.choice((_OTHER_BOUND[found[1]], ""))
            yield Mutation(
                (Edit(start, start + len(found[1]), wrong),),
                program.where(table, number.cell),
                f"the bound of {number.text} " + ("is reversed" if wrong else "has no sign"),
            )


_OTHER_BOUND = {
    "&lt;": "&gt;", "&gt;": "&lt;", "&le;": "&ge;", "&ge;": "&le;", "≤": "≥", "≥": "≤", "＜": "＞",
    "＞": "＜",
}  # fmt: skip

"""Digits of a table that come out wrong, lost or elsewhere: ``numeric_error``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from random import Random
from unicodedata import decimal

from corruptors.corruption import corruption
from corruptors.misreading import in_digits_of, wrong_digit
from corruptors.table.program.table_program import TableProgram
from corruptors.table.program.whole_cells import emptied, neighbors, repeated, swapped
from records.edits import Mutation
from records.taxonomy import TableCategory


@corruption(TableProgram, TableCategory.NUMERIC)
def change_digit(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """One digit of a number is another, most often one of a similar shape.

    Yields:
        One mutation per number; the digit is drawn, and a first digit never becomes 0.

    Example:
        >>> change_digit("<table><tr><td>3</table>", seed=0)[0]
        '<table><tr><td>8</table>'
    """
    for number in program.all_numbers():
        places = [at for at, sign in enumerate(number.text) if sign.isdecimal()]
        at = rng.choice(places)
        wrong = wrong_digit(number.text[at], rng)
        if at == 0 and decimal(wrong) == 0:
            wrong = in_digits_of(wrong, "6")
        if wrong != number.text[at]:
            text = number.text[:at] + wrong + number.text[at + 1 :]
            yield program.misread(number, text)


@corruption(TableProgram, TableCategory.NUMERIC)
def swap_digits(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring digits of a number have changed places.

    Yields:
        One mutation per number with two different digits side by side.

    Example:
        >>> swap_digits("<table><tr><td>13.5</table>", seed=0)[0]
        '<table><tr><td>31.5</table>'
    """
    for number in program.all_numbers():
        text = number.text
        places = [
            at
            for at in range(len(text) - 1)
            if text[at : at + 2].isdecimal()
            and text[at] != text[at + 1]
            and not (at == 0 and decimal(text[1]) == 0)
        ]
        if places:
            at = rng.choice(places)
            wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            yield program.misread(number, wrong)


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_digit(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A number has lost one of its digits.

    Yields:
        One mutation per number of two digits or more; the digit is drawn.

    Example:
        >>> drop_digit("<table><tr><td>128</table>", seed=0)[0]
        '<table><tr><td>18</table>'
    """
    for number in program.all_numbers():
        places = [
            at
            for at, sign in enumerate(number.text)
            if sign.isdecimal() and _stays_number(number.text[:at] + number.text[at + 1 :])
        ]
        if places:
            at = rng.choice(places)
            yield program.misread(number, number.text[:at] + number.text[at + 1 :])


@corruption(TableProgram, TableCategory.NUMERIC)
def double_digit(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """One digit of a number stands there twice.

    Yields:
        One mutation per number of two digits or more; the digit is drawn.

    Example:
        >>> double_digit("<table><tr><td>12</table>", seed=0)[0]
        '<table><tr><td>122</table>'
    """
    for number in program.all_numbers():
        places = [at for at, sign in enumerate(number.text) if sign.isdecimal()]
        if len(places) > 1:
            at = rng.choice(places)
            yield program.misread(number, number.text[:at] + number.text[at] + number.text[at:])


@corruption(TableProgram, TableCategory.NUMERIC)
def shift_decimal_point(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The decimal point stands one place too far to the left or right.

    Example:
        >>> shift_decimal_point("<table><tr><td>12.34</table>", seed=1)[0]
        '<table><tr><td>1.234</table>'
    """
    for number in program.all_numbers():
        plain = in_digits_of("0", number.text)
        whole, point, part = plain.partition(".")
        if not point or not whole.isdecimal():
            continue
        left = (whole[:-1] or "0") + "." + whole[-1] + part
        right = (whole.lstrip("0") + part[0]).rjust(1, "0") + ("." + part[1:] if part[1:] else "")
        wrong = [text for text in (left, right) if Decimal(text) != Decimal(plain)]
        if wrong:
            text = in_digits_of(number.text, rng.choice(wrong))
            yield program.misread(number, text)


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_decimal_point(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A number has lost its decimal point.

    Yields:
        One mutation per number with a decimal point after a digit other than a lone 0.

    Example:
        >>> drop_decimal_point("<table><tr><td>12.34</table>", seed=0)[0]
        '<table><tr><td>1234</table>'
    """
    for number in program.all_numbers():
        if re.search(r"\d\.", number.text):
            yield program.misread(number, number.text.replace(".", ""))


@corruption(TableProgram, TableCategory.NUMERIC)
def round_number(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A number shows fewer decimals than it should.

    Yields:
        One mutation per number with decimals; one of them is rounded away.

    Example:
        >>> round_number("<table><tr><td>12.37</table>", seed=0)[0]
        '<table><tr><td>12.4</table>'
    """
    for number in program.all_numbers():
        whole, point, part = number.text.partition(".")
        if point and whole.isdecimal():
            unit = Decimal(1).scaleb(1 - len(part))
            digits = Context(prec=len(number.text) + 1)
            wrong = Decimal(number.text).quantize(unit, ROUND_HALF_UP, digits)
            text = in_digits_of(number.text, f"{wrong:f}")
            yield program.misread(number, text)


@corruption(TableProgram, TableCategory.NUMERIC)
def drop_number(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell of numbers has come out empty.

    Yields:
        One mutation per cell that is a number, with or without a unit.

    Example:
        >>> drop_number("<table><tr><td>12</td></tr></table>", seed=0)[0]
        '<table><tr><td></td></tr></table>'
    """
    for cell in filter(program.is_number, program.cells()):
        yield emptied(program, cell, str)


@corruption(TableProgram, TableCategory.NUMERIC)
def swap_numbers(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring cells have exchanged their numbers.

    Yields:
        One mutation per two neighboring cells with different numbers.

    Example:
        >>> swap_numbers("<table><tr><td>1<td>2</table>", seed=0)[0]
        '<table><tr><td>2<td>1</table>'
    """
    for cell, other in neighbors(program, program.is_number):
        yield swapped(program, cell, other, str)


@corruption(TableProgram, TableCategory.NUMERIC)
def repeat_number(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell shows the number of the cell above or to the left of it.

    Yields:
        One mutation per two neighboring cells with different numbers.

    Example:
        >>> repeat_number("<table><tr><td>1<td>2</table>", seed=0)[0]
        '<table><tr><td>1<td>1</table>'
    """
    for cell, other in neighbors(program, program.is_number):
        yield repeated(program, cell, other, str)


def _stays_number(text: str) -> bool:
    return re.fullmatch(r"\d+(?:[,\u2009\u202f]\d+)*(?:\.\d+)?", text) is not None

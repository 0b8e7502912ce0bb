"""Scripts, units, punctuation and symbols of a table that come out wrong: ``text_error``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.table.program.table_program import FORMULA, TableProgram, over
from records.edits import Edit, Mutation
from records.taxonomy import TableCategory

_RAISED, _LEVEL = "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉⁺⁻", "01234567890123456789+-"
_PLAIN = dict(zip(_RAISED, _LEVEL, strict=True))


@corruption(TableProgram, TableCategory.TEXT)
def flatten_script(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A superscript or subscript stands on the line: ``m2`` for m².

    Yields:
        One mutation per ``sup`` and ``sub`` element, superscript character, and script in a formula,
        but for exponents of numbers.

    Example:
        >>> flatten_script("<table><tr><td>m<sup>2</sup></table>", seed=0)[0]
        '<table><tr><td>m2</table>'
        >>> flatten_script("|$x^{2}$|\\n|-|", seed=0)[0]
        '|$x2$|\\n|-|'
    """
    for mutation, exponent in _flattened(program):
        if not exponent:
            yield mutation


@corruption(TableProgram, TableCategory.NUMERIC)
def flatten_exponent(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The exponent of a number stands on the line, so that it reads as more digits: ``105`` for 10⁵.

    Example:
        >>> flatten_exponent("<table><tr><td>10<sup>5</sup></table>", seed=0)[0]
        '<table><tr><td>105</table>'
    """
    for mutation, exponent in _flattened(program):
        if exponent:
            yield mutation


def _flattened(program: TableProgram) -> Iterator[tuple[Mutation, bool]]:
    """Every script that may stand on the line, and whether it is the exponent of a number."""
    for cell in program.cells():
        where = program.where(cell)
        content = program.content(cell)

        def exponent(at: int, raised: bool, text: str, content: str = content) -> bool:
            return raised and content[:at][-1:].isdigit() and any(map(str.isdigit, text))

        for found in re.finditer(r"<(su[bp])\b[^>]*>([^<]+)</\1\s*>", content, re.IGNORECASE):
            edit = over(found, found[2], cell.inner_start)
            what = f"{found[2]!r} stands on the line, not as {found[1]}"
            power = exponent(found.start(), found[1].lower() == "sup", found[2])
            yield Mutation((edit,), where, what), power
        for formula in FORMULA.finditer(content):
            for found in re.finditer(r"[\^_](?:\{([^{}\\]+)\}|(\w))", formula[0]):
                at = formula.start() + found.start()
                plain = found[1] or found[2]
                edit = over(found, plain, cell.inner_start + formula.start())
                what = f"{plain!r} stands on the line of its formula"
                yield Mutation((edit,), where, what), exponent(at, found[0][0] == "^", plain)
        for start, piece in program.pieces(cell):
            for found in re.finditer(f"[{_RAISED}]", piece):
                plain = _PLAIN[found[0]]
                edit = over(found, plain, start)
                power = exponent(edit.start - cell.inner_start, True, plain)
                yield Mutation((edit,), where, f"{found[0]!r} reads {plain!r}"), power


@corruption(TableProgram, TableCategory.TEXT)
def change_unit(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A unit is another one of its kind: mg for g, months for years, 亿 for 万.

    Yields:
        One mutation per unit after a number, after a slash, or in brackets.

    Example:
        >>> change_unit("<table><tr><td>5 km</table>", seed=0)[0]
        '<table><tr><td>5 mm</table>'
    """
    for cell, start, found in program.found(_UNIT):
        kin = next(kind for kind in _UNIT_KINDS if found[0] in kind)
        wrong = rng.choice([unit for unit in kin if unit != found[0]])
        edit = over(found, wrong, start)
        yield program.error(cell, f"the unit {found[0]} reads {wrong}", edit)


_UNIT_KINDS = tuple(
    kind.split()
    for kind in (
        "nm μm µm mm cm m km",
        "ng μg µg mg g kg t",
        "μL µL mL ml L",
        "ms s min h",
        "seconds minutes hours days weeks months years",
        "second minute hour day week month year yr",
        "Hz kHz MHz GHz",
        "V mV kV",
        "W kW MW",
        "Pa kPa MPa",
        "K °C °F",
        "B KB MB GB TB",
        "USD EUR GBP",
        "thousand million billion",
        "mol mmol μmol nmol",
        "J kJ kcal",
        "万 亿 千 百",
        "厘米 毫米 千米 公里 米",
        "克 千克 毫克 公斤 吨",
        "天 月 年 周",
        "元 万元 亿元",
    )
)
_UNIT = re.compile(
    r"(?:(?<=\d)|(?<=\d\s)|(?<=[/（(]))(?:"
    + "|".join(sorted({re.escape(u) for kind in _UNIT_KINDS for u in kind}, key=len, reverse=True))
    + r")(?![A-Za-zµμ])"
)


@corruption(TableProgram, TableCategory.TEXT)
def drop_punctuation(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A bracket pair, hyphen, slash, colon, star or dagger of a text is missing.

    Yields:
        One mutation per mark next to a letter; brackets go in pairs.

    Example:
        >>> drop_punctuation("<table><tr><td>Age (yr)</table>", seed=0)[0]
        '<table><tr><td>Age yr</table>'
    """
    for cell, start, found in program.found(_MARKS):
        at, end = start + found.start(), start + found.end()
        edits: tuple[Edit, ...] = (Edit(at, at + 1, ""),)
        if found[0][0] in "([（【":
            edits += (Edit(end - 1, end, ""),)
        yield program.error(cell, f"the marks of {found[0]!r} are missing", *edits)


_MARKS = re.compile(
    r"[(\[（【](?=[^()\[\]（）【】\0]*[^\W\d_])[^()\[\]（）【】\0]+[)\]）】]"
    r"|(?<=[^\W\d_])[-–/:：;、，,](?=\s?[^\W\d_])|(?<=\w)[*†‡§](?!\w)"
)


@corruption(TableProgram, TableCategory.TEXT)
def change_formula_symbol(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A symbol of a formula is another one: β for α, ≥ for ≤.

    Yields:
        One mutation per Greek letter or relation in a formula or in the text.

    Example:
        >>> change_formula_symbol("|$\\\\alpha$|\\n|-|", seed=0)[0]
        '|$\\\\beta$|\\n|-|'
    """
    for cell, start, found in program.found(_SYMBOL, formulas=True):
        wrong = _SYMBOLS[found[0]]
        edit = over(found, wrong, start)
        if found[0] not in _OF_NUMBERS or not _digit_beside(program.text, edit.start, edit.end):
            yield program.error(cell, f"the symbol {found[0]} reads {wrong}", edit)


_OF_NUMBERS = frozenset((r"\leq", r"\geq", r"\le", r"\ge", "≤", "≥", r"\times", r"\cdot", "×"))
"""Beside a number these are part of it: a numeric error."""


def _digit_beside(text: str, start: int, end: int) -> bool:
    return text[:start].rstrip()[-1:].isdigit() or text[end:].lstrip()[:1].isdigit()


_SYMBOL_PAIRS = (
    r"\alpha=\beta \beta=\gamma \gamma=\nu \delta=\sigma \epsilon=\varepsilon \lambda=\Delta "
    r"\mu=\nu \sigma=\delta \rho=p \theta=\phi \phi=\theta \pi=\Pi \omega=w \Delta=\Lambda "
    r"\leq=\geq \geq=\leq \le=\ge \ge=\le \times=+ \cdot=, \rightarrow=\leftarrow "
    r"\uparrow=\downarrow \downarrow=\uparrow \sum=\prod \int=\sum \circ=0 "
    r"α=a β=ß γ=y δ=σ λ=Δ μ=u σ=o ρ=p θ=0 π=n ω=w Δ=A ≤=≥ ≥=≤ ×=x →=← ↑=↓ ↓=↑ ✓=✗ √=V"
)
_SYMBOLS = dict(pair.split("=") for pair in _SYMBOL_PAIRS.split())
_SYMBOL = re.compile(
    "|".join(
        re.escape(symbol) + (r"(?![A-Za-z])" if symbol[0] == "\\" else "")
        for symbol in sorted(_SYMBOLS, key=len, reverse=True)
    )
)

"""Tables whose signs and scripts are written by other means: Unicode, ``<sup>``, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.rewrite import rewrite
from corruptors.table.program.table_program import TableProgram, over
from records.edits import Edit, Mutation

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789−+n", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SCRIPTS = re.compile(f"(?P<sup>[{''.join(_RAISED)}]+)|(?P<sub>[{''.join(_LOWERED)}]+)")
_IN_TEX = {"±": r"\pm", "×": r"\times", "≤": r"\leq", "≥": r"\geq", "°": r"^\circ", "≈": r"\approx"}


@rewrite(TableProgram)
def write_scripts_as_tags(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Raised and lowered characters are plain ones in ``sup`` and ``sub``.

    Example:
        >>> write_scripts_as_tags("<table><tr><td>m²</td></tr></table>", seed=0)[0]
        '<table><tr><td>m<sup>2</sup></td></tr></table>'
    """
    for _, start, found in program.found(_SCRIPTS):
        tag = found.lastgroup
        plain = "".join((_RAISED | _LOWERED)[sign] for sign in found[0])
        edit = over(found, f"<{tag}>{plain}</{tag}>", start)
        yield Mutation((edit,), f"character {edit.start}", f"written <{tag}>")


@rewrite(TableProgram)
def write_tags_as_scripts(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Digits in ``sup`` and ``sub`` are raised and lowered characters.

    Example:
        >>> write_tags_as_scripts("<table><tr><td>m<sup>2</sup></td></tr></table>", seed=0)[0]
        '<table><tr><td>m²</td></tr></table>'
    """
    forms = {"sup": _RAISED, "sub": _LOWERED}
    for element in program.named("sup", "sub"):
        signs = {plain: sign for sign, plain in forms[element.name].items()}
        words = program.inner(element)
        if words and not set(words) - signs.keys() and not element.attributes:
            scripts = "".join(signs[sign] for sign in words)
            yield Mutation((element.replaced(scripts),), f"<{element.name}>", "as characters")


@rewrite(TableProgram)
def write_signs_in_tex(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """Signs are written as formulas.

    Example:
        >>> write_signs_in_tex("<table><tr><td>3 ± 1</td></tr></table>", seed=0)[0]
        '<table><tr><td>3 $\\\\pm$ 1</td></tr></table>'
    """
    for _, start, found in program.found(re.compile("|".join(_IN_TEX))):
        edit = over(found, f"${_IN_TEX[found[0]]}$", start)
        yield Mutation((edit,), f"character {edit.start}", "a sign as a formula")


@rewrite(TableProgram)
def write_tags_in_tex(program: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A number with something raised or lowered is a formula.

    Example:
        >>> write_tags_in_tex("<table><tr><td>10<sup>5</sup></td></tr></table>", seed=0)[0]
        '<table><tr><td>$10^{5}$</td></tr></table>'
    """
    for element in program.named("sup", "sub"):
        base = re.search(r"(?<![\w.])[\d.]+$", program.text[: element.start])
        words = program.inner(element)
        if base and re.fullmatch(r"[-−+]?\d+", words) and not element.attributes:
            mark = "^" if element.name == "sup" else "_"
            raised = words.replace("−", "-")
            edit = Edit(base.start(), element.end, f"${base[0]}{mark}{{{raised}}}$")
            yield Mutation((edit,), f"<{element.name}>", "as a formula")

r"""Turns LaTeX formulas in text into MathML; amounts in dollars stay text.

Sources write formulas in cells as ``$ \pm $``, ``$x^2$``, ``$$...$$``, ``\(...\)`` or ``\[...\]``,
next to prices such as ``$5`` and ``US$ 3 to $4``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from xml.etree.ElementTree import ParseError

from latex2mathml import converter, exceptions

MAX_FORMULA_CHARS = 2000

_FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>[^$]{1,2000}?)(?<!\\)\$\$"
    r"|\\\((?P<round>.{1,2000}?)\\\)"
    r"|\\\[(?P<square>.{1,2000}?)\\\]"
    r"|(?<![\\$])\$(?P<inline>(?:[^$\\\n]|\\.){1,2000}?)\$(?!\$)",
    re.DOTALL,
)
_COMMAND = re.compile(r"\\[A-Za-z,;:!{}%&#|]")
_SCRIPT = re.compile(r"[\^_]\s*[{\w*+\-′'†‡]")
_MISTAKEN = re.compile(r"(?<=>)(?<!<mrow>)<mi>(&#x0(?:00B1|007E|29F5|27C2|2A7D|2A7E);)</mi>(?=<m)")
"""Operators between operands that the converter takes for names, and so sets without space."""
_TABULAR = re.compile(r"\\(begin|end)\{tabular\}")
"""Tables in text mode, which the converter knows as arrays only."""
_UNKNOWN = re.compile(r">\s*\\[A-Za-z]")
_FAILURES: tuple[type[Exception], ...] = (
    *(
        kind
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ),
    AttributeError,
    IndexError,
    KeyError,
    ParseError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What the parser raises on input it was not written for; each only means: leave the text alone."""


def is_formula(inner: str, after: str = "") -> bool:
    r"""True if ``$inner$``, followed by the characters ``after``, is a formula and not money.

    >>> is_formula(r" \pm "), is_formula("x^2"), is_formula("n"), is_formula("12.5")
    (True, True, True, True)
    >>> is_formula("5 to "), is_formula("5-", "1"), is_formula(" and B"), is_formula("3 (CA", "4")
    (False, False, False, False)
    """
    if not inner.strip():
        return False
    if _COMMAND.search(inner):
        return True
    if after[:1].isdigit():
        return False
    before_space, after_space = inner[0].isspace(), inner[-1].isspace()
    if _SCRIPT.search(inner):
        return before_space == after_space or not inner.strip()[0].isdigit()
    if before_space or after_space:
        # "$ x $" is how some sources pad formulas; "$ 5, or $ 6" is two prices.
        lone = before_space and after_space and not re.search(r"[A-Za-z]{2,}", inner)
        return lone and not after.lstrip()[:1].isdigit()
    return " " not in inner or not re.search(r"[A-Za-z]{3,}", inner)


@lru_cache(maxsize=4096)
def mathml(latex: str, display: bool = False) -> str | None:
    r"""MathML of a formula, or None if it cannot be parsed.

    >>> mathml(r"\pm")
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mi>&#x000B1;</mi></mrow></math>'
    >>> mathml(r"\left(") is None, mathml(r"\nosuchcommand") is None
    (True, True)
    """
    if len(latex) > MAX_FORMULA_CHARS:
        return None
    try:
        latex = _TABULAR.sub(r"\\\1{array}", latex.strip())
        result: str = converter.convert(latex, display="block" if display else "inline")
    except _FAILURES:
        return None
    return None if _UNKNOWN.search(result) else _MISTAKEN.sub(r"<mo>\1</mo>", result)


def replace_formulas(text: str, put: Callable[[str, bool], str | None]) -> str:
    r"""``text`` with each formula replaced by what ``put(latex, display)`` gives; None leaves it.

    >>> replace_formulas(r"$5 or $6, and $\pm$ 1", lambda latex, display: f"<{latex}>")
    '$5 or $6, and <\\pm> 1'
    """
    parts: list[str] = []
    at = copied = 0
    while found := _FORMULA.search(text, at):
        kind = found.lastgroup or "inline"
        latex = found[kind]
        after = text[found.end() : found.end() + 4]
        if kind == "inline" and not is_formula(latex, after):
            # The closing dollar may open the next formula.
            at = found.start() + 1
            continue
        replacement = put(latex, kind in ("display", "square"))
        if replacement is not None:
            parts += (text[copied : found.start()], replacement)
            copied = found.end()
        at = found.end()
    return "".join((*parts, text[copied:]))

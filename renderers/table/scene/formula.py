"""Formulas read back from laid-out MathML, so that equal formulas read equal however written."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Protocol


class FormulaNode(Protocol):
    """A laid-out node of MathML."""

    name: str
    text: str
    is_text: bool

    @property
    def children(self) -> Sequence[FormulaNode]: ...


def formula_text(node: FormulaNode) -> str:
    r"""A formula as LaTeX-like text: ``x^{2}``, ``\frac{1}{2}``, ``\sqrt{x}``, symbols as they are.

    Mathematical italic letters, which is how browsers draw identifiers, read as plain letters.
    """
    if node.is_text:
        return unicodedata.normalize("NFKC", node.text).strip()
    parts = [formula_text(child) for child in node.children]
    match node.name, parts:
        case "msup", [base, raised]:
            return f"{base}^{{{raised}}}"
        case "msub", [base, lowered]:
            return f"{base}_{{{lowered}}}"
        case "msubsup", [base, lowered, raised]:
            return f"{base}_{{{lowered}}}^{{{raised}}}"
        case "mover", [base, "¯" | "‾" | "―" | "-"]:
            return f"\\overline{{{base}}}"
        case "mover", [base, over]:
            return f"\\overset{{{over}}}{{{base}}}"
        case "munder", [base, "¯" | "‾" | "―" | "_" | "-"]:
            return f"\\underline{{{base}}}"
        case "munder", [base, under]:
            return f"\\underset{{{under}}}{{{base}}}"
        case "munderover", [base, under, over]:
            return f"{base}_{{{under}}}^{{{over}}}"
        case "mfrac", [above, below]:
            return f"\\frac{{{above}}}{{{below}}}"
        case "msqrt", _:
            return f"\\sqrt{{{''.join(parts)}}}"
        case "mroot", [base, index]:
            return f"\\sqrt[{index}]{{{base}}}"
        case "mtd", _:
            return "".join(parts) + " & "
        case "mtr", _:
            return "".join(parts).removesuffix(" & ") + " \\\\ "
        case "mtable", _:
            return "".join(parts).removesuffix(" \\\\ ")
    return "".join(parts)

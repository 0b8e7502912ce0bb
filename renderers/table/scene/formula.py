"""Reads formulas back from laid-out MathML, so that equal formulas get equal text, however written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

from records.rows import Box, box_around
from renderers.table.scene.text import scripts_marked


class FormulaNode(Protocol):
    """A laid-out node of MathML."""

    name: str
    text: str
    is_text: bool
    box: Box

    @property
    def children(self) -> Sequence[FormulaNode]: ...


def formula_text(node: FormulaNode) -> str:
    r"""A formula as LaTeX-like text: ``x^{2}``, ``\frac{1}{2}``, ``\sqrt{x}``, symbols as they are.

    Mathematical italic letters, which is how browsers draw identifiers, read as plain letters. Spaces
    stand where the browser leaves a gap, as around most operators: ``10 × 20``.
    """
    return re.sub(r"\^\{[∘○]\}", "°", _read(node)).strip()


def _read(node: FormulaNode) -> str:
    if node.is_text:
        return unicodedata.normalize("NFKC", scripts_marked(node.text)).strip()
    parts = [_read(child) for child in node.children]
    match node.name, parts:
        case "msup", [base, raised]:
            return f"{base}^{{{raised}}}"
        case "msub", [base, lowered]:
            return f"{base}_{{{lowered}}}"
        case "msubsup", [base, lowered, raised]:
            return f"{base}_{{{lowered}}}^{{{raised}}}"
        case "mover", [base, "¯" | "‾" | "―" | "-"]:
            return f"\\overline{{{base}}}"
        case "mover", [base, "̄" | "\u0304"]:
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
            rows = [part.removesuffix(" \\\\ ") for part in parts]
            return ("\n" if not any(" & " in row for row in rows) else " \\\\ ").join(rows)
    return _in_a_row(node, parts)


GAP_EM = 0.13
"""Free space between two glyphs, in heights of a line, that a reader takes for a space."""


_CLOSE = frozenset("/|,*°†‡'′")
"""Signs whose own spacing is not read as a space."""


def _in_a_row(node: FormulaNode, parts: Sequence[str]) -> str:
    """Parts side by side, with a space where they do not touch."""
    text = ""
    right: float | None = None
    height = 0.0
    for child, part in zip(node.children, parts, strict=True):
        inked = _inked(child)
        if not part or inked is None:
            text += part
            continue
        gap = inked[0] - right if right is not None else 0.0
        apart = gap > GAP_EM * min(inked[3] - inked[1], height or inked[3] - inked[1])
        close = part in _CLOSE or text[-1:] in _CLOSE
        text += (" " if apart and not close and not text.endswith(" ") else "") + part
        right, height = inked[2], inked[3] - inked[1]
    return text


def _inked(node: FormulaNode) -> Box | None:
    """The box around the glyphs of a node, its own spacing left out."""
    boxes = [node.box] if node.is_text and node.text.strip() else []
    boxes += [box for child in node.children if (box := _inked(child)) is not None]
    return box_around(boxes)

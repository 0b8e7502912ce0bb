"""What a cell says and how its words look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from records.rows import Box, box_around
from renderers.scene import Element, Value
from renderers.table.scene.css import CLEAR


@dataclass(frozen=True, slots=True)
class TextStyle:
    """The style of a piece of text; None for the built-in font of a formula."""

    color: str = "#000000ff"
    bold: bool | None = False
    italic: bool | None = False
    size_px: float = 14.0
    family: str | None = ""
    underline: bool = False
    strike: bool = False
    script: str = ""
    """"super", "sub", or a path of them, outermost first."""
    highlight: str = CLEAR

    def style(self) -> dict[str, Value]:
        names = ("color", "bold", "italic", "size_px", "family")
        result: dict[str, Value] = {name: getattr(self, name) for name in names}
        if self.underline:
            result["underline"] = True
        if self.strike:
            result["strike"] = True
        if self.script:
            result["script"] = self.script
        if self.highlight != CLEAR:
            result["highlight"] = self.highlight
        return result


@dataclass(slots=True)
class StyledText:
    """A piece of text of one look."""

    text: str
    look: TextStyle
    box: Box | None
    align: str = ""
    """Empty for what alignment does not move: line breaks and the marks of list items."""


@dataclass(slots=True)
class Content:
    """What stands in a cell, caption or block."""

    runs: list[StyledText] = field(default_factory=list)
    others: list[Element] = field(default_factory=list)

    def line_break(self) -> None:
        if self.runs and self.runs[-1].text != "\n":
            self.runs.append(StyledText("\n", self.runs[-1].look, None))


def merged(runs: Sequence[StyledText], background: str) -> list[StyledText]:
    """Neighboring runs of one look joined; invisible ones left out."""
    result: list[StyledText] = []
    for run in runs:
        hidden = run.look.color == background or run.look.color.endswith("00")
        if hidden and run.look.highlight == CLEAR and run.text != "\n":
            continue
        last = result[-1] if result else StyledText("\n", run.look, None)
        broken = "\n" in (run.text, last.text)
        if not broken and (last.look, last.align) == (run.look, run.align):
            # White space that collapses has a box in the corner of the page.
            boxes = [one.box for one in (last, run) if one.box and one.text.strip()]
            result[-1] = StyledText(last.text + run.text, last.look, box_around(boxes), last.align)
        else:
            result.append(run)
    return result


_FOOTNOTE = re.compile(r"\^\{([†‡§*°]+)\}")
"""Marks that stand high by themselves: raising them again makes no difference that is seen."""
_OVERLINED = re.compile(r"(\w)\u0304")
_SPACE = re.compile(r"[ \t\r\f\u00a0]+")

_HIGH = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        "0123456789+−=()abcdefghijklmnoprstuvwxyz",
        strict=True,
    )
)
_LOW = dict(
    zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+−=()aehijklmnoprstuvx", strict=True)
)
_SCRIPTS = re.compile(f"[{''.join(_HIGH)}]+|[{''.join(_LOW)}]+")


def scripts_marked(text: str) -> str:
    """Raised and lowered characters as the plain ones that they show, marked like ``sup`` and ``sub``.

    >>> scripts_marked("10⁻⁵ m² H₂O 0.6ᵃ")
    '10^{−5} m^{2} H_{2}O 0.6^{a}'
    """

    def marked(found: re.Match[str]) -> str:
        plain = "".join(_HIGH.get(sign) or _LOW[sign] for sign in found[0])
        return f"{'^' if found[0][0] in _HIGH else '_'}{{{plain}}}"

    return text if text.isascii() else _SCRIPTS.sub(marked, text)


def joined(runs: Sequence[StyledText]) -> str:
    """The text of runs, scripts marked, white space as it shows."""
    parts: list[str] = []
    for run in runs:
        text = scripts_marked(run.text)
        if run.look.script and text.strip():
            lead = text[: len(text) - len(text.lstrip())]
            trail = text[len(text.rstrip()) :]
            inner = text.strip()
            for raised in reversed(run.look.script.split()):
                inner = f"{'^' if raised == 'super' else '_'}{{{inner}}}"
            text = f"{lead}{inner}{trail}"
        parts.append(text)
    whole = "".join(parts)
    if "^{" in whole:
        whole = _FOOTNOTE.sub(r"\1", whole)
    if not whole.isascii():
        whole = _OVERLINED.sub(r"\\overline{\1}", whole.replace("\u00b5", "\u03bc"))
    lines = (_SPACE.sub(" ", line).strip() for line in whole.split("\n"))
    return "\n".join(line for line in lines if line)


def line_widths(runs: Sequence[StyledText]) -> list[float]:
    """Width in pixels of each line with words, as lines are broken in the document."""
    lines: list[list[Box]] = [[]]
    for run in runs:
        if run.text == "\n":
            lines.append([])
        elif run.box is not None and run.text.strip() and run.align:
            lines[-1].append(run.box)
    boxes = [box_around(line) for line in lines]
    return [round(box[2] - box[0], 2) for box in boxes if box is not None] or [0.0]


_BLANKS: dict[str, float] = dict(
    zip(
        "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
        (0.28, 0.5, 1, 0.5, 1, 0.33, 0.25, 0.17, 0.55, 0.28, 0.2, 0.1, 0.2, 0.22, 1),
        strict=True,
    )
)
"""Spaces that a browser keeps at the start of a line, with their usual width in letter heights (Unicode
Standard, chapter 6.2, "Space Characters"; 0.28 is the space of most sans-serif fonts)."""


def line_starts_px(runs: Sequence[StyledText], cell: Box) -> list[float]:
    """Pixels from the left edge of a cell to the first letter of each line with words, leading no-break
    spaces included; lines as they are broken in the document."""
    starts: list[float] = []
    begun = False
    for run in runs:
        if run.text == "\n":
            begun = False
        drawn = run.text.strip(" \t\r\n\f")
        text = drawn.lstrip("".join(_BLANKS))
        if text and run.box is not None and not begun:
            leading = drawn[: len(drawn) - len(text)]
            blank = run.look.size_px * sum(map(_BLANKS.__getitem__, leading))
            starts.append(round(run.box[0] + blank - cell[0], 1))
            begun = True
    return starts

"""Converts a table program to the document that the browser draws: bounded, styled, self-contained.

Chromium parses the author's original characters; only formulas are replaced.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass

from markdown_it import MarkdownIt

from records.errors import RenderError
from records.taxonomy import Language
from renderers.table.guard import check_bounds, check_length, check_reach, window_free
from renderers.table.math import mathml, replace_formulas
from renderers.table.styles import STYLES, styles_of
from renderers.table.tokens import Token, tokens_of
from sandbox.status import Limits, RenderStatus

MAX_WIDTH_PX = 1280
"""Text wraps at this width; a table that cannot be that narrow is drawn wider, without clipping."""

WINDOW_PX = (800, 600)
"""The window size for lengths such as ``50vw``; a larger document is drawn in a larger window,
without clipping."""

PADDING_PX = 12
"""Empty space around what is drawn; the document's margin is the same, so that nothing is cropped."""

STYLE = f"""
html {{ background: #fff; }}
body {{ background: #fff; color: #000; margin: {PADDING_PX}px; width: max-content; max-width: {MAX_WIDTH_PX}px;
  font-family: "Liberation Sans", Arial, "Noto Sans CJK SC", "DejaVu Sans", sans-serif; font-size: 14px; }}
table {{ border-collapse: collapse; font-family: "Liberation Sans", Arial, "Noto Sans CJK SC", "DejaVu Sans", sans-serif;
  font-size: 14px; }}
td, th {{ border: 1px solid #333; padding: 6px 10px; }}
math {{ font-family: "DejaVu Math TeX Gyre", math; }}
[mathvariant="bold"] {{ font-weight: bold; }}
[mathvariant="italic"] {{ font-style: italic; }}
[mathvariant="bold-italic"] {{ font-weight: bold; font-style: italic; }}
*, ::before, ::after {{ animation: none !important; transition: none !important; caret-color: transparent !important; }}
"""
"""The look of the reference implementation (Arial 14 px, 1 px #333, padding 6 x 10, 12 px around)."""

STYLE_HASH = hashlib.sha256(STYLE.encode()).hexdigest()[:12]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

_VERBATIM = frozenset(["code", "pre", "kbd", "samp", "math", "svg", "textarea", "title"])
_STILL = {
    "marquee": "div",
    **dict.fromkeys(
        ("animate", "animatetransform", "animatemotion", "animatecolor", "set"), "desc"
    ),
}
"""Animated properties and elements, and their static replacements: a picture must not depend on time."""
_WINDOW_LENGTH = re.compile(
    r"(?<![\w#.-])(?P<number>\d*\.?\d+)[dsl]?v(?P<unit>w|h|i|b|min|max)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document for the browser."""

    html: str
    plain: bool
    """True if nothing in it can load, move or outlive the page."""
    window_free: bool
    """True if its layout cannot depend on the size of the window."""
    loads: bool = False
    """True if it may contain an embedded picture, the only thing that can be loaded."""
    styles: tuple[str, ...] = STYLES
    """The computed values that its scene needs."""


def prepare(code: str, language: Language, limits: Limits) -> Document:
    """The document of a table program.

    Raises:
        RenderError: too long, too many cells or elements, no table at all (code_crashed), or made
            to load local files or foreign pages (denied).
    """
    check_length(code, limits)
    code = code.replace("\0", "\ufffd")
    if language is Language.MARKDOWN:
        code = markdown_to_html(code)
        if "<table" not in code.lower():
            raise RenderError(RenderStatus.CODE_CRASHED, NO_TABLE)
    tokens = list(tokens_of(code))
    check_bounds(tokens, limits)
    plain = check_reach(code, tokens)
    policy = "" if plain else f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    head = f'<!DOCTYPE html><meta charset="utf-8">{policy}<style>{STYLE}</style>'
    body = _rewritten(code, tokens)
    return Document(
        head + body,
        plain=plain,
        window_free=plain and window_free(tokens),
        loads=not plain and "data:" in code.lower(),
        styles=styles_of(body) if plain else STYLES,
    )


NO_TABLE = (
    "the Markdown has no table: below its headings it needs a line like |---|---| with as many cells,"
    " and it must not stand in a code fence"
)

BAR = r"\|"
"""An escaped bar of Markdown."""


def markdown_to_html(text: str) -> str:
    r"""HTML of Markdown with pipe tables; formulas pass untouched, raw HTML stays HTML.

    >>> markdown_to_html("|a_b_|\n|-|\n|$x_1$ $y_2$|").count("<em>")
    0
    """
    kept: list[str] = []
    in_row = False

    def keep(latex: str, display: bool) -> str | None:
        if re.search(r"(?<!\\)\|", latex):
            return None
        mark = "$$" if display else "$"
        # In a row of a pipe table an escaped bar is a bar, in formulas as well (GFM, section 4.10).
        kept.append(f"{mark}{latex.replace(BAR, '|') if in_row else latex}{mark}")
        return f"\ue000{len(kept) - 1}\ue001"

    def put_back(found: re.Match[str]) -> str:
        index = int(found[1])
        return html.escape(kept[index], quote=False) if index < len(kept) else found[0]

    lines = []
    for line in text.split("\n"):
        in_row = "|" in line.replace(BAR, "")
        lines.append(replace_formulas(line, keep))
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return re.sub("\ue000(\\d{1,7})\ue001", put_back, parser.render("\n".join(lines)))


def _in_pixels(css: str) -> str:
    """Lengths in units of the window as pixels of a window of `WINDOW_PX`.

    >>> _in_pixels("width: 50vw; height: 2.5vh")
    'width: 400px; height: 15px'
    """
    wide, high = WINDOW_PX
    whole = {
        "w": wide,
        "i": wide,
        "h": high,
        "b": high,
        "min": min(wide, high),
        "max": max(wide, high),
    }

    def pixels(found: re.Match[str]) -> str:
        return f"{float(found['number']) * whole[found['unit'].lower()] / 100:g}px"

    return _WINDOW_LENGTH.sub(pixels, css)


def _rewritten(code: str, tokens: list[Token]) -> str:
    """``code`` with the formulas of its text runs as MathML, what moves standing still, and lengths
    of the window in pixels."""
    parts: list[str] = []
    copied = 0
    verbatim = 0
    for token in tokens:
        if token.name in _VERBATIM and token.kind != "text":
            step = 1 if token.kind == "start" else -1 if token.kind == "end" else 0
            verbatim = max(0, verbatim + step)
        if still := _STILL.get(token.name if token.kind in ("start", "end") else ""):
            slash = "/" if token.kind == "end" else ""
            parts += (code[copied : token.start], f"<{slash}{still}{token.attributes}>")
            copied = token.end
        elif (token.kind == "start" and "style" in token.attributes.lower()) or (
            token.kind == "other" and token.name == "style"
        ):
            parts += (code[copied : token.start], _in_pixels(code[token.start : token.end]))
            copied = token.end
        if token.kind != "text" or verbatim:
            continue
        text = code[token.start : token.end]
        if "$" not in text and "\\" not in text:
            continue
        replaced = replace_formulas(
            text, lambda latex, display: mathml(html.unescape(latex), display)
        )
        parts += (code[copied : token.start], replaced)
        copied = token.end
    return "".join((*parts, code[copied:]))

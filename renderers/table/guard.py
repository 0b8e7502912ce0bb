"""Checks a table program before the browser gets it, and restricts what it may do there."""

from __future__ import annotations

import re

from records.errors import RenderError
from renderers.table.tokens import RAW, START, Token, attributes_of
from sandbox.status import Limits, RenderStatus

_FOREIGN_PAGES = frozenset(
    ["iframe", "frame", "frameset", "object", "embed", "applet", "portal", "fencedframe"]
)
_PLAIN = frozenset(
    ["table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "col", "colgroup", "html",
     "head", "body", "title", "b", "i", "u", "em", "strong", "s", "del", "ins", "sub", "sup", "span",
     "p", "div", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "small", "big", "code", "pre",
     "font", "center", "h1", "h2", "h3", "h4", "h5", "h6", "strike", "tt", "var", "samp", "kbd",
     "mark", "blockquote", "abbr", "cite", "q", "section", "article", "main", "header", "footer",
     "label", "wbr", "nobr", "a", "math", "mrow", "mi", "mo", "mn", "mtext", "msup", "msub",
     "msubsup", "mfrac", "msqrt", "mroot", "mover", "munder", "munderover", "mspace", "mstyle",
     "mtable", "mtr", "mtd", "mpadded", "mphantom", "menclose", "semantics", "annotation", "style"]
)  # fmt: skip
_LOADING = frozenset(
    ["src", "srcset", "data", "background", "poster", "action", "formaction", "manifest",
     "http-equiv"]
)  # fmt: skip
_LOADING_CSS = re.compile(r"url\s*\(|image-set|@|\\|expression|animation", re.IGNORECASE)
_WINDOW_CSS = re.compile(r"absolute|fixed|sticky|[@\\]", re.IGNORECASE)
"""What may make a layout depend on the size of the window, beside styles of the page itself."""
_LOCAL_FILE = re.compile(r"\bfile\s*:", re.IGNORECASE)
_WORDS = re.compile(r"(?:title|alt|summary|abbr|placeholder|value|label|(?:aria|data)-.*)$")
"""Attributes that hold words for a reader; a browser opens none of them."""


def check_length(code: str, limits: Limits) -> None:
    """Refuse programs that are too long.

    Raises:
        RenderError: too many characters or tags.
    """
    if len(code) > limits.code_chars:
        detail = f"{len(code)} characters; the limit is {limits.code_chars}"
        raise RenderError(RenderStatus.TOO_LARGE, detail)
    if (tags := len(START.findall(code))) > limits.nodes:
        # A cheap estimate; spans are counted later.
        raise RenderError(RenderStatus.TOO_LARGE, f"{tags} elements; the limit is {limits.nodes}")


def span_of(value: str | None, most: int) -> int:
    """A span of columns or rows, as a browser reads it."""
    found = re.match(r"\s*\+?(\d{1,9})", value or "")
    return min(max(int(found[1]), 1), most) if found else 1


def check_bounds(tokens: list[Token], limits: Limits) -> None:
    """Count the elements that the browser would build, with spans expanded."""
    rows = sum(token.kind == "start" and token.name == "tr" for token in tokens)
    nodes = widest = columns = 0
    tables = 0
    for token in tokens:
        if token.kind != "start":
            continue
        nodes += 1
        match token.name:
            case "table":
                tables += 1
            case "tr":
                columns = 0
            case "td" | "th":
                attributes = attributes_of(token) if token.attributes else {}
                # Browsers clamp colspan at 1000 and cut rowspan at the last row.
                across = span_of(attributes.get("colspan"), 1000)
                down = span_of(attributes.get("rowspan"), max(rows, 1))
                nodes += across * down - 1
                columns += across
                widest = max(widest, columns)
            case "col" | "colgroup":
                across = span_of(attributes_of(token).get("span"), 1000)
                nodes += across - 1
                columns += across
                widest = max(widest, columns)
    if not tables:
        raise RenderError(RenderStatus.CODE_CRASHED, "the program has no <table>")
    if nodes > limits.nodes:
        detail = f"{nodes} elements with spans expanded; the limit is {limits.nodes}"
        raise RenderError(RenderStatus.TOO_LARGE, detail)
    if widest * rows > 20 * limits.nodes:
        detail = f"a grid of {rows} rows and up to {widest} columns is too large"
        raise RenderError(RenderStatus.TOO_LARGE, detail)


def check_reach(code: str, tokens: list[Token]) -> bool:
    """Refuse programs that load files or pages; returns True if nothing can load or move.

    Raises:
        RenderError: denied.
    """
    plain = True
    for token in tokens:
        if token.kind == "other":
            source = code[token.start : token.end]
            if token.name == "style":
                if _LOCAL_FILE.search(source) and _LOADING_CSS.search(source):
                    raise RenderError(RenderStatus.DENIED, "a style sheet names a local file")
                plain = plain and not _LOADING_CSS.search(source)
            elif token.name in RAW and token.name != "title":
                plain = False
            continue
        if token.kind != "start":
            continue
        if token.name in _FOREIGN_PAGES:
            raise RenderError(RenderStatus.DENIED, f"<{token.name}> would show a foreign page")
        attributes = attributes_of(token) if token.attributes else {}
        for name, value in attributes.items():
            if _LOCAL_FILE.search(value) and not _WORDS.match(name):
                detail = f"{name} of <{token.name}> names a local file"
                raise RenderError(RenderStatus.DENIED, detail)
            if name == "http-equiv" and value.strip().lower() == "refresh":
                raise RenderError(RenderStatus.DENIED, "<meta> would load another page")
            if name in _LOADING or (name == "style" and _LOADING_CSS.search(value)):
                plain = False
        if token.name == "meta" and set(attributes) == {"charset"}:
            continue
        plain = plain and token.name in _PLAIN
    return plain


def window_free(tokens: list[Token]) -> bool:
    """True if no style affects the page itself and none depends on the window size."""
    for token in tokens:
        if token.kind == "other" and token.name == "style":
            # Which elements its rules match is not analyzed.
            return False
        if token.kind == "start" and token.attributes:
            page = token.name in ("html", "body")
            if page and set(attributes_of(token)) - {"lang", "xmlns"}:
                return False
            if "style" in token.attributes.lower() and _WINDOW_CSS.search(token.attributes):
                return False
    return True

"""A table program becomes the one document the browser is given: bounded, styled, self-contained.

Chromium parses the author's own characters; nothing is re-serialised. Only formulas are replaced.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from records.errors import RenderError
from records.taxonomy import Language
from renderers.contract import Limits, RenderStatus
from renderers.table_math import mathml, replace_formulas

MAX_WIDTH_PX = 1280
"""Lines of text wrap at this width; a table that cannot get so narrow is drawn wider, uncut."""

WINDOW_PX = (800, 600)
"""The window that lengths such as ``50vw`` mean; what is larger is drawn in a larger one, uncut."""

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

_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*+)"
    r"(?P<attributes>(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)?+)*+)>"
    r"|<!--(?:.*?(?:--!?>|\Z))"
    r"|<[!?/][^>]*+>",
    re.DOTALL,
)
_START = re.compile(r"<[A-Za-z]")
_ATTRIBUTE = re.compile(
    r"([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++)))?+", re.DOTALL
)
_RAW = frozenset(
    ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"]
)
_VERBATIM = frozenset(["code", "pre", "kbd", "samp", "math", "svg", "textarea", "title"])
_FOREIGN_PAGES = frozenset(
    ["iframe", "frame", "frameset", "object", "embed", "applet", "portal", "fencedframe"]
)
_PLAIN = frozenset(
    [
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "col",
        "colgroup",
        "html",
        "head",
        "body",
        "title",
        "b",
        "i",
        "u",
        "em",
        "strong",
        "s",
        "del",
        "ins",
        "sub",
        "sup",
        "span",
        "p",
        "div",
        "br",
        "hr",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "small",
        "big",
        "code",
        "pre",
        "font",
        "center",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "strike",
        "tt",
        "var",
        "samp",
        "kbd",
        "mark",
        "blockquote",
        "abbr",
        "cite",
        "q",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "label",
        "wbr",
        "nobr",
        "a",
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "mtext",
        "msup",
        "msub",
        "msubsup",
        "mfrac",
        "msqrt",
        "mroot",
        "mover",
        "munder",
        "munderover",
        "mspace",
        "mstyle",
        "mtable",
        "mtr",
        "mtd",
        "mpadded",
        "mphantom",
        "menclose",
        "semantics",
        "annotation",
        "style",
    ]
)
_LOADING = frozenset(
    [
        "src",
        "srcset",
        "data",
        "background",
        "poster",
        "action",
        "formaction",
        "manifest",
        "http-equiv",
    ]
)
_STILL = {
    "marquee": "div",
    **dict.fromkeys(
        ("animate", "animatetransform", "animatemotion", "animatecolor", "set"), "desc"
    ),
}
"""What moves with time, and what stands in its place: a picture must not depend on the clock."""
_LOADING_CSS = re.compile(r"url\s*\(|image-set|@|\\|expression|animation", re.IGNORECASE)
_WINDOW_CSS = re.compile(r"absolute|fixed|sticky|[@\\]", re.IGNORECASE)
"""What may make a layout depend on the size of the window, beside styles of the page itself."""
_WINDOW_LENGTH = re.compile(
    r"(?<![\w#.-])(?P<number>\d*\.?\d+)[dsl]?v(?P<unit>w|h|i|b|min|max)\b", re.IGNORECASE
)
_LOCAL_FILE = re.compile(r"\bfile\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """What the browser is given."""

    html: str
    plain: bool
    """True where nothing in it could load, move or outlive the page."""
    window_free: bool
    """True where nothing in its layout could depend on the size of the window."""
    loads: bool = False
    """True where a picture may be embedded, the one thing that is there to be loaded."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """start, end, text or other."""
    name: str
    start: int
    end: int
    attributes: str = ""


def prepare(code: str, language: Language, limits: Limits) -> Document:
    """The document of a table program.

    Raises:
        RenderError: too long, too many cells or elements, no table at all (code_crashed), or made
            to load local files or foreign pages (denied).
    """
    if len(code) > limits.code_chars:
        raise RenderError(
            RenderStatus.TOO_LARGE, f"{len(code)} characters; the limit is {limits.code_chars}"
        )
    if (tags := len(_START.findall(code))) > limits.nodes:
        # Cheaper to say than to count exactly; spans come on top of it.
        raise RenderError(RenderStatus.TOO_LARGE, f"{tags} elements; the limit is {limits.nodes}")
    code = code.replace("\0", "\ufffd")
    if language is Language.MARKDOWN:
        code = markdown_to_html(code)
    tokens = list(_tokens(code))
    _check_bounds(tokens, limits)
    plain = _check_reach(code, tokens)
    policy = "" if plain else f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    head = f'<!DOCTYPE html><meta charset="utf-8">{policy}<style>{STYLE}</style>'
    return Document(
        head + _rewritten(code, tokens),
        plain=plain,
        window_free=plain and _window_free(code, tokens),
        loads=not plain and "data:" in code.lower(),
    )


def markdown_to_html(text: str) -> str:
    r"""HTML of Markdown with pipe tables; formulas pass untouched, raw HTML stays HTML.

    >>> markdown_to_html("|a_b_|\n|-|\n|$x_1$ $y_2$|").count("<em>")
    0
    """
    kept: list[str] = []

    def keep(latex: str, display: bool) -> str | None:
        if re.search(r"(?<!\\)\|", latex):
            return None
        mark = "$$" if display else "$"
        kept.append(f"{mark}{latex}{mark}")
        return f"\ue000{len(kept) - 1}\ue001"

    def put_back(found: re.Match[str]) -> str:
        index = int(found[1])
        return html.escape(kept[index], quote=False) if index < len(kept) else found[0]

    lines = "\n".join(replace_formulas(line, keep) for line in text.split("\n"))
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return re.sub("\ue000(\\d{1,7})\ue001", put_back, parser.render(lines))


def _tokens(code: str) -> Iterator[_Token]:
    """Tags and the text between them, in order; contents of script, style and the like are other."""
    at = 0
    while at < len(code):
        found = _TAG.search(code, at)
        if found is None:
            yield _Token("text", "", at, len(code))
            return
        if found.start() > at:
            yield _Token("text", "", at, found.start())
        name = (found["name"] or "").lower()
        kind = "other" if not name else "end" if found["close"] else "start"
        yield _Token(kind, name, found.start(), found.end(), found["attributes"] or "")
        at = found.end()
        if kind == "start" and name in _RAW:
            close = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(code, at)
            end = close.start() if close else len(code)
            yield _Token("other", name, at, end)
            at = end


def _attributes(token: _Token) -> dict[str, str]:
    return {
        name.lower(): html.unescape(double or single or bare or "")
        for name, double, single, bare in _ATTRIBUTE.findall(token.attributes)
    }


def _span(value: str | None, most: int) -> int:
    found = re.match(r"\s*\+?(\d{1,9})", value or "")
    return min(max(int(found[1]), 1), most) if found else 1


def _check_bounds(tokens: list[_Token], limits: Limits) -> None:
    """Count what the browser would build, spans expanded."""
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
                attributes = _attributes(token) if token.attributes else {}
                # Browsers clamp colspan at 1000 and cut rowspan at the last row.
                across = _span(attributes.get("colspan"), 1000)
                down = _span(attributes.get("rowspan"), max(rows, 1))
                nodes += across * down - 1
                columns += across
                widest = max(widest, columns)
            case "col" | "colgroup":
                across = _span(_attributes(token).get("span"), 1000)
                nodes += across - 1
                columns += across
                widest = max(widest, columns)
    if not tables:
        raise RenderError(RenderStatus.CODE_CRASHED, "the program has no <table>")
    if nodes > limits.nodes:
        raise RenderError(
            RenderStatus.TOO_LARGE,
            f"{nodes} elements with spans expanded; the limit is {limits.nodes}",
        )
    if widest * rows > 20 * limits.nodes:
        raise RenderError(
            RenderStatus.TOO_LARGE, f"a grid of {rows} rows and up to {widest} columns is too large"
        )


def _check_reach(code: str, tokens: list[_Token]) -> bool:
    """True where the document is plain.

    Raises:
        RenderError: denied.
    """
    plain = True
    for token in tokens:
        if token.kind == "other":
            source = code[token.start : token.end]
            if token.name == "style":
                if _LOCAL_FILE.search(source):
                    raise RenderError(RenderStatus.DENIED, "a style sheet names a local file")
                plain = plain and not _LOADING_CSS.search(source)
            elif token.name in _RAW and token.name != "title":
                plain = False
            continue
        if token.kind != "start":
            continue
        if token.name in _FOREIGN_PAGES:
            raise RenderError(RenderStatus.DENIED, f"<{token.name}> would show a foreign page")
        attributes = _attributes(token) if token.attributes else {}
        for name, value in attributes.items():
            if _LOCAL_FILE.search(value):
                raise RenderError(
                    RenderStatus.DENIED, f"{name} of <{token.name}> names a local file"
                )
            if name == "http-equiv" and value.strip().lower() == "refresh":
                raise RenderError(RenderStatus.DENIED, "<meta> would load another page")
            if name in _LOADING or (name == "style" and _LOADING_CSS.search(value)):
                plain = False
        if token.name == "meta" and set(attributes) == {"charset"}:
            continue
        plain = plain and token.name in _PLAIN
    return plain


def _window_free(code: str, tokens: list[_Token]) -> bool:
    """True where no style reaches the page itself and none measures by the window."""
    for token in tokens:
        if token.kind == "other" and token.name == "style":
            # Which elements its rules reach is not worth finding out.
            return False
        if token.kind == "start" and token.attributes:
            if token.name in ("html", "body") and not set(_attributes(token)) <= {"lang", "xmlns"}:
                return False
            if "style" in token.attributes.lower() and _WINDOW_CSS.search(token.attributes):
                return False
    return True


def _in_pixels(css: str) -> str:
    """Lengths in units of the window as pixels of a window of `WINDOW_PX`.

    >>> _in_pixels("width: 50vw; height: 2.5vh")
    'width: 400px; height: 15px'
    """
    width_px, height_px = WINDOW_PX
    whole = {
        "w": width_px,
        "i": width_px,
        "h": height_px,
        "b": height_px,
        "min": min(WINDOW_PX),
        "max": max(WINDOW_PX),
    }
    return _WINDOW_LENGTH.sub(
        lambda found: f"{float(found['number']) * whole[found['unit'].lower()] / 100:g}px", css
    )


def _rewritten(code: str, tokens: list[_Token]) -> str:
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

"""The tags of a table program and the text between them, as characters of the program."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*+)"
    r"(?P<attributes>(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)?+)*+)>"
    r"|<!--(?:.*?(?:--!?>|\Z))"
    r"|<[!?/][^>]*+>",
    re.DOTALL,
)
START = re.compile(r"<[A-Za-z]")
"""Where a start tag may begin: a fast test that never misses one."""
_ATTRIBUTE = re.compile(
    r"([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++)))?+", re.DOTALL
)
RAW = frozenset(
    ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"]
)
"""Elements whose contents are not markup."""


@dataclass(frozen=True, slots=True)
class Token:
    """A tag, or a piece of text between tags."""

    kind: str
    """start, end, text or other."""
    name: str
    start: int
    end: int
    attributes: str = ""


def tokens_of(code: str) -> Iterator[Token]:
    """Tags and the text between them, in order; contents of script, style and the like are other."""
    at = 0
    while at < len(code):
        found = _TAG.search(code, at)
        if found is None:
            yield Token("text", "", at, len(code))
            return
        if found.start() > at:
            yield Token("text", "", at, found.start())
        name = (found["name"] or "").lower()
        kind = "other" if not name else "end" if found["close"] else "start"
        yield Token(kind, name, found.start(), found.end(), found["attributes"] or "")
        at = found.end()
        if kind == "start" and name in RAW:
            close = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(code, at)
            end = close.start() if close else len(code)
            yield Token("other", name, at, end)
            at = end


def attributes_of(token: Token) -> dict[str, str]:
    """Names in small letters and values without entities."""
    return {
        name.lower(): html.unescape(double or single or bare or "")
        for name, double, single, bare in _ATTRIBUTE.findall(token.attributes)
    }

"""Reads the places of elements, attributes and text runs in HTML and SVG.

Tag soup is read the way a browser reads it, as far as tables need it: optional end tags, void
elements, unquoted attributes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from corruptors.markup.elements import Attribute, MarkupElement, TextRun
from records.errors import CodeParseError

MAX_CHARS = 1_000_000
MAX_ELEMENTS = 50_000
MAX_DEPTH = 512


def read_markup(text: str, *, html: bool) -> tuple[tuple[MarkupElement, ...], tuple[TextRun, ...]]:
    """Elements and text runs of HTML (tag soup and all) or of well-formed XML.

    Raises:
        CodeParseError: longer, larger or deeper than anything a picture needs.

    Example:
        >>> elements, runs = read_markup('<TR><td Align=right>1<td>2', html=True)
        >>> [(element.name, element.start, element.end) for element in elements]
        [('tr', 0, 26), ('td', 4, 21), ('td', 21, 26)]
    """
    if len(text) > MAX_CHARS:
        raise CodeParseError("too_long", f"{len(text)} characters, at most {MAX_CHARS} are read")
    reader = _Reader(text, html)
    reader.read()
    return reader.finished(), tuple(reader.runs)


_NAME = re.compile(r"[A-Za-z_:][^\s/>]*")
# One attribute: the white space (or slashes) before it, a name, and perhaps a value.
_ATTRIBUTE = re.compile(
    r"""([\s/]*)([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?"""
)
_NOTHING_MORE = re.compile(r"[\s/]*\Z")
_TAG_END = re.compile(r"[\s/]*>")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
     "track", "wbr"]
)  # fmt: skip
_RAW_TEXT = frozenset(("script", "style", "textarea", "title", "xmp"))
_CELL = frozenset(("td", "th"))
_SECTION = frozenset(("thead", "tbody", "tfoot", "caption", "colgroup"))
_BLOCKS = frozenset(
    ["address", "blockquote", "center", "div", "dl", "fieldset", "form", "h1", "h2", "h3", "h4",
     "h5", "h6", "hr", "ol", "p", "pre", "ul"]
)  # fmt: skip
# A start tag of the key closes open elements of the names on the right, up to the barrier.
_CLOSES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = MappingProxyType(
    {
        **dict.fromkeys(_CELL, (_CELL, frozenset({"table", "tr"}))),
        "tr": (_CELL | {"tr", "caption", "colgroup"}, frozenset({"table"})),
        **dict.fromkeys(_SECTION, (_CELL | _SECTION | {"tr"}, frozenset({"table"}))),
        "li": (frozenset({"li"}), frozenset({"ul", "ol", "td", "th", "table"})),
        "dt": (frozenset({"dt", "dd"}), frozenset({"dl", "td", "th", "table"})),
        "dd": (frozenset({"dt", "dd"}), frozenset({"dl", "td", "th", "table"})),
        **dict.fromkeys(_BLOCKS, (frozenset({"p"}), frozenset({"td", "th", "caption", "table"}))),
    }
)
_CELL_BARRIER = frozenset({"td", "th", "caption", "table"})
_TABLE_PARTS = _CELL | _SECTION | {"tr"}


@dataclass(slots=True)
class _Open:
    """An element while it is read."""

    index: int
    name: str
    start: int
    name_end: int
    inner_start: int
    parent: int
    attributes: dict[str, Attribute]
    inner_end: int = -1
    end: int = -1


@dataclass(slots=True)
class _Reader:
    text: str
    html: bool
    opened: list[_Open] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    runs: list[TextRun] = field(default_factory=list)

    def read(self) -> None:
        text, at, length = self.text, 0, len(self.text)
        plain = 0  # where the present text run began
        while at < length:
            tag = text.find("<", at)
            if tag < 0:
                break
            after = self._markup_end(tag)
            if after is None:  # a lone "<" is text
                at = tag + 1
                continue
            self._run(plain, tag)
            at = plain = self._consume(tag, after)
        self._run(plain, length)
        while self.stack:
            self._close(self.stack.pop(), length, length)

    def finished(self) -> tuple[MarkupElement, ...]:
        return tuple(
            MarkupElement(
                one.index,
                one.name,
                one.start,
                one.name_end,
                one.inner_start,
                one.inner_end,
                one.end,
                one.parent,
                MappingProxyType(one.attributes),
            )
            for one in self.opened
        )

    def _run(self, start: int, end: int) -> None:
        if end > start:
            parent = self.stack[-1].index if self.stack else -1
            self.runs.append(TextRun(start, end, parent))

    def _markup_end(self, at: int) -> int | None:
        """Where markup other than a start tag ends; ``at`` for a start tag; None for text."""
        text = self.text
        for opening, closing in _ENCLOSED:
            if text.startswith(opening, at):
                end = text.find(closing, at + len(opening))
                return len(text) if end < 0 else end + len(closing)
        if text.startswith("<!DOCTYPE", at) and not self.html:
            subset = text.find("[", at, (text.find(">", at) + 1) or len(text))
            after = text.find("]", subset) if subset >= 0 else at
            end = text.find(">", max(after, at))
            return len(text) if end < 0 else end + 1
        if text.startswith(("</", "<!", "<?"), at):
            end = text.find(">", at)
            return len(text) if end < 0 else end + 1
        return at if _NAME.match(text, at + 1) else None

    def _consume(self, at: int, after: int) -> int:
        """Take in the markup at ``at``; return where the text goes on."""
        if after == at:
            return self._start_tag(at)
        if self.text.startswith("</", at):
            name = _NAME.match(self.text, at + 2)
            if name is not None:
                self._end_tag(self._cased(name[0]), at, after)
        return after

    def _cased(self, name: str) -> str:
        return name.lower() if self.html else name

    def _start_tag(self, at: int) -> int:
        text = self.text
        match = _NAME.match(text, at + 1)
        assert match is not None
        name, name_end = self._cased(match[0]), match.end()
        attributes: dict[str, Attribute] = {}
        position = name_end
        while (end := _TAG_END.match(text, position)) is None:
            part = _ATTRIBUTE.match(text, position)
            if part is None:
                if _NOTHING_MORE.match(text, position):
                    return len(text)  # the text ends within a tag: browsers drop the tag
                position += 1  # a stray quote or equals sign
                continue
            attribute = self._attribute(part)
            attributes.setdefault(attribute.name, attribute)
            position = part.end()
        inner_start = end.end()
        self._imply_ends(name, at)
        if len(self.opened) >= MAX_ELEMENTS:
            raise CodeParseError("too_many_elements", f"over {MAX_ELEMENTS}")
        if len(self.stack) >= MAX_DEPTH:
            raise CodeParseError("too_deep", f"over {MAX_DEPTH} levels of nesting")
        parent = self.stack[-1].index if self.stack else -1
        one = _Open(len(self.opened), name, at, name_end, inner_start, parent, attributes)
        self.opened.append(one)
        if (name in _VOID) if self.html else ("/" in end[0]):
            self._close(one, inner_start, inner_start)
        elif self.html and name in _RAW_TEXT:
            return self._raw_text(one)
        else:
            self.stack.append(one)
        return inner_start

    def _attribute(self, part: re.Match[str]) -> Attribute:
        group = next((number for number in (3, 4, 5) if part[number] is not None), 0)
        start, end = part.span(group) if group else (part.end(), part.end())
        quote = {3: '"', 4: "'"}.get(group, "")
        value = part[group] if group else ""
        # A slash that glues attributes together belongs to no attribute.
        space = len(part[1]) - len(part[1].lstrip("/"))
        name = self._cased(part[2])
        return Attribute(name, value, part.start() + space, part.end(), start, end, quote)

    def _raw_text(self, one: _Open) -> int:
        closing = re.compile(rf"</{one.name}[^>]*>", re.IGNORECASE)
        found = closing.search(self.text, one.inner_start)
        inner_end, end = found.span() if found else (len(self.text), len(self.text))
        self._close(one, inner_end, end)
        return end

    def _imply_ends(self, name: str, at: int) -> None:
        closes, barrier = _CLOSES.get(name, (None, None)) if self.html else (None, None)
        if closes is None or barrier is None:
            return
        outermost = None
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.stack[depth].name in barrier:
                break
            if self.stack[depth].name in closes:
                outermost = depth
        if outermost is not None:
            self._unwind(outermost, at, at)

    def _end_tag(self, name: str, at: int, after: int) -> None:
        barrier: frozenset[str] = frozenset()
        if self.html and name != "table":
            barrier = frozenset({"table"}) if name in _TABLE_PARTS else _CELL_BARRIER
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.stack[depth].name == name:
                self._unwind(depth, at, after)
                return
            if self.stack[depth].name in barrier:
                return

    def _unwind(self, depth: int, at: int, after: int) -> None:
        """Close everything above ``depth`` at ``at``, and the element there at ``after``."""
        while len(self.stack) > depth + 1:
            self._close(self.stack.pop(), at, at)
        self._close(self.stack.pop(), at, after)

    @staticmethod
    def _close(one: _Open, inner_end: int, end: int) -> None:
        one.inner_end, one.end = inner_end, end


_ENCLOSED = (("<!--", "-->"), ("<![CDATA[", "]]>"))

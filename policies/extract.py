"""Extracts the program from a model's reply: in a fence, between prose, or truncated.

The program is not changed. A truncated program is rejected: its picture would show the length limit
of the reply, not an error of perception.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from records.errors import PolicyReplyError
from records.taxonomy import Language

MAX_CODE_CHARS = 1_000_000

_TAGS: dict[Language, frozenset[str]] = {
    Language.PYTHON: frozenset({"python", "py", "python3", "matplotlib"}),
    Language.HTML: frozenset({"html", "htm", "xhtml"}),
    Language.MARKDOWN: frozenset({"markdown", "md"}),
    Language.SVG: frozenset({"svg", "xml", "html"}),
}
_OPEN = re.compile(
    r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>[\w+#.-]*)[^\n`]*$", re.MULTILINE
)
_THINKING = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_SVG_TAG = re.compile(r"<svg\b[^<>]*>|</svg\s*>", re.IGNORECASE)
_TABLE = re.compile(
    r"(?:<!doctype html\b|<html\b|<style\b|<table\b).*</table\s*>(?:.*</(?:body|html)\s*>)?",
    re.DOTALL | re.IGNORECASE,
)
_PIPES = re.compile(
    r"(?:^[ \t]*\|.*\|[ \t]*$\n?){2,}"
    r"|^[^|\n]*+\|.*+\n[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+$(?:\n[^|\n]*+\|.*+)*\n?",
    re.MULTILINE,
)
"""Rows between bars, or rows with bars around a line of dashes."""
_DRAWS = re.compile(r"\b(?:plt|ax|axs|axes|fig|sns|pyplot|matplotlib)\b")
_STARTS = re.compile(r"^(?:import|from)\s+\w", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced part of a reply."""

    tag: str
    """The word after the opening fence, in lower case."""
    code: str
    closed: bool


def extract_code(reply: str, language: Language) -> str:
    """The program in a reply.

    Thinking is left out. Of several fenced blocks, those of the language count; of those, the last
    complete program, since models correct themselves, or else the longest. Without fences, the
    program is what its own marks enclose: the last complete ``<svg>``, ``<table>``, or lines that are
    Python.

    Raises:
        PolicyReplyError: ``empty_reply``, ``truncated_reply`` (it breaks off inside the program),
            ``no_program``, ``too_large``.

    >>> extract_code("Sure:\\n```python\\nplt.plot([1])\\n```\\nDone.", Language.PYTHON)
    'plt.plot([1])\\n'
    """
    if not reply.strip():
        raise PolicyReplyError("empty_reply", "nothing but white space")
    text = _THINKING.sub("", reply)
    if "<think" in text.lower():
        raise PolicyReplyError("truncated_reply", "it breaks off while thinking")
    text = text.rpartition("</think>")[2]  # some servers drop the opening tag
    blocks = [block for block in fenced(text) if block.code.strip()]
    code = _of_blocks(blocks, language) if blocks else None
    if code is None and not any(_has_marks(block.code, language) for block in blocks):
        code = _of_prose(text, language)
    if code is None:
        raise _why_not(text, blocks, language)
    if len(code) > MAX_CODE_CHARS:
        raise PolicyReplyError("too_large", f"{len(code)} characters")
    return code.encode("utf-8", "replace").decode().replace("\0", "")


def fenced(text: str) -> list[Block]:
    """The fenced blocks of a reply, in order; the last one may lack its end.

    >>> [block.tag for block in fenced("```svg\\n<svg/>\\n```\\n~~~\\nx\\n")]
    ['svg', '']
    """
    blocks: list[Block] = []
    at = 0
    while opening := _OPEN.search(text, at):
        fence, tag = opening["fence"], opening["tag"].lower()
        start = min(opening.end() + 1, len(text))
        closing = re.compile(
            rf"^[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE
        ).search(text, start)
        if closing is None:
            # Some models write the closing fence at the end of the last line.
            inline = text.find(fence, start)
            end = len(text) if inline < 0 else inline
            blocks.append(Block(tag, _within(opening, text[start:end]), closed=inline >= 0))
            break
        blocks.append(Block(tag, _within(opening, text[start : closing.start()]), closed=True))
        at = closing.end()
    return blocks


def _within(opening: re.Match[str], code: str) -> str:
    """The lines of a block without the indent that its fence has, as in a list."""
    indent = len(opening["indent"])
    if not indent or opening["indent"].strip():
        return code
    return re.sub(rf"^[ \t]{{1,{indent}}}", "", code, flags=re.MULTILINE)


def _of_blocks(blocks: list[Block], language: Language) -> str | None:
    tagged = [block for block in blocks if block.tag in _TAGS[language]]
    plain = [block for block in blocks if not block.tag]
    for group in (tagged, plain):
        whole = [block.code for block in group if _is_whole(block, language)]
        if whole:
            return _cut_to(_with_its_start(whole[-1], group, language), language)
    # A program with an error is still a program, if it is complete.
    ended = [block.code for block in tagged if block.closed and _has_marks(block.code, language)]
    return max(ended, key=len) if ended else None


def _with_its_start(code: str, blocks: list[Block], language: Language) -> str:
    """A script in several blocks from the last one with imports on, if its last block has none."""
    if language is not Language.PYTHON or _STARTS.search(code):
        return code
    end = max(at for at, block in enumerate(blocks) if block.code == code)
    starts = [at for at, block in enumerate(blocks[:end]) if _STARTS.search(block.code)]
    parts = [block.code for block in blocks[starts[-1] if starts else end : end + 1]]
    return "".join(part for part in parts if _parses(part))


def _is_whole(block: Block, language: Language) -> bool:
    match language:
        case Language.PYTHON:
            # Without a closing fence, a program that parses may still be truncated at the end of a line.
            return block.closed and _parses(block.code) and bool(_DRAWS.search(block.code))
        case Language.MARKDOWN:
            return block.closed and bool(_PIPES.search(block.code))
        case Language.HTML:
            return bool(_TABLE.search(block.code)) and _ends(block, "</table")
        case Language.SVG:
            return _last_svg(block.code) is not None and _ends(block, "</svg")


def _ends(block: Block, tag: str) -> bool:
    """True if no bracket, string or element is left open; only the fence may be missing."""
    code = block.code.lower()
    return block.closed or code.count("<" + tag.removeprefix("</")) <= code.count(tag)


def _has_marks(code: str, language: Language) -> bool:
    match language:
        case Language.PYTHON:
            return bool(_DRAWS.search(code))
        case Language.MARKDOWN:
            return "|" in code
        case Language.HTML:
            return "<table" in code.lower()
        case Language.SVG:
            return "<svg" in code.lower()


def _cut_to(code: str, language: Language) -> str:
    """Cut a block to the program: an icon is one element; other text in the block is not code."""
    if language is Language.SVG:
        return _last_svg(code) or code
    return code


def _last_svg(text: str) -> str | None:
    """The last ``<svg>`` element that is complete and not part of another complete one.

    >>> _last_svg("First <svg>a</svg>, better <svg>b<svg>c</svg></svg>, or else <svg>d")
    '<svg>b<svg>c</svg></svg>'
    """
    begun: list[int] = []
    last = None
    for tag in _SVG_TAG.finditer(text):
        if not tag[0].startswith("</"):
            if not tag[0].endswith("/>"):
                begun.append(tag.start())
        elif begun:
            last = begun.pop(), tag.end()
    return text[slice(*last)] if last else None


def _of_prose(text: str, language: Language) -> str | None:
    match language:
        case Language.PYTHON:
            return _python_lines(text)
        case Language.MARKDOWN:
            tables = _PIPES.findall(text)
            return max(tables, key=len) if tables else None
        case Language.HTML:
            found = _TABLE.search(text)
            return found[0] if found else None
        case Language.SVG:
            return _last_svg(text)


def _python_lines(text: str) -> str | None:
    """The longest run of lines, starting at an import, that is Python and draws something.

    It must be followed by the end of the reply or by prose; a reply truncated inside a statement
    has no such run.
    """
    if _OPEN.search(text):
        return None
    start = _STARTS.search(text)
    if start is None:
        return None
    lines = text[start.start() :].splitlines(keepends=True)
    end = len(lines)
    while end:
        code = "".join(lines[:end])
        try:
            _parse(code)
        except SyntaxError as error:
            # Prose follows, or the program has an error: try the lines before the failing one.
            end = min(end - 1, max((error.lineno or end) - 1, 0))
            continue
        except (ValueError, RecursionError, MemoryError):
            return None
        rest = "".join(lines[end:]).strip()
        broken_off = bool(rest) and not re.match(r"[A-Z][\w']*[ ,:]", rest)
        return code if _DRAWS.search(code) and not broken_off else None
    return None


def _parses(code: str) -> bool:
    try:
        _parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _parse(code: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings about a label such as "\d" do not matter here
        ast.parse(code)


def _why_not(text: str, blocks: list[Block], language: Language) -> PolicyReplyError:
    start = " ".join(text[:120].split())
    if blocks and not blocks[-1].closed:
        return PolicyReplyError("truncated_reply", f"the last block has no end: {start!r}")
    opening = {Language.SVG: "<svg", Language.HTML: "<table"}.get(language)
    if opening and opening in text.lower():
        return PolicyReplyError("truncated_reply", f"{opening}> has no end: {start!r}")
    if language is Language.PYTHON and _STARTS.search(text) and not blocks:
        return PolicyReplyError("truncated_reply", f"the program breaks off: {start!r}")
    return PolicyReplyError("no_program", f"no {language} in {start!r}")

"""A Python script, parsed just far enough to say which characters each piece covers.

Edits splice the original characters, so formatting, comments and letter case outside an edit
survive. What a piece *means* (a title, a value, a color) is found in `chart_program`.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Self, TypeVar

from records.edits import Edit
from records.errors import CodeParseError

N = TypeVar("N", bound=ast.AST)
Located = ast.expr | ast.stmt | ast.keyword

_NUMBER = re.compile(r"-?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?")
_STRING = re.compile(r"([A-Za-z]{0,2})(\"\"\"|'''|\"|')((?:\\.|(?!\2).)*)\2", re.DOTALL)
_FIXED = re.compile(
    r"\\N\{[^}]*\}|\\x..|\\u....|\\U........|\\[0-7]{1,3}|\\."  # escapes
    r"|\$[^$]*\$"  # math
    r"|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"  # fields
    r"|%[-+0-9.]*[dfsgeix%]",
    re.DOTALL,
)
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign)


@dataclass(frozen=True, slots=True)
class ScriptNumber:
    """A literal number, sign included, with every digit it was written with."""

    node: ast.expr
    value: Decimal

    def times(self, factor: str) -> str:
        """A multiple of it, as a literal."""
        return f"{(self.value * Decimal(factor)).normalize():f}"


@dataclass(frozen=True, slots=True)
class ScriptText:
    """A literal string and the characters of it that may be retyped in place."""

    node: ast.expr
    value: str
    """What is shown; replacement fields of an f-string stand as ``{...}``."""
    runs: tuple[tuple[int, int], ...]
    """Spans of plain characters: no escapes, no ``{fields}``, no ``$math$``."""
    quote: str
    constant: bool
    """True for a string without fields, in one piece."""

    def retyped(self, value: str) -> str:
        """Source of ``value`` as a literal with this literal's own kind of quote."""
        mark = self.quote[0]
        body = value.replace("\\", "\\\\").replace(mark, "\\" + mark)
        return f"{mark}{body}{mark}".replace("\n", "\\n").replace("\r", "\\r")


class Script:
    """A Python script, its syntax tree, and which characters each node covers."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.nodes: list[ast.AST] = list(ast.walk(tree))
        self._parents: dict[ast.AST, ast.AST] = {
            child: node for node in self.nodes for child in ast.iter_child_nodes(node)
        }

    @classmethod
    def parse(cls, text: str) -> Self:
        """The script in ``text``.

        Raises:
            CodeParseError: not Python, or nested too deeply for Python's own parser.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd escapes in labels are the script's own affair
                return cls(text, ast.parse(text))
        except SyntaxError as error:
            raise CodeParseError("not_python", f"line {error.lineno}: {error.msg}") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise CodeParseError("not_python", f"{type(error).__name__}: {error}") from error

    # ---- where things stand ---------------------------------------------------------------

    @cached_property
    def _lines(self) -> list[int]:
        # Only what Python itself takes for a line end: str.splitlines knows many more.
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    @cached_property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _offset(self, line: int, column: int) -> int:
        start = self._lines[line - 1]
        if self.text.isascii():
            return start + column
        end = self._lines[line] if line < len(self._lines) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode())

    def offset_of(self, line: int, column: int) -> int:
        """Offset of a place that is counted in characters, as tokens are."""
        return self._lines[line - 1] + column

    def span(self, node: Located) -> tuple[int, int]:
        """First character of ``node`` and the one after its last."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno, node.end_col_offset),
        )

    def source(self, node: Located) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def line_start(self, offset: int) -> int:
        return self._lines[bisect_right(self._lines, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Offset of the line end at or after ``offset``, the line break itself excluded."""
        match = re.compile(r"\r\n|\r|\n").search(self.text, offset)
        return match.start() if match else len(self.text)

    # ---- the tree ---------------------------------------------------------------------------

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self._parents.get(node)

    def within(self, node: ast.AST, kind: type[N]) -> N | None:
        """The nearest node of ``kind`` around ``node``."""
        above = self.parent(node)
        while above is not None and not isinstance(above, kind):
            above = self.parent(above)
        return above

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that holds ``node``."""
        while not isinstance(node, ast.stmt):
            node = self._parents[node]
        return node

    def all(self, kind: type[N]) -> Iterator[N]:
        return (node for node in self.nodes if isinstance(node, kind))

    @cached_property
    def _calls(self) -> dict[str, list[ast.Call]]:
        found: dict[str, list[ast.Call]] = defaultdict(list)
        for call in self.all(ast.Call):
            found[self.method(call)].append(call)
        for calls in found.values():
            calls.sort(key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))
        return dict(found)

    @staticmethod
    def method(call: ast.Call) -> str:
        """Name of what is called, whatever the receiver: ``bar`` of ``self.axs[0].bar(...)``."""
        if isinstance(call.func, ast.Attribute):
            return call.func.attr
        return call.func.id if isinstance(call.func, ast.Name) else ""

    def calls(self, *names: str) -> list[ast.Call]:
        """Calls of these functions or methods, name by name, in the order they stand."""
        return [call for name in names for call in self._calls.get(name, ())]

    def receiver(self, call: ast.Call) -> str:
        """Source of what a method is called on; empty for a plain function."""
        return self.source(call.func.value) if isinstance(call.func, ast.Attribute) else ""

    @cached_property
    def loaded_names(self) -> frozenset[str]:
        """Names whose value is read somewhere."""
        return frozenset(
            node.id for node in self.all(ast.Name) if not isinstance(node.ctx, ast.Store)
        )

    def result_unused(self, call: ast.Call) -> bool:
        """True if nobody reads what ``call`` returns, so that it may return something else."""
        statement = self.parent(call)
        if isinstance(statement, ast.Expr):
            return True
        return isinstance(statement, ast.Assign) and not self._targets_read(statement)

    def _targets_read(self, statement: ast.Assign) -> bool:
        targets = [node for target in statement.targets for node in ast.walk(target)]
        if any(isinstance(node, (ast.Attribute, ast.Subscript)) for node in targets):
            return True
        names = {node.id for node in targets if isinstance(node, ast.Name)}
        return bool(names & self.loaded_names)

    # ---- literals -----------------------------------------------------------------------------

    def number(self, node: ast.AST) -> ScriptNumber | None:
        """The literal number that ``node`` is; ``True`` and ``0x1f`` are none."""
        inner = node.operand if isinstance(node, ast.UnaryOp) else node
        if not isinstance(inner, ast.Constant) or type(inner.value) not in (int, float):
            return None
        assert isinstance(node, ast.expr)
        written = self.source(node).replace(" ", "")
        if not _NUMBER.fullmatch(written):
            return None
        return ScriptNumber(node, Decimal(written.replace("_", "")))

    def string(self, node: ast.AST) -> ScriptText | None:
        """The literal string or f-string that ``node`` is."""
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, str):
                return None
        elif not isinstance(node, ast.JoinedStr):
            return None
        start, end = self.span(node)
        runs: list[tuple[int, int]] = []
        shown, quote = "", '"'
        pieces = list(_STRING.finditer(self.text, start, end))
        for piece in pieces:
            quote = piece[2]
            if "b" in piece[1].lower():
                return None
            at = piece.start(3)
            for fixed in [*_FIXED.finditer(self.text, at, piece.end(3)), None]:
                stop = fixed.start() if fixed else piece.end(3)
                if stop > at:
                    runs.append((at, stop))
                if fixed:
                    at = fixed.end()
            shown += piece[3]
        value = node.value if isinstance(node, ast.Constant) else shown
        assert isinstance(value, str)
        whole = len(pieces) == 1 and pieces[0].span() == (start, end)
        return ScriptText(node, value, tuple(runs), quote, whole and isinstance(node, ast.Constant))

    # ---- arguments ----------------------------------------------------------------------------

    @staticmethod
    def keyword(call: ast.Call, *names: str) -> ast.keyword | None:
        """The first keyword argument called one of ``names``."""
        return next((word for word in call.keywords if word.arg in names), None)

    def argument(self, call: ast.Call, position: int | None, *names: str) -> ast.expr | None:
        """The argument at ``position`` (before any ``*args``), or given by one of ``names``."""
        if position is not None and position < len(call.args):
            before = call.args[: position + 1]
            if not any(isinstance(argument, ast.Starred) for argument in before):
                return call.args[position]
        word = self.keyword(call, *names)
        return word.value if word else None

    def takes(self, call: ast.Call, *names: str) -> bool:
        """True if one of these keywords may be added without naming it twice."""
        for word in call.keywords:
            if word.arg is None:
                spread = word.value
                if not isinstance(spread, ast.Dict) or any(
                    not isinstance(key, ast.Constant) or key.value in names for key in spread.keys
                ):
                    return False
            elif word.arg in names:
                return False
        return not any(isinstance(argument, ast.GeneratorExp) for argument in call.args)

    # ---- edits --------------------------------------------------------------------------------

    def replace(self, node: Located, new: str) -> Edit:
        return Edit(*self.span(node), new)

    def exchange(self, one: Located, other: Located) -> tuple[Edit, Edit]:
        """The edits that put each of two things in the other's place."""
        return self.replace(one, self.source(other)), self.replace(other, self.source(one))

    def rename_method(self, call: ast.Call, name: str) -> Edit:
        _, end = self.span(call.func)
        return Edit(end - len(self.method(call)), end, name)

    def add_keyword(self, call: ast.Call, argument: str) -> Edit:
        """Put ``argument`` last in the call, whatever commas, comments and breaks it ends with."""
        close = self.span(call)[1] - 1
        inner: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        if not inner:
            return Edit(close, close, argument)
        at = max(self.span(node)[1] for node in inner)
        comma = False
        scan = at
        while scan < close:
            if self.text[scan] == "#":
                scan = self.line_end(scan)
                continue
            if self.text[scan] in "),":
                at, comma = scan + 1, self.text[scan] == ","
            scan += 1
        return Edit(at, at, f" {argument}" if comma else f", {argument}")

    def set_keyword(self, call: ast.Call, name: str, value: str) -> Edit | None:
        """Give keyword ``name`` this value, whether it is there or not; None if it cannot be."""
        word = self.keyword(call, name)
        if word is not None:
            return self.replace(word.value, value)
        return self.add_keyword(call, f"{name}={value}") if self.takes(call, name) else None

    def drop_keyword(self, word: ast.keyword) -> Edit:
        """Take a keyword argument out, with the comma that goes with it."""
        start, end = self.span(word)
        return self._drop_between_commas(start, end)

    def drop_item(self, node: ast.expr) -> Edit:
        """Take one element out of a list, or one positional argument out of a call."""
        start, end = self.span(node)
        while True:  # the node's own parentheses are not part of it
            left, right = start - 1, end
            while left > 0 and self.text[left] in " \t\r\n":
                left -= 1
            while right < len(self.text) and self.text[right] in " \t\r\n":
                right += 1
            if self.text[left] != "(" or self.text[right : right + 1] != ")":
                break
            above = self.parent(node)
            if isinstance(above, ast.expr) and right >= self.span(above)[1] - 1:
                break
            start, end = left, right + 1
        return self._drop_between_commas(start, end)

    def _drop_between_commas(self, start: int, end: int) -> Edit:
        scan = end
        while scan < len(self.text) and self.text[scan] in " \t\r\n#\\":
            scan = self.line_end(scan) if self.text[scan] == "#" else scan + 1
        if self.text[scan : scan + 1] == ",":
            scan += 1
            while self.text[scan : scan + 1] in (" ", "\t"):
                scan += 1
            return Edit(start, scan, "")
        before = start
        while before > 0 and self.text[before - 1] in " \t\r\n":
            before -= 1
        if self.text[before - 1] == "," and "#" not in self.text[self.line_start(before) : before]:
            return Edit(before - 1, end, "")
        return Edit(start, end, "")

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which ``statement`` stands."""
        above = self._parents[statement]
        for _, value in ast.iter_fields(above):
            if isinstance(value, list) and statement in value:
                return value
        return [statement]

    def can_drop(self, statement: ast.stmt) -> bool:
        """True for a statement that nothing after it needs."""
        if isinstance(statement, ast.Expr):
            return True
        return isinstance(statement, ast.Assign) and not self._targets_read(statement)

    def drop(self, statement: ast.stmt) -> Edit:
        """Take a statement out; the only one of its block becomes ``pass``."""
        start, end = self.span(statement)
        if len(self.block(statement)) == 1 and not isinstance(self._parents[statement], ast.Module):
            return Edit(start, end, "pass")
        first, last = self.line_start(start), self.line_end(end)
        after = self.text[end:last].strip()
        if not self.text[first:start].strip() and (not after or after.startswith("#")):
            breaks = re.compile(r"\r\n|\r|\n").match(self.text, last)
            return Edit(first, breaks.end() if breaks else last, "")
        if after.startswith(";"):
            stop = self.text.index(";", end) + 1
            while self.text[stop : stop + 1] in (" ", "\t"):
                stop += 1
            if stop < last and self.text[stop] != "#":
                return Edit(start, stop, "")
        return Edit(start, end, "pass")

    def after(self, statement: ast.stmt, code: str) -> Edit:
        """Put the line ``code`` after a statement, at its indentation."""
        start, end = self.span(statement)
        indent = self.text[self.line_start(start) : start]
        rest = self.text[end : self.line_end(end)].strip()
        if indent.strip() or (isinstance(statement, _SIMPLE) and rest.startswith(";")):
            return Edit(end, end, f"; {code}")
        at = self.line_end(end)
        return Edit(at, at, f"{self.newline}{indent}{code}")

    def before(self, statement: ast.stmt, code: str) -> Edit:
        """Put the line ``code`` before a statement, at its indentation."""
        start, _ = self.span(statement)
        indent = self.text[self.line_start(start) : start]
        if indent.strip():
            return Edit(start, start, f"{code}; ")
        return Edit(start, start, f"{code}{self.newline}{indent}")

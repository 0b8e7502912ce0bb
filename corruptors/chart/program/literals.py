"""From an argument back to the literals it is made of, as real scripts hide them.

Scripts keep titles in lists, colors in dictionaries and values in arrays that a loop unpacks far
below. `Reach.resolve` follows names, subscripts, loops, ``zip``, ``enumerate``, dictionaries,
helper functions and array wrappers back to literals. It over-approximates: a name assigned twice
leads to both, and whether an edit there is seen shows in the picture.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from corruptors.chart.program.script import Script

Path = tuple[int, ...]
"""Which item of each nested tuple: of ``for i, (a, b) in ...``, b is at ``(1, 1)``."""

_WRAPPERS = frozenset(
    ("array", "asarray", "list", "tuple", "sorted", "reversed", "flip", "flipud", "fliplr", "set",
     "cycle", "abs", "round", "squeeze", "ravel", "transpose", "vstack", "hstack", "column_stack",
     "stack", "concatenate")
)  # fmt: skip
_PASSING = frozenset(
    ("copy", "tolist", "astype", "reshape", "flatten", "ravel", "transpose", "to_numpy", "round",
     "sort_values", "format", "mean", "sum", "cumsum", "replace", "strip", "upper", "lower", "title",
     "capitalize", "split")
)  # fmt: skip
_DEPTH = 12
_STEPS = 2000
"""Bounds on following one argument, for scripts whose names lead in circles."""


@dataclass(frozen=True, slots=True)
class _Binding:
    """One possible value of a name: a value, or an item of an iterable."""

    value: ast.expr
    line: int
    scope: ast.AST
    items: bool = False
    path: Path = ()


class Reach(Script):
    """A script whose arguments can be followed back to literals."""

    # ---- what names stand for -------------------------------------------------------------

    @cached_property
    def _bindings(self) -> dict[str, list[_Binding]]:
        found: dict[str, list[_Binding]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bind(found, target, node.value, items=False)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                self._bind(found, node.target, node.value, items=False)
            elif isinstance(node, (ast.For, ast.comprehension)):
                self._bind(found, node.target, node.iter, items=True)
            elif isinstance(node, ast.FunctionDef):
                self._bind_parameters(found, node)
        return dict(found)

    def _bind(
        self,
        found: dict[str, list[_Binding]],
        target: ast.expr,
        value: ast.expr,
        items: bool,
        path: Path = (),
    ) -> None:
        if isinstance(target, ast.Name):
            scope = self.scope(target)
            found[target.id].append(_Binding(value, value.lineno, scope, items, path))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, part in enumerate(target.elts):
                self._bind(found, part, value, items, (*path, index))

    def _bind_parameters(self, found: dict[str, list[_Binding]], function: ast.FunctionDef) -> None:
        parameters = [*function.args.posonlyargs, *function.args.args]
        defaults = function.args.defaults
        for parameter, default in zip(
            parameters[len(parameters) - len(defaults) :], defaults, strict=False
        ):
            found[parameter.arg].append(_Binding(default, default.lineno, function))
        for keyword, value in zip(
            function.args.kwonlyargs, function.args.kw_defaults, strict=False
        ):
            if value is not None:
                found[keyword.arg].append(_Binding(value, value.lineno, function))
        for call in self.calls(function.name):
            method = isinstance(call.func, ast.Attribute)
            named = (
                parameters[1:]
                if method and parameters[:1] and parameters[0].arg == "self"
                else parameters
            )
            for parameter, argument in zip(named, call.args, strict=False):
                if isinstance(argument, ast.Starred):
                    break
                found[parameter.arg].append(_Binding(argument, argument.lineno, function))
            known = {parameter.arg for parameter in [*named, *function.args.kwonlyargs]}
            for word in call.keywords:
                if word.arg in known:
                    found[word.arg].append(_Binding(word.value, word.value.lineno, function))

    def scope(self, node: ast.AST) -> ast.AST:
        """The function around ``node``, or the module."""
        return self.within(node, ast.FunctionDef) or self.tree

    def _bound(self, name: ast.Name) -> list[_Binding]:
        """What ``name`` may stand for where it is read."""
        every = self._bindings.get(name.id, [])
        scope = self.scope(name)
        local = [binding for binding in every if binding.scope is scope]
        if not local:
            return [binding for binding in every if binding.scope is self.tree]
        # Of plain assignments before the use, the last one counts; loops may come round again.
        before = [binding for binding in local if binding.line <= name.lineno]
        if before and scope is self.tree and not any(binding.items for binding in local):
            latest = max(before, key=lambda binding: binding.line)
            if self.statement(latest.value) in self.tree.body:
                return [latest]
        return local

    # ---- following ------------------------------------------------------------------------

    def resolve(self, node: ast.expr | None) -> list[ast.expr]:
        """The literals, and other final expressions, that ``node`` may evaluate to, each once."""
        if node is None:
            return []
        if node not in self._resolved:
            steps = islice(self._follow(node, _DEPTH), _STEPS)
            self._resolved[node] = list(dict.fromkeys(steps))
        return self._resolved[node]

    @cached_property
    def _resolved(self) -> dict[ast.expr, list[ast.expr]]:
        return {}

    def _follow(self, node: ast.expr, depth: int) -> Iterator[ast.expr]:
        if depth == 0:
            return
        depth -= 1
        if isinstance(node, ast.Name):
            bindings = self._bound(node)
            for binding in bindings:
                if binding.value is node:
                    continue
                if binding.items:
                    yield from self._items(binding.value, binding.path, depth)
                elif binding.path:
                    yield from self._parts(binding.value, binding.path, depth)
                else:
                    yield from self._follow(binding.value, depth)
            if not bindings:
                yield node
        elif isinstance(node, ast.Subscript):
            yield from self._subscript(node, depth)
        elif isinstance(node, ast.Starred):
            yield from self._follow(node.value, depth)
        elif isinstance(node, ast.IfExp):
            yield from self._follow(node.body, depth)
            yield from self._follow(node.orelse, depth)
        elif isinstance(node, ast.BinOp):
            yield node
            for side, other in ((node.left, node.right), (node.right, node.left)):
                repeats = isinstance(node.op, ast.Mult) and isinstance(other, (ast.List, ast.Tuple))
                if not repeats:  # the count of a repeated list is none of its values
                    yield from self._follow(side, depth)
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            yield node
            yield from self._follow(node.elt, depth)
        elif isinstance(node, ast.Call):
            yield node
            yield from self._call(node, depth)
        elif isinstance(node, ast.Attribute) and node.attr in ("T", "values", "columns", "index"):
            yield from self._follow(node.value, depth)
        else:
            yield node

    def _call(self, call: ast.Call, depth: int) -> Iterator[ast.expr]:
        method = self.method(call)
        inner: Iterable[ast.expr] = ()
        if method in ("keys", "values", "items", "get") and isinstance(call.func, ast.Attribute):
            for whole in self._follow(call.func.value, depth):
                if isinstance(whole, ast.Dict):
                    yield from self._dictionary(whole, method, depth)
        elif method in ("DataFrame", "Series", "dict"):
            inner = [
                *call.args,
                *(word.value for word in call.keywords if word.arg in ("data", "columns", "index")),
            ]
            if method == "dict":
                inner = [word.value for word in call.keywords]
        elif method in _WRAPPERS:
            inner = call.args[:1]
        elif method in _PASSING and isinstance(call.func, ast.Attribute):
            inner = [call.func.value]
        for part in inner:
            yield from self._follow(part, depth)

    def _dictionary(self, whole: ast.Dict, method: str, depth: int) -> Iterator[ast.expr]:
        parts: list[ast.expr] = []
        if method in ("keys", "items"):
            parts += [key for key in whole.keys if key is not None]
        if method in ("values", "items", "get"):
            parts += whole.values
        for part in parts:
            yield from self._follow(part, depth)

    def _subscript(self, node: ast.Subscript, depth: int) -> Iterator[ast.expr]:
        index = self._index(node.slice)
        for whole in self._follow(node.value, depth):
            if isinstance(node.slice, ast.Slice):
                yield whole
            elif isinstance(whole, (ast.List, ast.Tuple)):
                if isinstance(index, int) and -len(whole.elts) <= index < len(whole.elts):
                    yield from self._follow(whole.elts[index], depth)
                elif index is None:
                    for element in whole.elts:
                        yield from self._follow(element, depth)
            elif isinstance(whole, ast.Dict):
                for key, value in zip(whole.keys, whole.values, strict=False):
                    same = isinstance(key, ast.Constant) and key.value == index
                    if index is None or same:
                        yield from self._follow(value, depth)
            elif not isinstance(whole, ast.Name):
                yield whole

    @staticmethod
    def _index(node: ast.expr) -> int | str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, str)):
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            operand = node.operand
            if isinstance(operand, ast.Constant) and isinstance(operand.value, int):
                return -operand.value
        return None

    def _items(self, iterable: ast.expr, path: Path, depth: int) -> Iterator[ast.expr]:
        """What iterating ``iterable`` gives, and of nested tuples the part at ``path``."""
        if depth <= 0:
            return
        depth -= 1
        if isinstance(iterable, ast.Call):
            method = self.method(iterable)
            if method == "enumerate" and path and iterable.args:
                if path[0] == 1:
                    yield from self._items(iterable.args[0], path[1:], depth)
                return
            if method in ("zip", "zip_longest", "product") and path:
                if path[0] < len(iterable.args):
                    yield from self._items(iterable.args[path[0]], path[1:], depth)
                return
            if method == "items" and path and isinstance(iterable.func, ast.Attribute):
                for whole in self._follow(iterable.func.value, depth):
                    if isinstance(whole, ast.Dict):
                        parts = whole.keys if path[0] == 0 else whole.values
                        for part in parts:
                            if part is not None:
                                yield from self._parts(part, path[1:], depth)
                return
            if method in ("list", "tuple", "reversed", "sorted", "cycle") and iterable.args:
                yield from self._items(iterable.args[0], path, depth)
                return
        for whole in self._follow(iterable, depth):
            if isinstance(whole, (ast.List, ast.Tuple, ast.Set)):
                for element in whole.elts:
                    yield from self._parts(element, path, depth)
            elif isinstance(whole, ast.Dict):
                for key in whole.keys:
                    if key is not None:
                        yield from self._parts(key, path, depth)
            elif isinstance(whole, ast.Constant):
                yield whole  # an item of `[...].keys()` and the like has been followed already

    def _parts(self, value: ast.expr, path: Path, depth: int) -> Iterator[ast.expr]:
        """The part of a nested tuple at ``path``."""
        if depth <= 0:
            return
        if not path:
            yield from self._follow(value, depth - 1)
            return
        for whole in self._follow(value, depth - 1):
            if isinstance(whole, (ast.List, ast.Tuple)) and path[0] < len(whole.elts):
                yield from self._parts(whole.elts[path[0]], path[1:], depth - 1)

    # ---- what is found there ----------------------------------------------------------------

    def leaves(self, node: ast.expr | None) -> list[ast.expr]:
        """The scalars that ``node`` may evaluate to or contain, at any depth of lists, each once."""
        found: dict[ast.expr, None] = {}
        stack = list(reversed(self.resolve(node)))
        visited: set[ast.expr] = set()
        while stack:
            end = stack.pop()
            if end in visited:
                continue
            visited.add(end)
            inner: list[ast.expr] = []
            if isinstance(end, (ast.List, ast.Tuple, ast.Set)):
                inner = [part for element in end.elts for part in self.resolve(element)]
            elif isinstance(end, ast.Dict):
                inner = [part for value in end.values for part in self.resolve(value)]
            else:
                found.setdefault(end)
            stack.extend(reversed(inner))
        return list(found)

    def sequences(self, node: ast.expr | None) -> list[ast.List | ast.Tuple]:
        """The list literals that ``node`` may evaluate to."""
        return [end for end in self.resolve(node) if isinstance(end, (ast.List, ast.Tuple))]

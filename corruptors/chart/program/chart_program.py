"""A chart script seen as a chart: its titles, labels, colors, values, axes and drawing calls.

Layers: `script.Script` knows which characters a node covers and how to edit them,
`literals.Reach` follows arguments back to literals, `calls.DrawingCalls` knows the calls that
draw and their axes, `labels.Labels` the words that are shown, and `ChartProgram` the rest of
what Matplotlib, pandas and seaborn do with a literal: looks, colors and values.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from matplotlib import colormaps
from matplotlib.colors import is_color_like, to_hex

from corruptors.chart.program.calls import DRAWING
from corruptors.chart.program.labels import ChartLabel, Labels
from corruptors.chart.program.script import Script, ScriptNumber, ScriptText
from records.edits import Mutation

__all__ = [
    "DRAWING", "ChartLabel", "ChartProgram", "Color", "Script", "ScriptNumber", "ScriptText",
    "Series",
]  # fmt: skip

_LITERAL_COLOR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8}|[0-9a-fA-F]{3})")
# fmt: off
COLOR_WORDS = (
    "color", "c", "colors", "facecolor", "facecolors", "edgecolor", "edgecolors", "fc", "ec",
    "mfc", "mec", "markerfacecolor", "markeredgecolor", "ecolor", "labelcolor", "palette",
    "colour", "linecolor", "bg_color", "node_color", "edge_color", "gridcolor",
)

# Lists of numbers that say where and how, not what: methods whose arguments they are, or keywords.
_FRAME_METHODS = (
    "xlim", "ylim", "set_xlim", "set_ylim", "set_zlim", "set_xticks", "set_yticks", "set_zticks",
    "xticks", "yticks", "add_axes", "inset_axes", "set_position", "axis", "set_ticks", "set_thetagrids",
    "set_rgrids", "set_rticks", "set_xbound", "set_ybound", "set_xticklabels", "set_yticklabels",
    "tight_layout", "text", "annotate", "figure", "set_size_inches", "reshape", "subplot2grid",
)
_FRAME_WORDS = (
    "figsize", "width_ratios", "height_ratios", "rect", "bbox_to_anchor", "xy", "xytext", "levels",
    "dashes", "explode", "xlim", "ylim", "zlim", "xticks", "yticks", "ticks", "gridspec_kw", "extent",
    "positions", "bins", "size", "shape", "aspect", "box_aspect", "offset", "loc", "linestyle",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Color:
    """A literal color."""

    text: ScriptText
    hex: str
    """``#rrggbb``."""
    word: str
    """The keyword it is given by, or ``color`` where it is only known to be one."""


@dataclass(frozen=True, slots=True)
class Series:
    """Literal numbers that are plotted together."""

    numbers: tuple[ScriptNumber, ...]
    name: str
    """Name of the variable or key that holds them; empty if there is none."""

    def location(self, index: int) -> str:
        place = f"value {index + 1}"
        return f"{place} of {self.name!r}" if self.name else place


class ChartProgram(Labels):
    """A parsed script that can locate every literal behind titles, values, colors and axes."""

    # ---- keywords and style dictionaries ----------------------------------------------------------

    @cached_property
    def _words(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            if isinstance(node, ast.keyword) and node.arg:
                found.setdefault(node.arg, []).append(node.value)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        found.setdefault(key.value, []).append(value)
            elif isinstance(node, ast.FunctionDef):
                defaults = node.args.defaults
                for parameter, value in zip(
                    node.args.args[len(node.args.args) - len(defaults) :], defaults, strict=True
                ):
                    found.setdefault(parameter.arg, []).append(value)
        return found

    def given(self, *words: str) -> list[ast.expr]:
        """Whatever is given by these keywords, in calls, style dictionaries and defaults."""
        return [value for word in words for value in self._words.get(word, ())]

    def numbers_given(self, *words: str) -> list[ScriptNumber]:
        """Literal numbers given by these keywords, each once."""
        found: dict[ast.expr, ScriptNumber] = {}
        for value in self.given(*words):
            for end in self.leaves(value):
                number = self.number(end)
                if number is not None:
                    found.setdefault(end, number)
        return list(found.values())

    def numbers_in(self, given: ast.expr | None) -> list[ScriptNumber]:
        """The literal numbers that an argument holds."""
        return [number for end in self.leaves(given) if (number := self.number(end))]

    def words_given(self, *words: str) -> list[ScriptText]:
        """Literal strings given by these keywords, each once."""
        found: dict[ast.expr, ScriptText] = {}
        for value in self.given(*words):
            for end in self.leaves(value):
                text = self.string(end)
                if text is not None and text.constant:
                    found.setdefault(end, text)
        return list(found.values())

    def colors_numbers(self, call: ast.Call) -> bool:
        """True for what gives colors for numbers: ``cmap``, ``plt.cm.tab10``, ``colormaps["a"]``."""
        called = self.source(call.func)
        name = called.rpartition(".")[2]
        return bool(re.search(r"cmap|colormap", called, re.IGNORECASE)) or name in colormaps

    def calls_around(self, node: ast.AST) -> Iterator[ast.Call]:
        """Calls that a node is given to, the innermost first."""
        above = self.parent(node)
        while isinstance(above, ast.expr):
            if isinstance(above, ast.Call):
                yield above
            above = self.parent(above)

    def ring_width(self, given: ast.expr) -> ast.expr | None:
        """What makes a ring of a pie in properties of its slices: their width; None for none."""
        for end in self.resolve(given):
            if isinstance(end, ast.Dict):
                for key, value in zip(end.keys, end.values, strict=True):
                    if _key(key) == "width":
                        return value
            elif isinstance(end, ast.Call):
                word = self.keyword(end, "width")
                if word is not None:
                    return word.value
        return None

    # ---- errors ------------------------------------------------------------------------------

    def dropped(self, call: ast.Call, where: str, words: str) -> Iterator[Mutation]:
        """The error that the statement around a call is missing, if nobody reads its value."""
        statement = self.statement(call)
        if isinstance(statement, ast.Expr):
            yield Mutation((self.drop(statement),), where, words)

    def dropped_alone(self, call: ast.Call, where: str, words: str) -> Iterator[Mutation]:
        """The error that a call is missing, which is a statement or assigned to unread names."""
        statement = self.statement(call)
        if self.parent(call) is statement and self.can_drop(statement):
            yield Mutation((self.drop(statement),), where, words)

    def bare(
        self, call: ast.Call, names: tuple[str, ...], where: str, words: str
    ) -> Iterator[Mutation]:
        """The error that a keyword argument is missing, the first of these that a call has."""
        word = self.keyword(call, *names)
        if word is not None:
            yield Mutation((self.drop_keyword(word),), where, words)

    # ---- colors ------------------------------------------------------------------------------

    @cached_property
    def colors(self) -> list[Color]:
        """All literal colors of the script, each once."""
        found: dict[ast.expr, Color] = {}
        for word in COLOR_WORDS:
            for value in self.given(word):
                for end in self.leaves(value):
                    self._color(found, end, word)
        for call in self.calls("set_color", "set_facecolor", "set_edgecolor", "set_ecolor"):
            for end in self.leaves(call.args[0] if call.args else None):
                self._color(found, end, "facecolor" if "face" in self.method(call) else "color")
        for name, bindings in self._bindings.items():
            if re.search(r"colou?r|palette", name, re.IGNORECASE):
                for binding in bindings:
                    if not binding.items:
                        for end in self.leaves(binding.value):
                            self._color(found, end, "color")
        for constant in self.all(ast.Constant):
            if isinstance(constant.value, str) and _LITERAL_COLOR.fullmatch(constant.value):
                self._color(found, constant, "color")
        return list(found.values())

    def _color(self, found: dict[ast.expr, Color], node: ast.expr, word: str) -> None:
        if node in found or self._is_key(node):
            return
        text = self.string(node)
        if text is None or not text.constant or text.value.lower() == "none":
            return
        if is_color_like(text.value) and not re.fullmatch(r"[\d.]+", text.value):
            found[node] = Color(text, to_hex(text.value), word)

    # ---- values -------------------------------------------------------------------------------

    @cached_property
    def series(self) -> list[Series]:
        """Literal lists of numbers that are data, not frame: no limits, ticks, sizes or colors."""
        plotted: set[ast.expr] = set()
        for call in self.drawings:
            for argument in [*call.args, *self._data_words(call)]:
                plotted |= self._containers(argument)
        frame: set[ast.expr] = set()
        for call in self.calls(*_FRAME_METHODS):
            for argument in call.args:
                frame |= self._containers(argument)
        for value in self.given(*_FRAME_WORDS, *COLOR_WORDS):
            frame |= self._containers(value)
        for call in self.all(ast.Call):
            if self.colors_numbers(call):
                for argument in call.args:
                    frame |= self._containers(argument)
        for name, bindings in self._bindings.items():
            if re.search(r"colou?r|palette|lims?\b|ticks?\b|figsize|ratio", name, re.IGNORECASE):
                for binding in bindings:
                    frame |= self._containers(binding.value)
        found: list[Series] = []
        for node in self.nodes:
            if isinstance(node, (ast.List, ast.Tuple)) and (node in plotted or node not in frame):
                numbers = [self.number(element) for element in node.elts]
                least = 2 if node in plotted else 3
                self._series(found, node, numbers, least)
            elif isinstance(node, ast.Dict) and node not in frame:
                numbers = [self.number(value) for value in node.values]
                if not any(word in _STYLE_KEYS for word in map(_key, node.keys)):
                    self._series(found, node, numbers, 3)
        return found

    def _series(
        self, found: list[Series], node: ast.expr, numbers: list[ScriptNumber | None], least: int
    ) -> None:
        present = tuple(number for number in numbers if number is not None)
        if len(present) >= least and len(present) * 2 >= len(numbers):
            found.append(Series(present, self.name_of(node)))

    def _data_words(self, call: ast.Call) -> Iterator[ast.expr]:
        for word in call.keywords:
            if word.arg in ("x", "y", "height", "data", "sizes", "weights", "bottom", "left"):
                yield word.value

    def _containers(self, node: ast.expr) -> set[ast.expr]:
        """Lists, tuples and dictionaries that ``node`` evaluates to or contains."""
        found: set[ast.expr] = set()
        stack = list(self.resolve(node))
        while stack:
            end = stack.pop()
            if end in found:
                continue
            if isinstance(end, (ast.List, ast.Tuple)):
                found.add(end)
                stack += [part for element in end.elts for part in self.resolve(element)]
            elif isinstance(end, ast.Dict):
                found.add(end)
                stack += [part for value in end.values for part in self.resolve(value)]
        return found

    def name_of(self, node: ast.expr) -> str:
        """Name of the variable, keyword or key that ``node`` is the value of."""
        above: ast.AST | None = self.parent(node)
        while isinstance(above, (ast.Call, ast.List, ast.Tuple, ast.Subscript, ast.BinOp)):
            node, above = above, self.parent(above)
        if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name):
            return above.targets[0].id
        if isinstance(above, ast.Dict) and node in above.values:
            return _key(above.keys[above.values.index(node)])
        if isinstance(above, ast.keyword):
            return above.arg or ""
        return ""


_STYLE_KEYS = frozenset(
    ("color", "lw", "linewidth", "alpha", "fontsize", "size", "pad", "width_ratios", "shrink", "s")
)


def _key(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""

"""A chart script seen as a chart: its titles, labels, colours, values, axes and drawing calls.

Three layers: `chart_syntax.Script` knows which characters a node covers and how to edit them,
`chart_reach.Reach` follows arguments back to literals, `ChartProgram` knows what Matplotlib,
pandas and seaborn do with them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from matplotlib.colors import is_color_like, to_hex

from corruptors.chart_reach import Reach
from corruptors.chart_syntax import Number, Script, Text

__all__ = ["DRAWING", "ChartProgram", "Colour", "Label", "Number", "Script", "Series", "Text"]

# fmt: off
DRAWING = frozenset((
    "plot", "bar", "barh", "scatter", "hist", "pie", "errorbar", "boxplot", "violinplot", "step",
    "stackplot", "fill_between", "fill_betweenx", "fill", "imshow", "matshow", "pcolor", "pcolormesh",
    "contour", "contourf", "tricontourf", "hexbin", "hist2d", "stem", "quiver", "streamplot", "loglog",
    "semilogx", "semilogy", "eventplot", "broken_barh", "plot_surface", "plot_wireframe", "bar3d",
    "scatter3D", "plot3D", "plot_trisurf", "area", "bxp", "barplot", "lineplot", "scatterplot",
    "histplot", "kdeplot", "violin", "swarmplot", "stripplot", "heatmap", "countplot", "pointplot",
    "regplot", "boxenplot", "ecdf", "density", "spy", "barbs", "triplot", "axhspan", "axvspan",
    "draw_networkx_nodes", "draw_networkx_edges",
))
"""Methods that put data on the axes."""

_LITERAL_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8}|[0-9a-fA-F]{3})")
COLOUR_WORDS = (
    "color", "c", "colors", "facecolor", "facecolors", "edgecolor", "edgecolors", "fc", "ec", "mfc",
    "mec", "markerfacecolor", "markeredgecolor", "ecolor", "labelcolor", "palette", "colour",
    "linecolor", "bg_color", "node_color", "edge_color", "gridcolor",
)

# What a call shows as words: methods, position of the argument, keywords.
_SHOWN: tuple[tuple[str, tuple[str, ...], int | None, tuple[str, ...]], ...] = (
    ("title", ("title", "set_title"), 0, ("label",)),
    ("figure title", ("suptitle",), 0, ("t",)),
    ("title", ("set", "plot", "bar", "barh", "hist", "pie", "line", "area", "scatter"), None, ("title",)),
    ("x-axis label", ("xlabel", "set_xlabel"), 0, ("xlabel",)),
    ("y-axis label", ("ylabel", "set_ylabel"), 0, ("ylabel",)),
    ("z-axis label", ("set_zlabel",), 0, ("zlabel",)),
    ("axis label", ("supxlabel", "supylabel"), 0, ("t",)),
    ("x-axis label", ("set", "plot", "bar", "barh", "hist"), None, ("xlabel",)),
    ("y-axis label", ("set", "plot", "bar", "barh", "hist"), None, ("ylabel",)),
    ("z-axis label", ("set",), None, ("zlabel",)),
    ("colour bar label", ("colorbar", "ColorbarBase"), None, ("label",)),
    ("colour bar label", ("set_label",), 0, ("label",)),
    ("legend title", ("legend",), None, ("title",)),
    ("legend entry", ("legend",), 0, ()),
    ("legend entry", ("legend",), 1, ("labels",)),
    ("x tick label", ("set_xticklabels", "set_thetagrids_labels"), 0, ("labels",)),
    ("y tick label", ("set_yticklabels",), 0, ("labels",)),
    ("tick label", ("set_ticklabels", "set_zticklabels"), 0, ("labels",)),
    ("x tick label", ("xticks", "set_xticks", "set_thetagrids", "thetagrids"), 1, ("labels",)),
    ("y tick label", ("yticks", "set_yticks", "set_rgrids"), 1, ("labels",)),
    ("tick label", ("bar", "barh", "boxplot", "set", "heatmap"), None,
     ("tick_label", "tick_labels", "xticklabels", "yticklabels")),
    ("slice label", ("pie",), None, ("labels",)),
    ("legend entry", ("stackplot", "hist"), None, ("labels", "label")),
    ("tick label", ("boxplot", "bxp", "violinplot"), None, ("labels",)),
    ("category", ("bar", "barh", "scatter", "plot", "errorbar", "stem", "fill_between", "step"), 0, ("x",)),
    ("category", ("scatter", "plot", "barh"), 1, ("y",)),
    ("annotation", ("annotate",), 0, ("text", "s")),
    ("annotation", ("text", "figtext", "text2D"), 2, ("s",)),
    ("annotation", ("text",), 3, ()),
    ("annotation", ("bar_label",), 1, ("labels",)),
    ("node label", ("venn2", "venn3"), None, ("set_labels",)),
    ("node label", ("draw_networkx_labels", "draw", "draw_networkx"), None, ("labels",)),
    ("tile label", ("squarify", "treemap"), None, ("label",)),
)

_OUTSIDE_AXES = frozenset((
    "figure", "subplot", "subplots", "axes", "savefig", "show", "close", "tight_layout", "clf", "cla",
    "subplots_adjust", "suptitle", "sca", "draw", "ion", "ioff", "rc", "style", "switch_backend",
))

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
class Label:
    """Words that are shown, and as what."""

    text: Text
    role: str
    """As a viewer calls it: "title", "x-axis label", "legend entry"."""

    @property
    def location(self) -> str:
        return f"{self.role} {self.text.value!r}"


@dataclass(frozen=True, slots=True)
class Colour:
    """A literal colour."""

    text: Text
    hex: str
    """``#rrggbb``."""
    word: str
    """The keyword it is given by, or ``color`` where it is only known to be one."""


@dataclass(frozen=True, slots=True)
class Series:
    """Literal numbers that are plotted together."""

    numbers: tuple[Number, ...]
    name: str
    """Name of the variable or key that holds them; empty where there is none."""

    def location(self, index: int) -> str:
        place = f"value {index + 1}"
        return f"{place} of {self.name!r}" if self.name else place


class ChartProgram(Reach):
    """A Matplotlib script, parsed far enough that any part of the chart can be gone wrong at."""

    # ---- drawing calls and axes ---------------------------------------------------------------

    @cached_property
    def drawings(self) -> list[ast.Call]:
        """Calls that put data on axes, from top to bottom."""
        found = [call for call in self.calls(*sorted(DRAWING)) if self._draws(call)]
        return sorted(found, key=lambda call: self.span(call))

    def _draws(self, call: ast.Call) -> bool:
        if not isinstance(call.func, ast.Attribute) or not (call.args or call.keywords):
            return False
        return self.receiver(call) not in (
            "np",
            "numpy",
            "math",
            "random",
            "np.random",
            "gaussian_kde",
        )

    def drawn_by(self, *names: str) -> list[ast.Call]:
        """Drawing calls of these names, whatever they are called on."""
        return [call for call in self.drawings if self.method(call) in names]

    @staticmethod
    def is_pyplot(receiver: str) -> bool:
        return receiver in ("plt", "pyplot", "pylab", "matplotlib.pyplot")

    @staticmethod
    def is_library(receiver: str) -> bool:
        """True for a module other than pyplot: seaborn, networkx and friends."""
        return receiver in (
            "sns",
            "seaborn",
            "nx",
            "networkx",
            "squarify",
            "pd",
            "mpl",
            "matplotlib",
        )

    def axes(self) -> list[tuple[str, ast.stmt]]:
        """Each receiver that data is drawn on, with the last statement that calls it.

        A receiver is the source of an axes expression, or of pyplot. What is put after that
        statement has the last word on these axes.
        """
        found: dict[str, ast.stmt] = {}
        for call in self.drawings:
            if self.is_library(self.receiver(call)):
                given = self.keyword(call, "ax")
                receiver = self.source(given.value) if given else "plt"
            elif self._is_axes(call):
                receiver = self.receiver(call)
            else:
                continue
            if isinstance(self.statement(call), (ast.Expr, ast.Assign)):
                found[receiver] = self.statement(call)
        for call in self._in_order:
            receiver = self.receiver(call)
            statement = self.parent(call)
            last = found.get(receiver)
            outside = self.method(call) in _OUTSIDE_AXES
            if last is not None and isinstance(statement, ast.Expr) and not outside:
                found[receiver] = max(last, statement, key=lambda line: line.lineno)
        return list(found.items())

    @cached_property
    def _in_order(self) -> list[ast.Call]:
        calls = [call for calls in self._calls.values() for call in calls]
        return sorted(calls, key=lambda call: (call.lineno, call.col_offset))

    def _is_axes(self, call: ast.Call) -> bool:
        """False for a data frame's own plot method."""
        receiver = self.receiver(call)
        if self.keyword(call, "kind") or (self.keyword(call, "ax") and self.method(call) == "plot"):
            return False
        return not re.search(r"\.plot$|\bdf\b|\bdata\[", receiver)

    def axes_of(self, receiver: str) -> str:
        """Source of the axes object behind a receiver."""
        return f"{receiver}.gca()" if self.is_pyplot(receiver) else receiver

    def setter(self, receiver: str, what: str) -> str:
        """How ``what`` (xlabel, ylim, yscale ...) is set there: pyplot leaves out ``set_``."""
        return f"{receiver}.{what}" if self.is_pyplot(receiver) else f"{receiver}.set_{what}"

    @cached_property
    def output(self) -> ast.stmt | None:
        """The statement before which the chart is finished: layout, saving or showing."""
        for names in (("tight_layout",), ("savefig",), ("show",)):
            for call in self.calls(*names):
                statement = self.statement(call)
                if isinstance(statement, ast.Expr):
                    return statement
        return None

    # ---- words --------------------------------------------------------------------------------

    @cached_property
    def labels(self) -> list[Label]:
        """Literal words that are shown, each once, by role."""
        found: dict[ast.expr, Label] = {}
        for role, methods, position, words in _SHOWN:
            for call in self.calls(*methods):
                given = self.argument(call, position, *words)
                self._collect(found, role, given)
        for call in self.calls(*sorted(self._calls)):
            word = self.keyword(call, "label")
            if word is not None and self.method(call) not in ("colorbar", "set_title", "pie"):
                self._collect(found, "legend entry", word.value)
        return list(found.values())

    def _collect(self, found: dict[ast.expr, Label], role: str, given: ast.expr | None) -> None:
        for end in self.leaves(given):
            if end in found or self._is_key(end):
                continue
            text = self.string(end)
            if text is not None and text.value.strip() and not _is_file(text.value):
                found[end] = Label(text, role)

    @cached_property
    def _keys(self) -> dict[str, int]:
        """How often each word stands as a key or index."""
        found: dict[str, int] = {}
        for node in self.nodes:
            keys: list[ast.expr | None] = []
            if isinstance(node, ast.Dict):
                keys = list(node.keys)
            elif isinstance(node, ast.Subscript):
                inner = node.slice
                keys = list(inner.elts) if isinstance(inner, (ast.List, ast.Tuple)) else [inner]
            for key in keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found[key.value] = found.get(key.value, 0) + 1
        return found

    def _is_key(self, node: ast.expr) -> bool:
        """True where retyping this word alone would break a look-up elsewhere."""
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return False
        own = isinstance(self.parent(node), ast.Dict) and node in (self.parent(node).keys)  # type: ignore[union-attr]
        return self._keys.get(node.value, 0) > (1 if own else 0)

    def labels_of(self, *roles: str) -> list[Label]:
        """Labels whose role ends in one of these."""
        return [label for label in self.labels if label.role.endswith(roles)]

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

    def numbers_given(self, *words: str) -> list[Number]:
        """Literal numbers given by these keywords, each once."""
        found: dict[ast.expr, Number] = {}
        for value in self.given(*words):
            for end in self.leaves(value):
                number = self.number(end)
                if number is not None:
                    found.setdefault(end, number)
        return list(found.values())

    def words_given(self, *words: str) -> list[Text]:
        """Literal strings given by these keywords, each once."""
        found: dict[ast.expr, Text] = {}
        for value in self.given(*words):
            for end in self.leaves(value):
                text = self.string(end)
                if text is not None and text.constant:
                    found.setdefault(end, text)
        return list(found.values())

    # ---- colours ------------------------------------------------------------------------------

    @cached_property
    def colours(self) -> list[Colour]:
        """Literal colours, wherever they stand, each once."""
        found: dict[ast.expr, Colour] = {}
        for word in COLOUR_WORDS:
            for value in self.given(word):
                for end in self.leaves(value):
                    self._colour(found, end, word)
        for call in self.calls("set_color", "set_facecolor", "set_edgecolor", "set_ecolor"):
            for end in self.leaves(call.args[0] if call.args else None):
                self._colour(found, end, "facecolor" if "face" in self.method(call) else "color")
        for name, bindings in self._bindings.items():
            if re.search(r"colou?r|palette", name, re.IGNORECASE):
                for binding in bindings:
                    if not binding.items:
                        for end in self.leaves(binding.value):
                            self._colour(found, end, "color")
        for constant in self.all(ast.Constant):
            if isinstance(constant.value, str) and _LITERAL_COLOUR.fullmatch(constant.value):
                self._colour(found, constant, "color")
        return list(found.values())

    def _colour(self, found: dict[ast.expr, Colour], node: ast.expr, word: str) -> None:
        if node in found or self._is_key(node):
            return
        text = self.string(node)
        if text is None or not text.constant or text.value.lower() == "none":
            return
        if is_color_like(text.value) and not re.fullmatch(r"[\d.]+", text.value):
            found[node] = Colour(text, to_hex(text.value), word)

    # ---- values -------------------------------------------------------------------------------

    @cached_property
    def series(self) -> list[Series]:
        """Literal lists of numbers that are data, not frame: no limits, ticks, sizes or colours."""
        plotted: set[ast.expr] = set()
        for call in self.drawings:
            for argument in [*call.args, *self._data_words(call)]:
                plotted |= self._containers(argument)
        frame: set[ast.expr] = set()
        for call in self.calls(*_FRAME_METHODS):
            for argument in call.args:
                frame |= self._containers(argument)
        for value in self.given(*_FRAME_WORDS, *COLOUR_WORDS):
            frame |= self._containers(value)
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
        self, found: list[Series], node: ast.expr, numbers: list[Number | None], least: int
    ) -> None:
        present = tuple(number for number in numbers if number is not None)
        if len(present) >= least and len(present) * 2 >= len(numbers):
            found.append(Series(present, self.name_of(node)))

    def _data_words(self, call: ast.Call) -> Iterator[ast.expr]:
        for word in call.keywords:
            if word.arg in ("x", "y", "height", "data", "sizes", "weights", "bottom", "left"):
                yield word.value

    def _containers(self, node: ast.expr) -> set[ast.expr]:
        """Lists, tuples and dictionaries that ``node`` stands for or holds."""
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


def _is_file(value: str) -> bool:
    return bool(re.search(r"\.(?:pdf|png|svg|jpe?g|csv)$", value))

"""The words that a chart script shows, and as what: titles, labels, legend entries, annotations."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property

from corruptors.chart.program.calls import DrawingCalls
from corruptors.chart.program.script import ScriptText

# fmt: off
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
# fmt: on


@dataclass(frozen=True, slots=True)
class ChartLabel:
    """Words that are shown, and as what."""

    text: ScriptText
    role: str
    """As a viewer calls it: "title", "x-axis label", "legend entry"."""

    @property
    def location(self) -> str:
        return f"{self.role} {self.text.value!r}"


class Labels(DrawingCalls):
    """A script whose shown words are known."""

    # ---- words --------------------------------------------------------------------------------

    @cached_property
    def labels(self) -> list[ChartLabel]:
        """Literal words that are shown, each once, by role."""
        found: dict[ast.expr, ChartLabel] = {}
        for role, methods, position, words in _SHOWN:
            for call in self.calls(*methods):
                given = self.argument(call, position, *words)
                self._collect(found, role, given)
        for call in self.calls(*sorted(self._calls)):
            word = self.keyword(call, "label")
            if word is not None and self.method(call) not in ("colorbar", "set_title", "pie"):
                self._collect(found, "legend entry", word.value)
        return list(found.values())

    def _collect(
        self, found: dict[ast.expr, ChartLabel], role: str, given: ast.expr | None
    ) -> None:
        for end in self.leaves(given):
            if end in found or self._is_key(end):
                continue
            text = self.string(end)
            if text is not None and text.value.strip() and not _is_file(text.value):
                found[end] = ChartLabel(text, role)

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
        """True if retyping this word alone would break a look-up elsewhere."""
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return False
        own = isinstance(self.parent(node), ast.Dict) and node in (self.parent(node).keys)  # type: ignore[union-attr]
        again = self._literals.get(node.value, 0) > 1
        if again and (own or self._picks):
            return True  # values elsewhere are picked by this word
        return self._keys.get(node.value, 0) > (1 if own else 0)

    @cached_property
    def _picks(self) -> bool:
        """True if something is chosen by comparing it with a word, as far as the code says."""
        return any(
            isinstance(node.ops[0], (ast.Eq, ast.NotEq, ast.In))
            and all(
                not isinstance(side, ast.Constant) or isinstance(side.value, str)
                for side in (node.left, *node.comparators)
            )
            for node in self.all(ast.Compare)
        )

    @cached_property
    def _literals(self) -> dict[str, int]:
        """How often each string stands in the script."""
        found: dict[str, int] = {}
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found[node.value] = found.get(node.value, 0) + 1
        return found

    def labels_of(self, *roles: str) -> list[ChartLabel]:
        """Labels whose role ends in one of these."""
        return [label for label in self.labels if label.role.endswith(roles)]


def _is_file(value: str) -> bool:
    return bool(re.search(r"\.(?:pdf|png|svg|jpe?g|csv)$", value))

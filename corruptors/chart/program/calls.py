"""The drawing calls of a chart script, and the axes that they draw on."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cached_property

from corruptors.chart.program.literals import Reach
from records.edits import Edit

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

_OUTSIDE_AXES = frozenset((
    "figure", "subplot", "subplots", "axes", "savefig", "show", "close", "tight_layout", "clf", "cla",
    "subplots_adjust", "suptitle", "sca", "draw", "ion", "ioff", "rc", "style", "switch_backend",
))
# fmt: on

_LIBRARIES = frozenset(("sns", "seaborn", "nx", "networkx", "squarify", "pd", "mpl", "matplotlib"))
_TABLES = frozenset(("DataFrame", "Series", "read_csv", "groupby", "pivot", "pivot_table", "melt"))
"""Calls that give a table of pandas, which draws without being axes."""


class DrawingCalls(Reach):
    """A script whose drawing calls are known, with what they draw on and where it ends."""

    # ---- drawing calls and axes ---------------------------------------------------------------

    @cached_property
    def drawings(self) -> list[ast.Call]:
        """Calls that put data on axes, from top to bottom."""
        found = [call for call in self.calls(*sorted(DRAWING)) if self._draws(call)]
        return sorted(found, key=lambda call: self.span(call))

    def _draws(self, call: ast.Call) -> bool:
        if not isinstance(call.func, ast.Attribute) or not (call.args or call.keywords):
            return False
        computed = ("np", "numpy", "math", "random", "np.random", "gaussian_kde")
        return self.receiver(call) not in computed

    def drawn_by(self, *names: str) -> list[ast.Call]:
        """Drawing calls of these names, whatever they are called on."""
        return [call for call in self.drawings if self.method(call) in names]

    @staticmethod
    def is_pyplot(receiver: str) -> bool:
        return receiver in ("plt", "pyplot", "pylab", "matplotlib.pyplot")

    @staticmethod
    def is_library(receiver: str) -> bool:
        """True for a module other than pyplot: seaborn, networkx and friends."""
        return receiver in _LIBRARIES

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
        if re.search(r"\.plot$|\bdf\b|\bdata\[", receiver):
            return False
        assert isinstance(call.func, ast.Attribute)
        made = (
            self.method(end) for end in self.resolve(call.func.value) if isinstance(end, ast.Call)
        )
        return not any(name in _TABLES for name in made)

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

    @cached_property
    def finished_figure(self) -> str:
        """Source of the figure that is saved, where the script saves one by name; else pyplot's."""
        saved = self._saving
        receiver = self.receiver(saved) if saved is not None else ""
        if receiver.isidentifier() and not self.is_pyplot(receiver):
            return receiver
        return '__import__("matplotlib.pyplot").pyplot.gcf()'

    @cached_property
    def _saving(self) -> ast.Call | None:
        """The last call that saves or shows, as a statement of its own."""
        for name in ("savefig", "show"):
            for call in reversed(self.calls(name)):
                if isinstance(self.parent(call), ast.Expr):
                    return call
        return None

    def at_the_end(self, lines: Sequence[str]) -> Edit | None:
        """Put lines right before the figure is saved or shown, or at the end of the script.

        None if the saving shares its line with other statements.
        """
        if self._saving is None:
            end = len(self.text)
            broken = "" if not self.text or self.text.endswith("\n") else self.newline
            return Edit(end, end, broken + "".join(f"{line}{self.newline}" for line in lines))
        start, _ = self.span(self.statement(self._saving))
        indent = self.text[self.line_start(start) : start]
        if indent.strip():
            return None
        return Edit(start, start, "".join(f"{line}{self.newline}{indent}" for line in lines))

"""Lays out each text once: matplotlib asks for the layout of a text at every box, axis and drawing.

A layout does not depend on where the text stands. One figure needs that of each tick label a dozen times, by two
or three renderers of one kind, and matplotlib finds fonts and line heights anew for each.
"""

# mypy: disable-error-code="method-assign,attr-defined,no-untyped-call"
# Reason: this module replaces a part of matplotlib that has no types.

from __future__ import annotations

from functools import partial
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text

FAMILIES = (
    "font.family", "font.serif", "font.sans-serif", "font.cursive", "font.fantasy", "font.monospace",
)  # fmt: skip
"""Settings that say which fonts a family stands for."""
_LETTERS = (
    "text.hinting", "text.kerning_factor", *(f"mathtext.{name}" for name in (
        "bf", "bfit", "cal", "default", "fallback", "fontset", "it", "rm", "sf", "tt",
    )),
)  # fmt: skip
"""Settings that change the sizes of letters and formulas."""


_setting = partial(dict.__getitem__, matplotlib.rcParams)


def families() -> tuple[tuple[str, ...], ...]:
    """The fonts that each family stands for now."""
    return tuple(map(tuple, map(_setting, FAMILIES)))


def lay_out_each_text_once() -> None:
    """Make matplotlib remember the layouts of texts, by all that they depend on."""
    lay_out = Text._get_layout
    known: dict[tuple[object, ...], Any] = {}

    def layout(text: Any, renderer: Any) -> Any:
        if text.get_wrap() or text.get_usetex() or not isinstance(renderer, RendererAgg):
            return lay_out(text, renderer)
        key = (
            type(text), text.get_text(), text.get_parse_math(), *vars(text._fontproperties).values(),
            text._linespacing, text._multialignment, text._horizontalalignment,
            text._verticalalignment, text.get_rotation(), text.get_rotation_mode(),
            text.get_figure(root=True).dpi, renderer.dpi, families(),
            *map(_setting, _LETTERS), len(font_manager.fontManager.ttflist),
        )  # fmt: skip
        if key not in known:
            known[key] = lay_out(text, renderer)
        return known[key]

    Text._get_layout = layout

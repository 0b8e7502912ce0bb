"""Lays out each text once, and places the ticks of an axis once while it is drawn or measured.

A layout does not depend on where the text stands. One figure needs that of each tick label a dozen times, by two
or three renderers of one kind, and matplotlib finds fonts and line heights anew for each. To draw or measure one
axis, it places and measures the same ticks three times: for themselves, for the axis label and for the spine.
"""

# mypy: disable-error-code="method-assign,attr-defined,no-untyped-call"
# Reason: this module replaces a part of matplotlib that has no types.

from __future__ import annotations

from functools import partial, wraps
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.axis import Axis
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


def place_ticks_once() -> None:
    """Make matplotlib keep the ticks of an axis, and the boxes of their labels, until it is drawn or measured."""
    place, measure = Axis._update_ticks, Axis._get_ticklabel_bboxes

    def ticks(axis: Any) -> Any:
        held = vars(axis).get(_HELD)
        if held is None:
            return place(axis)
        if not held:
            held["ticks"] = place(axis)
        return held["ticks"]

    def boxes(axis: Any, of_ticks: Any, renderer: Any) -> Any:
        held = vars(axis).get(_HELD)
        if held is None or of_ticks is not held.get("ticks"):
            return measure(axis, of_ticks, renderer)
        if renderer not in held:
            held[renderer] = measure(axis, of_ticks, renderer)
        return held[renderer]

    Axis._update_ticks, Axis._get_ticklabel_bboxes = ticks, boxes
    Axis.draw, Axis.get_tightbbox = _holding(Axis.draw), _holding(Axis.get_tightbbox)


_HELD = "_ticks_and_boxes"
"""Attribute of an axis: its ticks, and the boxes of their labels by renderer."""


def _holding(method: Any) -> Any:
    """A method of an axis during which it keeps its ticks."""

    @wraps(method)
    def holding(axis: Any, *arguments: Any, **options: Any) -> Any:
        if _HELD in vars(axis):
            return method(axis, *arguments, **options)
        setattr(axis, _HELD, {})
        try:
            return method(axis, *arguments, **options)
        finally:
            delattr(axis, _HELD)

    return holding

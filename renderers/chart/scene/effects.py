"""Looks around an artist: outlines and shadows of path effects, corners of boxes, heads and bows of arrows."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text

from renderers.chart.scene.look import Canvas, Points, color, number
from renderers.scene import Element, Value

SHADOWS = (patheffects.SimplePatchShadow, patheffects.SimpleLineShadow)

ROUND_PT = 3.0
"""Corners with a smaller radius than this, in points, look square."""


def adorned(canvas: Canvas, artist: Any, made: Element) -> Element:
    """An element with the looks around its artist."""
    around = path_effects(artist)
    if isinstance(artist, FancyBboxPatch):
        around |= {"corners": "square"} | box_look(canvas, artist)
    return made.having(style=made.style | around) if around else made


def path_effects(artist: Any) -> dict[str, Value]:
    """``halo`` (color of a stroke around the artist), ``halo_width`` and ``shadow`` (a color).

    >>> from matplotlib.lines import Line2D
    >>> path_effects(Line2D([0], [0], lw=2, path_effects=[patheffects.withStroke(linewidth=5, foreground="k")]))
    {'halo': '#000000ff', 'halo_width': 1.5}
    """
    style: dict[str, Value] = {}
    effects: list[Any] = artist.get_path_effects() or []
    for effect in effects:
        pen = getattr(effect, "_gc", {})
        if isinstance(effect, patheffects.Stroke):
            own = 0.0 if isinstance(artist, Text) else float(np.max(artist.get_linewidth()))
            beyond = (float(pen.get("linewidth", own)) - own) / 2
            tint = color(pen.get("foreground"), pen.get("alpha"))
            if beyond > 0 and tint:
                style |= {"halo": tint, "halo_width": round(beyond, 2)}
        elif isinstance(effect, SHADOWS):
            given = getattr(effect, "_shadow_rgbFace", getattr(effect, "_shadow_color", None))
            alpha = getattr(effect, "_alpha", None)
            style["shadow"] = color("black" if given is None else given[:3], alpha)
    return style


def box_look(canvas: Canvas, patch: Any) -> dict[str, Value]:
    """``corners`` of a box whose form is not a rectangle: round, or the name of its form."""
    if not isinstance(patch, FancyBboxPatch):
        return {}
    form: Any = patch.get_boxstyle()
    kind = type(form).__name__
    if kind == "Square":
        return {}
    if kind.startswith("Round") and kind != "Roundtooth":
        given = getattr(form, "rounding_size", None)
        radius = abs((form.pad if given is None else given) * patch.get_mutation_scale())
        corner = patch.get_transform().transform([(0.0, 0.0), (radius, radius)])
        return (
            {"corners": "round"} if np.ptp(corner, axis=0).max() >= canvas.pixels(ROUND_PT) else {}
        )
    return {"corners": FORMS.get(kind, kind.lower())}


FORMS = {
    "Sawtooth": "jagged", "Roundtooth": "wavy", "Circle": "a circle", "Ellipse": "an ellipse",
    "LArrow": "an arrow to the left", "RArrow": "an arrow to the right", "DArrow": "a double arrow",
}  # fmt: skip
"""Box styles of matplotlib in words."""


def arrow_look(artist: FancyArrowPatch, ends: Points | None) -> dict[str, Value]:
    """The head of an arrow, its size and the width of a filled shaft in points, and how it runs.

    Args:
        ends: Start and end in pixels; None if the arrow follows a path of its own.
    """
    form: Any = artist.get_arrowstyle()
    scale = artist.get_mutation_scale()
    style: dict[str, Value] = {"head": type(form).__name__}
    if type(form).__name__ in WITH_HEAD:
        style["head_size"] = number(round(2 * form.head_width * scale, 2))
    if type(form).__name__ in WITH_TAIL:
        style["head_size"] = number(round(form.head_width * scale, 2))
        style["shaft_width"] = number(round(form.tail_width * scale, 2))
    return style | (_run(artist, ends) if ends is not None else {})


WITH_HEAD = frozenset(f"Curve{end}" for end in ("A", "B", "AB", "FilledA", "FilledB", "FilledAB"))
WITH_TAIL = frozenset(("Simple", "Fancy"))


def _run(artist: FancyArrowPatch, ends: Points) -> dict[str, Value]:
    """How a connecting line runs from one end to the other: straight, bent, or curved by a share of
    its length, positive to the left of its direction in the picture."""
    connect: Any = artist.get_connectionstyle()
    path = connect(*ends)
    away, offsets = ends[1] - ends[0], path.vertices - ends[0]
    length = max(float(np.hypot(*away)), 1e-9)
    aside = (away[0] * offsets[:, 1] - away[1] * offsets[:, 0]) / length**2
    if not np.isfinite(aside).all() or np.abs(aside).max() < BENT:
        return {"shaft": "straight"}
    if path.codes is None or (path.codes == Path.LINETO).any():
        return {"shaft": "bent"}
    # A quadratic curve reaches half as far as its control point.
    return {"shaft": "curved", "bow": number(round(float(aside[np.abs(aside).argmax()]) / 2, 3))}


BENT = 0.02
"""A line is bent or curved if it leaves the straight line by at least this share of its length."""

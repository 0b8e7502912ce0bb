"""Contour lines, or the bands between them, as elements of a scene."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.contour import ContourSet
from matplotlib.path import Path

from renderers.chart.scene.look import KEPT, Points, colors, dash_in, numbers, sampled
from renderers.chart.scene.marks import AxesFrame, label_of
from renderers.scene import Element, Value


def contour(place: AxesFrame, artist: ContourSet) -> Element | None:
    """Contour lines or the filled bands between them."""
    paths, transform = artist.get_paths(), artist.get_transform()
    seen = [i for i, path in enumerate(paths) if _extent(transform.transform(path.vertices)) > 2]
    if not seen:
        return None
    every = np.concatenate([np.asarray(paths[i].vertices, dtype=float) for i in seen])
    space, points, display = place.locate(transform, every)
    box = place.box(artist, display)
    if box is None:
        return None
    filled = bool(artist.filled)
    style: dict[str, Value] = {"filled": filled}
    if getattr(artist, "colors", None) is None:
        style["cmap"] = artist.get_cmap().name
    ramp = colors(artist.get_facecolor() if filled else artist.get_edgecolor())
    style["ramp"] = [ramp[i] for i in seen] if len(ramp) == len(paths) else ramp
    if not filled:
        widths = np.atleast_1d(artist.get_linewidth())
        style["width"] = round(float(widths[0]), 3) if len(widths) else 0.0
        style["dash"] = dash_in(artist)
    levels = np.asarray(artist.levels, float)
    if len(paths) == len(levels) - filled:
        levels = levels[sorted({*seen, *(i + 1 for i in seen)} if filled else {*seen})]
    data: dict[str, Value] = {"levels": numbers(sampled(levels))}
    lines, grain = _corners([transform.transform_path(paths[i]) for i in seen])
    _, points, _ = place.locate(transform, transform.inverted().transform(lines))
    data |= {"space": space, "x": numbers(points[:, 0]), "y": numbers(points[:, 1])}
    data["grain"] = round(grain / max(_extent(display), 1.0), 4)
    words = getattr(artist, "labelTexts", ())
    if words:
        data["labels"] = sorted({" ".join(part.get_text().split()) for part in words})
        style["label_size"] = round(float(words[0].get_fontsize()), 2)
    return Element("contour", box, label_of(artist), style, data)


def _extent(display: Points) -> float:
    """The longer side of the box around points, in pixels; 0 for none."""
    return float(np.ptp(display, axis=0).max()) if len(display) else 0.0


CORNERS = 2 * KEPT
"""Corners of all lines together that are kept."""


def _corners(paths: Sequence[Path]) -> tuple[Points, float]:
    """Corners of all paths in pixels, a row of NaN after each line, and how far lines may run aside.

    Corners that lie nearer to their line than that are left out; the nearer, the fewer there are.
    """
    grain = 1.0
    while True:
        lines = [line for path in paths for line in _simplified(path, grain)]
        if sum(map(len, lines)) <= CORNERS:
            gap = np.full((1, 2), np.nan)
            return np.concatenate([*(part for line in lines for part in (line, gap)), gap]), grain
        if grain >= COARSEST:
            return np.zeros((0, 2)), grain
        grain *= 2


COARSEST = 8.0
"""Pixels that a line may be read aside; noise that is finer is known by its levels alone."""


def _simplified(path: Path, grain: float) -> list[Points]:
    """The lines of a path without corners that lie within so many pixels of them."""
    path = Path(path.vertices, path.codes)
    path.should_simplify, path.simplify_threshold = True, grain
    return [line for line in path.to_polygons(closed_only=False) if len(line) > 1]

"""Texts that later marks cover, so that nobody reads them, unless they can be read in the other chart."""

from __future__ import annotations

import numpy as np

from annotators.structural.chart.marks import Mark, Numbers, Scales, fractions, scales_of
from records.rows import Box
from renderers.scene import Element, length_of

LARGE_PX = 12.0
"""Markers and bars smaller than this, in pixels, cover no word."""

COVERED = 0.85
"""Share of a text's box that opaque marks must cover to hide it."""

STEPS = 9
"""Places across and down a text at which is looked whether it is covered."""


def without_covered_texts(
    one: Element, two: Element, px_per_point: float
) -> tuple[Element, Element]:
    """Two axes without the texts that are covered in one chart and not to be read in the other."""
    hidden = [_covered(axes, px_per_point) for axes in (one, two)]
    read = [
        {part.text for part in axes.parts("text") if id(part) not in gone}
        for axes, gone in zip((one, two), hidden, strict=True)
    ]
    found = []
    for axes, gone, other in zip((one, two), hidden, read[::-1], strict=True):
        kept = tuple(part for part in axes.children if id(part) not in gone or part.text in other)
        same = len(kept) == len(axes.children)
        found.append(axes if same else axes.having(children=kept))
    return found[0], found[1]


def _covered(axes: Element, px_per_point: float) -> set[int]:
    """Identities of the texts that opaque bars, markers or legends drawn later lie on.

    Args:
        axes: Its parts in drawing order; boxes in pixels.
        px_per_point: Pixels for a point of marker sizes.
    """
    texts = [i for i, part in enumerate(axes.children) if part.role == "text" and part.box]
    marks = [
        i for i, part in enumerate(axes.children)
        if part.role in ("bar", "markers", "legend") and texts and i > texts[0] and _opaque(part)
    ]  # fmt: skip
    if not marks or axes.box is None or axes.data.get("projection") != "rectilinear":
        return set()
    scales, hidden = scales_of(axes), set()
    shapes = {i: _shapes(axes.children[i], axes.box, scales, px_per_point) for i in marks}
    for i in texts:
        over = [shapes[j] for j in marks if j > i and len(shapes[j])]
        if over and _share(axes.children[i].box, np.concatenate(over)) >= COVERED:
            hidden.add(id(axes.children[i]))
    return hidden


FACES = {"bar": "face", "markers": "marker_face", "legend": "frame_face"}
"""The filling of what covers texts."""


def _opaque(part: Element) -> bool:
    face = str(part.style.get(FACES[part.role]) or "")
    return face.endswith("ff") and (
        part.role != "markers" or part.style.get("marker") in ("o", "s")
    )


def _shapes(part: Element, box: Box, scales: Scales, px_per_point: float) -> Numbers:
    """N x 5: middle, half sides in pixels, and 1 for a disc, of the large shapes of a mark."""
    left, top, right, bottom = box
    if part.role != "markers":
        found = np.array([part.box or (0.0, 0.0, 0.0, 0.0)])
        middles, halves = (found[:, :2] + found[:, 2:]) / 2, (found[:, 2:] - found[:, :2]) / 2
    else:
        mark = Mark(part, 0)
        places = fractions(mark, scales)[:, :2]
        sizes = mark.column("sizes")
        if len(sizes) != len(places):
            sizes = np.full(len(places), length_of(part.style, "marker_size"))
        sizes = sizes + length_of(part.style, "marker_edge_width")
        middles = np.column_stack(
            [left + places[:, 0] * (right - left), bottom - places[:, 1] * (bottom - top)]
        )
        halves = np.column_stack([sizes, sizes]) * px_per_point / 2
    round_ = np.full(len(middles), float(part.style.get("marker") == "o"))
    shapes = np.column_stack([middles, halves, round_])
    return np.asarray(
        shapes[(halves.min(axis=1) * 2 >= LARGE_PX) & np.isfinite(middles).all(axis=1)]
    )


def _share(box: Box | None, shapes: Numbers) -> float:
    """Share of a box that shapes cover."""
    if box is None:
        return 0.0
    x, y = (steps.ravel() for steps in np.meshgrid(*[np.linspace(-1, 1, STEPS)] * 2))
    within = np.hypot(x, y) <= 1  # the corners around a turned text are blank
    x = (box[0] + box[2] + (box[2] - box[0]) * x[within]) / 2
    y = (box[1] + box[3] + (box[3] - box[1]) * y[within]) / 2
    across = np.abs(x[:, None] - shapes[:, 0]) / shapes[:, 2]
    down = np.abs(y[:, None] - shapes[:, 1]) / shapes[:, 3]
    inside = np.where(shapes[:, 4] > 0, np.hypot(across, down), np.maximum(across, down)) <= 1
    return float(inside.any(axis=1).mean())

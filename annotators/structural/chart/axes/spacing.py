"""Compares the room that subplots take and leave: gaps, sizes and blank margins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from annotators.structural.chart.findings import STRUCTURE, STYLE, Finding, Place, both
from annotators.structural.chart.panels import PairedAxes, grid_of
from annotators.structural.chart.words import listed
from annotators.structural.visibility import CANVAS_RATIO, size_noticed
from records.rows import Box, box_around
from renderers.scene import Element, Scene, Value

GAP = 0.06
"""Least noticed change of the space between subplots, as a share of the picture ..."""

GAP_RATIO = 1.5
"""... and as a ratio; other titles and tick labels change it by less."""


def gaps(reference: Scene, candidate: Scene, axes: PairedAxes) -> list[Finding]:
    """Findings on subplots that stand much closer together, or farther apart."""
    places = grid_of(axes.mine).cells
    cells = {
        places[i]: sides
        for (i, _), sides in zip(axes.indices, axes.sides, strict=True)
        if i in places
    }
    found = []
    for low, name, sizes in (
        (0, "columns", (reference.width_px, candidate.width_px)),
        (1, "rows", (reference.height_px, candidate.height_px)),
    ):
        between: list[list[float]] = []
        boxes: list[Box] = []
        for (row, column), sides in cells.items():
            others = cells.get((row + low, column + 1 - low), ())
            ends = [
                part.box
                for couple in zip(sides, others, strict=False)
                for part in couple
                if part.box
            ]
            if len(ends) < 4:
                continue
            one, two, three, four = ends
            between.append(
                [(two[low] - one[low + 2]) / sizes[0], (four[low] - three[low + 2]) / sizes[1]]
            )
            boxes += (three, four)
        if not between:
            continue
        before, after = np.median(np.array(between), axis=0)
        if abs(after - before) >= GAP and size_noticed(before, after, GAP_RATIO):
            words = f"{'more' if after > before else 'less'} space between the {name}"
            found.append(Finding("gaps", STYLE, 1, Place(("subplots",)), words, boxes))
    return found


def color_bars(axes: PairedAxes) -> Iterator[Finding]:
    """Findings on color bars that are longer or shorter beside their axes, which kept their shape."""
    for bar, other in axes.sides:
        (length, held), (now, still) = _beside(bar, axes.mine), _beside(other, axes.theirs)
        if not length or not now or held != still or not size_noticed(length, now, LENGTH_RATIO):
            continue
        share = f"{100 * abs(now / length - 1):.0f} %"
        words = f"{share} {'longer' if now > length else 'shorter'} beside the axes"
        yield Finding("spacing", STYLE, 1, Place(("color bar",)), words, both(bar, other))


def _beside(bar: Element, axes: Sequence[Element]) -> tuple[float, tuple[Value, ...]]:
    """Length of a color bar as a share of the side of the nearest axes, 0 for anything else, and
    what such a length follows from: the shape of the axes, and ends beyond it."""
    others = {part.box: part for part in axes if part.data.get("kind") != "colorbar" and part.box}
    if bar.data.get("kind") != "colorbar" or bar.box is None or not others:
        return 0.0, ()
    low = 0 if bar.data.get("orientation") == "horizontal" else 1
    ends = bar.box
    across = 1 - low

    def gap(box: Box) -> float:
        aside = max(box[across] - ends[across + 2], ends[across] - box[across + 2], 0.0)
        return aside + abs(box[low] + box[low + 2] - ends[low] - ends[low + 2]) / 2

    nearest = min(others, key=gap)
    length = (ends[low + 2] - ends[low]) / max(nearest[low + 2] - nearest[low], 1.0)
    way = bar.data.get("orientation")
    return length, (others[nearest].data.get("aspect"), bar.data.get("pointed"), way)


def insets(axes: PairedAxes) -> Iterator[Finding]:
    """Findings on insets at another place in the axes that hold them."""
    for inset, other in axes.sides:
        before, after = _seat(inset, axes.mine), _seat(other, axes.theirs)
        if before is None or after is None:
            continue
        (x, y), (x_now, y_now) = before, after
        if max(abs(x - x_now), abs(y - y_now)) < INSET:
            continue
        words = f"moved from {_corner(x, y)} to {_corner(x_now, y_now)}"
        if _corner(x, y) == _corner(x_now, y_now):
            words = "stands in another place"
        yield Finding("inset_place", STRUCTURE, 2, Place(("inset",)), words, both(inset, other))


INSET = 0.12
"""Least noticed move of an inset, as a share of the axes that hold it."""


def _seat(inset: Element, axes: Sequence[Element]) -> tuple[float, float] | None:
    """Where the middle of an inset lies in the axes around it, as shares from the upper left; None for any
    other axes."""
    if inset.data.get("kind") != "inset" or inset.box is None:
        return None
    left, top, right, bottom = inset.box
    x, y = (left + right) / 2, (top + bottom) / 2
    for host in axes:
        box = host.box
        if host is inset or box is None or not (box[0] < x < box[2] and box[1] < y < box[3]):
            continue
        if (right - left) * (bottom - top) < (box[2] - box[0]) * (box[3] - box[1]):
            return (x - box[0]) / (box[2] - box[0]), (y - box[1]) / (box[3] - box[1])
    return None


def _corner(x: float, y: float) -> str:
    """A place in an axes in words, from shares from the upper left.

    >>> _corner(0.8, 0.2), _corner(0.5, 0.5), _corner(0.5, 0.9)
    ('upper right', 'center', 'lower center')
    """
    row, column = ("upper", "center", "lower")[int(y * 3)], ("left", "center", "right")[int(x * 3)]
    return "center" if row == column == "center" else f"{row} {column}"


LENGTH_RATIO = 1.05
"""Least noticed ratio of the lengths of two color bars, since the axes beside them show it."""

SPACING = 0.025
"""Least noticed shift of an axes, as a share of the figure."""


def spacing(
    reference: Scene, candidate: Scene, axes: Sequence[tuple[Element, Element]]
) -> list[Finding]:
    """Findings on size and distance of axes; called only if nothing else differs.

    Changed titles, labels and ticks need other room, which is not a separate error.
    """
    first, second = ([sides[at] for sides in axes] for at in (0, 1))
    seats = _seats(first, reference, reference)
    # Pictures that are cropped to their content are looked at in one size, too.
    others = [_seats(second, candidate, size) for size in (reference, candidate)]
    moved = [
        sides
        for sides, one, *two in zip(axes, seats, *others, strict=True)
        if min(np.abs(one - seat).max() for seat in two) > SPACING and _moved_in_figure(*sides)
    ]
    if not moved:
        return _drawn_elsewhere(axes, reference, candidate)
    boxes = [box for one, two in moved for box in both(one, two)]
    if all(two.data.get("kind") == "colorbar" for _, two in moved):
        name, words = "color bar", "stands elsewhere"
    elif len(axes) > 1:
        name, words = "subplots", "are spaced or sized differently"
    else:
        words = _margins(reference, candidate, EDGE)
        name = "plot area" if words else "axes"
        words = words or "take another part of the picture"
    return [Finding("spacing", STYLE, 1, Place((name,)), words, boxes)]


def _drawn_elsewhere(
    pairs: Sequence[tuple[Element, Element]], reference: Scene, candidate: Scene
) -> list[Finding]:
    """A finding if all that stands in axes without a frame is drawn at another size or place."""
    for one, two in pairs:
        if any(part.role in ("spine", "grid") for axes in (one, two) for part in axes.children):
            continue
        held = [
            box_around([part.box for part in axes.children if part.box and part.role != "axis"])
            for axes in (one, two)
        ]
        if held[0] is None or held[1] is None:
            continue
        shares = [
            np.array(box) / np.tile([scene.width_px, scene.height_px], 2)
            for box, scene in zip(held, (reference, candidate), strict=True)
        ]
        sizes = [float((share[2:] - share[:2]).max()) for share in shares]
        resized = size_noticed(sizes[0], sizes[1], CANVAS_RATIO)
        if np.abs(shares[0] - shares[1]).max() > 2 * SPACING or resized:
            words = "drawn elsewhere"
            if size_noticed(*sizes):
                words = f"drawn {'larger' if sizes[1] > sizes[0] else 'smaller'}"
            boxes = list(filter(None, held))
            return [Finding("spacing", STYLE, 1, Place(("whole chart",)), words, boxes)]
    return []


def _moved_in_figure(one: Element, two: Element) -> bool:
    gaps = one.numbers("position") - two.numbers("position")
    return bool((np.abs(gaps) > SPACING).any())


def _seats(axes: Sequence[Element], scene: Scene, size: Scene) -> NDArray[np.float64]:
    """N x 4: boxes as shares of the picture; those of several axes from their common corner, as
    shares of the size of another, since a picture may be cropped to its content."""
    boxes = np.array([part.box or (0.0, 0.0, 0.0, 0.0) for part in axes])
    if len(boxes) > 1:
        boxes, scene = boxes - np.tile(boxes[:, :2].min(axis=0), 2), size
    return np.asarray(boxes / np.tile([scene.width_px, scene.height_px], 2))


def margins(reference: Scene, candidate: Scene, found: Sequence[Finding]) -> list[Finding]:
    """A finding on flat axes that leave much more or less of the picture blank. Where a main part is
    lost or another one, or the picture has another shape, what is left takes other room."""
    axes = [[*scene.root.parts("axes")] for scene in (reference, candidate)]
    if any(one.severity == 3 or one.kind in ("figure_shape", "cut_off") for one in found) or any(
        part.data.get("projection") != "rectilinear" for side in axes for part in side
    ):
        return []
    words = _margins(reference, candidate, WIDE)
    boxes = [part.box for part in axes[1] if part.box]
    return [Finding("spacing", STYLE, 1, Place(("plot area",)), words, boxes)] if words else []


WIDE = 0.05
"""Least noticed change of a margin where other things differ."""


def _margins(reference: Scene, candidate: Scene, least: float) -> str:
    """On which sides the candidate leaves more or less of the picture blank, in words."""
    grown = [
        after - before if here == there else 0.0
        for (before, here), (after, there) in zip(_edges(reference), _edges(candidate), strict=True)
    ]
    return "; ".join(
        f"{word} blank margin {'on all sides' if len(there) == 4 else f'at the {listed(there)}'}"
        for word, way in (("larger", 1), ("smaller", -1))
        if (there := [
            name for name, gap in zip(("left", "right", "top", "bottom"), grown, strict=True)
            if way * gap > least
        ])
    )  # fmt: skip


def _edges(scene: Scene) -> list[tuple[float, str]]:
    """For each side, the blank margin as a share of the picture, and what stands beside it: a kind of text, or axes."""
    parts = [part for child in scene.root.children for part in child.walk() if part.box]
    if not parts:
        return [(0.0, "")] * 4
    places = np.array([part.box for part in parts]) / np.tile([scene.width_px, scene.height_px], 2)
    gaps = np.stack([places[:, 0], 1 - places[:, 2], places[:, 1], 1 - places[:, 3]])
    return [
        (max(float(side[i]), 0.0), parts[i].role if parts[i].role in AROUND else "axes")
        for side, i in zip(gaps, gaps.argmin(axis=1), strict=True)
    ]


AROUND = frozenset(("title", "suptitle", "axis_label", "legend", "text"))
"""What stands around axes."""

EDGE = 0.02
"""Least noticed change of the blank margin of a picture, as a share of its width or height."""

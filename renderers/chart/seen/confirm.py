"""Confirms the claims of a program's scene against the drawn parts.

A mark is confirmed if a drawn part of its kind and paint lies where it claims to be, with its vertices
where its numbers put them; a text if its glyphs say it there. Numbers are placed by the claimed axes,
and those are anchored by their tick labels, as drawn. What is claimed and not drawn is dropped; a scene
that claims much of that, or a chart that shows much that nobody claimed, is not confirmed at all.

Not looked for: numbers in space, on a globe or on scales other than linear and logarithmic (their marks
are confirmed by place and paint), the values of a heat map behind its colors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray
from scipy.spatial import KDTree

from records.rows import Box
from renderers.chart.scene.look import KEPT
from renderers.chart.seen.ink import Ink, Numbers, PaintedPart
from renderers.chart.seen.paint import grown, like, likes, rgba
from renderers.chart.seen.places import ClaimedPanel, claimed_points
from renderers.chart.seen.verdict import MOST_DROPPED, MOST_WORK, Confirmed
from renderers.chart.seen.words import Line, lines_of, says
from renderers.display import DisplayList
from renderers.scene import Element, Scene

TOLERANCE_PX = 2.5
TICK_PX = 16.0
"""Longest tick mark, and its largest distance from its label, in pixels."""
NEAR_PX = 2.0
"""Largest distance in pixels from a claimed point to a drawn vertex."""
MOST_AWAY = 0.05
"""Share of claimed points that may lie elsewhere: a path may be cut where it leaves its panel."""
COVER = 0.05
"""An opaque part with at least this share of the picture may hide others."""
SAMPLED = 32
"""Number of points of a part that are tested for being hidden by another part."""
_SOME = 8
"""Among this many points one may lie elsewhere: an outline may be claimed with its closing point."""
_PAINTS = ("face", "color", "edge", "marker_face", "marker_edge")
_SINGLE = frozenset(("line", "bar", "wedge", "area"))
"""Roles whose marks are one drawn part."""
_GROUPS = frozenset(
    ("errorbars", "box", "segments", "areas", "surface", "contour", "arrows", "arrow", "heatmap", "photo", "zoom")
)  # fmt: skip
_WORDS = frozenset(
    ("title", "suptitle", "supxlabel", "supylabel", "axis_label", "offset_text", "text", "cell")
)


def confirm(shown: DisplayList, scene: Scene) -> Confirmed:
    """Search every claim of a scene among the parts that its display list paints."""
    return _Search(shown, scene).run()


@dataclass
class _Search:
    shown: DisplayList
    scene: Scene
    claims: int = 0
    dropped: list[str] = field(default_factory=list)
    by_paint: dict[tuple[float, ...], NDArray[np.bool_]] = field(default_factory=dict)
    """The parts of each paint that was looked for."""

    def run(self) -> Confirmed:
        self.ink = Ink(self.shown)
        claims, parts = sum(1 for _ in self.scene.root.walk()), len(self.ink.parts)
        if claims * parts > MOST_WORK:
            return Confirmed(self.scene, claims, (), parts, parts, searched=False)
        self.lines = lines_of(self.shown, self.ink)
        self.used = np.zeros(len(self.ink.parts), bool)
        self.used_lines: set[int] = set()
        opaque = np.array([part.opaque for part in self.ink.parts], bool)
        sides = self.ink.boxes[:, 2:] - self.ink.boxes[:, :2]
        large = np.prod(sides, axis=1) >= COVER * self.shown.width_px * self.shown.height_px
        self.covers = np.flatnonzero(opaque & large & (sides > 0).all(axis=1))
        root = self._kept(self.scene.root, None)
        assert root is not None  # The figure itself is not a claim.
        on_paper = (self.ink.boxes[:, 2:] >= self.ink.boxes[:, :2]).all(axis=1)
        painted, known = set(self.ink.items[on_paper]), set(self.ink.items[self.used])
        strange = sum(self.ink.items[at] not in known for at in self.covers)
        unclaimed = len(painted - known) + len(self.lines) - len(self.used_lines)
        scene = msgspec.structs.replace(self.scene, root=root)
        parts = len(painted) + len(self.lines)
        dropped = tuple(self.dropped)
        return Confirmed(scene, self.claims, dropped, parts, unclaimed, strange)

    def _kept(self, element: Element, panel: ClaimedPanel | None) -> Element | None:
        if element.role in ("axes", "figure"):
            panel = ClaimedPanel.of(element) if element.role == "axes" else panel
            self._furniture(element)
        elif not self._counted(element, panel):
            return None
        children = [self._kept(child, panel) for child in element.children]
        kept = tuple(child for child in children if child is not None)
        if all(new is old for new, old in zip(children, element.children, strict=True)):
            return element
        return element.having(children=kept)

    def _counted(self, element: Element, panel: ClaimedPanel | None) -> bool:
        if element.box is None:
            return True  # It claims nothing visible; comparisons ignore it.
        found = self._found(element, element.box, panel)
        if not found and element.role == "spine":
            return False  # A pie claims the frame that its axes would have, which is harmless.
        self.claims += 1
        if not found:
            at = " ".join(f"{edge:.0f}" for edge in element.box)
            self.dropped.append(f"{element.role} at {at}")
        return found

    def _found(self, element: Element, box: Box, panel: ClaimedPanel | None) -> bool:
        role = element.role
        if role in _WORDS or role == "legend_entry":
            return self._words(element, box)
        if role == "axis":
            return self._ticks(element, box, panel)
        if role in _SINGLE:
            return self._mark(element, box, panel)
        if role == "markers":
            return self._symbols(element, box, self._points(element, panel))
        if role in _GROUPS:
            return self._group(element, box, panel)
        if role in ("spine", "grid"):
            paints = _paints(element)
            # A round frame is larger than the side that names it.
            around = box if panel is None else panel.box
            if str(element.data.get("side")).endswith("wall"):
                around = (0.0, 0.0, float(self.shown.width_px), float(self.shown.height_px))
            return self._any(grown(around, 6.0), paints) or self._any(grown(box, 6.0), paints)
        if role in ("legend", "table"):
            self._furniture(element)
            # Besides its title, a legend claims its entries.
            return not element.text or bool(self._lines_reading(element.text, box, None))
        return False

    def _words(self, element: Element, box: Box) -> bool:
        style = element.style
        name = "text_color" if element.role in ("legend_entry", "cell") else "color"
        words, tint = element.text, rgba(style.get(name))
        found = not words or bool(self._lines_reading(words, box, tint))
        if element.role == "legend_entry":
            paints = _paints(element)
            return found and (not paints or self._any(grown(box, 4.0), paints))
        if element.role == "cell" or any(key.startswith("box_") for key in style):
            self.used |= self._within(grown(box, 12.0)) & (self.ink.kinds == "shape")
        return found

    def _lines_reading(self, text: str, box: Box, color: Numbers | None) -> list[Line]:
        lines = [line for line in says(self.lines, text, box) if not self._hidden_line(line)]
        if color is not None and any(not like(np.array(line.color), color) for line in lines):
            return []
        self.used_lines |= {id(line) for line in lines}
        return lines

    def _ticks(self, element: Element, box: Box, panel: ClaimedPanel | None) -> bool:
        """True if labels are drawn at their claimed boxes, beside the places of their values."""
        labels, boxes = element.column("labels"), element.column("label_boxes")
        ticks = element.numbers("ticks")
        self.used |= self._within(grown(box, TICK_PX)) & (self.ink.kinds != "image")
        if panel is not None:
            self.used |= self._along(panel.box)
        across = element.data.get("axis") == "x"
        direction = None if panel is None else panel.x if across else panel.y
        wrong = total = 0
        for at, label in enumerate(labels):
            corners = boxes[4 * at : 4 * at + 4]
            placed = len(corners) == 4 and all(isinstance(c, int | float) for c in corners)
            if not label or not placed:
                continue
            left, top, right, bottom = (float(corner) for corner in corners)  # type: ignore[arg-type]
            total += 1
            if not self._lines_reading(str(label), (left, top, right, bottom), None):
                wrong += 1
            elif direction is not None and panel is not None and at < len(ticks):
                share = direction.fractions(ticks[at : at + 1])[0]
                x0, y0, x1, y1 = panel.box
                start, end = (x0, x1) if across else (y1, y0)
                place = start + share * (end - start)
                low, high = (left, right) if across else (top, bottom)
                if not np.isfinite(place):
                    continue  # Tiny values are lost by the rounding of claims.
                slack = 4.0 + 0.5 * max(right - left, bottom - top) * (across and bottom - top > 24)
                wrong += not low - slack <= place <= high + slack
        return wrong <= MOST_DROPPED * total

    def _mark(self, element: Element, box: Box, panel: ClaimedPanel | None) -> bool:
        style = element.style
        fill, line = rgba(style.get("face")), rgba(style.get("color") or style.get("edge"))
        here = self._at(box, element)
        if element.role in ("wedge", "area"):
            # The box of a slice or its shadow may include the center of the pie, where nothing is drawn.
            here |= self._within(grown(box, TOLERANCE_PX))
        here &= self._filled_and_lined(fill, line)
        points = self._points(element, panel)
        for at in np.flatnonzero(here):
            part = self.ink.parts[at]
            if part.kind != "shape" or self._hidden(int(at)):
                continue
            curved = element.role in ("line", "area")
            whole = not curved or self._all_claimed(element, part, panel)
            if whole and self._drawn_at(points, [part], element.role == "bar"):
                self.used[at] = True
                if "marker" not in style:
                    return True
                return self._symbols(element, box, points)
        return False

    def _symbols(self, element: Element, box: Box, points: Numbers) -> bool:
        fill, line = (rgba(element.style.get(f"marker_{name}")) for name in ("face", "edge"))
        here = self._within(grown(box, TOLERANCE_PX + 6.0)) & self._filled_and_lined(fill, line)
        places = [
            at
            for at in np.flatnonzero(here)
            if self.ink.parts[at].kind in ("markers", "many", "shape") and not self._hidden(int(at))
        ]
        found = bool(places) and self._drawn_at(points, [self.ink.parts[at] for at in places])
        if found:
            self.used[places] = True
        return found

    def _group(self, element: Element, box: Box, panel: ClaimedPanel | None) -> bool:
        """True if the parts of a mark together fill its claimed box."""
        here = self._within(grown(box, TOLERANCE_PX + 6.0))
        if element.role in ("heatmap", "photo"):
            here &= (self.ink.kinds == "image") | (self.ink.kinds == "cells")
        paints = [
            paint
            for name, value in element.style.items()
            if name.endswith(("face", "color", "edge")) and (paint := rgba(value)) is not None
        ]
        if paints and element.role in ("errorbars", "arrow"):
            sides = (self.ink.fills, self.ink.lines)
            here &= np.any([likes(side, p) for p in paints for side in sides], axis=0)
        here &= [not known or not self._hidden(at) for at, known in enumerate(here)]
        if not here.any():
            return False
        boxes = self.ink.boxes[here]
        around = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
        slack = 8.0 + 0.05 * max(box[2] - box[0], box[3] - box[1])
        # The box of an arrow includes control points, which its curve does not pass through.
        if element.role != "arrow" and any(
            abs(one - two) > slack for one, two in zip(around, box, strict=True)
        ):
            return False
        parts = [self.ink.parts[at] for at in np.flatnonzero(here)]
        if not self._drawn_at(self._points(element, panel), parts):
            return False
        self.used |= here
        return True

    def _points(self, element: Element, panel: ClaimedPanel | None) -> Numbers:
        """Claimed points in pixels, if they can be placed; points outside the panel are left out."""
        points = claimed_points(element)
        if panel is None or not len(points) or element.style.get("steps") == "steps-mid":
            return np.zeros((0, 2))
        space = element.data.get("space", "data")
        placed = panel.pixels(space, points)
        if placed is None:
            return np.zeros((0, 2))
        if element.role == "bar":
            left, top, right, bottom = panel.box
            if not np.isfinite(placed).all():
                return np.zeros((0, 2))
            return np.clip(placed, (left, top), (right, bottom))
        return panel.holds(placed)

    def _drawn_at(self, points: Numbers, parts: list[PaintedPart], rectangle: bool = False) -> bool:
        if not len(points):
            return True
        if rectangle:
            boxes = [self.ink.boxes[self.ink.parts.index(part)] for part in parts]
            low, high = points.min(axis=0), points.max(axis=0)
            wanted = np.array([*low, *high])
            return any(np.abs(np.array(one) - wanted).max() <= NEAR_PX for one in boxes)
        nearest = np.min([part.tree.query(points)[0] for part in parts], axis=0)
        return bool((nearest > NEAR_PX).sum() <= max(len(points) >= _SOME, MOST_AWAY * len(points)))

    def _all_claimed(self, element: Element, part: PaintedPart, panel: ClaimedPanel | None) -> bool:
        """True if a drawn outline has no corners but those of the claim, as far as both can be placed."""
        points = claimed_points(element)
        sampled = len(points) >= KEPT or "steps" in element.style
        if panel is None or not len(points) or sampled:
            return True
        placed = panel.pixels(element.data.get("space", "data"), points)
        if placed is None:
            return True
        placed, drawn = placed[np.isfinite(placed).all(axis=1)], panel.holds(part.points)
        if not len(placed):
            return not len(drawn)
        gaps = KDTree(placed).query(drawn)[0] if len(drawn) else np.zeros(0)
        return bool((gaps > NEAR_PX).sum() <= MOST_AWAY * len(gaps))

    def _at(self, box: Box, element: Element) -> NDArray[np.bool_]:
        """Parts whose rectangle is the claimed one, without strokes and markers."""
        scale = self.shown.dpi / 72
        size = element.style.get("marker_size")
        pad = self.ink.halves
        if isinstance(size, int | float):
            pad = np.maximum(pad, size * scale / 2)
        gap = np.abs(self.ink.boxes - np.array(box))
        return np.asarray((gap <= TOLERANCE_PX + pad[:, None]).all(axis=1))

    def _filled_and_lined(self, fill: Numbers | None, line: Numbers | None) -> NDArray[np.bool_]:
        """Parts with these paints, as far as they are claimed."""
        here = np.ones(len(self.ink.parts), bool)
        if fill is not None:
            here &= likes(self.ink.fills, fill)
        if line is not None:
            here &= likes(self.ink.lines, line)
        return here

    def _within(self, box: Box) -> NDArray[np.bool_]:
        low, high = self.ink.boxes[:, :2] >= box[:2], self.ink.boxes[:, 2:] <= box[2:]
        found = low.all(axis=1) & high.all(axis=1)
        return np.asarray(found & (self.ink.boxes[:, :2] <= self.ink.boxes[:, 2:]).all(axis=1))

    def _any(self, box: Box, paints: list[Numbers]) -> bool:
        here = self._within(box)
        matching = np.zeros(len(here), bool)
        for paint in paints if here.any() else ():
            matching |= self._painted(tuple(paint)) & here
        matching[self.covers] = False
        self.used |= matching
        return bool(matching.any())

    def _painted(self, paint: tuple[float, ...]) -> NDArray[np.bool_]:
        """Parts of which something is filled or lined with a paint."""
        if paint not in self.by_paint:
            sides = [np.concatenate((part.fills, part.lines)) for part in self.ink.parts]
            counts = [len(side) for side in sides]
            rows, owners = np.concatenate(sides), np.repeat(np.arange(len(counts)), counts)
            found = np.bincount(owners[likes(rows, np.array(paint))], minlength=len(counts)) > 0
            self.by_paint[paint] = found
        return self.by_paint[paint]

    def _hidden(self, at: int) -> bool:
        """True if one opaque part that is painted later covers all of it."""
        return self._covered(self.ink.parts[at].points, self.ink.boxes[at], self.ink.parts[at].item)

    def _hidden_line(self, line: Line) -> bool:
        left, top, right, bottom = line.box
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        return self._covered(corners, np.array(line.box), line.item)

    def _covered(self, points: Numbers, box: Numbers, item: int) -> bool:
        for at in self.covers:
            over = self.ink.boxes[at]
            around = (over[:2] <= box[:2]).all() and (over[2:] >= box[2:]).all()
            if self.ink.items[at] > item and around:
                step = max(1, len(points) // SAMPLED)
                inside = np.clip(points[::step], box[:2], box[2:])
                if Path(self.ink.parts[at].points).contains_points(inside, radius=0.5).all():
                    return True
        return False

    def _furniture(self, element: Element) -> None:
        """Counts a background or a legend frame, drawn with its claimed size, as claimed."""
        if element.box is not None and len(self.ink.boxes):
            gap = np.abs(self.ink.boxes - np.array(element.box)).max(axis=1)
            fitting = np.flatnonzero((gap <= 3 * TOLERANCE_PX) & (self.ink.kinds == "shape"))
            # Only the first: a second one would cover what was drawn on it; a legend has a shadow.
            self.used[fitting[: 2 if element.role == "legend" else 1]] = True

    def _along(self, box: Box) -> NDArray[np.bool_]:
        """Parts at the edges of a panel that are not larger than a tick."""
        boxes = self.ink.boxes
        small = (boxes[:, 2:] - boxes[:, :2] <= TICK_PX).all(axis=1)
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        edges = [np.abs(middle[:, at % 2] - edge) <= TICK_PX for at, edge in enumerate(box)]
        return np.asarray(small & np.any(edges, axis=0) & self._within(grown(box, 2 * TICK_PX)))


def _paints(element: Element) -> list[Numbers]:
    return [paint for name in _PAINTS if (paint := rgba(element.style.get(name))) is not None]

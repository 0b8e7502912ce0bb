"""Draws with CairoSVG and records each paint: its shape, its style and the pixels that it changed.

The scene comes from the drawing itself, not from a second reading of the document: inheritance,
style sheets, `use`, markers and transforms are whatever CairoSVG made of them, so picture and scene
cannot disagree. Ownership of pixels falls out of the same pass: a paint owns what it changed.

Imported by the worker only; nothing here is safe against a program that does not end.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from math import hypot, inf
from types import SimpleNamespace
from typing import Any

import cairocffi as cairo
import cairosvg.helpers
import cairosvg.surface
import numpy as np
from cairosvg.helpers import node_format
from cairosvg.parser import Node, Tree
from numpy.typing import NDArray
from PIL import Image

from renderers.svg import marks
from renderers.svg.budget import CountedSurface, ElementBudget, TooManyElements, UnreadableElement
from renderers.svg.canvas import NOBODY, SIDE_PX
from renderers.svg.letters import PLAIN, Lettering
from renderers.svg.marks import PaintedShape, Points
from renderers.svg.repair import give_size, repair, repair_tree

MAX_SHAPES = 4_000
"""Most shapes that a scene lists; further ones are drawn, and the scene is marked as truncated."""
MAX_MITRE = 4.0
TEXTS = ("text", "tspan", "textPath", "a")
"""Tags whose letters are drawn one by one and become one record."""


def _kept(cursor: tuple[Any, list[float], float]) -> tuple[Any, list[float], float]:
    """A copy of the place of the next letter."""
    place, shift, along = cursor
    return place, list(shift), along


# CairoSVG asks these of every element, mostly about nothing: a tenth of what a drawing costs.
cairosvg.helpers.normalize = cairosvg.surface.normalize = lru_cache(cairosvg.helpers.normalize)
cairosvg.surface.parse_url = lru_cache(cairosvg.surface.parse_url)
cairosvg.surface.copy = SimpleNamespace(deepcopy=_kept)


@dataclass(slots=True)
class PaintedIcon:
    """A picture, its shapes in paint order, and the owner of each pixel."""

    rgb: bytes
    shapes: list[PaintedShape]
    owner: NDArray[np.uint16]
    """H x W: index of the shape that changed the pixel last; `NOBODY` where none did."""
    view: tuple[float, float, float, float] | None
    """The document's view box, or None."""
    truncated: bool
    blank: bool
    """True if every pixel has the same color."""


class _Watch(Lettering):
    """A context that reports each paint, and the pixels it changed, to its surface."""

    def __init__(self, target: Any, surface: _Watched) -> None:
        super().__init__(target)
        self._surface = surface

    def fill_preserve(self) -> None:
        surface = self._surface
        if not surface.painting:
            super().fill_preserve()
            return
        source, box = self.get_source(), surface.extent(self, 0.0)
        if box is None or marks.invisible(source):
            super().fill_preserve()
            return
        cover = surface.cover.of(self, box, None)
        with surface.watching(self, box, cover) as shape:
            super().fill_preserve()
        if shape is not None:
            shape.fill = marks.paint_of(source, self, surface.opacity)
            shape.even_odd = surface.cover.holed(self, box, cover)

    def stroke(self) -> None:
        surface = self._surface
        source = self.get_source()
        width = self.get_line_width()
        if not surface.painting or marks.invisible(source) or width <= 0:
            super().stroke()
            return
        xx, yx, xy, yy, _, _ = self.get_matrix().as_tuple()
        scale = abs(xx * yy - xy * yx) ** 0.5
        reach = width * max(hypot(xx, yx), hypot(xy, yy)) / 2
        mitre = min(self.get_miter_limit(), MAX_MITRE)
        box = surface.extent(self, reach * max(mitre, 1.5))
        if box is None:
            super().stroke()
            return
        dashes, offset = self.get_dash()
        cap, join = self.get_line_cap(), self.get_line_join()
        paint = marks.paint_of(source, self, surface.opacity)
        with surface.watching(self, box, surface.cover.of(self, box, width * scale)) as shape:
            super().stroke()
        if shape is not None:
            shape.stroke = paint
            shape.stroke_width_px = width * scale
            shape.dash = [dash * scale for dash in dashes[:16]]
            shape.dash_offset_px = offset * scale
            sharp = join == cairo.LINE_JOIN_MITER
            shape.cut_corners = sharp and marks.cuts_corner(shape.outline, self.get_miter_limit())
            shape.cap, shape.join = marks.LINE_CAPS[cap], marks.LINE_JOINS[join]

    def show_text(self, text: str) -> None:
        surface = self._surface
        source = self.get_source()
        if marks.invisible(source):
            super().show_text(text)
            return
        x, y = self.get_current_point()
        left, top, width, height, _, _ = self.text_extents(text)
        corners = [
            self.user_to_device(x + left + dx, y + top + dy)
            for dx in (0, width)
            for dy in (0, height)
        ]
        box = surface.box_of([value for corner in corners for value in corner], 2.0)
        if box is None:
            super().show_text(text)
            return
        paint = marks.paint_of(source, self, surface.opacity)
        with surface.watching(self, box) as shape:
            super().show_text(text)
        if shape is not None:
            shape.fill = paint
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            one = shape.extent or (inf, inf, -inf, -inf)
            shape.extent = (min(one[0], *xs), min(one[1], *ys), max(one[2], *xs), max(one[3], *ys))

    def get_font_options(self) -> Any:
        asked = "text-rendering" in self._surface.parent_node
        return super().get_font_options() if asked else PLAIN

    def push_group(self) -> None:
        super().push_group()
        self._surface.enter_group()

    def pop_group_to_source(self) -> None:
        super().pop_group_to_source()
        self._surface.leave_group()

    def paint_with_alpha(self, alpha: float) -> None:
        with self._surface.merging(self):
            super().paint_with_alpha(alpha)

    def mask_surface(self, surface: Any, x: float = 0, y: float = 0) -> None:
        with self._surface.merging(self):
            super().mask_surface(surface, x, y)

    def clip(self) -> None:
        self._surface.note_clip(self)
        super().clip()


class _Watching:
    """Notes which pixels differ after the paint inside the ``with`` block."""

    __slots__ = (
        "after", "before", "box", "context", "corner", "cover", "merge", "shape", "surface", "target"
    )  # fmt: skip

    def __init__(
        self,
        surface: _Watched,
        context: _Watch,
        box: tuple[int, int, int, int],
        cover: NDArray[np.bool_] | None = None,
        *,
        merge: NDArray[np.uint16] | None = None,
    ) -> None:
        self.surface, self.context, self.box, self.merge = surface, context, box, merge
        self.cover = cover
        self.shape: PaintedShape | None = None

    def __enter__(self) -> PaintedShape | None:
        if self.merge is None:
            self.shape = self.surface.shape(self.context)
        left, top, right, bottom = self.box
        self.target, rows, (across, down) = self.surface.sheet(self.context)
        self.target.flush()
        self.corner = max(left, -across), max(top, -down)
        self.after = rows[
            max(top + down, 0) : bottom + down, max(left + across, 0) : right + across
        ]
        self.before = self.after.copy()
        return self.shape

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None or not self.before.size:
            return
        self.target.flush()
        changed = self.after != self.before
        left, top = self.corner
        owner = self.surface.owners[-1]
        part = owner[top : top + changed.shape[0], left : left + changed.shape[1]]
        changed = changed[: part.shape[0], : part.shape[1]]
        if self.merge is not None:
            inner = self.merge[top : top + part.shape[0], left : left + part.shape[1]]
            np.copyto(part, inner, where=changed & (inner != NOBODY))
        elif self.shape is not None:
            if self.cover is not None:
                down, across = top - self.box[1], left - self.box[0]
                cover = self.cover[down : down + part.shape[0], across : across + part.shape[1]]
                changed &= cover
            np.copyto(part, self.surface.index, where=changed)
            one, two = self.shape.reach, self.box
            self.shape.reach = (
                min(one[0], two[0]),
                min(one[1], two[1]),
                max(one[2], two[2]),
                max(one[3], two[3]),
            )


WITHIN = ("_current", "index", "_outline", "_opacity", "_masked", "painting", "_symbol")
"""What holds for the paints inside an element only."""


class _Watched(cairosvg.surface.PNGSurface):  # type: ignore[misc]
    """CairoSVG's picture surface, with a record of what was painted."""

    def __init__(self, tree: Tree, budget: ElementBudget) -> None:
        self.budget = budget
        self.shapes: list[PaintedShape] = []
        self.truncated = False
        self.owners = [np.full((SIDE_PX, SIDE_PX), NOBODY, np.uint16)]
        self.cover = marks.Cover()
        self._sheet: tuple[Any, NDArray[np.uint32], tuple[int, int]] | None = None
        self._pending = self.owners[0]
        self._current: PaintedShape | None = None
        self.index = NOBODY
        self._outline: Points | None = None
        self._opacity = 1.0
        self._masked = 0
        self._clips: list[Points] = []
        self._symbol = ""
        self._symbols = 0
        self.painting = False
        super().__init__(
            tree, None, 96, output_width=SIDE_PX, output_height=SIDE_PX, background_color="white"
        )

    # CairoSVG makes the context itself; it is replaced before anything is drawn on it.
    @property
    def context(self) -> _Watch:
        return self._context

    @context.setter
    def context(self, plain: Any) -> None:
        self._context = _Watch(self.cairo, self)

    def draw(self, node: Node) -> None:
        self.budget.spend()
        outer, clips = {name: getattr(self, name) for name in WITHIN}, len(self._clips)
        try:
            self._enter(node)
            super().draw(node)
        except (TooManyElements, UnreadableElement, MemoryError, RecursionError):
            raise
        except Exception as error:
            raise UnreadableElement(node, error) from error
        finally:
            if self.stroke_and_fill:
                del self._clips[clips:]
            self.__dict__.update(outer)

    def _enter(self, node: Node) -> None:
        """Note what an element means for the paints inside it."""
        repair(node, self.markers)  # copies that `use` makes are not in the tree
        self._current, self._outline = None, None
        self.painting = self.stroke_and_fill
        opacity = float(node.get("opacity", 1))
        if opacity < 1 and node.children:
            self._opacity *= max(opacity, 0.0)
        if node.get("mask", "none") != "none" or node.get("filter", "none") != "none":
            self._masked += 1
        if node.tag == "use" and not self._symbol:
            self._symbols += 1
            self._symbol = f"{(node.get_href() or '').lstrip('#')[:60]}#{self._symbols}"

    def shape(self, context: _Watch) -> PaintedShape | None:
        """The record of one paint: a fill or a stroke of its own, or all letters of a text."""
        node = self.parent_node
        if self._current is None or node.tag not in TEXTS:
            if len(self.shapes) >= MAX_SHAPES:
                self.truncated = True
                self.index = NOBODY
                return None
            shape = PaintedShape(node.tag, masked=self._masked > 0, symbol=self._symbol)
            if self._clips:
                shape.clip = self._clips[-1]
            if node.tag in TEXTS:
                marks.text_of(shape, node, context, self.font_size)
            else:
                shape.outline = self._outline or []
            self.index = len(self.shapes)
            self.shapes.append(shape)
            self._current = shape
        return self._current

    def extent(self, context: _Watch, reach_px: float) -> tuple[int, int, int, int] | None:
        """Pixels the current path can touch, or None if it touches none."""
        if self._outline is None or self.parent_node.tag in TEXTS:
            self._outline = marks.outline_of(context)
        return self.box_of(marks.numbers_in(self._outline), reach_px + 1.5)

    def box_of(self, points: list[float], reach_px: float) -> tuple[int, int, int, int] | None:
        """Whole pixels around points (x, y, x, y), inside the picture."""
        if not points:
            return None
        across, down = points[::2], points[1::2]
        left, right = min(across) - reach_px, max(across) + reach_px
        top, bottom = min(down) - reach_px, max(down) + reach_px
        if not (left < SIDE_PX and top < SIDE_PX and right > 0 and bottom > 0):
            return None
        return (
            int(max(left, 0)),
            int(max(top, 0)),
            int(min(right + 1, SIDE_PX)),
            int(min(bottom + 1, SIDE_PX)),
        )

    def watching(
        self,
        context: _Watch,
        box: tuple[int, int, int, int],
        cover: NDArray[np.bool_] | None = None,
    ) -> _Watching:
        return _Watching(self, context, box, cover)

    def sheet(self, context: _Watch) -> tuple[Any, NDArray[np.uint32], tuple[int, int]]:
        """What is painted on, its pixels, and where the picture begins on it; kept until a group begins or ends."""
        if self._sheet is None:
            target = context.get_group_target()
            held = np.frombuffer(target.get_data(), np.uint32)
            across, down = map(int, target.get_device_offset())
            rows = held.reshape(target.get_height(), target.get_stride() // 4)
            self._sheet = target, rows, (across, down)
        return self._sheet

    def enter_group(self) -> None:
        self._sheet = None
        self.owners.append(np.full((SIDE_PX, SIDE_PX), NOBODY, np.uint16))

    def leave_group(self) -> None:
        self._sheet = None
        self._pending = self.owners.pop()

    def merging(self, context: _Watch) -> _Watching:
        """The group that was just finished is painted; its shapes own what that changes."""
        return _Watching(self, context, (0, 0, SIDE_PX, SIDE_PX), merge=self._pending)

    def note_clip(self, context: _Watch) -> None:
        if context is getattr(self, "_context", None) and self.parent_node is not None:
            self._clips.append(marks.outline_of(context))

    @property
    def opacity(self) -> float:
        return self._opacity


def draw(data: bytes, elements: int) -> PaintedIcon:
    """Draw a document that `svg_guard.check` let pass.

    Raises:
        TooManyElements: over ``elements`` draws, counting each use, marker and tile.
        Exception: whatever CairoSVG makes of a program it cannot draw.
    """
    cairosvg.surface.SVGSurface = CountedSurface
    tree = Tree(bytestring=data)
    repair_tree(tree)
    give_size(tree)
    budget = ElementBudget(elements)
    surface = _Watched(tree, budget)
    surface.cairo.flush()
    raw = surface.cairo.get_data()
    pixels = np.frombuffer(raw, np.uint32)
    # Cairo's words are alpha, red, green, blue from the top; the white ground makes all opaque.
    order = "BGRX" if sys.byteorder == "little" else "XRGB"
    rgb = Image.frombuffer("RGB", (SIDE_PX, SIDE_PX), raw, "raw", order, 0, 1).tobytes()
    _, _, view = node_format(surface, tree)
    blank = bool((pixels == pixels[0]).all())
    return PaintedIcon(rgb, surface.shapes, surface.owners[0], view, surface.truncated, blank)

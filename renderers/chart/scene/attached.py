"""Tables, boxes with texts or pictures, keys of arrow fields, and marks of the part that an inset shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.inset import InsetIndicator
from matplotlib.quiver import QuiverKey
from matplotlib.table import Table
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from records.rows import box_around
from renderers.chart.scene import look, marks
from renderers.chart.scene.marks import AxesFrame
from renderers.scene import Element, Value


def table(place: AxesFrame, artist: Table) -> Element | None:
    """A table drawn beside or in a chart."""
    cells = []
    for (row, column), cell in sorted(artist.get_celld().items()):
        if not cell.get_visible() or not place.canvas.take():
            continue
        words = cell.get_text()
        style = look.patch_style(cell) | {f"text_{k}": v for k, v in look.font_style(words).items()}
        box = place.canvas.box(look.display_box(cell, place.canvas.renderer))
        if box:
            shown = " ".join(words.get_text().split())
            cells.append(Element("cell", box, shown, style, {"row": row, "column": column}))
    if not cells:
        return None
    around = box_around([cell.box for cell in cells])
    return Element("table", around, "", {}, {"count": len(cells)}, tuple(cells))


def offset_box(place: AxesFrame, artist: Any) -> Element | None:
    """A text or a picture in an offset box."""
    extent = look.display_box(artist, place.canvas.renderer)
    box = place.canvas.box(extent)
    words = [part.get_text() for part in artist.findobj(Text) if part.get_visible()]
    shown = " ".join(" ".join(words).split())
    if box is None or not isinstance(extent, Bbox):
        return None
    center = np.array([[(extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2]])
    at: Any = look.numbers(place._to_fraction.transform(center)[0])
    data: dict[str, Value] = {"at": at}
    return Element("text" if shown else "photo", box, shown, {}, data)


def quiver_key(place: AxesFrame, artist: QuiverKey) -> Element | None:
    """The words that tell the length of arrows, with their arrow."""
    made = marks.text(place, artist.text)
    if made is None:
        return None
    arrow: Any = vars(artist)["vector"]
    (spot,) = arrow.get_offset_transform().transform(arrow.get_offsets())[:1]
    drawn = spot + arrow.get_transform().transform(arrow.get_paths()[0].vertices)
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    faces = arrow.get_facecolor()
    length = np.hypot(*(high - low)) * 72 / place.canvas.dpi
    style: dict[str, Value] = {
        "face": look.color(faces[0]) if len(faces) else "",
        "length": look.number(round(float(length), 2)),
    }
    child = Element("arrow", place.canvas.box((*low, *high)), "", style)
    return made.having(children=(child,))


def inset_mark(place: AxesFrame, artist: InsetIndicator) -> Element | None:
    """The frame around the part that an inset shows enlarged, with the lines that lead there."""
    frame = artist.rectangle
    style = look.patch_style(frame)
    lines = [line for line in artist.connectors or () if line.get_visible()]
    parts = [look.display_box(part, place.canvas.renderer) for part in (frame, *lines)]
    box = place.canvas.box(Bbox.union([extent for extent in parts if extent is not None]))
    if not style or box is None:
        return None
    corners = np.array(frame.get_bbox().get_points())
    data, _ = place.spread(frame.get_data_transform(), corners)
    return Element("zoom", box, "", style, data)

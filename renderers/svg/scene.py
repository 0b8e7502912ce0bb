"""The scene of an SVG: shapes as they came out, in paint order, and who owns which pixel.

The root has role ``svg``; its children are the paints, first painted first, without groups: the fill
and the stroke of one element are two, and so is the same picture made of two elements. Roles are ``rect circle ellipse
line polyline polygon path text`` and, where CairoSVG floods a filter, the filtered element's own.
All lengths and points are pixels of the picture; opacities are folded into the colors.

Root data: ``owners``, see `owners`; ``view_box``, four numbers or missing.
Shape style: ``fill``, ``stroke`` (``#rrggbbaa``, ``none``, or ``linear``, ``radial``, ``pattern`` with
``..._stops`` (of a pattern: shares and colors) and ``..._points``), ``stroke_width``, ``dash``, ``dash_offset``, ``cap``, ``join``, ``cut_corners``, ``font``,
``font_size``, ``bold``, ``italic``, ``anchor``, ``turned`` (degrees clockwise), ``mirrored``, ``masked``.
Shape data: ``outline`` and ``clip`` (x, y, x, y, null between subpaths), ``even_odd``, ``area``
(visible pixels), ``extent`` (left, top, right, bottom of a text's letters), ``symbol`` (``name#number`` of the outermost `use` that shows it).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from records.rows import Box
from records.taxonomy import Modality
from renderers.scene import Element, Scene, SceneError, Value
from renderers.svg.canvas import NOBODY as NOBODY
from renderers.svg.canvas import SIDE_PX as SIDE_PX

if TYPE_CHECKING:
    # Cairo is loaded in the worker only; reading a scene needs none of it.
    from renderers.svg.draw import PaintedIcon
    from renderers.svg.marks import Paint, PaintedShape

MAX_SIDE_PX = 4096


def scene_of(drawing: PaintedIcon) -> Scene:
    """The scene of a finished drawing."""
    height, width = drawing.owner.shape
    boxes, areas = visible(drawing.owner, [shape.reach for shape in drawing.shapes])
    data: dict[str, Value] = {"owners": pack(drawing.owner)}
    if drawing.view is not None:
        data["view_box"] = [round(float(value), 4) for value in drawing.view]
    # A fill and its stroke have one outline, and all of a group may have one clip.
    lines = {id(one): one for shape in drawing.shapes for one in (shape.outline, shape.clip)}
    tenths = {key: rounded(one) for key, one in lines.items()}
    children = tuple(
        element_of(shape, box, area, tenths)
        for shape, box, area in zip(drawing.shapes, boxes, areas, strict=True)
    )
    root = Element("svg", (0.0, 0.0, float(width), float(height)), data=data, children=children)
    return Scene(Modality.SVG, width, height, root, truncated=drawing.truncated)


def element_of(
    shape: PaintedShape, box: Box | None, area: int, tenths: Mapping[int, Value]
) -> Element:
    """One shape, normalized so that an equal look compares equal; ``tenths`` has its rounded lines by id."""
    style: dict[str, Value] = {}
    paint_style(style, "fill", shape.fill)
    paint_style(style, "stroke", shape.stroke)
    if shape.stroke is not None:
        style["stroke_width"] = round(shape.stroke_width_px, 2)
        style["cap"], style["join"] = shape.cap, shape.join
        if any(shape.dash):
            style["dash"] = [round(length, 2) for length in shape.dash]
            period = sum(shape.dash) * (1 + len(shape.dash) % 2)
            if shape.dash_offset_px % period:
                style["dash_offset"] = round(shape.dash_offset_px % period, 2)
        if shape.cut_corners:
            style["cut_corners"] = True
    if shape.masked:
        style["masked"] = True
    if shape.tag == "text":
        style |= {"font": shape.font, "font_size": round(shape.font_size_px, 2)}
        style |= {"bold": shape.bold, "italic": shape.italic, "anchor": shape.anchor}
        if abs(shape.turned_deg) >= 0.1:
            style["turned"] = round(shape.turned_deg, 1)
        if shape.mirrored:
            style["mirrored"] = True
    data: dict[str, Value] = {"area": area}
    if shape.outline:
        data["outline"] = tenths[id(shape.outline)]
    if shape.extent is not None:
        data["extent"] = [round(min(max(value, -1e6), 1e6), 1) for value in shape.extent]
    if shape.clip:
        data["clip"] = tenths[id(shape.clip)]
    if shape.even_odd:
        data["even_odd"] = True
    if shape.symbol:
        data["symbol"] = shape.symbol
    return Element(shape.tag, box, shape.text, style, data)


def paint_style(style: dict[str, Value], name: str, paint: Paint | None) -> None:
    """Color, or kind of gradient with stops and points."""
    if paint is None:
        style[name] = "none"
    elif paint.kind == "solid":
        style[name] = paint.color
    else:
        style[name] = paint.kind
        if paint.stops:
            style[f"{name}_stops"] = list(paint.stops)
            if paint.points:
                style[f"{name}_points"] = list(paint.points)


def rounded(points: list[float | None]) -> list[str | float | int | None]:
    """Tenths of a pixel: finer than any visible difference."""
    return [None if value is None else round(value, 1) for value in points]


def visible(
    owner: NDArray[np.uint16], reaches: list[tuple[int, int, int, int]]
) -> tuple[list[Box | None], list[int]]:
    """Smallest box around the pixels of each shape, and their number.

    Args:
        owner: H x W, who owns which pixel.
        reaches: Where each shape painted at all; only there it is looked for.
    """
    boxes: list[Box | None] = []
    areas: list[int] = []
    for index, (left, top, right, bottom) in enumerate(reaches):
        mine = owner[top:bottom, left:right] == index
        area = int(np.count_nonzero(mine))
        areas.append(area)
        if not area:
            boxes.append(None)
            continue
        rows, columns = mine.any(axis=1), mine.any(axis=0)
        boxes.append(
            (
                float(left + columns.argmax()),
                float(top + rows.argmax()),
                float(right - columns[::-1].argmax()),
                float(bottom - rows[::-1].argmax()),
            )
        )
    return boxes, areas


def pack(owner: NDArray[np.uint16]) -> str:
    """The ownership map as text: runs of equal pixels of a row, first all owners and then all lengths,
    16 bits each; deflated, in base64."""
    begins = np.ones(owner.shape, bool)
    np.not_equal(owner[:, 1:], owner[:, :-1], out=begins[:, 1:])
    starts = np.flatnonzero(begins)
    runs = np.stack((owner.ravel()[starts], np.diff(starts, append=owner.size))).astype("<u2")
    return base64.b64encode(zlib.compress(runs.tobytes(), 1)).decode()


def owners(scene: Scene) -> NDArray[np.uint16]:
    """H x W: index among the root's children of the shape that painted each pixel last.

    Raises:
        SceneError: the map is missing, of another size, or names shapes that are not there.
    """
    packed = scene.root.data.get("owners")
    if scene.modality is not Modality.SVG or not isinstance(packed, str):
        raise SceneError("an SVG scene without a map of owners")
    if not (0 < scene.width_px <= MAX_SIDE_PX and 0 < scene.height_px <= MAX_SIDE_PX):
        raise SceneError(f"a scene of {scene.width_px} x {scene.height_px} pixels")
    owner, named = _unpacked(packed, scene.width_px, scene.height_px)
    if named > len(scene.root.children):
        raise SceneError("the map of owners names a shape that is not there")
    return owner


@lru_cache(maxsize=8)
def _unpacked(packed: str, width_px: int, height_px: int) -> tuple[NDArray[np.uint16], int]:
    """The map of owners in a text of `pack`, read-only, and the least number of shapes that it is of; kept
    for the next few calls."""
    most = 4 * width_px * height_px  # No run is shorter than a pixel.
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(base64.b64decode(packed, validate=True), most + 1)
    except (ValueError, zlib.error) as error:
        raise SceneError(f"the map of owners cannot be read: {error}") from error
    whole = 0 < len(raw) <= most and len(raw) % 4 == 0
    runs = np.frombuffer(raw if whole else bytes(4), "<u2").reshape(2, -1)
    if int(runs[1].sum()) != width_px * height_px:
        raise SceneError("the map of owners is of another size than the scene")
    owner = np.repeat(runs[0].astype(np.uint16), runs[1]).reshape(height_px, width_px)
    owner.flags.writeable = False
    # Nobody is counted as nothing: one more than it is zero again.
    return owner, int((runs[0] + np.uint16(1)).max())

"""Collections of an axes: scatter, segments, polygons, meshes, contours, arrow fields, 3D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib import collections as mcollections
from matplotlib.contour import ContourSet
from matplotlib.quiver import Barbs, Quiver
from matplotlib.transforms import AffineDeltaTransform

from renderers.chart.scene import look
from renderers.chart.scene.contours import contour
from renderers.chart.scene.images import color_limits, color_map, heatmap
from renderers.chart.scene.look import Points
from renderers.chart.scene.marks import AxesFrame, label_of
from renderers.scene import Element, Value, length_of

SHOWN_APART = 40
"""A collection with at most this many segments or polygons gives one element each; larger ones give
one element."""


def collection(place: AxesFrame, artist: Any) -> list[Element]:
    """The elements that a collection draws."""
    if isinstance(artist, ContourSet):
        return _some(contour(place, artist))
    if isinstance(artist, Quiver | Barbs):
        return _some(arrow_field(place, artist))
    if isinstance(artist, mcollections.QuadMesh):
        return _some(mesh(place, artist))
    for data, read in (("_offsets3d", points_3d), ("_faces", surface_3d), ("_segments3d", segments_3d)):  # fmt: skip
        if getattr(artist, data, None) is not None:
            return _some(read(place, artist))
    if isinstance(artist, mcollections.LineCollection):
        return segments(place, artist)
    if _moves_by_offsets(artist):
        return _some(markers(place, artist))
    return polygons(place, artist)


def _some(element: Element | None) -> list[Element]:
    return [element] if element else []


def _moves_by_offsets(artist: Any) -> bool:
    offsets = artist.get_offsets()
    if isinstance(artist, mcollections.PathCollection):
        return bool(len(artist.get_paths()))
    return len(offsets) > 1 or (len(offsets) == 1 and bool(np.asarray(offsets, float).any()))


def _outline(artist: Any, index: int = 0) -> dict[str, Value]:
    edges, widths = artist.get_edgecolor(), np.atleast_1d(artist.get_linewidth())
    if not len(edges) or not len(widths):
        return {}
    return look.stroke(
        look.color(edges[index % len(edges)]),
        float(widths[index % len(widths)]),
        look.dash_in(artist, index),
    )


def _mapped(artist: Any) -> tuple[dict[str, Value], dict[str, Value]]:
    """Style and data of colors that encode values; both empty if colors encode no values."""
    values = artist.get_array()
    if values is None:
        return {}, {}
    data: dict[str, Value] = {
        "values": look.numbers(look.sampled(np.ma.asarray(values, float).ravel()))
    }
    data["values_hash"] = look.digest(values)
    return color_map(artist), data | color_limits(artist)


HEXAGON = 6
"""Corners of the cells of a hexbin."""


def markers(place: AxesFrame, artist: Any) -> Element | None:
    """One marker per point: a scatter plot, the nodes of a graph, the cells of a hexbin."""
    offsets = look.unmasked(artist.get_offsets())
    paths = artist.get_paths()
    shown = np.isfinite(offsets).all(axis=1)
    if not shown.any() or not len(paths):
        return None
    style, mapped = _mapped(artist)
    to_picture = artist.get_offset_transform()
    if isinstance(to_picture, AffineDeltaTransform):
        # The cells of a hexbin are drawn around the origin of the data, and moved from there.
        to_picture = to_picture._base_transform
    data, display = place.spread(to_picture, offsets[shown])
    data |= mapped
    sizes = _sizes(artist, shown)
    symbol = look.marker_of_path(paths[0]) if len(paths) == 1 else f"{len(paths)} shapes"
    if symbol.startswith("shape") and len(np.unique(paths[0].vertices, axis=0)) == HEXAGON:
        symbol = "hexagon"
    style["marker"] = symbol
    if len(set(sizes.tolist())) == 1:
        style["marker_size"] = round(float(sizes[0]), 3)
    elif len(sizes):
        data["sizes"] = look.numbers(look.sampled(sizes))
        data["sizes_hash"] = look.digest(sizes)
    faces = look.colors(artist.get_facecolor()) if symbol not in ("+", "x", "|", "_") else []
    visible = any(faces)
    if not mapped:
        if len(faces) == 1 and faces[0]:
            style["marker_face"] = faces[0]
        elif len(faces) > 1:
            data["faces"] = list(faces)
    edges = look.colors(artist.get_edgecolor())
    widths = np.atleast_1d(artist.get_linewidth())
    width = float(widths[0]) if len(widths) else 0.0
    if width > 0 and any(edges):
        visible = True
        style["marker_edge_width"] = round(width, 3)
        if len(edges) == 1:
            style["marker_edge"] = edges[0]
        elif not mapped:
            data["edges"] = list(edges)
    if artist.get_hatch():
        style["hatch"] = str(artist.get_hatch())
    if not visible or not len(sizes) or not sizes.max() > 0:
        return None
    return place.mark("markers", artist, display, style, data, float(sizes.max()) / 2)


def _sizes(artist: Any, shown: Any) -> Points:
    """Diameter of each marker in points."""
    areas = np.asarray(artist.get_sizes(), float) if hasattr(artist, "get_sizes") else np.ones(0)
    if not len(areas):
        return np.ones(1)
    if len(areas) == len(shown):
        areas = areas[shown]
    return np.sqrt(np.abs(areas))


def segments(place: AxesFrame, artist: mcollections.LineCollection) -> list[Element]:
    """Straight or bent lines that one collection draws."""
    lines = [np.asarray(segment, dtype=float) for segment in artist.get_segments()]
    lines = [segment for segment in lines if len(segment) > 1]
    if artist.get_array() is None and len(lines) <= SHOWN_APART:
        return _apart(place, artist, "line", lines, lambda index: _pen(artist, index))
    style, mapped = _mapped(artist)
    style |= _outline(artist)
    if not lines or not style:
        return []
    return _together(place, artist, "segments", lines, style, mapped)


def _pen(artist: Any, index: int) -> dict[str, Value]:
    """Style of one line of a collection; empty if it is not drawn."""
    pen = _outline(artist, index)
    if not pen:
        return {}
    return {"color": pen["edge"], "width": pen["edge_width"], "dash": pen.get("edge_dash", "-")}


def _apart(
    place: AxesFrame, artist: Any, role: str, pieces: list[Points],
    style_of: Callable[[int], dict[str, Value]],
) -> list[Element]:  # fmt: skip
    """One element for each piece of a collection that is drawn."""
    found: list[Element] = []
    for index, points in enumerate(pieces):
        if style := style_of(index):
            data, display = place.spread(artist.get_transform(), points)
            pad_pt = length_of(style, "width") / 2
            found += _some(place.mark(role, artist, display, style, data, pad_pt))
    return found


def polygons(place: AxesFrame, artist: Any) -> list[Element]:
    """Filled shapes that one collection draws."""
    paths = [path for path in artist.get_paths() if len(path.vertices)]
    pieces = [np.asarray(path.vertices, dtype=float) for path in paths]
    if artist.get_array() is None and len(pieces) <= SHOWN_APART:
        return _apart(place, artist, "area", pieces, lambda index: _filled(artist, index))
    style, mapped = _mapped(artist)
    style |= _outline(artist)
    if not pieces:
        return []
    if not mapped:
        mapped = {"faces": list(look.colors(artist.get_facecolor()))}
    return _together(place, artist, "areas", pieces, style, mapped)


def _filled(artist: Any, index: int) -> dict[str, Value]:
    """Style of one shape of a collection; empty if it is not drawn."""
    style, faces = _outline(artist, index), artist.get_facecolor()
    face = look.color(faces[index % len(faces)]) if len(faces) else ""
    if face:
        style["face"] = face
    if artist.get_hatch():
        style["hatch"] = str(artist.get_hatch())
    return style


def _together(
    place: AxesFrame, artist: Any, role: str, pieces: list[Points], style: dict[str, Value],
    mapped: dict[str, Value],
) -> list[Element]:  # fmt: skip
    space, points, display = place.locate(artist.get_transform(), np.concatenate(pieces))
    data = look.packed({"x": points[:, 0], "y": points[:, 1]})
    data |= {"space": space, "pieces": len(pieces), "hash": look.digest(points)}
    return _some(place.mark(role, artist, display, style, data | mapped))


def mesh(place: AxesFrame, artist: mcollections.QuadMesh) -> Element | None:
    """A grid of cells of any width: ``pcolormesh``, a seaborn heat map."""
    corners = np.asarray(artist.get_coordinates(), dtype=float)
    values = artist.get_array()
    if values is None or corners.shape[0] < 2 or corners.shape[1] < 2:
        return None
    space, points, display = place.locate(artist.get_transform(), corners.reshape(-1, 2))
    box = place.box(artist, display)
    if box is None:
        return None
    table = look.unmasked(values)
    if table.ndim == 1:
        table = table.reshape(corners.shape[0] - 1, corners.shape[1] - 1)
    if table.ndim != 2:
        return None
    grid = points.reshape(corners.shape)
    if grid[0, 0, 1] > grid[-1, 0, 1]:
        table, grid = table[::-1], grid[::-1]
    if grid[0, 0, 0] > grid[0, -1, 0]:
        table, grid = table[:, ::-1], grid[:, ::-1]
    low, high = points.min(axis=0), points.max(axis=0)
    found = heatmap(artist, table, look.numbers([low[0], low[1], high[0], high[1]]), space, box)
    found = found.having(style=found.style | _outline(artist))
    steps = np.diff(grid, axis=0)[..., 1], np.diff(grid, axis=1)[..., 0]
    if all(np.allclose(step, step.flat[0]) for step in steps if step.size):
        return found
    return found.having(data=found.data | {"corners": look.digest(grid)})


def _in_space(points: Points, pieces: int) -> dict[str, Value]:
    """The numbers of pieces in three dimensions, with their bounds."""
    data = look.packed(dict(zip("xyz", points.T, strict=True)))
    data |= {"space": "3d", "pieces": pieces, "hash": look.digest(points)}
    finite = points[np.isfinite(points).all(axis=1)]
    for name, column in zip("xyz", finite.T, strict=True) if len(finite) else ():
        data[f"{name}_range"] = look.numbers([column.min(), column.max()])
    return data


def arrow_field(place: AxesFrame, artist: Any) -> Element | None:
    """Many small arrows: ``quiver`` and ``barbs``."""
    places = np.asarray(artist.get_offsets(), dtype=float)
    u = look.unmasked(getattr(artist, "U", getattr(artist, "u", ())))
    v = look.unmasked(getattr(artist, "V", getattr(artist, "v", ())))
    if not len(places) or len(places) != u.size:
        return None
    to_picture = artist.get_offset_transform()
    data, display = place.spread(to_picture, places, u=u.ravel(), v=v.ravel())
    style, mapped = _mapped(artist)
    if not mapped:
        faces = look.colors(artist.get_facecolor())
        style["face"] = faces[0] if faces else ""
    for name in ("scale", "width", "headwidth", "headlength"):
        value = getattr(artist, name, None)
        if isinstance(value, int | float):
            style[name] = look.number(value)
    return place.mark("arrows", artist, _with_tips(artist, display), style, data | mapped, 1)


def _with_tips(artist: Any, display: Points) -> Points:
    """Display points of all outlines of arrows or barbs that stand at these places."""
    shapes = [path.vertices for path in artist.get_paths()]
    if len(shapes) != len(display):
        return display
    scale = artist.get_transform()
    placed = [
        np.asarray(scale.transform(shape), dtype=float) + at
        for shape, at in zip(shapes, display, strict=True)
        if np.isfinite(at).all()
    ]
    return np.concatenate([display, *placed])


def points_3d(place: AxesFrame, artist: Any) -> Element | None:
    """Markers in three dimensions."""
    x, y, z = (look.unmasked(part).ravel() for part in artist._offsets3d)
    style, mapped = _mapped(artist)
    style["marker"] = look.marker_of_path(artist.get_paths()[0]) if artist.get_paths() else ""
    # Depth shading changes the colors of every point with the view; take them unshaded.
    plain = getattr(artist, "_facecolors", np.zeros((0, 4)))
    faces = look.colors(np.asarray(plain)[:, :3]) if np.ndim(plain) == 2 and len(plain) else []
    if not mapped and len(faces) == 1:
        style["marker_face"] = faces[0]
    outline = getattr(artist, "_edgecolors", "face")
    edges = (
        look.colors(np.asarray(outline)[:, :3]) if np.ndim(outline) == 2 and len(outline) else []
    )
    if len(edges) == 1 and edges != faces:
        style["marker_edge"] = edges[0]
    if isinstance(artist.get_alpha(), int | float):
        shade = f"{round(255 * float(artist.get_alpha())):02x}"
        for key in ("marker_face", "marker_edge"):
            if key in style:
                style[key] = f"{str(style[key])[:7]}{shade}"
        if mapped:
            style["alpha"] = look.number(artist.get_alpha())
    data = look.packed({"x": x, "y": y, "z": z}) | {"space": "3d"} | mapped
    sizes = np.sqrt(np.abs(np.atleast_1d(getattr(artist, "_sizes3d", artist.get_sizes()))))
    if len(set(sizes.tolist())) == 1:
        style["marker_size"] = round(float(sizes[0]), 3)
    elif len(sizes):
        data["sizes"] = look.numbers(look.sampled(sizes))
    flat = look.unmasked(artist.get_offsets())
    display = np.asarray(artist.get_offset_transform().transform(flat), dtype=float)
    pad_pt = float(sizes.max()) / 2 if len(sizes) else 0
    return place.mark("markers", artist, display, style, data, pad_pt)


def surface_3d(place: AxesFrame, artist: Any) -> Element | None:
    """A surface, a band or bars in three dimensions."""
    faces = look.unmasked(artist._faces)
    invalid = getattr(artist, "_invalid_vertices", False)
    if np.shape(invalid) == faces.shape[:2]:
        # Faces of fewer corners are padded with whatever the memory held.
        faces = np.where(np.asarray(invalid)[..., None], np.nan, faces)
    corners = _corners_of_bars(faces)
    points = faces.reshape(-1, 3) if corners is None else corners
    if not len(points):
        return None
    style, mapped = _mapped(artist)
    paint = np.asarray(getattr(artist, "_facecolor3d", np.zeros((0, 4))))
    if not mapped and paint.ndim == 2 and len(paint):
        # Faces in the shade are darker.
        style["face"] = look.color(paint[paint[:, :3].sum(axis=1).argmax()])
        if len(paint) > 1 and not (paint == paint[0]).all():
            shades = paint[np.linspace(0, len(paint) - 1, 7).astype(int)]
            style["ramp"] = [look.color(row) for row in shades]
    edges = look.colors(getattr(artist, "_edgecolor3d", np.zeros((0, 4))))
    widths = np.atleast_1d(artist.get_linewidth())
    if edges and edges[0] and len(widths) and widths[0] > 0:
        style |= {"edge": edges[0], "edge_width": round(float(widths[0]), 3)}
    data = _in_space(points, len(faces))
    if corners is not None:
        bars: dict[str, Value] = {"space": "3d", "pieces": len(corners) // 2, "solid": "bars"}
        data = look.packed(dict(zip("xyz", corners.T, strict=True))) | bars
    box = place.canvas.box(look.display_box(place.axes, place.canvas.renderer))
    return Element("surface", box, label_of(artist), style, data | mapped) if box else None


def _corners_of_bars(faces: Points) -> Points | None:
    """2N x 3: the lowest and the highest corner of each of N upright bars, if six faces in a row bound
    one each; None for any other surface."""
    if faces.ndim != 3 or faces.shape[1:] != (4, 3) or not len(faces) or len(faces) % 6:
        return None
    solids = faces.reshape(-1, 24, 3)
    low, high = solids.min(axis=1), solids.max(axis=1)
    at_ends = (solids == low[:, None]) | (solids == high[:, None])
    if not at_ends.all():
        return None
    return np.stack([low, high], axis=1).reshape(-1, 3)


def segments_3d(place: AxesFrame, artist: Any) -> Element | None:
    """Lines in three dimensions that one collection draws, such as a wire frame."""
    pieces = [np.asarray(piece, dtype=float).reshape(-1, 3) for piece in artist._segments3d]
    if not pieces:
        return None
    points = np.concatenate(pieces)
    pen = _outline(artist)
    if not pen:
        return None
    style: dict[str, Value] = {"color": pen["edge"], "width": pen["edge_width"]}
    data = _in_space(points, len(pieces))
    box = place.canvas.box(look.display_box(place.axes, place.canvas.renderer))
    return Element("segments", box, label_of(artist), style, data) if box else None

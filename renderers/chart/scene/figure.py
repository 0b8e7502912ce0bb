"""Scenes of charts: everything a matplotlib figure draws, with pixel boxes.

The tree::

    figure
    ├─ suptitle · supxlabel · supylabel · text · legend · line, bar, area, photo   on no axes
    └─ axes                kind main, twin, inset or colorbar
       ├─ title            side left, center, right
       ├─ axis             one per direction, with limits, scale, ticks and tick labels
       ├─ axis_label · offset_text · grid · spine
       ├─ legend
       │  └─ legend_entry  text, and the look of its sample
       ├─ line · markers · bar · wedge · area · areas · segments · errorbars · box · heatmap
       │  · photo · contour · arrows · surface · arrow · zoom
       ├─ text             an annotation has a tip and an arrow
       ├─ table
       │  └─ cell
       └─ axes             insets

A role says what is seen, not which call drew it: bare markers are ``markers`` whether they came
from ``plot`` or ``scatter``, an upright rectangle is a ``bar`` whether from ``bar`` or
``add_patch``. Colors are ``#rrggbbaa``, lengths points, coordinates those of the axes (``space``
says which). What cannot be seen is not there. ``auto``, ``fixed`` and ``placed`` of an axis are
hints on what follows from what; they show on no picture and are no difference by themselves. Marks
stand in the order they are painted; ``layer`` of a grid says whether it lies over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage, FigureImage
from matplotlib.inset import InsetIndicator
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, OffsetBox
from matplotlib.patches import FancyArrowPatch, Patch, PathPatch, Rectangle, Wedge
from matplotlib.quiver import QuiverKey
from matplotlib.spines import Spine
from matplotlib.table import Table
from matplotlib.text import Text

from records.taxonomy import Modality
from renderers.chart.scene import attached, images, look, marks
from renderers.chart.scene import axes as frame
from renderers.chart.scene.collections import collection
from renderers.chart.scene.effects import adorned
from renderers.chart.scene.groups import box_plots, error_bars
from renderers.chart.scene.legend import legend
from renderers.chart.scene.look import Canvas
from renderers.chart.scene.marks import AxesFrame
from renderers.scene import MAX_ELEMENTS, Element, Scene, Value

MOST_ARTISTS = 4_000
"""Most artists of one axes that are described; a scene with more is truncated."""

MOST_AXES = 200


def extract(figure: Figure, *, width_px: int, height_px: int) -> Scene:
    """The scene of a figure that was just drawn.

    Args:
        figure: Drawn by an Agg canvas at its final dpi.

    Example:
        >>> from matplotlib.figure import Figure
        >>> from matplotlib.backends.backend_agg import FigureCanvasAgg
        >>> figure = Figure(); canvas = FigureCanvasAgg(figure)
        >>> _ = figure.add_subplot().plot([1, 2, 3]); canvas.draw()
        >>> scene = extract(figure, width_px=640, height_px=480)
        >>> [mark.data["y"] for mark in scene.root.walk() if mark.role == "line"]
        [[1.0, 2.0, 3.0]]
    """
    canvas = Canvas(
        width_px=width_px,
        height_px=height_px,
        renderer=figure.canvas.get_renderer(),  # type: ignore[attr-defined]
        dpi=float(figure.dpi),
        left=MAX_ELEMENTS // 2,
    )
    everything = [axes for axes in figure.axes if axes.get_visible()]
    nested = {id(child) for axes in everything for child in axes.child_axes}
    shown = [axes for axes in everything if id(axes) not in nested]
    if len(shown) > MOST_AXES:
        canvas.truncated = True
        shown = shown[:MOST_AXES]
    children = _figure_parts(canvas, figure)
    children += [made for axes in shown if (made := _axes(canvas, axes, shown)) is not None]
    box = (0.0, 0.0, float(width_px), float(height_px))
    style = {key: value for key, value in look.patch_style(figure.patch).items() if key == "face"}
    root = Element("figure", box, "", style, _size(figure), tuple(children))
    return Scene(Modality.CHART, width_px, height_px, root, canvas.truncated)


def _size(figure: Figure) -> dict[str, Value]:
    """Size of the figure as its script made it, and whether the picture is cropped to its content.

    While a figure is saved with a tight bounding box it has the size of the cut; where its corners
    would be still reports its own.
    """
    corners = figure.transFigure.transform([(0.0, 0.0), (1.0, 1.0)])
    width_in, height_in = (corners[1] - corners[0]) / figure.dpi
    cut = bool(np.abs(figure.get_size_inches() - (width_in, height_in)).max() > 1e-3)
    size: dict[str, Value] = {
        "width_in": look.number(round(width_in, 4)),
        "height_in": look.number(round(height_in, 4)),
        "dpi": look.number(figure.dpi),
    }
    return size | {"cropped": True} if cut else size


def _figure_parts(canvas: Canvas, figure: Any) -> list[Element]:
    """Elements that a figure, or a subfigure, draws outside any axes."""
    place = AxesFrame(canvas, figure)
    roles = {
        id(getattr(figure, f"_{role}", None)): role
        for role in ("suptitle", "supxlabel", "supylabel")
    }
    found: list[Element] = []
    for artist in (
        *figure.texts,
        *figure.legends,
        *figure.lines,
        *figure.patches,
        *figure.images,
        *figure.artists,
    ):
        if not artist.get_visible() or not canvas.take():
            continue
        if isinstance(artist, Legend):
            made = legend(canvas, artist, figure.bbox)
        elif isinstance(artist, Text):
            made = marks.text(place, artist, roles.get(id(artist), "text"))
        elif isinstance(artist, FigureImage):
            made = images.figure_image(place, artist)
        else:
            made = next(iter(_mark(place, artist)), None)
        if made:
            found.append(made)
    for inner in getattr(figure, "subfigs", ()):
        if inner.get_visible():
            found += _figure_parts(canvas, inner)
    return found


def _axes(canvas: Canvas, axes: Any, siblings: list[Any], kind: str = "main") -> Element | None:
    """One axes with its contents; None if nothing of it is visible."""
    place = AxesFrame(canvas, axes)
    color_bar = getattr(axes, "_colorbar", None)
    data: dict[str, Value] = {
        "kind": _kind(axes, siblings) if kind == "main" else kind,
        "projection": str(axes.name),
        "position": look.numbers(axes.get_position().bounds),
        "shared": _shared(axes),
    }
    if axes.get_aspect() != "auto":
        data["aspect"] = str(axes.get_aspect())
    if axes.name == "3d":
        data["view"] = look.numbers([axes.elev, axes.azim, getattr(axes, "roll", 0.0)])
    if axes.name == "polar":
        data["turn"] = look.numbers([axes.get_theta_offset(), axes.get_theta_direction()])
    style: dict[str, Value] = {}
    face = look.color(axes.patch.get_facecolor()) if axes.patch.get_visible() else ""
    framed = frame.is_framed(axes)
    if framed and face and (axes.name == "3d" or axes.get_frame_on()):
        style["face"] = face
    canvas.take()
    parts = frame.titles(place)
    for name in ("x", "y", "z") if axes.name == "3d" else ("x", "y"):
        parts += frame.axis(place, name)
    parts += frame.spines(place)
    drawn = framed and (bool(style) or any(part.role != "axis" for part in parts))
    if color_bar is not None:
        data["kind"] = "colorbar"
        data["orientation"] = str(color_bar.orientation)
        data["pointed"] = str(color_bar.extend)
        data |= images.color_limits(color_bar.mappable)
        style |= images.color_map(color_bar.mappable)
    else:
        contents = _contents(place)
        drawn = drawn or bool(contents) or any(part.role == "title" for part in parts)
        parts += contents
    around = axes.bbox
    legends = [artist for artist in axes.get_children() if isinstance(artist, Legend)]
    parts += [made for artist in legends if (made := legend(canvas, artist, around))]
    for inner in axes.child_axes:
        if inner.get_visible() and (made := _axes(canvas, inner, [inner], "inset")) is not None:
            parts.append(made)
    box = canvas.box(look.display_box(axes, canvas.renderer))
    if not drawn or box is None:
        return None
    canvas.left -= len(parts)
    return Element("axes", box, "", style, data, tuple(parts))


def _kind(axes: Any, siblings: list[Any]) -> str:
    """main; twin if it lies on an earlier axes; inset if it lies within an earlier one."""
    earlier = siblings[: siblings.index(axes)] if axes in siblings else []
    mine = axes.get_position(original=False)
    for other in earlier:
        theirs = other.get_position(original=False)
        if np.allclose(mine.bounds, theirs.bounds, atol=1e-3):
            return "twin"
    for other in siblings:
        theirs = other.get_position(original=False)
        inside = (
            theirs.x0 <= mine.x0 + 1e-3
            and theirs.y0 <= mine.y0 + 1e-3
            and mine.x1 <= theirs.x1 + 1e-3
            and mine.y1 <= theirs.y1 + 1e-3
        )
        smaller = mine.width * mine.height < 0.9 * theirs.width * theirs.height
        if other is not axes and inside and smaller:
            return "inset"
    return "main"


def _shared(axes: Any) -> str:
    """Directions in which this axes shares an axis with another subplot."""
    tied = ""
    for name in "xy":
        grouper = getattr(axes, f"get_shared_{name}_axes")()
        others = [
            other
            for other in grouper.get_siblings(axes)
            if other is not axes
            and not np.allclose(other.get_position().bounds, axes.get_position().bounds)
        ]
        tied += name * bool(others)
    return tied


def _contents(place: AxesFrame) -> list[Element]:
    """The marks and texts of an axes, in paint order."""
    axes, canvas = place.axes, place.canvas
    frame_parts = {id(axes.patch), id(axes.title), id(axes._left_title), id(axes._right_title)}
    frame_parts |= {id(inner) for inner in axes.child_axes}
    artists = [
        artist
        for artist in axes.get_children()
        if not isinstance(artist, Spine | Axis | Legend)
        and id(artist) not in frame_parts
        and artist.get_visible()
        and not look.unseen(artist)
    ]
    if len(artists) > MOST_ARTISTS:
        canvas.truncated = True
        artists = artists[:MOST_ARTISTS]
    artists.sort(key=Artist.get_zorder)
    layered: list[tuple[float, Element]] = []
    # Labels on contour lines belong to the contours, which redraw them at every change.
    used = {
        id(words)
        for artist in artists
        if isinstance(artist, ContourSet)
        for words in getattr(artist, "labelTexts", ())
    }
    series: dict[int, tuple[str, str]] = {}
    for container in axes.containers:
        if isinstance(container, BarContainer):
            # A histogram keeps its name on its first bar only; tiles of a tree map have one each.
            own = [marks.label_of(patch) for patch in container.patches]
            shared = marks.label_of(container) or next(iter(own), "")
            several = len(set(own)) > 1 and all(own)
            series |= {
                id(patch): (name if several else shared, str(container.orientation or ""))
                for patch, name in zip(container.patches, own, strict=True)
            }
        elif isinstance(container, ErrorbarContainer):
            made, parts = error_bars(place, container)
            layered += made
            used |= parts
    if axes.name == "rectilinear":
        made, parts = box_plots(place, [a for a in artists if isinstance(a, Line2D | PathPatch)])
        layered += made
        used |= parts
    for artist in artists:
        if id(artist) in used:
            continue
        if not canvas.take():
            break
        if isinstance(artist, Rectangle) and id(artist) in series:
            name, orientation = series[id(artist)]
            bar = _bar(place, artist, name, orientation)
            layered += [(artist.get_zorder(), adorned(canvas, artist, bar))] if bar else []
        else:
            layered += [(artist.get_zorder(), made) for made in _mark(place, artist)]
    layered.sort(key=itemgetter(0))
    return [made for _, made in layered]


def _bar(
    place: AxesFrame, artist: Rectangle, name: str = "", orientation: str = ""
) -> Element | None:
    if artist.get_angle() or getattr(artist, "_segment3d", None) is not None:
        return marks.area(place, artist)
    return marks.bar(place, artist, name, orientation)


def _mark(place: AxesFrame, artist: Any) -> Iterable[Element]:
    """The elements of one artist; none for artists that draw nothing themselves."""
    if isinstance(artist, Collection):
        return collection(place, artist)
    read = next((read for kind, read in READERS if isinstance(artist, kind)), None)
    made = None if read is None else read(place, artist)
    return [adorned(place.canvas, artist, made)] if made else []


READERS: tuple[tuple[Any, Callable[[AxesFrame, Any], Element | None]], ...] = (
    (Line2D, marks.line),
    (Rectangle, _bar),
    (Wedge, marks.wedge),
    (FancyArrowPatch, marks.arrow),
    (Patch, marks.area),
    (AxesImage, images.image),
    (Text, marks.text),
    (Table, attached.table),
    (OffsetBox | AnnotationBbox, attached.offset_box),
    (QuiverKey, attached.quiver_key),
    (InsetIndicator, attached.inset_mark),
)
"""Kinds of artists with the function that reads each; the first kind counts."""

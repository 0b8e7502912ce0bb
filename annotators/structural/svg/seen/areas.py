"""Splits an icon into visible areas of one color, which a viewer sees as parts.

An area is a connected part of the picture with one paint. Whose element painted it does not count:
a fill and a stroke, two halves of a merged path, a `use` or a traced copy give the same areas, for
neighbors of equal color are joined and what is covered, clipped or masked has no pixels. Areas are
sets of pixels, not polygons: the picture is 336 pixels wide, a person sees no less than one, and
so the scene cannot disagree with the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.svg.masks import (
    Mask,
    Parts,
    around,
    count,
    eroded,
    filled,
    parts_of,
    wider,
)
from annotators.structural.svg.outlines import enclosed, runs_of
from annotators.structural.svg.seen.fits import SLIM, thickness
from records.rows import Box
from renderers.scene import Element, Scene
from renderers.svg.scene import NOBODY, owners

SPECK_PX = 6
"""Areas with fewer pixels than this are not noticed: less than a dot with a diameter of three pixels."""
EVEN_SPREAD = 8
"""A paint has one color if its channels (0-255) vary by at most this."""
SAME_CHANNELS = 9
"""Two neighbors of one color each look like one area if their channels differ by at most this."""
NO_STEP = 10
"""The same threshold along the border of two neighbors if one is shaded."""
BARE = 252
"""A paint whose channels are all at least this looks like the white canvas."""
SAMPLE_PX = 600
MAX_AREAS = 260
RIM = 8
"""An area whose body is this many times as large as what is seen of it shows its edge only."""
FORM_SIDE = 20

Part = tuple[slice, slice]


@dataclass(eq=False)
class SeenArea:
    """One visible area: connected pixels of one color or shading."""

    part: Part
    """Rows and columns around it."""
    mask: Mask
    """Its pixels inside ``part``."""
    color: NDArray[np.float64]
    """Median sRGB, as seen."""
    shaded: bool
    """True if its colors vary: a gradient or a pattern."""
    items: tuple[int, ...]
    """Elements whose paint it shows; they are used only for its name."""
    ground: bool
    """True for bare canvas up to the edge of the picture."""
    opening: bool
    """True for what looks like bare canvas and is enclosed: a hole, or a white part."""
    written: bool
    """True for letters."""
    area: int = field(init=False)

    def __post_init__(self) -> None:
        self.area = count(self.mask)

    @cached_property
    def box(self) -> Box:
        rows, columns = self.part
        return float(columns.start), float(rows.start), float(columns.stop), float(rows.stop)

    @cached_property
    def hex(self) -> str:
        return hex_of(self.color)

    @cached_property
    def form(self) -> NDArray[np.float64]:
        """Its mask stretched onto a small square."""
        rows, columns = (
            np.linspace(0, side - 1, FORM_SIDE).round().astype(int) for side in self.mask.shape
        )
        return np.asarray(self.mask[rows[:, None], columns], float)

    @cached_property
    def line(self) -> bool:
        """True if it is much longer than thick."""
        return not self.opening and thickness(self.mask) < SLIM * max(self.mask.shape)

    @cached_property
    def core(self) -> SeenArea:
        """Its inside, without its edge, so that edges may be slightly shifted; itself if it has none."""
        inner = eroded(self.mask)
        return replace(self, mask=inner) if count(inner) >= SPECK_PX else self

    @cached_property
    def filled(self) -> Mask:
        """Its pixels and those of its holes."""
        return filled(self.mask)


@dataclass(eq=False)
class SeenIcon:
    """One picture: its areas, and the element seen at each pixel."""

    rgb: NDArray[np.uint8]
    items: tuple[Element, ...]
    item: NDArray[np.int32]
    """H x W: index of the element seen at each pixel; ``len(items)`` for empty canvas."""
    root: NDArray[np.int32]
    """H x W: index of the first element of the same look, joined over neighbors."""
    ground: int
    shaded: NDArray[np.bool_]
    """By element: True if its visible colors vary."""
    inner: Mask
    """H x W: pixels off the edges of elements."""

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """N x 4: box of each element; NaN where it is not seen."""
        unseen = (np.nan,) * 4
        return np.array([item.box or unseen for item in self.items], float).reshape(-1, 4)

    @cached_property
    def written(self) -> set[int]:
        """Indices of elements that are letters; letters of one text are one area."""
        return {at for at, item in enumerate(self.items) if item.role == "text"}

    @cached_property
    def drawn(self) -> list[SeenArea]:
        """All areas except empty canvas, largest first."""
        return self.areas(~self.bare)

    @cached_property
    def bare(self) -> Mask:
        """H x W: bare canvas; a shape that looks like it is bare, too. Read-only."""
        result = np.asarray(self.root == self.ground)
        result.flags.writeable = False
        return result

    @cached_property
    def openings(self) -> NDArray[np.int32]:
        """H x W: the connected parts of bare canvas, numbered from 1."""
        return parts_of(self.bare)

    def areas(self, within: Mask, near: Mask | None = None) -> list[SeenArea]:
        """Connected areas of one look among the pixels of ``within``, largest first.

        Args:
            within: H x W.
            near: If given, only those of the `MAX_AREAS` largest with some pixels in it.
        """
        if not within.any():
            return []
        frame = around(within)
        found = Parts.of(np.where(within[frame], self.root[frame] + 1, 0))
        number = int(found.numbers.max()) + 1
        look = np.zeros(number, np.int32)
        look[found.numbers] = found.values
        letters = np.isin(look, [at + 1 for at in self.written])
        if letters.any():
            whole = np.arange(number, dtype=np.int32)
            _, first, which = np.unique(look[letters], return_index=True, return_inverse=True)
            whole[letters] = np.flatnonzero(letters)[first][which]
            found = replace(found, numbers=whole[found.numbers])
        labels = found.image()
        sizes = np.bincount(found.numbers, found.stops - found.starts, minlength=number)
        sizes[0] = 0
        order = np.lexsort((look, -sizes))[: count(sizes >= SPECK_PX)].tolist()
        if near is not None:
            close = np.bincount(labels[near[frame]], minlength=number)
            order = [at for at in order[:MAX_AREAS] if close[at] >= SPECK_PX]
        parts = found.boxes()
        return [self.area_of(shifted(frame, parts[at]), labels[parts[at]] == at) for at in order]

    def area_of(self, part: Part, mask: Mask) -> SeenArea:
        """The area of given pixels."""
        items = np.flatnonzero(np.bincount(self.item[part][mask]))
        pixels = np.flatnonzero(mask & self.inner[part])
        if not pixels.size:
            pixels = np.flatnonzero(mask)
        few = pixels[:: len(pixels) // SAMPLE_PX + 1]
        colors = self.rgb[part][np.divmod(few, mask.shape[1])]
        bare = bool(self.root[part][np.divmod(mask.argmax(), mask.shape[1])] == self.ground)
        edge = at_edge(part, mask, self.root.shape)
        shaded = bool(self.shaded[items].any())
        own = tuple(int(item) for item in items if item < len(self.items))
        written = bool(own) and all(self.items[item].role == "text" for item in own)
        color = _median(np.sort(colors, axis=0))
        return SeenArea(part, mask, color, shaded, own, bare and edge, bare and not edge, written)


def at_edge(part: Part, mask: Mask, shape: tuple[int, ...]) -> bool:
    """True if a mask reaches the edge of the picture."""
    rows, columns = part
    return bool(
        (rows.start == 0 and mask[0].any())
        or (columns.start == 0 and mask[:, 0].any())
        or (rows.stop == shape[0] and mask[-1].any())
        or (columns.stop == shape[1] and mask[:, -1].any())
    )


def read(scene: Scene, rgb: NDArray[np.uint8]) -> SeenIcon:
    """The seen scene of a picture.

    Args:
        scene: Of the picture; lends names, borders and order.
        rgb: H x W x 3 uint8 sRGB.

    Raises:
        SceneError: its map of owners is damaged or of another size than the picture.
    """
    owner = owners(scene).astype(np.int32)
    count = len(scene.root.children)
    owner[owner == NOBODY] = count
    inner = _inner(owner)
    color = np.zeros((count + 1, 3))
    shaded = np.zeros(count + 1, bool)
    known = np.zeros(count + 1, bool)
    for at, pixels in _by_owner(owner, rgb, inner):
        known[at] = True
        color[at] = pixels[len(pixels) // 2]
        spread = pixels[len(pixels) * 19 // 20] - pixels[len(pixels) // 20].astype(int)
        shaded[at] = len(pixels) >= SPECK_PX and spread.max() > EVEN_SPREAD
    # Anti-aliased edges have mixed colors; a thin line has only those.
    for at, pixels in _by_owner(owner, rgb, ~known[owner]):
        color[at] = pixels[len(pixels) // 2]
    rims = [at for at in np.flatnonzero(~known[:count]) if _is_rim(scene.root.children[at])]
    if rims:
        rim = np.isin(owner, rims)
        nearest = ndimage.distance_transform_edt(rim, return_distances=False, return_indices=True)
        owner = owner[tuple(nearest)]
    edge = np.zeros(owner.shape, bool)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    bare = np.zeros(count + 1, bool)
    bare[np.unique(owner[edge])] = True
    bare &= ~shaded & (color.min(axis=1) >= BARE)
    bare[count] = True
    joined = _joined(owner, rgb, color, shaded, np.flatnonzero(bare).tolist())
    return SeenIcon(
        rgb, scene.root.children, owner, joined[owner], int(joined[count]), shaded, inner
    )


def _is_rim(item: Element) -> bool:
    """True for an area of which only the softened edge is seen: it has the color of what is below."""
    area = item.data.get("area")
    body = enclosed(runs_of(item)) if item.style.get("fill") != "none" else 0.0
    return isinstance(area, int) and body > RIM * area > 0


def _by_owner(
    owner: NDArray[np.int32], rgb: NDArray[np.uint8], within: Mask
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Each element seen in ``within``, with some of its pixels, every channel sorted by itself."""
    values = np.where(within, owner, -1).ravel()
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    lengths, own = np.diff(starts, append=values.size), values[starts]
    order = np.argsort(own, kind="stable")[count(own < 0) :]
    if not order.size:
        return
    starts, lengths, own = starts[order], lengths[order], own[order]
    ends = lengths.cumsum()
    lasts = np.flatnonzero(np.diff(own, append=-1))
    sizes = np.diff(ends[lasts], prepend=0)
    steps = sizes // SAMPLE_PX + 1
    number = -(-sizes // steps)
    # Every so many pixels of an element, found in their runs: few of all the pixels are touched.
    first = np.repeat(number.cumsum() - number, number)
    places = np.arange(len(first)) - first
    places = places * np.repeat(steps, number) + np.repeat(ends[lasts] - sizes, number)
    run = np.searchsorted(ends, places, "right")
    pixels = rgb.reshape(-1, 3)[starts[run] + places - (ends - lengths)[run]]
    for at, part in zip(own[lasts].tolist(), np.split(pixels, number.cumsum()[:-1]), strict=True):
        yield at, np.sort(part, axis=0)


def _inner(owner: NDArray[np.int32]) -> Mask:
    """True for pixels whose four neighbors are of the same element: no softened edge."""
    same = np.ones(owner.shape, bool)
    down, across = owner[1:] == owner[:-1], owner[:, 1:] == owner[:, :-1]
    same[1:] &= down
    same[:-1] &= down
    same[:, 1:] &= across
    same[:, :-1] &= across
    return same


def _joined(
    owner: NDArray[np.int32],
    rgb: NDArray[np.uint8],
    color: NDArray[np.float64],
    shaded: NDArray[np.bool_],
    bare: list[int],
) -> NDArray[np.int32]:
    """The first element of each group of neighbors between which no border is seen."""
    count = len(color)
    parent = list(range(count))

    def top(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for one, two, step in _borders(owner, rgb):
        plain = not (shaded[one] or shaded[two])
        gap = float(np.abs(color[one] - color[two]).max()) if plain else step
        if gap <= (SAME_CHANNELS if plain else NO_STEP):
            low, high = sorted((top(one), top(two)))
            parent[high] = low
    # White up to the edge of the picture looks like empty canvas, even if an element painted it.
    least = min(top(at) for at in bare)
    for at in bare:
        parent[top(at)] = least
    # Elements of one color apart from each other are one look too: their areas are distinguished by place.
    return np.array([top(at) for at in range(count)], np.int32)


def _borders(owner: NDArray[np.int32], rgb: NDArray[np.uint8]) -> list[tuple[int, int, float]]:
    """Pairs of neighboring elements with the median step of color across their border."""
    count = int(owner.max()) + 1
    keys, steps = [], []
    flat, pixels = owner.ravel(), rgb.reshape(-1, 3)
    # To the next pixel of a row, of which the last has none, and of a column.
    for far, line in ((1, owner.shape[1]), (owner.shape[1], owner.size)):
        at = np.flatnonzero(flat[far:] != flat[:-far])
        at = at[at % line < line - far]
        one, two, place = flat[at], flat[at + far], at % line
        before = pixels[at - far * (place >= far)].astype(np.int16)
        after = pixels[at + far + far * (place < line - 2 * far)]
        keys.append(np.minimum(one, two) * count + np.maximum(one, two))
        steps.append(np.maximum.reduce(np.abs(before - after).T.copy()))
    key, step = np.concatenate(keys), np.concatenate(steps)
    if not key.size:
        return []
    order = np.lexsort((step, key))
    key, step = key[order], step[order]
    pairs, starts = np.unique(key, return_index=True)
    return [
        (int(pair) // count, int(pair) % count, float(_median(step[start:end])))
        for pair, start, end in zip(pairs, starts, [*starts[1:], len(step)], strict=True)
    ]


def _median(ordered: NDArray[Any]) -> NDArray[np.float64]:
    """The median along the first axis of what is in order there."""
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    return np.asarray(middle.mean(axis=0))


def hex_of(color: NDArray[np.float64]) -> str:
    """``#rrggbb`` of sRGB channels 0 to 255."""
    return "#" + "".join(f"{round(float(channel)):02x}" for channel in color)


def drawn_in(part: Part, areas: list[SeenArea]) -> Mask:
    """Pixels of areas inside a part of the picture."""
    rows, columns = part
    result = np.zeros((rows.stop - rows.start, columns.stop - columns.start), bool)
    for area in areas:
        top, left = max(rows.start, area.part[0].start), max(columns.start, area.part[1].start)
        bottom, right = min(rows.stop, area.part[0].stop), min(columns.stop, area.part[1].stop)
        if top < bottom and left < right:
            y, x = area.part[0].start, area.part[1].start
            mask = area.mask[top - y : bottom - y, left - x : right - x]
            y, x = rows.start, columns.start
            result[top - y : bottom - y, left - x : right - x] |= mask
    return result


def framed(area: SeenArea, side: SeenIcon, by_px: int = 3) -> tuple[Part, Mask]:
    """A part of the picture that is larger than an area by some pixels, and the area's pixels in it."""
    rows, columns = wider(area.part, by_px)
    height, width = side.root.shape
    part = slice(rows.start, min(rows.stop, height)), slice(columns.start, min(columns.stop, width))
    return part, drawn_in(part, [area])


def shifted(part: Part, inner: Part) -> Part:
    rows, columns = part
    return (
        slice(rows.start + inner[0].start, rows.start + inner[0].stop),
        slice(columns.start + inner[1].start, columns.start + inner[1].stop),
    )

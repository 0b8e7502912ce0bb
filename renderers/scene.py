"""Scenes: what is drawn, as a tree of typed elements with text, style, geometry and pixel box.

The scene of an untrusted program is itself untrusted: `Scene.from_json` parses strictly and within
bounds, and a chart's is used for a reward only where `renderers.chart.seen` finds it drawn.

Three vocabularies (roles are listed where each is made):
`renderers/chart/scene/figure.py` (Figure tree), `renderers/table/scene/build.py` (laid-out document),
`renderers/svg/scene.py` (resolved shapes in paint order).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import msgspec

from records.rows import Box
from records.taxonomy import Modality

SCENE_VERSION = 1
MAX_ELEMENTS = 20_000
MAX_JSON_BYTES = 8 * 2**20
MAX_DEPTH = 64

Value = str | float | int | bool | None | list[str | float | int | None]
"""What style and data may hold: scalars, and flat lists of numbers or words."""


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One drawn thing.

    Style values are normalized so that the same look compares equal: colors as ``#rrggbbaa``,
    lengths in points or CSS pixels, line styles as ``-``, ``--``, ``-.``, ``:`` or ``none``.
    """

    role: str
    """What it is, in the vocabulary of its modality."""
    box: Box | None = None
    """Pixels of the picture: left, top, right, bottom; None where nothing of it is visible."""
    text: str = ""
    style: dict[str, Value] = {}
    data: dict[str, Value] = {}
    """Geometry and values: what is shown rather than how it looks."""
    children: tuple[Element, ...] = ()

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in drawing order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(reversed(element.children))


class SceneError(ValueError):
    """Bytes that claim to be a scene are none, or are out of bounds."""


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that one render draws."""

    modality: Modality
    width_px: int
    height_px: int
    root: Element
    truncated: bool = False
    """True if elements beyond the bound were left out; such a scene proves nothing."""
    version: int = SCENE_VERSION

    def to_json(self) -> bytes:
        return _ENCODER.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> Scene:
        """Parse untrusted bytes.

        Raises:
            SceneError: not a scene, too large, too deep, too many elements, boxes not finite.
        """
        if len(data) > MAX_JSON_BYTES:
            raise SceneError(f"a scene of {len(data)} bytes is over the bound of {MAX_JSON_BYTES}")
        try:
            scene = _DECODER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SceneError(f"not a scene: {error}") from error
        if scene.version != SCENE_VERSION:
            raise SceneError(f"scene version {scene.version}; this program reads {SCENE_VERSION}")
        stack = [(scene.root, 1)]
        count = 0
        while stack:
            element, depth = stack.pop()
            count += 1
            if count > MAX_ELEMENTS or depth > MAX_DEPTH:
                raise SceneError(f"over {MAX_ELEMENTS} elements or {MAX_DEPTH} levels")
            if element.box is not None and not all(map(isfinite, element.box)):
                raise SceneError(f"the box of a {element.role} is not finite")
            stack.extend((child, depth + 1) for child in element.children)
        return scene


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Scene)

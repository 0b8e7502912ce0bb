"""Scenes: trees of the drawn elements, with role, text, style, geometry and pixel box.

The scene of an untrusted program is itself untrusted: `Scene.from_json` parses strictly and within
bounds, and a chart's scene is used for a reward only if `renderers.chart.seen` confirms that it is drawn.

Each modality has its own roles, listed in the module that makes its scenes:
`renderers/chart/scene/figure.py` (Figure tree), `renderers/table/scene/build.py` (laid-out document),
`renderers/svg/scene.py` (resolved shapes in paint order).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from records.rows import Box
from records.taxonomy import Modality

SCENE_VERSION = 1
MAX_ELEMENTS = 20_000
MAX_JSON_BYTES = 8 * 2**20
MAX_DEPTH = 64

Value = str | float | int | bool | None | list[str | float | int | None]
"""Values of style and data: scalars, and flat lists of numbers or texts."""


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One drawn thing.

    Style values are normalized so that equal appearance gives equal values: colors as ``#rrggbbaa``,
    lengths in points or CSS pixels, line styles as ``-``, ``--``, ``-.``, ``:`` or ``none``.
    """

    role: str
    """Its role, such as `bar`, in the vocabulary of its modality."""
    box: Box | None = None
    """Pixels of the picture: left, top, right, bottom; None if it is not visible."""
    text: str = ""
    style: dict[str, Value] = {}
    data: dict[str, Value] = {}
    """Geometry and values, as opposed to style."""
    children: tuple[Element, ...] = ()

    def walk(self) -> Iterator[Element]:
        """This element and its descendants, in drawing order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(reversed(element.children))

    def parts(self, role: str) -> list[Element]:
        """Its own children of a role."""
        return [child for child in self.children if child.role == role]

    def part(self, role: str, **data: Value) -> Element | None:
        """The first of its own children with a role and these data; None if there is none."""
        for child in self.children:
            if child.role == role and all(child.data.get(key) == data[key] for key in data):
                return child
        return None

    def number(self, key: str) -> float | None:
        """A number of its data; None if there is none."""
        value = self.data.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        return None

    def column(self, key: str) -> list[str | float | int | None]:
        """A list of its data; empty if there is none."""
        value = self.data.get(key)
        return value if isinstance(value, list) else []

    def numbers(self, key: str) -> NDArray[np.float64]:
        """A list of numbers of its data, NaN for None, or a single one; empty if there is none."""
        value = self.data.get(key)
        if isinstance(value, list) and str not in map(type, value):
            return np.array(value, dtype=float)
        number = self.number(key)
        return np.zeros(0) if number is None else np.array([number])

    def having(self, **changes: Any) -> Element:
        """The same with other fields."""
        return msgspec.structs.replace(self, **changes)


def length_of(style: Mapping[str, Value], key: str) -> float:
    """A length of a style; 0 if there is none."""
    value = style.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


class SceneError(ValueError):
    """Bytes are not a valid scene, or exceed its bounds."""


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The scene of one render."""

    modality: Modality
    width_px: int
    height_px: int
    root: Element
    truncated: bool = False
    """True if elements beyond the bound were left out; such a scene is no evidence of missing elements."""
    version: int = SCENE_VERSION

    def to_json(self) -> bytes:
        return _ENCODER.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> Scene:
        """Parse untrusted bytes.

        Raises:
            SceneError: not a scene, too large, too deep, too many elements, or a box that is not finite.
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

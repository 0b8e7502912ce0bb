"""The laid-out nodes of a table document, read from a DevTools snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from records.rows import Box, box_around
from renderers.table.scene.borders import borders_of
from renderers.table.scene.css import CLEAR, color
from renderers.table.styles import AT, Looks

TEXT_NODE = 3
_NO_ATTRIBUTES: Mapping[str, str] = {}

REPLACED = frozenset(
    ["img", "svg", "canvas", "video", "audio", "input", "select", "textarea", "button", "progress",
     "meter", "hr", "picture"]
)  # fmt: skip
"""Elements that draw themselves rather than their children."""


class _Nodes(msgspec.Struct, frozen=True, gc=False):
    parents: list[int] = msgspec.field(name="parentIndex")
    names: list[int] = msgspec.field(name="nodeName")
    kinds: list[int] = msgspec.field(name="nodeType")
    attributes: list[list[int]]


class _Layout(msgspec.Struct, frozen=True, gc=False):
    indices: list[int] = msgspec.field(name="nodeIndex")
    bounds: list[tuple[float, float, float, float]]
    """Left, top, width and height in document pixels."""
    text: list[int]
    styles: list[tuple[int, ...]]


class _Document(msgspec.Struct, frozen=True, gc=False):
    nodes: _Nodes
    layout: _Layout


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """What ``DOMSnapshot.captureSnapshot`` says of the styles asked for; numbers point into strings."""

    documents: list[_Document]
    strings: list[str]


@dataclass(slots=True)
class LayoutNode:
    """One laid-out node of the document."""

    name: str
    box: Box
    text: str
    style: tuple[str, ...]
    attributes: Mapping[str, str]
    is_text: bool
    children: list[LayoutNode] = field(default_factory=list)

    def css(self, name: str) -> str:
        return self.style[AT[name]] if self.style else ""

    @property
    def is_block(self) -> bool:
        """True if it begins a line of its own."""
        display = self.css("display")
        return bool(display) and not display.startswith(("inline", "contents", "ruby", "math"))

    def shown_text(self) -> str:
        """Its text; line ends of the source are spaces, unless they are kept on purpose."""
        if self.css("white-space").startswith(("pre", "break-spaces")):
            return self.text
        return re.sub(r"[ \t\r\n\f]+", " ", self.text)

    def below(self) -> Iterator[LayoutNode]:
        """All nodes within it, the last first."""
        stack = list(self.children)
        while stack:
            node = stack.pop()
            yield node
            stack.extend(node.children)


def layout_tree(snapshot: Snapshot, asked: tuple[str, ...]) -> LayoutNode:
    """The laid-out nodes of the main document, nested as in the document.

    Raises:
        SidesDiffer: its borders must be asked for side by side.
    """
    document, strings = snapshot.documents[0], snapshot.strings
    nodes, layout = document.nodes, document.layout
    parents, names, kinds, attributes = nodes.parents, nodes.names, nodes.kinds, nodes.attributes
    every = Looks(asked)
    looks: dict[tuple[int, ...], tuple[str, ...]] = {}
    made: dict[int, LayoutNode] = {}
    root: LayoutNode | None = None
    for index, bounds, text, style in zip(
        layout.indices, layout.bounds, layout.text, layout.styles, strict=True
    ):
        look = looks.get(style)
        if look is None:
            look = looks[style] = every.all_of([_string(strings, value) for value in style])
        pairs = attributes[index]
        left, top, width, height = bounds
        # A text box of an element that is laid out already is its generated content.
        generated = text >= 0 and kinds[index] != TEXT_NODE and index in made
        node = LayoutNode(
            strings[names[index]].lower(),
            (left, top, left + width, top + height),
            _string(strings, text),
            look,
            {
                _string(strings, name).lower(): _string(strings, value)
                for name, value in zip(pairs[::2], pairs[1::2], strict=False)
            }
            if pairs
            else _NO_ATTRIBUTES,
            generated or kinds[index] == TEXT_NODE,
        )
        parent = index if generated else parents[index]
        while parent >= 0 and parent not in made:
            parent = parents[parent]
        if parent >= 0:
            made[parent].children.append(node)
        elif root is None:
            root = node
        made.setdefault(index, node)
    if root is None:
        raise ValueError("the snapshot holds no layout")
    return root


def _string(strings: Sequence[str], index: int) -> str:
    """A string of the snapshot; -1 stands for the empty one."""
    return strings[index] if index >= 0 else ""


def drawn_box(root: LayoutNode) -> Box | None:
    """Smallest box around everything that is drawn, in document pixels; None if nothing is."""
    return box_around(_drawn(root))


def _drawn(root: LayoutNode) -> Iterator[Box]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.css("opacity") == "0":
            continue
        stack.extend(node.children)
        if node.name in ("#document", "html", "body") or node.css("visibility") != "visible":
            continue
        left, top, right, bottom = node.box
        if right <= left or bottom <= top:
            continue
        if node.is_text:
            if node.text.strip():
                yield node.box
        elif node.name in REPLACED or (node.style and _is_painted(node.style)):
            yield node.box


@lru_cache(maxsize=4096)
def _is_painted(style: tuple[str, ...]) -> bool:
    """True if a node of that style has a background or a border."""
    if color(style[AT["background-color"]]) != CLEAR:
        return True
    return any(one.visible for one in borders_of(style).values())

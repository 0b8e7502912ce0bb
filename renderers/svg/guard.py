"""Checks on an SVG program before it is drawn, and the reason for each refusal.

One streaming pass over the text, nothing is built and nothing is fetched. The sandbox would stop
most of this too; the guard gives it a typed verdict and spares the worker.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite
from xml.parsers import expat

import tinycss2

from renderers.svg.canvas import SIDE_PX
from sandbox.status import Limits, RenderStatus

MAX_DEPTH = 100
"""Nesting levels of a document. CairoSVG recurses once or twice a level."""
MAX_NUMBERS = 200_000
"""Numbers in path data and point lists, counted again for each reference."""
MAX_SIDE_PX = 100_000.0
"""Largest width or height a document may declare; the picture has its own, fixed size."""

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "http://www.w3.org/1999/xlink href"

ACTIVE = frozenset(
    ("foreignobject", "script", "handler", "listener", "iframe", "object", "embed", "audio", "video")
)  # fmt: skip
RASTER = frozenset(("image", "feimage"))
GEOMETRY = frozenset(("d", "points"))
LOCAL_URL = re.compile(r"url\(\s*['\"]?#([^'\")]+)")
SEPARATORS = re.compile(r"[\s,]+")
UNITS_PX = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}


class IconRefused(Exception):
    """A program that is not drawn: the verdict and what a person needs to see why."""

    def __init__(self, status: RenderStatus, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


@dataclass(slots=True)
class _Node:
    """What an element costs once everything it uses is drawn."""

    numbers: int = 0
    vertices: int = 1
    uses: list[tuple[str, int]] = field(default_factory=list)
    """Ids of what is drawn with it, and how often: `use`, patterns, masks, clips, markers."""
    children: list[_Node] = field(default_factory=list)


def check(code: str, limits: Limits) -> bytes:
    """The document as UTF-8 without declaration, ready to be drawn.

    Raises:
        IconRefused: not well formed (code_crashed); entities, external or embedded data, active
            content (denied); too long, too deep, too many elements or points (too_large).

    >>> check('<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', Limits())[:4]
    b'<svg'
    """
    if len(code) > limits.code_chars:
        raise IconRefused(
            RenderStatus.TOO_LARGE, f"{len(code)} characters; at most {limits.code_chars} are drawn"
        )
    text = _without_declaration(code)
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise IconRefused(RenderStatus.CODE_CRASHED, f"not a text: {error}") from error
    _Pass(limits).run(data)
    return data


def _without_declaration(code: str) -> str:
    """The text from its first tag on: a declared encoding would be wrong, it is UTF-8 now."""
    text = code.lstrip("\ufeff \t\r\n")
    if text.startswith("<?xml") and text[5:6].isspace():
        end = text.find("?>")
        if end >= 0:
            return text[end + 2 :].lstrip()
    return text


class _Pass:
    """The handlers of one pass; expat calls them in document order."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.stack: list[_Node] = []
        self.root: _Node | None = None
        self.ids: dict[str, _Node] = {}
        self.elements = 0
        self.style: list[str] | None = None

    def run(self, data: bytes) -> None:
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.entity
        parser.ProcessingInstructionHandler = self.instruction
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise IconRefused(RenderStatus.CODE_CRASHED, f"not well-formed XML: {error}") from error
        if self.root is not None:
            self.expanded()

    def doctype(
        self, name: str, system: str | None, public: str | None, has_internal_subset: int
    ) -> None:
        # Editors write the public SVG 1.1 declaration; it is never loaded, so it does no harm.
        known = system is None or system.startswith(("http://www.w3.org/", "https://www.w3.org/"))
        if has_internal_subset or not known:
            raise IconRefused(RenderStatus.DENIED, "a document type with declarations of its own")

    def entity(self, name: str, *rest: object) -> None:
        raise IconRefused(RenderStatus.DENIED, f"the document declares the entity {name!r}")

    def instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            raise IconRefused(RenderStatus.DENIED, "an external style sheet (xml-stylesheet)")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > self.limits.nodes:
            raise IconRefused(RenderStatus.TOO_LARGE, f"more than {self.limits.nodes} elements")
        if len(self.stack) >= MAX_DEPTH:
            raise IconRefused(RenderStatus.TOO_LARGE, f"nested deeper than {MAX_DEPTH} levels")
        local = name.rpartition(" ")[2]
        lower = local.lower()
        if lower in ACTIVE:
            raise IconRefused(RenderStatus.DENIED, f"active content: <{local}>")
        if lower in RASTER:
            raise IconRefused(RenderStatus.DENIED, f"embedded_raster: <{local}>")
        node = _Node()
        if not self.stack:
            if local != "svg" or name not in ("svg", f"{SVG} svg"):
                raise IconRefused(
                    RenderStatus.CODE_CRASHED, f"the root element is <{local}>, not <svg>"
                )
            self.root = node
            _check_size(attributes)
        else:
            self.stack[-1].children.append(node)
        outline = attributes.get("d") or attributes.get("points") or ""
        node.vertices = 1 + len(outline) // 4
        for key, value in attributes.items():
            self.attribute(local, lower, key, value, node)
        self.stack.append(node)
        if lower == "style":
            self.style = []

    def attribute(self, local: str, lower: str, key: str, value: str, node: _Node) -> None:
        if key in ("href", XLINK_HREF):
            target = value.strip()
            if target.startswith("#"):
                if lower in ("use", "tref"):
                    node.uses.append((target[1:], 1))
            elif target and lower != "a":
                if target[:5].lower() == "data:":
                    raise IconRefused(RenderStatus.DENIED, f"embedded data in <{local}>")
                raise IconRefused(
                    RenderStatus.DENIED, f"external reference in <{local}>: {target[:80]}"
                )
        elif key in GEOMETRY:
            # A number takes two characters or more; exact counting would cost as much as drawing.
            node.numbers += len(value) // 4
        elif key == "id":
            self.ids.setdefault(value, node)
        elif key == "style" or "(" in value or "\\" in value:
            _check_css(value)
            times = node.vertices if "marker" in key or "marker" in value else 1
            node.uses += [(name, times) for name in LOCAL_URL.findall(value)]

    def characters(self, text: str) -> None:
        if self.style is not None:
            self.style.append(text)

    def end(self, name: str) -> None:
        self.stack.pop()
        if self.style is not None and name.rpartition(" ")[2].lower() == "style":
            text, self.style = "".join(self.style), None
            _check_css(text)

    def expanded(self) -> None:
        """Count everything as often as it is drawn; `use` of `use` multiplies."""
        # Iterative post-order: hostile nesting of references must not exhaust the stack.
        assert self.root is not None
        elements: dict[int, int] = {}
        numbers: dict[int, int] = {}
        open_nodes: set[int] = set()
        stack: list[tuple[_Node, bool]] = [(self.root, False)]
        while stack:
            node, done = stack.pop()
            key = id(node)
            parts = [(child, 1) for child in node.children]
            parts += [(self.ids[name], times) for name, times in node.uses if name in self.ids]
            if done:
                open_nodes.discard(key)
                elements[key] = 1 + sum(times * elements[id(part)] for part, times in parts)
                numbers[key] = node.numbers + sum(
                    times * numbers[id(part)] for part, times in parts
                )
                continue
            if key in elements:
                continue
            if key in open_nodes:
                raise IconRefused(RenderStatus.CODE_CRASHED, "an element uses itself")
            open_nodes.add(key)
            stack.append((node, True))
            for part, _ in parts:
                if id(part) in open_nodes:
                    raise IconRefused(RenderStatus.CODE_CRASHED, "an element uses itself")
                if id(part) not in elements:
                    stack.append((part, False))
        if elements[id(self.root)] > self.limits.nodes:
            raise IconRefused(
                RenderStatus.TOO_LARGE,
                f"more than {self.limits.nodes} elements once each reference is expanded",
            )
        if numbers[id(self.root)] > MAX_NUMBERS:
            raise IconRefused(RenderStatus.TOO_LARGE, f"more than {MAX_NUMBERS} numbers in paths")


def _check_size(attributes: dict[str, str]) -> None:
    """Size and view box of the root."""
    for name in ("width", "height"):
        length = attributes.get(name, "").strip()
        match = re.fullmatch(
            r"([-+.\deE]+|nan|[-+]?inf(?:inity)?)\s*([a-z%]*)", length, re.IGNORECASE
        )
        if not match:
            continue
        try:
            number = float(match[1]) * UNITS_PX.get(match[2].lower(), 1.0)
        except ValueError:
            continue
        if number != number or number < 0:
            raise IconRefused(RenderStatus.CODE_CRASHED, f"{name}={length!r} is no length")
        if number > MAX_SIDE_PX:
            raise IconRefused(
                RenderStatus.TOO_LARGE, f"{name}={length!r}; at most {MAX_SIDE_PX:.0f} px"
            )
    box = attributes.get("viewBox", "").strip()
    if not box:
        return
    try:
        numbers = [float(part) for part in SEPARATORS.split(box)]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(isfinite, numbers)) or min(numbers[2:]) <= 0:
        raise IconRefused(RenderStatus.CODE_CRASHED, f"viewBox={box[:80]!r} is no box")
    if max(map(abs, numbers)) > 1e9:
        raise IconRefused(RenderStatus.TOO_LARGE, f"viewBox={box[:80]!r} is out of range")


def _check_css(text: str) -> None:
    """Refuse `@import`, `@font-face` and every `url()` that leaves the document."""
    lower = text.lower()
    if "@" not in text and "\\" not in text and "url" not in lower and "image" not in lower:
        return
    stack = list(tinycss2.parse_component_value_list(text))
    while stack:
        token = stack.pop()
        if token.type == "at-keyword" and token.lower_value in ("import", "font-face"):
            raise IconRefused(RenderStatus.DENIED, f"external reference: CSS @{token.lower_value}")
        target = None
        if token.type == "url":
            target = token.value
        elif token.type == "function":
            if token.lower_name in ("url", "src", "image", "image-set", "-webkit-image-set"):
                words = [part.value for part in token.arguments if part.type in ("string", "url")]
                target = words[0] if words else ""
            stack.extend(token.arguments)
        elif token.type in ("() block", "[] block", "{} block"):
            stack.extend(token.content)
        if target is not None and not target.strip().startswith("#"):
            kind = (
                "embedded data" if target.strip()[:5].lower() == "data:" else "external reference"
            )
            raise IconRefused(RenderStatus.DENIED, f"{kind}: CSS url({target[:80]})")


def length_px(length: str | None) -> float:
    """A length in pixels; that of the picture where there is none or it is relative."""
    text = (length or "").strip()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    try:
        return float(number) * UNITS_PX[text[len(number) :] or "px"]
    except (KeyError, ValueError):
        return float(SIDE_PX)

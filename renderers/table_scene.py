"""The scene of a laid-out table document, read from a DevTools snapshot without any page script.

Roles:
    document    several tables, or a table with text beside it; children are tables and blocks
    table       data: rows, columns; style: border_*, background; children: caption, rows
    caption     text and its look
    row         data: row; children: the cells that start in it
    cell        text; data: row, column, rowspan, colspan; style: look of cell and text; children:
                runs where the look changes within the text, nested tables, images
    run         a piece of a cell's text of one look
    block       text outside of any table
    image       a picture, control or drawing; data: what

Only what shows is kept: a ``<th>`` is a cell with bold centred text, a span that no other row can
reveal is none, the look of empty text is not recorded. Superscripts read ``x^{2}``, subscripts
``x_{2}``, formulas as LaTeX-like text, forced line breaks as newlines. Boxes are picture pixels.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from records.rows import Box
from records.taxonomy import Modality
from renderers.scene import MAX_DEPTH, MAX_ELEMENTS, Element, Scene, Value
from renderers.table_borders import SIDES, Border, border, collapsed
from renderers.table_formula import formula_text

COMPUTED_STYLES = [
    "display",
    "text-align",
    "vertical-align",
    "color",
    "background-color",
    "font-weight",
    "font-style",
    "font-size",
    "font-family",
    "text-decoration-line",
    "visibility",
    "opacity",
    "border-top",
    "border-right",
    "border-bottom",
    "border-left",
    "border-collapse",
    "padding",
]
_AT = {name: index for index, name in enumerate(COMPUTED_STYLES)}
_REPLACED = frozenset(
    [
        "img",
        "svg",
        "canvas",
        "video",
        "audio",
        "input",
        "select",
        "textarea",
        "button",
        "progress",
        "meter",
        "hr",
        "picture",
    ]
)
_ROW_GROUPS = {
    "table-header-group": 0,
    "table-row-group": 1,
    "table-footer-group": 2,
}
_TABLES = ("table", "inline-table")
_CLEAR = "#00000000"


@dataclass(slots=True)
class Node:
    """One laid-out node of the document."""

    name: str
    box: Box
    text: str
    style: Sequence[str]
    attributes: Mapping[str, str]
    is_text: bool
    children: list[Node] = field(default_factory=list)

    def css(self, name: str) -> str:
        return self.style[_AT[name]] if self.style else ""


def layout_tree(snapshot: Mapping[str, Any]) -> Node:
    """The laid-out nodes of the main document, nested as in the document."""
    document, strings = snapshot["documents"][0], snapshot["strings"]
    nodes, layout = document["nodes"], document["layout"]
    parents, names, kinds = nodes["parentIndex"], nodes["nodeName"], nodes["nodeType"]
    attributes = nodes["attributes"]
    style_names: dict[tuple[int, ...], tuple[str, ...]] = {}
    made: dict[int, Node] = {}
    root: Node | None = None
    for index, bounds, text, style in zip(
        layout["nodeIndex"], layout["bounds"], layout["text"], layout["styles"], strict=True
    ):
        key = tuple(style)
        look = style_names.get(key)
        if look is None:
            look = style_names[key] = tuple(strings[value] for value in style)
        pairs = attributes[index]
        left, top, width, height = bounds
        node = Node(
            strings[names[index]].lower(),
            (left, top, left + width, top + height),
            strings[text] if text >= 0 else "",
            look,
            {strings[a].lower(): strings[b] for a, b in zip(pairs[::2], pairs[1::2], strict=False)}
            if pairs
            else {},
            kinds[index] == 3 or (text >= 0 and kinds[index] != 3 and index in made),
        )
        parent = index if node.is_text and kinds[index] != 3 else parents[index]
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


def drawn_box(root: Node) -> Box | None:
    """Smallest box around everything that is drawn, in document pixels; None if nothing is."""
    boxes = list(_drawn(root))
    if not boxes:
        return None
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _drawn(root: Node) -> Iterator[Box]:
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
        elif (
            node.name in _REPLACED
            or colour(node.css("background-color")) != _CLEAR
            or any(border(node.css(side)).visible for side in SIDES)
        ):
            yield node.box


def build(root: Node, origin: tuple[int, int], width_px: int, height_px: int) -> Scene:
    """The scene of a document whose point ``origin`` is the picture's top left corner."""
    builder = _Builder(origin)
    elements = builder.blocks(root)
    if len(elements) == 1 and elements[0].role == "table":
        top = elements[0]
    else:
        top = Element("document", (0.0, 0.0, float(width_px), float(height_px)), children=elements)
    background = _canvas(root)
    if background != "#ffffffff":
        top = _with_style(top, {"page": background})
    return Scene(Modality.TABLE, width_px, height_px, top, builder.truncated)


def _with_style(element: Element, more: dict[str, Value]) -> Element:
    return Element(
        element.role,
        element.box,
        element.text,
        {**element.style, **more},
        element.data,
        element.children,
    )


def _canvas(root: Node) -> str:
    """Colour of the page: that of html, or of body where html has none."""
    shown = "#ffffffff"
    for node in root.children:
        if node.name == "html":
            shown = colour(node.css("background-color"))
            for body in node.children:
                # Our own style gives html white; what an author paints is the body.
                if body.name == "body" and colour(body.css("background-color")) != _CLEAR:
                    shown = colour(body.css("background-color"))
    return shown


@lru_cache(maxsize=4096)
def colour(css: str) -> str:
    """A computed colour as ``#rrggbbaa``.

    >>> colour("rgb(51, 51, 51)"), colour("rgba(0, 0, 0, 0.5)"), colour("color(srgb 1 0 0)")
    ('#333333ff', '#00000080', '#ff0000ff')
    """
    numbers = [float(word) for word in re.findall(r"-?\d*\.?\d+(?:e-?\d+)?", css)[:4]]
    if len(numbers) < 3:
        return _CLEAR
    red, green, blue = numbers[:3]
    alpha = numbers[3] if len(numbers) > 3 else 1.0
    if css.startswith("color("):
        red, green, blue = red * 255, green * 255, blue * 255
    channels = (red, green, blue, alpha * 255)
    return "#" + "".join(f"{min(255, max(0, round(value))):02x}" for value in channels)


@lru_cache(maxsize=4096)
def _px(css: str) -> float:
    found = re.match(r"-?[\d.]+", css)
    return round(float(found[0]), 2) if found else 0.0


@lru_cache(maxsize=1024)
def _family(css: str) -> str:
    """The family that is asked for first, in small letters."""
    return css.split(",")[0].strip().strip("\"'").lower()


@dataclass(frozen=True, slots=True)
class Look:
    """How a piece of text looks."""

    colour: str = "#000000ff"
    bold: bool = False
    italic: bool = False
    size_px: float = 14.0
    family: str = ""
    underline: bool = False
    strike: bool = False
    script: str = ""
    """"super", "sub", or a path of them, outermost first."""
    highlight: str = _CLEAR

    def style(self) -> dict[str, Value]:
        result: dict[str, Value] = {
            "colour": self.colour,
            "bold": self.bold,
            "italic": self.italic,
            "size_px": self.size_px,
            "family": self.family,
        }
        if self.underline:
            result["underline"] = True
        if self.strike:
            result["strike"] = True
        if self.script:
            result["script"] = self.script
        if self.highlight != _CLEAR:
            result["highlight"] = self.highlight
        return result


@dataclass(slots=True)
class _Run:
    text: str
    look: Look
    box: Box | None
    align: str = "left"


@dataclass(slots=True)
class _Content:
    """What stands in a cell, caption or block."""

    runs: list[_Run] = field(default_factory=list)
    others: list[Element] = field(default_factory=list)

    def line_break(self) -> None:
        if self.runs and self.runs[-1].text != "\n":
            self.runs.append(_Run("\n", self.runs[-1].look, None))


class _Builder:
    def __init__(self, origin: tuple[int, int]) -> None:
        self.origin = origin
        self.count = 0
        self.depth = 0
        self.truncated = False

    def box(self, box: Box) -> Box:
        left, top = self.origin
        return (
            round(box[0] - left, 2),
            round(box[1] - top, 2),
            round(box[2] - left, 2),
            round(box[3] - top, 2),
        )

    def element(self, element: Element) -> Element | None:
        """The element, or None where the scene is full."""
        self.count += 1
        if self.count > MAX_ELEMENTS - 8:
            self.truncated = True
            return None
        return element

    # ------------------------------------------------------------------ blocks outside of tables

    def blocks(self, root: Node) -> tuple[Element, ...]:
        """Tables and runs of text outside of them, in document order."""
        found: list[Element] = []
        pending = _Content()

        def flush() -> None:
            nonlocal pending
            block = self._text_element("block", pending, {}, {}, None)
            if block is not None and (block.text or block.children):
                found.append(block)
            pending = _Content()

        def visit(node: Node, look: Look) -> None:
            if node.css("display") in _TABLES:
                flush()
                table = self.table(node, look)
                if table is not None:
                    found.append(table)
                return
            if not node.is_text and node.name not in _REPLACED and node.name != "math":
                within = self._look(node, look)
                block = _is_block(node)
                if block:
                    flush()
                for child in node.children:
                    visit(child, within)
                if block:
                    flush()
                return
            self._content(node, look, pending)

        visit(root, Look())
        flush()
        return tuple(found)

    # ------------------------------------------------------------------------------- text content

    def _look(self, node: Node, outer: Look) -> Look:
        """The look of text directly inside ``node``."""
        if not node.style or node.is_text:
            return outer
        decoration = node.css("text-decoration-line")
        script = outer.script
        if node.css("display").startswith("inline") and node.name != "::marker":
            raised = {"super": "super", "sub": "sub"}.get(node.css("vertical-align"))
            if raised:
                script = f"{script} {raised}".strip()
        highlight = outer.highlight
        if node.css("display") == "inline":
            own = colour(node.css("background-color"))
            highlight = own if own != _CLEAR else highlight
        return Look(
            colour=colour(node.css("color")),
            bold=_px(node.css("font-weight")) >= 600,
            italic=node.css("font-style") != "normal",
            size_px=_px(node.css("font-size")),
            family=_family(node.css("font-family")),
            underline=outer.underline or "underline" in decoration,
            strike=outer.strike or "line-through" in decoration,
            script=script,
            highlight=highlight,
        )

    def _content(self, node: Node, look: Look, content: _Content) -> None:
        """Add what ``node`` shows to ``content``; ``look`` is that of its surroundings."""
        if node.css("opacity") == "0":
            return
        if node.is_text:
            if node.text and node.css("visibility") == "visible" and look.size_px > 0:
                align = _align(node.css("text-align"))
                content.runs.append(_Run(node.text, look, self.box(node.box), align))
            return
        if node.name == "br":
            content.runs.append(_Run("\n", look, None))
            return
        if node.name == "math":
            if node.css("visibility") == "visible":
                within = replace(self._look(node, look), family="math", italic=False)
                align = _align(node.css("text-align"))
                content.runs.append(_Run(formula_text(node), within, self.box(node.box), align))
            return
        if node.css("display") in _TABLES:
            content.line_break()
            table = self.table(node, look)
            if table is not None:
                content.others.append(table)
            return
        if node.name in _REPLACED:
            if node.css("visibility") == "visible":
                self._replaced(node, content)
            return
        block = _is_block(node)
        if block:
            content.line_break()
        within = self._look(node, look)
        for child in node.children:
            self._content(child, within, content)
        if block:
            content.line_break()

    def _replaced(self, node: Node, content: _Content) -> None:
        shown = "|".join(
            f"{name}={node.attributes[name]}"
            for name in ("src", "alt", "type", "value", "checked")
            if name in node.attributes
        )
        data: dict[str, Value] = {"what": node.name}
        if shown or node.children:
            inner = "".join(
                f"{below.name}{sorted(below.attributes.items())}" for below in _below(node)
            )
            data["content"] = hashlib.sha256(
                (shown + inner).encode("utf-8", "replace")
            ).hexdigest()[:12]
        element = self.element(Element("image", self.box(node.box), data=data))
        if element is not None:
            content.others.append(element)

    def _text_element(
        self,
        role: str,
        content: _Content,
        style: dict[str, Value],
        data: dict[str, Value],
        box: Box | None,
        background: str = "#ffffffff",
    ) -> Element | None:
        runs = _merged(content.runs, background)
        text = _joined(runs)
        children: list[Element] = []
        looks = {run.look for run in runs if run.text.strip()}
        if text:
            first = next(run for run in runs if run.text.strip())
            style = {**style, "align": first.align}
        if len(looks) == 1:
            style = {**style, **looks.pop().style()}
        elif looks:
            for run in runs:
                if run.text.strip():
                    made = self.element(Element("run", run.box, run.text.strip(), run.look.style()))
                    if made is not None:
                        children.append(made)
        written = _union([run.box for run in runs if run.box and run.text.strip()])
        if written is not None:
            data = {**data, "text_box": list(written)}
        if box is None:
            box = _union(
                [other for other in (written, *(other.box for other in content.others)) if other]
            )
        children += content.others
        return self.element(Element(role, box, text, style, data, tuple(children)))

    # ------------------------------------------------------------------------------------- tables

    def table(self, node: Node, outer: Look) -> Element | None:
        """A table with its caption, rows and cells."""
        if self.depth >= (MAX_DEPTH - 4) // 3:
            self.truncated = True
            return None
        self.depth += 1
        try:
            return self._table(node, self._look(node, outer))
        finally:
            self.depth -= 1

    def _table(self, node: Node, look: Look) -> Element | None:
        captions = [child for child in node.children if child.css("display") == "table-caption"]
        grid = Grid.of(node)
        collapse = node.css("border-collapse") == "collapse"
        table_borders = {side: border(node.css(side)) for side in SIDES}
        sides = collapsed(grid.placed(), table_borders) if collapse else {}
        background = colour(node.css("background-color"))
        children: list[Element] = []
        for caption in captions:
            content = _Content()
            within = self._look(caption, look)
            for child in caption.children:
                self._content(child, within, content)
            made = self._text_element(
                "caption",
                content,
                {"background": colour(caption.css("background-color"))},
                {},
                self.box(caption.box),
            )
            if made is not None and made.text:
                children.append(made)
        rows: dict[int, list[Element]] = {}
        for index, cell in enumerate(grid.cells):
            own = (
                sides[index] if collapse else {side: border(cell.node.css(side)) for side in SIDES}
            )
            made = self._cell(cell, own, look, background)
            if made is not None:
                rows.setdefault(cell.row, []).append(made)
        for row, cells in sorted(rows.items()):
            element = self.element(
                Element(
                    "row",
                    _union([cell.box for cell in cells if cell.box]),
                    data={"row": row},
                    children=tuple(cells),
                )
            )
            if element is not None:
                children.append(element)
        style: dict[str, Value] = {"background": background}
        if not collapse:
            style |= {f"border_{side[7:]}": edge.text for side, edge in table_borders.items()}
            style["collapse"] = False
        frame = [self.box(node.box)] + [child.box for child in children if child.box]
        return self.element(
            Element(
                "table",
                _union(frame),
                style=style,
                data={"rows": grid.rows, "columns": grid.columns},
                children=tuple(children),
            )
        )

    def _cell(
        self, cell: GridCell, sides: Mapping[str, Border], look: Look, behind: str
    ) -> Element | None:
        node = cell.node
        content = _Content()
        backgrounds = [
            cell.row_node and cell.row_node.css("background-color"),
            cell.group_background,
        ]
        background = colour(node.css("background-color"))
        for below in backgrounds:
            if background == _CLEAR and below:
                background = colour(below)
        shown = background if background != _CLEAR else behind
        within = self._look(node, look)
        if node.css("visibility") == "visible":
            for child in node.children:
                self._content(child, within, content)
        style: dict[str, Value] = {
            "background": background,
            **{f"border_{side[7:]}": edge.text for side, edge in sides.items()},
        }
        if content.runs or content.others:
            style["valign"] = _valign(node.css("vertical-align"))
        style["padding"] = node.css("padding")
        data: dict[str, Value] = {
            "row": cell.row,
            "column": cell.column,
            "rowspan": cell.rowspan,
            "colspan": cell.colspan,
        }
        return self._text_element(
            "cell",
            content,
            style,
            data,
            self.box(node.box),
            shown if shown != _CLEAR else "#ffffffff",
        )


@dataclass(slots=True)
class GridCell:
    """A cell and the grid places it covers."""

    node: Node
    row: int
    column: int
    rowspan: int
    colspan: int
    row_node: Node | None
    group_background: str


@dataclass(slots=True)
class Grid:
    """The cells of a table on its grid, without lines that no cell ends at."""

    cells: list[GridCell]
    rows: int
    columns: int

    @classmethod
    def of(cls, table: Node) -> Grid:
        cells: list[GridCell] = []
        height = 0
        for group, rows in _row_groups(table):
            background = group.css("background-color") if group is not None else ""
            taken: dict[int, int] = {}
            last = height + len(rows)
            for offset, row in enumerate(rows):
                y = height + offset
                x = 0
                for node in row.children:
                    if node.css("display") != "table-cell":
                        continue
                    while taken.get(x, 0) > y:
                        x += 1
                    across = _whole(node.attributes.get("colspan"), 1000)
                    down = _whole(node.attributes.get("rowspan"), 65534)
                    if node.attributes.get("rowspan", "").strip() == "0":
                        down = last - y
                    down = min(down, last - y)
                    cells.append(GridCell(node, y, x, down, across, row, background))
                    for column in range(x, x + across):
                        taken[column] = y + down
                    x += across
            height = last
        return cls._without_hidden_lines(cells)

    @classmethod
    def _without_hidden_lines(cls, cells: list[GridCell]) -> Grid:
        """Merge grid lines between which no cell starts or ends."""
        x_starts = sorted({cell.column for cell in cells})
        y_starts = sorted({cell.row for cell in cells})
        x_index = {x: index for index, x in enumerate(x_starts)}
        y_index = {y: index for index, y in enumerate(y_starts)}
        for cell in cells:
            right, bottom = cell.column + cell.colspan, cell.row + cell.rowspan
            cell.colspan = max(1, sum(cell.column <= x < right for x in x_starts))
            cell.rowspan = max(1, sum(cell.row <= y < bottom for y in y_starts))
            cell.column, cell.row = x_index[cell.column], y_index[cell.row]
        columns = max((cell.column + cell.colspan for cell in cells), default=0)
        return cls(cells, len(y_starts), columns)

    def placed(self) -> list[tuple[int, int, int, int, dict[str, Border]]]:
        """Row, column, rowspan, colspan and own borders of each cell."""
        return [
            (
                cell.row,
                cell.column,
                cell.rowspan,
                cell.colspan,
                {side: border(cell.node.css(side)) for side in SIDES},
            )
            for cell in self.cells
        ]


def _row_groups(table: Node) -> list[tuple[Node | None, list[Node]]]:
    """Row groups in the order in which they are drawn; rows outside of any are a group."""
    groups: list[tuple[int, Node | None, list[Node]]] = []
    for child in table.children:
        display = child.css("display")
        if display in _ROW_GROUPS:
            rows = [row for row in child.children if row.css("display") == "table-row"]
            groups.append((_ROW_GROUPS[display], child, rows))
        elif display == "table-row":
            if groups and groups[-1][1] is None:
                groups[-1][2].append(child)
            else:
                groups.append((1, None, [child]))
    groups.sort(key=lambda entry: entry[0])
    return [(node, rows) for _, node, rows in groups]


def _whole(text: str | None, most: int) -> int:
    found = re.match(r"\s*\+?(\d{1,9})", text or "")
    return min(max(int(found[1]), 1), most) if found else 1


def _is_block(node: Node) -> bool:
    display = node.css("display")
    return bool(display) and not display.startswith(("inline", "contents", "ruby", "math"))


def _align(css: str) -> str:
    word = css.removeprefix("-webkit-")
    return {"start": "left", "end": "right", "match-parent": "left"}.get(word, word)


def _valign(css: str) -> str:
    return css if css in ("top", "bottom", "middle") else "baseline"


def _below(node: Node) -> Iterator[Node]:
    stack = list(node.children)
    while stack:
        below = stack.pop()
        yield below
        stack.extend(below.children)


def _union(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _merged(runs: Sequence[_Run], background: str) -> list[_Run]:
    """Neighbouring runs of one look joined; invisible ones left out."""
    result: list[_Run] = []
    for run in runs:
        hidden = run.look.colour == background or run.look.colour.endswith("00")
        if hidden and run.look.highlight == _CLEAR and run.text != "\n":
            continue
        if result and run.text != "\n" and result[-1].text != "\n" and result[-1].look == run.look:
            last = result[-1]
            boxes = [box for box in (last.box, run.box) if box]
            result[-1] = _Run(last.text + run.text, last.look, _union(boxes), last.align)
        else:
            result.append(run)
    return result


def _joined(runs: Sequence[_Run]) -> str:
    parts: list[str] = []
    for run in runs:
        text = run.text
        if run.look.script and text.strip():
            lead = text[: len(text) - len(text.lstrip())]
            trail = text[len(text.rstrip()) :]
            inner = text.strip()
            for raised in reversed(run.look.script.split()):
                inner = f"{'^' if raised == 'super' else '_'}{{{inner}}}"
            text = f"{lead}{inner}{trail}"
        parts.append(text)
    lines = (re.sub(r"[ \t\r\f\u00a0]+", " ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)

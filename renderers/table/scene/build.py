"""The scene of a laid-out table document, read from a DevTools snapshot without any page script.

Roles:
    document    several tables, or a table with text beside it; children are tables and blocks
    table       data: rows, columns; style: border_*, background; children: caption, rows
    caption     text and its look
    row         data: row; children: the cells that start in it
    cell        text; data: row, column, rowspan, colspan, text_px (narrowest line, height), line_starts_px; style: look of cell and text; children:
                runs where the look changes within the text, nested tables, images
    run         a piece of a cell's text of one look
    block       text outside of any table
    image       a picture, control or drawing; data: what

Only what shows is kept: a ``<th>`` is a cell with bold centered text, a span that no other row can
reveal is none, the look of empty text is not recorded. Superscripts read ``x^{2}``, subscripts
``x_{2}``, formulas as LaTeX-like text, forced line breaks as newlines. Boxes are picture pixels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from records.rows import Box, box_around
from records.taxonomy import Modality
from renderers.scene import MAX_DEPTH, MAX_ELEMENTS, Element, Scene, Value
from renderers.table.fonts import drawn_family
from renderers.table.scene.borders import Border, borders_of, collapsed
from renderers.table.scene.css import CLEAR, color, effects, px
from renderers.table.scene.formula import formula_text
from renderers.table.scene.grid import GridCell, LaidOutGrid
from renderers.table.scene.layout import REPLACED, LayoutNode
from renderers.table.scene.text import (
    Content,
    StyledText,
    TextStyle,
    joined,
    line_starts_px,
    line_widths,
    merged,
)
from renderers.table.styles import STYLES

_TABLES = ("table", "inline-table")


def build(root: LayoutNode, origin: tuple[int, int], width_px: int, height_px: int) -> Scene:
    """The scene of a document whose point ``origin`` is the picture's top left corner."""
    builder = _Builder(origin)
    elements = builder.blocks(root)
    if len(elements) == 1 and elements[0].role == "table":
        top = elements[0]
    else:
        top = Element("document", (0.0, 0.0, float(width_px), float(height_px)), children=elements)
    background = _canvas(root)
    if background != "#ffffffff":
        top = top.having(style={**top.style, "page": background})
    return Scene(Modality.TABLE, width_px, height_px, top, builder.truncated)


def _canvas(root: LayoutNode) -> str:
    """Color of the page: that of html, or of body where html has none."""
    shown = "#ffffffff"
    for node in root.children:
        if node.name == "html":
            shown = color(node.css("background-color"))
            for body in node.children:
                # Our own style gives html white; what an author paints is the body.
                if body.name == "body" and color(body.css("background-color")) != CLEAR:
                    shown = color(body.css("background-color"))
    return shown


class _Builder:
    def __init__(self, origin: tuple[int, int]) -> None:
        self.origin = origin
        self.count = 0
        self.depth = 0
        self.truncated = False

    def box(self, box: Box) -> Box:
        left, top = self.origin
        x0, y0, x1, y1 = box
        return round(x0 - left, 2), round(y0 - top, 2), round(x1 - left, 2), round(y1 - top, 2)

    def element(self, element: Element) -> Element | None:
        """The element, or None if the scene is full."""
        self.count += 1
        if self.count > MAX_ELEMENTS - 8:
            self.truncated = True
            return None
        return element

    # ------------------------------------------------------------------ blocks outside of tables

    def blocks(self, root: LayoutNode) -> tuple[Element, ...]:
        """Tables and runs of text outside of them, in document order."""
        found: list[Element] = []
        pending = Content()

        def flush() -> None:
            nonlocal pending
            block = self._text_element("block", pending, {}, {}, None)
            if block is not None and (block.text or block.children):
                found.append(block)
            pending = Content()

        def visit(node: LayoutNode, look: TextStyle) -> None:
            if node.css("display") in _TABLES:
                flush()
                table = self.table(node, look)
                if table is not None:
                    found.append(table)
                return
            if not node.is_text and node.name not in REPLACED and node.name != "math":
                within = self._look(node, look)
                block = node.is_block
                if block:
                    flush()
                for child in node.children:
                    visit(child, within)
                if block:
                    flush()
                return
            self._content(node, look, pending)

        visit(root, TextStyle())
        flush()
        return tuple(found)

    # ------------------------------------------------------------------------------- text content

    def _look(self, node: LayoutNode, outer: TextStyle) -> TextStyle:
        """The look of text directly inside ``node``."""
        if not node.style or node.is_text:
            return outer
        return _look_within(node.style, outer, node.name == "::marker")

    def _content(self, node: LayoutNode, look: TextStyle, content: Content) -> None:
        """Add what ``node`` shows to ``content``; ``look`` is that of its surroundings."""
        if node.css("opacity") == "0":
            return
        if node.is_text:
            if node.text and node.css("visibility") == "visible" and look.size_px > 0:
                align = "" if node.name == "::marker" else _align(node.css("text-align"))
                content.runs.append(StyledText(node.shown_text(), look, self.box(node.box), align))
            return
        if node.name == "br":
            content.runs.append(StyledText("\n", look, None))
            return
        if node.name == "math":
            if node.css("visibility") == "visible":
                within = replace(self._look(node, look), family=None, bold=None, italic=None)
                align = _align(node.css("text-align"))
                shown = formula_text(node)
                content.runs.append(StyledText(shown, within, self.box(node.box), align))
            return
        if node.css("display") in _TABLES:
            content.line_break()
            table = self.table(node, look)
            if table is not None:
                content.others.append(table)
            return
        if node.name in REPLACED:
            if node.css("visibility") == "visible":
                self._replaced(node, content)
            return
        block = node.is_block
        if block:
            content.line_break()
        within = self._look(node, look)
        for child in node.children:
            self._content(child, within, content)
        if block:
            content.line_break()

    def _replaced(self, node: LayoutNode, content: Content) -> None:
        shown = "|".join(
            f"{name}={node.attributes[name]}"
            for name in ("src", "type", "value", "checked")
            if name in node.attributes
        )
        data: dict[str, Value] = {"what": node.name}
        if node.name == "input" and node.attributes.get("type") in ("checkbox", "radio"):
            data |= {"what": "check box", "checked": "checked" in node.attributes}
        elif shown or node.children:
            below = (f"{one.name}{sorted(one.attributes.items())}" for one in node.below())
            whole = (shown + "".join(below)).encode("utf-8", "replace")
            data["content"] = hashlib.sha256(whole).hexdigest()[:12]
        element = self.element(Element("image", self.box(node.box), data=data))
        if element is not None:
            content.others.append(element)

    def _text_element(
        self,
        role: str,
        content: Content,
        style: dict[str, Value],
        data: dict[str, Value],
        box: Box | None,
        background: str = "#ffffffff",
    ) -> Element | None:
        runs = merged(content.runs, background)
        text = joined(runs)
        children: list[Element] = []
        looks = {run.look for run in runs if run.text.strip()}
        if text:
            align = next((run.align for run in runs if run.text.strip() and run.align), "left")
            style = {**style, "align": align}
        if len(looks) == 1:
            style = {**style, **looks.pop().style()}
        elif looks:
            for run in runs:
                if run.text.strip():
                    made = self.element(Element("run", run.box, run.text.strip(), run.look.style()))
                    if made is not None:
                        children.append(made)
        written = box_around([run.box for run in runs if run.box and run.text.strip()])
        if written is not None:
            # Width of the narrowest line, height of all: what alignment can move.
            narrow = min(line_widths(runs))
            data = {**data, "text_px": [narrow, round(written[3] - written[1], 2)]}
        if box is None:
            others = (other.box for other in content.others)
            box = box_around([one for one in (written, *others) if one])
        children += content.others
        return self.element(Element(role, box, text, style, data, tuple(children)))

    # ------------------------------------------------------------------------------------- tables

    def table(self, node: LayoutNode, outer: TextStyle) -> Element | None:
        """A table with its caption, rows and cells."""
        if self.depth >= (MAX_DEPTH - 4) // 3:
            self.truncated = True
            return None
        self.depth += 1
        try:
            return self._table(node, self._look(node, outer))
        finally:
            self.depth -= 1

    def _table(self, node: LayoutNode, look: TextStyle) -> Element | None:
        captions = [child for child in node.children if child.css("display") == "table-caption"]
        grid = LaidOutGrid.of(node)
        collapse = node.css("border-collapse") == "collapse"
        table_borders = borders_of(node.style)
        if collapse:
            sides = collapsed(grid.placed(), table_borders, grid.lines())
        else:
            sides = [borders_of(cell.node.style) for cell in grid.cells]
        background = color(node.css("background-color"))
        children: list[Element] = []
        for caption in captions:
            content = Content()
            within = self._look(caption, look)
            for child in caption.children:
                self._content(child, within, content)
            behind: dict[str, Value] = {"background": color(caption.css("background-color"))}
            data: dict[str, Value] = {"side": "below" if _is_below(caption, node) else "above"}
            made = self._text_element("caption", content, behind, data, self.box(caption.box))
            if made is not None and made.text:
                children.append(made)
        rows: dict[int, list[Element]] = {}
        for cell, own in zip(grid.cells, sides, strict=True):
            made = self._cell(cell, own, look, background)
            if made is not None:
                rows.setdefault(cell.row, []).append(made)
        for row, cells in sorted(rows.items()):
            box = box_around([cell.box for cell in cells if cell.box])
            element = self.element(Element("row", box, data={"row": row}, children=tuple(cells)))
            if element is not None:
                children.append(element)
        style: dict[str, Value] = {"background": background}
        if not collapse:
            style |= {f"border_{side[7:]}": edge.text for side, edge in table_borders.items()}
            style["collapse"] = False
        frame = box_around([self.box(node.box)] + [child.box for child in children if child.box])
        size: dict[str, Value] = {"rows": grid.rows, "columns": grid.columns}
        return self.element(Element("table", frame, "", style, size, tuple(children)))

    def _cell(
        self, cell: GridCell, sides: Mapping[str, Border], look: TextStyle, behind: str
    ) -> Element | None:
        node = cell.node
        box = self.box(node.box)
        content = Content()
        backgrounds = [cell.row_node and cell.row_node.css("background-color"), *cell.beneath]
        background = color(node.css("background-color"))
        for below in backgrounds:
            if background == CLEAR and below:
                background = color(below)
        shown = background if background != CLEAR else behind
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
        if found := effects(node.style, cell.row_node.style if cell.row_node else ()):
            style["effects"] = found
        data: dict[str, Value] = {
            "row": cell.row,
            "column": cell.column,
            "rowspan": cell.rowspan,
            "colspan": cell.colspan,
            "line_starts_px": [*line_starts_px(content.runs, box)],
        }
        paper = shown if shown != CLEAR else "#ffffffff"
        return self._text_element("cell", content, style, data, box, paper)


@lru_cache(maxsize=4096)
def _look_within(style: tuple[str, ...], outer: TextStyle, marker: bool) -> TextStyle:
    """The look of text directly inside a node of that style, which the mark of a list item may be."""
    values = dict(zip(STYLES, style, strict=True))
    decoration = values["text-decoration-line"]
    script = outer.script
    if values["display"].startswith("inline") and not marker:
        raised = {"super": "super", "sub": "sub"}.get(values["vertical-align"])
        if raised:
            script = f"{script} {raised}".strip()
    highlight = outer.highlight
    if values["display"] == "inline":
        own = color(values["background-color"])
        highlight = own if own != CLEAR else highlight
    return TextStyle(
        color=color(values["color"]),
        bold=px(values["font-weight"]) >= 600,
        italic=values["font-style"] != "normal",
        size_px=px(values["font-size"]),
        family=drawn_family(values["font-family"]),
        underline=outer.underline or "underline" in decoration,
        strike=outer.strike or "line-through" in decoration,
        script=script,
        highlight=highlight,
    )


def _is_below(caption: LayoutNode, table: LayoutNode) -> bool:
    """True if a caption stands below the middle of its table."""
    return caption.box[1] + caption.box[3] > table.box[1] + table.box[3]


def _align(css: str) -> str:
    word = css.removeprefix("-webkit-")
    return {"start": "left", "end": "right", "match-parent": "left"}.get(word, word)


def _valign(css: str) -> str:
    return css if css in ("top", "bottom", "middle") else "baseline"

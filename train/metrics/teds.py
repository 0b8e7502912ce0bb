"""TEDS, the similarity of two tables as trees, 0 to 1, as published with PubTabNet.

1 - distance / nodes. Distance: the cheapest series of edits that turns one tree into the other, where
inserting or deleting a node costs 1, and changing one into another costs 1 if their tags or spans
differ and the normalized edit distance of their text if both are `td`. Nodes: the HTML elements
below `<table>`, of whichever table has more, those inside cells included.

As published, markup inside a cell (`<b>`, `<sup>`, `<img>`) counts as characters of its text, and the
words of `th` and `caption` do not count at all: only `td` is compared by text.

Where the published program gives no number, this one does: a table need not stand directly in
`<body>`; Markdown is converted first; a span that is no number counts as 1; two tables without any
element are equal.

Sources: Zhong, ShafieiBavani and Jimeno Yepes 2020, "Image-based table recognition: data, model, and
evaluation" (arXiv:1911.10683); its program, `src/metric.py` of ibm-aur-nlp/PubTabNet. Tree edit
distance: APTED, Pawlik and Augsten 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import lxml.html
from apted import APTED, Config  # type: ignore[import-untyped]
from lxml import etree
from rapidfuzz.distance import Levenshtein

from records.errors import ScoreError
from renderers.table.document import markdown_to_html

MAX_NODES = 800
"""Larger trees are not compared: the time grows with the product of both sizes, to about 20 s here."""
MAX_DEPTH = 64
"""Deeper trees are not compared: the algorithm calls itself once or more for each level."""
MAX_CELL_CHARS = 100_000
"""Trees with longer cells are not compared."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a table; cells hold their content in place of children."""

    tag: str
    spans: tuple[int, int] = (1, 1)
    content: Sequence[str] = ""
    """A cell's characters and, as one item each, the tags of the markup in it."""
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TableTree:
    """A table, ready to be compared."""

    root: Node
    elements: int
    """HTML elements below the table, those inside cells included."""
    excess: str
    """Why it is too large to be compared; empty if it is not."""


def teds(reference: str, candidate: str, structure_only: bool = False) -> float:
    """Similarity of the first tables of two programs, 0 to 1.

    Args:
        reference: HTML or Markdown with a table.
        candidate: Likewise. Without a table, or with one that is too large, the likeness is 0.
        structure_only: Ignore what cells say, as published TEDS-Struct does.

    Raises:
        ScoreError: the reference holds no table (`no_table`), or one with over `MAX_NODES` elements,
            `MAX_DEPTH` levels or `MAX_CELL_CHARS` characters in a cell (`table_too_large`).

    >>> teds("<table><tr><td>a</td></tr></table>", "<table><tr><td>b</td></tr></table>")
    0.5
    """
    known = table_tree(reference)
    if known is None:
        raise ScoreError("no_table", "the reference holds no table")
    if known.excess:
        raise ScoreError("table_too_large", f"the reference's table has {known.excess}")
    drawn = table_tree(candidate)
    if drawn is None or drawn.excess:
        return 0.0
    elements = max(known.elements, drawn.elements)
    if known.root == drawn.root or not elements:
        return 1.0
    costs = _Structure() if structure_only else _Costs()
    distance = APTED(drawn.root, known.root, costs).compute_edit_distance()
    return 1.0 - float(distance) / elements


def as_html(code: str) -> str:
    """A table program as HTML: a program without `<table>` is read as Markdown."""
    return code if "<table" in code.lower() else markdown_to_html(code)


def table_tree(code: str) -> TableTree | None:
    """The first table of an HTML or Markdown program; None if there is none."""
    parser = lxml.html.HTMLParser(remove_comments=True, encoding="utf-8")
    html = as_html(code).encode("utf-8", "replace")
    try:
        document = lxml.html.document_fromstring(html, parser)
    except (etree.ParserError, ValueError):
        return None
    tables = document.xpath("body/table") or document.xpath("descendant::table")
    if not tables:
        return None
    table = tables[0]
    most = {"nodes": 0, "levels": 0, "characters in a cell": 0}
    root = _node(table, 1, most)
    bounds = {"nodes": MAX_NODES, "levels": MAX_DEPTH, "characters in a cell": MAX_CELL_CHARS}
    excess = [f"over {bounds[what]} {what}" for what in bounds if most[what] > bounds[what]]
    return TableTree(root, len(table.xpath(".//*")), " and ".join(excess))


def text_distance(text: str, other_text: str) -> float:
    """Levenshtein distance over the longer length, 0 to 1."""
    return float(Levenshtein.normalized_distance(text, other_text))


class _Costs(Config):  # type: ignore[misc]  # apted has no types
    """Costs of edits. Inserting and deleting cost 1, as in the base class."""

    def rename(self, node: Node, other: Node) -> float:
        if node.tag != other.tag or node.spans != other.spans:
            return 1.0
        if node.content == other.content:
            return 0.0
        return float(Levenshtein.normalized_distance(node.content, other.content))


class _Structure(Config):  # type: ignore[misc]
    """Costs of edits if texts are ignored."""

    def rename(self, node: Node, other: Node) -> float:
        return float(node.tag != other.tag or node.spans != other.spans)


def _node(element: lxml.html.HtmlElement, depth: int, most: dict[str, int]) -> Node:
    """The tree below an element; counts into ``most`` and stops one level after `MAX_DEPTH`."""
    most["nodes"] += 1
    most["levels"] = max(most["levels"], depth)
    tag = str(element.tag)
    if tag == "td":
        content = _content(element)
        most["characters in a cell"] = max(most["characters in a cell"], len(content))
        return Node(tag, (_span(element, "colspan"), _span(element, "rowspan")), content)
    if depth > MAX_DEPTH:
        return Node(tag)
    return Node(tag, children=[_node(child, depth + 1, most) for child in element])


def _content(cell: lxml.html.HtmlElement) -> Sequence[str]:
    """The characters of a cell and the tags in it; a plain text if it contains no markup."""
    text = cell.text or ""
    if not len(cell):
        return text
    items = list(text)
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if element is cell:
            continue
        if event == "start":
            items += (f"<{element.tag}>", *(element.text or ""))
            continue
        if element.tag != "unk":  # as published: unknown characters are one item, not two
            items.append(f"</{element.tag}>")
        if element.tag != "td":
            items += element.tail or ""
    return items


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    try:
        return int(cell.get(name, "1"))
    except ValueError:
        return 1

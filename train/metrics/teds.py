"""TEDS: how alike two HTML tables are as trees, 0 to 1. A baseline reward for tables.

Source: Zhong, ShafieiBavani and Jimeno Yepes 2020, "Image-based table recognition: data, model,
and evaluation" (arXiv:1911.10683): 1 - edit distance / larger tree, where renaming a cell costs the
normalised edit distance of its text, and 1 where its spans differ. Tree edit distance after Zhang
and Shasha 1989.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import lxml.html
import numpy as np
from lxml import etree
from numpy.typing import NDArray

CELLS = ("td", "th")
PARTS = ("table", "thead", "tbody", "tfoot", "tr", *CELLS)
MAX_NODES = 800
"""Larger trees are not compared: the time grows with the product of both sizes."""
LONG_TEXT = 200
"""Characters beyond which texts are compared word by word."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a table."""

    tag: str
    spans: tuple[str, str] = ("1", "1")
    text: str = ""
    children: tuple[Node, ...] = field(default=())


def teds(reference_html: str, candidate_html: str, structure_only: bool = False) -> float:
    """Likeness of the first tables of two documents.

    Args:
        reference_html: With a table.
        candidate_html: Without one, or with one of over `MAX_NODES` parts, the likeness is 0.
        structure_only: Ignore what cells say.

    Raises:
        ValueError: the reference holds no table, or one of over `MAX_NODES` parts.

    >>> teds("<table><tr><td>a</td></tr></table>", "<table><tr><td>b</td></tr></table>")
    0.6667
    """
    reference, candidate = table_tree(reference_html), table_tree(candidate_html)
    if reference is None or _size(reference) > MAX_NODES:
        raise ValueError(f"the reference holds no table of at most {MAX_NODES} parts")
    if candidate is None or _size(candidate) > MAX_NODES:
        return 0.0
    most = max(_size(reference), _size(candidate))
    return round(max(0.0, 1 - _distance(reference, candidate, structure_only) / most), 4)


def table_tree(html: str) -> Node | None:
    """The first table as a tree of its parts; `th` counts as `td`."""
    try:
        document = lxml.html.fromstring(html)
    except (etree.ParserError, ValueError):
        return None
    tables = document.xpath("descendant-or-self::table[1]")
    return _node(tables[0], 0) if tables else None


def _node(element: lxml.html.HtmlElement, depth: int) -> Node:
    tag = "td" if element.tag in CELLS else str(element.tag)
    if tag == "td" or depth > 20:
        spans = (element.get("colspan", "1"), element.get("rowspan", "1"))
        return Node(tag, spans, " ".join(element.text_content().split()))
    parts = [child for child in element if child.tag in PARTS]
    return Node(tag, children=tuple(_node(part, depth + 1) for part in parts))


def _size(node: Node) -> int:
    return 1 + sum(_size(child) for child in node.children)


def _distance(reference: Node, candidate: Node, structure_only: bool) -> float:
    first, first_left, first_keys = _postorder(reference)
    second, second_left, second_keys = _postorder(candidate)
    trees: NDArray[np.float64] = np.zeros((len(first), len(second)))
    rename = [[_rename(a, b, structure_only) for b in second] for a in first]
    for i in first_keys:
        for j in second_keys:
            _forest(i, j, first_left, second_left, rename, trees)
    return float(trees[-1, -1])


def _forest(
    i: int,
    j: int,
    first_left: list[int],
    second_left: list[int],
    rename: list[list[float]],
    trees: NDArray[np.float64],
) -> None:
    left, top = first_left[i], second_left[j]
    rows, columns = i - left + 2, j - top + 2
    cost = [[0.0] * columns for _ in range(rows)]
    for x in range(1, rows):
        cost[x][0] = cost[x - 1][0] + 1
    for y in range(1, columns):
        cost[0][y] = cost[0][y - 1] + 1
    for x in range(1, rows):
        a = left + x - 1
        for y in range(1, columns):
            b = top + y - 1
            either = min(cost[x - 1][y], cost[x][y - 1]) + 1
            if first_left[a] == left and second_left[b] == top:
                cost[x][y] = min(either, cost[x - 1][y - 1] + rename[a][b])
                trees[a, b] = cost[x][y]
            else:
                before = cost[first_left[a] - left][second_left[b] - top]
                cost[x][y] = min(either, before + float(trees[a, b]))


def _postorder(root: Node) -> tuple[list[Node], list[int], list[int]]:
    """Nodes in post-order, the leftmost leaf below each, and the key roots."""
    nodes: list[Node] = []
    left: list[int] = []

    def visit(node: Node) -> int:
        leaves = [visit(child) for child in node.children]
        nodes.append(node)
        left.append(leaves[0] if leaves else len(nodes) - 1)
        return left[-1]

    visit(root)
    last = {leaf: at for at, leaf in enumerate(left)}
    return nodes, left, sorted(last.values())


def _rename(a: Node, b: Node, structure_only: bool) -> float:
    if a.tag != b.tag or a.spans != b.spans:
        return 1.0
    if structure_only or a.text == b.text:
        return 0.0
    return text_distance(a.text, b.text)


@lru_cache(maxsize=65_536)
def text_distance(text: str, other_text: str) -> float:
    """Levenshtein distance over the longer length."""
    a: Sequence[str] = text
    b: Sequence[str] = other_text
    if max(len(a), len(b)) > LONG_TEXT:
        a, b = text.split(), other_text.split()
    previous = list(range(len(b) + 1))
    for x, letter in enumerate(a, 1):
        line = [x]
        for y, other in enumerate(b, 1):
            line.append(min(previous[y] + 1, line[-1] + 1, previous[y - 1] + (letter != other)))
        previous = line
    return previous[-1] / max(len(a), len(b))

"""How many elements a drawing may hold, counting each use, marker and tile, and what is over or unreadable."""

from __future__ import annotations

from typing import Any

import cairosvg.surface
from cairosvg.parser import Node

from renderers.svg.repair import repair


class TooManyElements(Exception):
    """More elements are drawn than the limits allow, counting each use, marker and tile."""


class UnreadableElement(Exception):
    """CairoSVG cannot draw an element; the message names it and says why."""

    def __init__(self, node: Node, error: Exception) -> None:
        given = "".join(f' {name}="{str(value)[:60]}"' for name, value in node.items())
        why = f"{type(error).__name__}: {error}"[:200]
        super().__init__(f"<{node.tag}{given[:250]}> cannot be drawn: {why}")


class CountedSurface(cairosvg.surface.SVGSurface):  # type: ignore[misc]
    """A tile or mask; what it draws counts against the same budget."""

    def __init__(self, tree: Node, output: Any, dpi: float, parent: Any, *rest: Any) -> None:
        self.budget = parent.budget
        super().__init__(tree, output, dpi, parent, *rest)

    def draw(self, node: Node) -> None:
        self.budget.spend()
        repair(node, self.markers)
        super().draw(node)


class ElementBudget:
    """Elements that may still be drawn."""

    def __init__(self, elements: int) -> None:
        self.left = elements

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyElements

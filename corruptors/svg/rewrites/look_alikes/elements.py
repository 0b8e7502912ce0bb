"""Icons in elements that round a curve a hair differently."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.rewrite import rewrite
from corruptors.svg.program.svg_program import SvgProgram
from records.edits import Edit, Mutation


@rewrite(SvgProgram)
def draw_circle_as_path(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A circle is a path of two arcs.

    Example:
        >>> draw_circle_as_path('<svg><circle cx="9" cy="9" r="5"/></svg>', seed=0)[0]
        '<svg><path d="M4 9a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name != "circle" or "r" not in shape.attributes or svg.has_rules:
            continue
        cx, cy, r = (svg.attribute(shape, name) for name in ("cx", "cy", "r"))
        arc = f"a{r:g} {r:g} 0 1 0"
        data = f"M{cx - r:g} {cy:g}{arc} {2 * r:g} 0{arc} {-2 * r:g} 0z"
        first, *others = (
            shape.attributes[name] for name in ("r", "cx", "cy") if name in shape.attributes
        )
        written = Edit(first.start, first.end, f' d="{data}"')
        gone = (one.removed() for one in others)
        yield shape.rewritten("a path of arcs", *shape.renamed("path"), written, *gone)

"""Compares the shape of axes: flat, round, three-dimensional."""

from __future__ import annotations

from collections.abc import Sequence

from annotators.structural.chart.findings import STRUCTURE, Finding
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.why import explains


def projection(pair: PanelPair) -> list[Finding]:
    """A finding on axes of another shape."""
    before, after = (axes.data.get("projection") for axes in pair.sides)
    if before == after:
        return []
    solid = "3d" in (before, after)
    names = {"3d": "three-dimensional", "rectilinear": "flat" if solid else "rectangular"}
    words = " instead of ".join(names.get(str(shape), str(shape)) for shape in (after, before))
    boxes = [axes.box for axes in pair.sides if axes.box]
    return [Finding("projection", STRUCTURE, 3, pair.at("axes"), words, boxes)]


FLATTENED = frozenset(("bars 3d", "bar vertical"))
"""Kinds of marks that are the same thing in axes of another shape."""


def without_flattened(shape: Sequence[Finding], found: Sequence[Finding]) -> list[Finding]:
    """The findings without another kind of mark that follows from another shape of the axes."""
    kinds = [one.same if isinstance(one.same, tuple) else () for one in found]
    follow = [one for one, same in zip(found, kinds, strict=True) if shape and {*same} == FLATTENED]
    if follow:
        explains("kind_follows_projection", shape[0], *follow)
    return [one for one in found if one not in follow]

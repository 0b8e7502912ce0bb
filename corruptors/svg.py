"""Errors a model makes when it copies an icon as SVG: the whole catalogue.

A corruption written in any of these modules is in the catalogue by being there.
"""

from __future__ import annotations

from typing import Any

from corruptors import (
    svg_gradient,
    svg_outline,
    svg_shape,
    svg_stroke,
    svg_structure,
    svg_style,
    svg_text,
)
from corruptors.corruption import Corruption

ALL: tuple[Corruption[Any], ...] = tuple(
    value
    for module in (
        svg_structure,
        svg_shape,
        svg_outline,
        svg_style,
        svg_gradient,
        svg_stroke,
        svg_text,
    )
    for value in vars(module).values()
    if isinstance(value, Corruption)
)

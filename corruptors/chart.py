"""Errors a model makes when it copies a chart as Matplotlib code: the whole family.

A new corruption goes into the file of its category; nothing else names it.
"""

from __future__ import annotations

from corruptors import (
    chart_colour,
    chart_data,
    chart_kind,
    chart_layout,
    chart_line,
    chart_random,
    chart_scale,
    chart_style,
    chart_text,
)
from corruptors.corruption import Corruption
from corruptors.program import ChartProgram

_FILES = (
    *(chart_kind, chart_layout),  # structure
    *(chart_data, chart_scale, chart_random),  # data
    chart_text,
    *(chart_colour, chart_line, chart_style),  # style
)

ALL: tuple[Corruption[ChartProgram], ...] = tuple(
    value for file in _FILES for value in vars(file).values() if isinstance(value, Corruption)
)

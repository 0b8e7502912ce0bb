"""Errors a model makes when it copies a chart as Matplotlib code: the whole family.

A new corruption goes into the file of its category; nothing else names it.
"""

from __future__ import annotations

from corruptors import (
    chart_data,
    chart_random,
    chart_scale,
    chart_text,
)
from corruptors.corruption import Corruption
from corruptors.program import ChartProgram

_FILES = (chart_data, chart_scale, chart_random, chart_text)

ALL: tuple[Corruption[ChartProgram], ...] = tuple(
    value for file in _FILES for value in vars(file).values() if isinstance(value, Corruption)
)
